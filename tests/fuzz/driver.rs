//! Decides how an input reaches a document: through a session with a server, a disk and another tab, in virtual time.

use crate::case::{Case, Kind, Look, Step};
use crate::usable;
use syncline::clock::{Duration, Instant};
use syncline::config::Config;
use syncline::connection::CloseInfo;
use syncline::credential::Source;
use syncline::ids::{ClientId, DocId, SocketId};
use syncline::replica::{Cursor, Holder, Kind as TypeKind, Side, TypeId};
use syncline::session::{DocumentSetup, Event, Output, Session};
use syncline::store::{RecordKey, StoreNews, Task};
use syncline::tabs::{TabNews, TabOp};
use syncline::wire::{Frame, Protocol, Route};

/// How much the document may hold back. Small, so that inputs reach the limit.
const MAX_HELD: usize = 4 << 10;

/// How many outputs may follow one input. A session that says more than that to nobody goes round in a circle.
const MOST_OUTPUTS: usize = 5_000;

/// How many milliseconds there are from one step to the next.
const STEP: u64 = 30;

/// What a y-websocket server asks at the beginning, and what one says that has nothing.
const GREETING: [&[u8]; 2] = [&[0, 0, 1, 0], &[0, 1, 2, 0, 0]];

/// A document with everything around it.
pub struct Driver {
    pub session: Session,
    pub doc: DocId,
    pub now: Instant,
    socket: Option<SocketId>,
    opening: Option<SocketId>,
    deadline: Option<Instant>,
    records: Vec<Vec<u8>>,
    /// What was refused, by code.
    pub problems: Vec<&'static str>,
    /// How many updates of the application went in.
    pub accepted: u32,
}

/// Gives a document the input; panics where something does not hold that has to. Returns how many updates went in.
pub fn run(case: &Case) -> u32 {
    let mut driver = Driver::open(case);
    for step in &case.steps {
        driver.take(step, case.look);
        driver.check_bounds(case.look);
    }
    if case.kind == Kind::Honest {
        assert_eq!(driver.problems, [""; 0], "honest updates are refused");
        let held = driver.session.replica(driver.doc).expect("the document is open").held_bytes();
        assert_eq!(held, 0, "something is held back, though everything has come");
        usable::check_text(&mut driver, case.text.as_deref().unwrap_or_default());
    }
    match case.look {
        Look::Glance => usable::glance(&mut driver, case),
        Look::Close => usable::check(&mut driver, case),
    }
    driver.check_bounds(case.look);
    driver.accepted
}

impl Driver {
    fn open(case: &Case) -> Self {
        let now = Instant::from_millis(1_000_000);
        let mut config = Config::default();
        config.limits.max_held_bytes = if case.kind == Kind::Honest { 1 << 20 } else { MAX_HELD };
        let mut session = Session::new(config, Protocol::YWebsocket, case.seed);
        let setup = DocumentSetup {
            route: Route::Only,
            client: ClientId(case.client),
            is_stored: !case.records.is_empty(),
            is_shared: case.steps.iter().any(|step| matches!(step, Step::Letter(_))),
            token: Source::None,
            journal: None,
        };
        let is_shared = setup.is_shared;
        let doc = session.open_document(setup, now);
        let mut driver = Self {
            session,
            doc,
            now,
            socket: None,
            opening: None,
            deadline: None,
            records: case.records.clone(),
            problems: Vec::new(),
            accepted: 0,
        };
        driver.drain();
        if is_shared {
            driver.session.handle_tab(doc, TabNews::Granted, now);
            driver.drain();
        }
        driver.watch();
        driver.session.connect(doc, now);
        driver.drain();
        driver
    }

    /// Has the changes of each root worked out, as observers do.
    fn watch(&mut self) {
        for (name, kind) in usable::ROOTS {
            // What came from the disk may be of another kind.
            let _ = self.session.edit(self.doc, |replica| replica.open(name, kind).and_then(|id| replica.observe(id)));
        }
        self.drain();
    }

