//! Decides what the document is: a CRDT replica (yrs), edited and read locally, kept in step by updates.
//!
//! This is the only place that names yrs. Edits are checked at once and kept pending; [`Replica::commit`] writes them
//! in one transaction. What happened is taken out with [`Replica::poll_committed`] (for other replicas) and
//! [`Replica::poll_change`] (for observers). Nothing here calls back.

mod align;
mod changes;
mod compose;
mod content;
mod cursor;
mod delta;
mod direct;
mod draft;
mod error;
mod excerpt;
#[cfg(any(test, feature = "faults"))]
pub mod faults;
mod gate;
mod history;
mod holdback;
pub mod in_hand;
mod intake;
mod keeping;
mod kind;
mod list;
mod looking;
mod map;
mod nested;
mod pending;
mod pieces;
mod places;
mod quarantining;
mod ranges;
mod rebuilding;
mod recorder;
mod refusal;
mod remote;
mod restore;
mod roots;
mod snapshot;
mod state;
mod text;
mod text_states;
mod undo;
mod utf16;
mod value;
mod view;
mod xml;

pub use changes::{Change, ChangeKind, KeyChange, PathSegment};
pub use cursor::{Cursor, Holder, Side};
pub use delta::{DeltaOp, Inserted, ListOp};
pub use error::{BadValue, EditError};
pub use excerpt::leave_out;
pub use gate::{Barred, Excerpt, decode_state_vector};
pub use history::Past;
pub use in_hand::{Poison, Stage};
pub use intake::Outcome;
pub use keeping::{FIRST_OTHER, KeptRecord, Opened, read_records, write_other};
pub use kind::{Kind, TypeId};
pub use nested::NewType;
pub use ranges::{IdRanges, Ranges};
pub use refusal::{Inconsistency, Refusal, Unsupported};
pub use remote::Applied;
pub use snapshot::BadSnapshot;
pub use state::merge_updates;
pub use undo::{StepId, UndoChange, UndoEvent, UndoId, UndoStack};
pub use value::{Attributes, MAX_DEPTH, Value};

use crate::ids::{ClientId, Clock, Origin};
use crate::queue::Queue;
use changes::ChangeQueue;
use direct::Pen;
use intake::Intake;
use keeping::Keeping;
use recorder::Recorder;
use roots::Roots;
use undo::Undos;
use view::View;
use yrs::{ClientID, Doc, OffsetKind, Options, Transact, TransactionMut};

/// A document: its content, the edits that are not written yet, and what happened since it was last asked.
#[derive(Debug)]
pub struct Replica {
    doc: Doc,
    client: ClientId,
    intake: Intake,
    max_held_bytes: usize,
    portion: usize,
    /// Whether the intake and yrs came apart.
    is_apart: bool,
    refused: Queue<Refusal>,
    roots: Roots,
    /// How many types are observed.
    observed: u32,
    recorder: Recorder,
    committed: Queue<Committed>,
    changes: ChangeQueue,
    undos: Undos,
    /// What is written down for another replica that would take the place of this one, if anything is.
    keeping: Option<Keeping>,
    /// How often all that was pending was written.
    commits: u32,
    care: Care,
}

/// How much yrs is given at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Care {
    /// As much as there is, within limits.
    #[default]
    Usual,
    /// Every block by itself: what kills the instance is in hand then, and nothing beside it.
    Extreme,
}

/// A change that is part of this replica now, to be passed on to every link except its origin.
#[derive(Clone, PartialEq, Debug)]
pub struct Committed {
    /// Where it came from.
    pub origin: Origin,
    /// The change, in the encoding Yjs calls v1.
    pub update: Vec<u8>,
    /// What it inserted and deleted that was not there before.
    pub ranges: Ranges,
}

impl Replica {
    /// An empty document, edited as `client`, of whose id the lowest 53 bits count. Early changes are held back up to
    /// `max_held_bytes`.
    pub fn new(client: ClientId, max_held_bytes: usize) -> Self {
        Self::with_portion(client, max_held_bytes, usize::MAX)
    }

    /// As [`Replica::new`]. What can wait of what is collected is written in parts of this size, counted in small blocks.
    pub fn with_portion(client: ClientId, max_held_bytes: usize, portion: usize) -> Self {
        let client = ClientId(client.0 & ((1 << 53) - 1));
        let mut options = Options::with_guid_and_client_id("syncline".into(), ClientID::new(client.0));
        options.offset_kind = OffsetKind::Utf16;
        // Removing superfluous formatting inside the transaction of another's change would not be passed on.
        options.cleanup_formatting = false;
        options.skip_gc = false;
        Self {
            doc: Doc::with_options(options),
            client,
            intake: Intake::new(client, max_held_bytes, portion),
            max_held_bytes,
            portion,
            is_apart: false,
            refused: Queue::new(),
            roots: Roots::default(),
            observed: 0,
            recorder: Recorder::default(),
            committed: Queue::new(),
            changes: ChangeQueue::default(),
            undos: Undos::default(),
            keeping: None,
            commits: 0,
            care: Care::Usual,
        }
    }

    /// The id under which this replica edits.
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// The clock that the next committed edit of this replica gets.
    pub fn own_clock(&self) -> Clock {
        self.intake.clock(self.client)
    }

    /// Opens the root `name` as a `kind`; the same name and kind give the same handle.
    ///
    /// # Errors
    /// It was opened as another kind, or holds content of another.
    pub fn open(&mut self, name: &str, kind: Kind) -> Result<TypeId, EditError> {
        if let Some(id) = self.roots.named(name, kind)? {
            return Ok(id);
        }
        self.intake.declare_root(name, kind)?;
        let mut txn = self.doc.try_transact_mut().map_err(|_| EditError::Closed)?;
        Ok(self.roots.declare(&mut txn, name, kind))
    }

