//! Tests of the glue in a browser: a scripted WebSocket on one side, a listener on the other.
#![cfg(target_family = "wasm")]
#![allow(missing_docs, reason = "the names of tests are statements")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod device;
mod documents;
mod fixture;
mod sockets;
mod tokens;
mod values;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
