//! Decides how the messages of a dialect lie in the frames of a socket: as bytes, a message a frame, or in text
//! envelopes, of which a large message takes several.

use super::dialect::{Dialect, Inbound, Policy, Protocol, Route};
use super::envelope::{self, Envelope};
use super::error::DecodeError;
use super::frame::{Frame, FrameKind};
use super::message::Message;
use super::pieces::Pieces;
use crate::rng::Rng;

/// What is spoken over a connection: a dialect, and its frames.
#[derive(Debug)]
pub struct Codec {
    dialect: Box<dyn Dialect>,
    framing: Framing,
}

#[derive(Debug)]
enum Framing {
    Bytes,
    Envelopes {
        /// Tells our messages from those of all others.
        sender: u64,
        /// How many messages were sent in pieces.
        cut: u64,
        /// What has come of messages that others sent in pieces.
        pieces: Pieces,
    },
}

impl Codec {
    /// Starts to speak `protocol`. `seed` decides what the messages are called that are sent in pieces.
    pub fn new(protocol: Protocol, seed: u64) -> Self {
        let dialect = protocol.dialect();
        let framing = match dialect.frames() {
            FrameKind::Binary => Framing::Bytes,
            // A sequence of its own: the one that starts at the seed is the connection's.
            FrameKind::Text => {
                Framing::Envelopes { sender: Rng::new(!seed).next_u64(), cut: 0, pieces: Pieces::default() }
            }
        };
        Self { dialect, framing }
    }

    /// What the family of servers does that others do differently.
    pub fn policy(&self) -> Policy {
        self.dialect.policy()
    }

    /// Reads all messages of a frame, in their order; none where it is a piece of one that has not come whole. Where each
    /// frame names its document, those of documents that are not open are passed over unread.
    ///
    /// # Errors
    /// The frame is larger than `limit` bytes, is not of the kind of the dialect, or is not whole messages of the dialect
    /// from its first byte to its last. Nothing of a refused frame is to be believed.
    pub fn decode(
        &mut self,
        frame: &Frame,
        limit: usize,
        is_open: &dyn Fn(&Route) -> bool,
    ) -> Result<Vec<Inbound>, DecodeError> {
        if frame.len() > limit {
            return Err(DecodeError::TooLarge { len: frame.len(), limit });
        }
        match (frame, &mut self.framing) {
            (Frame::Binary(bytes), Framing::Bytes) if bytes.is_empty() => Err(DecodeError::Empty),
            (Frame::Binary(bytes), Framing::Bytes) => self.dialect.decode(bytes),
            (Frame::Text(text), Framing::Envelopes { pieces, .. }) => {
                let envelope = Envelope::read(text)?;
                if !is_open(&envelope.route) {
                    return Ok(Vec::new());
                }
                let bytes = match envelope.piece()? {
                    None => Some(envelope.bytes()?),
                    Some(piece) => pieces.take_in(piece, envelope.bytes()?, limit)?,
                };
                let mut inbound = bytes.map_or_else(|| Ok(Vec::new()), |bytes| self.dialect.decode(&bytes))?;
                inbound.iter_mut().for_each(|inbound| inbound.route.clone_from(&envelope.route));
                Ok(inbound)
            }
            (Frame::Text(_), Framing::Bytes) => Err(DecodeError::TextFrame),
            (Frame::Binary(_), Framing::Envelopes { .. }) => Err(DecodeError::BinaryFrame),
        }
    }

    /// Writes one message and hands its frames to `send`. No frame holds two messages: servers read only the first.
    pub fn encode(&mut self, route: &Route, message: &Message, send: &mut dyn FnMut(Frame)) {
        let bytes = self.dialect.encode(route, message);
        match &mut self.framing {
            Framing::Bytes => send(Frame::Binary(bytes)),
            Framing::Envelopes { sender, cut, .. } => {
                let room = match route {
                    Route::Only => "",
                    Route::Named(room) => room,
                };
                let name = || {
                    *cut += 1;
                    format!("{sender}-{cut}")
                };
                envelope::write(room, &bytes, name, send);
            }
        }
    }

