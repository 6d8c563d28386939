//! Sessions of real yrs documents: nothing is refused, nothing stays behind, everybody ends with the same.

use super::*;
use crate::replica::Outcome;
use crate::rng::Rng;
use proptest::prelude::*;
use std::collections::HashMap;
use yrs::types::Attrs;
use yrs::{
    ArrayPrelim, MapPrelim, TextPrelim, Xml, XmlElementPrelim, XmlFragment, XmlOut, XmlTextPrelim, merge_updates_v1,
};

/// One edit: what, where in it, and how much.
pub(super) type Edit = (u8, u16, u8);

/// An edit of one of the replicas, and after it how many updates are delivered to random replicas.
pub(super) type Step = (usize, Edit, u8);

pub(super) fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0..REPLICAS, (any::<u8>(), any::<u16>(), any::<u8>()), 0..4_u8), 1..max)
}

const REPLICAS: usize = 3;

/// Replicas with everything they wrote, and what each of them has not got yet.
pub(super) struct Session {
    pub(super) replicas: Vec<Guarded>,
    pub(super) log: Vec<Vec<u8>>,
    missing: Vec<Vec<usize>>,
    rng: Rng,
}

impl Session {
    /// Runs steps; each replica gets the updates of the others in random order, some of them twice.
    pub(super) fn run(steps: &[Step], seed: u64) -> Self {
        let mut replicas: Vec<Guarded> = [3, 9_007_199_254_740_991, 1].map(Guarded::new).into();
        replicas[0].watch();
        let mut session = Self { replicas, log: Vec::new(), missing: vec![Vec::new(); REPLICAS], rng: Rng::new(seed) };
        for (author, (what, place, len), deliveries) in steps {
            let written = session.replicas[*author].edit(|txn| edit(txn, *what, u32::from(*place), u32::from(*len)));
            if let Some(update) = written {
                session.log.push(update);
                let newest = session.log.len() - 1;
                (0..REPLICAS).filter(|other| other != author).for_each(|other| session.missing[other].push(newest));
            }
            for _ in 0..*deliveries {
                let to = session.below(REPLICAS);
                session.deliver(to);
            }
        }
        session
    }

    pub(super) fn deliver_all(&mut self) {
        for to in 0..REPLICAS {
            while !self.missing[to].is_empty() {
                self.deliver(to);
            }
            self.replicas[to].apply();
        }
    }

    fn deliver(&mut self, to: usize) {
        if self.missing[to].is_empty() {
            return;
        }
        let at = self.below(self.missing[to].len());
        // One in eight stays in the queue: it arrives again.
        let update = if self.below(8) == 0 { self.missing[to][at] } else { self.missing[to].swap_remove(at) };
        // What is ready may wait, and edits are made meanwhile.
        let is_at_once = self.below(2) == 0;
        let (replica, update) = (&mut self.replicas[to], &self.log[update]);
        let offer = if is_at_once { replica.offer(update) } else { replica.collect(update) };
        assert_eq!(offer.unwrap().refused, []);
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.below(bound as u64)).unwrap()
    }
}

pub(super) fn edit(txn: &mut TransactionMut<'_>, what: u8, place: u32, len: u32) {
    match what % 16 {
        0..6 => edit_text(txn, what % 6, place, len),
        6..9 => edit_map(txn, what % 3, place, len),
        9..12 => edit_list(txn, what % 3, place, len),
        12..14 => edit_xml(txn, what % 2, place, len),
        _ => edit_nested(txn, place, len),
    }
}

fn edit_text(txn: &mut TransactionMut<'_>, what: u8, place: u32, len: u32) {
    let text = txn.get_or_insert_text("text");
    let start = boundary(&text.get_string(txn), place);
    // An embed is one element that is not in the string, so the text may be longer than it.
    let end = boundary(&text.get_string(txn), place.wrapping_add(len % 8)).max(start);
    let attribute = |value: Any| Attrs::from([(["b", "i", "href"][place as usize % 3].into(), value)]);
    match what {
        0 | 1 => text.insert(txn, start, ["a", "wörter ", "😀", "e\u{301}👩‍👩‍👧", "\n"][len as usize % 5]),
        2 => text.remove_range(txn, start, end - start),
        3 => text.format(txn, start, end - start, attribute(Any::from(true))),
        4 => text.format(txn, start, end - start, attribute(Any::Null)),
        _ => text.insert_with_attributes(txn, start, "x", attribute(Any::from("y"))),
    }
}

