//! The rules of the connection one by one: commands, news, failures, what is reset and when.

use super::world::{GOOD, LATENCY, PLAIN, Server, World, mute, secs, settled};
use crate::clock::{Duration, Instant};
use crate::config::{CloseAction, ConnectionConfig};
use crate::connection::{Action, CloseCode, CloseInfo, Connection, Phase, Reason};
use crate::ids::SocketId;
use crate::rng::Rng;

const START: Instant = Instant::from_millis(5_000);

fn connection() -> Connection {
    Connection::new(ConnectionConfig::default(), PLAIN, Rng::new(1))
}

fn actions(connection: &mut Connection) -> Vec<Action> {
    std::iter::from_fn(|| connection.poll_action()).collect()
}

fn close(code: u16, reason: &str) -> CloseInfo {
    CloseInfo { code, reason: reason.to_owned() }
}

#[test]
fn a_new_connection_does_nothing_until_it_is_wanted() {
    let mut connection = connection();
    connection.handle_online(START);
    connection.handle_visible(START);
    connection.handle_timeout(START + secs(60));
    assert_eq!((actions(&mut connection), connection.poll_timeout()), (vec![], None));
    assert_eq!(connection.status().phase, Phase::Disconnected);
}

#[test]
fn connecting_twice_opens_one_socket() {
    let mut connection = connection();
    connection.connect(START);
    connection.connect(START);
    assert_eq!(actions(&mut connection), [Action::Open(SocketId(1))]);
    assert_eq!(connection.status().phase, Phase::Connecting);
}

#[test]
fn connecting_while_waiting_keeps_the_wait() {
    let mut world = World::new(Server::Refuses, 1);
    world.run(LATENCY);
    let before = world.status();
    world.act(Connection::connect);
    assert_eq!(world.status(), before);
}

#[test]
fn an_attempt_that_is_withdrawn_before_it_was_taken_opens_no_socket() {
    let mut connection = connection();
    connection.connect(START);
    connection.disconnect();
    connection.connect(START);
    assert_eq!(actions(&mut connection), [Action::Open(SocketId(2))]);
}

#[test]
fn the_socket_is_live_from_its_opening_to_its_loss() {
    let mut world = World::new(GOOD, 1);
    assert_eq!(world.connection.live_socket(), None);
    world.run(LATENCY);
    assert_eq!(world.connection.live_socket(), Some(SocketId(1)));
    world.act(|connection, now| connection.handle_closed(SocketId(1), close(1006, ""), now));
    assert_eq!(world.connection.live_socket(), None);
}

#[test]
fn news_about_a_socket_that_was_left_is_dropped() {
    let mut connection = connection();
    connection.connect(START);
    let old = SocketId(1);
    connection.poll_action();
    connection.reconnect(START);
    assert_eq!(actions(&mut connection), [Action::Close(old, CloseCode::Normal), Action::Open(SocketId(2))]);

    let before = (connection.status(), connection.poll_timeout());
    assert!(!connection.handle_opened(old, START));
    assert!(!connection.handle_received(old, START));
    assert!(!connection.handle_closed(old, close(4401, ""), START));
    assert_eq!((connection.status(), connection.poll_timeout()), before);
    assert_eq!(actions(&mut connection), []);
}

#[test]
fn a_socket_opens_once_and_nothing_arrives_before_that() {
    let mut connection = connection();
    connection.connect(START);
    assert!(!connection.handle_received(SocketId(1), START));
    assert!(connection.handle_opened(SocketId(1), START));
    assert!(!connection.handle_opened(SocketId(1), START));
    assert!(connection.handle_received(SocketId(1), START));
}

#[test]
fn disconnecting_closes_the_socket_in_every_phase_and_leaves_no_timer() {
    for (server, time, closes) in [
        (Server::Hangs, secs(1), true),
        (GOOD, secs(1), true),
        (Server::Mute, secs(14), true),
        (Server::Refuses, LATENCY, false),
        (Server::OpensThenCloses(4401, ""), secs(1), false),
    ] {
        let mut world = World::new(server, 1);
        world.run(time);
        let start = world.now;
        world.act(|connection, _| connection.disconnect());
        assert_eq!(world.closed(start), closes.then_some((0, CloseCode::Normal)), "{server:?}");
        assert_eq!((world.ledger.socket, world.connection.poll_timeout()), (None, None));
        let status = world.status();
        assert_eq!((status.phase, status.reason, status.retry_at), (Phase::Disconnected, None, None));
    }
}

