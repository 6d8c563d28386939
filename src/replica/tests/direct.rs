//! Edits that are written as updates are the same as edits that yrs writes by their index: for others, for observers, and
//! for those who take them back.

mod world;

use super::*;
use proptest::prelude::*;
use world::{Edit, ME, Person, Step, Way, World};

fn edits() -> BoxedStrategy<Edit> {
    let text = || prop::sample::select(vec!["a", "bc", "😀", "é", "x😀y", "longer"]);
    let edit = prop_oneof![
        6 => (any::<usize>(), text()).prop_map(|(at, text)| Edit::Type { at, text }),
        8 => text().prop_map(|text| Edit::Continue { text }),
        4 => (1..4_u32).prop_map(|len| Edit::Back { len }),
        4 => (any::<usize>(), 0..6_u32).prop_map(|(at, len)| Edit::Delete { at, len }),
        1 => (any::<usize>(), text()).prop_map(|(at, text)| Edit::Unformatted { at, text }),
        1 => any::<usize>().prop_map(|at| Edit::Embed { at }),
        1 => text().prop_map(Edit::Nested),
    ];
    edit.boxed()
}

fn formatted() -> BoxedStrategy<Edit> {
    let bold = (any::<usize>(), 0..6_u32).prop_map(|(at, len)| Edit::Bold { at, len });
    prop_oneof![40 => edits(), 1 => bold].boxed()
}

fn steps(edits: fn() -> BoxedStrategy<Edit>) -> BoxedStrategy<Step> {
    let step = prop_oneof![
        20 => edits().prop_map(Step::Mine),
        12 => Just(Step::Commit),
        8 => (any::<usize>(), edits()).prop_map(|(who, edit)| Step::Theirs(who, edit)),
        4 => any::<usize>().prop_map(Step::Hear),
        2 => any::<usize>().prop_map(Step::HearAtOnce),
        2 => Just(Step::HearAllAtOnce),
        4 => any::<usize>().prop_map(Step::Tell),
        1 => Just(Step::Gossip),
        2 => Just(Step::Forget),
        3 => Just(Step::LookAhead),
    ];
    step.boxed()
}

/// Hardly anything is edited here: others edit, and this is told.
fn watching(edits: fn() -> BoxedStrategy<Edit>) -> BoxedStrategy<Step> {
    let step = prop_oneof![
        1 => edits().prop_map(Step::Mine),
        24 => (any::<usize>(), edits()).prop_map(|(who, edit)| Step::Theirs(who, edit)),
        12 => any::<usize>().prop_map(Step::Hear),
        4 => any::<usize>().prop_map(Step::HearAtOnce),
        4 => Just(Step::HearAllAtOnce),
        2 => any::<usize>().prop_map(Step::Tell),
        3 => Just(Step::Gossip),
    ];
    step.boxed()
}

/// The others do not edit at once with what is taken back: yrs brings back in no order at all what was deleted, so that
/// nobody can say then where it stands beside what others have inserted there.
fn steps_with_undo() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => edits().prop_map(Step::Mine),
        12 => Just(Step::Commit),
        6 => (any::<usize>(), edits()).prop_map(|(who, edit)| Step::Turn(who, edit)),
        2 => Just(Step::Undo),
        1 => Just(Step::Redo),
        2 => Just(Step::EndTask),
        2 => Just(Step::Forget),
        3 => Just(Step::LookAhead),
    ]
}

fn worlds() -> [World; 2] {
    [Way::Direct, Way::ByIndex].map(|way| World::new(way, &[7, 900]))
}

fn compare_bytes(steps: &[Step]) {
    let [mut direct, mut by_index] = worlds();
    for step in steps {
        assert_eq!(direct.step(step), by_index.step(step), "{step:?}");
    }
    assert_eq!(direct.end(), by_index.end());
}

