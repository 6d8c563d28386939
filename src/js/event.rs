//! Decides how events and the status look in JavaScript.

use js_sys::{Array, Function, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

use super::convert;
use super::record::{Record, word};
use crate::browser::{Telling, report};
use crate::ids::{ClientId, Origin};
use crate::replica::{
    Change, ChangeKind, DeltaOp, Inserted, KeyChange, ListOp, PathSegment, StepId, TypeId, UndoEvent, UndoId,
};
use crate::session::{Calls, Event, Kept, Status, StatusReason, StoreView};
use crate::sync::Broadcast;
use crate::wire::Access;

/// Hands events to `listener`, which has them wait until it is called without one; what it throws is reported as uncaught
/// and stops nothing. What comes with every keystroke is handed over in parts, of which the listener makes the event: to make
/// an object here takes a call for each property.
pub(super) fn tell_to(listener: Function) -> Box<dyn Fn(Telling)> {
    let listener: Listener = listener.unchecked_into();
    let told = RefCell::new(None);
    Box::new(move |telling| match telling {
        Telling::Waits(event) => must(tell(&listener, event, &told)),
        Telling::Next => {
            if let Err(exception) = listener.call0(&JsValue::UNDEFINED) {
                report(&exception);
            }
        }
    })
}

/// Ends this instance where what only has to be kept outside was not: there is no stack left, say. The next one has it again.
fn must<T>(kept: Result<T, JsValue>) {
    if kept.is_err() {
        std::process::abort();
    }
}

#[wasm_bindgen]
extern "C" {
    /// What keeps what an instance leaves behind of a document; see `pkg-template/src/kept.ts`.
    #[wasm_bindgen(typescript_type = "Pick<import('./kept.js').Kept, 'keep'>")]
    pub type Keeper;

    /// Takes a copy of `records`, which of the edits so far may be pending (`"all"`, only the `"last"` one, or `"none"`), and
    /// whether all of it is told by the events so far.
    #[wasm_bindgen(method, catch)]
    fn keep(this: &Keeper, records: &[u8], pending: &JsValue, is_reported: bool) -> Result<JsValue, JsValue>;
}

/// Hands what is to be kept of a document to `keeper`.
pub(super) fn keep_in(keeper: Keeper) -> Box<dyn Fn(&Kept<'_>)> {
    Box::new(move |Kept { records, calls, is_reported }| {
        let pending = word(match calls {
            Calls::Pending => "all",
            Calls::Earlier => "last",
            Calls::All => "none",
        });
        must(keeper.keep(records, &pending, *is_reported));
    })
}

/// The counts of a status.
fn tell_counts(listener: &Listener, status: &Status) -> Result<(), JsValue> {
    let [unsynced, unsent, refused] = [status.unsynced, status.unsent, status.refused].map(convert::number);
    let unstored = status.unstored.map(convert::number);
    listener.call_with_counts(&JsValue::UNDEFINED, &word("counts"), unsynced, unsent, refused, unstored)
}

/// Whether a status says the same as the one that was told last, apart from its counts. It counts as told then.
fn has_new_counts_only(told: &mut Option<Status>, status: &Status) -> bool {
    let Some(last) = told.as_mut().filter(|last| last.unstored.is_some() == status.unstored.is_some()) else {
        *told = Some(status.clone());
        return false;
    };
    let Status { unsynced, unsent, refused, unstored, .. } = *status;
    (last.unsynced, last.unsent, last.refused, last.unstored) = (unsynced, unsent, refused, unstored);
    let is_same = last == status;
    if !is_same {
        *last = status.clone();
    }
    is_same
}

/// What somebody does to a text who types: at one place some is deleted, and characters without formatting are inserted.
struct Typed<'a> {
    at: u32,
    inserted: &'a str,
    deleted: u32,
}

/// What a change of an observed text itself has done, if no more than that.
fn typed(change: &Change) -> Option<Typed<'_>> {
    let ChangeKind::Text(delta) = &change.kind else { return None };
    let (at, delta) = match delta.as_slice() {
        [DeltaOp::Retain { len, attributes: None }, rest @ ..] => (*len, rest),
        delta => (0, delta),
    };
    let (inserted, delta) = match delta {
        [DeltaOp::Insert { value: Inserted::Text(text), attributes: None }, rest @ ..] => (text.as_str(), rest),
        delta => ("", delta),
    };
    let deleted = match delta {
        [] => 0,
        [DeltaOp::Delete { len }] => *len,
        _ => return None,
    };
    change.path.is_empty().then_some(Typed { at, inserted, deleted })
}

fn tell_typed(listener: &Listener, change: &Change, typed: &Typed<'_>) -> Result<(), JsValue> {
    let (TypeId(target), origin) = (change.target, word(origin_name(change.origin)));
    let Typed { at, inserted, deleted } = *typed;
    listener.call_with_typed(&JsValue::UNDEFINED, &word("typed"), target, &origin, at, inserted, deleted)
}

/// A status as one plain object.
pub(super) fn status_to_js(status: &Status) -> Record {
    let retry_in = status.retry_in.map(|wait| u32::try_from(wait.as_millis()).unwrap_or(u32::MAX));
    Record::new()
        .with("phase", word(status.phase.name()))
        .with("unsynced", convert::number(status.unsynced))
        .with("heldBy", word(status.held_by.name()))
        .with("unsent", convert::number(status.unsent))
        .with_some("unstored", status.unstored.map(convert::number))
        .with("refused", convert::number(status.refused))
        .with_some("access", status.access.map(Access::name))
        .with("attempt", status.attempt)
        .with_some("retryIn", retry_in)
        .with_some("reason", status.reason.as_ref().map(reason_to_js))
        .with_some("store", status.store.as_ref().map(store_to_js))
        .with_some("tab", status.tab.map(|tab| Record::new().with("number", tab.number).with("leader", tab.leader)))
}

