//! Decides how an update comes apart into what may go to yrs and what has to wait.
//!
//! In the v1 encoding a block is written without regard to its neighbours, so a part of an update is made of the same
//! bytes with new counts in front.

use super::parse::{Block, Id, Parsed, parse};
use super::references::{Admission, Entered};
use super::table::Table;
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Ranges, Refusal};
use crate::sorted::SortedMap;
use std::ops::Range;

/// An update that yrs may be given, with what it names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::replica) struct Part {
    pub(in crate::replica) update: Vec<u8>,
    pub(in crate::replica) ranges: Ranges,
}

/// An update that builds on what is not in the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::replica) struct Early {
    pub(in crate::replica) update: Vec<u8>,
    /// The first element that it lacks.
    pub(in crate::replica) lacks: Id,
}

impl Part {
    fn new(sections: &[(ClientId, &[Block<'_>])], deletes: &IdRanges) -> Self {
        let range_of = |blocks: &[Block<'_>]| Some(blocks.first()?.clock..blocks.last()?.end);
        let structs = sections.iter().filter_map(|(client, blocks)| Some((*client, range_of(blocks)?))).collect();
        Self { update: encode(sections, deletes), ranges: Ranges { structs, deletes: deletes.iter().collect() } }
    }

    /// Whether yrs would change anything, when `deleted` is what was deleted before.
    pub(in crate::replica) fn is_news(&self, deleted: &IdRanges) -> bool {
        !self.ranges.structs.is_empty()
            || self.ranges.deletes.iter().any(|(client, range)| !deleted.covers(*client, range))
    }
}

impl Admission {
    /// What of the update yrs may be given, in this order.
    pub(in crate::replica) fn ready(&self, table: &Table, parsed: &Parsed<'_>, update: &[u8]) -> Vec<Part> {
        let is_whole = self.sections.iter().all(|section| section.lacks.is_none())
            && parsed.deletes.iter().all(|(client, range)| range.end <= table.next(client));
        if is_whole && parsed.is_plain && self.sections.len() <= MAX_SECTIONS {
            return vec![Part { update: update.to_vec(), ranges: parsed.ranges() }];
        }
        let known =
            parsed.deletes.iter().map(|(client, range)| (client, range.start..range.end.min(table.next(client))));
        let deletes: IdRanges = known.collect();
        let none = IdRanges::default();
        let mut chunks = self.chunks(parsed);
        let last = chunks.pop().filter(|last| !last.is_empty() || !deletes.is_empty());
        let parts = chunks.iter().map(|blocks| Part::new(blocks, &none));
        parts.chain(last.map(|blocks| Part::new(&blocks, &deletes))).collect()
    }

    /// The blocks that went in, in groups of few enough clients, each group after those that it builds on. There is
    /// at least one group, and only the last may be empty.
    fn chunks<'a>(&self, parsed: &'a Parsed<'a>) -> Vec<Vec<(ClientId, &'a [Block<'a>])>> {
        let mut chunks = Vec::new();
        let mut chunk: SortedMap<usize, Range<usize>> = SortedMap::new();
        for Entered { section, blocks } in &self.entered {
            if chunk.len() == MAX_SECTIONS && !chunk.contains_key(section) {
                chunks.push(std::mem::take(&mut chunk));
            }
            match chunk.get_mut(section) {
                Some(begun) => begun.end = blocks.end,
                None => drop(chunk.insert(*section, blocks.clone())),
            }
        }
        chunks.push(chunk);
        let blocks_of = |(section, blocks): (usize, Range<usize>)| {
            let section = parsed.sections.get(section)?;
            Some((section.client, section.blocks.get(blocks)?))
        };
        chunks.into_iter().map(|chunk| chunk.into_iter().filter_map(blocks_of).collect()).collect()
    }

    /// What of the update has to wait: a part for each element that is lacking.
    pub(in crate::replica) fn early(&self, table: &Table, parsed: &Parsed<'_>) -> Vec<Early> {
        let mut early = Vec::new();
        for (section, progress) in parsed.sections.iter().zip(&self.sections) {
            if let (Some(lacks), Some(blocks)) = (progress.lacks, section.blocks.get(progress.done..)) {
                early.push(Early { update: encode(&[(section.client, blocks)], &IdRanges::default()), lacks });
            }
        }
        let deletes: Vec<_> = parsed.deletes.iter().collect();
        for ranges in deletes.chunk_by(same_client) {
            let unknown =
                ranges.iter().map(|(client, range)| (*client, range.start.max(table.next(*client))..range.end));
            let unknown: IdRanges = unknown.filter(|(_, range)| !range.is_empty()).collect();
            if let Some((client, range)) = unknown.iter().next() {
                early.push(Early { update: encode(&[], &unknown), lacks: Id { client, clock: range.start } });
            }
        }
        early
    }
}

/// The same update with other deletions.
///
/// # Errors
/// It cannot be read.
pub(in crate::replica) fn with_deletions(update: &[u8], deletes: &IdRanges) -> Result<Vec<u8>, Refusal> {
    let parsed = parse(update)?;
    let sections: Vec<_> = parsed.sections.iter().map(|section| (section.client, section.blocks.as_slice())).collect();
    Ok(encode(&sections, deletes))
}

/// Writes an update of blocks that follow each other.
fn encode(sections: &[(ClientId, &[Block<'_>])], deletes: &IdRanges) -> Vec<u8> {
    let mut out = Vec::new();
    write_len(&mut out, sections.len());
    for (client, blocks) in sections {
        write_len(&mut out, blocks.len());
        write_var(&mut out, client.0);
        write_var(&mut out, blocks.first().map_or(0, |block| block.clock).into());
        for block in *blocks {
            out.extend_from_slice(block.bytes);
        }
    }
    write_len(&mut out, deletes.client_count());
    let deletes: Vec<_> = deletes.iter().collect();
    for ranges in deletes.chunk_by(same_client) {
        write_var(&mut out, ranges.first().map_or(0, |(client, _)| client.0));
        write_len(&mut out, ranges.len());
        for (_, Range { start, end }) in ranges {
            write_var(&mut out, u64::from(*start));
            write_var(&mut out, u64::from(end - start));
        }
    }
    out
}

fn same_client((one, _): &(ClientId, Range<Clock>), (other, _): &(ClientId, Range<Clock>)) -> bool {
    one == other
}

fn write_len(out: &mut Vec<u8>, len: usize) {
    write_var(out, u64::try_from(len).unwrap_or(u64::MAX));
}

fn write_var(out: &mut Vec<u8>, value: u64) {
    let [low, ..] = value.to_le_bytes();
    if value < 0x80 {
        out.push(low);
    } else {
        out.push(low | 0x80);
        write_var(out, value >> 7);
    }
}

/// How many clients yrs is given at once. When the blocks of many clients build on each other in a row, yrs takes
/// time that grows with the square of their number, and recurses as deeply; a document that was opened ten thousand
/// times is such a row.
const MAX_SECTIONS: usize = 1000;
