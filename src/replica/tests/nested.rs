//! Types within types: made, opened, edited, observed and deleted, from here and from outside.

mod deleted;
mod random;

use super::*;
use crate::ids::LinkId;

/// The names of the JavaScript API, for what is one function here.
trait Nest {
    fn map_create(&mut self, id: TypeId, key: &str, new: NewType) -> Result<TypeId, EditError>;
    fn list_create(&mut self, id: TypeId, index: u32, new: NewType) -> Result<TypeId, EditError>;
    fn map_open(&mut self, id: TypeId, key: &str, kind: Kind) -> Result<Option<TypeId>, EditError>;
    fn list_open(&mut self, id: TypeId, index: u32, kind: Kind) -> Result<Option<TypeId>, EditError>;
}

impl Nest for Replica {
    fn map_create(&mut self, id: TypeId, at: &str, new: NewType) -> Result<TypeId, EditError> {
        self.create_in(id, &key(at), new)
    }

    fn list_create(&mut self, id: TypeId, index: u32, new: NewType) -> Result<TypeId, EditError> {
        self.create_in(id, &PathSegment::Index(index), new)
    }

    fn map_open(&mut self, id: TypeId, at: &str, kind: Kind) -> Result<Option<TypeId>, EditError> {
        self.open_in(id, &key(at), kind)
    }

    fn list_open(&mut self, id: TypeId, index: u32, kind: Kind) -> Result<Option<TypeId>, EditError> {
        self.open_in(id, &PathSegment::Index(index), kind)
    }
}

/// A replica with the map `map` and the list `list`, both observed.
fn with_roots(client: u64) -> (Replica, TypeId, TypeId) {
    let mut replica = replica(client);
    let map = replica.open("map", Kind::Map).unwrap();
    let list = replica.open("list", Kind::List).unwrap();
    replica.observe(map).unwrap();
    replica.observe(list).unwrap();
    (replica, map, list)
}

fn key(key: &str) -> PathSegment {
    PathSegment::Key(key.to_owned())
}

/// What observers are told, in order.
fn told(replica: &mut Replica) -> Vec<(TypeId, Vec<PathSegment>, ChangeKind)> {
    replica.commit();
    std::iter::from_fn(|| replica.poll_change()).map(|change| (change.target, change.path, change.kind)).collect()
}

fn text(content: &str) -> NewType {
    NewType::Text(vec![insert(content, None)])
}

/// Has `to` all that `from` has.
fn sync(from: &mut Replica, to: &mut Replica) {
    let lacking = from.encode_since(Some(&to.state_vector())).unwrap();
    to.apply(&lacking, LinkId::SERVER).unwrap();
}

#[test]
fn a_nested_type_is_made_with_its_content_in_one_update() {
    let (mut one, map, list) = with_roots(1);
    let body = one.map_create(map, "body", NewType::Text(vec![insert("Hello ", None), insert("you", Some(bold()))]));
    let meta = one.list_create(list, 0, NewType::Map(vec![("done".to_owned(), false.into())]));
    let tags = one.list_create(list, 1, NewType::List(vec!["a".into(), "b".into()]));
    let updates: Vec<Committed> = std::iter::from_fn(|| one.poll_committed()).collect();
    assert_eq!(updates.len(), 3);
    assert!(updates.iter().all(|update| update.origin == Origin::Local && !update.ranges.structs.is_empty()));

    assert_eq!(one.text_len(body.unwrap()), Ok(9));
    assert_eq!(one.map_get(meta.unwrap(), "done"), Ok(Some(false.into())));
    assert_eq!(one.list_len(tags.unwrap()), Ok(2));
    let (mut two, ..) = with_roots(2);
    sync(&mut one, &mut two);
    assert_eq!(two.map_json(map).unwrap(), object([("body", "Hello you".into())]));
    let items = vec![object([("done", false.into())]), Value::from(vec![Value::from("a"), "b".into()])];
    assert_eq!(two.list_json(list).unwrap(), items);
    let opened = two.map_open(map, "body", Kind::Text).unwrap().unwrap();
    assert_eq!(two.text_delta(opened).unwrap(), one.text_delta(TypeId(2)).unwrap());
}

