//! Decides which shared types are open, under which handle and kind, and which of them have edits to write.
//!
//! Roots stay open as long as the document. A nested type is forgotten once it is deleted: yrs frees it then, so it is
//! known by its name ([`yrs::Hook`]) and looked up in every transaction, never kept by its address.

mod given;

use super::direct::Pen;
use super::error::EditError;
use super::kind::{Kind, TypeId};
use super::list::ListRoot;
use super::map::MapRoot;
use super::nested::NewType;
use super::places::Followed;
use super::recorder::{Recorder, Told};
use super::text::TextRoot;
use super::view::View;
use super::{Replica, TransactionMut};
use yrs::branch::Branch;
use yrs::{BranchID, Hook, ID, MapRef, Out, SharedRef, WriteTxn};

/// The types that are open.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// In the order of their handles.
    open: Vec<(TypeId, Root)>,
    /// The nested types among them, in the order of their ids.
    nested: Vec<(ID, TypeId)>,
    /// How many handles were given; none is given twice.
    given: u32,
    /// The types with edits to write, in the order of their first edit.
    dirty: Vec<TypeId>,
    /// The handles that were forgotten since [`Replica::forgotten`] was asked.
    forgotten: Vec<TypeId>,
    /// What writes them.
    pub(super) pen: Pen,
}

#[derive(Debug)]
struct Root {
    place: Place,
    content: Content,
    /// How many open types stand in this one.
    holds: usize,
}

/// Where an open type stands.
#[derive(Debug)]
enum Place {
    Root(String),
    Nested { id: ID, within: TypeId, depth: usize },
}

#[derive(Debug)]
enum Content {
    Text(TextRoot),
    Map(MapRoot),
    List(ListRoot),
}

impl Roots {
    /// The handle of an open root, if it is open.
    pub(super) fn named(&self, name: &str, asked: Kind) -> Result<Option<TypeId>, EditError> {
        let Some((id, root)) = self.open.iter().find(|(_, root)| root.place.root() == Some(name)) else {
            return Ok(None);
        };
        let found = root.content.kind();
        if found != asked {
            return Err(wrong_kind(name, asked, found));
        }
        Ok(Some(*id))
    }

    /// The roots that are open, with their handles and kinds.
    pub(super) fn names(&self) -> impl Iterator<Item = (TypeId, &str, Kind)> {
        self.open.iter().filter_map(|(id, root)| Some((*id, root.place.root()?, root.content.kind())))
    }

    /// The texts that are open.
    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<TypeId> {
        let texts = self.open.iter().filter(|(_, root)| root.content.kind() == Kind::Text);
        texts.map(|(id, _)| *id).collect()
    }

    /// How many types are open.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Opens a root that is not open yet, and that holds nothing which does not fit the kind.
    pub(super) fn declare(&mut self, txn: &mut TransactionMut, name: &str, kind: Kind) -> TypeId {
        let content = match kind {
            Kind::Text => Content::Text(TextRoot::new(txn.get_or_insert_text(name).hook(), &View::of(txn))),
            Kind::Map => Content::Map(MapRoot::new(txn.get_or_insert_map(name).hook())),
            Kind::List => Content::List(ListRoot::new(txn.get_or_insert_array(name).hook(), &View::of(txn))),
        };
        self.add(Place::Root(name.to_owned()), content)
    }

    /// Opens the type `found`, which stands in `within`; the same handle at every call. None if it is no type that can
    /// be opened, or not of the kind `asked`.
    pub(super) fn adopt(&mut self, within: TypeId, found: &Out, asked: Kind, view: &View) -> Option<TypeId> {
        let branch: &Branch = match (found, asked) {
            (Out::YText(text), Kind::Text) => text.as_ref(),
            (Out::YMap(map), Kind::Map) => map.as_ref(),
            (Out::YArray(list), Kind::List) => list.as_ref(),
            _ => return None,
        };
        let BranchID::Nested(id) = branch.id() else { return None };
        let at = match self.nested.binary_search_by_key(&id, |(known, _)| *known) {
            Ok(at) => return self.nested.get(at).map(|(_, handle)| *handle),
            Err(at) => at,
        };
        let depth = self.depth(within).ok()? + 1;
        let content = Content::of(BranchID::Nested(id), asked, view);
        let handle = self.add(Place::Nested { id, within, depth }, content);
        self.nested.insert(at, (id, handle));
        if let Ok(root) = self.root_mut(within) {
            root.holds += 1;
        }
        Some(handle)
    }

    fn add(&mut self, place: Place, content: Content) -> TypeId {
        let id = TypeId(self.given);
        self.given = self.given.saturating_add(1);
        self.open.push((id, Root { place, content, holds: 0 }));
        id
    }

    /// In how many types it is nested; 0 for a root.
    pub(super) fn depth(&self, id: TypeId) -> Result<usize, EditError> {
        Ok(match self.root(id)?.place {
            Place::Root(_) => 0,
            Place::Nested { depth, .. } => depth,
        })
    }

