//! Decides what is remembered of the document, so that a reference into it can be checked without asking yrs.
//!
//! For each client there is a list of runs: consecutive ids that stand in the same place. Typing extends the last
//! run, so the table stays far smaller than the document, and finding an id is one binary search.

use super::content::{Content, TypeRef};
use super::kinds::Kinds;
use super::parse::Id;
use crate::ids::{ClientId, Clock};
use crate::replica::{EditError, Inconsistency, Kind, Refusal, Unsupported};
use crate::sorted::SortedMap;
use std::cell::Cell;
use std::ops::Range;
use yrs::BranchID;

/// Everything that is in the document, by id.
#[derive(Debug, Default)]
pub(in crate::replica) struct Table {
    /// In the order in which they came.
    clients: Vec<(ClientId, Runs)>,
    /// Where each client is among them.
    by_client: SortedMap<ClientId, usize>,
    /// Where clients were found last, each in a place that follows from its id: nearly everything names the same few.
    recent: [Cell<usize>; RECENT],
    types: Vec<SharedType>,
    roots: SortedMap<Box<str>, TypeId>,
    keys: SortedMap<Box<str>, KeyId>,
    undo: Undo,
}

/// The ids of one client, from 0 to `next` without a gap.
#[derive(Debug, Default)]
struct Runs {
    runs: Vec<Run>,
    next: Clock,
}

/// Consecutive ids; the next run begins where this one ends.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: Clock,
    entry: Entry,
}

/// What is known of an element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// Where it stands; nowhere when it was collected, or when its parent was.
    pub(super) slot: Option<Slot>,
    pub(super) held: Held,
}

/// What an element may be for others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Held {
    /// Nothing is left of it. It may have been anything.
    Gone,
    /// A value, which can have no children.
    Leaf,
    /// A shared type.
    Type(TypeId),
}

/// A place in which elements form one sequence: a shared type, or a key of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Slot {
    pub(super) of: TypeId,
    pub(super) key: Option<KeyId>,
}

/// Names a shared type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::replica) struct TypeId(u32);

/// Names a key; equal keys of different types have one name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct KeyId(u32);

#[derive(Debug)]
struct SharedType {
    kinds: Kinds,
    /// How many types it is nested in.
    depth: u32,
    /// The element that holds it; none for a root.
    holder: Option<Id>,
    /// Whether anything in it was ever formatted.
    has_marks: bool,
}

/// What brings the table back to where it was at [`Table::mark`].
#[derive(Debug, Default)]
struct Undo {
    types: usize,
    keys: usize,
    kinds: Vec<(TypeId, Kinds)>,
    clients: Vec<(ClientId, usize, Clock)>,
}

impl Table {
    /// The clock that the next element of `client` will have.
    pub(in crate::replica) fn next(&self, client: ClientId) -> Clock {
        self.runs_of(client).map_or(0, |runs| runs.next)
    }

    /// Every client with its next clock, sorted by client.
    pub(in crate::replica) fn clocks(&self) -> impl Iterator<Item = (ClientId, Clock)> {
        self.by_client.iter().filter_map(|(_, at)| self.clients.get(*at)).map(|(client, runs)| (*client, runs.next))
    }

    /// Makes a root what the application opens it as.
    pub(in crate::replica) fn declare_root(&mut self, name: &str, kind: Kind) -> Result<(), EditError> {
        let TypeId(index) = self.root(name);
        let root = usize::try_from(index).ok().and_then(|index| self.types.get_mut(index));
        let Some(root) = root else { return Ok(()) };
        if root.kinds.and(kind.into()).is_none() {
            return Err(EditError::WrongKind { name: name.to_owned(), asked: kind, found: root.kinds.only() });
        }
        root.kinds = kind.into();
        Ok(())
    }

    /// Begins a change that [`Self::undo`] can take back.
    pub(super) fn mark(&mut self) {
        self.undo.types = self.types.len();
        self.undo.keys = self.keys.len();
        self.undo.kinds.clear();
        self.undo.clients.clear();
    }

    /// Takes back everything since [`Self::mark`].
    pub(in crate::replica) fn undo(&mut self) {
        while let Some((client, len, next)) = self.undo.clients.pop() {
            let Some(at) = self.find(client) else { continue };
            if next == 0 {
                // It came with the change, and so did all behind it.
                self.clients.truncate(at);
                self.by_client.remove(&client);
            } else if let Some((_, runs)) = self.clients.get_mut(at) {
                runs.runs.truncate(len);
                runs.next = next;
            }
        }
        while let Some((of, kinds)) = self.undo.kinds.pop() {
            self.with_type(of, |shared| shared.kinds = kinds);
        }
        if self.types.len() > self.undo.types {
            self.types.truncate(self.undo.types);
            let types = self.types.len();
            self.roots.retain(|_, TypeId(index)| usize::try_from(*index).is_ok_and(|index| index < types));
        }
        if self.keys.len() > self.undo.keys {
            let keys = self.undo.keys;
            self.keys.retain(|_, KeyId(index)| usize::try_from(*index).is_ok_and(|index| index < keys));
        }
    }

