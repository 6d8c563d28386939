//! Decides what a session can ask for: the closed set of outputs and of events for the application.

use super::Status;
use crate::clock::Instant;
use crate::connection::CloseCode;
use crate::credential::Secret;
use crate::ids::{DocId, Origin, RequestId, SocketId};
use crate::replica::{Change, Refusal, UndoEvent};
use crate::store::StoreOp;
use crate::sync::{Broadcast, PresenceChange};
use crate::tabs::TabOp;
use crate::wire::Frame;

/// What the driver has to do next.
#[derive(Debug)]
pub enum Output {
    /// Open a socket with this token, which may be empty, and report about it under this id.
    Open(SocketId, Secret),
    /// Send a frame.
    Send(SocketId, Frame),
    /// Ask a socket how many bytes wait in it, and report that: `handle_buffered`.
    Measure(SocketId),
    /// Close a socket; nothing about it needs to be reported any more.
    Close(SocketId, CloseCode),
    /// Ask the application for the token of a document.
    Token(DocId, RequestId),
    /// Have the disk do something for a document.
    Store(DocId, StoreOp),
    /// Do something among the tabs that have a document open.
    Tabs(DocId, TabOp),
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
    /// The steps that an undo manager has are others; said behind the changes that it comes from.
    Undo(DocId, UndoEvent),
    /// The document has changed, whatever its types: the change as an update, where the application wants them.
    Update(DocId, Vec<u8>, Origin),
    /// Somebody came, moved or left.
    Presence(DocId, PresenceChange),
    /// Somebody else has told everybody something.
    Broadcast(DocId, Broadcast),
    /// The server has refused edits: these changes are only here, beside what it holds.
    Refused(DocId, Vec<Change>),
    /// What this device keeps of the document is in it, or was waited for long enough. Said once, where it is kept.
    Opened(DocId),
    /// The server has sent something that is not part of the document.
    Message(DocId, String),
    /// Something from outside was refused. The document is as before.
    Problem(DocId, Problem),
}

impl Event {
    /// The document it is about.
    pub const fn doc(&self) -> DocId {
        match self {
            Self::Status(doc, _)
            | Self::Change(doc, _)
            | Self::Undo(doc, _)
            | Self::Update(doc, ..)
            | Self::Presence(doc, _)
            | Self::Broadcast(doc, _)
            | Self::Refused(doc, _)
            | Self::Opened(doc)
            | Self::Message(doc, _)
            | Self::Problem(doc, _) => *doc,
        }
    }
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
    /// The server sent text where the protocol has bytes, or that is no message of the protocol.
    pub(super) const TEXT_FRAME: &'static str = "text-frame";
    /// The server sent bytes where the protocol has text.
    pub(super) const BINARY_FRAME: &'static str = "binary-frame";

    /// This device kept something that cannot be read any more.
    pub(super) const STORE_CORRUPT: &'static str = "store-corrupt";
    /// Another tab sent bytes that are no message.
    pub(super) const TAB_MESSAGE: &'static str = "tab-message";

    /// The server ends the connection whenever it is sent certain edits, which are withheld.
    pub(super) const SERVER_CHOKES: &'static str = "server-chokes";
    /// Another instance goes on with the document. Told by the TypeScript side.
    pub(super) const RECOVERED: &'static str = "recovered";
    /// No instance survives a change, which was left out. Told by the TypeScript side.
    pub(super) const TRAPPED: &'static str = "trapped";

    /// All codes that a problem can have.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        let others =
            [Self::TEXT_FRAME, Self::BINARY_FRAME, Self::STORE_CORRUPT, Self::TAB_MESSAGE, Self::SERVER_CHOKES];
        Refusal::CODES.into_iter().chain(others).chain([Self::RECOVERED, Self::TRAPPED])
    }
}
