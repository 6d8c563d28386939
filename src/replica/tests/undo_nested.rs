//! What is nested comes back as it was, for everybody, whatever was edited in it before it was deleted.

use super::*;
use crate::clock::{Duration, Instant};
use crate::ids::LinkId;

/// A replica with a map that can be undone, each task as a step.
struct Stage {
    replica: Replica,
    map: TypeId,
    undo: UndoId,
}

impl Stage {
    fn new() -> Self {
        let mut replica = replica(1);
        let map = replica.open("map", Kind::Map).unwrap();
        let undo = replica.open_undo(&[map], Duration::ZERO).unwrap();
        replica.note_time(Instant::from_millis(9_000));
        Self { replica, map, undo }
    }

    /// Puts a type under a key of this map.
    fn nest(&mut self, map: TypeId, key: &str, new: NewType) -> TypeId {
        self.replica.create_in(map, &PathSegment::Key(key.to_owned()), new).unwrap()
    }

    fn end_step(&mut self) {
        self.replica.commit();
        self.replica.end_task();
    }

    /// What the map holds, here and for somebody who hears of it.
    fn content(&mut self) -> Value {
        let mut other = replica(2);
        let map = other.open("map", Kind::Map).unwrap();
        let update = self.replica.encode_since(None).unwrap();
        other.apply(&update, LinkId::SERVER).unwrap();
        let content = self.replica.map_json(self.map).unwrap();
        assert_eq!(other.map_json(map).unwrap(), content, "for others");
        content
    }

    /// Undoes and redoes all steps; what is seen has to be `seen`, from the first to the last.
    fn turn_through(&mut self, seen: &[Value]) {
        for expected in seen.iter().rev().skip(1) {
            assert_eq!(self.replica.undo(self.undo), Ok(true));
            assert_eq!(self.content(), *expected, "undone");
        }
        for expected in seen.iter().skip(1) {
            assert_eq!(self.replica.redo(self.undo), Ok(true));
            assert_eq!(self.content(), *expected, "redone");
        }
    }
}

fn entry(value: &str) -> NewType {
    NewType::Map(vec![("a".to_owned(), value.into())])
}

#[test]
fn an_entry_comes_back_that_was_replaced_in_the_step_that_deleted_its_map() {
    let mut stage = Stage::new();
    let nested = stage.nest(stage.map, "nested", entry("value"));
    stage.end_step();
    let before = stage.content();
    stage.nest(nested, "a", entry("inner"));
    stage.replica.map_delete(stage.map, "nested").unwrap();
    stage.end_step();
    let after = stage.content();
    stage.turn_through(&[before, after]);
}

#[test]
fn an_entry_comes_back_that_was_replaced_in_the_step_that_replaced_its_map() {
    let mut stage = Stage::new();
    let nested = stage.nest(stage.map, "nested", entry("value"));
    stage.end_step();
    let before = stage.content();
    stage.nest(nested, "a", entry("inner"));
    stage.nest(stage.map, "nested", entry("other"));
    stage.end_step();
    let after = stage.content();
    stage.turn_through(&[before, after]);
}

#[test]
fn an_entry_comes_back_that_was_replaced_and_deleted_before_its_map_was_deleted() {
    let mut stage = Stage::new();
    let nested = stage.nest(stage.map, "nested", entry("value"));
    stage.end_step();
    let mut seen = vec![stage.content()];
    stage.nest(nested, "a", entry("inner"));
    stage.replica.map_delete(nested, "a").unwrap();
    stage.end_step();
    seen.push(stage.content());
    stage.replica.map_delete(stage.map, "nested").unwrap();
    stage.end_step();
    seen.push(stage.content());
    stage.turn_through(&seen);
}

#[test]
fn what_was_deleted_in_a_text_comes_and_goes_alone_when_the_text_was_away() {
    // In which order yrs brings characters back is random.
    for _ in 0..20 {
        let mut stage = Stage::new();
        let mut seen = vec![stage.content()];
        let text = stage.nest(stage.map, "text", NewType::Text(vec![insert("new", None)]));
        stage.end_step();
        seen.push(stage.content());
        stage.replica.text_delete(text, 1, 1).unwrap();
        stage.end_step();
        seen.push(stage.content());
        stage.turn_through(&seen);
    }
}

#[test]
fn a_step_of_which_others_have_left_nothing_is_passed_over_for_one_with_nested_types() {
    let mut stage = Stage::new();
    let nested = stage.nest(stage.map, "nested", entry("value"));
    stage.end_step();
    let before = stage.content();
    stage.nest(nested, "a", entry("inner"));
    stage.replica.map_delete(stage.map, "nested").unwrap();
    stage.end_step();
    stage.replica.map_set(stage.map, "gone", 1.into()).unwrap();
    stage.end_step();
    let mut other = replica(2);
    let map = other.open("map", Kind::Map).unwrap();
    other.apply(&stage.replica.encode_since(None).unwrap(), LinkId::SERVER).unwrap();
    other.map_delete(map, "gone").unwrap();
    let theirs = other.encode_since(Some(&stage.replica.state_vector())).unwrap();
    stage.replica.apply(&theirs, LinkId::SERVER).unwrap();
    assert_eq!(stage.replica.undo(stage.undo), Ok(true));
    assert_eq!(stage.content(), before);
}
