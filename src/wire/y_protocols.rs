//! Decides how the messages lie on the wire that every dialect of Yjs has taken from y-protocols: sync and awareness.

use super::error::DecodeError;
use super::message::Message;
use super::varint::{Reader, Writer};

/// The types of messages that all dialects number alike.
pub(super) const SYNC: u64 = 0;
pub(super) const AWARENESS: u64 = 1;
pub(super) const AUTH: u64 = 2;
pub(super) const QUERY_AWARENESS: u64 = 3;

const SYNC_STEP_1: u64 = 0;
const SYNC_STEP_2: u64 = 1;
const SYNC_UPDATE: u64 = 2;

/// Writes a message that all dialects write alike; of any other it writes nothing.
pub(super) fn write(writer: &mut Writer, message: &Message) {
    match message {
        Message::SyncStep1(state_vector) => sync(writer, SYNC_STEP_1, state_vector),
        Message::SyncStep2(update) => sync(writer, SYNC_STEP_2, update),
        Message::Update(update) => sync(writer, SYNC_UPDATE, update),
        Message::Awareness(update) => {
            writer.var_uint(AWARENESS);
            writer.bytes(update);
        }
        Message::QueryAwareness => writer.var_uint(QUERY_AWARENESS),
        Message::Unknown(kind) => writer.var_uint(*kind),
        _ => {}
    }
}

/// Reads the rest of a message of type `kind`, [`SYNC`] or what else is laid out like it.
pub(super) fn read_sync(kind: u64, reader: &mut Reader<'_>) -> Result<Message, DecodeError> {
    let message: fn(Vec<u8>) -> Message = match reader.var_uint()? {
        SYNC_STEP_1 => Message::SyncStep1,
        SYNC_STEP_2 => Message::SyncStep2,
        SYNC_UPDATE => Message::Update,
        subtype => return Err(DecodeError::UnknownSubtype { kind, subtype }),
    };
    Ok(message(reader.bytes()?.to_vec()))
}

/// Reads the rest of a message of type [`AWARENESS`].
pub(super) fn read_awareness(reader: &mut Reader<'_>) -> Result<Message, DecodeError> {
    Ok(Message::Awareness(reader.bytes()?.to_vec()))
}

/// Passes over a message of a type that the dialect does not define: where it ends is unknown, so it is all that is left.
pub(super) fn read_unknown(kind: u64, reader: &mut Reader<'_>) -> Message {
    *reader = Reader::new(&[]);
    Message::Unknown(kind)
}

fn sync(writer: &mut Writer, subtype: u64, payload: &[u8]) {
    writer.var_uint(SYNC);
    writer.var_uint(subtype);
    writer.bytes(payload);
}
