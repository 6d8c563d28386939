//! Decides how frames travel between clients and the server of a simulated world, and what goes wrong on the way.

use crate::faults::{Damage, Trouble, damaged};
use crate::server::{ConnectionId, Server};
use std::collections::BTreeMap;
use syncline::clock::{Duration, Instant};
use syncline::ids::SocketId;
use syncline::queue::Queue;
use syncline::rng::Rng;
use syncline::wire::Frame;

/// How much later a frame may arrive that is taken in together with another one.
const BURST: Duration = Duration::from_millis(20);

/// The server and its connections to peers, each named by a `P`.
pub struct Network<P> {
    pub server: Server,
    /// How many of the next attempts to connect fail.
    pub refuse: u32,
    /// How many of the next attempts to connect are never answered.
    pub hang: u32,
    /// Over how many of the next connections the server says nothing.
    mute: u32,
    /// How many of the next connections are ended as soon as they are open, and with which code.
    pub slam: (u32, u16),
    /// Over whose connections a message was lost while others were not.
    losses: Vec<P>,
    /// The age at which a connection is ended.
    pub lifetime: Option<Duration>,
    /// How long the slowest message is under way.
    pub slowest: Duration,
    /// How many bytes a second a connection carries to the server, if they are counted.
    pub rate: Option<u64>,
    /// To whom nothing is passed on that the server sends.
    pub passed_over: Option<P>,
    rng: Rng,
    connections: BTreeMap<ConnectionId, Wire<P>>,
    next_connection: ConnectionId,
    /// What is under way, by arrival time and order of sending.
    flying: BTreeMap<(Instant, u64), Flying<P>>,
    flights: u64,
}

/// A connection as the network knows it.
struct Wire<P> {
    peer: P,
    socket: SocketId,
    flow: Flow,
    attention: Attention,
    /// What becomes of the next message in each direction.
    to_server: Option<Damage>,
    to_client: Option<Damage>,
    /// When everything that was sent has left the socket.
    empty_at: Instant,
    /// How many bytes wait in the socket since nothing leaves it any more.
    stuck: usize,
    /// The latest arrival in each direction: a connection does not reorder.
    last_to_server: Instant,
    last_to_client: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Open,
    /// It swallows everything and nobody notices.
    HalfOpen,
    /// The client has closed it, the server will hear of it.
    Left,
}

/// What the server does with an open connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attention {
    Usual,
    /// It says nothing.
    Mute,
    /// It reads nothing.
    Deaf,
}

enum Flying<P> {
    Opened(ConnectionId),
    ToServer(ConnectionId, Frame),
    /// The server ends the connection.
    Ended(ConnectionId, u16),
    ToClient(ConnectionId, Frame),
    ServerSeesClose(ConnectionId),
    Aged(ConnectionId),
    Closed(P, SocketId, u16),
}

/// What the socket of a peer has to report.
pub struct Arrival<P> {
    pub peer: P,
    pub socket: SocketId,
    pub news: News,
}

#[derive(Clone)]
pub enum News {
    Opened,
    Frame(Frame),
    Closed(u16),
}

impl<P: Copy + PartialEq> Network<P> {
    pub fn new(seed: u64) -> Self {
        Self {
            server: Server::new(),
            refuse: 0,
            hang: 0,
            mute: 0,
            slam: (0, ABNORMAL),
            losses: Vec::new(),
            lifetime: None,
            slowest: Duration::from_secs(2),
            rate: None,
            passed_over: None,
            rng: Rng::new(seed),
            connections: BTreeMap::new(),
            next_connection: 0,
            flying: BTreeMap::new(),
            flights: 0,
        }
    }

    pub fn open(&mut self, peer: P, socket: SocketId, now: Instant) {
        if self.refuse > 0 {
            self.refuse -= 1;
            return self.refuse(peer, socket, now);
        }
        assert!(self.connection_of(peer, socket).is_none(), "two connections of one peer have the same number");
        let connection = self.next_connection;
        self.next_connection += 1;
        let attention = if self.mute > 0 { Attention::Mute } else { Attention::Usual };
        self.mute = self.mute.saturating_sub(1);
        self.connections.insert(connection, Wire::new(peer, socket, attention, now));
        if let Some(lifetime) = self.lifetime {
            self.fly(now + lifetime, Flying::Aged(connection));
        }
        if self.hang > 0 {
            self.hang -= 1;
        } else {
            self.fly(now, Flying::Opened(connection));
            self.slam(connection, now);
        }
    }

