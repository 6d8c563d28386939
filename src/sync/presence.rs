//! Decides who is known to be here: the y-protocols awareness states of the others, and when ours is announced.
//!
//! A state is opaque JSON text. The latest wins, several changes within a task are one announcement, and what came from
//! the other side is never sent back. Events of the application travel in it ([`Broadcasts`]) and are hidden here: who only
//! tells events is not shown to be here.

mod telling;

use super::broadcasts::{Broadcasts, Hearing};
use super::roll_call::RollCall;
use crate::clock::{Instant, earliest};
use crate::config::PresenceConfig;
use crate::ids::{ClientId, LinkId};
use crate::rng::Rng;
use crate::sorted::SortedMap;
use crate::wire::{AwarenessEntry, Message, Shown, awareness};

/// Above this many others, states of further clients are ignored: a peer may invent as many as it likes.
const MAX_OTHERS: usize = 10_000;

/// A state longer than this is taken for one that cannot be read, in bytes of JSON.
const MAX_STATE_BYTES: usize = 288 << 10;

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
    /// Tabs of this browser that were not heard of for too long: only this one knows, so it says that they left. And
    /// whom a roll call names.
    gone: Vec<AwarenessEntry>,
    roll_call: RollCall,
    broadcasts: Broadcasts,
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
    /// Other tabs were told, the server is to be told.
    Previewed,
    /// It was told then.
    Made(Instant),
    /// It was told that we left. Nothing more is told until we return.
    Withdrawn,
}

#[derive(Debug)]
struct Other {
    clock: u64,
    /// What it shows of itself, if that can be read.
    state: Option<String>,
    standing: Standing,
    seen: Instant,
    /// Over which link it was heard: it is not here any more when that is lost.
    via: LinkId,
}

/// Whether a client is there, whether or not it shows itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Here,
    /// It has left: the clock stays known for a while, so that a late copy does not revive it.
    Gone,
}

