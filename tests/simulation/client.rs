//! Decides what a simulated application does: it edits, and rebuilds the text from the events alone.

use crate::content::{describe, missing};
use std::collections::BTreeMap;
use syncline::clock::Instant;
use syncline::config::Config;
use syncline::ids::{ClientId, DocId, SocketId};
use syncline::replica::{Attributes, ChangeKind, DeltaOp, Inserted, Kind, TypeId, Value};
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
    /// What the observed deltas add up to.
    mirror: Vec<u16>,
}

impl Client {
    pub fn open(setup: DocumentSetup, protocol: Protocol, config: Config, seed: u64, now: Instant) -> Self {
        let id = setup.client;
        let is_replaced = config.connection.lifetime.is_some();
        let mut session = Session::new(config, protocol, seed);
        let doc = session.open_document(setup, now);
        let (text, map, list) = session
            .edit(doc, |replica| {
                let text = replica.open("text", Kind::Text)?;
                replica.observe(text)?;
                Ok((text, replica.open("map", Kind::Map)?, replica.open("list", Kind::List)?))
            })
            .unwrap();
        Self {
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
            mirror: Vec::new(),
        }
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
        self.session.edit(self.doc, |replica| replica.text_string(text)).unwrap()
    }

    /// Everything in the document, in a form that can be compared.
    pub fn everything(&mut self) -> String {
        self.session.edit(self.doc, |replica| Ok(describe(replica))).unwrap()
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
        let (at, text) = (self.boundary(at), self.text);
        self.session.edit(self.doc, |replica| replica.text_insert(text, at, inserted, None)).unwrap();
    }

    pub fn delete(&mut self, at: u32, len: u32) {
        let (from, to, text) = (self.boundary(at), self.boundary(at.saturating_add(len)), self.text);
        self.session.edit(self.doc, |replica| replica.text_delete(text, from, to - from)).unwrap();
    }

    pub fn format(&mut self, at: u32, len: u32, bold: bool) {
        let (from, to, text) = (self.boundary(at), self.boundary(at.saturating_add(len)), self.text);
        let value = if bold { Value::from(true) } else { Value::Null };
        let attributes = Attributes::from([("bold".into(), value)]);
        self.session.edit(self.doc, |replica| replica.text_format(text, from, to - from, attributes)).unwrap();
    }

    pub fn set_key(&mut self, key: u8, value: i32) {
        let map = self.map;
        self.session.edit(self.doc, |replica| replica.map_set(map, &key.to_string(), Value::from(value))).unwrap();
    }

    pub fn delete_key(&mut self, key: u8) {
        let map = self.map;
        self.session.edit(self.doc, |replica| replica.map_delete(map, &key.to_string())).unwrap();
    }

    pub fn push(&mut self, at: u32, value: i32) {
        let list = self.list;
        let pushed = self.session.edit(self.doc, |replica| {
            let at = at.min(replica.list_len(list)?);
            replica.list_insert(list, at, vec![Value::from(value)])
        });
        pushed.unwrap();
    }

    pub fn remove(&mut self, at: u32) {
        let list = self.list;
        let removed = self.session.edit(self.doc, |replica| {
            if at < replica.list_len(list)? { replica.list_delete(list, at, 1) } else { Ok(()) }
        });
        removed.unwrap();
    }

    /// The nearest index at or before `at` that lies in the text and in no surrogate pair.
    fn boundary(&mut self, at: u32) -> u32 {
        let units: Vec<u16> = self.content().encode_utf16().collect();
        let at = (at as usize).min(units.len());
        let splits = units.get(at).is_some_and(|unit| (0xDC00..0xE000).contains(unit));
        u32::try_from(at - usize::from(splits)).unwrap()
    }
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
