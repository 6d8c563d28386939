//! Tests what sockets, timers and the page may do to a document.

use crate::fixture::*;
use js_sys::{Array, Reflect};
use serde_json::Value as Json;
use syncline::js::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

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
        doc_set_presence(doc.handle, &"{}".into()).unwrap();
        leave();
        let sent = frames(&socket);
        assert!(sent.iter().any(|frame| frame.starts_with(&[0, 2])));
        assert!(sent.iter().any(|frame| frame.starts_with(&[1]) && frame.ends_with(b"null")));
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
async fn hostile_updates_leave_the_document_usable() {
    let inputs: Json = serde_json::from_str(include_str!("../hostile/updates.json")).unwrap();
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
