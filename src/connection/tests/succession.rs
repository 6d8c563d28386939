//! How a socket that works is replaced before the server ends it: without a gap, a failure or a wait.

use super::world::{GOOD, LATENCY, PLAIN, Server, World, secs};
use crate::clock::{Duration, Instant};
use crate::config::ConnectionConfig;
use crate::connection::{Action, CloseCode, CloseInfo, Connection, Habits, Phase, Reason};
use crate::ids::SocketId;

const TWO_HOURS: Habits = Habits { lifetime: Some(secs(7200)), ..PLAIN };
const OLD: SocketId = SocketId(1);
const NEW: SocketId = SocketId(2);

fn aging(server: Server, seed: u64) -> World {
    World::before(ConnectionConfig::default(), TWO_HOURS, server, seed)
}

/// A world in which the first socket works, and the second is being opened, which `then` decides about.
fn succeeding(then: Server) -> World {
    let mut world = aging(GOOD, 1);
    world.run(secs(60));
    world.server = then;
    while world.attempts() < 2 {
        world.act(|connection, now| connection.handle_received(OLD, now));
        world.run(secs(1));
    }
    world
}

fn close(code: u16, reason: &str) -> CloseInfo {
    CloseInfo { code, reason: reason.to_owned() }
}

fn hear(world: &mut World, info: CloseInfo, socket: SocketId) {
    world.ledger.forget(socket);
    world.act(|connection, now| assert!(connection.handle_closed(socket, info, now)));
}

#[test]
fn a_socket_is_replaced_ten_to_two_minutes_before_the_server_ends_it() {
    let ages = (0..300).map(|seed| {
        let mut world = aging(GOOD, seed);
        world.run(secs(7200));
        let opened: Vec<Instant> = world.ledger.opened().map(|(at, _)| at).collect();
        assert_eq!((opened.len(), world.connection.live_socket()), (2, Some(NEW)));
        opened[1].since(opened[0] + LATENCY)
    });
    let ages: Vec<Duration> = ages.collect();
    let (min, max) = (ages.iter().min().unwrap(), ages.iter().max().unwrap());
    assert!((secs(6600)..secs(6610)).contains(min) && (secs(7070)..=secs(7080)).contains(max), "{min:?}..{max:?}");
}

#[test]
fn the_old_socket_works_until_the_new_one_is_open_and_is_closed_then() {
    let mut world = aging(GOOD, 1);
    world.run(secs(60));
    while world.ledger.successor.is_none() {
        world.run(Duration::from_millis(1));
    }
    let start = world.now;
    assert_eq!((world.connection.live_socket(), world.phase()), (Some(OLD), Phase::Open));
    world.run(LATENCY - Duration::from_millis(1));
    assert_eq!((world.connection.live_socket(), world.closed(start)), (Some(OLD), None));
    world.run(Duration::from_millis(1));
    assert_eq!(world.connection.live_socket(), Some(NEW));
    assert_eq!(world.closed(start), Some((20, CloseCode::Normal)));
    let status = world.status();
    assert_eq!((status.phase, status.attempt, status.reason), (Phase::Open, 0, None));
}

#[test]
fn sockets_are_replaced_for_ever_without_a_wait() {
    let mut world = aging(GOOD, 1);
    for _ in 0..24 * 60 {
        world.run(secs(60));
        assert_eq!((world.phase(), world.status().attempt), (Phase::Open, 0));
    }
    assert!((13..=14).contains(&world.attempts()), "{}", world.attempts());
}

#[test]
fn the_option_for_the_lifetime_goes_before_what_the_habits_say() {
    let config = ConnectionConfig { lifetime: Some(secs(60)), ..ConnectionConfig::default() };
    let mut world = World::before(config, TWO_HOURS, GOOD, 1);
    world.run(secs(60));
    assert_eq!(world.attempts(), 2);
}

