//! Decides what can be asked of the past: what a document was, what has changed since, and to have it as it was.

use super::Replica;
use super::align::{Shape, Step, shape, steps};
use super::changes::ChangeKind;
use super::content::{Content, Lists};
use super::delta::DeltaOp;
use super::error::EditError;
use super::kind::{Kind, TypeId};
use super::recorder::kinds;
use super::restore::Restoring;
use super::snapshot::{BadSnapshot, Snapshot};
use super::text_states::Texts;
use super::view::View;
use crate::ids::{ClientId, LinkId};
use std::cell::RefCell;
use std::rc::Rc;
use yrs::branch::BranchPtr;
use yrs::types::Events;
use yrs::{BranchID, DeepObservable, Hook, MapRef, Out, TextRef, TransactionMut};

/// A document as a snapshot has it, to be read.
#[derive(Debug)]
pub struct Past(Replica);

impl Past {
    /// Reads a snapshot.
    ///
    /// # Errors
    /// The bytes are none, or hold what cannot be read.
    pub fn load(snapshot: &[u8]) -> Result<Self, EditError> {
        Ok(Self(load(Snapshot::decode(snapshot)?.update)?))
    }

    /// The document. What is edited in it reaches nobody.
    pub const fn replica(&mut self) -> &mut Replica {
        &mut self.0
    }
}

impl Replica {
    /// The whole document as it is, with what is pending: all that it takes to read it later, or somewhere else.
    pub fn snapshot(&mut self) -> Vec<u8> {
        let update = self.whole();
        let roots = self.roots.names().map(|(_, name, kind)| (name, kind)).collect();
        Snapshot { roots, update: &update }.encode()
    }

    /// What has to be done to the text of one snapshot to make it the text of another, or of the present. Where there was
    /// no such text yet, it counts as empty.
    ///
    /// # Errors
    /// The handle is no text, a snapshot cannot be read, or has something else by this name.
    pub fn text_diff(&mut self, id: TypeId, from: &[u8], to: Option<&[u8]>) -> Result<Vec<DeltaOp>, EditError> {
        self.text(id)?;
        let (root, place) = self.whereabouts(id)?;
        let from = Snapshot::decode(from)?.update;
        let present;
        let to = match to {
            Some(to) => Snapshot::decode(to)?.update,
            None => {
                present = self.whole();
                &present
            }
        };
        let states = States::of(from, to, &[root])?;
        let Some((before, after)) = states.roots.first() else { return Ok(Vec::new()) };
        let text = |state: &Content| match state.find(&place) {
            Some(Content::Text(_, delta)) => delta.clone(),
            _ => Vec::new(),
        };
        Ok(states.text_delta(&place, &text(before), &text(after)))
    }

    /// Makes a type what it was, as an edit of its own. Only what differs is touched.
    ///
    /// # Errors
    /// The handle is unknown, the snapshot cannot be read, or has something else by this name, or had no such type yet.
    /// Nothing has changed then.
    pub fn restore(&mut self, id: TypeId, snapshot: &[u8]) -> Result<(), EditError> {
        let (root, place) = self.whereabouts(id)?;
        let past = Snapshot::decode(snapshot)?.update;
        let states = States::of(&self.whole(), past, &[root])?;
        let then = states.roots.first().and_then(|(_, then)| then.find(&place)).ok_or(BadSnapshot::Absent)?;
        self.write_past(&states, &[(place, then)], past);
        Ok(())
    }

    /// Makes all roots what they were that are open here, or were where the snapshot was made; as one edit.
    ///
    /// # Errors
    /// The snapshot cannot be read, or has something else by one of these names. Nothing has changed then.
    pub fn restore_all(&mut self, snapshot: &[u8]) -> Result<(), EditError> {
        let Snapshot { roots, update: past } = Snapshot::decode(snapshot)?;
        let mut names: Vec<Root> = self.roots.names().map(|(_, name, kind)| (name.to_owned(), kind)).collect();
        for (name, kind) in roots {
            self.roots.named(name, kind)?;
            // Twice would be wrong: what the first time changes, the second knows nothing of.
            if names.iter().all(|(known, _)| known != name) {
                names.push((name.to_owned(), kind));
            }
        }
        let states = States::of(&self.whole(), past, &names)?;
        for (name, kind) in &names {
            self.open(name, *kind)?;
        }
        let places = names.iter().map(|(name, _)| BranchID::Root(name.as_str().into()));
        let then = states.roots.iter().map(|(_, then)| then);
        self.write_past(&states, &places.zip(then).collect::<Vec<_>>(), past);
        Ok(())
    }

    /// Writes what differs of the types at these places.
    fn write_past(&mut self, states: &States, types: &[(BranchID, &Content)], past: &[u8]) {
        self.write(&mut |roots, txn| {
            for (place, then) in types {
                let found = then.kind().and_then(|kind| live(place, kind, &View::of(txn)));
                if let Some(shared) = found {
                    let now = Content::of(shared.clone(), &View::of(txn));
                    Restoring { states, txn }.restore(&shared, &now, then);
                }
            }
            // Whatever surrogate pairs came back stand in the snapshot.
            roots.refresh(&View::of(txn), past);
        });
    }

