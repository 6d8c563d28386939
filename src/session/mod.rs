//! Decides how one connection and its documents work together: inputs in, [`Output`] out.
//!
//! Driven like quinn-proto or str0m: call one input (each takes `now`), then drain [`Session::poll_output`] until it
//! says [`Output::Idle`]. Nothing here reads a clock, draws randomness or touches a socket, so a whole world of sessions
//! can be simulated natively. `browser` drives it for real.

mod counters;
mod document;
mod explain;
mod habits;
mod inbox;
mod journal;
mod news;
mod observed;
mod output;
mod partings;
mod settling;
mod shared;
mod status;
mod tokens;
mod trace;
mod uplink;

pub use crate::replica::{Care, Poison, Stage};
pub use counters::{Count, Counters};
pub use document::{DocumentSetup, Posted};
pub use journal::{Calls, Journal, Kept, in_hand_address};
pub use output::{Event, Output, Problem};
use partings::Partings;
pub use status::{HeldBy, Phase, Status, StatusReason, StorePhase, StoreView, TabView};
pub use trace::{Entry, Fact, Kind, Traced};

use crate::clock::{Instant, earliest};
use crate::config::Config;
use crate::connection::{CloseInfo, Company, Connection, Suspicion};
use crate::ids::{ClientId, DocId, LinkId, SocketId};
use crate::queue::Queue;
use crate::replica::{EditError, Refusal, Replica};
use crate::rng::Rng;
use crate::sync::Blame;
use crate::wire::{Codec, Frame, Protocol, Route};
use document::{Document, Haste};
use observed::Log;
use trace::number;
use uplink::Uplink;

/// One connection and the documents that share it: exactly one in the y-websocket family.
///
/// A document is a type of its own, so that a failing one does not stall the others.
#[derive(Debug)]
pub struct Session {
    config: Config,
    /// What spreads the attempts of the documents.
    rng: Rng,
    connection: Connection,
    /// Whether the connection was allowed when it was last looked at.
    permission: Permission,
    network: Network,
    codec: Codec,
    documents: Vec<(DocId, Document)>,
    next_doc: u32,
    /// What the connection was told of who is there.
    company: Option<Company>,
    /// The socket that the documents were told about.
    announced_socket: Option<SocketId>,
    /// The socket of which a frame that is passed over was already reported.
    foreign_reported: Option<SocketId>,
    partings: Partings,
    uplink: Uplink,
    /// The attempt that waits for a token.
    waiting_for_token: Option<SocketId>,
    outputs: Queue<Output>,
    /// Frames that came while a document writes what came before them, and when.
    inbox: Queue<(Instant, SocketId, Frame)>,
    /// What is noted for whoever wants to know how it went.
    log: Log,
}

/// Whether there may be a connection: not before the disk was read, and only in one tab.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Permission {
    Withheld,
    Given,
}

/// Whether the browser believes that there is a network, since a socket opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Network {
    Up,
    Down,
}

impl Network {
    /// What of ours may have led to the end of a connection, if anything.
    fn blame(self, info: &CloseInfo) -> Option<Blame> {
        match (self, info.suspicion()) {
            (Self::Down, _) | (Self::Up, Suspicion::None) => None,
            (Self::Up, Suspicion::Size) => Some(Blame::Size),
            (Self::Up, Suspicion::Any) => Some(Blame::Content),
        }
    }
}

impl Session {
    /// Makes a session that is not connected. `seed` decides all its random choices.
    pub fn new(config: Config, protocol: Protocol, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let connection_rng = Rng::new(rng.next_u64());
        let codec = Codec::new(protocol, rng.next_u64());
        Self {
            connection: Connection::new(config.connection.clone(), habits::habits(&codec.policy()), connection_rng),
            codec,
            rng,
            uplink: Uplink::new(config.connection.high_water),
            config,
            permission: Permission::Withheld,
            network: Network::Up,
            documents: Vec::new(),
            next_doc: 0,
            company: None,
            announced_socket: None,
            foreign_reported: None,
            partings: Partings::default(),
            waiting_for_token: None,
            outputs: Queue::new(),
            inbox: Queue::new(),
            log: Log::new(seed),
        }
    }

