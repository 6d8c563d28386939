//! Wraps `setTimeout`: one timer with the instant it is due at, cleared when dropped.

use gloo_timers::callback::Timeout;

use crate::clock::Instant;

/// A timer that is cleared when this is dropped.
pub(super) struct Timer {
    due: Instant,
    _timeout: Timeout,
}

impl Timer {
    /// Calls `callback` once, at `due` or later; sooner only if that is more than 24 days away, the most that
    /// `setTimeout` can count.
    pub(super) fn start(due: Instant, now: Instant, callback: impl FnOnce() + 'static) -> Self {
        let millis = u32::try_from(due.since(now).as_millis()).unwrap_or(MAX_MILLIS).min(MAX_MILLIS);
        Self { due, _timeout: Timeout::new(millis, callback) }
    }

    /// When it was asked to fire.
    pub(super) const fn due(&self) -> Instant {
        self.due
    }
}

const MAX_MILLIS: u32 = i32::MAX.cast_unsigned();
