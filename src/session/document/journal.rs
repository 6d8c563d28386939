//! Decides what is written down of a document beside its replica, and how a document takes the place of one that is lost.

use super::routing::Cause;
use super::{Document, problem};
use crate::clock::Instant;
use crate::ids::{LinkId, Origin};
use crate::replica::{FIRST_OTHER, KeptRecord, Poison, Refusal, read_records, write_other};
use crate::session::journal::{Calls, Care, Journal, Kept};
use crate::sync::{EditSet, News};
use crate::wire::{DecodeError, Reader, Writer};

/// What was handed out of a document that is kept.
#[derive(Debug, Default)]
pub(super) struct Handed {
    /// What the server has dropped.
    refused: EditSet,
    /// How often everything had been written.
    commits: u32,
    /// Whether the application may have done something that is kept as a call.
    has_calls: bool,
}

const UNSYNCED: u8 = FIRST_OTHER;
const REFUSED: u8 = FIRST_OTHER + 1;
const OPENED: u8 = FIRST_OTHER + 2;

impl Document {
    /// Takes the place of a document of which this is known, and is kept from here on.
    pub(in crate::session) fn take_over(&mut self, journal: &Journal, now: Instant) {
        self.rebuild(&journal.records);
        self.handed = Some(Handed { refused: self.refused.clone(), ..Handed::default() });
        self.replica.keep();
        self.unsynced.keep();
        self.take_early(&journal.records, now);
        if !journal.records.is_empty()
            && let Some(store) = &mut self.store
        {
            store.doubt(self.unsynced.count(), now);
        }
    }

    /// Whether something is to be kept.
    pub(in crate::session) fn has_kept(&mut self) -> bool {
        let is_settled = self.is_settled();
        let Some(handed) = &mut self.handed else { return false };
        handed.has_calls |= !is_settled;
        self.replica.has_kept()
            || self.unsynced.has_news()
            || handed.refused != self.refused
            || handed.has_calls && is_settled
    }

