//! What becomes of edits that end every connection they are sent over, and of those that only seem to.

use super::*;
use crate::config::Limits;
use crate::replica::Outcome;

/// How a server ends a connection over an update, if it does.
type Chokes<'a> = &'a dyn Fn(&[u8]) -> Option<u16>;

const NEVER: Chokes<'_> = &|_| None;

const SKULL: &str = "☠";

fn on_skulls(update: &[u8]) -> Option<u16> {
    update.windows(SKULL.len()).any(|bytes| bytes == SKULL.as_bytes()).then_some(1006)
}

impl Stage {
    /// Has the server do what is asked of it until nothing is, or it chokes. Says whether the connection is still there.
    fn serve(&mut self, chokes: Chokes<'_>) -> bool {
        let socket = *self.opened.last().unwrap();
        while !self.sent.is_empty() {
            for (_, message) in std::mem::take(&mut self.sent) {
                match message {
                    Message::SyncStep1(theirs) => {
                        let missing = self.server.encode_since(Some(&theirs)).unwrap();
                        self.say(socket, &Message::SyncStep2(missing));
                    }
                    Message::SyncStep2(update) | Message::Update(update) => {
                        if let Some(code) = chokes(&update) {
                            self.close(code);
                            return false;
                        }
                        let applied = self.server.apply(&update, LinkId(7)).unwrap();
                        assert_ne!(applied.outcome, Outcome::Held, "it builds on what was never sent");
                        self.say(socket, &Message::Update(update));
                    }
                    _ => {}
                }
            }
        }
        true
    }

    fn close(&mut self, code: u16) {
        let socket = *self.opened.last().unwrap();
        self.input(|session, now| session.handle_closed(socket, CloseInfo { code, reason: String::new() }, now));
        self.sent.clear();
    }

    /// Waits for the next attempt, and has the server ask for what it lacks.
    fn reopen(&mut self) {
        while matches!(self.status().phase, Phase::Waiting) {
            self.run(Duration::from_millis(10));
        }
        let socket = *self.opened.last().unwrap();
        self.input(|session, now| session.handle_opened(socket, now));
        let held = self.server.state_vector();
        self.say(socket, &Message::SyncStep1(held));
    }

    /// Connects again and again until a connection lives for a minute; how many did not.
    fn settle_with(&mut self, chokes: Chokes<'_>) -> usize {
        for died in 0..60 {
            self.reopen();
            let lives = (0..60).all(|_| {
                let lives = self.serve(chokes);
                if lives {
                    self.run(Duration::from_secs(1));
                }
                lives && self.serve(chokes)
            });
            if lives {
                return died;
            }
        }
        panic!("no connection lives: {:?}", self.status());
    }

    fn held_by_server(&mut self) -> String {
        let id = self.server.open("text", Kind::Text).unwrap();
        self.server.text_string(id).unwrap()
    }

    fn chokes(&self) -> usize {
        self.problems.iter().filter(|problem| problem.code == "server-chokes").count()
    }

    fn said(&mut self) -> String {
        self.session.explain(self.doc, self.now).unwrap()
    }
}

#[test]
fn an_edit_that_ends_every_connection_is_found_and_withheld_and_what_does_not_build_on_it_gets_through() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    let text = format!("{}{SKULL}, and more", "x".repeat(1000));
    stage.write(&text);
    let died = stage.settle_with(&on_skulls);
    // Three that are alike, one for each half, and three for the proof.
    assert!(died <= 3 + 10 + 3, "{died}");
    let status = stage.status();
    assert_eq!((status.phase, status.unsynced, status.unsent), (Phase::Synced, 11, 11));
    assert_eq!(stage.held_by_server(), "x".repeat(1000));
    let reason = status.reason.unwrap();
    assert_eq!((reason.code, stage.chokes()), ("server-chokes", 1));
    assert_eq!(reason.message, stage.problems[0].message);
    let sentence = stage.said();
    assert!(sentence.contains("11 edits are withheld until reconnect() is called"), "{sentence}");
    assert_eq!(stage.status().attempt, 0, "without it the connection is useful");
}