fn compare(steps: &[Step]) {
    let [mut direct, mut by_index] = worlds();
    for step in steps {
        assert_eq!(direct.step(step).0, by_index.step(step).0, "{step:?}");
    }
    assert_eq!(direct.end().0, by_index.end().0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn an_edit_is_the_same_whoever_writes_it(steps in prop::collection::vec(steps(edits), 0..80)) {
        compare_bytes(&steps);
    }

    #[test]
    fn an_edit_is_the_same_whoever_writes_it_with_formatting(steps in prop::collection::vec(steps(formatted), 0..80)) {
        compare_bytes(&steps);
    }

    #[test]
    fn what_others_did_is_told_as_yrs_tells_it(steps in prop::collection::vec(watching(edits), 0..160)) {
        compare_bytes(&steps);
    }

    #[test]
    fn what_others_did_is_told_as_yrs_tells_it_with_formatting(
        steps in prop::collection::vec(watching(formatted), 0..160),
    ) {
        compare_bytes(&steps);
    }

    #[test]
    fn an_edit_is_taken_back_in_the_same_way(steps in prop::collection::vec(steps_with_undo(), 0..80)) {
        compare(&steps);
    }
}

/// Whether where everything stands is known after these edits, each a commit of its own.
fn stays_known(edit: impl Fn(&mut Replica, TypeId, u32), edits: u32) -> bool {
    let mut person = Person::new(ME);
    for number in 0..edits {
        edit(&mut person.replica, person.text, number);
        person.replica.commit();
    }
    person.replica.text_mut(person.text).unwrap().map.knows_all()
}

#[test]
fn whoever_types_deletes_back_and_jumps_never_asks_yrs_again() {
    let typed = |replica: &mut Replica, text, number: u32| {
        let len = replica.text_len(text).unwrap();
        if number % 7 == 6 {
            replica.text_delete(text, len / 2, 2).unwrap();
        } else {
            replica.text_insert(text, number * 31 % (len + 1), "word", None).unwrap();
        }
    };
    assert!(stays_known(typed, 200));
}

#[test]
fn a_text_with_formatting_is_left_to_yrs() {
    let formatted = |replica: &mut Replica, text, number: u32| match number {
        10 => replica.text_format(text, 0, 2, bold()).unwrap(),
        _ => replica.text_insert(text, 0, "a", None).unwrap(),
    };
    assert!(stays_known(formatted, 10));
    assert!(!stays_known(formatted, 11));
    assert!(!stays_known(formatted, 100));
}

/// Somebody with a text that others have written.
fn loaded() -> Person {
    let (mut here, mut there) = (Person::new(ME), Person::new(7));
    for at in 0..100 {
        there.edit(&Edit::Type { at: at * 31, text: "words" }).unwrap();
        there.replica.commit();
    }
    deliver(&mut there.replica, &mut here.replica);
    here
}

fn was_looked_at(person: &mut Person) -> bool {
    let len = person.replica.text_len(person.text).unwrap();
    let map = &person.replica.text_mut(person.text).unwrap().map;
    (0..len).all(|index| !map.wants_look(&(index..index + 1)))
}

#[test]
fn whoever_types_on_needs_no_look_at_a_text_that_was_loaded() {
    let mut here = loaded();
    for at in 0..50 {
        here.edit(&Edit::Type { at: 200 + at, text: "x" }).unwrap();
        here.replica.commit();
        let map = &here.replica.text_mut(here.text).unwrap().map;
        assert!(!map.wants_look(&(201 + at as u32..201 + at as u32)));
        assert!(map.wants_look(&(199..199)));
    }
    here.edit(&Edit::Type { at: 3, text: "x" }).unwrap();
    here.replica.commit();
    assert!(was_looked_at(&mut here));
}

#[test]
fn a_look_ahead_spares_whoever_goes_on_elsewhere_the_wait() {
    let mut here = loaded();
    here.replica.look_ahead_from(1);
    assert!(here.replica.text_mut(here.text).unwrap().map.is_lost(), "nobody edits it");
    here.edit(&Edit::Type { at: 200, text: "x" }).unwrap();
    here.replica.commit();
    here.edit(&Edit::Continue { text: "y" }).unwrap();
    here.replica.look_ahead_from(1);
    assert!(!was_looked_at(&mut here), "an edit is pending");
    here.replica.commit();
    let len = here.replica.text_len(here.text).unwrap();
    here.replica.look_ahead_from(len + 1);
    assert!(!was_looked_at(&mut here), "it is not long enough");
    here.replica.look_ahead_from(len);
    assert!(was_looked_at(&mut here));
    assert_eq!(here.replica.roots.awaited_text(1), None, "once is enough");
}

#[test]
fn whoever_deletes_in_a_text_that_was_loaded_takes_one_look_at_it() {
    for second in [Edit::Back { len: 1 }, Edit::Delete { at: 20, len: 3 }, Edit::Type { at: 20, text: "x" }] {
        let mut here = loaded();
        for edit in [Edit::Delete { at: 10, len: 2 }, second] {
            here.edit(&edit).unwrap();
            here.replica.commit();
        }
        assert!(was_looked_at(&mut here));
    }
}

/// Somebody who watches a text that others have written and cut, while others do this, each edit a change.
fn watched(edits: impl IntoIterator<Item = Edit>) -> Person {
    let (mut here, mut there) = (loaded(), Person::new(8));
    let cut = (0..40).map(|at| Edit::Delete { at: at * 7, len: 2 });
    deliver_all(&mut here, &mut there);
    for edit in cut {
        there.edit(&edit).unwrap();
    }
    deliver_all(&mut there, &mut here);
    here.replica.observe(here.text).unwrap();
    for edit in edits {
        there.edit(&edit).unwrap();
        deliver_all(&mut there, &mut here);
        assert!(here.replica.poll_change().is_some());
    }
    here
}

fn deliver_all(from: &mut Person, to: &mut Person) {
    let known = to.replica.state_vector();
    to.replica.apply(&from.replica.encode_since(Some(&known)).unwrap(), LinkId::SERVER).unwrap();
}

#[test]
fn who_watches_has_yrs_walk_over_a_text_twice() {
    // From the right to the left, each time in front of what was cut.
    let edits = (0..60).map(|at| match at % 4 {
        0 => Edit::Type { at: 210 - at / 4 * 14, text: "word" },
        1 => Edit::Continue { text: "s" },
        2 => Edit::Back { len: 2 },
        _ => Edit::Delete { at: 260, len: 3 },
    });
    let mut here = watched(edits);
    let map = &here.replica.text_mut(here.text).unwrap().map;
    assert_eq!((map.walks(), map.is_lost()), (0, false));
}

#[test]
fn a_text_with_formatting_is_walked_over_for_who_watches() {
    let bold = Edit::Bold { at: 0, len: 3 };
    let mut here = watched((0..9).map(|at| Edit::Type { at, text: "x" }).chain([bold]));
    let map = &here.replica.text_mut(here.text).unwrap().map;
    assert!(map.walks() > 0);
}

#[test]
fn an_object_that_nobody_knows_by_its_id_is_missed_when_it_is_deleted() {
    let (mut here, mut there) = (Person::new(1), Person::new(2));
    there.edit(&Edit::Type { at: 0, text: "😀a😀" }).unwrap();
    there.edit(&Edit::Embed { at: 0 }).unwrap();
    deliver(
        &mut {
            there.replica.commit();
            there.replica
        },
        &mut here.replica,
    );
    let mut there = Person::new(3);
    there.replica.apply(&here.replica.encode_since(None).unwrap(), LinkId::SERVER).unwrap();
    here.replica.text_insert(here.text, 6, "b", None).unwrap();
    there.replica.text_delete(there.text, 0, 1).unwrap();
    there.replica.commit();
    deliver(&mut there.replica, &mut here.replica);
    assert_eq!(here.replica.text_insert(here.text, 1, "x", None), Err(EditError::SplitSurrogate { index: 1 }));
    assert_eq!(here.replica.text_insert(here.text, 2, "x", None), Ok(()));
    assert_eq!(here.replica.text_string(here.text).unwrap(), "😀xa😀b");
}
