//! What follows from what a dialect says of its servers, with a server that is played line by line.

mod catching_up;
mod choking;
mod congestion;
mod handshake;
mod journal;
mod looking_ahead;
mod observed;
mod poison;
mod quarantine;
mod resending;
mod undo;

use super::{DocumentSetup, Event, Output, Phase, Problem, Session, Status};
use crate::clock::{Duration, Instant};
use crate::config::Config;
use crate::connection::{CloseCode, CloseInfo};
use crate::credential::{Answer, Secret, Source};
use crate::ids::{ClientId, DocId, LinkId, Origin, RequestId, SocketId};
use crate::replica::{Change, Kind, Replica};
use crate::wire::{AwarenessEntry, Codec, FrameKind, Message, Protocol, Route, Shown, awareness};

const START: Instant = Instant::from_millis(1_000_000);
const OLD: SocketId = SocketId(1);
const NEW: SocketId = SocketId(2);

/// A session with one document, and what it did since that was last looked at.
struct Stage {
    session: Session,
    doc: DocId,
    now: Instant,
    wake: Option<Instant>,
    opened: Vec<SocketId>,
    asked: Vec<RequestId>,
    closed: Vec<(SocketId, CloseCode)>,
    sent: Vec<(SocketId, Message)>,
    statuses: Vec<Status>,
    problems: Vec<Problem>,
    updates: Vec<(Vec<u8>, Origin)>,
    changes: Vec<Change>,
    /// What a socket says that waits in it. If anything does, so does all that comes after it.
    buffered: usize,
    route: Route,
    /// How the server reads and writes.
    codec: Codec,
    /// What the server holds.
    server: Replica,
}

impl Stage {
    /// The application has connected, and nothing has come yet.
    fn new(protocol: Protocol) -> Self {
        Self::with_token(protocol, Source::None)
    }

    /// As [`new`](Self::new); the application has a token from `token`.
    fn with_token(protocol: Protocol, token: Source) -> Self {
        Self::with_config(protocol, token, Config::default())
    }

    fn with_config(protocol: Protocol, token: Source, config: Config) -> Self {
        let mut session = Session::new(config, protocol, 1);
        let route = protocol.dialect().route("r");
        let setup = DocumentSetup {
            route: route.clone(),
            client: ClientId(1),
            is_stored: false,
            is_shared: false,
            token,
            journal: None,
        };
        let doc = session.open_document(setup, START);
        let server = Replica::new(ClientId(99), 1 << 20);
        let mut stage = Self {
            session,
            doc,
            now: START,
            wake: None,
            opened: Vec::new(),
            asked: Vec::new(),
            closed: Vec::new(),
            sent: Vec::new(),
            statuses: Vec::new(),
            problems: Vec::new(),
            updates: Vec::new(),
            changes: Vec::new(),
            buffered: 0,
            route,
            codec: Codec::new(protocol, 9),
            server,
        };
        stage.input(|session, now| session.connect(doc, now));
        stage
    }

    /// The first socket is open, and both sides have been answered.
    fn synced(protocol: Protocol) -> Self {
        let mut stage = Self::new(protocol);
        stage.input(|session, now| session.handle_opened(OLD, now));
        stage.greet(OLD);
        assert_eq!(stage.status().phase, Phase::Synced);
        stage
    }

    fn input(&mut self, input: impl FnOnce(&mut Session, Instant)) {
        input(&mut self.session, self.now);
        loop {
            match self.session.poll_output() {
                Output::Open(socket, _) => self.opened.push(socket),
                Output::Measure(socket) => self.session.handle_buffered(socket, self.buffered, self.now),
                Output::Close(socket, code) => self.closed.push((socket, code)),
                Output::Send(socket, frame) => {
                    if self.buffered > 0 {
                        self.buffered += frame.len();
                    }
                    let inbound = self.codec.decode(&frame, usize::MAX, &|_| true).unwrap();
                    self.sent.extend(inbound.into_iter().map(|inbound| (socket, inbound.message)));
                }
                Output::Event(Event::Status(_, status)) => self.statuses.push(status),
                Output::Event(Event::Update(_, update, origin)) => self.updates.push((update, origin)),
                Output::Event(Event::Problem(_, problem)) => self.problems.push(problem),
                Output::Event(Event::Change(_, change)) => self.changes.push(change),
                Output::Token(_, request) => self.asked.push(request),
                Output::Event(_) | Output::Store(..) | Output::Tabs(..) => {}
                Output::Idle(wake) => {
                    self.wake = wake;
                    return;
                }
            }
        }
    }

