//! Decides how what stood in a nested type comes back with it, so that all see it alike.
//!
//! A type that comes back is another one, and yrs puts copies into it of what stood in the old one, each between the
//! copies of its neighbours. Where those were brought back before they were deleted with the type, it takes a copy for
//! the neighbour to the right that stands to the left, and what is inserted in front of what it stands behind lands
//! elsewhere for each who hears of it. And it goes through a set, splitting blocks that it has still to bring back.
//!
//! So elements are brought back block by block, from the right to the left, which leaves yrs nothing to choose: each
//! comes to stand in front of all others. With them comes what was deleted before the type was, as far as a step could
//! bring it back, and is deleted again. All steps are then about the copies.
//!
//! An entry of a map comes back behind those that had taken its place, so these come first: where they stand in the
//! deleted map, others take it for an entry of that, and do not see it. Where one of them cannot come, it stays away.

use super::copying::{Piece, Stay};
use super::{UndoId, UndoStack};
use crate::ids::{ClientId, Clock};
use crate::replica::gate::{Id, Line, Order, Spot};
use crate::replica::{EditError, IdRanges, Replica};
use crate::sorted::SortedMap;
use yrs::{IdSet, ReadTxn, StateVector};

/// The elements of a step and what stands in deleted types.
struct Planner<'a> {
    replica: &'a Replica,
    /// What the step has deleted, and not inserted.
    deleted: IdRanges,
    inserted: IdRanges,
    /// What any step could bring back.
    kept: IdRanges,
    lines: SortedMap<Id, Vec<Line>>,
    pieces: Vec<Piece>,
    /// What the rest of the step must not bring back.
    taken: IdRanges,
}

/// What is brought back piece by piece, and what is not to be brought back in another way.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) pieces: Vec<Piece>,
    pub(super) taken: IdSet,
    /// Elements in types that were deleted: yrs must not take one of them for a neighbour.
    pub(super) buried: IdSet,
}

impl Replica {
    /// What the step on top brings back in types that were deleted.
    pub(super) fn plan(&mut self, id: UndoId, from: UndoStack) -> Result<Plan, EditError> {
        let Some((inserted, deleted)) = self.undos.manager(id)?.on_top(from) else { return Ok(Plan::default()) };
        let (inserted, mut deleted) = (ranges(inserted), ranges(deleted));
        deleted.subtract(&inserted);
        if !self.touches_nested(&deleted) {
            return Ok(Plan::default());
        }
        let kept = ranges(&self.undos.deletions());
        let whole = self.read(|view| view.encode_diff_v1(&StateVector::default()));
        let mut lines: SortedMap<Id, Vec<Line>> = SortedMap::new();
        for line in self.intake.buried_lines(&whole) {
            match lines.get_mut(&line.holder) {
                Some(of_holder) => of_holder.push(line),
                None => drop(lines.insert(line.holder, vec![line])),
            }
        }
        let (pieces, taken) = (Vec::new(), IdRanges::default());
        let mut planner = Planner { replica: self, deleted, inserted, kept, lines, pieces, taken };
        planner.plan();
        let buried = planner.buried();
        Ok(Plan { pieces: planner.pieces, taken: as_set(&planner.taken), buried })
    }

    fn touches_nested(&self, deleted: &IdRanges) -> bool {
        deleted.iter().any(|(client, range)| {
            self.intake.spots(client, &range).any(|(_, spot)| spot.is_type || self.is_buried(spot))
        })
    }

    /// Whether the type was deleted that elements stand in.
    fn is_buried(&self, spot: Spot) -> bool {
        spot.holder.is_some_and(|holder| self.intake.is_deleted(holder))
    }

    /// Where an element stands.
    fn spot(&self, id: Id) -> Option<Spot> {
        self.intake.spots(id.client, &(id.clock..id.clock + 1)).next().map(|(_, spot)| spot)
    }

    /// Whether the copy of an element stands where it can be seen, if there is one.
    fn has_place(&self, mut id: Id) -> bool {
        while let Some(copy) = self.undos.born.get(&id) {
            id = *copy;
        }
        self.spot(id).is_some_and(|spot| !self.is_buried(spot))
    }
}