fn store_to_js(store: &StoreView) -> Record {
    Record::new().with("phase", store.phase.name()).with_some("reason", store.reason.as_ref().map(reason_to_js))
}

fn reason_to_js(reason: &StatusReason) -> Record {
    Record::new()
        .with("code", reason.code)
        .with("message", reason.message.as_str())
        .with_some("closeCode", reason.close_code)
}

fn tell(listener: &Listener, event: Event, told: &RefCell<Option<Status>>) -> Result<(), JsValue> {
    let record = match event {
        Event::Update(_, update, origin) => {
            let (update, origin) = (Uint8Array::from(update.as_slice()).into(), word(origin_name(origin)));
            return listener.call3(&JsValue::UNDEFINED, &word("update"), &update, &origin).map(drop);
        }
        Event::Status(_, status) if has_new_counts_only(&mut told.borrow_mut(), &status) => {
            return tell_counts(listener, &status);
        }
        Event::Status(_, status) => Record::new().with("type", word("status")).with("status", status_to_js(&status)),
        Event::Change(_, change) => match typed(&change) {
            Some(typed) => return tell_typed(listener, &change, &typed),
            None => change_to_js(&change),
        },
        Event::Undo(_, event) => undo_to_js(event),
        Event::Presence(_, change) => Record::new()
            .with("type", "presence")
            .with("added", clients(&change.added))
            .with("updated", clients(&change.updated))
            .with("removed", clients(&change.removed)),
        Event::Broadcast(_, Broadcast { from, event }) => {
            Record::new().with("type", "broadcast").with("from", convert::client_number(from)).with("event", event)
        }
        Event::Refused(_, changes) => {
            let changes: Array = changes.iter().map(|change| JsValue::from(change_to_js(change))).collect();
            Record::new().with("type", "refused").with("changes", changes)
        }
        Event::Message(_, text) => Record::new().with("type", "message").with("text", text),
        Event::Opened(_) => Record::new().with("type", "opened"),
        Event::Problem(_, problem) => {
            Record::new().with("type", "problem").with("code", problem.code).with("message", problem.message)
        }
    };
    listener.call1(&JsValue::UNDEFINED, &record.into()).map(drop)
}

fn change_to_js(change: &Change) -> Record {
    let TypeId(target) = change.target;
    let origin = word(origin_name(change.origin));
    let path: Array = change.path.iter().map(segment_to_js).collect();
    let record =
        Record::new().with("type", word("change")).with("target", target).with("origin", origin).with("path", path);
    match &change.kind {
        ChangeKind::Text(delta) => record.with("delta", convert::delta_to_js(delta)),
        ChangeKind::List(delta) => record.with("delta", delta.iter().map(list_op_to_js).collect::<Array>()),
        ChangeKind::Map(keys) => {
            let keys = keys.iter().map(|(key, change)| (key.as_str(), key_change_to_js(change).into()));
            record.with("keys", convert::from_entries(keys))
        }
    }
}

fn undo_to_js(event: UndoEvent) -> Record {
    let UndoEvent { manager: UndoId(manager), stack, change } = event;
    Record::new()
        .with("type", "undo")
        .with("manager", manager)
        .with("stack", stack.name())
        .with("change", change.name())
        .with_some("step", change.step().map(|StepId(step)| step))
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Local => "local",
        Origin::Link(_) => "remote",
    }
}

fn segment_to_js(segment: &PathSegment) -> JsValue {
    match segment {
        PathSegment::Key(key) => key.as_str().into(),
        PathSegment::Index(index) => (*index).into(),
    }
}

fn list_op_to_js(step: &ListOp) -> JsValue {
    match step {
        ListOp::Insert(items) => Record::new().with("insert", convert::list_to_js(items)),
        ListOp::Retain(len) => Record::new().with("retain", *len),
        ListOp::Delete(len) => Record::new().with("delete", *len),
    }
    .into()
}

fn key_change_to_js(change: &KeyChange) -> Record {
    let (action, old, new) = match change {
        KeyChange::Add { value } => ("add", None, Some(value)),
        KeyChange::Update { old, value } => ("update", Some(old), Some(value)),
        KeyChange::Delete { old } => ("delete", Some(old), None),
    };
    Record::new()
        .with("action", action)
        .with_some("oldValue", old.map(convert::to_js))
        .with_some("newValue", new.map(convert::to_js))
}

fn clients(ids: &[ClientId]) -> Array {
    ids.iter().map(|id| JsValue::from_f64(convert::client_number(*id))).collect()
}

/// The function that is called with events. A number or a text that is an argument of a function of its own is handed over as
/// it is; where all arguments are values of JavaScript, each is made by a call.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Function)]
    type Listener;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_with_counts(
        this: &Listener,
        context: &JsValue,
        name: &JsValue,
        unsynced: f64,
        unsent: f64,
        refused: f64,
        unstored: Option<f64>,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_with_typed(
        this: &Listener,
        context: &JsValue,
        name: &JsValue,
        target: u32,
        origin: &JsValue,
        at: u32,
        inserted: &str,
        deleted: u32,
    ) -> Result<(), JsValue>;
}
