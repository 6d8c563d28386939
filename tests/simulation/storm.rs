//! What a server meets that comes back to everybody at once: how many try to connect in any second, and when all are back.

use crate::parts::busy;
use std::collections::{BTreeMap, BTreeSet};
use syncline::clock::{Duration, Instant};
use syncline::config::Config;
use syncline::connection::CloseInfo;
use syncline::credential::Source;
use syncline::ids::{ClientId, DocId, SocketId};
use syncline::session::{DocumentSetup, Event, Output, Phase, Session};
use syncline::wire::{Dialect, Frame, Message, Protocol, Route};

/// What came of an outage.
#[derive(Debug)]
struct Storm {
    /// The most attempts to connect in a second, while the server was away and once it was back.
    peak_away: usize,
    peak_back: usize,
    attempts: usize,
    /// How long it took from the return of the server until half of all, and all, were in step.
    half_back: Duration,
    all_back: Duration,
}

#[test]
fn five_hundred_clients_that_lose_their_server_at_once_do_not_come_back_at_once() {
    for outage in [1, 10, 60] {
        let storm = Storm::of(500, Duration::from_secs(outage), 1006);
        assert!(storm.all_back <= Duration::from_secs(45), "{outage} s: {storm:?}");
        // Whoever is away is asked by each once in ten seconds on average, once the first tries are over.
        let bound = if outage == 1 { 500 } else { 150 };
        assert!(storm.peak_back <= bound, "{outage} s: {storm:?}");
        assert!(storm.attempts <= 500 * 12, "{outage} s: {storm:?}");
    }
    let announced = Storm::of(500, Duration::from_secs(1), 1012);
    assert!(announced.peak_back <= 120 && announced.all_back <= Duration::from_secs(20), "{announced:?}");
}

/// Writes what `npm run simulate -- --record` records, which says by `SYNCLINE_STORM` how many come back.
#[test]
fn a_storm_is_told_in_figures() {
    let clients = std::env::var("SYNCLINE_STORM").map_or(50, |clients| clients.parse().unwrap());
    for (code, outage) in [(1006, 1), (1006, 10), (1006, 60), (1012, 1), (1012, 10), (1012, 60)] {
        let storm = Storm::of(clients, Duration::from_secs(outage), code);
        assert!(storm.half_back <= storm.all_back);
        println!(
            "storm: {code} {outage} {} {} {} {:.1} {:.1}",
            storm.peak_away,
            storm.peak_back,
            storm.attempts,
            storm.half_back.as_secs_f64(),
            storm.all_back.as_secs_f64()
        );
    }
}

impl Storm {
    /// So many clients are in step, and the server goes away for `outage`, closing all sockets with `code`.
    fn of(clients: usize, outage: Duration, code: u16) -> Self {
        let mut crowd = Crowd::new(clients);
        // In step for long enough that nothing is left of earlier attempts.
        crowd.advance_to(crowd.now + Duration::from_secs(30));
        assert_eq!(crowd.synced.len(), clients, "they do not even get in");
        crowd.attempts.clear();
        let gone = crowd.now;
        let back = gone + outage;
        crowd.is_away = true;
        crowd.close_all(code);
        crowd.advance_to(back);
        crowd.is_away = false;
        let (mut half_back, mut all_back) = (None, None);
        while all_back.is_none() && crowd.now.since(back) < Duration::from_secs(300) {
            crowd.advance_to(crowd.now + Duration::from_millis(100));
            let passed = crowd.now.since(back);
            half_back = half_back.or_else(|| (crowd.synced.len() * 2 >= clients).then_some(passed));
            all_back = (crowd.synced.len() == clients).then_some(passed);
        }
        let peak = |from: Instant, to: Instant| {
            let seconds = crowd.attempts.range(from..to).fold(BTreeMap::new(), |mut seconds, (at, count)| {
                *seconds.entry(at.since(gone).as_secs()).or_default() += count;
                seconds
            });
            seconds.into_values().max().unwrap_or(0)
        };
        Self {
            peak_away: peak(gone, back),
            peak_back: peak(back, crowd.now),
            attempts: crowd.attempts.values().sum(),
            half_back: half_back.expect("half of them come back"),
            all_back: all_back.expect("all of them come back"),
        }
    }
}

/// Sessions and a server that lets them in and holds what they hold.
struct Crowd {
    now: Instant,
    sessions: Vec<(Session, DocId)>,
    dialect: Box<dyn Dialect>,
    sockets: Vec<Option<SocketId>>,
    is_away: bool,
    synced: BTreeSet<usize>,
    /// How many sockets were asked for at each time.
    attempts: BTreeMap<Instant, usize>,
    timers: BTreeSet<(Instant, usize)>,
    deadlines: Vec<Option<Instant>>,
    coming: BTreeMap<(Instant, u64), (usize, SocketId, News)>,
    count: u64,
}