#[test]
fn a_successor_that_fails_or_hangs_costs_another_try_while_the_old_socket_works() {
    for server in [Server::Refuses, Server::Hangs] {
        let mut world = succeeding(server);
        for _ in 0..300 {
            world.act(|connection, now| assert!(connection.handle_received(OLD, now)));
            world.run(secs(1));
            assert_eq!((world.phase(), world.status().attempt), (Phase::Open, 0));
        }
        assert!((4..=11).contains(&(world.attempts() - 1)), "{server:?}: {}", world.attempts());
        world.server = GOOD;
        for _ in 0..72 {
            world.act(|connection, now| connection.handle_received(OLD, now));
            world.run(secs(1));
        }
        assert_ne!(world.connection.live_socket(), Some(OLD));
    }
}

#[test]
fn a_successor_that_is_refused_for_good_does_not_stop_what_works() {
    let mut world = succeeding(Server::Hangs);
    let successor = world.ledger.successor.unwrap();
    hear(&mut world, close(4401, "expired"), successor);
    assert_eq!((world.connection.live_socket(), world.status().reason), (Some(OLD), None));
}

#[test]
fn a_successor_comes_no_sooner_than_the_server_asks() {
    let mut world = succeeding(Server::Hangs);
    let (successor, attempts) = (world.ledger.successor.unwrap(), world.attempts());
    hear(&mut world, close(1013, "retry-after: 200"), successor);
    for _ in 0..199 {
        world.act(|connection, now| connection.handle_received(OLD, now));
        world.run(secs(1));
    }
    assert_eq!(world.attempts(), attempts);
}

#[test]
fn a_successor_that_cannot_be_begun_is_put_off_and_an_attempt_fails() {
    let reason = || Reason::TokenUnavailable("the endpoint answered 503".to_owned());
    let mut world = succeeding(Server::Hangs);
    let successor = world.ledger.successor.unwrap();
    world.act(|connection, now| assert!(connection.give_up(successor, reason(), now)));
    assert_eq!((world.connection.live_socket(), world.ledger.successor), (Some(OLD), None));

    let mut world = World::new(Server::Hangs, 1);
    world.act(|connection, now| assert!(connection.give_up(OLD, reason(), now)));
    let status = world.status();
    assert_eq!((status.phase, status.attempt, status.reason), (Phase::Waiting, 1, Some(reason())));
    world.act(|connection, now| assert!(!connection.give_up(OLD, reason(), now)));
}

#[test]
fn the_successor_is_the_attempt_under_way_when_the_old_socket_is_lost_first() {
    let mut world = succeeding(Server::Hangs);
    let (successor, attempts) = (world.ledger.successor.unwrap(), world.attempts());
    hear(&mut world, close(1001, "going away"), OLD);
    let status = world.status();
    assert_eq!((status.phase, status.attempt, world.attempts()), (Phase::Connecting, 0, attempts));
    assert_eq!(status.reason, Some(Reason::Closed { code: 1001, reason: "going away".to_owned() }));
    world.act(|connection, now| assert!(connection.handle_opened(successor, now)));
    assert_eq!(world.connection.live_socket(), Some(successor));
}

#[test]
fn the_successor_is_the_attempt_under_way_when_the_old_socket_falls_silent() {
    let mut world = succeeding(Server::Hangs);
    let successor = world.ledger.successor.unwrap();
    world.act(Connection::handle_offline);
    let start = world.now;
    world.run(secs(8));
    assert_eq!(world.closed(start), Some((8_000, CloseCode::Silent)));
    assert_eq!((world.phase(), world.ledger.socket), (Phase::Connecting, Some(successor)));
}

#[test]
fn a_successor_is_left_when_the_server_wants_us_to_stay_away() {
    for (info, phase) in [
        (close(4401, ""), Phase::Stopped),
        (close(1012, ""), Phase::Waiting),
        (close(1000, "retry-after: 9"), Phase::Waiting),
    ] {
        let mut world = succeeding(Server::Hangs);
        hear(&mut world, info, OLD);
        assert_eq!((world.phase(), world.ledger.socket, world.ledger.successor), (phase, None, None));
    }
}

