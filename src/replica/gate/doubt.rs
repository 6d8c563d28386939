//! Decides what of an update proves nothing: elements that are known here and in it build on others that nobody has.
//!
//! That is how an edit looks that was damaged on its way to a server. The server waits with it, and with all that follows, for
//! what does not exist, and shows it whenever it is asked; taken for proof that would count as held what nobody will see.

use super::parse::{Block, Body, Id, Parent, Parsed, Place};
use super::table::Table;
use crate::ids::{ClientId, Clock};
use crate::replica::Ranges;

impl Parsed<'_> {
    /// Where in each section that begins, if it does. To be asked before anything of the update is entered.
    pub(in crate::replica) fn doubtful(&self, table: &Table) -> Vec<(ClientId, Clock)> {
        let doubts = self.sections.iter().filter_map(|section| {
            let known = table.next(section.client);
            let mut blocks = section.blocks.iter().take_while(|block| block.clock < known);
            let block =
                blocks.find(|block| block.names().into_iter().flatten().any(|id| table.next(id.client) <= id.clock))?;
            Some((section.client, block.clock))
        });
        doubts.collect()
    }
}

/// Takes out what is doubtful, of each client from a clock on.
pub(in crate::replica) fn undoubted(mut ranges: Ranges, doubtful: &[(ClientId, Clock)]) -> Ranges {
    for (client, clock) in doubtful {
        for (_, range) in ranges.structs.iter_mut().filter(|(of, _)| of == client) {
            range.end = range.end.min(*clock).max(range.start);
        }
    }
    ranges.structs.retain(|(_, range)| !range.is_empty());
    ranges
}

impl Block<'_> {
    /// The elements that it names.
    pub(super) const fn names(&self) -> [Option<Id>; 2] {
        match &self.body {
            Body::Item { place: Place::Beside(left, right), .. } => [*left, *right],
            Body::Item { place: Place::Under(Parent::Nested(id), _), .. } => [Some(*id), None],
            Body::Item { place: Place::Under(Parent::Root(_), _), .. } | Body::Collected | Body::Skip => [None; 2],
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ids::{ClientId, LinkId};
    use crate::replica::Replica;

    /// "ab" of client 1 in the text "t".
    const AB: &[u8] = &[1, 1, 1, 0, 4, 1, 1, b't', 2, b'a', b'b', 0];

    /// The "b" of it, behind an element of this client.
    const fn b_behind(client: u8) -> [u8; 10] {
        [1, 1, 1, 1, 0x84, client, 0, 1, b'b', 0]
    }

    #[test]
    fn an_element_proves_nothing_where_it_builds_on_what_nobody_has() {
        let mut replica = Replica::new(ClientId(9), 1 << 20);
        replica.apply(AB, LinkId::SERVER).unwrap();
        let honest = replica.apply(&b_behind(1), LinkId::SERVER).unwrap();
        assert_eq!(honest.evidence.structs, [(ClientId(1), 1..2)]);
        let damaged = replica.apply(&b_behind(5), LinkId::SERVER).unwrap();
        assert_eq!(damaged.evidence.structs, []);
    }

    #[test]
    fn what_comes_for_the_first_time_is_proof_also_where_it_has_to_wait() {
        let mut replica = Replica::new(ClientId(9), 1 << 20);
        let early = replica.apply(&b_behind(1), LinkId::SERVER).unwrap();
        assert_eq!(early.evidence.structs, [(ClientId(1), 1..2)]);
        let first = replica.apply(AB, LinkId::SERVER).unwrap();
        assert_eq!(first.evidence.structs, [(ClientId(1), 0..2)]);
    }
}
