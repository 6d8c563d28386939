//! Decides which edits are one step, and which steps there are on which stack.
//!
//! yrs captures, and is made to group as this says: of its own rule – extend the last step while the time has not moved
//! on by a timeout – only the form is left. Its clock is a number that moves on where a step ends here.

use super::copying::{Copied, Copying, Updates, renamed};
use super::revival::Plan;
use super::{StepId, UndoChange, UndoEvent, UndoId, UndoStack};
use crate::clock::{Duration, Instant};
use crate::queue::Queue;
use crate::replica::gate::Id;
use crate::replica::{EditError, IdRanges, LOCAL};
use crate::sorted::SortedMap;
use std::collections::HashSet;
use std::rc::Rc;
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
    /// What stands for a type that was deleted and brought back, or for an entry of one.
    pub(super) born: SortedMap<Id, Id>,
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

/// What is done before yrs takes a step back.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Copies of what the step has inserted, to be deleted.
    pub(super) copies: IdSet,
    /// What the step brings back in nested types.
    pub(super) plan: Plan,
    /// What yrs tells meanwhile.
    pub(super) updates: Rc<Updates>,
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
pub(super) struct Pulse {
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
    /// Whether something happened that was not taken out.
    pub(in crate::replica) const fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Whether none is open.
    pub(super) const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

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

    pub(super) fn turn(
        &mut self,
        doc: &Doc,
        id: UndoId,
        from: UndoStack,
        ahead: &Ahead,
    ) -> Result<Option<Effect>, EditError> {
        // What is undone here is no part of what others capture, and must not lie within one of their steps: yrs
        // does not expect the elements of a step to have become part of one block with others between them.
        self.open.iter_mut().for_each(|manager| manager.last = LastEdit::Closed);
        let mut copied = Vec::new();
        let manager = find(&mut self.open, id)?;
        let effect = manager.turn(doc, from, ahead, &mut copied);
        effect.into_iter().for_each(|effect| manager.follow_turn(from, effect, &mut self.events));
        if !copied.is_empty() {
            for Copied { from, to, .. } in copied.iter().filter(|copied| copied.len == 1) {
                self.born.insert(*from, *to);
            }
            copied.sort_unstable_by_key(|copied| copied.from);
            self.open.iter_mut().for_each(|manager| manager.rename(doc, &copied));
        }
        Ok(effect)
    }

