//! Decides what the tests have to work with: a scripted WebSocket on one side, a listener on the other.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array, WebAssembly};
use std::cell::Cell;
use syncline::js::*;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/tests/web/fake.js")]
extern "C" {
    #[wasm_bindgen(js_name = fakeClass)]
    pub fn fake_class() -> Function;
    #[wasm_bindgen(js_name = rashClass)]
    pub fn rash_class() -> Function;
    #[wasm_bindgen(js_name = brokenClass)]
    pub fn broken_class() -> Function;
    #[wasm_bindgen(js_name = quotingClass)]
    pub fn quoting_class() -> Function;
    #[wasm_bindgen(js_name = errorClass)]
    pub fn error_class() -> Function;
    #[wasm_bindgen(js_name = newestSocket)]
    pub fn newest_socket() -> FakeSocket;
    #[wasm_bindgen(js_name = openSockets)]
    pub fn open_sockets() -> u32;
    #[wasm_bindgen(js_name = nextSocket)]
    pub fn next_socket() -> Promise;
    #[wasm_bindgen(js_name = tellPage)]
    pub fn tell_page(kind: &str);
    #[wasm_bindgen(js_name = tellDocument)]
    pub fn tell_document(kind: &str);
    pub fn recorder(into: &Array) -> Function;
    pub fn thrower() -> Function;
    pub fn collector(into: &Array) -> Function;
    pub fn listener(deliver: &Function) -> Function;
    #[wasm_bindgen(js_name = nextTask)]
    pub fn next_task() -> Promise;
    #[wasm_bindgen(js_name = replaceGlobal)]
    pub fn replace_global(name: &str, value: &JsValue) -> Function;
    #[wasm_bindgen(js_name = keptValues)]
    pub fn kept_values() -> Array;
    #[wasm_bindgen(js_name = refusedValues)]
    pub fn refused_values() -> Array;
    #[wasm_bindgen(js_name = isSame)]
    pub fn is_same(a: &JsValue, b: &JsValue) -> bool;

    #[wasm_bindgen(js_name = startCensus)]
    pub fn start_census() -> Census;
    pub type Census;
    #[wasm_bindgen(method, getter)]
    pub fn listeners(this: &Census) -> i32;
    #[wasm_bindgen(method)]
    pub fn timers(this: &Census) -> u32;
    #[wasm_bindgen(method)]
    pub fn end(this: &Census);

    pub type FakeSocket;
    #[wasm_bindgen(method)]
    pub fn accept(this: &FakeSocket);
    #[wasm_bindgen(method)]
    pub fn receive(this: &FakeSocket, data: &JsValue);
    #[wasm_bindgen(method, js_name = receiveBytes)]
    pub fn receive_bytes(this: &FakeSocket, bytes: &[u8]);
    #[wasm_bindgen(method)]
    pub fn lose(this: &FakeSocket, code: u16, reason: &str);
    #[wasm_bindgen(method, js_name = takeSent)]
    pub fn take_sent(this: &FakeSocket) -> Array;
    #[wasm_bindgen(method, getter)]
    pub fn url(this: &FakeSocket) -> String;
    #[wasm_bindgen(method, getter)]
    pub fn protocols(this: &FakeSocket) -> Array;
    #[wasm_bindgen(method, getter, js_name = binaryType)]
    pub fn binary_type(this: &FakeSocket) -> String;
    #[wasm_bindgen(method, getter, js_name = closeCode)]
    pub fn close_code(this: &FakeSocket) -> Option<u16>;
    #[wasm_bindgen(method, setter, js_name = readyState)]
    pub fn set_ready_state(this: &FakeSocket, state: u16);
}

/// An open document that keeps its events.
pub struct Doc {
    pub handle: u32,
    pub events: Array,
}

impl Doc {
    pub fn open(options: &Object) -> Self {
        let events = Array::new();
        let handle = open_with(options, recorder(&events)).unwrap();
        Self { handle, events }
    }

    /// A document that never connects.
    pub fn offline() -> Self {
        Self::open(&options([("connect", JsValue::FALSE)]))
    }

    /// A document whose server had nothing and knows what it has.
    pub async fn synced() -> (Self, FakeSocket) {
        Self::synced_with(fake_class(), &[]).await
    }

