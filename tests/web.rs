//! Tests of the glue in a browser: a scripted WebSocket on one side, a listener on the other.
#![cfg(target_family = "wasm")]
#![allow(missing_docs, reason = "the names of tests are statements")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, JsString, Object, Promise, Reflect, Uint8Array, WebAssembly};
use serde_json::Value as Json;
use syncline::js::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(module = "/tests/web/fake.js")]
extern "C" {
    #[wasm_bindgen(js_name = fakeClass)]
    fn fake_class() -> Function;
    #[wasm_bindgen(js_name = rashClass)]
    fn rash_class() -> Function;
    #[wasm_bindgen(js_name = brokenClass)]
    fn broken_class() -> Function;
    #[wasm_bindgen(js_name = errorClass)]
    fn error_class() -> Function;
    #[wasm_bindgen(js_name = newestSocket)]
    fn newest_socket() -> FakeSocket;
    #[wasm_bindgen(js_name = openSockets)]
    fn open_sockets() -> u32;
    #[wasm_bindgen(js_name = nextSocket)]
    fn next_socket() -> Promise;
    #[wasm_bindgen(js_name = tellPage)]
    fn tell_page(kind: &str);
    #[wasm_bindgen(js_name = tellDocument)]
    fn tell_document(kind: &str);
    fn recorder(into: &Array) -> Function;
    fn thrower() -> Function;
    #[wasm_bindgen(js_name = nextTask)]
    fn next_task() -> Promise;
    #[wasm_bindgen(js_name = replaceGlobal)]
    fn replace_global(name: &str, value: &JsValue) -> Function;
    #[wasm_bindgen(js_name = keptValues)]
    fn kept_values() -> Array;
    #[wasm_bindgen(js_name = refusedValues)]
    fn refused_values() -> Array;
    #[wasm_bindgen(js_name = isSame)]
    fn is_same(a: &JsValue, b: &JsValue) -> bool;

    #[wasm_bindgen(js_name = startCensus)]
    fn start_census() -> Census;
    type Census;
    #[wasm_bindgen(method, getter)]
    fn listeners(this: &Census) -> i32;
    #[wasm_bindgen(method)]
    fn timers(this: &Census) -> u32;
    #[wasm_bindgen(method)]
    fn end(this: &Census);

    type FakeSocket;
    #[wasm_bindgen(method)]
    fn accept(this: &FakeSocket);
    #[wasm_bindgen(method)]
    fn receive(this: &FakeSocket, data: &JsValue);
    #[wasm_bindgen(method, js_name = receiveBytes)]
    fn receive_bytes(this: &FakeSocket, bytes: &[u8]);
    #[wasm_bindgen(method)]
    fn lose(this: &FakeSocket, code: u16, reason: &str);
    #[wasm_bindgen(method, js_name = takeSent)]
    fn take_sent(this: &FakeSocket) -> Array;
    #[wasm_bindgen(method, getter)]
    fn url(this: &FakeSocket) -> String;
    #[wasm_bindgen(method, getter, js_name = binaryType)]
    fn binary_type(this: &FakeSocket) -> String;
    #[wasm_bindgen(method, getter, js_name = closeCode)]
    fn close_code(this: &FakeSocket) -> Option<u16>;
    #[wasm_bindgen(method, setter, js_name = readyState)]
    fn set_ready_state(this: &FakeSocket, state: u16);
}

/// An open document that keeps its events.
struct Doc {
    handle: u32,
    events: Array,
}

impl Doc {
    fn open(options: &Object) -> Self {
        let events = Array::new();
        let handle = open_with(options, recorder(&events)).unwrap();
        Self { handle, events }
    }

    /// A document that never connects.
    fn offline() -> Self {
        Self::open(&options([("connect", JsValue::FALSE)]))
    }

    /// A document whose server had nothing and knows what it has.
    async fn synced() -> (Self, FakeSocket) {
        Self::synced_with(fake_class(), &[]).await
    }