    /// What a handle leads to.
    pub(super) fn kind(&self, id: TypeId) -> Result<Kind, EditError> {
        Ok(self.root(id)?.content.kind())
    }

    /// What yrs calls it.
    pub(super) fn place(&self, id: TypeId) -> Result<BranchID, EditError> {
        Ok(match self.root(id)?.place {
            Place::Root(ref name) => BranchID::Root(name.as_str().into()),
            Place::Nested { id, .. } => BranchID::Nested(id),
        })
    }

    /// The name and the kind of the root that a type stands in: its own where it is one.
    pub(super) fn root_of(&self, id: TypeId) -> Result<(&str, Kind), EditError> {
        let root = self.root(id)?;
        match root.place {
            Place::Root(ref name) => Ok((name, root.content.kind())),
            Place::Nested { within, .. } => self.root_of(within),
        }
    }

    /// Whether types are open that stand in this one.
    pub(super) fn holds_open(&self, id: TypeId) -> bool {
        self.root(id).is_ok_and(|root| root.holds > 0)
    }

    /// Gives a type that was just made what it is to hold, as edits to write.
    pub(super) fn fill(&mut self, id: TypeId, new: NewType) {
        match (self.root_mut(id).map(|root| &mut root.content), new) {
            (Ok(Content::Text(root)), NewType::Text(delta)) => root.apply(delta),
            (Ok(Content::Map(root)), NewType::Map(entries)) => root.extend(entries),
            (Ok(Content::List(root)), NewType::List(items)) => root.insert(0, items),
            _ => {}
        }
        self.mark(id);
    }

    pub(super) fn observe(&self, id: TypeId, view: &View, recorder: &Recorder) -> Result<(), EditError> {
        match &self.root(id)?.content {
            Content::Text(root) => recorder.subscribe(id, root.shared.get(view)),
            Content::Map(root) => recorder.subscribe(id, root.shared.get(view)),
            Content::List(root) => recorder.subscribe(id, root.shared.get(view)),
        }
        Ok(())
    }

    /// Nobody observes what was deleted, so there is nothing to end.
    pub(super) fn unobserve(&self, id: TypeId, view: &View, recorder: &Recorder) -> Result<(), EditError> {
        match self.root(id).map(|root| &root.content) {
            Ok(Content::Text(root)) => recorder.unsubscribe(root.shared.get(view)),
            Ok(Content::Map(root)) => recorder.unsubscribe(root.shared.get(view)),
            Ok(Content::List(root)) => recorder.unsubscribe(root.shared.get(view)),
            Err(EditError::Deleted) => {}
            Err(unknown) => return Err(unknown),
        }
        Ok(())
    }

    pub(super) fn mark(&mut self, id: TypeId) {
        if !self.is_dirty(id) {
            self.dirty.push(id);
        }
    }

