//! What the page and the machine do: sleep, throttled timers, freezing, returning to the tab, networks that come and go.

use super::world::{GOOD, LATENCY, Server, World, mute, secs, settled};
use crate::clock::Duration;
use crate::connection::{CloseCode, CloseInfo, Connection, Phase, ProbeStep, Reason};
use crate::ids::SocketId;

use ProbeStep::{First, Second};

fn waiting(server: Server) -> World {
    let mut world = World::new(server, 3);
    while world.status().attempt < 9 {
        world.run(Duration::from_millis(10));
    }
    assert_eq!(world.phase(), Phase::Waiting);
    world
}

#[test]
fn a_healthy_connection_survives_a_night_of_sleep() {
    let mut world = settled(GOOD);
    world.sleep(secs(8 * 3600));
    let woke = world.now;
    world.run(secs(60));
    assert_eq!((world.attempts(), world.phase()), (1, Phase::Open));
    assert_eq!(world.probes(woke)[0], (0, First));
}

#[test]
fn a_connection_that_died_in_sleep_is_given_up_one_answer_window_after_waking() {
    let mut world = settled(Server::Mute);
    world.sleep(secs(8 * 3600));
    let woke = world.now;
    world.run(secs(8));
    assert_eq!(world.probes(woke), [(0, First), (4_000, Second)]);
    assert_eq!(world.closed(woke), Some((8_000, CloseCode::Silent)));
}

#[test]
fn an_answer_that_may_have_been_slept_through_is_asked_for_again() {
    for asked in [9, 13] {
        let mut world = mute();
        world.run(secs(asked));
        world.sleep(secs(100));
        let woke = world.now;
        world.run(secs(8));
        assert_eq!(world.probes(woke), [(0, First), (4_000, Second)]);
        assert_eq!(world.closed(woke), Some((8_000, CloseCode::Silent)));
    }
}

#[test]
fn an_answer_window_that_is_slept_through_again_is_the_last() {
    let mut world = mute();
    world.run(secs(9));
    world.sleep(secs(100));
    world.run(secs(4));
    world.sleep(secs(100));
    world.act(Connection::handle_timeout);
    assert_eq!(world.status().reason, Some(Reason::Silent));
}

#[test]
fn a_timer_that_is_late_by_a_busy_thread_is_not_sleep() {
    let mut world = mute();
    world.run(secs(16));
    world.sleep(secs(6));
    world.act(Connection::handle_timeout);
    assert_eq!(world.status().reason, Some(Reason::Silent));
}

#[test]
fn a_dead_socket_is_noticed_although_timers_run_once_a_minute() {
    let mut world = mute();
    for _ in 0..3 {
        world.sleep(secs(60));
        world.act(Connection::handle_timeout);
    }
    assert_eq!(world.attempts(), 2);
    assert_eq!(world.phase(), Phase::Connecting);
    assert_eq!(world.status().reason, Some(Reason::Silent));
}

#[test]
fn a_live_socket_is_kept_although_timers_run_once_a_minute() {
    let mut world = mute();
    for _ in 0..60 {
        world.sleep(secs(60));
        world.act(Connection::handle_timeout);
        world.act(|connection, now| connection.handle_received(SocketId(1), now));
    }
    assert_eq!(world.attempts(), 1);
}

#[test]
fn an_attempt_that_was_slept_through_is_replaced_at_once() {
    let mut world = World::new(Server::Hangs, 1);
    world.sleep(secs(3600));
    world.act(Connection::handle_timeout);
    assert_eq!((world.attempts(), world.phase()), (2, Phase::Connecting));
    assert_eq!(world.status().reason, Some(Reason::ConnectTimeout));
}

#[test]
fn a_wait_that_was_slept_through_ends_at_once() {
    let mut world = waiting(Server::Refuses);
    let attempts = world.attempts();
    world.sleep(secs(3600));
    world.act(Connection::handle_timeout);
    assert_eq!(world.attempts(), attempts + 1);
}

#[test]
fn returning_to_the_tab_or_to_the_network_ends_a_wait_at_once() {
    for event in [Connection::handle_visible, Connection::handle_online] {
        let mut world = waiting(Server::Refuses);
        let attempts = world.attempts();
        world.run(secs(1));
        world.act(event);
        assert_eq!((world.attempts(), world.phase()), (attempts + 1, Phase::Connecting));
        assert_eq!(world.status().attempt, 9);
    }
}

#[test]
fn a_network_that_flaps_leads_to_one_attempt_a_second_and_no_storm() {
    let mut world = waiting(Server::Refuses);
    let attempts = world.attempts();
    for _ in 0..600 {
        world.act(Connection::handle_offline);
        world.act(Connection::handle_online);
        world.act(Connection::handle_visible);
        world.run(Duration::from_millis(50));
    }
    let made = world.attempts() - attempts;
    assert!((28..=31).contains(&made), "{made}");
}

