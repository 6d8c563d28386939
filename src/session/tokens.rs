//! Decides what an attempt to connect does about its token: it waits for one, begins with it, or fails for want of it.

use super::document::TokenNews;
use super::trace::Kind;
use super::{Output, Session};
use crate::clock::Instant;
use crate::connection::{CloseCode, CloseInfo, Phase, Reason};
use crate::credential::{Answer, Secret};
use crate::ids::{DocId, RequestId, SocketId};
use crate::wire::Sharing;

impl Session {
    /// The application has answered the question `request`, or says why it cannot.
    pub fn handle_token(&mut self, doc: DocId, request: RequestId, answer: Result<Answer, String>, now: Instant) {
        self.log.note_token(doc, &answer, now);
        let news = self.document_mut(doc).map(|document| document.handle_token(request, answer, now));
        self.follow_token(doc, news.unwrap_or(TokenNews::Nothing), now);
        self.settle(now);
    }

    /// Begins an attempt, as soon as there is a token for it.
    pub(super) fn open_socket(&mut self, socket: SocketId, now: Instant) {
        let wanting = self.documents.iter_mut().find(|(_, document)| document.wants_connection());
        let token = wanting.map_or_else(|| Some(Secret::default()), |(_, document)| document.token_for_socket(now));
        self.waiting_for_token = if token.is_none() { Some(socket) } else { None };
        if token.is_some() {
            self.log.note_attempt(socket, now);
        }
        self.outputs.extend(token.map(|token| Output::Open(socket, token)));
    }

    /// Closes a socket, unless it was never opened for want of a token.
    pub(super) fn close_socket(&mut self, socket: SocketId, code: CloseCode) -> Option<Output> {
        if self.waiting_for_token.take_if(|waiting| *waiting == socket).is_some() {
            return None;
        }
        Some(Output::Close(socket, code))
    }

    pub(super) fn follow_token(&mut self, doc: DocId, news: TokenNews, now: Instant) {
        match news {
            TokenNews::Nothing => {}
            TokenNews::Ready => {
                if let Some(socket) = self.waiting_for_token.take() {
                    self.open_socket(socket, now);
                }
            }
            TokenNews::Missing(reason) => {
                if let Some(socket) = self.waiting_for_token {
                    self.connection.give_up(socket, reason, now);
                }
            }
            TokenNews::Unseated(reason) => self.lose_seat(doc, reason, now),
        }
    }

    /// Gives up an attempt whose time ends before it had a token: that is why, and not the server.
    pub(super) fn watch_waiting_attempt(&mut self, now: Instant) {
        let is_opening = self.connection.phase() == Phase::Connecting;
        let is_over = self.connection.poll_timeout().is_some_and(|due| due <= now);
        if is_opening
            && is_over
            && let Some(socket) = self.waiting_for_token
        {
            let reason = Reason::TokenUnavailable("the token function did not answer in time".to_owned());
            self.connection.give_up(socket, reason, now);
        }
    }

    /// Hands the questions of the documents to the application.
    pub(super) fn ask_for_tokens(&mut self, now: Instant) {
        for (doc, document) in &mut self.documents {
            let requests = std::iter::from_fn(|| document.poll_token_request());
            let requests = requests.inspect(|_| self.log.note_of(Kind::Ask, *doc, 0, now));
            self.outputs.extend(requests.map(|request| Output::Token(*doc, request)));
        }
    }

    /// Takes the end of a socket, after which a token may be doubted or refused.
    pub(super) fn end_socket(&mut self, socket: SocketId, info: CloseInfo, now: Instant) {
        let was_opening = self.connection.phase() == Phase::Connecting;
        let words = self.documents.iter().fold(info.reason, |text, (_, document)| document.scrub(&text));
        if !self.connection.handle_closed(socket, CloseInfo { reason: words, ..info }, now) {
            return;
        }
        let is_refused = self.connection.phase() == Phase::Stopped;
        for (_, document) in &mut self.documents {
            if is_refused && document.may_try_another_token() {
                self.connection.try_again(now);
            } else if was_opening {
                document.note_handshake_failed(now);
            }
        }
    }

    /// Gives up what a document cannot go on with: its place, or the connection if that is only for this one.
    pub(super) fn fail(&mut self, doc: DocId, reason: Reason, now: Instant) {
        match self.codec.policy().sharing {
            Sharing::Alone => {
                let is_refused = matches!(reason, Reason::Denied(_));
                self.connection.fail(reason, now);
                if is_refused && self.document_mut(doc).is_some_and(|document| document.may_try_another_token()) {
                    self.connection.try_again(now);
                }
            }
            Sharing::Together => self.lose_seat(doc, reason, now),
        }
    }

    fn lose_seat(&mut self, doc: DocId, reason: Reason, now: Instant) {
        if let Some(document) = self.document_mut(doc) {
            document.lose_seat(reason, now);
        }
    }
}

#[cfg(test)]
mod tests;
