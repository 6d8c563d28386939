//! What is said to peers, and when.

use super::*;
use crate::ids::LinkId;
use crate::replica::Kind;
use crate::sync::question;

const ME: ClientId = ClientId(1);
const ADA: ClientId = ClientId(2);

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn saying(client: ClientId, text: &str) -> Replica {
    let mut replica = Replica::new(client, 1 << 20);
    let id = replica.open("text", Kind::Text).unwrap();
    replica.text_insert(id, 0, text, None).unwrap();
    replica.commit();
    replica
}

fn deleting(replica: &mut Replica, len: u32) {
    let id = replica.open("text", Kind::Text).unwrap();
    replica.text_delete(id, 0, len).unwrap();
    replica.commit();
}

fn connected() -> Peers {
    let mut peers = Peers::new(Rng::new(1));
    peers.handle_connected(at(0));
    peers.note_asked(Purpose::Ends, &[(ME, 4)], at(0));
    peers
}

fn unmarked(from: &[(ClientId, Clock)]) -> Question {
    Question::read(from.to_vec())
}

fn marked(purpose: Purpose, held: &[(ClientId, Clock)]) -> Question {
    let bytes = question::write(Mark(9), purpose, question::from(purpose, held.iter().copied(), |_| None));
    Question::read(crate::replica::decode_state_vector(&bytes).unwrap())
}

/// What an answer to somebody who holds `from` names.
fn answer(of: &mut Replica, from: &[(ClientId, Clock)]) -> Ranges {
    let update = of.encode_since(Some(&question::write_vector(from))).unwrap();
    Replica::new(ClientId(99), 1 << 20).apply(&update, LinkId::SERVER).unwrap().evidence
}

fn all_due(peers: &mut Peers, ours: &Replica, now: Instant) -> Vec<Due> {
    std::iter::from_fn(|| peers.poll(ours, now)).collect()
}

#[test]
fn nobody_is_said_to_be_here_after_two_seconds_of_silence() {
    let (mut peers, ours) = (connected(), saying(ME, "hello"));
    assert_eq!(all_due(&mut peers, &ours, at(1_999)), []);
    assert_eq!(peers.company(), Company::Unmet(at(2_000)));
    assert_eq!(all_due(&mut peers, &ours, at(2_000)), []);
    assert_eq!(peers.company(), Company::Alone);
    peers.note_heard(at(3_000));
    assert_eq!(peers.company(), Company::Heard(at(3_000)));
}

#[test]
fn those_who_are_not_heard_for_45_seconds_are_gone() {
    let (mut peers, ours) = (connected(), saying(ME, "hello"));
    peers.note_heard(at(0));
    assert!(!all_due(&mut peers, &ours, at(44_999)).contains(&Due::Deserted));
    assert_eq!(all_due(&mut peers, &ours, at(45_000)), [Due::Deserted]);
    assert_eq!((peers.company(), peers.timeout()), (Company::Alone, None));
}

#[test]
fn who_lacks_something_is_answered_at_once_where_few_are_here() {
    let (mut peers, ours) = (connected(), saying(ME, "hello"));
    peers.handle_question(&unmarked(&[(ME, 2)]), &ours, 1, at(10));
    assert_eq!(all_due(&mut peers, &ours, at(10)), [Due::Answer(vec![(ME, 2)])]);
}

#[test]
fn several_who_ask_get_one_answer_with_what_any_of_them_lacks() {
    let (mut peers, ours) = (connected(), saying(ME, "hello"));
    peers.handle_question(&unmarked(&[(ME, 2), (ADA, 7)]), &ours, 9, at(10));
    peers.handle_question(&unmarked(&[(ME, 4)]), &ours, 9, at(20));
    let due = all_due(&mut peers, &ours, at(600));
    assert_eq!(due, [Due::Answer(vec![(ME, 2)])], "of Ada, one of them has nothing");
}

