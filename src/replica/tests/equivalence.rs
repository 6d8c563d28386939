//! Folding the edits of a task changes nothing: neither content nor formatting nor what observers are told.

use super::*;
use crate::replica::compose::compose;
use proptest::prelude::*;
use std::ops::Range;

/// An edit, with positions that have to be fitted to a text.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Insert { at: At, text: &'static str, attributes: Option<Attributes> },
    Delete { at: At, len: usize },
    Format { at: At, len: usize, attributes: Attributes },
    Embed { at: At, attributes: Option<Attributes> },
    Commit,
}

/// Most edits touch the last one: that is where folding happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    Near(isize),
    Anywhere(usize),
}

/// What applies edits to a text and, by the plainest means, to a model.
#[derive(Default)]
pub(super) struct Editor {
    pub(super) model: TextModel,
    cursor: usize,
}

impl Editor {
    /// Edits a text that holds `model`.
    pub(super) fn at(model: TextModel, cursor: usize) -> Self {
        let cursor = cursor % (model.places.len() + 1);
        Self { model, cursor }
    }

    /// Fits a range to the text: within it, and not through a surrogate pair.
    fn fit(&mut self, at: At, len: usize) -> Range<usize> {
        let available = self.model.places.len();
        let start = match at {
            At::Near(offset) => self.cursor.saturating_add_signed(offset).min(available),
            At::Anywhere(place) => place % (available + 1),
        };
        let start = start - usize::from(self.model.splits_a_pair(start));
        let end = (start + len).min(available);
        start..end + usize::from(self.model.splits_a_pair(end))
    }

    pub(super) fn edit(&mut self, edit: &Edit, replicas: &mut [(&mut Replica, TypeId)]) {
        match edit {
            Edit::Insert { at, text, attributes } => {
                let Range { start, .. } = self.fit(*at, 0);
                self.model.insert(start, text, attributes.as_ref());
                self.cursor = start + text.encode_utf16().count();
                for (replica, id) in replicas {
                    replica.text_insert(*id, start as u32, text, attributes.clone()).unwrap();
                }
            }
            Edit::Delete { at, len } => {
                let range = self.fit(*at, *len);
                self.model.places.drain(range.clone());
                self.cursor = range.start;
                for (replica, id) in replicas {
                    replica.text_delete(*id, range.start as u32, range.len() as u32).unwrap();
                }
            }
            Edit::Format { at, len, attributes } => {
                let range = self.fit(*at, *len);
                self.model.format(range.clone(), attributes);
                self.cursor = range.end;
                for (replica, id) in replicas {
                    replica.text_format(*id, range.start as u32, range.len() as u32, attributes.clone()).unwrap();
                }
            }
            Edit::Embed { at, attributes } => {
                let Range { start, .. } = self.fit(*at, 0);
                let value = Inserted::Embed(object([("image", "a.png".into())]));
                let delta = vec![
                    DeltaOp::Retain { len: start as u32, attributes: None },
                    DeltaOp::Insert { value, attributes: attributes.clone() },
                ];
                self.model.apply(&delta);
                self.cursor = start + 1;
                for (replica, id) in replicas {
                    replica.text_apply_delta(*id, delta.clone()).unwrap();
                }
            }
            Edit::Commit => replicas.iter_mut().for_each(|(replica, _)| replica.commit()),
        }
    }
}

pub(super) fn edits(max: usize) -> impl Strategy<Value = Vec<Edit>> {
    let at = || prop_oneof![6 => (-3..3isize).prop_map(At::Near), 2 => (0..500usize).prop_map(At::Anywhere)];
    let text = prop::sample::select(vec!["a", "bc", "😀", "é", "x😀y", "", "longer"]);
    let some = prop_oneof![
        Just(attributes([])),
        Just(bold()),
        Just(attributes([("italic", true.into())])),
        Just(attributes([("bold", true.into()), ("color", "red".into())])),
    ];
    let format = prop_oneof![
        Just(bold()),
        Just(attributes([("bold", Value::Null)])),
        Just(attributes([("color", "red".into())])),
        Just(attributes([("color", "blue".into()), ("bold", Value::Null)])),
        Just(attributes([("color", Value::Null), ("italic", true.into())])),
    ];
    let maybe = prop_oneof![4 => Just(None), 1 => some.prop_map(Some)];
    let edit = prop_oneof![
        8 => (at(), text, maybe.clone()).prop_map(|(at, text, attributes)| Edit::Insert { at, text, attributes }),
        5 => (at(), 0..5usize).prop_map(|(at, len)| Edit::Delete { at, len }),
        2 => (at(), 0..6usize, format).prop_map(|(at, len, attributes)| Edit::Format { at, len, attributes }),
        1 => (at(), maybe).prop_map(|(at, attributes)| Edit::Embed { at, attributes }),
        1 => Just(Edit::Commit),
    ];
    prop::collection::vec(edit, 0..max)
}

