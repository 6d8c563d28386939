//! Decides how it stands with a document, in one value of a closed set.

use crate::clock::Duration;
use crate::connection::Reason;
use crate::replica::Refusal;

/// How it stands with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What the document is doing.
    pub phase: Phase,
    /// How many inserted elements and deletions the server has not been shown to hold; 0 means that all is saved there.
    pub unsynced: u64,
    /// How many attempts to connect have failed since a connection was last useful.
    pub attempt: u32,
    /// Time until the next attempt, while waiting for it.
    pub retry_in: Option<Duration>,
    /// Why it is not synced, where a cause is known.
    pub reason: Option<StatusReason>,
}

impl Status {
    /// Whether only the time until the next attempt differs.
    pub(super) fn is_same_apart_from_time(&self, other: &Self) -> bool {
        Self { retry_in: None, ..self.clone() } == Self { retry_in: None, ..other.clone() }
            && self.retry_in.is_some() == other.retry_in.is_some()
    }
}

/// What the document is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A socket is being opened.
    Connecting,
    /// The socket is open; what each side lacks is being exchanged.
    Handshaking,
    /// The document is in step with the server.
    Synced,
    /// The last attempt failed; the next one comes by itself.
    Waiting,
    /// The application wants no connection.
    Disconnected,
    /// The server refused for good; only the application can start again.
    Stopped,
    /// The document was closed.
    Closed,
}

impl Phase {
    /// All phases.
    pub const ALL: &'static [Self] = &[
        Self::Connecting,
        Self::Handshaking,
        Self::Synced,
        Self::Waiting,
        Self::Disconnected,
        Self::Stopped,
        Self::Closed,
    ];

    /// The name that the JavaScript API uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Handshaking => "handshaking",
            Self::Synced => "synced",
            Self::Waiting => "waiting",
            Self::Disconnected => "disconnected",
            Self::Stopped => "stopped",
            Self::Closed => "closed",
        }
    }
}

/// Why a document is not synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReason {
    /// One of a closed set: [`StatusReason::codes`].
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
    /// The close code of the socket, where the server or the browser gave one.
    pub close_code: Option<u16>,
}

impl StatusReason {
    /// All codes that a reason can have: why there is no connection, or why the document is not in step over one.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        Reason::CODES.into_iter().chain(Refusal::CODES)
    }
}