    pub async fn synced_with(class: Function, more: &[(&str, JsValue)]) -> (Self, FakeSocket) {
        let doc = Self::open(&options([&[("WebSocket", class.into())], more].concat()));
        end_of_task().await;
        let socket = newest_socket();
        socket.accept();
        socket.receive_bytes(EMPTY_STEP_1);
        socket.receive_bytes(EMPTY_STEP_2);
        end_of_task().await;
        socket.take_sent();
        (doc, socket)
    }

    pub fn text(&self) -> u32 {
        type_open(self.handle, &"text".into(), &"text".into()).unwrap()
    }

    pub fn insert(&self, index: u32, text: &str) -> Result<(), Failure> {
        text_insert(self.handle, self.text(), f64::from(index), &text.into(), &JsValue::UNDEFINED)
    }

    pub fn content(&self) -> String {
        text_to_string(self.handle, self.text()).unwrap()
    }

    pub fn phase(&self) -> String {
        string_field(&doc_status(self.handle).unwrap(), "phase")
    }

    pub fn events_of(&self, kind: &str) -> Vec<JsValue> {
        self.events.iter().filter(|event| string_field(event, "type") == kind).collect()
    }
}

impl Drop for Doc {
    fn drop(&mut self) {
        // A test may have closed it.
        let _ = doc_close(self.handle);
    }
}

pub fn open_with(options: &Object, listener: Function) -> Result<u32, Failure> {
    let handle = next_handle();
    let (url, room) = ("ws://server.test".into(), "room".into());
    let keeper = careless_keeper().unchecked_into();
    doc_open(handle, &url, &room, &on_its_own(options), listener, keeper, &JsValue::UNDEFINED)?;
    Ok(handle)
}

/// What keeps nothing for another instance.
pub fn careless_keeper() -> Object {
    options([("keep", Function::new_no_args("").into())])
}

/// A handle that no document had.
pub fn next_handle() -> u32 {
    thread_local! {
        static LAST: Cell<u32> = const { Cell::new(0) };
    }
    LAST.with(|last| {
        last.set(last.get() + 1);
        last.get()
    })
}

pub fn options<'a>(entries: impl IntoIterator<Item = (&'a str, JsValue)>) -> Object {
    let pairs: Array = entries.into_iter().map(|(name, value)| Array::of2(&name.into(), &value)).collect();
    Object::from_entries(&pairs).unwrap()
}

/// Documents of one name in this page would be tabs of each other; each test has its own instead.
fn on_its_own(options: &Object) -> Object {
    Object::assign(&self::options([("tabs", JsValue::FALSE)]), options)
}

pub async fn end_of_task() {
    next_task().await.unwrap();
}

/// The update of a replica that has written `text` into the text "text".
pub fn update_that_says(text: &str) -> Vec<u8> {
    let doc = Doc::offline();
    doc.insert(0, text).unwrap();
    doc_encode_update(doc.handle, None).unwrap()
}

pub fn update_frame(update: &[u8]) -> Vec<u8> {
    framed(&[0, 2], update)
}

pub fn framed(head: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).unwrap();
    assert!(length < 128, "the length takes one byte");
    [head, &[length], body].concat()
}

pub fn frames(socket: &FakeSocket) -> Vec<Vec<u8>> {
    socket.take_sent().iter().map(|frame| frame.unchecked_into::<Uint8Array>().to_vec()).collect()
}

pub fn updates(socket: &FakeSocket) -> Vec<Vec<u8>> {
    frames(socket).into_iter().filter(|frame| frame.starts_with(&[0, 2])).collect()
}

pub fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub fn code_of<T>(outcome: Result<T, Failure>) -> &'static str {
    outcome.map(drop).unwrap_err().code.name()
}

pub fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

pub fn string_field(object: &JsValue, name: &str) -> String {
    field(object, name).as_string().unwrap_or_default()
}

pub fn global_class(name: &str) -> Function {
    field(&js_sys::global(), name).unchecked_into()
}

pub fn wasm_memory() -> u32 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory.buffer().unchecked_into::<js_sys::ArrayBuffer>().byte_length()
}

/// A SyncStep1 and a SyncStep2 of a server that has nothing.
pub const EMPTY_STEP_1: &[u8] = &[0, 0, 1, 0];
pub const EMPTY_STEP_2: &[u8] = &[0, 1, 2, 0, 0];