    async fn synced_with(class: Function, more: &[(&str, JsValue)]) -> (Self, FakeSocket) {
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

    fn text(&self) -> u32 {
        type_open(self.handle, &"text".into(), &"text".into()).unwrap()
    }

    fn insert(&self, index: u32, text: &str) -> Result<(), Failure> {
        text_insert(self.handle, self.text(), f64::from(index), &text.into(), &JsValue::UNDEFINED)
    }

    fn content(&self) -> String {
        text_to_string(self.handle, self.text()).unwrap()
    }

    fn phase(&self) -> String {
        string_field(&doc_status(self.handle).unwrap(), "phase")
    }

    fn events_of(&self, kind: &str) -> Vec<JsValue> {
        self.events.iter().filter(|event| string_field(event, "type") == kind).collect()
    }
}

impl Drop for Doc {
    fn drop(&mut self) {
        // A test may have closed it.
        let _ = doc_close(self.handle);
    }
}

#[wasm_bindgen_test]
async fn a_document_connects_after_open_has_returned_and_becomes_synced() {
    let doc = Doc::open(&options([("WebSocket", fake_class().into())]));
    assert_eq!(doc.events.length(), 0);
    assert_eq!(doc.phase(), "connecting");
    end_of_task().await;
    let socket = newest_socket();
    assert_eq!((socket.url().as_str(), socket.binary_type().as_str()), ("ws://server.test/room", "arraybuffer"));
    socket.accept();
    assert_eq!(doc.phase(), "handshaking");
    socket.receive_bytes(EMPTY_STEP_1);
    socket.receive_bytes(EMPTY_STEP_2);
    assert_eq!(doc.phase(), "synced");
    let last = doc.events_of("status").pop().unwrap();
    assert_eq!(string_field(&field(&last, "status"), "phase"), "synced");
}

#[wasm_bindgen_test]
async fn the_edits_of_one_task_leave_as_one_frame_at_its_end() {
    let (doc, socket) = Doc::synced().await;
    for (index, letter) in ["a", "b", "c"].into_iter().enumerate() {
        doc.insert(u32::try_from(index).unwrap(), letter).unwrap();
    }
    assert_eq!((doc.content().as_str(), updates(&socket).len()), ("abc", 0));
    end_of_task().await;
    assert_eq!(updates(&socket).len(), 1);
}

#[wasm_bindgen_test]
async fn a_commit_sends_before_it_returns() {
    let (doc, socket) = Doc::synced().await;
    doc.insert(0, "a").unwrap();
    doc_commit(doc.handle).unwrap();
    assert_eq!(updates(&socket).len(), 1);
    end_of_task().await;
    assert_eq!(updates(&socket).len(), 0);
}

#[wasm_bindgen_test]
async fn a_message_becomes_a_change_event() {
    let (doc, socket) = Doc::synced().await;
    type_observe(doc.handle, doc.text()).unwrap();
    socket.receive_bytes(&update_frame(&update_that_says("hello")));
    let changes = doc.events_of("change");
    assert_eq!((changes.len(), doc.content().as_str()), (1, "hello"));
    let change = &changes[0];
    assert_eq!(string_field(change, "origin"), "remote");
    assert_eq!(field(change, "target").as_f64(), Some(f64::from(doc.text())));
    assert!(is_same(&field(change, "delta"), &js_sys::JSON::parse(r#"[{"insert":"hello"}]"#).unwrap()));
}

#[wasm_bindgen_test]
fn failures_carry_their_codes() {
    let doc = Doc::offline();
    let (handle, text) = (doc.handle, doc.text());
    let map = type_open(handle, &"map".into(), &"map".into()).unwrap();
    let attributes = JsValue::UNDEFINED;
    let insert = |index: f64, what: &JsValue| text_insert(handle, text, index, what.unchecked_ref(), &attributes);
    doc.insert(0, "👍").unwrap();
    let cases = [
        (insert(3.0, &"x".into()), "out-of-range"),
        (insert(-1.0, &"x".into()), "out-of-range"),
        (insert(0.5, &"x".into()), "out-of-range"),
        (insert(f64::NAN, &"x".into()), "out-of-range"),
        (insert(1.0, &"x".into()), "split-surrogate"),
        (insert(0.0, &5.into()), "bad-argument"),
        (insert(0.0, &JsString::from_char_code1(0xD83D).into()), "bad-value"),
        (text_delete(handle, text, 0.0, 3.0), "out-of-range"),
        (text_format(handle, text, 0.0, 2.0, &JsValue::UNDEFINED), "bad-argument"),
        (text_apply_delta(handle, text, &Array::of1(&Object::new())), "bad-argument"),
        (map_set(handle, map, &"key".into(), &js_sys::Date::new_0()), "bad-value"),
        (map_set(handle, 999, &"key".into(), &JsValue::NULL), "bad-argument"),
        (type_open(handle, &"map".into(), &"text".into()).map(drop), "wrong-kind"),
        (type_open(handle, &"tree".into(), &"tree".into()).map(drop), "bad-argument"),
        (doc_apply_update(handle, &[1, 2, 3]), "bad-update"),
        (doc_encode_update(handle, Some(vec![5])).map(drop), "bad-update"),
        (doc_status(0).map(drop), "closed"),
    ];
    for (index, (outcome, code)) in cases.into_iter().enumerate() {
        assert_eq!(code_of(outcome), code, "case {index}");
    }
    assert_eq!(doc.content(), "👍");
    doc_close(handle).unwrap();
    assert_eq!(code_of(insert(0.0, &"x".into())), "closed");
    assert_eq!(code_of(doc_close(handle)), "closed");
}

#[wasm_bindgen_test]
fn options_are_refused_with_their_codes() {
    let attempt = |url: &str, name: &str, value: JsValue| {
        let options = options([("connect", JsValue::FALSE), (name, value)]);
        doc_open(&url.into(), &"room".into(), &options, Function::new_no_args("")).and_then(doc_close)
    };
    let server = "wss://server.test";
    attempt(server, "connectTimeout", 5.into()).unwrap();
    attempt(server, "anything", JsValue::UNDEFINED).unwrap();
    assert_eq!(code_of(attempt("not a url", "connect", JsValue::FALSE)), "bad-url");
    for (name, value) in [
        ("conectTimeout", 5.into()),
        ("connectTimeout", "5".into()),
        ("connectTimeout", 0.5.into()),
        ("connect", JsValue::NULL),
        ("protocol", "smoke signals".into()),
        ("protocols", "graphql".into()),
        ("params", Object::from_entries(&Array::of1(&Array::of2(&"a".into(), &1.into()))).unwrap().into()),
        ("closeCodes", Object::from_entries(&Array::of1(&Array::of2(&"x".into(), &"stop".into()))).unwrap().into()),
        ("WebSocket", "ws".into()),
    ] {
        assert_eq!(code_of(attempt(server, name, value)), "bad-option", "{name}");
    }
}

#[wasm_bindgen_test]
fn without_a_websocket_only_connecting_is_refused() {
    let restore = replace_global("WebSocket", &JsValue::UNDEFINED);
    let doc = Doc::offline();
    let connected = doc_connect(doc.handle);
    let opened = open_with(&Object::new(), recorder(&Array::new()));
    restore.call0(&JsValue::UNDEFINED).unwrap();
    assert_eq!(code_of(connected), "no-websocket");
    assert_eq!(code_of(opened), "no-websocket");
    doc.insert(0, "still works").unwrap();
}

#[wasm_bindgen_test]
fn failures_are_thrown_as_the_class_that_start_was_given() {
    let plain = JsValue::from(doc_status(0).unwrap_err());
    assert_eq!(string_field(&plain, "code"), "closed");
    start(error_class());
    let thrown = JsValue::from(doc_status(0).unwrap_err());
    assert_eq!(string_field(&thrown, "code"), "closed");
    assert_eq!(string_field(&thrown, "message"), "the document is closed");
    assert_eq!(string_field(&field(&thrown, "constructor"), "name"), "TestError");
}

#[wasm_bindgen_test]
async fn an_observer_may_call_anything_and_events_keep_their_order() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let events = Rc::clone(&log);
    let handle = Rc::new(RefCell::new(0));
    let seen = Rc::clone(&handle);
    let listener = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        if string_field(&event, "type") != "change" {
            return;
        }
        let doc = *seen.borrow();
        let text = type_open(doc, &"text".into(), &"text".into()).unwrap();
        let length = text_length(doc, text).unwrap();
        events.borrow_mut().push(format!("enter {length}"));
        if length < 3 {
            text_insert(doc, text, f64::from(length), &"x".into(), &JsValue::UNDEFINED).unwrap();
            doc_commit(doc).unwrap();
            doc_status(doc).unwrap();
            doc_presence(doc).unwrap();
            doc_encode_update(doc, None).unwrap();
        }
        events.borrow_mut().push(format!("leave {length}"));
    });
    let offline = options([("connect", JsValue::FALSE)]);
    let doc = open_with(&offline, listener.as_ref().unchecked_ref::<Function>().clone()).unwrap();
    *handle.borrow_mut() = doc;
    let text = type_open(doc, &"text".into(), &"text".into()).unwrap();
    type_observe(doc, text).unwrap();
    text_insert(doc, text, 0.0, &"x".into(), &JsValue::UNDEFINED).unwrap();
    doc_commit(doc).unwrap();
    assert_eq!(*log.borrow(), ["enter 1", "leave 1", "enter 2", "leave 2", "enter 3", "leave 3"]);
    doc_close(doc).unwrap();
}

#[wasm_bindgen_test]
async fn a_document_may_be_closed_from_within_its_own_event() {
    let handle = Rc::new(RefCell::new(0));
    let seen = Rc::clone(&handle);
    let listener = Closure::<dyn Fn(JsValue)>::new(move |_| {
        let _ = doc_close(*seen.borrow());
    });
    let options = options([("WebSocket", fake_class().into())]);
    let doc = open_with(&options, listener.as_ref().unchecked_ref::<Function>().clone()).unwrap();
    *handle.borrow_mut() = doc;
    end_of_task().await;
    newest_socket().accept();
    assert_eq!(code_of(doc_status(doc)), "closed");
    assert_eq!(newest_socket().close_code(), Some(1000));
}

#[wasm_bindgen_test]
async fn a_listener_that_throws_is_reported_and_stops_nothing() {
    let reported = Array::new();
    let restore = replace_global("reportError", &recorder(&reported));
    let doc = open_with(&options([("WebSocket", fake_class().into())]), thrower()).unwrap();
    end_of_task().await;
    newest_socket().accept();
    newest_socket().receive_bytes(EMPTY_STEP_1);
    newest_socket().receive_bytes(EMPTY_STEP_2);
    restore.call0(&JsValue::UNDEFINED).unwrap();
    assert!(reported.length() > 0);
    assert_eq!(string_field(&reported.get(0), "message"), "thrown by the listener");
    assert_eq!(string_field(&doc_status(doc).unwrap(), "phase"), "synced");
    doc_close(doc).unwrap();
}

#[wasm_bindgen_test]
async fn a_socket_that_cannot_be_made_counts_as_a_failed_attempt() {
    let doc = Doc::open(&options([("WebSocket", broken_class().into())]));
    end_of_task().await;
    let status = doc_status(doc.handle).unwrap();
    assert_eq!(string_field(&status, "phase"), "waiting");
    assert_eq!(string_field(&field(&status, "reason"), "code"), "unreachable");
    doc.insert(0, "still works").unwrap();
}

#[wasm_bindgen_test]
async fn a_socket_that_dispatches_at_once_is_taken_in_order() {
    let (doc, socket) = Doc::synced_with(rash_class(), &[]).await;
    doc.insert(0, "echoed").unwrap();
    end_of_task().await;
    assert_eq!((doc.phase().as_str(), updates(&socket).len()), ("synced", 1));
    doc_disconnect(doc.handle).unwrap();
    end_of_task().await;
    assert_eq!((doc.phase().as_str(), socket.close_code()), ("disconnected", Some(1000)));
}

#[wasm_bindgen_test]
async fn an_edit_on_a_closing_socket_is_not_lost() {
    let (doc, socket) = Doc::synced().await;
    socket.set_ready_state(2);
    doc.insert(0, "kept").unwrap();
    end_of_task().await;
    assert_eq!(updates(&socket).len(), 0);
    socket.lose(1006, "");
    doc_reconnect(doc.handle).unwrap();
    end_of_task().await;
    let next = newest_socket();
    next.accept();
    next.take_sent();
    next.receive_bytes(EMPTY_STEP_1);
    let answer = frames(&next).into_iter().find(|frame| frame.starts_with(&[0, 1])).unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("kept"));
}

