//! Exports what texts, maps and lists have in common: opening and observing them.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::{ErrorCode, Failure};
use super::record::Record;
use super::registry::driver;
use crate::config::option_names;
use crate::replica::{Kind, TypeId};
use crate::session::{HeldBy, Phase, Problem, StatusReason, StorePhase};
use crate::wire::Protocol;

/// Opens the type `name`, a `"text"`, `"map"` or `"list"`, and returns its handle; the same one at every call.
///
/// # Errors
/// `closed`, `bad-argument`, `wrong-kind`.
#[wasm_bindgen(js_name = typeOpen)]
pub fn type_open(doc: u32, kind: &JsString, name: &JsString) -> Result<u32, Failure> {
    let (kind, name) = (convert::string(kind, "the kind")?, convert::string(name, "the name")?);
    let known = [Kind::Text, Kind::Map, Kind::List].into_iter().find(|known| known.name() == kind);
    let kind = known.ok_or_else(|| Failure::new(ErrorCode::BadArgument, format!("there is no kind '{kind}'")))?;
    let TypeId(id) = driver(doc)?.edit(|replica| replica.open(&name, kind))?;
    Ok(id)
}

/// Makes changes of this type events.
///
/// # Errors
/// `closed`, `bad-argument`.
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

/// The closed sets that the TypeScript types are checked against: `{ phases, holders, storePhases, errors, reasons,
/// problems, options, protocols }`.
#[wasm_bindgen(js_name = closedSets)]
pub fn closed_sets() -> JsValue {
    let names = |names: Vec<&'static str>| names.into_iter().map(JsValue::from).collect::<js_sys::Array>();
    Record::new()
        .with("phases", names(Phase::ALL.iter().map(|phase| phase.name()).collect()))
        .with("holders", names(HeldBy::ALL.map(HeldBy::name).to_vec()))
        .with("storePhases", names(StorePhase::ALL.map(StorePhase::name).to_vec()))
        .with("errors", names(ErrorCode::ALL.map(ErrorCode::name).to_vec()))
        .with("reasons", names(StatusReason::codes().collect()))
        .with("problems", names(Problem::codes().collect()))
        .with("options", names(option_names().collect()))
        .with("protocols", names(Protocol::ALL.iter().map(|protocol| protocol.name()).collect()))
        .into()
}
