//! Decides what is said in place of what was said when a trace was made: messages of the same kinds that do the same.

use super::Step;
use syncline::ids::{ClientId, DocId, LinkId};
use syncline::replica::{Kind, Replica};
use syncline::session::{Fact, Session};
use syncline::wire::{Access, Codec, Frame, FrameKind, Message, Protocol, Receipt, Route, awareness};

/// A server that says what a trace wants.
pub struct Speech {
    protocol: Protocol,
    codec: Codec,
    max_held_bytes: usize,
    docs: Vec<Replica>,
    markers: u64,
}

impl Speech {
    pub fn new(protocol: Protocol, max_held_bytes: usize) -> Self {
        Self { protocol, codec: Codec::new(protocol, 3), max_held_bytes, docs: Vec::new(), markers: 0 }
    }

    pub fn docs(&self) -> u32 {
        self.docs.len() as u32
    }

    pub fn add_document(&mut self) {
        self.docs.push(writer(1_000_000 + u64::from(self.docs())));
    }

    pub fn route(&self, doc: u32) -> Route {
        self.protocol.dialect().route(&doc.to_string())
    }

    /// An update with something new in it.
    pub fn news(&mut self) -> Vec<u8> {
        write(&mut writer(2_000_000), "x")
    }

    /// How many bytes a message with an edit of this document takes beside so many bytes of text in it.
    pub fn envelope(&mut self, session: &mut Session, doc: DocId, bytes: u32) -> u32 {
        let ours = session.edit(doc, |replica| Ok((replica.client(), replica.encode_since(None).unwrap())));
        let Ok((client, ours)) = ours else { return 0 };
        let mut copy = Replica::new(client, 1 << 24);
        copy.apply(&ours, LinkId(7)).unwrap();
        while copy.poll_committed().is_some() {}
        let update = write(&mut copy, &"x".repeat(bytes.max(1) as usize));
        let mut size = 0;
        let route = self.route(doc.0);
        self.codec.encode(&route, &Message::Update(update), &mut |frame| size += frame.len());
        (size as u32).saturating_sub(bytes.max(1))
    }

    /// Frames that do to the session what a step says; how an update was refused is said by what follows it.
    pub fn frames(&mut self, session: &mut Session, step: &Step, next: &[Step]) -> Vec<Frame> {
        let is_text = self.protocol.dialect().frames() == FrameKind::Text;
        match (step.words[0].as_str(), is_text) {
            ("piece", true) => vec![Frame::Text(r#"{"room":"other","data":""}"#.to_owned())],
            ("piece", false) => vec![self.frame_of_nobody()],
            ("foreign", true) => vec![Frame::Binary(vec![0])],
            ("foreign", false) => vec![Frame::Text("hello".to_owned())],
            ("garbage", true) => vec![Frame::Text(r#"{"room":"0","data":"!"}"#.to_owned())],
            ("garbage", false) => vec![Frame::Binary(vec![0x80])],
            _ => {
                let message = self.message(session, step, next);
                let route = self.route(step.doc());
                let mut frames = Vec::new();
                self.codec.encode(&route, &message, &mut |frame| frames.push(frame));
                frames
            }
        }
    }

    /// What is for a document that is not open, where frames name theirs.
    fn frame_of_nobody(&mut self) -> Frame {
        let mut frames = Vec::new();
        self.codec.encode(&Route::Named("nobody".to_owned()), &Message::TokenWanted, &mut |frame| frames.push(frame));
        frames.remove(0)
    }

    fn message(&mut self, session: &mut Session, step: &Step, next: &[Step]) -> Message {
        let fact = step.numbers[1];
        let is_refused = fact & Fact::REFUSED > 0;
        match step.words[0].as_str() {
            "sync-step-1" if is_refused => Message::SyncStep1(vec![5, 1]),
            "sync-step-1" => Message::SyncStep1(self.state_vector(session, step)),
            "sync-step-2" => Message::SyncStep2(self.update(session, step, next)),
            "update" => Message::Update(self.update(session, step, next)),
            "awareness" if is_refused => Message::Awareness(vec![9]),
            "awareness" => Message::Awareness(awareness::encode(&[])),
            "denied" => Message::Denied("no".to_owned()),
            "token-wanted" => Message::TokenWanted,
            "admitted" => Message::Admitted(Access::ReadWrite),
            "receipt" => Message::Receipt(Receipt::Applied),
            "dismissed" => Message::Dismissed("no".to_owned()),
            "stateless" => Message::Stateless("x".to_owned()),
            "marker" => {
                self.markers += 1;
                Message::Marker(self.markers)
            }
            "ping" => Message::Ping,
            "query-awareness" => Message::QueryAwareness,
            _ => Message::Unknown(99),
        }
    }

    /// What the server would have: all that is here, or nothing of it.
    fn state_vector(&self, session: &mut Session, step: &Step) -> Vec<u8> {
        let ours = session.edit(DocId(step.doc()), |replica| Ok(replica.state_vector()));
        ours.ok().filter(|_| step.numbers[1] & Fact::PROVEN > 0).unwrap_or_else(|| vec![0])
    }

    fn update(&mut self, session: &mut Session, step: &Step, next: &[Step]) -> Vec<u8> {
        let fact = step.numbers[1];
        if fact & Fact::REFUSED > 0 {
            let problem = next.iter().find(|later| later.kind == "problem" && later.doc() == step.doc());
            return self.refused(problem.map_or("bad-update", |problem| &problem.words[0]));
        }
        let theirs = &mut self.docs[step.doc() as usize];
        let news = if fact & Fact::NEWS > 0 { write(theirs, "r") } else { vec![0, 0] };
        if fact & Fact::PROVEN == 0 {
            return news;
        }
        // What is here comes back.
        if let Ok(ours) = session.edit(DocId(step.doc()), |replica| Ok(replica.encode_since(None).unwrap())) {
            theirs.apply(&ours, LinkId(7)).unwrap();
            while theirs.poll_committed().is_some() {}
        }
        theirs.encode_since(None).unwrap()
    }

    fn refused(&self, code: &str) -> Vec<u8> {
        match code {
            "unsupported-content" => SUB_DOCUMENT.to_vec(),
            "too-much-held" => {
                let mut early = writer(3_000_000);
                write(&mut early, "x");
                write(&mut early, &"x".repeat(self.max_held_bytes))
            }
            _ => vec![9, 9, 9],
        }
    }
}

/// A sub-document under a key of a map, see `tests/golden/updates.json`.
const SUB_DOCUMENT: &[u8] = b"\x01\x01\x07\x00\x29\x01\x04meta\x05child\x07child-1\x76\x00\x00";

fn writer(client: u64) -> Replica {
    Replica::new(ClientId(client), 1 << 24)
}

/// Writes something; returns it as an update.
fn write(replica: &mut Replica, text: &str) -> Vec<u8> {
    let id = replica.open("text", Kind::Text).unwrap();
    replica.text_insert(id, 0, text, None).unwrap();
    replica.commit();
    replica.poll_committed().unwrap().update
}
