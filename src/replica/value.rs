//! Decides which values can be kept, and how nested types made by other Yjs clients are read: as plain JSON.

use super::error::BadValue;
use super::view::View;
use super::xml;
use std::collections::HashMap;
use yrs::{Array, GetString, Map, Number, Out, XmlOut};

pub use yrs::Any as Value;
pub use yrs::types::Attrs as Attributes;

/// How deep values may be nested; deeper ones are refused when written and read as null.
pub const MAX_DEPTH: usize = 64;

/// Checks that `value` arrives at every peer as it was: numbers finite and exact, nesting bounded.
pub(super) fn check(value: &Value) -> Result<(), BadValue> {
    check_at(value, MAX_DEPTH, Json::No)
}

/// Checks an object that stands in a text. It travels as JSON, and a string would be read back as text.
pub(super) fn check_embed(value: &Value) -> Result<(), BadValue> {
    match value {
        Value::Null | Value::String(_) => Err(BadValue::Embed),
        other => check_at(other, MAX_DEPTH, Json::Yes),
    }
}

/// Checks formatting, which travels as JSON. A null says that the format ends.
pub(super) fn check_attributes(attributes: &Attributes) -> Result<(), BadValue> {
    attributes.values().try_for_each(|value| check_at(value, MAX_DEPTH, Json::Yes))
}

/// Whether a value must survive JSON, which has neither `undefined` nor bytes.
#[derive(Clone, Copy, PartialEq)]
enum Json {
    Yes,
    No,
}

fn check_at(value: &Value, levels: usize, json: Json) -> Result<(), BadValue> {
    let Some(below) = levels.checked_sub(1) else {
        return Err(BadValue::TooDeep);
    };
    match value {
        Value::Undefined if json == Json::Yes => Err(BadValue::NotJson("undefined")),
        Value::Buffer(_) if json == Json::Yes => Err(BadValue::NotJson("binary data")),
        Value::Number(Number::Float(number)) if !number.is_finite() => Err(BadValue::NotFinite(*number)),
        Value::Number(Number::Int(number)) if !SAFE_INTEGERS.contains(number) => Err(BadValue::NotExact(*number)),
        Value::Array(items) => items.iter().try_for_each(|item| check_at(item, below, json)),
        Value::Map(entries) => entries.values().try_for_each(|item| check_at(item, below, json)),
        _ => Ok(()),
    }
}

/// The integers that a JavaScript number holds exactly.
const SAFE_INTEGERS: std::ops::RangeInclusive<i64> = Number::I64_MIN_SAFE_INTEGER..=Number::I64_MAX_SAFE_INTEGER;

/// Reads what yrs holds as a plain value.
pub(super) fn plain(out: Out, view: &View) -> Value {
    plain_at(out, view, MAX_DEPTH)
}

/// yrs' own conversion recurses as deep as a peer has nested types; this one stops.
pub(super) fn plain_at(out: Out, view: &View, levels: usize) -> Value {
    let Some(below) = levels.checked_sub(1) else {
        return Value::Null;
    };
    match out {
        Out::Any(value) => value,
        Out::YText(text) => text.get_string(view).into(),
        Out::YArray(list) => list.iter(view).map(|item| plain_at(item, view, below)).collect::<Vec<_>>().into(),
        Out::YMap(map) => map
            .iter(view)
            .map(|(key, item)| (key.to_owned(), plain_at(item, view, below)))
            .collect::<HashMap<_, _>>()
            .into(),
        Out::YXmlElement(node) => xml::read(XmlOut::Element(node), view, below).into(),
        Out::YXmlFragment(node) => xml::read(XmlOut::Fragment(node), view, below).into(),
        Out::YXmlText(node) => xml::read(XmlOut::Text(node), view, below).into(),
        Out::YDoc(_) | Out::UndefinedRef(_) => Value::Undefined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_a_peer_would_read_differently_are_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(check(&Value::from(vec![Value::from(number)])), Err(BadValue::NotFinite(_))));
        }
        let too_large = Value::Number(Number::Int((1 << 53) + 1));
        assert_eq!(check(&too_large), Err(BadValue::NotExact((1 << 53) + 1)));
        assert_eq!(check(&Value::from(-0.5)), Ok(()));
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| (1..levels).fold(Value::Null, |inner, _| Value::from(vec![inner]));
        assert_eq!(check(&nested(MAX_DEPTH)), Ok(()));
        assert_eq!(check(&nested(MAX_DEPTH + 1)), Err(BadValue::TooDeep));
    }

    #[test]
    fn what_stands_in_a_text_must_survive_json() {
        let object = |value: Value| Value::from(HashMap::from([("src".to_owned(), value)]));
        assert_eq!(check_embed(&object("a.png".into())), Ok(()));
        assert_eq!(check_embed(&object(Value::Undefined)), Err(BadValue::NotJson("undefined")));
        assert_eq!(check_embed(&object(vec![1u8].into())), Err(BadValue::NotJson("binary data")));
        assert_eq!(check_embed(&Value::Null), Err(BadValue::Embed));
        assert_eq!(check_embed(&"text".into()), Err(BadValue::Embed));
        assert_eq!(check(&object(Value::Undefined)), Ok(()));
    }
}
