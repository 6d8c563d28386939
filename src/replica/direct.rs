//! Decides how an edit of a text is written: as the update that it is for everybody else, where its neighbours are known.
//!
//! To apply such an update takes no walk over the text. In any doubt yrs writes the edit by its index, and what it then says
//! of the neighbours is remembered.

use super::IdRanges;
use super::delta::splice;
use super::gate::{Id, parse, write_deletes};
use super::pending::{NetEdit, Span};
use super::places::{Followed, Left, Places, Shift};
use super::recorder::Told;
use super::text::Run;
use super::value::Attributes;
use crate::ids::{ClientId, Clock};
use std::ops::Range;
use yrs::branch::Branch;
use yrs::encoding::write::Write;
use yrs::updates::decoder::Decode;
use yrs::{BranchID, ClientID, Text, TextRef, TransactionMut, Update};

/// What is known of where the elements of a text stand.
#[derive(Debug)]
pub(super) struct Map {
    state: State,
    /// How often it was lost.
    losses: u32,
    /// How often yrs has walked over the text since, to tell observers what others did.
    walks: u32,
    /// Whether observers were ever told of changes by others.
    is_watched: bool,
}

#[derive(Debug)]
enum State {
    /// Nothing, and so many edits were written since it was lost.
    Lost(u32),
    /// What stands around the last edits, of which so many were written by their index since it was lost.
    Around(Places, u32),
    /// The text has formatting, which is left to yrs.
    Marked,
    /// All of it.
    Known(Places),
}

/// What writes the edits of one transaction, and knows who writes.
#[derive(Debug)]
pub(super) struct Pen {
    client: ClientId,
    /// The clock of the next element when the transaction began.
    start: Clock,
    strokes: Strokes,
}

/// What was written in a transaction.
#[derive(Debug, Default)]
enum Strokes {
    #[default]
    None,
    /// One edit, as an update that is all there is to say.
    Direct(Direct),
    /// So many edits, of which yrs has to say what they were.
    Several(u32),
}

/// An edit that was written as an update.
#[derive(Debug)]
pub(super) struct Direct {
    update: Vec<u8>,
    /// What it did to which text, for observers.
    told: Told,
}

impl Map {
    /// That of a text that was not looked at.
    pub(super) const fn new() -> Self {
        Self { state: State::Lost(0), losses: 0, walks: 0, is_watched: false }
    }

    /// Whether a look at the whole text is worth it before an edit of this range: after so many edits that were written
    /// without it, if nothing is known of this place.
    pub(super) fn wants_look(&self, range: &Range<u32>) -> bool {
        match &self.state {
            State::Lost(edits) => *edits >= self.patience(),
            State::Around(places, edits) => *edits >= self.patience() && !places.knows(range),
            State::Marked | State::Known(_) => false,
        }
    }

    /// Whether a look at the whole text is worth it before the next edit, unless that is where the last one was.
    pub(super) const fn awaits_look(&self) -> bool {
        matches!(self.state, State::Around(_, edits) if edits >= self.patience())
    }

    /// Whether a look at the whole text is worth it before a change by others: after so many of which only a walk could say
    /// what they did, if nothing is known.
    pub(super) const fn wants_look_to_follow(&self) -> bool {
        self.is_lost() && self.walks > self.patience()
    }

    /// Takes in that yrs had to walk over the text, to say what a change by others did.
    pub(super) const fn note_walk(&mut self) {
        self.is_watched = true;
        self.walks = self.walks.saturating_add(1);
    }

    /// How many edits are written by index before a look at the whole text is worth it.
    const fn patience(&self) -> u32 {
        match self.losses {
            0 => FIRST_PATIENCE,
            losses @ 1..6 => PATIENCE << losses,
            _ => PATIENCE << 6,
        }
    }