fn changes(replica: &mut Replica) -> Vec<Vec<DeltaOp>> {
    let changes = std::iter::from_fn(|| replica.poll_change());
    let deltas = changes.map(|change| match change.kind {
        ChangeKind::Text(delta) => delta,
        other => panic!("not a change of a text: {other:?}"),
    });
    deltas.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn folded_edits_give_what_the_same_edits_give_one_by_one(edits in edits(40)) {
        let (mut folded, mut single) = (replica(1), replica(1));
        let ids = [&mut folded, &mut single].map(|replica| replica.open("text", Kind::Text).unwrap());
        let mut editor = Editor::default();
        for edit in &edits {
            editor.edit(edit, &mut [(&mut folded, ids[0]), (&mut single, ids[1])]);
            single.commit();
            prop_assert_eq!(folded.text_len(ids[0]).unwrap() as usize, editor.model.places.len());
        }
        let folded = folded.text_delta(ids[0]).unwrap();
        prop_assert_eq!(&TextModel::of(&folded), &editor.model);
        prop_assert_eq!(folded, single.text_delta(ids[1]).unwrap());
    }

    #[test]
    fn local_changes_say_what_has_happened_to_the_text(edits in edits(40)) {
        let mut replica = replica(1);
        let id = replica.open("text", Kind::Text).unwrap();
        replica.observe(id).unwrap();
        let mut editor = Editor::default();
        let mut told = TextModel::default();
        for (step, edit) in edits.iter().enumerate() {
            editor.edit(edit, &mut [(&mut replica, id)]);
            if step % 7 == 6 {
                changes(&mut replica).iter().for_each(|delta| told.apply(delta));
            }
        }
        replica.commit();
        let rest = changes(&mut replica);
        prop_assert!(rest.len() <= 1, "local changes are composed: {:?}", rest);
        rest.iter().for_each(|delta| told.apply(delta));
        prop_assert_eq!(told, editor.model);
    }

    #[test]
    fn a_composed_delta_does_what_both_deltas_do(first in edits(12), second in edits(12)) {
        let mut replica = replica(1);
        let id = replica.open("text", Kind::Text).unwrap();
        replica.observe(id).unwrap();
        replica.text_insert(id, 0, "some 😀 text", None).unwrap();
        replica.commit();
        let mut editor = Editor::default();
        changes(&mut replica).iter().for_each(|delta| editor.model.apply(delta));
        let before = editor.model.clone();

        let deltas = [first, second].map(|edits| {
            edits.iter().for_each(|edit| editor.edit(edit, &mut [(&mut replica, id)]));
            replica.commit();
            changes(&mut replica).pop().unwrap_or_default()
        });
        let [first, second] = deltas;
        let mut in_turn = before.clone();
        in_turn.apply(&first);
        in_turn.apply(&second);
        let mut at_once = before;
        at_once.apply(&compose(first, second));
        prop_assert_eq!(at_once, in_turn);
    }

    #[test]
    fn surrogate_pairs_are_never_split(edits in edits(20), probe in 0..200usize) {
        let mut replica = replica(1);
        let id = replica.open("text", Kind::Text).unwrap();
        let mut editor = Editor::default();
        for edit in &edits {
            editor.edit(edit, &mut [(&mut replica, id)]);
            let index = probe % (editor.model.places.len() + 1);
            let refused = replica.text_format(id, index as u32, 0, bold());
            let expected = if editor.model.splits_a_pair(index) {
                Err(EditError::SplitSurrogate { index: index as u32 })
            } else {
                Ok(())
            };
            prop_assert_eq!(refused, expected);
        }
    }

    #[test]
    fn a_list_holds_what_a_vector_would(edits in prop::collection::vec((0..9usize, 0..4usize, 0..3usize), 0..40)) {
        let (mut folded, mut model) = (replica(1), Vec::<Value>::new());
        let id = folded.open("list", Kind::List).unwrap();
        folded.observe(id).unwrap();
        let mut told = Vec::<Value>::new();
        for (step, (at, deleted, inserted)) in edits.into_iter().enumerate() {
            let at = at % (model.len() + 1);
            let deleted = deleted.min(model.len() - at);
            let items: Vec<Value> = (0..inserted).map(|item| Value::from((step * 10 + item) as u32)).collect();
            folded.list_delete(id, at as u32, deleted as u32).unwrap();
            folded.list_insert(id, at as u32, items.clone()).unwrap();
            model.splice(at..at + deleted, items);
            prop_assert_eq!(folded.list_len(id).unwrap() as usize, model.len());
            if step % 5 == 4 {
                folded.commit();
            }
        }
        folded.commit();
        while let Some(change) = folded.poll_change() {
            apply_list(&mut told, &change.kind);
        }
        prop_assert_eq!(folded.list_json(id).unwrap(), model.clone());
        prop_assert_eq!(told, model);
    }
}

pub(super) fn apply_list(items: &mut Vec<Value>, change: &ChangeKind) {
    let ChangeKind::List(delta) = change else { panic!("not a change of a list: {change:?}") };
    let mut at = 0;
    for operation in delta {
        match operation {
            ListOp::Insert(inserted) => {
                items.splice(at..at, inserted.clone());
                at += inserted.len();
            }
            ListOp::Retain(len) => at += *len as usize,
            ListOp::Delete(len) => drop(items.drain(at..at + *len as usize)),
        }
    }
}

#[test]
fn text_typed_and_deleted_in_one_task_never_becomes_an_update() {
    let mut replica = replica(1);
    let id = replica.open("text", Kind::Text).unwrap();
    replica.text_insert(id, 0, "typo", None).unwrap();
    replica.text_delete(id, 0, 4).unwrap();
    replica.commit();
    assert_eq!(replica.poll_committed(), None);
    assert_eq!(replica.own_clock(), 0);
}
