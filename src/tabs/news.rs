//! Decides what a tab does about what it hears, and about what it does not hear: when it leads, and when it takes over.

use super::message::{Letter, TabMessage};
use super::report::Report;
use super::{Heard, PATIENCE, Role, Sight, TabOp, Tabs};
use crate::clock::{Duration, Instant, earliest};
use crate::ids::TabId;
use crate::wire::DecodeError;

impl Tabs {
    /// This browser has no locks or channels.
    pub fn handle_unavailable(&mut self) {
        self.role = Role::Alone;
        self.is_greeting_due = false;
        self.ledger.settle();
    }

    /// This tab holds the lock.
    pub fn handle_granted(&mut self) {
        if self.role == Role::Away {
            return;
        }
        self.role = Role::Leader;
        self.is_greeting_due = false;
        self.report = None;
        self.quiet_until = Instant::default();
        self.members.give_labels();
        self.ledger.settle();
        self.say(None, TabMessage::Lead);
    }

    /// Another tab took the lock.
    pub fn handle_lost(&mut self, now: Instant) {
        if matches!(self.role, Role::Away | Role::Alone) {
            return;
        }
        self.role = Role::Candidate { until: now + PATIENCE };
        self.report = None;
        self.is_greeting_due = true;
        self.ops.push_back(TabOp::Join);
    }

    /// The tab is shown.
    pub fn handle_shown(&mut self, now: Instant) {
        self.sight = Sight::Shown;
        if let Role::Follower { heard, asked, .. } = &mut self.role
            && now.since(*heard) > QUIET
        {
            *asked = Some(now);
            self.say(None, TabMessage::Ping);
        }
    }

    /// The tab is hidden.
    pub const fn handle_hidden(&mut self) {
        self.sight = Sight::Hidden;
    }

    /// Time has passed: asks a leader that is silent, and replaces one that does not answer.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(due) = self.timeout().filter(|due| *due <= now) else { return };
        // Timers that are late say that this tab did not run, not that the leader does not.
        let is_late = now.since(due) > LATE;
        let watches = self.watches();
        match &mut self.role {
            Role::Candidate { until } if *until <= now => {
                *until = now + PATIENCE;
                self.is_greeting_due = true;
                if !is_late {
                    self.ops.push_back(TabOp::Steal);
                }
            }
            Role::Follower { asked: Some(_), .. } if watches && !is_late => {
                self.role = Role::Candidate { until: now + PATIENCE };
                self.ops.push_back(TabOp::Steal);
            }
            Role::Follower { asked, .. } => {
                *asked = Some(now);
                self.say(None, TabMessage::Ping);
            }
            Role::Leader => self.members.forget_silent(now),
            Role::Candidate { .. } | Role::Away | Role::Alone => {}
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) or [`publish`](Self::publish) has something to do.
    pub fn timeout(&self) -> Option<Instant> {
        match self.role {
            Role::Away | Role::Alone => None,
            Role::Candidate { until } => Some(until),
            Role::Follower { heard, asked, .. } => Some(match (self.watches(), asked) {
                (true, Some(asked)) => asked + ANSWER + self.jitter(),
                (true, None) => heard + QUIET,
                (false, _) => asked.map_or(heard, |asked| asked.max(heard)) + SIGN_OF_LIFE,
            }),
            Role::Leader => earliest(&[self.members.timeout(), self.publishing()]),
        }
    }

    /// Takes a message of another tab.
    ///
    /// # Errors
    /// The bytes are no message; nothing has changed.
    pub fn handle_message(&mut self, bytes: &[u8], now: Instant) -> Result<Heard, DecodeError> {
        let Letter { from, to, message } = Letter::decode(bytes)?;
        if from == self.me || to.is_some_and(|to| to != self.me) || matches!(self.role, Role::Away | Role::Alone) {
            return Ok(Heard::Nothing);
        }
        self.members.note_heard(from, now);
        if let Role::Follower { leader, heard, asked } = &mut self.role
            && *leader == from
        {
            (*heard, *asked) = (now, None);
        }
        Ok(self.handle(from, message, now))
    }

