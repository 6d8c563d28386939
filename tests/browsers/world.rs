//! Decides how time, the browsers and their faults work in a simulated world.

mod acts;
mod invariants;
mod sharing;

use crate::action::SLOTS;
use crate::client::Client;
use crate::disk::Disk;
use crate::locks::Locks;
use crate::network::{Arrival, Network, News};
use crate::parts::{busy, in_parts};
use crate::tab::Tab;
use sharing::Letter;
use std::collections::BTreeMap;
use syncline::clock::{Duration, Instant};
use syncline::config::Config;
use syncline::connection::CloseInfo;
use syncline::ids::{ClientId, SocketId};
use syncline::rng::Rng;
use syncline::session::Output;
use syncline::store::{OpId, StoreFailure, StoreNews, StoreOp, Task};
use syncline::sync::EditSet;
use syncline::tabs::TabNews;

/// Names a tab of a browser, among all that ever were.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Seat {
    pub browser: usize,
    pub slot: usize,
    pub life: u32,
}

pub struct World {
    now: Instant,
    rng: Rng,
    pub browsers: Vec<Browser>,
    network: Network<Seat>,
    /// How tabs are configured that are opened from here on.
    pub config: Config,
    lives: u32,
    /// Whether edits were lost that were not said to be stored: what builds on them may wait for them for ever.
    has_lost_edits: bool,
    /// What is under way within the browsers, by time and order.
    coming: BTreeMap<(Instant, u64), Coming>,
    next_coming: u64,
}

/// One profile of a browser: what its tabs share.
pub struct Browser {
    pub tabs: Vec<Option<(Seat, Tab)>>,
    pub disk: Disk,
    pub locks: Locks,
    /// What tabs have said to be stored here.
    promised: EditSet,
    /// What was made in tabs that were left, and is to be here when what they have asked for is done.
    last_words: Vec<(Seat, EditSet)>,
    /// Whether a tab did not listen to the others that wrote: one does not know what the other wrote.
    has_loner: bool,
    keeping: Keeping,
    /// When the last letter arrives: a channel has one order for everybody.
    last_letter: Instant,
}

/// What becomes of the word of the tabs that something is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Keeping {
    /// They are taken by it.
    Trusted,
    /// They are about to learn that everything was removed.
    Cleared,
    /// Somebody said that nothing is to be kept any more.
    Forgotten,
}

enum Coming {
    DiskEffect(usize, u64),
    ForTab(Seat, TabInput),
}

/// What reaches a tab, if it is still there.
enum TabInput {
    Disk(Option<OpId>, StoreNews),
    /// News about the lock, for this request.
    Lock(u32, TabNews),
    /// A letter, for the time that the tab joined.
    Letter(u32, Letter),
    Socket(SocketId, News),
}

/// How much may wait in a socket where links are slow.
const HIGH_WATER: usize = 200;

impl World {
    /// A world with one open tab in each browser.
    pub fn new(seed: u64) -> Self {
        let mut world = Self::empty(seed, &SLOTS);
        for browser in 0..SLOTS.len() {
            world.open(browser, 0, true, true);
        }
        world
    }

    /// A world in which connections carry so many bytes a second to the server, and little may wait in a socket.
    pub fn slow(rate: u64, seed: u64) -> Self {
        let mut world = Self::empty(seed, &SLOTS);
        world.config.connection.high_water = HIGH_WATER;
        world.network.rate = Some(rate);
        for browser in 0..SLOTS.len() {
            world.open(browser, 0, true, true);
        }
        world
    }

    /// A world without tabs, and how many each browser can have.
    pub fn empty(seed: u64, slots: &[usize]) -> Self {
        let browser = |slots: &usize| Browser {
            tabs: (0..*slots).map(|_| None).collect(),
            disk: Disk::default(),
            locks: Locks::default(),
            promised: EditSet::default(),
            last_words: Vec::new(),
            has_loner: false,
            keeping: Keeping::Trusted,
            last_letter: Instant::default(),
        };
        Self {
            now: Instant::from_millis(1_000_000),
            rng: Rng::new(seed ^ 0x7AB5),
            browsers: slots.iter().map(browser).collect(),
            network: Network::new(seed),
            config: in_parts(Config::default(), seed),
            lives: 0,
            has_lost_edits: false,
            coming: BTreeMap::new(),
            next_coming: 0,
        }
    }

