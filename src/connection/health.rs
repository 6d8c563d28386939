//! Decides whether an open socket is alive. WebSocket pings are invisible to a browser's script, and a half-open socket
//! looks like a quiet one, so a quiet server is asked, twice, and given up if it does not answer.
//!
//! At default options a server that falls silent is given up 17 s later: 9 s until it is asked, 4 s until it is asked in
//! a way that every server answers, 4 s more. One that is expected to speak first and says nothing at all is given up
//! 4 s after the socket opened; one that is not has 17 s. Over a relay, where only peers answer, a lone socket cannot be
//! told from a dead one: nothing is concluded from its silence, and it is replaced every five minutes, or when it is doubted.
//!
//! An answer cannot come before the question is through. Browsers do not say what of a large message is, so as long as
//! it would take over a slow link nothing is concluded either: a mebibyte puts off the verdict by half a minute. A socket
//! that holds more than it should is asked how much is left; as long as that becomes less, the verdict is put off further.

use super::action::ProbeStep;
use super::habits::{Company, Greeting, Habits, Liveness};
use crate::clock::{Duration, Instant};

/// The liveness of one open socket.
#[derive(Debug)]
pub(crate) struct Health {
    quiet: Duration,
    answer: Duration,
    liveness: Liveness,
    heard: Instant,
    /// When everything that was sent is through, over the slowest link that is waited for.
    sent_by: Instant,
    watch: Watch,
}

/// Whether an answer is awaited.
#[derive(Debug)]
enum Watch {
    /// The server is to speak first, and has not.
    Greeting { until: Instant },
    /// Nobody is known to be there who could answer. A look at the clock shows whether the machine slept.
    Unattended { look: Instant },
    /// It was heard of.
    Listening,
    /// It was asked.
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
    /// Nobody can be asked: another socket has to show whether there is a way.
    Replace,
    /// The server did not answer.
    Silent,
}

impl Health {
    /// Watches one that waits to be spoken to, and answers: asks after `quiet` without news, gives up `answer` after that.
    pub(crate) const fn new(quiet: Duration, answer: Duration, now: Instant) -> Self {
        Self { quiet, answer, liveness: Liveness::Always, heard: now, sent_by: now, watch: Watch::Listening }
    }

    /// Watches a socket that has just opened, to a server with these habits.
    pub(super) fn with_habits(habits: &Habits, quiet: Duration, answer: Duration, now: Instant) -> Self {
        let watch = match (habits.greeting, habits.liveness) {
            (Greeting::Expected, _) => Watch::Greeting { until: now + at_least_a_tick(answer / 2) },
            (Greeting::None, Liveness::Always) => Watch::Listening,
            (Greeting::None, Liveness::InCompany) => Watch::Unattended { look: now + at_least_a_tick(quiet) },
        };
        Self { quiet, answer, liveness: habits.liveness, heard: now, sent_by: now, watch }
    }

    /// When to look at the clock again.
    pub(crate) fn deadline(&self) -> Instant {
        match self.watch {
            Watch::Listening => self.heard + at_least_a_tick(self.quiet),
            Watch::Greeting { until } | Watch::Asked { until, .. } | Watch::Unattended { look: until } => until,
        }
    }

    /// Changes how long the server may take to answer, from the next question on.
    pub(crate) const fn set_answer(&mut self, answer: Duration) {
        self.answer = answer;
    }

    /// Something arrived: whatever it was, the server lives. Over a relay it may be an echo, which is no company.
    pub(crate) fn received(&mut self, now: Instant) {
        self.heard = now;
        match (&self.watch, self.liveness) {
            (Watch::Unattended { .. }, _) | (Watch::Greeting { .. }, Liveness::InCompany) => self.leave_alone(now),
            _ => self.watch = Watch::Listening,
        }
    }

    /// Notes that so much was sent: an answer cannot come before all of it is through.
    pub(crate) fn sent(&mut self, bytes: usize, now: Instant) {
        self.sent_by = (self.sent_by.max(now) + upload_of(bytes)).min(now + LONGEST_UPLOAD);
    }

    /// Notes that the socket has passed on some of what it was handed, and that this much is left: the link is slow and not
    /// dead, and an answer cannot come before the rest is through.
    pub(crate) fn drained(&mut self, left: usize, now: Instant) {
        self.sent_by = self.sent_by.max(now + upload_of(left));
        if let Watch::Asked { until, .. } = &mut self.watch {
            *until = (*until).max(self.sent_by + at_least_a_tick(self.answer / 2));
        }
    }

