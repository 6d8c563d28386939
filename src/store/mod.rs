//! Decides what is kept of a document on this device, and when: an append log that is folded into a snapshot now and then.
//!
//! Does no I/O: it is told of changes, asked for the next [`StoreOp`] with [`Store::poll_op`], and told what became of
//! it with [`Store::handle_news`]. At most one operation is under way; what happens meanwhile goes into the next.
//!
//! ```text
//!             loaded                   change                    written
//!  Loading ───────────▶ Idle ───────────────────────▶ Writing ─────────────▶ Idle
//!     ▲                                                  │ failed, lost, late
//!     └────────────── after a while ◀─────────────── Resting
//! ```
//!
//! A tab that takes over from another reads as well, after what it has under way.
//!
//! Rules that hold throughout:
//! - A record holds everything that came before the edits in it, so that what is read back has no gap.
//! - Several writers may use one document (tabs that do not know each other): nobody overwrites or removes a record that
//!   it has not read or written itself.
//! - After a failure the disk is read again before it is written: the answer to the failed operation is not trusted.

mod op;
mod record;
mod writing;

pub use op::{OpId, RecordKey, StoreFailure, StoreNews, StoreOp, Task};
pub use record::{Record, RecordError};

use crate::clock::{Duration, Instant, earliest};
use crate::replica::Replica;
use crate::sync::{EditSet, Unsynced};
use writing::{Log, Queue, Written};

/// What this device keeps of one document.
#[derive(Debug)]
pub struct Store {
    writer: u32,
    duty: Duty,
    state: State,
    /// Until when the document waits for its content, while it does.
    opening: Option<Instant>,
    last_op: OpId,
    log: Log,
    /// What the records on the disk say is unsynced, and the revision of the set at that moment.
    recorded: (EditSet, u64),
    queue: Queue,
    /// The last failure, until the disk holds again what it should.
    trouble: Option<Trouble>,
}

/// What this tab has to do for the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Duty {
    /// Keep it up to date.
    Write,
    /// Nothing, because another tab does. Whether changes came that this one cannot know to be on the disk.
    Watch { is_behind: bool },
    /// Remove everything from it.
    Forget,
}

/// What the disk is doing.
#[derive(Debug)]
enum State {
    /// Nothing; the records are to be read before anything else.
    Unread,
    Loading(Waiting),
    Idle,
    Writing(Waiting, Written),
    Forgetting(Waiting),
    /// It is left alone after a failure.
    Resting {
        until: Instant,
    },
    /// It holds nothing and will not.
    Off,
}

/// An operation under way, and when it is given up.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    op: OpId,
    until: Instant,
    view: View,
}

/// Whether what is known of the disk is all there is.
#[derive(Clone, Copy, Debug)]
enum View {
    Whole,
    /// Another tab, which was to write until now, may have done so since the operation began.
    Outdated,
}

#[derive(Debug)]
struct Trouble {
    failure: StoreFailure,
    /// How long the disk was left alone after it.
    rest: Duration,
}

/// How it stands with the store, for the application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreStatus {
    /// The records are being read.
    Loading,
    /// What is to be kept is kept, or about to be.
    Ready,
    /// The device keeps nothing at the moment; it is tried again.
    Failed(StoreFailure),
    /// Nothing is kept any more: the application said so.
    Forgotten,
}

/// What the document has to do about an answer of the disk.
#[derive(PartialEq, Eq, Debug)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// Take in what was read, in this order.
    Loaded {
        /// What could be read.
        records: Vec<Record>,
        /// How many records could not.
        corrupt: usize,
    },
    /// The changes noted until the last operation was taken are on the disk.
    Stored,
}

/// How soon a change has to be on the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Urgency {
    /// Now: it is nowhere else.
    Now,
    /// Soon: the server has it.
    Soon,
}

impl Store {
    /// The store of a document that is being opened. `writer` names this replica among all that ever wrote; the
    /// document waits for its content until `deadline`.
    pub fn new(writer: u32, deadline: Instant) -> Self {
        Self {
            writer,
            duty: Duty::Write,
            state: State::Unread,
            opening: Some(deadline),
            last_op: OpId(0),
            log: Log::default(),
            recorded: (EditSet::default(), 0),
            queue: Queue::default(),
            trouble: None,
        }
    }

