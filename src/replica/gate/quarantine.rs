//! Decides what is kept out of the document because it has killed an instance: elements, by their ids, with all that builds
//! on them; deletions; and bytes of which nobody knows what they say, by a checksum.
//!
//! It is cheap to meet again: whoever sends it does so at every greeting.

use super::parse::{Id, Parsed, parse};
use crate::ids::{ClientId, Clock};
use crate::replica::in_hand::{Poison, Stage};
use crate::replica::{IdRanges, Refusal};
use crate::sorted::SortedMap;

/// What is kept out.
#[derive(Debug, Default)]
pub(in crate::replica) struct Quarantine {
    /// For each client its first element that is kept out. None of the later ones can go in without it.
    first: SortedMap<ClientId, Clock>,
    deletes: IdRanges,
    /// The checksums of what is refused unread.
    unread: Vec<u64>,
    /// Why.
    poison: Vec<Poison>,
}

impl Quarantine {
    /// Keeps out what has killed an instance.
    pub(in crate::replica) fn add(&mut self, poison: Poison) {
        match parsed(&poison) {
            Ok(parsed) => {
                for section in &parsed.sections {
                    let first = section.blocks.first().map_or(0, |block| block.clock);
                    self.seal(Id { client: section.client, clock: first });
                }
                self.deletes.extend(parsed.deletes.iter());
            }
            Err(_) => self.unread.push(checksum(&poison.update)),
        }
        self.poison.push(poison);
    }

    /// What has killed instances.
    pub(in crate::replica) fn poison(&self) -> &[Poison] {
        &self.poison
    }

    /// Whether nothing is kept out.
    pub(in crate::replica) const fn is_empty(&self) -> bool {
        self.poison.is_empty()
    }

    /// Keeps out an element, and all that its client made later. Says whether that is more than before.
    pub(in crate::replica) fn seal(&mut self, Id { client, clock }: Id) -> bool {
        let is_more = clock < self.first(client);
        if is_more {
            self.first.insert(client, clock);
        }
        is_more
    }

    /// The first element of a client that is kept out.
    pub(in crate::replica) fn first(&self, client: ClientId) -> Clock {
        self.first.get(&client).copied().unwrap_or(Clock::MAX)
    }

    /// Whether an element is kept out.
    pub(in crate::replica) fn holds(&self, Id { client, clock }: Id) -> bool {
        clock >= self.first(client)
    }

    /// The deletions that are kept out.
    pub(in crate::replica) const fn deletes(&self) -> &IdRanges {
        &self.deletes
    }

    /// Whether bytes are to be refused unread.
    pub(in crate::replica) fn refuses(&self, update: &[u8]) -> bool {
        !self.unread.is_empty() && self.unread.contains(&checksum(update))
    }
}

/// What the bytes say, where reading them has killed nobody.
fn parsed(poison: &Poison) -> Result<Parsed<'_>, Refusal> {
    match poison.stage {
        Stage::Write => parse(&poison.update),
        Stage::Gate => Err(Refusal::Quarantined),
    }
}

/// FNV-1a with 64 bits.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