/// A UTF-16 offset near `place` that splits no pair.
fn boundary(text: &str, place: u32) -> u32 {
    let mut offsets = vec![0];
    offsets.extend(text.chars().scan(0, |at, char| {
        *at += u32::try_from(char.len_utf16()).unwrap();
        Some(*at)
    }));
    offsets[place as usize % offsets.len()]
}

fn edit_map(txn: &mut TransactionMut<'_>, what: u8, place: u32, len: u32) {
    let map = txn.get_or_insert_map("map");
    let key = ["a", "b", "c", "ü"][place as usize % 4];
    match (what, len % 5) {
        (0, _) => drop(map.remove(txn, key)),
        (_, 0) => drop(map.insert(txn, key, MapPrelim::from([("x", len)].map(|(k, v)| (k, f64::from(v)))))),
        (_, 1) => drop(map.insert(txn, key, TextPrelim::new("nested 😀"))),
        (_, 2) => drop(map.insert(txn, key, Any::from(vec![1_u8, 2, 3]))),
        (_, 3) => drop(map.insert(txn, key, Any::from(HashMap::from([("k".to_owned(), Any::from(vec![1.5, 2.5]))])))),
        _ => drop(map.insert(txn, key, f64::from(len))),
    }
}

fn edit_list(txn: &mut TransactionMut<'_>, what: u8, place: u32, len: u32) {
    let list = txn.get_or_insert_array("list");
    let size = list.len(txn);
    let at = place % (size + 1);
    match (what, len % 4) {
        (0, _) => list.remove_range(txn, at, (len % 4).min(size - at)),
        (_, 0) => drop(list.insert(txn, at, ArrayPrelim::from(["p", "q"]))),
        (_, 1) => drop(list.insert(txn, at, MapPrelim::from([("done", false)]))),
        (_, 2) => drop(list.insert(txn, at, TextPrelim::new("in a list"))),
        _ => list.insert_range(txn, at, (0..len % 6).map(f64::from)),
    }
}

fn edit_xml(txn: &mut TransactionMut<'_>, what: u8, place: u32, len: u32) {
    let root = txn.get_or_insert_xml_fragment("xml");
    let children = root.len(txn);
    let child = if children == 0 { None } else { root.get(txn, place % children) };
    match (what, child) {
        (0, Some(XmlOut::Element(element))) if len.is_multiple_of(3) => {
            element.insert_attribute(txn, "class", len.to_string());
        }
        (0, Some(XmlOut::Element(element))) => drop(element.push_back(txn, XmlTextPrelim::new("in p"))),
        (0, Some(XmlOut::Text(text))) if len.is_multiple_of(2) => {
            text.insert_attribute(txn, "lang", "de");
        }
        (0, Some(XmlOut::Text(text))) => text.insert(txn, 0, "xt 😀"),
        (_, Some(_)) if len.is_multiple_of(4) => root.remove_range(txn, place % children, 1),
        (_, _) if len % 4 == 1 => drop(root.insert(txn, place % (children + 1), XmlTextPrelim::new("t"))),
        (_, _) => drop(root.insert(txn, place % (children + 1), XmlElementPrelim::empty("p"))),
    }
}

/// Edits the first shared type found in the map or the list.
fn edit_nested(txn: &mut TransactionMut<'_>, place: u32, len: u32) {
    let (_, map, list) = roots(txn);
    let in_map: Vec<Out> = map.values(txn).flatten().collect();
    let in_list: Vec<Out> = list.iter(txn).collect();
    let types: Vec<Out> = in_map.into_iter().chain(in_list).filter(|out| !matches!(out, Out::Any(_))).collect();
    let Some(found) = types.get(place as usize % types.len().max(1)) else { return };
    match found {
        Out::YText(text) => text.insert(txn, 0, "deep"),
        Out::YMap(inner) if len.is_multiple_of(3) => drop(inner.insert(txn, "deeper", MapPrelim::from([("x", 1)]))),
        Out::YMap(inner) => drop(inner.insert(txn, "y", f64::from(len))),
        Out::YArray(inner) => drop(inner.push_back(txn, f64::from(len))),
        _ => {}
    }
}