#[test]
fn after_disconnecting_no_news_of_any_kind_connects_again() {
    let mut world = settled(GOOD);
    world.act(|connection, _| connection.disconnect());
    let attempts = world.attempts();
    world.act(|connection, now| {
        connection.handle_closed(SocketId(1), close(1006, ""), now);
        connection.fail(Reason::Silent, now);
        connection.handle_synced(now);
        connection.handle_online(now);
        connection.handle_frozen();
        connection.handle_visible(now);
        connection.handle_visible(now);
    });
    world.run(secs(3600));
    assert_eq!((world.attempts(), world.phase()), (attempts, Phase::Disconnected));
}

#[test]
fn connecting_after_a_refusal_starts_afresh() {
    let mut world = World::new(Server::Refuses, 1);
    world.run(secs(20));
    world.server = Server::OpensThenCloses(4401, "expired");
    world.run(secs(60));
    assert_eq!(world.phase(), Phase::Stopped);
    assert!(world.status().attempt > 3);

    world.server = GOOD;
    world.act(Connection::connect);
    let status = world.status();
    assert_eq!((status.phase, status.attempt, status.reason), (Phase::Connecting, 0, None));
    world.run(secs(1));
    assert_eq!(world.phase(), Phase::Open);
}

#[test]
fn reconnecting_replaces_whatever_there_is_at_once_and_forgets_the_failures() {
    for (server, time) in [
        (Server::Refuses, secs(30)),
        (Server::Hangs, secs(15)),
        (Server::OpensThenCloses(4401, ""), secs(1)),
        (Server::OpensThenCloses(1013, "retry-after: 600"), secs(1)),
        (GOOD, secs(9)),
    ] {
        let mut world = World::new(server, 1);
        world.run(time);
        let attempts = world.attempts();
        world.act(Connection::reconnect);
        let status = world.status();
        assert_eq!((status.phase, status.attempt, status.reason), (Phase::Connecting, 0, None), "{server:?}");
        assert_eq!(world.attempts(), attempts + 1);
    }
}

#[test]
fn failures_are_forgotten_only_after_five_synced_seconds() {
    let mut world = World::new(Server::OpensThenCloses(1006, ""), 1);
    world.run(secs(20));
    world.act(|connection, _| connection.handle_frozen());
    let failures = world.status().attempt;
    assert!(failures > 3);

    world.server = GOOD;
    world.sleep(secs(60));
    world.act(Connection::handle_visible);
    world.run(LATENCY * 2 + Duration::from_millis(4_999));
    assert_eq!((world.phase(), world.status().attempt), (Phase::Open, failures));
    world.run(Duration::from_millis(1));
    assert_eq!(world.status().attempt, 0);
}

#[test]
fn a_loss_after_five_synced_seconds_counts_as_the_first_failure_even_if_the_timer_is_late() {
    let mut world = World::new(Server::Refuses, 1);
    world.run(secs(20));
    world.server = GOOD;
    let wait = world.status().retry_at.unwrap().since(world.now);
    world.run(wait + LATENCY * 2);
    assert!(world.status().attempt > 3);
    let socket = world.connection.live_socket().unwrap();
    world.sleep(secs(5));
    world.act(|connection, now| connection.handle_closed(socket, close(1006, ""), now));
    assert_eq!(world.status().attempt, 1);
}

#[test]
fn syncing_again_on_the_same_socket_does_not_put_off_its_usefulness() {
    let mut world = World::new(Server::Refuses, 1);
    world.run(LATENCY);
    world.server = GOOD;
    world.run(Duration::from_millis(250) + LATENCY * 2);
    assert_eq!((world.phase(), world.status().attempt), (Phase::Open, 1));
    for _ in 0..5 {
        world.act(Connection::handle_synced);
        world.run(secs(1));
    }
    assert_eq!(world.status().attempt, 0);
}

