//! Decides how the messages of a dialect lie in the frames of a socket.

use super::dialect::{Dialect, Inbound, Policy, Protocol, Route};
use super::error::DecodeError;
use super::frame::Frame;
use super::message::Message;

/// What is spoken over a connection: a dialect, and its frames.
#[derive(Debug)]
pub struct Codec {
    dialect: Box<dyn Dialect>,
}

impl Codec {
    /// Starts to speak `protocol`.
    pub fn new(protocol: Protocol) -> Self {
        Self { dialect: protocol.dialect() }
    }

    /// What the family of servers does that others do differently.
    pub fn policy(&self) -> Policy {
        self.dialect.policy()
    }

    /// Reads all messages of a frame, in their order.
    ///
    /// # Errors
    /// The frame is larger than `limit` bytes, is text, or is not whole messages of the dialect from its first byte to
    /// its last. Nothing of a refused frame is to be believed.
    pub fn decode(&mut self, frame: &Frame, limit: usize) -> Result<Vec<Inbound>, DecodeError> {
        if frame.len() > limit {
            return Err(DecodeError::TooLarge { len: frame.len(), limit });
        }
        match frame {
            Frame::Text(_) => Err(DecodeError::TextFrame),
            Frame::Binary(bytes) if bytes.is_empty() => Err(DecodeError::Empty),
            Frame::Binary(bytes) => self.dialect.decode(bytes),
        }
    }

    /// Writes one message and hands its frames to `send`. No frame holds two messages: servers read only the first.
    pub fn encode(&mut self, route: &Route, message: &Message, send: &mut dyn FnMut(Frame)) {
        send(Frame::Binary(self.dialect.encode(route, message)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_the_last_size_accepted() {
        let mut codec = Codec::new(Protocol::YWebsocket);
        let frame = Frame::Binary(vec![0, 0, 1, 0]);
        assert!(codec.decode(&frame, 4).is_ok());
        assert_eq!(codec.decode(&frame, 3), Err(DecodeError::TooLarge { len: 4, limit: 3 }));
    }

    #[test]
    fn frames_that_are_not_bytes_are_refused_by_every_binary_dialect() {
        for protocol in Protocol::ALL {
            let mut codec = Codec::new(*protocol);
            assert_eq!(codec.decode(&Frame::Binary(Vec::new()), 9), Err(DecodeError::Empty));
            assert_eq!(codec.decode(&Frame::Text("hello".to_owned()), 9), Err(DecodeError::TextFrame));
        }
    }
}