impl Presence {
    /// Starts with nobody here and no state of our own.
    pub fn new(client: ClientId, config: PresenceConfig, rng: Rng) -> Self {
        Self {
            config,
            client,
            clock: 0,
            state: None,
            announcement: Announcement::Offline,
            others: SortedMap::new(),
            gone: Vec::new(),
            roll_call: RollCall::new(rng),
            broadcasts: Broadcasts::default(),
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
        self.announce_anew();
    }

    /// Announces our state again, although it is the same: the other side answers with an echo.
    ///
    /// Returns whether there is a state to announce.
    pub fn renew(&mut self) -> bool {
        let is_seen = self.is_seen();
        if is_seen {
            self.announce_anew();
        }
        is_seen
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
        self.broadcasts.handle_came(now);
        self.renew();
    }

    /// Notes that a link is lost: nothing is known any more of those who were heard over it.
    ///
    /// Their clocks are forgotten too, so that the snapshot of the next connection is taken as it comes.
    pub fn handle_lost(&mut self, link: LinkId) {
        let lost = self.others.iter().filter(|(_, other)| other.via == link && other.state.is_some());
        self.changes.removed.extend(lost.map(|(id, _)| *id));
        self.others.retain(|_, other| other.via != link);
        if link == LinkId::SERVER {
            self.roll_call.handle_lost();
            self.broadcasts.handle_lost();
        }
    }

    /// Notes that the server has answered. If it does not say soon who is here, those who are are asked.
    pub fn handle_synced(&mut self, now: Instant) {
        self.roll_call.handle_synced(now);
    }

    /// Notes that somebody asks who is here: our state is announced again soon, but not by all at once.
    pub fn handle_call(&mut self, now: Instant) {
        if self.state.is_some() {
            self.roll_call.handle_call(now);
        }
    }

    /// How many others are here.
    pub fn crowd(&self) -> u64 {
        self.others.iter().filter(|(_, other)| other.state.is_some()).count() as u64
    }

    /// Whether this client is ours.
    pub fn is_own(&self, client: ClientId) -> bool {
        client == self.client
    }

    /// Whether this client is known to be here.
    pub fn knows(&self, client: ClientId) -> bool {
        self.is_own(client) || self.others.get(&client).is_some_and(|other| other.standing == Standing::Here)
    }

    /// Notes that somebody can be told of our state from here on, who knows it by now.
    pub fn handle_reachable(&mut self, now: Instant) {
        if self.announcement == Announcement::Offline {
            self.announcement = Announcement::Made(now);
        }
    }

    /// Notes that nobody can be told of our state any more.
    pub const fn handle_unreachable(&mut self) {
        self.announcement = Announcement::Offline;
    }

    /// Takes in states that came over a link.
    pub fn handle_entries(&mut self, entries: Vec<AwarenessEntry>, via: LinkId, hearing: Hearing, now: Instant) {
        for entry in entries {
            if entry.client == self.client {
                self.handle_claim_about_us(&entry);
            } else {
                self.handle_other(entry, via, hearing, now);
            }
        }
    }

    /// Everything that is known, for somebody who knows nothing yet; nothing if nobody is here.
    pub fn snapshot(&self) -> Option<Vec<u8>> {
        let own = self.state.iter().map(|state| (self.client, self.clock, state));
        let others = self.others.iter().filter_map(|(id, other)| Some((*id, other.clock, other.state.as_ref()?)));
        let entries = own.chain(others).map(|(client, clock, state)| AwarenessEntry {
            client,
            clock,
            state: Shown::State(state.clone()),
        });
        let entries: Vec<AwarenessEntry> = entries.collect();
        (!entries.is_empty()).then(|| awareness::encode(&entries))
    }

    /// Announces our state when asked for it.
    pub fn handle_query(&mut self) {
        if self.state.is_some() {
            self.make_due();
        }
    }

    /// Renews our state and forgets others that were not heard of.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.broadcasts.expire(now) {
            self.announce_anew();
        }
        if self.roll_call.is_reply_due(now) || self.renewal().is_some_and(|at| at <= now) {
            self.renew();
        }
        if self.roll_call.is_call_due(now) && !self.hears_others() && !self.is_silent() {
            self.gone.push(self.roll_call.call());
        }
        let expire = self.config.expire;
        for (id, other) in self.others.iter_mut() {
            if other.seen + expire <= now && other.standing == Standing::Here {
                other.standing = Standing::Gone;
                self.changes.removed.extend(other.state.take().map(|_| *id));
                if other.via == LinkId::TAB {
                    self.gone.push(AwarenessEntry { client: *id, clock: other.clock, state: Shown::Gone });
                }
            }
        }
        self.others.retain(|_, other| other.standing == Standing::Here || now < other.seen + expire * 2);
    }

    /// When [`Presence::handle_timeout`] is due next.
    pub fn timeout(&self) -> Option<Instant> {
        let expire = self.config.expire;
        let forget = |other: &Other| other.seen + if other.standing == Standing::Here { expire } else { expire * 2 };
        let forget = self.others.iter().map(|(_, other)| forget(other)).min();
        earliest(&[forget, self.renewal(), self.roll_call.timeout(), self.broadcasts.timeout()])
    }

    /// The announcement that is due, if any.
    pub fn poll_message(&mut self, now: Instant) -> Option<Message> {
        if !self.gone.is_empty() {
            return Some(Message::Awareness(awareness::encode(&std::mem::take(&mut self.gone))));
        }
        if !matches!(self.announcement, Announcement::Due | Announcement::Previewed) {
            return None;
        }
        self.announcement = Announcement::Made(now);
        let state = self.broadcasts.announce(self.state.as_deref(), now);
        Some(Message::Awareness(self.announce(state)))
    }

    /// Our state for the other tabs, once, where the announcement that is due has to wait for the server.
    pub fn preview(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.announcement != Announcement::Due {
            return None;
        }
        self.announcement = Announcement::Previewed;
        Some(self.announce(self.broadcasts.preview(self.state.as_deref(), now)))
    }

    /// What to say when leaving: our state is withdrawn, with the clock it had. Nothing more is announced after it,
    /// until [`Presence::handle_returned`].
    pub fn farewell(&mut self) -> Option<Message> {
        if !self.is_seen() || self.is_silent() {
            return None;
        }
        self.broadcasts.clear();
        self.announcement = Announcement::Withdrawn;
        Some(Message::Awareness(self.announce(None)))
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

    /// Whether the others are told anything of us.
    const fn is_seen(&self) -> bool {
        self.state.is_some() || !self.broadcasts.is_empty()
    }

    fn announce_anew(&mut self) {
        self.clock = self.clock.saturating_add(1);
        self.make_due();
    }

    fn make_due(&mut self) {
        if !self.is_silent() {
            self.announcement = Announcement::Due;
        }
    }

    fn is_silent(&self) -> bool {
        matches!(self.announcement, Announcement::Offline | Announcement::Withdrawn)
    }

    /// Whether somebody was heard over the connection, possibly only to have left.
    fn hears_others(&self) -> bool {
        self.others.iter().any(|(_, other)| other.via == LinkId::SERVER)
    }

    fn renewal(&self) -> Option<Instant> {
        match (self.announcement, &self.state) {
            (Announcement::Made(at), Some(_)) => Some(at + self.config.renew),
            _ => None,
        }
    }

    fn announce(&self, state: Option<String>) -> Vec<u8> {
        let state = Shown::from(state);
        awareness::encode(&[AwarenessEntry { client: self.client, clock: self.clock, state }])
    }

    /// Nobody else may say where we are: a newer claim, or one that we left, is overruled.
    fn handle_claim_about_us(&mut self, claim: &AwarenessEntry) {
        if claim.clock >= MAX_CLAIMED_CLOCK {
            return;
        }
        let says_we_left = claim.state == Shown::Gone && claim.clock == self.clock && self.is_seen();
        if claim.clock > self.clock || says_we_left {
            self.clock = claim.clock + 1;
            self.make_due();
        }
    }

    fn handle_other(&mut self, entry: AwarenessEntry, via: LinkId, hearing: Hearing, now: Instant) {
        let AwarenessEntry { client, clock, state } = entry;
        let standing = if state == Shown::Gone { Standing::Gone } else { Standing::Here };
        let known = self.others.get(&client).map(|other| (other.clock, other.standing));
        let is_newer = known.is_none_or(|(before, _)| before < clock);
        if is_newer && standing == Standing::Gone && !self.knows(client) && via != LinkId::TAB {
            self.handle_call(now);
        }
        // Heard from the tab itself: it is here whatever becomes of the server.
        if via == LinkId::TAB
            && known == Some((clock, standing))
            && let Some(other) = self.others.get_mut(&client)
        {
            other.via = via;
        }
        let leaves = standing == Standing::Gone && known == Some((clock, Standing::Here));
        if (!is_newer && !leaves) || (known.is_none() && self.others.len() >= MAX_OTHERS) {
            return;
        }
        let state = match state {
            Shown::State(state) if state.len() <= MAX_STATE_BYTES => self.take_apart(client, state, via, hearing, now),
            _ => None,
        };
        match (self.others.get(&client).and_then(|other| other.state.as_ref()), &state) {
            (None, Some(_)) => self.changes.added.push(client),
            (Some(_), None) => self.changes.removed.push(client),
            (Some(old), Some(new)) if old != new => self.changes.updated.push(client),
            _ => {}
        }
        self.others.insert(client, Other { clock, state, standing, seen: now, via });
    }
}

#[cfg(test)]
mod tests;