#[test]
fn an_open_socket_has_no_reason_and_the_attempt_before_it_has() {
    let mut world = World::new(Server::Refuses, 1);
    world.run(LATENCY);
    world.server = GOOD;
    let wait = world.status().retry_at.unwrap().since(world.now);
    world.run(wait);
    let status = world.status();
    assert_eq!((status.phase, status.reason), (Phase::Connecting, Some(Reason::Unreachable { code: 1006 })));
    world.run(LATENCY);
    let status = world.status();
    assert_eq!((status.phase, status.reason), (Phase::Open, None));
}

#[test]
fn each_failure_over_the_socket_closes_it_with_its_code_and_is_tried_again() {
    for (reason, code) in [
        (Reason::BadFrame("truncated".to_owned()), CloseCode::Garbage),
        (Reason::FrameTooLarge { len: 9, limit: 8 }, CloseCode::FrameTooLarge),
    ] {
        let mut world = settled(GOOD);
        let start = world.now;
        world.act(|connection, now| connection.fail(reason.clone(), now));
        assert_eq!(world.closed(start), Some((0, code)));
        let status = world.status();
        assert_eq!((status.phase, status.attempt, status.reason), (Phase::Waiting, 1, Some(reason)));
        assert_eq!(world.connection.live_socket(), None);
    }
}

#[test]
fn a_denial_over_an_open_socket_closes_it_and_stops() {
    let mut world = mute();
    let start = world.now;
    world.act(|connection, now| connection.fail(Reason::Denied("permission denied".to_owned()), now));
    world.run(secs(3600));
    assert_eq!((world.attempts(), world.phase()), (1, Phase::Stopped));
    assert_eq!(world.closed(start), Some((0, CloseCode::Normal)));
    assert_eq!(world.status().reason, Some(Reason::Denied("permission denied".to_owned())));
}

#[test]
fn a_failure_without_a_socket_changes_nothing() {
    let mut world = World::new(Server::Refuses, 1);
    world.run(LATENCY);
    let before = world.status();
    world.act(|connection, now| connection.fail(Reason::Denied(String::new()), now));
    assert_eq!(world.status(), before);
}

#[test]
fn the_reason_of_a_close_tells_whether_the_socket_had_opened() {
    let mut world = World::new(Server::Hangs, 1);
    world.act(|connection, now| connection.handle_closed(SocketId(1), close(1006, ""), now));
    assert_eq!(world.status().reason, Some(Reason::Unreachable { code: 1006 }));

    let mut world = mute();
    world.act(|connection, now| connection.handle_closed(SocketId(1), close(1011, "oops"), now));
    assert_eq!(world.status().reason, Some(Reason::Closed { code: 1011, reason: "oops".to_owned() }));
}

#[test]
fn a_close_reason_is_kept_to_two_hundred_characters() {
    let mut world = mute();
    world.act(|connection, now| connection.handle_closed(SocketId(1), close(4401, &"é".repeat(70_000)), now));
    assert_eq!(world.status().reason, Some(Reason::ServerRefused { code: 4401, reason: "é".repeat(200) }));
}

#[test]
fn the_application_can_override_what_a_close_code_leads_to() {
    let mut config = ConnectionConfig::default();
    config.close_codes.push((4401, CloseAction::Retry));
    config.close_codes.push((1006, CloseAction::Stop));
    let mut world = World::with(config.clone(), Server::OpensThenCloses(4401, ""), 1);
    world.run(secs(60));
    assert!(world.attempts() > 3);
    let mut world = World::with(config, Server::Refuses, 1);
    world.run(secs(60));
    assert_eq!((world.attempts(), world.phase()), (1, Phase::Stopped));
}

#[test]
fn a_delay_that_the_server_names_is_honoured_with_any_code_that_is_not_final() {
    for code in [1000, 1006, 1012, 1013, 4000] {
        for seed in 0..50 {
            let mut world = World::new(Server::SyncsThenCloses(secs(1), code, "retry-after: 40"), seed);
            world.run(LATENCY * 2 + secs(1));
            let wait = world.status().retry_at.unwrap().since(world.now);
            assert!((secs(40)..=secs(50)).contains(&wait), "{wait:?}");
        }
    }
}

