//! The closed sets are those that the TypeScript types are checked against: `tests/package/agreement.test.mjs` reads the
//! same file. The package itself does not list them, as nobody asks it to.

#![cfg(not(target_family = "wasm"))]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use syncline::config::option_names;
use syncline::error_code::ErrorCode;
use syncline::replica::{UndoChange, UndoStack};
use syncline::session::{Count, HeldBy, Kind, Phase, Problem, StatusReason, StorePhase};
use syncline::wire::Protocol;

#[test]
fn the_closed_sets_are_those_of_the_file_that_typescript_is_checked_against() {
    let sets = json!({
        "phases": names(Phase::ALL.iter().map(|phase| phase.name())),
        "holders": names(HeldBy::ALL.map(HeldBy::name)),
        "storePhases": names(StorePhase::ALL.map(StorePhase::name)),
        "errors": names(ErrorCode::ALL.map(ErrorCode::name)),
        "reasons": names(StatusReason::codes()),
        "problems": names(Problem::codes()),
        "options": names(option_names()),
        "undoChanges": names(UndoChange::NAMES),
        "undoStacks": names(UndoStack::ALL.map(UndoStack::name)),
        "protocols": names(Protocol::ALL.iter().map(|protocol| protocol.name())),
    });
    let written: Value = serde_json::from_str(include_str!("golden/closed-sets.json")).unwrap();
    assert_eq!(written, sets, "the file has to be:\n{}", serde_json::to_string_pretty(&sets).unwrap());
}

#[test]
fn what_travels_as_a_number_has_the_same_place_in_the_lists_of_typescript() {
    let words = Kind::ALL.into_iter().map(|kind| (kind.name(), kind.words().collect::<Vec<_>>()));
    let words: Vec<_> = words.filter(|(_, words)| !words.is_empty()).collect();
    let lists = json!({
        "traceKinds": Kind::ALL.map(Kind::name).to_vec(),
        "traceWords": words.into_iter().map(|(kind, words)| (kind.to_owned(), words.into())).collect::<serde_json::Map<_, _>>(),
        "reasons": StatusReason::codes().collect::<Vec<_>>(),
        "counters": Count::ALL.map(Count::name),
    });
    let written: Value = serde_json::from_str(include_str!("golden/ordered-lists.json")).unwrap();
    assert_eq!(written, lists, "the file has to be:\n{}", serde_json::to_string_pretty(&lists).unwrap());
}

/// In an order of their own, as sets have none.
fn names(names: impl IntoIterator<Item = &'static str>) -> BTreeSet<&'static str> {
    names.into_iter().collect()
}