#[wasm_bindgen_test]
async fn a_lost_socket_is_replaced_when_the_timer_fires() {
    let (doc, socket) = Doc::synced_with(fake_class(), &[("backoffBase", 1.into()), ("backoffCap", 1.into())]).await;
    let replaced = next_socket();
    socket.lose(1006, "");
    assert_eq!(doc.phase(), "waiting");
    replaced.await.unwrap();
    newest_socket().accept();
    assert_eq!(doc.phase(), "handshaking");
}

#[wasm_bindgen_test]
async fn what_is_pending_is_sent_before_the_page_is_left_or_suspended() {
    for leave in [|| tell_document("freeze"), || tell_page("pagehide")] {
        let (doc, socket) = Doc::synced().await;
        doc.insert(0, "last words").unwrap();
        leave();
        assert_eq!(updates(&socket).len(), 1);
    }
}

#[wasm_bindgen_test]
async fn a_page_that_went_offline_asks_the_server_for_a_sign_of_life() {
    let (doc, socket) = Doc::synced().await;
    tell_page("offline");
    assert_eq!((doc.phase().as_str(), frames(&socket).len()), ("synced", 1));
}

#[wasm_bindgen_test]
async fn a_frame_that_is_too_large_or_no_frame_at_all_is_left_unread() {
    let too_large: JsValue = js_sys::ArrayBuffer::new(2048).into();
    let blob: JsValue = Reflect::construct(&global_class("Blob"), &Array::new()).unwrap();
    for (data, reason, code) in [
        (too_large, "frame-too-large", 4901),
        ("x".repeat(2048).into(), "frame-too-large", 4901),
        (blob, "bad-frame", 4900),
        (JsValue::NULL, "bad-frame", 4900),
    ] {
        let doc = Doc::open(&options([("WebSocket", fake_class().into()), ("maxFrameBytes", 1024.into())]));
        end_of_task().await;
        let socket = newest_socket();
        socket.accept();
        socket.receive(&data);
        let status = doc_status(doc.handle).unwrap();
        assert_eq!(string_field(&field(&status, "reason"), "code"), reason);
        assert_eq!(socket.close_code(), Some(code));
    }
}