    /// Whether nothing is known, not even whether the text has formatting.
    pub(super) const fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost(_))
    }

    /// How often yrs had to walk over the text, since it was looked at, to tell observers.
    #[cfg(test)]
    pub(super) const fn walks(&self) -> u32 {
        self.walks
    }

    /// Whether it is known of every place what stands beside it.
    #[cfg(test)]
    pub(super) fn knows_all(&self) -> bool {
        match &self.state {
            State::Known(places) => (0..=places.len()).all(|index| places.neighbours(index).is_some()),
            State::Lost(_) | State::Around(..) | State::Marked => false,
        }
    }

    /// Begins to take in what is around the edits of a text without formatting that is so long.
    pub(super) fn begin(&mut self, len: u32) {
        if let State::Lost(edits) = self.state {
            self.state = State::Around(Places::unknown(len), edits);
        }
    }

    /// Takes in what a look at the text has shown.
    pub(super) fn learn(&mut self, places: Option<Places>) {
        self.walks = 0;
        self.state = places.map_or(State::Marked, State::Known);
    }

    /// Forgets what is known, after a change of which nobody has said where it was.
    pub(super) fn lose(&mut self) {
        match self.state {
            State::Known(_) => {
                self.losses = self.losses.saturating_add(1);
                self.state = State::Lost(0);
            }
            State::Around(_, edits) => self.state = State::Lost(edits),
            State::Lost(_) | State::Marked => {}
        }
    }

    /// What is known, of all of the text or of some.
    const fn places(&mut self) -> Option<&mut Places> {
        match &mut self.state {
            State::Known(places) | State::Around(places, _) => Some(places),
            State::Lost(_) | State::Marked => None,
        }
    }

    /// Forgets what is known if the text is not as long as that says.
    pub(super) fn check(&mut self, len: u32) {
        if self.places().is_some_and(|places| places.len() != len) {
            self.lose();
        }
    }

    /// Takes in a change that was not written here and has made the text so long; returns what it did, if that is known.
    pub(super) fn follow<'a>(&mut self, change: Followed<'a>, text: &BranchID, len: u32) -> Option<Vec<Shift<'a>>> {
        let yrs = change.yrs.filter(|_| self.is_watched);
        let change = Followed { yrs, ..change };
        let places = self.places()?;
        let sequence = change.table.sequence(text);
        let shifts = sequence.and_then(|sequence| places.follow(change, sequence));
        // Objects without a known id may have been deleted.
        let shifts = shifts.filter(|_| places.len() == len);
        if shifts.is_none() {
            self.lose();
        }
        shifts
    }

    /// Takes in that an object was put into the text.
    pub(super) fn note_embed(&mut self, index: u32, attributes: &Attributes) {
        self.note_attributes(attributes);
        if let Some(places) = self.places() {
            places.insert(index, None, 1, Left::Unknown);
        }
    }

    /// Takes in that something was formatted, if it was.
    pub(super) fn note_attributes(&mut self, attributes: &Attributes) {
        if !attributes.is_empty() {
            self.state = State::Marked;
        }
    }

    /// Writes an edit that was checked.
    pub(super) fn splice(&mut self, text: &TextRef, txn: &mut TransactionMut, pen: &mut Pen, edit: NetEdit<Run>) {
        edit.inserted.attributes.iter().for_each(|attributes| self.note_attributes(attributes));
        let id = pen.next(txn);
        let direct = self.places().and_then(|places| splice_directly(places, text, txn, id, &edit));
        if direct.is_none() {
            self.splice_by_index(text, txn, pen, id, edit);
        }
        pen.note(direct);
    }

    fn splice_by_index(&mut self, text: &TextRef, txn: &mut TransactionMut, pen: &Pen, id: Id, edit: NetEdit<Run>) {
        let (anchor, len, deleted) = (edit.anchor, edit.inserted.len(), edit.deleted());
        write_splice(text, txn, edit);
        if let State::Lost(edits) | State::Around(_, edits) = &mut self.state {
            *edits = edits.saturating_add(1);
        }
        let Some(places) = self.places() else { return };
        if len > 0 {
            let beside = if pen.is_patient() { beside(txn, id) } else { None };
            let left = beside.map_or(Left::Unknown, |(left, _)| left.map_or(Left::Start, Left::Element));
            places.insert(anchor, Some(id), len, left);
            // It would have been passed over if it were deleted.
            beside.and_then(|(_, right)| right).into_iter().for_each(|right| places.meet(anchor + len, right));
        }
        places.remove(anchor + len..deleted.end + len);
        places.remove(deleted.start..anchor);
    }
}

impl Default for Pen {
    /// That of nobody, for the time between transactions.
    fn default() -> Self {
        Self::new(ClientId(0), 0)
    }
}

impl Pen {
    /// That of `client`, whose next element has the clock `start`.
    pub(super) const fn new(client: ClientId, start: Clock) -> Self {
        Self { client, start, strokes: Strokes::None }
    }

    /// Notes that an edit was written, and how.
    pub(super) fn note(&mut self, direct: Option<Direct>) {
        self.strokes = match (std::mem::take(&mut self.strokes), direct) {
            (Strokes::None, Some(direct)) => Strokes::Direct(direct),
            (Strokes::Several(strokes), _) => Strokes::Several(strokes.saturating_add(1)),
            (Strokes::None | Strokes::Direct(_), _) => Strokes::Several(1),
        };
    }

    /// The only edit that was written, if it was written as an update: that, and what it did for observers.
    pub(super) fn finish(self) -> (Option<Vec<u8>>, Option<Told>) {
        match self.strokes {
            Strokes::Direct(direct) => (Some(direct.update), Some(direct.told)),
            Strokes::None | Strokes::Several(_) => (None, None),
        }
    }

