//! Decides how time, the network and faults work in a simulated world.

mod choking;
mod invariants;
mod rebirth;

pub use choking::{ASKING, poisoned};
use invariants::check_unheeded;

use crate::action::{Action, CLIENTS};
use crate::client::Client;
use crate::faults::{Damage, Trouble};
use crate::guard::{Guard, Reply, UNAUTHORISED, Welcome};
use crate::keeper::{Keeper, Op};
use crate::network::{Arrival, Network, News};
use crate::page::Page;
use crate::parts::{busy, in_parts};
use crate::server::{Asks, Newcomers, Passes};
use syncline::clock::{Duration, Instant};
use syncline::config::Config;
use syncline::connection::CloseInfo;
use syncline::credential::{Secret, Source};
use syncline::ids::{ClientId, SocketId};
use syncline::queue::Queue;
use syncline::session::{DocumentSetup, Journal, Output, Session};
use syncline::wire::{Protocol, Route};

/// How long a world may take to heal once nothing disturbs it any more.
const HEALING: Duration = Duration::from_secs(300);

/// How long it may take at most until a dead connection is noticed, in milliseconds.
const NOTICING: u64 = 20_000;

/// How long the slowest message, the answer to it and the answer to that may take, in milliseconds.
const SETTLING: u64 = 6_500;

/// How much may wait in a socket where links are slow.
const HIGH_WATER: usize = 200;

/// How often in a row a session may want to be woken at once: what waited, and is read in its turn, may ask for an answer
/// for which the session draws no wait.
const MOST_TURNS: u32 = 3;

