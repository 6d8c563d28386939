//! Decides which roots are open, under which handle and kind, and which of them have edits to write.

use super::error::EditError;
use super::kind::{Kind, TypeId};
use super::list::ListRoot;
use super::map::MapRoot;
use super::recorder::Recorder;
use super::text::TextRoot;
use super::view::View;
use super::{Replica, TransactionMut};
use yrs::WriteTxn;

/// The types that were opened. None is ever closed: yrs keeps roots as long as the document.
#[derive(Debug, Default)]
pub(super) struct Roots {
    open: Vec<Root>,
    /// The roots with edits to write, in the order of their first edit.
    dirty: Vec<TypeId>,
}

#[derive(Debug)]
struct Root {
    name: String,
    content: Content,
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
        let Some((index, root)) = self.open.iter().enumerate().find(|(_, root)| root.name == name) else {
            return Ok(None);
        };
        let found = root.content.kind();
        if found != asked {
            return Err(wrong_kind(name, asked, found));
        }
        Ok(u32::try_from(index).ok().map(TypeId))
    }

    /// The roots that are open, with their kinds.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.open.iter().map(|root| (root.name.as_str(), root.content.kind()))
    }

    /// Opens a root that is not open yet, and that holds nothing which does not fit the kind.
    pub(super) fn declare(&mut self, txn: &mut TransactionMut, name: &str, kind: Kind) -> TypeId {
        let content = match kind {
            Kind::Text => Content::Text(TextRoot::new(txn.get_or_insert_text(name), &View::of(txn))),
            Kind::Map => Content::Map(MapRoot::new(txn.get_or_insert_map(name))),
            Kind::List => Content::List(ListRoot::new(txn.get_or_insert_array(name), &View::of(txn))),
        };
        let id = TypeId(u32::try_from(self.open.len()).unwrap_or(u32::MAX));
        self.open.push(Root { name: name.to_owned(), content });
        id
    }

    pub(super) fn observe(&self, id: TypeId, recorder: &Recorder) -> Result<(), EditError> {
        match &self.root(id)?.content {
            Content::Text(root) => recorder.subscribe(id, &root.shared),
            Content::Map(root) => recorder.subscribe(id, &root.shared),
            Content::List(root) => recorder.subscribe(id, &root.shared),
        }
        Ok(())
    }

    pub(super) fn unobserve(&self, id: TypeId, recorder: &Recorder) -> Result<(), EditError> {
        match &self.root(id)?.content {
            Content::Text(root) => recorder.unsubscribe(&root.shared),
            Content::Map(root) => recorder.unsubscribe(&root.shared),
            Content::List(root) => recorder.unsubscribe(&root.shared),
        }
        Ok(())
    }

    pub(super) fn mark(&mut self, id: TypeId) {
        if !self.dirty.contains(&id) {
            self.dirty.push(id);
        }
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Writes all that is pending. Edits of different roots do not depend on each other, so each root is written whole.
    pub(super) fn write(&mut self, txn: &mut TransactionMut) {
        for id in std::mem::take(&mut self.dirty) {
            match self.root_mut(id).map(|root| &mut root.content) {
                Ok(Content::Text(root)) => root.write(txn),
                Ok(Content::Map(root)) => root.write(txn),
                Ok(Content::List(root)) => root.write(txn),
                Err(_) => {}
            }
        }
    }

    /// Takes over the state after the change `update` from outside.
    pub(super) fn refresh(&mut self, view: &View, update: &[u8]) {
        for root in &mut self.open {
            match &mut root.content {
                Content::Text(root) => root.refresh(view, update),
                Content::List(root) => root.refresh(view),
                Content::Map(_) => {}
            }
        }
    }

    fn root(&self, id: TypeId) -> Result<&Root, EditError> {
        let index = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.open.get(index).ok_or(EditError::UnknownType(id))
    }

    fn root_mut(&mut self, id: TypeId) -> Result<&mut Root, EditError> {
        let index = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.open.get_mut(index).ok_or(EditError::UnknownType(id))
    }
}

impl Content {
    const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Map(_) => Kind::Map,
            Self::List(_) => Kind::List,
        }
    }
}

fn wrong_kind(name: &str, asked: Kind, found: Kind) -> EditError {
    EditError::WrongKind { name: name.to_owned(), asked, found: Some(found) }
}

/// Generates the two accessors of a kind of root.
macro_rules! accessors {
    ($shared:ident, $exclusive:ident, $kind:ident, $root:ty) => {
        pub(super) fn $shared(&self, id: TypeId) -> Result<&$root, EditError> {
            let root = self.roots.root(id)?;
            match &root.content {
                Content::$kind(content) => Ok(content),
                other => Err(wrong_kind(&root.name, Kind::$kind, other.kind())),
            }
        }

        pub(super) fn $exclusive(&mut self, id: TypeId) -> Result<&mut $root, EditError> {
            let root = self.roots.root_mut(id)?;
            match &mut root.content {
                Content::$kind(content) => Ok(content),
                other => Err(wrong_kind(&root.name, Kind::$kind, other.kind())),
            }
        }
    };
}

impl Replica {
    accessors!(text, text_mut, Text, TextRoot);
    accessors!(map, map_mut, Map, MapRoot);
    accessors!(list, list_mut, List, ListRoot);
}
