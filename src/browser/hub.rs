//! Joins one session to the world: feeds it inputs, carries out its outputs, and hands over its events.
//!
//! Every entry gives the session one input, then [`run`](Hub::run) drains it: outputs are carried out, one timer is
//! armed, then events are delivered one by one. No borrow is held while JavaScript runs. What JavaScript feeds in
//! meanwhile (an observer that edits, a WebSocket class that dispatches at once) is taken in and left to the run that is
//! under way, so events keep their order and none is delivered inside another.

mod errands;

use crate::queue::Queue;
use std::cell::{Cell, RefCell, RefMut};
use std::rc::{Rc, Weak};

use super::breath;
use super::clock::Clock;
use super::disk::Disk;
use super::driver::Device;
use super::entropy;
use super::gathering::{Frames, Gathering};
use super::lifecycle::{Lifecycle, Signal};
use super::microtask;
use super::socket::{Endpoint, News, NoWebSocket, Socket};
use super::tab_bus::TabBus;
use super::timer::Timer;
use super::token_source::TokenSource;
use crate::clock::Instant;
use crate::config::Config;
use crate::ids::{DocId, SocketId};
use crate::session::{DocumentSetup, Event, Kept, Output, Session};
use crate::store::{OpId, StoreNews};
use crate::tabs::TabNews;
use crate::wire::{Protocol, Route, Sharing};

/// One connection with the documents that share it. Dropping it closes its socket and ends its timer and listeners.
pub(super) struct Hub {
    /// Handed to whatever calls back, so that none of it keeps the connection alive.
    this: Weak<Self>,
    place: Place,
    clock: Clock,
    session: RefCell<Session>,
    residents: RefCell<Vec<Rc<Resident>>>,
    /// Documents that were closed, as long as something is to be carried out for them.
    leaving: RefCell<Vec<DocId>>,
    /// One, or one and its successor.
    sockets: RefCell<Vec<Rc<Socket>>>,
    gathering: Rc<Gathering>,
    timer: RefCell<Option<Timer>>,
    /// The documents that have events waiting, once for each event.
    waiting: RefCell<Queue<DocId>>,
    is_running: Cell<bool>,
    is_run_due: Cell<bool>,
    is_turn_due: Cell<bool>,
    /// Whether the page is left, or frozen.
    has_left: Cell<bool>,
    _lifecycle: Lifecycle,
}

/// What a connection is opened with.
#[derive(Clone, PartialEq)]
pub(super) struct Place {
    /// What the server speaks.
    pub(super) protocol: Protocol,
    /// Where the server is.
    pub(super) endpoint: Endpoint,
    /// The options that are numbers.
    pub(super) config: Config,
}

/// What a document needs of the world beside the connection.
struct Resident {
    doc: DocId,
    disk: Option<Disk>,
    tabs: TabBus,
    token: TokenSource,
    outside: Outside,
}

/// What takes what has to outlive this instance. Neither of these functions runs anything here, but to deliver an event.
pub struct Outside {
    /// Takes the events.
    pub tell: Box<dyn Fn(Telling)>,
    /// Takes what is to be kept of the document.
    pub keep: Box<dyn Fn(&Kept<'_>)>,
}

/// What is told of the events of a document. They wait outside, where they outlive a trap.
pub enum Telling {
    /// An event has come to be, and waits.
    Waits(Event),
    /// The first one that waits is to be delivered; all that was kept of the document so far is told by those that wait.
    Next,
}

thread_local! {
    /// The connections that other documents may join.
    static SHARED: RefCell<Vec<Weak<Hub>>> = const { RefCell::new(Vec::new()) };
}

/// Coming and going of documents.
impl Hub {
    /// The connection of that place, if there is one that has no document of this route yet; else a new one.
    pub(super) fn at(place: Place, route: &Route) -> Rc<Self> {
        if place.protocol.dialect().policy().sharing == Sharing::Alone {
            return Self::new(place);
        }
        SHARED.with_borrow_mut(|shared| {
            shared.retain(|hub| hub.strong_count() > 0);
            let fits = |hub: &Rc<Self>| hub.place == place && !hub.session.borrow().has_document(route);
            shared.iter().filter_map(Weak::upgrade).find(fits).unwrap_or_else(|| {
                let hub = Self::new(place);
                shared.push(hub.this.clone());
                hub
            })
        })
    }

