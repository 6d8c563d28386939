//! What follows where a server keeps sending what is refused.

use super::*;
use crate::session::Count;

/// No update.
const POISON: &[u8] = &[1, 2, 3];

impl Stage {
    /// When the server was asked what it holds, in seconds, while it answers every question with `answer` for so long.
    fn ask_for(&mut self, seconds: u64, answer: &[u8]) -> Vec<u64> {
        let mut asked = Vec::new();
        for second in 0..seconds {
            for (socket, message) in std::mem::take(&mut self.sent) {
                if let Message::SyncStep1(_) = message {
                    asked.push(second);
                    self.say(socket, &Message::SyncStep2(answer.to_vec()));
                }
            }
            // Others are here, so that it is known without a question that the server lives.
            self.say(OLD, &Message::Awareness(awareness::encode(&[])));
            self.run(Duration::from_secs(1));
        }
        asked
    }

    fn sentence(&mut self) -> String {
        self.session.explain(self.doc, self.now).unwrap()
    }
}

#[test]
fn a_server_whose_answer_is_refused_each_time_is_asked_ever_less_often_and_then_not_at_all() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    stage.input(|session, now| session.handle_opened(OLD, now));
    stage.say(OLD, &Message::SyncStep1(vec![0]));
    assert_eq!(stage.ask_for(600, POISON), [0, 1, 3, 7, 15, 31, 63, 123]);
    assert_eq!((stage.problems.len(), stage.problems[0].code), (1, "bad-update"));
    assert_eq!((stage.opened.len(), stage.closed.len()), (1, 0));
    assert_eq!(stage.session.counters(stage.doc, stage.now).unwrap().of(Count::Refused), 8);
    let reason = stage.status().reason.unwrap();
    assert_eq!((stage.status().phase, reason.code), (Phase::Handshaking, "bad-update"));
    let sentence = stage.sentence();
    assert!(sentence.contains("what the server sent was refused, each time it was asked: malformed"), "{sentence}");
    // The next connection is another chance.
    stage.input(|session, now| session.handle_closed(OLD, CloseInfo { code: 1006, reason: String::new() }, now));
    stage.run(Duration::from_secs(1));
    stage.input(|session, now| session.handle_opened(NEW, now));
    stage.sent.clear();
    stage.greet(NEW);
    stage.say(NEW, &Message::SyncStep2(vec![0, 0]));
    assert_eq!((stage.status().phase, stage.status().reason), (Phase::Synced, None));
}

#[test]
fn the_same_poison_in_one_update_after_the_other_is_told_once_and_asked_about_once() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let mut asked = 0;
    for _ in 0..100 {
        stage.say(OLD, &Message::Update(POISON.to_vec()));
        asked += stage.ask_for(1, &[0, 0]).len();
    }
    assert_eq!((stage.problems.len(), asked), (1, 1));
    assert_eq!((stage.opened.len(), stage.status().phase), (1, Phase::Synced));
    assert_eq!(stage.status().reason, None, "the answer had everything");
}

#[test]
fn other_poison_each_time_is_asked_about_ever_less_often() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    let mut asked = 0;
    for second in 0..600_u32 {
        let poison = [POISON, &second.to_be_bytes()].concat();
        stage.say(OLD, &Message::Update(poison));
        asked += stage.ask_for(1, &[0, 0]).len();
    }
    assert!(stage.problems.len() <= 4, "{:?}", stage.problems);
    assert!((5..20).contains(&asked), "{asked}");
}

#[test]
fn an_update_that_was_damaged_on_its_way_is_asked_for_within_a_second_as_before() {
    let mut stage = Stage::synced(Protocol::YWebsocket);
    stage.say(OLD, &Message::Update(POISON.to_vec()));
    assert_eq!(stage.status().reason.map(|reason| reason.code), Some("bad-update"));
    assert_eq!(stage.ask_for(10, &[0, 0]), [1]);
    assert_eq!(stage.status().reason, None);
}

#[test]
fn frames_that_are_refused_end_connections_ever_less_often() {
    let mut stage = Stage::new(Protocol::YWebsocket);
    for _ in 0..1200 {
        let socket = *stage.opened.last().unwrap();
        if stage.status().phase == Phase::Connecting {
            stage.input(|session, now| session.handle_opened(socket, now));
            stage.say(socket, &Message::SyncStep1(vec![0]));
            stage.say(socket, &Message::SyncStep2(vec![0, 0]));
            stage.say(socket, &Message::SyncStep1(vec![9, 9]));
        }
        stage.run(Duration::from_secs(1));
    }
    // A mean wait of 15 s in the end.
    assert!((60..120).contains(&stage.opened.len()), "{}", stage.opened.len());
}
