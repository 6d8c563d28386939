//! What was deleted answers so, whoever deleted it and however much was going on in it.

use super::*;

/// A document with a text three levels down, and the handles on the way.
fn deep() -> (Replica, [TypeId; 4]) {
    let (mut replica, map, _) = with_roots(1);
    let list = replica.map_create(map, "a", NewType::List(vec![])).unwrap();
    let item = replica.list_create(list, 0, NewType::Map(vec![("n".to_owned(), 1.into())])).unwrap();
    let body = replica.map_create(item, "body", text("deep")).unwrap();
    (replica, [map, list, item, body])
}

/// Every use of a handle of a text.
fn use_text(replica: &mut Replica, id: TypeId) -> [Result<(), EditError>; 7] {
    [
        replica.text_insert(id, 0, "x", None),
        replica.text_delete(id, 0, 1),
        replica.text_format(id, 0, 1, bold()),
        replica.text_apply_delta(id, vec![insert("y", None)]),
        replica.text_len(id).map(drop),
        replica.text_string(id).map(drop),
        replica.observe(id),
    ]
}

fn all_deleted<const N: usize>(results: [Result<(), EditError>; N]) {
    assert!(results.iter().all(|result| *result == Err(EditError::Deleted)), "{results:?}");
}

#[test]
fn a_type_that_was_deleted_here_is_gone_at_once() {
    let (mut replica, [map, list, item, body]) = deep();
    replica.observe(body).unwrap();
    replica.text_insert(body, 0, "pending ", None).unwrap();
    replica.map_set(item, "n", 2.into()).unwrap();
    replica.list_delete(list, 0, 1).unwrap();
    all_deleted(use_text(&mut replica, body));
    assert_eq!(replica.map_set(item, "n", 3.into()), Err(EditError::Deleted));
    assert_eq!(replica.map_open(item, "body", Kind::Text), Err(EditError::Deleted));
    assert_eq!(replica.map_create(item, "x", text("")), Err(EditError::Deleted));
    assert_eq!(replica.unobserve(body), Ok(()), "who observed it may stop");
    assert_eq!(replica.list_len(list), Ok(0));
    assert_eq!(replica.forgotten(), [item, body]);
    assert_eq!(replica.forgotten(), []);

    replica.map_delete(map, "a").unwrap();
    assert_eq!(replica.list_insert(list, 0, vec![1.into()]), Err(EditError::Deleted));
    assert_eq!(replica.forgotten(), [list]);
    assert_eq!(replica.map_json(map).unwrap(), object([]));
}

#[test]
fn a_key_that_is_set_again_holds_another_type() {
    let (mut replica, map, _) = with_roots(1);
    let first = replica.map_create(map, "a", text("first")).unwrap();
    let second = replica.map_create(map, "a", text("second")).unwrap();
    assert_eq!(replica.text_string(first), Err(EditError::Deleted));
    assert_eq!(replica.text_string(second).unwrap(), "second");
    replica.map_set(map, "a", 1.into()).unwrap();
    assert_eq!(replica.text_string(second), Err(EditError::Deleted));
    assert_eq!(replica.map_open(map, "a", Kind::Text), Ok(None));
}

#[test]
fn deletion_from_outside_goes_first_or_last_and_both_sides_agree() {
    for observed in [false, true] {
        let (mut one, [map, list, item, body]) = deep();
        let (mut two, their_map, _) = with_roots(2);
        sync(&mut one, &mut two);
        if observed {
            [list, item, body].into_iter().for_each(|id| one.observe(id).unwrap());
        }
        two.map_delete(their_map, "a").unwrap();
        // These are not committed when the deletion comes: they are written, and deleted with the text.
        one.text_insert(body, 4, " and busy", None).unwrap();
        one.map_set(item, "n", 2.into()).unwrap();
        one.list_insert(list, 0, vec![1.into()]).unwrap();
        sync(&mut two, &mut one);
        all_deleted(use_text(&mut one, body));
        assert_eq!(one.map_get(item, "n"), Err(EditError::Deleted));
        assert_eq!(one.list_json(list), Err(EditError::Deleted));
        assert_eq!(one.forgotten().len(), 3);
        sync(&mut one, &mut two);
        assert_eq!((one.map_json(map).unwrap(), two.map_json(their_map).unwrap()), (object([]), object([])));
        // What follows uses the memory that was freed.
        for n in 0..50 {
            let again = one.map_create(map, "again", text("more")).unwrap();
            one.observe(again).unwrap();
            one.text_insert(again, 4, &n.to_string(), None).unwrap();
        }
        assert_eq!(one.map_json(map).unwrap(), object([("again", "more49".into())]));
    }
}

#[test]
fn handles_of_deleted_types_take_no_memory() {
    let (mut replica, _, list) = with_roots(1);
    for _ in 0..300 {
        let item = replica.list_create(list, 0, NewType::Map(vec![])).unwrap();
        replica.map_create(item, "body", text("x")).unwrap();
        replica.list_delete(list, 0, 1).unwrap();
    }
    assert_eq!(replica.forgotten().len(), 600);
    assert_eq!(replica.roots.len(), 2);
}

/// As `Y.UndoManager` brings a type back: under another id, with a copy of what it held.
#[test]
fn what_a_peer_brings_back_is_another_type() {
    let fixture = yjs::fixture();
    let updates: Vec<Vec<u8>> = fixture["undone"].as_array().unwrap().iter().map(yjs::bytes).collect();
    let (mut replica, map, _) = with_roots(1);
    replica.apply(&updates[0], LinkId::SERVER).unwrap();
    let before = replica.map_open(map, "text", Kind::Text).unwrap().unwrap();
    replica.text_insert(before, 0, "mine ", None).unwrap();
    replica.apply(&updates[1], LinkId::SERVER).unwrap();
    assert_eq!(replica.map_open(map, "text", Kind::Text), Ok(None));
    replica.apply(&updates[2], LinkId::SERVER).unwrap();
    let after = replica.map_open(map, "text", Kind::Text).unwrap().unwrap();
    assert_ne!(before, after);
    assert_eq!(replica.text_string(before), Err(EditError::Deleted));
    assert_eq!(replica.text_string(after).unwrap(), "from yjs");
    replica.text_insert(after, 0, "again ", None).unwrap();
    assert_eq!(replica.map_json(map).unwrap(), object([("text", "again from yjs".into())]));
}