    /// Whether the document still waits for what the disk has.
    pub const fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    /// How it stands.
    pub fn status(&self) -> StoreStatus {
        match (&self.trouble, self.duty, &self.state) {
            (Some(trouble), ..) => StoreStatus::Failed(trouble.failure.clone()),
            (None, _, State::Off) => StoreStatus::Forgotten,
            (None, _, State::Unread | State::Loading(_)) => StoreStatus::Loading,
            (None, ..) => StoreStatus::Ready,
        }
    }

    /// How many of the edits noted here are not on the disk.
    pub const fn unstored(&self) -> u64 {
        match &self.state {
            State::Writing(_, written) => self.queue.edits + written.edits,
            _ => self.queue.edits,
        }
    }

    /// Whether everything noted here is on the disk, and the disk is this tab's affair.
    pub fn has_all(&self) -> bool {
        self.duty == Duty::Write && matches!(self.state, State::Idle) && self.trouble.is_none() && self.queue.is_empty()
    }

    /// Whether the next operation writes down how it stands.
    pub fn is_write_due(&self, now: Instant) -> bool {
        self.duty == Duty::Write && matches!(self.state, State::Idle) && self.queue.due.is_some_and(|due| due <= now)
    }

    /// Whether the application wants nothing to be kept any more.
    pub fn is_forgotten(&self) -> bool {
        self.duty == Duty::Forget
    }

    /// Notes a change, of which `edits` insertions and deletions are nowhere else.
    pub fn note_change(&mut self, update: Vec<u8>, edits: u64, urgency: Urgency, now: Instant) {
        match &mut self.duty {
            Duty::Write => self.queue.push(update, edits, urgency, now),
            Duty::Watch { is_behind } => *is_behind = true,
            Duty::Forget => {}
        }
    }

    /// Takes it that what is in the document may not be on the disk, `edits` insertions and deletions of it nowhere else.
    pub fn doubt(&mut self, edits: u64, now: Instant) {
        if self.duty == Duty::Write {
            self.queue.edits += edits;
            self.queue.demand_snapshot(now);
        }
    }

    /// Another tab writes from here on. What is under way is finished.
    pub fn stand_by(&mut self) {
        if self.duty == Duty::Write {
            self.duty = Duty::Watch { is_behind: self.unstored() > 0 || !self.queue.is_empty() };
            self.queue = Queue::default();
        }
    }

    /// This tab writes from here on, beginning with what the one before may have left out. Of that, `edits` insertions
    /// and deletions were made here.
    pub fn take_over(&mut self, edits: u64, now: Instant) {
        let Duty::Watch { is_behind } = self.duty else { return };
        self.duty = Duty::Write;
        self.queue.edits += edits;
        if is_behind {
            self.queue.demand_snapshot(now);
        }
        match &mut self.state {
            State::Idle => self.state = State::Unread,
            State::Loading(waiting) | State::Writing(waiting, _) => waiting.view = View::Outdated,
            State::Unread | State::Forgetting(_) | State::Resting { .. } | State::Off => {}
        }
    }