#[test]
fn while_it_is_looked_for_the_wait_grows_as_for_any_connection_that_is_of_no_use() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.write(&format!("{}{SKULL}", "x".repeat(100)));
    let mut attempts = Vec::new();
    while stage.chokes() == 0 {
        stage.reopen();
        while stage.serve(&on_skulls) {
            stage.run(Duration::from_secs(1));
        }
        attempts.push(stage.status().attempt);
        let reason = stage.statuses.iter().rev().find_map(|status| status.reason.clone());
        assert!(reason.is_some());
    }
    assert_eq!(attempts, (1..).take(attempts.len()).collect::<Vec<u32>>());
    let codes = stage.statuses.iter().filter_map(|status| status.reason.as_ref()).map(|reason| reason.code);
    assert!(codes.filter(|code| *code == "server-chokes").count() > 2, "it is said meanwhile");
}

#[test]
fn whoever_is_cautious_still_hears_the_others_and_is_heard_of() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.write(SKULL);
    stage.settle_with(&on_skulls);
    let socket = *stage.opened.last().unwrap();
    stage.write("later, ");
    stage.input(|session, now| session.set_presence(DocId(0), Some("{}".to_owned()), now));
    assert!(stage.sent.iter().all(|(_, message)| matches!(message, Message::Awareness(_))), "{:?}", stage.sent);
    assert_eq!(stage.sent.len(), 1);
    assert_eq!(stage.status().unsynced, 8);
    let mut other = Replica::new(ClientId(5), 1 << 20);
    let id = other.open("text", Kind::Text).unwrap();
    other.text_insert(id, 0, "theirs", None).unwrap();
    other.commit();
    let theirs = other.poll_committed().unwrap().update;
    stage.say(socket, &Message::Update(theirs));
    let replica = stage.session.replica(stage.doc).unwrap();
    let id = replica.open("text", Kind::Text).unwrap();
    assert!(replica.text_string(id).unwrap().contains("theirs"));
}

#[test]
fn the_application_can_ask_for_another_try() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.write(&format!("before {SKULL} behind"));
    stage.settle_with(&on_skulls);
    stage.input(|session, now| session.reconnect(DocId(0), now));
    assert_eq!(stage.settle_with(NEVER), 0);
    assert_eq!((stage.status().unsynced, stage.status().reason), (0, None));
    assert_eq!(stage.held_by_server(), format!("before {SKULL} behind"));
}

#[test]
fn a_deletion_that_ends_every_connection_is_withheld_and_nothing_else() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    stage.write("abcdef");
    assert!(stage.serve(NEVER));
    stage.input(|session, now| {
        let delete = |replica: &mut Replica| {
            let id = replica.open("text", Kind::Text)?;
            replica.text_delete(id, 1, 4)?;
            replica.text_insert(id, 2, "more", None)
        };
        session.edit(DocId(0), delete).unwrap();
        session.commit(DocId(0), now);
    });
    let of_third = |update: &[u8]| {
        let mut copy = Replica::new(ClientId(77), 1 << 20);
        let evidence = copy.apply(update, LinkId(7)).unwrap().evidence;
        evidence.deletes.iter().any(|(_, range)| range.contains(&2)).then_some(1011)
    };
    if stage.serve(&of_third) {
        panic!("it does not choke");
    }
    stage.settle_with(&of_third);
    assert_eq!((stage.status().unsynced, stage.chokes()), (1, 1));
    assert_eq!(stage.held_by_server(), "acfmore");
}

#[test]
fn two_edits_of_two_people_are_both_found() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    for client in [5, 6, 7] {
        let mut other = Replica::new(ClientId(client), 1 << 20);
        let id = other.open("text", Kind::Text).unwrap();
        other.text_insert(id, 0, if client == 6 { "fine" } else { "good ☠ bad" }, None).unwrap();
        other.commit();
        let update = other.poll_committed().unwrap().update;
        stage.input(|session, now| session.apply_update(DocId(0), &update, now).unwrap());
    }
    stage.input(|session, now| session.commit(DocId(0), now));
    stage.settle_with(&on_skulls);
    assert_eq!((stage.status().unsynced, stage.chokes()), (10, 2));
    assert_eq!(stage.held_by_server().len(), "fine".len() + 2 * "good ".len());
}

