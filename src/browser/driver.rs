//! Joins one session to the world: feeds it inputs, carries out its outputs, and hands over its events.
//!
//! Every entry gives the session one input, then [`run`](Driver::run) drains it: outputs are carried out, one timer is
//! armed, then events are delivered one by one. No borrow is held while JavaScript runs. What JavaScript feeds in
//! meanwhile (an observer that edits, a WebSocket class that dispatches at once) is taken in and left to the run that is
//! under way, so events keep their order and none is delivered inside another.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use super::clock::Clock;
use super::disk::{Disk, Durability, StoreName};
use super::entropy;
use super::lifecycle::{Lifecycle, Signal};
use super::microtask;
use super::socket::{Endpoint, News, NoWebSocket, Socket};
use super::tab_bus::TabBus;
use super::timer::Timer;
use crate::clock::Instant;
use crate::config::Config;
use crate::connection::{CloseCode, CloseInfo};
use crate::ids::{ClientId, DocId, SocketId};
use crate::replica::{EditError, Refusal, Replica};
use crate::session::{DocumentSetup, Event, Output, Session, Status};
use crate::store::{OpId, StoreNews};
use crate::tabs::TabNews;
use crate::wire::{Frame, Protocol, Route};

/// What a document is opened with.
pub struct Setup {
    /// The options that are numbers.
    pub config: Config,
    /// What the server speaks.
    pub protocol: Protocol,
    /// What the server decides access by, where it is told in messages.
    pub token: String,
    /// Which of the documents on a connection it is.
    pub route: Route,
    /// Where the server is.
    pub endpoint: Endpoint,
    /// What the document has to do with this device.
    pub device: Device,
}

/// What a document has to do with the device and the browser it is opened in.
pub struct Device {
    /// What the document is called here.
    pub name: StoreName,
    /// How it is kept, if it is.
    pub store: Option<Durability>,
    /// Whether the tabs of the browser share a connection for it.
    pub is_shared: bool,
}

/// One open document. Dropping it closes its socket and ends its timer and listeners.
pub struct Driver {
    /// Handed to whatever calls back, so that none of it keeps the document alive.
    this: Weak<Self>,
    doc: DocId,
    client: ClientId,
    clock: Clock,
    session: RefCell<Session>,
    endpoint: Endpoint,
    max_frame_bytes: usize,
    socket: RefCell<Option<Rc<Socket>>>,
    disk: Option<Disk>,
    tabs: TabBus,
    timer: RefCell<Option<Timer>>,
    events: RefCell<VecDeque<Event>>,
    deliver: Box<dyn Fn(Event)>,
    is_running: Cell<bool>,
    is_run_due: Cell<bool>,
    /// Whether the page is left, or frozen.
    has_left: Cell<bool>,
    _lifecycle: Lifecycle,
}

/// Commands. What follows from them is done at the end of the task, except for the last two.
impl Driver {
    /// Opens a document, not connected. `deliver` takes its events; it may call anything here.
    pub fn open(setup: Setup, deliver: Box<dyn Fn(Event)>) -> Rc<Self> {
        let Setup { config, protocol, token, route, endpoint, device: Device { name, store, is_shared } } = setup;
        let (clock, client) = (Clock::start(), entropy::client_id());
        let max_frame_bytes = config.limits.max_frame_bytes;
        let mut session = Session::new(config, protocol, entropy::seed());
        let setup = DocumentSetup { route, client, is_stored: store.is_some(), is_shared, token };
        let doc = session.open_document(setup, clock.now());
        let tabs = TabBus::new(&name);
        let driver = Rc::new_cyclic(|this| Self {
            this: this.clone(),
            doc,
            client,
            clock,
            session: RefCell::new(session),
            endpoint,
            max_frame_bytes,
            socket: RefCell::default(),
            disk: store.map(|durability| Disk::new(&name, durability, Self::callback(this, Self::handle_disk))),
            tabs,
            timer: RefCell::default(),
            events: RefCell::default(),
            deliver,
            is_running: Cell::new(false),
            is_run_due: Cell::new(false),
            has_left: Cell::new(false),
            _lifecycle: Lifecycle::watch(Self::callback(this, Self::handle_signal)),
        });
        // What this device keeps is read at the end of the task, also without a connection.
        driver.run_soon();
        driver
    }

