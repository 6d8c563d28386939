//! Decides how long the server may leave a question unanswered over a connection on which something else comes: who speaks
//! lives, and may all the same read nothing, or have lost the question.
//!
//! A document that waits for its answer would wait for ever, since everything that others do shows that the socket works.
//! An answer may be behind much else that comes over a slow link, so that the wait is long, and twice as long after each time
//! that it was in vain.

use crate::clock::{Duration, Instant};
use crate::connection::{Health, Verdict};

/// The answer that the server owes.
#[derive(Debug)]
pub(super) struct Owed {
    usual: Duration,
    patience: u32,
    /// What tells when an answer is overdue, and knows at any time what is being sent.
    watch: Health,
    debt: Debt,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Debt {
    /// Nothing was asked.
    None,
    /// Something was.
    Answer,
}

impl Owed {
    /// Nothing was asked. A server that falls silent is given up after `answer`.
    pub(super) const fn new(answer: Duration, now: Instant) -> Self {
        let usual = answer.saturating_mul(TIMES);
        Self { usual, patience: 1, watch: Health::new(usual, usual, now), debt: Debt::None }
    }

    /// Notes that something was asked.
    pub(super) fn note_asked(&mut self, now: Instant) {
        if self.debt == Debt::None {
            self.debt = Debt::Answer;
            self.watch.received(now);
            self.watch.set_answer(self.usual.saturating_mul(self.patience));
            self.watch.asked(now);
        }
    }

    /// Notes an answer; so many questions are left.
    pub(super) fn note_answered(&mut self, left: usize, now: Instant) {
        self.settle();
        self.patience = 1;
        if left > 0 {
            self.note_asked(now);
        }
    }

    /// Notes that nothing is owed any more: what was asked over another connection is not answered.
    pub(super) const fn settle(&mut self) {
        self.debt = Debt::None;
    }

    /// Notes that so much was handed to the socket: an answer cannot come before it is through.
    pub(super) fn note_uploading(&mut self, bytes: usize, now: Instant) {
        self.watch.sent(bytes, now);
    }

    /// Notes that the socket has passed on some of what it was handed.
    pub(super) fn note_drained(&mut self, left: usize, now: Instant) {
        self.watch.drained(left, now);
    }

    /// When [`Self::is_overdue`] has something to say.
    pub(super) fn timeout(&self) -> Option<Instant> {
        (self.debt == Debt::Answer).then(|| self.watch.deadline())
    }

    /// Whether the answer is not to be waited for any more.
    pub(super) fn is_overdue(&mut self, now: Instant) -> bool {
        let Some(due) = self.timeout() else { return false };
        // A question is not repeated: answers belong to questions by their order.
        let is_overdue = due <= now && self.watch.look(due, now) == Verdict::Silent;
        if is_overdue {
            self.patience = self.patience.saturating_mul(2).min(MOST_PATIENCE);
        }
        is_overdue
    }
}

/// How many times as long as for any sign of life is waited for the answer.
const TIMES: u32 = 4;

/// How many times as long it is waited at most, after it was waited in vain again and again.
const MOST_PATIENCE: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }

    /// The seconds after which an answer is overdue that is asked for at `from`, if it is by `to`.
    fn overdue(owed: &mut Owed, from: u64, to: u64) -> Option<u64> {
        owed.note_asked(at(from));
        (from..to).find(|second| owed.is_overdue(at(*second))).map(|second| second - from)
    }

    #[test]
    fn what_is_asked_is_waited_for_four_times_as_long_as_a_sign_of_life_and_longer_each_time() {
        let mut owed = Owed::new(Duration::from_secs(8), at(0));
        assert_eq!((owed.timeout(), owed.is_overdue(at(99))), (None, false));
        let mut waits = Vec::new();
        for round in 1..6 {
            waits.extend(overdue(&mut owed, round * 1000, round * 1000 + 999));
            owed.settle();
        }
        assert_eq!(waits, [32, 64, 128, 256, 256]);
        owed.note_asked(at(9_000));
        owed.note_answered(0, at(9_001));
        assert_eq!((owed.timeout(), overdue(&mut owed, 10_000, 10_999)), (None, Some(32)));
    }

    #[test]
    fn the_next_question_has_its_own_time() {
        let mut owed = Owed::new(Duration::from_secs(8), at(0));
        owed.note_asked(at(0));
        owed.note_asked(at(20));
        owed.note_answered(1, at(30));
        assert_eq!(overdue(&mut owed, 30, 99), Some(32));
    }

    #[test]
    fn an_answer_cannot_come_before_what_was_sent_is_through() {
        let mut owed = Owed::new(Duration::from_secs(8), at(0));
        owed.note_uploading(1 << 20, at(0));
        let waited = overdue(&mut owed, 0, 99);
        assert!(waited.is_some_and(|waited| waited > 40), "{waited:?}");
    }

    #[test]
    fn who_has_slept_gives_the_server_another_window() {
        let mut owed = Owed::new(Duration::from_secs(8), at(0));
        owed.note_asked(at(0));
        assert!(!owed.is_overdue(at(500)));
        assert_eq!(overdue(&mut owed, 500, 999), Some(32));
    }
}
