//! The rows of field.md, section 2: how clients behave when the network is bad.

use super::world::{GOOD, LATENCY, Server, World, secs, settled};
use crate::clock::Duration;
use crate::connection::{CloseCode, Phase, ProbeStep, Reason};

const SEEDS: u64 = 300;

/// The shortest and the longest of the first gaps between attempts over many clients, without what `each` attempt
/// takes before it fails.
fn waits(server: Server, each: Duration) -> Vec<(u128, u128)> {
    let mut ranges = vec![(u128::MAX, 0); 9];
    for seed in 0..SEEDS {
        let mut world = World::new(server, seed);
        world.run(secs(600));
        for (range, gap) in ranges.iter_mut().zip(world.gaps()) {
            let wait = gap - each.as_millis();
            *range = (range.0.min(wait), range.1.max(wait));
        }
    }
    ranges
}

/// Asserts that the waits are jittered below a bound that doubles up to the cap.
fn assert_growth(waits: &[(u128, u128)]) {
    for ((min, max), bound) in waits.iter().zip([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
        assert!(*min < bound / 10, "no jitter below {bound}: {waits:?}");
        assert!(*max > bound * 9 / 10 && *max <= bound, "no growth to {bound}: {waits:?}");
    }
}

#[test]
fn a_server_that_refuses_is_tried_with_jittered_growth_up_to_the_cap() {
    assert_growth(&waits(Server::Refuses, LATENCY));

    let mut world = World::new(Server::Refuses, 1);
    world.run(LATENCY);
    let status = world.status();
    assert_eq!((status.phase, status.attempt), (Phase::Waiting, 1));
    assert_eq!(status.reason, Some(Reason::Unreachable { code: 1006 }));
    assert_eq!(status.retry_at, world.connection.poll_timeout());
}

#[test]
fn a_handshake_that_hangs_is_given_up_at_the_connect_timeout_and_tried_again() {
    assert_growth(&waits(Server::Hangs, secs(10)));

    let mut world = World::new(Server::Hangs, 1);
    let start = world.now;
    world.run(secs(10));
    assert_eq!(world.closed(start), Some((10_000, CloseCode::Normal)));
    assert_eq!(world.status().reason, Some(Reason::ConnectTimeout));
}

#[test]
fn a_server_that_accepts_and_then_closes_is_tried_with_growth() {
    for code in [1000, 1001, 1005, 1006, 1011, 4000] {
        assert_growth(&waits(Server::OpensThenCloses(code, ""), LATENCY * 2));
    }
}

#[test]
fn a_server_that_syncs_and_then_closes_is_tried_with_growth() {
    for stays in [Duration::ZERO, secs(4)] {
        assert_growth(&waits(Server::SyncsThenCloses(stays, 1006, ""), LATENCY * 2 + stays));
    }
}

#[test]
fn a_server_that_syncs_and_then_restarts_is_tried_later_and_with_growth() {
    let waits = waits(Server::SyncsThenCloses(Duration::ZERO, 1012, "restart"), LATENCY * 2);
    assert!(waits.iter().all(|(min, _)| *min >= 1_000), "{waits:?}");
    let bounds = [10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 16_000, 30_000, 30_000];
    for ((_, max), bound) in waits.iter().zip(bounds) {
        assert!(*max > bound * 9 / 10 && *max <= bound, "no growth to {bound}: {waits:?}");
    }
}

#[test]
fn no_loop_of_opening_and_closing_is_a_storm() {
    for server in [
        Server::Refuses,
        Server::OpensThenCloses(1011, ""),
        Server::SyncsThenCloses(Duration::ZERO, 1006, ""),
        Server::SyncsThenCloses(Duration::ZERO, 1012, ""),
    ] {
        let mut attempts = 0;
        for seed in 0..SEEDS {
            let mut world = World::new(server, seed);
            world.run(secs(65));
            attempts += world.attempts();
        }
        // 4 to 625 a client in the table, for clients that do not grow or do not stop.
        assert!(attempts < 13 * usize::try_from(SEEDS).unwrap(), "{server:?}: {attempts}");
    }
}

#[test]
fn a_final_close_code_stops_with_a_reason() {
    for code in [1008, 4400, 4401, 4403, 4499] {
        let mut world = World::new(Server::OpensThenCloses(code, "go away"), 1);
        world.run(secs(3600));
        let status = world.status();
        assert_eq!((world.attempts(), status.phase, status.retry_at), (1, Phase::Stopped, None));
        assert_eq!(status.reason, Some(Reason::ServerRefused { code, reason: "go away".to_owned() }));
        assert_eq!(world.connection.poll_timeout(), None);
    }
}

#[test]
fn a_server_that_is_mute_from_the_start_is_noticed_within_twenty_seconds() {
    let mut world = World::new(Server::Mute, 1);
    world.run(LATENCY);
    let start = world.now;
    world.run(secs(20));
    assert_eq!(world.probes(start)[..2], [(9_000, ProbeStep::First), (13_000, ProbeStep::Second)]);
    assert_eq!(world.closed(start), Some((17_000, CloseCode::Silent)));
    assert_eq!(world.attempts(), 2);
}

#[test]
fn a_server_that_falls_silent_is_noticed_within_twenty_seconds_of_its_last_message() {
    let mut world = World::new(Server::SyncsThenMute, 1);
    world.run(LATENCY * 2);
    let start = world.now;
    world.run(secs(17));
    assert_eq!(world.closed(start), Some((17_000, CloseCode::Silent)));
    assert_eq!(world.status().reason, Some(Reason::Silent));
}

#[test]
fn a_connection_that_goes_half_open_after_hours_is_noticed_within_twenty_seconds() {
    let mut world = settled(GOOD);
    world.run(secs(7200));
    assert_eq!((world.attempts(), world.phase()), (1, Phase::Open));
    world.server = Server::Mute;
    let start = world.now;
    world.run(secs(20));
    assert!(matches!(world.closed(start), Some((8_000..=17_100, CloseCode::Silent))));
}

#[test]
fn a_quiet_server_that_answers_only_the_second_question_is_never_dropped() {
    let mut world = World::new(Server::AnswersTheSecond, 1);
    world.run(secs(3600));
    assert_eq!((world.attempts(), world.phase()), (1, Phase::Open));
}

#[test]
fn a_server_that_comes_back_is_found_within_the_cap() {
    for seed in 0..SEEDS {
        let mut world = World::new(Server::Refuses, seed);
        world.run(secs(300));
        world.server = GOOD;
        world.run(secs(31));
        assert_eq!(world.phase(), Phase::Open);
    }
}
