//! What the real y-websocket server and client put on the wire is read as they mean it, and written as they write it.
//!
//! The fixtures are made by `tests/golden/capture.mjs`.

#![cfg(not(target_family = "wasm"))]
// Clippy allows these in test functions, not in the helpers beside them.
#![expect(clippy::unwrap_used, clippy::panic, clippy::string_slice)]

use serde_json::Value;
use syncline::ids::ClientId;
use syncline::wire::{AwarenessEntry, Message, Protocol, Route, awareness};

fn fixture(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no string '{field}' in {value}"))
}

fn bytes(value: &Value, field: &str) -> Vec<u8> {
    let digits = text(value, field);
    assert!(digits.len().is_multiple_of(2), "half a byte in {value}");
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The message that lib0 read, as the fixture describes it.
fn described_message(described: &Value) -> Message {
    match text(described, "message") {
        "SyncStep1" => Message::SyncStep1(bytes(described, "payload")),
        "SyncStep2" => Message::SyncStep2(bytes(described, "payload")),
        "Update" => Message::Update(bytes(described, "payload")),
        "Awareness" => Message::Awareness(bytes(described, "payload")),
        "Denied" => Message::Denied(text(described, "reason").to_owned()),
        "QueryAwareness" => Message::QueryAwareness,
        other => panic!("the fixture names a message '{other}'"),
    }
}

fn described_entry(described: &Value) -> AwarenessEntry {
    AwarenessEntry {
        client: ClientId(described["client"].as_u64().unwrap()),
        clock: described["clock"].as_u64().unwrap(),
        state: described["state"].as_str().map(str::to_owned).into(),
    }
}

#[test]
fn every_captured_frame_is_read_as_lib0_reads_it_and_written_back_byte_for_byte() {
    let dialect = Protocol::YWebsocket.dialect();
    let captured = fixture(include_str!("golden/y-websocket.json"));
    assert!(captured.len() > 30, "the fixture is not complete");
    for frame in &captured {
        let wire = bytes(frame, "hex");
        let described: Vec<Message> = frame["decoded"].as_array().unwrap().iter().map(described_message).collect();

        let inbound = dialect.decode(&wire).unwrap();
        let written = inbound.iter().map(|inbound| dialect.encode(&inbound.route, &inbound.message));
        let rewritten: Vec<u8> = written.flatten().collect();

        assert!(inbound.iter().all(|inbound| inbound.route == Route::Only), "{frame}");
        let read: Vec<Message> = inbound.into_iter().map(|inbound| inbound.message).collect();
        assert_eq!(read, described, "{frame}");
        assert_eq!(rewritten, wire, "{frame}");
    }
}

#[test]
fn every_captured_awareness_update_is_read_as_lib0_reads_it_and_written_back_byte_for_byte() {
    let captured = fixture(include_str!("golden/y-websocket.json"));
    let messages = captured.iter().flat_map(|frame| frame["decoded"].as_array().unwrap());
    let mut seen = 0;
    for message in messages.filter(|message| message["message"] == "Awareness") {
        let update = bytes(message, "payload");
        let described: Vec<AwarenessEntry> =
            message["entries"].as_array().unwrap().iter().map(described_entry).collect();

        let entries = awareness::decode(&update).unwrap();

        assert_eq!(entries, described);
        assert_eq!(awareness::encode(&entries), update);
        seen += 1;
    }
    assert!(seen > 8, "the fixture is not complete");
}

#[test]
fn every_strict_prefix_of_a_captured_message_is_refused() {
    let dialect = Protocol::YWebsocket.dialect();
    let captured = fixture(include_str!("golden/y-websocket.json"));
    for frame in captured.iter().filter(|frame| frame["decoded"].as_array().unwrap().len() == 1) {
        let wire = bytes(frame, "hex");
        for len in 0..wire.len() {
            let is_refused = dialect.decode(&wire[..len]).map_or(true, |messages| messages.is_empty());
            assert!(is_refused, "{len} bytes of {frame} were accepted");
        }
    }
}

#[test]
fn addresses_are_those_that_the_npm_client_opens() {
    let dialect = Protocol::YWebsocket.dialect();
    for case in fixture(include_str!("golden/endpoints.json")) {
        let pairs = case["params"].as_array().unwrap();
        let params: Vec<(String, String)> =
            pairs.iter().map(|pair| serde_json::from_value(pair.clone()).unwrap()).collect();
        let address = dialect.endpoint(text(&case, "server"), text(&case, "room"), &params);
        assert_eq!(address.as_deref(), Ok(text(&case, "url")), "{case}");
    }
}