#[test]
fn the_answer_of_another_that_says_it_all_spares_ours() {
    let (mut peers, ours, mut same) = (connected(), saying(ME, "hello"), saying(ME, "hello"));
    peers.handle_question(&unmarked(&[(ME, 2)]), &ours, 20, at(10));
    peers.handle_answer(&answer(&mut same, &[(ME, 2)]), &ours, at(10));
    assert_eq!(all_due(&mut peers, &ours, at(600)), []);
}

#[test]
fn the_answer_of_another_that_leaves_something_out_does_not() {
    let (mut peers, mut ours, mut other) = (connected(), saying(ME, "hello"), saying(ME, "hello"));
    deleting(&mut ours, 1);
    peers.handle_question(&unmarked(&[(ME, 2)]), &ours, 20, at(10));
    peers.handle_answer(&answer(&mut other, &[(ME, 2)]), &ours, at(10));
    assert!(all_due(&mut peers, &ours, at(600)).contains(&Due::Answer(vec![(ME, 2)])));
}

#[test]
fn who_does_not_show_the_end_of_what_is_here_is_told_all_of_it_once() {
    let (mut peers, ours, mut other) = (connected(), saying(ME, "hello"), saying(ADA, "there"));
    for _ in 0..2 {
        peers.handle_answer(&answer(&mut other, &[(ME, 4)]), &ours, at(10));
    }
    assert_eq!(all_due(&mut peers, &ours, at(510)), [Due::Tell(vec![(ME, 0)])]);
    peers.handle_answer(&answer(&mut other, &[(ME, 4)]), &ours, at(600));
    assert_eq!(all_due(&mut peers, &ours, at(1_100)), []);
}

#[test]
fn who_lacks_something_is_told_although_others_show_its_end() {
    let (mut peers, ours) = (connected(), saying(ME, "hello"));
    let (mut lacking, mut same) = (saying(ADA, "there"), saying(ME, "hello"));
    peers.handle_answer(&answer(&mut lacking, &[(ME, 4)]), &ours, at(10));
    peers.handle_answer(&answer(&mut same, &[(ME, 4)]), &ours, at(11));
    assert_eq!(all_due(&mut peers, &ours, at(511)), [Due::Tell(vec![(ME, 0)])]);
}

#[test]
fn who_was_told_by_another_is_not_told_again() {
    let (mut peers, ours) = (connected(), saying(ME, "hello"));
    let (mut lacking, mut same) = (saying(ADA, "there"), saying(ME, "hello"));
    peers.handle_answer(&answer(&mut lacking, &[(ME, 4)]), &ours, at(10));
    peers.handle_update(&answer(&mut same, &[]));
    assert_eq!(all_due(&mut peers, &ours, at(511)), []);
}

#[test]
fn an_answer_that_may_be_for_another_shows_nothing_and_the_ends_are_asked_for_again() {
    let (mut peers, ours, mut same) = (connected(), saying(ME, "hello"), saying(ME, "hello"));
    peers.handle_question(&marked(Purpose::Round, &[(ME, 5)]), &ours, 1, at(5));
    peers.handle_answer(&answer(&mut same, &[(ME, 5)]), &ours, at(10));
    let due: Vec<Due> = (0..=8).flat_map(|tick| peers.poll(&ours, at(tick * 500))).collect();
    assert_eq!(due, [Due::Ask(Purpose::Ends)]);
}

#[test]
fn who_asks_for_the_ends_at_the_same_time_does_not_hide_what_an_answer_lacks() {
    let (mut peers, ours, mut lacking) = (connected(), saying(ME, "hello"), saying(ADA, "there"));
    peers.handle_question(&marked(Purpose::Ends, &[(ME, 5)]), &ours, 1, at(5));
    peers.handle_answer(&answer(&mut lacking, &[(ME, 4)]), &ours, at(10));
    assert!(all_due(&mut peers, &ours, at(510)).contains(&Due::Tell(vec![(ME, 0)])));
}

