//! Draws what must be random: from `crypto`, or from `Math.random()` where that is missing.

use js_sys::Uint32Array;
use wasm_bindgen::prelude::*;

use crate::ids::ClientId;

/// A client id below 2^32, which takes a third less space in every update than one of 53 bits. Never zero.
pub(super) fn client_id() -> ClientId {
    ClientId(u64::from(random_u32().max(1)))
}

/// A seed for the session's own generator.
pub(super) fn seed() -> u64 {
    (u64::from(random_u32()) << 32) | u64::from(random_u32())
}

fn random_u32() -> u32 {
    let drawn = Uint32Array::new_with_length(1);
    match get_random_values(&drawn) {
        Ok(_) => drawn.get_index(0),
        // At least 0 and below 2^32: the conversion only drops the fraction.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Err(_) => (js_sys::Math::random() * 4_294_967_296.0) as u32,
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(array: &Uint32Array) -> Result<JsValue, JsValue>;
}
