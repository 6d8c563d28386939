//! Decides what kinds of things can happen to a session, what they are called where a trace is written down, and which
//! of them come all the time.

use crate::session::output::Problem;
use crate::session::status::Phase;
use crate::wire::Message;

/// What can happen to a session. The order is that of [`Kind::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The session was made; its seed, in two halves.
    Session,
    /// A document was opened: 1 if it is stored, plus 2 if tabs share it, plus 4 for a token that is text, 8 for a
    /// function, plus 16 if it takes the place of one in a session that was lost.
    Document,
    /// The application wants a connection.
    Connect,
    /// It wants none.
    Disconnect,
    /// It wants another one at once.
    Reconnect,
    /// It closed a document.
    Close,
    /// It has what is stored deleted.
    Forget,
    /// It edited: how many elements were inserted.
    Edit,
    /// It brought an update: its bytes.
    Apply,
    /// It set its presence: its bytes, none if it withdrew it.
    Presence,
    /// It sent a message beside the document: its bytes.
    Post,
    /// It told everybody else an event: its bytes.
    Broadcast,
    /// A socket is open: its number.
    Opened,
    /// A socket closed: its number, the close code, and one more than the delay in milliseconds that the server asked
    /// for, if it did.
    Closed,
    /// A message came over the live socket (the word says of which kind): the bytes of its frame, and [`Fact`].
    In,
    /// What was handed to the live socket (the word says of which kind): the bytes of its frames.
    Out,
    /// A frame came that was larger than is read: its bytes.
    TooLarge,
    /// A socket was asked how much waits in it: its number, and the bytes.
    Buffered,
    /// The browser says that there is a network.
    Online,
    /// The browser says that there is none.
    Offline,
    /// The page is seen.
    Visible,
    /// The page is not seen.
    Hidden,
    /// The page is about to be frozen or left.
    Frozen,
    /// A timer fired.
    Timeout,
    /// The disk answered, as the word says: how many records it brought.
    Disk,
    /// There is news of the other tabs, as the word says: its bytes.
    Tab,
    /// The application answered about its token: 1 if it gave one, plus 2 if that is known to expire; in how many
    /// milliseconds.
    Token,
    /// A socket is to be opened: its number.
    Open,
    /// A socket is to be closed: its number, and the close code.
    Leave,
    /// The application is asked for a token.
    Ask,
    /// The disk is asked for something, as the word says.
    Task,
    /// A document is in another phase (the word), or there for another reason: which one, counted from 1 in the order
    /// of [`StatusReason::codes`](crate::session::StatusReason::codes), how many attempts failed, and the time until the next in milliseconds.
    Phase,
    /// Something from outside was refused, as the word says.
    Problem,
}

impl Kind {
    /// All kinds, in their order.
    pub const ALL: [Self; 33] = [
        Self::Session,
        Self::Document,
        Self::Connect,
        Self::Disconnect,
        Self::Reconnect,
        Self::Close,
        Self::Forget,
        Self::Edit,
        Self::Apply,
        Self::Presence,
        Self::Post,
        Self::Broadcast,
        Self::Opened,
        Self::Closed,
        Self::In,
        Self::Out,
        Self::TooLarge,
        Self::Buffered,
        Self::Online,
        Self::Offline,
        Self::Visible,
        Self::Hidden,
        Self::Frozen,
        Self::Timeout,
        Self::Disk,
        Self::Tab,
        Self::Token,
        Self::Open,
        Self::Leave,
        Self::Ask,
        Self::Task,
        Self::Phase,
        Self::Problem,
    ];

