//! Bytes that break yrs, and programs of blocks made to do so: the document stays usable after each.

use super::*;
use crate::replica::{EditError, NewType, PathSegment, Replica, TypeId, Value};
use proptest::prelude::*;

/// `tests/hostile/updates.json`: the smallest inputs with which fuzzing broke yrs 0.28.1 without a gate, with where
/// it broke. `start` says whether the document was empty; frames and awareness are for other decoders, and here only
/// more bytes. The file is a copy of the one that the fuzzing campaign before this project left.
fn inputs() -> Vec<(String, Vec<Vec<u8>>)> {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../../../tests/hostile/updates.json")).unwrap();
    let read = |entry: &serde_json::Value| {
        let updates = entry["updates"].as_array().unwrap().iter().map(|hex| from_hex(hex.as_str().unwrap())).collect();
        (entry["what"].as_str().unwrap().to_owned(), updates)
    };
    file.as_array().unwrap().iter().map(read).collect()
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// Documents for hostile bytes to meet, by clients that those bytes name and one that they do not.
fn starts() -> impl Iterator<Item = Guarded> {
    let watched = |mut replica: Guarded| {
        replica.watch();
        replica
    };
    [0, 1, 2, 99].into_iter().flat_map(move |client| {
        [Guarded::new(client), watched(Guarded::new(client)), with_content(client), watched(with_content(client))]
    })
}

/// Reads everything, edits every root, and hands the document to a newcomer.
fn use_it(replica: &mut Guarded) {
    replica.read();
    for (name, kind) in
        [("text", Kind::Text), ("t", Kind::Text), ("map", Kind::Map), ("list", Kind::List), ("arr", Kind::List)]
    {
        if replica.intake.declare_root(name, kind).is_err() {
            continue;
        }
        replica.edit(|txn| match kind {
            Kind::Text => {
                let text = txn.get_or_insert_text(name);
                let len = text.len(txn);
                text.insert(txn, len, "end");
                text.insert(txn, len / 2, "hello");
                text.format(txn, 0, 3, yrs::types::Attrs::from([("b".into(), true.into())]));
                text.remove_range(txn, 1, len.min(4) + 1);
                text.get_string(txn);
            }
            Kind::Map => {
                let map = txn.get_or_insert_map(name);
                map.insert(txn, "a", 5);
                map.insert(txn, "2", 5);
                map.remove(txn, "a");
                map.to_json(txn);
            }
            Kind::List => {
                let list = txn.get_or_insert_array(name);
                list.insert(txn, 0, "first");
                let len = list.len(txn);
                list.push_back(txn, "last");
                list.remove_range(txn, len / 2, 1);
                list.to_json(txn);
            }
        });
    }
    replica.read();
    // What no Yjs client would write need not look the same to everybody, but it has to be safe for everybody.
    let mut newcomer = Guarded::new(1234);
    newcomer.offer(&replica.state()).unwrap();
    newcomer.read();
}

/// A document of the application that holds what `content` does, and that everything is observed in.
fn opened(client: u64, content: &Guarded) -> Replica {
    let mut replica = Replica::new(ClientId(client), 1 << 20);
    replica.apply(&content.state(), LinkId::SERVER).unwrap();
    reach_all(&mut replica).into_iter().for_each(|(id, _)| replica.observe(id).unwrap());
    replica
}

/// Handles of every type that can be reached from the roots, as far as these can be opened.
fn reach_all(replica: &mut Replica) -> Vec<(TypeId, Kind)> {
    let open = |(name, kind)| Some((replica.open(name, kind).ok()?, kind));
    let mut reached: Vec<(TypeId, Kind)> = ROOTS.into_iter().filter_map(open).collect();
    let mut at = 0;
    while let Some((id, kind)) = reached.get(at).copied() {
        at += 1;
        let steps: Vec<PathSegment> = match kind {
            Kind::Text => Vec::new(),
            Kind::Map => replica.map_keys(id).unwrap().into_iter().map(PathSegment::Key).collect(),
            Kind::List => (0..replica.list_len(id).unwrap()).map(PathSegment::Index).collect(),
        };
        for (step, kind) in steps.iter().flat_map(|step| ROOTS.map(|(_, kind)| (step, kind))) {
            let inner = replica.open_in(id, step, kind).unwrap();
            reached.extend(inner.map(|inner| (inner, kind)));
        }
    }
    reached
}

/// Edits everything through handles, nests more in it, and takes it away again.
fn edit_all(replica: &mut Replica) {
    let reached = reach_all(replica);
    reached.iter().for_each(|(id, kind)| edit(replica, *id, *kind));
    replica.commit();
    let mut newcomer = Replica::new(ClientId(1234), 1 << 20);
    newcomer.apply(&replica.encode_since(None).unwrap(), LinkId::SERVER).unwrap();
    reach_all(&mut newcomer);
    for (id, kind) in reached.into_iter().filter(|(_, kind)| *kind != Kind::Text) {
        let taken = match kind {
            Kind::Map => replica.map_keys(id).map(|keys| keys.iter().for_each(|key| drop(replica.map_delete(id, key)))),
            _ => replica.list_len(id).and_then(|len| replica.list_delete(id, len / 2, len - len / 2)),
        };
        assert_done(taken);
    }
    while replica.poll_change().is_some() {}
}

/// A type may go with the one that it stands in before it is its turn.
fn assert_done(done: Result<(), EditError>) {
    assert!(matches!(done, Ok(()) | Err(EditError::Deleted)), "{done:?}");
}

fn edit(replica: &mut Replica, id: TypeId, kind: Kind) {
    assert_done(try_edit(replica, id, kind));
}

fn try_edit(replica: &mut Replica, id: TypeId, kind: Kind) -> Result<(), EditError> {
    let text = NewType::Text(Vec::new());
    match kind {
        Kind::Text => {
            let len = replica.text_len(id)?;
            replica.text_insert(id, len, "end", None)?;
            replica.text_insert(id, 0, "start", None)?;
            replica.text_format(id, 0, 3, yrs::types::Attrs::from([("b".into(), true.into())]))?;
            replica.text_delete(id, 1, 2)?;
            replica.text_delta(id).map(drop)
        }
        Kind::Map => {
            replica.map_set(id, "k", Value::from(5))?;
            let made = replica.create_in(id, &PathSegment::Key("made".to_owned()), text)?;
            replica.text_insert(made, 0, "made", None)?;
            replica.map_json(id).map(drop)
        }
        Kind::List => {
            let len = replica.list_len(id)?;
            replica.list_insert(id, len, vec![Value::from(5)])?;
            let made = replica.create_in(id, &PathSegment::Index(len / 2), text)?;
            replica.text_insert(made, 0, "made", None)?;
            replica.list_json(id).map(drop)
        }
    }
}

#[test]
fn nested_types_can_be_edited_after_each_hostile_input() {
    for (what, updates) in inputs() {
        for start in starts() {
            let client = start.doc.client_id().get();
            println!("{what}, in the document of {client}");
            let mut replica = opened(client, &start);
            for update in &updates {
                let _ = replica.apply(update, LinkId::SERVER);
            }
            edit_all(&mut replica);
        }
    }
}

#[test]
fn each_hostile_input_leaves_the_document_usable() {
    for (what, updates) in inputs() {
        for mut replica in starts() {
            // Shown when the test fails, or ends without a word.
            println!("{what}, in the document of {}", replica.doc.client_id());
            for update in &updates {
                let _ = replica.offer(update);
            }
            use_it(&mut replica);
        }
    }
}

/// Some of the inputs are followed by bytes that are refused before anything else is looked at.
#[test]
fn each_beginning_of_a_hostile_input_leaves_the_document_usable() {
    for (_, updates) in inputs() {
        for update in updates.iter().flat_map(|update| (1..update.len()).map(|len| update[..len].to_vec())) {
            for mut replica in starts() {
                let complete = [&update[..], &[0]].concat();
                if replica.offer(&update).is_ok() | replica.offer(&complete).is_ok() {
                    use_it(&mut replica);
                }
            }
        }
    }
}

#[test]
fn the_honest_input_converges_in_every_order() {
    let (_, updates) = inputs().into_iter().find(|(what, _)| what.starts_with("HONEST")).unwrap();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut replica = Guarded::new(9);
        for update in order {
            replica.offer(&updates[update]).unwrap();
        }
        assert!(!replica.intake.is_waiting());
        let mut txn = replica.doc.try_transact_mut().unwrap();
        assert_eq!(txn.get_or_insert_text("text").get_string(&txn), "xyzaa", "in the order {order:?}");
    }
}

