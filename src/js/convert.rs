//! Decides how values of JavaScript become values of the document and back: exactly, or not at all.
//!
//! Not by serde: it reads a `Date` as `{}`, follows a cycle until the stack ends, cannot tell null from undefined, and
//! writes a key `__proto__` into the prototype.

use js_sys::{Array, JsString, Object, Reflect, Uint8Array};
use std::collections::HashMap;
use wasm_bindgen::prelude::*;

use super::error::{ErrorCode, Failure};
use super::record::Record;
use crate::ids::ClientId;
use crate::replica::{Attributes, DeltaOp, Inserted, MAX_DEPTH, Value};

/// A string argument, whole: a half of a surrogate pair would silently become another character.
pub(super) fn string(value: &JsValue, what: &str) -> Result<String, Failure> {
    let Some(text) = value.as_string() else {
        return Err(Failure::new(ErrorCode::BadArgument, format!("{what} must be a string")));
    };
    // What is replaced becomes U+FFFD, so only a string that holds one needs the slow look.
    if text.contains(char::REPLACEMENT_CHARACTER) && !value.unchecked_ref::<JsString>().is_valid_utf16() {
        return Err(bad_value(&format!("{what} holds half of a surrogate pair")));
    }
    Ok(text)
}

/// An index or a length: a whole number from 0 to 2^31-1.
pub(super) fn offset(value: f64, what: &str) -> Result<u32, Failure> {
    if !(0.0..=f64::from(i32::MAX)).contains(&value) || value.fract() != 0.0 {
        let message = format!("{what} must be a whole number from 0 to {}", i32::MAX);
        return Err(Failure::new(ErrorCode::OutOfRange, message));
    }
    // Whole and below 2^31, as checked above.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok(value as u32)
}

/// A count or an id as a number. Both stay below 2^53, where every whole number is exact.
#[expect(clippy::cast_precision_loss)]
pub(super) const fn number(value: u64) -> f64 {
    value as f64
}

pub(super) const fn client_number(client: ClientId) -> f64 {
    number(client.0)
}

/// The id of a replica, where the number is one: whole, from 0 to 2^53-1.
pub(super) fn client_id(value: f64) -> Option<ClientId> {
    let is_id = (0.0..=js_sys::Number::MAX_SAFE_INTEGER).contains(&value) && value.fract() == 0.0;
    // Whole and below 2^53, as just checked.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    is_id.then_some(ClientId(value as u64))
}

/// A value to be kept: null, undefined, booleans, numbers, strings, `Uint8Array`s, and arrays and plain objects of them.
pub(super) fn value(value: &JsValue) -> Result<Value, Failure> {
    value_within(value, &mut Vec::new())
}

/// The items of an array, to be kept.
pub(super) fn values(items: &JsValue) -> Result<Vec<Value>, Failure> {
    array(items, "the items")?.iter().map(|item| value(&item)).collect()
}

/// Formatting: a plain object, or nothing.
pub(super) fn attributes(given: &JsValue) -> Result<Option<Attributes>, Failure> {
    if given.is_undefined() {
        return Ok(None);
    }
    let pair = |(name, item): (String, JsValue)| Ok((name.into(), value(&item)?));
    entries(given, "attributes")?.into_iter().map(pair).collect::<Result<_, _>>().map(Some)
}

/// The steps of a text delta.
pub(super) fn delta(steps: &JsValue) -> Result<Vec<DeltaOp>, Failure> {
    array(steps, "a delta")?.iter().map(|step| delta_op(&step)).collect()
}

/// The own enumerable properties of an object that is no array, in their order.
pub(super) fn entries(object: &JsValue, what: &str) -> Result<Vec<(String, JsValue)>, Failure> {
    if !is_plain(object) {
        return Err(Failure::new(ErrorCode::BadArgument, format!("{what} must be a plain object")));
    }
    let pairs = object_entries(object).map_err(|_| unreadable())?;
    let pair = |pair: JsValue| {
        let pair: Array = pair.unchecked_into();
        Ok((string(&pair.get(0), "a name")?, pair.get(1)))
    };
    pairs.iter().map(pair).collect()
}

