//! Decides how a session with three documents, a Hocuspocus server and one socket between them go through virtual time.

use crate::action::Action;
use crate::parts::{busy, in_parts};
use crate::server::{Server, Service};
use std::collections::VecDeque;
use syncline::clock::{Duration, Instant};
use syncline::config::Config;
use syncline::connection::CloseInfo;
use syncline::credential::Source;
use syncline::ids::{ClientId, DocId, SocketId};
use syncline::replica::{Kind, Replica};
use syncline::rng::Rng;
use syncline::session::{DocumentSetup, Event, Output, Phase, Session, Status};
use syncline::wire::{Codec, Message, Protocol, Route};

const DOCS: usize = 3;

/// The longest that a document may take from the last fault until it is in step again: a backoff at its cap, a socket
/// that has to be found silent, and the handshakes.
const HEALING_MS: u64 = 90_000;

pub struct World {
    session: Session,
    codec: Codec,
    docs: Vec<DocId>,
    server: Server,
    now: Instant,
    rng: Rng,
    socket: Option<SocketId>,
    opened: u32,
    wake: Option<Instant>,
    /// What is under way, in order, and when it arrives.
    to_server: VecDeque<(Instant, SocketId, usize, Message)>,
    to_client: VecDeque<(Instant, SocketId, usize, Message)>,
    news: VecDeque<(Instant, SocketId, News)>,
    /// When a visit is over that was taken leave of.
    ends: VecDeque<(Instant, SocketId, usize)>,
    said: [u32; DOCS],
    status: Vec<Option<Status>>,
    wanted: [bool; DOCS],
}