impl Planner<'_> {
    fn plan(&mut self) {
        for (client, range) in self.deleted.iter().collect::<Vec<_>>() {
            for (clocks, spot) in self.replica.intake.spots(client, &range).collect::<Vec<_>>() {
                if self.replica.is_buried(spot) {
                    self.taken.insert(client, clocks.clone());
                }
                match spot {
                    Spot { is_type: true, order, .. } if !self.replica.is_buried(spot) => {
                        let id = Id { client, clock: clocks.start };
                        self.taken.insert(client, clocks);
                        self.push(id, 1, Stay::Back, order, None);
                        self.add_family(id, Stay::Back);
                    }
                    Spot { holder: Some(holder), order: Order::Key, .. } if self.has_copy_alone(holder) => {
                        self.add_entries(holder, Id { client, clock: clocks.start });
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether a deleted type came back before this step.
    fn has_copy_alone(&self, holder: Id) -> bool {
        self.replica.undos.born.contains_key(&holder) && self.replica.has_place(holder)
    }

    /// Brings back what stood in a type.
    fn add_family(&mut self, holder: Id, stay: Stay) {
        for line in self.lines.remove(&holder).unwrap_or_default() {
            match line.order {
                Order::Sequence => self.add_sequence(&line, stay),
                Order::Key => self.add_key(&line, stay),
            }
        }
    }

    fn add_sequence(&mut self, line: &Line, stay: Stay) {
        for (client, range) in line.blocks.iter().rev() {
            let mut end = range.end;
            while end > range.start {
                let kind = self.stay(Id { client: *client, clock: end - 1 }, stay);
                let mut start = end - 1;
                while start > range.start && self.stay(Id { client: *client, clock: start - 1 }, stay) == kind {
                    start -= 1;
                }
                if let Some(kind) = kind {
                    let id = Id { client: *client, clock: start };
                    self.push(id, end - start, kind, Order::Sequence, None);
                    self.add_nested(id, kind);
                }
                end = start;
            }
        }
    }

    /// The one on the right is what the key had when the type was deleted. Those on its left find it in the new type.
    fn add_key(&mut self, line: &Line, stay: Stay) {
        for (at, id) in elements(line).rev().enumerate() {
            let comes = match stay {
                Stay::Back => self.contains(&self.deleted, id) || self.contains(&self.inserted, id),
                Stay::Grave => at == 0 && self.stay(id, stay).is_some(),
            };
            if comes {
                self.push(id, 1, stay, Order::Key, None);
                self.add_nested(id, stay);
            }
        }
    }

    /// Brings back an entry in a type that came back before, and what had taken its place.
    fn add_entries(&mut self, holder: Id, entry: Id) {
        let mut later: Option<Id> = None;
        let line = self.lines.get(&holder).into_iter().flatten().find(|line| elements(line).any(|id| id == entry));
        for id in line.map(|line| elements(line).rev().collect::<Vec<_>>()).unwrap_or_default() {
            let is_known = self.contains(&self.inserted, id) || self.contains(&self.kept, id);
            if !self.replica.has_place(id) && (is_known || id == entry) {
                let after = later.filter(|later| !self.replica.has_place(*later));
                self.push(id, 1, Stay::Back, Order::Key, after);
            }
            if id == entry {
                self.add_nested(id, Stay::Back);
                return;
            }
            later = Some(id);
        }
    }

    fn add_nested(&mut self, id: Id, stay: Stay) {
        if self.replica.spot(id).is_some_and(|spot| spot.is_type) {
            self.add_family(id, stay);
        }
    }

    /// Whether an element of a sequence comes back, in a type that does.
    fn stay(&self, id: Id, of_type: Stay) -> Option<Stay> {
        if self.contains(&self.deleted, id) {
            return Some(of_type);
        }
        (self.contains(&self.kept, id) && !self.contains(&self.inserted, id)).then_some(Stay::Grave)
    }

    fn contains(&self, ranges: &IdRanges, id: Id) -> bool {
        ranges.contains(id.client, id.clock)
    }

    fn push(&mut self, id: Id, len: Clock, stay: Stay, order: Order, after: Option<Id>) {
        self.pieces.push(Piece { id, len, stay, order, after });
    }

    /// Elements of steps that stand in deleted types.
    fn buried(&self) -> IdSet {
        let mut buried = IdRanges::default();
        for (client, range) in self.kept.iter().chain(self.inserted.iter()) {
            for (clocks, spot) in self.replica.intake.spots(client, &range) {
                if self.replica.is_buried(spot) {
                    buried.insert(client, clocks);
                }
            }
        }
        as_set(&buried)
    }
}

fn elements(line: &Line) -> impl DoubleEndedIterator<Item = Id> {
    let of_block = |(client, range): &(ClientId, std::ops::Range<Clock>)| {
        let client = *client;
        range.clone().map(move |clock| Id { client, clock })
    };
    line.blocks.iter().flat_map(of_block)
}

pub(super) fn ranges(set: &IdSet) -> IdRanges {
    let mut ranges = IdRanges::default();
    for (client, of_client) in set.iter() {
        of_client.iter().for_each(|range| ranges.insert(ClientId(client.get()), range.clone()));
    }
    ranges
}

pub(super) fn as_set(ranges: &IdRanges) -> IdSet {
    let mut set = IdSet::default();
    for (client, range) in ranges.iter() {
        set.insert(yrs::ID::new(yrs::ClientID::new(client.0), range.start), range.end - range.start);
    }
    set
}
