//! Decides which edits are one step, and which steps there are on which stack.
//!
//! yrs captures, and is made to group as this says: of its own rule – extend the last step while the time has not moved
//! on by a timeout – only the form is left. Its clock is a number that moves on where a step ends here.

use super::{StepId, UndoChange, UndoEvent, UndoId, UndoStack};
use crate::clock::{Duration, Instant};
use crate::queue::Queue;
use crate::replica::{EditError, IdRanges, LOCAL};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use yrs::branch::BranchPtr;
use yrs::sync::Clock;
use yrs::undo::{Options, StackItem, UndoManager};
use yrs::{Doc, ID, IdSet};

/// The undo managers of a replica.
#[derive(Debug, Default)]
pub(in crate::replica) struct Undos {
    open: Vec<Manager>,
    next: u32,
    /// When the edits are made that are written next.
    pub(super) time: Instant,
    /// How many tasks have ended.
    pub(super) task: u64,
    pub(super) events: Queue<UndoEvent>,
    /// What was inserted by taking something back.
    pub(super) copies: IdRanges,
}

#[derive(Debug)]
pub(super) struct Manager {
    id: UndoId,
    inner: UndoManager<()>,
    /// Roots: they are there as long as the document.
    scope: Vec<BranchPtr>,
    pulse: Arc<Pulse>,
    timeout: Duration,
    pub(super) last: LastEdit,
    pub(super) undo: Vec<StepId>,
    pub(super) redo: Vec<StepId>,
    next_step: u32,
}

/// Whether taking steps back has changed anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    Changed,
    Unchanged,
}

/// Whether the step on top may grow.
#[derive(Clone, Copy, Debug)]
pub(super) enum LastEdit {
    /// It may not.
    Closed,
    /// As long as the task goes on, or for a while from that time on.
    At { time: Instant, task: u64 },
}

/// What yrs takes for a clock. It asks for the time once for each transaction that it captures, and in no other case.
#[derive(Debug)]
struct Pulse {
    step: AtomicU64,
    has_captured: AtomicBool,
}

impl Clock for Pulse {
    fn now(&self) -> u64 {
        self.has_captured.store(true, Ordering::Relaxed);
        self.step.load(Ordering::Relaxed)
    }
}

impl Undos {
    pub(super) fn open(&mut self, doc: &Doc, scope: &[BranchPtr], timeout: Duration) -> UndoId {
        let id = UndoId(self.next);
        self.next += 1;
        let pulse = Arc::new(Pulse { step: AtomicU64::new(1), has_captured: AtomicBool::new(false) });
        let inner = capture(doc, scope, &pulse, Vec::new(), Vec::new());
        let scope = scope.to_vec();
        let (undo, redo) = (Vec::new(), Vec::new());
        let last = LastEdit::Closed;
        self.open.push(Manager { id, inner, scope, pulse, timeout, last, undo, redo, next_step: 0 });
        id
    }

    /// Decides for each manager whether the edits that are written next begin a step.
    pub(in crate::replica) fn prepare_commit(&mut self) {
        let (time, task) = (self.time, self.task);
        self.open.iter_mut().for_each(|manager| manager.prepare(time, task));
    }

    /// Takes in what yrs has captured of a commit.
    pub(in crate::replica) fn follow_commit(&mut self) {
        let (time, task) = (self.time, self.task);
        for manager in &mut self.open {
            if !manager.pulse.has_captured.swap(false, Ordering::Relaxed) {
                continue;
            }
            manager.last = LastEdit::At { time, task };
            manager.follow(&mut self.events);
        }
    }

    pub(super) fn turn(&mut self, id: UndoId, from: UndoStack) -> Result<Effect, EditError> {
        // What is undone here is no part of what others capture, and must not lie within one of their steps: yrs
        // does not expect the elements of a step to have become part of one block with others between them.
        self.open.iter_mut().for_each(|manager| manager.last = LastEdit::Closed);
        let manager = self.manager(id)?;
        let has_changed = match from {
            UndoStack::Undo => manager.inner.undo_blocking(),
            UndoStack::Redo => manager.inner.redo_blocking(),
        };
        Ok(if has_changed { Effect::Changed } else { Effect::Unchanged })
    }

