//! Decides how long a question to the application stays open, and which answers still count: one question at a time.

use crate::clock::{Duration, Instant};
use crate::ids::RequestId;

/// The questions that were asked, of which only the last can still be answered.
#[derive(Debug)]
pub(super) struct Questions {
    /// How long a question may stay open, after none was left unanswered.
    patience: Duration,
    /// How many in a row were not answered in time.
    unanswered: u32,
    last: Last,
}

/// How it stands with the last question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Last {
    /// Nothing was asked yet.
    None,
    /// It waits for its answer.
    Open { request: RequestId, asked: Instant, until: Instant },
    /// It was waited for long enough, and may still be answered.
    Overdue { request: RequestId, asked: Instant },
    /// It was answered.
    Settled { request: RequestId, asked: Instant },
}

/// When an answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Timing {
    /// While it was waited for.
    InTime,
    /// After it was given up.
    Late,
}

impl Questions {
    pub(super) const fn new(patience: Duration) -> Self {
        Self { patience, unanswered: 0, last: Last::None }
    }

    /// Asks anew, unless a question is open.
    pub(super) fn ask(&mut self, now: Instant) -> Option<RequestId> {
        let request = match self.last {
            Last::Open { .. } => return None,
            Last::None => RequestId(0),
            Last::Overdue { request, .. } | Last::Settled { request, .. } => RequestId(request.0.wrapping_add(1)),
        };
        // Who always needs longer than the limit would never be heard, as each question ends the one before.
        let patience = self.patience.saturating_mul(1 << self.unanswered.min(MAX_DOUBLINGS));
        self.last = Last::Open { request, asked: now, until: now + patience.max(Duration::from_millis(1)) };
        Some(request)
    }

    /// Settles the question if this is an answer to the last one, and says when it came.
    pub(super) fn settle(&mut self, answered: RequestId) -> Option<Timing> {
        let (request, asked, timing) = match self.last {
            Last::Open { request, asked, .. } => (request, asked, Timing::InTime),
            Last::Overdue { request, asked } => (request, asked, Timing::Late),
            Last::None | Last::Settled { .. } => return None,
        };
        if request != answered {
            return None;
        }
        self.unanswered = 0;
        self.last = Last::Settled { request, asked };
        Some(timing)
    }

    /// Gives up the question if it has been open for too long; says whether it did.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        match self.last {
            Last::Open { request, asked, until } if until <= now => {
                self.last = Last::Overdue { request, asked };
                self.unanswered = self.unanswered.saturating_add(1);
                true
            }
            _ => false,
        }
    }

    /// When the open question is given up.
    pub(super) const fn deadline(&self) -> Option<Instant> {
        match self.last {
            Last::Open { until, .. } => Some(until),
            Last::None | Last::Overdue { .. } | Last::Settled { .. } => None,
        }
    }

    /// When the last question was asked, if none is open.
    pub(super) const fn asked_before(&self) -> Option<Instant> {
        match self.last {
            Last::Overdue { asked, .. } | Last::Settled { asked, .. } => Some(asked),
            Last::None | Last::Open { .. } => None,
        }
    }
}

/// A question that was not answered in time makes the next ones more patient, up to eight times.
const MAX_DOUBLINGS: u32 = 3;
