//! What is refused changes nothing, and is refused with what is pending in view.

use super::*;
use crate::ids::LinkId;

#[test]
fn positions_are_checked_against_what_is_pending() {
    let mut replica = replica(1);
    let text = replica.open("text", Kind::Text).unwrap();
    replica.text_insert(text, 0, "abc", None).unwrap();
    assert_eq!(replica.text_insert(text, 4, "x", None), Err(EditError::OutOfRange { index: 4, len: 3 }));
    assert_eq!(replica.text_delete(text, 2, 2), Err(EditError::OutOfRange { index: 4, len: 3 }));
    assert!(matches!(replica.text_format(text, u32::MAX, u32::MAX, bold()), Err(EditError::OutOfRange { .. })));
    replica.text_delete(text, 1, 2).unwrap();
    assert_eq!(replica.text_insert(text, 2, "x", None), Err(EditError::OutOfRange { index: 2, len: 1 }));

    let list = replica.open("list", Kind::List).unwrap();
    replica.list_insert(list, 0, vec![Value::Null]).unwrap();
    assert_eq!(replica.list_insert(list, 2, vec![]), Err(EditError::OutOfRange { index: 2, len: 1 }));
    assert_eq!(replica.list_delete(list, 1, 1), Err(EditError::OutOfRange { index: 2, len: 1 }));
    assert_eq!(replica.list_get(list, 1), Ok(None));
    assert_eq!(replica.text_string(text).unwrap(), "a");
}

#[test]
fn a_delta_is_applied_whole_or_not_at_all() {
    let mut replica = replica(1);
    let text = replica.open("text", Kind::Text).unwrap();
    replica.text_insert(text, 0, "a😀", None).unwrap();
    let retain = |len| DeltaOp::Retain { len, attributes: None };
    let refused = replica.text_apply_delta(text, vec![insert("x", None), retain(2), insert("y", None)]);
    assert_eq!(refused, Err(EditError::SplitSurrogate { index: 2 }));
    let refused = replica.text_apply_delta(text, vec![insert("xyz", None), DeltaOp::Delete { len: 4 }]);
    assert_eq!(refused, Err(EditError::OutOfRange { index: 4, len: 3 }));
    let embed = DeltaOp::Insert { value: Inserted::Embed(Value::Null), attributes: None };
    assert_eq!(replica.text_apply_delta(text, vec![insert("x", None), embed]), Err(BadValue::Embed.into()));
    assert_eq!(replica.text_string(text).unwrap(), "a😀");

    replica.text_apply_delta(text, vec![insert("x", None), retain(1), DeltaOp::Delete { len: 2 }]).unwrap();
    assert_eq!(replica.text_string(text).unwrap(), "xa");
}

#[test]
fn pairs_that_came_from_outside_are_not_split_either() {
    let (mut one, mut two) = (replica(1), replica(2));
    let [text, other] = [&mut one, &mut two].map(|replica| replica.open("text", Kind::Text).unwrap());
    two.text_insert(other, 0, "plain", None).unwrap();
    one.text_insert(text, 0, "😀", None).unwrap();
    one.commit();
    deliver(&mut one, &mut two);
    let delta = two.text_string(other).unwrap();
    let inside = if delta.starts_with('😀') { 1 } else { 6 };
    assert_eq!(two.text_delete(other, 0, inside), Err(EditError::SplitSurrogate { index: inside }));
}

#[test]
fn values_and_attributes_that_peers_would_read_differently_are_refused() {
    let mut replica = replica(1);
    let [text, map, list] = [("text", Kind::Text), ("map", Kind::Map), ("list", Kind::List)]
        .map(|(name, kind)| replica.open(name, kind).unwrap());
    let nan = || Value::from(f64::NAN);
    assert!(matches!(replica.map_set(map, "a", nan()), Err(EditError::BadValue(BadValue::NotFinite(_)))));
    assert!(matches!(replica.list_insert(list, 0, vec![1.into(), nan()]), Err(EditError::BadValue(_))));
    let undefined = attributes([("bold", Value::Undefined)]);
    assert_eq!(replica.text_insert(text, 0, "x", Some(undefined)), Err(BadValue::NotJson("undefined").into()));
    assert!(!replica.has_pending());
}

