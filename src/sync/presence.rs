//! Decides who is known to be here: the y-protocols awareness states of the others, and when ours is announced.
//!
//! A state is opaque JSON text. The latest wins, several changes within a task are one announcement, and what came from
//! the other side is never sent back.

use crate::clock::Instant;
use crate::config::PresenceConfig;
use crate::ids::ClientId;
use crate::sorted::SortedMap;
use crate::wire::awareness;
use crate::wire::{AwarenessEntry, Message};

/// Above this many others, states of further clients are ignored: a peer may invent as many as it likes.
const MAX_OTHERS: usize = 10_000;

/// A state longer than this is ignored, in bytes of JSON.
const MAX_STATE_BYTES: usize = 256 << 10;

/// A clock claimed for our own id above this is nonsense and ignored, so that ours can never run out.
const MAX_CLAIMED_CLOCK: u64 = 1 << 52;

/// The presence states of one document.
#[derive(Debug)]
pub struct Presence {
    config: PresenceConfig,
    client: ClientId,
    clock: u64,
    state: Option<String>,
    announcement: Announcement,
    others: SortedMap<ClientId, Other>,
    changes: PresenceChange,
}

/// Whose state appeared, changed or went away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PresenceChange {
    /// Clients that were not here before.
    pub added: Vec<ClientId>,
    /// Clients whose state is another one.
    pub updated: Vec<ClientId>,
    /// Clients that left or were not heard of for too long.
    pub removed: Vec<ClientId>,
}

impl PresenceChange {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.updated.is_empty() && self.removed.is_empty()
    }
}

/// What the other side has been told of our state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Announcement {
    /// There is nobody to tell.
    Offline,
    /// Something is to be told.
    Due,
    /// It was told then.
    Made(Instant),
    /// It was told that we left. Nothing more is told until we return.
    Withdrawn,
}

#[derive(Debug)]
struct Other {
    clock: u64,
    /// `None` after the client has left: the clock stays known for a while, so that a late copy does not revive it.
    state: Option<String>,
    seen: Instant,
}

impl Presence {
    /// Starts with nobody here and no state of our own.
    pub fn new(client: ClientId, config: PresenceConfig) -> Self {
        Self {
            config,
            client,
            clock: 0,
            state: None,
            announcement: Announcement::Offline,
            others: SortedMap::new(),
            changes: PresenceChange::default(),
        }
    }

    /// Sets our state, as JSON text; `None` withdraws it.
    pub fn set(&mut self, state: Option<String>) {
        if self.state == state {
            return;
        }
        match (&self.state, &state) {
            (None, _) => self.changes.added.push(self.client),
            (_, None) => self.changes.removed.push(self.client),
            (Some(_), Some(_)) => self.changes.updated.push(self.client),
        }
        self.state = state;
        self.clock = self.clock.saturating_add(1);
        self.make_due();
    }

    /// Announces our state again, although it is the same: the other side answers with an echo.
    ///
    /// Returns whether there is a state to announce.
    pub fn renew(&mut self) -> bool {
        if self.state.is_some() {
            self.clock = self.clock.saturating_add(1);
            self.make_due();
        }
        self.state.is_some()
    }

    /// All known states, ours among them.
    pub fn states(&self) -> Vec<(ClientId, String)> {
        let own = self.state.iter().map(|state| (self.client, state.clone()));
        let others = self.others.iter().filter_map(|(id, other)| Some((*id, other.state.clone()?)));
        own.chain(others).collect()
    }

    /// Notes a fresh connection: our state is announced.
    ///
    /// With a higher clock, because the server may have told the others that we left with the one before.
    pub fn handle_connected(&mut self, now: Instant) {
        self.announcement = Announcement::Made(now);
        self.renew();
    }

    /// Notes that the connection is lost: nothing is known of the others any more.
    ///
    /// Their clocks are forgotten too, so that the snapshot of the next connection is taken as it comes.
    pub fn handle_disconnected(&mut self) {
        self.announcement = Announcement::Offline;
        let others = std::mem::take(&mut self.others);
        self.changes.removed.extend(others.into_iter().filter_map(|(id, other)| other.state.map(|_| id)));
    }

    /// Takes in states from the other side.
    pub fn handle_entries(&mut self, entries: Vec<AwarenessEntry>, now: Instant) {
        for entry in entries {
            if entry.client == self.client {
                self.handle_claim_about_us(&entry);
            } else if entry.state.as_ref().is_none_or(|state| state.len() <= MAX_STATE_BYTES) {
                self.handle_other(entry, now);
            }
        }
    }

    /// Announces our state when asked for it.
    pub fn handle_query(&mut self) {
        if self.state.is_some() {
            self.make_due();
        }
    }

