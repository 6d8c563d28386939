//! Decides how time, the network and faults work in a simulated world.

mod invariants;

use crate::action::{Action, CLIENTS};
use crate::client::Client;
use crate::server::{ConnectionId, Server};
use std::collections::BTreeMap;
use syncline::clock::{Duration, Instant};
use syncline::connection::CloseInfo;
use syncline::ids::SocketId;
use syncline::replica::Value;
use syncline::rng::Rng;
use syncline::session::Output;
use syncline::wire::Frame;

/// How long a world may take to heal once nothing disturbs it any more.
const HEALING: Duration = Duration::from_secs(300);

/// How long it may take at most until a dead connection is noticed, in milliseconds.
const NOTICING: u64 = 20_000;

/// How long the slowest message, the answer to it and the answer to that may take, in milliseconds.
const SETTLING: u64 = 6_500;

pub struct World {
    now: Instant,
    rng: Rng,
    clients: Vec<Client>,
    server: Server,
    connections: BTreeMap<ConnectionId, Wire>,
    next_connection: ConnectionId,
    /// What is under way, by arrival time and order of sending.
    flying: BTreeMap<(Instant, u64), Flying>,
    next_flight: u64,
    refuse: u32,
    hang: u32,
}

/// A connection as the network knows it.
struct Wire {
    client: usize,
    socket: SocketId,
    flow: Flow,
    /// The latest arrival in each direction: a connection does not reorder.
    last_to_server: Instant,
    last_to_client: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Open,
    HalfOpen,
}

enum Flying {
    Opened(ConnectionId),
    ToServer(ConnectionId, Frame),
    ToClient(ConnectionId, Frame),
    ServerSeesClose(ConnectionId),
    Refused(usize, SocketId),
    Closed(usize, SocketId, u16),
}

impl World {
    pub fn new(seed: u64) -> Self {
        let now = Instant::from_millis(1_000_000);
        let mut world = Self {
            now,
            rng: Rng::new(seed),
            clients: (0..CLIENTS).map(|number| Client::new(number, seed ^ (number as u64) << 32, now)).collect(),
            server: Server::new(),
            connections: BTreeMap::new(),
            next_connection: 0,
            flying: BTreeMap::new(),
            next_flight: 0,
            refuse: 0,
            hang: 0,
        };
        for client in 0..CLIENTS {
            world.input(client, |client, now| client.session.connect(now));
        }
        world
    }

    pub fn act(&mut self, action: &Action) {
        match action.clone() {
            Action::Insert { client, at, text } => self.clients[client].insert(at, &text),
            Action::Delete { client, at, len } => self.clients[client].delete(at, len),
            Action::Format { client, at, len, bold } => self.clients[client].format(at, len, bold),
            Action::SetKey { client, key, value } => {
                let Client { session, doc, map, .. } = &mut self.clients[client];
                session.edit(*doc, |replica| replica.map_set(*map, &key.to_string(), Value::from(value))).unwrap();
            }
            Action::DeleteKey { client, key } => {
                let Client { session, doc, map, .. } = &mut self.clients[client];
                session.edit(*doc, |replica| replica.map_delete(*map, &key.to_string())).unwrap();
            }
            Action::Push { client, at, value } => self.clients[client].push(at, value),
            Action::Remove { client, at } => self.clients[client].remove(at),
            Action::SetPresence { client, state } => {
                let state = state.map(|state| format!("{{\"mood\":{state}}}"));
                self.input(client, |client, now| client.session.set_presence(client.doc, state, now));
            }
            Action::EndTask { client } => self.end_task(client),
            Action::Advance { millis } => self.advance(millis),
            Action::Cut { client } => self.cut(client, 1006),
            Action::HalfOpen { client } => {
                for wire in self.connections.values_mut().filter(|wire| wire.client == client) {
                    wire.flow = Flow::HalfOpen;
                }
            }
            Action::Garbage { client, bytes } => {
                if let Some(connection) = self.connection_of(client) {
                    self.send_to_client(connection, Frame::Binary(bytes));
                }
            }
            Action::Refuse { attempts } => self.refuse = attempts,
            Action::Hang { attempts } => self.hang = attempts,
            Action::RestartServer { keeps_data } => {
                self.server.restart(keeps_data);
                let connections: Vec<_> = self.connections.keys().copied().collect();
                connections.into_iter().for_each(|connection| self.cut_connection(connection, 1006));
            }
            Action::CloseAll { code } => (0..CLIENTS).for_each(|client| self.cut(client, code)),
            Action::Online { client } => self.input(client, |client, now| client.session.handle_online(now)),
            Action::Offline { client } => self.input(client, |client, now| client.session.handle_offline(now)),
            Action::Frozen { client } => self.input(client, |client, now| client.session.handle_frozen(now)),
            Action::Visible { client } => self.input(client, |client, now| client.session.handle_visible(now)),
            Action::Sleep { client, millis } => {
                self.clients[client].asleep_until = self.now + Duration::from_millis(millis);
            }
            Action::Disconnect { client } => self.input(client, |client, now| client.session.disconnect(now)),
            Action::Connect { client } => self.input(client, |client, now| client.session.connect(now)),
            Action::Reconnect { client } => self.input(client, |client, now| client.session.reconnect(now)),
        }
    }

