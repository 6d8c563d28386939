//! Decides what a session can ask for: the closed set of outputs and of events for the application.

use super::Status;
use crate::clock::Instant;
use crate::connection::CloseCode;
use crate::ids::{DocId, SocketId};
use crate::replica::{Change, Refusal};
use crate::sync::PresenceChange;
use crate::wire::Frame;

/// What the driver has to do next.
#[derive(Debug)]
pub enum Output {
    /// Open a socket and report about it under this id.
    Open(SocketId),
    /// Send a frame.
    Send(SocketId, Frame),
    /// Close a socket; nothing about it needs to be reported any more.
    Close(SocketId, CloseCode),
    /// Tell the application.
    Event(Event),
    /// Nothing until an input comes or this time is reached.
    Idle(Option<Instant>),
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// How the document stands has changed.
    Status(DocId, Status),
    /// An observed type has changed.
    Change(DocId, Change),
    /// Somebody came, moved or left.
    Presence(DocId, PresenceChange),
    /// Something from outside was refused. The document is as before.
    Problem(DocId, Problem),
}

/// Why something from outside was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One of a closed set: [`Problem::codes`].
    pub code: &'static str,
    /// A sentence for people; contains no content of the document.
    pub message: String,
}

impl Problem {
    /// The server sent text where the protocol has bytes.
    pub(super) const TEXT_FRAME: &'static str = "text-frame";

    /// All codes that a problem can have.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        Refusal::CODES.into_iter().chain([Self::TEXT_FRAME])
    }
}
