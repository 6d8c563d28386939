//! Who is told what, and when.

use super::*;

#[test]
fn edits_of_one_task_are_one_update_and_one_change() {
    let mut replica = replica(1);
    let text = replica.open("text", Kind::Text).unwrap();
    let map = replica.open("map", Kind::Map).unwrap();
    replica.observe(text).unwrap();
    replica.observe(map).unwrap();
    replica.text_insert(text, 0, "Helo", None).unwrap();
    replica.map_set(map, "title", "one".into()).unwrap();
    replica.text_insert(text, 3, "l", None).unwrap();
    replica.map_set(map, "title", "two".into()).unwrap();
    assert!(replica.has_pending() && replica.poll_committed().is_none());
    replica.commit();

    let committed = replica.poll_committed().unwrap();
    assert_eq!(committed.origin, Origin::Local);
    assert_eq!(committed.ranges, Ranges { structs: vec![(ClientId(1), 0..6)], deletes: vec![] });
    assert_eq!(replica.own_clock(), 6);
    assert_eq!(replica.poll_committed(), None);
    let mut changes: Vec<Change> = std::iter::from_fn(|| replica.poll_change()).collect();
    changes.sort_by_key(|change| change.target);
    let change = |target, kind| Change { target, origin: Origin::Local, path: vec![], kind };
    let title = ("title".to_owned(), KeyChange::Add { value: "two".into() });
    let expected =
        [change(text, ChangeKind::Text(vec![insert("Hello", None)])), change(map, ChangeKind::Map(vec![title]))];
    assert_eq!(changes, expected);
}

#[test]
fn a_read_in_the_middle_of_a_task_does_not_split_its_change() {
    let mut replica = replica(1);
    let text = replica.open("text", Kind::Text).unwrap();
    replica.observe(text).unwrap();
    replica.text_insert(text, 0, "ab", None).unwrap();
    assert_eq!(replica.text_string(text).unwrap(), "ab");
    replica.text_insert(text, 1, "x", Some(bold())).unwrap();
    replica.commit();
    let change = replica.poll_change().unwrap();
    assert_eq!(change.kind, ChangeKind::Text(vec![insert("a", None), insert("x", Some(bold())), insert("b", None)]));
    assert_eq!(replica.poll_change(), None);
}

#[test]
fn local_changes_on_both_sides_of_a_remote_one_stay_apart() {
    let (mut one, mut two) = (replica(1), replica(2));
    let [text, other] = [&mut one, &mut two].map(|replica| replica.open("text", Kind::Text).unwrap());
    one.observe(text).unwrap();
    two.text_insert(other, 0, "remote", None).unwrap();
    two.commit();
    one.text_insert(text, 0, "before", None).unwrap();
    deliver(&mut two, &mut one);
    one.text_insert(text, 0, "after", None).unwrap();
    one.commit();
    let origins: Vec<Origin> = std::iter::from_fn(|| one.poll_change()).map(|change| change.origin).collect();
    assert_eq!(origins, [Origin::Local, Origin::Link(LinkId::SERVER), Origin::Local]);
}

#[test]
fn a_key_that_came_and_went_before_anyone_looked_is_no_change() {
    let mut replica = replica(1);
    let map = replica.open("map", Kind::Map).unwrap();
    replica.map_set(map, "kept", 1.into()).unwrap();
    replica.commit();
    replica.observe(map).unwrap();
    let tasks: [&[(&str, Option<u32>)]; 3] =
        [&[("new", Some(1)), ("kept", Some(2))], &[("kept", None)], &[("new", None), ("kept", Some(3))]];
    for task in tasks {
        for (key, value) in task {
            match value {
                Some(value) => replica.map_set(map, key, (*value).into()).unwrap(),
                None => assert!(replica.map_delete(map, key).unwrap()),
            }
        }
        replica.commit();
    }
    let kept = ("kept".to_owned(), KeyChange::Update { old: 1.into(), value: 3.into() });
    assert_eq!(replica.poll_change().unwrap().kind, ChangeKind::Map(vec![kept]));
    assert_eq!(replica.poll_change(), None);
}

#[test]
fn only_observed_types_are_reported_and_only_while_they_are() {
    let mut replica = replica(1);
    let list = replica.open("list", Kind::List).unwrap();
    replica.list_insert(list, 0, vec![1.into()]).unwrap();
    replica.observe(list).unwrap();
    assert_eq!(replica.poll_change(), None, "edits made before are not reported");
    replica.list_insert(list, 1, vec![2.into()]).unwrap();
    replica.unobserve(list).unwrap();
    replica.list_insert(list, 2, vec![3.into()]).unwrap();
    replica.commit();
    let change = replica.poll_change().unwrap();
    assert_eq!(change.kind, ChangeKind::List(vec![ListOp::Retain(1), ListOp::Insert(vec![2.into()])]));
    assert_eq!(replica.poll_change(), None);
    replica.observe(list).unwrap();
    replica.observe(list).unwrap();
    replica.list_delete(list, 0, 3).unwrap();
    replica.commit();
    assert_eq!(replica.poll_change().unwrap().kind, ChangeKind::List(vec![ListOp::Delete(3)]));
    assert_eq!(replica.poll_change(), None);
}

#[test]
fn deltas_count_utf16_units() {
    let (mut one, mut two) = (replica(1), replica(2));
    let [text, other] = [&mut one, &mut two].map(|replica| replica.open("text", Kind::Text).unwrap());
    one.text_insert(text, 0, "😀é漢", None).unwrap();
    one.commit();
    deliver(&mut one, &mut two);
    two.observe(other).unwrap();
    one.text_insert(text, 3, "x", None).unwrap();
    one.commit();
    one.text_delete(text, 0, 2).unwrap();
    one.commit();
    deliver(&mut one, &mut two);
    let deltas: Vec<ChangeKind> = std::iter::from_fn(|| two.poll_change()).map(|change| change.kind).collect();
    let retain = DeltaOp::Retain { len: 3, attributes: None };
    let expected = [vec![retain, insert("x", None)], vec![DeltaOp::Delete { len: 2 }]];
    assert_eq!(deltas, expected.map(ChangeKind::Text));
    assert_eq!(two.text_len(other), Ok(3));
}

#[test]
fn a_map_reads_what_is_pending() {
    let mut replica = replica(1);
    let map = replica.open("map", Kind::Map).unwrap();
    replica.map_set(map, "b", 1.into()).unwrap();
    replica.map_set(map, "c", 1.into()).unwrap();
    replica.commit();
    replica.map_set(map, "a", 2.into()).unwrap();
    replica.map_set(map, "b", Value::Null).unwrap();
    assert_eq!(replica.map_delete(map, "c"), Ok(true));
    assert_eq!(replica.map_delete(map, "c"), Ok(false));
    assert_eq!(replica.map_delete(map, "d"), Ok(false));
    for _ in 0..2 {
        assert_eq!(replica.map_keys(map).unwrap(), ["a", "b"]);
        assert_eq!(replica.map_json(map).unwrap(), object([("a", 2.into()), ("b", Value::Null)]));
        assert_eq!((replica.map_has(map, "b"), replica.map_has(map, "c")), (Ok(true), Ok(false)));
        assert_eq!((replica.map_get(map, "a"), replica.map_get(map, "c")), (Ok(Some(2.into())), Ok(None)));
        assert_eq!(replica.map_len(map), Ok(2));
        replica.commit();
    }
}
