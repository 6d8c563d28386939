//! Decides what a simulated tab is: an application with one document, and what it was told so far.

use crate::client::Client;
use std::ops::{Deref, DerefMut};
use syncline::clock::Instant;
use syncline::config::Config;
use syncline::credential::Source;
use syncline::ids::ClientId;
use syncline::replica::IdRanges;
use syncline::session::DocumentSetup;
use syncline::sync::EditSet;
use syncline::wire::{Protocol, Route};

/// An application in a tab.
pub struct Tab {
    pub client: Client,
    /// Whether it shares the connection and the store with other tabs.
    pub is_shared: bool,
    /// No timer runs before this time: the machine sleeps.
    pub asleep_until: Instant,
    /// Timers run only at multiples of this many milliseconds.
    pub pace: u64,
    /// Nothing reaches the tab before this.
    pub hung_until: Instant,
    /// Whether it listens to the others.
    pub is_joined: bool,
    /// Counts the requests for the lock: news about earlier ones is dropped.
    pub request: u32,
    /// Counts the times that it joined: letters of earlier ones are dropped.
    pub joined: u32,
    /// Whether another tab took the lock, whether or not this one has heard of it.
    pub is_deposed: bool,
    /// Whether the browser closed the database and this tab has not heard of it: whatever it asks for fails.
    pub has_closed_handle: bool,
    /// Whether the disk once did not answer it, so that nobody can tell what became of what it wrote.
    pub was_ignored: bool,
    /// Whether it wrote to the disk since that was looked at.
    pub has_written: bool,
    /// The elements that were deleted here.
    own_deletions: IdRanges,
    /// Whether edits were made that are not committed.
    pub is_editing: bool,
    /// Whether edits were sealed that the session was not asked to commit.
    pub is_uncommitted: bool,
    /// Which of what was made here was said to be stored.
    claimed: EditSet,
}

impl Tab {
    pub fn open(id: ClientId, is_shared: bool, config: Config, seed: u64, now: Instant) -> Self {
        let setup = DocumentSetup {
            route: Route::Only,
            client: id,
            is_stored: true,
            is_shared,
            token: Source::None,
            journal: None,
        };
        Self {
            client: Client::open(setup, Protocol::YWebsocket, config, seed, now),
            is_shared,
            asleep_until: now,
            pace: 1,
            hung_until: now,
            is_joined: false,
            request: 0,
            joined: 0,
            is_deposed: false,
            has_closed_handle: false,
            was_ignored: false,
            has_written: false,
            own_deletions: IdRanges::default(),
            is_editing: false,
            is_uncommitted: false,
            claimed: EditSet::default(),
        }
    }

    /// When its timer runs.
    pub fn timer(&self) -> Option<Instant> {
        let at = self.deadline?.max(self.asleep_until).max(self.hung_until);
        Some(if self.pace > 1 { Instant::from_millis(at.as_millis().next_multiple_of(self.pace)) } else { at })
    }

    /// Ends the transaction of the edits that were made here, so that what they delete is known to be deleted here.
    pub fn seal(&mut self) {
        if !std::mem::take(&mut self.is_editing) {
            return;
        }
        self.is_uncommitted = true;
        let (doc, own_deletions) = (self.doc, &mut self.own_deletions);
        let sealed = self.client.session.edit(doc, |replica| {
            let before = replica.deletions().clone();
            replica.commit();
            let mut new = replica.deletions().clone();
            new.subtract(&before);
            own_deletions.extend(new.iter());
            Ok(())
        });
        sealed.unwrap();
    }

    /// What was said to be stored is not there any more, and has to be said again.
    pub fn unclaim(&mut self) {
        self.claimed = EditSet::default();
    }

    /// What was made here.
    pub fn own(&mut self) -> EditSet {
        let (doc, id) = (self.doc, self.id);
        let clock = self.client.session.edit(doc, |replica| Ok(replica.own_clock())).unwrap();
        let elements = [(id, 0..clock)].into_iter().collect();
        EditSet { elements, deletions: self.own_deletions.clone() }
    }

    /// What was made here and not claimed to be stored before.
    pub fn claim(&mut self) -> EditSet {
        let own = self.own();
        let new = own.without(&self.claimed);
        self.claimed = own;
        new
    }
}

impl Deref for Tab {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Tab {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
