//! Exports a shared map.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::Failure;
use super::registry::driver;
use crate::replica::TypeId;

/// Sets `key` to a copy of `value`.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`.
#[wasm_bindgen(js_name = mapSet)]
pub fn map_set(doc: u32, map: u32, key: &JsString, value: &JsValue) -> Result<(), Failure> {
    let (key, value) = (convert::string(key, "the key")?, convert::value(value)?);
    Ok(driver(doc)?.edit(|replica| replica.map_set(TypeId(map), &key, value))?)
}

/// A copy of what `key` holds; undefined if it holds nothing.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = mapGet)]
pub fn map_get(doc: u32, map: u32, key: &JsString) -> Result<JsValue, Failure> {
    let key = convert::string(key, "the key")?;
    let value = driver(doc)?.read(|replica| replica.map_get(TypeId(map), &key))?;
    Ok(value.as_ref().map(convert::to_js).unwrap_or_default())
}

/// Whether `key` holds something.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = mapHas)]
pub fn map_has(doc: u32, map: u32, key: &JsString) -> Result<bool, Failure> {
    let key = convert::string(key, "the key")?;
    Ok(driver(doc)?.read(|replica| replica.map_has(TypeId(map), &key))?)
}

/// Deletes `key`; says whether it held something.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = mapDelete)]
pub fn map_delete(doc: u32, map: u32, key: &JsString) -> Result<bool, Failure> {
    let key = convert::string(key, "the key")?;
    Ok(driver(doc)?.edit(|replica| replica.map_delete(TypeId(map), &key))?)
}

/// The keys, in no particular order.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = mapKeys)]
pub fn map_keys(doc: u32, map: u32) -> Result<Vec<String>, Failure> {
    Ok(driver(doc)?.read(|replica| replica.map_keys(TypeId(map)))?)
}

/// How many keys there are.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = mapSize)]
pub fn map_size(doc: u32, map: u32) -> Result<usize, Failure> {
    Ok(driver(doc)?.read(|replica| replica.map_len(TypeId(map)))?)
}

/// A copy of the content as a plain object.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = mapToJson)]
pub fn map_to_json(doc: u32, map: u32) -> Result<JsValue, Failure> {
    Ok(convert::to_js(&driver(doc)?.read(|replica| replica.map_json(TypeId(map)))?))
}
