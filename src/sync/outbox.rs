//! Decides how updates wait for the socket: merged, so that the edits of one task are one message, and so are all that were
//! made while the socket had no room.

use super::EditSet;
use crate::queue::Queue;
use crate::replica::{Replica, merge_updates};

/// Edits that the other side has not been sent yet.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    edits: EditSet,
    content: Content,
}

/// Where what waits is to be found.
#[derive(Debug)]
enum Content {
    /// In these updates.
    Updates(Queue<Vec<u8>>),
    /// In the document: there are too many to keep them beside it.
    Document,
}

impl Default for Content {
    fn default() -> Self {
        Self::Updates(Queue::new())
    }
}

/// Whether more than what cannot wait can be handed to the socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// It can.
    Free,
    /// It would wait in the socket as it is. Where it is it becomes less.
    Full,
}

impl Outbox {
    pub(super) fn push(&mut self, update: Vec<u8>, edits: EditSet) {
        self.edits.extend(&edits);
        if let Content::Updates(updates) = &mut self.content {
            let bytes: usize = updates.iter().map(Vec::len).sum();
            if updates.is_empty() || (updates.len() < MAX_UPDATES && bytes + update.len() <= MAX_BYTES) {
                updates.push_back(update);
            } else {
                self.content = Content::Document;
            }
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many insertions and deletions wait.
    pub(super) fn len(&self) -> u64 {
        self.edits.len()
    }

    /// What waits.
    pub(super) const fn edits(&self) -> &EditSet {
        &self.edits
    }

    /// Everything that waits, as one update, with the edits in it.
    pub(super) fn take(&mut self, replica: &Replica) -> Option<(Vec<u8>, EditSet)> {
        let Self { edits, content } = std::mem::take(self);
        let mut updates = match content {
            Content::Updates(updates) => updates,
            Content::Document => Queue::new(),
        };
        let update = match updates.len() {
            0 if edits.is_empty() => return None,
            1 => updates.pop_front(),
            0 => None,
            _ => merge_updates(updates.iter().map(Vec::as_slice)),
        };
        // What was inserted and deleted again, or typed letter by letter, is less in the document than it is in updates.
        let update = update.unwrap_or_else(|| replica.encode_edits(&edits.elements, &edits.deletions));
        Some((update, edits))
    }
}

/// How many updates are kept. To merge a few takes less time than to look them up in a large document; to merge many
/// takes time that grows with the square of their number.
const MAX_UPDATES: usize = 16;

/// How many bytes of updates are kept, if they are more than one.
const MAX_BYTES: usize = 16 << 10;