    /// Forgets what came over a socket that is gone: the rest of it does not come over the next.
    pub fn reset(&mut self) {
        if let Framing::Envelopes { pieces, .. } = &mut self.framing {
            *pieces = Pieces::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINARY: [Protocol; 4] =
        [Protocol::YWebsocket, Protocol::Hocuspocus, Protocol::YSweet, Protocol::Relay(FrameKind::Binary)];
    const TEXT: [Protocol; 2] = [Protocol::Relay(FrameKind::Text), Protocol::ApiGateway];

    fn route() -> Route {
        Route::Named("r".to_owned())
    }

    fn decode(codec: &mut Codec, frame: &Frame) -> Result<Vec<Inbound>, DecodeError> {
        codec.decode(frame, 1 << 20, &|open| *open == route())
    }

    fn encode(codec: &mut Codec, message: &Message) -> Vec<Frame> {
        let mut frames = Vec::new();
        codec.encode(&route(), message, &mut |frame| frames.push(frame));
        frames
    }

    fn text(text: &str) -> Frame {
        Frame::Text(text.to_owned())
    }

    #[test]
    fn the_limit_is_the_last_size_accepted() {
        let mut codec = Codec::new(Protocol::YWebsocket, 1);
        let frame = Frame::Binary(vec![0, 0, 1, 0]);
        assert!(codec.decode(&frame, 4, &|_| true).is_ok());
        assert_eq!(codec.decode(&frame, 3, &|_| true), Err(DecodeError::TooLarge { len: 4, limit: 3 }));
    }

    #[test]
    fn frames_of_the_other_kind_are_told_apart() {
        for protocol in BINARY {
            let mut codec = Codec::new(protocol, 1);
            assert_eq!(decode(&mut codec, &Frame::Binary(Vec::new())), Err(DecodeError::Empty));
            assert_eq!(decode(&mut codec, &text("hello")), Err(DecodeError::TextFrame));
        }
        for protocol in TEXT {
            let mut codec = Codec::new(protocol, 1);
            assert_eq!(decode(&mut codec, &Frame::Binary(vec![3])), Err(DecodeError::BinaryFrame));
            assert_eq!(decode(&mut codec, &text("hello")), Err(DecodeError::ForeignText));
        }
    }

    #[test]
    fn a_message_in_an_envelope_has_the_bytes_of_the_protocol() {
        let frame = text(r#"{"action":"sync","room":"r","data":"AAABAA=="}"#);
        let message = Message::SyncStep1(vec![0]);
        for protocol in TEXT {
            let mut codec = Codec::new(protocol, 1);
            assert_eq!(encode(&mut codec, &message), vec![frame.clone()]);
            assert_eq!(decode(&mut codec, &frame), Ok(vec![Inbound { route: route(), message: message.clone() }]));
        }
    }

    #[test]
    fn messages_in_pieces_are_called_differently_by_everybody() {
        let large = Message::Update(vec![7; 30_000]);
        let (mut ours, mut theirs) = (Codec::new(Protocol::ApiGateway, 1), Codec::new(Protocol::ApiGateway, 2));
        let mut frames = encode(&mut ours, &large);
        frames.extend(encode(&mut theirs, &large));
        ours.reset();
        frames.extend(encode(&mut ours, &large));
        frames.sort_by_key(|frame| match frame {
            Frame::Text(text) => text.find(r#""part":0"#).is_none(),
            Frame::Binary(_) => panic!("an envelope is text"),
        });
        assert_eq!(frames.len(), 6);
        let mut reader = Codec::new(Protocol::ApiGateway, 3);
        let read: Vec<usize> = frames.iter().map(|frame| decode(&mut reader, frame).unwrap().len()).collect();
        assert_eq!(read, [0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn other_rooms_are_passed_over_whatever_they_hold() {
        let mut codec = Codec::new(Protocol::Relay(FrameKind::Text), 1);
        for members in [r#""data":"!""#, r#""data":"/w==","id":5"#, r#""data":"AAAB","id":"m","part":0,"parts":2"#] {
            assert_eq!(decode(&mut codec, &text(&format!(r#"{{"room":"other",{members}}}"#))), Ok(Vec::new()));
            let ours = format!(r#"{{"room":"r",{members}}}"#);
            assert_eq!(decode(&mut codec, &text(&ours)).is_ok(), members.contains("parts"), "{ours}");
        }
    }

    #[test]
    fn what_was_left_by_the_last_socket_is_forgotten() {
        let mut codec = Codec::new(Protocol::ApiGateway, 1);
        let frames = encode(&mut Codec::new(Protocol::ApiGateway, 2), &Message::Update(vec![7; 30_000]));
        assert_eq!(decode(&mut codec, &frames[0]), Ok(Vec::new()));
        codec.reset();
        assert_eq!(decode(&mut codec, &frames[1]), Ok(Vec::new()));
        assert_eq!(decode(&mut codec, &frames[0]).unwrap().len(), 1);
    }
}
