//! Decides what is written down of a document beside its replica, and how a document takes the place of one that is lost.

use super::routing::Cause;
use super::{Document, problem};
use crate::clock::Instant;
use crate::ids::{LinkId, Origin};
use crate::replica::{FIRST_OTHER, KeptRecord, Poison, Refusal, Stage, read_records, write_other};
use crate::session::journal::{Calls, Journal, Kept};
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
    /// Whether something was handed out of which no output tells.
    is_unreported: bool,
}

const UNSYNCED: u8 = FIRST_OTHER;
const REFUSED: u8 = FIRST_OTHER + 1;
const OPENED: u8 = FIRST_OTHER + 2;
const POISON: u8 = FIRST_OTHER + 3;

impl Document {
    /// Takes the place of a document of which this is known, and is kept from here on.
    pub(in crate::session) fn take_over(&mut self, journal: &Journal, now: Instant) {
        self.care.take(journal.care);
        self.replica.set_care(journal.care);
        self.quarantine(&journal.poison);
        self.rebuild(&journal.records);
        self.handed = Some(Handed { refused: self.refused.clone(), ..Handed::default() });
        self.replica.keep();
        self.unsynced.keep();
        journal.poison.iter().for_each(|poison| self.replica.keep_other(POISON, &written_poison(poison)));
        self.take_early(&journal.records, now);
        self.doubt_only_what_is_here();
        if !journal.records.is_empty()
            && let Some(store) = &mut self.store
        {
            store.doubt(self.unsynced.count(), now);
        }
    }

    /// Whether something is to be kept.
    pub(in crate::session) fn has_kept(&mut self) -> bool {
        let (is_settled, is_reported) = (self.is_settled(), self.is_reported());
        let commits = self.replica.commits();
        let Some(handed) = &mut self.handed else { return false };
        // Said at once, as what is done next would be taken for earlier too; and not at all where there was no call.
        let has_written = handed.has_calls && handed.commits != commits;
        if !handed.has_calls {
            handed.commits = commits;
        }
        handed.has_calls |= !is_settled;
        handed.is_unreported |= !is_reported;
        self.replica.has_kept()
            || self.unsynced.has_news()
            || handed.refused != self.refused
            || has_written
            || handed.has_calls && is_settled
            || handed.is_unreported && is_reported
    }

    /// What is to be kept.
    pub(in crate::session) fn poll_kept(&mut self) -> Kept<'_> {
        let (is_settled, is_reported) = (self.is_settled(), self.is_reported());
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
            handed.is_unreported = !is_reported;
            if handed.refused != self.refused {
                handed.refused = self.refused.clone();
                self.keep(REFUSED, &[&self.refused.clone()]);
            }
        }
        Kept { records: self.replica.poll_kept().unwrap_or_default(), calls, is_reported }
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
        let is_told = self.is_reported() && !self.replica.has_committed();
        let is_whole = self.is_settled() && !self.is_catching_up() && !self.replica.has_collected();
        if self.has_kept() || !is_told || !is_whole {
            return None;
        }
        let mut records = self.replica.checkpoint();
        write_other(&mut records, UNSYNCED, &written(&[self.unsynced.set(), &EditSet::default()]));
        if !self.refused.is_empty() {
            write_other(&mut records, REFUSED, &written(&[&self.refused]));
        }
        for poison in self.replica.poison() {
            write_other(&mut records, POISON, &written_poison(poison));
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
                        Origin::Local => (LinkId::JOURNAL, Cause::Journal),
                        Origin::Link(LinkId::DISK) => (LinkId::DISK, Cause::Load),
                        Origin::Link(link) => (link, Cause::Journal),
                    };
                    drop(self.apply_from(cause, update, link, now));
                    self.commit(now);
                }
                // Those of the replica are no other than in a journal that is taken in in silence.
                Ok(KeptRecord::Other(OPENED, _)) => {}
                Ok(record) => self.take_record(&record),
                Err(refusal) => self.problems.push_back(problem(&refusal)),
            }
        }
        self.take_early(records, now);
    }

    /// Keeps out what has killed sessions. The application is told of each once in every session.
    fn quarantine(&mut self, poison: &[Poison]) {
        for poison in poison {
            if !self.replica.poison().contains(poison) {
                self.replica.quarantine(poison.clone());
                self.problems.push_back(problem(&Refusal::Quarantined));
            }
        }
    }

    /// Takes in records in silence.
    fn rebuild(&mut self, records: &[u8]) {
        // First, or it would kill this session too.
        let poison = read_records(records).flatten().filter_map(|record| match record {
            KeptRecord::Other(POISON, content) => read_poison(content),
            _ => None,
        });
        self.quarantine(&poison.collect::<Vec<_>>());
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
    }

    /// What the disk or another tab says to be unsynced comes with what it is about.
    fn doubt_only_what_is_here(&mut self) {
        let mut here = self.content();
        here.elements.extend(self.replica.ends_left_out().into_iter().map(|(client, end)| (client, 0..end)));
        self.unsynced.settle(&self.unsynced.set().without(&here));
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

    /// Whether the application was told, or is about to be, of everything that has happened.
    fn is_reported(&self) -> bool {
        // What was not routed yet is told as an update only then.
        let has_updates = self.updates.as_ref().is_some_and(|told| !told.is_empty() || self.replica.has_committed());
        !has_updates && !self.replica.has_news()
    }

    fn keep(&mut self, tag: u8, sets: &[&EditSet]) {
        self.replica.keep_other(tag, &written(sets));
    }
}

fn written(sets: &[&EditSet]) -> Vec<u8> {
    let mut writer = Writer::new();
    sets.iter().for_each(|set| set.encode(&mut writer));
    writer.into_vec()
}

fn written_poison(poison: &Poison) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.var_uint(poison.stage.number().into());
    writer.bytes(&poison.update);
    writer.into_vec()
}

fn read_poison(content: &[u8]) -> Option<Poison> {
    let mut reader = Reader::new(content);
    let stage = Stage::of(u32::try_from(reader.var_uint().ok()?).ok()?)?;
    Some(Poison { stage, update: reader.bytes().ok()?.to_vec() })
}