#[test]
fn a_type_that_is_found_has_one_handle_and_is_of_one_kind() {
    let (mut replica, map, list) = with_roots(1);
    let made = replica.map_create(map, "a", text("x")).unwrap();
    replica.map_set(map, "plain", 1.into()).unwrap();
    assert_eq!(replica.map_open(map, "a", Kind::Text), Ok(Some(made)));
    for kind in [Kind::Map, Kind::List] {
        assert_eq!(replica.map_open(map, "a", kind), Ok(None));
    }
    assert_eq!(replica.map_open(map, "plain", Kind::Map), Ok(None));
    assert_eq!(replica.map_open(map, "none", Kind::Map), Ok(None));
    let item = replica.list_create(list, 0, NewType::Map(vec![])).unwrap();
    replica.list_insert(list, 0, vec![1.into()]).unwrap();
    assert_eq!(replica.list_open(list, 1, Kind::Map), Ok(Some(item)), "what is pending counts");
    assert_eq!(replica.list_open(list, 0, Kind::Map), Ok(None));
    assert_eq!(replica.list_open(list, 9, Kind::Map), Ok(None));
    assert!(matches!(replica.map_open(list, "a", Kind::Text), Err(EditError::WrongKind { .. })));
    assert!(matches!(replica.text_len(item), Err(EditError::WrongKind { .. })));
}

#[test]
fn what_cannot_be_kept_makes_no_type() {
    let (mut replica, map, list) = with_roots(1);
    let bad = Value::from(f64::NAN);
    let refused = [
        replica.map_create(map, "a", NewType::Map(vec![("x".to_owned(), bad.clone())])),
        replica.map_create(map, "a", NewType::List(vec![bad])),
        replica.map_create(map, "a", NewType::Text(vec![DeltaOp::Delete { len: 1 }])),
        replica.map_create(map, "a", NewType::Text(vec![DeltaOp::Retain { len: 1, attributes: None }])),
        replica.list_create(list, 1, text("x")),
        replica.list_create(map, 0, text("x")),
        replica.map_create(TypeId(9), "a", text("x")),
    ];
    let codes = refused.map(|refused| refused.unwrap_err().code());
    let expected =
        ["bad-value", "bad-value", "out-of-range", "out-of-range", "out-of-range", "wrong-kind", "bad-argument"];
    assert_eq!(codes, expected);
    assert_eq!((replica.map_len(map), replica.list_len(list)), (Ok(0), Ok(0)));
    assert_eq!(replica.own_clock(), 0);
}

#[test]
fn types_are_nested_as_deeply_as_they_can_be_read() {
    let (mut replica, map, _) = with_roots(1);
    let mut innermost = map;
    for _ in 0..MAX_DEPTH {
        innermost = replica.map_create(innermost, "in", NewType::Map(vec![])).unwrap();
    }
    let refused = replica.map_create(innermost, "in", NewType::Map(vec![]));
    assert_eq!(refused, Err(BadValue::TooDeep.into()));
    let mut read = replica.map_json(map).unwrap();
    let mut levels = 0;
    while let Value::Map(entries) = &read {
        let Some(next) = entries.get("in").cloned() else { break };
        read = next;
        levels += 1;
    }
    assert_eq!((levels, read), (MAX_DEPTH, object([])));
}

