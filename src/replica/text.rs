//! Decides how a text is edited and read: checked at once against what is pending too, written with the commit.

use super::compose::push;
use super::delta::{DeltaOp, Inserted, filled, first_touched};
use super::direct::{Map, Pen};
use super::error::EditError;
use super::kind::TypeId;
use super::pending::{NetEdit, Pending, Span};
use super::pieces::{find_pairs, pieces};
use super::places::{Followed, Shift, delta_of};
use super::recorder::{Told, inserted};
use super::utf16::{self, Utf16String};
use super::value::{Attributes, Value, check_attributes, check_embed};
use super::view::View;
use super::{MAX_LEN, Replica, check_range};
use std::ops::Range;
use yrs::{GetString, Hook, Text, TextRef, TransactionMut};

/// A text that was opened.
#[derive(Debug)]
pub(super) struct TextRoot {
    pub(super) shared: Hook<TextRef>,
    pending: Pending<Run, TextOp>,
    /// The length with what is pending.
    pub(super) len: u32,
    /// The low surrogates with what is pending; none if they must be read first, which happens with nothing pending.
    pairs: Option<Vec<u32>>,
    pub(super) map: Map,
}

/// Characters that are inserted together.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Run {
    pub(super) text: Utf16String,
    /// Their formatting; none takes over that of the element before them.
    pub(super) attributes: Option<Attributes>,
}

/// An operation that yrs has not seen.
#[derive(Debug)]
enum TextOp {
    Splice(NetEdit<Run>),
    Embed { index: u32, value: Value, attributes: Attributes },
    Format { index: u32, len: u32, attributes: Attributes },
}

impl Replica {
    /// Inserts `text`. Without attributes it takes over the formatting of the element before it, and none at the
    /// start; with attributes it has exactly these.
    ///
    /// # Errors
    /// The handle is no text, the index is behind the end or inside a surrogate pair, or an attribute is not JSON.
    pub fn text_insert(
        &mut self,
        id: TypeId,
        index: u32,
        text: &str,
        attributes: Option<Attributes>,
    ) -> Result<(), EditError> {
        #[cfg(any(test, feature = "faults"))]
        super::faults::strike(super::faults::Site::Edit, text.as_bytes());
        attributes.iter().try_for_each(check_attributes)?;
        let run = Run { text: Utf16String::new(text), attributes: attributes.map(without_nulls) };
        let root = self.text_to_edit(id, &(index..index))?;
        root.check(index, 0)?;
        root.check_growth(u64::from(run.len()))?;
        root.insert(index, run);
        self.mark(id);
        Ok(())
    }

    /// Deletes `len` UTF-16 code units from `index` on.
    ///
    /// # Errors
    /// The handle is no text, or an end of the range is behind the end or inside a surrogate pair.
    pub fn text_delete(&mut self, id: TypeId, index: u32, len: u32) -> Result<(), EditError> {
        let root = self.text_to_edit(id, &(index..index.saturating_add(len)))?;
        root.check(index, len)?;
        root.delete(index, len);
        self.mark(id);
        Ok(())
    }

    /// Formats `len` UTF-16 code units from `index` on; null ends a format.
    ///
    /// # Errors
    /// The handle is no text, an end of the range is behind the end or inside a surrogate pair, or an attribute is not
    /// JSON.
    pub fn text_format(&mut self, id: TypeId, index: u32, len: u32, attributes: Attributes) -> Result<(), EditError> {
        check_attributes(&attributes)?;
        let root = self.text_to_check(id)?;
        root.check(index, len)?;
        root.format(index, len, attributes);
        self.mark(id);
        Ok(())
    }

    /// Applies a delta whole, or nothing of it. What it inserts without attributes is unformatted, as in Quill.
    ///
    /// # Errors
    /// The handle is no text, the delta steps behind the end or into a surrogate pair, or a value is not JSON.
    pub fn text_apply_delta(&mut self, id: TypeId, delta: Vec<DeltaOp>) -> Result<(), EditError> {
        let root = self.text_to_edit(id, &first_touched(&delta))?;
        root.check_delta(&delta)?;
        root.apply(delta);
        self.mark(id);
        Ok(())
    }

    /// The length in UTF-16 code units, with what is pending.
    ///
    /// # Errors
    /// The handle is no text.
    pub fn text_len(&self, id: TypeId) -> Result<u32, EditError> {
        Ok(self.text(id)?.len)
    }

    /// The characters, without embedded objects.
    ///
    /// # Errors
    /// The handle is no text.
    pub fn text_string(&mut self, id: TypeId) -> Result<String, EditError> {
        self.commit();
        let shared = &self.text(id)?.shared;
        let text = self.read(|view| shared.get(view).map(|text| text.get_string(view))).unwrap_or_default();
        #[cfg(any(test, feature = "faults"))]
        super::faults::strike(super::faults::Site::Read, text.as_bytes());
        Ok(text)
    }