    /// Renews our state and forgets others that were not heard of.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.renewal().is_some_and(|at| at <= now) {
            self.renew();
        }
        let expire = self.config.expire;
        for (id, other) in self.others.iter_mut() {
            if other.seen + expire <= now && other.state.take().is_some() {
                self.changes.removed.push(*id);
            }
        }
        self.others.retain(|_, other| other.state.is_some() || now < other.seen + expire * 2);
    }

    /// When [`Presence::handle_timeout`] is due next.
    pub fn timeout(&self) -> Option<Instant> {
        let expire = self.config.expire;
        let forget = |other: &Other| other.seen + if other.state.is_some() { expire } else { expire * 2 };
        self.others.iter().map(|(_, other)| forget(other)).chain(self.renewal()).min()
    }

    /// The announcement that is due, if any.
    pub fn poll_message(&mut self, now: Instant) -> Option<Message> {
        if self.announcement != Announcement::Due {
            return None;
        }
        self.announcement = Announcement::Made(now);
        Some(self.announce(self.state.clone()))
    }

    /// What to say when leaving: our state is withdrawn, with the clock it had. Nothing more is announced after it,
    /// until [`Presence::handle_returned`].
    pub fn farewell(&mut self) -> Option<Message> {
        if self.state.is_none() || self.is_silent() {
            return None;
        }
        self.announcement = Announcement::Withdrawn;
        Some(self.announce(None))
    }

    /// Notes that we are here again, in case that we had left: our state is announced anew.
    pub fn handle_returned(&mut self, now: Instant) {
        if self.announcement == Announcement::Withdrawn {
            self.handle_connected(now);
        }
    }

    /// What changed since the last call.
    pub fn poll_change(&mut self) -> Option<PresenceChange> {
        if self.changes.is_empty() { None } else { Some(std::mem::take(&mut self.changes)) }
    }

    fn make_due(&mut self) {
        if !self.is_silent() {
            self.announcement = Announcement::Due;
        }
    }

    fn is_silent(&self) -> bool {
        matches!(self.announcement, Announcement::Offline | Announcement::Withdrawn)
    }

    fn renewal(&self) -> Option<Instant> {
        match (self.announcement, &self.state) {
            (Announcement::Made(at), Some(_)) => Some(at + self.config.renew),
            _ => None,
        }
    }

    fn announce(&self, state: Option<String>) -> Message {
        Message::Awareness(awareness::encode(&[AwarenessEntry { client: self.client, clock: self.clock, state }]))
    }

    /// Nobody else may say where we are: a newer claim, or one that we left, is overruled.
    fn handle_claim_about_us(&mut self, claim: &AwarenessEntry) {
        if claim.clock >= MAX_CLAIMED_CLOCK {
            return;
        }
        let says_we_left = claim.state.is_none() && claim.clock == self.clock && self.state.is_some();
        if claim.clock > self.clock || says_we_left {
            self.clock = claim.clock + 1;
            self.make_due();
        }
    }

    fn handle_other(&mut self, entry: AwarenessEntry, now: Instant) {
        let Some(known) = self.others.get_mut(&entry.client) else {
            if self.others.len() < MAX_OTHERS {
                if entry.state.is_some() {
                    self.changes.added.push(entry.client);
                }
                self.others.insert(entry.client, Other { clock: entry.clock, state: entry.state, seen: now });
            }
            return;
        };
        let leaves = entry.state.is_none() && known.state.is_some();
        if entry.clock < known.clock || (entry.clock == known.clock && !leaves) {
            return;
        }
        match (&known.state, &entry.state) {
            (None, Some(_)) => self.changes.added.push(entry.client),
            (Some(_), None) => self.changes.removed.push(entry.client),
            (Some(old), Some(new)) if old != new => self.changes.updated.push(entry.client),
            _ => {}
        }
        *known = Other { clock: entry.clock, state: entry.state, seen: now };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: ClientId = ClientId(1);
    const ADA: ClientId = ClientId(2);

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }

    fn connected() -> Presence {
        let mut presence = Presence::new(ME, PresenceConfig::default());
        presence.handle_connected(at(0));
        presence
    }

    fn entry(client: ClientId, clock: u64, state: Option<&str>) -> AwarenessEntry {
        AwarenessEntry { client, clock, state: state.map(str::to_owned) }
    }

    fn announced(presence: &mut Presence, now: Instant) -> Option<AwarenessEntry> {
        match presence.poll_message(now)? {
            Message::Awareness(bytes) => awareness::decode(&bytes).unwrap().pop(),
            other => panic!("not an announcement: {other:?}"),
        }
    }

    #[test]
    fn several_changes_of_a_task_are_one_announcement_of_the_latest() {
        let mut presence = connected();
        for state in ["1", "2", "3"] {
            presence.set(Some(state.to_owned()));
        }
        assert_eq!(announced(&mut presence, at(0)), Some(entry(ME, 3, Some("3"))));
        assert_eq!(announced(&mut presence, at(0)), None);
    }

    #[test]
    fn our_state_is_renewed_after_15_seconds_with_a_higher_clock() {
        let mut presence = connected();
        presence.set(Some("{}".to_owned()));
        announced(&mut presence, at(0));
        assert_eq!(presence.timeout(), Some(at(15)));
        presence.handle_timeout(at(15));
        assert_eq!(announced(&mut presence, at(15)), Some(entry(ME, 2, Some("{}"))));
    }

    #[test]
    fn what_came_from_others_is_never_sent_back() {
        let mut presence = connected();
        presence.handle_entries(vec![entry(ADA, 1, Some("{}"))], at(0));
        assert_eq!(announced(&mut presence, at(0)), None);
        assert_eq!(presence.states(), [(ADA, "{}".to_owned())]);
    }

    #[test]
    fn someone_not_heard_of_for_30_seconds_is_gone_and_later_forgotten() {
        let mut presence = connected();
        presence.handle_entries(vec![entry(ADA, 1, Some("{}"))], at(0));
        presence.poll_change();
        presence.handle_timeout(at(29));
        assert_eq!(presence.poll_change(), None);
        presence.handle_timeout(at(30));
        assert_eq!(presence.poll_change().unwrap().removed, [ADA]);
        presence.handle_timeout(at(60));
        assert_eq!(presence.timeout(), None);
    }

    #[test]
    fn an_older_or_repeated_state_changes_nothing_but_leaving_needs_no_higher_clock() {
        let mut presence = connected();
        presence.handle_entries(vec![entry(ADA, 5, Some("5"))], at(0));
        presence.handle_entries(vec![entry(ADA, 5, Some("again")), entry(ADA, 4, None)], at(1));
        assert_eq!(presence.states(), [(ADA, "5".to_owned())]);
        presence.handle_entries(vec![entry(ADA, 5, None)], at(1));
        assert_eq!(presence.states(), []);
        presence.handle_entries(vec![entry(ADA, 5, Some("late copy"))], at(2));
        assert_eq!(presence.states(), []);
    }

    #[test]
    fn a_claim_that_we_left_is_overruled() {
        let mut presence = connected();
        presence.set(Some("{}".to_owned()));
        announced(&mut presence, at(0));
        presence.handle_entries(vec![entry(ME, 7, None)], at(1));
        assert_eq!(announced(&mut presence, at(1)), Some(entry(ME, 8, Some("{}"))));
    }

    #[test]
    fn our_own_echo_is_not_answered() {
        let mut presence = connected();
        presence.set(Some("{}".to_owned()));
        let echo = announced(&mut presence, at(0)).unwrap();
        presence.handle_entries(vec![echo], at(0));
        assert_eq!(announced(&mut presence, at(0)), None);
    }

    #[test]
    fn losing_the_connection_empties_the_room_and_the_next_snapshot_fills_it_again() {
        let mut presence = connected();
        presence.handle_entries(vec![entry(ADA, 3, Some("{}"))], at(0));
        presence.poll_change();
        presence.handle_disconnected();
        assert_eq!(presence.poll_change().unwrap().removed, [ADA]);
        presence.handle_connected(at(1));
        presence.handle_entries(vec![entry(ADA, 3, Some("{}"))], at(1));
        assert_eq!(presence.poll_change().unwrap().added, [ADA]);
    }

    #[test]
    fn a_new_connection_announces_our_state_with_a_higher_clock() {
        let mut presence = connected();
        presence.set(Some("{}".to_owned()));
        announced(&mut presence, at(0));
        presence.handle_disconnected();
        presence.handle_connected(at(1));
        assert_eq!(announced(&mut presence, at(1)), Some(entry(ME, 2, Some("{}"))));
    }

    #[test]
    fn a_farewell_withdraws_what_was_announced_and_nothing_else() {
        let mut presence = connected();
        assert_eq!(presence.farewell(), None);
        presence.set(Some("{}".to_owned()));
        announced(&mut presence, at(0));
        let Some(Message::Awareness(bytes)) = presence.farewell() else { panic!("no farewell") };
        assert_eq!(awareness::decode(&bytes).unwrap(), [entry(ME, 1, None)]);
    }

    #[test]
    fn who_left_announces_nothing_until_the_return() {
        let mut presence = connected();
        presence.handle_returned(at(0));
        presence.set(Some("1".to_owned()));
        announced(&mut presence, at(0));
        presence.farewell();
        presence.set(Some("2".to_owned()));
        presence.handle_timeout(at(20));
        assert_eq!((announced(&mut presence, at(20)), presence.farewell()), (None, None));
        presence.handle_returned(at(40));
        assert_eq!(announced(&mut presence, at(40)), Some(entry(ME, 3, Some("2"))));
    }

    #[test]
    fn invented_clients_and_huge_states_are_bounded() {
        let mut presence = connected();
        let crowd = (10..20_000).map(|id| entry(ClientId(id), 1, Some("{}"))).collect();
        presence.handle_entries(crowd, at(0));
        assert_eq!(presence.states().len(), MAX_OTHERS);
        let huge = "x".repeat(MAX_STATE_BYTES + 1);
        presence.handle_entries(vec![entry(ClientId(10), 2, Some(&huge))], at(0));
        assert_eq!(presence.states()[0].1, "{}");
        presence.handle_entries(vec![entry(ME, (1 << 53) - 1, None)], at(0));
        assert_eq!(presence.clock, 0);
    }
}
