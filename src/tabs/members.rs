//! Decides which tabs are there, by which number people know them, and which of their edits are where.

use super::report::Row;
use crate::clock::{Duration, Instant};
use crate::ids::TabId;

/// The tabs that were heard of, this one first.
#[derive(Debug)]
pub(super) struct Members {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    row: Row,
    /// How many of its edits were taken in.
    taken: u64,
    /// Whether some of these wait for what they build on. As long as they do, none after them counts as applied.
    is_early: bool,
    /// How many of its edits are part of what is being written.
    writing: u64,
    presence: Presence,
}

/// Whether a tab is still there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Presence {
    /// It is this tab.
    Me,
    /// It was heard then.
    Here(Instant),
    /// It was told of, but not heard.
    Unheard,
    /// It left, or was not heard for too long.
    Gone,
}

impl Members {
    pub(super) fn new(me: TabId) -> Self {
        let row = Row { tab: me, label: 0, applied: 0, stored: 0 };
        Self { members: vec![Member { row, taken: 0, is_early: false, writing: 0, presence: Presence::Me }] }
    }

    /// Whether another tab listens.
    pub(super) fn has_others(&self) -> bool {
        self.members.iter().any(|member| matches!(member.presence, Presence::Here(_)))
    }

    /// The number of a tab for people, if it has one.
    pub(super) fn label(&self, tab: TabId) -> Option<u32> {
        self.find(tab).map(|member| member.row.label).filter(|label| *label > 0)
    }

    /// What the leader tells of the tabs.
    pub(super) fn rows(&mut self) -> Vec<Row> {
        self.give_labels();
        self.members.iter().map(|member| member.row).collect()
    }

    pub(super) fn note_heard(&mut self, tab: TabId, now: Instant) {
        self.member(tab).presence = Presence::Here(now);
    }

    pub(super) fn note_gone(&mut self, tab: TabId) {
        let member = self.member(tab);
        member.presence = Presence::Gone;
        member.row.label = 0;
        // What those who left have done stays of interest for a while: others may still wait to hear that it arrived.
        let gone: Vec<TabId> =
            self.members.iter().filter(|m| m.presence == Presence::Gone).map(|m| m.row.tab).collect();
        let too_many = gone.len().saturating_sub(MAX_GONE);
        let dropped: Vec<TabId> = gone.into_iter().take(too_many).collect();
        self.members.retain(|member| !dropped.contains(&member.row.tab));
    }

    /// Notes that an edit of a tab is part of the document.
    pub(super) fn note_applied(&mut self, tab: TabId, number: u64) {
        let member = self.member(tab);
        member.taken = member.taken.max(number);
        if !member.is_early {
            member.row.applied = member.taken;
        }
    }

    /// Notes that an edit of a tab waits for what it builds on.
    pub(super) fn note_early(&mut self, tab: TabId, number: u64) {
        let member = self.member(tab);
        member.taken = member.taken.max(number);
        member.is_early = true;
    }

    /// Notes that all edits of a tab are part of the document, whatever had waited.
    pub(super) fn note_caught_up(&mut self, tab: TabId, number: u64) {
        self.member(tab).is_early = false;
        self.note_applied(tab, number);
    }

    /// Notes that nothing waits any more.
    pub(super) fn note_complete(&mut self) {
        for member in self.members.iter_mut().filter(|member| member.is_early) {
            member.is_early = false;
            member.row.applied = member.taken;
        }
    }

    /// Notes that all that was taken in is being written.
    pub(super) fn note_writing(&mut self) {
        for member in &mut self.members {
            member.writing = member.row.applied;
        }
    }

    /// Notes that what was being written is stored.
    pub(super) fn note_stored(&mut self) {
        for member in &mut self.members {
            member.row.stored = member.row.stored.max(member.writing);
        }
    }

    /// Takes over by which numbers the leader knows the tabs, in case that this one has to lead. What it knows of their
    /// edits is not known here.
    pub(super) fn take_over(&mut self, rows: &[Row]) {
        for row in rows.iter().take(MAX_TABS) {
            self.member(row.tab).row.label = row.label;
        }
    }

    /// Takes tabs for gone that were silent for too long.
    pub(super) fn forget_silent(&mut self, now: Instant) {
        while let Some((_, tab)) = self.next_silent().filter(|(at, _)| *at <= now) {
            self.note_gone(tab);
        }
    }

    pub(super) fn timeout(&self) -> Option<Instant> {
        self.next_silent().map(|(at, _)| at)
    }

    fn next_silent(&self) -> Option<(Instant, TabId)> {
        let heard = self.members.iter().filter_map(|member| match member.presence {
            Presence::Here(heard) => Some((heard + SILENCE, member.row.tab)),
            Presence::Me | Presence::Unheard | Presence::Gone => None,
        });
        heard.min()
    }

    fn find(&self, tab: TabId) -> Option<&Member> {
        self.members.iter().find(|member| member.row.tab == tab)
    }

    fn member(&mut self, tab: TabId) -> &mut Member {
        let known = self.members.iter().position(|member| member.row.tab == tab);
        let index = known.unwrap_or_else(|| {
            let row = Row { tab, label: 0, applied: 0, stored: 0 };
            self.members.push(Member { row, taken: 0, is_early: false, writing: 0, presence: Presence::Unheard });
            self.members.len() - 1
        });
        // The index was found or made just now.
        #[expect(clippy::indexing_slicing)]
        &mut self.members[index]
    }

    /// Gives numbers to the tabs that have none, this one first: that is up to the leader.
    pub(super) fn give_labels(&mut self) {
        let mut taken = Vec::new();
        let is_there = |member: &&mut Member| member.presence != Presence::Gone;
        for member in self.members.iter_mut().filter(is_there) {
            // Tabs that led for a moment without knowing all others may have given the same twice.
            if taken.contains(&member.row.label) {
                member.row.label = 0;
            }
            taken.push(member.row.label);
        }
        for member in self.members.iter_mut().filter(is_there).filter(|member| member.row.label == 0) {
            member.row.label = (1..).find(|label| !taken.contains(label)).unwrap_or_default();
            taken.push(member.row.label);
        }
    }
}

/// How long a tab may be silent before it is taken for gone. Hidden ones say once a minute that they are there.
const SILENCE: Duration = Duration::from_secs(300);

/// How many tabs that left are remembered.
const MAX_GONE: usize = 64;

/// How many tabs a leader may claim to know.
const MAX_TABS: usize = 4096;