    /// What is known of an element, if it is in the document.
    pub(super) fn entry(&self, id: Id) -> Option<Entry> {
        let runs = self.runs_of(id.client)?;
        if id.clock >= runs.next {
            return None;
        }
        // Most name what was made last.
        let run = match runs.runs.last() {
            Some(last) if last.start <= id.clock => last,
            _ => runs.runs.get(runs.runs.partition_point(|run| run.start <= id.clock).checked_sub(1)?)?,
        };
        Some(run.entry)
    }

    /// Whether an element has a position: it stands in a sequence, and not under a key, and is not collected.
    pub(in crate::replica) fn has_position(&self, id: Id) -> bool {
        self.sequence_of(id).is_some()
    }

    /// The sequence in which an element stands.
    pub(in crate::replica) fn sequence_of(&self, id: Id) -> Option<TypeId> {
        self.entry(id).and_then(|entry| entry.slot).filter(|slot| slot.key.is_none()).map(|slot| slot.of)
    }

    /// The sequence of a shared type.
    pub(in crate::replica) fn sequence(&self, place: &BranchID) -> Option<TypeId> {
        match place {
            BranchID::Root(name) => self.roots.get(name.as_ref()).copied(),
            BranchID::Nested(id) => match self.entry(Id { client: ClientId(id.client.get()), clock: id.clock })?.held {
                Held::Type(of) => Some(of),
                Held::Gone | Held::Leaf => None,
            },
        }
    }

    /// Whether anything in a sequence was ever formatted.
    pub(in crate::replica) fn has_marks(&self, TypeId(index): TypeId) -> bool {
        usize::try_from(index).ok().and_then(|index| self.types.get(index)).is_none_or(|shared| shared.has_marks)
    }

    /// What is known of the elements, by consecutive ones.
    pub(super) fn runs(&self, client: ClientId, range: &Range<Clock>) -> impl Iterator<Item = (Range<Clock>, Entry)> {
        let runs = self.runs_of(client).map(|runs| runs.runs.as_slice()).unwrap_or_default();
        let first = runs.partition_point(|run| run.start <= range.start).saturating_sub(1);
        let until = runs.partition_point(|run| run.start < range.end);
        let touched = runs.get(first..until).unwrap_or_default().iter().enumerate();
        touched.map(move |(index, run)| {
            let end = runs.get(first + index + 1).map_or(range.end, |next| next.start.min(range.end));
            (run.start.max(range.start)..end, run.entry)
        })
    }

    /// The element that holds the type of a place; none for a root.
    pub(super) fn holder(&self, slot: Slot) -> Option<Id> {
        let TypeId(parent) = slot.of;
        self.types.get(usize::try_from(parent).ok()?)?.holder
    }

    /// The root of a name.
    pub(super) fn root(&mut self, name: &str) -> TypeId {
        if let Some(root) = self.roots.get(name) {
            return *root;
        }
        let root = self.add_type(SharedType { kinds: Kinds::ANY, depth: 0, holder: None, has_marks: false });
        self.roots.insert(name.into(), root);
        root
    }

    /// The name of a key.
    pub(super) fn key(&mut self, key: &str) -> KeyId {
        if let Some(known) = self.keys.get(key) {
            return *known;
        }
        let id = KeyId(u32::try_from(self.keys.len()).unwrap_or(u32::MAX));
        self.keys.insert(key.into(), id);
        id
    }

    /// Adds the next elements of a client, up to `end`, with what they hold and where they stand.
    pub(super) fn append(&mut self, id: Id, end: Clock, slot: Option<Slot>, content: Content) -> Result<(), Refusal> {
        let held = match (slot, content) {
            (None, _) | (_, Content::Deleted) => Held::Gone,
            (Some(slot), Content::Type(type_ref)) => Held::Type(self.nest(slot, type_ref, id)?),
            _ => Held::Leaf,
        };
        if let Some(slot) = slot {
            self.narrow(slot, content, id)?;
        }
        self.push(id.client, end, Entry { slot, held });
        Ok(())
    }

    /// Adds the next elements of a client, up to `end`, of which nothing is known.
    pub(super) fn append_collected(&mut self, client: ClientId, end: Clock) {
        self.push(client, end, Entry { slot: None, held: Held::Gone });
    }

