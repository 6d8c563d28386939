//! Decides what a relay does: it passes on what it gets, to all or to all others, and reads nothing of it.

use std::collections::BTreeSet;
use syncline::wire::Frame;

/// A connection as the relay knows it.
pub type ConnectionId = u64;

/// The relay of one room.
pub struct Server {
    pub audience: Audience,
    /// How many frames it was sent.
    pub received: u64,
    connections: BTreeSet<ConnectionId>,
}

/// To whom a frame is passed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    Others,
    Everybody,
}

impl Server {
    pub const fn new() -> Self {
        Self { audience: Audience::Others, received: 0, connections: BTreeSet::new() }
    }

    pub fn restart(&mut self, _keeps_data: bool) {
        self.connections.clear();
    }

    pub fn open(&mut self, connection: ConnectionId) -> Vec<(ConnectionId, Frame)> {
        self.connections.insert(connection);
        Vec::new()
    }

    pub fn close(&mut self, connection: ConnectionId) -> Vec<(ConnectionId, Frame)> {
        self.connections.remove(&connection);
        Vec::new()
    }

    /// A relay passes on whatever it gets.
    pub const fn chokes_on(&self, _: &Frame) -> Option<u16> {
        None
    }

    pub fn receive(&mut self, connection: ConnectionId, frame: &Frame) -> Vec<(ConnectionId, Frame)> {
        self.received += 1;
        let hears = |listener: &&ConnectionId| self.audience == Audience::Everybody || **listener != connection;
        self.connections.iter().filter(hears).map(|listener| (*listener, frame.clone())).collect()
    }
}
