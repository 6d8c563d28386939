//! Decides what yrs is given, and in which order: only what is complete, and nothing that is known already.

use super::gate::{Admission, Id, Line, Parsed, Spot, Table, admit, parse};
use super::holdback::HoldBack;
use super::{EditError, IdRanges, Kind, Ranges, Refusal};
use crate::ids::{ClientId, Clock, LinkId};
use crate::sorted::SortedMap;
use std::ops::Range;

/// The way of every change into the document.
///
/// What [`Self::offer`] lists as ready counts as being in the document from then on: it has to be applied, in that
/// order. The same holds for the changes reported with [`Self::note_local`].
#[derive(Debug)]
pub struct Intake {
    table: Table,
    deleted: IdRanges,
    held: HoldBack,
}

/// What became of an update.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Everything the update names; whoever sent it holds all of that.
    pub evidence: Ranges,
    /// Whether the update went in.
    pub outcome: Outcome,
    /// What yrs is to be given, in this order: the update, which may be in parts, and what had waited for it. Parts
    /// that follow each other may go into one transaction.
    pub ready: Vec<Ready>,
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

/// An update that yrs may be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ready {
    /// The update in the v1 encoding.
    pub update: Vec<u8>,
    /// What of it was not in the document before.
    pub ranges: Ranges,
    /// The link it came from.
    pub from: LinkId,
}

impl Intake {
    /// The intake of an empty document that holds back up to `max_held_bytes`.
    pub fn new(max_held_bytes: usize) -> Self {
        Self { table: Table::default(), deleted: IdRanges::default(), held: HoldBack::new(max_held_bytes) }
    }

    /// Takes an update from outside.
    ///
    /// # Errors
    /// The update is no update, contradicts the document, or cannot be read or held back. Nothing of it is kept.
    pub fn offer(&mut self, update: &[u8], from: LinkId) -> Result<Offer, Refusal> {
        let parsed = parse(update)?;
        let evidence = parsed.ranges();
        let mut offer = Offer { evidence, outcome: Outcome::Known, ready: Vec::new(), refused: Vec::new() };
        if !self.knows(&offer.evidence) {
            offer.outcome = self.take(&parsed, update, from, &mut offer)?;
            self.release(&mut offer);
        }
        Ok(offer)
    }

    /// Enters a change that was made here and is in yrs already; returns what it names.
    ///
    /// # Errors
    /// The change does not fit what is known of the document, which is a defect of whoever made it.
    pub fn note_local(&mut self, update: &[u8]) -> Result<Ranges, Refusal> {
        let parsed = parse(update)?;
        admit(&mut self.table, &parsed)?;
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

    /// How much memory the changes take that are held back.
    pub const fn held_bytes(&self) -> usize {
        self.held.bytes()
    }

    fn knows(&self, ranges: &Ranges) -> bool {
        ranges.structs.iter().all(|(client, range)| range.end <= self.table.next(*client))
            && ranges.deletes.iter().all(|(client, range)| self.deleted.covers(*client, range))
    }

    /// Enters what is complete and holds the rest back.
    fn take(
        &mut self,
        parsed: &Parsed<'_>,
        update: &[u8],
        from: LinkId,
        offer: &mut Offer,
    ) -> Result<Outcome, Refusal> {
        let before: SortedMap<ClientId, Clock> = parsed.clients().map(|client| (client, self.clock(client))).collect();
        let admission: Admission = admit(&mut self.table, parsed)?;
        let mut ready = admission.ready(&self.table, parsed, update);
        ready.retain(|part| part.is_news(&self.deleted));
        let early = admission.early(&self.table, parsed);
        let outcome = if early.is_empty() { Outcome::Ready } else { Outcome::Held };
        match self.held.hold(early, from) {
            Err(refusal) if ready.is_empty() => return Err(refusal),
            Err(refusal) => offer.refused.push((from, refusal)),
            Ok(()) => {}
        }
        for part in ready {
            let ranges = part.ranges.news(|client| before.get(&client).copied().unwrap_or_default(), &self.deleted);
            self.deleted.extend(ranges.deletes.iter().cloned());
            offer.ready.push(Ready { update: part.update, ranges, from });
        }
        Ok(outcome)
    }

    /// Lets in what had waited for the updates that are ready, and what had waited for that.
    fn release(&mut self, offer: &mut Offer) {
        let mut looked_at = 0;
        while let Some(ready) = offer.ready.get(looked_at).filter(|_| !self.held.is_empty()) {
            let clients: Vec<ClientId> = ready.ranges.structs.iter().map(|(client, _)| *client).collect();
            for client in clients {
                for (update, from) in self.held.release(client, self.table.next(client)) {
                    self.retry(&update, from, offer);
                }
            }
            looked_at += 1;
        }
    }

    fn retry(&mut self, update: &[u8], from: LinkId, offer: &mut Offer) {
        let taken = parse(update).and_then(|parsed| {
            if self.knows(&parsed.ranges()) { Ok(Outcome::Known) } else { self.take(&parsed, update, from, offer) }
        });
        if let Err(refusal) = taken {
            offer.refused.push((from, refusal));
        }
    }
}

#[cfg(test)]
mod tests;
