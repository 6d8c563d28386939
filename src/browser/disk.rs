//! Keeps the records of documents in IndexedDB.
//!
//! The key of a record is `[scope, name, sequence, writer, length]`. A document is a range of keys, and how large it is
//! can be told from the keys alone.

use std::rc::Rc;

use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::database::Database;
use super::duck::{Deferred, array, get, object};
use super::job::{Found, Job, Work};
use crate::store::{OpId, RecordKey, StoreFailure, StoreNews, StoreOp, Task};

/// Which document on this device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreName {
    /// Sets apart what one site keeps for different servers, users or purposes.
    pub scope: String,
    /// The document among those of its scope.
    pub name: String,
}

/// How far a record has to get before it counts as stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// Onto the disk: it survives a loss of power.
    Strict,
    /// To the operating system: it survives a crash of the browser. Much faster.
    Relaxed,
}

/// The records of one document. Dropping it ends the connection to the database; what was begun is still done, but not
/// answered.
pub(super) struct Disk {
    database: Rc<Database>,
    prefix: Array,
    on_news: Rc<dyn Fn((Option<OpId>, StoreNews))>,
}

impl Disk {
    /// Opens nothing yet. `on_news` takes the answers, each with the operation it belongs to, and what happens unasked.
    pub(super) fn new(
        name: &StoreName,
        durability: Durability,
        on_news: impl Fn((Option<OpId>, StoreNews)) + Clone + 'static,
    ) -> Self {
        let durability = match durability {
            Durability::Strict => "strict",
            Durability::Relaxed => "relaxed",
        };
        let on_news: Rc<dyn Fn((Option<OpId>, StoreNews))> = Rc::new(on_news);
        let on_lost = on_news.clone();
        let on_lost = Box::new(move || on_lost((None, StoreNews::Lost(StoreFailure::Closed))));
        let prefix = array(&[&name.scope.as_str().into(), &name.name.as_str().into()]);
        Self { database: Database::new(durability, on_lost), prefix, on_news }
    }

    /// Carries out an operation, which is answered once; at once, if the database is open: what is to be written when
    /// the page is left is on its way when this returns. An operation still under way is abandoned, except that writing
    /// goes on beside it.
    pub(super) fn perform(&self, StoreOp { id, task }: StoreOp) {
        let (work, read): (_, fn(&Found) -> StoreNews) = match task {
            Task::Load => (Work::Read, loaded),
            Task::Write { key, record, replaces } => (self.write(key, &record, &replaces), |_| StoreNews::Written),
            Task::Forget => (Work::Delete, |_| StoreNews::Forgotten),
        };
        let on_news = self.on_news.clone();
        let answer = Box::new(move |answer: Result<Found, StoreFailure>| {
            on_news((Some(id), answer.map_or_else(StoreNews::Failed, |found| read(&found))));
        });
        self.database.run(Job { work, prefix: self.prefix.clone(), answer });
    }

    /// Closes the connection, after what is under way, so that the page can be kept for going back to it. The next
    /// operation opens another.
    pub(super) fn release(&self) {
        self.database.release();
    }

    fn write(&self, key: RecordKey, record: &[u8], replaces: &[RecordKey]) -> Work {
        // A copy outside of wasm memory: a view would be stored with the whole memory behind it.
        let value = Uint8Array::from(record);
        let full_key = self.key(key);
        full_key.push(&value.length().into());
        let replaced = Array::new();
        for key in replaces {
            replaced.push(&self.key(*key));
        }
        Work::Write { key: full_key, value, replaces: replaced }
    }

    /// The beginning of a record's key, which names it.
    fn key(&self, RecordKey { sequence, writer }: RecordKey) -> Array {
        self.prefix.concat(&array(&[&sequence.into(), &writer.into()]))
    }
}

/// Lists what is stored on this device, of one scope or of all: resolves to an array of `{ scope, name, bytes }`. Rejects
/// with what `fail` makes of the failure.
pub fn stored(scope: Option<String>, fail: fn(StoreFailure) -> JsValue) -> Promise {
    run_alone(Work::List, prefix_of(scope, None), listed, fail)
}

/// Removes one document, all documents of a scope, or, without a scope, all documents there are: resolves to nothing.
/// Rejects with what `fail` makes of the failure.
pub fn forget_stored(scope: Option<String>, name: Option<String>, fail: fn(StoreFailure) -> JsValue) -> Promise {
    run_alone(Work::Delete, prefix_of(scope, name), |_| JsValue::UNDEFINED, fail)
}

/// Does one thing with a connection of its own.
fn run_alone(work: Work, prefix: Array, read: fn(&Found) -> JsValue, fail: fn(StoreFailure) -> JsValue) -> Promise {
    let Deferred { promise, resolve, reject } = Deferred::new();
    let database = Database::new("relaxed", Box::new(|| {}));
    let until_answered = database.clone();
    let answer = Box::new(move |answer: Result<Found, StoreFailure>| {
        drop(until_answered);
        let (settle, value) = match answer {
            Ok(found) => (resolve, read(&found)),
            Err(failure) => (reject, fail(failure)),
        };
        // The function of a promise does not throw.
        let _ = settle.call1(&JsValue::UNDEFINED, &value);
    });
    database.run(Job { work, prefix, answer });
    promise
}

fn prefix_of(scope: Option<String>, name: Option<String>) -> Array {
    let prefix = Array::new();
    if let Some(scope) = scope {
        prefix.push(&scope.into());
    }
    if let Some(name) = name {
        prefix.push(&name.into());
    }
    prefix
}

fn loaded(Found { keys, values }: &Found) -> StoreNews {
    let (keys, values): (&Array, &Array) = (keys.unchecked_ref(), values.unchecked_ref());
    let mut records = Vec::new();
    for index in 0..keys.length() {
        records.push(record(keys.get(index).unchecked_ref(), &values.get(index)));
    }
    StoreNews::Loaded(records)
}

/// A record that is not one of ours is read as one without content, which the store knows to be broken.
fn record(key: &Array, value: &JsValue) -> (RecordKey, Vec<u8>) {
    let (sequence, writer) = (whole(&key.get(2)), whole(&key.get(3)));
    let bytes = match (sequence, writer, value.dyn_ref::<Uint8Array>()) {
        (Some(_), Some(_), Some(bytes)) => bytes.to_vec(),
        _ => Vec::new(),
    };
    (RecordKey { sequence: sequence.unwrap_or_default(), writer: writer.unwrap_or_default() }, bytes)
}

fn whole(value: &JsValue) -> Option<u32> {
    let number = value.as_f64()?;
    // The conversion takes the nearest `u32`, and the comparison sees whether that is the number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

/// The documents that these keys belong to, and how large they are. The keys of a document stand together.
fn listed(found: &Found) -> JsValue {
    let (list, mut last, mut bytes) = (Array::new(), JsValue::UNDEFINED, 0.0);
    for key in found.keys.unchecked_ref::<Array>().iter() {
        let key: &Array = key.unchecked_ref();
        let (scope, name) = (key.get(0), key.get(1));
        if get(&last, "scope") != scope || get(&last, "name") != name {
            last = object(&[("scope", &scope), ("name", &name)]);
            list.push(&last);
            bytes = 0.0;
        }
        bytes += key.get(4).as_f64().unwrap_or_default();
        // A fresh object takes any property.
        let _ = Reflect::set(&last, &"bytes".into(), &bytes.into());
    }
    list.into()
}
