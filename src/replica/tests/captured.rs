//! Every kind of content that yjs writes is taken in and read as yjs reads it, or refused by name.
//! The fixture is made by `tests/golden/updates.mjs`.

use super::yjs::{bytes, delta};
use super::*;
use crate::ids::LinkId;
use serde_json::{Value as Json, json};
use yrs::Number;

fn cases() -> Vec<Json> {
    serde_json::from_str(include_str!("../../../tests/golden/updates.json")).unwrap()
}

/// Applies the updates of a case in their order; what was refused.
fn apply_all(replica: &mut Replica, case: &Json) -> Vec<Refusal> {
    let updates = case["updates"].as_array().unwrap().iter().map(bytes);
    let applied = updates.map(|update| replica.apply(&update, LinkId::SERVER));
    applied.flat_map(|applied| applied.map_or_else(|refusal| vec![refusal], |applied| applied.refused)).collect()
}

/// A value as the fixture writes it: what JSON cannot hold is tagged.
fn written(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Undefined => json!({ "$undefined": true }),
        Value::Bool(is) => json!(is),
        Value::Number(Number::Int(whole)) if whole.unsigned_abs() > 1 << 53 => json!({ "$bigint": whole.to_string() }),
        Value::Number(Number::Int(whole)) => json!(whole),
        Value::Number(Number::Float(number)) if number.is_finite() => json!(number),
        Value::Number(Number::Float(number)) => json!({ "$number": number.to_string().replace("inf", "Infinity") }),
        Value::String(text) => json!(text.as_ref()),
        Value::Buffer(bytes) => json!({ "$bytes": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() }),
        Value::Array(items) => items.iter().map(written).collect(),
        Value::Map(entries) => Json::Object(entries.iter().map(|(key, value)| (key.clone(), written(value))).collect()),
    }
}

/// Numbers by value: 1 and 1.0 are one number in JavaScript.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        (one, other) => one == other,
    }
}

fn roots<'a>(case: &'a Json, kind: &str) -> impl Iterator<Item = (&'a String, &'a Json)> {
    case[kind].as_object().unwrap().iter()
}

#[test]
fn every_kind_of_content_reads_as_in_yjs() {
    for case in cases().iter().filter(|case| case["unsupported"].is_null()) {
        let name = case["name"].as_str().unwrap();
        let mut replica = replica(99);
        assert_eq!(apply_all(&mut replica, case), [], "{name}");
        assert!(!replica.is_waiting(), "{name}: something is held back");
        let mut expected = decode_state_vector(&bytes(&case["stateVector"])).unwrap();
        expected.sort();
        assert_eq!(replica.clocks().collect::<Vec<_>>(), expected, "{name}");
        for (root, content) in roots(case, "text") {
            let text = replica.open(root, Kind::Text).unwrap();
            assert_eq!(replica.text_string(text).unwrap(), content["string"].as_str().unwrap(), "{name}");
            let read = TextModel::of(&replica.text_delta(text).unwrap());
            assert_eq!(read, TextModel::of(&delta(&content["delta"])), "{name}");
        }
        for (root, content) in roots(case, "map") {
            let map = replica.open(root, Kind::Map).unwrap();
            let read = written(&replica.map_json(map).unwrap());
            assert!(same(&read, content), "{name}: {read} is not {content}");
        }
        for (root, content) in roots(case, "list") {
            let list = replica.open(root, Kind::List).unwrap();
            let read: Json = replica.list_json(list).unwrap().iter().map(written).collect();
            assert!(same(&read, content), "{name}: {read} is not {content}");
        }
    }
}

#[test]
fn content_that_cannot_be_read_is_refused_by_name_and_the_rest_stays_usable() {
    let unsupported: Vec<Json> = cases().into_iter().filter(|case| !case["unsupported"].is_null()).collect();
    assert!(!unsupported.is_empty());
    for case in unsupported {
        let mut replica = replica(99);
        let codes: Vec<&str> = apply_all(&mut replica, &case).iter().map(Refusal::code).collect();
        assert!(codes.contains(&"unsupported-content"), "{}: {codes:?}", case["name"]);
        let text = replica.open("still usable", Kind::Text).unwrap();
        replica.text_insert(text, 0, "yes", None).unwrap();
        assert_eq!(replica.text_string(text).unwrap(), "yes");
        assert!(replica.encode_since(None).is_ok());
    }
}
