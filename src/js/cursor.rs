//! Exports cursors: places in texts and lists, as the plain objects that Yjs makes of its relative positions.

use js_sys::{JsString, Reflect};
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::{ErrorCode, Failure};
use super::record::Record;
use super::registry::driver;
use crate::ids::{ClientId, Clock};
use crate::replica::{Cursor, Holder, Side, TypeId};

/// The cursor of a place in a text or list: `{ type?, tname?, item?, assoc }`. It sticks to what is `"after"` or
/// `"before"` it.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`, `out-of-range`, `split-surrogate`.
#[wasm_bindgen(js_name = typeCursor)]
pub fn type_cursor(doc: u32, id: u32, index: f64, side: &JsString) -> Result<JsValue, Failure> {
    let (index, side) = (convert::offset(index, "the index")?, read_side(side)?);
    Ok(cursor_to_js(&driver(doc)?.edit(|replica| replica.cursor(TypeId(id), index, side))?))
}

/// Where a cursor is in a text or list; undefined where it is not.
///
/// # Errors
/// `closed`, `deleted`, `bad-argument`.
#[wasm_bindgen(js_name = typeResolve)]
pub fn type_resolve(doc: u32, id: u32, cursor: &JsValue) -> Result<Option<u32>, Failure> {
    let Some(cursor) = read_cursor(cursor)? else { return Ok(None) };
    Ok(driver(doc)?.edit(|replica| replica.resolve(TypeId(id), &cursor))?)
}

fn read_side(side: &JsValue) -> Result<Side, Failure> {
    match convert::string(side, "the side")?.as_str() {
        "after" => Ok(Side::After),
        "before" => Ok(Side::Before),
        other => {
            Err(Failure::new(ErrorCode::BadArgument, format!("there is no side '{other}', only after and before")))
        }
    }
}

fn cursor_to_js(cursor: &Cursor) -> JsValue {
    let record = match &cursor.within {
        Some(Holder::Nested(client, clock)) => Record::new().with("type", id_to_js(*client, *clock)),
        // Yjs leaves out a name that is empty, and finds nothing then either.
        Some(Holder::Root(name)) if !name.is_empty() => Record::new().with("tname", name.as_str()),
        Some(Holder::Root(_)) | None => Record::new(),
    };
    let item = cursor.element.map(|(client, clock)| id_to_js(client, clock));
    let assoc = match cursor.side {
        Side::After => 0,
        Side::Before => -1,
    };
    record.with_some("item", item).with("assoc", assoc).into()
}

fn id_to_js(client: ClientId, clock: Clock) -> Record {
    Record::new().with("client", convert::client_number(client)).with("clock", clock)
}

/// A cursor from anywhere; nothing if the object is none. Only the fields that Yjs reads are looked at.
fn read_cursor(cursor: &JsValue) -> Result<Option<Cursor>, Failure> {
    if !cursor.is_object() {
        return Err(Failure::new(ErrorCode::BadArgument, "a cursor must be an object"));
    }
    Ok(parse(cursor))
}

fn parse(cursor: &JsValue) -> Option<Cursor> {
    let (assoc, item) = (field(cursor, "assoc"), field(cursor, "item"));
    let side = match assoc {
        None => Side::After,
        Some(assoc) if assoc.as_f64()? >= 0.0 => Side::After,
        Some(_) => Side::Before,
    };
    let element = item.map(|item| parse_id(&item).ok_or(())).transpose().ok()?;
    let within = match (field(cursor, "tname"), field(cursor, "type")) {
        (Some(name), _) => name.as_string().map(Holder::Root),
        (None, Some(id)) => parse_id(&id).map(|(client, clock)| Holder::Nested(client, clock)),
        (None, None) => None,
    };
    Some(Cursor { within, element, side })
}

fn parse_id(id: &JsValue) -> Option<(ClientId, Clock)> {
    let clock = convert::offset(field(id, "clock")?.as_f64()?, "").ok()?;
    convert::client_id(field(id, "client")?.as_f64()?).map(|client| (client, clock))
}

/// A property; nothing where it is null, or cannot be read.
fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_null() && !value.is_undefined())
}
