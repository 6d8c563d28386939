//! Decides what goes into the next record, and when the log is folded into a snapshot.

use super::record::{Record, RecordError};
use super::{Answer, Duty, RecordKey, SOON, State, Store, StoreFailure, StoreOp, Task, Urgency};
use crate::clock::Instant;
use crate::replica::Replica;
use crate::sorted::SortedMap;
use crate::sync::{EditSet, Unsynced};

/// What waits for the disk.
#[derive(Debug, Default)]
pub(super) struct Queue {
    updates: Vec<Vec<u8>>,
    /// How many insertions and deletions wait that are nowhere else.
    pub(super) edits: u64,
    /// When it is to be written; nothing waits without it.
    pub(super) due: Option<Instant>,
    /// Whether the whole document is to be written: then the changes need not be kept.
    is_snapshot: bool,
}

/// What is being written.
#[derive(Debug)]
pub(super) struct Written {
    key: RecordKey,
    bytes: usize,
    replaces: Vec<RecordKey>,
    /// How many of the edits in it are nowhere else.
    pub(super) edits: u64,
    recorded: (EditSet, u64),
}

/// The records that are known to be on the disk.
#[derive(Debug, Default)]
pub(super) struct Log {
    records: Vec<(RecordKey, usize)>,
    last_sequence: u32,
    /// How large the largest record was when the log was read or folded.
    snapshot_bytes: usize,
}

impl Queue {
    pub(super) const fn is_empty(&self) -> bool {
        self.due.is_none()
    }

    pub(super) fn push(&mut self, update: Vec<u8>, edits: u64, urgency: Urgency, now: Instant) {
        if !self.is_snapshot {
            self.updates.push(update);
        }
        self.edits += edits;
        self.want_by(match urgency {
            Urgency::Now => now,
            Urgency::Soon => now + SOON,
        });
    }

    pub(super) fn want_by(&mut self, at: Instant) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    pub(super) fn demand_snapshot(&mut self, now: Instant) {
        self.is_snapshot = true;
        self.updates.clear();
        self.want_by(now);
    }
}

impl Log {
    /// Whether it is worth folding.
    fn is_long(&self) -> bool {
        self.exceeds(1)
    }

    /// Whether it is to be folded although an edit waits for the disk.
    fn is_too_long(&self) -> bool {
        self.exceeds(4)
    }

    fn exceeds(&self, times: usize) -> bool {
        let bytes = self.records.iter().map(|(_, bytes)| bytes).sum::<usize>().saturating_sub(self.snapshot_bytes);
        self.records.len() > times * MAX_RECORDS || bytes > times * MIN_LOG_BYTES.max(self.snapshot_bytes)
    }

    fn keys(&self) -> Vec<RecordKey> {
        self.records.iter().map(|(key, _)| *key).collect()
    }
}

impl Store {
    /// Makes the next record of what waits, if it is time and there is something to say.
    pub(super) fn write(&mut self, replica: &mut Replica, unsynced: &Unsynced, now: Instant) -> Option<StoreOp> {
        self.queue.due.filter(|due| *due <= now)?;
        let (recorded, revision) = (unsynced.set(), unsynced.revision());
        let folds = if self.queue.edits == 0 { self.log.is_long() } else { self.log.is_too_long() };
        let is_snapshot = self.queue.is_snapshot || folds;
        let record = if is_snapshot { snapshot(replica, recorded) } else { self.next_record(recorded) };
        let queue = std::mem::take(&mut self.queue);
        let replaces = if is_snapshot { self.log.keys() } else { Vec::new() };
        if record == Record::default() && replaces.is_empty() {
            self.recorded.1 = revision;
            self.trouble = None;
            return None;
        }
        let record = record.encode();
        let key = self.next_key();
        let written = Written {
            key,
            bytes: record.len(),
            replaces: replaces.clone(),
            edits: queue.edits,
            recorded: (recorded.clone(), revision),
        };
        Some(self.begin(Task::Write { key, record, replaces }, |waiting| State::Writing(waiting, written), now))
    }

