//! What is known of places is what a plain list of all elements says, deleted ones among them.

#![expect(clippy::cast_possible_truncation, reason = "test data is small")]

use super::*;
use proptest::prelude::*;

/// An element of a text, which was deleted or not.
#[derive(Clone, Copy, Debug)]
struct Element {
    id: Id,
    is_seen: bool,
}

/// The elements of a text, as plainly as possible.
#[derive(Default)]
struct Model(Vec<Element>);

impl Model {
    /// Where the seen element of this index stands; the end if there is none.
    fn find(&self, index: usize) -> usize {
        let seen = self.0.iter().enumerate().filter(|(_, element)| element.is_seen);
        seen.map(|(at, _)| at).nth(index).unwrap_or(self.0.len())
    }

    fn len(&self) -> usize {
        self.0.iter().filter(|element| element.is_seen).count()
    }

    fn neighbours(&self, index: usize) -> (Option<Id>, Option<Id>) {
        let at = self.find(index);
        (at.checked_sub(1).map(|left| self.0[left].id), self.0.get(at).map(|right| right.id))
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Insert { at: usize, client: u64, len: u32 },
    Remove { at: usize, len: usize },
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        3 => (any::<usize>(), 1..4_u64, 1..5_u32).prop_map(|(at, client, len)| Edit::Insert { at, client, len }),
        2 => (any::<usize>(), 1..9_usize).prop_map(|(at, len)| Edit::Remove { at, len }),
    ];
    prop::collection::vec(edit, 0..400)
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let mut places = Places::new();
    places.append(Some(Id { client: ClientId(1), clock: 0 }), 2);
    places.append(None, 1);
    places.append(Some(Id { client: ClientId(2), clock: 0 }), 1);
    let known: Vec<bool> = (0..=places.len()).map(|index| places.neighbours(index).is_some()).collect();
    assert_eq!(known, [false, true, false, false, false]);
    assert!(places.ids(0..2, &mut IdRanges::default()).is_some());
    assert!(places.ids(1..3, &mut IdRanges::default()).is_none());
}

impl Model {
    /// That of a text which others have written.
    fn loaded(len: u32) -> Self {
        let id = |clock| Id { client: ClientId(9), clock };
        Self((0..len).map(|clock| Element { id: id(clock * 3), is_seen: clock % 4 != 0 }).collect())
    }

    /// Inserts elements; returns between which ones.
    fn insert(&mut self, index: usize, first: Id, len: u32) -> (Option<Id>, Option<Id>) {
        let neighbours = self.neighbours(index);
        let at = self.find(index);
        let id = |more| Id { clock: first.clock + more, ..first };
        self.0.splice(at..at, (0..len).map(|more| Element { id: id(more), is_seen: true }));
        neighbours
    }

    /// Checks that what can be seen is found where it stands, and nothing else is.
    fn check_finding(&self, places: &mut Places) {
        let mut index = 0;
        for Element { id, is_seen } in &self.0 {
            let found = places.find(id.client, &(id.clock..id.clock + 1)).map(|spot| places.index_of(spot));
            assert_eq!(found, is_seen.then_some(index));
            index += u32::from(*is_seen);
        }
    }

    fn remove(&mut self, range: Range<usize>) -> IdRanges {
        let gone: Vec<usize> = range.map(|index| self.find(index)).collect();
        gone.iter().for_each(|at| self.0[*at].is_seen = false);
        gone.iter().map(|at| self.0[*at].id).map(|id| (id.client, id.clock..id.clock + 1)).collect()
    }
}

proptest! {
    #[test]
    fn what_is_known_of_a_text_that_was_loaded_is_what_a_plain_list_says(len in 0..60_u32, edits in edits()) {
        let mut model = Model::loaded(len);
        let mut places = Places::unknown(model.len() as u32);
        let mut clocks = [0; 4];
        for edit in edits {
            match edit {
                Edit::Insert { at, client, len } => {
                    let index = at % (model.len() + 1);
                    let clock = &mut clocks[client as usize];
                    let first = Id { client: ClientId(client), clock: *clock };
                    *clock += len;
                    let (left, right) = model.insert(index, first, len);
                    places.insert(index as u32, Some(first), len, left.map_or(Left::Start, Left::Element));
                    right.into_iter().for_each(|right| places.meet(index as u32 + len, right));
                    let behind = index as u32 + len;
                    prop_assert!(places.knows(&(behind..behind)));
                }
                Edit::Remove { at, len } => {
                    let start = at % (model.len() + 1);
                    let range = start..(start + len).min(model.len());
                    let (mut ids, indexes) = (IdRanges::default(), range.start as u32..range.end as u32);
                    let known = places.ids(indexes.clone(), &mut ids);
                    let named = model.remove(range);
                    prop_assert!(known.is_none() || ids == named);
                    places.remove(indexes);
                }
            }
            prop_assert_eq!(places.len() as usize, model.len());
        }
        for index in 0..=model.len() {
            let known = places.neighbours(index as u32);
            prop_assert!(known.is_none_or(|known| known == model.neighbours(index)));
        }
    }

    #[test]
    fn places_are_those_of_a_plain_list(edits in edits()) {
        let (mut places, mut model) = (Places::new(), Model::default());
        let mut clocks = [0; 4];
        for edit in edits {
            match edit {
                Edit::Insert { at, client, len } => {
                    let index = at % (model.len() + 1);
                    let (left, _) = model.neighbours(index);
                    let clock = &mut clocks[client as usize];
                    let id = |clock| Id { client: ClientId(client), clock };
                    places.insert(index as u32, Some(id(*clock)), len, left.map_or(Left::Start, Left::Element));
                    let at = model.find(index);
                    let elements = (*clock..*clock + len).map(|clock| Element { id: id(clock), is_seen: true });
                    model.0.splice(at..at, elements);
                    *clock += len;
                }
                Edit::Remove { at, len } => {
                    let start = at % (model.len() + 1);
                    let range = start..(start + len).min(model.len());
                    let mut ids = IdRanges::default();
                    places.ids(range.start as u32..range.end as u32, &mut ids).unwrap();
                    places.remove(range.start as u32..range.end as u32);
                    let gone: Vec<usize> = range.map(|index| model.find(index)).collect();
                    let named: IdRanges = gone
                        .iter()
                        .map(|at| model.0[*at].id)
                        .map(|id| (id.client, id.clock..id.clock + 1))
                        .collect();
                    prop_assert_eq!(ids, named);
                    gone.into_iter().for_each(|at| model.0[at].is_seen = false);
                }
            }
            prop_assert_eq!(places.len() as usize, model.len());
        }
        model.check_finding(&mut places);
        // Nothing was known of the end before anything was there.
        if !model.0.is_empty() {
            for index in 0..=model.len() {
                prop_assert_eq!(places.neighbours(index as u32), Some(model.neighbours(index)));
            }
        }
    }
}
