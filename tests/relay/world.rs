//! Decides how time, the network and faults work behind a relay, and what must hold there.

use crate::action::{Action, CLIENTS, EVERYBODY};
use crate::client::Client;
use crate::content::full_content;
use crate::network::{Arrival, Network, News};
use crate::parts::{busy, in_parts};
use crate::server::Audience;
use crate::yjs::{Wish, Yjs};
use syncline::clock::{Duration, Instant};
use syncline::config::Config;
use syncline::connection::CloseInfo;
use syncline::credential::Source;
use syncline::ids::{ClientId, SocketId};
use syncline::session::{DocumentSetup, Output, Status};
use syncline::sync::EditSet;
use syncline::wire::{FrameKind, Protocol};

/// How long it may take until a world is in step once nothing disturbs it any more.
const HEALING: Duration = Duration::from_secs(200);

/// How long it may take at most until a dead connection is noticed and another is there, in milliseconds.
const NOTICING: u64 = 40_000;

/// How long it may take until everybody has heard who is here, with the slowest messages and the longest hesitation, in
/// milliseconds.
const SETTLING: u64 = 7_000;

pub struct World {
    pub now: Instant,
    pub clients: Vec<Client>,
    pub others: Vec<Yjs>,
    pub network: Network<usize>,
    /// What each ever held.
    ever_held: Vec<EditSet>,
    next_id: u64,
    protocol: Protocol,
    /// No timer of a client runs before this time: its machine sleeps.
    asleep_until: [Instant; CLIENTS],
}

/// How much may wait in a socket where links are slow.
const HIGH_WATER: usize = 400;

/// How often in a row a session may want to be woken at once.
const MOST_TURNS: u32 = 3;

impl World {
    /// A world in which nobody has come yet.
    pub fn new(seed: u64, audience: Audience, frames: FrameKind) -> Self {
        Self::with(Config::default(), seed, audience, frames)
    }

    /// The same with connections that carry so many bytes a second to the relay, and sockets in which little may wait.
    pub fn slow(rate: u64, seed: u64, audience: Audience, frames: FrameKind) -> Self {
        let mut config = Config::default();
        config.connection.high_water = HIGH_WATER;
        let mut world = Self::with(config, seed, audience, frames);
        world.network.rate = Some(rate);
        world
    }

    fn with(config: Config, seed: u64, audience: Audience, frames: FrameKind) -> Self {
        let config = in_parts(config, seed);
        let now = Instant::from_millis(1_000_000);
        let protocol = Protocol::Relay(frames);
        let route = protocol.dialect().route("room");
        let setup = |number: usize| DocumentSetup {
            route: route.clone(),
            client: ClientId(number as u64 + 1),
            is_stored: false,
            is_shared: false,
            token: Source::None,
            journal: None,
        };
        let open = |number: usize| {
            let seed = seed ^ (number as u64) << 32;
            let mut client = Client::open(setup(number), protocol, config.clone(), seed, now);
            // Who is alone and in doubt cannot ask: a new socket shows whether the old one worked.
            client.is_replaced = true;
            client
        };
        let others = (CLIENTS..EVERYBODY).map(|number| Yjs::new(ClientId(number as u64 + 1), protocol, route.clone()));
        let mut network = Network::new(seed);
        network.server.audience = audience;
        Self {
            now,
            clients: (0..CLIENTS).map(open).collect(),
            others: others.collect(),
            network,
            ever_held: vec![EditSet::default(); EVERYBODY],
            next_id: 100,
            protocol,
            asleep_until: [now; CLIENTS],
        }
    }