    /// The application answers every question with another token, and the server takes it.
    fn answer_questions(&mut self) {
        let doc = self.doc;
        for request in std::mem::take(&mut self.asked) {
            let token = Secret::new(format!("token-number-{}", request.0));
            self.input(|session, now| session.handle_token(doc, request, Ok(Answer { token, expires_in: None }), now));
        }
    }

    fn say(&mut self, socket: SocketId, message: &Message) {
        let mut frames = Vec::new();
        self.codec.encode(&self.route, message, &mut |frame| frames.push(frame));
        for frame in frames {
            self.input(|session, now| session.handle_frame(socket, &frame, now));
        }
    }

    /// The server asks for what it lacks, takes it, and answers.
    fn greet(&mut self, socket: SocketId) {
        let held = self.server.state_vector();
        self.say(socket, &Message::SyncStep1(held));
        for (_, message) in std::mem::take(&mut self.sent) {
            match message {
                Message::SyncStep1(theirs) => {
                    let missing = self.server.encode_since(Some(&theirs)).unwrap();
                    self.say(socket, &Message::SyncStep2(missing));
                }
                Message::SyncStep2(update) | Message::Update(update) => {
                    self.server.apply(&update, LinkId(7)).unwrap();
                }
                _ => {}
            }
        }
    }

    /// Lets time pass with punctual timers.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(wake) = self.wake.filter(|wake| *wake <= end) {
            self.now = self.now.max(wake);
            self.input(Session::handle_timeout);
        }
        self.now = end;
    }

    fn write(&mut self, text: &str) {
        let doc = self.doc;
        self.input(|session, now| {
            let write = |replica: &mut Replica| {
                let id = replica.open("text", Kind::Text)?;
                replica.text_insert(id, 0, text, None)
            };
            session.edit(doc, write).unwrap();
            session.commit(doc, now);
        });
    }

    fn status(&mut self) -> Status {
        self.session.status(self.doc, self.now).unwrap()
    }

    /// Lets time pass until the successor of the first socket is opened; the server answers whatever is asked.
    fn grow_old(&mut self) {
        while self.opened.len() < 2 {
            self.run(Duration::from_secs(1));
            let nobody = awareness::encode(&[]);
            self.say(OLD, &Message::Awareness(nobody));
        }
        self.sent.clear();
        self.statuses.clear();
    }
}

#[test]
fn a_dead_socket_to_a_sparing_server_is_noticed_soon_after_an_edit() {
    let mut stage = Stage::synced(Protocol::ApiGateway);
    stage.run(Duration::from_secs(120));
    assert_eq!(stage.closed, [], "nothing was asked");
    stage.write("lost on the way");
    // A second until proof is asked for, the answer timeout, and no more.
    stage.run(Duration::from_millis(8_900));
    assert_eq!(stage.closed, []);
    stage.run(Duration::from_millis(200));
    assert_eq!(stage.closed, [(OLD, CloseCode::Silent)]);
}

#[test]
fn a_large_edit_to_a_sparing_server_gets_the_time_to_go_through() {
    let mut stage = Stage::synced(Protocol::ApiGateway);
    stage.write(&"x".repeat(1 << 20));
    stage.run(Duration::from_secs(45));
    assert_eq!(stage.closed, []);
    stage.run(Duration::from_secs(8));
    assert_eq!(stage.closed, [(OLD, CloseCode::Silent)]);
}

