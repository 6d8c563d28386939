//! Exports a document: opening and closing, connecting, status, presence, and its bytes.

use js_sys::{Function, JsString};
use wasm_bindgen::prelude::*;

use super::error::{ErrorCode, Failure};
use super::options::Options;
use super::registry::{self, driver};
use super::{convert, event, journal};
use crate::browser::{Driver, Outside};
use crate::session::Posted;
use crate::wire::events;

/// Opens the document `room` at the server `url` under a handle, which is larger than all there were. Connects, unless the
/// options say otherwise.
/// `listener` is called with every event, which it keeps, and without one to deliver the first of those; never before this
/// returns. `keeper` keeps what it takes to go on with the document in another instance, and `journal` is what an instance before
/// has had kept.
///
/// # Errors
/// `bad-url`, `bad-option`, `bad-argument`, `no-websocket`.
#[wasm_bindgen(js_name = docOpen)]
pub fn doc_open(
    doc: u32,
    url: &JsString,
    room: &JsString,
    options: &JsValue,
    listener: Function,
    keeper: event::Keeper,
    journal: &JsValue,
) -> Result<(), Failure> {
    let (url, room) = (convert::string(url, "the url")?, convert::string(room, "the room")?);
    let options = Options::read(options)?;
    let connect = options.connect;
    let outside = Outside { tell: event::tell_to(listener), keep: event::keep_in(keeper) };
    let driver = Driver::open(options.into_setup(&url, &room)?, journal::read(journal), outside);
    if connect {
        driver.connect()?;
    }
    registry::insert(doc, driver);
    Ok(())
}

/// Commits, sends what can be sent, withdraws the presence and releases everything. The handle is `closed` from then on.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docClose)]
pub fn doc_close(doc: u32) -> Result<(), Failure> {
    registry::remove(doc)?.close();
    Ok(())
}

/// Connects and stays connected.
///
/// # Errors
/// `closed`, `no-websocket`.
#[wasm_bindgen(js_name = docConnect)]
pub fn doc_connect(doc: u32) -> Result<(), Failure> {
    Ok(driver(doc)?.connect()?)
}

/// Disconnects and stays disconnected.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docDisconnect)]
pub fn doc_disconnect(doc: u32) -> Result<(), Failure> {
    driver(doc)?.disconnect();
    Ok(())
}

/// Drops the connection, or the wait for one, and connects at once.
///
/// # Errors
/// `closed`, `no-websocket`.
#[wasm_bindgen(js_name = docReconnect)]
pub fn doc_reconnect(doc: u32) -> Result<(), Failure> {
    Ok(driver(doc)?.reconnect()?)
}

/// Commits the edits made so far: sends them and calls the observers before it returns. Within an event, the observers
/// are called after it.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docCommit)]
pub fn doc_commit(doc: u32) -> Result<(), Failure> {
    driver(doc)?.commit();
    Ok(())
}

/// Removes what this device keeps of the document, and keeps nothing of it from here on.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docForget)]
pub fn doc_forget(doc: u32) -> Result<(), Failure> {
    driver(doc)?.forget();
    Ok(())
}

/// Where the document stands: `{ phase, unsynced, heldBy, unsent, unstored?, refused, access?, attempt, retryIn?, reason?: { code,
/// message, closeCode? }, store?: { phase, reason? }, tab?: { number, leader } }`.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docStatus)]
pub fn doc_status(doc: u32) -> Result<JsValue, Failure> {
    let status = driver(doc)?.status().ok_or_else(registry::closed)?;
    Ok(event::status_to_js(&status).into())
}

/// The id of this replica.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docClientId)]
pub fn doc_client_id(doc: u32) -> Result<f64, Failure> {
    Ok(convert::client_number(driver(doc)?.client()))
}