    /// Adds a document, which wants no connection yet.
    pub fn open_document(&mut self, setup: DocumentSetup, now: Instant) -> DocId {
        let doc = DocId(self.next_doc);
        self.next_doc += 1;
        let rng = Rng::new(self.rng.next_u64());
        self.log.note_opening(doc, &setup, now);
        self.documents.push((doc, Document::new(setup, self.codec.policy(), &self.config, rng, now)));
        self.settle(now);
        doc
    }

    /// Whether there is a document of this route.
    pub fn has_document(&self, route: &Route) -> bool {
        self.documents.iter().any(|(_, document)| document.route() == route)
    }

    /// Wants a connection for a document from here on, of its own or that of another tab.
    pub fn connect(&mut self, doc: DocId, now: Instant) {
        self.log.note_of(Kind::Connect, doc, 0, now);
        if let Some(document) = self.document_mut(doc) {
            document.connect(now);
        }
        if self.permission == Permission::Given {
            self.connection.connect(now);
        }
        self.settle(now);
    }

    /// Wants no connection for a document from here on. What is committed is sent and presence withdrawn before. The
    /// last one that wanted it takes the socket with it.
    pub fn disconnect(&mut self, doc: DocId, now: Instant) {
        self.log.note_of(Kind::Disconnect, doc, 0, now);
        self.part(doc, now);
        self.settle(now);
    }

    /// Drops the socket or the wait and tries again at once; in the tab that has the connection.
    pub fn reconnect(&mut self, doc: DocId, now: Instant) {
        self.log.note_of(Kind::Reconnect, doc, 0, now);
        self.catch_up(now);
        let haste = self.document_mut(doc).map_or(Haste::Done, |document| document.hasten(now));
        if haste == Haste::Connection && self.permission == Permission::Given {
            self.connection.reconnect(now);
        }
        self.settle(now);
    }

    /// Ends a document for good: flushed, withdrawn, forgotten. The last one takes the connection with it.
    pub fn close_document(&mut self, doc: DocId, now: Instant) {
        self.log.note_of(Kind::Close, doc, 0, now);
        self.part(doc, now);
        self.hand_out_tab_ops();
        if let Some((_, document)) = self.documents.extract_if(.., |(id, _)| *id == doc).next() {
            let status = Status { phase: Phase::Closed, ..document.status(&self.connection, now) };
            self.outputs.push_back(Output::Event(Event::Status(doc, status)));
        }
        self.settle(now);
    }

    /// Runs a command or a read on the replica of a document. Edits wait for [`Session::commit`].
    ///
    /// # Errors
    /// The document is closed, or what `edit` returns.
    pub fn edit<R>(
        &mut self,
        doc: DocId,
        edit: impl FnOnce(&mut Replica) -> Result<R, EditError>,
    ) -> Result<R, EditError> {
        edit(self.replica(doc).ok_or(EditError::Closed)?)
    }

    /// The replica of a document, for what [`Self::edit`] does. Where it [groups by time](Replica::groups_by_time), it is to
    /// be told the time. `None` once the document is closed.
    pub fn replica(&mut self, doc: DocId) -> Option<&mut Replica> {
        self.document_mut(doc).map(Document::replica_to_read)
    }

    /// Commits the pending edits of a document: one change, one message. Called at the end of a task or transaction.
    pub fn commit(&mut self, doc: DocId, now: Instant) {
        if let Some(document) = self.document_mut(doc) {
            document.commit_edits(now);
            document.replica_mut().end_task();
            document.note_calls();
            document.plan_look(now);
        }
        self.settle(now);
    }

    /// Ends a task: as [`Self::commit`], but what the application only brought as bytes may wait for the next turn.
    pub fn end_task(&mut self, doc: DocId, now: Instant) {
        if !self.document_mut(doc).is_some_and(|document| document.put_off(now)) {
            self.commit(doc, now);
        }
    }

