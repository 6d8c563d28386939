//! What can be undone, in which steps, and what is told of it.

use super::*;
use crate::clock::{Duration, Instant};
use crate::ids::LinkId;

const TIMEOUT: Duration = Duration::from_millis(500);

/// A replica with a text that can be undone.
struct Stage {
    replica: Replica,
    text: TypeId,
    undo: UndoId,
    now: Instant,
}

impl Stage {
    fn new(timeout: Duration) -> Self {
        let mut replica = replica(1);
        let text = replica.open("text", Kind::Text).unwrap();
        let undo = replica.open_undo(&[text], timeout).unwrap();
        Self { replica, text, undo, now: Instant::from_millis(9_000) }
    }

    /// Writes at the end, as one task, after `wait` milliseconds.
    fn write(&mut self, wait: u64, text: &str) {
        self.edit(wait, |stage| {
            let end = stage.replica.text_len(stage.text).unwrap();
            stage.replica.text_insert(stage.text, end, text, None).unwrap();
        });
    }

    fn edit(&mut self, wait: u64, edit: impl FnOnce(&mut Self)) {
        self.now = self.now + Duration::from_millis(wait);
        self.replica.note_time(self.now);
        edit(self);
        self.replica.commit();
        self.replica.end_task();
    }

    fn undo(&mut self) -> bool {
        self.replica.undo(self.undo).unwrap()
    }

    fn redo(&mut self) -> bool {
        self.replica.redo(self.undo).unwrap()
    }

    fn content(&mut self) -> String {
        self.replica.text_string(self.text).unwrap()
    }

    /// The changes of the stacks since the last call: of which, and what.
    fn events(&mut self) -> Vec<(UndoStack, UndoChange)> {
        std::iter::from_fn(|| self.replica.poll_undo_event()).map(|event| (event.stack, event.change)).collect()
    }
}

#[test]
fn edits_that_follow_each_other_are_one_step() {
    let mut stage = Stage::new(TIMEOUT);
    stage.write(0, "a");
    stage.write(400, "b");
    stage.write(400, "c");
    stage.write(500, "d");
    assert!(stage.undo());
    assert_eq!(stage.content(), "abc");
    assert!(stage.undo());
    assert_eq!((stage.content().as_str(), stage.undo()), ("", false));
    assert!(stage.redo() && stage.redo() && !stage.redo());
    assert_eq!(stage.content(), "abcd");
}

#[test]
fn without_a_timeout_each_task_is_a_step_whatever_is_read_within_it() {
    let mut stage = Stage::new(Duration::ZERO);
    stage.write(0, "a");
    stage.edit(0, |stage| {
        stage.replica.text_insert(stage.text, 1, "b", None).unwrap();
        assert_eq!(stage.content(), "ab", "to be read it is written");
        stage.replica.text_insert(stage.text, 2, "c", None).unwrap();
    });
    assert!(stage.undo());
    assert_eq!(stage.content(), "a");
}

#[test]
fn a_step_ends_where_the_application_says_so_and_with_an_undo() {
    let mut stage = Stage::new(TIMEOUT);
    stage.write(0, "a");
    stage.replica.stop_capturing(stage.undo).unwrap();
    stage.write(1, "b");
    assert!(stage.undo());
    assert_eq!(stage.content(), "a");
    stage.write(1, "c");
    assert!(stage.undo());
    assert_eq!(stage.content(), "a");
}

#[test]
fn what_is_pending_is_written_before_something_is_undone() {
    let mut stage = Stage::new(TIMEOUT);
    stage.replica.text_insert(stage.text, 0, "a", None).unwrap();
    assert_eq!(stage.replica.has_step(stage.undo, UndoStack::Undo), Ok(true));
    stage.replica.text_insert(stage.text, 1, "b", None).unwrap();
    assert!(stage.undo());
    assert_eq!(stage.content(), "");
}