#[derive(Clone, Copy)]
enum News {
    Opened,
    Closed,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self::with(in_parts(Config::default(), seed), seed)
    }

    /// A world in which everything is as applications have it.
    pub fn plain(seed: u64) -> Self {
        Self::with(Config::default(), seed)
    }

    fn with(config: Config, seed: u64) -> Self {
        let now = Instant::from_millis(1_000);
        let mut session = Session::new(config, Protocol::Hocuspocus, seed);
        let open = |number: usize| {
            let setup = DocumentSetup {
                route: Route::Named(number.to_string()),
                client: ClientId(1 + number as u64),
                is_stored: false,
                is_shared: false,
                token: Source::None,
                journal: None,
            };
            session.open_document(setup, now)
        };
        let docs = (0..DOCS).map(open).collect();
        let mut world = Self {
            session,
            codec: Codec::new(Protocol::Hocuspocus, 1),
            docs,
            server: Server::new(),
            now,
            rng: Rng::new(seed ^ 0xBEEF),
            socket: None,
            opened: 0,
            wake: None,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            news: VecDeque::new(),
            ends: VecDeque::new(),
            said: [0; DOCS],
            status: vec![None; DOCS],
            wanted: [false; DOCS],
        };
        (0..DOCS).for_each(|doc| world.act(&Action::Connect { doc }));
        world
    }

    pub fn act(&mut self, action: &Action) {
        match *action {
            Action::Advance { millis } => self.advance(millis),
            Action::Edit { doc } => self.edit(doc),
            Action::Connect { doc } => {
                self.wanted[doc] = true;
                self.input(|session, id, now| session.connect(id[doc], now));
            }
            Action::Disconnect { doc } => {
                self.wanted[doc] = false;
                self.input(|session, id, now| session.disconnect(id[doc], now));
            }
            Action::Reconnect { doc } => {
                self.wanted[doc] = true;
                self.input(|session, id, now| session.reconnect(id[doc], now));
            }
            Action::Dismiss { doc } => {
                let messages = self.server.dismiss(doc);
                self.answer(doc, messages);
            }
            Action::DismissAlways { doc } => self.serve(doc, Service::DismissedAlways),
            Action::Refuse { doc } => self.serve(doc, Service::Refused),
            Action::Serve { doc } => self.serve(doc, Service::Full),
            Action::ServeReadOnly { doc } => self.serve(doc, Service::ReadOnly),
            Action::Forget { doc } => self.server.forget(doc),
            Action::Cut => self.cut(),
            Action::RemoteEdit { doc } => {
                let messages = self.server.edit(doc);
                self.answer(doc, messages);
            }
        }
    }

    pub fn advance(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some(next) = self.next_moment().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.deliver();
            if self.wake.is_some_and(|wake| wake <= self.now) {
                self.wake = None;
                self.input(|session, _, now| session.handle_timeout(now));
            }
        }
        self.now = end;
    }

    /// What holds at any time.
    pub fn check(&mut self) {
        for doc in 0..DOCS {
            let status = self.status(doc);
            if !self.wanted[doc] {
                assert_eq!(status.phase, Phase::Disconnected, "document {doc} is not wanted");
            }
            if status.unsynced == 0 && status.refused == 0 {
                assert!(self.server_holds_everything(doc), "document {doc} is said to be held");
            }
        }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Serves everybody again and gives it time: every document that is wanted is in step then.
    pub fn heal(&mut self) {
        (0..DOCS).for_each(|doc| self.serve(doc, Service::Full));
        // What the server has said before is to arrive first.
        self.advance(1_000);
        for doc in 0..DOCS {
            self.act(&Action::Connect { doc });
            if self.status(doc).refused > 0 {
                // What was refused is sent again only by another greeting.
                self.act(&Action::Reconnect { doc });
            }
        }
        self.advance(HEALING_MS);
        for doc in 0..DOCS {
            let status = self.status(doc);
            assert_eq!(status.phase, Phase::Synced, "document {doc}: {status:?}");
            assert_eq!(status.unsynced, 0, "document {doc}");
            let theirs = text(&mut self.server.documents.get_mut(&doc).unwrap().replica);
            assert_eq!(self.text(doc), theirs, "document {doc}");
        }
    }

    pub fn fingerprint(&mut self) -> String {
        let texts: Vec<_> = (0..DOCS).map(|doc| self.text(doc)).collect();
        format!("{:?} {} {:?} {texts:?}", self.now, self.opened, self.said)
    }

    pub fn status(&mut self, doc: usize) -> Status {
        let status = self.session.status(self.docs[doc], self.now).unwrap();
        self.drain();
        status
    }

    pub fn phase(&mut self, doc: usize) -> Phase {
        self.status(doc).phase
    }

    pub const fn sockets_opened(&self) -> u32 {
        self.opened
    }

    pub const fn has_socket(&self) -> bool {
        self.socket.is_some()
    }

    pub const fn frames_about(&self, doc: usize) -> u32 {
        self.said[doc]
    }

    pub fn visits(&self, doc: usize) -> u32 {
        self.server.documents[&doc].visits
    }

    pub fn is_present(&self, doc: usize) -> bool {
        self.server.is_visited(doc)
    }

    pub fn server_holds_everything(&mut self, doc: usize) -> bool {
        let replica = &self.server.documents[&doc].replica;
        let theirs: Vec<_> = replica.clocks().collect();
        let ours = self.session.edit(self.docs[doc], |replica| Ok(replica.clocks().collect::<Vec<_>>())).unwrap();
        ours.iter().all(|(client, clock)| theirs.iter().any(|(id, there)| id == client && there >= clock))
    }

    fn serve(&mut self, doc: usize, service: Service) {
        let served = self.server.documents.get_mut(&doc).unwrap();
        if std::mem::replace(&mut served.service, service) != service {
            // A server that changes its mind about somebody sends them away first.
            let messages = self.server.dismiss(doc);
            self.answer(doc, messages);
        }
    }

    fn edit(&mut self, doc: usize) {
        let at = self.rng.below(3) as u32;
        let id = self.docs[doc];
        self.session
            .edit(id, |replica| {
                let text = replica.open("text", Kind::Text)?;
                let len = replica.text_len(text)?;
                if at == 0 && len > 0 {
                    replica.text_delete(text, 0, 1)
                } else {
                    replica.text_insert(text, at.min(len), "c", None)
                }
            })
            .unwrap();
        self.input(|session, id, now| session.commit(id[doc], now));
    }

    fn text(&mut self, doc: usize) -> String {
        self.session.edit(self.docs[doc], |replica| Ok(text(replica))).unwrap()
    }

    fn cut(&mut self) {
        if let Some(socket) = self.socket.take() {
            self.drop_traffic();
            self.news.push_back((self.now, socket, News::Closed));
        }
    }

    fn drop_traffic(&mut self) {
        self.to_server.clear();
        self.to_client.clear();
        self.server.start_over();
    }

    fn next_moment(&self) -> Option<Instant> {
        let network = [
            self.to_server.front().map(|(at, ..)| *at),
            self.to_client.front().map(|(at, ..)| *at),
            self.news.front().map(|(at, ..)| *at),
            self.ends.front().map(|(at, ..)| *at),
            self.wake,
        ];
        network.into_iter().flatten().min()
    }

    fn deliver(&mut self) {
        if let Some((at, socket, news)) = self.news.front().copied()
            && at <= self.now
        {
            self.news.pop_front();
            self.input(|session, _, now| match news {
                News::Opened => session.handle_opened(socket, now),
                News::Closed => session.handle_closed(socket, CloseInfo { code: 1006, reason: String::new() }, now),
            });
        }
        if self.to_server.front().is_some_and(|(at, ..)| *at <= self.now) {
            let (_, socket, doc, message) = self.to_server.pop_front().unwrap();
            if message == Message::Goodbye {
                let end = self.now + Duration::from_millis(self.rng.below(20));
                self.ends.push_back((end, socket, doc));
            }
            let answers = self.server.receive(doc, message);
            self.answer(doc, answers);
        }
        if let Some((at, socket, doc)) = self.ends.front().copied()
            && at <= self.now
        {
            self.ends.pop_front();
            let answers = if self.socket == Some(socket) { self.server.end(doc) } else { Vec::new() };
            self.answer(doc, answers);
        }
        if self.to_client.front().is_some_and(|(at, ..)| *at <= self.now) {
            let (_, socket, doc, message) = self.to_client.pop_front().unwrap();
            let mut frames = Vec::new();
            self.codec.encode(&Route::Named(doc.to_string()), &message, &mut |frame| frames.push(frame));
            self.input(|session, _, now| frames.iter().for_each(|frame| session.handle_frame(socket, frame, now)));
        }
    }

    fn answer(&mut self, doc: usize, messages: Vec<Message>) {
        let Some(socket) = self.socket else { return };
        for message in messages {
            let at = self.arrival(self.to_client.back().map(|(at, ..)| *at));
            self.to_client.push_back((at, socket, doc, message));
        }
    }

    /// When something sent now arrives: in order behind what was sent before.
    fn arrival(&mut self, last: Option<Instant>) -> Instant {
        let at = self.now + Duration::from_millis(1 + self.rng.below(40));
        last.map_or(at, |last| last.max(at))
    }

    fn input(&mut self, input: impl FnOnce(&mut Session, &[DocId], Instant)) {
        input(&mut self.session, &self.docs, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.session.poll_output() {
                Output::Idle(wake) => {
                    self.wake = busy(&self.session, wake, self.now);
                    return;
                }
                Output::Open(socket, _) => {
                    assert!(self.socket.is_none(), "two sockets at once");
                    self.socket = Some(socket);
                    self.opened += 1;
                    self.news.push_back((self.now + Duration::from_millis(20), socket, News::Opened));
                }
                Output::Measure(socket) => self.session.handle_buffered(socket, 0, self.now),
                Output::Close(socket, _) => {
                    if self.socket.take_if(|open| *open == socket).is_some() {
                        self.drop_traffic();
                        self.news.clear();
                    }
                }
                Output::Send(socket, frame) => {
                    let inbound = self.codec.decode(&frame, usize::MAX, &|_| true).unwrap().remove(0);
                    let Route::Named(name) = inbound.route else { panic!("a message about no document") };
                    let doc: usize = name.parse().unwrap();
                    self.said[doc] += 1;
                    let at = self.arrival(self.to_server.back().map(|(at, ..)| *at));
                    self.to_server.push_back((at, socket, doc, inbound.message));
                }
                Output::Event(Event::Status(id, status)) => {
                    let doc = self.docs.iter().position(|doc| *doc == id).unwrap();
                    self.status[doc] = Some(status);
                }
                Output::Event(_) | Output::Store(..) | Output::Tabs(..) | Output::Token(..) => {}
            }
        }
    }
}

fn text(replica: &mut Replica) -> String {
    let text = replica.open("text", Kind::Text).unwrap();
    replica.text_string(text).unwrap()
}