/// A value of the document, as a copy.
pub(super) fn to_js(value: &Value) -> JsValue {
    match value {
        Value::Undefined => JsValue::UNDEFINED,
        Value::Null => JsValue::NULL,
        Value::Bool(value) => JsValue::from_bool(*value),
        // An integer beyond 2^53 was a bigint where it was made.
        Value::Number(value) => match (value.as_f64(), value.as_i64()) {
            (None, Some(exact)) => exact.into(),
            (float, _) => float.into(),
        },
        Value::String(value) => JsValue::from_str(value),
        Value::Buffer(bytes) => Uint8Array::from(bytes.as_ref()).into(),
        Value::Array(items) => list_to_js(items).into(),
        Value::Map(entries) => from_entries(entries.iter().map(|(key, value)| (key.as_str(), to_js(value)))),
    }
}

/// Values as an array.
pub(super) fn list_to_js(items: &[Value]) -> Array {
    items.iter().map(to_js).collect()
}

/// A text delta in Quill's format.
pub(super) fn delta_to_js(delta: &[DeltaOp]) -> Array {
    delta.iter().map(|step| JsValue::from(delta_op_to_js(step))).collect()
}

/// A plain object with names from outside. Setting them one by one would let `__proto__` replace the prototype.
pub(super) fn from_entries<'a>(entries: impl Iterator<Item = (&'a str, JsValue)>) -> JsValue {
    let pairs: Array = entries.map(|(name, value)| Array::of2(&name.into(), &value)).collect();
    // It fails only for what is no list of pairs.
    Object::from_entries(&pairs).map_or(JsValue::UNDEFINED, JsValue::from)
}

/// `within` holds the arrays and objects that this value is nested in.
fn value_within(value: &JsValue, within: &mut Vec<JsValue>) -> Result<Value, Failure> {
    if value.is_null() {
        Ok(Value::Null)
    } else if value.is_undefined() {
        Ok(Value::Undefined)
    } else if let Some(value) = value.as_bool() {
        Ok(Value::Bool(value))
    } else if let Some(value) = value.as_f64() {
        Ok(number_value(value))
    } else if value.is_string() {
        string(value, "a string").map(Value::from)
    } else if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
        Ok(Value::from(bytes.to_vec()))
    } else {
        nested(value, within)
    }
}

fn nested(value: &JsValue, within: &mut Vec<JsValue>) -> Result<Value, Failure> {
    if within.len() >= MAX_DEPTH {
        return Err(bad_value(&format!("the value is nested deeper than {MAX_DEPTH} levels")));
    }
    // Asked at every level: two references to one ancestor would be followed twice at each, 2^64 times in all.
    if within.contains(value) {
        return Err(bad_value("the value contains itself"));
    }
    within.push(value.clone());
    let converted = if Array::is_array(value) {
        let items = array(value, "an array")?;
        let items: Result<Vec<Value>, Failure> = items.iter().map(|item| value_within(&item, within)).collect();
        Value::from(items?)
    } else if is_plain(value) {
        let pair = |(key, item): (String, JsValue)| Ok((key, value_within(&item, within)?));
        let pairs: Result<HashMap<String, Value>, Failure> =
            entries(value, "an object")?.into_iter().map(pair).collect();
        Value::from(pairs?)
    } else {
        return Err(bad_value(&format!("{} cannot be kept", describe(value))));
    };
    within.pop();
    Ok(converted)
}

/// Whole numbers are kept as integers, which take fewer bytes. A negative zero is not one of them.
fn number_value(value: f64) -> Value {
    let is_exact = value.fract() == 0.0 && value.abs() <= js_sys::Number::MAX_SAFE_INTEGER;
    if !is_exact || (value == 0.0 && value.is_sign_negative()) {
        return Value::from(value);
    }
    // Whole and within 2^53, as checked above.
    #[expect(clippy::cast_possible_truncation)]
    Value::from(value as i64)
}