#[test]
fn a_slow_first_sync_gets_twice_the_time_after_each_silence_until_one_succeeds() {
    // The first sync takes 40 s, during which nothing else can be seen to arrive.
    let mut world = World::new(Server::Syncs(secs(40)), 1);
    world.run(secs(17 + 25 + 41 + 10));
    assert_eq!((world.attempts(), world.phase()), (3, Phase::Open));
    let gaps = world.gaps();
    assert!((17_000..18_000).contains(&gaps[0]) && (25_000..26_000).contains(&gaps[1]), "{gaps:?}");
}

#[test]
fn patience_ends_at_eight_times_the_usual() {
    let mut world = World::new(Server::Mute, 1);
    world.run(secs(1000));
    let gaps = world.gaps();
    assert!(gaps.iter().all(|gap| *gap <= 9_000 + 64_000 + 30_000 + 20), "{gaps:?}");
    assert!(gaps[4..].iter().all(|gap| *gap >= 9_000 + 64_000), "{gaps:?}");
}

#[test]
fn patience_is_over_with_the_first_sync_and_with_a_fresh_start() {
    let mut world = World::new(Server::Mute, 1);
    world.run(secs(300));
    world.server = Server::SyncsThenMute;
    world.act(Connection::reconnect);
    let start = world.now + LATENCY * 2;
    world.run(LATENCY * 2);
    world.server = Server::Mute;
    world.run(secs(36));
    assert_eq!(world.closed(start), Some((17_000, CloseCode::Silent)));
    assert!(world.gaps().iter().rev().take(2).all(|gap| *gap < 18_000), "{:?}", world.gaps());

    let mut world = World::new(Server::Mute, 1);
    world.run(secs(300));
    world.act(|connection, _| connection.disconnect());
    world.act(Connection::connect);
    let start = world.now + LATENCY;
    world.run(secs(60));
    assert_eq!(world.closed(start), Some((17_000, CloseCode::Silent)));
}

#[test]
fn a_silence_after_a_sync_makes_nobody_more_patient() {
    let mut world = World::new(Server::SyncsThenMute, 1);
    world.run(secs(10));
    world.server = Server::Mute;
    world.run(secs(40));
    assert!(world.gaps()[1] < 18_000, "{:?}", world.gaps());
}

#[test]
fn a_question_that_was_not_taken_is_withdrawn_with_its_socket() {
    let mut world = mute();
    world.connection.handle_offline(world.now);
    assert!(world.connection.handle_closed(SocketId(1), close(1006, ""), world.now));
    assert_eq!(world.connection.poll_action(), None);
}

#[test]
fn any_frame_is_a_sign_of_life() {
    let mut world = mute();
    for _ in 0..100 {
        world.run(secs(16));
        world.act(|connection, now| assert!(connection.handle_received(SocketId(1), now)));
    }
    assert_eq!(world.attempts(), 1);
}

#[test]
fn a_timer_that_fires_early_does_nothing() {
    for world in &mut [mute(), settled(GOOD), World::new(Server::Hangs, 1)] {
        let before = (world.status(), world.connection.poll_timeout(), world.ledger.log.len());
        world.act(Connection::handle_timeout);
        assert_eq!((world.status(), world.connection.poll_timeout(), world.ledger.log.len()), before);
    }
}

#[test]
fn options_of_zero_do_not_make_a_timer_fire_in_a_loop() {
    let config = ConnectionConfig {
        connect_timeout: Duration::ZERO,
        backoff_base: Duration::ZERO,
        backoff_cap: Duration::ZERO,
        useful_after: Duration::ZERO,
        quiet_timeout: Some(Duration::ZERO),
        answer_timeout: Duration::ZERO,
        ..ConnectionConfig::default()
    };
    for server in [Server::Hangs, Server::Refuses, Server::Mute, GOOD] {
        let mut world = World::with(config.clone(), server, 1);
        world.run(secs(1));
        assert!((1..=1000).contains(&world.attempts()));
    }
}
