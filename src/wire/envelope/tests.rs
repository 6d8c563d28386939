//! What an envelope looks like, how large it is, and what is refused.

use super::*;
use crate::wire::pieces::Pieces;
use proptest::prelude::*;

const LIMIT: usize = 64 << 20;

fn written(room: &str, bytes: &[u8]) -> Vec<String> {
    let mut frames = Vec::new();
    write(room, bytes, || "7-1".to_owned(), &mut |frame| match frame {
        Frame::Text(text) => frames.push(text),
        Frame::Binary(_) => panic!("an envelope is text"),
    });
    frames
}

/// What `frames` of `room` carry, in whatever order they come.
fn read<'a>(room: &str, frames: impl IntoIterator<Item = &'a String>) -> Vec<Vec<u8>> {
    let mut pieces = Pieces::default();
    let mut messages = Vec::new();
    for frame in frames {
        let envelope = Envelope::read(frame).unwrap();
        assert_eq!(envelope.route, Route::Named(room.to_owned()));
        let bytes = envelope.bytes().unwrap();
        messages.extend(match envelope.piece().unwrap() {
            None => Some(bytes),
            Some(piece) => pieces.take_in(piece, bytes, LIMIT).unwrap(),
        });
    }
    messages
}

fn refused(text: &str) -> DecodeError {
    let envelope = match Envelope::read(text) {
        Ok(envelope) => envelope,
        Err(error) => return error,
    };
    envelope.piece().and_then(|_| envelope.bytes()).expect_err(text)
}

#[test]
fn a_message_is_one_frame_as_long_as_it_fits() {
    assert_eq!(written("notes", b"foob"), [r#"{"action":"sync","room":"notes","data":"Zm9vYg=="}"#]);
    let overhead = r#"{"action":"sync","room":"notes","data":""}"#.len();
    let largest = (MAX_FRAME - overhead) / 4 * 3;
    assert_eq!(written("notes", &vec![1; largest]).len(), 1);
    assert_eq!(written("notes", &vec![1; largest + 1]).len(), 2);
}

#[test]
fn pieces_say_which_they_are() {
    let frames = written("notes", &[0; 50_000]);
    assert_eq!(frames.len(), 3);
    for (part, frame) in frames.iter().enumerate() {
        let head = format!(r#"{{"action":"sync","room":"notes","id":"7-1","part":{part},"parts":3,"data":"AAAA"#);
        assert!(frame.starts_with(&head), "{frame}");
    }
}

#[test]
fn a_megabyte_takes_frames_of_which_none_is_too_large() {
    let bytes: Vec<u8> = (0..1 << 20_u32).map(|at: u32| at.to_le_bytes()[at as usize % 3]).collect();
    let longest_room = "\u{1}".repeat((MAX_ROOM - 2) / 6);
    for room in ["r", &longest_room] {
        assert_eq!(check_room(room), Ok(()));
        let frames = written(room, &bytes);
        assert!(frames.iter().all(|frame| frame.len() <= MAX_FRAME));
        assert!(frames.len() <= 47, "{} frames", frames.len());
        assert!(frames[0].len() > MAX_FRAME - 20, "{} bytes", frames[0].len());
        assert!(read(room, frames.iter().rev()) == [bytes.as_slice()]);
    }
}

#[test]
fn rooms_may_have_any_characters() {
    for room in ["a\"b\\c", "🦀 é", "\u{0}\n\t\u{1f}\u{7f}", "</script>", ""] {
        let frames = written(room, b"x");
        let parsed: serde_json::Value = serde_json::from_str(&frames[0]).unwrap();
        assert_eq!(parsed["room"], room);
        assert_eq!(read(room, &frames), [b"x"]);
    }
}

#[test]
fn members_may_stand_in_any_order_and_others_are_ignored() {
    let spaced = "{ \"x\": [1, {\"room\": 2}], \"data\" : \"Zm9v\",\n\"room\":\"\\u0072\" }";
    assert_eq!(read("r", [&spaced.to_owned()]), [b"foo"]);
    let escaped = r#"{"room":"r","data":"\/w=="}"#.to_owned();
    assert_eq!(read("r", [&escaped]), [[0xff]]);
}

#[test]
fn what_is_no_message_is_told_from_one_that_is_broken() {
    let foreign = [
        "",
        "hello",
        "[]",
        "5",
        r#"{"message":"Internal server error","connectionId":"x","requestId":"y"}"#,
        r#"{"room":"r"}"#,
        r#"{"data":"Zm9v"}"#,
        r#"{"room":5,"data":"Zm9v"}"#,
        r#"{"room":"r","data":null}"#,
    ];
    for text in foreign {
        assert_eq!(refused(text), DecodeError::ForeignText, "{text}");
    }
    assert_eq!(refused(r#"{"room":"r","data":"Zm9v""#), DecodeError::InvalidJson);
    assert_eq!(refused(r#"{"room":"r","data":""}"#), DecodeError::Empty);
    let invalid = [
        (r#""data":"Zm9""#, "data"),
        (r#""data":"Zm9v","id":"a""#, "id"),
        (r#""data":"Zm9v","part":0,"parts":1"#, "id"),
        (r#""data":"Zm9v","id":5,"part":0,"parts":1"#, "id"),
        (r#""data":"Zm9v","id":"a","part":-1,"parts":1"#, "part"),
        (r#""data":"Zm9v","id":"a","part":"0","parts":1"#, "part"),
        (r#""data":"Zm9v","id":"a","part":0,"parts":1.5"#, "parts"),
        (r#""data":"Zm9v","id":"a","part":0,"parts":99999999999999999999"#, "parts"),
    ];
    for (members, member) in invalid {
        assert_eq!(
            refused(&format!(r#"{{"room":"r",{members}}}"#)),
            DecodeError::InvalidEnvelope { member },
            "{members}"
        );
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_any_order(
        room in ".{0,20}",
        bytes in prop::collection::vec(any::<u8>(), 1..100_000),
        order: u64,
    ) {
        let mut frames = written(&room, &bytes);
        prop_assert!(frames.iter().all(|frame| frame.len() <= MAX_FRAME));
        for frame in &frames {
            prop_assert!(serde_json::from_str::<serde_json::Value>(frame).is_ok());
        }
        frames.sort_by_key(|frame| order.rotate_left(frame.bytes().map(u32::from).sum::<u32>() % 64));
        prop_assert_eq!(read(&room, &frames), vec![bytes]);
    }

    #[test]
    fn every_strict_prefix_is_refused(room in ".{0,9}", bytes in prop::collection::vec(any::<u8>(), 1..60)) {
        let frame = written(&room, &bytes).remove(0);
        for prefix in (0..frame.len()).filter_map(|len| frame.get(..len)) {
            prop_assert!(Envelope::read(prefix).is_err());
        }
    }

    #[test]
    fn arbitrary_text_is_read_or_refused(text: String) {
        let _ = Envelope::read(&text);
    }

    /// What has the members gets further than arbitrary text.
    #[test]
    fn almost_valid_text_is_read_or_refused(values in prop::collection::vec("[0-9\"\\\\a=/{}\\[\\],:-]{0,6}", 5)) {
        let [room, id, part, parts, data] = values.as_slice() else { panic!("five were asked for") };
        let text = format!(r#"{{"room":"{room}","id":"{id}","part":{part},"parts":{parts},"data":"{data}"}}"#);
        if let Ok(envelope) = Envelope::read(&text) {
            let _ = (envelope.piece(), envelope.bytes());
        }
    }
}
