//! Decides what a simulated application does: it edits, and rebuilds the text from the events alone.

use crate::content::{describe, missing};
use crate::keeper::{Keeper, Op};
use std::collections::BTreeMap;
use syncline::clock::Instant;
use syncline::config::Config;
use syncline::ids::{ClientId, DocId, SocketId};
use syncline::replica::{ChangeKind, DeltaOp, Inserted, Kind, TypeId};
use syncline::session::{DocumentSetup, Event, Phase, Posted, Session, Status};
use syncline::sync::{Broadcast, EditSet};
use syncline::wire::Protocol;

/// An application with one document.
pub struct Client {
    pub session: Session,
    pub doc: DocId,
    pub id: ClientId,
    pub text: TypeId,
    pub map: TypeId,
    pub list: TypeId,
    /// The sockets that exist: one, or one and its successor.
    pub sockets: Vec<SocketId>,
    /// Whether sockets that work are replaced.
    pub is_replaced: bool,
    pub deadline: Option<Instant>,
    pub opened: u32,
    pub status: Option<Status>,
    /// How often it was said to be in another phase than synced.
    pub interruptions: u32,
    /// How often edits were said to be withheld.
    pub chokes: u32,
    /// How many other problems were told.
    pub problems: u32,
    /// Whether the document was said to be open.
    pub is_opened: bool,
    /// How many events this client has told everybody.
    pub told: u32,
    /// What it has heard, by who told it: their events are numbers that rise.
    pub heard: BTreeMap<ClientId, Vec<u32>>,
    /// What somebody keeps of the document, where its session may be lost.
    pub keeper: Option<Keeper>,
    /// What the observed deltas add up to.
    mirror: Vec<u16>,
}

impl Client {
    pub fn open(setup: DocumentSetup, protocol: Protocol, config: Config, seed: u64, now: Instant) -> Self {
        let id = setup.client;
        let keeper = setup.journal.is_some().then(Keeper::default);
        let is_replaced = config.connection.lifetime.is_some();
        let mut session = Session::new(config, protocol, seed);
        let doc = session.open_document(setup, now);
        let (text, map, list) = open_types(&mut session, doc);
        let mut client = Self {
            session,
            doc,
            id,
            text,
            map,
            list,
            sockets: Vec::new(),
            is_replaced,
            deadline: None,
            opened: 0,
            status: None,
            interruptions: 0,
            chokes: 0,
            problems: 0,
            is_opened: false,
            told: 0,
            heard: BTreeMap::new(),
            keeper,
            mirror: Vec::new(),
        };
        client.keep();
        client
    }

