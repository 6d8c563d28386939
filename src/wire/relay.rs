//! Decides how a relay is spoken to: a server that knows nothing of documents and passes on whatever it is sent, to
//! all or to all others.
//!
//! The messages are those of y-websocket, so that its clients are peers. A relay that takes only text gets each in an
//! envelope, which names the room: many relays have only one, in which the documents of all meet.

use super::dialect::{Counterpart, Dialect, Greeting, Inbound, Policy, Probe, Route};
use super::endpoint::EndpointError;
use super::envelope;
use super::error::DecodeError;
use super::frame::FrameKind;
use super::message::Message;
use super::y_websocket::YWebsocket;

/// The dialect of relays that take frames of this kind.
#[derive(Clone, Copy, Debug)]
pub struct Relay(pub FrameKind);

impl Dialect for Relay {
    fn decode(&self, bytes: &[u8]) -> Result<Vec<Inbound>, DecodeError> {
        YWebsocket.decode(bytes)
    }

    fn encode(&self, route: &Route, message: &Message) -> Vec<u8> {
        YWebsocket.encode(route, message)
    }

    fn frames(&self) -> FrameKind {
        self.0
    }

    fn endpoint(&self, server: &str, room: &str, params: &[(String, String)]) -> Result<String, EndpointError> {
        if self.0 == FrameKind::Text {
            envelope::check_room(room)?;
        }
        YWebsocket.endpoint(server, room, params)
    }

    fn route(&self, room: &str) -> Route {
        match self.0 {
            FrameKind::Binary => YWebsocket.route(room),
            FrameKind::Text => Route::Named(room.to_owned()),
        }
    }

    /// Only who edits is told anything back, so nothing but a question brings a sign of life.
    fn policy(&self) -> Policy {
        Policy {
            first_probe: Probe::AskState,
            counterpart: Counterpart::Peers,
            greeting: Greeting::None,
            ..YWebsocket.policy()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_reached_like_a_y_websocket_server() {
        for kind in [FrameKind::Binary, FrameKind::Text] {
            assert_eq!(Relay(kind).endpoint("ws://h/base", "a b", &[]).unwrap(), "ws://h/base/a%20b");
        }
    }

    #[test]
    fn only_text_names_the_room_and_so_limits_its_length() {
        let room = "x".repeat(5_000);
        assert!(Relay(FrameKind::Binary).endpoint("ws://h", &room, &[]).is_ok());
        assert!(Relay(FrameKind::Text).endpoint("ws://h", &room, &[]).is_err());
        assert_eq!(Relay(FrameKind::Binary).route("r"), Route::Only);
        assert_eq!(Relay(FrameKind::Text).route("r"), Route::Named("r".to_owned()));
    }
}
