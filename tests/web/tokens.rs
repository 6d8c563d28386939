//! Tests how a token function is called and how a token reaches a socket.

use crate::fixture::*;
use js_sys::{Array, Function};
use std::cell::RefCell;
use std::rc::Rc;
use syncline::browser::TokenFunction;
use syncline::clock::Duration;
use syncline::credential::{Answer, Carrier, Secret};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// What comes of asking a function with this body.
async fn ask(body: &str, carrier: Carrier) -> Result<Answer, String> {
    let answers = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&answers);
    TokenFunction::new(Function::new_no_args(body)).ask(carrier, move |answer| heard.borrow_mut().push(answer));
    assert_eq!(answers.borrow().len(), 0, "the answer came before the question was asked");
    end_of_task().await;
    let mut answers = answers.take();
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn answer(token: &str, expires_in: Option<u64>) -> Result<Answer, String> {
    Ok(Answer { token: Secret::new(token.to_owned()), expires_in: expires_in.map(Duration::from_millis) })
}

#[wasm_bindgen_test]
async fn an_answer_is_read_with_its_lifetime() {
    for (body, read) in [
        ("return Promise.resolve({ token: 'abc' })", answer("abc", None)),
        ("return { token: 'abc', expiresIn: 1500 }", answer("abc", Some(1500))),
        ("return { token: 'abc', expiresIn: 0 }", answer("abc", Some(0))),
        ("return { token: 'abc', expiresIn: -1 }", answer("abc", Some(0))),
        ("return { token: 'abc', expiresIn: 1e300 }", answer("abc", Some(u64::MAX))),
    ] {
        assert_eq!(ask(body, Carrier::Query).await, read, "{body}");
    }
}

#[wasm_bindgen_test]
async fn what_is_thrown_or_rejected_with_is_told_as_text() {
    for (body, told) in [
        ("throw new Error('offline')", "offline"),
        ("return Promise.reject(new TypeError('offline'))", "offline"),
        ("return Promise.reject('offline')", "offline"),
        ("return Promise.reject()", "the token function failed"),
        ("throw { message: 5 }", "the token function failed"),
        ("return undefined", "the token function gave no token"),
        ("return { token: '' }", "the token function gave no token"),
        ("return { then() { throw new Error('offline') } }", "offline"),
    ] {
        assert_eq!(ask(body, Carrier::Message).await, Err(told.to_owned()), "{body}");
    }
}

#[wasm_bindgen_test]
async fn a_token_that_cannot_be_a_subprotocol_is_not_sent_as_one() {
    let asked = ask("return { token: 'a b' }", Carrier::Subprotocol).await.unwrap_err();
    assert!(asked.contains("subprotocol") && !asked.contains("a b"), "{asked}");
    assert_eq!(ask("return { token: 'a.b' }", Carrier::Subprotocol).await, answer("a.b", None));
}

#[wasm_bindgen_test]
async fn a_token_stands_in_the_query_or_last_among_the_subprotocols() {
    for (more, url, protocols) in [
        (vec![], "ws://server.test/room?token=a%2Fb", ""),
        (vec![("tokenIn", "query".into())], "ws://server.test/room?token=a%2Fb", ""),
        (vec![("protocol", "hocuspocus".into())], "ws://server.test", ""),
        (vec![("tokenIn", "protocol".into()), ("token", "a.b".into())], "ws://server.test/room", "syncline,a.b"),
        (vec![("tokenIn", "protocol".into()), ("token", "".into())], "ws://server.test/room", ""),
        (
            vec![
                ("tokenIn", "protocol".into()),
                ("token", "a.b".into()),
                ("protocols", Array::of1(&"x".into()).into()),
            ],
            "ws://server.test/room",
            "x,a.b",
        ),
    ] {
        let given = [("WebSocket", fake_class().into()), ("token", "a/b".into())].into_iter().chain(more);
        let _doc = Doc::open(&options(given));
        end_of_task().await;
        let socket = newest_socket();
        assert_eq!(
            (socket.url().as_str(), socket.protocols().join(",").as_string().unwrap().as_str()),
            (url, protocols)
        );
    }
}

#[wasm_bindgen_test]
async fn what_a_class_says_about_a_socket_it_cannot_make_is_told_without_the_token() {
    let doc = Doc::open(&options([("WebSocket", quoting_class().into()), ("token", "hunter 22".into())]));
    end_of_task().await;
    let told = js_sys::JSON::stringify(&doc.events).unwrap().as_string().unwrap();
    assert!(told.contains("waiting") && !told.contains("hunter"), "{told}");
}

#[wasm_bindgen_test]
fn a_token_that_cannot_travel_where_it_should_is_refused_without_being_shown() {
    let attempt = |more: [(&str, JsValue); 2]| {
        let token = ("token", JsValue::from("hunter 22"));
        let options = options([token, ("connect", JsValue::FALSE)].into_iter().chain(more));
        open_with(&options, Function::new_no_args("")).unwrap_err()
    };
    for refused in [
        attempt([("tokenIn", "protocol".into()), ("tabs", JsValue::FALSE)]),
        attempt([("tokenIn", "query".into()), ("protocol", "hocuspocus".into())]),
    ] {
        assert!(refused.code.name() == "bad-option" && !refused.message.contains("hunter"), "{refused:?}");
    }
}
