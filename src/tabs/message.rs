//! Decides what tabs tell each other, and how it lies in the bytes that they broadcast.
//!
//! The names of the channel and the lock hold [`FORMAT`], so tabs with different versions of this format do not meet.

use super::report::Report;
use crate::ids::TabId;
use crate::sync::EditSet;
use crate::wire::{DecodeError, Reader, Writer};

/// Changes whenever tabs that differ in it could not understand each other.
pub const FORMAT: u32 = 2;

/// What a tab says, and to whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Letter {
    pub(super) from: TabId,
    /// One tab, or all.
    pub(super) to: Option<TabId>,
    pub(super) message: TabMessage,
}

/// What tabs tell each other. Updates and state vectors are in the encoding Yjs calls v1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum TabMessage {
    /// "I am here and have this": the tab that leads answers with [`Self::Welcome`].
    Hello { state_vector: Vec<u8> },
    /// "You lacked this, I have that, and this is unsynced": a tab answers with [`Self::CatchUp`] if the leader lacks
    /// something.
    Welcome { update: Vec<u8>, state_vector: Vec<u8>, unsynced: EditSet },
    /// "You lacked this, with all my edits up to this number, and of what you were not told this is unsynced": the leader
    /// answers with [`Self::Report`].
    CatchUp { number: u64, update: Vec<u8>, unsynced: EditSet },
    /// "I lead": every tab answers with [`Self::Hello`].
    Lead,
    /// An edit that was made in a tab, and how many that tab has made by now.
    Edit { number: u64, update: Vec<u8> },
    /// What the tab that leads has from the server or from the disk, and what of it is unsynced.
    Relay { update: Vec<u8>, unsynced: EditSet },
    /// Presence states, as they travel to servers; from the tab whose state it is, or passed on from the server.
    Presence { states: Vec<u8>, is_relayed: bool },
    /// "Announce your presence again."
    PresenceWanted,
    /// "Are you there?": the tab that leads answers with [`Self::Report`].
    Ping,
    /// How it stands, from the tab that leads.
    Report(Report),
    /// "Try to reach the server now."
    Retry,
    /// "The server refused edits; this is all that it holds."
    Refused { held: Vec<u8> },
    /// "Send this message of the application to the server", to the tab that leads.
    Post { text: String },
    /// A message of the server to the application, from the tab that leads.
    PassedOn { text: String },
    /// "Keep nothing of this document any more."
    Forget,
    /// "I leave."
    Bye,
}

const HELLO: u64 = 0;
const WELCOME: u64 = 1;
const LEAD: u64 = 2;
const EDIT: u64 = 3;
const RELAY: u64 = 4;
const PRESENCE: u64 = 5;
const RELAYED_PRESENCE: u64 = 6;
const PRESENCE_WANTED: u64 = 7;
const PING: u64 = 8;
const REPORT: u64 = 9;
const FORGET: u64 = 10;
const BYE: u64 = 11;
const RETRY: u64 = 12;
const REFUSED: u64 = 13;
const CATCH_UP: u64 = 14;
const POST: u64 = 15;
const PASSED_ON: u64 = 16;

