//! Exports texts, maps and lists within maps and lists: making and opening them. Their handles are as good as those of
//! `typeOpen`, until they are deleted.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::Failure;
use super::registry::driver;
use super::types::kind;
use crate::replica::{DeltaOp, Inserted, Kind, NewType, TypeId, Value};

/// Sets `key` to a new `"text"`, `"map"` or `"list"` and returns its handle. `content` is what it holds from the
/// beginning: a string or a delta, an object, or an array.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`, `out-of-range`.
#[wasm_bindgen(js_name = mapCreate)]
pub fn map_create(doc: u32, map: u32, key: &JsString, kind: &JsString, content: &JsValue) -> Result<u32, Failure> {
    let (key, new) = (convert::string(key, "the key")?, new_type(kind, content)?);
    let TypeId(id) = driver(doc)?.edit(|replica| replica.map_create(TypeId(map), &key, new))?;
    Ok(id)
}

/// Inserts a new type at `index` and returns its handle; see [`map_create`].
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`, `out-of-range`.
#[wasm_bindgen(js_name = listCreate)]
pub fn list_create(doc: u32, list: u32, index: f64, kind: &JsString, content: &JsValue) -> Result<u32, Failure> {
    let (index, new) = (convert::offset(index, "the index")?, new_type(kind, content)?);
    let TypeId(id) = driver(doc)?.edit(|replica| replica.list_create(TypeId(list), index, new))?;
    Ok(id)
}

/// The handle of the type that `key` holds, the same one at every call; undefined where it holds nothing of that kind.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = mapOpen)]
pub fn map_open(doc: u32, map: u32, key: &JsString, kind: &JsString) -> Result<Option<u32>, Failure> {
    let (key, kind) = (convert::string(key, "the key")?, self::kind(kind)?);
    let found = driver(doc)?.read(|replica| replica.map_open(TypeId(map), &key, kind))?;
    Ok(found.map(|TypeId(id)| id))
}

/// The handle of the type at `index`; see [`map_open`].
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `out-of-range`.
#[wasm_bindgen(js_name = listOpen)]
pub fn list_open(doc: u32, list: u32, index: f64, kind: &JsString) -> Result<Option<u32>, Failure> {
    let (index, kind) = (convert::offset(index, "the index")?, self::kind(kind)?);
    let found = driver(doc)?.read(|replica| replica.list_open(TypeId(list), index, kind))?;
    Ok(found.map(|TypeId(id)| id))
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
