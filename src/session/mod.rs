//! Decides how one connection and its documents work together: inputs in, [`Output`] out.
//!
//! Driven like quinn-proto or str0m: call one input (each takes `now`), then drain [`Session::poll_output`] until it
//! says [`Output::Idle`]. Nothing here reads a clock, draws randomness or touches a socket, so a whole world of sessions
//! can be simulated natively. `browser` drives it for real.

mod document;
mod output;
mod status;

pub use output::{Event, Output, Problem};
pub use status::{Phase, Status, StatusReason};

use crate::clock::Instant;
use crate::config::Config;
use crate::connection::{Action, CloseInfo, Connection, ProbeStep, Reason};
use crate::ids::{ClientId, DocId, LinkId, SocketId};
use crate::replica::{EditError, Refusal, Replica};
use crate::rng::Rng;
use crate::wire::{DecodeError, Dialect, Frame, Protocol, Route};
use document::Document;
use std::collections::VecDeque;

/// One connection and the documents that share it: exactly one in the y-websocket family.
///
/// A document is a type of its own, so that a failing one does not stall the others.
#[derive(Debug)]
pub struct Session {
    config: Config,
    connection: Connection,
    dialect: Box<dyn Dialect>,
    documents: Vec<(DocId, Document)>,
    next_doc: u32,
    /// The socket that the documents were told about.
    announced_socket: Option<SocketId>,
    /// The socket whose text frames were already reported.
    text_reported: Option<SocketId>,
    outputs: VecDeque<Output>,
}

impl Session {
    /// Makes a session that is not connected. `seed` decides all its random choices.
    pub fn new(config: Config, protocol: Protocol, seed: u64) -> Self {
        Self {
            connection: Connection::new(config.connection.clone(), Rng::new(seed)),
            dialect: protocol.dialect(),
            config,
            documents: Vec::new(),
            next_doc: 0,
            announced_socket: None,
            text_reported: None,
            outputs: VecDeque::new(),
        }
    }

    /// Adds a document. `client` must be used by no other replica that is alive.
    pub fn open_document(&mut self, route: Route, client: ClientId, now: Instant) -> DocId {
        let doc = DocId(self.next_doc);
        self.next_doc += 1;
        let mut document = Document::new(route, client, self.dialect.policy(), &self.config);
        if self.announced_socket.is_some() {
            document.handle_connected(now);
        }
        self.documents.push((doc, document));
        self.settle(now);
        doc
    }

    /// Wants a connection from here on.
    pub fn connect(&mut self, now: Instant) {
        self.connection.connect(now);
        self.settle(now);
    }

    /// Wants no connection from here on. What is committed is sent and presence withdrawn before the socket closes.
    pub fn disconnect(&mut self, now: Instant) {
        for (_, document) in &mut self.documents {
            document.leave();
        }
        self.flush(now);
        self.connection.disconnect();
        self.settle(now);
    }

    /// Drops the socket or the wait and tries again at once.
    pub fn reconnect(&mut self, now: Instant) {
        self.connection.reconnect(now);
        self.settle(now);
    }