fn delta_op(step: &JsValue) -> Result<DeltaOp, Failure> {
    let (mut action, mut format) = (None, None);
    for (name, given) in entries(step, "a step of a delta")? {
        match name.as_str() {
            "attributes" => format = attributes(&given)?,
            "insert" | "retain" | "delete" if action.is_none() => action = Some((name, given)),
            _ => return Err(bad_step()),
        }
    }
    let (name, given) = action.ok_or_else(bad_step)?;
    match (name.as_str(), format) {
        ("insert", attributes) => Ok(DeltaOp::Insert { value: inserted(&given)?, attributes }),
        ("retain", attributes) => Ok(DeltaOp::Retain { len: length(&given)?, attributes }),
        ("delete", None) => Ok(DeltaOp::Delete { len: length(&given)? }),
        _ => Err(bad_step()),
    }
}

fn inserted(given: &JsValue) -> Result<Inserted, Failure> {
    if given.is_string() { Ok(Inserted::Text(string(given, "a text")?)) } else { Ok(Inserted::Embed(value(given)?)) }
}

fn length(given: &JsValue) -> Result<u32, Failure> {
    offset(given.as_f64().ok_or_else(bad_step)?, "a length")
}

fn delta_op_to_js(step: &DeltaOp) -> Record {
    let (record, attributes) = match step {
        DeltaOp::Insert { value: Inserted::Text(text), attributes } => {
            (Record::new().with("insert", text.as_str()), attributes)
        }
        DeltaOp::Insert { value: Inserted::Embed(value), attributes } => {
            (Record::new().with("insert", to_js(value)), attributes)
        }
        DeltaOp::Retain { len, attributes } => (Record::new().with("retain", *len), attributes),
        DeltaOp::Delete { len } => return Record::new().with("delete", *len),
    };
    let named = attributes.as_ref().filter(|attributes| !attributes.is_empty());
    record.with_some("attributes", named.map(attributes_to_js))
}

fn attributes_to_js(attributes: &Attributes) -> JsValue {
    from_entries(attributes.iter().map(|(name, value)| (name.as_ref(), to_js(value))))
}

/// A copy, so that a proxy runs no code of the application after this.
fn array(value: &JsValue, what: &str) -> Result<Array, Failure> {
    if !Array::is_array(value) {
        return Err(Failure::new(ErrorCode::BadArgument, format!("{what} must be an array")));
    }
    array_from(value).map_err(|_| unreadable())
}

/// Whether it is an object and not of a class, as seen from any realm: its prototype is null or has none itself.
fn is_plain(value: &JsValue) -> bool {
    let prototype = |object: &JsValue| Reflect::get_prototype_of(object).map(JsValue::from).unwrap_or_default();
    if !value.is_object() || Array::is_array(value) {
        return false;
    }
    let parent = prototype(value);
    parent.is_null() || prototype(&parent).is_null()
}

fn describe(value: &JsValue) -> String {
    let kind = value.js_typeof().as_string().unwrap_or_default();
    if kind == "object" { "an object of a class".to_owned() } else { format!("a {kind}") }
}

fn bad_value(message: &str) -> Failure {
    Failure::new(ErrorCode::BadValue, message)
}

fn bad_step() -> Failure {
    let message = "a step of a delta must be {insert, attributes?}, {retain, attributes?} or {delete}";
    Failure::new(ErrorCode::BadArgument, message)
}

fn unreadable() -> Failure {
    bad_value("a property could not be read")
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Array, js_name = from, catch)]
    fn array_from(array: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(js_namespace = Object, js_name = entries, catch)]
    fn object_entries(object: &JsValue) -> Result<Array, JsValue>;
}
