//! Decides what honest people write: a few yrs replicas that edit everything, and hear of each other now and then.

use crate::neighbour::{self, Neighbour};
use crate::numbers::{below, chance, one_of, seldom_many};
use std::cell::OnceCell;
use syncline::rng::Rng;
use yrs::types::Attrs;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Array, ArrayPrelim, ClientID, Doc, GetString, Map, MapPrelim, OffsetKind, Options, Out, ReadTxn, Text,
    TextPrelim, Transact, TransactionMut, Update, WriteTxn, XmlElementPrelim, XmlFragment, XmlTextPrelim,
};

/// What came of a session.
pub struct Session {
    /// What was written, in the order in which it was.
    pub updates: Vec<Vec<u8>>,
    /// The text `text`, as everybody has it in the end.
    pub text: String,
    neighbour: OnceCell<Neighbour>,
}

impl Session {
    /// What the disk and another tab hold of its beginning.
    pub fn neighbour(&self) -> &Neighbour {
        self.neighbour.get_or_init(|| neighbour::watch(&self.updates[..self.updates.len().min(6)]))
    }
}

/// A replica of yrs with the settings of Syncline.
pub fn replica(client: u64) -> Doc {
    let mut options = Options::with_guid_and_client_id("fuzz".into(), ClientID::new(client));
    options.offset_kind = OffsetKind::Utf16;
    options.cleanup_formatting = false;
    Doc::with_options(options)
}

/// Has some people edit.
pub fn hold(rng: &mut Rng) -> Session {
    let ids =
        [one_of(rng, &[0, 5, 1 << 31]), one_of(rng, &[1, 77, (1 << 32) - 1]), one_of(rng, &[2, 300, (1 << 53) - 1])];
    let people: Vec<Doc> = ids[..=below(rng, 3)].iter().map(|id| replica(*id)).collect();
    let (mut updates, mut edits) = (Vec::new(), 2 + seldom_many(24, rng));
    while updates.is_empty() || edits > 0 {
        edits = edits.saturating_sub(1);
        let doc = &people[below(rng, people.len())];
        updates.extend(edit(doc, rng));
        if chance(rng, 25) {
            hear(&people[below(rng, people.len())], doc);
        }
    }
    let (first, others) = people.split_first().expect("somebody edits");
    others.iter().for_each(|other| hear(first, other));
    Session { updates, text: text_of(first), neighbour: OnceCell::new() }
}

/// The root `text`.
pub fn text_of(doc: &Doc) -> String {
    let mut txn = doc.try_transact_mut().unwrap();
    txn.get_or_insert_text("text").get_string(&txn)
}

/// Takes in what another one has.
fn hear(doc: &Doc, other: &Doc) {
    let known = doc.try_transact().unwrap().state_vector();
    let update = other.try_transact().unwrap().encode_diff_v1(&known);
    take(doc, &update);
}

pub fn take(doc: &Doc, update: &[u8]) {
    let mut txn = doc.try_transact_mut().unwrap();
    txn.apply_update(Update::decode_v1(update).expect("an update")).expect("an update that fits");
    assert!(!txn.has_missing_updates(), "yrs lacks something that this update builds on");
}

/// Edits once or more in one transaction; the update of that, if anything changed.
fn edit(doc: &Doc, rng: &mut Rng) -> Option<Vec<u8>> {
    let mut txn = doc.try_transact_mut().unwrap();
    for _ in 0..=rng.below(2) {
        match rng.below(6) {
            0..=2 => edit_text(&mut txn, rng),
            3 => edit_map(&mut txn, rng),
            4 => edit_list(&mut txn, rng),
            _ => edit_xml(&mut txn, rng),
        }
    }
    txn.commit();
    txn.has_changes().then(|| txn.encode_update_v1())
}

fn edit_text(txn: &mut TransactionMut<'_>, rng: &mut Rng) {
    let text = txn.get_or_insert_text("text");
    // What is embedded counts one and is not part of the string, so that boundaries are taken at the ends then.
    let units: Vec<u16> = text.get_string(txn).encode_utf16().collect();
    let len = text.len(txn);
    let mut boundary = || {
        let at = below(rng, units.len() + 1);
        let splits = units.get(at).is_some_and(|unit| (0xDC00..0xE000).contains(unit));
        (at - usize::from(splits)) as u32
    };
    let (one, other) = (boundary(), boundary());
    let (from, to) = if len as usize == units.len() { (one.min(other), one.max(other)) } else { (0, 0) };
    let bold = || Attrs::from([("bold".into(), Any::Bool(true))]);
    match rng.below(6) {
        0 if to > from => text.remove_range(txn, from, if to - from > 6 { character(&units, from) } else { to - from }),
        1 if to > from => {
            let value = if chance(rng, 30) { Any::Null } else { Any::Bool(true) };
            text.format(txn, from, to - from, Attrs::from([("bold".into(), value)]));
        }
        2 if chance(rng, 40) => drop(text.insert_embed(txn, from, Any::from_json("{\"image\":\"x\"}").unwrap())),
        3 => text.insert_with_attributes(txn, from, one_of(rng, &["bold", "ö😀"]), bold()),
        _ => text.insert(txn, from, one_of(rng, &["a", "word ", "😀", "👨‍👩‍👧", "€\n"])),
    }
}

/// How long the character at a place is.
fn character(units: &[u16], at: u32) -> u32 {
    1 + u32::from(units.get(at as usize).is_some_and(|unit| (0xD800..0xDC00).contains(unit)))
}

fn edit_map(txn: &mut TransactionMut<'_>, rng: &mut Rng) {
    let map = txn.get_or_insert_map("map");
    let key = one_of(rng, &["a", "b", "c"]);
    match rng.below(6) {
        0 => drop(map.remove(txn, key)),
        1 => drop(map.insert(txn, key, TextPrelim::new("nested 😀"))),
        2 => drop(map.insert(txn, key, MapPrelim::from([("in", 1)]))),
        3 => {
            if let Some(Out::YText(text)) = map.get(txn, key) {
                text.insert(txn, 0, "deep ");
            }
        }
        _ => drop(map.insert(txn, key, rng.below(100) as u32)),
    }
}

fn edit_list(txn: &mut TransactionMut<'_>, rng: &mut Rng) {
    let list = txn.get_or_insert_array("list");
    let len = list.len(txn);
    let at = rng.below(u64::from(len) + 1) as u32;
    match rng.below(5) {
        0 if at < len => list.remove(txn, at),
        1 => drop(list.insert(txn, at, ArrayPrelim::from([1, 2]))),
        2 => drop(list.insert(txn, at, MapPrelim::from([("in", "list")]))),
        3 => {
            if let Some(Out::YMap(map)) = list.get(txn, at) {
                map.insert(txn, "more", TextPrelim::new("x"));
            }
        }
        _ => list.insert_range(txn, at, ["one", "two"]),
    }
}

fn edit_xml(txn: &mut TransactionMut<'_>, rng: &mut Rng) {
    let xml = txn.get_or_insert_xml_fragment("xml");
    let len = xml.len(txn);
    match rng.below(3) {
        0 if len > 0 => xml.remove_range(txn, rng.below(u64::from(len)) as u32, 1),
        1 => drop(xml.insert(txn, 0, XmlTextPrelim::new("in xml"))),
        _ => drop(xml.insert(txn, len, XmlElementPrelim::empty("p"))),
    }
}
