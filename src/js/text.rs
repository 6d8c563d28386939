//! Exports a shared text. Indexes and lengths are UTF-16 code units.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::{ErrorCode, Failure};
use super::registry::driver;
use crate::replica::TypeId;

/// Inserts `string` at `index`; without attributes it takes on the formatting at that place.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`, `out-of-range`, `split-surrogate`.
#[wasm_bindgen(js_name = textInsert)]
pub fn text_insert(
    doc: u32,
    text: u32,
    index: f64,
    string: &JsString,
    #[wasm_bindgen(unchecked_optional_param_type = "object")] attributes: &JsValue,
) -> Result<(), Failure> {
    let (index, string) = (convert::offset(index, "the index")?, convert::string(string, "the string to insert")?);
    let attributes = convert::attributes(attributes)?;
    Ok(driver(doc)?.edit(|replica| replica.text_insert(TypeId(text), index, &string, attributes))?)
}

/// Deletes `length` code units from `index` on.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `out-of-range`, `split-surrogate`.
#[wasm_bindgen(js_name = textDelete)]
pub fn text_delete(doc: u32, text: u32, index: f64, length: f64) -> Result<(), Failure> {
    let (index, length) = (convert::offset(index, "the index")?, convert::offset(length, "the length")?);
    Ok(driver(doc)?.edit(|replica| replica.text_delete(TypeId(text), index, length))?)
}

/// Formats `length` code units from `index` on; an attribute that is null ends that format.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`, `out-of-range`, `split-surrogate`.
#[wasm_bindgen(js_name = textFormat)]
pub fn text_format(doc: u32, text: u32, index: f64, length: f64, attributes: &JsValue) -> Result<(), Failure> {
    let (index, length) = (convert::offset(index, "the index")?, convert::offset(length, "the length")?);
    let missing = || Failure::new(ErrorCode::BadArgument, "attributes must be a plain object");
    let attributes = convert::attributes(attributes)?.ok_or_else(missing)?;
    Ok(driver(doc)?.edit(|replica| replica.text_format(TypeId(text), index, length, attributes))?)
}

/// Applies a delta in Quill's format, all of it or nothing.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `bad-value`, `out-of-range`, `split-surrogate`.
#[wasm_bindgen(js_name = textApplyDelta)]
pub fn text_apply_delta(doc: u32, text: u32, delta: &JsValue) -> Result<(), Failure> {
    let delta = convert::delta(delta)?;
    Ok(driver(doc)?.edit(|replica| replica.text_apply_delta(TypeId(text), delta))?)
}

/// The content with its formatting, as a delta of inserts.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = textToDelta)]
pub fn text_to_delta(doc: u32, text: u32) -> Result<JsValue, Failure> {
    let delta = driver(doc)?.read(|replica| replica.text_delta(TypeId(text)))?;
    Ok(convert::delta_to_js(&delta).into())
}

/// The content without formatting and embedded objects.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = textToString)]
pub fn text_to_string(doc: u32, text: u32) -> Result<String, Failure> {
    Ok(driver(doc)?.read(|replica| replica.text_string(TypeId(text)))?)
}

/// How long the text is; an embedded object is one long.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = textLength)]
pub fn text_length(doc: u32, text: u32) -> Result<u32, Failure> {
    Ok(driver(doc)?.read(|replica| replica.text_len(TypeId(text)))?)
}