    /// The content as a delta of inserts.
    ///
    /// # Errors
    /// The handle is no text.
    pub fn text_delta(&mut self, id: TypeId) -> Result<Vec<DeltaOp>, EditError> {
        self.commit();
        let shared = &self.text(id)?.shared;
        Ok(self.read(|view| shared.get(view).map(|text| content(&text, view))).unwrap_or_default())
    }

    /// The text with its surrogate pairs known, and where its elements stand if that is worth it for an edit of this range.
    fn text_to_edit(&mut self, id: TypeId, range: &Range<u32>) -> Result<&mut TextRoot, EditError> {
        self.text(id)?;
        if !self.roots.is_dirty(id) {
            self.look(id, range)?;
        }
        self.text_to_check(id)
    }

    /// The text with its surrogate pairs known.
    pub(super) fn text_to_check(&mut self, id: TypeId) -> Result<&mut TextRoot, EditError> {
        let root = self.text(id)?;
        if root.pairs.is_none() {
            let pairs = self.read(|view| root.shared.get(view).map(|text| find_pairs(&pieces(&text, view))));
            self.text_mut(id)?.pairs = pairs;
        }
        self.text_mut(id)
    }
}

impl TextRoot {
    pub(super) fn new(shared: Hook<TextRef>, view: &View) -> Self {
        let len = len(&shared, view);
        Self { shared, pending: Pending::default(), len, pairs: (len == 0).then(Vec::new), map: Map::new() }
    }

    /// Takes over the state after a change from outside. Reading a text for surrogate pairs costs its length, so one
    /// that has none is taken to have none still unless the bytes of the update may hold some.
    pub(super) fn refresh(&mut self, view: &View, update: &[u8]) {
        self.map.lose();
        self.take_over(view, update, None);
    }

    /// As [`Self::refresh`], after a change that is known. Returns what it did, if that is known and anything.
    pub(super) fn follow(&mut self, view: &View, change: Followed<'_>) -> Option<Told> {
        let shifts = self.map.follow(change, self.shared.id(), len(&self.shared, view));
        let delta = shifts.as_deref().and_then(delta_of).filter(|delta| !delta.is_empty());
        self.take_over(view, change.update, shifts);
        Some((self.shared.id().clone(), delta?))
    }

    fn take_over(&mut self, view: &View, update: &[u8], shifts: Option<Vec<Shift<'_>>>) {
        let has_none = self.pairs.as_ref().is_some_and(Vec::is_empty);
        match shifts {
            _ if self.pairs.is_none() => {}
            _ if utf16::may_hold_pairs(update) => self.pairs = None,
            Some(shifts) => shifts.into_iter().for_each(|shift| self.move_pairs(shift.range, shift.inserted)),
            None if has_none => {}
            None => self.pairs = None,
        }
        self.len = len(&self.shared, view);
    }

    /// Writes what is pending, unless the text was deleted. Every range was checked when it was queued, and nothing but
    /// this writes in between.
    pub(super) fn write(&mut self, txn: &mut TransactionMut, pen: &mut Pen) {
        let operations = self.pending.take();
        let Some(shared) = self.shared.get(&View::of(txn)) else { return };
        for operation in operations {
            match operation {
                TextOp::Splice(edit) => self.map.splice(&shared, txn, pen, edit),
                TextOp::Embed { index, value, attributes } => {
                    self.map.note_embed(index, &attributes);
                    shared.insert_embed_with_attributes(txn, index, value, attributes);
                    pen.note(None);
                }
                TextOp::Format { index, len, attributes } => {
                    self.map.note_attributes(&attributes);
                    shared.format(txn, index, len, attributes);
                    pen.note(None);
                }
            }
        }
        self.map.check(len(&self.shared, &View::of(txn)));
    }

    pub(super) fn check(&self, index: u32, len: u32) -> Result<(), EditError> {
        let end = check_range(index, len, self.len)?;
        self.check_boundary(index)?;
        self.check_boundary(end)
    }

    fn check_boundary(&self, index: u32) -> Result<(), EditError> {
        let splits = self.pairs.as_ref().is_some_and(|pairs| pairs.binary_search(&index).is_ok());
        if splits { Err(EditError::SplitSurrogate { index }) } else { Ok(()) }
    }

    fn check_growth(&self, by: u64) -> Result<(), EditError> {
        let len = u64::from(self.len) + by;
        if len > u64::from(MAX_LEN) { Err(EditError::TooLong { len }) } else { Ok(()) }
    }

    fn check_delta(&self, delta: &[DeltaOp]) -> Result<(), EditError> {
        self.check_growth(check_steps(delta, &|index, len| self.check(index, len))?)
    }

