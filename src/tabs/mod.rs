//! Decides which tab of a browser holds the connection and the store of a document, and what the others hear of it.
//!
//! The tabs that have the same document open share a channel, on which everybody hears everything, and a lock. Whoever
//! holds the lock leads: it talks to the server and writes to the disk. Edits go to all tabs at once; the leader passes
//! on what comes from the server. A tab that leads no more, because it was closed, frozen or stuck, is replaced by
//! another that has everything already.
//!
//! ```text
//!            join                     heard a leader
//!   Away ───────────▶ Candidate ───────────────────────▶ Follower
//!    ▲                    │ ▲  the leader is silent          │
//!    │ leave              │ └────────────────────────────────┤
//!    │                    │ granted                 granted  │
//!  (any)                  └───────────▶ Leader ◀─────────────┘
//! ```
//!
//! Does no I/O: [`Tabs::poll_op`] says what is to be done. Knows updates only as bytes; `session` applies them.

mod commands;
mod ledger;
mod members;
mod message;
mod news;
mod op;
mod report;

pub use message::FORMAT;
pub use op::{TabNews, TabOp};
pub use report::{Report, Row};

use crate::clock::{Duration, Instant};
use crate::ids::TabId;
use crate::queue::Queue;
use crate::sync::EditSet;
use ledger::Ledger;
use members::Members;

/// This tab among those that have the same document open.
#[derive(Debug)]
pub struct Tabs {
    me: TabId,
    role: Role,
    sight: Sight,
    members: Members,
    ledger: Ledger,
    /// Whether the leader is to be told what is here, so that it answers with the rest.
    is_greeting_due: bool,
    /// Whether somebody asked the leader how it stands.
    is_report_due: bool,
    /// The last report: received as a follower, sent as the leader.
    report: Option<Report>,
    /// No report is sent before this: large ones take their time.
    quiet_until: Instant,
    /// Whether a report waits for that.
    is_report_held: bool,
    ops: Queue<TabOp>,
}

/// What a tab is among the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// It has left, or not come yet: on its own, without a connection.
    Away,
    /// There is no way to know of others here: as if it led.
    Alone,
    /// It waits for the lock or for a word of whoever holds it.
    Candidate {
        /// Until when it waits before it takes the lock.
        until: Instant,
    },
    /// Another tab leads.
    Follower {
        /// Which one.
        leader: TabId,
        /// When it was last heard.
        heard: Instant,
        /// When it was asked for a sign of life, since then.
        asked: Option<Instant>,
    },
    /// It holds the lock.
    Leader,
}

impl Role {
    /// Whether the connection and the store are the affair of another tab.
    pub const fn is_led(self) -> bool {
        matches!(self, Self::Candidate { .. } | Self::Follower { .. })
    }
}

/// Whether somebody looks at the tab. Only then is it worth watching over the leader: timers of hidden tabs are slow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sight {
    Shown,
    Hidden,
}

