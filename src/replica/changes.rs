//! Decides what an observer is told: one change for each type and path, local ones composed until they are taken.

use super::compose::compose;
use super::delta::{DeltaOp, ListOp};
use super::kind::TypeId;
use super::value::Value;
use crate::ids::Origin;
use crate::queue::Queue;
use crate::sorted::SortedMap;

/// What has changed in an observed type, or in a type nested in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// The observed type.
    pub target: TypeId,
    /// Who changed it.
    pub origin: Origin,
    /// The way from the observed type to the one that changed; empty if they are the same.
    pub path: Vec<PathSegment>,
    /// What changed.
    pub kind: ChangeKind,
}

/// One step from a type to one nested in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PathSegment {
    /// The key in a map.
    Key(String),
    /// The position in a list.
    Index(u32),
}

/// What changed, by the kind of the type.
#[derive(Clone, PartialEq, Debug)]
pub enum ChangeKind {
    /// A text changed.
    Text(Vec<DeltaOp>),
    /// A list changed.
    List(Vec<ListOp>),
    /// Keys of a map changed, in the order of the keys.
    Map(Vec<(String, KeyChange)>),
}

/// What happened to a key of a map. The old value of a nested shared type is undefined: nothing is left of it.
#[derive(Clone, PartialEq, Debug)]
pub enum KeyChange {
    /// The key is new.
    Add {
        /// Its value.
        value: Value,
    },
    /// The key has another value.
    Update {
        /// The value it had.
        old: Value,
        /// The value it has.
        value: Value,
    },
    /// The key is gone.
    Delete {
        /// The value it had.
        old: Value,
    },
}

/// The changes that nobody has taken yet.
#[derive(Debug, Default)]
pub(super) struct ChangeQueue {
    changes: Queue<Change>,
}

impl ChangeQueue {
    /// Adds a change, as part of an earlier one at the same path where both are local, and where what was queued in
    /// between means the same before and after it.
    pub(super) fn push(&mut self, change: Change) {
        let of_target = self.changes.iter_mut().rev().filter(|queued| queued.target == change.target);
        let joined = of_target.take(REACH).find(|queued| !queued.commutes_with(&change));
        let Some(joined) = joined.filter(|queued| queued.is_local() && change.is_local() && queued.path == change.path)
        else {
            self.changes.push_back(change);
            return;
        };
        if let Some(apart) = joined.kind.compose(change.kind) {
            self.changes.push_back(Change { kind: apart, ..change });
        } else if joined.kind.is_empty() {
            self.changes.retain(|queued| !queued.kind.is_empty());
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn pop(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }
}

/// How many changes of the same observed type a change passes to join an earlier one; each costs a look at its path.
const REACH: usize = 64;

impl Change {
    fn is_local(&self) -> bool {
        self.origin == Origin::Local
    }

    /// Whether two local changes say the same in either order: the one leaves the path of the other as it is.
    fn commutes_with(&self, next: &Self) -> bool {
        let same = self.path.iter().zip(&next.path).take_while(|(one, other)| one == other).count();
        let apart = match (self.path.get(same), next.path.get(same)) {
            (Some(_), Some(_)) => true,
            (None, Some(step)) => !self.kind.moves(step),
            (Some(step), None) => !next.kind.moves(step),
            (None, None) => false,
        };
        apart && self.is_local() && next.is_local()
    }
}

impl ChangeKind {
    /// Whether this step from the type that changed may lead elsewhere before the change than after it.
    fn moves(&self, step: &PathSegment) -> bool {
        match (self, step) {
            (Self::Map(keys), PathSegment::Key(key)) => keys.iter().any(|(changed, _)| changed == key),
            (Self::List(delta), PathSegment::Index(index)) => {
                !matches!(delta.first(), Some(ListOp::Retain(untouched)) if untouched > index)
            }
            _ => true,
        }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(delta) => delta.is_empty(),
            Self::List(delta) => delta.is_empty(),
            Self::Map(keys) => keys.is_empty(),
        }
    }

    /// Takes the change that follows into this one; gives it back if it is of another kind.
    fn compose(&mut self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Text(delta), Self::Text(next)) => *delta = compose(std::mem::take(delta), next),
            (Self::List(delta), Self::List(next)) => *delta = compose(std::mem::take(delta), next),
            (Self::Map(keys), Self::Map(next)) => *keys = compose_keys(std::mem::take(keys), next),
            (_, next) => return Some(next),
        }
        None
    }
}

fn compose_keys(first: Vec<(String, KeyChange)>, second: Vec<(String, KeyChange)>) -> Vec<(String, KeyChange)> {
    let mut keys: SortedMap<String, KeyChange> = first.into_iter().collect();
    for (key, next) in second {
        let composed = match keys.remove(&key) {
            Some(before) => before.then(next),
            None => Some(next),
        };
        keys.extend(composed.map(|change| (key, change)));
    }
    keys.into_iter().collect()
}

impl KeyChange {
    /// This change followed by `next`; none if the key is absent before and after.
    fn then(self, next: Self) -> Option<Self> {
        let old = match self {
            Self::Add { .. } => None,
            Self::Update { old, .. } | Self::Delete { old } => Some(old),
        };
        let value = match next {
            Self::Add { value } | Self::Update { value, .. } => Some(value),
            Self::Delete { .. } => None,
        };
        match (old, value) {
            (None, None) => None,
            (None, Some(value)) => Some(Self::Add { value }),
            (Some(old), Some(value)) => Some(Self::Update { old, value }),
            (Some(old), None) => Some(Self::Delete { old }),
        }
    }
}