    pub(super) fn is_dirty(&self, id: TypeId) -> bool {
        self.dirty.contains(&id)
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Writes all that is pending. Edits of different types do not depend on each other, so each is written whole; an
    /// edit that deletes an open type is committed at once, with what was pending in it before.
    pub(super) fn write(&mut self, txn: &mut TransactionMut) {
        let mut pen = std::mem::take(&mut self.pen);
        for id in std::mem::take(&mut self.dirty) {
            match self.root_mut(id).map(|root| &mut root.content) {
                Ok(Content::Text(root)) => root.write(txn, &mut pen),
                Ok(Content::Map(root)) => {
                    root.write(txn);
                    pen.note(None);
                }
                Ok(Content::List(root)) => {
                    root.write(txn);
                    pen.note(None);
                }
                Err(_) => {}
            }
        }
        self.pen = pen;
    }

    /// Takes over the state after the change `update` from outside.
    pub(super) fn refresh(&mut self, view: &View, update: &[u8]) {
        self.forget_deleted(view);
        self.take_over(view, &mut |text| text.refresh(view, update));
    }

    /// As [`Self::refresh`], after a change that is known, before its transaction ends. Returns what it did to texts, as
    /// far as that is known.
    pub(super) fn follow(&mut self, view: &View, change: Followed<'_>) -> Vec<Told> {
        let mut told = Vec::new();
        self.take_over(view, &mut |text| told.extend(text.follow(view, change)));
        told
    }

    /// Takes in over which texts yrs has walked to say what a change by others did.
    pub(super) fn note_walks(&mut self, walked: &[BranchID]) {
        for (_, root) in &mut self.open {
            if let Content::Text(root) = &mut root.content
                && walked.contains(root.shared.id())
            {
                root.map.note_walk();
            }
        }
    }

    /// The texts at which a look is worth it before a change by others.
    pub(super) fn texts_to_look_at(&self) -> Vec<TypeId> {
        let wants_look = |root: &Root| matches!(&root.content, Content::Text(root) if root.map.wants_look_to_follow());
        self.open.iter().filter(|(_, root)| wants_look(root)).map(|(id, _)| *id).collect()
    }

    /// A text of this length or more of which a look is worth it before somebody edits it elsewhere.
    pub(super) fn awaited_text(&self, len: u32) -> Option<TypeId> {
        let is_awaited =
            |root: &Root| matches!(&root.content, Content::Text(text) if text.len >= len && text.map.awaits_look());
        self.open.iter().find(|(_, root)| is_awaited(root)).map(|(id, _)| *id)
    }

    fn take_over(&mut self, view: &View, take_over_text: &mut dyn FnMut(&mut TextRoot)) {
        for (_, root) in &mut self.open {
            match &mut root.content {
                Content::Text(root) => take_over_text(root),
                Content::List(root) => root.refresh(view),
                Content::Map(_) => {}
            }
        }
    }

    /// Forgets the nested types that were deleted. Called after every transaction that may have deleted something.
    pub(super) fn forget_deleted(&mut self, view: &View) {
        let mut gone = Vec::new();
        for (handle, root) in &self.open {
            if let Place::Nested { id, within, .. } = root.place
                && Hook::<MapRef>::from(BranchID::Nested(id)).get(view).is_none()
            {
                gone.push((*handle, within));
            }
        }
        for (_, within) in &gone {
            if let Ok(root) = self.root_mut(*within) {
                root.holds = root.holds.saturating_sub(1);
            }
        }
        let stays = |id: &TypeId| gone.binary_search_by_key(id, |(handle, _)| *handle).is_err();
        self.open.retain(|(id, _)| stays(id));
        self.nested.retain(|(_, id)| stays(id));
        self.dirty.retain(stays);
        self.forgotten.extend(gone.iter().map(|(handle, _)| *handle));
    }

    /// The text of a handle.
    pub(super) fn text_mut(&mut self, id: TypeId) -> Result<&mut TextRoot, EditError> {
        match self.root_mut(id).map(|root| &mut root.content)? {
            Content::Text(root) => Ok(root),
            other => Err(wrong_kind(NESTED, Kind::Text, other.kind())),
        }
    }

    fn root(&self, id: TypeId) -> Result<&Root, EditError> {
        self.find(id).and_then(|at| self.open.get(at)).map(|(_, root)| root).ok_or_else(|| self.missing(id))
    }

    fn root_mut(&mut self, id: TypeId) -> Result<&mut Root, EditError> {
        let missing = self.missing(id);
        let at = self.find(id);
        at.and_then(|at| self.open.get_mut(at)).map(|(_, root)| root).ok_or(missing)
    }

    fn find(&self, id: TypeId) -> Option<usize> {
        self.open.binary_search_by_key(&id, |(known, _)| *known).ok()
    }

    /// Why a handle leads to nothing: only the types that were deleted are taken out.
    const fn missing(&self, id: TypeId) -> EditError {
        if id.0 < self.given { EditError::Deleted } else { EditError::UnknownType(id) }
    }
}

impl Content {
    fn of(place: BranchID, kind: Kind, view: &View) -> Self {
        match kind {
            Kind::Text => Self::Text(TextRoot::new(place.into(), view)),
            Kind::Map => Self::Map(MapRoot::new(place.into())),
            Kind::List => Self::List(ListRoot::new(place.into(), view)),
        }
    }

    const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Map(_) => Kind::Map,
            Self::List(_) => Kind::List,
        }
    }
}

impl Place {
    /// The name of a root.
    fn root(&self) -> Option<&str> {
        match self {
            Self::Root(name) => Some(name),
            Self::Nested { .. } => None,
        }
    }
}

fn wrong_kind(name: &str, asked: Kind, found: Kind) -> EditError {
    EditError::WrongKind { name: name.to_owned(), asked, found: Some(found) }
}

/// Generates the two accessors of a kind of type.
macro_rules! accessors {
    ($shared:ident, $exclusive:ident, $kind:ident, $root:ty) => {
        pub(super) fn $shared(&self, id: TypeId) -> Result<&$root, EditError> {
            let root = self.roots.root(id)?;
            match &root.content {
                Content::$kind(content) => Ok(content),
                other => Err(wrong_kind(root.place.root().unwrap_or(NESTED), Kind::$kind, other.kind())),
            }
        }

        pub(super) fn $exclusive(&mut self, id: TypeId) -> Result<&mut $root, EditError> {
            let root = self.roots.root_mut(id)?;
            match &mut root.content {
                Content::$kind(content) => Ok(content),
                other => Err(wrong_kind(root.place.root().unwrap_or(NESTED), Kind::$kind, other.kind())),
            }
        }
    };
}

/// What a type without a name is called in messages.
const NESTED: &str = "(nested)";

impl Replica {
    accessors!(text, text_mut, Text, TextRoot);
    accessors!(map, map_mut, Map, MapRoot);
    accessors!(list, list_mut, List, ListRoot);

    /// The handles of nested types that were deleted, each told once. They are never given again.
    pub fn forgotten(&mut self) -> Vec<TypeId> {
        std::mem::take(&mut self.roots.forgotten)
    }
}
