//! A trace that was written down leads to the same phases for the same reasons when it is played again.

use crate::action::{self, Action, CLIENTS};
use crate::faults::{Damage, Trouble};
use crate::replay::{Played, Recorder, Script, in_steps, play, written};
use crate::seeds::{self, Run};
use crate::world::World;
use std::ops::Range;
use syncline::wire::Protocol;

const DEFAULT_SEEDS: Range<u64> = 0..4_000;

#[test]
fn every_trace_of_a_simulated_run_leads_to_the_same_phases_again() {
    seeds::run_all(DEFAULT_SEEDS, action::generate, Run { name: "replaying::replays", run: replays });
}

pub fn replays(seed: u64, actions: &[Action]) {
    let mut world = World::plain(seed);
    let recorders = record(&mut world, actions);
    for (client, recorder) in recorders.iter().enumerate() {
        let Played { recorded, replayed } = play(&Script::of(Protocol::YWebsocket, recorder)).unwrap();
        assert_eq!(replayed, recorded, "client {client}");
    }
}

#[test]
fn what_is_left_of_a_long_trace_leads_to_the_same_phases_from_the_first_attempt_on() {
    let (mut played, mut differing) = (0_usize, Vec::new());
    for seed in 0..600 {
        let mut world = World::plain(seed);
        // Several lives, so that the beginning is forgotten.
        for part in 0..12 {
            let actions = action::generate(seed * 12 + part);
            // Who is told to stay away stays away, and has no more attempts; and of how late timers are nothing is known.
            let is_lasting = |action: &&Action| {
                matches!(action, Action::Trouble { .. } | Action::CloseAll { .. })
                    || matches!(action, Action::SetClock { .. } | Action::Throttle { .. })
            };
            actions.iter().filter(|action| !is_lasting(action)).for_each(|action| world.act(action));
        }
        for client in 0..CLIENTS {
            let traced = world.session(client).trace();
            let trace = written::write(Protocol::YWebsocket, &traced.entries, traced.complete_from);
            let script = Script::read(&trace);
            if script.complete_from == 0 || script.first_attempt().is_none() {
                continue;
            }
            let Played { recorded, replayed } = play(&script).unwrap();
            played += usize::from(!recorded.is_empty());
            if replayed != recorded {
                differing.push((seed, client));
            }
        }
    }
    // How a page was before, frozen for one, is forgotten, and what was asked before: a few differ by that.
    assert!(played > 100, "only {played} traces had something left to play");
    assert!(differing.len() * 100 <= played * 3, "of {played} traces {} differ: {differing:?}", differing.len());
}

/// Written down by `tests/e2e/observe.test.mjs`.
#[test]
fn the_trace_of_a_real_browser_leads_to_the_same_phases_again() {
    let script = Script::read(&serde_json::from_str(include_str!("../golden/trace.json")).unwrap());
    let Played { recorded, replayed } = play(&script).unwrap();
    assert_eq!(replayed, recorded);
    for (phase, reason) in [("synced", ""), ("waiting", "unreachable"), ("waiting", "silent")] {
        assert!(recorded.contains(&(0, phase.to_owned(), reason.to_owned())), "there is no {phase} {reason}");
    }
}

#[test]
fn content_that_was_refused_is_refused_again_for_the_same_reason() {
    for code in ["bad-update", "unsupported-content", "too-much-held"] {
        let entries = serde_json::json!([
            [0, "session", 0, 1],
            [0, "document"],
            [0, "phase", "disconnected", ""],
            [0, "connect"],
            [0, "open", 1],
            [0, "phase", "connecting", ""],
            [5, "opened", 1],
            [5, "phase", "handshaking", ""],
            [6, "in", "sync-step-1", 4, 2],
            [7, "in", "sync-step-2", 99, 4],
            [7, "phase", "handshaking", code],
            [7, "problem", code],
            [9, "in", "sync-step-2", 5, 3],
            [9, "phase", "synced", ""],
        ]);
        let trace = serde_json::json!({
            "version": 1, "protocol": "y-websocket", "options": { "maxHeldBytes": 1000 }, "document": 0,
            "completeFrom": 0, "count": 14, "entries": entries,
        });
        let Played { recorded, replayed } = play(&Script::read(&trace)).unwrap();
        assert_eq!(replayed, recorded);
    }
}

#[test]
fn what_peers_and_other_tabs_said_is_not_played() {
    let trace = |protocol: &str, entries: serde_json::Value| {
        serde_json::json!({
            "version": 1, "protocol": protocol, "options": {}, "document": 0, "completeFrom": 0, "count": 2,
            "entries": entries,
        })
    };
    let begin = serde_json::json!([0, "session", 0, 1]);
    let refused = |trace| play(&Script::read(&trace)).err().unwrap();
    assert!(refused(trace("relay", serde_json::json!([begin]))).contains("peers"));
    let entries = serde_json::json!([begin, [1, "document", 2], [2, "connect"], [3, "tab", "message", 9]]);
    assert!(refused(trace("y-websocket", entries)).contains("another tab"));
}

/// Plays the actions and collects what each client notes.
fn record(world: &mut World, actions: &[Action]) -> Vec<Recorder> {
    let mut recorders: Vec<_> = (0..CLIENTS).map(|_| Recorder::default()).collect();
    let mut follow = |world: &World| {
        recorders.iter_mut().enumerate().for_each(|(client, recorder)| recorder.follow(world.session(client)));
    };
    follow(world);
    // What is refused and put right by the next message of a burst is told to nobody; a trace does not say what was a burst.
    let is_traced =
        |action: &&Action| !matches!(action, Action::Trouble { trouble: Trouble::ToClient(Damage::Noise), .. });
    for action in actions.iter().filter(is_traced) {
        if let Action::Advance { millis } = action {
            for millis in in_steps(*millis) {
                world.advance(millis);
                follow(world);
            }
        } else {
            world.act(action);
            follow(world);
        }
    }
    recorders
}