    /// Connects and stays connected.
    ///
    /// # Errors
    /// There is no WebSocket to connect with.
    pub fn connect(&self) -> Result<(), NoWebSocket> {
        self.endpoint.constructor()?;
        self.command(Session::connect);
        Ok(())
    }

    /// Connects again at once, whatever was before.
    ///
    /// # Errors
    /// There is no WebSocket to connect with.
    pub fn reconnect(&self) -> Result<(), NoWebSocket> {
        self.endpoint.constructor()?;
        self.command(Session::reconnect);
        Ok(())
    }

    /// Disconnects and stays disconnected.
    pub fn disconnect(&self) {
        self.command(Session::disconnect);
    }

    /// Changes the document. The edits of one task are committed together at its end.
    ///
    /// # Errors
    /// The edit was refused and changed nothing.
    pub fn edit<R>(&self, edit: impl FnOnce(&mut Replica) -> Result<R, EditError>) -> Result<R, EditError> {
        let edited = self.read(edit)?;
        self.run_soon();
        Ok(edited)
    }

    /// Takes in a change that the application has as bytes.
    ///
    /// # Errors
    /// The bytes were refused and changed nothing.
    pub fn apply_update(&self, update: &[u8]) -> Result<(), Refusal> {
        self.command(|session, now| session.apply_update(self.doc, update, now))
    }

    /// Sets or, with `None`, withdraws what the others see of this replica, as JSON.
    pub fn set_presence(&self, state: Option<String>) {
        self.command(|session, now| session.set_presence(self.doc, state, now));
    }

    /// Removes what this device keeps of the document, and keeps nothing of it from here on.
    pub fn forget(&self) {
        self.handle(|session, now| session.forget(self.doc, now));
    }

    /// Commits the edits made so far and does at once what follows from them.
    pub fn commit(&self) {
        if self.has_left.get() {
            // Another listener has written something as the page is left: that is its last word then.
            self.handle(Session::handle_frozen);
        } else {
            self.handle(|session, now| session.commit(self.doc, now));
        }
    }

    /// Sends what is pending, says goodbye and closes the socket, at once. Dropping the driver ends the rest.
    pub fn close(&self) {
        self.handle(|session, now| session.close_document(self.doc, now));
    }
}

/// Getters.
impl Driver {
    /// The id of this replica.
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// Where the document stands; nothing once it is closed.
    pub fn status(&self) -> Option<Status> {
        self.input(|session, now| session.status(self.doc, now))
    }

    /// Who is here, with their states as JSON.
    pub fn presence(&self) -> Vec<(ClientId, String)> {
        self.session.borrow().presence_states(self.doc)
    }

    /// Reads the document, including edits that are not committed yet.
    ///
    /// # Errors
    /// What the replica says.
    pub fn read<R>(&self, read: impl FnOnce(&mut Replica) -> Result<R, EditError>) -> Result<R, EditError> {
        self.session.borrow_mut().edit(self.doc, read)
    }
}

/// News.
impl Driver {
    fn handle_socket(&self, socket: SocketId, news: News) {
        match news {
            News::Opened => self.handle(|session, now| session.handle_opened(socket, now)),
            News::Received(frame) => self.handle(|session, now| session.handle_frame(socket, &frame, now)),
            News::TooLarge(len) => self.handle(|session, now| session.handle_too_large(socket, len, now)),
            News::Closed(info) => {
                drop(self.take_socket(socket));
                self.handle(|session, now| session.handle_closed(socket, info, now));
            }
        }
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
                self.disk.iter().for_each(|disk| disk.release());
            }
        }
    }

    fn handle_disk(&self, (op, news): (Option<OpId>, StoreNews)) {
        self.handle(|session, now| session.handle_store(self.doc, op, news, now));
    }

    fn handle_tab(&self, news: TabNews) {
        self.handle(|session, now| session.handle_tab(self.doc, news, now));
    }

    fn handle_timeout(&self) {
        // It has fired: what is armed next must not be compared with it.
        let fired = self.timer.take();
        drop(fired);
        self.handle(Session::handle_timeout);
    }
}

