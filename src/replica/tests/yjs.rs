//! What yjs has written is read as yjs reads it, and the same edits lead to the same text.
//! The fixture is made by `tests/golden/replica.mjs`.

use super::*;
use crate::ids::LinkId;
use serde_json::Value as Json;

pub(super) fn fixture() -> Json {
    serde_json::from_str(include_str!("../../../tests/golden/replica.json")).unwrap()
}

pub(super) fn bytes(hex: &Json) -> Vec<u8> {
    let digits: Vec<u32> = hex.as_str().unwrap().chars().map(|c| c.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

fn value(json: &Json) -> Value {
    Value::from_json(&json.to_string()).unwrap()
}

fn number(json: &Json) -> u32 {
    json.as_u64().unwrap() as u32
}

fn formats(json: &Json) -> Option<Attributes> {
    let entries = json.as_object()?.iter();
    Some(entries.map(|(key, json)| (key.as_str().into(), value(json))).collect())
}

fn operation(json: &Json) -> DeltaOp {
    let attributes = formats(&json["attributes"]);
    match (&json["insert"], &json["retain"]) {
        (Json::String(text), _) => insert(text, attributes),
        (Json::Null, retain) => DeltaOp::Retain { len: number(retain), attributes },
        (embed, _) => DeltaOp::Insert { value: Inserted::Embed(value(embed)), attributes },
    }
}

pub(super) fn delta(json: &Json) -> Vec<DeltaOp> {
    json.as_array().unwrap().iter().map(operation).collect()
}

fn perform(replica: &mut Replica, text: TypeId, edit: &Json) {
    let done = match edit[0].as_str().unwrap() {
        "insert" => replica.text_insert(text, number(&edit[1]), edit[2].as_str().unwrap(), formats(&edit[3])),
        "delete" => replica.text_delete(text, number(&edit[1]), number(&edit[2])),
        "format" => replica.text_format(text, number(&edit[1]), number(&edit[2]), formats(&edit[3]).unwrap()),
        _ => replica.text_apply_delta(text, delta(&edit[1])),
    };
    done.unwrap();
}

#[test]
fn a_text_written_by_yjs_reads_the_same() {
    for case in fixture()["texts"].as_array().unwrap() {
        let mut replica = replica(1);
        replica.apply(&bytes(&case["update"]), LinkId::SERVER).unwrap();
        let text = replica.open("text", Kind::Text).unwrap();
        assert_eq!(TextModel::of(&replica.text_delta(text).unwrap()), TextModel::of(&delta(&case["delta"])));
    }
}

#[test]
fn the_edits_of_one_task_lead_to_the_text_of_yjs() {
    for case in fixture()["texts"].as_array().unwrap() {
        let mut replica = replica(1);
        let text = replica.open("text", Kind::Text).unwrap();
        case["edits"].as_array().unwrap().iter().for_each(|edit| perform(&mut replica, text, edit));
        let read = TextModel::of(&replica.text_delta(text).unwrap());
        assert_eq!(read, TextModel::of(&delta(&case["delta"])), "{}", case["edits"]);
    }
}

#[test]
fn nested_types_are_plain_values_and_their_changes_carry_a_path() {
    let fixture = &fixture()["nested"];
    let updates: Vec<Vec<u8>> = fixture["updates"].as_array().unwrap().iter().map(bytes).collect();
    let mut replica = replica(1);
    let map = replica.open("map", Kind::Map).unwrap();
    let list = replica.open("list", Kind::List).unwrap();
    let apply = |replica: &mut Replica, update: &[u8]| {
        replica.apply(update, LinkId::SERVER).unwrap();
    };
    apply(&mut replica, &updates[0]);
    assert_eq!(replica.map_get(map, "text").unwrap(), Some("hi 😀".into()));
    assert_eq!(replica.map_get(map, "xml").unwrap(), Some("<p class=\"c\">in</p>".into()));
    assert_eq!(replica.list_get(list, 2).unwrap(), Some(object([("a", 1.into())])));

    replica.observe(map).unwrap();
    replica.observe(list).unwrap();
    updates[1..].iter().for_each(|update| apply(&mut replica, update));
    let (key, index) = (|key: &str| PathSegment::Key(key.to_owned()), PathSegment::Index);
    let exclamation = vec![DeltaOp::Retain { len: 5, attributes: None }, insert("!", Some(bold()))];
    let update = KeyChange::Update { old: 1.into(), value: 2.into() };
    let delete = KeyChange::Delete { old: Value::Undefined };
    let expected = [
        (map, vec![key("text")], ChangeKind::Text(exclamation)),
        (list, vec![index(2)], ChangeKind::Map(vec![("a".to_owned(), update)])),
        (list, vec![], ChangeKind::List(vec![ListOp::Delete(1)])),
        (list, vec![index(0)], ChangeKind::List(vec![ListOp::Insert(vec![9.into()])])),
        (map, vec![], ChangeKind::Map(vec![("text".to_owned(), delete)])),
    ];
    let changes: Vec<_> =
        std::iter::from_fn(|| replica.poll_change()).map(|change| (change.target, change.path, change.kind)).collect();
    assert_eq!(changes, expected);
    assert_eq!(replica.map_json(map).unwrap(), value(&fixture["map"]));
    assert_eq!(Value::from(replica.list_json(list).unwrap()), value(&fixture["list"]));
}
