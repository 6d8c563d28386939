//! Decides how a document and what this device keeps of it go together.

use super::routing::Cause;
use super::{Document, problem};
use crate::clock::Instant;
use crate::ids::LinkId;
use crate::session::output::Problem;
use crate::store::{Answer, OpId, Record, StoreNews, StoreOp, Task};
use crate::sync::EditSet;

impl Document {
    /// Takes an answer of the disk.
    pub(in crate::session) fn handle_store(&mut self, op: Option<OpId>, news: StoreNews, now: Instant) {
        let Some(store) = &mut self.store else { return };
        let replica = &self.replica;
        let all = || replica.clocks().map(|(_, clock)| u64::from(clock)).sum::<u64>() + replica.deletions().len();
        match store.handle_news(op, news, all, now) {
            Answer::Nothing => {}
            Answer::Stored => self.tabs.note_stored(),
            Answer::Loaded { records, corrupt } => self.take_in(records, corrupt, now),
        }
    }

    /// The next operation for the disk.
    pub(in crate::session) fn poll_store_op(&mut self, now: Instant) -> Option<StoreOp> {
        if self.store.as_ref().is_some_and(|store| store.is_write_due(now)) {
            // It would be written at once, and in a moment it is there. Until then it does not count as stored.
            if self.is_catching_up() {
                return None;
            }
            // A snapshot has the edits of the task that is under way: it also has to say that they are unsynced.
            self.commit(now);
        }
        let store = self.store.as_mut()?;
        let op = store.poll_op(&mut self.replica, &self.unsynced, now);
        if matches!(op, Some(StoreOp { task: Task::Write { .. }, .. })) {
            self.tabs.note_writing();
        }
        op
    }

    /// Removes what this device keeps, and keeps nothing from here on, in no tab.
    pub(in crate::session) fn forget(&mut self) {
        if let Some(store) = &mut self.store {
            store.forget();
            self.tabs.forget();
        }
    }

    /// Writes to the disk exactly while that is this tab's affair.
    pub(in crate::session) fn follow_duty(&mut self, now: Instant) {
        let Some(store) = &mut self.store else { return };
        if self.tabs.may_store() {
            store.take_over(self.tabs.unstored(), now);
        } else {
            store.stand_by();
        }
    }

    fn take_in(&mut self, records: Vec<Record>, mut corrupt: usize, now: Instant) {
        let mut unsynced = Record::unsynced(&records);
        // Of what is here already, more is known than when the records were written.
        unsynced.subtract(&self.content());
        // Known before the content is, so that no other tab takes that for synced.
        self.unsynced.extend(&unsynced);
        self.commit(now);
        for Record { updates, .. } in records {
            for update in updates {
                if let Err(refusal) = self.replica.collect(&update, LinkId::DISK) {
                    self.problems.push_back(problem(&refusal));
                    corrupt += 1;
                }
            }
        }
        self.note_collected(LinkId::DISK, Cause::Load, now);
        self.commit_collected(now);
        // What builds on a record that was lost is not in the document, and could never be proven.
        self.unsynced.settle(&unsynced.without(&self.content()));
        if corrupt > 0 {
            let message = format!("{corrupt} of the records that this device kept of the document cannot be read");
            self.problems.push_back(Problem { code: Problem::STORE_CORRUPT, message });
            // What was known of it cannot be read any more: everything may be unsynced.
            self.unsynced.extend(&self.content());
            unsynced.extend(self.unsynced.set());
        }
        self.tabs.note_found(unsynced);
        self.judge_completeness(now);
    }

    /// Everything that is in the document.
    pub(super) fn content(&self) -> EditSet {
        let elements = self.replica.clocks().map(|(client, clock)| (client, 0..clock)).collect();
        EditSet { elements, deletions: self.replica.deletions().clone() }
    }
}
