//! Decides what a document tells the other tabs of its browser, and what it does about what they say.

use super::routing::Cause;
use super::{Document, SharedStatus};
use crate::clock::Instant;
use crate::connection::Connection;
use crate::ids::{LinkId, TabId};
use crate::replica::{Outcome, decode_state_vector};
use crate::session::output::Problem;
use crate::store::Store;
use crate::sync::{Progress, Room};
use crate::tabs::{Heard, Role, TabNews, TabOp, Tabs};
use crate::wire::{Message, awareness};

/// What a document wishes of its session after news of a tab.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::session) enum Wish {
    /// Nothing.
    Nothing,
    /// Another attempt to connect, now.
    Reconnect,
}

impl Document {
    /// Joins the tabs that have the document open too.
    pub(in crate::session) fn join(&mut self, now: Instant) {
        if self.tabs.role() == Role::Away {
            self.tabs.join(now);
            self.owe();
            self.presence.handle_connected(now);
        }
    }

    /// Leaves the other tabs to themselves.
    pub(super) fn part(&mut self, now: Instant) {
        self.change_role(Tabs::leave, now);
        self.forget_leader();
        if self.dialogue.progress() == Progress::Silent {
            self.presence.handle_unreachable();
        }
    }

    pub(in crate::session) fn handle_hidden(&mut self) {
        self.tabs.handle_hidden();
    }

    /// Asks the tab that leads to connect now; says whether another one leads.
    pub(in crate::session) fn ask_leader_to_connect(&mut self) -> bool {
        let is_led = self.tabs.role().is_led();
        if is_led {
            self.tabs.retry();
        }
        is_led
    }

    /// Takes news of the other tabs.
    pub(in crate::session) fn handle_tab(&mut self, news: TabNews, now: Instant) -> Wish {
        match news {
            TabNews::Granted => {
                self.change_role(Tabs::handle_granted, now);
                self.forget_leader();
            }
            TabNews::Lost => {
                self.tabs.handle_lost(now);
                self.owe();
                self.presence.handle_connected(now);
            }
            TabNews::Unavailable => {
                self.change_role(Tabs::handle_unavailable, now);
                self.forget_leader();
            }
            TabNews::Message(letter) => return self.handle_letter(&letter, now),
        }
        Wish::Nothing
    }

    /// The next thing to do among the tabs.
    pub(in crate::session) fn poll_tab_op(&mut self) -> Option<TabOp> {
        self.tabs.poll_op()
    }

    /// Says what is due to be said: presence to everybody, what is here to the leader, how it stands to the followers.
    pub(in crate::session) fn speak(&mut self, connection: &Connection, room: Room, now: Instant) {
        match room {
            Room::Free => {
                while let Some(message) = self.presence.poll_message(now) {
                    self.announce(message);
                }
            }
            // The server is told what is the latest then.
            Room::Full if self.tabs.has_company() => {
                let shown = self.presence.preview(now);
                shown.into_iter().for_each(|states| self.tabs.show_presence(&states, false));
            }
            Room::Full => {}
        }
        if !self.replica.is_waiting() {
            self.tabs.note_complete();
        }
        if self.store.as_ref().is_some_and(Store::has_all) {
            self.tabs.note_writing();
            self.tabs.note_stored();
        }
        let replica = &mut self.replica;
        self.tabs.greet(|| replica.state_vector());
        if self.tabs.has_followers() {
            let (shared, retry_in) = SharedStatus::split(self.status(connection, now));
            self.tabs.publish(&self.unsynced, shared.encode(), retry_in, now);
        }
    }

    /// Has the tab decide for itself, which of its edits may not be on the disk included: it forgets them then.
    fn change_role(&mut self, change: impl FnOnce(&mut Tabs), now: Instant) {
        let unstored = self.tabs.unstored();
        change(&mut self.tabs);
        if let Some(store) = self.store.as_mut().filter(|_| self.tabs.may_store()) {
            store.take_over(unstored, now);
        }
    }

    /// The tab that leads has to be told of what this one has done by itself.
    fn owe(&mut self) {
        let unstored = self.store.as_ref().map_or(0, Store::unstored);
        self.tabs.owe(self.unsynced.set().clone(), unstored);
    }

