//! Decides how the contents of replicas are compared with each other and with what was held elsewhere.

use syncline::ids::LinkId;
use syncline::replica::{Kind, Replica};
use syncline::sync::EditSet;

/// Everything that the three roots of a simulated document say, in a form that can be compared.
pub fn describe(replica: &mut Replica) -> String {
    let text = replica.open("text", Kind::Text).unwrap();
    let (map, list) = (replica.open("map", Kind::Map).unwrap(), replica.open("list", Kind::List).unwrap());
    let mut entries = replica.map_entries(map).unwrap();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    format!("{:?} {entries:?} {:?}", replica.text_delta(text).unwrap(), replica.list_json(list).unwrap())
}

/// Every element and every deletion of a replica.
pub fn content(replica: &Replica) -> EditSet {
    EditSet {
        elements: replica.clocks().map(|(client, clock)| (client, 0..clock)).collect(),
        deletions: replica.deletions().clone(),
    }
}

/// How many of the elements and deletions of `replica` are not in `held`.
pub fn missing(replica: &Replica, held: &EditSet) -> u64 {
    let gaps = |set: &syncline::replica::IdRanges, client, range: std::ops::Range<u32>| {
        let gaps = if set.covers(client, &range) { Vec::new() } else { set.gaps(client, &range) };
        gaps.into_iter().map(|gap| u64::from(gap.end - gap.start)).sum::<u64>()
    };
    let elements = replica.clocks().map(|(client, clock)| gaps(&held.elements, client, 0..clock));
    let deletions = replica.deletions().iter().map(|(client, range)| gaps(&held.deletions, client, range));
    elements.chain(deletions).sum()
}

/// The content of a replica with the deletions that nobody named: of two values for one key, all but one are deleted
/// wherever they meet.
pub fn full_content(replica: &mut Replica) -> EditSet {
    let mut copy = Replica::new(syncline::ids::ClientId(1), usize::MAX);
    copy.apply(&replica.encode_since(None).unwrap(), LinkId(7)).unwrap();
    content(&copy)
}
