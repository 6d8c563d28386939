//! Decides how the edits of one task are folded before yrs sees them: into net edits.
//!
//! yrs walks a sequence from its start for every operation and merges only at the end of a transaction. So operations
//! that touch are folded into one window, `{ what was deleted, what was inserted }`, and the window is written once.
//!
//! The result must be the same as if each operation had been written on its own, formatting included. A text insert
//! without attributes takes over those of the element before it. That element is unchanged by folding when the insert
//! goes into or behind what the window inserted, or in front of it while nothing before it was deleted. If the window
//! has only deleted so far, the insert goes in front of the whole hole, so that it has the same element before it.

use std::ops::Range;

/// What a window inserts: text, or the items of a list.
pub(super) trait Span: Default {
    fn len(&self) -> u32;

    /// Whether `more` would look the same as part of this span, when it is inserted at `offset`.
    fn admits(&self, more: &Self, offset: u32) -> bool;

    fn insert(&mut self, offset: u32, more: Self);

    fn remove(&mut self, range: Range<u32>);
}

/// Operations that touch each other, as one: delete around `anchor`, insert at `anchor`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct NetEdit<S> {
    /// Where to insert, counted in the sequence as it was before the window.
    pub(super) anchor: u32,
    /// How many elements are deleted that end at the anchor.
    pub(super) deleted_before: u32,
    /// How many elements are deleted that start at the anchor.
    pub(super) deleted_after: u32,
    /// What is inserted at the anchor.
    pub(super) inserted: S,
}

impl<S: Span> NetEdit<S> {
    fn insertion(index: u32, inserted: S) -> Self {
        Self { anchor: index, deleted_before: 0, deleted_after: 0, inserted }
    }

    fn deletion(index: u32, len: u32) -> Self {
        Self { anchor: index, deleted_before: 0, deleted_after: len, inserted: S::default() }
    }

    /// Where the window begins, before and after it.
    pub(super) fn start(&self) -> u32 {
        self.anchor - self.deleted_before
    }

    /// What the window deletes, counted in the sequence as it was before.
    pub(super) fn deleted(&self) -> Range<u32> {
        self.start()..self.anchor + self.deleted_after
    }

    fn is_empty(&self) -> bool {
        self.deleted_before == 0 && self.deleted_after == 0 && self.inserted.len() == 0
    }

    /// Takes the insertion of `more` into the window, or gives it back if it does not touch or would look different.
    fn insert(&mut self, index: u32, more: S) -> Result<(), S> {
        let Some(offset) = index.checked_sub(self.start()) else {
            return Err(more);
        };
        if self.inserted.len() == 0 {
            return if offset == 0 { self.reopen(more) } else { Err(more) };
        }
        let left_of_a_deletion = offset == 0 && self.deleted_before > 0;
        if offset > self.inserted.len() || left_of_a_deletion || !self.inserted.admits(&more, offset) {
            return Err(more);
        }
        self.inserted.insert(offset, more);
        Ok(())
    }

    /// Starts inserting in a window that only deletes: in front of the hole.
    fn reopen(&mut self, inserted: S) -> Result<(), S> {
        self.anchor = self.start();
        self.deleted_after += self.deleted_before;
        self.deleted_before = 0;
        self.inserted = inserted;
        Ok(())
    }

    /// Takes a deletion into the window; false if it does not touch.
    fn delete(&mut self, index: u32, len: u32) -> bool {
        let (start, end) = (self.start(), self.start() + self.inserted.len());
        let deleted_end = index + len;
        if index > end || deleted_end < start {
            return false;
        }
        let inside = index.max(start) - start..deleted_end.min(end) - start;
        self.deleted_before += start.saturating_sub(index);
        self.deleted_after += deleted_end.saturating_sub(end);
        self.inserted.remove(inside);
        true
    }
}

/// The edits of one sequence that yrs has not seen: operations in order, and the window that may still grow.
#[derive(Debug)]
pub(super) struct Pending<S, O> {
    operations: Vec<O>,
    window: Option<NetEdit<S>>,
}

