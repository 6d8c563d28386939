//! Decides how y-sweet servers are spoken to: as y-websocket servers, and with markers that they send back.

use super::dialect::{Dialect, Inbound, Policy, Probe, Proof, Route};
use super::endpoint::EndpointError;
use super::error::DecodeError;
use super::message::Message;
use super::varint::{Reader, Writer};
use super::y_websocket::YWebsocket;

/// The dialect of y-sweet 0.9.
#[derive(Clone, Copy, Debug)]
pub struct YSweet;

/// What y-sweet calls its sync status: bytes that it sends back as they are.
const MARKER: u64 = 102;

impl Dialect for YSweet {
    fn decode(&self, bytes: &[u8]) -> Result<Vec<Inbound>, DecodeError> {
        match marker(bytes) {
            Some(marker) => Ok(vec![Inbound { route: Route::Only, message: Message::Marker(marker?) }]),
            None => YWebsocket.decode(bytes),
        }
    }

    fn encode(&self, route: &Route, message: &Message) -> Vec<u8> {
        let Message::Marker(number) = message else { return YWebsocket.encode(route, message) };
        let mut counter = Writer::new();
        counter.var_uint(*number);
        let mut writer = Writer::new();
        writer.var_uint(MARKER);
        writer.bytes(&counter.into_vec());
        writer.into_vec()
    }

    fn endpoint(&self, server: &str, room: &str, params: &[(String, String)]) -> Result<String, EndpointError> {
        YWebsocket.endpoint(server, room, params)
    }

    fn route(&self, room: &str) -> Route {
        YWebsocket.route(room)
    }

    fn policy(&self) -> Policy {
        Policy { proof: Proof::Markers, first_probe: Probe::Mark, ..YWebsocket.policy() }
    }
}

/// The number in a frame that is a marker, if the frame is one.
fn marker(bytes: &[u8]) -> Option<Result<u64, DecodeError>> {
    let mut reader = Reader::new(bytes);
    (reader.var_uint() == Ok(MARKER)).then(|| {
        let counter = reader.bytes()?;
        reader.finish()?;
        let mut counter = Reader::new(counter);
        let number = counter.var_uint()?;
        counter.finish()?;
        Ok(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_marker_has_the_bytes_of_y_sweet() {
        let bytes = YSweet.encode(&Route::Only, &Message::Marker(300));
        assert_eq!(bytes, [102, 2, 0xac, 2]);
        let message = Message::Marker(300);
        assert_eq!(YSweet.decode(&bytes), Ok(vec![Inbound { route: Route::Only, message }]));
    }

    #[test]
    fn a_marker_that_is_none_is_refused() {
        for bytes in [vec![102], vec![102, 2, 1], vec![102, 1, 1, 0], vec![102, 2, 1, 0]] {
            assert!(YSweet.decode(&bytes).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn everything_else_is_what_it_is_to_y_websocket(bytes: Vec<u8>) {
            prop_assume!(bytes.first() != Some(&102));
            prop_assert_eq!(YSweet.decode(&bytes), YWebsocket.decode(&bytes));
        }
    }
}
