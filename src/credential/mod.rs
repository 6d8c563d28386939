//! Decides which token a document shows to its server, and when the application is asked for another one.
//!
//! A token that is a function is asked for when a connection needs one, again before it expires, again when a handshake
//! failed without saying why, and exactly once more when the server refused it. Whoever drives this calls the function
//! and knows where a token travels; here is neither I/O nor a clock.
//!
//! ```text
//!         need: Ask                    handle_answer(Ok)
//! nothing ────────▶ question open ───────────────────────▶ token held ──▶ need: Use
//!    ▲                 │ Err, too late                        │ refused, doubted, nearly expired
//!    └─────────────────┘ Unavailable                          └──▶ need: Ask
//! ```
//!
//! Rules that hold throughout:
//! - One question is open at a time. Answers to others are dropped, except a late one that nothing newer was asked after.
//! - A token that is known to have expired is not shown. One that was expired when it came is: then a clock is wrong,
//!   ours or that of whoever made it, and only the server can tell.
//! - What `need` asks is paced by the attempts it is called for; refreshing keeps [`MIN_GAP`] to the question before.

mod asked;
mod questions;
mod secret;
#[cfg(test)]
mod tests;

pub use secret::{NotASubprotocol, Secret};

use crate::clock::{Duration, Instant};
use crate::ids::RequestId;
use asked::Asked;

/// Where the token of a document comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// The application gave none.
    None,
    /// The application gave this one, and has no other.
    Fixed(Secret),
    /// The application is asked.
    Function,
}

/// Where a token travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    /// In the query of the address.
    Query,
    /// As the last of the subprotocols that are offered.
    Subprotocol,
    /// In a message of the protocol.
    Message,
}

/// What a connection that needs a token is to do.
#[derive(PartialEq, Eq, Debug)]
pub enum Need<'a> {
    /// Show this one, which is empty where the application gave none.
    Use(&'a Secret),
    /// Ask the application, and wait as with [`Need::Wait`].
    Ask(RequestId),
    /// Wait for the answer to a question that is open: [`Credential::handle_answer`] or
    /// [`Credential::handle_timeout`] brings a [`News`].
    Wait,
}

/// What the application answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The token.
    pub token: Secret,
    /// How long it is valid from here on, where that is known. Zero where a clock says that it was never valid.
    pub expires_in: Option<Duration>,
}

/// What came of a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum News {
    /// There is a new token: attempts that wait can begin, and a server that is told in messages is told.
    Fresh,
    /// There is no new token, and the one from before will do: [`Credential::need`] gives it.
    Kept,
    /// There is no token at the moment. To be tried again.
    Unavailable {
        /// Why, for people: without any token in it, and short.
        message: String,
    },
}

/// What follows from a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Try again: the next token is another one.
    Again,
    /// Give up: there is no other token.
    GiveUp,
}

/// The token of one document.
#[derive(Debug)]
pub struct Credential {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Fixed(Secret),
    Asked(Asked),
}

impl Credential {
    /// A token from `source`. A question is given up after `patience`.
    pub fn new(source: Source, patience: Duration) -> Self {
        let kind = match source {
            Source::None => Kind::Fixed(Secret::default()),
            Source::Fixed(secret) => Kind::Fixed(secret),
            Source::Function => Kind::Asked(Asked::new(patience)),
        };
        Self { kind }
    }

    /// A connection, or a server within one, needs a token. To be called again when [`News`] came.
    pub fn need(&mut self, now: Instant) -> Need<'_> {
        match &mut self.kind {
            Kind::Fixed(secret) => Need::Use(secret),
            Kind::Asked(asked) => asked.need(now),
        }
    }

    /// The application has answered a question, or says why it cannot. Nothing follows where the answer is to a
    /// question that is not waited for any more.
    pub fn handle_answer(&mut self, request: RequestId, answer: Result<Answer, String>, now: Instant) -> Option<News> {
        self.asked_mut()?.handle_answer(request, answer, now)
    }

    /// The server refused the token in words.
    pub fn handle_refused(&mut self) -> Verdict {
        self.asked_mut().map_or(Verdict::GiveUp, Asked::handle_refused)
    }

    /// The server accepts the token. From the age of [`MIN_GAP`] on, a refusal is about something new.
    pub fn handle_accepted(&mut self, now: Instant) {
        if let Some(asked) = self.asked_mut() {
            asked.handle_accepted(now);
        }
    }

    /// A handshake failed and nothing says why. Browsers do not tell a refusal (401) from a server that is away, so the
    /// next attempt asks anew; after the first such failure at once, then not while the token is younger than
    /// [`MIN_GAP`].
    pub fn handle_doubted(&mut self, now: Instant) {
        if let Some(asked) = self.asked_mut() {
            asked.handle_doubted(now);
        }
    }

    /// Time has passed. Gives up a question that has been open for too long; its answer still counts when it comes.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<News> {
        self.asked_mut()?.handle_timeout(now)
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), if nothing happens before.
    pub fn timeout(&self) -> Option<Instant> {
        self.asked()?.timeout()
    }

    /// Asks for the next token if the one at hand is about to expire. For connections that live on and tell a new token
    /// in a message; others need the next one only when they connect again.
    pub fn poll_refresh(&mut self, now: Instant) -> Option<RequestId> {
        self.asked_mut()?.poll_refresh(now)
    }

    /// When to call [`poll_refresh`](Self::poll_refresh), if nothing happens before.
    pub fn refresh_at(&self) -> Option<Instant> {
        self.asked()?.refresh_at()
    }

    /// The text with every occurrence of the token replaced: for all that comes from outside and may be shown.
    pub fn scrub(&self, text: &str) -> String {
        match &self.kind {
            Kind::Fixed(secret) => secret.scrub(text),
            Kind::Asked(asked) => asked.scrub(text),
        }
    }

    const fn asked(&self) -> Option<&Asked> {
        match &self.kind {
            Kind::Fixed(_) => None,
            Kind::Asked(asked) => Some(asked),
        }
    }

    const fn asked_mut(&mut self) -> Option<&mut Asked> {
        match &mut self.kind {
            Kind::Fixed(_) => None,
            Kind::Asked(asked) => Some(asked),
        }
    }
}

/// The shortest time between a question and a refresh after it, and the age from which a token is doubted.
pub const MIN_GAP: Duration = Duration::from_secs(10);

/// The most characters that are kept of what the application says about a token it does not have.
pub const MAX_MESSAGE: usize = 200;
