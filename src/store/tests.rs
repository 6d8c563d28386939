//! What the store writes and when, and what it makes of a disk that fails.

use super::*;
use crate::ids::ClientId;
use crate::replica::{Kind, TypeId};

/// A store with the document and the disk that belong to it.
struct Desk {
    store: Store,
    replica: Replica,
    text: TypeId,
    unsynced: Unsynced,
    now: Instant,
}

impl Desk {
    /// A document whose disk was not read yet.
    fn unread() -> Self {
        let mut replica = Replica::new(ClientId(1), 1 << 20);
        let text = replica.open("text", Kind::Text).unwrap();
        let now = Instant::from_millis(1_000);
        Self { store: Store::new(7, now + Duration::from_secs(2)), replica, text, unsynced: Unsynced::default(), now }
    }

    /// A document whose disk was empty.
    fn open() -> Self {
        Self::with(Vec::new())
    }

    fn with(records: Vec<(RecordKey, Vec<u8>)>) -> Self {
        let mut desk = Self::unread();
        let load = desk.op().unwrap();
        assert_eq!(load.task, Task::Load);
        desk.answer(&load, StoreNews::Loaded(records));
        desk
    }

    fn op(&mut self) -> Option<StoreOp> {
        self.store.poll_op(&mut self.replica, &self.unsynced, self.now)
    }

    fn answer(&mut self, op: &StoreOp, news: StoreNews) -> Answer {
        self.store.handle_news(Some(op.id), news, || 99, self.now)
    }

    fn advance(&mut self, duration: Duration) {
        self.now = self.now + duration;
        self.store.handle_timeout(self.now);
    }

    /// Makes an edit that is nowhere else.
    fn edit(&mut self, text: &str) {
        self.replica.text_insert(self.text, 0, text, None).unwrap();
        self.replica.commit();
        let committed = self.replica.poll_committed().unwrap();
        self.unsynced.note_change(&committed.ranges);
        self.store.note_change(committed.update, EditSet::from(&committed.ranges).len(), Urgency::Now, self.now);
    }

    /// Makes an edit and has it stored; returns the operation that did.
    fn stored(&mut self, text: &str) -> StoreOp {
        self.edit(text);
        let op = self.op().unwrap();
        assert_eq!(self.answer(&op, StoreNews::Written), Answer::Stored);
        op
    }
}

fn record(op: &StoreOp) -> Record {
    let Task::Write { record, .. } = &op.task else { panic!("not a write: {op:?}") };
    Record::decode(record).unwrap()
}

fn replaces(op: &StoreOp) -> &[RecordKey] {
    let Task::Write { replaces, .. } = &op.task else { panic!("not a write: {op:?}") };
    replaces
}

fn key(sequence: u32, writer: u32) -> RecordKey {
    RecordKey { sequence, writer }
}

fn said(updates: &[Vec<u8>]) -> String {
    let mut replica = Replica::new(ClientId(2), 1 << 20);
    let text = replica.open("text", Kind::Text).unwrap();
    updates.iter().for_each(|update| drop(replica.apply(update, crate::ids::LinkId::DISK).unwrap()));
    replica.text_string(text).unwrap()
}

#[test]
fn an_edit_is_written_at_once_and_what_comes_meanwhile_is_the_next_record() {
    let mut desk = Desk::open();
    desk.edit("a");
    let first = desk.op().unwrap();
    assert_eq!((record(&first).updates.len(), record(&first).added.len()), (1, 1));
    desk.edit("b");
    desk.edit("c");
    assert_eq!(desk.op(), None, "one operation at a time");
    assert_eq!(desk.store.unstored(), 3);
    desk.answer(&first, StoreNews::Written);
    let second = desk.op().unwrap();
    assert_eq!((record(&second).updates.len(), record(&second).added.len()), (2, 2));
    desk.answer(&second, StoreNews::Written);
    assert_eq!((desk.store.unstored(), desk.store.has_all()), (0, true));
}

