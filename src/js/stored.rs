//! Exports what this device keeps of documents that need not be open.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::{ErrorCode, Failure};
use crate::browser;
use crate::store::StoreFailure;

/// Promises an array of `{ scope, name, bytes }`: the documents that this device keeps, of one scope or of all.
///
/// # Errors
/// `bad-argument`. The promise is rejected with `not-stored`.
#[wasm_bindgen(js_name = listStored)]
pub fn list_stored(scope: &JsValue) -> Result<Promise, Failure> {
    Ok(browser::stored(optional(scope, "the scope")?, not_stored))
}

/// Promises that nothing of a document is left on this device; without a name of any of the scope, without a scope of
/// any.
///
/// # Errors
/// `bad-argument`. The promise is rejected with `not-stored`.
#[wasm_bindgen(js_name = forgetStored)]
pub fn forget_stored(scope: &JsValue, name: &JsValue) -> Result<Promise, Failure> {
    Ok(browser::forget_stored(optional(scope, "the scope")?, optional(name, "the name")?, not_stored))
}

fn not_stored(failure: StoreFailure) -> JsValue {
    Failure::new(ErrorCode::NotStored, failure.to_string()).into()
}

fn optional(value: &JsValue, what: &str) -> Result<Option<String>, Failure> {
    (!value.is_undefined()).then(|| convert::string(value, what)).transpose()
}