#[test]
fn the_edits_of_one_task_are_one_change_for_each_type() {
    let (mut replica, map, list) = with_roots(1);
    let body = replica.map_create(map, "body", text("b")).unwrap();
    replica.observe(body).unwrap();
    replica.map_set(map, "n", 1.into()).unwrap();
    replica.text_insert(body, 1, "c", None).unwrap();
    let other = replica.map_create(map, "other", text("o")).unwrap();
    replica.list_create(list, 0, NewType::Map(vec![])).unwrap();
    replica.text_insert(other, 0, "n", None).unwrap();
    replica.text_insert(body, 0, "a", None).unwrap();
    let last = replica.list_create(list, 1, text("t")).unwrap();
    replica.text_insert(last, 0, "s", None).unwrap();

    let retain = DeltaOp::Retain { len: 1, attributes: None };
    let typed = ChangeKind::Text(vec![insert("a", None), retain, insert("c", None)]);
    let add = |name: &str, value: Value| (name.to_owned(), KeyChange::Add { value });
    let added = vec![add("body", "b".into()), add("n", 1.into()), add("other", "o".into())];
    let mut expected = vec![
        (map, vec![], ChangeKind::Map(added)),
        (map, vec![key("body")], typed.clone()),
        (map, vec![key("other")], ChangeKind::Text(vec![insert("n", None)])),
        (list, vec![], ChangeKind::List(vec![ListOp::Insert(vec![object([]), "t".into()])])),
        (list, vec![PathSegment::Index(1)], ChangeKind::Text(vec![insert("s", None)])),
        (body, vec![], typed),
    ];
    let mut told = told(&mut replica);
    told.sort_by_key(|(target, ..)| *target);
    expected.sort_by_key(|(target, ..)| *target);
    assert_eq!(told, expected);
}

#[test]
fn a_change_stays_behind_one_that_moves_what_it_names() {
    let (mut replica, _, list) = with_roots(1);
    let item = replica.list_create(list, 0, text("a")).unwrap();
    replica.text_insert(item, 1, "b", None).unwrap();
    replica.commit();
    replica.list_insert(list, 0, vec![0.into()]).unwrap();
    replica.text_insert(item, 2, "c", None).unwrap();
    let paths: Vec<_> = told(&mut replica).into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(paths, [vec![], vec![PathSegment::Index(0)], vec![], vec![PathSegment::Index(1)]]);
}

#[test]
fn refused_edits_of_a_nested_type_are_told_through_its_root() {
    let (mut one, map, _) = with_roots(1);
    let body = one.map_create(map, "body", text("held")).unwrap();
    let held = one.encode_since(None).unwrap();
    one.text_insert(body, 4, "!", None).unwrap();
    let changes = one.changes_beyond(&held).unwrap();
    let delta = vec![DeltaOp::Retain { len: 4, attributes: None }, insert("!", None)];
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].target, &changes[0].path), (map, &vec![key("body")]));
    assert_eq!(changes[0].kind, ChangeKind::Text(delta));
}

#[test]
fn both_sides_edit_a_nested_type_at_once() {
    let ((mut one, map, list), (mut two, ..)) = (with_roots(1), with_roots(2));
    let [item, tags] = [NewType::Map(vec![]), NewType::List(vec![1.into(), 2.into()])]
        .map(|new| one.list_create(list, 0, new).unwrap());
    let title = one.map_create(item, "title", text("plan")).unwrap();
    sync(&mut one, &mut two);
    let theirs = two.list_open(list, 1, Kind::Map).unwrap().unwrap();
    let their_title = two.map_open(theirs, "title", Kind::Text).unwrap().unwrap();
    let their_tags = two.list_open(list, 0, Kind::List).unwrap().unwrap();
    one.observe(title).unwrap();
    one.text_insert(title, 4, " B", None).unwrap();
    two.text_insert(their_title, 0, "the ", None).unwrap();
    one.list_delete(tags, 0, 1).unwrap();
    two.list_insert(their_tags, 2, vec![3.into()]).unwrap();
    one.map_set(item, "done", true.into()).unwrap();
    two.map_set(theirs, "by", "two".into()).unwrap();
    sync(&mut one, &mut two);
    sync(&mut two, &mut one);
    let expected = object([("title", "the plan B".into()), ("done", true.into()), ("by", "two".into())]);
    for replica in [&mut one, &mut two] {
        assert_eq!(replica.list_get(list, 1).unwrap(), Some(expected.clone()));
        assert_eq!(replica.list_get(list, 0).unwrap(), Some(vec![Value::from(2), 3.into()].into()));
        assert_eq!(replica.map_len(map), Ok(0));
    }
    assert_eq!((one.text_len(title), two.text_len(their_title)), (Ok(10), Ok(10)));
    let changes: Vec<_> = told(&mut one).into_iter().filter(|(target, ..)| *target == title).collect();
    assert_eq!(changes.len(), 2, "its own and the one from outside: {changes:?}");
    assert!(changes.iter().all(|(_, path, _)| path.is_empty()));
}