    /// Everything deleted that is kept alive for steps.
    pub(super) fn deletions(&self) -> IdSet {
        let mut deletions = IdSet::default();
        self.open.iter().for_each(|manager| deletions.merge_with(manager.deletions()));
        deletions
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

    /// What the step on top of a stack has inserted, and what it has deleted.
    pub(super) fn on_top(&self, stack: UndoStack) -> Option<(&IdSet, &IdSet)> {
        self.stack(stack).last().map(|step| (step.insertions(), step.deletions()))
    }

    pub(super) fn ids(&mut self, stack: UndoStack) -> &mut Vec<StepId> {
        match stack {
            UndoStack::Undo => &mut self.undo,
            UndoStack::Redo => &mut self.redo,
        }
    }

    fn stack(&self, stack: UndoStack) -> &[StackItem<()>] {
        match stack {
            UndoStack::Undo => self.inner.undo_stack(),
            UndoStack::Redo => self.inner.redo_stack(),
        }
    }

    /// Takes the last step from a stack; none if there is none. yrs would go on to the next where nothing has changed,
    /// which has not been looked at; so it does not find any.
    fn turn(&mut self, doc: &Doc, from: UndoStack, ahead: &Ahead, copied: &mut Vec<Copied>) -> Option<Effect> {
        let top = self.stack(from).last()?.clone();
        let steps = deletions(doc, &ahead.copies);
        let begun = take_back(doc, &self.scope, &self.pulse, steps);
        let begun = begun.into_iter().chain(self.carry_out(doc, &top, ahead, copied)).reduce(joined);
        let below = self.stack(from).len() - 1;
        // They stay on one of the stacks: yrs asks both for what was deleted here, and not by others.
        self.restack(doc, from, |stack, to| {
            stack.pop();
            let rest = top.deletions().diff(&ahead.plan.taken);
            to.splice(..0, stack.drain(..));
            stack.push(StackItem::new(doc.guid(), rest, top.insertions().clone()));
        });
        let has_changed = match from {
            UndoStack::Undo => self.inner.undo_blocking(),
            UndoStack::Redo => self.inner.redo_blocking(),
        };
        let effect = if has_changed || begun.is_some() { Effect::Changed } else { Effect::Unchanged };
        let to_len = below + self.ids(from.other()).len();
        self.restack(doc, from, |stack, to| {
            match (to.get_mut(to_len), begun) {
                (Some(step), Some(begun)) => step.merge(begun, |(), ()| {}),
                (_, begun) => to.extend(begun),
            }
            stack.splice(..0, to.drain(..below));
        });
        Some(effect)
    }

    /// Brings back piece by piece what is not left to yrs; returns what takes that back.
    fn carry_out(
        &self,
        doc: &Doc,
        step: &StackItem<()>,
        ahead: &Ahead,
        copied: &mut Vec<Copied>,
    ) -> Option<StackItem<()>> {
        let plan = &ahead.plan;
        if plan.pieces.is_empty() {
            return None;
        }
        let (inserted, deleted) = (step.insertions().diff(&plan.buried), self.deletions().diff(&plan.buried));
        let copying =
            Copying { doc, scope: &self.scope, pulse: &self.pulse, inserted, deleted, updates: &ahead.updates };
        copying.run(&plan.pieces, copied)
    }

    /// Changes the stacks: the one that steps are taken from, and the other. yrs lets nobody do that, so it gets new
    /// ones.
    fn restack(
        &mut self,
        doc: &Doc,
        from: UndoStack,
        change: impl FnOnce(&mut Vec<StackItem<()>>, &mut Vec<StackItem<()>>),
    ) {
        let (mut undo, mut redo) = (self.inner.undo_stack().to_vec(), self.inner.redo_stack().to_vec());
        match from {
            UndoStack::Undo => change(&mut undo, &mut redo),
            UndoStack::Redo => change(&mut redo, &mut undo),
        }
        self.inner = capture(doc, &self.scope, &self.pulse, undo, redo);
    }

    /// Has the steps be about what stands for elements that they were about.
    fn rename(&mut self, doc: &Doc, copied: &[Copied]) {
        self.restack(doc, UndoStack::Undo, |undo, redo| {
            undo.iter_mut().chain(redo).for_each(|step| *step = renamed(step, doc, copied));
        });
    }

    /// After a step was taken from a stack.
    fn follow_turn(&mut self, from: UndoStack, effect: Effect, events: &mut Queue<UndoEvent>) {
        let to = from.other();
        let turned = self.ids(from).pop();
        if effect == Effect::Changed && self.stack(to).len() > self.ids(to).len() {
            self.add(to, events);
        }
        if let Some(step) = turned {
            self.tell(from, UndoChange::Popped(step), events);
        }
    }

    fn follow_clear(&mut self, events: &mut Queue<UndoEvent>) {
        for stack in UndoStack::ALL {
            if !std::mem::take(self.ids(stack)).is_empty() {
                self.tell(stack, UndoChange::Cleared, events);
            }
        }
    }

    fn add(&mut self, stack: UndoStack, events: &mut Queue<UndoEvent>) {
        let step = StepId(self.next_step);
        self.next_step += 1;
        self.ids(stack).push(step);
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
pub(super) fn capture(
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

/// Steps that have inserted these elements. Each range by itself: yrs does not expect two that lie in one block.
pub(super) fn deletions(doc: &Doc, elements: &IdSet) -> Vec<StackItem<()>> {
    let mut steps = Vec::new();
    for (client, ranges) in elements.iter() {
        for range in ranges.iter() {
            let mut inserted = IdSet::default();
            inserted.insert(ID::new(*client, range.start), range.end - range.start);
            steps.push(StackItem::new(doc.guid(), IdSet::default(), inserted));
        }
    }
    steps
}

/// Takes steps back that are on no stack, the last one first; returns what takes all of that back.
fn take_back(doc: &Doc, scope: &[BranchPtr], pulse: &Arc<Pulse>, steps: Vec<StackItem<()>>) -> Option<StackItem<()>> {
    if steps.is_empty() {
        return None;
    }
    let mut manager = capture(doc, scope, pulse, steps, Vec::new());
    while manager.undo_blocking() {}
    manager.redo_stack().iter().cloned().reduce(joined)
}

/// Two steps as one.
pub(super) fn joined(mut step: StackItem<()>, more: StackItem<()>) -> StackItem<()> {
    step.merge(more, |(), ()| {});
    step
}
