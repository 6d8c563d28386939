//! Decides what names things: every id that crosses a module boundary is a type of its own.

use std::fmt;

/// Identifies a replica in the CRDT. Ours is random below 2^32; ids of others may use all 53 bits of a JavaScript
/// integer and are kept whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClientId(pub u64);

/// Counts the elements a replica has inserted: the next one a client makes has its clock as its number.
pub type Clock = u32;

/// Names one attempt to open a socket. News about any other attempt is dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SocketId(pub u32);

/// Names a document among those that share one connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DocId(pub u32);

/// Names one open document among the tabs of a browser; random, like a client id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TabId(pub u32);

/// Names a question for a token. Answers to any other are dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(pub u32);

/// Names another replica that a document is kept in step with: the server, another tab, a peer, the disk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId(pub u32);

impl LinkId {
    /// The server at the other end of the WebSocket.
    pub const SERVER: Self = Self(0);
    /// The application itself, handing over bytes with `applyUpdate`.
    pub const APPLICATION: Self = Self(1);
    /// What this device keeps of the document.
    pub const DISK: Self = Self(2);
    /// Another tab of this browser, with edits that were made in a tab.
    pub const TAB: Self = Self(3);
    /// The tab that leads, passing on what it has from the server or the disk.
    pub const LEADER: Self = Self(4);

    /// What was edited here before another instance took the place of this document's.
    pub const JOURNAL: Self = Self(5);

    /// Where a change came from that came over it.
    pub fn origin(self) -> Origin {
        if self == Self::JOURNAL { Origin::Local } else { Origin::Link(self) }
    }

    /// Whether what comes over it may be written in parts, with other work between them. The application reads what it
    /// has brought in the next line, an edit of another tab is answered for as a whole, and nothing happens before the
    /// document is what it was.
    pub fn is_patient(self) -> bool {
        ![Self::APPLICATION, Self::TAB, Self::JOURNAL].contains(&self)
    }
}

/// Where a change came from. It is routed to every link except this one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    /// This application edited.
    Local,
    /// The change arrived over a link.
    Link(LinkId),
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
