//! Exports undo managers. What happens to their steps is told to the listener of the document.

use wasm_bindgen::prelude::*;

use super::convert;
use super::error::{ErrorCode, Failure};
use super::registry::driver;
use crate::clock::Duration;
use crate::replica::{TypeId, UndoId, UndoStack};

/// Opens an undo manager for edits of these roots and returns its number. `captureTimeout` is in milliseconds.
///
/// # Errors
/// `closed`, `bad-argument`, `bad-option`.
#[wasm_bindgen(js_name = undoOpen)]
pub fn undo_open(
    doc: u32,
    scope: &[u32],
    #[wasm_bindgen(js_name = captureTimeout)] capture_timeout: f64,
) -> Result<u32, Failure> {
    let scope: Vec<TypeId> = scope.iter().copied().map(TypeId).collect();
    let timeout = convert::offset(capture_timeout, "captureTimeout");
    let timeout = timeout.map_err(|Failure { message, .. }| Failure::new(ErrorCode::BadOption, message))?;
    let timeout = Duration::from_millis(timeout.into());
    let UndoId(id) = driver(doc)?.edit(|replica| replica.open_undo(&scope, timeout))?;
    Ok(id)
}

/// Takes the last step back; false if there was nothing to change.
///
/// # Errors
/// `closed`, `bad-argument`.
#[wasm_bindgen(js_name = undoUndo)]
pub fn undo_undo(doc: u32, undo: u32) -> Result<bool, Failure> {
    Ok(driver(doc)?.edit(|replica| replica.undo(UndoId(undo)))?)
}

/// Does again what was undone last; false if there was nothing to change.
///
/// # Errors
/// `closed`, `bad-argument`.
#[wasm_bindgen(js_name = undoRedo)]
pub fn undo_redo(doc: u32, undo: u32) -> Result<bool, Failure> {
    Ok(driver(doc)?.edit(|replica| replica.redo(UndoId(undo)))?)
}

/// Whether there is a step to undo.
///
/// # Errors
/// `closed`, `bad-argument`.
#[wasm_bindgen(js_name = undoCanUndo)]
pub fn undo_can_undo(doc: u32, undo: u32) -> Result<bool, Failure> {
    Ok(driver(doc)?.edit(|replica| replica.has_step(UndoId(undo), UndoStack::Undo))?)
}

/// Whether there is a step to redo.
///
/// # Errors
/// `closed`, `bad-argument`.
#[wasm_bindgen(js_name = undoCanRedo)]
pub fn undo_can_redo(doc: u32, undo: u32) -> Result<bool, Failure> {
    Ok(driver(doc)?.edit(|replica| replica.has_step(UndoId(undo), UndoStack::Redo))?)
}

/// Has the next edit begin a step.
///
/// # Errors
/// `closed`, `bad-argument`.
#[wasm_bindgen(js_name = undoStop)]
pub fn undo_stop(doc: u32, undo: u32) -> Result<(), Failure> {
    Ok(driver(doc)?.edit(|replica| replica.stop_capturing(UndoId(undo)))?)
}

/// Forgets all steps.
///
/// # Errors
/// `closed`, `bad-argument`.
#[wasm_bindgen(js_name = undoClear)]
pub fn undo_clear(doc: u32, undo: u32) -> Result<(), Failure> {
    Ok(driver(doc)?.edit(|replica| replica.clear_undo(UndoId(undo)))?)
}

/// Ends an undo manager.
///
/// # Errors
/// `closed`, `bad-argument`.
#[wasm_bindgen(js_name = undoClose)]
pub fn undo_close(doc: u32, undo: u32) -> Result<(), Failure> {
    Ok(driver(doc)?.edit(|replica| replica.close_undo(UndoId(undo)))?)
}