/// Shows `json` to the others, or nothing any more when it is undefined.
///
/// # Errors
/// `closed`, `bad-argument`, `bad-value`.
#[wasm_bindgen(js_name = docSetPresence)]
pub fn doc_set_presence(doc: u32, json: &JsValue) -> Result<(), Failure> {
    let state = (!json.is_undefined()).then(|| convert::string(json, "a presence state")).transpose()?;
    if state.as_deref().is_some_and(|state| !events::fits(state)) {
        return Err(Failure::new(ErrorCode::BadValue, "a presence state has to be JSON, nested at most 60 deep"));
    }
    driver(doc)?.set_presence(state);
    Ok(())
}

/// Sends `text` to the server, beside the document; says whether it could be handed to a connection.
///
/// # Errors
/// `closed`, `bad-argument`, `unsupported`.
#[wasm_bindgen(js_name = docSend)]
pub fn doc_send(doc: u32, text: &JsString) -> Result<bool, Failure> {
    is_sent(driver(doc)?.post(convert::string(text, "a message")?))
}

/// Tells everybody else in the room `event`, which is JSON; says whether it could be handed to a connection.
///
/// # Errors
/// `closed`, `bad-argument`, `bad-value`.
#[wasm_bindgen(js_name = docBroadcast)]
pub fn doc_broadcast(doc: u32, event: &JsString) -> Result<bool, Failure> {
    is_sent(driver(doc)?.broadcast(convert::string(event, "an event")?))
}

fn is_sent(posted: Posted) -> Result<bool, Failure> {
    match posted {
        Posted::Sent => Ok(true),
        Posted::Lost => Ok(false),
        Posted::Unsupported => Err(Failure::new(
            ErrorCode::Unsupported,
            "the protocol of this server carries no messages beside the document",
        )),
        Posted::Unfit => {
            Err(Failure::new(ErrorCode::BadValue, "an event with its payload may be 16 KiB of JSON, nested 60 deep"))
        }
    }
}

/// Who is here: pairs of a client id and a state as JSON.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docPresence)]
pub fn doc_presence(doc: u32) -> Result<JsValue, Failure> {
    let states = driver(doc)?.presence().into_iter();
    let pairs: Vec<_> = states.map(|(client, state)| (convert::client_number(client), state)).collect();
    serde_wasm_bindgen::to_value(&pairs).map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))
}

/// The content as an update, or only what a replica with this state vector lacks.
///
/// # Errors
/// `closed`, `bad-update`.
#[wasm_bindgen(js_name = docEncodeUpdate)]
pub fn doc_encode_update(
    doc: u32,
    #[wasm_bindgen(js_name = stateVector)] state_vector: Option<Vec<u8>>,
) -> Result<Vec<u8>, Failure> {
    Ok(driver(doc)?.read(|replica| Ok(replica.encode_since(state_vector.as_deref())))??)
}

/// Merges an update into the document.
///
/// # Errors
/// `closed`, `bad-update`, `unsupported-content`, `too-much-held`.
#[wasm_bindgen(js_name = docApplyUpdate)]
pub fn doc_apply_update(doc: u32, update: &[u8]) -> Result<(), Failure> {
    Ok(driver(doc)?.apply_update(update)?)
}

/// Has the listener told of every change as an update from here on.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docWatchUpdates)]
pub fn doc_watch_updates(doc: u32) -> Result<(), Failure> {
    driver(doc)?.watch_updates();
    Ok(())
}

/// Ends `docWatchUpdates`.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docUnwatchUpdates)]
pub fn doc_unwatch_updates(doc: u32) -> Result<(), Failure> {
    driver(doc)?.unwatch_updates();
    Ok(())
}

/// How much of everyone's edits is here.
///
/// # Errors
/// `closed`.
#[wasm_bindgen(js_name = docStateVector)]
pub fn doc_state_vector(doc: u32) -> Result<Vec<u8>, Failure> {
    Ok(driver(doc)?.read(|replica| Ok(replica.state_vector()))?)
}
