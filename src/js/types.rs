//! Exports what texts, maps and lists have in common: opening and observing them.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::{ErrorCode, Failure};
use super::registry::driver;
use crate::replica::{Kind, TypeId};

/// Opens the type `name`, a `"text"`, `"map"` or `"list"`, and returns its handle; the same one at every call.
///
/// # Errors
/// `closed`, `bad-argument`, `wrong-kind`.
#[wasm_bindgen(js_name = typeOpen)]
pub fn type_open(doc: u32, kind: &JsString, name: &JsString) -> Result<u32, Failure> {
    let (kind, name) = (self::kind(kind)?, convert::string(name, "the name")?);
    let TypeId(id) = driver(doc)?.edit(|replica| replica.open(&name, kind))?;
    Ok(id)
}

/// Makes changes of this type events.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = typeObserve)]
pub fn type_observe(doc: u32, id: u32) -> Result<(), Failure> {
    Ok(driver(doc)?.edit(|replica| replica.observe(TypeId(id)))?)
}

/// Ends [`type_observe`].
///
/// # Errors
/// `closed`, `bad-argument`.
#[wasm_bindgen(js_name = typeUnobserve)]
pub fn type_unobserve(doc: u32, id: u32) -> Result<(), Failure> {
    Ok(driver(doc)?.edit(|replica| replica.unobserve(TypeId(id)))?)
}

/// The kind of this name.
pub(super) fn kind(name: &JsString) -> Result<Kind, Failure> {
    let name = convert::string(name, "the kind")?;
    let known = [Kind::Text, Kind::Map, Kind::List].into_iter().find(|known| known.name() == name);
    known.ok_or_else(|| Failure::new(ErrorCode::BadArgument, format!("there is no kind '{name}'")))
}
