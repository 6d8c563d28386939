//! Decides what programs of blocks know of the document that they write to, as far as it took what was written.

use crate::content::Shared;
use crate::numbers::{below, chance, edge, one_of};
use syncline::rng::Rng;

/// The clients that write programs: small ids, which hostile bytes hit easily, and the largest of 53 bits.
pub const CLIENTS: [u64; 5] = [0, 1, 2, 3, (1 << 53) - 1];

/// The roots of the documents, each with what the application opens it as.
pub const ROOTS: [(&str, Shared); 4] =
    [("text", Shared::Text), ("map", Shared::Map), ("list", Shared::List), ("xml", Shared::Xml)];

const KEYS: [&str; 3] = ["a", "b", ""];

/// What was written so far.
#[derive(Debug)]
pub struct Blocks {
    /// The next clock of each client.
    pub next: [u32; CLIENTS.len()],
    items: Vec<Item>,
    parents: Vec<(Parent, Shared)>,
}

/// A block with a place.
#[derive(Clone, Copy, Debug)]
struct Item {
    client: usize,
    clock: u32,
    len: u32,
    parent: usize,
    key: Option<&'static str>,
}

/// How a block names what it stands in.
#[derive(Clone, Copy, Debug)]
pub enum Parent {
    Root(&'static str),
    Nested(u64, u64),
}

/// Where a block is put.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub parent: usize,
    pub key: Option<&'static str>,
    pub left: Option<(u64, u64)>,
    pub right: Option<(u64, u64)>,
}

impl Blocks {
    pub fn new() -> Self {
        let parents = ROOTS.map(|(name, kind)| (Parent::Root(name), kind)).to_vec();
        Self { next: [0; CLIENTS.len()], items: Vec::new(), parents }
    }

    pub fn parent(&self, at: usize) -> (Parent, Shared) {
        self.parents[at]
    }

    /// Somewhere to put a block; `rogue` is how many in a hundred neighbours are anything.
    pub fn place(&self, rogue: u64, rng: &mut Rng) -> Place {
        let parent = below(rng, self.parents.len());
        let is_map = self.parents[parent].1 == Shared::Map;
        let key = (is_map || chance(rng, 8)).then(|| one_of(rng, &KEYS));
        let beside: Vec<&Item> = self.items.iter().filter(|item| (item.parent, item.key) == (parent, key)).collect();
        let mut neighbour = |percent| {
            if chance(rng, rogue) {
                return Some(self.id(50, rng));
            }
            let item = beside.get(below(rng, beside.len()))?;
            let at = u64::from(item.clock) + rng.below(u64::from(item.len));
            chance(rng, percent).then_some((CLIENTS[item.client], at))
        };
        let left = neighbour(80);
        let right = if key.is_some() { None } else { neighbour(40) };
        Place { parent, key, left, right }
    }

    /// An id that is known, that is about to be, or, so many times in a hundred, that nobody will ever have.
    pub fn id(&self, rogue: u64, rng: &mut Rng) -> (u64, u64) {
        let client = below(rng, CLIENTS.len());
        let clock = match rng.below(100) {
            at if at < rogue / 2 => edge(rng),
            at if at < rogue => u64::from(self.next[client]) + rng.below(6),
            _ => rng.below(u64::from(self.next[client].max(1))),
        };
        (CLIENTS[client], clock)
    }

    /// Takes a block for written.
    pub fn note(&mut self, client: usize, clock: u32, len: u32, place: Place, holds: Option<Shared>) {
        let Place { parent, key, .. } = place;
        self.items.push(Item { client, clock, len: len.max(1), parent, key });
        if let Some(kind) = holds {
            self.parents.push((Parent::Nested(CLIENTS[client], u64::from(clock)), kind));
        }
    }
}