    fn new(place: Place) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            clock: Clock::start(),
            session: RefCell::new(Session::new(place.config.clone(), place.protocol, entropy::seed())),
            place,
            residents: RefCell::default(),
            leaving: RefCell::default(),
            sockets: RefCell::default(),
            gathering: Gathering::new(Self::callback(this, |hub, frames| hub.handle_frames(&frames))),
            timer: RefCell::default(),
            waiting: RefCell::default(),
            is_running: Cell::new(false),
            is_run_due: Cell::new(false),
            is_turn_due: Cell::new(false),
            has_left: Cell::new(false),
            _lifecycle: Lifecycle::watch(Self::callback(this, Self::handle_signal)),
        })
    }

    /// Adds a document, not connected.
    pub(super) fn open(&self, setup: DocumentSetup, device: &Device, token: TokenSource, outside: Outside) -> DocId {
        let now = self.now();
        let doc = self.session().open_document(setup, now);
        let on_disk = Self::callback(&self.this, move |hub, (op, news)| hub.handle_disk(doc, op, news));
        let resident = Resident {
            doc,
            disk: device.store.map(|durability| Disk::new(&device.name, durability, on_disk)),
            tabs: TabBus::new(&device.name),
            token,
            outside,
        };
        self.residents.borrow_mut().push(Rc::new(resident));
        self.hand_over();
        // What this device keeps is read at the end of the task, also without a connection.
        self.run_soon();
        doc
    }

    /// Sends what is pending of a document, says goodbye and releases what it had, at once. Again it does nothing.
    pub(super) fn close(&self, doc: DocId) {
        if self.resident(doc).is_none() {
            return;
        }
        self.leaving.borrow_mut().push(doc);
        self.handle(|session, now| session.close_document(doc, now));
    }

    /// The class that sockets are made with.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn require_websocket(&self) -> Result<(), NoWebSocket> {
        self.place.endpoint.constructor().map(drop)
    }

    /// Commits the edits made so far and does at once what follows from them.
    pub(super) fn commit(&self, doc: DocId) {
        self.settle(|session, now| session.commit(doc, now));
    }

    /// Commits what may not wait, at the end of a task.
    fn end_tasks(&self) {
        let docs: Vec<DocId> = self.residents.borrow().iter().map(|resident| resident.doc).collect();
        docs.into_iter().for_each(|doc| self.settle(|session, now| session.end_task(doc, now)));
    }

    /// Does at once what follows from an input.
    fn settle(&self, input: impl FnOnce(&mut Session, Instant)) {
        if self.has_left.get() {
            // Another listener has written something as the page is left: that is its last word then.
            self.handle(Session::handle_frozen);
        } else {
            self.handle(input);
        }
    }

    fn resident(&self, doc: DocId) -> Option<Rc<Resident>> {
        self.residents.borrow().iter().find(|resident| resident.doc == doc).cloned()
    }
}

/// News.
impl Hub {
    fn handle_socket(&self, socket: SocketId, news: News) {
        if let News::Received(frame) = news {
            return self.gathering.add(socket, frame, self.now());
        }
        self.gathering.let_go();
        match news {
            News::Opened => self.handle(|session, now| session.handle_opened(socket, now)),
            News::TooLarge(len) => self.handle(|session, now| session.handle_too_large(socket, len, now)),
            News::Closed(info) => {
                drop(self.take_socket(socket));
                self.handle(|session, now| session.handle_closed(socket, info, now));
            }
            News::Received(_) => {}
        }
    }

    fn handle_frames(&self, frames: &Frames) {
        self.handle(|session, now| session.handle_frames(frames, now));
        self.gathering.note_taken(self.now());
    }

    fn handle_signal(&self, signal: Signal) {
        match signal {
            Signal::Online => self.handle(Session::handle_online),
            Signal::Offline => self.handle(Session::handle_offline),
            Signal::Visible => {
                self.has_left.set(false);
                self.handle(Session::handle_visible);
            }
            Signal::Hidden => self.handle(Session::handle_hidden),
            Signal::Leaving => {
                self.has_left.set(true);
                self.handle(Session::handle_frozen);
            }
            Signal::Frozen => {
                self.has_left.set(true);
                self.handle(Session::handle_frozen);
                // Who is frozen must not keep others from what they want to do with the database.
                let residents = self.residents.borrow().clone();
                residents.iter().filter_map(|resident| resident.disk.as_ref()).for_each(Disk::release);
            }
        }
    }

    fn handle_disk(&self, doc: DocId, op: Option<OpId>, news: StoreNews) {
        self.handle(|session, now| session.handle_store(doc, op, news, now));
    }

    fn handle_tab(&self, doc: DocId, news: TabNews) {
        self.handle(|session, now| session.handle_tab(doc, news, now));
    }

    fn handle_timeout(&self) {
        // It has fired: what is armed next must not be compared with it.
        let fired = self.timer.take();
        drop(fired);
        self.handle(Session::handle_timeout);
    }
}

/// One input.
impl Hub {
    pub(super) fn handle(&self, input: impl FnOnce(&mut Session, Instant)) {
        self.input(input);
        self.run();
    }