    fn handle(&mut self, from: TabId, message: TabMessage, now: Instant) -> Heard {
        let leads = self.role == Role::Leader;
        match message {
            TabMessage::Hello { state_vector } if leads => Heard::Newcomer { tab: from, state_vector },
            TabMessage::Lead if !leads => self.follow(from, now),
            TabMessage::Welcome { .. } | TabMessage::Report(_) if self.is_replaced_by(from) => self.follow(from, now),
            TabMessage::Welcome { update, state_vector, unsynced } if self.heeds(from, now) => {
                Heard::Welcome { update, state_vector, unsynced }
            }
            TabMessage::Edit { number, update } => Heard::Edit { tab: from, number, update },
            TabMessage::CatchUp { number, update, unsynced } => {
                self.is_report_due |= leads;
                Heard::CatchUp { tab: from, number, update, unsynced }
            }
            TabMessage::Relay { update, unsynced } if self.follows(from) => Heard::Relay { update, unsynced },
            TabMessage::Presence { states, is_relayed: false } => Heard::Presence(states),
            TabMessage::Presence { states, is_relayed: true } if !leads => Heard::RelayedPresence(states),
            TabMessage::PresenceWanted => Heard::PresenceWanted,
            TabMessage::Ping => {
                self.is_report_due |= leads;
                Heard::Nothing
            }
            TabMessage::Report(report) if self.heeds(from, now) => self.handle_report(report),
            TabMessage::Retry if leads => Heard::Retry,
            TabMessage::Refused { held } if !leads => Heard::Refused(held),
            TabMessage::Post { text } if leads => Heard::Post(text),
            TabMessage::PassedOn { text } if self.follows(from) => Heard::PassedOn(text),
            TabMessage::Forget => Heard::Forget,
            TabMessage::Bye => {
                self.members.note_gone(from);
                Heard::Nothing
            }
            // What is meant for a leader or for its followers, and this tab is the other; or what a tab says that does not
            // know that it leads no more. What it has it tells the leader when it knows.
            TabMessage::Hello { .. }
            | TabMessage::Welcome { .. }
            | TabMessage::Lead
            | TabMessage::Relay { .. }
            | TabMessage::Presence { .. }
            | TabMessage::Report(_)
            | TabMessage::Retry
            | TabMessage::Refused { .. }
            | TabMessage::Post { .. }
            | TabMessage::PassedOn { .. } => Heard::Nothing,
        }
    }

    fn handle_report(&mut self, report: Report) -> Heard {
        self.members.take_over(&report.rows);
        // An edit of a tab that the leader has never heard of: it has to be told.
        self.is_greeting_due |= self.ledger.compare(&report);
        self.report = Some(report);
        Heard::Report
    }

    /// Follows a tab that is news as a leader, and tells it what is here.
    fn follow(&mut self, leader: TabId, now: Instant) -> Heard {
        self.role = Role::Follower { leader, heard: now, asked: None };
        self.is_greeting_due = true;
        Heard::NewLeader
    }

    fn follows(&self, tab: TabId) -> bool {
        matches!(self.role, Role::Follower { leader, .. } if leader == tab)
    }

    /// Whether a tab that talks as a leader is believed: whoever does first, until another says that it leads.
    fn heeds(&mut self, leader: TabId, now: Instant) -> bool {
        if matches!(self.role, Role::Candidate { .. }) {
            self.role = Role::Follower { leader, heard: now, asked: None };
        }
        self.follows(leader)
    }

    /// Whether another tab talks as a leader, while the one that is followed does not answer.
    fn is_replaced_by(&self, tab: TabId) -> bool {
        matches!(self.role, Role::Follower { leader, asked: Some(_), .. } if leader != tab)
    }

    fn watches(&self) -> bool {
        self.sight == Sight::Shown || !self.ledger.is_empty()
    }

    fn publishing(&self) -> Option<Instant> {
        (self.is_report_held && self.has_followers()).then_some(self.quiet_until)
    }

    /// So that tabs which miss the leader at the same time do not take the lock from each other.
    fn jitter(&self) -> Duration {
        Duration::from_millis(u64::from(self.me.0 % 200))
    }
}

/// How long a leader may be silent before it is asked for a sign of life.
const QUIET: Duration = Duration::from_millis(600);

/// How long it may take to give one. With the quiet before it and the jitter, a new leader is there within 2 s.
const ANSWER: Duration = Duration::from_millis(900);

/// How often a hidden tab says that it is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

/// A timer that is later than this was held back by the browser.
const LATE: Duration = Duration::from_millis(500);
