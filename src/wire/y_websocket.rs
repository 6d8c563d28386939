//! Decides how y-websocket servers are spoken to: y-websocket 1 to 3 and `@y/websocket-server`, and what follows them
//! (pycrdt-websocket, y-sweet).
//!
//! A message is its type, then what the type says. Clients of version 4 put several messages into a frame, so several
//! are read. Since the address names the room, every route is [`Route::Only`].

use super::dialect::{
    Admission, Counterpart, Dialect, Greeting, Inbound, Messages, Pace, Policy, Probe, Proof, Route, Sharing,
};
use super::endpoint::{EndpointError, ServerUrl};
use super::error::DecodeError;
use super::message::Message;
use super::varint::{Reader, Writer};
use super::y_protocols::{self, AUTH, AWARENESS, QUERY_AWARENESS, SYNC};

/// The dialect of y-websocket.
#[derive(Clone, Copy, Debug)]
pub struct YWebsocket;

const AUTH_DENIED: u64 = 0;

/// How many messages one frame may hold. A message can be as short as one byte on the wire and takes some fifty in
/// memory, so that without this limit a frame could cost fifty times its size.
const MAX_MESSAGES: usize = 1024;

impl Dialect for YWebsocket {
    fn decode(&self, bytes: &[u8]) -> Result<Vec<Inbound>, DecodeError> {
        let mut reader = Reader::new(bytes);
        let mut messages = Vec::new();
        while !reader.is_empty() {
            if messages.len() == MAX_MESSAGES {
                return Err(DecodeError::TooMany { limit: MAX_MESSAGES });
            }
            let count = reader.remaining();
            let message = message(&mut reader)?;
            // Where an unknown message ends is unknown, so it is the whole frame; after others it is garbage.
            if matches!(message, Message::Unknown(_)) && !messages.is_empty() {
                return Err(DecodeError::TrailingBytes { count });
            }
            messages.push(Inbound { route: Route::Only, message });
        }
        Ok(messages)
    }

    /// The route says nothing here. Of a [`Message::Unknown`] only the type is written.
    fn encode(&self, _route: &Route, message: &Message) -> Vec<u8> {
        let mut writer = Writer::new();
        match message {
            Message::Denied(reason) => {
                writer.var_uint(AUTH);
                writer.var_uint(AUTH_DENIED);
                writer.string(reason);
            }
            Message::SyncStep1(_)
            | Message::SyncStep2(_)
            | Message::Update(_)
            | Message::Awareness(_)
            | Message::QueryAwareness
            | Message::Unknown(_) => y_protocols::write(&mut writer, message),
            // Of other dialects: `sync` says none of them where the policy does not call for it.
            Message::Token(_)
            | Message::TokenWanted
            | Message::Admitted(_)
            | Message::Receipt(_)
            | Message::Dismissed(_)
            | Message::Goodbye
            | Message::Stateless(_)
            | Message::Marker(_)
            | Message::Ping
            | Message::Pong => {}
        }
        writer.into_vec()
    }

    /// `<server>/<room>?<params>`, as the JavaScript client builds it: see [`ServerUrl::room`].
    fn endpoint(&self, server: &str, room: &str, params: &[(String, String)]) -> Result<String, EndpointError> {
        ServerUrl::parse(server)?.room(room, params)
    }

    fn route(&self, _room: &str) -> Route {
        Route::Only
    }

    fn policy(&self) -> Policy {
        Policy {
            admission: Admission::Open,
            proof: Proof::Echo,
            first_probe: Probe::RenewPresence,
            second_probe: Probe::AskState,
            sharing: Sharing::Alone,
            counterpart: Counterpart::Server,
            greeting: Greeting::Expected,
            messages: Messages::None,
            pace: Pace::Lively,
        }
    }
}