#[test]
fn commands_leave_the_socket_and_its_successor() {
    let mut world = succeeding(Server::Hangs);
    world.act(|connection, _| connection.disconnect());
    assert_eq!((world.phase(), world.ledger.socket), (Phase::Disconnected, None));

    let mut world = succeeding(Server::Hangs);
    world.act(Connection::reconnect);
    assert_eq!((world.phase(), world.ledger.successor), (Phase::Connecting, None));

    let mut world = succeeding(Server::Hangs);
    world.act(|connection, now| connection.fail(Reason::Denied(String::new()), now));
    assert_eq!((world.phase(), world.ledger.socket), (Phase::Stopped, None));
}

#[test]
fn news_of_the_socket_that_was_replaced_is_dropped() {
    let mut world = succeeding(GOOD);
    world.run(LATENCY);
    let before = world.status();
    world.act(|connection, now| {
        assert!(!connection.handle_received(OLD, now));
        assert!(!connection.handle_closed(OLD, close(4401, ""), now));
    });
    assert_eq!((world.status(), world.connection.live_socket()), (before, Some(NEW)));
}

#[test]
fn a_question_to_the_old_socket_that_was_not_taken_is_withdrawn_with_it() {
    let mut world = succeeding(Server::Hangs);
    let successor = world.ledger.successor.unwrap();
    world.connection.handle_offline(world.now);
    assert!(world.connection.handle_opened(successor, world.now));
    assert_eq!(world.connection.poll_action(), Some(Action::Close(OLD, CloseCode::Normal)));
    assert_eq!(world.connection.poll_action(), None);
}

#[test]
fn a_successor_that_opens_and_then_fails_counts_as_the_first_failure() {
    let mut world = succeeding(Server::OpensThenCloses(1006, ""));
    world.run(LATENCY * 2);
    assert_eq!((world.phase(), world.status().attempt), (Phase::Waiting, 1));
}

#[test]
fn nothing_is_replaced_while_the_page_is_frozen_and_a_successor_gets_its_full_time_after() {
    let mut world = aging(GOOD, 1);
    world.run(secs(60));
    world.act(|connection, _| connection.handle_frozen());
    world.sleep(secs(7200));
    world.act(Connection::handle_timeout);
    assert_eq!(world.attempts(), 1);

    let mut world = succeeding(Server::Hangs);
    let successor = world.ledger.successor;
    world.act(|connection, _| connection.handle_frozen());
    world.sleep(secs(3600));
    world.act(Connection::handle_visible);
    world.act(|connection, now| connection.handle_received(OLD, now));
    world.run(secs(9));
    assert_eq!(world.ledger.successor, successor);
}

#[test]
fn a_socket_that_outlived_its_time_in_sleep_is_replaced_at_once() {
    let mut world = aging(GOOD, 1);
    world.run(secs(60));
    world.sleep(secs(3 * 3600));
    world.act(Connection::handle_timeout);
    assert_eq!(world.attempts(), 2);
}

#[test]
fn after_a_refusal_it_is_tried_again_on_request_as_after_a_failure() {
    let refusal = Reason::ServerRefused { code: 4401, reason: "expired".to_owned() };
    let mut world = World::new(Server::OpensThenCloses(4401, "expired"), 1);
    world.run(secs(1));
    for attempt in 1..6 {
        assert_eq!((world.phase(), world.status().retry_at), (Phase::Stopped, None));
        world.act(Connection::try_again);
        let status = world.status();
        assert_eq!((status.phase, status.attempt), (Phase::Waiting, attempt));
        assert_eq!(status.reason, Some(refusal.clone()));
        world.run(status.retry_at.unwrap().since(world.now) + LATENCY * 2);
    }
    world.act(Connection::try_again);
    world.server = GOOD;
    world.run(secs(60));
    assert_eq!((world.phase(), world.status().attempt), (Phase::Open, 0));
}

#[test]
fn trying_again_means_nothing_unless_it_was_refused() {
    for mut world in [World::new(Server::Hangs, 1), World::new(GOOD, 1), World::new(Server::Refuses, 1)] {
        world.run(LATENCY);
        let before = (world.status(), world.ledger.log.len());
        world.act(Connection::try_again);
        assert_eq!((world.status(), world.ledger.log.len()), before);
    }
}