    pub fn open(&mut self, browser: usize, slot: usize, is_shared: bool, connects: bool) {
        if self.browsers[browser].tabs[slot].is_some() {
            return;
        }
        if self.browsers[browser].tabs.iter().all(Option::is_none) {
            self.browsers[browser].keeping = Keeping::Trusted;
        }
        self.browsers[browser].has_loner |= !is_shared;
        self.lives += 1;
        let seat = Seat { browser, slot, life: self.lives };
        let (config, seed) = (self.config.clone(), self.rng.below(u64::MAX));
        let tab = Tab::open(ClientId(u64::from(self.lives)), is_shared, config, seed, self.now);
        self.browsers[browser].tabs[slot] = Some((seat, tab));
        self.input(
            seat,
            |tab, now| if connects { tab.session.connect(tab.doc, now) } else { tab.session.commit(tab.doc, now) },
        );
    }

    /// The tabs that are there.
    pub fn seats(&self) -> Vec<Seat> {
        let tabs = self.browsers.iter().flat_map(|browser| browser.tabs.iter().flatten());
        tabs.map(|(seat, _)| *seat).collect()
    }

    pub fn seat(&self, browser: usize, slot: usize) -> Option<Seat> {
        self.browsers[browser].tabs[slot].as_ref().map(|(seat, _)| *seat)
    }

    pub fn tab(&mut self, seat: Seat) -> &mut Tab {
        self.find(seat).expect("the tab is there")
    }