    /// Lets nobody in, and does not say why.
    pub fn refuse(&mut self, peer: P, socket: SocketId, now: Instant) {
        self.fly(now, Flying::Closed(peer, socket, ABNORMAL));
    }

    /// Ends a connection as soon as it is open, if that is how connections are ended.
    fn slam(&mut self, connection: ConnectionId, now: Instant) {
        if let Some(left) = self.slam.0.checked_sub(1) {
            self.slam.0 = left;
            let soon = self.rng.up_to(Duration::from_millis(300));
            self.fly(now + soon, Flying::Ended(connection, self.slam.1));
        }
    }

    /// Lets something befall the connection of a peer, or those that are opened next.
    pub fn trouble(&mut self, peer: P, trouble: Trouble, now: Instant) {
        match trouble {
            Trouble::MuteNext(connections) => return self.mute = connections,
            Trouble::Slam(connections, code) => return self.slam = (connections, code),
            Trouble::Close(code) => return self.cut(peer, code, now),
            Trouble::ToClient(_) | Trouble::ToServer(_) | Trouble::Mute | Trouble::Deaf => {}
        }
        let connection = self.last_connection(peer);
        let Some(wire) = connection.and_then(|connection| self.connections.get_mut(&connection)) else { return };
        match trouble {
            Trouble::ToClient(damage) => wire.to_client = Some(damage),
            Trouble::ToServer(damage) => wire.to_server = Some(damage),
            // Who reads nothing any more does not begin to again.
            Trouble::Mute if wire.attention == Attention::Usual => wire.attention = Attention::Mute,
            Trouble::Deaf if wire.attention == Attention::Usual => wire.attention = Attention::Deaf,
            Trouble::Mute | Trouble::Deaf => {}
            Trouble::Close(_) | Trouble::MuteNext(_) | Trouble::Slam(..) => {}
        }
    }

    /// Has nothing go wrong any more with what is said and opened from here on.
    pub fn end_trouble(&mut self) {
        (self.refuse, self.hang, self.mute, self.slam.0) = (0, 0, 0, 0);
        for wire in self.connections.values_mut() {
            (wire.to_client, wire.to_server) = (None, None);
        }
    }

    /// To whom or from whom something was lost over a connection over which other things came: if they asked nothing, it
    /// shows only over the next connection.
    pub fn take_losses(&mut self) -> Vec<P> {
        let deaf = self.connections.values().filter(|wire| wire.attention == Attention::Deaf).map(|wire| wire.peer);
        self.losses.extend(deaf);
        std::mem::take(&mut self.losses)
    }

    /// The client closes the connection: what it sent before arrives.
    pub fn close(&mut self, peer: P, socket: SocketId, now: Instant) {
        let Some(connection) = self.connection_of(peer, socket) else { return };
        self.fly_to_server(connection, Flying::ServerSeesClose(connection), now);
        let late = now + self.latency();
        self.fly(late, Flying::Closed(peer, socket, NORMAL));
        if let Some(wire) = self.connections.get_mut(&connection) {
            wire.flow = if wire.flow == Flow::Open { Flow::Left } else { wire.flow };
        }
    }

    pub fn send(&mut self, peer: P, socket: SocketId, frame: Frame, now: Instant) {
        let Some(connection) = self.connection_of(peer, socket) else { return };
        if let (Some(rate), Some(wire)) = (self.rate, self.connections.get_mut(&connection)) {
            wire.empty_at = wire.empty_at.max(now) + Duration::from_millis(frame.len() as u64 * 1000 / rate);
            wire.stuck += frame.len();
        }
        let damage = self.connections.get_mut(&connection).and_then(|wire| wire.to_server.take());
        match damage {
            Some(Damage::CutOff | Damage::Noise) => {
                self.fly_to_server(connection, Flying::Ended(connection, UNREADABLE), now)
            }
            Some(Damage::Lost) => self.losses.push(peer),
            Some(Damage::Twice) | None => {
                for frame in damaged(frame, damage) {
                    self.fly_to_server(connection, Flying::ToServer(connection, frame), now);
                }
            }
        }
    }

