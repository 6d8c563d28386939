//! What kinds of servers do: one that speaks first, a relay, one that is spoken to seldom; and what a large upload means.

use super::world::{GOOD, LATENCY, PLAIN, Server, World, secs};
use crate::clock::Duration;
use crate::config::ConnectionConfig;
use crate::connection::{
    CloseCode, Company, Connection, Greeting, Habits, Liveness, Phase, ProbeStep, Questions, Reason,
};
use crate::ids::SocketId;

use ProbeStep::{First, Second};

const GREETS: Habits = Habits { greeting: Greeting::Expected, ..PLAIN };
const RELAYS: Habits = Habits { liveness: Liveness::InCompany, ..PLAIN };
const SPARES: Habits = Habits { questions: Questions::Watched, quiet_timeout: secs(240), ..PLAIN };

/// A world in which the first socket is open, and the server does nothing by itself.
fn open(habits: Habits) -> World {
    let mut world = World::before(ConnectionConfig::default(), habits, Server::Mute, 1);
    world.run(LATENCY);
    assert_eq!(world.phase(), Phase::Open);
    world
}

fn hear(world: &mut World) {
    let socket = world.connection.live_socket().unwrap();
    world.act(|connection, now| connection.handle_received(socket, now));
}

#[test]
fn a_server_that_does_not_greet_is_given_up_after_half_the_answer_timeout() {
    let mut world = open(GREETS);
    let start = world.now;
    world.run(secs(4));
    assert_eq!(world.closed(start), Some((4_000, CloseCode::Silent)));
    assert_eq!((world.status().attempt, world.status().reason), (1, Some(Reason::Silent)));
    assert_eq!(world.probes(start), []);
}

#[test]
fn a_server_that_greets_late_is_given_twice_the_time_after_each_silence() {
    let mut world = World::before(ConnectionConfig::default(), GREETS, Server::Syncs(secs(10)), 1);
    world.run(secs(4 + 1 + 8 + 1 + 11));
    assert_eq!((world.attempts(), world.phase()), (3, Phase::Open));
}

#[test]
fn a_greeting_of_any_kind_leads_to_the_usual_watch() {
    let mut world = open(GREETS);
    world.run(Duration::from_millis(3_999));
    hear(&mut world);
    let start = world.now;
    world.run(secs(17));
    assert_eq!(world.probes(start), [(9_000, First), (13_000, Second)]);
    assert_eq!(world.closed(start), Some((17_000, CloseCode::Silent)));
}

#[test]
fn doubts_do_not_put_off_the_end_of_a_socket_without_a_greeting() {
    let mut world = open(GREETS);
    let start = world.now;
    for _ in 0..50 {
        world.act(Connection::handle_offline);
        world.act(Connection::handle_online);
        world.run(Duration::from_millis(100));
    }
    assert_eq!(world.closed(start), Some((4_000, CloseCode::Silent)));
}

#[test]
fn a_greeting_that_may_have_been_slept_through_is_asked_for() {
    let mut world = open(GREETS);
    world.sleep(secs(3600));
    let woke = world.now;
    world.run(secs(8));
    assert_eq!(world.probes(woke), [(0, First), (4_000, Second)]);
    assert_eq!(world.closed(woke), Some((8_000, CloseCode::Silent)));
}

#[test]
fn who_is_alone_on_a_relay_stays_connected() {
    let mut world = open(RELAYS);
    let start = world.now;
    for _ in 0..24 * 60 {
        world.run(secs(60));
        assert_eq!((world.phase(), world.status().attempt), (Phase::Open, 0));
    }
    assert_eq!(world.probes(start), []);
}

#[test]
fn an_echo_of_a_relay_is_no_company() {
    let mut world = open(RELAYS);
    hear(&mut world);
    let start = world.now;
    world.run(secs(200));
    assert_eq!((world.attempts(), world.closed(start)), (1, None));
}

#[test]
fn company_that_falls_silent_is_noticed_once() {
    let mut world = open(RELAYS);
    world.run(secs(100));
    world.act(|connection, now| connection.handle_company(Company::Present, now));
    let start = world.now;
    world.run(secs(17));
    assert_eq!(world.probes(start), [(9_000, First), (13_000, Second)]);
    assert_eq!(world.closed(start), Some((17_000, CloseCode::Silent)));
    world.run(secs(200));
    assert_eq!((world.attempts(), world.phase()), (2, Phase::Open));
}

#[test]
fn company_that_took_its_leave_is_not_missed() {
    let mut world = open(RELAYS);
    world.act(|connection, now| connection.handle_company(Company::Present, now));
    world.run(secs(10));
    world.act(|connection, now| connection.handle_company(Company::Alone, now));
    world.run(secs(200));
    assert_eq!(world.attempts(), 1);
}

#[test]
fn news_of_company_means_nothing_to_a_connection_to_a_server() {
    let mut world = open(PLAIN);
    let start = world.now;
    world.act(|connection, now| connection.handle_company(Company::Alone, now));
    world.run(secs(17));
    assert_eq!(world.closed(start), Some((17_000, CloseCode::Silent)));
}

