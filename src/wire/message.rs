//! Decides what can be said about one document, whatever the dialect.

/// What one side tells the other about one document. Payloads are passed on unread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Message {
    /// "This is what I have, answer with what I lack": a state vector, in Yjs' first format.
    SyncStep1(Vec<u8>),
    /// The answer to a [`Message::SyncStep1`]: an update, in Yjs' first format. May be empty of news.
    SyncStep2(Vec<u8>),
    /// A change that has just been made: an update, in Yjs' first format.
    Update(Vec<u8>),
    /// Presence states of some clients: an awareness update, see [`super::awareness`].
    Awareness(Vec<u8>),
    /// The server refuses access, with its reason in its own words. It may leave the socket open.
    Denied(String),
    /// "This is who I am": what the server decides access by.
    Token(String),
    /// "Tell me again who you are."
    TokenWanted,
    /// The server grants access.
    Admitted(Access),
    /// The server has looked at the earliest of our updates that it had not said this of.
    Receipt(Receipt),
    /// The server has dropped the document, with its reason in its own words; the socket stays.
    Dismissed(String),
    /// We leave the document; the socket stays.
    Goodbye,
    /// Something of the application, not part of the document.
    Stateless(String),
    /// A number that the server sends back as it is, once it has read everything before it.
    Marker(u64),
    /// A question of the other side whether the connection lives. It concerns no document.
    Ping,
    /// The answer to that.
    Pong,
    /// "Tell me the presence states you know."
    QueryAwareness,
    /// A message of a type that the dialect does not define, with the number of that type; what it carried is dropped.
    Unknown(u64),
}

/// What a server lets us do with a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Read and edit it.
    ReadWrite,
    /// Read it: edits are refused.
    ReadOnly,
}

impl Access {
    /// Every access there is.
    pub const ALL: [Self; 2] = [Self::ReadWrite, Self::ReadOnly];

    /// The name that the JavaScript API uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadWrite => "read-write",
            Self::ReadOnly => "read-only",
        }
    }
}

/// What became of an update of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Receipt {
    /// The server holds it.
    Applied,
    /// The server has dropped it.
    Refused,
}