#[test]
fn a_root_keeps_the_kind_under_which_it_was_opened() {
    let mut replica = replica(1);
    let text = replica.open("root", Kind::Text).unwrap();
    assert_eq!(replica.open("root", Kind::Text), Ok(text));
    let wrong = |asked, found| EditError::WrongKind { name: "root".to_owned(), asked, found: Some(found) };
    assert_eq!(replica.open("root", Kind::List), Err(wrong(Kind::List, Kind::Text)));
    assert_eq!(replica.list_insert(text, 0, vec![]), Err(wrong(Kind::List, Kind::Text)));
    assert_eq!(replica.map_get(text, "key"), Err(wrong(Kind::Map, Kind::Text)));
    assert_eq!(replica.text_len(TypeId(9)), Err(EditError::UnknownType(TypeId(9))));
}

#[test]
fn a_root_from_the_network_is_opened_as_what_it_holds() {
    let mut one = replica(1);
    let text = one.open("text", Kind::Text).unwrap();
    let map = one.open("map", Kind::Map).unwrap();
    let list = one.open("list", Kind::List).unwrap();
    one.text_insert(text, 0, "a😀", Some(bold())).unwrap();
    one.map_set(map, "key", 1.into()).unwrap();
    one.list_insert(list, 0, vec!["item".into()]).unwrap();
    one.commit();
    for (name, holds) in [("text", Kind::Text), ("map", Kind::Map), ("list", Kind::List)] {
        for asked in [Kind::Text, Kind::Map, Kind::List] {
            let mut two = replica(2);
            let update = one.encode_since(None).unwrap();
            two.apply(&update, LinkId::SERVER).unwrap();
            let opened = two.open(name, asked);
            // Entries alone do not tell a map from a text: Yjs texts may have attributes.
            let may_be = asked == holds || (holds, asked) == (Kind::Map, Kind::Text);
            assert_eq!(opened.is_ok(), may_be, "'{name}' opened as {asked}: {opened:?}");
        }
    }
}

#[test]
fn an_empty_root_may_become_any_kind() {
    let mut one = replica(1);
    let text = one.open("root", Kind::Text).unwrap();
    one.text_insert(text, 0, "gone", None).unwrap();
    one.commit();
    one.text_delete(text, 0, 4).unwrap();
    let mut two = replica(2);
    two.apply(&one.encode_since(None).unwrap(), LinkId::SERVER).unwrap();
    let list = two.open("root", Kind::List).unwrap();
    two.list_insert(list, 0, vec![1.into()]).unwrap();
    assert_eq!(two.list_json(list), Ok(vec![1.into()]));
}

#[test]
fn nobody_can_use_up_the_names_of_our_elements() {
    // Elements that were collected, of the client 7 from the clock 0, or 5, on: as many as there may be.
    let all = [1, 1, 7, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0];
    let early = [1, 1, 7, 5, 0, 0xFA, 0xFF, 0xFF, 0xFF, 0x07, 0];
    for update in [all, early] {
        let mut one = replica(7);
        let refused = one.apply(&update, LinkId::SERVER).unwrap_err();
        assert!(matches!(refused, Refusal::Inconsistent { what: Inconsistency::TakesOurNames, .. }), "{refused}");
        let text = one.open("text", Kind::Text).unwrap();
        one.text_insert(text, 0, "mine", None).unwrap();
        one.commit();
        let mut two = replica(2);
        two.apply(&one.encode_since(None).unwrap(), LinkId::SERVER).unwrap();
        let text = two.open("text", Kind::Text).unwrap();
        assert_eq!(two.text_string(text).unwrap(), "mine");
    }
}
