//! Decides what news from outside leads to: of the socket, the browser, the disk and the other tabs.

use super::document::{TokenNews, Wish};
use super::trace::{Cargo, Kind, number};
use super::uplink::Progress;
use super::{Event, Network, Output, Permission, Problem, Session};
use crate::clock::Instant;
use crate::connection::{CloseInfo, Phase as ConnectionPhase, Reason};
use crate::ids::{DocId, SocketId};
use crate::queue::Queue;
use crate::store::{OpId, StoreNews};
use crate::tabs::TabNews;
use crate::wire::{DecodeError, Frame, Message, Route};

impl Session {
    /// The socket is open.
    pub fn handle_opened(&mut self, socket: SocketId, now: Instant) {
        self.catch_up(now);
        if self.connection.handle_opened(socket, now) {
            self.log.note_opened(socket, now);
            self.network = Network::Up;
            // What came of a message in pieces belonged to the socket before.
            self.codec.reset();
        }
        self.settle(now);
    }

    /// A frame arrived.
    pub fn handle_frame(&mut self, socket: SocketId, frame: &Frame, now: Instant) {
        if self.is_catching_up() {
            self.hold_frame(socket, frame, now);
        } else if self.collect_frame(socket, frame, now) {
            self.settle(now);
        }
    }

    /// Frames arrived, and nothing else between them: what they change in a document is one change.
    pub fn handle_frames(&mut self, frames: &Queue<(SocketId, Frame)>, now: Instant) {
        let mut is_news = false;
        for (socket, frame) in frames.iter() {
            if self.is_catching_up() {
                self.hold_frame(*socket, frame, now);
                continue;
            }
            let before = self.standing();
            is_news |= self.collect_frame(*socket, frame, now);
            // Who was in step for as long as it takes to read the next frame was in step, and that is told.
            if self.standing() != before {
                is_news = false;
                self.settle(now);
            }
        }
        if is_news {
            self.settle(now);
        }
    }

    /// How far the connection is, and how many documents are in step.
    fn standing(&self) -> (ConnectionPhase, usize) {
        let in_step = self.documents.iter().filter(|(_, document)| document.is_synced()).count();
        (self.connection.phase(), in_step)
    }

    /// Reads a frame; says whether it came over a socket that is in use.
    pub(super) fn collect_frame(&mut self, socket: SocketId, frame: &Frame, now: Instant) -> bool {
        let is_in_use = self.connection.handle_received(socket, now);
        if is_in_use {
            self.log.count_in(frame.len());
            self.read_frame(socket, frame, now);
        }
        is_in_use
    }

    /// A frame arrived that is larger than [`crate::config::Limits::max_frame_bytes`]; its content was not read.
    pub fn handle_too_large(&mut self, socket: SocketId, len: usize, now: Instant) {
        self.catch_up(now);
        if self.connection.handle_received(socket, now) {
            self.log.count_in(len);
            self.log.note_of(Kind::TooLarge, DocId(0), number(len), now);
            let limit = self.config.limits.max_frame_bytes;
            self.connection.fail(Reason::FrameTooLarge { len, limit }, now);
            self.settle(now);
        }
    }

    /// The socket was asked how many bytes wait in it: this many.
    pub fn handle_buffered(&mut self, socket: SocketId, bytes: usize, now: Instant) {
        self.log.trace.note(Kind::Buffered, DocId(0), [socket.0, number(bytes), 0], now);
        if let Progress::Some { left } = self.uplink.handle_buffered(socket, bytes) {
            self.connection.note_drained(left, now);
            self.documents.iter_mut().for_each(|(_, document)| document.note_drained(left, now));
        }
        self.settle(now);
    }

    /// The socket closed, or could not be opened.
    pub fn handle_closed(&mut self, socket: SocketId, info: CloseInfo, now: Instant) {
        self.catch_up(now);
        self.log.trace.note_closed(socket, &info, now);
        self.suspect(socket, &info, now);
        self.end_socket(socket, info, now);
        self.settle(now);
    }

    /// The browser says that the network is back.
    pub fn handle_online(&mut self, now: Instant) {
        self.log.note(Kind::Online, now);
        self.network = Network::Up;
        self.connection.handle_online(now);
        self.settle(now);
    }

    /// The browser says that the network is gone: a reason to look, not a truth.
    pub fn handle_offline(&mut self, now: Instant) {
        self.log.note(Kind::Offline, now);
        self.network = Network::Down;
        self.connection.handle_offline(now);
        self.settle(now);
    }

    /// The page is seen again, or resumed.
    pub fn handle_visible(&mut self, now: Instant) {
        self.log.note(Kind::Visible, now);
        for (_, document) in &mut self.documents {
            document.handle_returned(now);
        }
        self.connection.handle_visible(now);
        self.settle(now);
    }

    /// The page is not seen any more, and runs on.
    pub fn handle_hidden(&mut self, now: Instant) {
        self.log.note(Kind::Hidden, now);
        self.documents.iter_mut().for_each(|(_, document)| document.handle_hidden());
        self.settle(now);
    }

