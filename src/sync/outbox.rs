//! Decides how updates wait for the socket: merged, so that the edits of one task are one message.

use crate::replica::merge_updates;
use std::collections::VecDeque;

/// Updates that the other side has not been sent yet.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Vec<u8>>,
}

impl Outbox {
    pub(super) fn push(&mut self, update: Vec<u8>) {
        self.waiting.push_back(update);
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Everything that waits, as one update. What cannot be merged is handed over one by one.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        if self.waiting.len() > 1
            && let Some(merged) = merge_updates(self.waiting.make_contiguous())
        {
            self.waiting.clear();
            return Some(merged);
        }
        self.waiting.pop_front()
    }
}
