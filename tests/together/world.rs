//! Decides how a session with three documents, a Hocuspocus server and one socket between them go through virtual time.

use crate::action::Action;
use crate::faults::{Damage, Trouble, damaged};
use crate::parts::{busy, in_parts};
use crate::server::{Server, Service};
use std::collections::{BTreeMap, VecDeque};
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
    /// When the server ends a socket that it had let open.
    slams: VecDeque<(Instant, SocketId, u16)>,
    said: [u32; DOCS],
    status: Vec<Option<Status>>,
    wanted: [bool; DOCS],
    /// The document of which the server ends the connection over every edit.
    pub choke: Option<usize>,
    wire: Wire,
    /// How far each document was ever held by the server.
    ever_held: [BTreeMap<ClientId, u32>; DOCS],
    /// No timer runs before this time.
    asleep_until: Instant,
}

/// What befalls the sockets.
#[derive(Default)]
struct Wire {
    /// Whether the server says nothing more over this socket, or reads nothing more.
    is_mute: bool,
    is_deaf: bool,
    /// How many of the next sockets are refused, not answered, mute, or ended with this code as soon as they are open.
    refuse: u32,
    hang: u32,
    mute: u32,
    slam: (u32, u16),
    /// What becomes of the next message to the client.
    to_client: Option<Damage>,
}

#[derive(Clone, Copy)]
enum News {
    Opened,
    Closed(u16),
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
            slams: VecDeque::new(),
            said: [0; DOCS],
            status: vec![None; DOCS],
            wanted: [false; DOCS],
            choke: None,
            wire: Wire::default(),
            ever_held: Default::default(),
            asleep_until: now,
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
            Action::Cut => self.cut(1006),
            Action::Trouble { trouble } => self.trouble(trouble),
            Action::RefuseSockets { attempts } => self.wire.refuse = attempts,
            Action::HangSockets { attempts } => self.wire.hang = attempts,
            Action::Sleep { millis } => self.asleep_until = self.now + Duration::from_millis(millis),
            Action::LoseData { doc } => {
                self.note_held(doc);
                self.server.lose_data(doc);
                self.cut(1012);
            }
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
            if self.wake.is_some_and(|wake| wake.max(self.asleep_until) <= self.now) {
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
        let Wire { is_mute, is_deaf, .. } = self.wire;
        self.wire = Wire { is_mute, is_deaf, ..Wire::default() };
        self.asleep_until = self.now;
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

    /// Whether the server holds all that is here, or did before it lost its data.
    pub fn server_holds_everything(&mut self, doc: usize) -> bool {
        self.note_held(doc);
        let ours = self.session.edit(self.docs[doc], |replica| Ok(replica.clocks().collect::<Vec<_>>())).unwrap();
        ours.iter().all(|(client, clock)| self.ever_held[doc].get(client).is_some_and(|there| there >= clock))
    }

    fn note_held(&mut self, doc: usize) {
        for (client, clock) in self.server.documents[&doc].replica.clocks() {
            let held = self.ever_held[doc].entry(client).or_default();
            *held = clock.max(*held);
        }
    }

    fn trouble(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::MuteNext(sockets) => self.wire.mute = sockets,
            Trouble::Slam(sockets, code) => self.wire.slam = (sockets, code),
            Trouble::Close(code) => self.cut(code),
            Trouble::Mute => self.wire.is_mute = self.socket.is_some(),
            Trouble::Deaf => self.wire.is_deaf = self.socket.is_some(),
            // Over one socket nothing is lost or doubled, and a server ends one over which it gets nonsense.
            Trouble::ToClient(damage @ (Damage::CutOff | Damage::Noise)) => self.wire.to_client = Some(damage),
            Trouble::ToServer(Damage::CutOff | Damage::Noise) => self.cut(1007),
            Trouble::ToClient(_) | Trouble::ToServer(_) => {}
        }
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

    fn cut(&mut self, code: u16) {
        if let Some(socket) = self.socket.take() {
            self.drop_traffic();
            self.news.push_back((self.now, socket, News::Closed(code)));
        }
    }

    fn open(&mut self, socket: SocketId) {
        assert!(self.socket.is_none(), "two sockets at once");
        self.opened += 1;
        (self.wire.is_mute, self.wire.is_deaf, self.wire.to_client) = (self.wire.mute > 0, false, None);
        self.wire.mute = self.wire.mute.saturating_sub(1);
        if self.wire.refuse > 0 {
            self.wire.refuse -= 1;
            return self.news.push_back((self.now + Duration::from_millis(20), socket, News::Closed(1006)));
        }
        self.socket = Some(socket);
        if self.wire.hang > 0 {
            self.wire.hang -= 1;
            return;
        }
        self.news.push_back((self.now + Duration::from_millis(20), socket, News::Opened));
        if let Some(left) = self.wire.slam.0.checked_sub(1) {
            self.wire.slam.0 = left;
            self.slams.push_back((
                self.now + Duration::from_millis(30 + self.rng.below(200)),
                socket,
                self.wire.slam.1,
            ));
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
            self.slams.front().map(|(at, ..)| *at),
            self.ends.front().map(|(at, ..)| *at),
            self.wake.map(|wake| wake.max(self.asleep_until)),
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
                News::Closed(code) => session.handle_closed(socket, CloseInfo { code, reason: String::new() }, now),
            });
        }
        if let Some((at, socket, code)) = self.slams.front().copied()
            && at <= self.now
        {
            self.slams.pop_front();
            if self.socket == Some(socket) {
                self.cut(code);
            }
        }
        if self.to_server.front().is_some_and(|(at, ..)| *at <= self.now) {
            let (_, socket, doc, message) = self.to_server.pop_front().unwrap();
            if message == Message::Goodbye {
                let end = self.now + Duration::from_millis(self.rng.below(20));
                self.ends.push_back((end, socket, doc));
            }
            if !self.wire.is_deaf {
                if self.choke == Some(doc) && has_elements(&message) {
                    return self.cut(1006);
                }
                let answers = self.server.receive(doc, message);
                self.answer(doc, answers);
            }
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
            let damage = self.wire.to_client.take();
            let frames: Vec<_> = frames.into_iter().flat_map(|frame| damaged(frame, damage)).collect();
            self.input(|session, _, now| frames.iter().for_each(|frame| session.handle_frame(socket, frame, now)));
        }
    }

    fn answer(&mut self, doc: usize, messages: Vec<Message>) {
        let Some(socket) = self.socket.filter(|_| !self.wire.is_mute) else { return };
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
                Output::Open(socket, _) => self.open(socket),
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

fn has_elements(message: &Message) -> bool {
    matches!(message, Message::SyncStep2(update) | Message::Update(update) if update.first().is_some_and(|clients| *clients > 0))
}

fn text(replica: &mut Replica) -> String {
    let text = replica.open("text", Kind::Text).unwrap();
    replica.text_string(text).unwrap()
}
