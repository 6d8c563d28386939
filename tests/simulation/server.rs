//! Decides what a y-websocket server does, as captured from the real one: greet, answer, relay to all, sender included.

use crate::content::{describe, full_content};
use std::collections::BTreeMap;
use syncline::ids::{ClientId, LinkId};
use syncline::replica::{Outcome, Replica};
use syncline::sync::EditSet;
use syncline::wire::awareness;
use syncline::wire::{AwarenessEntry, Dialect, Frame, Message, Protocol, Route, Shown};

/// A connection as the server knows it.
pub type ConnectionId = u64;

/// Whether a newcomer is told who is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Newcomers {
    /// It is.
    Told,
    /// It is not, and presence is passed on unread, as pycrdt-websocket does.
    LeftToAsk,
}

/// When the server asks a client what it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asks {
    /// As soon as the connection is open.
    First,
    /// Once it has answered, as Hocuspocus does.
    AfterAnswer,
}

/// What the server passes on of what it is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passes {
    /// What it has taken in. What builds on something else waits for that.
    TakenIn,
    /// Whatever it keeps, as functions do that each write down what they were handed.
    Everything,
}

/// What the server cannot bear of what it is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choke {
    /// It ends the connection over every edit with this in it.
    On(&'static str),
    /// It takes no edits that are larger, and says so.
    Larger(usize),
}

/// What the server answers when it is asked what it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answers {
    Good,
    /// What nobody can read.
    Poison,
}

/// The server of one room.
pub struct Server {
    pub newcomers: Newcomers,
    pub asks: Asks,
    pub passes: Passes,
    pub choke: Option<Choke>,
    pub answers: Answers,
    /// How often it was asked what it holds.
    pub asked: u32,
    replica: Replica,
    dialect: Box<dyn Dialect>,
    awareness: BTreeMap<ClientId, AwarenessEntry>,
    /// What the server held at any time, also before it lost its data.
    ever_held: EditSet,
    /// What the server goes back to when it is rolled back.
    saved: Vec<u8>,
    /// Whether something was lost that a client has sent, so that what follows builds on what is not here.
    pub has_gaps: bool,
    /// Open connections and the clients whose presence came over each.
    connections: BTreeMap<ConnectionId, Vec<ClientId>>,
}

impl Server {
    pub fn new() -> Self {
        Self {
            newcomers: Newcomers::Told,
            asks: Asks::First,
            passes: Passes::TakenIn,
            choke: None,
            answers: Answers::Good,
            asked: 0,
            replica: Replica::new(ClientId(1_000_000), 1 << 24),
            dialect: Protocol::YWebsocket.dialect(),
            awareness: BTreeMap::new(),
            ever_held: EditSet::default(),
            saved: Vec::new(),
            has_gaps: false,
            connections: BTreeMap::new(),
        }
    }

    /// Starts again, from disk or from nothing.
    pub fn restart(&mut self, keeps_data: bool) {
        let stored = if keeps_data { self.replica.encode_since(None).unwrap() } else { Vec::new() };
        self.restart_with(&stored);
    }

    /// Keeps what is here for [`Self::roll_back`].
    pub fn save(&mut self) {
        self.saved = self.replica.encode_since(None).unwrap();
    }

    /// Starts again with what was saved last.
    pub fn roll_back(&mut self) {
        let saved = self.saved.clone();
        self.restart_with(&saved);
    }

    fn restart_with(&mut self, stored: &[u8]) {
        self.note_everything_held();
        let (ever_held, saved) = (std::mem::take(&mut self.ever_held), std::mem::take(&mut self.saved));
        let Self { asks, passes, choke, answers, has_gaps, .. } = *self;
        *self = Self { ever_held, saved, asks, passes, choke, answers, has_gaps, ..Self::new() };
        if !stored.is_empty() {
            self.replica.apply(stored, LinkId(7)).unwrap();
        }
    }

    pub fn open(&mut self, connection: ConnectionId) -> Vec<(ConnectionId, Frame)> {
        self.connections.insert(connection, Vec::new());
        let mut out = if self.asks == Asks::First { vec![self.question(connection)] } else { Vec::new() };
        if !self.awareness.is_empty() && self.newcomers == Newcomers::Told {
            let entries: Vec<_> = self.awareness.values().cloned().collect();
            out.push((connection, self.frame(Message::Awareness(awareness::encode(&entries)))));
        }
        out
    }

    pub fn close(&mut self, connection: ConnectionId) -> Vec<(ConnectionId, Frame)> {
        let clients = self.connections.remove(&connection).unwrap_or_default();
        let gone: Vec<_> = clients
            .into_iter()
            .filter_map(|client| self.awareness.remove(&client))
            .map(|entry| AwarenessEntry { state: Shown::Gone, ..entry })
            .collect();
        if gone.is_empty() { Vec::new() } else { self.to_all(Message::Awareness(awareness::encode(&gone))) }
    }

