//! Decides what is counted of a document and its connection, and how long edits take until they are held.

use super::trace::millis;
use crate::clock::{Duration, Instant};
use crate::ids::Clock;
use crate::queue::Queue;

/// What is counted. All grow only, but [`HeldBytes`](Self::HeldBytes) and the latencies, which say how it stands. The order
/// is that of [`Count::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// Sockets that were to be opened. Of the connection, as all up to [`BytesOut`](Self::BytesOut).
    Attempts,
    /// Sockets that opened.
    Opened,
    /// Sockets that opened after the first one.
    Reconnects,
    /// Connections that failed, open or not.
    Failures,
    /// Frames that came.
    FramesIn,
    /// Frames that went out.
    FramesOut,
    /// Bytes of the frames that came.
    BytesIn,
    /// Bytes of the frames that went out.
    BytesOut,
    /// Updates of the server with something new in them. Of the document, as all from here on.
    UpdatesIn,
    /// Updates that were sent.
    UpdatesOut,
    /// Updates, or parts of them, that were refused, wherever they came from.
    Refused,
    /// Questions what the server holds, after the first answer.
    Resyncs,
    /// Messages about who is here that came.
    PresenceIn,
    /// Messages about who is here that were sent.
    PresenceOut,
    /// Milliseconds in step with the server.
    SyncedMs,
    /// Bytes of early changes that wait for what they build on.
    HeldBytes,
    /// Events and messages of the application that were not sent for want of room.
    Dropped,
    /// Messages with edits that were shown to be held.
    Proven,
    /// Milliseconds from when such a message was first sent to when its edits were shown to be held: of the last 128
    /// half took no longer.
    LatencyP50,
    /// The same, of 95 %.
    LatencyP95,
    /// The same, of 99 %.
    LatencyP99,
    /// The same, of all.
    LatencyMax,
}

impl Count {
    /// Everything that is counted, in its order.
    pub const ALL: [Self; 22] = [
        Self::Attempts,
        Self::Opened,
        Self::Reconnects,
        Self::Failures,
        Self::FramesIn,
        Self::FramesOut,
        Self::BytesIn,
        Self::BytesOut,
        Self::UpdatesIn,
        Self::UpdatesOut,
        Self::Refused,
        Self::Resyncs,
        Self::PresenceIn,
        Self::PresenceOut,
        Self::SyncedMs,
        Self::HeldBytes,
        Self::Dropped,
        Self::Proven,
        Self::LatencyP50,
        Self::LatencyP95,
        Self::LatencyP99,
        Self::LatencyMax,
    ];

    /// The name that the JavaScript API uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Opened => "opened",
            Self::Reconnects => "reconnects",
            Self::Failures => "failures",
            Self::FramesIn => "framesIn",
            Self::FramesOut => "framesOut",
            Self::BytesIn => "bytesIn",
            Self::BytesOut => "bytesOut",
            Self::UpdatesIn => "updatesIn",
            Self::UpdatesOut => "updatesOut",
            Self::Refused => "refused",
            Self::Resyncs => "resyncs",
            Self::PresenceIn => "presenceIn",
            Self::PresenceOut => "presenceOut",
            Self::SyncedMs => "syncedMs",
            Self::HeldBytes => "heldBytes",
            Self::Dropped => "dropped",
            Self::Proven => "proven",
            Self::LatencyP50 => "latencyP50",
            Self::LatencyP95 => "latencyP95",
            Self::LatencyP99 => "latencyP99",
            Self::LatencyMax => "latencyMax",
        }
    }
}

/// A number for everything that is counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counters([u64; Count::ALL.len()]);

impl Counters {
    pub(super) const fn new() -> Self {
        Self([0; Count::ALL.len()])
    }

    /// What was counted of this.
    pub fn of(&self, count: Count) -> u64 {
        self.0.get(count as usize).copied().unwrap_or_default()
    }

    /// All numbers, in the order of [`Count::ALL`].
    pub const fn all(&self) -> &[u64] {
        &self.0
    }

    pub(super) fn add(&mut self, count: Count, number: u64) {
        if let Some(counted) = self.0.get_mut(count as usize) {
            *counted = counted.saturating_add(number);
        }
    }

