//! What is kept of a document is enough to go on with it in another session.

use super::*;
use crate::replica::{EditError, NewType, PathSegment, TypeId, Value};
use crate::session::{Calls, Care, Journal};
use proptest::prelude::*;

/// A session with one document, and what somebody keeps of it.
struct Kept {
    session: Session,
    doc: DocId,
    journal: Vec<u8>,
    calls: Vec<Calls>,
}

impl Kept {
    fn open(client: u64, journal: &[u8]) -> Self {
        Self::with(client, Journal { records: journal.to_vec(), ..Journal::default() })
    }

    fn with(client: u64, journal: Journal) -> Self {
        let records = journal.records.clone();
        let mut session = Session::new(Config::default(), Protocol::YWebsocket, 1);
        let setup = DocumentSetup {
            route: Route::Only,
            client: ClientId(client),
            is_stored: false,
            is_shared: false,
            token: Source::None,
            journal: Some(journal),
        };
        let doc = session.open_document(setup, START);
        let mut kept = Self { session, doc, journal: records, calls: Vec::new() };
        kept.poll();
        kept
    }

    fn edit<R>(&mut self, edit: impl FnOnce(&mut Replica) -> Result<R, EditError>) -> R {
        let edited = self.session.edit(self.doc, edit).unwrap();
        self.poll();
        edited
    }

    fn commit(&mut self) {
        self.session.commit(self.doc, START);
        self.poll();
    }

    fn poll(&mut self) {
        while let Some((doc, kept)) = self.session.poll_kept() {
            assert_eq!(doc, self.doc);
            self.journal.extend_from_slice(kept.records);
            self.calls.push(kept.calls);
        }
    }

    fn text(&mut self, id: TypeId) -> String {
        self.session.edit(self.doc, |replica| replica.text_string(id)).unwrap()
    }

    fn unsynced(&mut self) -> u64 {
        self.session.status(self.doc, START).unwrap().unsynced
    }
}

#[test]
fn a_document_goes_on_in_another_session_with_its_content_its_handles_and_what_is_unsynced() {
    let mut first = Kept::open(1, &[]);
    let (map, text) = first.edit(|replica| Ok((replica.open("map", Kind::Map)?, replica.open("text", Kind::Text)?)));
    first.edit(|replica| replica.text_insert(text, 0, "hello", None));
    let nested = first.edit(|replica| replica.create_in(map, &PathSegment::Key("a".into()), NewType::Text(vec![])));
    first.edit(|replica| replica.text_insert(nested, 0, "nested", None));
    first.commit();

    let mut second = Kept::open(2, &first.journal);
    assert_eq!((second.text(text), second.text(nested)), ("hello".to_owned(), "nested".to_owned()));
    assert_eq!(second.unsynced(), first.unsynced());
    let other = second.edit(|replica| replica.open("other", Kind::List));
    assert_eq!(other, TypeId(3), "no handle is given twice");

    second.edit(|replica| replica.text_insert(text, 5, "!", None));
    second.edit(|replica| replica.map_delete(map, "a"));
    second.commit();
    let checkpoint = second.session.checkpoint(second.doc).unwrap();
    for journal in [second.journal.clone(), checkpoint] {
        let mut third = Kept::open(3, &journal);
        assert_eq!(third.text(text), "hello!");
        assert_eq!(third.unsynced(), second.unsynced());
        assert_eq!(third.session.edit(third.doc, |replica| replica.text_string(nested)), Err(EditError::Deleted));
        assert_eq!(third.edit(|replica| replica.open("new", Kind::List)), TypeId(4));
    }
}

#[test]
fn it_is_said_which_calls_are_in_the_records() {
    let mut kept = Kept::open(1, &[]);
    let text = kept.edit(|replica| replica.open("text", Kind::Text));
    kept.edit(|replica| replica.text_insert(text, 0, "a", None));
    kept.calls.clear();
    kept.edit(|replica| replica.text_insert(text, 1, "b", None));
    assert_eq!(kept.calls, []);
    let list = kept.edit(|replica| replica.open("list", Kind::List));
    assert_eq!(kept.calls, [Calls::Pending], "a type was opened");
    kept.edit(|replica| replica.list_insert(list, 0, vec![Value::Null]));
    let inner = kept.edit(|replica| replica.create_in(list, &PathSegment::Index(0), NewType::Text(vec![])));
    assert_eq!(kept.calls, [Calls::Pending, Calls::All]);
    kept.edit(|replica| replica.text_insert(inner, 0, "c", None));
    let other = Replica::new(ClientId(9), 1 << 20);
    let update = replica_saying(other, "brought");
    kept.session.apply_update(kept.doc, &update, START).unwrap();
    kept.poll();
    assert_eq!(kept.calls, [Calls::Pending, Calls::All, Calls::Earlier]);
    kept.session.end_task(kept.doc, START);
    kept.poll();
    kept.commit();
    assert_eq!(kept.calls.last(), Some(&Calls::All));
}