    /// How many handles of types were given.
    pub const fn given(&self) -> u32 {
        self.roots.given()
    }

    /// Queues changes of this type, and of types nested in it, for [`Replica::poll_change`].
    ///
    /// # Errors
    /// The handle is unknown.
    pub fn observe(&mut self, id: TypeId) -> Result<(), EditError> {
        self.commit();
        let txn = self.doc.try_transact().map_err(|_| EditError::Closed)?;
        self.roots.observe(id, &View::of(&txn), &self.recorder)?;
        self.observed += 1;
        Ok(())
    }

    /// Ends what [`Replica::observe`] began.
    ///
    /// # Errors
    /// The handle is unknown.
    pub fn unobserve(&mut self, id: TypeId) -> Result<(), EditError> {
        self.commit();
        let txn = self.doc.try_transact().map_err(|_| EditError::Closed)?;
        self.roots.unobserve(id, &View::of(&txn), &self.recorder)?;
        self.observed = self.observed.saturating_sub(1);
        Ok(())
    }

    /// Whether somebody may be told of changes.
    pub const fn is_observed(&self) -> bool {
        self.observed > 0
    }

    /// Whether edits wait for [`Replica::commit`].
    pub fn has_pending(&self) -> bool {
        self.roots.has_pending()
    }

    /// Writes all pending edits in one transaction: one update, and one change for each observed type. After them, as the
    /// positions of edits are those before it, what was [collected](Replica::collect), unless that [waits](Replica::is_behind).
    pub fn commit(&mut self) {
        self.commit_edits();
        if !self.is_behind() || self.is_apart {
            self.write_collected();
        }
    }

    /// As [`Replica::commit`], and nothing waits: for whoever needs the whole document.
    pub fn complete(&mut self) {
        self.commit_edits();
        self.write_collected();
    }

    /// Writes all pending edits, and nothing of what was collected.
    pub fn commit_edits(&mut self) {
        if self.has_pending() {
            self.write_with(self.pen(), &mut Roots::write);
            self.commits = self.commits.wrapping_add(1);
        }
    }

    /// Writes a change of our own in a transaction.
    fn write(&mut self, write: &mut dyn FnMut(&mut Roots, &mut TransactionMut)) {
        let mut pen = self.pen();
        // What else is written than edits that were pending, only yrs can say.
        pen.note(None);
        self.write_with(pen, write);
    }

    fn pen(&self) -> Pen {
        Pen::new(self.client, self.own_clock())
    }

    fn write_with(&mut self, pen: Pen, write: &mut dyn FnMut(&mut Roots, &mut TransactionMut)) {
        // This replica never keeps a transaction, so there is none in the way.
        let Ok(mut txn) = self.doc.try_transact_mut_with(LOCAL) else { return };
        self.undos.prepare_commit();
        self.roots.pen = pen;
        write(&mut self.roots, &mut txn);
        let (update, delta) = std::mem::take(&mut self.roots.pen).finish();
        self.recorder.expect(delta);
        txn.commit();
        if !txn.delete_set().is_empty() {
            self.roots.forget_deleted(&View::of(&txn));
        }
        let update = update.or_else(|| txn.has_changes().then(|| txn.encode_update_v1()));
        #[cfg(any(test, feature = "faults"))]
        faults::strike(faults::Site::Commit, update.as_deref().unwrap_or_default());
        drop(txn);
        if let Some(update) = update {
            self.note_own(update);
        }
        self.undos.follow_commit();
        self.queue_changes(Origin::Local);
    }

    /// Enters a change that was made here, to be passed on.
    fn note_own(&mut self, update: Vec<u8>) {
        // Our own change always fits: the roots were declared to the intake with their kinds.
        let noted = self.intake.note_local(&update);
        self.is_apart |= noted.is_err();
        self.keep_committed(Origin::Local, &update);
        self.committed.push_back(Committed { origin: Origin::Local, update, ranges: noted.unwrap_or_default() });
    }

    /// The next change to pass on.
    pub fn poll_committed(&mut self) -> Option<Committed> {
        self.committed.pop_front()
    }

    /// The next change of an observed type.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop()
    }

    /// Whether observers were not told of something.
    pub const fn has_news(&self) -> bool {
        !self.changes.is_empty() || self.undos.has_events()
    }

    /// Whether there is a change to pass on.
    pub const fn has_committed(&self) -> bool {
        !self.committed.is_empty()
    }

    fn queue_changes(&mut self, origin: Origin) {
        self.recorder.take(origin).for_each(|change| self.changes.push(change));
    }

    /// Marks a type as having edits to write.
    fn mark(&mut self, id: TypeId) {
        self.roots.mark(id);
    }

    /// Reads what is committed; the default value if a transaction were open, which none ever is.
    fn read<R: Default>(&self, read: impl FnOnce(&View) -> R) -> R {
        self.doc.try_transact().map(|txn| read(&View::of(&txn))).unwrap_or_default()
    }
}

/// The longest that a text or list may become: positions are whole numbers below 2^31.
const MAX_LEN: u32 = (1 << 31) - 1;

/// The origin of own transactions in yrs.
const LOCAL: &str = "local";

/// Checks that `len` elements from `index` on lie within `available`; the end of them.
fn check_range(index: u32, len: u32, available: u32) -> Result<u32, EditError> {
    let end = index.checked_add(len).filter(|end| *end <= available);
    end.ok_or(EditError::OutOfRange { index: u64::from(index) + u64::from(len), len: available })
}

#[cfg(test)]
mod tests;
