//! The intake in front of a real yrs document: honest sessions in every order, and hostile bytes.

mod honest;
mod hostile;
mod parts;
mod rules;

use crate::ids::{ClientId, LinkId};
use crate::replica::gate::Ready;
use crate::replica::intake::{Intake, Offer};
use crate::replica::{Kind, Refusal};
use std::sync::{Arc, Mutex};
use yrs::types::{Event, Events, ToJson};
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Array, DeepObservable, Doc, GetString, Map, OffsetKind, Options, Out, ReadTxn, StateVector, Text, Transact,
    TransactionMut, Update, WriteTxn,
};

/// A yrs document that sees only what its intake lets through.
struct Guarded {
    doc: Doc,
    intake: Intake,
    written: Arc<Mutex<Vec<Vec<u8>>>>,
    /// What the last offer brought.
    applied: Vec<Ready>,
}

impl Guarded {
    fn new(client: u64) -> Self {
        Self::with_limit(client, 1 << 20)
    }

    fn with_limit(client: u64, max_held_bytes: usize) -> Self {
        Self::with_limits(client, max_held_bytes, usize::MAX)
    }

    fn with_limits(client: u64, max_held_bytes: usize, portion: usize) -> Self {
        let mut options = Options::with_client_id(yrs::ClientID::new(client));
        options.offset_kind = OffsetKind::Utf16;
        options.cleanup_formatting = false;
        let doc = Doc::with_options(options);
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&written);
        doc.observe_update_v1("written", move |_, event| sink.lock().unwrap().push(event.update.clone())).unwrap();
        Self { doc, intake: Intake::new(ClientId(client), max_held_bytes, portion), written, applied: Vec::new() }
    }

    /// Edits in one transaction and returns the update that came of it, if there was a change.
    fn edit(&mut self, edit: impl FnOnce(&mut TransactionMut<'_>)) -> Option<Vec<u8>> {
        self.written.lock().unwrap().clear();
        edit(&mut self.doc.try_transact_mut().unwrap());
        let update = self.written.lock().unwrap().pop()?;
        self.intake.note_local(&update).unwrap();
        Some(update)
    }

    /// Offers an update and applies what is ready.
    fn offer(&mut self, update: &[u8]) -> Result<Offer, Refusal> {
        let offer = self.collect(update)?;
        self.applied = self.apply();
        Ok(offer)
    }

    /// Offers an update, and leaves what is ready for later.
    fn collect(&mut self, update: &[u8]) -> Result<Offer, Refusal> {
        self.intake.offer(update, LinkId::SERVER)
    }

    /// Applies what is ready; returns it.
    fn apply(&mut self) -> Vec<Ready> {
        let mut applied = Vec::new();
        while let Some(ready) = self.intake.poll_ready() {
            self.apply_one(&ready);
            applied.push(ready);
        }
        let txn = self.doc.try_transact().unwrap();
        let in_yrs = txn.state_vector();
        let clocks: Vec<_> = self.intake.clocks().collect();
        assert_eq!(clocks.len(), in_yrs.len());
        for (ClientId(client), clock) in clocks {
            assert_eq!(clock, in_yrs.get(&yrs::ClientID::new(client)), "clock of client {client}");
        }
        applied
    }

    fn apply_one(&mut self, ready: &Ready) {
        let mut txn = self.doc.try_transact_mut().unwrap();
        txn.apply_update(Update::decode_v1(&ready.update).unwrap()).unwrap();
        assert!(!txn.has_missing_updates(), "yrs holds back what the intake let through");
    }

    fn state(&self) -> Vec<u8> {
        self.doc.try_transact().unwrap().encode_state_as_update_v1(&StateVector::default())
    }

    /// Everything a reader sees of the roots `text`, `map` and `list`, as far as they can be opened as such.
    fn read(&mut self) -> String {
        let mut can_open = |name, kind| self.intake.declare_root(name, kind).is_ok();
        let (text, map, list) =
            (can_open("text", Kind::Text), can_open("map", Kind::Map), can_open("list", Kind::List));
        let mut txn = self.doc.try_transact_mut().unwrap();
        let text = text.then(|| read_text(&mut txn));
        let map = map.then(|| sorted(&txn.get_or_insert_map("map").to_json(&txn)));
        let list = list.then(|| sorted(&txn.get_or_insert_array("list").to_json(&txn)));
        format!("{text:?}\n{map:?}\n{list:?}")
    }

    /// Has yrs work out what each transaction changed, as observers do.
    fn watch(&mut self) {
        for (name, kind) in ROOTS {
            if self.intake.declare_root(name, kind).is_err() {
                continue;
            }
            let mut txn = self.doc.try_transact_mut().unwrap();
            match kind {
                Kind::Text => txn.get_or_insert_text(name).observe_deep("test", work_out),
                Kind::Map => txn.get_or_insert_map(name).observe_deep("test", work_out),
                Kind::List => txn.get_or_insert_array(name).observe_deep("test", work_out),
            }
        }
    }
}

const ROOTS: [(&str, Kind); 3] = [("text", Kind::Text), ("map", Kind::Map), ("list", Kind::List)];

fn work_out(txn: &TransactionMut<'_>, events: &Events<'_>) {
    for event in events.iter() {
        event.path();
        match event {
            Event::Text(event) => drop(event.delta(txn).to_vec()),
            Event::Array(event) => drop(event.delta(txn).to_vec()),
            Event::Map(event) => drop(event.keys(txn).clone()),
            Event::XmlFragment(event) => drop((event.delta(txn).to_vec(), event.keys(txn).clone())),
            Event::XmlText(event) => drop((event.delta(txn).to_vec(), event.keys(txn).clone())),
        }
    }
}

fn read_text(txn: &mut TransactionMut<'_>) -> Vec<String> {
    let parts = txn.get_or_insert_text("text").diff(txn, yrs::types::text::YChange::identity);
    let part = |part: yrs::types::text::Diff<_>| {
        let mut attributes: Vec<_> = part.attributes.into_iter().flat_map(|attributes| *attributes).collect();
        attributes.sort_by(|one, other| one.0.cmp(&other.0));
        format!("{} {attributes:?}", json(&part.insert, txn))
    };
    parts.into_iter().map(part).collect()
}

fn json(value: &Out, txn: &impl ReadTxn) -> String {
    sorted(&value.to_json(txn))
}

/// A value as text, the same for equal values: yrs keeps objects in no particular order.
fn sorted(value: &Any) -> String {
    match value {
        Any::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key:?}:{}", sorted(value))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        Any::Array(values) => format!("[{}]", values.iter().map(sorted).collect::<Vec<_>>().join(",")),
        value => format!("{value:?}"),
    }
}

/// A document with a text, a map and a list that all have content.
fn with_content(client: u64) -> Guarded {
    let mut guarded = Guarded::new(client);
    guarded.edit(|txn| {
        let (text, map, list) = roots(txn);
        text.insert(txn, 0, "hello wörld 😀 of text");
        map.insert(txn, "a", 1);
        list.insert_range(txn, 0, [1, 2, 3]);
    });
    guarded.edit(|txn| {
        let (text, map, list) = roots(txn);
        text.insert(txn, 5, "!");
        text.remove_range(txn, 2, 2);
        map.insert(txn, "a", "two");
        list.insert(txn, 1, yrs::MapPrelim::from([("in", 1)]));
    });
    guarded
}

fn roots(txn: &mut TransactionMut<'_>) -> (yrs::TextRef, yrs::MapRef, yrs::ArrayRef) {
    (txn.get_or_insert_text("text"), txn.get_or_insert_map("map"), txn.get_or_insert_array("list"))
}
