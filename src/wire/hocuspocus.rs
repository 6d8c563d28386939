//! Decides how Hocuspocus servers are spoken to: several documents over one socket, each named in every frame.
//!
//! What is said is one message: the name of the document, the type of the message, then what the type says. Each document has to be
//! authenticated; each of our updates is acknowledged.

use super::dialect::{
    Admission, Counterpart, Dialect, Greeting, Inbound, Messages, Pace, Policy, Probe, Proof, Route, Sharing,
};
use super::endpoint::{EndpointError, ServerUrl};
use super::error::DecodeError;
use super::message::{Access, Message, Receipt};
use super::varint::{Reader, Writer};
use super::y_protocols::{self, AUTH, AWARENESS, QUERY_AWARENESS, SYNC};

/// The dialect of Hocuspocus 4.
#[derive(Clone, Copy, Debug)]
pub struct Hocuspocus;

const AUTH_TOKEN: u64 = 0;
const AUTH_DENIED: u64 = 1;
const AUTH_GRANTED: u64 = 2;
const SYNC_REPLY: u64 = 4;
const STATELESS: u64 = 5;
const CLOSE: u64 = 7;
const SYNC_STATUS: u64 = 8;

/// This one byte belongs to the connection, not to a document.
const PING: &[u8] = &[9];
const PONG: &[u8] = &[10];

/// Servers look at the version of the provider that they are spoken to by; this is the one whose wire format we speak.
const PROVIDER_VERSION: &str = "4.8.0";

/// What the server calls an access that takes no edits.
const READ_ONLY: &str = "readonly";

impl Dialect for Hocuspocus {
    fn decode(&self, bytes: &[u8]) -> Result<Vec<Inbound>, DecodeError> {
        match bytes {
            PING => return Ok(vec![Inbound { route: Route::Only, message: Message::Ping }]),
            PONG => return Ok(Vec::new()),
            _ => {}
        }
        let mut reader = Reader::new(bytes);
        let name = reader.string()?.to_owned();
        let message = message(&mut reader)?;
        reader.finish()?;
        Ok(vec![Inbound { route: Route::Named(name), message }])
    }

    /// Of a [`Message::Unknown`] only the type is written.
    fn encode(&self, route: &Route, message: &Message) -> Vec<u8> {
        if *message == Message::Pong {
            return PONG.to_vec();
        }
        let mut writer = Writer::new();
        match route {
            Route::Only => writer.string(""),
            Route::Named(name) => writer.string(name),
        }
        write(&mut writer, message);
        writer.into_vec()
    }

    /// The address of the server: documents are named in the frames.
    fn endpoint(&self, server: &str, _room: &str, params: &[(String, String)]) -> Result<String, EndpointError> {
        Ok(ServerUrl::parse(server)?.alone(params))
    }

    fn route(&self, room: &str) -> Route {
        Route::Named(room.to_owned())
    }

    fn policy(&self) -> Policy {
        Policy {
            admission: Admission::Token,
            proof: Proof::Receipts,
            first_probe: Probe::RenewPresence,
            second_probe: Probe::AskState,
            sharing: Sharing::Together,
            counterpart: Counterpart::Server,
            greeting: Greeting::None,
            messages: Messages::Carried,
            pace: Pace::Lively,
        }
    }
}

fn write(writer: &mut Writer, message: &Message) {
    match message {
        Message::Token(token) => {
            writer.var_uint(AUTH);
            writer.var_uint(AUTH_TOKEN);
            writer.string(token);
            writer.string(PROVIDER_VERSION);
        }
        Message::TokenWanted => auth(writer, AUTH_TOKEN),
        Message::Denied(reason) => {
            auth(writer, AUTH_DENIED);
            writer.string(reason);
        }
        Message::Admitted(access) => {
            auth(writer, AUTH_GRANTED);
            writer.string(match access {
                Access::ReadWrite => "read-write",
                Access::ReadOnly => READ_ONLY,
            });
        }
        Message::Stateless(text) => {
            writer.var_uint(STATELESS);
            writer.string(text);
        }
        Message::Receipt(receipt) => {
            writer.var_uint(SYNC_STATUS);
            writer.var_uint(u64::from(*receipt == Receipt::Applied));
        }
        Message::Dismissed(reason) => {
            writer.var_uint(CLOSE);
            writer.string(reason);
        }
        Message::Goodbye => writer.var_uint(CLOSE),
        Message::SyncStep1(_)
        | Message::SyncStep2(_)
        | Message::Update(_)
        | Message::Awareness(_)
        | Message::QueryAwareness
        | Message::Unknown(_) => y_protocols::write(writer, message),
        // Of the connection, or of another dialect.
        Message::Ping | Message::Pong | Message::Marker(_) => {}
    }
}

fn auth(writer: &mut Writer, subtype: u64) {
    writer.var_uint(AUTH);
    writer.var_uint(subtype);
}

