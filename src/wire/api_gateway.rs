//! Decides how a serverless backend is spoken to: functions behind an AWS API Gateway, which takes only text frames of
//! limited size and is paid for by the message.
//!
//! The messages are those of y-websocket, each in an envelope. The room stands in the query of the address, where the
//! function that lets a connection in finds it beside the token, and in every frame.

use super::dialect::{Dialect, Greeting, Inbound, Pace, Policy, Probe, Route};
use super::endpoint::{EndpointError, ServerUrl, with_parameter};
use super::envelope;
use super::error::DecodeError;
use super::frame::FrameKind;
use super::message::Message;
use super::y_websocket::YWebsocket;

/// The dialect of `examples/serverless`, and of what behaves like it.
#[derive(Clone, Copy, Debug)]
pub struct ApiGateway;

impl Dialect for ApiGateway {
    fn decode(&self, bytes: &[u8]) -> Result<Vec<Inbound>, DecodeError> {
        YWebsocket.decode(bytes)
    }

    fn encode(&self, route: &Route, message: &Message) -> Vec<u8> {
        YWebsocket.encode(route, message)
    }

    fn frames(&self) -> FrameKind {
        FrameKind::Text
    }

    /// `<server>?room=<room>&<params>`: the path of such a server names the stage it is deployed to.
    fn endpoint(&self, server: &str, room: &str, params: &[(String, String)]) -> Result<String, EndpointError> {
        envelope::check_room(room)?;
        let mut address = with_parameter(&ServerUrl::parse(server)?.alone(&[]), "room", room);
        for (name, value) in params {
            address = with_parameter(&address, name, value);
        }
        Ok(address)
    }

    fn route(&self, room: &str) -> Route {
        Route::Named(room.to_owned())
    }

    /// An edit is echoed once it is written down, presence only to say that somebody is here: what is paid for had better
    /// ask for the state at once.
    fn policy(&self) -> Policy {
        Policy { first_probe: Probe::AskState, greeting: Greeting::None, pace: Pace::Sparing, ..YWebsocket.policy() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_stands_in_the_query() {
        let params = [("token".to_owned(), "a.b".to_owned())];
        let address = |room| ApiGateway.endpoint("wss://h.example/prod/?v=1", room, &params).unwrap();
        assert_eq!(address("notes"), "wss://h.example/prod?v=1&room=notes&token=a.b");
        assert_eq!(address("a/b&c"), "wss://h.example/prod?v=1&room=a%2Fb%26c&token=a.b");
    }

    #[test]
    fn a_room_too_long_for_every_frame_is_refused() {
        assert!(ApiGateway.endpoint("wss://h", &"x".repeat(1_022), &[]).is_ok());
        let refused = ApiGateway.endpoint("wss://h", &"x".repeat(1_023), &[]).unwrap_err().to_string();
        assert_eq!(refused, "room takes 1025 bytes in every message, at most 1024 are accepted");
        // Two bytes each, as they are escaped.
        assert!(ApiGateway.endpoint("wss://h", &"\"".repeat(512), &[]).is_err());
    }
}
