//! Decides when a token that is a function of the application is asked for, and how long an answer is good for.

use super::questions::{Questions, Timing};
use super::secret::Secret;
use super::{Answer, MAX_MESSAGE, MIN_GAP, Need, News, Verdict};
use crate::clock::{Duration, Instant};
use crate::ids::RequestId;

/// A token that the application is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    questions: Questions,
    held: Option<Held>,
    /// For a refusal in words.
    credit: Credit,
    /// For a handshake that failed without any.
    haste: Credit,
}

/// The last token that was had. One that is not shown any more is kept to be recognised in texts.
#[derive(Debug)]
struct Held {
    secret: Secret,
    since: Instant,
    validity: Validity,
    standing: Standing,
}

/// How long a token is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Validity {
    /// Nobody says that it ends.
    Open,
    /// From then on it is nearly over.
    Until(Instant),
    /// It was over when it came, so a clock is wrong: it is for the attempt it was asked for and those right after it.
    Disputed,
}

/// What is known about a token from showing it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    /// Nobody has seen it.
    Unshown,
    /// Nothing speaks against it.
    Shown,
    /// An attempt with it failed without a word.
    Doubted,
    /// The server refused it.
    Refused,
}

/// Whether what may be a refusal is to be answered with another question, at once and however young the token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Credit {
    Full,
    Spent,
}

impl Asked {
    pub(super) const fn new(patience: Duration) -> Self {
        Self { questions: Questions::new(patience), held: None, credit: Credit::Full, haste: Credit::Full }
    }

    pub(super) fn need(&mut self, now: Instant) -> Need<'_> {
        match &mut self.held {
            Some(held) if held.is_good(now) => {
                held.standing = Standing::Shown;
                Need::Use(&held.secret)
            }
            _ => self.questions.ask(now).map_or(Need::Wait, Need::Ask),
        }
    }

    pub(super) fn handle_answer(
        &mut self,
        request: RequestId,
        answer: Result<Answer, String>,
        now: Instant,
    ) -> Option<News> {
        match (self.questions.settle(request)?, answer) {
            (_, Ok(answer)) => {
                self.held = Some(Held::new(answer, now));
                Some(News::Fresh)
            }
            (Timing::InTime, Err(message)) => Some(self.go_without(&message, now)),
            // It was said to be unavailable already.
            (Timing::Late, Err(_)) => None,
        }
    }

    pub(super) fn handle_refused(&mut self) -> Verdict {
        match &mut self.held {
            // The one that was refused is the one before.
            Some(Held { standing: Standing::Unshown, .. }) => return Verdict::Again,
            Some(held) => held.standing = Standing::Refused,
            None => {}
        }
        match std::mem::replace(&mut self.credit, Credit::Spent) {
            Credit::Full => Verdict::Again,
            Credit::Spent => Verdict::GiveUp,
        }
    }

    pub(super) fn handle_accepted(&mut self, now: Instant) {
        self.haste = Credit::Full;
        // Who is let in with every token, and refused as soon as something is said, would ask for ever.
        if self.held.as_ref().is_some_and(|held| now.since(held.since) >= MIN_GAP) {
            self.credit = Credit::Full;
        }
    }

    pub(super) fn handle_doubted(&mut self, now: Instant) {
        if let Some(held) = &mut self.held
            && held.standing == Standing::Shown
            && (now.since(held.since) >= MIN_GAP || self.haste == Credit::Full)
        {
            held.standing = Standing::Doubted;
            self.haste = Credit::Spent;
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<News> {
        self.questions.expire(now).then(|| self.go_without("the token function did not answer in time", now))
    }

    pub(super) const fn timeout(&self) -> Option<Instant> {
        self.questions.deadline()
    }

    pub(super) fn poll_refresh(&mut self, now: Instant) -> Option<RequestId> {
        self.refresh_at().filter(|due| *due <= now)?;
        self.questions.ask(now)
    }

    pub(super) fn refresh_at(&self) -> Option<Instant> {
        match self.held.as_ref()?.validity {
            Validity::Until(nearly_over) => Some(nearly_over.max(self.questions.asked_before()? + MIN_GAP)),
            Validity::Open | Validity::Disputed => None,
        }
    }

    pub(super) fn scrub(&self, text: &str) -> String {
        self.held.as_ref().map_or_else(|| text.to_owned(), |held| held.secret.scrub(text))
    }

    /// What follows where a question brought nothing: a token that is only doubted is better than none.
    fn go_without(&mut self, message: &str, now: Instant) -> News {
        if let Some(held) = &mut self.held {
            if held.standing == Standing::Doubted {
                held.standing = Standing::Shown;
            }
            if held.is_good(now) {
                return News::Kept;
            }
        }
        News::Unavailable { message: self.scrub(message).chars().take(MAX_MESSAGE).collect() }
    }
}

impl Held {
    fn new(Answer { token, expires_in }: Answer, now: Instant) -> Self {
        let validity = match expires_in {
            None => Validity::Open,
            Some(left) if left < BORN_EXPIRED => Validity::Disputed,
            Some(left) => Validity::Until(now + (left - MAX_MARGIN.min(left / 10))),
        };
        Self { secret: token, since: now, validity, standing: Standing::Unshown }
    }

    /// Whether a new attempt may show it.
    fn is_good(&self, now: Instant) -> bool {
        let is_in_time = match self.validity {
            Validity::Open => true,
            Validity::Until(nearly_over) => now < nearly_over,
            Validity::Disputed => now.since(self.since) < MIN_GAP,
        };
        is_in_time && matches!(self.standing, Standing::Unshown | Standing::Shown)
    }
}

/// How long before its end a token is nearly over, at most; else a tenth of its time.
const MAX_MARGIN: Duration = Duration::from_secs(60);

/// What has less time than this when it comes was made by another clock: no handshake is that short.
const BORN_EXPIRED: Duration = Duration::from_secs(1);
