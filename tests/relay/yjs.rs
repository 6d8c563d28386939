//! Decides what a client of Yjs does behind a relay: it asks once, when it comes, and answers whoever asks.

use crate::content::describe;
use syncline::clock::{Duration, Instant};
use syncline::ids::{ClientId, LinkId, SocketId};
use syncline::replica::{Kind, Replica, Value, merge_updates};
use syncline::sync::EditSet;
use syncline::wire::{AwarenessEntry, Codec, Frame, Message, Protocol, Route, awareness};

/// How old its presence may become.
const RENEWAL: Duration = Duration::from_secs(15);

/// How long it may hear nothing until it connects anew.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of Yjs with one document.
pub struct Yjs {
    pub replica: Replica,
    pub id: ClientId,
    pub link: Link,
    codec: Codec,
    route: Route,
    clock: u64,
    last_socket: u32,
}

/// Its connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// It wants none.
    Away,
    /// It tries again then.
    Waiting(Instant),
    Opening(SocketId),
    Open {
        socket: SocketId,
        heard: Instant,
        announced: Instant,
    },
}

/// What it wants done.
pub enum Wish {
    Open(SocketId),
    Send(SocketId, Frame),
    Close(SocketId),
}

impl Yjs {
    pub fn new(id: ClientId, protocol: Protocol, route: Route) -> Self {
        let (replica, codec) = (Replica::new(id, 1 << 24), Codec::new(protocol, id.0));
        Self { replica, id, link: Link::Away, codec, route, clock: 0, last_socket: 0 }
    }

    /// Becomes another client, with nothing. The numbers of its sockets go on: the last one may still be closing.
    pub fn start_over(&mut self, id: ClientId, protocol: Protocol) {
        *self = Self { last_socket: self.last_socket, ..Self::new(id, protocol, self.route.clone()) };
    }

    pub fn join(&mut self, now: Instant) {
        if self.link == Link::Away {
            self.link = Link::Waiting(now);
        }
    }

    pub fn leave(&mut self) -> Vec<Wish> {
        let link = std::mem::replace(&mut self.link, Link::Away);
        match link {
            Link::Away | Link::Waiting(_) => Vec::new(),
            Link::Opening(socket) => vec![Wish::Close(socket)],
            Link::Open { socket, .. } => {
                let farewell = self.presence(None);
                let mut wishes = self.say(socket, &farewell);
                wishes.push(Wish::Close(socket));
                wishes
            }
        }
    }

    pub const fn socket(&self) -> Option<SocketId> {
        match self.link {
            Link::Away | Link::Waiting(_) => None,
            Link::Opening(socket) | Link::Open { socket, .. } => Some(socket),
        }
    }