    /// Takes back what yrs has left of a step, as part of the same step, and says what became of the steps.
    pub(super) fn finish(
        &mut self,
        doc: &Doc,
        id: UndoId,
        from: UndoStack,
        rest: &IdSet,
        effect: Effect,
    ) -> Result<Effect, EditError> {
        let manager = find(&mut self.open, id)?;
        if !rest.is_empty() {
            manager.delete(doc, from, rest, effect);
        }
        let effect = if rest.is_empty() { effect } else { Effect::Changed };
        manager.follow_turn(from, effect, &mut self.events);
        Ok(effect)
    }

    /// Returns what nobody keeps alive any more.
    pub(super) fn clear(&mut self, id: UndoId) -> Result<IdSet, EditError> {
        let manager = find(&mut self.open, id)?;
        let mut freed = manager.deletions();
        manager.inner.clear_all();
        manager.last = LastEdit::Closed;
        manager.follow_clear(&mut self.events);
        self.open.iter().for_each(|other| freed.diff_with(&other.deletions()));
        Ok(freed)
    }

    pub(super) fn close(&mut self, id: UndoId) {
        self.open.retain(|manager| manager.id != id);
    }

    pub(super) fn manager(&mut self, id: UndoId) -> Result<&mut Manager, EditError> {
        find(&mut self.open, id)
    }
}

impl Manager {
    fn prepare(&mut self, now: Instant, current: u64) {
        let grows = match self.last {
            LastEdit::Closed => false,
            LastEdit::At { time, task } => task == current || now.since(time) < self.timeout,
        };
        if !grows {
            self.pulse.step.fetch_add(1, Ordering::Relaxed);
        }
        self.pulse.has_captured.store(false, Ordering::Relaxed);
    }

    /// After an edit: there is a step more, or the last one has grown; and nothing is left to be redone.
    fn follow(&mut self, events: &mut Queue<UndoEvent>) {
        if self.inner.redo_stack().is_empty() && !self.redo.is_empty() {
            self.redo.clear();
            self.tell(UndoStack::Redo, UndoChange::Cleared, events);
        }
        if self.inner.undo_stack().len() > self.undo.len() {
            self.add(UndoStack::Undo, events);
        } else if let Some(step) = self.undo.last() {
            self.tell(UndoStack::Undo, UndoChange::Extended(*step), events);
        }
    }

    /// What the step on top of a stack has inserted.
    pub(super) fn on_top(&self, stack: UndoStack) -> Option<&IdSet> {
        let steps = match stack {
            UndoStack::Undo => self.inner.undo_stack(),
            UndoStack::Redo => self.inner.redo_stack(),
        };
        steps.last().map(StackItem::insertions)
    }

    /// Deletes elements as part of what was just taken back. yrs lets nobody change its stacks, so it gets new ones.
    fn delete(&mut self, doc: &Doc, from: UndoStack, elements: &IdSet, before: Effect) {
        let deleted = delete_undoably(doc, &self.scope, &self.pulse, elements);
        let (mut undo, mut redo) = (self.inner.undo_stack().to_vec(), self.inner.redo_stack().to_vec());
        let to = match from {
            UndoStack::Undo => &mut redo,
            UndoStack::Redo => &mut undo,
        };
        match to.last_mut().filter(|_| before == Effect::Changed) {
            Some(begun) => deleted.into_iter().for_each(|more| begun.merge(more, |(), ()| {})),
            None => to.extend(deleted),
        }
        self.inner = capture(doc, &self.scope, &self.pulse, undo, redo);
    }

