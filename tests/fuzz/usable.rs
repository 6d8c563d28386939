//! Decides what is asked of a document after hostile bytes: that it can be read and edited, and that others understand it.

use crate::case::{Case, Kind as Generator, OWN_CLIENT};
use crate::driver::Driver;
use crate::sessions;
use syncline::ids::{ClientId, LinkId};
use syncline::replica::{Attributes, EditError, Kind, NewType, PathSegment, Replica, TypeId, Value};
use yrs::{GetString, Map, Transact, WriteTxn};

/// The roots that inputs write to, each with what the application opens it as.
pub const ROOTS: [(&str, Kind); 3] = [("text", Kind::Text), ("map", Kind::Map), ("list", Kind::List)];

/// Roots that no input names: these can be edited whatever came.
const OWN_TEXT: &str = "own text";
const OWN_MAP: &str = "own map";

const MARK: &str = "still usable";

/// Edits every root that can be opened, as honest people do.
pub fn edit(driver: &mut Driver, mark: &str) {
    for root in all_roots() {
        edit_root(driver, root, mark);
    }
    driver.session.commit(driver.doc, driver.now);
    driver.drain();
}

/// Edits one of the roots, whose turn it is, and the text of our own.
pub fn edit_one(driver: &mut Driver, turn: u64, mark: &str) {
    edit_root(driver, ROOTS[turn as usize % ROOTS.len()], mark);
    let own = driver.root(OWN_TEXT, Kind::Text).expect("nobody else names this root");
    let edited = driver.session.edit(driver.doc, |replica| replica.text_insert(own, 0, mark, None));
    assert_eq!(edited, Ok(()), "the {OWN_TEXT} cannot be edited");
    driver.session.commit(driver.doc, driver.now);
    driver.drain();
}

fn all_roots() -> impl Iterator<Item = (&'static str, Kind)> {
    ROOTS.into_iter().chain([(OWN_TEXT, Kind::Text), (OWN_MAP, Kind::Map)])
}

fn edit_root(driver: &mut Driver, (name, kind): (&str, Kind), mark: &str) {
    let Some(id) = driver.root(name, kind) else {
        assert!(!name.starts_with("own"), "a root that nobody named cannot be opened");
        return;
    };
    let edited = driver.session.edit(driver.doc, |replica| match kind {
        Kind::Text => edit_text(replica, id, mark),
        Kind::Map => edit_map(replica, id, mark),
        Kind::List => edit_list(replica, id, mark),
    });
    assert_eq!(edited, Ok(()), "the {name} cannot be edited");
}

fn edit_text(replica: &mut Replica, id: TypeId, mark: &str) -> Result<(), EditError> {
    replica.text_insert(id, 0, mark, None)?;
    let len = replica.text_len(id)?;
    replica.text_insert(id, len, "end", None)?;
    replica.text_format(id, 0, 3, Attributes::from([("b".into(), Value::from(true))]))?;
    replica.text_delete(id, len, 1)?;
    replica.text_delta(id).map(drop)
}

fn edit_map(replica: &mut Replica, id: TypeId, mark: &str) -> Result<(), EditError> {
    replica.map_set(id, "mark", Value::from(mark))?;
    let made = replica.create_in(id, &PathSegment::Key("made".to_owned()), NewType::Text(Vec::new()))?;
    replica.text_insert(made, 0, mark, None)?;
    replica.map_json(id).map(drop)
}

fn edit_list(replica: &mut Replica, id: TypeId, mark: &str) -> Result<(), EditError> {
    let len = replica.list_len(id)?;
    replica.list_insert(id, len / 2, vec![Value::from(mark)])?;
    replica.list_delete(id, len, 1)?;
    replica.list_json(id).map(drop)
}

/// A root takes an edit, and a replica that is new has it.
pub fn glance(driver: &mut Driver, case: &Case) {
    edit_one(driver, case.seed, MARK);
    let replica = driver.session.replica(driver.doc).expect("the document is open");
    assert!(read(replica, OWN_TEXT).starts_with(MARK), "an edit is not there");
    let state = replica.encode_since(None).expect("the state is told");
    check_newcomer(replica, &state, case);
}

/// A new replica takes the state in, and has the edits.
fn check_newcomer(replica: &mut Replica, state: &[u8], case: &Case) -> Replica {
    let mut newcomer = Replica::new(ClientId(123_456), 1 << 20);
    let applied = newcomer.apply(state, LinkId::SERVER).expect("our own state is taken in");
    assert!(applied.refused.is_empty(), "of our own state is refused: {:?}", applied.refused);
    // Who writes in our name makes elements beside each other that only their order of arrival tells apart.
    if case.client == OWN_CLIENT {
        assert_eq!(read(&mut newcomer, OWN_TEXT), read(replica, OWN_TEXT), "an edit is not what it was elsewhere");
    }
    newcomer
}

/// The document is as it has to be where nothing was damaged.
pub fn check_text(driver: &mut Driver, expected: &str) {
    let id = driver.root("text", Kind::Text).expect("the text is a text");
    let text = driver.session.edit(driver.doc, |replica| replica.text_string(id)).expect("the text can be read");
    assert_eq!(text, expected, "an honest session does not converge");
}

/// The document can be edited, and a replica that is new has all of that.
pub fn check(driver: &mut Driver, case: &Case) {
    edit(driver, MARK);
    let replica = driver.session.replica(driver.doc).expect("the document is open");
    let state = replica.encode_since(None).expect("the state is told");
    let mut newcomer = check_newcomer(replica, &state, case);
    if case.kind == Generator::Honest {
        assert_eq!(read(&mut newcomer, "text"), read(replica, "text"), "the text differs elsewhere");
        // Of what no honest client would write yrs may keep something pending, where Yjs and a gate in front of yrs do not.
        check_yrs(&state);
    }
}

fn read(replica: &mut Replica, name: &str) -> String {
    let id = replica.open(name, Kind::Text).expect("a text");
    replica.text_string(id).expect("a text can be read")
}

/// yrs takes the state in without a gate, and has the edits.
fn check_yrs(state: &[u8]) {
    let fresh = sessions::replica(654_321);
    sessions::take(&fresh, state);
    let mut txn = fresh.try_transact_mut().expect("nobody else writes");
    let text = txn.get_or_insert_text(OWN_TEXT).get_string(&txn);
    assert!(text.starts_with(MARK), "yrs has {text:?} of the text");
    let map = txn.get_or_insert_map(OWN_MAP);
    assert_eq!(map.get(&txn, "mark").map(|mark| mark.to_string(&txn)).as_deref(), Some(MARK));
}
