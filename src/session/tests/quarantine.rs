//! Content that kills every instance which takes it in costs nothing but itself. What wasm does with a trap is played by a
//! panic that is caught: the session it came from is never looked at again.

use super::*;
use crate::ids::DocId;
use crate::replica::in_hand::faults::take_poison;
use crate::replica::{EditError, TypeId, write_other};
use crate::session::{Care, Journal, Poison, Problem, Stage as HandStage};
use crate::wire::Frame;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A page: a session that may die, and what outlives it.
struct Page {
    session: Session,
    doc: DocId,
    text: TypeId,
    client: u64,
    journal: Vec<u8>,
    reported: usize,
    told: usize,
    deaths: u32,
    /// With how much care the session was made.
    care: Care,
    poison: Vec<Poison>,
    socket: Option<SocketId>,
    now: Instant,
    problems: Vec<Problem>,
    sent: Vec<Message>,
    opened: u32,
}

impl Page {
    fn open() -> Self {
        let (session, doc, text) = session_of(1, Journal::default());
        let mut page = Self {
            session,
            doc,
            text,
            client: 1,
            journal: Vec::new(),
            reported: 0,
            told: 0,
            deaths: 0,
            care: Care::Usual,
            poison: Vec::new(),
            socket: None,
            now: START,
            problems: Vec::new(),
            sent: Vec::new(),
            opened: 0,
        };
        page.input(|session, now| session.connect(DocId(0), now));
        page
    }

    /// Does something; where that kills the session, another one takes its place. Says whether it did.
    fn input(&mut self, input: impl FnOnce(&mut Session, Instant)) -> bool {
        let (session, now) = (&mut self.session, self.now);
        let died = catch_unwind(AssertUnwindSafe(|| input(session, now))).is_err();
        if died {
            self.revive();
        }
        self.drain();
        died
    }

    fn revive(&mut self) {
        loop {
            self.deaths += 1;
            assert!(self.deaths < 20, "it dies for ever");
            let in_hand = take_poison();
            let is_suspect = in_hand.is_some();
            // In hand by itself: that is it.
            self.poison.extend(in_hand.filter(|_| self.care == Care::Extreme));
            self.care = if is_suspect { Care::Extreme } else { Care::Usual };
            self.client += 1;
            self.socket = None;
            let (told, tail) = self.journal.split_at(self.told);
            let journal = Journal { records: told.to_vec(), care: self.care, poison: self.poison.clone() };
            let (client, now) = (self.client, self.now);
            let revived = catch_unwind(AssertUnwindSafe(|| {
                let (mut session, doc, text) = session_of(client, journal);
                session.replay(doc, tail, now);
                session.connect(doc, now);
                (session, doc, text)
            }));
            if let Ok((session, doc, text)) = revived {
                (self.session, self.doc, self.text) = (session, doc, text);
                self.poison.clear();
                return;
            }
        }
    }

    fn drain(&mut self) {
        loop {
            while let Some((_, kept)) = self.session.poll_kept() {
                self.journal.extend_from_slice(kept.records);
                if kept.is_reported {
                    self.reported = self.journal.len();
                }
            }
            match self.session.poll_output() {
                Output::Open(socket, _) => {
                    self.opened += 1;
                    self.socket = Some(socket);
                }
                Output::Send(_, frame) => {
                    let inbound = Codec::new(Protocol::YWebsocket, 9).decode(&frame, usize::MAX, &|_| true).unwrap();
                    self.sent.extend(inbound.into_iter().map(|inbound| inbound.message));
                }
                Output::Event(Event::Problem(_, problem)) => self.problems.push(problem),
                Output::Event(_) => self.told = self.reported,
                Output::Idle(_) => return,
                _ => {}
            }
        }
    }

    /// The socket opens, if there is one, and the server asks and answers with all that it has.
    fn greet(&mut self, server: &mut Replica) -> bool {
        let socket = self.socket.expect("a socket was asked for");
        let died = self.input(|session, now| session.handle_opened(socket, now))
            || self.hear(&Message::SyncStep1(server.state_vector()))
            || self.hear(&Message::SyncStep2(server.encode_since(None).unwrap()));
        // What waits is written in turns of its own.
        died || (0..50).any(|_| self.session.is_catching_up() && self.input(Session::handle_timeout))
    }

    /// A message comes from the server. Says whether it killed the session.
    fn hear(&mut self, message: &Message) -> bool {
        let Some(socket) = self.socket else { return false };
        let mut frames = Vec::new();
        Codec::new(Protocol::YWebsocket, 9).encode(&Route::Only, message, &mut |frame| frames.push(deadly(frame)));
        frames.into_iter().any(|frame| self.input(|session, now| session.handle_frame(socket, &frame, now)))
    }

    fn content(&mut self) -> String {
        let text = self.text;
        self.session.edit(self.doc, |replica| replica.text_string(text)).unwrap()
    }
}