#[test]
fn who_takes_over_while_it_reads_reads_what_was_written_meanwhile() {
    let mut desk = Desk::unread();
    let load = desk.op().unwrap();
    desk.store.stand_by();
    desk.store.take_over(0, desk.now);
    assert_eq!(desk.op(), None, "one operation at a time");
    desk.answer(&load, StoreNews::Loaded(Vec::new()));
    assert!(!desk.store.is_opening(), "the document waits for another tab");
    assert_eq!(desk.op().unwrap().task, Task::Load);
}

#[test]
fn who_takes_over_while_it_writes_reads_what_was_written_meanwhile() {
    let mut desk = Desk::open();
    desk.edit("a");
    let write = desk.op().unwrap();
    desk.store.stand_by();
    desk.store.take_over(1, desk.now);
    assert_eq!(desk.answer(&write, StoreNews::Written), Answer::Stored);
    assert_eq!(desk.op().unwrap().task, Task::Load);
}

#[test]
fn of_what_is_read_again_only_what_is_new_is_taken_in() {
    let mut desk = Desk::open();
    let own = desk.stored("a");
    let Task::Write { key: own_key, record: bytes, .. } = own.task else { panic!("not a write") };
    let other = Record { updates: vec![vec![0, 0]], ..Record::default() };
    desk.store.stand_by();
    desk.store.take_over(0, desk.now);
    let load = desk.op().unwrap();
    let records = vec![(own_key, bytes), (key(2, 8), other.encode())];
    let Answer::Loaded { records, .. } = desk.answer(&load, StoreNews::Loaded(records)) else { panic!("not loaded") };
    assert_eq!(records.iter().map(|record| record.updates.len()).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(records[0].added.len(), 1, "what it says is unsynced is still known");
}

#[test]
fn a_snapshot_has_what_waits_for_what_it_builds_on() {
    let mut author = Desk::open();
    author.edit("a");
    let first = author.op().unwrap();
    author.answer(&first, StoreNews::Written);
    author.edit("b");
    let second = author.op().unwrap();
    let mut desk = Desk::open();
    desk.replica = Replica::new(ClientId(2), 1 << 20);
    for update in record(&second).updates {
        desk.replica.apply(&update, crate::ids::LinkId::SERVER).unwrap();
    }
    desk.store.handle_news(None, StoreNews::Lost(StoreFailure::Closed), || 1, desk.now);
    desk.advance(FIRST_REST);
    let load = desk.op().unwrap();
    desk.answer(&load, StoreNews::Loaded(Vec::new()));
    let snapshot = record(&desk.op().unwrap());
    let all = [record(&first).updates, snapshot.updates].concat();
    assert_eq!(said(&all), "ba");
}

#[test]
fn what_is_held_elsewhere_waits_a_second_unless_an_edit_takes_it_along() {
    let mut desk = Desk::open();
    desk.store.note_change(vec![0, 0], 0, Urgency::Soon, desk.now);
    assert_eq!(desk.op(), None);
    assert_eq!(desk.store.timeout(), Some(desk.now + SOON));
    desk.edit("a");
    assert_eq!(record(&desk.op().unwrap()).updates.len(), 2, "in the order in which they were made");
}

#[test]
fn what_was_proven_is_written_within_a_second() {
    let mut desk = Desk::open();
    desk.stored("a");
    let proven = desk.unsynced.set().clone();
    desk.unsynced.settle(&proven);
    assert_eq!(desk.op(), None);
    desk.advance(SOON);
    let op = desk.op().unwrap();
    assert_eq!(record(&op), Record { proven, ..Record::default() });
}

#[test]
fn a_log_of_many_records_is_folded_when_no_edit_waits() {
    let mut desk = Desk::open();
    for _ in 0..201 {
        assert!(replaces(&desk.stored("x")).is_empty());
    }
    assert_eq!(desk.op(), None);
    desk.advance(SOON);
    let fold = desk.op().unwrap();
    assert_eq!(replaces(&fold).len(), 201);
    assert_eq!(said(&record(&fold).updates), "x".repeat(201));
    desk.answer(&fold, StoreNews::Written);
    desk.advance(SOON);
    assert_eq!(desk.op(), None, "it was folded");
}

#[test]
fn a_log_that_is_larger_than_the_document_is_folded() {
    let mut desk = Desk::open();
    let long = "x".repeat(70_000);
    desk.stored(&long);
    desk.stored(&long);
    desk.advance(SOON);
    assert_eq!(desk.op(), None, "not larger than what was written first");
    desk.stored("y");
    desk.advance(SOON);
    assert_eq!(replaces(&desk.op().unwrap()).len(), 3);
}

#[test]
fn a_failure_is_followed_by_a_rest_a_load_and_a_snapshot_ever_less_often() {
    let mut desk = Desk::open();
    desk.edit("a");
    let mut rests = Vec::new();
    for _ in 0..10 {
        let write = desk.op().unwrap();
        assert!(matches!(write.task, Task::Write { .. }));
        desk.answer(&write, StoreNews::Failed(StoreFailure::Quota));
        assert_eq!((desk.store.status(), desk.store.unstored()), (StoreStatus::Failed(StoreFailure::Quota), 1));
        assert_eq!(desk.op(), None);
        let rest = desk.store.timeout().unwrap().since(desk.now);
        rests.push(rest.as_millis());
        desk.advance(rest);
        let load = desk.op().unwrap();
        assert_eq!(load.task, Task::Load);
        desk.answer(&load, StoreNews::Loaded(vec![(key(3, 9), Record::default().encode())]));
    }
    assert_eq!(rests, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    desk.edit("b");
    let write = desk.op().unwrap();
    assert_eq!((said(&record(&write).updates), replaces(&write)), ("ba".to_owned(), &[key(3, 9)][..]));
    desk.answer(&write, StoreNews::Written);
    assert_eq!((desk.store.status(), desk.store.unstored()), (StoreStatus::Ready, 0));
}

#[test]
fn a_disk_that_does_not_answer_has_failed_and_its_late_answer_means_nothing() {
    let mut desk = Desk::open();
    desk.edit("a");
    let write = desk.op().unwrap();
    desk.advance(PATIENCE);
    assert_eq!(desk.store.status(), StoreStatus::Failed(StoreFailure::Timeout));
    assert_eq!(desk.answer(&write, StoreNews::Written), Answer::Nothing);
    assert_eq!(desk.store.unstored(), 1);
}

#[test]
fn a_disk_that_was_lost_is_taken_for_empty() {
    let mut desk = Desk::open();
    desk.stored("a");
    desk.store.handle_news(None, StoreNews::Lost(StoreFailure::Closed), || 99, desk.now);
    assert_eq!((desk.store.status(), desk.store.unstored()), (StoreStatus::Failed(StoreFailure::Closed), 99));
}

#[test]
fn records_are_read_in_order_and_what_they_say_is_unsynced_is_not_written_again() {
    let mut old = Desk::open();
    let (first, second) = (old.stored("a"), old.stored("b"));
    let bytes = |op: &StoreOp| record(op).encode();
    let mut desk = Desk::unread();
    let load = desk.op().unwrap();
    let records = vec![(key(2, 7), bytes(&second)), (key(1, 7), bytes(&first))];
    let Answer::Loaded { records, corrupt } = desk.answer(&load, StoreNews::Loaded(records)) else { panic!() };
    assert_eq!((records, corrupt), (vec![record(&first), record(&second)], 0));
    desk.unsynced.extend(old.unsynced.set());
    desk.advance(SOON * 2);
    assert_eq!(desk.op(), None);
    desk.edit("c");
    let Task::Write { key: next, .. } = desk.op().unwrap().task else { panic!() };
    assert_eq!(next, key(3, 7));
}

#[test]
fn a_record_that_cannot_be_read_is_counted_and_replaced() {
    let good = Desk::open().stored("a");
    let mut desk = Desk::unread();
    let load = desk.op().unwrap();
    let records = vec![(key(1, 3), vec![1, 2, 3]), (key(2, 3), record(&good).encode())];
    let Answer::Loaded { records, corrupt } = desk.answer(&load, StoreNews::Loaded(records)) else { panic!() };
    assert_eq!((records.len(), corrupt), (1, 1));
    assert_eq!(replaces(&desk.op().unwrap()), [key(1, 3), key(2, 3)]);
}

#[test]
fn what_a_newer_version_has_written_is_left_alone() {
    // Its version, and the checksum of that.
    let mut bytes = vec![2];
    bytes.extend((0x811c_9dc5_u32 ^ 2).wrapping_mul(0x0100_0193).to_le_bytes());
    let mut desk = Desk::with(vec![(key(1, 3), bytes)]);
    assert_eq!(desk.store.status(), StoreStatus::Failed(StoreFailure::Newer));
    desk.edit("a");
    assert_eq!(desk.op(), None);
    assert_eq!(desk.store.last_op(&mut desk.replica, &desk.unsynced, desk.now), None);
}

#[test]
fn a_document_waits_for_the_disk_until_the_deadline_or_the_first_answer() {
    let mut desk = Desk::unread();
    assert!(desk.store.is_opening());
    let load = desk.op().unwrap();
    desk.advance(Duration::from_secs(2));
    assert!(!desk.store.is_opening());
    assert!(matches!(desk.answer(&load, StoreNews::Loaded(Vec::new())), Answer::Loaded { .. }), "it is merged later");
    assert!(!Desk::open().store.is_opening());
}

#[test]
fn a_document_waits_for_a_disk_that_fails_at_first_but_not_for_one_that_is_not_there() {
    let fail = |failure| {
        let mut desk = Desk::unread();
        let load = desk.op().unwrap();
        desk.answer(&load, StoreNews::Failed(failure));
        desk
    };
    assert!(!fail(StoreFailure::Unavailable(String::new())).store.is_opening());
    let mut desk = fail(StoreFailure::Other("busy".to_owned()));
    assert!(desk.store.is_opening());
    desk.advance(FIRST_REST);
    let load = desk.op().unwrap();
    desk.answer(&load, StoreNews::Loaded(Vec::new()));
    assert!(!desk.store.is_opening());
}

#[test]
fn a_tab_that_watches_writes_nothing_and_makes_up_for_it_when_it_takes_over() {
    let mut desk = Desk::open();
    desk.store.stand_by();
    desk.edit("a");
    assert_eq!((desk.op(), desk.store.unstored()), (None, 0));
    desk.store.take_over(1, desk.now);
    assert_eq!(desk.store.unstored(), 1);
    let load = desk.op().unwrap();
    assert_eq!(load.task, Task::Load, "another tab may have written");
    desk.answer(&load, StoreNews::Loaded(vec![(key(5, 9), Record::default().encode())]));
    let write = desk.op().unwrap();
    assert_eq!((said(&record(&write).updates), replaces(&write)), ("a".to_owned(), &[key(5, 9)][..]));
}

#[test]
fn forgetting_does_not_wait_for_what_is_under_way_and_nothing_is_kept_after_it() {
    let mut desk = Desk::open();
    desk.edit("a");
    let write = desk.op().unwrap();
    desk.store.forget();
    let forget = desk.op().unwrap();
    assert_eq!(forget.task, Task::Forget);
    assert_eq!(desk.answer(&write, StoreNews::Written), Answer::Nothing);
    desk.store.forget();
    assert_eq!(desk.op(), None, "once is enough");
    desk.answer(&forget, StoreNews::Failed(StoreFailure::Closed));
    desk.advance(Duration::from_secs(1));
    let again = desk.op().unwrap();
    assert_eq!(again.task, Task::Forget);
    desk.answer(&again, StoreNews::Forgotten);
    desk.edit("b");
    desk.advance(Duration::from_secs(9));
    assert_eq!((desk.op(), desk.store.status()), (None, StoreStatus::Forgotten));
}

#[test]
fn the_last_word_is_written_beside_what_is_under_way_and_again_if_the_page_lives_on() {
    let mut desk = Desk::open();
    desk.edit("a");
    let write = desk.op().unwrap();
    desk.edit("b");
    let last = desk.store.last_op(&mut desk.replica, &desk.unsynced, desk.now).unwrap();
    assert_eq!(said(&record(&last).updates), "ba");
    assert_eq!(desk.answer(&last, StoreNews::Written), Answer::Nothing, "nobody can tell in which order they ended");
    desk.answer(&write, StoreNews::Written);
    assert_eq!(desk.store.unstored(), 1);
    assert_eq!(replaces(&desk.op().unwrap()).len(), 2);
}
