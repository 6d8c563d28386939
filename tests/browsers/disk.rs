//! Decides what the disk of a simulated browser does: operations one after the other, whole or not at all, if it is well.

use crate::content::{describe, full_content};
use crate::world::Seat;
use std::collections::{BTreeMap, VecDeque};
use syncline::clock::{Duration, Instant};
use syncline::ids::{ClientId, LinkId};
use syncline::replica::Replica;
use syncline::rng::Rng;
use syncline::store::{OpId, Record, RecordKey, StoreFailure, StoreNews, StoreOp, Task};
use syncline::sync::EditSet;

/// The records of one document, and what is under way to them.
#[derive(Default)]
pub struct Disk {
    records: BTreeMap<RecordKey, Vec<u8>>,
    pending: VecDeque<Pending>,
    next_number: u64,
    /// When the last of the operations takes effect.
    busy_until: Instant,
    /// No operation takes effect before this.
    pub stalled_until: Instant,
    /// No write succeeds before this.
    pub full_until: Instant,
    /// How many of the next loads fail.
    pub failing_loads: u32,
    /// How many of the next operations are never answered.
    pub muted: u32,
    /// What a reader would find.
    found: Found,
}

struct Pending {
    number: u64,
    seat: Seat,
    op: StoreOp,
}

/// What somebody finds who reads the records.
struct Found {
    replica: Replica,
    content: EditSet,
}

/// What became of an operation.
pub struct Effect {
    pub seat: Seat,
    pub op: OpId,
    /// Nothing if it is never answered.
    pub answer: Option<StoreNews>,
}

impl Default for Found {
    fn default() -> Self {
        Self { replica: Replica::new(ClientId(1), usize::MAX), content: EditSet::default() }
    }
}

impl Disk {
    /// Queues an operation; returns its number and when it takes effect.
    pub fn submit(&mut self, seat: Seat, op: StoreOp, now: Instant, latency: Duration) -> (u64, Instant) {
        let number = self.next_number;
        self.next_number += 1;
        self.pending.push_back(Pending { number, seat, op });
        self.busy_until = self.busy_until.max(now + latency).max(self.stalled_until);
        (number, self.busy_until)
    }

    /// Lets an operation take effect.
    pub fn take_effect(&mut self, number: u64, now: Instant, rng: &mut Rng) -> Option<Effect> {
        let position = self.pending.iter().position(|pending| pending.number == number)?;
        let Pending { seat, op: StoreOp { id: op, task }, .. } = self.pending.remove(position)?;
        if self.muted > 0 {
            self.muted -= 1;
            if rng.below(2) == 0 {
                self.perform(task, now);
            }
            return Some(Effect { seat, op, answer: None });
        }
        Some(Effect { seat, op, answer: Some(self.perform(task, now)) })
    }

    /// Whoever wrote is dead: the first of what is under way takes effect, one may be torn, the rest is lost.
    pub fn crash(&mut self, is_dead: impl Fn(Seat) -> bool, now: Instant, rng: &mut Rng) {
        let theirs: Vec<u64> = self.pending.iter().filter(|p| is_dead(p.seat)).map(|p| p.number).collect();
        let kept = rng.below(theirs.len() as u64 + 1);
        for (number, index) in theirs.into_iter().zip(0..) {
            let Some(position) = self.pending.iter().position(|pending| pending.number == number) else { continue };
            let Some(Pending { op, .. }) = self.pending.remove(position) else { continue };
            match op.task {
                task if index < kept => drop(self.perform(task, now)),
                Task::Write { key, record, .. } if index == kept && rng.below(2) == 0 => {
                    self.records.insert(key, torn(record, rng));
                }
                _ => {}
            }
        }
    }

    /// The browser closes the database, and may remove everything. What is under way fails.
    pub fn close(&mut self, clears: bool) {
        self.pending.clear();
        if clears {
            self.records.clear();
            self.find();
        }
    }

    /// Damages the record at this place in the order of their names.
    pub fn spoil(&mut self, place: usize) {
        if let Some(last) = self.records.values_mut().nth(place).and_then(|record| record.last_mut()) {
            *last ^= 0x55;
            self.find();
        }
    }

    /// Whether it does and answers what it is asked.
    pub fn is_well(&self, now: Instant) -> bool {
        self.stalled_until <= now && self.busy_until <= now && self.muted == 0
    }

    /// Whether something that a tab asked for is under way.
    pub fn is_busy_for(&self, seat: Seat) -> bool {
        self.pending.iter().any(|pending| pending.seat == seat)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// What can be read, as far as it was named.
    pub const fn content(&self) -> &EditSet {
        &self.found.content
    }

    /// Adds the deletions that follow from what can be read.
    pub fn note_full_content(&mut self) {
        self.found.content.extend(&full_content(&mut self.found.replica));
    }

    /// How many records cannot be read.
    pub fn broken(&self) -> usize {
        self.records.len() - self.readable().count()
    }

    /// Whether records build on what is not there.
    pub fn has_gaps(&self) -> bool {
        self.found.replica.is_waiting()
    }

    /// What the records say, in a form that can be compared.
    pub fn everything(&mut self) -> String {
        describe(&mut self.found.replica)
    }

    /// What the records say is unsynced.
    pub fn unsynced(&self) -> EditSet {
        Record::unsynced(&self.readable().collect::<Vec<_>>())
    }

    fn readable(&self) -> impl Iterator<Item = Record> {
        self.records.values().filter_map(|bytes| Record::decode(bytes).ok())
    }

    fn perform(&mut self, task: Task, now: Instant) -> StoreNews {
        match task {
            Task::Load if self.failing_loads > 0 => {
                self.failing_loads -= 1;
                StoreNews::Failed(StoreFailure::Other("it is broken".to_owned()))
            }
            Task::Load => StoreNews::Loaded(self.records.iter().map(|(key, bytes)| (*key, bytes.clone())).collect()),
            Task::Write { .. } if now < self.full_until => StoreNews::Failed(StoreFailure::Quota),
            Task::Write { key, record, replaces } => {
                let decoded = Record::decode(&record).expect("what is written can be read");
                assert!(!self.records.contains_key(&key), "a record is overwritten");
                self.records.insert(key, record);
                self.found.add(decoded);
                let before = self.records.len();
                self.records.retain(|known, _| !replaces.contains(known));
                if self.records.len() < before {
                    self.find();
                }
                StoreNews::Written
            }
            Task::Forget => {
                self.records.clear();
                self.find();
                StoreNews::Forgotten
            }
        }
    }

    /// Reads everything anew.
    fn find(&mut self) {
        let mut found = Found::default();
        self.readable().for_each(|record| found.add(record));
        self.found = found;
    }
}

impl Found {
    fn add(&mut self, record: Record) {
        for update in record.updates {
            // What builds on a record that is lost waits, or is refused.
            self.replica.apply(&update, LinkId::DISK).ok();
        }
        while let Some(committed) = self.replica.poll_committed() {
            self.content.insert(&committed.ranges);
        }
        self.content.deletions.extend(self.replica.deletions().iter());
    }
}

/// What a write leaves that came to no end.
fn torn(mut record: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    let at = usize::try_from(rng.below(record.len() as u64)).unwrap();
    if rng.below(2) == 0 {
        record.truncate(at);
    } else {
        record[at] ^= 0x55;
    }
    record
}