    /// Notes that something was asked that the server answers: it counts as the first question.
    pub(crate) fn asked(&mut self, now: Instant) {
        if matches!(self.watch, Watch::Listening) {
            self.ask(ProbeStep::First, Window::Usual, now);
        }
    }

    /// Notes whether somebody is there who answers.
    pub(super) fn handle_company(&mut self, company: Company, now: Instant) {
        match (company, &self.watch, self.liveness) {
            (Company::Present, Watch::Unattended { .. }, _) => {
                self.heard = now;
                self.watch = Watch::Listening;
            }
            (Company::Alone, Watch::Listening | Watch::Asked { .. }, Liveness::InCompany) => self.leave_alone(now),
            _ => {}
        }
    }

    /// How long nothing has arrived.
    pub(super) const fn quiet_for(&self, now: Instant) -> Duration {
        now.since(self.heard)
    }

    /// Asks at once, unless an answer is awaited already: repeated doubts must not put off the verdict.
    pub(super) fn doubt(&mut self, now: Instant) -> Verdict {
        match self.watch {
            Watch::Listening => self.ask(ProbeStep::First, Window::Usual, now),
            Watch::Unattended { .. } => Verdict::Replace,
            Watch::Greeting { .. } | Watch::Asked { .. } => Verdict::Fine,
        }
    }

    /// Asks from the beginning: the page was frozen, so an answer could not be seen.
    pub(super) fn resume(&mut self, now: Instant) -> Verdict {
        match self.watch {
            Watch::Unattended { .. } => {
                self.leave_alone(now);
                Verdict::Replace
            }
            _ => self.ask(ProbeStep::First, Window::Usual, now),
        }
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
            Watch::Unattended { .. } => {
                self.leave_alone(now);
                if self.quiet_for(now) < LONELY {
                    return Verdict::Fine;
                }
                // The next look at the socket, should there be no other, is as far away.
                self.heard = now;
                Verdict::Replace
            }
            Watch::Asked { step: ProbeStep::First, window, .. } => self.ask(ProbeStep::Second, window, now),
            Watch::Greeting { .. } | Watch::Asked { step: ProbeStep::Second, .. } => Verdict::Silent,
        }
    }

    /// Does what is due after the clock jumped: the machine slept, or timers are throttled. An answer may have been lost
    /// to that, so the server gets one more window; if that one is slept through as well, without a byte in between,
    /// the socket is given up.
    fn wake(&mut self, now: Instant) -> Verdict {
        match self.watch {
            Watch::Listening => self.ask(ProbeStep::First, Window::Usual, now),
            Watch::Unattended { .. } => {
                self.leave_alone(now);
                Verdict::Replace
            }
            Watch::Greeting { .. } | Watch::Asked { window: Window::Usual, .. } => {
                self.ask(ProbeStep::First, Window::Renewed, now)
            }
            Watch::Asked { window: Window::Renewed, until, .. } if now < until => Verdict::Fine,
            Watch::Asked { window: Window::Renewed, .. } => Verdict::Silent,
        }
    }

    fn ask(&mut self, step: ProbeStep, window: Window, now: Instant) -> Verdict {
        let until = now.max(self.sent_by) + at_least_a_tick(self.answer / 2);
        self.watch = Watch::Asked { step, until, window };
        Verdict::Ask(step)
    }

    fn leave_alone(&mut self, now: Instant) {
        self.watch = Watch::Unattended { look: now + at_least_a_tick(self.quiet) };
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

/// How long a lone socket is kept of which nothing was heard: a dead one looks the same, and whoever comes then comes in
/// vain.
const LONELY: Duration = Duration::from_secs(300);

/// How long so much is on its way over the slowest link that is waited for.
fn upload_of(bytes: usize) -> Duration {
    let millis = u64::try_from(bytes / SLOWEST_BYTES_PER_MILLI).unwrap_or(u64::MAX);
    Duration::from_millis(millis).min(LONGEST_UPLOAD)
}

/// The slowest upload that is waited for: 256 kbit/s, a phone with a bad connection.
const SLOWEST_BYTES_PER_MILLI: usize = 32;

/// However much was sent, no longer than this is waited before an answer is missed.
const LONGEST_UPLOAD: Duration = Duration::from_secs(300);
