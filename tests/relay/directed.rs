//! What happens in rooms behind a relay, case by case.

use crate::action::{Action, CLIENTS};
use crate::faults::{Damage, Trouble};
use crate::server::Audience;
use crate::world::World;
use syncline::session::{HeldBy, Phase, Posted};
use syncline::wire::FrameKind;

const YJS: usize = CLIENTS;

const AUDIENCES: [Audience; 2] = [Audience::Others, Audience::Everybody];

fn room(audience: Audience, actions: &[Action]) -> World {
    let mut world = World::new(7, audience, FrameKind::Binary);
    for action in actions {
        world.act(action);
        world.check();
    }
    world
}

fn join(who: usize) -> Action {
    Action::Join { who }
}

fn type_word(who: usize, text: &str) -> [Action; 2] {
    [Action::Insert { who, at: 0, text: text.to_owned() }, Action::EndTask { who }]
}

#[test]
fn who_is_alone_is_told_so_and_nothing_of_theirs_is_held() {
    for audience in AUDIENCES {
        let mut world = room(audience, &[join(0), Action::Advance { millis: 1_000 }]);
        assert_eq!(world.status(0).reason, None, "somebody may yet answer");
        type_word(0, "hello").iter().for_each(|action| world.act(action));
        world.advance(4_000);
        let status = world.status(0);
        assert_eq!((status.phase, status.reason.map(|reason| reason.code)), (Phase::Handshaking, Some("alone")));
        assert_eq!((status.unsynced, status.unsent, status.held_by), (5, 5, HeldBy::Peers));
    }
}

#[test]
fn what_a_relay_sends_back_twice_proves_no_more_than_what_it_sends_back_once() {
    let mut world = room(Audience::Everybody, &[join(0), Action::Advance { millis: 5_000 }]);
    world.act(&Action::Trouble { client: 0, trouble: Trouble::ToClient(Damage::Twice) });
    type_word(0, "hello").iter().for_each(|action| world.act(action));
    world.advance(9_000);
    assert_eq!((world.status(0).phase, world.status(0).unsynced), (Phase::Handshaking, 5));
}

#[test]
fn what_the_relay_still_had_of_ours_when_we_came_back_proves_nothing() {
    for (seed, audience) in (0..20).flat_map(|seed| AUDIENCES.map(|audience| (seed, audience))) {
        let mut world = World::new(seed, audience, FrameKind::Binary);
        world.act(&join(0));
        world.advance(5_000);
        type_word(0, "hello").iter().for_each(|action| world.act(action));
        world.input(0, |client, now| client.session.reconnect(client.doc, now));
        world.advance(9_000);
        world.check();
        assert_eq!((world.status(0).phase, world.status(0).unsynced), (Phase::Handshaking, 5), "seed {seed}");
    }
}

#[test]
fn what_follows_on_a_message_that_was_lost_proves_nothing_when_a_relay_sends_it_back() {
    for loss in [Trouble::ToServer(Damage::Lost), Trouble::ToClient(Damage::Lost), Trouble::ToClient(Damage::Noise)] {
        let mut world = room(Audience::Everybody, &[join(0), Action::Advance { millis: 5_000 }]);
        world.act(&Action::Trouble { client: 0, trouble: loss });
        for word in ["hello ", "there "] {
            type_word(0, word).iter().for_each(|action| world.act(action));
            world.advance(200);
        }
        world.advance(9_000);
        assert_eq!((world.status(0).phase, world.status(0).unsynced), (Phase::Handshaking, 12));
    }
}

#[test]
fn what_a_relay_sends_back_proves_nothing_although_our_first_question_was_lost() {
    for loss in [Trouble::ToServer(Damage::Lost), Trouble::ToClient(Damage::Lost)] {
        let mut world = room(Audience::Everybody, &[join(0), Action::Trouble { client: 0, trouble: loss }]);
        world.act(&Action::Advance { millis: 1 });
        type_word(0, "hello").iter().for_each(|action| world.act(action));
        world.advance(9_000);
        assert_eq!((world.status(0).phase, world.status(0).unsynced), (Phase::Handshaking, 5));
    }
}

#[test]
fn who_was_alone_is_in_step_as_soon_as_somebody_comes() {
    for (audience, other) in AUDIENCES.into_iter().flat_map(|audience| [(audience, 1), (audience, YJS)]) {
        let mut world = room(audience, &[join(0), Action::Advance { millis: 5_000 }]);
        type_word(0, "hello").iter().chain(&[join(other)]).for_each(|action| world.act(action));
        world.advance(9_000);
        let status = world.status(0);
        assert_eq!((status.phase, status.reason, status.unsynced), (Phase::Synced, None, 0));
    }
}

#[test]
fn a_newcomer_with_nothing_makes_nothing_unsynced_again() {
    let mut world = room(Audience::Others, &[join(0), join(1)]);
    type_word(0, "hello").iter().for_each(|action| world.act(action));
    world.advance(9_000);
    assert_eq!(world.status(0).unsynced, 0);
    world.act(&Action::Leave { who: 1 });
    world.act(&Action::Reload { who: YJS });
    for _ in 0..90 {
        world.advance(100);
        world.check();
        assert_eq!(world.status(0).unsynced, 0);
    }
    assert!(world.others[0].everything().contains("hello"));
}

#[test]
fn those_who_come_at_the_same_moment_are_in_step_within_seconds() {
    for audience in AUDIENCES {
        let actions: Vec<Action> = (0..CLIENTS).flat_map(|who| type_word(who, "hello")).collect();
        let mut world = room(audience, &actions);
        (0..CLIENTS).for_each(|who| world.act(&join(who)));
        world.advance(8_000);
        let expected = world.clients[0].everything();
        for who in 0..CLIENTS {
            assert_eq!(world.status(who).phase, Phase::Synced);
            assert_eq!(world.clients[who].everything(), expected);
        }
    }
}