    fn handle_letter(&mut self, letter: &[u8], now: Instant) -> Wish {
        match self.tabs.handle_message(letter, now) {
            Ok(Heard::Nothing) => {}
            Ok(Heard::Newcomer { tab, state_vector }) => self.welcome(tab, &state_vector, now),
            Ok(Heard::Welcome { update, state_vector, unsynced }) => {
                self.apply(&update, LinkId::LEADER, now).ok();
                self.unsynced.extend(&unsynced);
                self.catch_up(&state_vector);
            }
            Ok(Heard::NewLeader) => self.tabs.start_over(self.unsynced.set().clone()),
            Ok(Heard::CatchUp { tab, number, update, unsynced }) => {
                self.unsynced.extend(&unsynced);
                if self.take_edit(tab, number, &update, now) {
                    self.tabs.note_caught_up(tab, number);
                }
            }
            Ok(Heard::Edit { tab, number, update }) => {
                if self.take_edit(tab, number, &update, now) {
                    self.tabs.note_applied(tab, number);
                }
            }
            Ok(Heard::Relay { update, unsynced }) => {
                self.apply(&update, LinkId::LEADER, now).ok();
                self.unsynced.extend(&unsynced);
            }
            Ok(Heard::Presence(states)) => {
                self.take_presence(&states, LinkId::TAB, now);
                self.tell_server(Message::Awareness(states));
            }
            Ok(Heard::RelayedPresence(states)) => self.take_presence(&states, LinkId::LEADER, now),
            Ok(Heard::PresenceWanted) => {
                self.presence.renew();
            }
            Ok(Heard::Report) => self.take_report(now),
            Ok(Heard::Refused(held)) => self.tell_refused(&held),
            Ok(Heard::Post(text)) => drop(self.post(text)),
            Ok(Heard::PassedOn(text)) => self.posts.push_back(text),
            Ok(Heard::Retry) => {
                self.forget_suspicions();
                return Wish::Reconnect;
            }
            Ok(Heard::Forget) => {
                if let Some(store) = &mut self.store {
                    store.forget();
                }
            }
            Err(error) => self.report_letter(&error.to_string()),
        }
        Wish::Nothing
    }

    /// Takes in an edit of another tab; says whether all of it is in the document now. One that is refused is asked for
    /// again, with everything else.
    fn take_edit(&mut self, tab: TabId, number: u64, update: &[u8], now: Instant) -> bool {
        let applied = self.apply_from(Cause::Letter(tab, number), update, LinkId::TAB, now);
        if applied.is_err() {
            self.tabs.ask();
        }
        let is_applied = applied.is_ok_and(|applied| matches!(applied.outcome, Outcome::Known | Outcome::Ready));
        if !is_applied {
            self.tabs.note_early(tab, number);
        }
        is_applied
    }

    /// Tells a newcomer everything that it lacks, who is here, and how it stands.
    fn welcome(&mut self, tab: TabId, state_vector: &[u8], now: Instant) {
        self.commit(now);
        match self.replica.encode_since(Some(state_vector)) {
            Ok(update) => {
                let unsynced = self.unsynced.set().clone();
                self.tabs.welcome(tab, update, self.replica.state_vector(), unsynced);
                if let Some(states) = self.presence.snapshot() {
                    self.tabs.show_presence(&states, true);
                }
                self.presence.handle_reachable(now);
                if self.store.as_ref().is_some_and(Store::is_forgotten) {
                    self.tabs.forget();
                }
            }
            Err(refusal) => self.report_letter(&refusal.to_string()),
        }
    }

    /// Tells the leader what it lacks, if anything may be.
    fn catch_up(&mut self, state_vector: &[u8]) {
        let Ok(theirs) = decode_state_vector(state_vector) else { return };
        let lacks = self
            .replica
            .clocks()
            .any(|(client, clock)| theirs.iter().find(|(id, _)| *id == client).is_none_or(|(_, there)| *there < clock));
        if (lacks || self.tabs.owes())
            && let Ok(update) = self.replica.encode_since(Some(state_vector))
        {
            self.tabs.catch_up(update);
        }
    }

    fn take_presence(&mut self, states: &[u8], via: LinkId, now: Instant) {
        match awareness::decode(states) {
            Ok(entries) => self.presence.handle_entries(entries, via, self.hearing(via), now),
            Err(error) => self.report_letter(&error.to_string()),
        }
    }

    fn take_report(&mut self, now: Instant) {
        self.unsynced.replace(self.tabs.unsynced());
        let Some(report) = self.tabs.report() else { return };
        match SharedStatus::decode(&report.status) {
            Ok(status) => {
                if !status.phase.is_connected() {
                    self.presence.handle_lost(LinkId::LEADER);
                }
                self.heard = Some((status, now));
            }
            Err(error) => self.report_letter(&error.to_string()),
        }
    }

    /// What another tab said of the server is no news any more.
    fn forget_leader(&mut self) {
        self.heard = None;
        self.presence.handle_lost(LinkId::LEADER);
    }

    /// Said once: a tab that talks nonsense does so at every word.
    fn report_letter(&mut self, what: &str) {
        if !std::mem::replace(&mut self.has_reported_letter, true) {
            let message = format!("another tab sent a message that cannot be read: {what}");
            self.problems.push_back(Problem { code: Problem::TAB_MESSAGE, message });
        }
    }
}
