//! Decides what the tab that leads tells the others about the connection, the store, and what became of their edits.

use super::message::tab;
use crate::clock::Duration;
use crate::ids::TabId;
use crate::sync::EditSet;
use crate::wire::{DecodeError, Reader, Writer};

/// How it stands, as the tab that leads sees it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// The tabs that it knows, itself first.
    pub rows: Vec<Row>,
    /// What the server has not been shown to hold of the edits of all these tabs.
    pub unsynced: EditSet,
    /// How it stands with the connection and the store; the session writes and reads it.
    pub status: Vec<u8>,
    /// Time until the next attempt to connect, while the leader waits for it.
    pub retry_in: Option<Duration>,
}

/// What is known of a tab.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// The tab.
    pub tab: TabId,
    /// A small number for people, different for each tab.
    pub label: u32,
    /// How many edits of the tab the leader has taken in.
    pub applied: u64,
    /// How many of them are on the disk.
    pub stored: u64,
}

impl Report {
    /// What it says of a tab.
    pub fn row(&self, tab: TabId) -> Option<&Row> {
        self.rows.iter().find(|row| row.tab == tab)
    }

    /// Whether only time makes a difference.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let parts = |report: &Self| (report.retry_in.is_some(), report.rows.clone(), report.status.clone());
        parts(self) == parts(other) && self.unsynced == other.unsynced
    }

    pub(super) fn encode(&self, writer: &mut Writer) {
        writer.var_uint(self.rows.len() as u64);
        for Row { tab, label, applied, stored } in &self.rows {
            [u64::from(tab.0), u64::from(*label), *applied, *stored].into_iter().for_each(|part| writer.var_uint(part));
        }
        self.unsynced.encode(writer);
        writer.bytes(&self.status);
        // Zero is none; a time is written one higher.
        writer.var_uint(
            self.retry_in.map_or(0, |wait| u64::try_from(wait.as_millis()).unwrap_or(MAX_WAIT).min(MAX_WAIT) + 1),
        );
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut rows = Vec::new();
        for _ in 0..reader.var_uint()? {
            let tab = tab(reader.var_uint()?)?;
            let label = u32::try_from(reader.var_uint()?).map_err(|_| DecodeError::Overflow)?;
            rows.push(Row { tab, label, applied: reader.var_uint()?, stored: reader.var_uint()? });
        }
        Ok(Self {
            rows,
            unsynced: EditSet::decode(reader)?,
            status: reader.bytes()?.to_vec(),
            retry_in: reader.var_uint()?.checked_sub(1).map(Duration::from_millis),
        })
    }
}

/// The longest wait that is told, in milliseconds.
const MAX_WAIT: u64 = u32::MAX as u64;