    /// These and those: what is counted in one of them is not in the other.
    pub(super) fn with(&self, others: &Self) -> Self {
        let mut all = self.clone();
        Count::ALL.into_iter().for_each(|count| all.add(count, others.of(count)));
        all
    }
}

/// How long it takes from when an edit is first sent to when it is shown to be held. An edit that was sent in vain and
/// sent again has taken from the first time.
#[derive(Debug)]
pub(super) struct Latencies {
    /// When which of our elements were sent first: those before this clock, and not before the one before it.
    under_way: Queue<(Instant, Clock)>,
    sent_until: Clock,
    /// The last ones, in milliseconds.
    samples: Vec<u32>,
    next: usize,
}

impl Latencies {
    pub(super) const fn new() -> Self {
        Self { under_way: Queue::new(), sent_until: 0, samples: Vec::new(), next: 0 }
    }

    /// Notes that all elements of ours before the clock `until` were sent.
    pub(super) fn note_sent(&mut self, until: Clock, now: Instant) {
        if until > self.sent_until && self.under_way.len() < SAMPLES {
            self.sent_until = until;
            self.under_way.push_back((now, until));
        }
    }

    /// Notes that all elements of ours before the clock `until` are held; says for how many messages that is news.
    pub(super) fn note_held(&mut self, until: Clock, now: Instant) -> u64 {
        let mut proven = 0;
        let next = |queue: &Queue<(Instant, Clock)>| queue.iter().next().copied();
        while let Some((sent, _)) = next(&self.under_way).filter(|(_, clock)| *clock <= until) {
            self.under_way.pop_front();
            self.add(millis(now.since(sent)));
            proven += 1;
        }
        proven
    }

    /// The longest of the quickest `percent` of them, or nothing where there are none.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let wanted = (self.samples.len() * percent).div_ceil(100);
        // Not sorted: code for that is larger, and nobody asks often.
        let is_reached = |limit: &&u32| self.samples.iter().filter(|sample| *sample <= *limit).count() >= wanted;
        let reached = self.samples.iter().filter(is_reached).min();
        Duration::from_millis(reached.copied().unwrap_or_default().into())
    }

    fn add(&mut self, millis: u32) {
        if self.samples.len() < SAMPLES {
            self.samples.push(millis);
        } else if let Some(oldest) = self.samples.get_mut(self.next) {
            *oldest = millis;
            self.next = (self.next + 1) % SAMPLES;
        }
    }
}

/// How many of the last latencies are kept.
pub(super) const SAMPLES: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn the_list_of_counts_is_in_the_order_of_the_counts() {
        let places: Vec<usize> = Count::ALL.iter().map(|count| *count as usize).collect();
        assert_eq!(places, (0..Count::ALL.len()).collect::<Vec<_>>());
    }

    #[test]
    fn an_edit_that_was_sent_again_has_taken_from_the_first_time() {
        let mut latencies = Latencies::new();
        latencies.note_sent(3, at(100));
        latencies.note_sent(5, at(200));
        latencies.note_sent(5, at(9_000));
        assert_eq!(latencies.note_held(4, at(150)), 1);
        assert_eq!(latencies.note_held(5, at(9_200)), 1);
        assert_eq!(latencies.note_held(5, at(9_300)), 0);
        assert_eq!([50, 99].map(|percent| latencies.percentile(percent).as_millis()), [50, 9_000]);
    }

    #[test]
    fn without_a_proof_nothing_is_measured_and_little_is_kept() {
        let mut latencies = Latencies::new();
        (1..10_000).for_each(|clock| latencies.note_sent(clock, at(clock.into())));
        assert_eq!((latencies.under_way.len(), latencies.percentile(100)), (SAMPLES, Duration::ZERO));
    }

    proptest! {
        #[test]
        fn a_percentile_is_the_one_of_the_sorted_samples(
            samples in prop::collection::vec(0..50_u32, 1..300),
            percent in 1..=100_usize,
        ) {
            let mut latencies = Latencies::new();
            samples.iter().for_each(|sample| latencies.add(*sample));
            let mut last = samples[samples.len().saturating_sub(SAMPLES)..].to_vec();
            last.sort_unstable();
            let expected = last[(last.len() * percent).div_ceil(100) - 1];
            prop_assert_eq!(latencies.percentile(percent), Duration::from_millis(expected.into()));
        }
    }
}
