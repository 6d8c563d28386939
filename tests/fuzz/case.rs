//! Decides what an input is: the steps that a seed stands for, whoever they go to.

use crate::blocks::Blocks;
use crate::corpus::Corpus;
use crate::numbers::{below, chance, edge, one_of};
use crate::sessions::Session;
use crate::{mutate, program};
use serde_json::{Value, json};
use syncline::rng::Rng;
use syncline::wire::{Writer, awareness};

/// Which generator made an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Blocks that a grammar wrote.
    Program,
    /// An honest session that was damaged.
    Mutated,
    /// An honest session: nothing of it may be refused.
    Honest,
}

/// How closely the document is looked at. What a close look finds is mostly found by a glance as well, or with another of
/// many inputs; and it costs more than the input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    Glance,
    Close,
}

/// An input.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    pub seed: u64,
    pub kind: Kind,
    pub look: Look,
    /// The id of the document that meets it.
    pub client: u64,
    /// What lies on its disk, where it has one.
    pub records: Vec<Vec<u8>>,
    pub steps: Vec<Step>,
    /// The text in the end, where that is known.
    pub text: Option<String>,
}

/// One thing that comes from outside.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// The application hands over an update.
    Update(Vec<u8>),
    /// The server sends a frame.
    Frame(Vec<u8>),
    /// Another tab says something.
    Letter(Vec<u8>),
    /// Somebody shows a cursor: the element, the nested type or the name of the root, and the side.
    Cursor { item: Option<(u64, u64)>, nested: Option<(u64, u64)>, root: Option<String>, assoc: i32 },
    /// The person who has the document open edits it.
    Edit,
}

/// The id of a document that nobody else writes with. About half of them have one that others write with as well.
pub const OWN_CLIENT: u64 = 99;

const SYNC: u64 = 0;
const AWARENESS: u64 = 1;

impl Case {
    /// The input of a seed. `scripts/lib/fuzz-report.mjs` knows as well which seed is of which kind.
    pub fn new(seed: u64, corpus: &mut Corpus) -> Self {
        let rng = &mut Rng::new(seed);
        match seed % 32 {
            0..=15 => Self::program(seed, rng),
            16..=30 => Self::mutated(seed, &corpus.session(seed, rng), rng),
            _ => Self::honest(seed, &corpus.session(seed, rng), rng),
        }
    }

    fn with(seed: u64, kind: Kind, client: u64) -> Self {
        // Drawn apart, so that every kind of input is looked at closely now and then.
        let look = if Rng::new(!seed).below(8) == 0 { Look::Close } else { Look::Glance };
        Self { seed, kind, look, client, records: Vec::new(), steps: Vec::new(), text: None }
    }

    fn program(seed: u64, rng: &mut Rng) -> Self {
        let client = one_of(rng, &[0, 1, 2, OWN_CLIENT, OWN_CLIENT, OWN_CLIENT]);
        let mut case = Self::with(seed, Kind::Program, client);
        let mut blocks = Blocks::new();
        let rogue = one_of(rng, &[0, 2, 4, 10, 40]);
        case.steps = program::start(&mut blocks, rng).into_iter().map(Step::Update).collect();
        // Short programs escape less than they take less time: what a block can do wrong takes others before it.
        for _ in 0..1 + rng.below(6) {
            let update = program::write(&mut blocks, rogue, rng);
            // What is left out is a gap for what builds on it.
            if !chance(rng, rogue.min(8)) {
                case.steps.push(shipped(update, rng));
            }
            if chance(rng, 20) {
                case.steps.push(Step::Edit);
            }
            if chance(rng, 20) {
                case.steps.push(cursor(blocks.id(rogue, rng), blocks.id(rogue, rng), rng));
            }
        }
        if chance(rng, 30) {
            mutate::order(&mut case.steps, rng);
        }
        case
    }

    fn mutated(seed: u64, session: &Session, rng: &mut Rng) -> Self {
        let mut case = Self::with(seed, Kind::Mutated, one_of(rng, &[0, 1, 77, OWN_CLIENT, OWN_CLIENT]));
        let honest = &session.updates;
        let mut updates = honest.clone();
        let rate = one_of(rng, &[3, 10, 30]);
        if chance(rng, 12) {
            case.bring_neighbour(session, rate, rng);
        }
        mutate::order(&mut updates, rng);
        let surely = below(rng, updates.len());
        for (number, mut update) in updates.into_iter().enumerate() {
            let other = &honest[below(rng, honest.len())];
            if number == surely || chance(rng, rate) {
                mutate::bytes(&mut update, other, rng);
            }
            let mut step = shipped(update, rng);
            if let Step::Frame(frame) = &mut step
                && chance(rng, rate / 2)
            {
                mutate::bytes(frame, other, rng);
            }
            case.steps.push(step);
            if chance(rng, 12) {
                case.steps.push(presence(number as u64, rate, other, rng));
            }
            if chance(rng, 8) {
                case.steps.push(Step::Edit);
            }
            if chance(rng, 8) {
                case.steps.push(cursor((rng.below(4), rng.below(30)), (rng.below(4), edge(rng)), rng));
            }
        }
        case
    }

