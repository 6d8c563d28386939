//! Decides how it stands with a document, in one value of a closed set.

use super::Problem;
use crate::clock::Duration;
use crate::connection::Reason;
use crate::replica::Refusal;
use crate::store::{StoreFailure, StoreStatus};
use crate::wire::Access;

/// How it stands with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What the document is doing.
    pub phase: Phase,
    /// How many inserted elements and deletions nobody else has been shown to hold; 0 means that all is held elsewhere.
    pub unsynced: u64,
    /// Who that would be.
    pub held_by: HeldBy,
    /// How many of these were not handed to the connection that is open, if one is.
    pub unsent: u64,
    /// How many inserted elements and deletions are not on this device; nothing where none are kept.
    pub unstored: Option<u64>,
    /// How many were refused by the server and are only here.
    pub refused: u64,
    /// What the server lets us do, where it says so.
    pub access: Option<Access>,
    /// How many attempts to connect have failed since a connection was last useful.
    pub attempt: u32,
    /// Time until the next attempt, while waiting for it.
    pub retry_in: Option<Duration>,
    /// Why it is not synced, where a cause is known.
    pub reason: Option<StatusReason>,
    /// How it stands with what is kept on this device, where something is to be kept.
    pub store: Option<StoreView>,
    /// Which tab this is, and which one has the connection, where the tabs of a browser share one.
    pub tab: Option<TabView>,
}

/// Who holds what is not unsynced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// The server. If it says that it has lost something, that is unsynced again.
    Server,
    /// One of those who were here when it was shown. They may have gone since, and taken it with them.
    Peers,
}

impl HeldBy {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Server, Self::Peers];

    /// The name that the JavaScript API uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Peers => "peers",
        }
    }
}

/// How it stands with what is kept on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreView {
    /// What the store is doing.
    pub phase: StorePhase,
    /// Why it failed.
    pub reason: Option<StatusReason>,
}

/// What the store is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorePhase {
    /// The content is being read.
    Loading,
    /// Changes are kept as they are made.
    Ready,
    /// Nothing is kept at the moment; it is tried again.
    Failed,
    /// Nothing is kept any more, as the application asked.
    Forgotten,
}

impl StorePhase {
    /// All phases.
    pub const ALL: [Self; 4] = [Self::Loading, Self::Ready, Self::Failed, Self::Forgotten];

    /// The name that the JavaScript API uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Forgotten => "forgotten",
        }
    }
}

impl From<StoreStatus> for StoreView {
    fn from(status: StoreStatus) -> Self {
        let phase = match &status {
            StoreStatus::Loading => StorePhase::Loading,
            StoreStatus::Ready => StorePhase::Ready,
            StoreStatus::Failed(_) => StorePhase::Failed,
            StoreStatus::Forgotten => StorePhase::Forgotten,
        };
        let reason = match status {
            StoreStatus::Failed(failure) => {
                Some(StatusReason { code: failure.code(), message: failure.to_string(), close_code: None })
            }
            StoreStatus::Loading | StoreStatus::Ready | StoreStatus::Forgotten => None,
        };
        Self { phase, reason }
    }
}

/// A tab among those that share a connection, by numbers for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TabView {
    /// The number of this tab.
    pub number: u32,
    /// The number of the tab that has the connection and the store.
    pub leader: u32,
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

    /// Whether a socket is open.
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::Handshaking | Self::Synced)
    }

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

/// Why a document is not synced, or not stored.
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
    /// All codes that a reason can have: why there is no connection, why the document is not in step over one, or why
    /// nothing is stored.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        let others = Refusal::CODES.into_iter().chain(StoreFailure::CODES).chain([Self::TRAPPED]);
        Reason::CODES.into_iter().chain([Self::ALONE, Problem::SERVER_CHOKES]).chain(others)
    }

    /// Nobody else is there with whom the document could be in step.
    pub(super) const ALONE: &'static str = "alone";
    /// Too many instances have ended because of the document. Told by the TypeScript side.
    pub(super) const TRAPPED: &'static str = "trapped";
}