    /// An input of which the consequences are seen to at the end of the task.
    pub(super) fn command<R>(&self, input: impl FnOnce(&mut Session, Instant) -> R) -> R {
        let answer = self.input(input);
        self.run_soon();
        answer
    }

    /// An input of which the consequences are left to the next run.
    pub(super) fn input<R>(&self, input: impl FnOnce(&mut Session, Instant) -> R) -> R {
        let now = self.now();
        let answer = input(&mut self.session(), now);
        self.hand_over();
        answer
    }

    /// Has kept what has to be, before anything else can happen. Nothing is borrowed but the session, which nobody runs
    /// meanwhile.
    pub(super) fn hand_over(&self) {
        let mut session = self.session();
        while let Some((doc, kept)) = session.poll_kept() {
            if let Some(resident) = self.resident(doc) {
                (resident.outside.keep)(&kept);
            }
        }
    }

    /// The session, to be given back before anything runs.
    pub(super) fn session(&self) -> RefMut<'_, Session> {
        self.session.borrow_mut()
    }

    /// The time, to be taken while nothing is borrowed.
    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A function for JavaScript to call back, which does nothing once the connection is gone.
    fn callback<T: 'static>(
        this: &Weak<Self>,
        handle: impl Fn(&Self, T) + Clone + 'static,
    ) -> impl Fn(T) + Clone + 'static {
        let this = this.clone();
        move |news| {
            if let Some(hub) = this.upgrade() {
                handle(&hub, news);
            }
        }
    }
}

/// Everything that follows from an input.
impl Hub {
    /// Has everything committed and carried out at the end of the task.
    pub(super) fn run_soon(&self) {
        if self.is_run_due.replace(true) {
            return;
        }
        let on_end_of_task = Self::callback(&self.this, |hub, ()| {
            hub.is_run_due.set(false);
            hub.end_tasks();
        });
        microtask::soon(move || on_end_of_task(()));
    }

    fn run(&self) {
        if self.is_running.replace(true) {
            return;
        }
        loop {
            let wake = self.carry_out();
            // A timer would come later, and much later where nobody sees the page.
            if self.session().is_catching_up() {
                self.take_turn();
            } else {
                self.arm(wake);
            }
            let next = self.waiting.borrow_mut().pop_front();
            let Some(doc) = next else { break };
            self.tell(doc, Telling::Next);
        }
        let left = self.leaving.take();
        let gone: Vec<_> =
            self.residents.borrow_mut().extract_if(.., |resident| left.contains(&resident.doc)).collect();
        drop(gone);
        self.is_running.set(false);
    }

    /// Has the session go on once the browser has come round.
    fn take_turn(&self) {
        if self.is_turn_due.replace(true) {
            return;
        }
        let on_turn = Self::callback(&self.this, |hub, ()| {
            hub.is_turn_due.set(false);
            hub.handle_timeout();
        });
        breath::take(move || on_turn(()));
    }

    /// Carries out what the session asks for; returns when it wants to be woken.
    fn carry_out(&self) -> Option<Instant> {
        loop {
            let output = self.session.borrow_mut().poll_output();
            match output {
                Output::Open(socket, token) => self.open_socket(socket, &token),
                Output::Token(doc, request) => self.ask_for_token(doc, request),
                Output::Send(socket, frame) => self.send(socket, &frame),
                Output::Measure(socket) => self.measure(socket),
                Output::Close(socket, code) => self.close_socket(socket, code),
                Output::Store(doc, op) => self.perform_on_disk(doc, op),
                Output::Tabs(doc, op) => self.perform_on_tabs(doc, op),
                Output::Event(event) => {
                    let doc = event.doc();
                    self.tell(doc, Telling::Waits(event));
                    self.waiting.borrow_mut().push_back(doc);
                }
                Output::Idle(wake) => return wake,
            }
        }
    }

    fn tell(&self, doc: DocId, telling: Telling) {
        if let Some(resident) = self.resident(doc) {
            (resident.outside.tell)(telling);
        }
    }

    /// Sees to it that a timer fires at `wake`. One that fires sooner is left armed: it is set again then, which is
    /// cheaper than doing so whenever a frame puts off the next deadline.
    fn arm(&self, wake: Option<Instant>) {
        let armed = self.timer.borrow().as_ref().map(Timer::due);
        let timer = match (wake, armed) {
            (Some(wake), Some(armed)) if armed <= wake => return,
            (Some(wake), _) => {
                let on_timeout = Self::callback(&self.this, |hub, ()| hub.handle_timeout());
                Some(Timer::start(wake, self.clock.now(), move || on_timeout(())))
            }
            (None, _) => None,
        };
        let previous = self.timer.replace(timer);
        drop(previous);
    }
}