#[wasm_bindgen_test]
async fn a_text_frame_is_told_and_passed_over() {
    let (doc, socket) = Doc::synced().await;
    socket.receive(&"welcome".into());
    let problems = doc.events_of("problem");
    assert_eq!((problems.len(), doc.phase().as_str()), (1, "synced"));
    assert_eq!(string_field(&problems[0], "code"), "text-frame");
}

#[wasm_bindgen_test]
async fn bytes_are_read_from_buffers_and_views() {
    for view in [false, true] {
        let (doc, socket) = Doc::synced().await;
        let frame = Uint8Array::from(update_frame(&update_that_says("hello")).as_slice());
        if view {
            socket.receive(&frame)
        } else {
            socket.receive(&frame.buffer())
        };
        assert_eq!(doc.content(), "hello");
    }
}

#[wasm_bindgen_test]
fn values_are_kept_exactly_or_refused() {
    let doc = Doc::offline();
    let map = type_open(doc.handle, &"map".into(), &"map".into()).unwrap();
    for value in kept_values().iter() {
        map_set(doc.handle, map, &"key".into(), &value).unwrap();
        doc_commit(doc.handle).unwrap();
        let read = map_get(doc.handle, map, &"key".into()).unwrap();
        assert!(is_same(&value, &read), "{value:?} became {read:?}");
    }
    for value in refused_values().iter() {
        assert_eq!(code_of(map_set(doc.handle, map, &"other".into(), &value)), "bad-value", "{value:?}");
    }
    assert!(!map_has(doc.handle, map, &"other".into()).unwrap());
}

