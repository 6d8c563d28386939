//! Exports what can be asked of the past of a document.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::Failure;
use super::registry::driver;
use super::types;
use crate::replica::{Kind, Past, TypeId};

/// The whole document as bytes, to be read by any replica at any time.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docSnapshot)]
pub fn doc_snapshot(doc: u32) -> Result<Vec<u8>, Failure> {
    Ok(driver(doc)?.read(|replica| Ok(replica.snapshot()))?)
}

/// Makes every known root what it was.
///
/// # Errors
/// `closed`, `bad-snapshot`, `wrong-kind`.
#[wasm_bindgen(js_name = docRestore)]
pub fn doc_restore(doc: u32, snapshot: &[u8]) -> Result<(), Failure> {
    Ok(driver(doc)?.edit(|replica| replica.restore_all(snapshot))?)
}

/// Makes a type what it was.
///
/// # Errors
/// `closed`, `bad-argument`, `bad-snapshot`, `wrong-kind`.
#[wasm_bindgen(js_name = typeRestore)]
pub fn type_restore(doc: u32, id: u32, snapshot: &[u8]) -> Result<(), Failure> {
    Ok(driver(doc)?.edit(|replica| replica.restore(TypeId(id), snapshot))?)
}

/// The delta from the text of a snapshot to that of another, or of the present.
///
/// # Errors
/// `closed`, `bad-argument`, `bad-snapshot`, `wrong-kind`.
#[wasm_bindgen(js_name = textDiff)]
pub fn text_diff(doc: u32, text: u32, from: &[u8], to: Option<Vec<u8>>) -> Result<JsValue, Failure> {
    let delta = driver(doc)?.read(|replica| replica.text_diff(TypeId(text), from, to.as_deref()))?;
    Ok(convert::delta_to_js(&delta).into())
}

/// What a root held: a delta, an object or an array. Nothing of the snapshot is kept.
///
/// # Errors
/// `bad-argument`, `bad-snapshot`, `wrong-kind`.
#[wasm_bindgen(js_name = pastRead)]
pub fn past_read(snapshot: &[u8], kind: &JsString, name: &JsString) -> Result<JsValue, Failure> {
    let (kind, name) = (types::kind(kind)?, convert::string(name, "the name")?);
    let mut past = Past::load(snapshot)?;
    let replica = past.replica();
    let id = replica.open(&name, kind)?;
    Ok(match kind {
        Kind::Text => convert::delta_to_js(&replica.text_delta(id)?).into(),
        Kind::Map => convert::to_js(&replica.map_json(id)?),
        Kind::List => convert::list_to_js(&replica.list_json(id)?).into(),
    })
}

/// Whether it is a snapshot that can be read.
///
/// # Errors
/// `bad-snapshot`.
#[wasm_bindgen(js_name = pastCheck)]
pub fn past_check(snapshot: &[u8]) -> Result<(), Failure> {
    Ok(Past::load(snapshot).map(drop)?)
}
