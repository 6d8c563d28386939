//! Exports what is noted of a document: why something is not saved, what happened last, how often.
//!
//! What has names in JavaScript travels as numbers here: the package has the lists, and a test compares them.

use js_sys::Float64Array;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::Failure;
use super::registry::{self, driver};
use crate::session::{Entry, Traced};

/// One sentence: why something of the document is not saved, or that all is.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docExplain)]
pub fn doc_explain(doc: u32) -> Result<String, Failure> {
    driver(doc)?.explain().ok_or_else(registry::closed)
}

/// What happened last on the connection of the document, in numbers: which of its documents this is, from which entry on
/// none is missing, how many there ever were; then seven of each entry: milliseconds, kind, word, three numbers, document.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docTrace)]
pub fn doc_trace(doc: u32) -> Result<Float64Array, Failure> {
    let driver = driver(doc)?;
    let Traced { entries, complete_from, count } = driver.trace();
    let mut numbers = vec![driver.number().into(), convert::number(complete_from as u64), convert::number(count)];
    for Entry { at, kind, word, doc, numbers: [first, second, third] } in entries {
        numbers.extend([convert::number(at.as_millis()), f64::from(kind as u8), word.into()]);
        numbers.extend([first, second, third, doc.0].map(f64::from));
    }
    Ok(Float64Array::from(numbers.as_slice()))
}

/// What was counted of the document and its connection, in the order of [`crate::session::Count::ALL`].
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docCounters)]
pub fn doc_counters(doc: u32) -> Result<Float64Array, Failure> {
    let counters = driver(doc)?.counters().ok_or_else(registry::closed)?;
    let numbers: Vec<f64> = counters.all().iter().copied().map(convert::number).collect();
    Ok(Float64Array::from(numbers.as_slice()))
}
