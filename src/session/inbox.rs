//! Decides when frames are read that came while a document writes a large change part by part: in their order, once that
//! is done, as if they had been on their way for so long.

use super::Session;
use crate::clock::Instant;
use crate::ids::SocketId;
use crate::wire::Frame;

impl Session {
    /// Whether something that came waits for a turn of its own: [`Session::handle_timeout`], as soon as there was time for
    /// other things.
    pub fn is_catching_up(&self) -> bool {
        !self.inbox.is_empty() || self.has_document_behind()
    }

    fn has_document_behind(&self) -> bool {
        self.documents.iter().any(|(_, document)| document.is_catching_up())
    }

    /// Has a frame wait.
    pub(super) fn hold_frame(&mut self, socket: SocketId, frame: &Frame, now: Instant) {
        if self.connection.handle_received(socket, now) {
            self.inbox.push_back((now, socket, frame.clone()));
        }
    }

    /// Since when a frame waits: it is to be read as soon as it can.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        self.inbox.iter().next().map(|(since, ..)| *since)
    }

    /// Reads what waits, until there is something large in it.
    pub(super) fn read_inbox(&mut self, now: Instant) {
        while !self.has_document_behind() {
            let Some((_, socket, frame)) = self.inbox.pop_front() else { return };
            self.collect_frame(socket, &frame, now);
        }
    }

    /// Reads and writes everything that has come: for whoever leaves, and for news that came behind it.
    pub(super) fn catch_up(&mut self, now: Instant) {
        while self.is_catching_up() {
            self.documents.iter_mut().for_each(|(_, document)| document.commit(now));
            self.read_inbox(now);
        }
    }
}