    /// What another tab and the disk have of the session, damaged: the checksum of a record is right again afterwards in
    /// half of all cases, as the disk is not the only one who may have written it.
    fn bring_neighbour(&mut self, session: &Session, rate: u64, rng: &mut Rng) {
        let (known, updates) = (session.neighbour(), &session.updates);
        for mut record in known.records.iter().cloned() {
            if chance(rng, rate) {
                record.truncate(record.len() - 4);
                mutate::bytes(&mut record, &updates[0], rng);
                let sum = if chance(rng, 80) { checksum(&record) } else { 1 };
                record.extend(sum.to_le_bytes());
            }
            self.records.push(record);
        }
        for mut letter in known.letters.iter().take(12).cloned() {
            if chance(rng, rate) {
                mutate::bytes(&mut letter, &updates[0], rng);
            }
            self.steps.push(Step::Letter(letter));
        }
    }

    fn honest(seed: u64, session: &Session, rng: &mut Rng) -> Self {
        let mut case = Self::with(seed, Kind::Honest, OWN_CLIENT);
        case.steps = session.updates.iter().map(|update| shipped(update.clone(), rng)).collect();
        if chance(rng, 50) {
            // Everything comes, in an order of its own.
            for at in (1..case.steps.len()).rev() {
                let to = below(rng, at + 1);
                case.steps.swap(at, to);
            }
        }
        case.text = Some(session.text.clone());
        case
    }

    /// The input as the wasm build is told of it.
    pub fn to_json(&self) -> Value {
        let id = |id: &Option<(u64, u64)>| id.map(|(client, clock)| json!({ "client": client, "clock": clock }));
        let step = |step: &Step| match step {
            Step::Update(bytes) => Some(json!({ "update": hex(bytes) })),
            Step::Frame(bytes) => Some(json!({ "frame": hex(bytes) })),
            Step::Letter(_) => None,
            Step::Cursor { item, nested, root, assoc } => {
                Some(json!({ "cursor": { "item": id(item), "type": id(nested), "tname": root, "assoc": assoc } }))
            }
            Step::Edit => Some(json!({ "edit": true })),
        };
        let kind = format!("{:?}", self.kind).to_lowercase();
        let steps: Vec<Value> = self.steps.iter().filter_map(step).collect();
        json!({ "seed": self.seed, "kind": kind, "isClose": self.look == Look::Close, "steps": steps, "text": self.text })
    }

    /// How many bytes it is made of.
    pub fn size(&self) -> usize {
        let steps = self.steps.iter().map(|step| match step {
            Step::Update(bytes) | Step::Frame(bytes) | Step::Letter(bytes) => bytes.len(),
            Step::Cursor { .. } | Step::Edit => 0,
        });
        steps.chain(self.records.iter().map(Vec::len)).sum()
    }
}

/// An update on its way: from the server in one of two kinds of messages, or from the application.
fn shipped(update: Vec<u8>, rng: &mut Rng) -> Step {
    let kind = match rng.below(4) {
        0 => return Step::Update(update),
        1 => 1,
        _ => 2,
    };
    Step::Frame(message(&[SYNC, kind], &update))
}

fn message(kind: &[u64], bytes: &[u8]) -> Vec<u8> {
    let mut out = Writer::new();
    kind.iter().for_each(|part| out.var_uint(*part));
    out.bytes(bytes);
    out.into_vec()
}

/// What somebody shows of themselves, damaged in most cases.
fn presence(clock: u64, rate: u64, other: &[u8], rng: &mut Rng) -> Step {
    let state =
        one_of(rng, &["{\"user\":{\"name\":\"ö😀\"},\"cursor\":null}", "{}", "null", "[1,{\"a\":\"\\ud800\"}]"]);
    let mut out = Writer::new();
    out.var_uint(1);
    [rng.below(100), clock].iter().for_each(|part| out.var_uint(*part));
    out.string(state);
    let mut bytes = out.into_vec();
    if chance(rng, rate * 2) {
        mutate::bytes(&mut bytes, other, rng);
    }
    // What the server tells of everybody is read by the same function as what this one would write.
    drop(awareness::decode(&bytes));
    Step::Frame(message(&[AWARENESS], &bytes))
}

fn cursor(item: (u64, u64), nested: (u64, u64), rng: &mut Rng) -> Step {
    let root = one_of(rng, &["text", "list", "map", "nowhere", ""]);
    let assoc = one_of(rng, &[0, -1, i32::MAX, i32::MIN]);
    Step::Cursor {
        item: chance(rng, 70).then_some(item),
        nested: chance(rng, 30).then_some(nested),
        root: chance(rng, 60).then(|| root.to_owned()),
        assoc,
    }
}

/// The checksum of a record, as the disk has it.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
