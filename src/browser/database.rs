//! Wraps IndexedDB: a connection that is opened when it is needed, and one job at a time, each a transaction of its own.
//!
//! All documents of a site are in one object store of one database. A record's key is an array of texts and numbers,
//! its value a `Uint8Array`. What the arrays mean is up to [`disk`](super::disk).

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use web_sys::Event;

use super::belonging::Belonging;
use super::duck::{call, call_if_there, get, global, object, text};
use super::job::{Found, Job, Work};
use super::listener::Listener;
use super::scratch;
use crate::store::StoreFailure;

/// The database as one document sees it. Dropping it closes the connection, after what is under way; that is not
/// answered any more.
pub(super) struct Database {
    /// Handed to the listeners, so that none of them keeps the database alive.
    this: Weak<Self>,
    /// The third argument of `transaction()`.
    options: JsValue,
    on_lost: Box<dyn Fn()>,
    connection: RefCell<Option<Connection>>,
    under_way: RefCell<Option<UnderWay>>,
    /// Writing that nobody waits for, until the database is open.
    beside: RefCell<Vec<Job>>,
}

/// An open database, closed when this is dropped.
struct Connection {
    raw: JsValue,
    _belonging: Belonging,
    _listeners: Vec<Listener>,
}

/// The job that is not answered yet.
struct UnderWay {
    job: Job,
    stage: Stage,
    _listeners: Vec<Listener>,
}

enum Stage {
    Opening {
        _request: OpenRequest,
    },
    /// The transaction has begun; when it is complete, these requests have what was found.
    Running(Found),
}

/// A request to open the database. When this is dropped, what it still opens is closed at once.
struct OpenRequest {
    raw: JsValue,
    _belonging: Belonging,
}

impl Database {
    /// Opens nothing yet. `durability` is how far a record has to get before it counts as stored; `on_lost` hears that
    /// the connection was closed from outside.
    pub(super) fn new(durability: &str, on_lost: Box<dyn Fn()>) -> Rc<Self> {
        let options = object(&[("durability", &durability.into())]);
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            options,
            on_lost,
            connection: RefCell::default(),
            under_way: RefCell::default(),
            beside: RefCell::default(),
        })
    }

    /// Does a job; at once, if the database is open. A job that is still under way is abandoned, and the connection
    /// with it: whoever asks again has given up on both. Only writing is done beside it, and not answered: that is the
    /// last word of a page that is left.
    pub(super) fn run(&self, job: Job) {
        let is_busy = self.under_way.borrow().is_some();
        if is_busy && matches!(job.work, Work::Write { .. }) {
            self.beside.borrow_mut().push(job);
            return self.run_beside();
        }
        if let Some(abandoned) = self.under_way.take() {
            drop(abandoned);
            self.release();
        }
        match self.connected() {
            Some(raw) => self.begin(&raw, job),
            None => self.open(job),
        }
    }

    /// Closes the connection, after what is under way. The next job opens another.
    pub(super) fn release(&self) {
        drop(self.connection.take());
    }

    /// The database, while it is open. No borrow is held, so that JavaScript may run.
    fn connected(&self) -> Option<JsValue> {
        self.connection.borrow().as_ref().map(|connection| connection.raw.clone())
    }

    fn run_beside(&self) {
        let Some(raw) = self.connected() else { return };
        for job in self.beside.take() {
            // Without its listeners nobody hears how it ends.
            drop(self.transact(&raw, &job));
        }
    }

    fn open(&self, job: Job) {
        match self.request() {
            Ok((request, listeners)) => self.await_answer(job, Stage::Opening { _request: request }, listeners),
            Err(failure) => (job.answer)(Err(failure)),
        }
    }

    fn request(&self) -> Result<(OpenRequest, Vec<Listener>), StoreFailure> {
        let factory = global("indexedDB");
        if factory.is_falsy() {
            return Err(StoreFailure::Unavailable("there is no indexedDB".to_owned()));
        }
        call(&factory, "open", &[&DATABASE.into(), &VERSION.into()])
            .and_then(|raw| {
                attend(&raw, "upgradeneeded")?;
                let request = OpenRequest { _belonging: Belonging::of(&raw), raw };
                let listeners = self.listen(
                    &request.raw,
                    &[
                        ("success", Self::handle_opened),
                        ("error", Self::handle_not_opened),
                        ("blocked", Self::handle_blocked),
                    ],
                )?;
                Ok((request, listeners))
            })
            .map_err(|exception| not_opened(&exception))
    }

    fn begin(&self, database: &JsValue, job: Job) {
        match self.transact(database, &job) {
            Ok((requests, listeners)) => self.await_answer(job, Stage::Running(requests), listeners),
            Err(exception) => self.fail(job, failure(&exception)),
        }
    }

    fn transact(&self, database: &JsValue, job: &Job) -> Result<(Found, Vec<Listener>), JsValue> {
        let transaction = call(database, "transaction", &[&STORE.into(), &job.work.mode().into(), &self.options])?;
        let listeners =
            self.listen(&transaction, &[("complete", Self::handle_complete), ("abort", Self::handle_aborted)])?;
        let issued = call(&transaction, "objectStore", &[&STORE.into()]).and_then(|store| job.issue(&store));
        match &issued {
            // Begins to write at once, where the browser can: a page that is left has no later. Chromium must not be told
            // this when reading: large values would come after the transaction is complete.
            Ok(requests) if requests.keys.is_undefined() => call_if_there(&transaction, "commit"),
            Ok(_) => {}
            // What was requested before the request that threw is undone.
            Err(_) => drop(call(&transaction, "abort", &[])),
        }
        Ok((issued?, listeners))
    }

    fn await_answer(&self, job: Job, stage: Stage, listeners: Vec<Listener>) {
        let before = self.under_way.replace(Some(UnderWay { job, stage, _listeners: listeners }));
        drop(before);
    }

    /// Answers that nothing was done. The connection is not trusted with another job.
    fn fail(&self, job: Job, failure: StoreFailure) {
        self.release();
        (job.answer)(Err(failure));
    }
}