#[test]
fn edits_of_others_and_bytes_of_the_application_are_not_undone() {
    let mut stage = Stage::new(TIMEOUT);
    stage.write(0, "mine");
    let mut other = replica(2);
    let text = other.open("text", Kind::Text).unwrap();
    deliver(&mut stage.replica, &mut other);
    other.text_insert(text, 2, " and theirs ", None).unwrap();
    let update = other.encode_since(None).unwrap();
    stage.replica.apply(&update, LinkId::APPLICATION).unwrap();
    assert_eq!(stage.content(), "mi and theirs ne");
    assert!(stage.undo());
    assert_eq!(stage.content(), " and theirs ");
    assert!(!stage.undo());
    assert!(stage.redo());
    assert_eq!(stage.content(), "mi and theirs ne");
}

#[test]
fn what_is_undone_goes_the_way_of_every_edit() {
    let mut stage = Stage::new(TIMEOUT);
    stage.replica.observe(stage.text).unwrap();
    let mut other = replica(2);
    let text = other.open("text", Kind::Text).unwrap();
    stage.write(0, "a😀b");
    deliver(&mut stage.replica, &mut other);
    assert!(stage.undo());
    let committed = stage.replica.poll_committed().unwrap();
    assert_eq!((committed.origin, &committed.ranges.deletes), (Origin::Local, &vec![(ClientId(1), 0..4)]));
    other.apply(&committed.update, LinkId::SERVER).unwrap();
    assert_eq!(other.text_string(text).unwrap(), "");
    assert!(stage.redo());
    let committed = stage.replica.poll_committed().unwrap();
    assert_eq!(committed.ranges.structs, [(ClientId(1), 4..8)]);
    assert_eq!(stage.replica.own_clock(), 8);
    other.apply(&committed.update, LinkId::SERVER).unwrap();
    assert_eq!(other.text_string(text).unwrap(), "a😀b");
    // The length and the surrogate pairs are known again.
    assert_eq!(stage.replica.text_len(stage.text), Ok(4));
    assert_eq!(stage.replica.text_insert(stage.text, 2, "x", None), Err(EditError::SplitSurrogate { index: 2 }));
    let changes: Vec<_> = std::iter::from_fn(|| stage.replica.poll_change()).map(|change| change.kind).collect();
    assert_eq!(changes, [ChangeKind::Text(vec![insert("a😀b", None)])], "three local changes as one");
}

#[test]
fn formats_maps_and_lists_are_undone_too() {
    let mut replica = replica(1);
    let [text, list, map] = [("text", Kind::Text), ("list", Kind::List), ("map", Kind::Map)]
        .map(|(name, kind)| replica.open(name, kind).unwrap());
    replica.text_insert(text, 0, "abc", None).unwrap();
    replica.list_insert(list, 0, vec![1.into(), 2.into()]).unwrap();
    replica.map_set(map, "a", 1.into()).unwrap();
    let undo = replica.open_undo(&[text, list, map], TIMEOUT).unwrap();
    replica.text_format(text, 1, 1, bold()).unwrap();
    replica.list_delete(list, 0, 1).unwrap();
    replica.map_set(map, "a", 2.into()).unwrap();
    replica.map_set(map, "b", 3.into()).unwrap();
    assert_eq!(replica.undo(undo), Ok(true));
    assert_eq!(replica.text_delta(text), Ok(vec![insert("abc", None)]));
    assert_eq!(replica.list_json(list), Ok(vec![1.into(), 2.into()]));
    assert_eq!(replica.map_json(map), Ok(object([("a", 1.into())])));
    assert_eq!(replica.redo(undo), Ok(true));
    assert_eq!(replica.text_delta(text).unwrap().len(), 3);
    assert_eq!(replica.list_len(list), Ok(1));
    assert_eq!(replica.map_json(map), Ok(object([("a", 2.into()), ("b", 3.into())])));
}

#[test]
fn what_happens_to_the_stacks_is_told_by_step() {
    use UndoChange::{Added, Cleared, Extended, Popped};
    use UndoStack::{Redo, Undo};
    let mut stage = Stage::new(TIMEOUT);
    let [first, second, third, fourth] = [0, 1, 2, 3].map(StepId);
    stage.write(0, "a");
    stage.write(1, "b");
    stage.write(1_000, "c");
    assert_eq!(stage.events(), [(Undo, Added(first)), (Undo, Extended(first)), (Undo, Added(second))]);
    stage.undo();
    assert_eq!(stage.events(), [(Redo, Added(third)), (Undo, Popped(second))]);
    stage.redo();
    assert_eq!(stage.events(), [(Undo, Added(fourth)), (Redo, Popped(third))]);
    stage.undo();
    stage.events();
    stage.write(1, "d");
    assert!(matches!(stage.events()[..], [(Redo, Cleared), (Undo, Added(_))]));
    stage.replica.clear_undo(stage.undo).unwrap();
    assert_eq!(stage.events(), [(Undo, Cleared)]);
    assert!(!stage.undo());
    assert_eq!(stage.events(), []);
}

