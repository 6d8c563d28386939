//! What a session does about tokens that a function of the application brings, line by line.

use crate::clock::{Duration, Instant};
use crate::config::Config;
use crate::connection::CloseInfo;
use crate::credential::{Answer, Secret, Source};
use crate::ids::{ClientId, DocId, RequestId, SocketId};
use crate::session::{DocumentSetup, Event, Output, Phase, Session, Status};
use crate::wire::{Access, Codec, Message, Protocol};

/// A session with one document, and what it asked for since that was last looked at.
struct Stage {
    session: Session,
    protocol: Protocol,
    doc: DocId,
    now: Instant,
    wake: Option<Instant>,
    asked: Vec<RequestId>,
    opened: Vec<(SocketId, String)>,
    /// The tokens that were told in messages.
    told: Vec<String>,
    status: Option<Status>,
}

impl Stage {
    fn new(protocol: Protocol) -> Self {
        let now = Instant::from_millis(1_000_000);
        let mut session = Session::new(Config::default(), protocol, 1);
        let route = protocol.dialect().route("room");
        let setup = DocumentSetup {
            route,
            client: ClientId(1),
            is_stored: false,
            is_shared: false,
            token: Source::Function,
            journal: None,
        };
        let doc = session.open_document(setup, now);
        let mut stage = Self {
            session,
            protocol,
            doc,
            now,
            wake: None,
            asked: Vec::new(),
            opened: Vec::new(),
            told: Vec::new(),
            status: None,
        };
        stage.input(|session, doc, now| session.connect(doc, now));
        stage
    }

    fn input(&mut self, input: impl FnOnce(&mut Session, DocId, Instant)) {
        input(&mut self.session, self.doc, self.now);
        loop {
            match self.session.poll_output() {
                Output::Open(socket, token) => self.opened.push((socket, token.reveal().to_owned())),
                Output::Token(_, request) => self.asked.push(request),
                Output::Send(_, frame) => {
                    let inbound = Codec::new(self.protocol, 1).decode(&frame, usize::MAX, &|_| true).unwrap();
                    self.told.extend(inbound.into_iter().filter_map(|inbound| match inbound.message {
                        Message::Token(token) => Some(token),
                        _ => None,
                    }));
                }
                Output::Event(Event::Status(_, status)) => self.status = Some(status),
                Output::Event(_) | Output::Measure(_) | Output::Close(..) | Output::Store(..) | Output::Tabs(..) => {}
                Output::Idle(wake) => {
                    self.wake = wake;
                    return;
                }
            }
        }
    }

    /// Answers the last question.
    fn answer(&mut self, token: &str, expires_in: Option<Duration>) {
        let request = *self.asked.last().unwrap();
        let answer = Answer { token: Secret::new(token.to_owned()), expires_in };
        self.input(|session, doc, now| session.handle_token(doc, request, Ok(answer), now));
    }

    /// Lets the last attempt open.
    fn open(&mut self) {
        let socket = self.opened.last().map_or(SocketId(1), |(socket, _)| *socket);
        self.input(|session, _, now| session.handle_opened(socket, now));
    }

    fn say(&mut self, message: &Message) {
        let (route, socket) = (self.protocol.dialect().route("room"), self.opened.last().unwrap().0);
        let mut frames = Vec::new();
        Codec::new(self.protocol, 2).encode(&route, message, &mut |frame| frames.push(frame));
        self.input(|session, _, now| frames.iter().for_each(|frame| session.handle_frame(socket, frame, now)));
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(wake) = self.wake.filter(|wake| *wake <= end) {
            self.now = wake;
            self.input(|session, _, now| session.handle_timeout(now));
        }
        self.now = end;
    }

