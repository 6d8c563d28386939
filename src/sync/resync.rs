//! Decides when to ask again for what should have arrived: after a gap or a refused update, ever less often.

use crate::clock::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// When the next SyncStep1 is due although the handshake is over.
///
/// What is missing may stay missing (content that is refused stays refused): the interval doubles up to a minute, so
/// that neither side is kept busy, and starts again at one second once nothing is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Resync {
    /// Nothing is known to be missing.
    #[default]
    Idle,
    /// Something is missing; it is asked for at `at`.
    Due {
        /// When to ask.
        at: Instant,
        /// How long was waited for this.
        interval: Duration,
    },
    /// Something is missing, and it was asked for in vain often enough.
    Over,
}

impl Resync {
    /// Notes that something is missing.
    pub fn request(&mut self, now: Instant) {
        self.request_after(FIRST, now);
    }

    /// Notes that something is missing that may be missing again: it is asked for no sooner than `interval` from now.
    pub fn request_after(&mut self, interval: Duration, now: Instant) {
        let interval = interval.clamp(FIRST, LONGEST);
        if matches!(self, Self::Idle) {
            *self = Self::Due { at: now + interval, interval };
        }
    }

    /// Asks no more for what is missing, until nothing is.
    pub fn give_up(&mut self) {
        *self = Self::Over;
    }

    /// Whether something is missing that is not asked for any more.
    pub fn is_over(&self) -> bool {
        *self == Self::Over
    }

    /// Notes that nothing is missing.
    pub fn settle(&mut self) {
        *self = Self::Idle;
    }

    /// When [`Resync::poll`] has something to say.
    pub fn timeout(&self) -> Option<Instant> {
        match self {
            Self::Idle | Self::Over => None,
            Self::Due { at, .. } => Some(*at),
        }
    }

    /// Whether it was asked already, and what is missing did not come.
    pub fn is_repeated(&self) -> bool {
        matches!(self, Self::Due { interval, .. } if *interval > FIRST * 2)
    }

    /// Whether it is time to ask; if so, the next time is twice as far away.
    pub fn poll(&mut self, now: Instant) -> bool {
        match *self {
            Self::Due { at, interval } if at <= now => {
                let interval = (interval * 2).min(LONGEST);
                *self = Self::Due { at: now + interval, interval };
                true
            }
            Self::Idle | Self::Due { .. } | Self::Over => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }

    #[test]
    fn what_is_missing_is_asked_for_ever_less_often() {
        let mut resync = Resync::default();
        resync.request(at(0));
        let mut asked = Vec::new();
        for second in 0..200 {
            if resync.poll(at(second)) {
                asked.push(second);
            }
            resync.request(at(second));
        }
        assert_eq!(asked, [1, 3, 7, 15, 31, 63, 123, 183]);
    }

    #[test]
    fn once_nothing_is_missing_the_next_gap_starts_again_at_a_second() {
        let mut resync = Resync::default();
        resync.request(at(0));
        assert!(resync.poll(at(5)));
        resync.settle();
        assert_eq!(resync.timeout(), None);
        resync.request(at(10));
        assert_eq!(resync.timeout(), Some(at(11)));
    }
}