    pub(super) fn apply(&mut self, delta: Vec<DeltaOp>) {
        let mut index = 0;
        for operation in delta {
            match operation {
                DeltaOp::Insert { value, attributes } => {
                    let attributes = without_nulls(attributes.unwrap_or_default());
                    let len = value.len();
                    match value {
                        Inserted::Text(text) => {
                            self.insert(index, Run { text: Utf16String::new(&text), attributes: Some(attributes) });
                        }
                        Inserted::Embed(value) => self.embed(index, value, attributes),
                    }
                    index += len;
                }
                DeltaOp::Retain { len, attributes } => {
                    self.format(index, len, attributes.unwrap_or_default());
                    index += len;
                }
                DeltaOp::Delete { len } => self.delete(index, len),
            }
        }
    }

    fn insert(&mut self, index: u32, run: Run) {
        if run.len() == 0 {
            return;
        }
        self.shift(index..index, run.len(), run.text.as_str());
        self.pending.insert(index, run);
    }

    fn embed(&mut self, index: u32, value: Value, attributes: Attributes) {
        self.shift(index..index, 1, "");
        self.pending.push(TextOp::Embed { index, value, attributes });
    }

    fn delete(&mut self, index: u32, len: u32) {
        if len > 0 {
            self.shift(index..index + len, 0, "");
            self.pending.delete(index, len);
        }
    }

    fn format(&mut self, index: u32, len: u32, attributes: Attributes) {
        if len > 0 && !attributes.is_empty() {
            self.pending.push(TextOp::Format { index, len, attributes });
        }
    }

    /// As [`Self::shift`], after a change by others, who may have cut a pair.
    fn move_pairs(&mut self, range: Range<u32>, inserted_len: u32) {
        if self.check_boundary(range.start).and(self.check_boundary(range.end)).is_err() {
            self.pairs = None;
        }
        self.shift(range, inserted_len, "");
    }

    /// Keeps the length and the surrogate pairs in step with an edit that replaces `range`.
    fn shift(&mut self, range: Range<u32>, inserted_len: u32, inserted: &str) {
        self.len = self.len - (range.end - range.start) + inserted_len;
        let Some(pairs) = &mut self.pairs else { return };
        let first = pairs.partition_point(|pair| *pair < range.start);
        let last = pairs.partition_point(|pair| *pair < range.end);
        for pair in pairs.iter_mut().skip(last) {
            *pair = *pair - range.end + range.start + inserted_len;
        }
        pairs.splice(first..last, utf16::low_surrogates(inserted).map(|pair| range.start + pair));
    }
}

/// Checks the steps of a delta, and with `check_range` the ranges that it steps over; returns how much it inserts.
///
/// Retains and deletions walk over the text as it is, whatever is inserted between them.
pub(super) fn check_steps(
    delta: &[DeltaOp],
    check_range: &dyn Fn(u32, u32) -> Result<(), EditError>,
) -> Result<u64, EditError> {
    let mut index = 0;
    let mut growth = 0;
    for operation in delta {
        match operation {
            DeltaOp::Insert { value, attributes } => {
                attributes.iter().try_for_each(check_attributes)?;
                if let Inserted::Embed(value) = value {
                    check_embed(value)?;
                }
                growth += u64::from(value.len());
            }
            DeltaOp::Retain { len, attributes } => {
                attributes.iter().try_for_each(check_attributes)?;
                check_range(index, *len)?;
                index += len;
            }
            DeltaOp::Delete { len } => {
                check_range(index, *len)?;
                index += len;
            }
        }
    }
    Ok(growth)
}

fn len(shared: &Hook<TextRef>, view: &View) -> u32 {
    shared.get(view).map_or(0, |text| text.len(view))
}

/// The content as a delta of inserts.
pub(super) fn content(shared: &TextRef, view: &View) -> Vec<DeltaOp> {
    let mut delta = Vec::new();
    for piece in pieces(shared, view) {
        let attributes = piece.attributes.and_then(|attributes| filled(*attributes));
        push(&mut delta, DeltaOp::Insert { value: inserted(piece.insert, view), attributes });
    }
    delta
}

fn without_nulls(mut attributes: Attributes) -> Attributes {
    attributes.retain(|_, value| *value != Value::Null);
    attributes
}

impl Span for Run {
    fn len(&self) -> u32 {
        self.text.len()
    }

    /// What comes without attributes takes over those of the element before it, which is one of this run unless it
    /// comes first.
    fn admits(&self, more: &Self, offset: u32) -> bool {
        self.attributes == more.attributes || (more.attributes.is_none() && offset > 0)
    }

    fn insert(&mut self, offset: u32, more: Self) {
        self.text.insert(offset, &more.text);
    }

    fn remove(&mut self, range: Range<u32>) {
        self.text.remove(range);
    }
}

impl From<NetEdit<Run>> for TextOp {
    fn from(edit: NetEdit<Run>) -> Self {
        Self::Splice(edit)
    }
}
