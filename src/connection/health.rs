//! Decides whether an open socket is alive. WebSocket pings are invisible to a browser's script, and a half-open socket
//! looks like a quiet one, so a quiet server is asked, twice, and given up if it does not answer.
//!
//! At default options a server that falls silent is given up 17 s later: 9 s until it is asked, 4 s until it is asked in
//! a way that every server answers, 4 s more. A server that never sends anything is no different: the clock starts when
//! the socket opens.

use super::action::ProbeStep;
use crate::clock::{Duration, Instant};

/// The liveness of one open socket.
#[derive(Debug)]
pub(crate) struct Health {
    quiet: Duration,
    answer: Duration,
    heard: Instant,
    watch: Watch,
}

/// Whether an answer is awaited.
#[derive(Debug)]
enum Watch {
    Listening,
    Asked { step: ProbeStep, until: Instant, window: Window },
}

/// Whether more time was granted already. It is granted once: where timers are throttled to one a minute, every timer is
/// late, and a dead socket would otherwise be asked for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Window {
    Usual,
    Renewed,
}

/// What a look at the clock led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// There is nothing to do yet.
    Fine,
    /// The server has to be asked.
    Ask(ProbeStep),
    /// The server did not answer.
    Silent,
}

impl Health {
    /// Watches a socket that has just opened: asks after `quiet` without news, gives up `answer` after that.
    pub(crate) const fn new(quiet: Duration, answer: Duration, now: Instant) -> Self {
        Self { quiet, answer, heard: now, watch: Watch::Listening }
    }

    /// When to look at the clock again.
    pub(crate) fn deadline(&self) -> Instant {
        match self.watch {
            Watch::Listening => self.heard + at_least_a_tick(self.quiet),
            Watch::Asked { until, .. } => until,
        }
    }

    /// Changes how long the server may take to answer, from the next question on.
    pub(super) const fn set_answer(&mut self, answer: Duration) {
        self.answer = answer;
    }

    /// Something arrived: whatever it was, the server lives.
    pub(crate) const fn received(&mut self, now: Instant) {
        self.heard = now;
        self.watch = Watch::Listening;
    }

    /// How long nothing has arrived.
    pub(super) const fn quiet_for(&self, now: Instant) -> Duration {
        now.since(self.heard)
    }

    /// Asks at once, unless an answer is awaited already: repeated doubts must not put off the verdict.
    pub(super) fn doubt(&mut self, now: Instant) -> Verdict {
        match self.watch {
            Watch::Listening => self.ask(ProbeStep::First, Window::Usual, now),
            Watch::Asked { .. } => Verdict::Fine,
        }
    }

    /// Asks from the beginning: the page was frozen, so an answer could not be seen.
    pub(super) fn resume(&mut self, now: Instant) -> Verdict {
        self.ask(ProbeStep::First, Window::Usual, now)
    }

    /// Does what is due, now that a timer for `due` has fired; differently if the machine slept meanwhile.
    pub(crate) fn look(&mut self, due: Instant, now: Instant) -> Verdict {
        if slept(due, now) { self.wake(now) } else { self.expire(now) }
    }

    /// Does what is due.
    fn expire(&mut self, now: Instant) -> Verdict {
        if now < self.deadline() {
            return Verdict::Fine;
        }
        match self.watch {
            Watch::Listening => self.ask(ProbeStep::First, Window::Usual, now),
            Watch::Asked { step: ProbeStep::First, window, .. } => self.ask(ProbeStep::Second, window, now),
            Watch::Asked { step: ProbeStep::Second, .. } => Verdict::Silent,
        }
    }

    /// Does what is due after the clock jumped: the machine slept, or timers are throttled. An answer may have been lost
    /// to that, so the server gets one more window; if that one is slept through as well, without a byte in between,
    /// the socket is given up.
    fn wake(&mut self, now: Instant) -> Verdict {
        match self.watch {
            Watch::Listening => self.ask(ProbeStep::First, Window::Usual, now),
            Watch::Asked { window: Window::Usual, .. } => self.ask(ProbeStep::First, Window::Renewed, now),
            Watch::Asked { window: Window::Renewed, until, .. } if now < until => Verdict::Fine,
            Watch::Asked { window: Window::Renewed, .. } => Verdict::Silent,
        }
    }

    fn ask(&mut self, step: ProbeStep, window: Window, now: Instant) -> Verdict {
        self.watch = Watch::Asked { step, until: now + at_least_a_tick(self.answer / 2), window };
        Verdict::Ask(step)
    }
}

/// How much longer than usual an answer may take.
///
/// On a slow link the first sync of a large document is one frame that may take longer than the usual window, and no
/// part of it is visible before all of it is. So every connection that is given up as silent before it ever synced
/// doubles the window of the next, until one syncs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Patience(u32);

impl Patience {
    /// The window as configured.
    pub(super) const USUAL: Self = Self(1);

    const MAX: Self = Self(8);

    /// Twice as patient, up to eight times the usual.
    pub(super) fn doubled(self) -> Self {
        Self(self.0.saturating_mul(2).min(Self::MAX.0))
    }

    /// How long an answer may take.
    pub(super) const fn window(self, usual: Duration) -> Duration {
        usual.saturating_mul(self.0)
    }
}

/// Whether a timer for `due` that fires `now` was not merely delayed by a busy thread: the machine slept, or timers are
/// throttled.
pub(super) fn slept(due: Instant, now: Instant) -> bool {
    now.since(due) > SLEPT
}

const SLEPT: Duration = Duration::from_secs(5);

/// A deadline lies in the future even if the option is set to nothing, so that no timer fires in a loop.
pub(super) fn at_least_a_tick(duration: Duration) -> Duration {
    duration.max(Duration::from_millis(1))
}
