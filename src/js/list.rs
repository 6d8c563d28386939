//! Exports a shared list.

use wasm_bindgen::prelude::*;

use super::convert;
use super::error::Failure;
use super::registry::driver;
use crate::replica::TypeId;

/// Inserts copies of `items` at `index`.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`, `out-of-range`.
#[wasm_bindgen(js_name = listInsert)]
pub fn list_insert(doc: u32, list: u32, index: f64, items: &JsValue) -> Result<(), Failure> {
    let (index, items) = (convert::offset(index, "the index")?, convert::values(items)?);
    Ok(driver(doc)?.edit(|replica| replica.list_insert(TypeId(list), index, items))?)
}

/// Deletes `length` items from `index` on.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `out-of-range`.
#[wasm_bindgen(js_name = listDelete)]
pub fn list_delete(doc: u32, list: u32, index: f64, length: f64) -> Result<(), Failure> {
    let (index, length) = (convert::offset(index, "the index")?, convert::offset(length, "the length")?);
    Ok(driver(doc)?.edit(|replica| replica.list_delete(TypeId(list), index, length))?)
}

/// A copy of the item at `index`; undefined behind the end.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `out-of-range`.
#[wasm_bindgen(js_name = listGet)]
pub fn list_get(doc: u32, list: u32, index: f64) -> Result<JsValue, Failure> {
    let index = convert::offset(index, "the index")?;
    let item = driver(doc)?.read(|replica| replica.list_get(TypeId(list), index))?;
    Ok(item.as_ref().map(convert::to_js).unwrap_or_default())
}

/// How many items there are.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = listLength)]
pub fn list_length(doc: u32, list: u32) -> Result<u32, Failure> {
    Ok(driver(doc)?.read(|replica| replica.list_len(TypeId(list)))?)
}

/// A copy of the content as a plain array.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = listToJson)]
pub fn list_to_json(doc: u32, list: u32) -> Result<JsValue, Failure> {
    Ok(convert::list_to_js(&driver(doc)?.read(|replica| replica.list_json(TypeId(list)))?).into())
}
