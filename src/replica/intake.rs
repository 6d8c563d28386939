//! Decides what yrs is given, and in which order: only what is complete, and nothing that is known already.

mod left_out;

use super::gate::{Backlog, Id, Line, Parsed, Quarantine, Ready, Spot, Table, admit, parse, undoubted};
use super::holdback::HoldBack;
use super::{Care, EditError, IdRanges, Inconsistency, Kind, Ranges, Refusal};
use crate::ids::{ClientId, Clock, LinkId};
use left_out::LeftOut;
use std::ops::Range;

/// The way of every change into the document.
///
/// What [`Self::offer`] lets in counts as being in the document from then on: it has to be taken with
/// [`Self::poll_ready`] and applied, in that order. The same holds for the changes reported with [`Self::note_local`].
#[derive(Debug)]
pub struct Intake {
    table: Table,
    deleted: IdRanges,
    /// In whose name the document writes.
    own: ClientId,
    held: HoldBack,
    backlog: Backlog,
    quarantine: Quarantine,
    left_out: LeftOut,
}

/// What became of an update.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Everything the update names, and does not contradict: whoever sent it holds all of that.
    pub evidence: Ranges,
    /// Whether the update went in.
    pub outcome: Outcome,
    /// What was dropped, with the link it came from: parts of this update, or of earlier ones that had waited.
    pub refused: Vec<(LinkId, Refusal)>,
}

/// Whether an update went in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything it says is in the document already.
    Known,
    /// All of it went in.
    Ready,
    /// Some of it waits for what it builds on. What is complete went in.
    Held,
}

impl Intake {
    /// The intake of an empty document that writes as `own`, holds back up to `max_held_bytes`, and gives yrs `portion` at once of what can
    /// wait.
    pub fn new(own: ClientId, max_held_bytes: usize, portion: usize) -> Self {
        Self {
            table: Table::default(),
            deleted: IdRanges::default(),
            own,
            held: HoldBack::new(max_held_bytes),
            backlog: Backlog::new(portion),
            quarantine: Quarantine::default(),
            left_out: LeftOut::default(),
        }
    }

    /// Takes an update from outside.
    ///
    /// # Errors
    /// The update is no update, contradicts the document, or cannot be read or held back. Nothing of it is kept.
    pub fn offer(&mut self, update: &[u8], from: LinkId) -> Result<Offer, Refusal> {
        if self.quarantine.refuses(update) {
            return Err(Refusal::Quarantined);
        }
        #[cfg(any(test, feature = "faults"))]
        super::faults::strike(super::faults::Site::Gate, update);
        let parsed = parse(update)?;
        let ranges = parsed.ranges();
        self.require_names(&ranges)?;
        let is_known = self.knows(&ranges);
        let evidence = undoubted(ranges, &parsed.doubtful(&self.table));
        let mut offer = Offer { evidence, outcome: Outcome::Known, refused: Vec::new() };
        if !is_known {
            let mut advanced = Vec::new();
            offer.outcome = self.take(&parsed, update, from, &mut advanced, &mut offer.refused)?;
            self.release(advanced, &mut offer.refused);
        }
        Ok(offer)
    }

    /// Has yrs given every block by itself, or what is usual again.
    pub fn set_care(&mut self, care: Care) {
        self.backlog.set_care(care);
    }

    /// What yrs is to be given next: what was let in since, in parts that may hold several updates of one link.
    pub fn poll_ready(&mut self) -> Option<Ready> {
        self.backlog.pop()
    }

