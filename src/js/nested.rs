//! Exports texts, maps and lists within maps and lists: making and opening them. Their handles are as good as those of
//! `typeOpen`, until they are deleted.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::Failure;
use super::registry::driver;
use super::types::kind;
use crate::replica::{DeltaOp, Inserted, Kind, NewType, PathSegment, TypeId, Value};

/// Sets `key` to a new `"text"`, `"map"` or `"list"` and returns its handle. `content` is what it holds from the
/// beginning: a string or a delta, an object, or an array.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`, `out-of-range`.
#[wasm_bindgen(js_name = mapCreate)]
pub fn map_create(doc: u32, map: u32, key: &JsString, kind: &JsString, content: &JsValue) -> Result<u32, Failure> {
    create(doc, map, PathSegment::Key(convert::string(key, "the key")?), kind, content)
}

/// Inserts a new type at `index` and returns its handle; see [`map_create`].
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`, `out-of-range`.
#[wasm_bindgen(js_name = listCreate)]
pub fn list_create(doc: u32, list: u32, index: f64, kind: &JsString, content: &JsValue) -> Result<u32, Failure> {
    create(doc, list, PathSegment::Index(convert::offset(index, "the index")?), kind, content)
}

/// The handle of the type that `key` holds, the same one at every call; undefined where it holds nothing of that kind.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = mapOpen)]
pub fn map_open(doc: u32, map: u32, key: &JsString, kind: &JsString) -> Result<Option<u32>, Failure> {
    open(doc, map, PathSegment::Key(convert::string(key, "the key")?), kind)
}

/// The handle of the type at `index`; see [`map_open`].
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `out-of-range`.
#[wasm_bindgen(js_name = listOpen)]
pub fn list_open(doc: u32, list: u32, index: f64, kind: &JsString) -> Result<Option<u32>, Failure> {
    open(doc, list, PathSegment::Index(convert::offset(index, "the index")?), kind)
}

/// The handles of types that were deleted since the last call: nothing is told of them any more.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docForgotten)]
pub fn doc_forgotten(doc: u32) -> Result<Vec<u32>, Failure> {
    let forgotten = driver(doc)?.read(|replica| Ok(replica.forgotten()))?;
    Ok(forgotten.into_iter().map(|TypeId(id)| id).collect())
}

fn create(doc: u32, within: u32, at: PathSegment, kind: &JsString, content: &JsValue) -> Result<u32, Failure> {
    let new = new_type(kind, content)?;
    let TypeId(id) = driver(doc)?.edit(|replica| replica.create_in(TypeId(within), &at, new))?;
    Ok(id)
}

fn open(doc: u32, within: u32, at: PathSegment, kind: &JsString) -> Result<Option<u32>, Failure> {
    let kind = self::kind(kind)?;
    let found = driver(doc)?.read(|replica| replica.open_in(TypeId(within), &at, kind))?;
    Ok(found.map(|TypeId(id)| id))
}

fn new_type(kind: &JsString, content: &JsValue) -> Result<NewType, Failure> {
    let is_empty = content.is_undefined();
    Ok(match self::kind(kind)? {
        Kind::Text if is_empty => NewType::Text(Vec::new()),
        Kind::Map if is_empty => NewType::Map(Vec::new()),
        Kind::List if is_empty => NewType::List(Vec::new()),
        Kind::Text if content.is_string() => {
            let value = Inserted::Text(convert::string(content, "the content")?);
            NewType::Text(vec![DeltaOp::Insert { value, attributes: None }])
        }
        Kind::Text => NewType::Text(convert::delta(content)?),
        Kind::Map => {
            let pair = |(key, item): (String, JsValue)| Ok((key, convert::value(&item)?));
            let entries: Result<Vec<(String, Value)>, Failure> =
                convert::entries(content, "the entries")?.into_iter().map(pair).collect();
            NewType::Map(entries?)
        }
        Kind::List => NewType::List(convert::values(content)?),
    })
}