/// News.
impl Database {
    fn handle_opened(&self, event: &Event) {
        let Some(UnderWay { job, .. }) = self.under_way.take() else { return };
        let raw = get(&source(event), "result");
        // A connection that cannot be listened to is still a connection.
        let listeners = self.listen(&raw, &[("close", Self::handle_closed), ("versionchange", Self::handle_unwanted)]);
        let listeners = listeners.unwrap_or_default();
        let before = self.connection.replace(Some(Connection {
            _belonging: Belonging::of(&raw),
            raw: raw.clone(),
            _listeners: listeners,
        }));
        drop(before);
        // What waited is older than any job but the one it waited beside. After a job that deletes, it would come back.
        self.run_beside();
        self.begin(&raw, job);
        scratch::begin_new_log();
    }

    fn handle_not_opened(&self, event: &Event) {
        // Firefox reports as uncaught what is not prevented.
        event.prevent_default();
        let failure = not_opened(&get(&source(event), "error"));
        self.handle_failed(failure);
    }

    fn handle_blocked(&self, _: &Event) {
        self.handle_failed(StoreFailure::Blocked);
    }

    fn handle_aborted(&self, event: &Event) {
        self.handle_failed(failure(&get(&source(event), "error")));
    }

    fn handle_failed(&self, failure: StoreFailure) {
        if let Some(UnderWay { job, .. }) = self.under_way.take() {
            self.fail(job, failure);
        }
    }

    fn handle_complete(&self, _: &Event) {
        if let Some(UnderWay { job, stage: Stage::Running(requests), .. }) = self.under_way.take() {
            match requests.result() {
                Some(found) => (job.answer)(Ok(found)),
                None => self.fail(job, StoreFailure::Other("complete without a result".to_owned())),
            }
        }
    }

    /// The browser closed the connection. Chromium does not always tell the transaction that is under way.
    fn handle_closed(&self, event: &Event) {
        self.handle_failed(StoreFailure::Closed);
        self.handle_unwanted(event);
    }

    /// The database is to be deleted or upgraded. The transaction that is under way will still be completed.
    fn handle_unwanted(&self, _: &Event) {
        self.release();
        (self.on_lost)();
    }

    /// All listeners are made here, so that they share the code of one closure.
    fn listen(&self, target: &JsValue, handlers: &[(&'static str, Handler)]) -> Result<Vec<Listener>, JsValue> {
        let mut listeners = Vec::new();
        for &(kind, handle) in handlers {
            let this = self.this.clone();
            let on_event = move |event: Event| {
                if let Some(database) = this.upgrade() {
                    handle(&database, &event);
                }
            };
            listeners.push(Listener::add(target.unchecked_ref(), kind, on_event)?);
        }
        Ok(listeners)
    }
}

type Handler = fn(&Database, &Event);

impl Drop for Connection {
    fn drop(&mut self) {
        // Does not throw, and does nothing to a connection that is closed.
        let _ = call(&self.raw, "close", &[]);
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        // If the request has been answered already, there is nothing to come, and this is never called.
        let _ = attend(&self.raw, "success");
    }
}

thread_local! {
    /// Makes the object store in a new database, and closes a database that nobody waits for any more. One function
    /// for all requests, never removed: a database that was made without its store would stay so for ever.
    static OPENED: Closure<dyn Fn(Event)> = Closure::new(|event: Event| {
        let database = get(&source(&event), "result");
        // Nothing can be done about a database that refuses.
        let _ = match event.type_().as_str() {
            "success" => call(&database, "close", &[]),
            _ => call(&database, "createObjectStore", &[&STORE.into()]),
        };
    });
}

/// Has [`OPENED`] called for one kind of event of a request.
pub(super) fn attend(request: &JsValue, kind: &str) -> Result<JsValue, JsValue> {
    OPENED.with(|opened| call(request, "addEventListener", &[&kind.into(), opened.as_ref()]))
}

/// The request, transaction or connection that an event is about.
fn source(event: &Event) -> JsValue {
    get(event, "target")
}

/// Why the database was not opened.
fn not_opened(exception: &JsValue) -> StoreFailure {
    match text(exception, "name").as_str() {
        // Firefox, in private windows before version 115.
        "InvalidStateError" => StoreFailure::Unavailable(text(exception, "message")),
        _ => failure(exception),
    }
}

/// Why a transaction came to nothing.
fn failure(exception: &JsValue) -> StoreFailure {
    let (name, message) = (text(exception, "name"), text(exception, "message"));
    match name.as_str() {
        "QuotaExceededError" => StoreFailure::Quota,
        "VersionError" => StoreFailure::Newer,
        "SecurityError" => StoreFailure::Unavailable(message),
        // Nobody here aborts a transaction: the browser does, when it closes the connection, and does not say why.
        "InvalidStateError" | "AbortError" | "" => StoreFailure::Closed,
        // Chromium.
        _ if message.starts_with("Connection is closing") => StoreFailure::Closed,
        _ if message.starts_with("The user denied permission") => StoreFailure::Unavailable(message),
        _ => StoreFailure::Other(cut(name + ": " + &message)),
    }
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_MESSAGE_BYTES));
    text
}

const DATABASE: &str = "syncline";
const VERSION: u32 = 1;
const STORE: &str = "log";

/// How much of a browser's explanation is kept.
const MAX_MESSAGE_BYTES: usize = 200;