fn message(reader: &mut Reader<'_>) -> Result<Message, DecodeError> {
    match reader.var_uint()? {
        SYNC => y_protocols::read_sync(SYNC, reader),
        AWARENESS => y_protocols::read_awareness(reader),
        AUTH => match reader.var_uint()? {
            AUTH_DENIED => Ok(Message::Denied(reader.string()?.to_owned())),
            subtype => Err(DecodeError::UnknownSubtype { kind: AUTH, subtype }),
        },
        QUERY_AWARENESS => Ok(Message::QueryAwareness),
        kind => Ok(y_protocols::read_unknown(kind, reader)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::varint::MAX_VAR_UINT;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Result<Vec<Message>, DecodeError> {
        let inbound = YWebsocket.decode(bytes)?;
        assert!(inbound.iter().all(|inbound| inbound.route == Route::Only));
        Ok(inbound.into_iter().map(|inbound| inbound.message).collect())
    }

    fn encode(message: &Message) -> Vec<u8> {
        YWebsocket.encode(&Route::Only, message)
    }

    #[test]
    fn messages_have_the_bytes_of_the_protocol() {
        let cases: [(&[u8], Message); 7] = [
            (&[0, 0, 1, 0], Message::SyncStep1(vec![0])),
            (&[0, 1, 2, 0, 0], Message::SyncStep2(vec![0, 0])),
            (&[0, 2, 2, 0, 0], Message::Update(vec![0, 0])),
            (&[1, 1, 0], Message::Awareness(vec![0])),
            (&[2, 0, 2, b'n', b'o'], Message::Denied("no".to_owned())),
            (&[3], Message::QueryAwareness),
            (&[102], Message::Unknown(102)),
        ];
        for (bytes, message) in cases {
            assert_eq!(encode(&message), bytes);
            assert_eq!(decode(bytes), Ok(vec![message]));
        }
    }

    #[test]
    fn several_messages_in_one_frame_are_read_in_order() {
        let expected = vec![Message::SyncStep1(vec![0]), Message::QueryAwareness, Message::Awareness(vec![0])];
        assert_eq!(decode(&[0, 0, 1, 0, 3, 1, 1, 0]), Ok(expected));
    }

    #[test]
    fn a_message_of_an_unknown_type_is_the_whole_frame() {
        assert_eq!(decode(&[102, 1, 1, 7, 0xff]), Ok(vec![Message::Unknown(102)]));
        assert_eq!(decode(&[3, 102, 1]), Err(DecodeError::TrailingBytes { count: 2 }));
    }

    #[test]
    fn bytes_that_are_not_this_dialect_are_refused_each_for_its_reason() {
        assert_eq!(decode(&[0, 3, 1, 0]), Err(DecodeError::UnknownSubtype { kind: 0, subtype: 3 }));
        assert_eq!(decode(&[2, 1, 0]), Err(DecodeError::UnknownSubtype { kind: 2, subtype: 1 }));
        assert_eq!(decode(&[2, 0, 1, 0xff]), Err(DecodeError::InvalidUtf8));
        assert_eq!(decode(&[0, 0, 1, 0, 0x80]), Err(DecodeError::Truncated));
        assert_eq!(decode(&[0xff; 9]), Err(DecodeError::Overflow));
    }

    #[test]
    fn a_length_that_wraps_on_32_bits_is_refused() {
        assert_eq!(decode(&[1, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(DecodeError::Truncated));
        assert_eq!(decode(&[0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(DecodeError::Truncated));
    }

    #[test]
    fn the_limit_is_the_last_number_of_messages_accepted() {
        assert!(decode(&[3; MAX_MESSAGES]).is_ok());
        assert_eq!(decode(&[3; MAX_MESSAGES + 1]), Err(DecodeError::TooMany { limit: MAX_MESSAGES }));
    }

    fn any_message() -> impl Strategy<Value = Message> {
        prop_oneof![
            any::<Vec<u8>>().prop_map(Message::SyncStep1),
            any::<Vec<u8>>().prop_map(Message::SyncStep2),
            any::<Vec<u8>>().prop_map(Message::Update),
            any::<Vec<u8>>().prop_map(Message::Awareness),
            any::<String>().prop_map(Message::Denied),
            Just(Message::QueryAwareness),
            (4..=MAX_VAR_UINT).prop_map(Message::Unknown),
        ]
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(message in any_message()) {
            prop_assert_eq!(decode(&encode(&message)), Ok(vec![message]));
        }

        #[test]
        fn every_strict_prefix_is_refused(message in any_message()) {
            let bytes = encode(&message);
            for len in 1..bytes.len() {
                prop_assert_eq!(decode(&bytes[..len]), Err(DecodeError::Truncated));
            }
        }

        #[test]
        fn arbitrary_bytes_are_decoded_or_refused(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }

        /// Small numbers are types and subtypes, so that these get further into the decoder than arbitrary bytes.
        #[test]
        fn almost_valid_bytes_are_decoded_or_refused(bytes in prop::collection::vec(0_u8..5, 0..64)) {
            if let Ok(messages) = decode(&bytes) {
                prop_assert!(messages.len() <= bytes.len());
            }
        }
    }
}
