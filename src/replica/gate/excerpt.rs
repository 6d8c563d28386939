//! Decides what is written of an update of which not everything is to be sent: its first edits, in an order in which each
//! follows what it builds on; or all of it but some edits, and what builds on those.
//!
//! Only for updates of this replica: whatever they name and do not hold, whoever gets them has.

use super::content::Content;
use super::parse::{Block, Body, Id, Parent, Parsed, Place, parse};
use super::reader::Reader;
use super::split::{write_deletes, write_len, write_var};
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Ranges, Refusal};
use std::ops::Range;

/// What is not to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Barred<'a> {
    /// Elements: of each client the first of these, and all that come after it.
    pub elements: &'a IdRanges,
    /// Deletions.
    pub deletions: &'a IdRanges,
}

/// A part of an update.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    /// The part, as an update.
    pub update: Vec<u8>,
    /// What it inserts and deletes.
    pub ranges: Ranges,
}

/// The first elements of an update, at most `limit` of them but one character at least, with what is deleted of them; then as
/// many of the deletions `older` as are left of the limit. Nothing of what is barred, nor of what builds on that.
///
/// # Errors
/// It cannot be read.
pub(in crate::replica) fn first(
    update: &[u8],
    older: &IdRanges,
    barred: Barred<'_>,
    limit: u64,
) -> Result<Excerpt, Refusal> {
    let parsed = parse(update)?;
    let mut left = limit;
    let reach = parsed.reach(barred.elements, limit, &mut left);
    let lacked: IdRanges = parsed.ranges().structs.into_iter().collect();
    let mut deletes = parsed.deleted_within(&reach, barred.deletions);
    for (client, range) in older.iter() {
        for known in lacked.gaps(client, &range) {
            for Range { start, end } in barred.deletions.gaps(client, &known) {
                let end = end.min(start.saturating_add(Clock::try_from(left).unwrap_or(Clock::MAX)));
                left -= u64::from(end - start);
                deletes.insert(client, start..end);
            }
        }
    }
    Ok(parsed.write(&reach, deletes))
}

/// An update without what is barred. Whatever builds on that becomes barred as well.
///
/// # Errors
/// It cannot be read.
pub(in crate::replica) fn without(
    update: &[u8],
    elements: &mut IdRanges,
    deletions: &IdRanges,
) -> Result<Excerpt, Refusal> {
    let parsed = parse(update)?;
    parsed.bar(elements);
    let allowed = |client, end: Clock| elements.first(client).map_or(end, |first| first.min(end));
    let ends = parsed.sections.iter().map(|section| (section.client, section.blocks.last().map_or(0, |last| last.end)));
    let reach: Vec<Clock> = ends.map(|(client, end)| allowed(client, end)).collect();
    let mut deletes = IdRanges::default();
    for (client, range) in parsed.deletes.iter() {
        let range = range.start..allowed(client, range.end).max(range.start);
        deletes.extend(deletions.gaps(client, &range).into_iter().map(|gap| (client, gap)));
    }
    Ok(parsed.write(&reach, deletes))
}

impl<'a> Parsed<'a> {
    /// Until which clock the first elements of each section go: `limit` of them, as far as nothing barred is in the way. Says
    /// in `left` how many more there could be.
    fn reach(&self, barred: &IdRanges, limit: u64, left: &mut u64) -> Vec<Clock> {
        let starts = self.sections.iter().map(|section| section.blocks.first().map_or(0, Block::start));
        let mut reach: Vec<Clock> = starts.collect();
        let mut next = vec![0; reach.len()];
        let mut has_moved = true;
        while std::mem::take(&mut has_moved) {
            for (at, section) in self.sections.iter().enumerate() {
                let bound = barred.first(section.client).unwrap_or(Clock::MAX);
                while let Some(block) = next.get(at).and_then(|next| section.blocks.get(*next)) {
                    let most = block.clock.saturating_add(Clock::try_from(*left).unwrap_or(Clock::MAX));
                    let until = block.whole_until(block.end.min(bound).min(most));
                    // One character there is, also where it is more than the limit.
                    let is_too_much = until > bound || (until > most && *left < limit);
                    if *left == 0 || until <= block.clock || is_too_much || !self.is_ready(block, barred, &reach) {
                        break;
                    }
                    *left = left.saturating_sub(u64::from(until - block.clock));
                    has_moved = true;
                    reach.get_mut(at).into_iter().for_each(|reach| *reach = until);
                    if until < block.end {
                        break;
                    }
                    next.get_mut(at).into_iter().for_each(|next| *next += 1);
                }
            }
        }
        reach
    }

    /// Whether all that a block names is there by then.
    fn is_ready(&self, block: &Block<'_>, barred: &IdRanges, reach: &[Clock]) -> bool {
        block.named().all(|id| {
            let section = self.section_of(id.client).and_then(|section| reach.get(section));
            section.is_none_or(|reach| id.clock < *reach) && !is_barred(barred, id)
        })
    }

    /// Adds what builds on barred elements to them.
    fn bar(&self, barred: &mut IdRanges) {
        let mut has_grown = !barred.is_empty();
        while std::mem::take(&mut has_grown) {
            for section in &self.sections {
                let bound = barred.first(section.client).unwrap_or(Clock::MAX);
                let open = section.blocks.iter().take_while(|block| block.clock < bound);
                let first = open.filter_map(|block| block.barred_from(bound, barred)).next().unwrap_or(bound);
                if let Some(last) = section.blocks.last().filter(|last| first < last.end) {
                    has_grown |= first < bound;
                    barred.insert(section.client, first..last.end);
                }
            }
        }
    }

