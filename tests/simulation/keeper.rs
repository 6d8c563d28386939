//! Decides what the world around a session does so that nothing is lost with it: it appends what it is handed to a journal,
//! notes the calls that are in no record yet, and hands over events one by one.

use syncline::ids::DocId;
use syncline::queue::Queue;
use syncline::replica::{Attributes, EditError, Kind, NewType, PathSegment, Replica, TypeId, Value};
use syncline::session::{Calls, Event, Kept, Session};

/// When a session is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Before what came of the input was kept.
    Input,
    /// Before anything was done about it.
    Kept,
    /// After so many outputs were carried out.
    Outputs(u32),
}

/// A call of the application that edits, with its arguments.
#[derive(Clone, Debug)]
pub enum Op {
    Insert(u32, String),
    Delete(u32, u32),
    Format(u32, u32, bool),
    SetKey(u8, i32),
    DeleteKey(u8),
    Push(u32, i32),
    Remove(u32),
    Bring(Vec<u8>),
    Nest(u8),
}

/// What is kept of a document.
#[derive(Default)]
pub struct Keeper {
    pub journal: Vec<u8>,
    /// How much of it the application was told of.
    pub told: usize,
    /// How much of it the outputs tell of.
    reported: usize,
    /// How long the journal was when it was folded.
    folded: usize,
    pub calls: Vec<Op>,
    pub events: Queue<Event>,
    /// How many of the events are those of what it was told of.
    due: usize,
    doom: Option<Moment>,
    /// How many sessions were lost.
    pub lives: u32,
    is_lost: bool,
}

impl Keeper {
    /// What the journal has grown to that is worth folding.
    const LONG: usize = 400;

    pub fn doom(&mut self, moment: Moment) {
        self.doom = Some(moment);
    }

    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Goes on with another session.
    pub fn revive(&mut self) {
        (self.is_lost, self.doom) = (false, None);
        let due = self.due;
        let kept: Vec<Event> = self.events.iter().take(due).cloned().collect();
        assert_eq!(kept.len(), due);
        self.events = Queue::new();
        self.events.extend(kept);
    }

    /// Notes a call that begins.
    pub fn begin(&mut self, op: Op) {
        self.calls.push(op);
    }

    /// Keeps what came of an input, unless the session is lost before.
    pub fn end_input(&mut self, session: &mut Session) {
        match self.doom {
            Some(Moment::Input) => self.is_lost = true,
            Some(Moment::Kept) => {
                self.take(session);
                self.is_lost = true;
            }
            Some(Moment::Outputs(_)) | None => self.take(session),
        }
    }

    /// Whether the session is lost before the next output.
    pub fn loses_output(&mut self) -> bool {
        match &mut self.doom {
            Some(Moment::Outputs(0)) => self.is_lost = true,
            Some(Moment::Outputs(left)) => *left -= 1,
            Some(Moment::Input | Moment::Kept) | None => {}
        }
        self.is_lost
    }

    /// Keeps what there is.
    pub fn take(&mut self, session: &mut Session) {
        if self.is_lost {
            return;
        }
        while let Some((_, Kept { records, calls, is_reported })) = session.poll_kept() {
            self.journal.extend_from_slice(records);
            if is_reported {
                self.reported = self.journal.len();
            }
            match calls {
                Calls::Pending => {}
                Calls::Earlier => drop(self.calls.drain(..self.calls.len().saturating_sub(1))),
                Calls::All => self.calls.clear(),
            }
        }
    }

    pub fn queue(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// The application is told of everything that was kept.
    pub fn mark(&mut self) {
        (self.told, self.due) = (self.reported, self.events.len());
    }

    pub fn next_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        self.due -= usize::from(event.is_some());
        event
    }

    /// Folds the journal where it is worth it, in a quiet moment.
    pub fn fold(&mut self, session: &mut Session, doc: DocId) {
        if self.journal.len() > Self::LONG.max(2 * self.folded)
            && let Some(checkpoint) = session.checkpoint(doc)
        {
            (self.told, self.folded, self.reported) = (checkpoint.len(), checkpoint.len(), checkpoint.len());
            self.journal = checkpoint;
        }
    }
}

impl Op {
    pub fn run(&self, session: &mut Session, doc: DocId, types: [TypeId; 3]) {
        if let Self::Bring(update) = self {
            return session.apply_update(doc, update, syncline::clock::Instant::from_millis(1_000_000)).unwrap();
        }
        session.edit(doc, |replica| self.edit(replica, types)).unwrap();
    }

    fn edit(&self, replica: &mut Replica, [text, map, list]: [TypeId; 3]) -> Result<(), EditError> {
        match self {
            Self::Insert(at, inserted) => replica.text_insert(text, *at, inserted, None),
            Self::Delete(at, len) => replica.text_delete(text, *at, *len),
            Self::Format(at, len, bold) => {
                let value = if *bold { Value::from(true) } else { Value::Null };
                replica.text_format(text, *at, *len, Attributes::from([("bold".into(), value)]))
            }
            Self::SetKey(key, value) => replica.map_set(map, &key.to_string(), Value::from(*value)),
            Self::DeleteKey(key) => replica.map_delete(map, &key.to_string()).map(drop),
            Self::Push(at, value) => {
                let at = (*at).min(replica.list_len(list)?);
                replica.list_insert(list, at, vec![Value::from(*value)])
            }
            Self::Remove(at) if *at < replica.list_len(list)? => replica.list_delete(list, *at, 1),
            Self::Remove(_) | Self::Bring(_) => Ok(()),
            Self::Nest(key) => nest(replica, map, &key.to_string()),
        }
    }
}

/// Opens the text of a key and writes into it, or makes it.
fn nest(replica: &mut Replica, map: TypeId, key: &str) -> Result<(), EditError> {
    let at = PathSegment::Key(key.to_owned());
    match replica.open_in(map, &at, Kind::Text)? {
        Some(text) => replica.text_insert(text, 0, "n", None),
        None => replica.create_in(map, &at, NewType::Text(Vec::new())).map(drop),
    }
}
