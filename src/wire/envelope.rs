//! Decides how a message lies in text frames: in a JSON object that names its room, in several if it is large.
//!
//! Whole: `{"action":"sync","room":"<room>","data":"<base64>"}`. In pieces, each of which stands for bytes of its own:
//! `{"action":"sync","room":"<room>","id":"<unique over all senders>","part":0,"parts":3,"data":"<base64>"}`. The
//! `action` is what API Gateway chooses a function by; it is not looked at here, nor is any other member.

use super::base64;
use super::dialect::Route;
use super::endpoint::EndpointError;
use super::error::DecodeError;
use super::frame::Frame;
use super::json;
use super::pieces::Piece;
use std::borrow::Cow;

/// The largest frame that is written, in bytes: API Gateway takes 32 KB in a frame.
pub(super) const MAX_FRAME: usize = 32_000;

/// How long a room may be as it is written in a frame, in bytes with quotes: most of a frame is for what it carries.
const MAX_ROOM: usize = 1_024;

const DATA: &str = r#","data":""#;
const END: &str = "\"}";

/// What a text frame carries for a room.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) route: Route,
    id: Option<&'a str>,
    part: Option<&'a str>,
    parts: Option<&'a str>,
    data: Cow<'a, str>,
}

impl<'a> Envelope<'a> {
    /// Reads which room a frame is for. What it carries is not looked at: the rooms of others may hold anything.
    ///
    /// # Errors
    /// The text is not JSON though it begins like it, or is something else altogether.
    pub(super) fn read(text: &'a str) -> Result<Self, DecodeError> {
        let (mut room, mut id, mut part, mut parts, mut data) = (None, None, None, None, None);
        let read = json::read_object(text, &mut |name, value| match name {
            "room" => room = Some(value),
            "id" => id = Some(value),
            "part" => part = Some(value),
            "parts" => parts = Some(value),
            "data" => data = Some(value),
            _ => {}
        });
        if read.is_none() {
            let is_broken = text.trim_ascii_start().starts_with('{');
            return Err(if is_broken { DecodeError::InvalidJson } else { DecodeError::ForeignText });
        }
        match (room.and_then(json::read_string), data.and_then(json::read_string)) {
            (Some(room), Some(data)) => Ok(Self { route: Route::Named(room.into_owned()), id, part, parts, data }),
            _ => Err(DecodeError::ForeignText),
        }
    }

    /// Of which message it is a piece; `None` for a whole one.
    ///
    /// # Errors
    /// It says so only in part, or not with the values that these members have.
    pub(super) fn piece(&self) -> Result<Option<Piece<'a>>, DecodeError> {
        let (Some(id), Some(part), Some(parts)) = (self.id, self.part, self.parts) else {
            let is_whole = self.id.is_none() && self.part.is_none() && self.parts.is_none();
            return if is_whole { Ok(None) } else { Err(DecodeError::InvalidEnvelope { member: "id" }) };
        };
        // As it is written, quotes included: a sender writes it in all pieces alike.
        if !id.starts_with('"') {
            return Err(DecodeError::InvalidEnvelope { member: "id" });
        }
        Ok(Some(Piece { message: id, part: number(part, "part")?, parts: number(parts, "parts")? }))
    }

    /// The bytes it carries.
    ///
    /// # Errors
    /// They are not base64, or there are none.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, DecodeError> {
        let bytes = base64::decode(&self.data).ok_or(DecodeError::InvalidEnvelope { member: "data" })?;
        if bytes.is_empty() { Err(DecodeError::Empty) } else { Ok(bytes) }
    }
}

fn number(text: &str, member: &'static str) -> Result<usize, DecodeError> {
    text.parse().map_err(|_| DecodeError::InvalidEnvelope { member })
}

/// Hands `bytes` to `send`: in one frame, or in as many as it takes under the name that `name` gives.
pub(super) fn write(room: &str, bytes: &[u8], name: impl FnOnce() -> String, send: &mut dyn FnMut(Frame)) {
    let mut head = String::from(r#"{"action":"sync","room":"#);
    json::push_string(&mut head, room);
    if frame_len(&head, bytes.len()) <= MAX_FRAME {
        return send(frame(&head, bytes));
    }
    head.push_str(r#","id":"#);
    json::push_string(&mut head, &name());
    // No number of a piece has more digits than the number of bytes.
    let widest = head_of_piece(&head, bytes.len(), bytes.len());
    let room_for_data = MAX_FRAME.saturating_sub(frame_len(&widest, 0));
    let len = (room_for_data / 4 * 3).max(1);
    let parts = bytes.len().div_ceil(len);
    for (part, piece) in bytes.chunks(len).enumerate() {
        send(frame(&head_of_piece(&head, part, parts), piece));
    }
}

fn head_of_piece(head: &str, part: usize, parts: usize) -> String {
    format!(r#"{head},"part":{part},"parts":{parts}"#)
}

fn frame(head: &str, bytes: &[u8]) -> Frame {
    let mut text = String::with_capacity(frame_len(head, bytes.len()));
    text.push_str(head);
    text.push_str(DATA);
    base64::push_encoded(&mut text, bytes);
    text.push_str(END);
    Frame::Text(text)
}

const fn frame_len(head: &str, bytes: usize) -> usize {
    head.len() + DATA.len() + base64::encoded_len(bytes) + END.len()
}

/// Checks that `room` leaves space in a frame for what it carries.
///
/// # Errors
/// It does not.
pub(super) fn check_room(room: &str) -> Result<(), EndpointError> {
    let mut written = String::new();
    json::push_string(&mut written, room);
    let len = written.len();
    if len > MAX_ROOM { Err(EndpointError::RoomTooLong { len, limit: MAX_ROOM }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
