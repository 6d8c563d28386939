//! Decides what a dialect is: how one family of servers writes messages, where it is reached, and what its answers prove.
//!
//! A new family is a new module that implements [`Dialect`], a variant of [`Protocol`], and where it behaves
//! differently a value in [`Policy`]. It is never an `if` in `sync` or `session`.

use super::api_gateway::ApiGateway;
use super::endpoint::EndpointError;
use super::error::DecodeError;
use super::frame::FrameKind;
use super::hocuspocus::Hocuspocus;
use super::message::Message;
use super::relay::Relay;
use super::y_sweet::YSweet;
use super::y_websocket::YWebsocket;
use std::fmt;

/// One family of servers, as seen from the wire.
pub trait Dialect: fmt::Debug {
    /// Reads all messages that stand in `bytes`, in their order.
    ///
    /// # Errors
    /// The bytes are not whole messages of this dialect from the first to the last. Nothing of what is refused is to be
    /// believed.
    fn decode(&self, bytes: &[u8]) -> Result<Vec<Inbound>, DecodeError>;

    /// Writes one message.
    fn encode(&self, route: &Route, message: &Message) -> Vec<u8>;

    /// The frames in which messages are sent and received. In text each names its route.
    fn frames(&self) -> FrameKind {
        FrameKind::Binary
    }

    /// The address to open for `room` at `server`, with `params` in its query.
    ///
    /// # Errors
    /// `server` is not the URL of a WebSocket server, or `room` cannot stand in a URL or a message. The error never shows
    /// `params`, the query of `server`, or the credentials in it.
    fn endpoint(&self, server: &str, room: &str, params: &[(String, String)]) -> Result<String, EndpointError>;

    /// How messages about `room` are told from those about other documents on the socket.
    fn route(&self, room: &str) -> Route;

    /// What this family does that others do differently.
    fn policy(&self) -> Policy;
}

/// A message with the document it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inbound {
    /// The document.
    pub route: Route,
    /// What is said about it.
    pub message: Message,
}

/// Which of the documents on one socket a message is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Route {
    /// The only one: the address of the socket has named it.
    Only,
    /// The one of this name: the message itself names it.
    Named(String),
}

impl Route {
    /// The same document as one of several visits over one socket, where the messages name it: Hocuspocus then keeps them
    /// apart.
    #[must_use]
    pub fn of_session(&self, session: &str) -> Self {
        match self {
            Self::Only => Self::Only,
            Self::Named(name) => Self::Named(format!("{name}\0{session}")),
        }
    }
}

/// What one family of servers does that others do differently, as data for `sync` and `session`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// What a document has to show before the server talks about it.
    pub admission: Admission,
    /// What shows that the server holds an edit.
    pub proof: Proof,
    /// How a server that has become silent is asked for a sign of life first: cheaply.
    pub first_probe: Probe,
    /// How it is asked when the first question could not be asked or was not answered: so that every server answers.
    pub second_probe: Probe,
    /// How many documents a socket can carry.
    pub sharing: Sharing,
    /// Who is at the other end of the socket.
    pub counterpart: Counterpart,
    /// Whether the other end speaks first.
    pub greeting: Greeting,
    /// Whether messages of the application, which are not part of the document, travel along.
    pub messages: Messages,
    /// How much may be said when there is no news.
    pub pace: Pace,
}

/// How many documents a socket can carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharing {
    /// One.
    Alone,
    /// Many: each message names its document, and each document comes and goes by itself.
    Together,
}

/// Who is at the other end of the socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counterpart {
    /// A server with a replica of its own: it answers, and what it was shown to hold is held whoever leaves.
    Server,
    /// A relay: whatever is sent goes to whoever else is there, possibly nobody. Peers answer, or nobody does; what is
    /// held is held by them.
    Peers,
}

/// Whether the other end speaks first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Greeting {
    /// It sends something as soon as the socket is open. One that does not is not going to serve us.
    Expected,
    /// It waits for us, or for somebody else to come.
    None,
}

/// Whether messages of the application, which are not part of the document, travel along.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Messages {
    /// They do.
    Carried,
    /// The protocol has no place for them.
    None,
}

/// How much may be said when there is no news.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// As much as it takes to know within seconds that the connection lives.
    Lively,
    /// As little as keeps the connection: every message is paid for, and a connection ends at a set age.
    Sparing,
}

/// What a document has to show before the server talks about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// Nothing: the address of the socket has shown it.
    Open,
    /// A [`Message::Token`], which may be empty.
    Token,
}

/// What shows that the server holds an edit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// The server sends a [`Message::Receipt`] for each of our SyncStep2 and updates, in their order; and it relays as
    /// with [`Proof::Echo`] what it has applied.
    Receipts,
    /// As with [`Proof::Echo`]; and the server sends back a [`Message::Marker`] once it has read everything before it.
    /// What it read and does not hold it has dropped, which is how it refuses edits.
    Markers,
    /// The server relays an update to every connection, including the one it came from, once it has applied it, and
    /// relays only what was news to it. So whatever arrives in an update or a SyncStep2 is held by the server; and
    /// an edit that the server had from elsewhere is not echoed but shown by the answer to a later SyncStep1.
    Echo,
}

/// A question that makes a living server send something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Probe {
    /// Announce the own presence state again, which the server relays to everybody including the sender. It cannot be
    /// asked while there is no own state.
    RenewPresence,
    /// Send a SyncStep1, which the server answers with a SyncStep2.
    AskState,
    /// Send a marker, which the server sends back.
    Mark,
}

/// The families of servers that can be spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Protocol {
    /// y-websocket and what speaks like it.
    #[default]
    YWebsocket,
    /// Hocuspocus 4.
    Hocuspocus,
    /// y-sweet.
    YSweet,
    /// A relay that takes frames of this kind.
    Relay(FrameKind),
    /// Functions behind an AWS API Gateway.
    ApiGateway,
}

impl Protocol {
    /// Every protocol there is, one of each name.
    pub const ALL: &[Self] =
        &[Self::YWebsocket, Self::Hocuspocus, Self::YSweet, Self::Relay(FrameKind::Binary), Self::ApiGateway];

    /// Its name for the application.
    pub const fn name(self) -> &'static str {
        match self {
            Self::YWebsocket => "y-websocket",
            Self::Hocuspocus => "hocuspocus",
            Self::YSweet => "y-sweet",
            Self::Relay(_) => "relay",
            Self::ApiGateway => "api-gateway",
        }
    }

    /// The protocol of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|protocol| protocol.name() == name)
    }

    /// The same with frames of this kind; `None` where the servers leave no choice.
    pub const fn with_frames(self, kind: FrameKind) -> Option<Self> {
        match self {
            Self::Relay(_) => Some(Self::Relay(kind)),
            Self::YWebsocket | Self::Hocuspocus | Self::YSweet | Self::ApiGateway => None,
        }
    }

    /// What speaks it.
    pub fn dialect(self) -> Box<dyn Dialect> {
        match self {
            Self::YWebsocket => Box::new(YWebsocket),
            Self::Hocuspocus => Box::new(Hocuspocus),
            Self::YSweet => Box::new(YSweet),
            Self::Relay(kind) => Box::new(Relay(kind)),
            Self::ApiGateway => Box::new(ApiGateway),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_is_found_by_its_name() {
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::parse(protocol.name()), Some(*protocol));
        }
        assert_eq!(Protocol::parse("Y-Websocket"), None);
    }
}
