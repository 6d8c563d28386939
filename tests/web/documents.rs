//! Tests how a document is opened, edited, observed and ended.

use crate::fixture::*;
use js_sys::Array;
use std::cell::RefCell;
use std::rc::Rc;
use syncline::js::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

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
    let doc = open_with(&offline, crate::fixture::listener(listener.as_ref().unchecked_ref())).unwrap();
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
    let doc = open_with(&options, crate::fixture::listener(listener.as_ref().unchecked_ref())).unwrap();
    *handle.borrow_mut() = doc;
    end_of_task().await;
    newest_socket().accept();
    assert_eq!(code_of(doc_status(doc)), "closed");
    assert_eq!(newest_socket().close_code(), Some(1000));
}

#[wasm_bindgen_test]
async fn a_listener_that_throws_is_reported_and_stops_nothing() {
    let reported = Array::new();
    let restore = replace_global("reportError", &collector(&reported));
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
