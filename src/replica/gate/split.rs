//! Decides how an update comes apart into what may go to yrs and what has to wait.
//!
//! In the v1 encoding a block is written without regard to its neighbours, so a part of an update is made of the same
//! bytes with new counts in front.

use super::parse::{Block, Id, Parsed, parse};
use super::references::{Admission, Entered};
use super::table::Table;
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Refusal};
use std::ops::Range;

/// An update that builds on what is not in the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::replica) struct Early {
    pub(in crate::replica) update: Vec<u8>,
    /// The first element that it lacks.
    pub(in crate::replica) lacks: Id,
}

impl Admission {
    /// Whether all of the update went into the table.
    pub(in crate::replica) fn is_whole(&self, table: &Table, parsed: &Parsed<'_>) -> bool {
        self.sections.iter().all(|section| section.lacks.is_none())
            && parsed.deletes.iter().all(|(client, range)| range.end <= table.next(client))
    }

    /// The blocks that went in, each part after those that it builds on, with the first of its elements that was not
    /// known before.
    pub(super) fn blocks<'a>(
        &'a self,
        parsed: &'a Parsed<'a>,
    ) -> impl Iterator<Item = (ClientId, &'a [Block<'a>], Clock)> {
        self.entered.iter().filter_map(|Entered { section, blocks, first }| {
            let section = parsed.sections.get(*section)?;
            Some((section.client, section.blocks.get(blocks.clone())?, *first))
        })
    }

    /// The elements that went in.
    pub(super) fn structs(&self, parsed: &Parsed<'_>) -> IdRanges {
        let blocks = self.blocks(parsed);
        let ranges = blocks.filter_map(|(client, blocks, first)| Some((client, first..blocks.last()?.end)));
        ranges.collect()
    }

    /// Whether nothing went in.
    pub(in crate::replica) const fn is_empty(&self) -> bool {
        self.entered.is_empty()
    }

    /// The clients of which something went in.
    pub(in crate::replica) fn clients(&self, parsed: &Parsed<'_>) -> Vec<ClientId> {
        self.blocks(parsed).map(|(client, ..)| client).collect()
    }

    /// What each section lacks that did not go in as a whole, and the first of its elements that did not.
    pub(in crate::replica) fn stopped(&self, table: &Table, parsed: &Parsed) -> Vec<(Id, Id)> {
        let sections = parsed.sections.iter().zip(&self.sections);
        let stopped = sections.filter_map(|(section, progress)| {
            let block = section.blocks.get(progress.done)?;
            let clock = block.clock.max(table.next(section.client));
            Some((progress.lacks?, Id { client: section.client, clock }))
        });
        stopped.collect()
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
    write_deletes(&mut out, deletes);
    out
}

/// Writes the end of an update: what it deletes.
pub(in crate::replica) fn write_deletes(out: &mut Vec<u8>, deletes: &IdRanges) {
    write_len(out, deletes.client_count());
    let deletes: Vec<_> = deletes.iter().collect();
    for ranges in deletes.chunk_by(same_client) {
        write_var(out, ranges.first().map_or(0, |(client, _)| client.0));
        write_len(out, ranges.len());
        for (_, Range { start, end }) in ranges {
            write_var(out, u64::from(*start));
            write_var(out, u64::from(end - start));
        }
    }
}

fn same_client((one, _): &(ClientId, Range<Clock>), (other, _): &(ClientId, Range<Clock>)) -> bool {
    one == other
}

pub(super) fn write_len(out: &mut Vec<u8>, len: usize) {
    write_var(out, u64::try_from(len).unwrap_or(u64::MAX));
}

pub(in crate::replica) fn write_var(out: &mut Vec<u8>, value: u64) {
    let [low, ..] = value.to_le_bytes();
    if value < 0x80 {
        out.push(low);
    } else {
        out.push(low | 0x80);
        write_var(out, value >> 7);
    }
}