    pub fn act(&mut self, action: &Action) {
        match action.clone() {
            Action::Insert { who, at, text } if who < CLIENTS => self.clients[who].insert(at, &text),
            Action::Insert { who, at, text } => self.edit_yjs(who, |yjs| yjs.insert(at, &text)),
            Action::Push { who, at, value } if who < CLIENTS => self.clients[who].push(at, value),
            Action::Push { who, at, value } => self.edit_yjs(who, |yjs| yjs.push(at, value)),
            Action::Remove { who, at } if who < CLIENTS => self.clients[who].remove(at),
            Action::Remove { who, at } => self.edit_yjs(who, |yjs| yjs.remove(at)),
            Action::Delete { client, at, len } => self.clients[client].delete(at, len),
            Action::Format { client, at, len, bold } => self.clients[client].format(at, len, bold),
            Action::SetKey { client, key, value } => self.clients[client].set_key(key, value),
            Action::DeleteKey { client, key } => self.clients[client].delete_key(key),
            Action::SetPresence { client, state } => {
                let state = state.map(|state| format!("{{\"mood\":{state}}}"));
                self.input(client, |client, now| client.session.set_presence(client.doc, state, now));
            }
            Action::EndTask { who } => self.end_task(who),
            Action::Advance { millis } => self.advance(millis),
            Action::Cut { who } => self.network.cut(who, 1006, self.now),
            Action::HalfOpen { who } => self.network.half_open(who, self.now),
            Action::Garbage { client, bytes } => self.network.inject(client, bytes, self.now),
            Action::Sleep { client, millis } => {
                self.asleep_until[client] = self.now + Duration::from_millis(millis);
            }
            Action::Trouble { client, trouble } => self.network.trouble(client, trouble, self.now),
            Action::Refuse { attempts } => self.network.refuse = attempts,
            Action::Restart => self.network.restart_server(false, self.now),
            Action::Leave { who } if who < CLIENTS => {
                self.input(who, |client, now| client.session.disconnect(client.doc, now))
            }
            Action::Leave { who } => {
                let wishes = self.others[who - CLIENTS].leave();
                self.fulfil(who, wishes);
            }
            Action::Join { who } if who < CLIENTS => {
                self.input(who, |client, now| client.session.connect(client.doc, now))
            }
            Action::Join { who } => self.others[who - CLIENTS].join(self.now),
            Action::Reload { who } if who < CLIENTS => {}
            Action::Reload { who } => self.reload(who),
        }
    }

