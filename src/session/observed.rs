//! Decides what is noted of a session beside its work, for whoever wants to know how it went: why something is not saved,
//! what happened last, and how often. Nothing here changes what the session does.

use super::counters::{Count, Counters, Latencies};
use super::explain::{Asking, Awaited, Facts, explain};
use super::output::Event;
use super::status::{Phase, Status};
use super::trace::{Fact, Kind, Stand, Trace, Traced, millis};
use super::{DocumentSetup, Session};
use crate::clock::Instant;
use crate::connection::Phase as ConnectionPhase;
use crate::credential::{Answer, Source};
use crate::ids::{Clock, DocId, SocketId};
use crate::sync::Room;
use crate::wire::Message;

/// What is noted of the connection.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) trace: Trace,
    pub(super) counters: Counters,
    /// Whether the connection had failed when that was last looked at.
    has_failed: bool,
}

impl Log {
    /// That of a session which was made from this seed.
    pub(super) fn new(seed: u64) -> Self {
        let mut trace = Trace::new();
        let half = |number: u64| u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default();
        trace.note(Kind::Session, DocId(0), [half(seed >> 32), half(seed), 0], Instant::default());
        Self { trace, counters: Counters::new(), has_failed: false }
    }

    pub(super) fn note(&mut self, kind: Kind, now: Instant) {
        self.note_of(kind, DocId(0), 0, now);
    }

    pub(super) fn note_of(&mut self, kind: Kind, doc: DocId, number: u32, now: Instant) {
        self.trace.note(kind, doc, [number, 0, 0], now);
    }

    pub(super) fn note_opening(&mut self, doc: DocId, setup: &DocumentSetup, now: Instant) {
        let token = match setup.token {
            Source::None => 0,
            Source::Fixed(_) => 4,
            Source::Function => 8,
        };
        let is_rebuilt = setup.journal.as_ref().is_some_and(|journal| !journal.records.is_empty());
        let flags = token + u32::from(setup.is_stored) + 2 * u32::from(setup.is_shared) + 16 * u32::from(is_rebuilt);
        self.note_of(Kind::Document, doc, flags, now);
    }

    /// Notes what the application answered about its token, not what the token is.
    pub(super) fn note_token(&mut self, doc: DocId, answer: &Result<Answer, String>, now: Instant) {
        let (given, expires_in) = match answer {
            Ok(Answer { expires_in: Some(time), .. }) => (3, millis(*time)),
            Ok(Answer { expires_in: None, .. }) => (1, 0),
            Err(_) => (0, 0),
        };
        self.trace.note(Kind::Token, doc, [given, expires_in, 0], now);
    }

    pub(super) fn note_attempt(&mut self, socket: SocketId, now: Instant) {
        self.counters.add(Count::Attempts, 1);
        self.note_of(Kind::Open, DocId(0), socket.0, now);
    }

    pub(super) fn note_opened(&mut self, socket: SocketId, now: Instant) {
        self.counters.add(Count::Opened, 1);
        self.note_of(Kind::Opened, DocId(0), socket.0, now);
    }

    pub(super) fn count_in(&mut self, bytes: usize) {
        self.counters.add(Count::FramesIn, 1);
        self.counters.add(Count::BytesIn, bytes as u64);
    }

    pub(super) fn count_out(&mut self, bytes: usize) {
        self.counters.add(Count::FramesOut, 1);
        self.counters.add(Count::BytesOut, bytes as u64);
    }

    /// How many bytes were sent.
    pub(super) fn bytes_out(&self) -> u64 {
        self.counters.of(Count::BytesOut)
    }

    fn count_failures(&mut self, phase: ConnectionPhase) {
        let has_failed = matches!(phase, ConnectionPhase::Waiting | ConnectionPhase::Stopped);
        let had_failed = std::mem::replace(&mut self.has_failed, has_failed);
        self.counters.add(Count::Failures, u64::from(has_failed && !had_failed));
    }

    /// Notes what the application is told of.
    pub(super) fn note_event(&mut self, event: &Event, now: Instant) {
        if let Event::Problem(doc, problem) = event {
            self.trace.note_problem(*doc, problem, now);
        }
    }
}

/// What is noted of a document.
#[derive(Debug)]
pub(super) struct Observed {
    counters: Counters,
    latencies: Latencies,
    /// How much was news and how much was refused when that was last looked at.
    seen: [u64; 2],
    /// Our clock when it was last looked at.
    clock: Clock,
    stand: Option<Stand>,
    synced_since: Option<Instant>,
    unsaved_since: Option<Instant>,
}

impl Observed {
    pub(super) const fn new() -> Self {
        Self {
            counters: Counters::new(),
            latencies: Latencies::new(),
            seen: [0; 2],
            clock: 0,
            stand: None,
            synced_since: None,
            unsaved_since: None,
        }
    }

    pub(super) fn add(&mut self, count: Count, number: usize) {
        self.counters.add(count, number as u64);
    }