/// An update as a hostile peer may write it: for each client where its blocks begin and which they are, and ranges
/// to delete.
#[derive(Clone, Debug)]
struct Program(Vec<(u8, u8, Vec<Made>)>, Vec<(u8, u8, u8)>);

/// A block: its flags, its neighbours or its parent, and its content.
#[derive(Clone, Debug)]
struct Made {
    info: u8,
    ids: [(u8, u8); 2],
    root: Option<u8>,
    key: u8,
    content: u8,
    len: u8,
}

fn programs() -> impl Strategy<Value = Vec<Program>> {
    let id = || (0..4_u8, 0..12_u8);
    let flags = prop_oneof![Just(0x00_u8), Just(0x20), Just(0x40), Just(0x80), Just(0xC0)];
    let made = (flags, id(), id(), proptest::option::weighted(0.7, 0..4_u8), 0..2_u8, 0..14_u8, 1..5_u8).prop_map(
        |(info, left, right, root, key, content, len)| Made { info, ids: [left, right], root, key, content, len },
    );
    let section = (0..4_u8, prop_oneof![4 => Just(0_u8), 1 => 0..12_u8], proptest::collection::vec(made, 1..5));
    let deletes = proptest::collection::vec((0..4_u8, 0..12_u8, 1..4_u8), 0..3);
    let program =
        (proptest::collection::vec(section, 0..4), deletes).prop_map(|(sections, deletes)| Program(sections, deletes));
    proptest::collection::vec(program, 1..6)
}