#[wasm_bindgen_test]
fn keys_from_outside_never_touch_a_prototype() {
    let doc = Doc::offline();
    let map = type_open(doc.handle, &"map".into(), &"map".into()).unwrap();
    let value = js_sys::JSON::parse(r#"{"polluted":true}"#).unwrap();
    map_set(doc.handle, map, &"__proto__".into(), &value).unwrap();
    let json = map_to_json(doc.handle, map).unwrap();
    assert!(Object::keys(json.unchecked_ref::<Object>()).includes(&"__proto__".into(), 0));
    assert!(field(&json, "polluted").is_undefined());
}

#[wasm_bindgen_test]
async fn closing_says_goodbye_and_sends_what_is_pending() {
    let (doc, socket) = Doc::synced().await;
    doc_set_presence(doc.handle, &r#"{"name":"Ada"}"#.into()).unwrap();
    end_of_task().await;
    socket.take_sent();
    doc.insert(0, "last words").unwrap();
    doc_close(doc.handle).unwrap();
    let sent = frames(&socket);
    assert!(sent.iter().any(|frame| frame.starts_with(&[0, 2])));
    assert!(sent.iter().any(|frame| frame.starts_with(&[1]) && frame.ends_with(b"null")));
    assert_eq!(socket.close_code(), Some(1000));
}

#[wasm_bindgen_test]
async fn a_thousand_documents_leave_nothing_behind() {
    let sockets_before = open_sockets();
    let census = start_census();
    let mut memory_after_200 = 0;
    for round in 0..1000 {
        let (doc, _) = Doc::synced().await;
        doc.insert(0, "some text").unwrap();
        doc_set_presence(doc.handle, &"{}".into()).unwrap();
        if round % 2 == 0 {
            end_of_task().await;
        }
        doc_close(doc.handle).unwrap();
        if round == 199 {
            memory_after_200 = wasm_memory();
        }
    }
    end_of_task().await;
    census.end();
    assert_eq!((census.listeners(), census.timers(), open_sockets() - sockets_before), (0, 0, 0));
    assert_eq!(wasm_memory(), memory_after_200);
}

#[wasm_bindgen_test]
async fn hostile_updates_leave_the_document_usable() {
    let inputs: Json = serde_json::from_str(include_str!("hostile/updates.json")).unwrap();
    for input in inputs.as_array().unwrap() {
        let (doc, socket) = Doc::synced().await;
        if input["start"] == "document with content" {
            doc.insert(0, "content").unwrap();
            end_of_task().await;
        }
        for update in input["updates"].as_array().unwrap() {
            let bytes = from_hex(update.as_str().unwrap());
            match input["start"].as_str().unwrap() {
                "frame" => socket.receive_bytes(&bytes),
                "awareness" => socket.receive_bytes(&framed(&[1], &bytes)),
                _ => socket.receive_bytes(&update_frame(&bytes)),
            }
        }
        let usable = type_open(doc.handle, &"text".into(), &"usable".into()).unwrap();
        text_insert(doc.handle, usable, 0.0, &"hello".into(), &JsValue::UNDEFINED).unwrap();
        doc_commit(doc.handle).unwrap();
        assert_eq!(text_to_string(doc.handle, usable).unwrap(), "hello", "{}", input["what"]);
        assert!(!doc_encode_update(doc.handle, None).unwrap().is_empty(), "{}", input["what"]);
    }
}

#[wasm_bindgen_test]
fn the_closed_sets_are_complete() {
    let sets = closed_sets();
    for (name, member) in
        [("phases", "synced"), ("errors", "no-websocket"), ("reasons", "silent"), ("options", "closeCodes")]
    {
        assert!(field(&sets, name).unchecked_into::<Array>().includes(&member.into(), 0), "{name}");
    }
}

const EMPTY_STEP_1: &[u8] = &[0, 0, 1, 0];
const EMPTY_STEP_2: &[u8] = &[0, 1, 2, 0, 0];

fn open_with(options: &Object, listener: Function) -> Result<u32, Failure> {
    doc_open(&"ws://server.test".into(), &"room".into(), options, listener)
}

fn options<'a>(entries: impl IntoIterator<Item = (&'a str, JsValue)>) -> Object {
    let pairs: Array = entries.into_iter().map(|(name, value)| Array::of2(&name.into(), &value)).collect();
    Object::from_entries(&pairs).unwrap()
}

