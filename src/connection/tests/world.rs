//! A connection, a scripted server and a clock that only the test moves.

use crate::clock::{Duration, Instant};
use crate::config::ConnectionConfig;
use crate::connection::{
    Action, CloseCode, CloseInfo, Connection, ConnectionStatus, Greeting, Habits, Liveness, Phase, ProbeStep, Questions,
};
use crate::ids::SocketId;
use crate::rng::Rng;

use std::collections::BTreeMap;

/// How the server treats every socket.
#[derive(Clone, Copy, Debug)]
pub(super) enum Server {
    /// Refuses the connection.
    Refuses,
    /// Never completes the handshake.
    Hangs,
    /// Opens, then closes before anything was synced.
    OpensThenCloses(u16, &'static str),
    /// Opens and syncs, then closes after that time.
    SyncsThenCloses(Duration, u16, &'static str),
    /// Opens and never sends anything.
    Mute,
    /// Opens and syncs, never sends anything after.
    SyncsThenMute,
    /// Opens and syncs, then answers only the second question.
    AnswersTheSecond,
    /// Opens, syncs after that time, and answers every question from then on.
    Syncs(Duration),
}

#[derive(Debug)]
enum News {
    Opened,
    Synced,
    Received,
    Closed(CloseInfo),
}

/// Checks what a connection does against the rules that hold always, and keeps what it did.
pub(super) struct Ledger {
    /// The socket that exists as far as a driver knows.
    pub(super) socket: Option<SocketId>,
    /// The one beside it that is to take its place.
    pub(super) successor: Option<SocketId>,
    /// Everything done so far.
    pub(super) log: Vec<(Instant, Action)>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self { socket: None, successor: None, log: Vec::new() }
    }

    pub(super) fn record(&mut self, action: Action, now: Instant) {
        match action {
            Action::Open(socket) => {
                assert_eq!(self.successor, None, "a third socket");
                assert!(self.opened().all(|(_, earlier)| earlier < socket), "an id is used again");
                let place = if self.socket.is_none() { &mut self.socket } else { &mut self.successor };
                *place = Some(socket);
            }
            Action::Close(socket, _) => assert!(self.forget(socket), "closes what is not there"),
            Action::Probe(socket, _) => assert_eq!(self.socket, Some(socket), "probes what is not there"),
        }
        self.log.push((now, action));
    }

    pub(super) fn has(&self, socket: SocketId) -> bool {
        [self.socket, self.successor].contains(&Some(socket))
    }

    /// Notes that a socket is gone; its successor takes its place. Says whether it was there.
    pub(super) fn forget(&mut self, socket: SocketId) -> bool {
        let was_there = self.has(socket);
        let left = [self.socket, self.successor].into_iter().flatten().filter(|other| *other != socket);
        let mut left = left.collect::<Vec<_>>().into_iter();
        (self.socket, self.successor) = (left.next(), left.next());
        was_there
    }

    pub(super) fn opened(&self) -> impl Iterator<Item = (Instant, SocketId)> {
        self.log.iter().filter_map(|(at, action)| match action {
            Action::Open(socket) => Some((*at, *socket)),
            _ => None,
        })
    }
}

pub(super) struct World {
    pub(super) connection: Connection,
    pub(super) ledger: Ledger,
    pub(super) now: Instant,
    pub(super) server: Server,
    news: BTreeMap<(Instant, usize), (SocketId, News)>,
    sent: usize,
}

/// How long news takes.
pub(super) const LATENCY: Duration = Duration::from_millis(20);

impl World {
    pub(super) fn new(server: Server, seed: u64) -> Self {
        Self::with(ConnectionConfig::default(), server, seed)
    }

    /// A world in which the application has just asked for a connection.
    pub(super) fn with(config: ConnectionConfig, server: Server, seed: u64) -> Self {
        Self::before(config, PLAIN, server, seed)
    }

    /// A world in which the server has these habits.
    pub(super) fn before(config: ConnectionConfig, habits: Habits, server: Server, seed: u64) -> Self {
        let mut world = Self {
            connection: Connection::new(config, habits, Rng::new(seed)),
            ledger: Ledger::new(),
            now: Instant::from_millis(1_000_000),
            server,
            news: BTreeMap::new(),
            sent: 0,
        };
        world.act(Connection::connect);
        world
    }

    /// Gives the connection one input and takes its actions.
    pub(super) fn act<R>(&mut self, input: impl FnOnce(&mut Connection, Instant) -> R) -> R {
        let result = input(&mut self.connection, self.now);
        while let Some(action) = self.connection.poll_action() {
            self.ledger.record(action, self.now);
            self.serve(action);
        }
        result
    }

