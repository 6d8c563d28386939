//! Exports what another instance needs to go on with the documents of one that a trap has ended.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::error::Failure;
use super::registry::driver;
use crate::replica::{Care, Poison, Stage};
use crate::session::{self, Journal};

/// Takes in what an instance before has had kept and not told: it is told from here.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docReplay)]
pub fn doc_replay(doc: u32, records: &[u8]) -> Result<(), Failure> {
    driver(doc)?.replay(records);
    Ok(())
}

/// What says the same as all that was kept of the document so far; undefined while it is not settled.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docCheckpoint)]
pub fn doc_checkpoint(doc: u32) -> Result<Option<Vec<u8>>, Failure> {
    Ok(driver(doc)?.checkpoint())
}

/// Where in the memory it stands what is in hand; see [`crate::replica::in_hand::address`].
#[wasm_bindgen(js_name = inHand)]
pub fn in_hand() -> usize {
    session::in_hand_address()
}

/// What an instance before has had kept: `{ records, isCareful, poison: [{ stage, update }] }`. It comes from the package, which
/// has it from here; nothing of it that is missing is missed.
pub(super) fn read(journal: &JsValue) -> Journal {
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let bytes = |value: JsValue| value.dyn_into().map(|bytes: Uint8Array| bytes.to_vec()).unwrap_or_default();
    if !journal.is_object() {
        return Journal::default();
    }
    let poison = field(journal, "poison").dyn_into().unwrap_or_else(|_| Array::new());
    let poison = poison.iter().filter_map(|poison| {
        // A small whole number.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let stage = Stage::of(field(&poison, "stage").as_f64()? as u32)?;
        Some(Poison { stage, update: bytes(field(&poison, "update")) })
    });
    let care = if field(journal, "isCareful").is_truthy() { Care::Extreme } else { Care::Usual };
    Journal { records: bytes(field(journal, "records")), care, poison: poison.collect() }
}
