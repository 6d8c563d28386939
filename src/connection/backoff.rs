//! Decides how long to wait between attempts: exponential growth with full jitter, so that a thousand clients cut off
//! in one moment do not come back in one moment.
//!
//! The wait is drawn evenly from zero to a bound that doubles with each failure. It may therefore be short even after
//! many failures; it is the bound, and with it the mean, that grows. See "Exponential Backoff And Jitter", AWS
//! Architecture Blog, 2015.

use crate::clock::Duration;
use crate::config::ConnectionConfig;
use crate::rng::Rng;

/// Counts failures in a row and draws the wait that follows each.
#[derive(Debug)]
pub(crate) struct Backoff {
    base: Duration,
    cap: Duration,
    failures: u32,
}

/// What a failure says about the moment to come back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pace {
    /// Nothing: the usual backoff.
    Usual,
    /// The server restarts or is overloaded: at least spread over [`LATER_MIN`] to [`LATER_MAX`].
    Later,
    /// The server named a delay: at least that.
    Hinted(Duration),
}

/// How long to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wait {
    /// The time until the next attempt.
    pub(crate) delay: Duration,
    /// The part of it that the server asked for, which signs of a better network do not shorten.
    pub(crate) floor: Duration,
}

impl Backoff {
    pub(crate) const fn new(config: &ConnectionConfig) -> Self {
        Self { base: config.backoff_base, cap: config.backoff_cap, failures: 0 }
    }

    /// How many attempts in a row have failed.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Forgets the failures.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// Counts a failure and draws the wait until the next attempt.
    pub(crate) fn fail(&mut self, pace: Pace, rng: &mut Rng) -> Wait {
        let bound = self.bound();
        self.failures = self.failures.saturating_add(1);
        let jitter = rng.up_to(bound);
        match pace {
            Pace::Usual => Wait { delay: jitter, floor: Duration::ZERO },
            Pace::Later => {
                let floor = LATER_MIN + rng.up_to(LATER_MAX.saturating_sub(LATER_MIN));
                Wait { delay: floor.max(jitter), floor }
            }
            // Everyone who was sent away got the same number: the longer it is, the wider they are spread after it.
            Pace::Hinted(hint) => Wait { delay: hint.saturating_add(rng.up_to(bound.max(hint / 4))), floor: hint },
        }
    }

    /// The longest that the next wait can be without a word from the server.
    fn bound(&self) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }
}

/// The shortest wait after "later".
const LATER_MIN: Duration = Duration::from_secs(1);

/// How far the first wait after "later" is spread.
const LATER_MAX: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    /// The shortest and the longest wait in milliseconds that 2,000 clients draw after `failures` earlier failures.
    fn range(failures: u32, pace: Pace) -> (u128, u128) {
        let draws = (0..2_000).map(|seed| {
            let mut backoff = Backoff::new(&ConnectionConfig::default());
            backoff.failures = failures;
            backoff.fail(pace, &mut Rng::new(seed)).delay.as_millis()
        });
        draws.fold((u128::MAX, 0), |(min, max), delay| (min.min(delay), max.max(delay)))
    }

    #[test]
    fn the_bound_doubles_with_every_failure_up_to_the_cap() {
        let mut backoff = Backoff::new(&ConnectionConfig::default());
        let mut rng = Rng::new(1);
        let bounds: Vec<u128> = (0..9)
            .map(|_| {
                let bound = backoff.bound().as_millis();
                backoff.fail(Pace::Usual, &mut rng);
                bound
            })
            .collect();
        assert_eq!(bounds, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn waits_fill_the_whole_range_below_the_bound() {
        for (failures, bound) in [(0, 250), (3, 2_000), (7, 30_000), (40, 30_000), (u32::MAX, 30_000)] {
            let (min, max) = range(failures, Pace::Usual);
            assert!(min <= bound / 50 && max > bound * 49 / 50 && max <= bound, "{failures}: {min}..{max}");
        }
    }

    #[test]
    fn later_is_spread_over_one_to_ten_seconds_from_the_first_failure() {
        let (min, max) = range(0, Pace::Later);
        assert!((1_000..1_100).contains(&min) && (9_900..=10_000).contains(&max), "{min}..{max}");
    }

    #[test]
    fn later_grows_with_the_failures_too() {
        let (min, max) = range(9, Pace::Later);
        assert!(min >= 1_000 && max > 29_000 && max <= 30_000, "{min}..{max}");
    }

    #[test]
    fn a_hint_is_never_undercut_and_is_spread_in_proportion() {
        let (min, max) = range(0, Pace::Hinted(Duration::from_secs(60)));
        assert!((60_000..60_200).contains(&min) && (74_800..=75_000).contains(&max), "{min}..{max}");
        let (min, max) = range(2, Pace::Hinted(Duration::ZERO));
        assert!(min < 50 && (950..=1_000).contains(&max), "{min}..{max}");
    }

    #[test]
    fn extreme_settings_neither_overflow_nor_exceed_the_cap() {
        let config =
            ConnectionConfig { backoff_base: Duration::MAX, backoff_cap: Duration::MAX, ..ConnectionConfig::default() };
        let mut backoff = Backoff::new(&config);
        let mut rng = Rng::new(1);
        for _ in 0..70 {
            backoff.fail(Pace::Hinted(Duration::MAX), &mut rng);
        }
        backoff.failures = u32::MAX;
        backoff.fail(Pace::Later, &mut rng);
        assert_eq!(backoff.failures(), u32::MAX);
    }
}
