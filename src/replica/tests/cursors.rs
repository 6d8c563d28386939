//! A cursor stays where it is meant to be, and one that says anything is nowhere or somewhere within the type.

use super::equivalence::{Editor, edits};
use super::*;
use crate::ids::LinkId;
use proptest::prelude::*;

const SIDES: [Side; 2] = [Side::After, Side::Before];

/// A cursor with the character that it has to stay with.
struct Kept {
    cursor: Cursor,
    /// Where the character is among all that were ever there.
    beside: Option<usize>,
}

/// A text of which every character is told from all others, also where they look the same.
struct Tracked {
    replica: Replica,
    text: TypeId,
    /// Names of the characters that are there.
    names: Vec<usize>,
    next: usize,
}

impl Tracked {
    fn new() -> Self {
        let mut replica = replica(1);
        let text = replica.open("text", Kind::Text).unwrap();
        replica.observe(text).unwrap();
        Self { replica, text, names: Vec::new(), next: 0 }
    }

    fn settle(&mut self) {
        self.replica.commit();
        while let Some(change) = self.replica.poll_change() {
            let ChangeKind::Text(delta) = change.kind else { panic!("not a text") };
            let mut at = 0;
            for operation in delta {
                match operation {
                    DeltaOp::Insert { value, .. } => {
                        let end = self.next + value.len() as usize;
                        self.names.splice(at..at, self.next..end);
                        at += value.len() as usize;
                        self.next = end;
                    }
                    DeltaOp::Retain { len, .. } => at += len as usize,
                    DeltaOp::Delete { len } => drop(self.names.drain(at..at + len as usize)),
                }
            }
        }
    }

    fn keep(&mut self, index: usize, side: Side) -> Option<Kept> {
        let cursor = self.replica.cursor(self.text, index as u32, side).ok()?;
        let at = match side {
            Side::After => Some(index),
            Side::Before => index.checked_sub(1),
        };
        Some(Kept { cursor, beside: at.and_then(|at| self.names.get(at).copied()) })
    }

    /// What the cursor must be while its character is there.
    fn expected(&self, Kept { cursor, beside }: &Kept) -> Option<usize> {
        match (beside, cursor.side) {
            (Some(name), Side::After) => self.names.iter().position(|other| other == name),
            (Some(name), Side::Before) => self.names.iter().position(|other| other == name).map(|at| at + 1),
            (None, Side::After) => Some(self.names.len()),
            (None, Side::Before) => Some(0),
        }
    }
}

/// The model of a text as it is.
fn editor(replica: &mut Replica, text: TypeId, salt: usize) -> Editor {
    Editor::at(TextModel::of(&replica.text_delta(text).unwrap()), salt)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_cursor_stays_with_its_character(
        edits in edits(40),
        salts in prop::collection::vec(0..10_000usize, 40),
    ) {
        let mut here = Tracked::new();
        let mut there = replica(2);
        let far = there.open("text", Kind::Text).unwrap();
        let mut kept: Vec<Kept> = Vec::new();
        for (edit, salt) in edits.iter().zip(salts) {
            if salt % 2 == 0 {
                let text = here.text;
                editor(&mut here.replica, text, salt).edit(edit, &mut [(&mut here.replica, text)]);
                here.settle();
                deliver(&mut here.replica, &mut there);
            } else {
                editor(&mut there, far, salt).edit(edit, &mut [(&mut there, far)]);
                there.commit();
                deliver(&mut there, &mut here.replica);
                here.settle();
            }
            let index = salt % (here.names.len() + 1);
            kept.extend(SIDES.into_iter().filter_map(|side| here.keep(index, side)));
            for kept in &kept {
                let found = here.replica.resolve(here.text, &kept.cursor).unwrap();
                prop_assert_eq!(found, there.resolve(far, &kept.cursor).unwrap(), "it is the same everywhere");
                match here.expected(kept) {
                    Some(expected) => prop_assert_eq!(found, Some(expected as u32)),
                    None => prop_assert!(found.is_some_and(|found| found as usize <= here.names.len())),
                }
            }
        }
    }

    #[test]
    fn a_cursor_that_says_anything_is_nowhere_or_within_the_type(
        edits in edits(15),
        cursors in prop::collection::vec(any_cursor(), 20),
    ) {
        let mut replica = replica(1);
        let text = replica.open("text", Kind::Text).unwrap();
        for edit in &edits {
            editor(&mut replica, text, 0).edit(edit, &mut [(&mut replica, text)]);
        }
        let list = replica.open("list", Kind::List).unwrap();
        let map = replica.open("map", Kind::Map).unwrap();
        replica.list_insert(list, 0, vec![1.into(), 2.into()]).unwrap();
        replica.map_set(map, "a", 1.into()).unwrap();
        replica.map_set(map, "a", 2.into()).unwrap();
        // A nested text that was collected with what was in it, and one that was not.
        for update in [NESTED, DELETED] {
            replica.apply(update, LinkId::SERVER).unwrap();
        }
        for cursor in &cursors {
            if let Some(index) = replica.resolve(text, cursor).unwrap() {
                prop_assert!(replica.text_insert(text, index, "", None).is_ok(), "{cursor:?} gave {index}");
            }
            if let Some(index) = replica.resolve(list, cursor).unwrap() {
                prop_assert!(replica.list_insert(list, index, Vec::new()).is_ok(), "{cursor:?} gave {index}");
            }
        }
    }
}