/// Everything a reader sees, the XML included.
pub(super) fn seen(replica: &mut Guarded) -> String {
    let read = replica.read();
    let mut txn = replica.doc.try_transact_mut().unwrap();
    let xml = txn.get_or_insert_xml_fragment("xml").get_string(&txn);
    format!("{read}\n{xml}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn sessions_converge_in_every_order_of_delivery(steps in steps(40), seed in any::<u64>()) {
        let mut session = Session::run(&steps, seed);
        session.deliver_all();
        let expected = seen(&mut session.replicas[0]);
        for replica in &mut session.replicas {
            prop_assert!(!replica.intake.is_waiting());
            prop_assert_eq!(replica.intake.held_bytes(), 0);
            prop_assert_eq!(seen(replica), expected.as_str());
        }
    }

    #[test]
    fn a_whole_document_is_taken_and_then_known(steps in steps(40), seed in any::<u64>()) {
        let mut session = Session::run(&steps, seed);
        session.deliver_all();
        let state = session.replicas[0].state();
        let mut newcomer = Guarded::new(77);
        newcomer.offer(&state).unwrap();
        prop_assert_eq!(seen(&mut newcomer), seen(&mut session.replicas[0]));
        prop_assert_eq!(newcomer.offer(&state).unwrap().outcome, Outcome::Known);
        for update in &session.log {
            prop_assert!(newcomer.offer(update).unwrap().refused.is_empty());
        }
        prop_assert!(!newcomer.intake.is_waiting());
        prop_assert_eq!(seen(&mut newcomer), seen(&mut session.replicas[0]));
    }

    #[test]
    fn what_goes_in_together_is_what_goes_in_one_by_one(steps in steps(60), seed in any::<u64>()) {
        let mut session = Session::run(&steps, seed);
        session.deliver_all();
        let (mut plain, mut together) = (Guarded::new(77), Guarded::new(77));
        let mut rest: Vec<usize> = (0..session.log.len()).collect();
        // Mostly in order, as it is typed.
        while !rest.is_empty() {
            let at = if session.below(4) == 0 { session.below(rest.len()) } else { 0 };
            let update = session.log[rest.remove(at)].clone();
            prop_assert_eq!(plain.offer(&update), together.collect(&update));
            if session.below(9) == 0 {
                together.apply();
            }
        }
        together.apply();
        prop_assert_eq!(seen(&mut together), seen(&mut plain));
        prop_assert_eq!(together.intake.deletions(), plain.intake.deletions());
        let mut late = Guarded::new(78);
        late.offer(&together.state()).unwrap();
        prop_assert_eq!(seen(&mut late), seen(&mut plain));
    }

    /// Servers merge what they relay; when something is missing in between, the merged update has a gap in it.
    #[test]
    fn updates_merged_with_gaps_arrive_whole(steps in steps(30), seed in any::<u64>(), size in 1..6_usize) {
        let mut session = Session::run(&steps, seed);
        session.deliver_all();
        let mut rest: Vec<usize> = (0..session.log.len()).collect();
        let mut newcomer = Guarded::new(77);
        while !rest.is_empty() {
            let count = size.min(rest.len());
            let mut batch = Vec::new();
            for _ in 0..count {
                let at = session.below(rest.len());
                batch.push(session.log[rest.swap_remove(at)].clone());
            }
            let Ok(merged) = merge_updates_v1(&batch) else { continue };
            prop_assert!(newcomer.offer(&merged).unwrap().refused.is_empty());
        }
        for update in &session.log {
            newcomer.offer(update).unwrap();
        }
        prop_assert!(!newcomer.intake.is_waiting());
        prop_assert_eq!(seen(&mut newcomer), seen(&mut session.replicas[0]));
    }
}

#[test]
fn the_echo_of_an_own_edit_is_known() {
    let mut replica = Guarded::new(5);
    let insert = replica.edit(|txn| txn.get_or_insert_text("text").insert(txn, 0, "abc")).unwrap();
    let delete = replica.edit(|txn| txn.get_or_insert_text("text").remove_range(txn, 1, 1)).unwrap();
    for update in [insert, delete] {
        let offer = replica.offer(&update).unwrap();
        assert_eq!((offer.outcome, replica.applied.len()), (Outcome::Known, 0));
    }
}