/// What the document has to do about a message of another tab.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// Nothing.
    Nothing,
    /// Answer a tab that has this with what it lacks: [`Tabs::welcome`].
    Newcomer {
        /// The tab.
        tab: TabId,
        /// What it has.
        state_vector: Vec<u8>,
    },
    /// Take in what was missing here, and tell what the leader lacks: [`Tabs::catch_up`].
    Welcome {
        /// What was missing.
        update: Vec<u8>,
        /// What the leader has.
        state_vector: Vec<u8>,
        /// What is unsynced as far as the leader knows.
        unsynced: EditSet,
    },
    /// Another tab leads: tell it what is unsynced of what is known here, as nobody else may.
    NewLeader,
    /// Take in what the leader lacked, as an edit, and what is unsynced of what the leader was not told before.
    CatchUp {
        /// The tab.
        tab: TabId,
        /// How many of its edits are in it.
        number: u64,
        /// What was lacking.
        update: Vec<u8>,
        /// What is unsynced.
        unsynced: EditSet,
    },
    /// Take in an edit that was made in a tab; note what it changed with [`Tabs::note_heard`].
    Edit {
        /// The tab.
        tab: TabId,
        /// Which of its edits.
        number: u64,
        /// The edit.
        update: Vec<u8>,
    },
    /// Take in what the leader has from the server or the disk.
    Relay {
        /// What it is.
        update: Vec<u8>,
        /// What of it is unsynced.
        unsynced: EditSet,
    },
    /// Take in presence states: those of another tab.
    Presence(Vec<u8>),
    /// Take in presence states: what the leader has from the server.
    RelayedPresence(Vec<u8>),
    /// Announce the own presence again.
    PresenceWanted,
    /// The report is another one: see [`Tabs::report`].
    Report,
    /// Try to reach the server now.
    Retry,
    /// The server has refused edits, and this is all that it holds.
    Refused(Vec<u8>),
    /// Send a message of the application to the server.
    Post(String),
    /// Hand a message of the server to the application.
    PassedOn(String),
    /// Keep nothing of the document any more.
    Forget,
}

/// Getters.
impl Tabs {
    /// A tab that has not joined the others.
    pub fn new(me: TabId) -> Self {
        Self {
            me,
            role: Role::Away,
            sight: Sight::Shown,
            members: Members::new(me),
            ledger: Ledger::new(me),
            is_greeting_due: false,
            is_report_due: false,
            report: None,
            quiet_until: Instant::default(),
            is_report_held: false,
            ops: Queue::new(),
        }
    }

    /// What this tab is among the others.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whether the connection is this tab's affair.
    pub const fn may_connect(&self) -> bool {
        matches!(self.role, Role::Alone | Role::Leader)
    }

    /// Whether the disk is this tab's affair.
    pub const fn may_store(&self) -> bool {
        !self.role.is_led()
    }

    /// What the leader last said, while another tab leads.
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref().filter(|_| matches!(self.role, Role::Follower { .. }))
    }

    /// The numbers of this tab and of the one that leads, for people; nothing while there is no telling.
    pub fn labels(&self) -> Option<(u32, u32)> {
        let leader = match self.role {
            Role::Leader => self.me,
            Role::Follower { leader, .. } => leader,
            Role::Away | Role::Alone | Role::Candidate { .. } => return None,
        };
        Some((self.members.label(self.me)?, self.members.label(leader)?))
    }

    /// Whether another tab listens.
    pub fn has_company(&self) -> bool {
        match self.role {
            Role::Away | Role::Alone => false,
            Role::Candidate { .. } | Role::Follower { .. } => true,
            Role::Leader => self.members.has_others(),
        }
    }

    /// Whether this tab leads others that listen.
    pub fn has_followers(&self) -> bool {
        self.role == Role::Leader && self.members.has_others()
    }

    /// What the server has not been shown to hold, by the leader's report and by what it cannot know yet.
    pub fn unsynced(&self) -> EditSet {
        let mut unsynced = self.report.as_ref().map(|report| report.unsynced.clone()).unwrap_or_default();
        self.ledger.edits().for_each(|edits| unsynced.extend(edits));
        unsynced
    }

    /// How many edits are known here that the leader has not reported.
    pub fn unreported(&self) -> u64 {
        self.ledger.edits().map(EditSet::len).sum()
    }

    /// Whether the leader has to be told something.
    pub fn owes(&self) -> bool {
        self.ledger.owes()
    }

    /// How many edits of this tab the leader has not said to be on the disk.
    pub fn unstored(&self) -> u64 {
        self.ledger.unstored()
    }
}

/// What to do next.
impl Tabs {
    /// The next thing to do.
    pub fn poll_op(&mut self) -> Option<TabOp> {
        self.ops.pop_front()
    }
}

/// How long a newcomer waits for the lock or a word of its holder.
const PATIENCE: Duration = Duration::from_millis(1500);

#[cfg(test)]
mod tests;
