//! Decides what a connection can ask of the layers above it: a closed set of three actions and four close codes.

use crate::ids::SocketId;

/// What the connection wants done. Actions are taken in order with
/// [`poll_action`](super::Connection::poll_action).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Open a socket and report its news under this id.
    Open(SocketId),
    /// Close this socket and forget it. What it still reports is dropped, so its close event need not be awaited:
    /// on a half-open network that event can take a minute.
    Close(SocketId, CloseCode),
    /// Send something that the server answers. Whatever arrives next is the answer.
    Probe(SocketId, ProbeStep),
}

impl Action {
    /// The socket this action is about.
    pub const fn socket(self) -> SocketId {
        match self {
            Self::Open(socket) | Self::Close(socket, _) | Self::Probe(socket, _) => socket,
        }
    }
}

/// How insistently the server is asked for a sign of life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProbeStep {
    /// The cheapest question; some servers leave it unanswered.
    First,
    /// A question that every server of the dialect answers. The connection is given up if this one does not.
    Second,
}

/// Why we close a socket, as the server sees it. Browsers allow only 1000 and 3000 to 4999.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseCode {
    /// 1000: we leave on purpose.
    Normal,
    /// 4900: the server sent what its protocol does not allow.
    Garbage,
    /// 4901: the server sent a frame larger than we accept.
    FrameTooLarge,
    /// 4902: the server did not answer.
    Silent,
}

impl CloseCode {
    /// The number that goes over the wire.
    pub const fn as_u16(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::Garbage => 4900,
            Self::FrameTooLarge => 4901,
            Self::Silent => 4902,
        }
    }
}
