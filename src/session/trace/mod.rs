//! Decides what is remembered of a session for a report of a defect: what came, what went and what followed, by kind and
//! in numbers. Never what it said.
//!
//! The memory is taken at the start and does not grow. What is rare (connections, phases, commands) is kept apart from
//! what comes all the time (messages, timers), so that a busy document does not push out how it came to be connected.

mod kind;
mod ring;
#[cfg(test)]
mod tests;

pub(super) use kind::Cargo;
pub use kind::{Fact, Kind};

use super::output::Problem;
use super::status::{Phase, StatusReason};
use crate::clock::{Duration, Instant};
use crate::connection::CloseInfo;
use crate::ids::{DocId, SocketId};
use crate::store::{StoreNews, Task};
use crate::tabs::TabNews;
use ring::Ring;

/// One thing that happened. What the word and the numbers say depends on the kind: see [`Kind`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// What.
    pub kind: Kind,
    /// One of [`Kind::words`], by its place.
    pub word: u8,
    /// Which of the documents on the connection it was about; zero also where it was about none.
    pub doc: DocId,
    /// What can be counted of it.
    pub numbers: [u32; 3],
}

impl Entry {
    /// The word, where entries of this kind have one.
    pub fn word(&self) -> Option<&'static str> {
        self.kind.words().nth(self.word.into())
    }
}

/// The latest that happened to a session.
#[derive(Debug)]
pub(super) struct Trace {
    rare: Ring,
    frequent: Ring,
    /// How many entries were ever made.
    count: u64,
}

/// What is remembered, as it can be handed out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Traced {
    /// The entries, in the order in which they were made.
    pub entries: Vec<Entry>,
    /// From which of them on none is missing.
    pub complete_from: usize,
    /// How many entries were ever made.
    pub count: u64,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self { rare: Ring::new(RARE), frequent: Ring::new(FREQUENT), count: 0 }
    }

    pub(super) fn note(&mut self, kind: Kind, doc: DocId, numbers: [u32; 3], now: Instant) {
        self.push(Entry { at: now, kind, word: 0, doc, numbers });
    }

    pub(super) fn note_cargo(&mut self, kind: Kind, cargo: Cargo<'_>, doc: DocId, bytes: usize, now: Instant) {
        self.push(Entry { at: now, kind, word: cargo.word(), doc, numbers: [number(bytes), 0, 0] });
    }

    /// Adds what the last message that came did.
    pub(super) fn note_fact(&mut self, fact: u32) {
        if let Some((_, Entry { kind: Kind::In, numbers: [_, known, _], .. })) = self.frequent.last_mut() {
            *known |= fact;
        }
    }

    pub(super) fn note_closed(&mut self, socket: SocketId, info: &CloseInfo, now: Instant) {
        let hint = info.hinted_delay().map_or(0, |hint| millis(hint).saturating_add(1));
        self.note(Kind::Closed, DocId(0), [socket.0, info.code.into(), hint], now);
    }

    pub(super) fn note_disk(&mut self, doc: DocId, news: &StoreNews, now: Instant) {
        let (word, records) = match news {
            StoreNews::Loaded(records) => (0, records.len()),
            StoreNews::Written => (1, 0),
            StoreNews::Forgotten => (2, 0),
            StoreNews::Failed(_) => (3, 0),
            StoreNews::Lost(_) => (4, 0),
        };
        self.push(Entry { at: now, kind: Kind::Disk, word, doc, numbers: [number(records), 0, 0] });
    }

    pub(super) fn note_task(&mut self, doc: DocId, task: &Task, now: Instant) {
        let (word, bytes) = match task {
            Task::Load => (0, 0),
            Task::Write { record, .. } => (1, record.len()),
            Task::Forget => (2, 0),
        };
        self.push(Entry { at: now, kind: Kind::Task, word, doc, numbers: [number(bytes), 0, 0] });
    }

    pub(super) fn note_tab(&mut self, doc: DocId, news: &TabNews, now: Instant) {
        let (word, bytes) = match news {
            TabNews::Granted => (0, 0),
            TabNews::Lost => (1, 0),
            TabNews::Message(letter) => (2, letter.len()),
            TabNews::Unavailable => (3, 0),
        };
        self.push(Entry { at: now, kind: Kind::Tab, word, doc, numbers: [number(bytes), 0, 0] });
    }

    pub(super) fn note_phase(&mut self, doc: DocId, stand: Stand, [attempt, retry_in]: [u32; 2], now: Instant) {
        let reason = stand.reason.map_or(0, |code| u32::from(place(StatusReason::codes(), code)) + 1);
        self.push(Entry {
            at: now,
            kind: Kind::Phase,
            word: stand.phase as u8,
            doc,
            numbers: [reason, attempt, retry_in],
        });
    }

    pub(super) fn note_problem(&mut self, doc: DocId, problem: &Problem, now: Instant) {
        let word = place(Problem::codes(), problem.code);
        self.push(Entry { at: now, kind: Kind::Problem, word, doc, numbers: [0; 3] });
    }

    /// Everything that is remembered.
    pub(super) fn read(&self) -> Traced {
        let (mut rare, mut frequent) = (self.rare.iter().peekable(), self.frequent.iter().peekable());
        let whole_from = self.rare.whole_from().max(self.frequent.whole_from());
        let mut traced = Traced { entries: Vec::new(), complete_from: 0, count: self.count };
        loop {
            let is_rare_next = match (rare.peek(), frequent.peek()) {
                (Some((one, _)), Some((other, _))) => one < other,
                (one, _) => one.is_some(),
            };
            let next = if is_rare_next { rare.next() } else { frequent.next() };
            let Some((number, entry)) = next else { return traced };
            traced.complete_from += usize::from(*number < whole_from);
            traced.entries.push(*entry);
        }
    }

    fn push(&mut self, entry: Entry) {
        let ring = if entry.kind.is_frequent() { &mut self.frequent } else { &mut self.rare };
        ring.push((self.count, entry));
        self.count += 1;
    }
}

/// Where a document stands, as far as a change of that is an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stand {
    pub(super) phase: Phase,
    pub(super) reason: Option<&'static str>,
}

/// How many of the things that are rare are remembered.
const RARE: usize = 96;

/// How many of those that come all the time.
const FREQUENT: usize = 160;

/// Where a code is in the list of all.
fn place(codes: impl Iterator<Item = &'static str>, code: &str) -> u8 {
    let mut place = 0;
    for known in codes {
        if known == code {
            break;
        }
        place += 1;
    }
    place
}

/// A number as far as it fits: what is larger is said to be the largest.
pub(super) fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A time in milliseconds, in the same way.
pub(super) fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