    /// Lets time pass with punctual timers.
    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let news = self.news.first_key_value().map(|((at, _), _)| *at);
            let timer = self.connection.poll_timeout();
            let Some(next) = news.into_iter().chain(timer).min().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            if news == Some(next) {
                self.deliver();
            } else {
                self.act(Connection::handle_timeout);
                assert!(self.connection.poll_timeout().is_none_or(|at| at > self.now), "a timer fires in a loop");
            }
        }
        self.now = end;
    }

    /// Lets time pass with no timer and no news, as when the machine sleeps.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    pub(super) fn status(&self) -> ConnectionStatus {
        self.connection.status()
    }

    pub(super) fn phase(&self) -> Phase {
        self.status().phase
    }

    /// How many sockets were opened so far.
    pub(super) fn attempts(&self) -> usize {
        self.ledger.opened().count()
    }

    /// The milliseconds between the beginnings of successive attempts.
    pub(super) fn gaps(&self) -> Vec<u128> {
        let opened: Vec<Instant> = self.ledger.opened().map(|(at, _)| at).collect();
        opened.windows(2).map(|pair| pair[1].since(pair[0]).as_millis()).collect()
    }

    /// The probes so far, with the milliseconds from `start`.
    pub(super) fn probes(&self, start: Instant) -> Vec<(u128, ProbeStep)> {
        let probes = self.ledger.log.iter().filter_map(|(at, action)| match action {
            Action::Probe(_, step) if *at >= start => Some((at.since(start).as_millis(), *step)),
            _ => None,
        });
        probes.collect()
    }

    /// The first close from our side, with the milliseconds from `start`.
    pub(super) fn closed(&self, start: Instant) -> Option<(u128, CloseCode)> {
        self.ledger.log.iter().find_map(|(at, action)| match action {
            Action::Close(_, code) if *at >= start => Some((at.since(start).as_millis(), *code)),
            _ => None,
        })
    }

    fn deliver(&mut self) {
        let Some((_, (socket, news))) = self.news.pop_first() else { return };
        let is_closed = matches!(news, News::Closed(_));
        let expected = if is_closed { self.ledger.forget(socket) } else { self.ledger.has(socket) };
        let current = self.act(|connection, now| match news {
            News::Opened => connection.handle_opened(socket, now),
            News::Received => connection.handle_received(socket, now),
            News::Synced => {
                let current = connection.handle_received(socket, now);
                if current {
                    connection.handle_synced(now);
                }
                current
            }
            News::Closed(close) => connection.handle_closed(socket, close, now),
        });
        assert_eq!(current, expected, "news about a socket that was left counts, or the other way round");
    }

    fn serve(&mut self, action: Action) {
        match action {
            Action::Open(socket) => match self.server {
                Server::Refuses => self.post(socket, LATENCY, closed(1006, "")),
                Server::Hangs => {}
                Server::OpensThenCloses(code, reason) => {
                    self.post(socket, LATENCY, News::Opened);
                    self.post(socket, LATENCY * 2, closed(code, reason));
                }
                Server::SyncsThenCloses(after, code, reason) => {
                    self.open_and_sync(socket, LATENCY);
                    self.post(socket, LATENCY * 2 + after, closed(code, reason));
                }
                Server::Mute => self.post(socket, LATENCY, News::Opened),
                Server::SyncsThenMute | Server::AnswersTheSecond => self.open_and_sync(socket, LATENCY),
                Server::Syncs(after) => self.open_and_sync(socket, after),
            },
            Action::Probe(socket, step) => match (self.server, step) {
                (Server::Syncs(after), _) if after <= LATENCY => self.post(socket, LATENCY, News::Received),
                (Server::AnswersTheSecond, ProbeStep::Second) => self.post(socket, LATENCY, News::Received),
                _ => {}
            },
            // What a socket still reports after it was left.
            Action::Close(socket, _) => self.post(socket, LATENCY, closed(1006, "")),
        }
    }

    fn open_and_sync(&mut self, socket: SocketId, after: Duration) {
        self.post(socket, LATENCY, News::Opened);
        self.post(socket, LATENCY + after, News::Synced);
    }

    fn post(&mut self, socket: SocketId, delay: Duration, news: News) {
        self.sent += 1;
        self.news.insert((self.now + delay, self.sent), (socket, news));
    }
}

fn closed(code: u16, reason: &str) -> News {
    News::Closed(CloseInfo { code, reason: reason.to_owned() })
}

/// A server that waits to be spoken to, and answers.
pub(super) const PLAIN: Habits = Habits {
    greeting: Greeting::None,
    liveness: Liveness::Always,
    questions: Questions::Unwatched,
    quiet_timeout: secs(9),
    lifetime: None,
};

/// A server that behaves.
pub(super) const GOOD: Server = Server::Syncs(LATENCY);

pub(super) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A world in which the connection is synced and has been for a while.
pub(super) fn settled(then: Server) -> World {
    let mut world = World::new(GOOD, 1);
    world.run(LATENCY * 3 + secs(6));
    assert_eq!((world.phase(), world.status().attempt), (Phase::Open, 0));
    world.server = then;
    world
}

/// A world in which the first socket is open and silent, so far without a probe.
pub(super) fn mute() -> World {
    let mut world = World::new(Server::Mute, 1);
    world.run(LATENCY);
    assert_eq!(world.phase(), Phase::Open);
    world
}