#[test]
fn who_is_asked_again_and_holds_back_what_others_were_answered_is_told_all_of_it() {
    let (mut peers, ours, mut same) = (connected(), saying(ME, "hello"), saying(ME, "hello"));
    assert_eq!(peers.latest_start(Purpose::Ends, ME), None, "nobody has asked for anything else");
    peers.handle_question(&unmarked(&[(ME, 5)]), &ours, 1, at(5));
    peers.handle_question(&marked(Purpose::Round, &[(ME, 3)]), &ours, 1, at(6));
    let due: Vec<Due> = (0..=8).flat_map(|tick| peers.poll(&ours, at(tick * 500))).collect();
    assert_eq!(due.last(), Some(&Due::Ask(Purpose::Ends)));
    let start = peers.latest_start(Purpose::Ends, ME).unwrap();
    assert_eq!(start, 2, "nobody who lacks the beginning holds back more than was asked for");
    assert_eq!(peers.latest_start(Purpose::Lack, ME), None);
    peers.note_asked(Purpose::Ends, &[(ME, start)], at(4_000));
    peers.handle_answer(&answer(&mut same, &[(ME, start)]), &ours, at(4_010));
    assert!(!all_due(&mut peers, &ours, at(4_600)).contains(&Due::Tell(vec![(ME, 0)])), "that one has all");
    peers.handle_answer(&answer(&mut same, &[(ME, 3)]), &ours, at(4_700));
    assert!(all_due(&mut peers, &ours, at(5_300)).contains(&Due::Tell(vec![(ME, 0)])));
}

#[test]
fn a_deletion_that_an_answer_does_not_show_is_told() {
    let (mut peers, mut ours, mut other) = (connected(), saying(ME, "hello"), saying(ME, "hello"));
    deleting(&mut ours, 2);
    peers.handle_answer(&answer(&mut other, &[(ME, 4)]), &ours, at(10));
    assert_eq!(all_due(&mut peers, &ours, at(510)), [Due::Tell(vec![(ME, 5)])]);
}

#[test]
fn what_somebody_shows_to_hold_is_claimed_until_it_is_here() {
    let (mut peers, mut ours) = (connected(), saying(ME, "hello"));
    let question = marked(Purpose::Ends, &[(ADA, 5)]);
    assert_eq!(peers.handle_question(&question, &ours, 1, at(0)), Claims::New);
    assert_eq!(peers.handle_question(&question, &ours, 1, at(1)), Claims::Known);
    assert!(peers.has_claims_beyond(&ours));
    let there = saying(ADA, "there").encode_since(None).unwrap();
    ours.apply(&there, LinkId::SERVER).unwrap();
    assert!(!peers.has_claims_beyond(&ours));
}

#[test]
fn claims_of_invented_clients_are_bounded() {
    let (mut peers, ours) = (connected(), saying(ME, "hello"));
    let invented: Vec<_> = (10..30_000).map(|id| (ClientId(id), 1)).collect();
    peers.handle_question(&unmarked(&invented), &ours, 1, at(0));
    assert_eq!(peers.claims.len(), MAX_CLAIMS);
}

#[test]
fn questions_are_answered_with_questions_at_most_once_a_second() {
    let mut peers = connected();
    let asked: Vec<u64> = (0..25).map(|tick| tick * 100).filter(|now| peers.ask_back(at(*now))).collect();
    assert_eq!(asked, [0, 1_000, 2_000]);
}

#[test]
fn the_question_of_another_spares_the_round() {
    let (mut peers, ours) = (connected(), saying(ME, "hello"));
    peers.note_heard(at(0));
    let mut asked = 0;
    for second in 0..120 {
        if second % 10 == 0 {
            peers.handle_question(&marked(Purpose::Round, &[(ME, 5)]), &ours, 1, at(second * 1_000));
            peers.note_heard(at(second * 1_000));
        }
        let due = all_due(&mut peers, &ours, at(second * 1_000 + 999));
        asked += due.iter().filter(|due| matches!(due, Due::Ask(Purpose::Round))).count();
        if due.contains(&Due::Ask(Purpose::Ends)) {
            peers.note_asked(Purpose::Ends, &[(ME, 4)], at(second * 1_000 + 999));
        }
    }
    assert_eq!(asked, 0);
    assert_eq!(all_due(&mut peers, &ours, at(140_000)).last(), Some(&Due::Ask(Purpose::Round)));
}