    /// Hands what is to be kept to whoever keeps it.
    pub fn keep(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            keeper.take(&mut self.session);
        }
    }

    /// Does a call of the application.
    pub fn perform(&mut self, op: Op) {
        if let Some(keeper) = &mut self.keeper {
            keeper.begin(op.clone());
        }
        if !self.is_lost() {
            let types = self.types();
            op.run(&mut self.session, self.doc, types);
            self.take_notes();
        }
    }

    /// Whether the session is lost.
    pub fn is_lost(&self) -> bool {
        self.keeper.as_ref().is_some_and(Keeper::is_lost)
    }

    fn types(&self) -> [TypeId; 3] {
        [self.text, self.map, self.list]
    }

    /// Keeps what came of an input, unless the session was lost in it. Says whether it is lost.
    pub fn take_notes(&mut self) -> bool {
        let Some(keeper) = &mut self.keeper else { return false };
        keeper.end_input(&mut self.session);
        keeper.is_lost()
    }

    /// All is said to be saved exactly if the status says so.
    pub fn check_sentence(&mut self, now: Instant) {
        let Some(status) = self.session.status(self.doc, now) else { return };
        let sentence = self.session.explain(self.doc, now).expect("the document is open");
        let is_saved = status.unsynced == 0 && status.refused == 0 && status.unstored.unwrap_or_default() == 0;
        assert_eq!(sentence.starts_with("All is saved"), is_saved, "{sentence} {status:?}");
    }

    pub fn is_synced(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.phase == Phase::Synced)
    }

    /// Notes a socket that is being opened.
    pub fn gain(&mut self, socket: SocketId) {
        let most = if self.is_replaced { 2 } else { 1 };
        assert!(self.sockets.len() < most, "client {} opens a socket too many", self.id);
        self.sockets.push(socket);
        self.opened += 1;
    }

    /// Forgets a socket; says whether it was there.
    pub fn lose(&mut self, socket: SocketId) -> bool {
        self.sockets.extract_if(.., |held| *held == socket).count() > 0
    }

    pub fn content(&mut self) -> String {
        let text = self.text;
        let content = self.session.edit(self.doc, |replica| replica.text_string(text)).unwrap();
        self.keep();
        content
    }

    /// Everything in the document, in a form that can be compared.
    pub fn everything(&mut self) -> String {
        let everything = self.session.edit(self.doc, |replica| Ok(describe(replica))).unwrap();
        self.keep();
        everything
    }

    /// How many of the elements and deletions that are here are not in `held`.
    pub fn missing(&mut self, held: &EditSet) -> u64 {
        self.session.edit(self.doc, |replica| Ok(missing(replica, held))).unwrap()
    }

    pub fn handle_event(&mut self, event: Event) {
        match event {
            Event::Status(_, status) => {
                self.interruptions += u32::from(status.phase != Phase::Synced);
                self.status = Some(status);
            }
            Event::Change(_, change) => {
                assert_eq!(change.target, self.text, "a type that is not observed has changed");
                let ChangeKind::Text(delta) = change.kind else { panic!("not a change of text: {change:?}") };
                self.mirror = apply_delta(&self.mirror, &delta);
            }
            Event::Broadcast(_, Broadcast { from, event }) => {
                assert_ne!(from, self.id, "client {from} hears itself");
                let (event, heard) = (event.parse().unwrap(), self.heard.entry(from).or_default());
                assert!(
                    heard.last().is_none_or(|last| *last < event),
                    "client {} hears {event} after {heard:?}",
                    self.id
                );
                heard.push(event);
            }
            Event::Opened(_) => self.is_opened = true,
            Event::Problem(_, problem) => {
                let is_choke = problem.code == "server-chokes";
                self.chokes += u32::from(is_choke);
                self.problems += u32::from(!is_choke);
            }
            Event::Presence(..) | Event::Update(..) | Event::Undo(..) | Event::Refused(..) | Event::Message(..) => {}
        }
    }

    pub fn mirror(&self) -> String {
        String::from_utf16(&self.mirror).expect("the deltas cut a surrogate pair")
    }

    /// Tells everybody the next number.
    pub fn broadcast(&mut self, now: Instant) -> Posted {
        self.told += 1;
        self.session.broadcast(self.doc, self.told.to_string(), now)
    }

    pub fn insert(&mut self, at: u32, inserted: &str) {
        let at = self.boundary(at);
        self.perform(Op::Insert(at, inserted.to_owned()));
    }

    pub fn delete(&mut self, at: u32, len: u32) {
        let (from, to) = (self.boundary(at), self.boundary(at.saturating_add(len)));
        self.perform(Op::Delete(from, to - from));
    }

    pub fn format(&mut self, at: u32, len: u32, bold: bool) {
        let (from, to) = (self.boundary(at), self.boundary(at.saturating_add(len)));
        self.perform(Op::Format(from, to - from, bold));
    }

    pub fn set_key(&mut self, key: u8, value: i32) {
        self.perform(Op::SetKey(key, value));
    }

    pub fn delete_key(&mut self, key: u8) {
        self.perform(Op::DeleteKey(key));
    }

    pub fn push(&mut self, at: u32, value: i32) {
        self.perform(Op::Push(at, value));
    }

    pub fn remove(&mut self, at: u32) {
        self.perform(Op::Remove(at));
    }

    /// The nearest index at or before `at` that lies in the text and in no surrogate pair.
    fn boundary(&mut self, at: u32) -> u32 {
        let units: Vec<u16> = self.content().encode_utf16().collect();
        let at = (at as usize).min(units.len());
        let splits = units.get(at).is_some_and(|unit| (0xDC00..0xE000).contains(unit));
        u32::try_from(at - usize::from(splits)).unwrap()
    }
}

/// Opens what every client has open, in the same order, and observes the text.
pub fn open_types(session: &mut Session, doc: DocId) -> (TypeId, TypeId, TypeId) {
    let opened = session.edit(doc, |replica| {
        let text = replica.open("text", Kind::Text)?;
        replica.observe(text)?;
        Ok((text, replica.open("map", Kind::Map)?, replica.open("list", Kind::List)?))
    });
    opened.unwrap()
}

/// Applies a text delta to UTF-16 units.
fn apply_delta(before: &[u16], delta: &[DeltaOp]) -> Vec<u16> {
    let mut rest = before;
    let mut after = Vec::new();
    for op in delta {
        match op {
            DeltaOp::Insert { value: Inserted::Text(text), .. } => after.extend(text.encode_utf16()),
            DeltaOp::Insert { value: Inserted::Embed(_), .. } => after.push(0xFFFC),
            DeltaOp::Retain { len, .. } => {
                let (kept, tail) = rest.split_at(*len as usize);
                after.extend(kept);
                rest = tail;
            }
            DeltaOp::Delete { len } => rest = &rest[*len as usize..],
        }
    }
    after.extend(rest);
    after
}