#[test]
fn little_is_said_to_a_sparing_server_without_news() {
    let mut stage = Stage::synced(Protocol::ApiGateway);
    stage.input(|session, now| session.set_presence(DocId(0), Some("{}".to_owned()), now));
    stage.sent.clear();
    for _ in 0..60 {
        stage.run(Duration::from_secs(60));
        let nobody = awareness::encode(&[]);
        stage.say(OLD, &Message::Awareness(nobody));
    }
    assert_eq!(stage.sent.len(), 15, "one every four minutes");
}

#[test]
fn a_socket_is_replaced_before_its_age_and_the_document_stays_in_step() {
    let mut stage = Stage::synced(Protocol::ApiGateway);
    stage.grow_old();
    stage.write("over the old one, ");
    stage.input(|session, now| session.handle_opened(NEW, now));
    assert_eq!(stage.closed, [(OLD, CloseCode::Normal)]);
    stage.write("over the new one");
    let over_new: Vec<_> = stage.sent.iter().filter(|(socket, _)| *socket == NEW).collect();
    assert!(matches!(over_new.as_slice(), [(_, Message::SyncStep1(_))]), "what came before may be lost: {over_new:?}");

    // All that went over the old socket is lost; the answer over the new one has it.
    stage.sent.retain(|(socket, _)| *socket == NEW);
    stage.greet(NEW);
    let held = stage.server.state_vector();
    stage.say(NEW, &Message::SyncStep1(held));
    assert_eq!((stage.status().unsynced, stage.status().phase), (0, Phase::Synced));
    assert!(stage.statuses.iter().all(|status| status.phase == Phase::Synced && status.attempt == 0));
}

#[test]
fn who_is_here_stays_here_when_the_socket_is_replaced() {
    let mut stage = Stage::synced(Protocol::ApiGateway);
    stage.grow_old();
    let ada = AwarenessEntry { client: ClientId(5), clock: 1, state: Shown::State("{}".to_owned()) };
    stage.say(OLD, &Message::Awareness(awareness::encode(&[ada])));
    stage.input(|session, now| session.handle_opened(NEW, now));
    stage.greet(NEW);
    assert_eq!(stage.session.presence_states(stage.doc), [(ClientId(5), "{}".to_owned())]);
}

#[test]
fn what_is_said_of_us_over_the_new_socket_goes_before_the_end_of_the_old_one() {
    let mut stage = Stage::synced(Protocol::ApiGateway);
    stage.input(|session, now| session.set_presence(DocId(0), Some("{}".to_owned()), now));
    stage.grow_old();
    stage.session.handle_opened(NEW, stage.now);
    let outputs = std::iter::from_fn(|| Some(stage.session.poll_output()));
    let outputs: Vec<Output> = outputs.take_while(|output| !matches!(output, Output::Idle(_))).collect();
    let close = outputs.iter().position(|output| matches!(output, Output::Close(OLD, _))).unwrap();
    let sent = outputs.iter().filter(|output| matches!(output, Output::Send(NEW, _))).count();
    let sent_before = outputs[..close].iter().filter(|output| matches!(output, Output::Send(..))).count();
    assert_eq!((sent, sent_before), (2, 2), "the greeting and our presence");
}

#[test]
fn an_old_socket_that_ends_first_leaves_the_attempt_to_its_successor() {
    let mut stage = Stage::synced(Protocol::ApiGateway);
    stage.grow_old();
    let going_away = CloseInfo { code: 1001, reason: "Going away".to_owned() };
    stage.input(|session, now| session.handle_closed(OLD, going_away, now));
    assert_eq!((stage.status().phase, stage.status().attempt), (Phase::Connecting, 0));
    stage.input(|session, now| session.handle_opened(NEW, now));
    stage.greet(NEW);
    assert_eq!((stage.opened.len(), stage.status().phase), (2, Phase::Synced));
}

#[test]
fn who_is_alone_on_a_relay_stays_connected_and_a_doubt_replaces_the_socket() {
    let mut stage = Stage::new(Protocol::Relay(FrameKind::Text));
    stage.input(|session, now| session.handle_opened(OLD, now));
    stage.run(Duration::from_secs(290));
    assert_eq!((stage.opened.len(), stage.closed.len()), (1, 0));
    stage.input(Session::handle_online);
    stage.input(|session, now| session.handle_opened(NEW, now));
    assert_eq!(stage.closed, [(OLD, CloseCode::Normal)]);
    assert_eq!(stage.status().attempt, 0);
}