/// What the server has is harmless to it, and kills the page: of the same length.
fn deadly(frame: Frame) -> Frame {
    match frame {
        Frame::Binary(bytes) => Frame::Binary(kill(&bytes)),
        text => text,
    }
}

fn kill(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    while let Some(at) = bytes.windows(4).position(|window| window == b"k1ll") {
        bytes[at + 1] = b'i';
    }
    bytes
}

fn session_of(client: u64, journal: Journal) -> (Session, DocId, TypeId) {
    let mut session = Session::new(Config::default(), Protocol::YWebsocket, client);
    let setup = DocumentSetup {
        route: Route::Only,
        client: ClientId(client),
        is_stored: false,
        is_shared: false,
        token: Source::None,
        journal: Some(journal),
    };
    let doc = session.open_document(setup, START);
    let opened: Result<TypeId, EditError> = session.edit(doc, |replica| {
        let text = replica.open("text", Kind::Text)?;
        replica.observe(text).map(|()| text)
    });
    (session, doc, opened.unwrap())
}

/// What somebody writes in a document that has this.
fn write(client: u64, at: u32, text: &str, server: &mut Replica) -> Vec<u8> {
    let mut other = Replica::new(ClientId(client), 1 << 20);
    let id = other.open("text", Kind::Text).unwrap();
    other.apply(&server.encode_since(None).unwrap(), LinkId::SERVER).unwrap();
    while other.poll_committed().is_some() {}
    other.text_insert(id, at, text, None).unwrap();
    other.commit();
    let update = other.poll_committed().unwrap().update;
    server.apply(&update, LinkId::SERVER).unwrap();
    update
}

/// A server has what two people wrote, in which one block kills.
fn server_with(poison: &str) -> Replica {
    let mut server = Replica::new(ClientId(900), 1 << 20);
    server.open("text", Kind::Text).unwrap();
    write(100, 0, "first ", &mut server);
    // Of somebody else, as it would be one block with the one before.
    write(101, 6, poison, &mut server);
    server
}

#[test]
fn what_kills_is_found_in_two_deaths_and_nothing_else_is_lost() {
    let mut server = Replica::new(ClientId(900), 1 << 20);
    write(100, 0, "first ", &mut server);
    let mut page = Page::open();
    assert!(!page.greet(&mut server));
    let text = page.text;
    page.input(|session, now| {
        session.edit(DocId(0), |replica| replica.text_insert(text, 0, "ours ", None)).unwrap();
        session.commit(DocId(0), now);
    });
    let mut server = poisoned_server();
    assert!(page.hear(&Message::SyncStep2(server.encode_since(None).unwrap())));
    assert_eq!(page.deaths, 1);
    assert!(page.greet(&mut server), "careful, it meets it once more");
    assert_eq!(page.deaths, 2);
    for _ in 0..5 {
        assert!(!page.greet(&mut server), "and never again");
        page.input(|session, now| session.reconnect(DocId(0), now));
    }
    assert_eq!(page.deaths, 2);
    assert_eq!(page.problems.iter().filter(|problem| problem.code == "quarantined").count(), 1);
    let content = page.content();
    assert!(content.contains("ours ") && content.contains("first ") && !content.contains("kill"), "{content}");
    assert!(content.contains("elsewhere"), "what does not build on it comes in: {content}");
    assert!(page.session.explain(page.doc, page.now).unwrap().contains("kept out"));
}

/// A server whose text has a block that kills, one that builds on it, and one that does not.
fn poisoned_server() -> Replica {
    let mut server = server_with("k1ll-write-trap");
    write(102, 21, " on it ", &mut server);
    write(103, 0, "elsewhere ", &mut server);
    server
}

#[test]
fn a_server_that_sends_it_again_is_not_asked_in_a_loop() {
    let mut server = poisoned_server();
    let mut page = Page::open();
    (0..2).for_each(|_| assert!(page.greet(&mut server)));
    assert!(!page.greet(&mut server));
    let (asked, opened) = (questions(&page), page.opened);
    for _ in 0..1_000 {
        page.now = page.now + Duration::from_millis(100);
        page.hear(&Message::SyncStep2(server.encode_since(None).unwrap()));
        page.input(Session::handle_timeout);
    }
    assert_eq!((page.deaths, page.opened), (2, opened));
    assert!(questions(&page) - asked < 20, "{} questions", questions(&page) - asked);
    let held = page.session.edit(page.doc, |replica| Ok((replica.held_bytes(), replica.is_waiting()))).unwrap();
    assert_eq!(held, (0, false), "what builds on it does not add up");
}

fn questions(page: &Page) -> usize {
    page.sent.iter().filter(|message| matches!(message, Message::SyncStep1(_))).count()
}

