//! Decides what exists in each phase of a connection, and therefore what a phase can be asked for.

use super::health::Health;
use super::reason::Reason;
use super::succession::{Succession, Successor};
use crate::clock::{Instant, earliest};
use crate::ids::SocketId;

/// What the connection is doing, for the layers above.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionStatus {
    /// The phase.
    pub phase: Phase,
    /// How many attempts in a row have failed; zero again once a connection stayed useful.
    pub attempt: u32,
    /// When the next attempt begins, while waiting for it.
    pub retry_at: Option<Instant>,
    /// Why the last attempt or connection ended, until the next socket is open. Nothing after
    /// [`disconnect`](super::Connection::disconnect): that needs no explanation.
    pub reason: Option<Reason>,
}

/// The phase of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// The application does not want to be connected.
    Disconnected,
    /// The last attempt failed, the next is scheduled.
    Waiting,
    /// A socket is being opened.
    Connecting,
    /// A socket is open. That says nothing about being accepted or synced, which the session knows.
    Open,
    /// The server does not want us; nothing happens until the application connects again.
    Stopped,
}

impl Phase {
    /// The stable name of this phase.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::Stopped => "stopped",
        }
    }
}

#[derive(Debug)]
pub(super) enum State {
    Disconnected,
    Waiting(Waiting),
    Opening(Opening),
    Open(Open),
    Stopped { reason: Reason },
}

/// Between two attempts.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) until: Instant,
    /// The soonest that a sign of a better network may bring the attempt forward to.
    pub(super) earliest: Instant,
    pub(super) reason: Reason,
}

/// An attempt under way.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) socket: SocketId,
    pub(super) began: Instant,
    pub(super) deadline: Instant,
    /// Why this is not the first attempt.
    pub(super) reason: Option<Reason>,
}

/// An open socket.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) socket: SocketId,
    pub(super) began: Instant,
    pub(super) health: Health,
    pub(super) standing: Standing,
    pub(super) succession: Succession,
}

/// What an open socket has shown so far. A socket that opens and syncs and is then closed has shown nothing: servers
/// that do this in a loop made storms of every client in field.md.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// The handshake is not complete.
    Unproven,
    /// The handshake is complete; if the socket lasts until then, it was useful.
    Synced { useful_at: Instant },
    /// The handshake is complete, and what was sent may be what has ended the connections before this one.
    Doubted,
    /// Earlier failures are forgotten.
    Useful,
}

impl State {
    pub(super) const fn phase(&self) -> Phase {
        match self {
            Self::Disconnected => Phase::Disconnected,
            Self::Waiting(_) => Phase::Waiting,
            Self::Opening(_) => Phase::Connecting,
            Self::Open(_) => Phase::Open,
            Self::Stopped { .. } => Phase::Stopped,
        }
    }

    /// The socket that is relied on, open or not.
    pub(super) const fn socket(&self) -> Option<SocketId> {
        match self {
            Self::Opening(Opening { socket, .. }) | Self::Open(Open { socket, .. }) => Some(*socket),
            Self::Disconnected | Self::Waiting(_) | Self::Stopped { .. } => None,
        }
    }

    /// What is being opened to take the place of the open socket.
    pub(super) const fn successor(&self) -> Option<Successor> {
        match self {
            Self::Open(Open { succession: Succession::Opening(successor), .. }) => Some(*successor),
            _ => None,
        }
    }

    /// When the attempt that led to the socket began.
    pub(super) const fn began(&self) -> Option<Instant> {
        match self {
            Self::Opening(Opening { began, .. }) | Self::Open(Open { began, .. }) => Some(*began),
            Self::Disconnected | Self::Waiting(_) | Self::Stopped { .. } => None,
        }
    }

    /// When something is to be done without news.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Waiting(waiting) => Some(waiting.until),
            Self::Opening(opening) => Some(opening.deadline),
            Self::Open(open) => Some(open.deadline()),
            Self::Disconnected | Self::Stopped { .. } => None,
        }
    }

    pub(super) const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Waiting(Waiting { reason, .. }) | Self::Stopped { reason } => Some(reason),
            Self::Opening(opening) => opening.reason.as_ref(),
            Self::Disconnected | Self::Open(_) => None,
        }
    }
}

impl Open {
    fn deadline(&self) -> Instant {
        let useful_at = match self.standing {
            Standing::Synced { useful_at } => Some(useful_at),
            Standing::Unproven | Standing::Doubted | Standing::Useful => None,
        };
        let health = self.health.deadline();
        earliest(&[useful_at, self.succession.deadline(), Some(health)]).unwrap_or(health)
    }
}