    /// How many bytes wait in a socket.
    pub fn buffered(&self, peer: P, socket: SocketId, now: Instant) -> usize {
        let wire = self.connection_of(peer, socket).and_then(|connection| self.connections.get(&connection));
        match (wire, self.rate) {
            (Some(wire), Some(_)) if wire.flow == Flow::HalfOpen => wire.stuck,
            (Some(wire), Some(rate)) => bytes_in(wire.empty_at.since(now), rate),
            _ => 0,
        }
    }

    /// Ends the connection of a peer: frames under way are lost, both ends notice.
    pub fn cut(&mut self, peer: P, code: u16, now: Instant) {
        if let Some(connection) = self.last_connection(peer) {
            self.cut_connection(connection, code, now);
        }
    }

    pub fn half_open(&mut self, peer: P, now: Instant) {
        let rate = self.rate.unwrap_or_default();
        for wire in self.connections.values_mut().filter(|wire| wire.peer == peer && wire.flow == Flow::Open) {
            wire.flow = Flow::HalfOpen;
            wire.stuck = bytes_in(wire.empty_at.since(now), rate);
        }
    }

    /// The server sends bytes that make no sense.
    pub fn inject(&mut self, peer: P, bytes: Vec<u8>, now: Instant) {
        if let Some(connection) = self.last_connection(peer) {
            self.send_to_client(connection, Frame::Binary(bytes), now);
        }
    }

    pub fn restart_server(&mut self, keeps_data: bool, now: Instant) {
        self.server.restart(keeps_data);
        self.cut_all(now);
    }

    /// Ends all connections.
    pub fn cut_all(&mut self, now: Instant) {
        let connections: Vec<_> = self.connections.keys().copied().collect();
        connections.into_iter().for_each(|connection| self.cut_connection(connection, ABNORMAL, now));
    }