#[test]
fn edits_of_others_come_in_beside_what_is_kept_out() {
    let mut server = poisoned_server();
    let mut page = Page::open();
    (0..2).for_each(|_| assert!(page.greet(&mut server)));
    page.greet(&mut server);
    let update = write(104, 0, "later ", &mut server);
    assert!(!page.hear(&Message::Update(update)));
    let update = write(103, 0, "more ", &mut server);
    assert!(!page.hear(&Message::Update(update)));
    let content = page.content();
    assert!(content.starts_with("more later "), "{content}");
    // Of somebody whose earlier words build on what kills.
    let update = write(102, 0, "never ", &mut server);
    assert!(!page.hear(&Message::Update(update)));
    let held = page.session.edit(page.doc, |replica| Ok((replica.held_bytes(), replica.is_waiting()))).unwrap();
    assert_eq!(held, (0, false), "nobody waits for it");
    let text = page.text;
    page.input(|session, now| {
        session.edit(DocId(0), |replica| replica.text_insert(text, 0, "ours ", None)).unwrap();
        session.commit(DocId(0), now);
    });
    assert!(page.sent.iter().any(|message| matches!(message, Message::Update(_))), "and ours go out");
}

#[test]
fn bytes_that_kill_at_the_gate_are_refused_unread() {
    let mut server = server_with("k1ll-gate-trap");
    let mut page = Page::open();
    for death in 0..3 {
        assert_eq!(page.greet(&mut server), death < 2, "{death}");
    }
    assert_eq!(page.deaths, 2);
    let update = write(105, 0, "fine ", &mut Replica::new(ClientId(5), 1 << 20));
    assert!(!page.hear(&Message::Update(update)));
    assert_eq!(page.content(), "fine ");
}

#[test]
fn a_journal_with_a_record_that_kills_is_taken_in_without_it() {
    let mut page = Page::open();
    let text = page.text;
    page.input(|session, now| {
        session.edit(DocId(0), |replica| replica.text_insert(text, 0, "ours ", None)).unwrap();
        session.commit(DocId(0), now);
    });
    // It did not kill when it came, whatever the reason: the journal has it.
    let whole = kill(&poisoned_server().encode_since(None).unwrap());
    write_other(&mut page.journal, 0, &[&[1], whole.as_slice()].concat());
    page.told = page.journal.len();
    page.input(|_, _| panic!("something else"));
    assert_eq!(page.deaths, 3, "the first, one with all of it in hand, and one with the record alone");
    let content = page.content();
    assert!(content.contains("ours ") && content.contains("first ") && content.contains("elsewhere "), "{content}");
    assert_eq!(page.session.status(page.doc, page.now).unwrap().unsynced, 5);
}

#[test]
fn what_we_wrote_behind_what_kills_is_not_said_to_be_saved() {
    let mut page = Page::open();
    // Only in the memory of another session does it kill.
    for (at, written) in [(0, "ours "), (5, "kill-write-trap"), (20, " more")] {
        let text = page.text;
        page.input(|session, now| {
            session.edit(DocId(0), |replica| replica.text_insert(text, at, written, None)).unwrap();
            session.commit(DocId(0), now);
        });
    }
    page.input(|_, _| panic!("something else"));
    assert_eq!((page.deaths, page.content().as_str()), (3, "ours "));
    let mut server = Replica::new(ClientId(900), 1 << 20);
    for _ in 0..3 {
        assert_eq!(page.session.status(page.doc, page.now).unwrap().unsynced, 25);
        assert!(!page.greet(&mut server));
        let checkpoint = page.session.checkpoint(page.doc).expect("it is quiet");
        (page.told, page.journal) = (checkpoint.len(), checkpoint);
        page.input(|_, _| panic!("something else"));
    }
    assert_eq!((page.deaths, page.content().as_str()), (6, "ours "));
}

#[test]
fn what_is_kept_out_stays_so_in_later_sessions() {
    let mut server = poisoned_server();
    let mut page = Page::open();
    (0..2).for_each(|_| assert!(page.greet(&mut server)));
    page.greet(&mut server);
    page.input(|_, _| panic!("something else"));
    assert!(!page.greet(&mut server));
    while page.session.is_catching_up() {
        page.input(Session::handle_timeout);
    }
    let checkpoint = page.session.checkpoint(page.doc).expect("it is quiet");
    (page.told, page.journal) = (checkpoint.len(), checkpoint);
    page.input(|_, _| panic!("something else"));
    assert!(!page.greet(&mut server));
    assert_eq!(page.deaths, 4);
}

#[test]
fn after_a_while_in_step_everything_is_written_as_usual_again() {
    let mut server = poisoned_server();
    let mut page = Page::open();
    (0..2).for_each(|_| assert!(page.greet(&mut server)));
    page.greet(&mut server);
    for _ in 0..700 {
        page.now = page.now + Duration::from_millis(100);
        page.hear(&Message::SyncStep2(vec![0, 0]));
        page.input(Session::handle_timeout);
    }
    let care = page.session.edit(page.doc, |replica| Ok(replica.care())).unwrap();
    assert_eq!(care, Care::Usual);
    assert_eq!(HandStage::of(HandStage::Write.number()), Some(HandStage::Write));
}