    /// The code with which the server ends the connection over this frame, if it does.
    pub fn chokes_on(&self, frame: &Frame) -> Option<u16> {
        let (choke, Frame::Binary(bytes)) = (self.choke?, frame) else { return None };
        let inbound = self.dialect.decode(bytes).ok()?;
        let is_choking = |message: &Message| match (message, choke) {
            (Message::SyncStep2(update) | Message::Update(update), Choke::On(word)) => {
                update.windows(word.len()).any(|part| part == word.as_bytes())
            }
            (Message::SyncStep2(update) | Message::Update(update), Choke::Larger(limit)) => update.len() > limit,
            _ => false,
        };
        let code = if let Choke::On(_) = choke { 1006 } else { 1009 };
        inbound.iter().any(|inbound| is_choking(&inbound.message)).then_some(code)
    }

    pub fn receive(&mut self, connection: ConnectionId, frame: &Frame) -> Vec<(ConnectionId, Frame)> {
        let Frame::Binary(bytes) = frame else { panic!("a client of y-websocket sent text") };
        let inbound = self.dialect.decode(bytes).expect("a client sends what the server can read");
        inbound.into_iter().flat_map(|inbound| self.handle(connection, inbound.message)).collect()
    }

    /// Everything in the document, in a form that can be compared.
    pub fn everything(&mut self) -> String {
        describe(&mut self.replica)
    }

    /// What the server held at any time, as far as it was told so.
    pub const fn ever_held(&self) -> &EditSet {
        &self.ever_held
    }

    /// Adds the deletions that follow from what the server holds to what it held.
    pub fn note_everything_held(&mut self) {
        self.ever_held.extend(&full_content(&mut self.replica));
    }

    fn handle(&mut self, connection: ConnectionId, message: Message) -> Vec<(ConnectionId, Frame)> {
        match message {
            Message::SyncStep1(vector) => {
                self.asked += 1;
                let missing = self.replica.encode_since(Some(&vector)).expect("a client's state vector is well formed");
                let missing = if self.answers == Answers::Good { missing } else { vec![1, 2, 3] };
                let answer = (connection, self.frame(Message::SyncStep2(missing)));
                if self.asks == Asks::First { vec![answer] } else { vec![answer, self.question(connection)] }
            }
            Message::SyncStep2(update) | Message::Update(update) => self.apply(&update),
            Message::Awareness(update) => self.apply_awareness(connection, &update),
            _ => Vec::new(),
        }
    }

    fn question(&mut self, connection: ConnectionId) -> (ConnectionId, Frame) {
        let question = Message::SyncStep1(self.replica.state_vector());
        (connection, self.frame(question))
    }

    fn apply(&mut self, update: &[u8]) -> Vec<(ConnectionId, Frame)> {
        let applied = self.replica.apply(update, LinkId(7)).expect("a client's update is well formed");
        let is_held_back = applied.outcome == Outcome::Held;
        assert!(!is_held_back || self.has_gaps, "a client sent an update that builds on what it never sent");
        self.ever_held.elements.extend(self.replica.clocks().map(|(client, clock)| (client, 0..clock)));
        if !is_held_back {
            self.ever_held.deletions.extend(applied.evidence.deletes.iter().cloned());
        }
        let mut out = Vec::new();
        while let Some(committed) = self.replica.poll_committed() {
            out.extend(self.to_all(Message::Update(committed.update)));
        }
        if self.passes == Passes::Everything {
            self.ever_held.extend(&EditSet::from(&applied.evidence));
            return self.to_all(Message::Update(update.to_vec()));
        }
        out
    }

    fn apply_awareness(&mut self, connection: ConnectionId, update: &[u8]) -> Vec<(ConnectionId, Frame)> {
        if self.newcomers == Newcomers::LeftToAsk {
            return self.to_all(Message::Awareness(update.to_vec()));
        }
        let mut news = Vec::new();
        for entry in awareness::decode(update).expect("a client's presence is well formed") {
            let known = self.awareness.get(&entry.client);
            let is_news = known.is_none_or(|known| entry.clock > known.clock)
                || known.is_some_and(|known| {
                    entry.clock == known.clock && entry.state == Shown::Gone && known.state != Shown::Gone
                });
            if !is_news {
                continue;
            }
            if let Some(clients) = self.connections.get_mut(&connection) {
                clients.push(entry.client);
            }
            if entry.state != Shown::Gone {
                self.awareness.insert(entry.client, entry.clone());
            } else {
                self.awareness.remove(&entry.client);
            }
            news.push(entry);
        }
        if news.is_empty() { Vec::new() } else { self.to_all(Message::Awareness(awareness::encode(&news))) }
    }

    fn to_all(&self, message: Message) -> Vec<(ConnectionId, Frame)> {
        let frame = self.frame(message);
        self.connections.keys().map(|connection| (*connection, frame.clone())).collect()
    }

    fn frame(&self, message: Message) -> Frame {
        Frame::Binary(self.dialect.encode(&Route::Only, &message))
    }
}