#[test]
fn a_step_of_which_others_have_left_nothing_is_passed_over() {
    let mut stage = Stage::new(Duration::ZERO);
    stage.write(0, "a");
    stage.write(0, "b");
    let mut other = replica(2);
    let text = other.open("text", Kind::Text).unwrap();
    deliver(&mut stage.replica, &mut other);
    other.text_delete(text, 1, 1).unwrap();
    stage.replica.apply(&other.encode_since(None).unwrap(), LinkId::SERVER).unwrap();
    stage.events();
    assert!(stage.undo());
    assert_eq!(stage.content(), "");
    let popped = |step| (UndoStack::Undo, UndoChange::Popped(StepId(step)));
    assert_eq!(stage.events(), [popped(1), (UndoStack::Redo, UndoChange::Added(StepId(2))), popped(0)]);
}

#[test]
fn what_was_brought_back_and_edited_in_its_middle_is_undone_whole() {
    let mut stage = Stage::new(Duration::ZERO);
    stage.write(0, "x12y");
    stage.edit(0, |stage| stage.replica.text_delete(stage.text, 0, 3).unwrap());
    assert!(stage.undo());
    stage.edit(0, |stage| stage.replica.text_insert(stage.text, 1, "a", None).unwrap());
    assert!(stage.undo() && stage.undo());
    assert_eq!((stage.content().as_str(), stage.undo()), ("", false), "yjs 13.6 leaves 12");
    assert!(stage.redo());
    assert_eq!(stage.content(), "x12y");
    assert!(stage.redo() && !stage.redo());
    assert_eq!(stage.content(), "xa12y");
}

#[test]
fn undo_managers_do_not_undo_what_another_has_undone() {
    let mut stage = Stage::new(Duration::ZERO);
    let other = stage.replica.open_undo(&[stage.text], Duration::ZERO).unwrap();
    stage.write(0, "a");
    stage.write(0, "b");
    assert!(stage.undo());
    assert_eq!(stage.replica.undo(other), Ok(true), "nothing is left of b, and so it is a");
    assert_eq!(stage.content(), "");
    assert_eq!(stage.replica.has_step(other, UndoStack::Undo), Ok(false));
}

#[test]
fn a_cursor_finds_its_character_when_that_is_back() {
    let mut stage = Stage::new(Duration::ZERO);
    stage.write(0, "hello world");
    let cursor = stage.replica.cursor(stage.text, 8, Side::After).unwrap();
    stage.edit(0, |stage| stage.replica.text_delete(stage.text, 5, 6).unwrap());
    assert_eq!(stage.replica.resolve(stage.text, &cursor), Ok(Some(5)));
    assert!(stage.undo());
    assert_eq!(stage.replica.resolve(stage.text, &cursor), Ok(Some(8)));
}

#[test]
fn what_was_deleted_is_kept_until_the_steps_are_cleared() {
    let mut stage = Stage::new(Duration::ZERO);
    let other = stage.replica.open_undo(&[stage.text], Duration::ZERO).unwrap();
    stage.write(0, "secret");
    stage.edit(0, |stage| stage.replica.text_delete(stage.text, 0, 6).unwrap());
    let holds = |replica: &mut Replica| {
        let everything = replica.encode_since(None).unwrap();
        everything.windows(6).any(|bytes| bytes == b"secret")
    };
    assert!(holds(&mut stage.replica));
    stage.replica.clear_undo(stage.undo).unwrap();
    assert!(holds(&mut stage.replica), "the other one can undo it still");
    stage.replica.close_undo(other).unwrap();
    assert!(!holds(&mut stage.replica));
    assert_eq!(stage.content(), "");
}