    /// Removes everything that is kept of the document, and keeps nothing from here on.
    ///
    /// At once, whatever is under way or failed before: the page may be gone before that has ended, and the disk does one
    /// thing after the other.
    pub fn forget(&mut self) {
        if self.duty != Duty::Forget {
            self.duty = Duty::Forget;
            self.state = State::Unread;
            self.opening = None;
            self.queue = Queue::default();
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) and [`poll_op`](Self::poll_op) may have something to do although
    /// nothing happened.
    pub fn timeout(&self) -> Option<Instant> {
        let due = match &self.state {
            State::Resting { until } => Some(*until),
            State::Idle if self.duty == Duty::Write => self.queue.due,
            _ => self.waiting().map(|waiting| waiting.until),
        };
        earliest(&[due, self.opening])
    }

    /// Gives up what takes too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.opening.is_some_and(|deadline| deadline <= now) {
            self.opening = None;
        }
        if self.waiting().is_some_and(|waiting| waiting.until <= now) {
            self.fail(StoreFailure::Timeout, now);
        }
    }

    /// The next operation for the disk, if there is one.
    pub fn poll_op(&mut self, replica: &mut Replica, unsynced: &Unsynced, now: Instant) -> Option<StoreOp> {
        let (_, recorded_revision) = self.recorded;
        if self.duty == Duty::Write && unsynced.revision() != recorded_revision {
            self.queue.want_by(now + SOON);
        }
        let is_free = match &self.state {
            State::Unread | State::Idle => true,
            State::Resting { until } => *until <= now,
            State::Loading(_) | State::Writing(..) | State::Forgetting(_) | State::Off => false,
        };
        match (is_free, self.duty, &self.state) {
            (false, ..) => None,
            (true, Duty::Forget, _) => Some(self.begin(Task::Forget, State::Forgetting, now)),
            (true, Duty::Write, State::Idle) => self.write(replica, unsynced, now),
            (true, Duty::Watch { .. }, State::Idle) => None,
            (true, ..) => Some(self.begin(Task::Load, State::Loading, now)),
        }
    }

    /// Takes the answer of the disk to the operation `op`, or its news that it lost the document, of which `all` tells how
    /// many insertions and deletions it has.
    pub fn handle_news(
        &mut self,
        op: Option<OpId>,
        news: StoreNews,
        all: impl FnOnce() -> u64,
        now: Instant,
    ) -> Answer {
        if let StoreNews::Lost(failure) = news {
            if !matches!(self.state, State::Off) {
                self.lose(failure, all, now);
            }
            return Answer::Nothing;
        }
        let Some(waiting) = self.waiting().filter(|waiting| Some(waiting.op) == op) else { return Answer::Nothing };
        let next = match waiting.view {
            View::Whole => State::Idle,
            View::Outdated => State::Unread,
        };
        match (news, std::mem::replace(&mut self.state, next)) {
            (StoreNews::Loaded(records), State::Loading(_)) => self.loaded(records, now),
            (StoreNews::Written, State::Writing(_, written)) => self.written(written, now),
            (StoreNews::Forgotten, State::Forgetting(_)) => {
                (self.state, self.trouble) = (State::Off, None);
                Answer::Nothing
            }
            (news, state) => {
                self.state = state;
                match news {
                    StoreNews::Failed(StoreFailure::Closed) => self.lose(StoreFailure::Closed, all, now),
                    StoreNews::Failed(failure) => self.fail(failure, now),
                    _ => self.fail(StoreFailure::Other("it answered another question".to_owned()), now),
                }
                Answer::Nothing
            }
        }
    }

    const fn waiting(&self) -> Option<&Waiting> {
        match &self.state {
            State::Loading(waiting) | State::Writing(waiting, _) | State::Forgetting(waiting) => Some(waiting),
            State::Unread | State::Idle | State::Resting { .. } | State::Off => None,
        }
    }

    fn begin(&mut self, task: Task, state: impl FnOnce(Waiting) -> State, now: Instant) -> StoreOp {
        let id = self.next_id();
        self.state = state(Waiting { op: id, until: now + PATIENCE, view: View::Whole });
        StoreOp { id, task }
    }

    const fn next_id(&mut self) -> OpId {
        self.last_op = OpId(self.last_op.0.wrapping_add(1));
        self.last_op
    }

    /// Takes it that nothing is on the disk any more: the data may have been cleared.
    fn lose(&mut self, failure: StoreFailure, all: impl FnOnce() -> u64, now: Instant) {
        self.fail(failure, now);
        self.queue.edits = all();
    }

    /// Leaves the disk alone for a while. What it failed to store is still to be stored, and a snapshot does it.
    fn fail(&mut self, failure: StoreFailure, now: Instant) {
        let rest = self.trouble.as_ref().map_or(FIRST_REST, |trouble| (trouble.rest * 2).min(LONGEST_REST));
        // A browser that has just started may refuse at first; what is there is waited for, as long as it may be had.
        if matches!(failure, StoreFailure::Unavailable(_) | StoreFailure::Newer) {
            self.opening = None;
        }
        self.trouble = Some(Trouble { failure, rest });
        if let State::Writing(_, written) = std::mem::replace(&mut self.state, State::Resting { until: now + rest }) {
            self.queue.edits += written.edits;
        }
        match &mut self.duty {
            Duty::Write => self.queue.demand_snapshot(now),
            Duty::Watch { is_behind } => *is_behind = true,
            Duty::Forget => {}
        }
    }
}

/// How long changes that are held elsewhere may wait for the disk.
const SOON: Duration = Duration::from_secs(1);

/// How long the disk may take. Browsers are known to leave requests without an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long the disk is left alone after a failure: at first, and at most.
const FIRST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