    /// The id of the next element.
    fn next(&self, txn: &TransactionMut) -> Id {
        let client = ClientID::new(self.client.0);
        let inserted = txn.insert_set().iter().find(|(of, _)| **of == client);
        let end = inserted.and_then(|(_, ranges)| ranges.iter().next_back().map(|range| range.end));
        Id { client: self.client, clock: end.unwrap_or(self.start) }
    }

    /// Whether to ask yrs what it has written, which costs as much as was written in this transaction.
    const fn is_patient(&self) -> bool {
        match self.strokes {
            Strokes::Several(strokes) => strokes < MOST_QUESTIONS,
            Strokes::None | Strokes::Direct(_) => true,
        }
    }
}

/// Writes an edit as an update, unless something about its place is not known.
fn splice_directly(
    places: &mut Places,
    text: &TextRef,
    txn: &mut TransactionMut,
    id: Id,
    edit: &NetEdit<Run>,
) -> Option<Direct> {
    let (anchor, inserted, deleted) = (edit.anchor, edit.inserted.text.as_str(), edit.deleted());
    let len = edit.inserted.len();
    let branch: &Branch = text.as_ref();
    let mut gone = IdRanges::default();
    places.ids(deleted.clone(), &mut gone)?;
    let mut update = Vec::new();
    let mut left = Left::Unknown;
    if len > 0 {
        let (before, behind) = places.neighbours(anchor)?;
        left = before.map_or(Left::Start, Left::Element);
        let block = Block { id, left: before, right: behind, inserted };
        block.write(&mut update, &branch.id());
    } else {
        update.push(0);
    }
    write_deletes(&mut update, &gone);
    txn.apply_update(Update::decode_v1(&update).ok()?).ok()?;
    if len > 0 {
        places.insert(anchor, Some(id), len, left);
    }
    places.remove(anchor + len..deleted.end + len);
    places.remove(deleted.start..anchor);
    let delta = splice(deleted.start, inserted, deleted.end - deleted.start);
    Some(Direct { update, told: (branch.id(), delta) })
}

/// Writes an edit by its index. The insertion goes first: it takes over the formatting of the element before it, which may
/// be deleted here.
fn write_splice(text: &TextRef, txn: &mut TransactionMut, edit: NetEdit<Run>) {
    let start = edit.start();
    let NetEdit { anchor, deleted_before, deleted_after, inserted } = edit;
    let Run { text: inserted, attributes } = inserted;
    let len = inserted.len();
    match attributes {
        Some(attributes) => text.insert_with_attributes(txn, anchor, inserted.as_str(), attributes),
        None => text.insert(txn, anchor, inserted.as_str()),
    }
    if deleted_after > 0 {
        text.remove_range(txn, anchor + len, deleted_after);
    }
    if deleted_before > 0 {
        text.remove_range(txn, start, deleted_before);
    }
}

/// Between what an element stands that this transaction has inserted.
fn beside(txn: &TransactionMut, id: Id) -> Option<(Option<Id>, Option<Id>)> {
    let update = txn.encode_update_v1();
    let parsed = parse(&update).ok()?;
    parsed.placed().find(|placed| placed.id == id).map(|placed| (placed.left, placed.right))
}

/// Characters with their place, to be written as Yjs does.
struct Block<'a> {
    id: Id,
    left: Option<Id>,
    right: Option<Id>,
    inserted: &'a str,
}

impl Block<'_> {
    fn write(&self, update: &mut Vec<u8>, text: &BranchID) {
        // One client with one block.
        update.extend([1, 1]);
        write_id(update, self.id);
        let has_left = if self.left.is_some() { HAS_LEFT } else { 0 };
        let has_right = if self.right.is_some() { HAS_RIGHT } else { 0 };
        update.push(STRING | has_left | has_right);
        self.left.into_iter().chain(self.right).for_each(|id| write_id(update, id));
        if self.left.or(self.right).is_none() {
            match text {
                BranchID::Root(name) => {
                    update.push(1);
                    update.write_string(name);
                }
                BranchID::Nested(id) => {
                    update.push(0);
                    write_id(update, Id { client: ClientId(id.client.get()), clock: id.clock });
                }
            }
        }
        update.write_string(self.inserted);
    }
}

fn write_id(update: &mut Vec<u8>, id: Id) {
    update.write_var(id.client.0);
    update.write_var(id.clock);
}

const STRING: u8 = 4;
const HAS_RIGHT: u8 = 0b0100_0000;
const HAS_LEFT: u8 = 0b1000_0000;

/// How many edits are written by index before the first look at the whole text. Whoever types goes on where the first edit
/// was, and of that place yrs has said enough; in a long text a look takes ten times as long as that edit.
const FIRST_PATIENCE: u32 = 1;

/// How many edits are written by index before another look is worth it: it takes as long as some of them. Doubled with every
/// loss, because where people type into each other's words it would soon be lost again.
const PATIENCE: u32 = 4;

/// How often yrs is asked in one transaction.
const MOST_QUESTIONS: u32 = 16;
