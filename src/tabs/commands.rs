//! Decides what a tab tells the others when something happens in it.

use super::message::{Letter, TabMessage};
use super::report::Report;
use super::{Members, PATIENCE, Role, TabOp, Tabs};
use crate::clock::{Duration, Instant};
use crate::ids::TabId;
use crate::replica::Ranges;
use crate::sync::{EditSet, Unsynced};

impl Tabs {
    /// Joins the others, if it has not.
    pub fn join(&mut self, now: Instant) {
        if self.role == Role::Away {
            self.role = Role::Candidate { until: now + PATIENCE };
            self.is_greeting_due = true;
            self.ops.push_back(TabOp::Join);
        }
    }

    /// Leaves the others. Somebody else leads.
    pub fn leave(&mut self) {
        if matches!(self.role, Role::Away | Role::Alone) {
            return;
        }
        self.say(None, TabMessage::Bye);
        self.ops.push_back(TabOp::Leave);
        self.role = Role::Away;
        self.report = None;
        self.is_greeting_due = false;
        self.members = Members::new(self.me);
        self.ledger.settle();
    }

    /// Has everything exchanged anew with the leader, or with everybody.
    pub fn ask(&mut self) {
        self.is_greeting_due |= self.role.is_led();
        if self.has_followers() {
            self.say(None, TabMessage::Lead);
        }
    }

    /// Notes unsynced edits of which the leader may not have been told. Of those made here,
    /// `unstored` insertions and deletions may not be on the disk.
    pub fn owe(&mut self, edits: EditSet, unstored: u64) {
        if self.role.is_led() && (!edits.is_empty() || unstored > 0) {
            self.ledger.owe(edits, unstored);
            self.is_greeting_due = true;
        }
    }

    /// Notes that another tab leads, so that it is told all that is unsynced here.
    pub fn start_over(&mut self, unsynced: EditSet) {
        self.ledger.start_over(unsynced);
    }

    /// Notes that the disk was read, of which `unsynced` is what it says of that. The leader may lack some of it.
    pub fn note_found(&mut self, unsynced: EditSet) {
        if self.role.is_led() {
            self.ledger.note_found(unsynced);
            self.is_greeting_due = true;
        }
    }

    /// Asks the leader to reach the server now.
    pub fn retry(&mut self) {
        self.say(None, TabMessage::Retry);
    }

    /// Tells everybody what the server holds, since it has refused edits that may have been theirs.
    pub fn tell_refused(&mut self, held: &[u8]) {
        if self.has_followers() {
            self.say(None, TabMessage::Refused { held: held.to_vec() });
        }
    }

    /// Has the leader send a message of the application to the server.
    pub fn post(&mut self, text: String) {
        self.say(None, TabMessage::Post { text });
    }

    /// Passes on a message of the server.
    pub fn pass_on(&mut self, text: &str) {
        if self.has_followers() {
            self.say(None, TabMessage::PassedOn { text: text.to_owned() });
        }
    }

    /// Tells everybody to keep nothing of the document any more.
    pub fn forget(&mut self) {
        self.say(None, TabMessage::Forget);
    }

    /// Shows an edit that was made here to all tabs; `ranges` is what it changed.
    pub fn note_edit(&mut self, update: &[u8], ranges: &Ranges) {
        let number = self.ledger.next_number();
        if self.role.is_led() {
            self.ledger.note_own(number, ranges);
        }
        self.members.note_applied(self.me, number);
        if self.has_company() {
            self.say(None, TabMessage::Edit { number, update: update.to_vec() });
        }
    }

    /// Notes what an edit of another tab has changed here.
    pub fn note_heard(&mut self, tab: TabId, number: u64, ranges: &Ranges) {
        if self.role.is_led() {
            self.ledger.note_heard(tab, number, ranges);
        }
    }

    /// Says what is here, if that is due.
    pub fn greet(&mut self, state_vector: impl FnOnce() -> Vec<u8>) {
        if std::mem::take(&mut self.is_greeting_due) {
            self.say(None, TabMessage::Hello { state_vector: state_vector() });
        }
    }

    /// Answers a newcomer with what it lacks and what is here.
    pub fn welcome(&mut self, tab: TabId, update: Vec<u8>, state_vector: Vec<u8>, unsynced: EditSet) {
        self.say(Some(tab), TabMessage::Welcome { update, state_vector, unsynced });
    }

    /// Tells everybody what the leader lacked, and what is unsynced of what nobody told it before.
    pub fn catch_up(&mut self, update: Vec<u8>) {
        let (number, unsynced) = self.ledger.gather();
        self.say(None, TabMessage::CatchUp { number, update, unsynced });
    }

    /// Passes on what came from the server or the disk, and what of it is unsynced.
    pub fn relay(&mut self, update: &[u8], unsynced: impl FnOnce() -> EditSet) {
        if self.has_followers() {
            self.say(None, TabMessage::Relay { update: update.to_vec(), unsynced: unsynced() });
        }
    }

    /// Shows presence states to all tabs: own ones, or what came from the server.
    pub fn show_presence(&mut self, states: &[u8], is_relayed: bool) {
        if self.has_company() {
            self.say(None, TabMessage::Presence { states: states.to_vec(), is_relayed });
        }
    }

    /// Asks all tabs for their presence.
    pub fn want_presence(&mut self) {
        if self.has_company() {
            self.say(None, TabMessage::PresenceWanted);
        }
    }

    /// Notes that an edit of a tab is part of the document.
    pub fn note_applied(&mut self, tab: TabId, number: u64) {
        self.members.note_applied(tab, number);
    }

    /// Notes that an edit of a tab waits here for what it builds on.
    pub fn note_early(&mut self, tab: TabId, number: u64) {
        self.members.note_early(tab, number);
    }

    /// Notes that all edits of a tab up to this one are part of the document.
    pub fn note_caught_up(&mut self, tab: TabId, number: u64) {
        self.members.note_caught_up(tab, number);
    }

    /// Notes that nothing waits here for what it builds on.
    pub fn note_complete(&mut self) {
        self.members.note_complete();
    }

    /// Notes that everything taken in so far is part of what is being written.
    pub fn note_writing(&mut self) {
        self.members.note_writing();
    }

    /// Notes that what was being written is on the disk.
    pub fn note_stored(&mut self) {
        self.members.note_stored();
    }

    /// Tells the others how it stands, if that changed or somebody asked.
    pub fn publish(&mut self, unsynced: &Unsynced, status: Vec<u8>, retry_in: Option<Duration>, now: Instant) {
        self.is_report_held = now < self.quiet_until;
        if !self.has_followers() || self.is_report_held {
            return;
        }
        let report = Report { rows: self.members.rows(), unsynced: unsynced.set().clone(), status, retry_in };
        if !std::mem::take(&mut self.is_report_due) && self.report.as_ref().is_some_and(|last| last.is_same(&report)) {
            return;
        }
        self.report = Some(report.clone());
        let letter = Letter { from: self.me, to: None, message: TabMessage::Report(report) }.encode();
        self.quiet_until = now + Duration::from_millis(letter.len() as u64 / REPORT_BYTES_PER_MILLI);
        self.ops.push_back(TabOp::Broadcast(letter));
    }

    pub(super) fn say(&mut self, to: Option<TabId>, message: TabMessage) {
        self.ops.push_back(TabOp::Broadcast(Letter { from: self.me, to, message }.encode()));
    }
}

/// How fast reports may be sent: a large set of unsaved edits is not worth telling after each key.
const REPORT_BYTES_PER_MILLI: u64 = 100;