enum News {
    Opened,
    Closed(u16),
    Frame(Frame),
}

impl Crowd {
    fn new(clients: usize) -> Self {
        let now = Instant::from_millis(1_000);
        let open = |number: usize| {
            let mut session = Session::new(Config::default(), Protocol::YWebsocket, number as u64);
            let client = ClientId(number as u64 + 1);
            let setup = DocumentSetup {
                route: Route::Only,
                client,
                is_stored: false,
                is_shared: false,
                token: Source::None,
                journal: None,
            };
            let doc = session.open_document(setup, now);
            session.connect(doc, now);
            (session, doc)
        };
        let mut crowd = Self {
            now,
            sessions: (0..clients).map(open).collect(),
            dialect: Protocol::YWebsocket.dialect(),
            sockets: vec![None; clients],
            is_away: false,
            synced: BTreeSet::new(),
            attempts: BTreeMap::new(),
            timers: BTreeSet::new(),
            deadlines: vec![None; clients],
            coming: BTreeMap::new(),
            count: 0,
        };
        (0..clients).for_each(|client| crowd.drain(client));
        crowd
    }

    fn close_all(&mut self, code: u16) {
        self.coming.clear();
        for client in 0..self.sockets.len() {
            if let Some(socket) = self.sockets[client] {
                self.come(client, socket, News::Closed(code));
            }
        }
    }

    fn advance_to(&mut self, end: Instant) {
        loop {
            let news = self.coming.keys().next().map(|(at, _)| *at);
            let timer = self.timers.first().map(|(at, _)| *at);
            let Some(next) = news.into_iter().chain(timer).min().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            if news == Some(next) {
                let Some((_, (client, socket, news))) = self.coming.pop_first() else { break };
                self.hear(client, socket, news);
            } else if let Some((_, client)) = self.timers.pop_first() {
                self.deadlines[client] = None;
                self.sessions[client].0.handle_timeout(self.now);
                self.drain(client);
            }
        }
        self.now = end;
    }

    fn hear(&mut self, client: usize, socket: SocketId, news: News) {
        if self.sockets[client] != Some(socket) {
            return;
        }
        let session = &mut self.sessions[client].0;
        match news {
            News::Opened => {
                session.handle_opened(socket, self.now);
                let greeting = self.dialect.encode(&Route::Only, &Message::SyncStep1(vec![0]));
                self.come(client, socket, News::Frame(Frame::Binary(greeting)));
            }
            News::Frame(frame) => session.handle_frame(socket, &frame, self.now),
            News::Closed(code) => {
                self.sockets[client] = None;
                session.handle_closed(socket, CloseInfo { code, reason: String::new() }, self.now);
            }
        }
        self.drain(client);
    }

    fn drain(&mut self, client: usize) {
        loop {
            match self.sessions[client].0.poll_output() {
                Output::Open(socket, _) => {
                    self.sockets[client] = Some(socket);
                    *self.attempts.entry(self.now).or_default() += 1;
                    let news = if self.is_away { News::Closed(1006) } else { News::Opened };
                    self.come(client, socket, news);
                }
                Output::Send(socket, frame) => self.answer(client, socket, &frame),
                Output::Measure(socket) => self.sessions[client].0.handle_buffered(socket, 0, self.now),
                Output::Close(..) => self.sockets[client] = None,
                Output::Event(Event::Status(_, status)) => {
                    if status.phase == Phase::Synced {
                        self.synced.insert(client);
                    } else {
                        self.synced.remove(&client);
                    }
                }
                Output::Event(_) | Output::Store(..) | Output::Tabs(..) | Output::Token(..) => {}
                Output::Idle(deadline) => {
                    let deadline = busy(&self.sessions[client].0, deadline, self.now);
                    let before = std::mem::replace(&mut self.deadlines[client], deadline);
                    before.map(|before| self.timers.remove(&(before, client)));
                    self.timers.extend(deadline.map(|deadline| (deadline, client)));
                    return;
                }
            }
        }
    }

    /// Has the server say what it says to one who has nothing that it lacks.
    fn answer(&mut self, client: usize, socket: SocketId, frame: &Frame) {
        let Frame::Binary(bytes) = frame else { panic!("a client sends text") };
        for inbound in self.dialect.decode(bytes).expect("a client sends what can be read") {
            if let Message::SyncStep1(_) = inbound.message {
                let answer = self.dialect.encode(&Route::Only, &Message::SyncStep2(vec![0, 0]));
                self.come(client, socket, News::Frame(Frame::Binary(answer)));
            }
        }
    }

    /// Half a round trip later.
    fn come(&mut self, client: usize, socket: SocketId, news: News) {
        self.count += 1;
        self.coming.insert((self.now + Duration::from_millis(20), self.count), (client, socket, news));
    }
}