    /// After steps were taken from a stack. The last one is the one that has changed something, if any has.
    fn follow_turn(&mut self, from: UndoStack, effect: Effect, events: &mut Queue<UndoEvent>) {
        let (undo, redo) = (self.inner.undo_stack().len(), self.inner.redo_stack().len());
        let (taken, to, has_more) = match from {
            UndoStack::Undo => (&mut self.undo, UndoStack::Redo, redo > self.redo.len()),
            UndoStack::Redo => (&mut self.redo, UndoStack::Undo, undo > self.undo.len()),
        };
        let left = if from == UndoStack::Undo { undo } else { redo };
        let mut popped = taken.split_off(left.min(taken.len()));
        let turned = if effect == Effect::Changed && !popped.is_empty() { Some(popped.remove(0)) } else { None };
        for step in popped.into_iter().rev() {
            self.tell(from, UndoChange::Popped(step), events);
        }
        if has_more {
            self.add(to, events);
        }
        if let Some(step) = turned {
            self.tell(from, UndoChange::Popped(step), events);
        }
    }

    fn follow_clear(&mut self, events: &mut Queue<UndoEvent>) {
        for stack in UndoStack::ALL {
            let steps = match stack {
                UndoStack::Undo => &mut self.undo,
                UndoStack::Redo => &mut self.redo,
            };
            if !std::mem::take(steps).is_empty() {
                self.tell(stack, UndoChange::Cleared, events);
            }
        }
    }

    fn add(&mut self, stack: UndoStack, events: &mut Queue<UndoEvent>) {
        let step = StepId(self.next_step);
        self.next_step += 1;
        match stack {
            UndoStack::Undo => self.undo.push(step),
            UndoStack::Redo => self.redo.push(step),
        }
        self.tell(stack, UndoChange::Added(step), events);
    }

    fn tell(&self, stack: UndoStack, change: UndoChange, events: &mut Queue<UndoEvent>) {
        events.push_back(UndoEvent { manager: self.id, stack, change });
    }

    /// Everything deleted that is kept alive for the steps.
    fn deletions(&self) -> IdSet {
        let mut deletions = IdSet::default();
        let steps = self.inner.undo_stack().iter().chain(self.inner.redo_stack());
        steps.map(StackItem::deletions).for_each(|of_step| deletions.merge_with(of_step.clone()));
        deletions
    }
}

fn find(managers: &mut [Manager], id: UndoId) -> Result<&mut Manager, EditError> {
    managers.iter_mut().find(|manager| manager.id == id).ok_or(EditError::UnknownUndo(id))
}

/// Has yrs capture what is edited here in these roots.
fn capture(
    doc: &Doc,
    scope: &[BranchPtr],
    pulse: &Arc<Pulse>,
    undo: Vec<StackItem<()>>,
    redo: Vec<StackItem<()>>,
) -> UndoManager<()> {
    let mut manager = UndoManager::with_options(Options {
        capture_timeout_millis: 1,
        tracked_origins: HashSet::from([LOCAL.into()]),
        capture_transaction: None,
        timestamp: Arc::<Pulse>::clone(pulse),
        init_undo_stack: undo,
        init_redo_stack: redo,
    });
    scope.iter().for_each(|root| manager.expand_scope(doc, root));
    manager
}

/// Deletes elements as if they were a step that is undone; returns what redoes that.
fn delete_undoably(doc: &Doc, scope: &[BranchPtr], pulse: &Arc<Pulse>, elements: &IdSet) -> Option<StackItem<()>> {
    // Each range by itself: yrs does not expect two that lie in one block.
    let mut steps = Vec::new();
    for (client, ranges) in elements.iter() {
        for range in ranges.iter() {
            let mut inserted = IdSet::default();
            inserted.insert(ID::new(*client, range.start), range.end - range.start);
            steps.push(StackItem::new(doc.guid(), IdSet::default(), inserted));
        }
    }
    let mut manager = capture(doc, scope, pulse, steps, Vec::new());
    while manager.undo_blocking() {}
    let deleted = manager.redo_stack().iter().cloned();
    deleted.reduce(|mut all, more| {
        all.merge(more, |(), ()| {});
        all
    })
}