    /// Lets time pass: everything due happens in order.
    pub fn advance(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some((at, who)) = self.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            match who {
                None => {
                    if let Some(arrival) = self.network.arrive(self.now) {
                        self.hear(arrival);
                    }
                }
                Some(who) if who < CLIENTS => {
                    // Who hesitates before a reply may draw no time at all.
                    let is_done = (0..MOST_TURNS).any(|_| {
                        self.input(who, |client, now| client.session.handle_timeout(now));
                        self.clients[who].deadline.is_none_or(|at| at > self.now)
                    });
                    assert!(is_done, "client {who} is busy without end");
                }
                Some(who) => {
                    let wishes = self.others[who - CLIENTS].handle_timeout(self.now);
                    self.fulfil(who, wishes);
                }
            }
        }
        self.now = end;
    }

    /// Ends all faults and waits until everybody who is of ours is in step.
    pub fn heal(&mut self) {
        self.network.end_trouble();
        self.asleep_until = [self.now; CLIENTS];
        for who in 0..EVERYBODY {
            self.act(&Action::EndTask { who });
            self.act(&Action::Join { who });
        }
        // Who is alone cannot tell a dead connection from a room in which nobody is, until there is a reason to look, and
        // one that opened just now gives none.
        self.advance(10_000);
        for client in 0..CLIENTS {
            self.input(client, |client, now| client.session.handle_visible(now));
        }
        self.advance(NOTICING);
        // The last codes have arrived, and what was lost in silence shows over another connection.
        (0..CLIENTS).for_each(|who| self.act(&Action::Join { who }));
        for who in self.network.take_losses() {
            self.input(who, |client, now| client.session.reconnect(client.doc, now));
        }
        let deadline = self.now + HEALING;
        while self.now < deadline && !self.is_healed() {
            self.advance(500);
        }
        self.advance(SETTLING);
    }

    /// What must hold at every moment.
    pub fn check(&mut self) {
        for who in 0..EVERYBODY {
            self.note_held(who);
        }
        for who in 0..CLIENTS {
            let mut elsewhere = EditSet::default();
            (0..EVERYBODY).filter(|other| *other != who).for_each(|other| elsewhere.extend(&self.ever_held[other]));
            let now = self.now;
            let client = &mut self.clients[who];
            client.check_sentence(now);
            let unsynced = client.session.status(client.doc, now).expect("the document is open").unsynced;
            let missing = client.missing(&elsewhere);
            assert!(
                unsynced >= missing,
                "client {} says that {unsynced} edits are unsaved, nobody held {missing}",
                client.id
            );
            self.drain(who);
        }
    }

    /// What must hold once nothing disturbs the world any more.
    pub fn check_healed(&mut self) {
        let expected = self.clients[0].everything();
        for who in 0..CLIENTS {
            let status = self.status(who);
            let client = &mut self.clients[who];
            assert!(client.is_synced(), "client {who} did not heal: {status:?}");
            assert_eq!(client.everything(), expected, "client {who} differs");
            assert_eq!(client.mirror(), client.content(), "the deltas do not add up to the text");
            assert_eq!(status.unsynced, 0, "client {who} has unsaved edits");
        }
        for (number, yjs) in self.others.iter_mut().enumerate() {
            assert_eq!(yjs.everything(), expected, "Yjs' client {number} differs");
        }
        let deletions: Vec<EditSet> = (0..EVERYBODY).map(|who| self.full_content(who)).collect();
        assert!(deletions.iter().all(|held| *held == deletions[0]), "deletions differ");
        let presence = |client: &Client| {
            let mut states = client.session.presence_states(client.doc);
            states.sort();
            states
        };
        let expected = presence(&self.clients[0]);
        assert!(self.clients.iter().all(|client| presence(client) == expected), "presence differs");
    }

    /// How many frames are sent in two quiet minutes, in which nobody connects anew.
    pub fn quiet_traffic(&mut self) -> u64 {
        let opened: Vec<u32> = self.clients.iter().map(|client| client.opened).collect();
        let before = self.network.server.received;
        self.advance(120_000);
        let since: Vec<u32> = self.clients.iter().map(|client| client.opened).collect();
        assert_eq!(opened, since, "somebody connects anew");
        self.network.server.received - before
    }

    pub fn status(&mut self, who: usize) -> Status {
        let (now, client) = (self.now, &mut self.clients[who]);
        client.session.status(client.doc, now).expect("the document is open")
    }

    pub fn fingerprint(&mut self) -> String {
        let everything = self.clients[0].everything();
        format!("{everything} {} {}", self.network.flights(), self.network.server.received)
    }

    fn full_content(&mut self, who: usize) -> EditSet {
        if who < CLIENTS {
            let client = &mut self.clients[who];
            client.session.edit(client.doc, |replica| Ok(full_content(replica))).unwrap()
        } else {
            full_content(&mut self.others[who - CLIENTS].replica)
        }
    }

    fn is_healed(&mut self) -> bool {
        let everything = self.clients[0].everything();
        let of_ours = (0..CLIENTS).all(|who| {
            let unsynced = self.status(who).unsynced;
            unsynced == 0 && self.clients[who].is_synced() && self.clients[who].everything() == everything
        });
        of_ours && self.others.iter_mut().all(|yjs| yjs.everything() == everything)
    }

    /// Of what is committed: nobody can hold anything else.
    fn note_held(&mut self, who: usize) {
        let held = self.full_content(who);
        self.ever_held[who].extend(&held);
        if let Some(yjs) = who.checked_sub(CLIENTS) {
            self.ever_held[who].extend(&self.others[yjs].held_back());
        }
    }

    fn reload(&mut self, who: usize) {
        self.note_held(who);
        let wishes = self.others[who - CLIENTS].leave();
        self.fulfil(who, wishes);
        self.others[who - CLIENTS].start_over(ClientId(self.next_id), self.protocol);
        self.others[who - CLIENTS].join(self.now);
        self.next_id += 1;
    }

    fn edit_yjs(&mut self, who: usize, edit: impl FnOnce(&mut Yjs)) {
        edit(&mut self.others[who - CLIENTS]);
        self.end_task(who);
    }

    fn end_task(&mut self, who: usize) {
        if who < CLIENTS {
            self.input(who, |client, now| client.session.commit(client.doc, now));
        } else {
            let wishes = self.others[who - CLIENTS].commit();
            self.fulfil(who, wishes);
        }
    }

    pub fn input(&mut self, who: usize, input: impl FnOnce(&mut Client, Instant)) {
        input(&mut self.clients[who], self.now);
        self.drain(who);
    }

    fn drain(&mut self, who: usize) {
        loop {
            match self.clients[who].session.poll_output() {
                Output::Open(socket, _) => {
                    self.clients[who].gain(socket);
                    self.network.open(who, socket, self.now);
                }
                Output::Send(socket, frame) => self.network.send(who, socket, frame, self.now),
                Output::Measure(socket) => {
                    let bytes = self.network.buffered(who, socket, self.now);
                    self.clients[who].session.handle_buffered(socket, bytes, self.now);
                }
                Output::Close(socket, _) => {
                    self.clients[who].lose(socket);
                    self.network.close(who, socket, self.now);
                }
                Output::Token(..) | Output::Store(..) | Output::Tabs(..) => {
                    panic!("there is neither a disk nor another tab")
                }
                Output::Event(event) => self.clients[who].handle_event(event),
                Output::Idle(deadline) => {
                    let client = &mut self.clients[who];
                    client.deadline = busy(&client.session, deadline, self.now);
                    return;
                }
            }
        }
    }

    fn fulfil(&mut self, who: usize, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Open(socket) => self.network.open(who, socket, self.now),
                Wish::Send(socket, frame) => self.network.send(who, socket, frame, self.now),
                Wish::Close(socket) => self.network.close(who, socket, self.now),
            }
        }
    }

    fn next_due(&self) -> Option<(Instant, Option<usize>)> {
        let arrival = self.network.next_arrival().map(|at| (at, None));
        let timer = |(client, asleep): (&Client, &Instant)| Some(client.deadline?.max(*asleep));
        let clients = self.clients.iter().zip(&self.asleep_until).map(timer);
        let deadlines = clients.chain(self.others.iter().map(Yjs::deadline)).enumerate();
        let timers = deadlines.filter_map(|(who, deadline)| Some((deadline?, Some(who))));
        timers.chain(arrival).min_by_key(|(at, _)| *at)
    }

    fn hear(&mut self, Arrival { peer, socket, news }: Arrival<usize>) {
        if peer >= CLIENTS {
            return self.tell_yjs(peer, socket, &news);
        }
        match news {
            News::Opened => self.input(peer, |client, now| client.session.handle_opened(socket, now)),
            News::Frame(frame) => {
                let frames = self.network.burst(peer, socket, frame, self.now);
                self.input(peer, |client, now| client.session.handle_frames(&frames, now));
            }
            News::Closed(code) => {
                if self.clients[peer].lose(socket) {
                    let info = CloseInfo { code, reason: String::new() };
                    self.input(peer, |client, now| client.session.handle_closed(socket, info, now));
                }
            }
        }
    }

    fn tell_yjs(&mut self, who: usize, socket: SocketId, news: &News) {
        let (now, yjs) = (self.now, &mut self.others[who - CLIENTS]);
        if yjs.socket() != Some(socket) {
            return;
        }
        let wishes = match news {
            News::Opened => yjs.handle_opened(socket, now),
            News::Frame(frame) => yjs.handle_frame(frame, now),
            News::Closed(_) => {
                yjs.handle_closed(now);
                Vec::new()
            }
        };
        self.fulfil(who, wishes);
    }
}
