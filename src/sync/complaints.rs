//! Decides what the application is told of a server that sends again and again what is refused, and how often it is asked for
//! something else: each thing is told once, and what was asked for in vain often enough is not asked for any more.

use crate::clock::{Duration, Instant};
use crate::replica::Refusal;

/// What was refused of what the server sent.
#[derive(Debug, Default)]
pub struct Complaints {
    /// What the application was told, as digests.
    told: Vec<u64>,
    /// The messages that were refused over this connection, as digests.
    refused: Vec<u64>,
    /// How many were, each once, with none for a long time between two of them; and when the last one was.
    series: u32,
    last: Option<Instant>,
    /// How many answers in a row were refused.
    answers: u32,
}

/// What follows from a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// Whether the application was not told so yet.
    pub is_news: bool,
    /// When to ask for it, from now; nothing where the same was refused before: to ask brings nothing new.
    pub ask_after: Option<Duration>,
}

impl Complaints {
    /// Takes the refusal of a message.
    pub fn note(&mut self, refusal: &Refusal, message: &[u8], now: Instant) -> Told {
        let is_new = remember(&mut self.refused, digest(message));
        if is_new {
            let is_series = self.last.is_some_and(|last| now.since(last) < QUIET);
            self.series = if is_series { self.series.saturating_add(1) } else { 0 };
            self.last = Some(now);
        }
        let ask_after = is_new.then(|| FIRST.saturating_mul(1 << self.series.min(MOST_DOUBLINGS)));
        Told { is_news: self.is_news(refusal), ask_after }
    }

    /// Whether the application was not told so yet; from now on it was.
    pub fn is_news(&mut self, refusal: &Refusal) -> bool {
        // Where reading stopped and how much was too much is another number each time.
        let text = match refusal {
            Refusal::Malformed { what, .. } => (*what).to_owned(),
            Refusal::TooMuchHeld { .. } => String::new(),
            Refusal::Inconsistent { .. }
            | Refusal::Unsupported(_)
            | Refusal::NotApplied { .. }
            | Refusal::Quarantined => refusal.to_string(),
        };
        remember(&mut self.told, digest(text.as_bytes()))
    }

    /// Takes the refusal of an answer; says whether that was one too many.
    pub const fn note_answer_refused(&mut self) -> bool {
        self.answers = self.answers.saturating_add(1);
        self.answers >= ANSWERS
    }

    /// Takes an answer that was taken in.
    pub const fn note_answer(&mut self) {
        self.answers = 0;
    }

    /// Begins anew with a connection. What was told need not be told again.
    pub fn handle_disconnected(&mut self) {
        *self = Self { told: std::mem::take(&mut self.told), ..Self::default() };
    }
}

/// Adds a digest; says whether it was not known. Of very many the oldest are forgotten.
fn remember(known: &mut Vec<u64>, digest: u64) -> bool {
    let is_new = !known.contains(&digest);
    if is_new {
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push(digest);
    }
    is_new
}

/// The hash of Fowler, Noll and Vo. Nobody gains from making two refusals look alike.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

const FIRST: Duration = Duration::from_secs(1);

/// The longest wait is that of [`Resync`](super::Resync).
const MOST_DOUBLINGS: u32 = 6;

/// Refusals that lie further apart have nothing to do with each other.
const QUIET: Duration = Duration::from_secs(120);

/// How many answers in a row are refused before no other is asked for: for three minutes nothing has changed by then.
const ANSWERS: u32 = 8;

/// How many digests are kept of each kind.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const ENDS: Refusal = Refusal::Malformed { what: "unexpected end", at: 3 };

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(1_000_000 + seconds * 1000)
    }

    fn told(is_news: bool, ask_after: Option<u64>) -> Told {
        Told { is_news, ask_after: ask_after.map(Duration::from_secs) }
    }

    #[test]
    fn the_same_is_told_once_and_asked_for_once() {
        let mut complaints = Complaints::default();
        assert_eq!(complaints.note(&ENDS, b"ab", at(0)), told(true, Some(1)));
        assert_eq!(complaints.note(&ENDS, b"ab", at(0)), told(false, None));
        complaints.handle_disconnected();
        assert_eq!(complaints.note(&ENDS, b"ab", at(1)), told(false, Some(1)));
    }

    #[test]
    fn what_is_damaged_in_another_place_is_the_same_trouble_and_may_be_had_whole() {
        let mut complaints = Complaints::default();
        complaints.note(&ENDS, b"ab", at(0));
        let other = Refusal::Malformed { what: "unexpected end", at: 99 };
        assert_eq!(complaints.note(&other, b"abc", at(10)), told(false, Some(2)));
        let other = Refusal::Malformed { what: "unknown block", at: 3 };
        assert_eq!(complaints.note(&other, b"abcd", at(20)), told(true, Some(4)));
        assert_eq!(complaints.note(&other, b"abcde", at(200)), told(false, Some(1)), "that was long ago");
    }

    #[test]
    fn it_is_asked_so_often_and_no_more() {
        let mut complaints = Complaints::default();
        assert!((1..ANSWERS).all(|_| !complaints.note_answer_refused()));
        assert!(complaints.note_answer_refused());
        complaints.note_answer();
        assert!(!complaints.note_answer_refused());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut complaints = Complaints::default();
        for number in 0..1000_u32 {
            complaints.note(&Refusal::NotApplied { what: number.to_string() }, &number.to_be_bytes(), at(0));
        }
        assert_eq!((complaints.told.len(), complaints.refused.len()), (MOST, MOST));
    }
}