    /// The name that a written trace has.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Document => "document",
            Self::Connect => "connect",
            Self::Disconnect => "disconnect",
            Self::Reconnect => "reconnect",
            Self::Close => "close",
            Self::Forget => "forget",
            Self::Edit => "edit",
            Self::Apply => "apply",
            Self::Presence => "presence",
            Self::Post => "post",
            Self::Broadcast => "broadcast",
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::In => "in",
            Self::Out => "out",
            Self::TooLarge => "too-large",
            Self::Buffered => "buffered",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Visible => "visible",
            Self::Hidden => "hidden",
            Self::Frozen => "frozen",
            Self::Timeout => "timeout",
            Self::Disk => "disk",
            Self::Tab => "tab",
            Self::Token => "token",
            Self::Open => "open",
            Self::Leave => "leave",
            Self::Ask => "ask",
            Self::Task => "task",
            Self::Phase => "phase",
            Self::Problem => "problem",
        }
    }

    /// The words that entries of this kind can have, in the order of [`Entry::word`](super::Entry::word). Not for the package, which has the
    /// same lists: `tests/closed_sets.rs`.
    pub fn words(self) -> Box<dyn Iterator<Item = &'static str>> {
        match self {
            Self::In | Self::Out => Box::new(MESSAGES.into_iter()),
            Self::Disk => Box::new(DISK_NEWS.into_iter()),
            Self::Tab => Box::new(TAB_NEWS.into_iter()),
            Self::Task => Box::new(TASKS.into_iter()),
            Self::Phase => Box::new(Phase::ALL.iter().map(|phase| phase.name())),
            Self::Problem => Box::new(Problem::codes()),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Whether it comes all the time.
    pub(super) const fn is_frequent(self) -> bool {
        match self {
            Self::Edit
            | Self::Apply
            | Self::Presence
            | Self::Post
            | Self::Broadcast
            | Self::In
            | Self::Out
            | Self::Buffered
            | Self::Timeout => true,
            // What the disk and the tabs say, they say at every edit.
            Self::Disk | Self::Tab | Self::Task => true,
            _ => false,
        }
    }
}

/// What a message that came did, as far as it has consequences for the connection: the sum of these.
pub struct Fact;

impl Fact {
    /// It brought something that was not in the document, and may be held back there.
    pub const NEWS: u32 = 1;
    /// Nothing is unsynced behind it.
    pub const PROVEN: u32 = 2;
    /// It could not be read, or its update was refused: a problem of that code, or the reason of the next phase, says
    /// how.
    pub const REFUSED: u32 = 4;
}

/// Kinds of messages, and of frames that hold none.
const MESSAGES: [&str; 21] = [
    "sync-step-1",
    "sync-step-2",
    "update",
    "awareness",
    "denied",
    "token",
    "token-wanted",
    "admitted",
    "receipt",
    "dismissed",
    "goodbye",
    "stateless",
    "marker",
    "ping",
    "pong",
    "query-awareness",
    "unknown",
    "piece",
    "foreign",
    "garbage",
    "too-large",
];

const DISK_NEWS: [&str; 5] = ["loaded", "written", "forgotten", "failed", "lost"];
const TAB_NEWS: [&str; 4] = ["granted", "lost", "message", "unavailable"];
const TASKS: [&str; 3] = ["load", "write", "forget"];

/// What came in a frame, for the word of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::session) enum Cargo<'a> {
    Message(&'a Message),
    /// A part of a message, or messages for others.
    Piece,
    /// What was passed over.
    Foreign,
    /// What could not be read.
    Garbage,
    /// More than is read, in pieces.
    TooLarge,
}

impl Cargo<'_> {
    /// Its place in [`MESSAGES`].
    pub(super) const fn word(self) -> u8 {
        match self {
            Self::Message(message) => match message {
                Message::SyncStep1(_) => 0,
                Message::SyncStep2(_) => 1,
                Message::Update(_) => 2,
                Message::Awareness(_) => 3,
                Message::Denied(_) => 4,
                Message::Token(_) => 5,
                Message::TokenWanted => 6,
                Message::Admitted(_) => 7,
                Message::Receipt(_) => 8,
                Message::Dismissed(_) => 9,
                Message::Goodbye => 10,
                Message::Stateless(_) => 11,
                Message::Marker(_) => 12,
                Message::Ping => 13,
                Message::Pong => 14,
                Message::QueryAwareness => 15,
                Message::Unknown(_) => 16,
            },
            Self::Piece => 17,
            Self::Foreign => 18,
            Self::Garbage => 19,
            Self::TooLarge => 20,
        }
    }
}