    fn reason(&self) -> (Phase, Option<&'static str>) {
        let status = self.status.as_ref().unwrap();
        (status.phase, status.reason.as_ref().map(|reason| reason.code))
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn no_socket_is_opened_before_there_is_a_token() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    assert_eq!((stage.asked.len(), stage.opened.len()), (1, 0));
    stage.answer("first", None);
    assert_eq!(stage.opened, [(SocketId(1), "first".to_owned())]);
}

#[test]
fn a_function_that_never_answers_is_why_there_is_no_connection_however_often() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    for _ in 0..40 {
        stage.run(Duration::from_secs(5));
        let (phase, code) = stage.reason();
        assert!(phase == Phase::Connecting || code == Some("token-unavailable"), "{phase:?} {code:?}");
    }
    assert_eq!(stage.opened, []);
    stage.answer("at last", None);
    stage.run(MINUTE);
    assert_eq!(stage.opened.first().map(|(_, token)| token.as_str()), Some("at last"));
}

#[test]
fn a_server_that_is_told_in_messages_is_told_the_next_token_before_the_first_expires() {
    let mut stage = Stage::new(Protocol::Hocuspocus);
    stage.open();
    stage.answer("first", Some(MINUTE * 10));
    assert_eq!(stage.told, ["first"]);
    stage.say(&Message::Admitted(Access::ReadWrite));
    stage.say(&Message::SyncStep1(vec![0]));
    stage.say(&Message::SyncStep2(vec![0, 0]));
    for _ in 0..540 {
        stage.run(Duration::from_secs(1));
        stage.say(&Message::Awareness(vec![0]));
    }
    assert_eq!(stage.asked.len(), 2, "not asked within the last minute");
    stage.answer("second", Some(MINUTE * 10));
    assert_eq!(stage.told, ["first", "second"]);
    assert_eq!(stage.reason(), (Phase::Synced, None));
}

#[test]
fn a_server_that_asks_who_we_are_is_told_again() {
    let mut stage = Stage::new(Protocol::Hocuspocus);
    stage.open();
    stage.answer("only", None);
    stage.say(&Message::Admitted(Access::ReadWrite));
    stage.say(&Message::TokenWanted);
    assert_eq!((stage.told.len(), stage.asked.len()), (2, 1));
}

#[test]
fn a_refusal_in_words_leads_to_one_more_question_and_then_to_the_end() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.answer("bad", None);
    stage.open();
    stage.say(&Message::Denied("bad is bad".to_owned()));
    assert_eq!(stage.reason(), (Phase::Waiting, Some("denied")));
    stage.run(Duration::from_secs(1));
    stage.answer("worse", None);
    stage.open();
    stage.say(&Message::Denied("worse is worse".to_owned()));
    assert_eq!((stage.reason(), stage.asked.len()), ((Phase::Stopped, Some("denied")), 2));
    let message = stage.status.as_ref().unwrap().reason.as_ref().unwrap().message.clone();
    assert!(!message.contains("worse"), "{message}");
}

#[test]
fn a_close_that_refuses_does_not_show_the_token_it_quotes() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.answer("secret-of-ada-123", None);
    stage.open();
    let info = CloseInfo { code: 4401, reason: "secret-of-ada-123 has expired".to_owned() };
    stage.input(|session, _, now| session.handle_closed(SocketId(1), info, now));
    let status = format!("{:?}", stage.status);
    assert!(status.contains("has expired") && !status.contains("secret"), "{status}");
}

#[test]
fn who_was_let_in_and_is_denied_then_comes_back_because_the_token_was_not_refused() {
    let mut stage = Stage::new(Protocol::Hocuspocus);
    stage.open();
    stage.answer("good", None);
    stage.say(&Message::Admitted(Access::ReadWrite));
    stage.say(&Message::Denied("the document could not be loaded".to_owned()));
    assert_eq!(stage.reason(), (Phase::Waiting, Some("dismissed")));
    stage.run(Duration::from_secs(1));
    stage.open();
    assert_eq!((stage.told.len(), stage.asked.len()), (2, 1), "the same token, once more");
}

#[test]
fn a_function_that_is_slow_is_not_taken_for_a_server_that_is_silent() {
    let mut stage = Stage::new(Protocol::Hocuspocus);
    let mut sockets = 0;
    for _ in 0..300 {
        if stage.opened.len() > sockets {
            sockets = stage.opened.len();
            stage.open();
        }
        stage.run(Duration::from_secs(1));
        let (_, code) = stage.reason();
        assert!(matches!(code, None | Some("token-unavailable")), "{code:?}");
    }
    assert_eq!(stage.told, [""; 0]);
}
