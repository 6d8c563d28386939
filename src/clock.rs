//! Decides what time is for the core: a number of milliseconds that only grows and that counts sleep.
//!
//! The core never reads a clock. Whoever drives it makes an [`Instant`] with [`MergedClock`] and passes it in.

pub use std::time::Duration;

use std::ops::{Add, Sub};

/// A point in time, in milliseconds since an arbitrary start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(u64);

impl Instant {
    /// The instant that lies `millis` milliseconds after the start.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to this instant; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// The first of these points in time, as far as there are any.
pub fn earliest(times: &[Option<Instant>]) -> Option<Instant> {
    times.iter().copied().flatten().min()
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

/// Makes instants from two clocks that each fail in their own way.
///
/// The monotonic clock (`performance.now()`) may stand still while the machine sleeps; the wall clock (`Date.now()`)
/// may be set back. Each reading advances time by the larger of the two steps, so sleep is counted and time never
/// goes back. A wall clock set forward looks like sleep: timers fire early and the connection is probed, which is
/// harmless.
#[derive(Debug)]
pub struct MergedClock {
    elapsed: f64,
    last_monotonic: f64,
    last_wall: f64,
}

impl MergedClock {
    /// Starts at zero with the first readings of both clocks, in milliseconds.
    pub const fn new(monotonic: f64, wall: f64) -> Self {
        Self { elapsed: 0.0, last_monotonic: monotonic, last_wall: wall }
    }

    /// Advances by the larger of the two steps since the last reading, in milliseconds.
    pub fn advance(&mut self, monotonic: f64, wall: f64) -> Instant {
        let step = (monotonic - self.last_monotonic).max(wall - self.last_wall);
        if step.is_finite() && step > 0.0 {
            self.elapsed += step;
        }
        self.last_monotonic = monotonic;
        self.last_wall = wall;
        // `elapsed` is finite, not negative and far below 2^53: the conversion only drops the fraction.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Instant(self.elapsed as u64)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_is_counted_although_the_monotonic_clock_stood_still() {
        let mut clock = MergedClock::new(10.0, 1_000.0);
        assert_eq!(clock.advance(11.0, 61_000.0), Instant::from_millis(60_000));
    }

    #[test]
    fn a_wall_clock_set_back_does_not_turn_time_back() {
        let mut clock = MergedClock::new(0.0, 1_000_000.0);
        assert_eq!(clock.advance(100.0, 5.0), Instant::from_millis(100));
        assert_eq!(clock.advance(150.0, 55.0), Instant::from_millis(150));
    }

    #[test]
    fn readings_that_are_no_numbers_change_nothing() {
        let mut clock = MergedClock::new(0.0, 0.0);
        assert_eq!(clock.advance(f64::NAN, f64::INFINITY), Instant::from_millis(0));
    }

    #[test]
    fn instants_saturate_at_both_ends() {
        assert_eq!(Instant::from_millis(5) - Duration::from_secs(1), Instant::from_millis(0));
        assert_eq!(Instant::from_millis(u64::MAX) + Duration::MAX, Instant::from_millis(u64::MAX));
        assert_eq!(Instant::from_millis(3).since(Instant::from_millis(9)), Duration::ZERO);
    }
}
