//! Decides how a trace is written down and read: as `doc.trace()` gives it, which `docs/observability.md` describes.

use super::Transition;
use serde_json::{Value, json};
use syncline::clock::Instant;
use syncline::ids::DocId;
use syncline::session::{Entry, Session, StatusReason};
use syncline::wire::Protocol;

/// Collects everything that a session ever notes, as long as it is asked before anything is forgotten.
#[derive(Default)]
pub struct Recorder {
    entries: Vec<Entry>,
}

impl Recorder {
    pub fn follow(&mut self, session: &Session) {
        let traced = session.trace();
        let new = usize::try_from(traced.count).unwrap() - self.entries.len();
        assert!(new <= traced.entries.len() - traced.complete_from, "it was asked too late");
        self.entries.extend_from_slice(&traced.entries[traced.entries.len() - new..]);
    }

    /// How many updates of a document were sent at that time, which is the latest.
    pub fn sent_updates(&self, doc: DocId, now: Instant) -> usize {
        let latest = self.entries.iter().rev().take_while(|entry| entry.at == now);
        let is_sent = |entry: &&Entry| entry.kind.name() == "out" && entry.word() == Some("update") && entry.doc == doc;
        latest.filter(is_sent).count()
    }

    /// As the package writes it.
    pub fn write(&self, protocol: Protocol) -> Value {
        write(protocol, &self.entries, 0)
    }
}

/// Entries as the package writes them, of which none is missing from one on.
pub fn write(protocol: Protocol, entries: &[Entry], complete_from: usize) -> Value {
    let entries: Vec<Value> = entries.iter().map(write_entry).collect();
    json!({
        "version": 1, "protocol": protocol.name(), "options": {}, "document": 0,
        "completeFrom": complete_from, "count": entries.len(), "entries": entries,
    })
}

fn write_entry(entry: &Entry) -> Value {
    let [first, second, third] = entry.numbers;
    let mut numbers = vec![first, second, third, entry.doc.0];
    let mut written = vec![json!(entry.at.as_millis()), json!(entry.kind.name())];
    written.extend(entry.word().map(Value::from));
    if entry.kind.name() == "phase" {
        let reason = numbers.remove(0);
        let code = reason.checked_sub(1).and_then(|place| StatusReason::codes().nth(place as usize));
        written.push(json!(code.unwrap_or_default()));
    }
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    written.extend(numbers.into_iter().map(Value::from));
    Value::from(written)
}

/// A trace that was read.
pub struct Script {
    pub protocol: Protocol,
    pub numbers: Vec<(String, f64)>,
    pub close_codes: Vec<(String, String)>,
    pub max_held_bytes: u64,
    pub complete_from: usize,
    pub steps: Vec<Step>,
}

/// An entry that was read.
pub struct Step {
    pub at: u64,
    pub kind: String,
    pub words: Vec<String>,
    pub numbers: [u32; 4],
}

impl Script {
    pub fn of(protocol: Protocol, recorder: &Recorder) -> Self {
        Self::read(&recorder.write(protocol))
    }

    pub fn read(trace: &Value) -> Self {
        assert_eq!(trace["version"], 1);
        let options = trace["options"].as_object().unwrap();
        let numbers = options.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect();
        let codes = options.get("closeCodes").and_then(Value::as_object).into_iter().flatten();
        Self {
            protocol: Protocol::parse(trace["protocol"].as_str().unwrap()).unwrap(),
            numbers,
            close_codes: codes.map(|(code, action)| (code.clone(), action.as_str().unwrap().to_owned())).collect(),
            max_held_bytes: options.get("maxHeldBytes").and_then(Value::as_u64).unwrap_or(16 << 20),
            complete_from: trace["completeFrom"].as_u64().unwrap() as usize,
            steps: trace["entries"].as_array().unwrap().iter().map(Step::read).collect(),
        }
    }

    /// What the session was seeded with.
    pub fn seed(&self) -> Option<u64> {
        let step = self.steps.first().filter(|step| step.kind == "session")?;
        Some(u64::from(step.numbers[0]) << 32 | u64::from(step.numbers[1]))
    }

    /// The first attempt to connect of which all is known that followed.
    pub fn first_attempt(&self) -> Option<usize> {
        let is_attempt = |step: &Step| step.kind == "phase" && step.words[0] == "connecting";
        // From there on its socket is known too.
        let asked = self.steps.iter().skip(self.complete_from).position(|step| step.kind == "open")?;
        (self.complete_from + asked..self.steps.len()).find(|number| is_attempt(&self.steps[*number]))
    }

    /// The phases from that entry on.
    pub fn transitions(&self, from: usize) -> Vec<Transition> {
        let phases = self.steps[from..].iter().filter(|step| step.kind == "phase");
        phases.map(|step| (step.doc(), step.words[0].clone(), step.words[1].clone())).collect()
    }
}

impl Step {
    fn read(entry: &Value) -> Self {
        let entry = entry.as_array().unwrap();
        let details = &entry[2..];
        let words: Vec<_> = details.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let mut numbers = [0; 4];
        for (place, number) in details.iter().filter_map(Value::as_u64).enumerate() {
            numbers[place] = u32::try_from(number).unwrap();
        }
        Self { at: entry[0].as_u64().unwrap(), kind: entry[1].as_str().unwrap().to_owned(), words, numbers }
    }

    /// The document it is about.
    pub fn doc(&self) -> u32 {
        if self.kind == "phase" { self.numbers[2] } else { self.numbers[3] }
    }
}
