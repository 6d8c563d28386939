//! Decides from which clocks on peers are asked for the ends of what is here, and whether an answer shows who lacks them.
//!
//! Who lacks the beginning of what a client made, and has heard an answer to somebody else with its end, holds the end back, and
//! shows it to all who ask for it. So the first answers are judged, even if others have asked for the ends at the same time, and
//! where somebody has asked for less, they are asked for again from further back than anybody has asked before.

use crate::clock::{Duration, Instant};
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Replica};
use crate::sorted::SortedMap;

/// How long the answers to a question for the ends are judged.
const CHECK: Duration = Duration::from_secs(4);
/// How often the ends are asked for when others asked for something else meanwhile.
const CHECKS: u32 = 5;

/// Whether answers show who lacks the ends, and what was asked for so far.
#[derive(Debug)]
pub(super) struct Ends {
    check: Check,
    /// The lowest clock of each client from which on anybody has asked for a part of it over this connection: nobody holds back
    /// more of what they lack the beginning of.
    lowest: SortedMap<ClientId, Clock>,
}

#[derive(Debug)]
enum Check {
    /// They were not asked for, or in vain `tries` times.
    Closed { tries: u32 },
    /// They were asked for, for the `tries`th time, from these clocks on.
    Open { until: Instant, tries: u32, from: SortedMap<ClientId, Clock> },
    /// Others have asked for less since: an answer may be one to them.
    Disturbed { until: Instant, tries: u32 },
}

impl Ends {
    /// Nobody has asked for anything.
    pub(super) const fn new() -> Self {
        Self { check: Check::Closed { tries: 0 }, lowest: SortedMap::new() }
    }

    /// From which clock on the elements of a client are to be asked for at the latest.
    pub(super) fn latest_start(&self, client: ClientId) -> Option<Clock> {
        let was_disturbed = matches!(self.check, Check::Closed { tries: 1.. } | Check::Disturbed { .. });
        self.lowest.get(&client).filter(|_| was_disturbed).map(|lowest| lowest.saturating_sub(1))
    }

    /// Notes that we ask for them.
    pub(super) fn note_asked(&mut self, from: &[(ClientId, Clock)], now: Instant) {
        let tries = match self.check {
            Check::Closed { tries } | Check::Open { tries, .. } | Check::Disturbed { tries, .. } => tries,
        };
        self.note_heard(from);
        self.check = Check::Open { until: now + CHECK, tries: tries + 1, from: from.iter().copied().collect() };
    }

    /// Notes from which clocks on somebody else has asked. Who names clients of whom nothing is here is not remembered.
    pub(super) fn note_question(&mut self, theirs: &[(ClientId, Clock)], ours: &Replica) {
        let theirs: Vec<_> = theirs.iter().copied().filter(|(client, _)| ours.clock(*client) > 0).collect();
        self.note_heard(&theirs);
        if let Check::Open { until, tries, from } = &self.check
            && theirs.iter().any(|(client, clock)| from.get(client).is_some_and(|ours| ours < clock))
        {
            self.check = Check::Disturbed { until: *until, tries: *tries };
        }
    }

    /// Forgets that they were asked for.
    pub(super) fn close(&mut self) {
        self.check = Check::Closed { tries: 0 };
    }

    /// The clients of which somebody lacks something who has shown this in an answer, each with all that is here of it.
    pub(super) fn unshown(&self, ours: &Replica, shown: &IdRanges) -> IdRanges {
        let Check::Open { from, .. } = &self.check else { return IdRanges::default() };
        let is_shown = |client: ClientId, end: Clock| {
            let last = end.saturating_sub(1);
            let first = from.get(&client).copied().unwrap_or_default().min(last);
            shown.contains(client, first) && shown.contains(client, last)
        };
        ours.clocks().filter(|(client, end)| !is_shown(*client, *end)).map(|(client, end)| (client, 0..end)).collect()
    }

    /// Whether they are to be asked for again.
    pub(super) fn poll(&mut self, now: Instant) -> bool {
        match self.check {
            Check::Disturbed { until, tries } if until <= now && tries < CHECKS => {
                self.check = Check::Closed { tries };
                return true;
            }
            Check::Open { until, .. } | Check::Disturbed { until, .. } if until <= now => self.close(),
            Check::Open { .. } | Check::Disturbed { .. } | Check::Closed { .. } => {}
        }
        false
    }

    /// When [`Self::poll`] has something to say.
    pub(super) fn timeout(&self) -> Option<Instant> {
        match self.check {
            Check::Open { until, .. } | Check::Disturbed { until, .. } => Some(until),
            Check::Closed { .. } => None,
        }
    }

    fn note_heard(&mut self, from: &[(ClientId, Clock)]) {
        for (client, clock) in from.iter().filter(|(_, clock)| *clock > 0) {
            let lowest = self.lowest.get(client).copied().unwrap_or(Clock::MAX);
            self.lowest.insert(*client, lowest.min(*clock));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::Kind;

    #[test]
    fn what_strangers_name_takes_no_memory() {
        let mut ours = Replica::new(ClientId(1), 1 << 20);
        let text = ours.open("text", Kind::Text).unwrap();
        ours.text_insert(text, 0, "mine", None).unwrap();
        ours.commit();
        let mut ends = Ends::new();
        for stranger in 2..1_000 {
            ends.note_question(&[(ClientId(1), 3), (ClientId(stranger), 7)], &ours);
        }
        assert_eq!(ends.lowest.iter().map(|(client, clock)| (client.0, *clock)).collect::<Vec<_>>(), [(1, 3)]);
    }
}