fn any_cursor() -> impl Strategy<Value = Cursor> {
    let id = || {
        let client = prop_oneof![6 => 0..4u64, 4 => Just(7), 1 => any::<u64>()].prop_map(ClientId);
        (client, prop_oneof![9 => 0..30u32, 1 => any::<u32>()])
    };
    let name = prop::sample::select(vec!["text", "list", "map", "nested", "other", ""]);
    let holder = prop_oneof![
        name.prop_map(|name| Holder::Root(name.to_owned())),
        id().prop_map(|(client, clock)| Holder::Nested(client, clock)),
    ];
    (prop::option::of(holder), prop::option::of(id()), prop::sample::select(SIDES.to_vec()))
        .prop_map(|(within, element, side)| Cursor { within, element, side })
}

/// By yjs: `map.set("t", new Y.Text("ab")); map.set("u", new Y.Text("cd"))` in the root "nested", by the client 7.
const NESTED: &[u8] = &[
    1, 4, 7, 0, 39, 1, 6, b'n', b'e', b's', b't', b'e', b'd', 1, b't', 2, 4, 0, 7, 0, 2, b'a', b'b', 39, 1, 6, b'n',
    b'e', b's', b't', b'e', b'd', 1, b'u', 2, 4, 0, 7, 3, 2, b'c', b'd', 0,
];

/// By the same: `map.delete("t")`.
const DELETED: &[u8] = &[0, 1, 7, 1, 0, 3];

#[test]
fn what_does_not_stand_in_a_sequence_is_no_place() {
    let mut replica = replica(1);
    let text = replica.open("text", Kind::Text).unwrap();
    let map = replica.open("map", Kind::Map).unwrap();
    replica.map_set(map, "a", 1.into()).unwrap();
    replica.text_insert(text, 0, "ab", None).unwrap();
    replica.commit();
    let at = |clock| Cursor { within: None, element: Some((ClientId(1), clock)), side: Side::After };
    let places = [0, 1, 2, 3, u32::MAX].map(|clock| replica.resolve(text, &at(clock)).unwrap());
    assert_eq!(places, [None, Some(0), Some(1), None, None]);
}

#[test]
fn a_cursor_of_what_has_not_come_is_nowhere_until_it_has() {
    let (mut one, mut two) = (replica(1), replica(2));
    let [text, there] = [&mut one, &mut two].map(|replica| replica.open("text", Kind::Text).unwrap());
    one.text_insert(text, 0, "abc", None).unwrap();
    let cursor = one.cursor(text, 2, Side::After).unwrap();
    assert_eq!(two.resolve(there, &cursor), Ok(None));
    deliver(&mut one, &mut two);
    assert_eq!(two.resolve(there, &cursor), Ok(Some(2)));
}

#[test]
fn a_cursor_whose_neighbour_was_deleted_is_where_that_was() {
    let mut replica = replica(1);
    let list = replica.open("list", Kind::List).unwrap();
    replica.list_insert(list, 0, (0..5).map(Value::from).collect()).unwrap();
    let cursors = SIDES.map(|side| replica.cursor(list, 3, side).unwrap());
    replica.list_delete(list, 1, 3).unwrap();
    assert_eq!(cursors.map(|cursor| replica.resolve(list, &cursor)), [Ok(Some(1)), Ok(Some(1))]);
}

#[test]
fn a_place_outside_the_text_or_within_a_pair_has_no_cursor() {
    let mut replica = replica(1);
    let text = replica.open("text", Kind::Text).unwrap();
    replica.text_insert(text, 0, "a😀", None).unwrap();
    assert_eq!(replica.cursor(text, 4, Side::After), Err(EditError::OutOfRange { index: 4, len: 3 }));
    assert_eq!(replica.cursor(text, 2, Side::Before), Err(EditError::SplitSurrogate { index: 2 }));
    let inside = Cursor { within: None, element: Some((ClientId(1), 2)), side: Side::After };
    assert_eq!(replica.resolve(text, &inside), Ok(Some(1)), "one of others is moved in front of the pair");
}
