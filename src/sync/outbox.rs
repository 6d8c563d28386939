//! Decides how updates wait for the socket: merged, so that the edits of one task are one message.

use super::EditSet;
use crate::queue::Queue;
use crate::replica::merge_updates;

/// Updates that the other side has not been sent yet.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Queue<(Vec<u8>, EditSet)>,
}

impl Outbox {
    pub(super) fn push(&mut self, update: Vec<u8>, edits: EditSet) {
        self.waiting.push_back((update, edits));
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Everything that waits, as one update, with the edits in it. What cannot be merged is handed over one by one.
    pub(super) fn take(&mut self) -> Option<(Vec<u8>, EditSet)> {
        if self.waiting.len() > 1
            && let Some(merged) = merge_updates(self.waiting.iter().map(|(update, _)| update.as_slice()))
        {
            let mut all = EditSet::default();
            self.waiting.iter().for_each(|(_, edits)| all.extend(edits));
            self.waiting.clear();
            return Some((merged, all));
        }
        self.waiting.pop_front()
    }
}
