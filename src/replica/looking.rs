//! Decides when a whole text is looked at, to know where its elements stand: before an edit or a change by others that is worth
//! it, or ahead, while there is nothing else to do.

use super::Replica;
use super::direct::Map;
use super::error::EditError;
use super::kind::TypeId;
use super::pieces::pieces_by_id;
use super::places::Places;
use super::view::View;
use std::ops::Range;
use yrs::Transact;

impl Replica {
    /// Whether a [look ahead](Self::look_ahead) would spare somebody a wait.
    pub fn wants_look_ahead(&self) -> bool {
        self.roots.awaited_text(LONG).is_some()
    }

    /// Looks at a long text that somebody has begun to edit, before that goes on elsewhere and would have to wait for it. Does
    /// nothing while edits are pending.
    pub fn look_ahead(&mut self) {
        self.look_ahead_from(LONG);
    }

    /// As [`Self::look_ahead`], where a text of this length is a long one.
    pub(super) fn look_ahead_from(&mut self, len: u32) {
        if let Some(id) = self.roots.awaited_text(len).filter(|_| !self.has_pending()) {
            // It is open, and no transaction is.
            let _ = self.look_at(id, &|_| true);
        }
    }

    /// Looks at a text with nothing pending, as far as that is worth it before an edit of this range.
    pub(super) fn look(&mut self, id: TypeId, range: &Range<u32>) -> Result<(), EditError> {
        self.look_at(id, &|map| map.wants_look(range))
    }

    pub(super) fn look_at(&mut self, id: TypeId, wants_look: &dyn Fn(&Map) -> bool) -> Result<(), EditError> {
        let table = self.intake.table();
        let root = self.roots.text_mut(id)?;
        let has_marks = || table.sequence(root.shared.id()).is_none_or(|sequence| table.has_marks(sequence));
        if root.map.is_lost() && has_marks() {
            root.map.learn(None);
        } else if root.map.is_lost() && root.len == 0 {
            root.map.learn(Some(Places::new()));
        } else if wants_look(&root.map) {
            let mut txn = self.doc.try_transact_mut().map_err(|_| EditError::Closed)?;
            let Some(shared) = root.shared.get(&View::of(&txn)) else { return Ok(()) };
            root.map.learn(Some(Places::of(&pieces_by_id(&shared, &mut txn))));
        } else {
            root.map.begin(root.len);
        }
        Ok(())
    }
}

/// How long a text is of which a look takes half a millisecond or more. A shorter one is looked at when it is needed.
const LONG: u32 = 1 << 14;