#[test]
fn what_the_application_was_not_told_of_is_told_in_the_next_session() {
    let mut first = Kept::open(1, &[]);
    let text = first.edit(|replica| replica.open("text", Kind::Text));
    first.edit(|replica| replica.text_insert(text, 0, "told ", None));
    first.commit();
    let mark = first.journal.len();
    first.edit(|replica| replica.text_insert(text, 5, "not told", None));
    first.commit();

    let mut second = Kept::open(2, &first.journal[..mark]);
    second.edit(|replica| replica.observe(text));
    second.session.replay(second.doc, &first.journal[mark..], START);
    second.poll();
    let events = std::iter::from_fn(|| match second.session.poll_output() {
        Output::Idle(_) => None,
        output => Some(output),
    });
    let changes: Vec<Change> = events
        .filter_map(|output| match output {
            Output::Event(Event::Change(_, change)) => Some(change),
            _ => None,
        })
        .collect();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].origin, Origin::Local);
    assert_eq!(second.text(text), "told not told");
    assert_eq!(second.unsynced(), first.unsynced());
}

#[test]
fn a_journal_of_garbage_is_reported_and_the_document_can_be_used() {
    for garbage in [&[0, 3, 0, 1, 1][..], &[9], &[2, 1], &[3, 5, 0, 0, 1, 0, 0], &[255, 0, 0, 200], &[16, 2, 9, 9]] {
        let mut kept = Kept::open(1, garbage);
        kept.session.replay(kept.doc, garbage, START);
        let text = kept.edit(|replica| replica.open("text", Kind::Text));
        kept.edit(|replica| replica.text_insert(text, 0, "fine", None));
        assert_eq!(kept.text(text), "fine");
    }
}

proptest! {
    #[test]
    fn arbitrary_records_are_taken_in_or_reported(records: Vec<u8>) {
        take_in(&records);
    }

    #[test]
    fn a_journal_in_which_bytes_are_others_is_taken_in_or_reported(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut records = JOURNAL.with(Clone::clone);
        records.truncate(end.index(records.len()) + 1);
        changes.into_iter().for_each(|(at, byte)| records[at.index(end.index(JOURNAL.with(Vec::len)) + 1)] = byte);
        take_in(&records);
    }
}

thread_local! {
    /// That of a document with something of everything.
    static JOURNAL: Vec<u8> = {
        let mut kept = Kept::open(1, &[]);
        let (map, text) = kept.edit(|replica| Ok((replica.open("map", Kind::Map)?, replica.open("text", Kind::Text)?)));
        kept.edit(|replica| replica.text_insert(text, 0, "hello", None));
        let nested = kept.edit(|replica| replica.create_in(map, &PathSegment::Key("a".into()), NewType::Text(vec![])));
        kept.edit(|replica| replica.text_insert(nested, 0, "nested", None));
        let update = replica_saying(Replica::new(ClientId(9), 1 << 20), "brought");
        kept.session.apply_update(kept.doc, &update, START).unwrap();
        kept.commit();
        let early = [1, 1, 9, 40, 0x84, 9, 39, 1, b'x', 0];
        kept.session.apply_update(kept.doc, &early, START).unwrap();
        kept.commit();
        kept.edit(|replica| replica.map_delete(map, "a"));
        kept.commit();
        kept.journal.extend(kept.session.checkpoint(kept.doc).unwrap());
        kept.journal
    };
}

/// In silence and aloud, with and without care: whatever it is, the document can be used after it.
fn take_in(records: &[u8]) {
    for care in [Care::Usual, Care::Extreme] {
        let mut kept = Kept::with(2, Journal { records: records.to_vec(), care, poison: Vec::new() });
        kept.session.replay(kept.doc, records, START);
        let list = kept.edit(|replica| replica.open("a root of our own", Kind::List));
        kept.edit(|replica| replica.list_insert(list, 0, vec![Value::Null]));
        kept.commit();
        assert_eq!(kept.edit(|replica| replica.list_len(list)), 1);
        kept.session.checkpoint(kept.doc);
    }
}

fn replica_saying(mut replica: Replica, text: &str) -> Vec<u8> {
    let id = replica.open("text", Kind::Text).unwrap();
    replica.text_insert(id, 0, text, None).unwrap();
    replica.encode_since(None).unwrap()
}
