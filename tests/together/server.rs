//! Decides what a Hocuspocus server does with several documents over one socket, as captured from the real one.

use std::collections::BTreeMap;
use syncline::ids::{ClientId, LinkId};
use syncline::replica::{Kind, Replica};
use syncline::wire::{Access, Message, Receipt};

/// What the server does with a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Service {
    Full,
    ReadOnly,
    Refused,
    DismissedAlways,
}

/// One document on the server.
pub struct Served {
    pub service: Service,
    pub replica: Replica,
    /// Whether somebody is in over the socket there is, and with what access; what comes before waits.
    visit: Option<Access>,
    waiting: Vec<Message>,
    pub visits: u32,
    edits: u32,
}

impl Served {
    fn new(number: usize) -> Self {
        Self {
            service: Service::Full,
            replica: Replica::new(ClientId(1_000 + number as u64), 1 << 24),
            visit: None,
            waiting: Vec::new(),
            visits: 0,
            edits: 0,
        }
    }
}

/// The server, with the one socket that is open to it.
pub struct Server {
    pub documents: BTreeMap<usize, Served>,
    /// Counts how often something was lost.
    generation: u64,
}

impl Server {
    pub fn new() -> Self {
        Self { documents: (0..3).map(|number| (number, Served::new(number))).collect(), generation: 1 }
    }

    /// The socket is another one.
    pub fn start_over(&mut self) {
        for served in self.documents.values_mut() {
            served.visit = None;
            served.waiting.clear();
        }
    }

    pub fn is_visited(&self, doc: usize) -> bool {
        self.documents[&doc].visit.is_some()
    }

    pub fn forget(&mut self, doc: usize) {
        self.documents.get_mut(&doc).unwrap().visit = None;
    }

    /// What was held of a document is gone.
    pub fn lose_data(&mut self, doc: usize) {
        let served = self.documents.get_mut(&doc).unwrap();
        // Whoever edits on the server does so with another id, as what this one has written is gone.
        self.generation += 1;
        served.replica = Replica::new(ClientId(1_000 * self.generation + doc as u64), 1 << 24);
    }

    pub fn dismiss(&mut self, doc: usize) -> Vec<Message> {
        let visit = self.documents.get_mut(&doc).unwrap().visit.take();
        visit.map(|_| Message::Dismissed("a hook failed".to_owned())).into_iter().collect()
    }

    /// A visit that was taken leave of is over.
    pub fn end(&mut self, doc: usize) -> Vec<Message> {
        let visit = self.documents.get_mut(&doc).unwrap().visit.take();
        visit.map(|_| Message::Dismissed("provider_initiated".to_owned())).into_iter().collect()
    }

    /// Somebody else has written a letter.
    pub fn edit(&mut self, doc: usize) -> Vec<Message> {
        let served = self.documents.get_mut(&doc).unwrap();
        served.edits += 1;
        let text = served.replica.open("text", Kind::Text).unwrap();
        served.replica.text_insert(text, 0, "s", None).unwrap();
        served.replica.commit();
        let update = served.replica.poll_committed().unwrap().update;
        if served.visit.is_some() { vec![Message::Update(update)] } else { Vec::new() }
    }

    pub fn receive(&mut self, doc: usize, message: Message) -> Vec<Message> {
        let served = self.documents.get_mut(&doc).unwrap();
        match (message, served.visit) {
            // The end of a visit takes a moment, see `end`.
            (Message::Goodbye, _) => Vec::new(),
            // A token over a visit that goes on is taken in silence.
            (Message::Token(_), Some(_)) => Vec::new(),
            (Message::Token(_), None) => self.admit(doc),
            (message, None) => {
                served.waiting.push(message);
                Vec::new()
            }
            (message, Some(access)) => served.handle(message, access),
        }
    }

    fn admit(&mut self, doc: usize) -> Vec<Message> {
        let served = self.documents.get_mut(&doc).unwrap();
        let waiting = std::mem::take(&mut served.waiting);
        served.visits += 1;
        let access = match served.service {
            Service::Refused => return vec![Message::Denied("not you".to_owned())],
            Service::Full | Service::DismissedAlways => Access::ReadWrite,
            Service::ReadOnly => Access::ReadOnly,
        };
        served.visit = Some(access);
        let mut answers = vec![Message::Admitted(access)];
        if served.service == Service::DismissedAlways {
            answers.extend(self.dismiss(doc));
            return answers;
        }
        for message in waiting {
            answers.extend(self.receive(doc, message));
        }
        answers
    }
}

impl Served {
    fn handle(&mut self, message: Message, access: Access) -> Vec<Message> {
        match message {
            Message::SyncStep1(vector) => {
                let missing = self.replica.encode_since(Some(&vector)).unwrap();
                vec![Message::SyncStep1(self.replica.state_vector()), Message::SyncStep2(missing)]
            }
            Message::SyncStep2(update) | Message::Update(update) => self.apply(&update, access),
            Message::Awareness(states) => vec![Message::Awareness(states)],
            _ => Vec::new(),
        }
    }

    fn apply(&mut self, update: &[u8], access: Access) -> Vec<Message> {
        if access == Access::ReadOnly {
            let mut copy = Replica::new(ClientId(1), usize::MAX);
            copy.apply(&self.replica.encode_since(None).unwrap(), LinkId(7)).unwrap();
            while copy.poll_committed().is_some() {}
            copy.apply(update, LinkId(7)).unwrap();
            let is_news = copy.poll_committed().is_some();
            return vec![Message::Receipt(if is_news { Receipt::Refused } else { Receipt::Applied })];
        }
        self.replica.apply(update, LinkId(7)).unwrap();
        let mut answers = vec![Message::Receipt(Receipt::Applied)];
        while let Some(committed) = self.replica.poll_committed() {
            answers.push(Message::Update(committed.update));
        }
        answers
    }
}
