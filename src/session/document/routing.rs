//! Decides where a change goes: to every link but the one it came from, and what it means for what is unsynced.

use super::{Document, problem};
use crate::clock::Instant;
use crate::ids::{LinkId, Origin, TabId};
use crate::replica::{Applied, Committed, Refusal};
use crate::session::output::Problem;
use crate::store::Urgency;
use crate::sync::{EditSet, Told};

/// What has led to a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// The application, the server, or what was let in by them.
    Here,
    /// An edit of another tab, with its number.
    Letter(TabId, u64),
    /// Reading the disk.
    Load,
    /// Reading a journal, which says apart what was proven.
    Journal,
}

impl Document {
    /// Takes in an update that came over `link`; whatever it changes is routed on with the next commit.
    pub(in crate::session) fn apply(&mut self, update: &[u8], link: LinkId, now: Instant) -> Result<Applied, Refusal> {
        self.apply_from(Cause::Here, update, link, now)
    }

    pub(super) fn apply_from(
        &mut self,
        cause: Cause,
        update: &[u8],
        link: LinkId,
        now: Instant,
    ) -> Result<Applied, Refusal> {
        // What came over another link has to be routed first: this update may prove it.
        if self.collected.is_some_and(|collected| collected.link != link) {
            self.commit(now);
        } else if self.replica.has_pending() {
            self.commit_edits(now);
        }
        let applied = self.replica.collect(update, link);
        self.note_collected(link, cause, now);
        // The edits of other tabs are told apart by their numbers.
        if cause != Cause::Here {
            self.commit(now);
        }
        self.note_applied(&applied, link);
        match &applied {
            Ok(applied) => {
                let told =
                    applied.refused.iter().filter(|refusal| link != LinkId::SERVER || self.complaints.is_news(refusal));
                self.problems.extend(told.map(problem));
                if link == LinkId::SERVER && cause != Cause::Journal {
                    self.note_evidence(&applied.evidence);
                }
            }
            Err(refusal) => {
                let problem = problem(refusal);
                if link == LinkId::SERVER {
                    self.complain(refusal, problem, update, now);
                } else {
                    self.problems.push_back(problem);
                }
            }
        }
        self.judge_completeness(now);
        applied
    }

    /// Tells the application what was refused of the server, once, and asks for something else.
    fn complain(&mut self, refusal: &Refusal, problem: Problem, update: &[u8], now: Instant) {
        let Told { is_news, ask_after } = self.complaints.note(refusal, update, now);
        if let Some(interval) = ask_after {
            self.resync.request_after(interval, now);
        }
        if is_news {
            self.problems.push_back(problem.clone());
        }
        if ask_after.is_some() || !self.is_synced() {
            self.trouble = Some(problem);
        }
    }

    /// Whether the server has said over this connection what it holds. Peers have not: any of them may hold anything.
    fn has_heard_of_server(&self) -> bool {
        self.peers.is_none() && self.dialogue.has_answered()
    }

    /// Hands what was committed to every link but the one it came from.
    pub(super) fn route_committed(&mut self, cause: Cause, now: Instant) {
        while let Some(Committed { origin, update, ranges }) = self.replica.poll_committed() {
            let edits = EditSet::from(&ranges);
            if let Some(updates) = &mut self.updates {
                updates.push_back((update.clone(), origin));
            }
            let is_held = match origin {
                Origin::Link(LinkId::SERVER | LinkId::LEADER) => true,
                // The disk says itself what is unsynced, but not of what had waited here since it was read, nor of what the
                // server has lost, and by now has said so.
                Origin::Link(LinkId::DISK) => cause == Cause::Load && !self.has_heard_of_server(),
                Origin::Local | Origin::Link(_) => false,
            };
            // Before it is told, so that no other tab takes it for held.
            match origin {
                _ if is_held => {}
                // Whoever rebuilds the document cannot see the cause.
                Origin::Link(LinkId::DISK) => self.unsynced.extend(&edits),
                Origin::Local | Origin::Link(_) => self.unsynced.note_change(&ranges),
            }
            match origin {
                Origin::Local | Origin::Link(LinkId::APPLICATION) => self.tabs.note_edit(&update, &ranges),
                Origin::Link(LinkId::TAB) => match cause {
                    Cause::Letter(tab, number) => self.tabs.note_heard(tab, number, &ranges),
                    // It had waited here, and nobody may have told the leader meanwhile.
                    Cause::Here | Cause::Load | Cause::Journal => self.tabs.owe(edits.clone(), 0),
                },
                Origin::Link(_) => {
                    let unsynced = self.unsynced.set();
                    self.tabs.relay(&update, || edits.within(unsynced));
                }
            }
            if let Some(store) = self.store.as_mut().filter(|_| origin != Origin::Link(LinkId::DISK)) {
                let (count, urgency) = if is_held { (0, Urgency::Soon) } else { (edits.len(), Urgency::Now) };
                store.note_change(update.clone(), count, urgency, now);
            }
            if origin != Origin::Link(LinkId::SERVER) {
                self.send_on(update, edits);
            }
        }
    }
}