    /// Lets time pass: everything due happens in order.
    pub fn advance(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some((at, what)) = self.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            match what {
                Due::Flight(key) => {
                    if let Some(flying) = self.flying.remove(&key) {
                        self.arrive(flying);
                    }
                }
                Due::Timer(client) => {
                    self.input(client, |client, now| client.session.handle_timeout(now));
                    let deadline = self.clients[client].deadline;
                    assert!(deadline.is_none_or(|at| at > self.now), "client {client} is busy without end");
                }
            }
        }
        self.now = end;
    }

    /// Ends all faults and waits until everybody is synced and silent.
    pub fn heal(&mut self) {
        (self.refuse, self.hang) = (0, 0);
        for client in 0..CLIENTS {
            self.clients[client].asleep_until = self.now;
            self.end_task(client);
            self.input(client, |client, now| client.session.handle_visible(now));
            self.input(client, |client, now| client.session.connect(now));
        }
        // Dead connections still look healthy until they are noticed.
        self.advance(NOTICING);
        let deadline = self.now + HEALING;
        while self.now < deadline && !self.is_healed() {
            self.advance(100);
        }
        self.advance(SETTLING);
    }

    pub fn fingerprint(&mut self) -> String {
        let everything = self.clients[0].everything();
        let opened: Vec<u32> = self.clients.iter().map(|client| client.opened).collect();
        format!("{everything} {opened:?} {}", self.next_flight)
    }

    pub fn text_of(mut self, client: usize) -> String {
        self.clients[client].content()
    }

    pub fn server_text(mut self) -> String {
        self.server.text()
    }

    pub fn is_synced(&self, client: usize) -> bool {
        self.clients[client].is_synced()
    }

    pub fn is_seen_by_others(&self, client: usize) -> bool {
        let id = self.clients[client].id;
        let sees = |other: &Client| other.session.presence_states(other.doc).iter().any(|(seen, _)| *seen == id);
        self.clients.iter().filter(|other| other.id != id).all(sees)
    }

    pub fn reconnects(&self, client: usize) -> u32 {
        self.clients[client].opened.saturating_sub(1)
    }

    fn is_healed(&mut self) -> bool {
        let now = self.now;
        self.clients.iter_mut().all(|client| {
            let unsynced = client.session.status(client.doc, now).unwrap().unsynced;
            client.is_synced() && unsynced == 0
        })
    }

    fn end_task(&mut self, client: usize) {
        self.input(client, |client, now| client.session.commit(client.doc, now));
    }

    fn input(&mut self, client: usize, input: impl FnOnce(&mut Client, Instant)) {
        input(&mut self.clients[client], self.now);
        self.drain(client);
    }

    fn drain(&mut self, number: usize) {
        loop {
            match self.clients[number].session.poll_output() {
                Output::Open(socket) => self.open(number, socket),
                Output::Send(socket, frame) => self.send_to_server(number, socket, frame),
                Output::Close(socket, _) => self.close(number, socket),
                Output::Store(..) | Output::Tabs(..) => panic!("there is neither a disk nor another tab"),
                Output::Event(event) => self.clients[number].handle_event(event),
                Output::Idle(deadline) => {
                    self.clients[number].deadline = deadline;
                    return;
                }
            }
        }
    }

    fn open(&mut self, number: usize, socket: SocketId) {
        let client = &mut self.clients[number];
        assert_eq!(client.socket, None, "client {number} opens a second socket");
        client.socket = Some(socket);
        client.opened += 1;
        if self.refuse > 0 {
            self.refuse -= 1;
            return self.fly(self.now, Flying::Refused(number, socket));
        }
        let connection = self.next_connection;
        self.next_connection += 1;
        let (now, flow) = (self.now, Flow::Open);
        let wire = Wire { client: number, socket, flow, last_to_server: now, last_to_client: now };
        self.connections.insert(connection, wire);
        if self.hang > 0 {
            self.hang -= 1;
        } else {
            self.fly(self.now, Flying::Opened(connection));
        }
    }

    fn close(&mut self, number: usize, socket: SocketId) {
        assert_eq!(
            self.clients[number].socket.take(),
            Some(socket),
            "client {number} closes a socket it does not have"
        );
        if let Some(connection) = self.connection_of(number) {
            self.fly_to_server(connection, Flying::ServerSeesClose(connection));
        }
    }

    /// Ends the connection of a client: frames under way are lost, both ends notice.
    fn cut(&mut self, number: usize, code: u16) {
        if let Some(connection) = self.connection_of(number) {
            self.cut_connection(connection, code);
        }
    }

    fn cut_connection(&mut self, connection: ConnectionId, code: u16) {
        let Some(Wire { client, socket, flow, .. }) = self.connections.remove(&connection) else { return };
        let farewell = self.server.close(connection);
        self.relay(farewell);
        if self.clients[client].socket == Some(socket) && flow == Flow::Open {
            self.fly(self.now, Flying::Closed(client, socket, code));
        }
    }

    fn connection_of(&self, number: usize) -> Option<ConnectionId> {
        self.connections.iter().rev().find(|(_, wire)| wire.client == number).map(|(connection, _)| *connection)
    }

    fn send_to_server(&mut self, number: usize, socket: SocketId, frame: Frame) {
        assert_eq!(self.clients[number].socket, Some(socket), "client {number} sends on a socket it does not have");
        let found = self.connections.iter().find(|(_, wire)| wire.client == number && wire.socket == socket);
        if let Some(connection) = found.map(|(connection, _)| *connection) {
            self.fly_to_server(connection, Flying::ToServer(connection, frame));
        }
    }

    fn fly_to_server(&mut self, connection: ConnectionId, flying: Flying) {
        let arrival = self.now + self.latency();
        let Some(wire) = self.connections.get_mut(&connection) else { return };
        wire.last_to_server = wire.last_to_server.max(arrival);
        let at = wire.last_to_server;
        self.fly(at, flying);
    }

    fn send_to_client(&mut self, connection: ConnectionId, frame: Frame) {
        let arrival = self.now + self.latency();
        let Some(wire) = self.connections.get_mut(&connection) else { return };
        wire.last_to_client = wire.last_to_client.max(arrival);
        let at = wire.last_to_client;
        self.fly(at, Flying::ToClient(connection, frame));
    }

    fn fly(&mut self, at: Instant, flying: Flying) {
        self.next_flight += 1;
        self.flying.insert((at + Duration::from_millis(1), self.next_flight), flying);
    }

    /// Mostly quick, sometimes not: this is what reorders clients among each other.
    fn latency(&mut self) -> Duration {
        let slowest = if self.rng.below(10) == 0 { 2_000 } else { 50 };
        self.rng.up_to(Duration::from_millis(slowest))
    }

    fn next_due(&self) -> Option<(Instant, Due)> {
        let flight = self.flying.keys().next().map(|key| (key.0, Due::Flight(*key)));
        let timers = self
            .clients
            .iter()
            .enumerate()
            .filter_map(|(number, client)| Some((client.deadline?.max(client.asleep_until), Due::Timer(number))));
        timers.chain(flight).min_by_key(|(at, _)| *at)
    }

    fn arrive(&mut self, flying: Flying) {
        match flying {
            Flying::Opened(connection) => {
                let Some(wire) = self.connections.get(&connection) else { return };
                let (number, socket, flow) = (wire.client, wire.socket, wire.flow);
                if flow == Flow::HalfOpen || self.clients[number].socket != Some(socket) {
                    return;
                }
                let greeting = self.server.open(connection);
                self.relay(greeting);
                self.input(number, |client, now| client.session.handle_opened(socket, now));
            }
            Flying::ToServer(connection, frame) => {
                if self.flow(connection) == Some(Flow::Open) {
                    let out = self.server.receive(connection, &frame);
                    self.relay(out);
                }
            }
            Flying::ToClient(connection, frame) => {
                if self.flow(connection) == Some(Flow::Open) {
                    let Wire { client, socket, .. } = self.connections[&connection];
                    self.input(client, |client, now| client.session.handle_frame(socket, &frame, now));
                }
            }
            Flying::ServerSeesClose(connection) => {
                self.connections.remove(&connection);
                let out = self.server.close(connection);
                self.relay(out);
            }
            Flying::Refused(number, socket) => self.closed(number, socket, 1006),
            Flying::Closed(number, socket, code) => self.closed(number, socket, code),
        }
    }

    fn closed(&mut self, number: usize, socket: SocketId, code: u16) {
        if self.clients[number].socket != Some(socket) {
            return;
        }
        self.clients[number].socket = None;
        let info = CloseInfo { code, reason: String::new() };
        self.input(number, |client, now| client.session.handle_closed(socket, info, now));
    }

    fn flow(&self, connection: ConnectionId) -> Option<Flow> {
        self.connections.get(&connection).map(|wire| wire.flow)
    }

    fn relay(&mut self, out: Vec<(ConnectionId, Frame)>) {
        for (connection, frame) in out {
            self.send_to_client(connection, frame);
        }
    }
}

enum Due {
    Flight((Instant, u64)),
    Timer(usize),
}