    pub fn deadline(&self) -> Option<Instant> {
        match self.link {
            Link::Away | Link::Opening(_) => None,
            Link::Waiting(at) => Some(at),
            Link::Open { heard, announced, .. } => Some((heard + PATIENCE).min(announced + RENEWAL)),
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Wish> {
        match self.link {
            Link::Waiting(_) => {
                self.last_socket += 1;
                let socket = SocketId(self.last_socket);
                self.link = Link::Opening(socket);
                vec![Wish::Open(socket)]
            }
            Link::Open { socket, heard, .. } if heard + PATIENCE <= now => {
                self.link = Link::Waiting(now + Duration::from_millis(100));
                vec![Wish::Close(socket)]
            }
            Link::Open { socket, heard, .. } => {
                self.link = Link::Open { socket, heard, announced: now };
                let presence = self.presence(Some("{}"));
                self.say(socket, &presence)
            }
            Link::Away | Link::Opening(_) => Vec::new(),
        }
    }

    pub fn handle_opened(&mut self, socket: SocketId, now: Instant) -> Vec<Wish> {
        self.link = Link::Open { socket, heard: now, announced: now };
        let question = Message::SyncStep1(self.replica.state_vector());
        let presence = self.presence(Some("{}"));
        while self.replica.poll_committed().is_some() {}
        [self.say(socket, &question), self.say(socket, &presence)].into_iter().flatten().collect()
    }

    pub fn handle_closed(&mut self, now: Instant) {
        self.link = Link::Waiting(now + Duration::from_millis(100));
    }

    pub fn handle_frame(&mut self, frame: &Frame, now: Instant) -> Vec<Wish> {
        let Link::Open { socket, announced, .. } = self.link else { return Vec::new() };
        self.link = Link::Open { socket, heard: now, announced };
        let inbound = self.codec.decode(frame, usize::MAX, &|_| true).expect("peers send what can be read");
        let mut wishes = Vec::new();
        for inbound in inbound {
            match inbound.message {
                Message::SyncStep1(vector) => {
                    let answer = Message::SyncStep2(self.answer(&vector));
                    wishes.extend(self.say(socket, &answer));
                }
                Message::SyncStep2(update) | Message::Update(update) => {
                    self.replica.apply(&update, LinkId::SERVER).expect("a peer's update is well formed");
                    while self.replica.poll_committed().is_some() {}
                }
                Message::QueryAwareness => {
                    let presence = self.presence(Some("{}"));
                    wishes.extend(self.say(socket, &presence));
                }
                _ => {}
            }
        }
        wishes
    }

    /// Ends an edit: what changed goes out, if there is a connection.
    pub fn commit(&mut self) -> Vec<Wish> {
        self.replica.commit();
        let mut wishes = Vec::new();
        while let Some(committed) = self.replica.poll_committed() {
            if let Link::Open { socket, .. } = self.link {
                wishes.extend(self.say(socket, &Message::Update(committed.update)));
            }
        }
        wishes
    }

    pub fn insert(&mut self, at: u32, text: &str) {
        let id = self.replica.open("text", Kind::Text).unwrap();
        let at = if at < self.replica.text_len(id).unwrap() { 0 } else { self.replica.text_len(id).unwrap() };
        self.replica.text_insert(id, at, text, None).unwrap();
    }

    pub fn push(&mut self, at: u32, value: i32) {
        let id = self.replica.open("list", Kind::List).unwrap();
        let at = at.min(self.replica.list_len(id).unwrap());
        self.replica.list_insert(id, at, vec![Value::from(value)]).unwrap();
    }

    pub fn remove(&mut self, at: u32) {
        let id = self.replica.open("list", Kind::List).unwrap();
        if at < self.replica.list_len(id).unwrap() {
            self.replica.list_delete(id, at, 1).unwrap();
        }
    }

    /// What it passes on although it cannot read it yet.
    pub fn held_back(&self) -> EditSet {
        let mut held = EditSet::default();
        for update in self.replica.held_updates() {
            let applied = Replica::new(ClientId(1), 1 << 24).apply(update, LinkId::SERVER);
            held.insert(&applied.expect("what is held back is well formed").evidence);
        }
        held
    }

    pub fn everything(&mut self) -> String {
        describe(&mut self.replica)
    }

    /// Yjs adds what it holds back.
    fn answer(&mut self, vector: &[u8]) -> Vec<u8> {
        let lacking = self.replica.encode_since(Some(vector)).expect("a peer's state vector is well formed");
        let held = self.replica.held_updates();
        merge_updates([lacking.as_slice()].into_iter().chain(held)).expect("these updates were accepted")
    }

    fn presence(&mut self, state: Option<&str>) -> Message {
        self.clock += 1;
        let entry = AwarenessEntry { client: self.id, clock: self.clock, state: state.map(str::to_owned).into() };
        Message::Awareness(awareness::encode(&[entry]))
    }

    fn say(&mut self, socket: SocketId, message: &Message) -> Vec<Wish> {
        let mut wishes = Vec::new();
        self.codec.encode(&self.route, message, &mut |frame| wishes.push(Wish::Send(socket, frame)));
        wishes
    }
}
