//! Tests what a document has to do with the device and with other documents of its name: IndexedDB, a lock and a channel.

use crate::fixture::*;
use js_sys::{Array, Object};
use syncline::js::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// Waits for news of the disk or another document, which come as tasks.
async fn until(mut condition: impl FnMut() -> bool) {
    for _ in 0..100_000 {
        if condition() {
            return;
        }
        end_of_task().await;
    }
    panic!("it did not come to that");
}

fn stored(scope: &str) -> Doc {
    let store = ("store", JsValue::TRUE);
    Doc::open(&options([("connect", JsValue::FALSE), store, ("scope", scope.into())]))
}

fn count(doc: &Doc, field_name: &str) -> Option<f64> {
    field(&doc_status(doc.handle).unwrap(), field_name).as_f64()
}

#[wasm_bindgen_test]
async fn what_one_document_stored_the_next_one_has_until_it_is_forgotten() {
    let first = stored("device");
    until(|| !first.events_of("opened").is_empty()).await;
    first.insert(0, "kept").unwrap();
    assert_eq!(count(&first, "unstored"), Some(4.0));
    until(|| count(&first, "unstored") == Some(0.0)).await;
    drop(first);

    let second = stored("device");
    until(|| !second.events_of("opened").is_empty()).await;
    assert_eq!((second.content().as_str(), count(&second, "unsynced")), ("kept", Some(4.0)));
    let list: Array = list_stored(&"device".into()).unwrap().await.unwrap().unchecked_into();
    assert_eq!((list.length(), string_field(&list.get(0), "name").as_str()), (1, "ws://server.test/room"));

    doc_forget(second.handle).unwrap();
    let store_phase = || string_field(&field(&doc_status(second.handle).unwrap(), "store"), "phase");
    until(|| store_phase() == "forgotten").await;
    let list: Array = list_stored(&"device".into()).unwrap().await.unwrap().unchecked_into();
    assert_eq!((list.length(), second.content().as_str()), (0, "kept"));
}

#[wasm_bindgen_test]
async fn of_two_documents_of_one_name_one_has_a_socket_and_both_have_the_edits() {
    let before = open_sockets();
    let shared = |scope: &str| {
        let class = ("WebSocket", fake_class().into());
        Doc::open(&options([class, ("tabs", JsValue::TRUE), ("scope", scope.into())]))
    };
    let leader = shared("tabs");
    until(|| open_sockets() == before + 1).await;
    let socket = newest_socket();
    socket.accept();
    socket.receive_bytes(EMPTY_STEP_1);
    socket.receive_bytes(EMPTY_STEP_2);
    let follower = shared("tabs");
    until(|| follower.phase() == "synced").await;
    socket.take_sent();

    follower.insert(0, "from the follower").unwrap();
    until(|| leader.content() == "from the follower").await;
    assert_eq!((updates(&socket).len(), open_sockets()), (1, before + 1));
    drop(leader);
    until(|| open_sockets() == before + 1 && !Object::is(&newest_socket().into(), &socket)).await;
    assert_eq!(follower.content(), "from the follower");
}
