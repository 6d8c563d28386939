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
    /// "Tell me the presence states you know."
    QueryAwareness,
    /// A message of a type that the dialect does not define, with the number of that type; what it carried is dropped.
    Unknown(u64),
}
