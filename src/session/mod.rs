//! Decides how one connection and its documents work together: inputs in, [`Output`] out.
//!
//! Driven like quinn-proto or str0m: call one input (each takes `now`), then drain [`Session::poll_output`] until it
//! says [`Output::Idle`]. Nothing here reads a clock, draws randomness or touches a socket, so a whole world of sessions
//! can be simulated natively. `browser` drives it for real.

mod document;
mod habits;
mod news;
mod output;
mod partings;
mod shared;
mod status;
mod tokens;

pub use document::{DocumentSetup, Posted};
pub use output::{Event, Output, Problem};
use partings::Partings;
pub use status::{HeldBy, Phase, Status, StatusReason, StorePhase, StoreView, TabView};

use crate::clock::{Instant, earliest};
use crate::config::Config;
use crate::connection::{Action, Company, Connection, ProbeStep};
use crate::ids::{ClientId, DocId, LinkId, SocketId};
use crate::queue::Queue;
use crate::replica::{EditError, Refusal, Replica};
use crate::rng::Rng;
use crate::sync;
use crate::wire::{Codec, Frame, Message, Protocol, Route, Sharing};
use document::{Document, Haste};

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
    /// The attempt that waits for a token.
    waiting_for_token: Option<SocketId>,
    outputs: Queue<Output>,
}

