//! Decides how one connection and its documents work together: inputs in, [`Output`] out.
//!
//! Driven like quinn-proto or str0m: call one input (each takes `now`), then drain [`Session::poll_output`] until it
//! says [`Output::Idle`]. Nothing here reads a clock, draws randomness or touches a socket, so a whole world of sessions
//! can be simulated natively. `browser` drives it for real.

mod document;
mod news;
mod output;
mod shared;
mod status;

pub use document::DocumentSetup;
pub use output::{Event, Output, Problem};
pub use status::{Phase, Status, StatusReason, StorePhase, StoreView, TabView};

use crate::clock::Instant;
use crate::config::Config;
use crate::connection::{Action, Connection, ProbeStep};
use crate::ids::{ClientId, DocId, LinkId, SocketId};
use crate::replica::{EditError, Refusal, Replica};
use crate::rng::Rng;
use crate::wire::{Codec, Protocol};
use document::{Document, Intent};
use std::collections::VecDeque;

/// One connection and the documents that share it: exactly one in the y-websocket family.
///
/// A document is a type of its own, so that a failing one does not stall the others.
#[derive(Debug)]
pub struct Session {
    config: Config,
    intent: Intent,
    connection: Connection,
    /// Whether the connection was allowed when it was last looked at.
    permission: Permission,
    codec: Codec,
    documents: Vec<(DocId, Document)>,
    next_doc: u32,
    /// The socket that the documents were told about.
    announced_socket: Option<SocketId>,
    /// The socket of which a frame that is passed over was already reported.
    foreign_reported: Option<SocketId>,
    outputs: VecDeque<Output>,
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
        Self {
            connection: Connection::new(config.connection.clone(), Rng::new(seed)),
            codec: Codec::new(protocol, seed),
            config,
            intent: Intent::Disconnected,
            permission: Permission::Withheld,
            documents: Vec::new(),
            next_doc: 0,
            announced_socket: None,
            foreign_reported: None,
            outputs: VecDeque::new(),
        }
    }

    /// Adds a document.
    pub fn open_document(&mut self, setup: DocumentSetup, now: Instant) -> DocId {
        let doc = DocId(self.next_doc);
        self.next_doc += 1;
        let mut document = Document::new(setup, self.codec.policy(), &self.config, now);
        if self.intent == Intent::Connected {
            document.join(now);
        }
        if self.announced_socket.is_some() {
            document.handle_connected(now);
        }
        self.documents.push((doc, document));
        self.settle(now);
        doc
    }

    /// Wants a connection from here on, of its own or that of another tab.
    pub fn connect(&mut self, now: Instant) {
        self.intent = Intent::Connected;
        self.documents.iter_mut().for_each(|(_, document)| document.join(now));
        if self.permission == Permission::Given {
            self.connection.connect(now);
        }
        self.settle(now);
    }

    /// Wants no connection from here on. What is committed is sent and presence withdrawn before the socket closes.
    pub fn disconnect(&mut self, now: Instant) {
        self.intent = Intent::Disconnected;
        self.leave(now);
        self.connection.disconnect();
        self.settle(now);
    }

    /// Drops the socket or the wait and tries again at once; in the tab that has the connection.
    pub fn reconnect(&mut self, now: Instant) {
        self.intent = Intent::Connected;
        self.documents.iter_mut().for_each(|(_, document)| document.join(now));
        let others =
            self.documents.iter_mut().filter_map(|(_, document)| document.ask_leader_to_connect().then_some(()));
        if others.count() == 0 && self.permission == Permission::Given {
            self.connection.reconnect(now);
        }
        self.settle(now);
    }

    /// Ends a document for good: flushed, withdrawn, forgotten. The last one takes the connection with it.
    pub fn close_document(&mut self, doc: DocId, now: Instant) {
        let Some((_, document)) = self.documents.iter_mut().find(|(id, _)| *id == doc) else { return };
        self.outputs.extend(document.leave(now).map(|op| Output::Store(doc, op)));
        self.flush();
        self.hand_out_tab_ops();
        if let Some((_, document)) = self.documents.extract_if(.., |(id, _)| *id == doc).next() {
            let status = Status { phase: Phase::Closed, ..document.status(&self.connection, self.intent, now) };
            self.outputs.push_back(Output::Event(Event::Status(doc, status)));
        }
        if self.documents.is_empty() {
            self.connection.disconnect();
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

    /// Takes in an update that the application brought.
    ///
    /// # Errors
    /// The update is malformed, unsupported or too early by too much; the document is as before.
    pub fn apply_update(&mut self, doc: DocId, update: &[u8], now: Instant) -> Result<(), Refusal> {
        let Some(document) = self.document_mut(doc) else { return Ok(()) };
        let applied = document.apply(update, LinkId::APPLICATION, now).map(|_| ());
        self.settle(now);
        applied
    }

    /// Sets our presence in a document, as JSON text; `None` withdraws it.
    pub fn set_presence(&mut self, doc: DocId, state: Option<String>, now: Instant) {
        if let Some(document) = self.document_mut(doc) {
            document.set_presence(state);
        }
        self.settle(now);
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
        Some(document.status(&self.connection, self.intent, now))
    }

    /// What to do next. To be called after every input until it says [`Output::Idle`].
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Idle(self.timeout()))
    }

    fn timeout(&self) -> Option<Instant> {
        let timeouts = self.documents.iter().filter_map(|(_, document)| document.timeout());
        timeouts.chain(self.connection.poll_timeout()).min()
    }

    fn document_mut(&mut self, doc: DocId) -> Option<&mut Document> {
        self.documents.iter_mut().find(|(id, _)| *id == doc).map(|(_, document)| document)
    }

    /// Brings everything to rest after an input: connection, documents, disk, messages, events.
    fn settle(&mut self, now: Instant) {
        self.documents.iter_mut().for_each(|(_, document)| document.follow_duty(now));
        self.follow_permission(now);
        self.follow_connection(now);
        while let Some(action) = self.connection.poll_action() {
            match action {
                Action::Open(socket) => self.outputs.push_back(Output::Open(socket)),
                Action::Close(socket, code) => self.outputs.push_back(Output::Close(socket, code)),
                Action::Probe(_, step) => self.probe(step),
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
            document.speak(&self.connection, self.intent, now);
        }
        self.flush();
        self.hand_out_tab_ops();
        self.report(now);
    }

    /// Commits, says goodbye to everybody, stores and hands over what is to be sent.
    fn leave(&mut self, now: Instant) {
        for (doc, document) in &mut self.documents {
            self.outputs.extend(document.leave(now).map(|op| Output::Store(*doc, op)));
        }
        self.flush();
    }

    fn hand_out_tab_ops(&mut self) {
        for (doc, document) in &mut self.documents {
            let ops = std::iter::from_fn(|| document.poll_tab_op());
            self.outputs.extend(ops.map(|op| Output::Tabs(*doc, op)));
        }
    }

    /// Connects as soon as a document may talk to the server, and disconnects when none may any more.
    fn follow_permission(&mut self, now: Instant) {
        let may_connect = self.documents.iter().any(|(_, document)| document.may_connect());
        let permission = if may_connect { Permission::Given } else { Permission::Withheld };
        if std::mem::replace(&mut self.permission, permission) == permission || self.intent == Intent::Disconnected {
            return;
        }
        match permission {
            Permission::Given => self.connection.connect(now),
            Permission::Withheld => self.connection.disconnect(),
        }
    }

    /// Tells the documents when a socket became live or was lost.
    fn follow_connection(&mut self, now: Instant) {
        let live = self.connection.live_socket();
        if live == self.announced_socket {
            return;
        }
        if self.announced_socket.is_some() {
            self.documents.iter_mut().for_each(|(_, document)| document.handle_disconnected());
        }
        if live.is_some() {
            self.codec.reset();
            self.documents.iter_mut().for_each(|(_, document)| document.handle_connected(now));
        }
        self.announced_socket = live;
    }

    /// Asks the server for a sign of life. One document is enough: they share the socket.
    fn probe(&mut self, step: ProbeStep) {
        let policy = self.codec.policy();
        if let Some((_, document)) = self.documents.first_mut() {
            document.probe(match step {
                ProbeStep::First => policy.first_probe,
                ProbeStep::Second => policy.second_probe,
            });
        }
    }

    /// Hands over what the documents want to say.
    fn flush(&mut self) {
        let Some(socket) = self.connection.live_socket() else { return };
        for (_, document) in &mut self.documents {
            while let Some(message) = document.poll_message() {
                let send = &mut |frame| self.outputs.push_back(Output::Send(socket, frame));
                self.codec.encode(document.route(), &message, send);
            }
        }
    }

    /// Queues the events for the application.
    fn report(&mut self, now: Instant) {
        for (doc, document) in &mut self.documents {
            let status = document.status(&self.connection, self.intent, now);
            let events = std::iter::from_fn(|| document.poll_event(*doc, &status));
            self.outputs.extend(events.map(Output::Event));
        }
    }
}