    /// What is to be kept.
    pub(in crate::session) fn poll_kept(&mut self) -> Kept<'_> {
        let is_settled = self.is_settled();
        if let Some(News { added, proven }) = self.unsynced.poll_news() {
            self.keep(UNSYNCED, &[&added, &proven]);
        }
        let mut calls = if is_settled { Calls::All } else { Calls::Pending };
        if let Some(handed) = &mut self.handed {
            let commits = self.replica.commits();
            if std::mem::replace(&mut handed.commits, commits) != commits && !is_settled {
                calls = Calls::Earlier;
            }
            handed.has_calls = !is_settled;
            if handed.refused != self.refused {
                handed.refused = self.refused.clone();
                self.keep(REFUSED, &[&self.refused.clone()]);
            }
        }
        Kept { records: self.replica.poll_kept().unwrap_or_default(), calls }
    }

    /// Notes the end of a task: calls that have changed nothing are not to be kept for ever.
    pub(in crate::session) fn note_calls(&mut self) {
        self.handed.iter_mut().for_each(|handed| handed.has_calls = true);
    }

    /// Notes that the application was told that the document is open.
    pub(super) fn keep_opened(&mut self) {
        self.keep(OPENED, &[]);
    }

    /// Everything that is to be kept, as few records.
    pub(in crate::session) fn checkpoint(&mut self) -> Option<Vec<u8>> {
        self.handed.as_ref()?;
        if self.has_kept() || !self.is_settled() || self.is_catching_up() || self.replica.has_collected() {
            return None;
        }
        let mut records = self.replica.checkpoint();
        write_other(&mut records, UNSYNCED, &written(&[self.unsynced.set(), &EditSet::default()]));
        if !self.refused.is_empty() {
            write_other(&mut records, REFUSED, &written(&[&self.refused]));
        }
        if self.has_reported_opening {
            write_other(&mut records, OPENED, &[]);
        }
        Some(records)
    }

    /// Takes in records as changes that the application is told of.
    pub(in crate::session) fn replay(&mut self, records: &[u8], now: Instant) {
        for record in read_records(records) {
            match record {
                Ok(KeptRecord::Committed(origin, update)) => {
                    let (link, cause) = match origin {
                        Origin::Local => (LinkId::JOURNAL, Cause::Here),
                        Origin::Link(LinkId::DISK) => (LinkId::DISK, Cause::Load),
                        Origin::Link(link) => (link, Cause::Here),
                    };
                    let applied = self.apply_from(cause, update, link, now);
                    self.commit(now);
                    drop(applied);
                }
                // Those of the replica are no other than in a journal that is taken in in silence.
                Ok(KeptRecord::Other(OPENED, _)) => {}
                Ok(record) => self.take_record(&record),
                Err(refusal) => self.problems.push_back(problem(&refusal)),
            }
        }
        self.take_early(records, now);
    }

    /// Takes in records in silence.
    fn rebuild(&mut self, records: &[u8]) {
        for record in read_records(records) {
            let taken = match record {
                Ok(KeptRecord::Committed(origin, update)) => self.rebuild_change(origin, update),
                Ok(KeptRecord::Opened(..) | KeptRecord::Given(_)) => Ok(()),
                Ok(record) => {
                    self.take_record(&record);
                    Ok(())
                }
                Err(refusal) => Err(refusal),
            };
            self.problems.extend(taken.err().map(|refusal| problem(&refusal)));
        }
        // Those that are gone by the end were gone when the session was lost.
        self.replica.complete();
        let types = read_records(records).flatten();
        types.filter(|record| !matches!(record, KeptRecord::Other(..))).for_each(|record| self.take_record(&record));
        self.replica.end_rebuilding();
        // What the disk or another tab says to be unsynced comes with what it is about.
        self.unsynced.settle(&self.unsynced.set().without(&self.content()));
    }

    fn rebuild_change(&mut self, origin: Origin, update: &[u8]) -> Result<(), Refusal> {
        let (news, _) = self.replica.rebuild(update)?;
        let is_held = matches!(origin, Origin::Link(LinkId::SERVER | LinkId::LEADER | LinkId::DISK));
        if !is_held {
            self.unsynced.note_change(&news);
        }
        Ok(())
    }

    /// Takes in what a record says that is no change.
    fn take_record(&mut self, record: &KeptRecord<'_>) {
        match record {
            // A type that is gone is one to whoever has the handle.
            KeptRecord::Opened(id, opened) => drop(self.replica.rebuild_type(*id, opened)),
            KeptRecord::Given(given) => self.replica.rebuild_given(*given),
            KeptRecord::Other(tag, content) => drop(self.take_other(*tag, content)),
            KeptRecord::Committed(..) | KeptRecord::Held(..) => {}
        }
    }

    fn take_other(&mut self, tag: u8, content: &[u8]) -> Result<(), DecodeError> {
        let mut reader = Reader::new(content);
        match tag {
            UNSYNCED => {
                let (added, proven) = (EditSet::decode(&mut reader)?, EditSet::decode(&mut reader)?);
                self.unsynced.extend(&added);
                self.unsynced.settle(&proven);
            }
            REFUSED => self.refused = EditSet::decode(&mut reader)?,
            OPENED => self.has_reported_opening = true,
            _ => {}
        }
        Ok(())
    }

    /// Holds back again what had come early: behind everything else, as it is only early by that.
    fn take_early(&mut self, records: &[u8], now: Instant) {
        for record in read_records(records).flatten() {
            if let KeptRecord::Held(link, update) = record {
                drop(self.apply_from(Cause::Here, update, link, now));
                self.commit(now);
            }
        }
    }

    /// Whether nothing is kept as a call: nothing is pending, and nothing that the application brought waits.
    fn is_settled(&self) -> bool {
        let is_brought = self.collected.is_some_and(|collected| collected.link == LinkId::APPLICATION);
        let waits = is_brought && self.replica.has_collected();
        !waits && !self.replica.has_pending()
    }

    fn keep(&mut self, tag: u8, sets: &[&EditSet]) {
        self.replica.keep_other(tag, &written(sets));
    }

    pub(in crate::session) fn be_careful(&mut self, _now: Instant) {
        let _ = Care::Extreme;
    }

    pub(in crate::session) fn quarantine(&mut self, _poison: Poison) {}
}

fn written(sets: &[&EditSet]) -> Vec<u8> {
    let mut writer = Writer::new();
    sets.iter().for_each(|set| set.encode(&mut writer));
    writer.into_vec()
}