#[test]
fn returning_does_not_undercut_what_the_server_asked_for() {
    for (reason, least) in [("", 1_000), ("retry-after: 60", 60_000)] {
        for seed in 0..50 {
            let mut world = World::new(Server::OpensThenCloses(1013, reason), seed);
            world.run(LATENCY * 2);
            let asked = world.now;
            while world.attempts() == 1 {
                world.act(Connection::handle_visible);
                world.act(Connection::handle_online);
                world.run(Duration::from_millis(100));
            }
            assert!(world.now.since(asked) >= Duration::from_millis(least));
        }
    }
}

#[test]
fn returning_to_an_open_socket_asks_unless_it_was_heard_of_just_now() {
    for event in [Connection::handle_visible, Connection::handle_online] {
        let mut world = mute();
        let start = world.now;
        world.run(secs(2));
        world.act(event);
        assert_eq!(world.probes(start), []);
        world.run(Duration::from_millis(1));
        world.act(event);
        assert_eq!(world.probes(start), [(2_001, First)]);
        world.run(secs(8));
        assert_eq!(world.closed(start), Some((10_001, CloseCode::Silent)));
    }
}

#[test]
fn the_word_that_the_network_is_gone_is_checked_rather_than_believed() {
    let mut world = settled(GOOD);
    let start = world.now;
    world.act(Connection::handle_offline);
    assert_eq!(world.probes(start), [(0, First)]);
    world.run(secs(60));
    assert_eq!((world.attempts(), world.phase()), (1, Phase::Open));

    let mut world = settled(Server::Mute);
    let start = world.now;
    world.act(Connection::handle_offline);
    world.run(secs(8));
    assert_eq!(world.closed(start), Some((8_000, CloseCode::Silent)));
}

#[test]
fn attempts_go_on_while_the_browser_believes_there_is_no_network() {
    let mut world = waiting(Server::Refuses);
    let attempts = world.attempts();
    world.act(Connection::handle_offline);
    world.run(secs(60));
    assert!(world.attempts() > attempts);
}

#[test]
fn doubts_that_keep_coming_do_not_put_off_the_verdict() {
    let mut world = mute();
    let start = world.now;
    for _ in 0..100 {
        world.act(Connection::handle_offline);
        world.act(Connection::handle_online);
        world.act(Connection::handle_visible);
        world.run(Duration::from_millis(100));
    }
    assert_eq!(world.closed(start), Some((8_000, CloseCode::Silent)));
}

#[test]
fn nothing_is_given_up_or_begun_while_the_page_is_frozen() {
    for mut world in [mute(), World::new(Server::Hangs, 1), waiting(Server::Refuses), settled(Server::Mute)] {
        world.act(|connection, _| connection.handle_frozen());
        let before = (world.status(), world.ledger.log.len());
        assert_eq!(world.connection.poll_timeout(), None);
        world.sleep(secs(3600));
        world.act(Connection::handle_timeout);
        world.act(Connection::handle_online);
        world.act(Connection::handle_offline);
        assert_eq!((world.status(), world.ledger.log.len()), before);
    }
}

#[test]
fn a_page_that_resumes_asks_with_a_full_window() {
    for frozen in [2, 3600] {
        let mut world = mute();
        world.run(secs(16));
        world.act(|connection, _| connection.handle_frozen());
        world.sleep(secs(frozen));
        let resumed = world.now;
        world.act(Connection::handle_visible);
        world.run(secs(8));
        assert_eq!(world.probes(resumed), [(0, First), (4_000, Second)]);
        assert_eq!(world.closed(resumed), Some((8_000, CloseCode::Silent)));
    }
}

#[test]
fn a_page_that_resumes_has_no_overdue_timer() {
    let mut world = World::new(Server::SyncsThenMute, 1);
    world.run(LATENCY * 2);
    world.act(|connection, _| connection.handle_frozen());
    world.sleep(secs(3600));
    world.act(Connection::handle_visible);
    assert_eq!(world.connection.poll_timeout(), Some(world.now + secs(4)));
}

#[test]
fn a_page_that_resumes_gives_an_attempt_its_full_time_and_ends_a_wait() {
    let mut world = World::new(Server::Hangs, 1);
    world.act(|connection, _| connection.handle_frozen());
    world.sleep(secs(3600));
    let resumed = world.now;
    world.act(Connection::handle_visible);
    world.run(secs(10));
    assert_eq!(world.closed(resumed), Some((10_000, CloseCode::Normal)));

    let mut world = waiting(Server::Refuses);
    let attempts = world.attempts();
    world.act(|connection, _| connection.handle_frozen());
    world.sleep(secs(5));
    world.act(Connection::handle_visible);
    assert_eq!(world.attempts(), attempts + 1);
}

#[test]
fn a_socket_closed_by_the_freezing_page_is_opened_again_when_it_resumes() {
    let mut world = settled(Server::Refuses);
    world.act(|connection, now| {
        connection.handle_frozen();
        let close = CloseInfo { code: 1006, reason: String::new() };
        connection.handle_closed(SocketId(1), close, now)
    });
    world.ledger.socket = None;
    assert_eq!((world.phase(), world.connection.poll_timeout()), (Phase::Waiting, None));
    world.sleep(secs(3600));
    world.act(Connection::handle_visible);
    assert_eq!(world.attempts(), 2);
}