    /// What came of updates since this was last asked: [`Fact`].
    pub(super) fn poll_fact(&mut self) -> u32 {
        let seen = [Count::UpdatesIn, Count::Refused].map(|count| self.counters.of(count));
        let [news, refused] = seen;
        let [known_news, known_refused] = std::mem::replace(&mut self.seen, seen);
        let mut fact = if news > known_news { Fact::NEWS } else { 0 };
        fact |= if refused > known_refused { Fact::REFUSED } else { 0 };
        fact
    }

    /// Notes a message that goes out, sent when all of our elements before `clock` were made.
    pub(super) fn note_sent(&mut self, message: &Message, is_synced: bool, clock: Clock, now: Instant) {
        match message {
            Message::SyncStep2(_) | Message::Update(_) => {
                self.add(Count::UpdatesOut, 1);
                self.latencies.note_sent(clock, now);
            }
            Message::SyncStep1(_) if is_synced => self.add(Count::Resyncs, 1),
            Message::Awareness(_) | Message::QueryAwareness => self.add(Count::PresenceOut, 1),
            _ => {}
        }
    }

    /// How many elements were inserted since this was last asked.
    pub(super) fn poll_edited(&mut self, clock: Clock) -> u32 {
        clock.saturating_sub(std::mem::replace(&mut self.clock, clock))
    }

    /// Looks at how it stands after an input: `proven_until` is our clock before which everything is held.
    pub(super) fn look(&mut self, doc: DocId, status: &Status, proven_until: Clock, trace: &mut Trace, now: Instant) {
        let proven = self.latencies.note_held(proven_until, now);
        self.counters.add(Count::Proven, proven);
        self.unsaved_since = if status.unsynced > 0 { self.unsaved_since.or(Some(now)) } else { None };
        match (self.synced_since, status.phase) {
            (None, Phase::Synced) => self.synced_since = Some(now),
            (Some(since), phase) if phase != Phase::Synced => {
                self.synced_since = None;
                self.counters.add(Count::SyncedMs, millis(now.since(since)).into());
            }
            _ => {}
        }
        let stand = Stand { phase: status.phase, reason: status.reason.as_ref().map(|reason| reason.code) };
        if self.stand != Some(stand) {
            self.stand = Some(stand);
            trace.note_phase(doc, stand, [status.attempt, status.retry_in.map_or(0, millis)], now);
        }
    }

    fn facts(&self, now: Instant) -> Facts {
        Facts { unsaved_for: self.unsaved_since.map(|since| now.since(since)), ..Facts::default() }
    }

    fn read(&self, held_bytes: usize, now: Instant) -> Counters {
        let mut read = self.counters.clone();
        read.add(Count::SyncedMs, self.synced_since.map_or(0, |since| millis(now.since(since)).into()));
        read.add(Count::HeldBytes, held_bytes as u64);
        for (count, percent) in PERCENTILES {
            read.add(count, millis(self.latencies.percentile(percent)).into());
        }
        read
    }
}

/// What is noted, for whoever wants to know.
impl Session {
    /// One sentence for people: why something of a document is not saved, or that all is. It begins with "All is saved"
    /// exactly if all is. `None` once the document is closed.
    pub fn explain(&mut self, doc: DocId, now: Instant) -> Option<String> {
        let status = self.status(doc, now)?;
        let is_token_awaited = self.waiting_for_token.is_some();
        let room = self.uplink.room();
        let document = self.document_mut(doc)?;
        let awaited = if is_token_awaited || document.waits_for_token() {
            Awaited::Token
        } else if document.waits_for_leader() {
            Awaited::Leader
        } else if room == Room::Full {
            Awaited::Room
        } else {
            Awaited::Nothing
        };
        let held_bytes = document.replica_mut().held_bytes();
        let asking = if document.has_given_up_asking() { Asking::Over } else { Asking::Goes };
        let poison = document.replica_mut().poison().len();
        Some(explain(&status, &Facts { held_bytes, poison, awaited, asking, ..document.observed.facts(now) }))
    }

    /// The latest that happened on this connection: kinds and numbers, never contents.
    pub fn trace(&self) -> Traced {
        self.log.trace.read()
    }

    /// What was counted of a document and its connection. `None` once the document is closed.
    pub fn counters(&mut self, doc: DocId, now: Instant) -> Option<Counters> {
        let mut connection = self.log.counters.clone();
        connection.add(Count::Reconnects, connection.of(Count::Opened).saturating_sub(1));
        let document = self.document_mut(doc)?;
        let held_bytes = document.replica_mut().held_bytes();
        Some(document.observed.read(held_bytes, now).with(&connection))
    }

    /// Notes what the application has edited since the last input.
    pub(super) fn note_edits(&mut self, now: Instant) {
        for (doc, document) in &mut self.documents {
            let clock = document.replica_mut().own_clock();
            let edited = document.observed.poll_edited(clock);
            if edited > 0 {
                self.log.note_of(Kind::Edit, *doc, edited, now);
            }
        }
    }

    pub(super) fn note_failures(&mut self) {
        self.log.count_failures(self.connection.phase());
    }
}

const PERCENTILES: [(Count, usize); 4] =
    [(Count::LatencyP50, 50), (Count::LatencyP95, 95), (Count::LatencyP99, 99), (Count::LatencyMax, 100)];
