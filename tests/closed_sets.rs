//! The closed sets are those that the TypeScript types are checked against: `tests/package/agreement.test.mjs` reads the
//! same file. The package itself does not list them, as nobody asks it to.

#![cfg(not(target_family = "wasm"))]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use syncline::config::option_names;
use syncline::error_code::ErrorCode;
use syncline::session::{HeldBy, Phase, Problem, StatusReason, StorePhase};
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
        "protocols": names(Protocol::ALL.iter().map(|protocol| protocol.name())),
    });
    let written: Value = serde_json::from_str(include_str!("golden/closed-sets.json")).unwrap();
    assert_eq!(written, sets, "the file has to be:\n{}", serde_json::to_string_pretty(&sets).unwrap());
}

/// In an order of their own, as sets have none.
fn names(names: impl IntoIterator<Item = &'static str>) -> BTreeSet<&'static str> {
    names.into_iter().collect()
}