    /// What it deletes of the elements that are written.
    fn deleted_within(&self, reach: &[Clock], barred: &IdRanges) -> IdRanges {
        let mut deleted = IdRanges::default();
        for (section, until) in self.sections.iter().zip(reach) {
            let start = section.blocks.first().map_or(0, Block::start);
            for range in self.deletes.common(section.client, &(start..*until)) {
                deleted.extend(barred.gaps(section.client, &range).into_iter().map(|gap| (section.client, gap)));
            }
        }
        deleted
    }

    /// Writes each section until that clock, with these deletions.
    fn write(&self, reach: &[Clock], deletes: IdRanges) -> Excerpt {
        let mut structs: Vec<(ClientId, Range<Clock>)> = Vec::new();
        let mut body = Vec::new();
        for (section, until) in self.sections.iter().zip(reach) {
            let blocks: Vec<_> = section.blocks.iter().take_while(|block| block.clock < *until).collect();
            let Some(start) = blocks.first().map(|block| block.clock) else { continue };
            write_len(&mut body, blocks.len());
            write_var(&mut body, section.client.0);
            write_var(&mut body, start.into());
            blocks.iter().for_each(|block| block.write_until(*until, &mut body));
            structs.push((section.client, start..*until));
        }
        let mut update = Vec::new();
        write_len(&mut update, structs.len());
        update.append(&mut body);
        write_deletes(&mut update, &deletes);
        Excerpt { update, ranges: Ranges { structs, deletes: deletes.iter().collect() } }
    }
}

impl<'a> Block<'a> {
    const fn start(&self) -> Clock {
        self.clock
    }

    /// The elements that it names.
    fn named(&self) -> impl Iterator<Item = Id> {
        let named = match &self.body {
            Body::Item { place: Place::Beside(left, right), .. } => [*left, *right],
            Body::Item { place: Place::Under(Parent::Nested(id), _), .. } => [Some(*id), None],
            Body::Item { place: Place::Under(Parent::Root(_), _), .. } | Body::Collected | Body::Skip => [None, None],
        };
        named.into_iter().flatten()
    }

    /// From which of its elements on it may not be sent: none where it names what is barred, and no half of a character.
    fn barred_from(&self, bound: Clock, barred: &IdRanges) -> Option<Clock> {
        let until = if bound < self.end { self.whole_until(bound) } else { self.end };
        let until = if until > bound || self.named().any(|id| is_barred(barred, id)) { self.clock } else { until };
        (until < self.end).then_some(until)
    }

    /// The last clock up to this one at which it can be cut, behind its first character at least: never in the middle of a
    /// character, which Yjs would break.
    fn whole_until(&self, until: Clock) -> Clock {
        let Body::Item { content: Content::String(_), .. } = self.body else { return until };
        self.characters(until.saturating_sub(self.clock)).map_or(self.end, |(_, units)| self.clock + units)
    }

    /// How many bytes and how many elements the first characters of a text are.
    fn characters(&self, limit: Clock) -> Option<(&'a [u8], Clock)> {
        let (_, text) = Block::text(self.bytes)?;
        let (mut bytes, mut units) = (0, 0);
        for character in std::str::from_utf8(text).ok()?.chars() {
            let more = Clock::from(character.len_utf8() == 4) + 1;
            if units > 0 && units + more > limit {
                break;
            }
            (bytes, units) = (bytes + character.len_utf8(), units + more);
        }
        Some((text.get(..bytes)?, units))
    }

    /// Writes the block as if it ended there.
    fn write_until(&self, until: Clock, out: &mut Vec<u8>) {
        let start = if until < self.end { self.cut(until - self.clock) } else { None };
        match start {
            Some(start) => out.extend(start),
            None => out.extend_from_slice(self.bytes),
        }
    }

    /// Its first elements; nothing where it cannot be cut.
    fn cut(&self, len: Clock) -> Option<Vec<u8>> {
        let mut reader = Reader::new(self.bytes);
        let info = reader.byte().ok()?;
        let mut out = Vec::new();
        match &self.body {
            Body::Collected | Body::Skip => {
                out.push(info);
                write_var(&mut out, len.into());
            }
            Body::Item { content, .. } => {
                Block::read_place(&mut reader, info).ok()?;
                out.extend_from_slice(self.bytes.get(..reader.at())?);
                match content {
                    Content::Deleted => write_var(&mut out, len.into()),
                    Content::String(_) => {
                        let (text, _) = self.characters(len)?;
                        write_len(&mut out, text.len());
                        out.extend_from_slice(text);
                    }
                    Content::Any => {
                        reader.clock().ok()?;
                        write_var(&mut out, len.into());
                        out.extend_from_slice(Content::values(&mut reader, len)?);
                    }
                    Content::Binary | Content::Embed | Content::Format | Content::Type(_) => return None,
                }
            }
        }
        Some(out)
    }
}

/// Whether an element is barred, or comes after one of its client that is.
fn is_barred(barred: &IdRanges, id: Id) -> bool {
    barred.first(id.client).is_some_and(|first| first <= id.clock)
}