    /// When [`Self::arrive`] has something to do.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.flying.keys().next().map(|(at, _)| *at)
    }

    /// A frame that has arrived, with those that are taken in together with it: in half of the cases what arrives next
    /// over the same socket.
    pub fn burst(&mut self, peer: P, socket: SocketId, first: Frame, now: Instant) -> Queue<(SocketId, Frame)> {
        let is_burst = first.len().is_multiple_of(2);
        let mut frames = Queue::new();
        frames.push_back((socket, first));
        while is_burst && let Some(frame) = self.next_frame(peer, socket, now + BURST) {
            frames.push_back((socket, frame));
        }
        frames
    }

    /// The frame that arrives next, if it does so over the same socket until then.
    fn next_frame(&mut self, peer: P, socket: SocketId, until: Instant) -> Option<Frame> {
        let ((at, _), Flying::ToClient(connection, _)) = self.flying.first_key_value()? else { return None };
        let wire = (*at <= until).then(|| self.flowing(*connection))??;
        if (wire.peer, wire.socket) != (peer, socket) {
            return None;
        }
        match self.flying.pop_first()? {
            (_, Flying::ToClient(_, frame)) => Some(frame),
            _ => None,
        }
    }

    /// Lets the next flight end; returns what a peer hears of it.
    pub fn arrive(&mut self, now: Instant) -> Option<Arrival<P>> {
        let (_, flying) = self.flying.pop_first()?;
        match flying {
            Flying::Opened(connection) => {
                let (peer, socket) = self.flowing(connection).map(|wire| (wire.peer, wire.socket))?;
                let greeting = self.server.open(connection);
                self.relay(greeting, now);
                Some(Arrival { peer, socket, news: News::Opened })
            }
            Flying::ToServer(connection, frame) => {
                let is_read = |wire: &Wire<P>| wire.flow != Flow::HalfOpen && wire.attention != Attention::Deaf;
                let is_read = self.connections.get(&connection).is_some_and(is_read);
                if let Some(code) = self.server.chokes_on(&frame).filter(|_| is_read) {
                    self.cut_connection(connection, code, now);
                    return None;
                }
                let out = if is_read { self.server.receive(connection, &frame) } else { Vec::new() };
                self.relay(out, now);
                None
            }
            Flying::ToClient(connection, frame) => {
                // Who has closed a socket may still hear some of what was under way.
                let hears = |wire: &&Wire<P>| {
                    wire.flow == Flow::Open || (wire.flow == Flow::Left && frame.len().is_multiple_of(2))
                };
                let Wire { peer, socket, .. } = *self.connections.get(&connection).filter(hears)?;
                Some(Arrival { peer, socket, news: News::Frame(frame) })
            }
            Flying::ServerSeesClose(connection) => {
                self.connections.remove(&connection);
                let out = self.server.close(connection);
                self.relay(out, now);
                None
            }
            Flying::Ended(connection, code) => {
                // What swallows everything does not let this through either.
                if self.connections.get(&connection).is_some_and(|wire| wire.flow != Flow::HalfOpen) {
                    self.cut_connection(connection, code, now);
                }
                None
            }
            Flying::Aged(connection) => {
                // At its end, connections are ended no more.
                if self.lifetime.is_some() {
                    self.cut_connection(connection, GOING_AWAY, now);
                }
                None
            }
            Flying::Closed(peer, socket, code) => Some(Arrival { peer, socket, news: News::Closed(code) }),
        }
    }

    /// How much was ever under way, for comparing runs.
    pub const fn flights(&self) -> u64 {
        self.flights
    }

    fn flowing(&self, connection: ConnectionId) -> Option<&Wire<P>> {
        self.connections.get(&connection).filter(|wire| wire.flow == Flow::Open)
    }

    fn connection_of(&self, peer: P, socket: SocketId) -> Option<ConnectionId> {
        let found = self.connections.iter().find(|(_, wire)| wire.peer == peer && wire.socket == socket);
        found.map(|(connection, _)| *connection)
    }

    fn last_connection(&self, peer: P) -> Option<ConnectionId> {
        self.connections.iter().rev().find(|(_, wire)| wire.peer == peer).map(|(connection, _)| *connection)
    }

    fn cut_connection(&mut self, connection: ConnectionId, code: u16, now: Instant) {
        let Some(Wire { peer, socket, flow, .. }) = self.connections.remove(&connection) else { return };
        let farewell = self.server.close(connection);
        self.relay(farewell, now);
        if flow == Flow::Open {
            self.fly(now, Flying::Closed(peer, socket, code));
        }
    }

    fn relay(&mut self, out: Vec<(ConnectionId, Frame)>, now: Instant) {
        for (connection, frame) in out {
            self.send_to_client(connection, frame, now);
        }
    }

    fn fly_to_server(&mut self, connection: ConnectionId, flying: Flying<P>, now: Instant) {
        let arrival = now + self.latency();
        let Some(wire) = self.connections.get_mut(&connection) else { return };
        wire.last_to_server = wire.last_to_server.max(arrival).max(wire.empty_at);
        let at = wire.last_to_server;
        self.fly(at, flying);
    }

    fn send_to_client(&mut self, connection: ConnectionId, frame: Frame, now: Instant) {
        let arrival = now + self.latency();
        let passed_over = self.passed_over;
        let hears = |wire: &&mut Wire<P>| Some(wire.peer) != passed_over && wire.attention != Attention::Mute;
        let Some(wire) = self.connections.get_mut(&connection).filter(hears) else { return };
        wire.last_to_client = wire.last_to_client.max(arrival);
        let (at, peer, damage) = (wire.last_to_client, wire.peer, wire.to_client.take());
        if damage == Some(Damage::Lost) {
            self.losses.push(peer);
        }
        for frame in damaged(frame, damage) {
            self.fly(at, Flying::ToClient(connection, frame));
        }
    }

    fn fly(&mut self, at: Instant, flying: Flying<P>) {
        self.flights += 1;
        self.flying.insert((at + Duration::from_millis(1), self.flights), flying);
    }

    /// Mostly quick, sometimes not: this is what reorders clients among each other.
    fn latency(&mut self) -> Duration {
        let slowest = if self.rng.below(10) == 0 { self.slowest } else { Duration::from_millis(50) };
        self.rng.up_to(slowest)
    }
}

impl<P> Wire<P> {
    const fn new(peer: P, socket: SocketId, attention: Attention, now: Instant) -> Self {
        Self {
            peer,
            socket,
            flow: Flow::Open,
            attention,
            to_server: None,
            to_client: None,
            empty_at: now,
            stuck: 0,
            last_to_server: now,
            last_to_client: now,
        }
    }
}

/// How many bytes are carried in that time.
fn bytes_in(time: Duration, rate: u64) -> usize {
    (time.as_millis() as u64 * rate).div_ceil(1000) as usize
}

/// The close code of a connection that its client has ended.
const NORMAL: u16 = 1000;

/// The close code of a connection that has reached its age.
const GOING_AWAY: u16 = 1001;

/// The close code of a connection that broke.
const ABNORMAL: u16 = 1006;

/// The close code of a server that cannot read what it was sent.
const UNREADABLE: u16 = 1007;