    /// The last operation before this tab may be gone: whatever waits is written now, also beside another operation.
    ///
    /// Then nobody can tell what became of it, so if the tab is still there, a snapshot follows.
    pub fn last_op(&mut self, replica: &mut Replica, unsynced: &Unsynced, now: Instant) -> Option<StoreOp> {
        let is_vain = matches!(&self.trouble, Some(trouble) if trouble.failure == StoreFailure::Newer);
        let has_no_news = self.queue.is_empty() && unsynced.revision() == self.recorded.1;
        // Only made up for what another tab or an earlier attempt may have missed, and that has all that was made here.
        let has_no_edits = self.queue.is_snapshot && self.queue.edits == 0;
        let has_nothing = has_no_news || has_no_edits;
        if self.duty != Duty::Write || is_vain || has_nothing || matches!(self.state, State::Forgetting(_) | State::Off)
        {
            return None;
        }
        self.queue.want_by(now);
        if matches!(self.state, State::Idle) {
            return self.write(replica, unsynced, now);
        }
        // Whole, because what the other operation was to write may not get there, and this would build on it.
        let record = snapshot(replica, unsynced.set());
        self.queue.demand_snapshot(now);
        if record == Record::default() {
            return None;
        }
        let (record, key) = (record.encode(), self.next_key());
        self.log.records.push((key, record.len()));
        Some(StoreOp { id: self.next_id(), task: Task::Write { key, record, replaces: Vec::new() } })
    }

    pub(super) fn written(&mut self, written: Written, now: Instant) -> Answer {
        let Written { key, bytes, replaces, recorded, edits: _ } = written;
        if !replaces.is_empty() || self.log.records.is_empty() {
            self.log.snapshot_bytes = bytes;
        }
        self.log.records.retain(|(known, _)| !replaces.contains(known));
        self.log.records.push((key, bytes));
        self.recorded = recorded;
        self.trouble = None;
        if self.log.is_long() {
            self.queue.want_by(now + SOON);
        }
        Answer::Stored
    }

    pub(super) fn loaded(&mut self, records: Vec<(RecordKey, Vec<u8>)>, now: Instant) -> Answer {
        // In their order. To sort them would take three times the code.
        let records: Vec<_> = records.into_iter().collect::<SortedMap<_, _>>().into_iter().collect();
        let known = self.log.keys();
        let read = |(key, bytes): &(RecordKey, Vec<u8>)| {
            let mut record = Record::decode(bytes)?;
            if known.contains(key) {
                // A document never loses what it has taken in, and large ones are slow to.
                record.updates.clear();
            }
            Ok(record)
        };
        let decoded: Vec<_> = records.iter().map(read).collect();
        if decoded.contains(&Err(RecordError::Newer)) {
            self.fail(StoreFailure::Newer, now);
            return Answer::Nothing;
        }
        self.opening = None;
        self.log.records = records.iter().map(|(key, bytes)| (*key, bytes.len())).collect();
        self.log.snapshot_bytes = records.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or_default();
        let last = records.last().map_or(0, |(key, _)| key.sequence);
        self.log.last_sequence = self.log.last_sequence.max(last);
        let count = decoded.len();
        let records: Vec<Record> = decoded.into_iter().flatten().collect();
        self.recorded.0 = Record::unsynced(&records);
        let corrupt = count - records.len();
        if corrupt > 0 {
            self.queue.demand_snapshot(now);
        }
        if self.log.is_long() {
            self.queue.want_by(now + SOON);
        }
        if self.queue.is_empty() {
            self.trouble = None;
        }
        Answer::Loaded { records, corrupt }
    }

    fn next_key(&mut self) -> RecordKey {
        self.log.last_sequence = self.log.last_sequence.saturating_add(1);
        RecordKey { sequence: self.log.last_sequence, writer: self.writer }
    }

    /// What the records on the disk lack.
    fn next_record(&mut self, unsynced: &EditSet) -> Record {
        let (recorded, _) = &self.recorded;
        Record {
            updates: std::mem::take(&mut self.queue.updates),
            added: unsynced.without(recorded),
            proven: recorded.without(unsynced),
        }
    }
}

/// The whole document, with what waits in it for changes that have not arrived.
fn snapshot(replica: &mut Replica, unsynced: &EditSet) -> Record {
    let mut updates: Vec<Vec<u8>> = replica.held_updates().map(<[u8]>::to_vec).collect();
    if replica.clocks().next().is_some() {
        // Without a state vector nothing can be wrong with it.
        updates.extend(replica.encode_since(None));
    }
    updates.reverse();
    Record { updates, added: unsynced.clone(), proven: EditSet::default() }
}

/// How many records a log may have before it is folded.
const MAX_RECORDS: usize = 200;

/// How many bytes a log may have at least, however small the snapshot before it.
const MIN_LOG_BYTES: usize = 64 << 10;