#[test]
fn a_doubt_about_a_lone_socket_replaces_it_without_a_failure() {
    for doubt in [Connection::handle_offline, Connection::handle_online, Connection::handle_visible] {
        let mut world = open(RELAYS);
        world.run(secs(60));
        world.act(doubt);
        assert_eq!((world.attempts(), world.phase()), (2, Phase::Open));
        world.run(LATENCY);
        assert_eq!((world.connection.live_socket(), world.status().attempt), (Some(SocketId(2)), 0));
    }
}

#[test]
fn a_lone_socket_is_replaced_when_the_machine_or_the_page_wakes() {
    let mut world = open(RELAYS);
    world.sleep(secs(3600));
    world.act(Connection::handle_timeout);
    world.run(LATENCY);
    assert_eq!(world.connection.live_socket(), Some(SocketId(2)));

    let mut world = open(RELAYS);
    world.act(|connection, _| connection.handle_frozen());
    world.sleep(secs(3600));
    world.act(Connection::handle_visible);
    world.run(LATENCY);
    assert_eq!(world.connection.live_socket(), Some(SocketId(2)));
}

#[test]
fn a_lone_socket_is_replaced_every_five_minutes_because_a_dead_one_looks_the_same() {
    let mut world = open(RELAYS);
    world.run(secs(290));
    assert_eq!(world.attempts(), 1);
    world.run(secs(20));
    assert_eq!((world.connection.live_socket(), world.status().attempt), (Some(SocketId(2)), 0));
    world.run(secs(3600));
    assert!((12..=14).contains(&world.attempts()), "{}", world.attempts());
}

#[test]
fn doubts_that_keep_coming_replace_a_lone_socket_every_ten_seconds_at_most() {
    let mut world = open(RELAYS);
    for _ in 0..600 {
        world.act(Connection::handle_offline);
        world.act(Connection::handle_online);
        world.run(Duration::from_millis(100));
    }
    assert!((5..=7).contains(&world.attempts()), "{}", world.attempts());
}

#[test]
fn a_question_that_is_always_answered_shows_a_dead_socket_within_the_answer_timeout() {
    let mut world = open(SPARES);
    world.run(secs(100));
    let start = world.now;
    world.act(Connection::note_asked);
    world.run(secs(8));
    assert_eq!(world.probes(start), [(4_000, Second)]);
    assert_eq!(world.closed(start), Some((8_000, CloseCode::Silent)));
}

#[test]
fn questions_that_keep_coming_do_not_put_off_the_verdict() {
    let mut world = open(SPARES);
    let start = world.now;
    for _ in 0..100 {
        world.act(Connection::note_asked);
        world.run(Duration::from_millis(100));
    }
    assert_eq!(world.closed(start), Some((8_000, CloseCode::Silent)));
}

#[test]
fn an_answer_ends_the_watch_and_little_is_said_without_news() {
    let mut world = World::before(ConnectionConfig::default(), SPARES, GOOD, 1);
    world.run(secs(1));
    world.act(Connection::note_asked);
    hear(&mut world);
    let start = world.now;
    world.run(secs(3600));
    assert_eq!((world.attempts(), world.phase()), (1, Phase::Open));
    assert_eq!(world.probes(start).len(), 14, "one every four minutes");
}

#[test]
fn a_question_of_the_layers_above_is_not_watched_where_the_server_is_asked_soon_anyway() {
    let mut world = open(PLAIN);
    let start = world.now;
    world.act(Connection::note_asked);
    world.run(secs(17));
    assert_eq!(world.closed(start), Some((17_000, CloseCode::Silent)));
}

#[test]
fn the_option_for_quiet_goes_before_what_the_habits_say() {
    let config = ConnectionConfig { quiet_timeout: Some(secs(3)), ..ConnectionConfig::default() };
    let mut world = World::before(config, SPARES, Server::Mute, 1);
    world.run(LATENCY);
    let start = world.now;
    world.run(secs(3));
    assert_eq!(world.probes(start), [(3_000, First)]);
}

#[test]
fn no_answer_is_missed_while_a_large_upload_may_be_under_way() {
    for (bytes, more) in [(100, 0), (1 << 20, 32_768 - 9_000), (100 << 20, 300_000 - 9_000)] {
        let mut world = open(PLAIN);
        let start = world.now;
        world.act(|connection, now| connection.note_sent(bytes, now));
        world.run(secs(400));
        let (at, code) = world.closed(start).unwrap();
        assert_eq!((at, code), (17_000 + more, CloseCode::Silent), "{bytes}");
    }
}

#[test]
fn many_small_messages_are_one_large_upload() {
    let mut world = open(PLAIN);
    let start = world.now;
    for _ in 0..1024 {
        world.act(|connection, now| connection.note_sent(1024, now));
    }
    world.run(secs(60));
    assert_eq!(world.closed(start), Some((17_000 + 32_768 - 9_000, CloseCode::Silent)));
}
