//! Decides what can be undone: which edits are one step, which steps there are, and what is kept alive for them.
//!
//! yrs does the work ([`managers`]); what it would do wrongly is seen to here: to copies that were edited ([`rest`]), and
//! to what is nested ([`revival`], [`copying`]).

mod copying;
mod managers;
mod rest;
mod revival;

use super::Replica;
use super::error::EditError;
use super::kind::TypeId;
use super::state::merge_updates;
use super::view::View;
use crate::clock::{Duration, Instant};
use crate::ids::Origin;
use std::rc::Rc;
use yrs::branch::BranchPtr;
use yrs::{BranchID, IdSet, Transact};

use copying::Updates;
pub(super) use managers::Undos;
use managers::{Ahead, Effect, LastEdit};

/// Names an undo manager of a replica; never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UndoId(pub u32);

/// Names a step of an undo manager; never reused by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StepId(pub u32);

/// The two stacks of an undo manager.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UndoStack {
    /// The steps that can be undone.
    Undo,
    /// The steps that were undone.
    Redo,
}

/// What happened to the steps of an undo manager.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UndoChange {
    /// There is another step on top.
    Added(StepId),
    /// More was edited that belongs to the step on top.
    Extended(StepId),
    /// A step was undone or redone.
    Popped(StepId),
    /// All steps are gone.
    Cleared,
}

/// What happened to a stack of an undo manager.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UndoEvent {
    /// Whose stack it is.
    pub manager: UndoId,
    /// Which of its stacks.
    pub stack: UndoStack,
    /// What happened.
    pub change: UndoChange,
}

impl UndoStack {
    /// Both, as they are written in the JavaScript API.
    pub const ALL: [Self; 2] = [Self::Undo, Self::Redo];

    /// The one that a step goes to when it is taken from this one.
    const fn other(self) -> Self {
        match self {
            Self::Undo => Self::Redo,
            Self::Redo => Self::Undo,
        }
    }

    /// The name in the JavaScript API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Redo => "redo",
        }
    }
}

impl UndoChange {
    /// All names that a change has in the JavaScript API.
    pub const NAMES: [&'static str; 4] = ["added", "extended", "popped", "cleared"];

    /// The name in the JavaScript API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added(_) => "added",
            Self::Extended(_) => "extended",
            Self::Popped(_) => "popped",
            Self::Cleared => "cleared",
        }
    }

    /// The step that it is about, if it is about one.
    pub const fn step(self) -> Option<StepId> {
        match self {
            Self::Added(step) | Self::Extended(step) | Self::Popped(step) => Some(step),
            Self::Cleared => None,
        }
    }
}

impl Replica {
    /// Opens an undo manager for the edits that are made here in these roots, and in what is nested in them. Edits that
    /// follow each other within `capture_timeout`, or within one task, are one step.
    ///
    /// # Errors
    /// A handle is unknown, or that of a nested type.
    pub fn open_undo(&mut self, scope: &[TypeId], capture_timeout: Duration) -> Result<UndoId, EditError> {
        self.commit();
        let roots = scope.iter().map(|id| self.root_of(*id)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.undos.open(&self.doc, &roots, capture_timeout))
    }

    /// Takes the last step back; false if there was nothing to change. Steps of which nothing is left are passed over.
    ///
    /// # Errors
    /// There is no such undo manager.
    pub fn undo(&mut self, id: UndoId) -> Result<bool, EditError> {
        self.turn(id, UndoStack::Undo)
    }

    /// Does again what was undone last; false if there was nothing to change.
    ///
    /// # Errors
    /// There is no such undo manager.
    pub fn redo(&mut self, id: UndoId) -> Result<bool, EditError> {
        self.turn(id, UndoStack::Redo)
    }

    /// Whether there is a step on this stack, pending edits included.
    ///
    /// # Errors
    /// There is no such undo manager.
    pub fn has_step(&mut self, id: UndoId, stack: UndoStack) -> Result<bool, EditError> {
        self.commit();
        Ok(!self.undos.manager(id)?.ids(stack).is_empty())
    }

    /// Has the next edit begin a step.
    ///
    /// # Errors
    /// There is no such undo manager.
    pub fn stop_capturing(&mut self, id: UndoId) -> Result<(), EditError> {
        self.commit();
        self.undos.manager(id)?.last = LastEdit::Closed;
        Ok(())
    }

    /// Forgets all steps, and what was kept alive for them and for no other undo manager.
    ///
    /// # Errors
    /// There is no such undo manager.
    pub fn clear_undo(&mut self, id: UndoId) -> Result<(), EditError> {
        self.commit();
        let freed = self.undos.clear(id)?;
        self.release(&freed);
        Ok(())
    }