    fn take(&mut self, step: &Step, look: Look) {
        match step {
            Step::Update(update) => match self.session.apply_update(self.doc, update, self.now) {
                Ok(()) => self.accepted += 1,
                Err(refusal) => self.problems.push(refusal.code()),
            },
            Step::Frame(frame) => {
                if let Some(socket) = self.connected() {
                    self.session.handle_frame(socket, &Frame::Binary(frame.clone()), self.now);
                }
            }
            Step::Letter(letter) => self.session.handle_tab(self.doc, TabNews::Message(letter.clone()), self.now),
            Step::Cursor { item, nested, root, assoc } => self.resolve(&Cursor {
                within: match (root, nested) {
                    (Some(name), _) => Some(Holder::Root(name.clone())),
                    (None, Some((client, clock))) => Some(Holder::Nested(ClientId(*client), to_clock(*clock))),
                    (None, None) => None,
                },
                element: item.map(|(client, clock)| (ClientId(client), to_clock(clock))),
                side: if *assoc < 0 { Side::Before } else { Side::After },
            }),
            Step::Edit => match look {
                Look::Glance => usable::edit_one(self, self.now.as_millis() / STEP, "between"),
                Look::Close => usable::edit(self, "between"),
            },
        }
        self.drain();
        self.now = self.now + Duration::from_millis(STEP);
    }

    fn resolve(&mut self, cursor: &Cursor) {
        for (name, kind) in usable::ROOTS {
            let Some(id) = self.root(name, kind) else { continue };
            let Some(replica) = self.session.replica(self.doc) else { continue };
            let found = replica.resolve(id, cursor).expect("a cursor is found or not");
            if let (Some(index), TypeKind::Text) = (found, kind) {
                let len = replica.text_len(id).expect("a root is there");
                assert!(index <= len, "a cursor is at {index} in a text of {len}");
            }
        }
    }

    /// A root, unless it holds what this kind does not take.
    pub fn root(&mut self, name: &str, kind: TypeKind) -> Option<TypeId> {
        self.session.edit(self.doc, |replica| replica.open(name, kind)).ok()
    }

    /// The socket that works; another one is waited for where bytes had it closed.
    fn connected(&mut self) -> Option<SocketId> {
        for _ in 0..20 {
            if let Some(socket) = self.opening.take() {
                self.socket = Some(socket);
                self.session.handle_opened(socket, self.now);
                for message in GREETING {
                    self.session.handle_frame(socket, &Frame::Binary(message.to_vec()), self.now);
                }
                self.drain();
            }
            if self.socket.is_some() {
                return self.socket;
            }
            self.now = self.deadline?.max(self.now);
            self.session.handle_timeout(self.now);
            self.drain();
        }
        None
    }

    pub fn drain(&mut self) {
        for _ in 0..MOST_OUTPUTS {
            match self.session.poll_output() {
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                Output::Open(socket, _) => self.opening = Some(socket),
                Output::Close(socket, _) => {
                    for slot in [&mut self.socket, &mut self.opening] {
                        *slot = slot.filter(|held| *held != socket);
                    }
                    self.session.handle_closed(socket, CloseInfo { code: 1000, reason: String::new() }, self.now);
                }
                Output::Measure(socket) => self.session.handle_buffered(socket, 0, self.now),
                Output::Store(doc, op) => {
                    let news = match op.task {
                        Task::Load => StoreNews::Loaded(self.loaded()),
                        Task::Write { .. } => StoreNews::Written,
                        Task::Forget => StoreNews::Forgotten,
                    };
                    self.session.handle_store(doc, Some(op.id), news, self.now);
                }
                Output::Tabs(doc, TabOp::Steal) => self.session.handle_tab(doc, TabNews::Granted, self.now),
                Output::Event(Event::Problem(_, problem)) => self.problems.push(problem.code),
                Output::Event(_) | Output::Send(..) | Output::Token(..) | Output::Tabs(..) => {}
            }
        }
        panic!("there is no end to what the session says");
    }

    fn loaded(&self) -> Vec<(RecordKey, Vec<u8>)> {
        let named = |(sequence, record): (usize, &Vec<u8>)| {
            (RecordKey { sequence: sequence as u32, writer: 1 }, record.clone())
        };
        self.records.iter().enumerate().map(named).collect()
    }

    /// What is held back has its limit, and how it stands can be told at any time.
    fn check_bounds(&mut self, look: Look) {
        let replica = self.session.replica(self.doc).expect("the document is open");
        let held = replica.held_bytes();
        assert!(held <= 1 << 20, "{held} bytes are held back");
        if look == Look::Glance {
            return;
        }
        self.session.status(self.doc, self.now).expect("the document has a status");
        self.session.explain(self.doc, self.now).expect("the document has something to explain");
    }
}

/// The clock as far as a cursor can hold it: what JavaScript has above that does not get here.
fn to_clock(clock: u64) -> u32 {
    u32::try_from(clock).unwrap_or(u32::MAX)
}