impl Program {
    /// Writes the program; blocks of a client go on where the document ends when their clock says 0.
    fn write(&self, intake: &Intake) -> Vec<u8> {
        let mut sections: Vec<&(u8, u8, Vec<Made>)> = self.0.iter().collect();
        sections.sort_by_key(|(client, ..)| *client);
        sections.dedup_by_key(|(client, ..)| *client);
        let mut out = vec![u8::try_from(sections.len()).unwrap()];
        for (client, clock, blocks) in sections {
            let next = u8::try_from(intake.clock(ClientId(u64::from(*client))).min(100)).unwrap();
            out.extend([u8::try_from(blocks.len()).unwrap(), *client, if *clock == 0 { next } else { *clock }]);
            blocks.iter().for_each(|block| block.write(&mut out));
        }
        let mut deletes = self.1.clone();
        deletes.sort_unstable();
        deletes.dedup_by_key(|(client, ..)| *client);
        out.push(u8::try_from(deletes.len()).unwrap());
        deletes.iter().for_each(|(client, clock, len)| out.extend([*client, 1, *clock, *len]));
        out
    }
}

impl Made {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { info, ids: [left, right], root, key, content, len } = self;
        let kind = [4, 4, 4, 8, 8, 7, 7, 6, 5, 3, 1, 0, 7, 4][usize::from(*content)];
        if kind == 0 {
            return out.extend([0, *len]);
        }
        out.push(info | kind);
        for (flag, id) in [(0x80, left), (0x40, right)] {
            if info & flag != 0 {
                out.extend([id.0, id.1]);
            }
        }
        if info & 0xC0 == 0 {
            match root {
                Some(root) => out.extend(
                    [&[1][..], [&b"\x04text"[..], b"\x03map", b"\x04list", b"\x03xml"][usize::from(*root)]].concat(),
                ),
                None => out.extend([0, left.0, left.1]),
            }
            if info & 0x20 != 0 {
                out.extend([1, b'a' + key]);
            }
        }
        match kind {
            1 => out.push(*len),
            3 => out.extend([1, 7]),
            4 if *len == 4 => out.extend("\u{4}😀".as_bytes()),
            4 => out.extend([&[*len][..], &b"abcde"[..usize::from(*len)]].concat()),
            5 => out.extend(b"\x04null"),
            6 if *len < 3 => out.extend(b"\x01b\x04true"),
            6 => out.extend(b"\x01b\x04null"),
            7 if *content == 12 => out.extend([3, 1, b'p']),
            7 => out.push([0, 1, 2, 4, 6][usize::from(len % 5)]),
            _ => out.extend([&[*len][..], &[125, 1].repeat(usize::from(*len))].concat()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn programs_of_blocks_leave_the_document_usable(programs in programs(), client in 0..5_u64) {
        let mut replica = with_content(client);
        replica.watch();
        for program in programs {
            let update = program.write(&replica.intake);
            let _ = replica.offer(&update);
        }
        use_it(&mut replica);
    }

    #[test]
    fn programs_of_blocks_that_go_in_together_leave_the_document_usable(programs in programs(), client in 0..5_u64) {
        let mut replica = with_content(client);
        replica.watch();
        for program in programs {
            let update = program.write(&replica.intake);
            let _ = replica.collect(&update);
        }
        replica.apply();
        use_it(&mut replica);
    }

    #[test]
    fn nested_types_can_be_edited_while_programs_of_blocks_wait(programs in programs(), client in 0..5_u64) {
        let mut replica = opened(client, &with_content(client));
        for (number, program) in programs.into_iter().enumerate() {
            let update = program.write(&replica.intake);
            let _ = replica.collect(&update, LinkId::SERVER);
            if number % 3 == 1 {
                edit_all(&mut replica);
            }
        }
        replica.commit();
        edit_all(&mut replica);
    }

    #[test]
    fn nested_types_can_be_edited_between_programs_of_blocks(programs in programs(), client in 0..5_u64) {
        let mut replica = opened(client, &with_content(client));
        for program in programs {
            let update = program.write(&replica.intake);
            if replica.apply(&update, LinkId::SERVER).is_ok() {
                let reached = reach_all(&mut replica);
                reached.iter().for_each(|(id, kind)| edit(&mut replica, *id, *kind));
            }
        }
        edit_all(&mut replica);
    }

    #[test]
    fn changed_bytes_leave_the_document_usable(
        changes in proptest::collection::vec((any::<u16>(), prop_oneof![0..6_u8, any::<u8>()]), 1..5),
        client in 0..3_u64,
    ) {
        let mut state = with_content(1).state();
        for (at, byte) in changes {
            let len = state.len();
            state[usize::from(at) % len] = byte;
        }
        let mut replica = with_content(client);
        replica.watch();
        let _ = replica.offer(&state);
        use_it(&mut replica);
    }
}