    /// Whether something was let in that yrs was not given yet.
    pub const fn is_ahead(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// How much of it is still growing, counted in small blocks.
    pub const fn growing(&self) -> usize {
        self.backlog.growing()
    }

    /// Whether that is so much that it is not to be given at once, and can wait.
    pub fn is_far_ahead(&self) -> bool {
        self.backlog.is_long()
    }

    /// Enters a change that was made here and is in yrs already; returns what it names.
    ///
    /// # Errors
    /// The change does not fit what is known of the document, which is a defect of whoever made it.
    pub fn note_local(&mut self, update: &[u8]) -> Result<Ranges, Refusal> {
        let parsed = parse(update)?;
        // What is made here is in yrs.
        admit(&mut self.table, &parsed, &Quarantine::default())?;
        let ranges = parsed.ranges();
        self.deleted.extend(ranges.deletes.iter().cloned());
        Ok(ranges)
    }

    /// Makes a root what the application opens it as.
    ///
    /// # Errors
    /// The root was opened as another kind, or holds what that kind does not take.
    pub fn declare_root(&mut self, name: &str, kind: Kind) -> Result<(), EditError> {
        self.table.declare_root(name, kind)
    }

    /// What is known of every element.
    pub(super) const fn table(&self) -> &Table {
        &self.table
    }

    /// Whether that came over several links.
    pub fn is_mixed(&self) -> bool {
        self.backlog.is_mixed()
    }

    /// The clock that the next element of `client` will have.
    pub fn clock(&self, client: ClientId) -> Clock {
        self.table.next(client)
    }

    /// Every client of which something is in the document, with its next clock, sorted by client.
    pub fn clocks(&self) -> impl Iterator<Item = (ClientId, Clock)> {
        self.table.clocks()
    }

    /// Whether an element is in the document, and where it could have a position.
    pub fn has_position(&self, client: ClientId, clock: Clock) -> bool {
        self.table.has_position(Id { client, clock })
    }

    /// Where elements of the document stand, as far as they were not collected.
    pub fn spots(&self, client: ClientId, range: &Range<Clock>) -> impl Iterator<Item = (Range<Clock>, Spot)> {
        self.table.spots(client, range)
    }

    /// Whether an element was deleted, as far as a change named it.
    pub fn is_deleted(&self, id: Id) -> bool {
        self.deleted.contains(id.client, id.clock)
    }

    /// What stands in deleted types, in its order, by an update that says all that is in the document.
    pub fn buried_lines(&self, whole: &[u8]) -> Vec<Line> {
        parse(whole).map(|parsed| self.table.lines(&parsed, |holder| self.is_deleted(holder))).unwrap_or_default()
    }

    /// The ids of the elements that were deleted, as far as a change named them.
    pub const fn deletions(&self) -> &IdRanges {
        &self.deleted
    }

    /// Whether changes are held back. What they wait for can be asked for with a state vector.
    pub fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    /// The changes that are held back, each as an update.
    pub fn held_updates(&self) -> impl Iterator<Item = &[u8]> {
        self.held.updates()
    }

    /// The changes that are held back, each with the link that it came over.
    pub fn held(&self) -> impl Iterator<Item = (&[u8], LinkId)> {
        self.held.changes()
    }

    /// Remembers what is held back from here on, for [`Self::poll_held`].
    pub fn keep(&mut self) {
        self.held.keep();
    }

    /// The next of the changes that are held back since that was asked.
    pub fn poll_held(&mut self) -> Option<(Vec<u8>, LinkId)> {
        self.held.poll_news()
    }

    /// What of an update is not in the document, if all of it can go in.
    ///
    /// # Errors
    /// The bytes are no update.
    pub fn news_of(&self, update: &[u8]) -> Result<Ranges, Refusal> {
        let mut news = parse(update)?.ranges();
        news.structs.iter_mut().for_each(|(client, range)| range.start = range.start.max(self.table.next(*client)));
        news.structs.retain(|(_, range)| !range.is_empty());
        let gaps = |(client, range): &(ClientId, Range<Clock>)| {
            let client = *client;
            self.deleted.gaps(client, range).into_iter().map(move |gap| (client, gap))
        };
        news.deletes = news.deletes.iter().flat_map(gaps).collect();
        Ok(news)
    }

    /// How much memory the changes take that are held back.
    pub const fn held_bytes(&self) -> usize {
        self.held.bytes()
    }

    fn knows(&self, ranges: &Ranges) -> bool {
        ranges.structs.iter().all(|(client, range)| range.end <= self.table.next(*client))
            && ranges.deletes.iter().all(|(client, range)| self.deleted.covers(*client, range))
    }

    /// Enters what is complete and holds the rest back. `advanced` are the clients of which something went in.
    fn take(
        &mut self,
        parsed: &Parsed<'_>,
        update: &[u8],
        from: LinkId,
        advanced: &mut Vec<ClientId>,
        refused: &mut Vec<(LinkId, Refusal)>,
    ) -> Result<Outcome, Refusal> {
        let admission = admit(&mut self.table, parsed, &self.quarantine)?;
        let mut deletes = self.new_deletes(parsed.deletes().chain(admission.replaced.iter()));
        deletes.subtract(self.quarantine.deletes());
        let is_news = !admission.is_empty() || !deletes.is_empty();
        let is_whole = admission.is_whole(&self.table, parsed);
        if !is_whole {
            let early = self.without_quarantined(parsed, &admission, from);
            match self.held.hold(early, from) {
                Err(refusal) if !is_news => return Err(refusal),
                Err(refusal) => refused.push((from, refusal)),
                Ok(()) => {}
            }
        }
        if is_news {
            self.deleted.extend(deletes.iter());
            let is_changed = !admission.replaced.is_empty() || !self.quarantine.deletes().is_empty();
            let whole = Some(update).filter(|_| is_whole && parsed.may_go_as_it_is() && !is_changed);
            self.backlog.push(parsed, &admission, &deletes, whole, from);
            if !self.held.is_empty() {
                advanced.extend(admission.clients(parsed));
            }
        }
        Ok(if is_whole { Outcome::Ready } else { Outcome::Held })
    }

    /// Refuses what would have the document go on behind clocks that nobody could read.
    fn require_names(&self, ranges: &Ranges) -> Result<(), Refusal> {
        let taken = ranges.structs.iter().find(|(client, range)| *client == self.own && range.end > MOST_IN_OUR_NAME);
        let Some((client, range)) = taken else { return Ok(()) };
        Err(Refusal::Inconsistent { what: Inconsistency::TakesOurNames, client: *client, clock: range.start })
    }

    /// What of these deletions is here and was not deleted before.
    fn new_deletes(&self, deletes: impl Iterator<Item = (ClientId, Range<Clock>)>) -> IdRanges {
        let mut new = IdRanges::default();
        for (client, range) in deletes {
            let known = range.start..range.end.min(self.table.next(client));
            new.insert_missing(client, known, &self.deleted);
        }
        new
    }

    /// Lets in what had waited for elements of these clients, and what had waited for that.
    fn release(&mut self, mut advanced: Vec<ClientId>, refused: &mut Vec<(LinkId, Refusal)>) {
        let mut looked_at = 0;
        while let Some(client) = advanced.get(looked_at).copied().filter(|_| !self.held.is_empty()) {
            for (update, from) in self.held.release(client, self.table.next(client)) {
                self.retry(&update, from, &mut advanced, refused);
            }
            looked_at += 1;
        }
    }

    fn retry(
        &mut self,
        update: &[u8],
        from: LinkId,
        advanced: &mut Vec<ClientId>,
        refused: &mut Vec<(LinkId, Refusal)>,
    ) {
        let taken = parse(update).and_then(|parsed| {
            if self.knows(&parsed.ranges()) {
                return Ok(Outcome::Known);
            }
            self.take(&parsed, update, from, advanced, refused)
        });
        if let Err(refusal) = taken {
            refused.push((from, refusal));
        }
    }
}

/// How many elements may come from outside in the name of the document, of the 2^31 that there may be. Nobody honest makes any.
const MOST_IN_OUR_NAME: Clock = 1 << 30;

#[cfg(test)]
mod tests;