impl<S, O> Default for Pending<S, O> {
    fn default() -> Self {
        Self { operations: Vec::new(), window: None }
    }
}

impl<S: Span, O: From<NetEdit<S>>> Pending<S, O> {
    pub(super) fn insert(&mut self, index: u32, span: S) {
        let span = match &mut self.window {
            Some(window) => match window.insert(index, span) {
                Ok(()) => return,
                Err(span) => span,
            },
            None => span,
        };
        self.close_window();
        self.window = Some(NetEdit::insertion(index, span));
    }

    pub(super) fn delete(&mut self, index: u32, len: u32) {
        let folded = self.window.as_mut().is_some_and(|window| window.delete(index, len));
        if !folded {
            self.close_window();
            self.window = Some(NetEdit::deletion(index, len));
        }
    }

    /// Queues an operation that cannot be folded.
    pub(super) fn push(&mut self, operation: O) {
        self.close_window();
        self.operations.push(operation);
    }

    /// Takes everything out, in the order in which it has to be written.
    pub(super) fn take(&mut self) -> Vec<O> {
        self.close_window();
        std::mem::take(&mut self.operations)
    }

    fn close_window(&mut self) {
        if let Some(window) = self.window.take().filter(|window| !window.is_empty()) {
            self.operations.push(window.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Span for String {
        fn len(&self) -> u32 {
            u32::try_from(self.as_str().len()).unwrap()
        }

        fn admits(&self, _: &Self, _: u32) -> bool {
            true
        }

        fn insert(&mut self, offset: u32, more: Self) {
            self.insert_str(usize::try_from(offset).unwrap(), &more);
        }

        fn remove(&mut self, range: Range<u32>) {
            self.replace_range(usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap(), "");
        }
    }

    type Edits = Pending<String, NetEdit<String>>;

    fn edit(anchor: u32, deleted_before: u32, deleted_after: u32, inserted: &str) -> NetEdit<String> {
        NetEdit { anchor, deleted_before, deleted_after, inserted: inserted.to_owned() }
    }

    #[test]
    fn typing_and_correcting_is_one_edit() {
        let mut edits = Edits::default();
        edits.insert(5, "helo".to_owned());
        edits.insert(8, "l".to_owned());
        edits.insert(10, "!".to_owned());
        edits.delete(4, 2);
        edits.delete(8, 3);
        assert_eq!(edits.take(), [edit(5, 1, 2, "ello")]);
    }

    #[test]
    fn what_is_typed_and_deleted_again_leaves_nothing() {
        let mut edits = Edits::default();
        edits.insert(3, "abc".to_owned());
        edits.delete(4, 2);
        edits.delete(3, 1);
        assert_eq!(edits.take(), []);
    }

    #[test]
    fn an_insert_into_a_hole_stands_in_front_of_it() {
        let mut edits = Edits::default();
        edits.delete(6, 2);
        edits.delete(4, 2);
        edits.insert(4, "x".to_owned());
        assert_eq!(edits.take(), [edit(4, 0, 4, "x")]);
    }

    #[test]
    fn an_insert_in_front_of_a_window_that_deleted_there_is_an_edit_of_its_own() {
        let mut edits = Edits::default();
        edits.insert(5, "x".to_owned());
        edits.delete(4, 1);
        edits.insert(4, "y".to_owned());
        assert_eq!(edits.take(), [edit(5, 1, 0, "x"), edit(4, 0, 0, "y")]);
    }

    #[test]
    fn edits_that_do_not_touch_stay_apart_and_in_order() {
        let mut edits = Edits::default();
        edits.insert(5, "x".to_owned());
        edits.insert(0, "y".to_owned());
        edits.delete(4, 1);
        assert_eq!(edits.take(), [edit(5, 0, 0, "x"), edit(0, 0, 0, "y"), edit(4, 0, 1, "")]);
    }
}