#[test]
fn a_network_that_is_cut_after_everything_that_is_sent_leads_to_portions_and_to_nothing_else() {
    for cuts in 3..20 {
        let mut stage = Stage::new(Protocol::YWebsocket);
        stage.write("some text that nobody has anything against");
        for _ in 0..cuts {
            stage.reopen();
            stage.serve(&|update| (update.len() > 2).then_some(1006));
        }
        stage.settle_with(NEVER);
        assert_eq!((stage.status().unsynced, stage.status().reason, stage.chokes()), (0, None, 0), "{cuts} cuts");
        // Edits go out as they are made again.
        stage.sent.clear();
        stage.write("!");
        stage.write("?");
        assert_eq!(stage.sent.len(), 2);
    }
}

#[test]
fn a_server_that_restarts_or_has_no_network_is_sent_everything_at_once() {
    for (code, is_offline) in [(1012, false), (1001, false), (1013, false), (1006, true)] {
        let mut stage = Stage::new(Protocol::YWebsocket);
        stage.write("abc");
        for _ in 0..8 {
            stage.reopen();
            let is_whole =
                |(_, message): &(_, Message)| matches!(message, Message::SyncStep2(update) if update.len() > 2);
            assert!(stage.sent.iter().any(is_whole), "{code}");
            if is_offline {
                stage.input(Session::handle_offline);
            }
            stage.close(code);
        }
    }
}

#[test]
fn edits_that_are_too_large_at_once_arrive_in_portions_and_the_next_ones_too() {
    let too_large = |update: &[u8]| (update.len() > 1000).then_some(1009);
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.write(&"long ".repeat(2000));
    let died = stage.settle_with(&too_large);
    assert!(died <= 5, "{died}");
    assert_eq!((stage.status().unsynced, stage.chokes(), stage.status().reason), (0, 0, None));
    stage.close(1006);
    stage.write(&"more ".repeat(2000));
    assert_eq!(stage.settle_with(&too_large), 0, "it is known how much is too much");
    assert_eq!((stage.status().unsynced, stage.held_by_server().len()), (0, 20_000));
}

#[test]
fn a_proxy_that_cuts_what_is_large_and_does_not_say_why_is_found_out_too() {
    let too_large = |update: &[u8]| (update.len() > 20_000).then_some(1006);
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.write(&"long ".repeat(20_000));
    let died = stage.settle_with(&too_large);
    assert!(died <= 7, "{died}");
    assert_eq!((stage.status().unsynced, stage.chokes()), (0, 0));
    stage.close(1006);
    stage.write(&"more ".repeat(20_000));
    assert_eq!(stage.settle_with(&too_large), 0);
}

#[test]
fn what_a_server_drops_and_lives_through_is_not_withheld_however_often_the_connection_ends() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.write("dropped");
    for _ in 0..20 {
        stage.reopen();
        for _ in 0..10 {
            // It answers, and takes nothing.
            for (socket, message) in std::mem::take(&mut stage.sent) {
                if let Message::SyncStep1(_) = message {
                    stage.say(socket, &Message::SyncStep2(vec![0, 0]));
                }
            }
            stage.run(Duration::from_secs(1));
        }
        stage.close(1006);
    }
    assert_eq!((stage.chokes(), stage.status().unsynced), (0, 7));
    assert!(stage.statuses.iter().filter_map(|status| status.reason.as_ref()).all(|reason| reason.code == "closed"));
}

#[test]
fn what_is_withheld_stays_withheld_where_it_is_written_anew_from_the_document() {
    let config = Config { limits: Limits::default(), ..Config::default() };
    let mut stage = Stage::with_config(Protocol::YWebsocket, Source::None, config);
    stage.write(SKULL);
    stage.settle_with(&on_skulls);
    // Of another, so that it can be sent; and so much that the outbox keeps no updates.
    stage.buffered = 1 << 20;
    for client in 5..60 {
        let mut other = Replica::new(ClientId(client), 1 << 20);
        let id = other.open("text", Kind::Text).unwrap();
        other.text_insert(id, 0, "fine", None).unwrap();
        other.commit();
        let update = other.poll_committed().unwrap().update;
        stage.input(|session, now| session.apply_update(DocId(0), &update, now).unwrap());
        stage.write("withheld ");
    }
    stage.buffered = 0;
    stage.run(Duration::from_secs(1));
    assert!(stage.serve(&on_skulls));
    assert_eq!(stage.held_by_server(), "fine".repeat(55));
    assert_eq!(stage.status().unsynced, 1 + 55 * 9);
}