pub struct World {
    now: Instant,
    clients: Vec<Client>,
    pages: Vec<Page>,
    /// Where the server wants tokens.
    guard: Option<Guard>,
    network: Network<usize>,
    /// Whether somebody is leaving at this moment, who takes along what waits.
    is_leaving: bool,
    /// Where sessions are lost: with what those that follow are made.
    mortal: Option<Config>,
    rebirths: u64,
    /// How many foreign documents something was brought of.
    brought: u64,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self::with(in_parts(Config::default(), seed), seed)
    }

    /// A world in which everything is as applications have it.
    pub fn plain(seed: u64) -> Self {
        Self::with(Config::default(), seed)
    }

    /// A world in which the server ends every connection at this age, and the clients know.
    pub fn aging(lifetime: Duration, seed: u64) -> Self {
        let mut config = Config::default();
        config.connection.lifetime = Some(lifetime);
        let mut world = Self::with(in_parts(config, seed), seed);
        world.network.lifetime = Some(lifetime);
        world
    }

    /// A world in which connections carry so many bytes a second to the server, and little may wait in a socket.
    pub fn slow(rate: u64, seed: u64) -> Self {
        let mut config = Config::default();
        config.connection.high_water = HIGH_WATER;
        let mut world = Self::with(in_parts(config, seed), seed);
        world.network.rate = Some(rate);
        world
    }

    /// A world with a server that answers before it asks, or passes on at once what it is sent, or both.
    pub fn unlike(seed: u64) -> Self {
        let mut world = Self::new(seed);
        let server = &mut world.network.server;
        (server.asks, server.passes) = match seed % 3 {
            0 => (Asks::AfterAnswer, Passes::TakenIn),
            1 => (Asks::First, Passes::Everything),
            _ => (Asks::AfterAnswer, Passes::Everything),
        };
        world
    }

    /// A world in which the server wants tokens, which expire and are revoked.
    pub fn guarded(seed: u64) -> Self {
        Self::guarded_by(Some(Guard::new(seed)), in_parts(Config::default(), seed), seed)
    }

    fn with(config: Config, seed: u64) -> Self {
        Self::guarded_by(None, config, seed)
    }

    fn guarded_by(guard: Option<Guard>, config: Config, seed: u64) -> Self {
        Self::of(guard, config, seed, None)
    }

    fn of(guard: Option<Guard>, config: Config, seed: u64, journal: Option<Journal>) -> Self {
        let now = Instant::from_millis(1_000_000);
        let setup = |number: usize| DocumentSetup {
            route: Route::Only,
            client: ClientId(number as u64 + 1),
            is_stored: false,
            is_shared: false,
            token: if guard.is_some() { Source::Function } else { Source::None },
            journal: journal.clone(),
        };
        let clients = (0..CLIENTS)
            .map(|number| {
                let seed = seed ^ (number as u64) << 32;
                Client::open(setup(number), Protocol::YWebsocket, config.clone(), seed, now)
            })
            .collect();
        let pages = (0..CLIENTS).map(|_| Page::new(now)).collect();
        let mut world = Self {
            now,
            clients,
            pages,
            guard,
            network: Network::new(seed),
            is_leaving: false,
            mortal: journal.map(|_| config),
            rebirths: 0,
            brought: 0,
        };
        for client in 0..CLIENTS {
            world.input(client, |client, now| client.session.connect(client.doc, now));
        }
        world
    }

    /// Has the server leave it to newcomers to ask who is here.
    pub fn leave_newcomers_to_ask(&mut self) {
        self.network.server.newcomers = Newcomers::LeftToAsk;
    }

    /// Has every message pass from one client to another before its event is taken back. A slower one may go to a
    /// connection that has been replaced, and the new one does not tell of the event any more; and so may what comes behind
    /// one that was slower, so that these arrive first.
    pub fn end_delays(&mut self) {
        let slowest = std::mem::replace(&mut self.network.slowest, Duration::from_millis(950));
        self.advance(slowest.as_millis() as u64 * 2);
    }

    pub fn act(&mut self, action: &Action) {
        self.is_leaving = matches!(action, Action::Disconnect { .. } | Action::Frozen { .. });
        self.perform(action);
        self.is_leaving = false;
        (0..CLIENTS).for_each(|client| self.revive(client));
    }

    fn perform(&mut self, action: &Action) {
        match action.clone() {
            Action::Insert { client, at, text } => self.clients[client].insert(at, &text),
            Action::Delete { client, at, len } => self.clients[client].delete(at, len),
            Action::Format { client, at, len, bold } => self.clients[client].format(at, len, bold),
            Action::SetKey { client, key, value } => self.clients[client].set_key(key, value),
            Action::DeleteKey { client, key } => self.clients[client].delete_key(key),
            Action::Push { client, at, value } => self.clients[client].push(at, value),
            Action::Remove { client, at } => self.clients[client].remove(at),
            Action::SetPresence { client, state } => {
                let state = state.map(|state| format!("{{\"mood\":{state}}}"));
                self.input(client, |client, now| client.session.set_presence(client.doc, state, now));
            }
            Action::Broadcast { client } => self.input(client, |client, now| {
                client.broadcast(now);
            }),
            Action::EndTask { client } => self.end_task(client),
            Action::Advance { millis } => self.advance(millis),
            Action::Cut { client } => self.network.cut(client, 1006, self.now),
            Action::HalfOpen { client } => self.network.half_open(client, self.now),
            Action::Garbage { client, bytes } => self.network.inject(client, bytes, self.now),
            Action::Refuse { attempts } => self.network.refuse = attempts,
            Action::Hang { attempts } => self.network.hang = attempts,
            Action::RestartServer { keeps_data } => self.network.restart_server(keeps_data, self.now),
            Action::CloseAll { code } => (0..CLIENTS).for_each(|client| self.network.cut(client, code, self.now)),
            Action::Online { client } => self.input(client, |client, now| client.session.handle_online(now)),
            Action::Offline { client } => self.input(client, |client, now| client.session.handle_offline(now)),
            Action::Frozen { client } => self.input(client, |client, now| client.session.handle_frozen(now)),
            Action::Visible { client } => self.show(client),
            Action::Sleep { client, millis } => self.pages[client].sleep(millis, self.now),
            Action::SetClock { client, by } => self.pages[client].set_clock(by),
            Action::Throttle { client, millis } => self.pages[client].throttle(millis),
            Action::Trouble { client, trouble } => {
                self.network.server.has_gaps |= trouble == Trouble::ToServer(Damage::Lost);
                self.network.trouble(client, trouble, self.now);
            }
            Action::SaveServer => self.network.server.save(),
            Action::RollBackServer => {
                self.network.server.roll_back();
                self.network.cut_all(self.now);
            }
            Action::RevokeTokens => self.revoke_tokens(),
            Action::FailTokens { questions } => self.guard.iter_mut().for_each(|guard| guard.failing = questions),
            Action::IgnoreTokenQuestions { questions } => {
                self.guard.iter_mut().for_each(|guard| guard.ignored = questions);
            }
            Action::Disconnect { client } => {
                self.input(client, |client, now| client.session.disconnect(client.doc, now))
            }
            Action::Connect { client } => self.input(client, |client, now| client.session.connect(client.doc, now)),
            Action::Reconnect { client } => self.input(client, |client, now| client.session.reconnect(client.doc, now)),
            Action::Bring { client, is_early } => self.bring(client, is_early),
            Action::Nest { client, key } => self.clients[client].perform(Op::Nest(key)),
            Action::Die { client, moment } => self.doom(client, moment),
        }
    }

    /// Lets time pass: everything due happens in order.
    pub fn advance(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some((at, what)) = self.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            match what {
                Due::Arrival => {
                    if let Some(arrival) = self.network.arrive(self.now) {
                        self.hear(arrival);
                    }
                }
                Due::Reply => {
                    if let Some(Reply { client, request, answer }) = self.guard.as_mut().and_then(Guard::reply) {
                        self.input(client, |client, now| client.session.handle_token(client.doc, request, answer, now));
                    }
                }
                Due::Timer(client) => {
                    let is_done = (0..MOST_TURNS).any(|_| {
                        self.input(client, |client, now| client.session.handle_timeout(now));
                        self.clients[client].deadline.is_none_or(|at| at > self.now)
                    });
                    assert!(is_done, "client {client} is busy without end");
                }
            }
        }
        self.now = end;
    }

    /// Ends all faults and waits until everybody is synced and silent.
    pub fn heal(&mut self) {
        self.network.lifetime = None;
        self.network.end_trouble();
        self.guard.iter_mut().for_each(|guard| (guard.failing, guard.ignored) = (0, 0));
        for client in 0..CLIENTS {
            self.pages[client].wake(self.now);
            self.end_task(client);
            self.show(client);
            self.connect(client);
        }
        // Dead connections still look healthy until they are noticed, and the last codes are still to arrive.
        self.advance(NOTICING);
        (0..CLIENTS).for_each(|client| self.connect(client));
        // Without a new connection: whoever asks something is answered, or notices that nobody does.
        self.wait_until(|world| (0..CLIENTS).all(|client| world.is_complete(client)));
        let behind = (0..CLIENTS).find(|client| !self.is_complete(*client));
        assert_eq!(behind, None, "a client does not heal by itself");
        for client in self.network.take_losses() {
            self.input(client, |client, now| client.session.reconnect(client.doc, now));
        }
        let deadline = self.now + HEALING;
        while self.now < deadline {
            self.wait_until(Self::is_healed);
            self.advance(SETTLING);
            // Who is sent away may have been let in for a moment.
            if self.is_healed() {
                break;
            }
        }
    }

    fn wait_until(&mut self, is_so: impl Fn(&mut Self) -> bool) {
        let deadline = self.now + HEALING;
        while self.now < deadline && !is_so(self) {
            self.advance(100);
        }
    }

    fn connect(&mut self, client: usize) {
        self.input(client, |client, now| client.session.connect(client.doc, now));
    }

    /// Waits until everybody sees the same people: when a socket is replaced, the server may say for a moment that its
    /// client left.
    pub fn await_presence(&mut self) {
        let deadline = self.now + HEALING;
        while self.now < deadline && !self.agrees_on_presence() {
            self.advance(10);
        }
    }

    /// What each client has heard of each, by number.
    pub fn heard(&self, client: usize, from: usize) -> &[u32] {
        self.clients[client].heard.get(&self.clients[from].id).map_or(&[], Vec::as_slice)
    }

    pub fn fingerprint(&mut self) -> String {
        let everything = self.clients[0].everything();
        let opened: Vec<u32> = self.clients.iter().map(|client| client.opened).collect();
        format!("{everything} {opened:?} {}", self.network.flights())
    }

    pub fn text_of(mut self, client: usize) -> String {
        self.clients[client].content()
    }

    /// What the server holds, in a form that can be compared.
    pub fn server_everything(mut self) -> String {
        self.network.server.everything()
    }

    pub fn session(&self, client: usize) -> &Session {
        &self.clients[client].session
    }

    pub fn is_synced(&self, client: usize) -> bool {
        self.clients[client].is_synced()
    }

    pub fn sees(&self, client: usize) -> usize {
        self.clients[client].session.presence_states(self.clients[client].doc).len()
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
        self.clients.iter_mut().zip(&mut self.pages).all(|(client, page)| {
            let unsynced = client.session.status(client.doc, page.time(now)).unwrap().unsynced;
            client.is_synced() && unsynced == 0
        })
    }

    /// Whether a client was answered and knows of nothing that it lacks.
    fn is_complete(&mut self, client: usize) -> bool {
        let client = &mut self.clients[client];
        let is_waiting = client.session.edit(client.doc, |replica| Ok(replica.is_waiting())).unwrap();
        client.is_synced() && !is_waiting
    }

    fn show(&mut self, client: usize) {
        self.pages[client].show();
        self.input(client, |client, now| client.session.handle_visible(now));
    }

    fn revoke_tokens(&mut self) {
        if let Some(guard) = &mut self.guard {
            let code = guard.revoke();
            (0..CLIENTS).for_each(|client| self.network.cut(client, code, self.now));
        }
    }

    fn end_task(&mut self, client: usize) {
        self.input(client, |client, now| client.session.end_task(client.doc, now));
    }

    fn input(&mut self, client: usize, input: impl FnOnce(&mut Client, Instant)) {
        let time = self.pages[client].time(self.now);
        input(&mut self.clients[client], time);
        if self.clients[client].take_notes() {
            return self.revive(client);
        }
        self.drain(client);
    }

    fn drain(&mut self, number: usize) {
        let time = self.pages[number].time(self.now);
        let mut before = None;
        loop {
            self.clients[number].keep();
            if self.clients[number].keeper.as_mut().is_some_and(Keeper::loses_output) {
                return self.revive(number);
            }
            match self.clients[number].session.poll_output() {
                Output::Open(socket, token) => self.open(number, socket, &token),
                Output::Send(socket, frame) => {
                    let held = &self.clients[number].sockets;
                    assert!(held.contains(&socket), "client {number} sends on a socket it does not have");
                    let kind = self.check_backlog(number, socket, &frame, before);
                    before = Some(kind);
                    self.network.send(number, self.outside(number, socket), frame, self.now);
                }
                Output::Measure(socket) => {
                    let bytes = self.network.buffered(number, self.outside(number, socket), self.now);
                    self.clients[number].session.handle_buffered(socket, bytes, time);
                }
                Output::Close(socket, _) => {
                    let was_held = self.clients[number].lose(socket);
                    assert!(was_held, "client {number} closes a socket it does not have");
                    self.network.close(number, self.outside(number, socket), self.now);
                }
                Output::Token(_, request) => {
                    self.guard.as_mut().expect("nobody has a token").ask(number, request, self.now);
                }
                Output::Store(..) | Output::Tabs(..) => panic!("there is neither a disk nor another tab"),
                Output::Event(event) => match &mut self.clients[number].keeper {
                    Some(keeper) => keeper.queue(event),
                    None => self.clients[number].handle_event(event),
                },
                Output::Idle(deadline) => {
                    let client = &mut self.clients[number];
                    client.deliver();
                    let deadline = busy(&client.session, deadline, time);
                    client.deadline = deadline.map(|deadline| self.pages[number].timer(deadline, self.now));
                    return;
                }
            }
        }
    }

    fn open(&mut self, number: usize, socket: SocketId, token: &Secret) {
        self.clients[number].gain(socket);
        let outside = self.outside(number, socket);
        let welcome = self.guard.as_mut().map_or(Welcome::LetIn, |guard| guard.meet(token, self.now));
        match welcome {
            Welcome::LetIn => self.network.open(number, outside, self.now),
            Welcome::Refused => self.network.refuse(number, outside, self.now),
            Welcome::SentAway => {
                let usual = std::mem::replace(&mut self.network.slam, (1, UNAUTHORISED));
                self.network.open(number, outside, self.now);
                self.network.slam = usual;
            }
        }
    }

    fn next_due(&self) -> Option<(Instant, Due)> {
        let arrival = self.network.next_arrival().map(|at| (at, Due::Arrival));
        let reply = self.guard.as_ref().and_then(Guard::next_reply).map(|at| (at, Due::Reply));
        let timer =
            |(number, client): (usize, &Client)| Some((self.pages[number].run(client.deadline?), Due::Timer(number)));
        let timers = self.clients.iter().enumerate().filter_map(timer);
        timers.chain(arrival).chain(reply).min_by_key(|(at, _)| *at)
    }

    fn hear(&mut self, Arrival { peer, socket: outside, news }: Arrival<usize>) {
        // Those of a session that was lost are nobody's.
        let Some(socket) = self.inside(peer, outside) else { return };
        match news {
            News::Opened => self.input(peer, |client, now| client.session.handle_opened(socket, now)),
            News::Frame(frame) => {
                let burst = self.network.burst(peer, outside, frame, self.now);
                let mut frames = Queue::new();
                frames.extend(burst.iter().map(|(_, frame)| (socket, frame.clone())));
                self.input(peer, |client, now| {
                    client.session.handle_frames(&frames, now);
                    check_unheeded(client, socket);
                });
            }
            News::Closed(code) => {
                // Of one that was left it is told as well: a session has to know that it is not about another.
                self.clients[peer].lose(socket);
                let info = CloseInfo { code, reason: String::new() };
                self.input(peer, |client, now| client.session.handle_closed(socket, info, now));
            }
        }
    }
}

enum Due {
    Arrival,
    Reply,
    Timer(usize),
}
