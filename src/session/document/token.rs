//! Decides what a document does about its token: when it is asked for, when it is shown in a message, and what follows
//! where the server refuses it or none is to be had.

use super::Document;
use crate::clock::{Instant, earliest};
use crate::connection::Reason;
use crate::credential::{Answer, Need, News, Secret, Verdict};
use crate::ids::RequestId;
use crate::sync::Progress;
use crate::wire::{Admission, Message};

/// What the session has to do for an attempt that waits for a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::session) enum TokenNews {
    /// Nothing.
    Nothing,
    /// Begin the attempt that waits.
    Ready,
    /// Give up the attempt that waits.
    Missing(Reason),
    /// Give up the place of the document, which has nothing to show.
    Unseated(Reason),
}

/// The token of a handshake.
impl Document {
    /// The token to open a socket with; nothing while the application is asked for one.
    pub(in crate::session) fn token_for_socket(&mut self, now: Instant) -> Option<Secret> {
        if self.policy.admission == Admission::Token {
            return Some(Secret::default());
        }
        self.need_token(now)
    }

    /// Takes what the application answered.
    pub(in crate::session) fn handle_token(
        &mut self,
        request: RequestId,
        answer: Result<Answer, String>,
        now: Instant,
    ) -> TokenNews {
        let news = self.credential.handle_answer(request, answer, now);
        self.follow_token(news, now)
    }

    /// Gives up a question that was not answered in time, and asks for the next token before this one expires.
    pub(in crate::session) fn watch_token(&mut self, now: Instant) -> TokenNews {
        if self.tells_token() {
            self.token_requests.extend(self.credential.poll_refresh(now));
        }
        let news = self.credential.handle_timeout(now);
        self.follow_token(news, now)
    }

    /// The next question to the application.
    pub(in crate::session) fn poll_token_request(&mut self) -> Option<RequestId> {
        self.token_requests.pop_front()
    }

    /// Whether a refusal of the server need not be the last word: the application is asked for another token.
    pub(in crate::session) fn may_try_another_token(&mut self) -> bool {
        self.credential.handle_refused() == Verdict::Again
    }

    /// Notes that a handshake failed without a word, which may have been a refusal.
    pub(in crate::session) fn note_handshake_failed(&mut self, now: Instant) {
        if self.policy.admission == Admission::Open {
            self.credential.handle_doubted(now);
        }
    }

    /// The text without the token.
    pub(in crate::session) fn scrub(&self, text: &str) -> String {
        self.credential.scrub(text)
    }

    /// Whether it has a place and says nothing yet, for want of a token.
    pub(in crate::session) fn waits_for_token(&self) -> bool {
        self.policy.admission == Admission::Token
            && self.seat.socket().is_some()
            && self.dialogue.progress() == Progress::Silent
    }

    pub(super) fn token_timeout(&self) -> Option<Instant> {
        let refresh = if self.tells_token() { self.credential.refresh_at() } else { None };
        earliest(&[self.credential.timeout(), refresh])
    }

    /// Says who it is where that is told in a message; says whether it could.
    pub(super) fn present_token(&mut self, now: Instant) -> bool {
        if self.policy.admission == Admission::Open {
            return true;
        }
        let token = self.need_token(now);
        let is_known = token.is_some();
        self.replies.extend(token.map(|secret| Message::Token(secret.reveal().to_owned())));
        is_known
    }

    fn need_token(&mut self, now: Instant) -> Option<Secret> {
        match self.credential.need(now) {
            Need::Use(secret) => return Some(secret.clone()),
            Need::Ask(request) => self.token_requests.push_back(request),
            Need::Wait => {}
        }
        None
    }

    /// Whether the server is told the token in messages, and lets us in at the moment.
    fn tells_token(&self) -> bool {
        self.policy.admission == Admission::Token && self.access.is_some()
    }

    fn follow_token(&mut self, news: Option<News>, now: Instant) -> TokenNews {
        let Some(news) = news else { return TokenNews::Nothing };
        if self.policy.admission == Admission::Token {
            return self.follow_token_of_seat(news, now);
        }
        match news {
            News::Fresh | News::Kept => TokenNews::Ready,
            News::Unavailable { message } => TokenNews::Missing(Reason::TokenUnavailable(message)),
        }
    }

    fn follow_token_of_seat(&mut self, news: News, now: Instant) -> TokenNews {
        let has_greeted = self.dialogue.progress() != Progress::Silent;
        match news {
            _ if self.seat.socket().is_none() => {}
            News::Fresh | News::Kept if !has_greeted => self.introduce(now),
            // The server takes another token of a document that it serves without a word.
            News::Fresh => drop(self.present_token(now)),
            News::Unavailable { message } if !has_greeted => {
                return TokenNews::Unseated(Reason::TokenUnavailable(message));
            }
            News::Kept | News::Unavailable { .. } => {}
        }
        TokenNews::Nothing
    }
}