    /// Ends a document for good: flushed, withdrawn, forgotten. The last one takes the connection with it.
    pub fn close_document(&mut self, doc: DocId, now: Instant) {
        let Some(document) = self.document_mut(doc) else { return };
        document.leave();
        self.flush(now);
        if let Some((_, document)) = self.documents.extract_if(.., |(id, _)| *id == doc).next() {
            let status = Status { phase: Phase::Closed, ..document.status(&self.connection, now) };
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
            document.commit();
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
        document.commit();
        Some(document.status(&self.connection, now))
    }

    /// The socket is open.
    pub fn handle_opened(&mut self, socket: SocketId, now: Instant) {
        self.connection.handle_opened(socket, now);
        self.settle(now);
    }

    /// A frame arrived.
    pub fn handle_frame(&mut self, socket: SocketId, frame: &Frame, now: Instant) {
        if self.connection.handle_received(socket, now) {
            self.read_frame(socket, frame, now);
            self.settle(now);
        }
    }

    /// A frame arrived that is larger than [`crate::config::Limits::max_frame_bytes`]; its content was not read.
    pub fn handle_too_large(&mut self, socket: SocketId, len: usize, now: Instant) {
        if self.connection.handle_received(socket, now) {
            let limit = self.config.limits.max_frame_bytes;
            self.connection.fail(Reason::FrameTooLarge { len, limit }, now);
            self.settle(now);
        }
    }

    /// The socket closed, or could not be opened.
    pub fn handle_closed(&mut self, socket: SocketId, info: CloseInfo, now: Instant) {
        self.connection.handle_closed(socket, info, now);
        self.settle(now);
    }

    /// The browser says that the network is back.
    pub fn handle_online(&mut self, now: Instant) {
        self.connection.handle_online(now);
        self.settle(now);
    }

    /// The browser says that the network is gone: a reason to look, not a truth.
    pub fn handle_offline(&mut self, now: Instant) {
        self.connection.handle_offline(now);
        self.settle(now);
    }

    /// The page is seen again, or resumed.
    pub fn handle_visible(&mut self, now: Instant) {
        for (_, document) in &mut self.documents {
            document.handle_returned(now);
        }
        self.connection.handle_visible(now);
        self.settle(now);
    }

    /// The page is about to be frozen or hidden for good: what is pending is committed and sent, and presence withdrawn.
    ///
    /// A browser may keep the socket of a frozen page open, so nobody else would tell the others.
    pub fn handle_frozen(&mut self, now: Instant) {
        for (_, document) in &mut self.documents {
            document.leave();
        }
        self.flush(now);
        self.connection.handle_frozen();
        self.settle(now);
    }

    /// The time that [`Output::Idle`] named has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.connection.handle_timeout(now);
        for (_, document) in &mut self.documents {
            document.handle_timeout(now);
        }
        self.settle(now);
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

    fn read_frame(&mut self, socket: SocketId, frame: &Frame, now: Instant) {
        let inbound = match self.dialect.decode(frame, self.config.limits.max_frame_bytes) {
            Ok(inbound) => inbound,
            Err(DecodeError::TextFrame) => return self.report_text_frame(socket),
            Err(DecodeError::TooLarge { len, limit }) => {
                return self.connection.fail(Reason::FrameTooLarge { len, limit }, now);
            }
            Err(error) => return self.connection.fail(Reason::BadFrame(error.to_string()), now),
        };
        for message in inbound {
            let addressed = self.documents.iter_mut().find(|(_, document)| *document.route() == message.route);
            let Some((_, document)) = addressed else { continue };
            if let Err(reason) = document.handle_message(message.message, now) {
                return self.connection.fail(reason, now);
            }
            if document.is_synced() {
                self.connection.handle_synced(now);
            }
        }
    }

    /// Servers greet with text more often than one would think: it is passed over, and said once a connection.
    fn report_text_frame(&mut self, socket: SocketId) {
        if self.text_reported == Some(socket) {
            return;
        }
        self.text_reported = Some(socket);
        let problem =
            Problem { code: Problem::TEXT_FRAME, message: "the server sent text where bytes are expected".to_owned() };
        for (doc, _) in &self.documents {
            self.outputs.push_back(Output::Event(Event::Problem(*doc, problem.clone())));
        }
    }

    /// Brings everything to rest after an input: connection, documents, messages, events.
    fn settle(&mut self, now: Instant) {
        self.follow_connection(now);
        while let Some(action) = self.connection.poll_action() {
            match action {
                Action::Open(socket) => self.outputs.push_back(Output::Open(socket)),
                Action::Close(socket, code) => self.outputs.push_back(Output::Close(socket, code)),
                Action::Probe(_, step) => self.probe(step),
            }
        }
        self.documents.iter_mut().for_each(|(_, document)| document.watch_proof(now));
        self.flush(now);
        self.report(now);
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
            self.documents.iter_mut().for_each(|(_, document)| document.handle_connected(now));
        }
        self.announced_socket = live;
    }

    /// Asks the server for a sign of life. One document is enough: they share the socket.
    fn probe(&mut self, step: ProbeStep) {
        let policy = self.dialect.policy();
        if let Some((_, document)) = self.documents.first_mut() {
            document.probe(match step {
                ProbeStep::First => policy.first_probe,
                ProbeStep::Second => policy.second_probe,
            });
        }
    }

    /// Hands over what the documents want to say.
    fn flush(&mut self, now: Instant) {
        let Some(socket) = self.connection.live_socket() else { return };
        for (_, document) in &mut self.documents {
            while let Some(message) = document.poll_message(now) {
                let frame = self.dialect.encode(document.route(), &message);
                self.outputs.push_back(Output::Send(socket, frame));
            }
        }
    }

    /// Queues the events for the application.
    fn report(&mut self, now: Instant) {
        for (doc, document) in &mut self.documents {
            while let Some(event) = document.poll_event(*doc, &self.connection, now) {
                self.outputs.push_back(Output::Event(event));
            }
        }
    }
}