#[test]
fn the_lone_socket_of_a_relay_is_replaced_every_five_minutes_without_a_failure() {
    let mut stage = Stage::new(Protocol::Relay(FrameKind::Text));
    for count in 1..=12 {
        let socket = *stage.opened.last().unwrap();
        stage.input(|session, now| session.handle_opened(socket, now));
        assert_eq!((stage.opened.len(), stage.closed.len()), (count, count - 1));
        stage.run(Duration::from_secs(309));
    }
    assert!(stage.statuses.iter().all(|status| status.attempt == 0));
}

#[test]
fn a_server_that_never_greets_is_left_within_four_seconds() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.input(|session, now| session.handle_opened(OLD, now));
    stage.run(Duration::from_secs(4));
    assert_eq!(stage.closed, [(OLD, CloseCode::Silent)]);
}

#[test]
fn a_server_that_lets_in_and_then_denies_is_shown_one_more_token_and_no_more() {
    let mut stage = Stage::with_token(Protocol::ApiGateway, Source::Function);
    let mut tries = 0;
    while stage.status().phase != Phase::Stopped && tries < 10 {
        stage.answer_questions();
        let socket = *stage.opened.last().unwrap();
        stage.input(|session, now| session.handle_opened(socket, now));
        stage.greet(socket);
        assert_eq!(stage.status().phase, Phase::Synced);
        stage.write("not allowed");
        stage.say(socket, &Message::Denied("read only".to_owned()));
        tries += 1;
        while stage.status().phase == Phase::Waiting {
            stage.run(Duration::from_millis(100));
        }
    }
    assert_eq!((tries, stage.status().reason.map(|reason| reason.code)), (2, Some("denied")));
}

#[test]
fn every_change_is_told_in_bytes_while_somebody_wants_them() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    stage.write("not told");
    stage.input(|session, _| session.watch_updates(DocId(0)));
    stage.write("ours, ");
    let mut other = Replica::new(ClientId(5), 1 << 20);
    let id = other.open("never opened here", Kind::Text).unwrap();
    other.text_insert(id, 0, "theirs", None).unwrap();
    other.commit();
    let theirs = other.poll_committed().unwrap().update;
    stage.say(OLD, &Message::Update(theirs));
    stage.input(|session, _| session.unwatch_updates(DocId(0)));
    stage.write("not told");

    let origins: Vec<Origin> = stage.updates.iter().map(|(_, origin)| *origin).collect();
    assert_eq!(origins, [Origin::Local, Origin::Link(LinkId::SERVER)]);
    let mut mirror = Replica::new(ClientId(6), 1 << 20);
    let theirs = mirror.open("never opened here", Kind::Text).unwrap();
    mirror.apply(&stage.updates[1].0, LinkId(7)).unwrap();
    assert_eq!(mirror.text_string(theirs).unwrap(), "theirs");
}

#[test]
fn what_the_application_brings_in_one_task_leaves_as_one_message() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let mut other = Replica::new(ClientId(5), 1 << 20);
    let id = other.open("text", Kind::Text).unwrap();
    for text in ["a", "b", "c"] {
        other.text_insert(id, 0, text, None).unwrap();
        other.commit();
        let update = other.poll_committed().unwrap().update;
        stage.input(|session, now| session.apply_update(DocId(0), &update, now).unwrap());
    }
    assert_eq!((stage.status().unsynced, stage.sent.len()), (3, 0));
    stage.input(|session, now| session.commit(DocId(0), now));
    let [(OLD, Message::Update(update))] = &stage.sent[..] else { panic!("not one message: {:?}", stage.sent) };
    stage.server.apply(update, LinkId(7)).unwrap();
    let text = stage.server.open("text", Kind::Text).unwrap();
    assert_eq!(stage.server.text_string(text).unwrap(), "cba");
}