/// Whether there may be a connection: not before the disk was read, and only in one tab.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Permission {
    Withheld,
    Given,
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
            config,
            permission: Permission::Withheld,
            documents: Vec::new(),
            next_doc: 0,
            company: None,
            announced_socket: None,
            foreign_reported: None,
            partings: Partings::default(),
            waiting_for_token: None,
            outputs: Queue::new(),
        }
    }

    /// Adds a document, which wants no connection yet.
    pub fn open_document(&mut self, setup: DocumentSetup, now: Instant) -> DocId {
        let doc = DocId(self.next_doc);
        self.next_doc += 1;
        let rng = Rng::new(self.rng.next_u64());
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
        self.part(doc, now);
        self.settle(now);
    }

    /// Drops the socket or the wait and tries again at once; in the tab that has the connection.
    pub fn reconnect(&mut self, doc: DocId, now: Instant) {
        let haste = self.document_mut(doc).map_or(Haste::Done, |document| document.hasten(now));
        if haste == Haste::Connection && self.permission == Permission::Given {
            self.connection.reconnect(now);
        }
        self.settle(now);
    }

    /// Ends a document for good: flushed, withdrawn, forgotten. The last one takes the connection with it.
    pub fn close_document(&mut self, doc: DocId, now: Instant) {
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
        edit(self.document_mut(doc).ok_or(EditError::Closed)?.replica_mut())
    }

    /// Commits the pending edits of a document: one change, one message. Called at the end of a task or transaction.
    pub fn commit(&mut self, doc: DocId, now: Instant) {
        if let Some(document) = self.document_mut(doc) {
            document.commit(now);
        }
        self.settle(now);
    }

    /// Removes what this device keeps of a document, and keeps nothing of it from here on, in no tab.
    pub fn forget(&mut self, doc: DocId, now: Instant) {
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
        if let Some(document) = self.document_mut(doc) {
            document.set_presence(state);
        }
        self.settle(now);
    }

    /// Sends a message of the application, which is not part of the document.
    pub fn post(&mut self, doc: DocId, text: String, now: Instant) -> Posted {
        let posted = self.document_mut(doc).map_or(Posted::Lost, |document| document.post(text));
        self.settle(now);
        posted
    }

    /// Tells everybody else who has the document open an event, as JSON.
    pub fn broadcast(&mut self, doc: DocId, event: String, now: Instant) -> Posted {
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
        document.commit(now);
        Some(document.status(&self.connection, now))
    }

    /// What to do next. To be called after every input until it says [`Output::Idle`].
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Idle(self.timeout()))
    }

    fn timeout(&self) -> Option<Instant> {
        let soonest = |timeout, (_, document): &(DocId, Document)| earliest(&[timeout, document.timeout()]);
        self.documents.iter().fold(earliest(&[self.connection.poll_timeout(), self.partings.timeout()]), soonest)
    }

    fn document_mut(&mut self, doc: DocId) -> Option<&mut Document> {
        self.documents.iter_mut().find(|(id, _)| *id == doc).map(|(_, document)| document)
    }

    /// Brings everything to rest after an input: connection, documents, disk, messages, events.
    fn settle(&mut self, now: Instant) {
        self.documents.iter_mut().for_each(|(_, document)| document.follow_duty(now));
        self.follow_permission(now);
        let replaced = self.follow_connection(now);
        self.follow_company(now);
        let mut last = None;
        while let Some(action) = self.connection.poll_action() {
            match action {
                Action::Open(socket) => self.open_socket(socket, now),
                // Behind what is said over the new one: else the others may be told that we left.
                Action::Close(socket, code) if replaced == Some(socket) => last = Some(Output::Close(socket, code)),
                Action::Close(socket, code) => {
                    let close = self.close_socket(socket, code);
                    self.outputs.extend(close);
                }
                Action::Probe(socket, step) => self.ask_for_life(socket, step, now),
            }
        }
        for (_, document) in &mut self.documents {
            document.watch_proof(now);
            document.follow_refusals();
        }
        // The disk first: what is sent may come back before it is stored, what is stored is there whatever happens.
        for (doc, document) in &mut self.documents {
            let ops = std::iter::from_fn(|| document.poll_store_op(now));
            self.outputs.extend(ops.map(|op| Output::Store(*doc, op)));
        }
        for (_, document) in &mut self.documents {
            document.speak(&self.connection, now);
        }
        self.flush(now);
        self.outputs.extend(last);
        self.ask_for_tokens();
        self.hand_out_tab_ops();
        self.report(now);
    }

    /// Has a document leave for as long as it wants no connection: as [`leave`](Self::leave), for one.
    fn part(&mut self, doc: DocId, now: Instant) {
        let Some(document) = self.document_mut(doc) else { return };
        let last_op = document.leave(now);
        document.disconnect();
        self.outputs.extend(last_op.map(|op| Output::Store(doc, op)));
        self.flush(now);
    }

    /// Commits, says goodbye to everybody, stores and hands over what is to be sent.
    fn leave(&mut self, now: Instant) {
        for (doc, document) in &mut self.documents {
            self.outputs.extend(document.leave(now).map(|op| Output::Store(*doc, op)));
        }
        self.flush(now);
    }

    fn hand_out_tab_ops(&mut self) {
        for (doc, document) in &mut self.documents {
            let ops = std::iter::from_fn(|| document.poll_tab_op());
            self.outputs.extend(ops.map(|op| Output::Tabs(*doc, op)));
        }
    }

    /// Connects as soon as a document wants to talk to the server and may, and disconnects when none does any more.
    fn follow_permission(&mut self, now: Instant) {
        let is_wanted = self.documents.iter().any(|(_, document)| document.wants_connection());
        let permission = if is_wanted { Permission::Given } else { Permission::Withheld };
        if std::mem::replace(&mut self.permission, permission) == permission {
            return;
        }
        match permission {
            Permission::Given => self.connection.connect(now),
            Permission::Withheld => self.connection.disconnect(),
        }
    }

    /// Tells the documents when a socket became live, took the place of another, or was lost. Returns the other.
    fn follow_connection(&mut self, now: Instant) -> Option<SocketId> {
        let live = self.connection.live_socket();
        self.partings.expire(live, now);
        for (_, document) in &mut self.documents {
            let socket = live.filter(|socket| !self.partings.holds_back(document.route(), *socket));
            document.follow_socket(socket, now);
        }
        let announced = std::mem::replace(&mut self.announced_socket, live);
        announced.filter(|old| live.is_some_and(|new| new != *old))
    }

    /// Tells the connection whether anybody is there who would answer, where that is not a server.
    fn follow_company(&mut self, now: Instant) {
        let heard = self.documents.first().and_then(|(_, document)| document.company());
        let company = match heard {
            Some(sync::Company::Heard(_)) => Some(Company::Present),
            Some(sync::Company::Unmet(_) | sync::Company::Alone) => Some(Company::Alone),
            Some(sync::Company::Offline) | None => None,
        };
        let before = std::mem::replace(&mut self.company, company);
        if let Some(company) = company.filter(|_| company != before) {
            self.connection.handle_company(company, now);
        }
        if before == Some(Company::Present) && heard == Some(sync::Company::Alone) {
            // They may be gone, or it is the connection that is dead: nobody is there to be asked.
            self.connection.handle_offline(now);
        }
    }

    /// Asks the server for a sign of life. Where several documents share the socket, each asks by itself.
    fn ask_for_life(&mut self, socket: SocketId, step: ProbeStep, now: Instant) {
        match self.codec.policy().sharing {
            Sharing::Alone => {
                self.documents.iter_mut().take(1).for_each(|(_, document)| document.ask_for_life(step, now));
            }
            // Nobody has spoken to the server yet, so that its silence says nothing.
            Sharing::Together if self.documents.iter().any(|(_, document)| document.waits_for_token()) => {
                self.connection.handle_received(socket, now);
            }
            Sharing::Together => {}
        }
    }

    /// Hands over what the documents want to say.
    fn flush(&mut self, now: Instant) {
        let Some(socket) = self.connection.live_socket() else { return };
        for (_, document) in &mut self.documents {
            while let Some(message) = document.poll_message() {
                let mut bytes = 0;
                let send = &mut |frame: Frame| {
                    bytes += frame.len();
                    self.outputs.push_back(Output::Send(socket, frame));
                };
                self.codec.encode(document.route(), &message, send);
                self.connection.note_sent(bytes, now);
                match message {
                    Message::SyncStep1(_) => self.connection.note_asked(now),
                    Message::Goodbye => self.partings.note_goodbye(document.route(), socket, now),
                    _ => {}
                }
            }
        }
    }

    /// Queues the events for the application.
    fn report(&mut self, now: Instant) {
        for (doc, document) in &mut self.documents {
            let status = document.status(&self.connection, now);
            let events = std::iter::from_fn(|| document.poll_event(*doc, &status));
            self.outputs.extend(events.map(Output::Event));
        }
    }
}

#[cfg(test)]
mod tests;