    /// The root that a type stands in, and its place.
    fn whereabouts(&self, id: TypeId) -> Result<(Root, BranchID), EditError> {
        let (name, kind) = self.roots.root_of(id)?;
        Ok(((name.to_owned(), kind), self.roots.place(id)?))
    }

    /// The document as an update. Without a state vector there is nothing to refuse.
    fn whole(&mut self) -> Vec<u8> {
        self.encode_since(None).unwrap_or_default()
    }

    /// The root of a name, which has to be of this kind.
    fn root(&mut self, name: &str, kind: Kind) -> Result<Out, EditError> {
        let id = self.open(name, kind)?;
        let place = self.roots.place(id)?;
        self.read(|view| live(&place, kind, view)).ok_or(EditError::Closed)
    }
}

/// The type at a place, if it is there.
fn live(place: &BranchID, kind: Kind, view: &View) -> Option<Out> {
    // Of whatever kind: a hook knows what was deleted.
    let found = Hook::<MapRef>::from(place.clone()).get(view)?;
    let branch = BranchPtr::from(found.as_ref());
    Some(match kind {
        Kind::Text => Out::YText(branch.into()),
        Kind::Map => Out::YMap(branch.into()),
        Kind::List => Out::YArray(branch.into()),
    })
}

/// A name, and what is opened by it.
type Root = (String, Kind);

/// Two states of the same roots, and what merging them did to each.
pub(super) struct States {
    roots: Vec<(Content, Content)>,
    ours: Vec<Merged>,
    theirs: Vec<Merged>,
}

/// What merging did to a type.
type Merged = (BranchID, Shape);

impl States {
    fn of(from: &[u8], to: &[u8], names: &[Root]) -> Result<Self, EditError> {
        // Both are read before they are merged: what each has by these names is the better thing to complain of.
        let (before, after) = (State::of(from, names)?, State::of(to, names)?);
        let (before, ours) = before.merge(to)?;
        let (after, theirs) = after.merge(from)?;
        Ok(Self { roots: before.into_iter().zip(after).collect(), ours, theirs })
    }

    /// The delta from one state of a text to the other.
    pub(super) fn text_delta(&self, id: &BranchID, from: &[DeltaOp], to: &[DeltaOp]) -> Vec<DeltaOp> {
        let texts = Texts::new(from, to);
        texts.delta(&steps(&texts, shape_of(&self.ours, id), shape_of(&self.theirs, id)))
    }

    /// The steps from one state of a list to the other.
    pub(super) fn list_steps(&self, id: &BranchID, from: &[Content], to: &[Content]) -> Vec<Step> {
        steps(&Lists(from, to), shape_of(&self.ours, id), shape_of(&self.theirs, id))
    }
}

fn shape_of(merged: &[Merged], id: &BranchID) -> Shape {
    merged.iter().find(|(of, _)| of == id).map(|(_, shape)| shape.clone()).unwrap_or_default()
}

/// A state, and what is done to it from here on.
struct State {
    draft: Replica,
    roots: Vec<Content>,
    merged: Rc<RefCell<Vec<Merged>>>,
}

impl State {
    fn of(update: &[u8], names: &[Root]) -> Result<Self, EditError> {
        let mut draft = load(update)?;
        let merged = Rc::new(RefCell::new(Vec::new()));
        let mut roots = Vec::new();
        for (name, kind) in names {
            let shared = draft.root(name, *kind)?;
            roots.push(draft.read(|view| Some(Content::of(shared.clone(), view))).unwrap_or(Content::Foreign));
            if let Some(branch) = shared.try_branch() {
                let merged = Rc::clone(&merged);
                // One type serves for all three: what is observed is what they have in common.
                let shared = TextRef::from(BranchPtr::from(branch));
                shared.observe_deep(SUBSCRIPTION, move |txn, events| note(&merged, txn, events));
            }
        }
        Ok(Self { draft, roots, merged })
    }

    /// What the roots held, and what merging `other` into them changes.
    fn merge(mut self, other: &[u8]) -> Result<(Vec<Content>, Vec<Merged>), EditError> {
        self.draft.apply(other, LinkId::APPLICATION).map_err(BadSnapshot::Refused)?;
        Ok((self.roots, self.merged.take()))
    }
}

/// The key of the only subscription that a root has in a draft.
const SUBSCRIPTION: &str = "history";

/// Called within a transaction: nothing of yrs may be called here that writes.
fn note(merged: &RefCell<Vec<Merged>>, txn: &TransactionMut, events: &Events) {
    let Ok(mut merged) = merged.try_borrow_mut() else { return };
    for event in events.iter() {
        for kind in kinds(event, txn) {
            let shape = match kind {
                ChangeKind::Text(delta) => shape(&delta),
                ChangeKind::List(delta) => shape(&delta),
                // What a map holds is compared key by key.
                ChangeKind::Map(_) => continue,
            };
            merged.extend(event.target().try_branch().map(|branch| (branch.id(), shape)));
        }
    }
}

/// A document that holds an update and nothing else.
fn load(update: &[u8]) -> Result<Replica, BadSnapshot> {
    // It edits nothing, so that its id does not matter; and what is whole has nothing to hold back.
    let mut replica = Replica::new(ClientId(0), 0);
    replica.apply(update, LinkId::APPLICATION)?;
    if replica.is_waiting() { Err(BadSnapshot::Incomplete) } else { Ok(replica) }
}