    /// Lets time pass: everything due happens in order.
    pub fn advance(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some((at, due)) = self.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            match due {
                Due::Arrival => {
                    if let Some(Arrival { peer, socket, news }) = self.network.arrive(self.now) {
                        self.deliver(peer, TabInput::Socket(socket, news));
                    }
                }
                Due::Coming(key) => match self.coming.remove(&key) {
                    Some(Coming::DiskEffect(browser, number)) => self.take_effect(browser, number),
                    Some(Coming::ForTab(seat, input)) => self.deliver(seat, input),
                    None => {}
                },
                Due::Timer(seat) => {
                    self.end_task(seat);
                    self.input(seat, |tab, now| tab.session.handle_timeout(now));
                    let now = self.now;
                    let deadline = self.find(seat).and_then(|tab| tab.deadline);
                    assert!(deadline.is_none_or(|at| at > now), "{seat:?} is busy without end");
                }
            }
        }
        self.now = end;
    }

    /// Gives a tab one input, then does what follows from it.
    pub fn input(&mut self, seat: Seat, input: impl FnOnce(&mut Client, Instant)) {
        let now = self.now;
        let Some(tab) = self.find(seat) else { return };
        tab.seal();
        input(&mut tab.client, now);
        self.drain(seat);
        self.watch(seat);
    }

    /// What comes from outside comes in a task of its own.
    fn end_task(&mut self, seat: Seat) {
        let Some(tab) = self.find(seat) else { return };
        tab.seal();
        if std::mem::take(&mut tab.is_uncommitted) {
            self.input(seat, |tab, now| tab.session.commit(tab.doc, now));
        }
    }

    /// The tab is gone; nothing of what it was about to do happens, and its last words may be lost.
    fn vanish(&mut self, seats: &[Seat]) {
        if self.rng.below(2) == 0 {
            let now = self.now;
            self.coming.retain(|_, coming| !coming.was_said_by(seats, now));
        }
        for seat in seats {
            let browser = &mut self.browsers[seat.browser];
            let tab = browser.tabs[seat.slot].take();
            let is_stored = |(_, tab): &(Seat, Tab)| tab.status.as_ref().is_some_and(|s| s.unstored == Some(0));
            self.has_lost_edits |=
                !tab.is_some_and(|tab| is_stored(&tab) && !tab.1.is_editing && !tab.1.is_uncommitted);
            self.network.cut(*seat, 1006, self.now);
            self.release(*seat);
        }
        for browser in &mut self.browsers {
            browser.last_words.retain(|(seat, _)| !seats.contains(seat));
            browser.disk.crash(|seat| seats.contains(&seat), self.now, &mut self.rng);
        }
    }

    fn find(&mut self, seat: Seat) -> Option<&mut Tab> {
        let (known, tab) = self.browsers[seat.browser].tabs[seat.slot].as_mut()?;
        (*known == seat).then_some(tab)
    }

    fn drain(&mut self, seat: Seat) {
        let now = self.now;
        while let Some(tab) = self.find(seat) {
            match tab.session.poll_output() {
                Output::Open(socket, _) => {
                    tab.gain(socket);
                    self.network.open(seat, socket, now);
                }
                Output::Send(socket, frame) => {
                    assert!(tab.sockets.contains(&socket), "{seat:?} sends on a socket it does not have");
                    self.network.send(seat, socket, frame, now);
                }
                Output::Measure(socket) => {
                    let bytes = self.network.buffered(seat, socket, now);
                    if let Some(tab) = self.find(seat) {
                        tab.session.handle_buffered(socket, bytes, now);
                    }
                }
                Output::Close(socket, _) => {
                    assert!(tab.lose(socket), "{seat:?} closes a socket it does not have");
                    self.network.close(seat, socket, now);
                }
                Output::Store(_, op) => self.submit(seat, op),
                Output::Tabs(_, op) => self.perform(seat, op),
                Output::Event(event) => tab.handle_event(event),
                Output::Token(..) => panic!("{seat:?} has no token function"),
                Output::Idle(deadline) => {
                    tab.deadline = busy(&tab.session, deadline, now);
                    return self.check_writer(seat);
                }
            }
        }
    }

    fn submit(&mut self, seat: Seat, op: StoreOp) {
        let latency = self.rng.up_to(Duration::from_millis(20));
        if self.tab(seat).has_closed_handle {
            let failed = TabInput::Disk(Some(op.id), StoreNews::Failed(StoreFailure::Closed));
            return self.come(self.now + latency, Coming::ForTab(seat, failed));
        }
        if matches!(op.task, Task::Write { .. }) {
            self.tab(seat).has_written = true;
        }
        let disk = &mut self.browsers[seat.browser].disk;
        let (number, at) = disk.submit(seat, op, self.now, latency);
        self.come(at, Coming::DiskEffect(seat.browser, number));
    }

    fn take_effect(&mut self, browser: usize, number: u64) {
        let disk = &mut self.browsers[browser].disk;
        let Some(effect) = disk.take_effect(number, self.now, &mut self.rng) else { return };
        let is_done = matches!(effect.answer, Some(StoreNews::Written | StoreNews::Loaded(_)));
        // What fails for a tab that is gone is not done again.
        self.has_lost_edits |= !is_done && self.find(effect.seat).is_none();
        self.browsers[browser].note_done(effect.seat, is_done);
        self.check_records(browser);
        if let Some(tab) = self.find(effect.seat) {
            tab.was_ignored |= effect.answer.is_none();
        }
        if let Some(news) = effect.answer {
            self.deliver(effect.seat, TabInput::Disk(Some(effect.op), news));
        }
    }

    /// Hands something to a tab, as soon as it does not hang.
    fn deliver(&mut self, seat: Seat, input: TabInput) {
        let now = self.now;
        let Some(awake) = self.find(seat).map(|tab| tab.hung_until) else { return };
        if awake > now {
            return self.come(awake, Coming::ForTab(seat, input));
        }
        self.end_task(seat);
        let Some(tab) = self.find(seat) else { return };
        match input {
            TabInput::Disk(op, news) => {
                tab.has_closed_handle &= !matches!(news, StoreNews::Lost(_));
                self.input(seat, |tab, now| tab.session.handle_store(tab.doc, op, news, now));
            }
            TabInput::Lock(number, news) => {
                if tab.request == number {
                    tab.is_deposed &= news != TabNews::Lost;
                    self.input(seat, |tab, now| tab.session.handle_tab(tab.doc, news, now));
                }
            }
            TabInput::Letter(joined, letter) => {
                if tab.is_joined && tab.joined == joined {
                    let news = TabNews::Message(letter.bytes);
                    self.input(seat, |tab, now| tab.session.handle_tab(tab.doc, news, now));
                }
            }
            TabInput::Socket(socket, news) => {
                if tab.sockets.contains(&socket) {
                    self.hear(seat, socket, news);
                }
            }
        }
    }

    fn hear(&mut self, seat: Seat, socket: SocketId, news: News) {
        match news {
            News::Opened => self.input(seat, |tab, now| tab.session.handle_opened(socket, now)),
            News::Frame(frame) => {
                let frames = self.network.burst(seat, socket, frame, self.now);
                self.input(seat, |tab, now| tab.session.handle_frames(&frames, now));
            }
            News::Closed(code) => {
                self.tab(seat).lose(socket);
                let info = CloseInfo { code, reason: String::new() };
                self.input(seat, |tab, now| tab.session.handle_closed(socket, info, now));
            }
        }
    }

    fn come(&mut self, at: Instant, coming: Coming) {
        self.next_coming += 1;
        self.coming.insert((at, self.next_coming), coming);
    }

    fn next_due(&self) -> Option<(Instant, Due)> {
        let arrival = self.network.next_arrival().map(|at| (at, Due::Arrival));
        let coming = self.coming.keys().next().map(|key| (key.0, Due::Coming(*key)));
        let timer = |(seat, tab): &(Seat, Tab)| Some((tab.timer()?, Due::Timer(*seat)));
        let timers = self.browsers.iter().flat_map(|browser| browser.tabs.iter().flatten()).filter_map(timer);
        timers.chain(arrival).chain(coming).min_by_key(|(at, _)| *at)
    }
}

enum Due {
    Arrival,
    Coming((Instant, u64)),
    Timer(Seat),
}