#[test]
fn an_undo_manager_that_is_closed_or_was_never_opened_is_refused() {
    let mut stage = Stage::new(TIMEOUT);
    stage.replica.close_undo(stage.undo).unwrap();
    stage.write(0, "a");
    assert_eq!(stage.events(), []);
    assert_eq!(stage.replica.undo(stage.undo), Err(EditError::UnknownUndo(stage.undo)));
    assert_eq!(stage.replica.has_step(UndoId(7), UndoStack::Redo), Err(EditError::UnknownUndo(UndoId(7))));
    let unknown = TypeId(9);
    assert_eq!(stage.replica.open_undo(&[unknown], TIMEOUT), Err(EditError::UnknownType(unknown)));
}

#[test]
fn what_is_nested_in_a_root_is_undone_with_it_and_is_no_scope_of_its_own() {
    let mut replica = replica(1);
    let map = replica.open("map", Kind::Map).unwrap();
    let undo = replica.open_undo(&[map], Duration::ZERO).unwrap();
    let at = PathSegment::Key("notes".to_owned());
    let text = replica.create_in(map, &at, NewType::Text(vec![insert("abc", None)])).unwrap();
    assert_eq!(replica.open_undo(&[map, text], TIMEOUT), Err(EditError::NoRoot(text)));
    replica.end_task();
    replica.text_insert(text, 3, "def", None).unwrap();
    replica.commit();
    replica.end_task();
    replica.map_delete(map, "notes").unwrap();
    assert_eq!(replica.undo(undo), Ok(true));
    assert_eq!(replica.text_string(text), Err(EditError::Deleted), "another one stands for it");
    let text = replica.open_in(map, &at, Kind::Text).unwrap().unwrap();
    assert_eq!(replica.text_string(text).unwrap(), "abcdef");
    assert_eq!((replica.undo(undo), replica.text_string(text).unwrap().as_str()), (Ok(true), "abc"));
    assert_eq!(replica.text_len(text), Ok(3));
    assert_eq!((replica.undo(undo), replica.undo(undo)), (Ok(true), Ok(false)));
    assert_eq!(replica.text_len(text), Err(EditError::Deleted));
}

#[test]
fn restoring_is_a_step_that_can_be_undone_whole() {
    let mut replica = replica(1);
    let (text, map) = (replica.open("text", Kind::Text).unwrap(), replica.open("map", Kind::Map).unwrap());
    let list = replica.open("list", Kind::List).unwrap();
    let undo = replica.open_undo(&[text, map, list], Duration::ZERO).unwrap();
    let all = |replica: &mut Replica| {
        let lists = (replica.list_json(list).unwrap(), replica.map_json(map).unwrap());
        (replica.text_delta(text).unwrap(), lists)
    };
    replica.text_insert(text, 0, "first", Some(bold())).unwrap();
    replica.list_insert(list, 0, vec!["one".into(), "two".into()]).unwrap();
    let notes = NewType::Text(vec![insert("old", None)]);
    let notes = replica.create_in(map, &PathSegment::Key("notes".to_owned()), notes).unwrap();
    replica.map_set(map, "title", "old".into()).unwrap();
    replica.commit();
    replica.end_task();
    let (snapshot, first) = (replica.snapshot(), all(&mut replica));
    replica.text_insert(notes, 3, "er", None).unwrap();
    replica.text_delete(text, 1, 3).unwrap();
    replica.text_insert(text, 2, " then", None).unwrap();
    replica.map_delete(map, "title").unwrap();
    replica.list_delete(list, 0, 1).unwrap();
    replica.commit();
    replica.end_task();
    let second = all(&mut replica);

    for restored in [Some(text), None] {
        match restored {
            Some(id) => replica.restore(id, &snapshot).unwrap(),
            None => replica.restore_all(&snapshot).unwrap(),
        }
        replica.end_task();
        let now = all(&mut replica);
        assert_eq!((now.0 == first.0, now == first), (true, restored.is_none()));
        assert_eq!(replica.undo(undo), Ok(true));
        assert_eq!(all(&mut replica), second);
        assert_eq!(replica.redo(undo), Ok(true));
        assert_eq!(all(&mut replica), now);
        assert_eq!(replica.undo(undo), Ok(true));
        assert_eq!(all(&mut replica), second);
    }
}
