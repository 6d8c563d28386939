//! Decides what must hold in a simulated world: at every moment, and once nothing disturbs it any more.

use super::{HIGH_WATER, SETTLING, World};
use crate::action::CLIENTS;
use crate::client::Client;
use syncline::ids::{ClientId, SocketId};
use syncline::session::{Output, Posted};
use syncline::wire::{Dialect, Frame, Message, YWebsocket};

/// What a client hands to its socket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cargo {
    Update,
    Presence,
    /// What cannot wait.
    Urgent,
}

impl World {
    /// What must hold at every moment.
    pub fn check(&mut self) {
        for (client, page) in self.clients.iter_mut().zip(&mut self.pages) {
            let now = page.time(self.now);
            let unsynced = client.session.status(client.doc, now).expect("the document is open").unsynced;
            let server = &mut self.network.server;
            let missing = client.missing(server.ever_held());
            if unsynced < missing {
                server.note_everything_held();
            }
            let missing = client.missing(server.ever_held());
            assert!(
                unsynced >= missing,
                "client {} says that {unsynced} edits are unsaved, the server never held {missing}",
                client.id
            );
            client.check_sentence(now);
        }
        for client in 0..CLIENTS {
            self.drain(client);
        }
    }

    /// What must hold once nothing disturbs the world any more.
    pub fn check_healed(&mut self) {
        let expected = self.clients[0].everything();
        for (client, page) in self.clients.iter_mut().zip(&mut self.pages) {
            let now = page.time(self.now);
            assert_eq!(client.everything(), expected, "the replicas differ");
            assert_eq!(client.mirror(), client.content(), "the deltas do not add up to the text");
            let status = client.session.status(client.doc, now).unwrap();
            assert!(client.is_synced(), "client {} did not heal: {status:?}", client.id);
            assert_eq!(status.unsynced, 0, "client {} has unsaved edits", client.id);
            assert_eq!(client.chokes, 0, "client {} withholds edits that do no harm", client.id);
            let waiting = client.session.edit(client.doc, |replica| Ok(replica.is_waiting())).unwrap();
            assert!(!waiting, "client {} still holds early changes back", client.id);
        }
        assert_eq!(self.network.server.everything(), expected, "the server differs");
        let expected = presence(&self.clients[0]);
        for client in &self.clients {
            assert_eq!(presence(client), expected, "presence differs");
        }
    }

    /// An event of each reaches each of the others, and nobody twice, once nothing disturbs the world any more.
    pub fn check_broadcasts(&mut self) {
        for client in 0..CLIENTS {
            self.input(client, |client, now| assert_eq!(client.broadcast(now), Posted::Sent));
        }
        self.advance(SETTLING);
        for (client, from) in (0..CLIENTS).flat_map(|client| (0..CLIENTS).map(move |from| (client, from))) {
            let last = (client != from).then_some(self.clients[from].told);
            assert_eq!(self.heard(client, from).last().copied(), last, "client {client} did not hear client {from}");
        }
        self.await_presence();
        assert!(self.agrees_on_presence(), "events were taken for presence");
    }

    /// Where as much waits in a socket as may, nothing is handed over that can wait, but presence in the turn of an update.
    pub(super) fn check_backlog(&self, client: usize, socket: SocketId, frame: &Frame, before: Option<Cargo>) -> Cargo {
        let waiting = self.network.buffered(client, self.outside(client, socket), self.now);
        let Frame::Binary(bytes) = frame else { panic!("client {client} sends text") };
        let inbound = YWebsocket.decode(bytes).expect("a client sends what can be read");
        let cargo = match inbound[0].message {
            Message::Update(_) => Cargo::Update,
            Message::Awareness(_) => Cargo::Presence,
            _ => Cargo::Urgent,
        };
        let is_in_turn = cargo == Cargo::Presence && before == Some(Cargo::Update);
        assert!(
            waiting < HIGH_WATER || self.is_leaving || is_in_turn || cargo == Cargo::Urgent,
            "client {client} hands over {inbound:?} although {waiting} bytes wait"
        );
        cargo
    }

    /// How many bytes wait in the socket of a client.
    pub fn backlog(&self, client: usize) -> usize {
        let socket = self.clients[client].sockets.last();
        socket.map_or(0, |socket| self.network.buffered(client, self.outside(client, *socket), self.now))
    }

    pub(super) fn agrees_on_presence(&self) -> bool {
        self.clients.windows(2).all(|pair| presence(&pair[0]) == presence(&pair[1]))
    }

    /// How many messages were sent, by anybody.
    pub const fn flights(&self) -> u64 {
        self.network.flights()
    }

    /// How often any client was in another phase than synced.
    pub fn interruptions(&self) -> u32 {
        self.clients.iter().map(|client| client.interruptions).sum()
    }
}

/// What has just come over a socket that was left leads to nothing.
pub(super) fn check_unheeded(client: &mut Client, socket: SocketId) {
    if !client.sockets.contains(&socket) && !client.is_lost() {
        let output = client.session.poll_output();
        assert!(
            matches!(output, Output::Idle(_)),
            "client {} heeds what comes over a socket that it has left",
            client.id
        );
    }
}

fn presence(client: &Client) -> Vec<(ClientId, String)> {
    let mut states = client.session.presence_states(client.doc);
    states.sort();
    states
}