#[test]
fn a_client_of_yjs_that_never_asks_is_told_what_it_lacks() {
    for audience in AUDIENCES {
        let mut world = room(audience, &[join(YJS), Action::Advance { millis: 1_000 }]);
        type_word(0, "offline").iter().chain(&[join(0)]).for_each(|action| world.act(action));
        world.advance(8_000);
        assert!(world.others[0].everything().contains("offline"));
        assert_eq!(world.status(0).unsynced, 0);
    }
}

#[test]
fn a_client_of_yjs_that_comes_back_at_once_with_nothing_is_told_everything() {
    for audience in AUDIENCES {
        let mut world = room(audience, &[join(0), join(YJS)]);
        type_word(0, "hello").iter().for_each(|action| world.act(action));
        world.advance(8_000);
        world.act(&Action::Reload { who: YJS });
        world.advance(8_000);
        assert!(world.others[0].everything().contains("hello"), "its question came to nobody");
    }
}

#[test]
fn who_was_passed_over_by_the_relay_asks_within_a_round_and_a_client_of_yjs_is_told_when_one_of_ours_comes() {
    for audience in AUDIENCES {
        for deaf in [1, YJS] {
            let mut world = room(audience, &[join(0), join(1), join(YJS), Action::Advance { millis: 9_000 }]);
            world.network.passed_over = Some(deaf);
            type_word(0, "hello").iter().for_each(|action| world.act(action));
            world.advance(1_000);
            world.network.passed_over = None;
            world.advance(20_000);
            assert!(world.clients[1].everything().contains("hello"));
            world.act(&Action::Cut { who: 1 });
            world.advance(9_000);
            assert!(world.others[0].everything().contains("hello"));
        }
    }
}

#[test]
fn a_deletion_made_offline_reaches_everybody() {
    for audience in AUDIENCES {
        let mut world = room(audience, &[join(0), join(1), join(YJS), Action::Advance { millis: 5_000 }]);
        type_word(0, "hello").iter().for_each(|action| world.act(action));
        world.advance(8_000);
        world.act(&Action::Leave { who: 0 });
        world.act(&Action::Delete { client: 0, at: 0, len: 4 });
        world.act(&Action::EndTask { who: 0 });
        world.act(&join(0));
        world.advance(8_000);
        let expected = world.clients[0].everything();
        assert!(expected.contains("\"o\""));
        assert_eq!((world.clients[1].everything(), world.others[0].everything()), (expected.clone(), expected));
        assert_eq!(world.status(0).unsynced, 0);
    }
}

#[test]
fn a_newcomer_and_those_who_are_here_see_each_other_within_seconds() {
    for audience in AUDIENCES {
        let mut world = room(audience, &[join(0), join(1)]);
        for client in 0..2 {
            world.act(&Action::SetPresence { client, state: Some(1) });
        }
        world.advance(5_000);
        world.act(&join(2));
        world.act(&Action::SetPresence { client: 2, state: Some(2) });
        world.advance(5_000);
        let seen = world.clients.iter().map(|client| client.session.presence_states(client.doc).len());
        assert_eq!(seen.collect::<Vec<_>>(), [3, 3, 3]);
    }
}

#[test]
fn an_event_reaches_those_who_are_here_once_and_makes_nobody_show_themselves_again() {
    for audience in AUDIENCES {
        let mut world = room(audience, &[join(0), join(1)]);
        world.act(&Action::SetPresence { client: 1, state: Some(1) });
        world.advance(8_000);
        let tell = |world: &mut World| world.input(0, |client, now| assert_eq!(client.broadcast(now), Posted::Sent));
        tell(&mut world);
        world.advance(700);
        world.act(&join(2));
        world.advance(7_000);
        let id = world.clients[0].id;
        let heard = |world: &World, client: usize| world.clients[client].heard.get(&id).cloned().unwrap_or_default();
        assert_eq!((heard(&world, 1), heard(&world, 2)), (vec![1], vec![]));
        world.advance(60_000);
        let before = world.network.server.received;
        world.advance(4_000);
        let usual = world.network.server.received - before;
        tell(&mut world);
        world.advance(4_000);
        let with_event = world.network.server.received - before - usual;
        assert_eq!((heard(&world, 1), heard(&world, 2)), (vec![1, 2], vec![2]));
        assert!(with_event <= usual + 8, "{usual} messages without an event, {with_event} with one");
    }
}

#[test]
fn those_who_leave_without_a_word_are_taken_to_be_gone() {
    let mut world = room(Audience::Everybody, &[join(0), join(1), Action::Advance { millis: 5_000 }]);
    assert_eq!(world.status(0).phase, Phase::Synced);
    world.act(&Action::HalfOpen { who: 1 });
    world.act(&Action::Refuse { attempts: u32::MAX });
    world.advance(70_000);
    let status = world.status(0);
    assert_eq!((status.phase, status.reason.map(|reason| reason.code)), (Phase::Handshaking, Some("alone")));
}

#[test]
fn who_is_alone_does_not_connect_again_and_again() {
    for audience in AUDIENCES {
        let mut world = room(audience, &[join(0), Action::Advance { millis: 600_000 }]);
        assert_eq!(world.status(0).phase, Phase::Handshaking);
        // Once every five minutes: a dead socket looks the same.
        assert!(world.clients[0].opened <= 3, "{} sockets", world.clients[0].opened);
        assert!(world.network.server.received < 30, "nobody is talked to");
    }
}
