//! Tests what may cross between JavaScript and the core, and how it is refused.

use crate::fixture::*;
use js_sys::{Array, Function, JsString, Object, Uint8Array};
use syncline::js::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

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
        let (handle, nobody) = (next_handle(), Function::new_no_args(""));
        let keeper = careless_keeper().unchecked_into();
        doc_open(handle, &url.into(), &"room".into(), &options, nobody, keeper, &JsValue::UNDEFINED)
            .and_then(|()| doc_close(handle))
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
        ("token", 5.into()),
        ("tokenIn", "cookie".into()),
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
    start(error_class(), JsValue::UNDEFINED);
    let thrown = JsValue::from(doc_status(0).unwrap_err());
    assert_eq!(string_field(&thrown, "code"), "closed");
    assert_eq!(string_field(&thrown, "message"), "the document is closed");
    assert_eq!(string_field(&field(&thrown, "constructor"), "name"), "TestError");
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