    /// Removes what this device keeps of a document, and keeps nothing of it from here on, in no tab.
    pub fn forget(&mut self, doc: DocId, now: Instant) {
        self.log.note_of(Kind::Forget, doc, 0, now);
        if let Some(document) = self.document_mut(doc) {
            document.forget();
        }
        self.settle(now);
    }

    /// Takes in an update that the application brought. As with edits, what follows is left to the next [`Self::commit`], so
    /// that several are one message.
    ///
    /// # Errors
    /// The update is malformed, unsupported or too early by too much; the document is as before.
    pub fn apply_update(&mut self, doc: DocId, update: &[u8], now: Instant) -> Result<(), Refusal> {
        self.log.note_of(Kind::Apply, doc, number(update.len()), now);
        let Some(document) = self.document_mut(doc) else { return Ok(()) };
        document.apply(update, LinkId::APPLICATION, now).map(|_| ())
    }

    /// Has every change of a document told as an update from here on, whatever its types.
    pub fn watch_updates(&mut self, doc: DocId) {
        if let Some(document) = self.document_mut(doc) {
            document.watch_updates();
        }
    }

    /// Ends [`Self::watch_updates`].
    pub fn unwatch_updates(&mut self, doc: DocId) {
        if let Some(document) = self.document_mut(doc) {
            document.unwatch_updates();
        }
    }

    /// Sets our presence in a document, as JSON text; `None` withdraws it.
    pub fn set_presence(&mut self, doc: DocId, state: Option<String>, now: Instant) {
        self.log.note_of(Kind::Presence, doc, number(state.as_ref().map_or(0, String::len)), now);
        if let Some(document) = self.document_mut(doc) {
            document.set_presence(state);
        }
        self.settle(now);
    }

    /// Sends a message of the application, which is not part of the document.
    pub fn post(&mut self, doc: DocId, text: String, now: Instant) -> Posted {
        self.log.note_of(Kind::Post, doc, number(text.len()), now);
        let posted = self.document_mut(doc).map_or(Posted::Lost, |document| document.post(text));
        self.settle(now);
        posted
    }

    /// Tells everybody else who has the document open an event, as JSON.
    pub fn broadcast(&mut self, doc: DocId, event: String, now: Instant) -> Posted {
        self.log.note_of(Kind::Broadcast, doc, number(event.len()), now);
        let posted = self.document_mut(doc).map_or(Posted::Lost, |document| document.broadcast(event, now));
        self.settle(now);
        posted
    }

    /// The presence of everybody in a document, ours among them, as JSON text.
    pub fn presence_states(&self, doc: DocId) -> Vec<(ClientId, String)> {
        let document = self.documents.iter().find(|(id, _)| *id == doc);
        document.map(|(_, document)| document.presence_states()).unwrap_or_default()
    }

    /// How a document stands, pending edits included; `None` once it is closed.
    pub fn status(&mut self, doc: DocId, now: Instant) -> Option<Status> {
        let (_, document) = self.documents.iter_mut().find(|(id, _)| *id == doc)?;
        document.commit_edits(now);
        Some(document.status(&self.connection, now))
    }

    /// What to do next. To be called after every input until it says [`Output::Idle`].
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Idle(self.timeout()))
    }

    fn timeout(&self) -> Option<Instant> {
        let own =
            [self.connection.poll_timeout(), self.partings.timeout(), self.uplink.timeout(), self.waiting_since()];
        let soonest = |timeout, (_, document): &(DocId, Document)| earliest(&[timeout, document.timeout()]);
        self.documents.iter().fold(earliest(&own), soonest)
    }

    fn document_mut(&mut self, doc: DocId) -> Option<&mut Document> {
        self.documents.iter_mut().find(|(id, _)| *id == doc).map(|(_, document)| document)
    }
}

#[cfg(test)]
mod tests;