impl Letter {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.var_uint(self.from.0.into());
        // Zero is everybody; a tab is written one higher.
        writer.var_uint(self.to.map_or(0, |to| u64::from(to.0) + 1));
        match &self.message {
            TabMessage::Hello { state_vector } => with_bytes(&mut writer, HELLO, state_vector),
            TabMessage::Welcome { update, state_vector, unsynced } => {
                with_bytes(&mut writer, WELCOME, update);
                writer.bytes(state_vector);
                unsynced.encode(&mut writer);
            }
            TabMessage::CatchUp { number, update, unsynced } => {
                writer.var_uint(CATCH_UP);
                writer.var_uint(*number);
                writer.bytes(update);
                unsynced.encode(&mut writer);
            }
            TabMessage::Lead => writer.var_uint(LEAD),
            TabMessage::Edit { number, update } => {
                writer.var_uint(EDIT);
                writer.var_uint(*number);
                writer.bytes(update);
            }
            TabMessage::Relay { update, unsynced } => {
                with_bytes(&mut writer, RELAY, update);
                unsynced.encode(&mut writer);
            }
            TabMessage::Presence { states, is_relayed: false } => with_bytes(&mut writer, PRESENCE, states),
            TabMessage::Presence { states, is_relayed: true } => with_bytes(&mut writer, RELAYED_PRESENCE, states),
            TabMessage::PresenceWanted => writer.var_uint(PRESENCE_WANTED),
            TabMessage::Ping => writer.var_uint(PING),
            TabMessage::Report(report) => {
                writer.var_uint(REPORT);
                report.encode(&mut writer);
            }
            TabMessage::Retry => writer.var_uint(RETRY),
            TabMessage::Refused { held } => with_bytes(&mut writer, REFUSED, held),
            TabMessage::Post { text } => with_bytes(&mut writer, POST, text.as_bytes()),
            TabMessage::PassedOn { text } => with_bytes(&mut writer, PASSED_ON, text.as_bytes()),
            TabMessage::Forget => writer.var_uint(FORGET),
            TabMessage::Bye => writer.var_uint(BYE),
        }
        writer.into_vec()
    }

    /// # Errors
    /// The bytes are not exactly one letter.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let from = tab(reader.var_uint()?)?;
        let to = reader.var_uint()?.checked_sub(1).map(tab).transpose()?;
        let message = match reader.var_uint()? {
            HELLO => TabMessage::Hello { state_vector: vec(&mut reader)? },
            WELCOME => TabMessage::Welcome {
                update: vec(&mut reader)?,
                state_vector: vec(&mut reader)?,
                unsynced: EditSet::decode(&mut reader)?,
            },
            CATCH_UP => TabMessage::CatchUp {
                number: reader.var_uint()?,
                update: vec(&mut reader)?,
                unsynced: EditSet::decode(&mut reader)?,
            },
            LEAD => TabMessage::Lead,
            EDIT => TabMessage::Edit { number: reader.var_uint()?, update: vec(&mut reader)? },
            RELAY => TabMessage::Relay { update: vec(&mut reader)?, unsynced: EditSet::decode(&mut reader)? },
            PRESENCE => TabMessage::Presence { states: vec(&mut reader)?, is_relayed: false },
            RELAYED_PRESENCE => TabMessage::Presence { states: vec(&mut reader)?, is_relayed: true },
            PRESENCE_WANTED => TabMessage::PresenceWanted,
            PING => TabMessage::Ping,
            REPORT => TabMessage::Report(Report::decode(&mut reader)?),
            RETRY => TabMessage::Retry,
            REFUSED => TabMessage::Refused { held: vec(&mut reader)? },
            POST => TabMessage::Post { text: reader.string()?.to_owned() },
            PASSED_ON => TabMessage::PassedOn { text: reader.string()?.to_owned() },
            FORGET => TabMessage::Forget,
            BYE => TabMessage::Bye,
            kind => return Err(DecodeError::UnknownSubtype { kind: u64::from(FORMAT), subtype: kind }),
        };
        reader.finish()?;
        Ok(Self { from, to, message })
    }
}

pub(super) fn tab(number: u64) -> Result<TabId, DecodeError> {
    u32::try_from(number).map(TabId).map_err(|_| DecodeError::Overflow)
}

fn with_bytes(writer: &mut Writer, kind: u64, bytes: &[u8]) {
    writer.var_uint(kind);
    writer.bytes(bytes);
}

fn vec(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    Ok(reader.bytes()?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Duration;
    use crate::ids::ClientId;
    use crate::tabs::report::Row;
    use proptest::prelude::*;

    fn messages() -> impl Strategy<Value = TabMessage> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..20);
        prop_oneof![
            bytes().prop_map(|state_vector| TabMessage::Hello { state_vector }),
            (bytes(), bytes(), edits()).prop_map(|(update, state_vector, unsynced)| TabMessage::Welcome {
                update,
                state_vector,
                unsynced
            }),
            (0..1_u64 << 53, bytes(), edits()).prop_map(|(number, update, unsynced)| TabMessage::CatchUp {
                number,
                update,
                unsynced
            }),
            Just(TabMessage::Lead),
            (0..1_u64 << 53, bytes()).prop_map(|(number, update)| TabMessage::Edit { number, update }),
            (bytes(), edits()).prop_map(|(update, unsynced)| TabMessage::Relay { update, unsynced }),
            (bytes(), any::<bool>()).prop_map(|(states, is_relayed)| TabMessage::Presence { states, is_relayed }),
            Just(TabMessage::PresenceWanted),
            Just(TabMessage::Ping),
            (bytes(), 0..9_u32, edits())
                .prop_map(|(status, start, unsynced)| TabMessage::Report(report(status, start, unsynced))),
            Just(TabMessage::Retry),
            bytes().prop_map(|held| TabMessage::Refused { held }),
            ".{0,9}".prop_map(|text| TabMessage::Post { text }),
            ".{0,9}".prop_map(|text| TabMessage::PassedOn { text }),
            Just(TabMessage::Forget),
            Just(TabMessage::Bye),
        ]
    }

    fn edits() -> impl Strategy<Value = EditSet> {
        (0..9_u32).prop_map(|start| {
            let mut edits = EditSet::default();
            edits.deletions.insert(ClientId(3), start..start + 7);
            edits
        })
    }

    fn report(status: Vec<u8>, start: u32, unsynced: EditSet) -> Report {
        let row = Row { tab: TabId(u32::MAX), label: 2, applied: 7, stored: 5 };
        Report { rows: vec![row], unsynced, status, retry_in: Some(Duration::from_millis(start.into())) }
    }

    proptest! {
        #[test]
        fn a_letter_arrives_as_it_was_written(from: u32, to: Option<u32>, message in messages()) {
            let letter = Letter { from: TabId(from), to: to.map(TabId), message };
            let bytes = letter.encode();
            prop_assert_eq!(Letter::decode(&bytes), Ok(letter));
            for end in 0..bytes.len() {
                prop_assert!(Letter::decode(&bytes[..end]).is_err());
            }
        }

        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = Letter::decode(&bytes);
        }
    }
}