    fn push(&mut self, client: ClientId, end: Clock, entry: Entry) {
        let at = self.find(client).unwrap_or_else(|| self.add_client(client));
        let Some((_, runs)) = self.clients.get_mut(at) else { return };
        if self.undo.clients.last().is_none_or(|(last, ..)| *last != client) {
            self.undo.clients.push((client, runs.runs.len(), runs.next));
        }
        let extends = !matches!(entry.held, Held::Type(_)) && runs.runs.last().is_some_and(|run| run.entry == entry);
        if !extends {
            runs.runs.push(Run { start: runs.next, entry });
        }
        runs.next = end;
    }

    fn runs_of(&self, client: ClientId) -> Option<&Runs> {
        self.clients.get(self.find(client)?).map(|(_, runs)| runs)
    }

    /// Where a client is among the clients.
    fn find(&self, client: ClientId) -> Option<usize> {
        let [low, ..] = client.0.to_le_bytes();
        let recent = self.recent.get(usize::from(low) % RECENT)?;
        if self.clients.get(recent.get()).is_none_or(|(found, _)| *found != client) {
            recent.set(*self.by_client.get(&client)?);
        }
        Some(recent.get())
    }

    fn add_client(&mut self, client: ClientId) -> usize {
        let at = self.clients.len();
        self.clients.push((client, Runs::default()));
        self.by_client.insert(client, at);
        at
    }

    fn nest(&mut self, slot: Slot, type_ref: TypeRef, holder: Id) -> Result<TypeId, Refusal> {
        let depth = self.with_type(slot.of, |parent| parent.depth).unwrap_or_default() + 1;
        if depth > MAX_DEPTH {
            return Err(Refusal::Unsupported(Unsupported::DeepNesting));
        }
        Ok(self.add_type(SharedType { kinds: type_ref.into(), depth, holder: Some(holder), has_marks: false }))
    }

    /// Leaves of the kinds that a type may be of those that take `content`.
    fn narrow(&mut self, slot: Slot, content: Content, id: Id) -> Result<(), Refusal> {
        let takes = if slot.key.is_some() { Kinds::with_entry(content) } else { Kinds::with_element(content) };
        let change = self.with_type(slot.of, |shared| {
            let before = shared.kinds;
            shared.kinds = before.and(takes);
            shared.has_marks |= content == Content::Format;
            (before, shared.kinds, shared.holder.is_none())
        });
        let Some((before, after, is_root)) = change else { return Ok(()) };
        if before != after {
            self.undo.kinds.push((slot.of, before));
        }
        match (after.is_none(), is_root) {
            (false, _) => Ok(()),
            (true, true) => Err(Refusal::Unsupported(Unsupported::MixedRoot { name: self.root_name(slot.of) })),
            (true, false) => {
                let Id { client, clock } = id;
                Err(Refusal::Inconsistent { what: Inconsistency::WrongContent, client, clock })
            }
        }
    }

    fn root_name(&self, of: TypeId) -> String {
        self.roots.iter().find(|(_, root)| **root == of).map(|(name, _)| name.to_string()).unwrap_or_default()
    }

    fn add_type(&mut self, shared: SharedType) -> TypeId {
        let id = TypeId(u32::try_from(self.types.len()).unwrap_or(u32::MAX));
        self.types.push(shared);
        id
    }

    fn with_type<R>(&mut self, TypeId(index): TypeId, change: impl FnOnce(&mut SharedType) -> R) -> Option<R> {
        usize::try_from(index).ok().and_then(|index| self.types.get_mut(index)).map(change)
    }
}

/// How many clients are found without being looked for. A text has as many authors that write at the same time.
const RECENT: usize = 16;

/// How deeply shared types may be nested. yrs deletes and reads them by recursion.
const MAX_DEPTH: u32 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_found_whatever_was_found_before_and_taken_back() {
        let mut table = Table::default();
        // All of these are remembered in the same place.
        let clients: Vec<_> = (1..=40).map(|number| ClientId(number << 8)).collect();
        let (kept, taken_back) = clients.split_at(20);
        for change in [kept, taken_back] {
            table.mark();
            change.iter().for_each(|client| table.append_collected(*client, 3));
        }
        assert!(clients.iter().rev().all(|client| table.next(*client) == 3));
        table.undo();
        for (client, next) in kept.iter().map(|client| (client, 3)).chain(taken_back.iter().map(|client| (client, 0))) {
            assert_eq!(table.next(*client), next);
        }
        table.mark();
        table.append_collected(ClientId(1), 5);
        assert_eq!(table.clocks().next(), Some((ClientId(1), 5)));
        assert_eq!((table.next(taken_back[0]), table.clocks().count()), (0, 21));
    }
}