    /// The page is about to be frozen or hidden for good: what is pending is committed, stored and sent, presence is
    /// withdrawn, and another tab leads.
    ///
    /// A browser may keep the socket of a frozen page open, so nobody else would tell the others.
    pub fn handle_frozen(&mut self, now: Instant) {
        self.log.note(Kind::Frozen, now);
        self.leave(now);
        self.connection.handle_frozen();
        self.settle(now);
    }

    /// The disk has answered the operation `op`, or has news of its own.
    pub fn handle_store(&mut self, doc: DocId, op: Option<OpId>, news: StoreNews, now: Instant) {
        self.log.trace.note_disk(doc, &news, now);
        if let Some(document) = self.document_mut(doc) {
            document.handle_store(op, news, now);
        }
        self.settle(now);
    }

    /// There is news of the other tabs.
    pub fn handle_tab(&mut self, doc: DocId, news: TabNews, now: Instant) {
        self.log.trace.note_tab(doc, &news, now);
        let wish = self.document_mut(doc).map_or(Wish::Nothing, |document| document.handle_tab(news, now));
        if wish == Wish::Reconnect && self.permission == Permission::Given {
            self.connection.reconnect(now);
        }
        self.settle(now);
    }

    /// The time that [`Output::Idle`] named has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.log.note(Kind::Timeout, now);
        // First: what waits for a token in vain has failed for want of it.
        let docs: Vec<DocId> = self.documents.iter().map(|(doc, _)| *doc).collect();
        for doc in docs {
            let news = self.document_mut(doc).map_or(TokenNews::Nothing, |document| document.watch_token(now));
            self.follow_token(doc, news, now);
        }
        self.watch_waiting_attempt(now);
        self.connection.handle_timeout(now);
        let mut lost = Vec::new();
        for (doc, document) in &mut self.documents {
            document.handle_timeout(now);
            lost.extend(document.watch_seat(now).err().map(|reason| (*doc, reason)));
        }
        lost.into_iter().for_each(|(doc, reason)| self.fail(doc, reason, now));
        self.settle(now);
    }

    fn read_frame(&mut self, socket: SocketId, frame: &Frame, now: Instant) {
        let is_open = |route: &Route| self.documents.iter().any(|(_, document)| document.route() == route);
        let inbound = match self.codec.decode(frame, self.config.limits.max_frame_bytes, &is_open) {
            Ok(inbound) => inbound,
            Err(error @ (DecodeError::TextFrame | DecodeError::BinaryFrame | DecodeError::ForeignText)) => {
                self.note_frame(Cargo::Foreign, frame, now);
                return self.report_foreign_frame(socket, &error);
            }
            Err(DecodeError::TooLarge { len, limit }) => {
                self.note_frame(Cargo::TooLarge, frame, now);
                return self.connection.fail(Reason::FrameTooLarge { len, limit }, now);
            }
            Err(error) => {
                self.note_frame(Cargo::Garbage, frame, now);
                return self.connection.fail(Reason::BadFrame(error.to_string()), now);
            }
        };
        if inbound.is_empty() {
            self.note_frame(Cargo::Piece, frame, now);
        }
        let mut bytes = frame.len();
        for message in inbound {
            if message.message == Message::Ping {
                let send = &mut |frame: Frame| {
                    self.log.count_out(frame.len());
                    self.outputs.push_back(Output::Send(socket, frame));
                };
                self.codec.encode(&message.route, &Message::Pong, send);
            }
            let is_parting = matches!(message.message, Message::Dismissed(_)) && self.partings.note_end(&message.route);
            // Of several messages in a frame the first is as large as the frame.
            let bytes = std::mem::take(&mut bytes);
            let addressed = self.documents.iter_mut().find(|(_, document)| *document.route() == message.route);
            let Some((doc, document)) = addressed else { continue };
            self.log.trace.note_cargo(Kind::In, Cargo::Message(&message.message), *doc, bytes, now);
            if is_parting {
                continue;
            }
            let (doc, taken) = (*doc, document.handle_message(message.message, now));
            self.log.trace.note_fact(document.poll_fact(&taken));
            if document.is_synced() {
                self.connection.handle_synced(now);
            }
            if let Err(reason) = taken {
                self.fail(doc, reason, now);
                // Of a frame with something wrong in it, the rest is not believed either.
                break;
            }
        }
    }

    fn note_frame(&mut self, cargo: Cargo<'_>, frame: &Frame, now: Instant) {
        self.log.trace.note_cargo(Kind::In, cargo, DocId(0), frame.len(), now);
    }

    /// Servers greet with text more often than one would think, and gateways send their errors as text: what is no
    /// message of the protocol is passed over, and said once a connection.
    fn report_foreign_frame(&mut self, socket: SocketId, error: &DecodeError) {
        if self.foreign_reported == Some(socket) {
            return;
        }
        self.foreign_reported = Some(socket);
        let (code, message) = match error {
            DecodeError::BinaryFrame => (Problem::BINARY_FRAME, "the server sent bytes where text is expected"),
            DecodeError::ForeignText => (Problem::TEXT_FRAME, "the server sent text that is no message"),
            _ => (Problem::TEXT_FRAME, "the server sent text where bytes are expected"),
        };
        let problem = Problem { code, message: message.to_owned() };
        for (doc, _) in &self.documents {
            self.outputs.push_back(Output::Event(Event::Problem(*doc, problem.clone())));
        }
    }
}