fn message(reader: &mut Reader<'_>) -> Result<Message, DecodeError> {
    match reader.var_uint()? {
        kind @ (SYNC | SYNC_REPLY) => y_protocols::read_sync(kind, reader),
        AWARENESS => y_protocols::read_awareness(reader),
        AUTH => match reader.var_uint()? {
            AUTH_TOKEN => Ok(token(reader)?),
            AUTH_DENIED => Ok(Message::Denied(reader.string()?.to_owned())),
            AUTH_GRANTED => Ok(Message::Admitted(match reader.string()? {
                READ_ONLY => Access::ReadOnly,
                _ => Access::ReadWrite,
            })),
            subtype => Err(DecodeError::UnknownSubtype { kind: AUTH, subtype }),
        },
        QUERY_AWARENESS => Ok(Message::QueryAwareness),
        STATELESS => Ok(Message::Stateless(reader.string()?.to_owned())),
        // From a server with its reason, from a client without.
        CLOSE if reader.is_empty() => Ok(Message::Goodbye),
        CLOSE => Ok(Message::Dismissed(reader.string()?.to_owned())),
        SYNC_STATUS => Ok(Message::Receipt(match reader.var_uint()? {
            1 => Receipt::Applied,
            _ => Receipt::Refused,
        })),
        kind => Ok(y_protocols::read_unknown(kind, reader)),
    }
}

/// From a client with a token and its version, from a server with nothing: a question.
fn token(reader: &mut Reader<'_>) -> Result<Message, DecodeError> {
    if reader.is_empty() {
        return Ok(Message::TokenWanted);
    }
    let token = reader.string()?.to_owned();
    if !reader.is_empty() {
        reader.string()?;
    }
    Ok(Message::Token(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn route() -> Route {
        Route::Named("doc1".to_owned())
    }

    fn decode(bytes: &[u8]) -> Result<Vec<Inbound>, DecodeError> {
        Hocuspocus.decode(bytes)
    }

    fn encode(message: &Message) -> Vec<u8> {
        Hocuspocus.encode(&route(), message)
    }

    fn messages() -> impl Strategy<Value = Message> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..40);
        prop_oneof![
            bytes().prop_map(Message::SyncStep1),
            bytes().prop_map(Message::SyncStep2),
            bytes().prop_map(Message::Update),
            bytes().prop_map(Message::Awareness),
            ".{0,20}".prop_map(Message::Token),
            Just(Message::TokenWanted),
            ".{0,20}".prop_map(Message::Denied),
            Just(Message::Admitted(Access::ReadOnly)),
            Just(Message::Admitted(Access::ReadWrite)),
            Just(Message::QueryAwareness),
            ".{0,20}".prop_map(Message::Stateless),
            Just(Message::Receipt(Receipt::Applied)),
            Just(Message::Receipt(Receipt::Refused)),
            ".{0,20}".prop_map(Message::Dismissed),
            Just(Message::Goodbye),
        ]
    }

    #[test]
    fn a_token_and_a_receipt_have_the_captured_bytes() {
        let token = [4, b'd', b'o', b'c', b'1', 2, 0, 2, b'o', b'k', 5, b'4', b'.', b'8', b'.', b'0'];
        assert_eq!(encode(&Message::Token("ok".to_owned())), token);
        let receipt = [4, b'd', b'o', b'c', b'1', 8, 1];
        let message = Message::Receipt(Receipt::Applied);
        assert_eq!(decode(&receipt), Ok(vec![Inbound { route: route(), message }]));
    }

    #[test]
    fn a_denial_is_no_grant() {
        let denied = [1, b'd', 2, 1, 2, b'n', b'o'];
        assert_eq!(decode(&denied).unwrap()[0].message, Message::Denied("no".to_owned()));
    }

    #[test]
    fn a_document_with_a_session_is_another_than_without() {
        let frame = [6, b'd', b'o', b'c', b'1', 0, b's', 8, 0];
        assert_eq!(decode(&frame).unwrap()[0].route, route().of_session("s"));
    }

    #[test]
    fn a_ping_concerns_the_connection_and_is_answered_without_a_name() {
        assert_eq!(decode(&[9]).unwrap()[0].message, Message::Ping);
        assert_eq!(decode(&[10]), Ok(Vec::new()));
        assert_eq!(encode(&Message::Pong), [10]);
    }

    #[test]
    fn documents_are_not_named_in_the_address() {
        let params = [("a".to_owned(), "b c".to_owned())];
        assert_eq!(Hocuspocus.endpoint("ws://host/base", "room", &params).unwrap(), "ws://host/base?a=b%20c");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(message in messages()) {
            let bytes = encode(&message);
            prop_assert_eq!(decode(&bytes), Ok(vec![Inbound { route: route(), message }]));
        }

        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