    /// Ends an undo manager.
    ///
    /// # Errors
    /// There is no such undo manager.
    pub fn close_undo(&mut self, id: UndoId) -> Result<(), EditError> {
        self.clear_undo(id)?;
        self.undos.close(id);
        Ok(())
    }

    /// The next thing that happened to the steps of an undo manager. To be asked after [`Self::poll_change`] had no more.
    pub fn poll_undo_event(&mut self) -> Option<UndoEvent> {
        self.undos.events.pop_front()
    }

    /// Whether it matters when something is edited.
    pub const fn groups_by_time(&self) -> bool {
        !self.undos.is_empty()
    }

    /// Says when the edits are made that come next, or that are pending.
    pub fn note_time(&mut self, now: Instant) {
        self.undos.time = now;
    }

    /// Ends a task: what is edited next is no part of it.
    pub fn end_task(&mut self) {
        self.undos.task += 1;
    }

    /// yrs undoes in transactions of its own, so their updates are taken where it tells everybody.
    fn turn(&mut self, id: UndoId, from: UndoStack) -> Result<bool, EditError> {
        self.complete();
        self.undos.manager(id)?;
        let updates: Rc<Updates> = Rc::default();
        let told = Rc::clone(&updates);
        // It fails where a transaction is open, which none ever is. yrs waits for it below, which ends a wasm.
        let subscribed = self.doc.observe_update_v1(SUBSCRIPTION, move |_, event| {
            // Taken only after the transactions, so it is never borrowed here.
            if let Ok(mut told) = told.try_borrow_mut() {
                told.push(event.update.clone());
            }
        });
        subscribed.map_err(|_| EditError::Closed)?;
        let mut effect = Ok(Some(Effect::Unchanged));
        while effect == Ok(Some(Effect::Unchanged)) {
            let ahead = self.ahead(id, from).map(|ahead| Ahead { updates: Rc::clone(&updates), ..ahead });
            effect = ahead.and_then(|ahead| self.undos.turn(&self.doc, id, from, &ahead));
        }
        let unsubscribed = self.doc.unobserve_update_v1(SUBSCRIPTION);
        self.note_all_undone(updates.take());
        self.queue_changes(Origin::Local);
        unsubscribed.map_err(|_| EditError::Closed)?;
        Ok(effect?.is_some())
    }

    /// What was brought back piece by piece is one change for others.
    fn note_all_undone(&mut self, updates: Vec<Vec<u8>>) {
        let is_one = updates.len() == 1;
        let whole = if is_one { None } else { merge_in_groups(&updates) };
        match whole {
            Some(whole) => self.note_undone(whole),
            None => updates.into_iter().for_each(|update| self.note_undone(update)),
        }
    }

    /// Takes over a change that yrs has made by itself, as if it had been written with a commit.
    fn note_undone(&mut self, update: Vec<u8>) {
        if let Ok(txn) = self.doc.try_transact() {
            self.roots.refresh(&View::of(&txn), &update);
        }
        let first_copy = self.own_clock();
        self.note_own(update);
        self.undos.copies.insert(self.client, first_copy..self.own_clock());
    }

    fn root_of(&self, id: TypeId) -> Result<BranchPtr, EditError> {
        match self.roots.place(id)? {
            place @ BranchID::Root(_) => self.read(|view| place.get_branch(view)).ok_or(EditError::UnknownType(id)),
            BranchID::Nested(_) => Err(EditError::NoRoot(id)),
        }
    }

    /// Leaves of these deleted elements only that they were there.
    fn release(&self, freed: &IdSet) {
        if let Ok(mut txn) = self.doc.try_transact_mut() {
            txn.gc(Some(freed));
        }
    }
}

/// One update that does what all of them do. yrs looks at all that it merges for each block that it writes.
fn merge_in_groups(updates: &[Vec<u8>]) -> Option<Vec<u8>> {
    let merge = |group: &[Vec<u8>]| merge_updates(group.iter().map(Vec::as_slice));
    let mut merged = updates.chunks(GROUP).map(merge).collect::<Option<Vec<_>>>()?;
    while merged.len() > 1 {
        merged = merged.chunks(GROUP).map(merge).collect::<Option<_>>()?;
    }
    merged.pop()
}

/// How many updates are merged at once.
const GROUP: usize = 16;

/// The key of the subscription that is held while something is undone.
const SUBSCRIPTION: &str = "syncline-undo";