/// One input.
impl Driver {
    fn handle(&self, input: impl FnOnce(&mut Session, Instant)) {
        self.input(input);
        self.run();
    }

    fn command<R>(&self, input: impl FnOnce(&mut Session, Instant) -> R) -> R {
        let answer = self.input(input);
        self.run_soon();
        answer
    }

    fn input<R>(&self, input: impl FnOnce(&mut Session, Instant) -> R) -> R {
        let now = self.clock.now();
        input(&mut self.session.borrow_mut(), now)
    }

    /// A function for JavaScript to call back, which does nothing once the document is gone.
    fn callback<T: 'static>(
        this: &Weak<Self>,
        handle: impl Fn(&Self, T) + Clone + 'static,
    ) -> impl Fn(T) + Clone + 'static {
        let this = this.clone();
        move |news| {
            if let Some(driver) = this.upgrade() {
                handle(&driver, news);
            }
        }
    }
}

/// Everything that follows from an input.
impl Driver {
    fn run_soon(&self) {
        if self.is_run_due.replace(true) {
            return;
        }
        let on_end_of_task = Self::callback(&self.this, |driver, ()| {
            driver.is_run_due.set(false);
            driver.commit();
        });
        microtask::soon(move || on_end_of_task(()));
    }

    fn run(&self) {
        if self.is_running.replace(true) {
            return;
        }
        loop {
            let wake = self.carry_out();
            self.arm(wake);
            let next = self.events.borrow_mut().pop_front();
            let Some(event) = next else { break };
            (self.deliver)(event);
        }
        self.is_running.set(false);
    }

    /// Carries out what the session asks for; returns when it wants to be woken.
    fn carry_out(&self) -> Option<Instant> {
        loop {
            let output = self.session.borrow_mut().poll_output();
            match output {
                Output::Open(socket) => self.open_socket(socket),
                Output::Send(socket, frame) => self.send(socket, &frame),
                Output::Close(socket, code) => self.close_socket(socket, code),
                Output::Store(_, op) => self.disk.iter().for_each(|disk| disk.perform(op.clone())),
                Output::Tabs(_, op) => self.tabs.perform(op, &Self::callback(&self.this, Self::handle_tab)),
                Output::Event(event) => self.events.borrow_mut().push_back(event),
                Output::Idle(wake) => return wake,
            }
        }
    }

    fn open_socket(&self, id: SocketId) {
        let on_news = Self::callback(&self.this, move |driver, news| driver.handle_socket(id, news));
        match Socket::open(id, &self.endpoint, self.max_frame_bytes, on_news) {
            Ok(socket) => drop(self.socket.replace(Some(Rc::new(socket)))),
            Err(reason) => {
                let info = CloseInfo { code: NEVER_OPENED, reason };
                self.input(|session, now| session.handle_closed(id, info, now));
            }
        }
    }

    fn send(&self, id: SocketId, frame: &Frame) {
        let socket = self.socket.borrow().clone();
        if let Some(socket) = socket.filter(|socket| socket.id() == id) {
            socket.send(frame);
        }
    }

    fn close_socket(&self, id: SocketId, code: CloseCode) {
        if let Some(socket) = self.take_socket(id) {
            socket.close(code);
        }
    }

    fn take_socket(&self, id: SocketId) -> Option<Rc<Socket>> {
        self.socket.borrow_mut().take_if(|socket| socket.id() == id)
    }

    /// Sees to it that a timer fires at `wake`. One that fires sooner is left armed: it is set again then, which is
    /// cheaper than doing so whenever a frame puts off the next deadline.
    fn arm(&self, wake: Option<Instant>) {
        let armed = self.timer.borrow().as_ref().map(Timer::due);
        let timer = match (wake, armed) {
            (Some(wake), Some(armed)) if armed <= wake => return,
            (Some(wake), _) => {
                let on_timeout = Self::callback(&self.this, |driver, ()| driver.handle_timeout());
                Some(Timer::start(wake, self.clock.now(), move || on_timeout(())))
            }
            (None, _) => None,
        };
        let previous = self.timer.replace(timer);
        drop(previous);
    }
}

/// The close code of a connection that broke or never came to be.
const NEVER_OPENED: u16 = 1006;