async fn end_of_task() {
    next_task().await.unwrap();
}

/// The update of a replica that has written `text` into the text "text".
fn update_that_says(text: &str) -> Vec<u8> {
    let doc = Doc::offline();
    doc.insert(0, text).unwrap();
    doc_encode_update(doc.handle, None).unwrap()
}

fn update_frame(update: &[u8]) -> Vec<u8> {
    framed(&[0, 2], update)
}

fn framed(head: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).unwrap();
    assert!(length < 128, "the length takes one byte");
    [head, &[length], body].concat()
}

fn frames(socket: &FakeSocket) -> Vec<Vec<u8>> {
    socket.take_sent().iter().map(|frame| frame.unchecked_into::<Uint8Array>().to_vec()).collect()
}

fn updates(socket: &FakeSocket) -> Vec<Vec<u8>> {
    frames(socket).into_iter().filter(|frame| frame.starts_with(&[0, 2])).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn code_of<T>(outcome: Result<T, Failure>) -> &'static str {
    outcome.map(drop).unwrap_err().code.name()
}

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn string_field(object: &JsValue, name: &str) -> String {
    field(object, name).as_string().unwrap_or_default()
}

fn global_class(name: &str) -> Function {
    field(&js_sys::global(), name).unchecked_into()
}

fn wasm_memory() -> u32 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory.buffer().unchecked_into::<js_sys::ArrayBuffer>().byte_length()
}
