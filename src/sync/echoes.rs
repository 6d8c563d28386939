//! Decides which messages of a relay are our own, come back: there are relays that send everything to everybody.
//!
//! Taken for those of a peer, they would prove that somebody holds our edits when nobody is there.

use super::question::{Asker, Mark, Question};
use crate::queue::Queue;
use crate::replica::decode_state_vector;
use crate::wire::Message;

/// How many messages are remembered that did not come back; of a relay that sends nothing back, the latest.
const MAX_SENT: usize = 8192;

/// How many changes are remembered that went out over earlier connections, and how many of their marks.
///
/// The relay may pass them on when we are there again already, over a new connection: to it those are two clients. A
/// peer may say the same as we have said then; that is passed over, and asked for again a second later.
const MAX_EARLIER: usize = 64;

/// What of ours may still come back. A relay keeps the order, and the first thing that is said over a connection is a
/// question with our mark. Until one comes back the relay may send nothing back, apart from edits; after it the rest follows in
/// order, but for what is lost on its way.
#[derive(Debug)]
pub struct Echoes {
    mark: Mark,
    relay: Relay,
    sent: Queue<Sent>,
    /// The changes that went out over earlier connections, and the latest that came back over this one, each once: what a
    /// relay has sent back it may send back again.
    earlier: Vec<Digest>,
    earlier_marks: Vec<Mark>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Relay {
    /// It is not known to send back.
    Unknown,
    /// It is.
    SendsBack,
}

/// A message that went out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sent {
    digest: Digest,
    content: Content,
}

/// Whether a message holds changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Content {
    Changes,
    None,
}

/// Tells messages apart: a hash of the kind and the content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Digest(u64);

impl Echoes {
    /// Over a first connection.
    pub const fn new(mark: Mark) -> Self {
        Self { mark, relay: Relay::Unknown, sent: Queue::new(), earlier: Vec::new(), earlier_marks: Vec::new() }
    }

    /// Over the connection after this one. A relay that sends back does so over that one, too.
    pub fn succeed(&mut self, mark: Mark) {
        for Sent { digest, .. } in self.sent.iter().filter(|sent| sent.content == Content::Changes) {
            remember(&mut self.earlier, *digest);
        }
        self.sent.clear();
        remember(&mut self.earlier_marks, self.mark);
        self.mark = mark;
    }

    /// The mark of our questions over this connection.
    pub const fn mark(&self) -> Mark {
        self.mark
    }

    /// Notes that a message goes out.
    pub fn note_sent(&mut self, message: &Message) {
        if let Some(sent) = describe(message) {
            if self.sent.len() >= MAX_SENT {
                self.sent.pop_front();
            }
            self.sent.push_back(sent);
        }
    }

    /// Whether a message that came is one of ours.
    pub fn is_own(&mut self, message: &Message) -> bool {
        let Some(heard) = describe(message) else { return false };
        match mark_of(message) {
            Some(mark) if mark == self.mark => {
                self.relay = Relay::SendsBack;
                self.come_to(heard);
                return true;
            }
            Some(mark) if self.earlier_marks.contains(&mark) => return true,
            Some(_) | None => {}
        }
        // Nobody else says what we have edited in the very same words, and the question before it may have been lost. Answers of
        // those who have the same are alike.
        let may_be_own = self.relay == Relay::SendsBack || matches!(message, Message::Update(_));
        if may_be_own && self.come_to(heard) {
            if heard.content == Content::Changes {
                remember(&mut self.earlier, heard.digest);
            }
            return true;
        }
        let earlier = self.earlier.iter().position(|earlier| *earlier == heard.digest);
        earlier.map(|at| self.earlier.remove(at)).is_some()
    }

    /// Takes out what has come back, if it is one that went out, with all that went out before it: that was lost on its way, or
    /// comes later, if what has come was sent back twice and looks like what was said again since.
    fn come_to(&mut self, heard: Sent) -> bool {
        let Some(at) = self.sent.iter().position(|sent| *sent == heard) else { return false };
        for _ in 0..at {
            let passed = self.sent.pop_front().filter(|passed| passed.content == Content::Changes);
            passed.into_iter().for_each(|Sent { digest, .. }| remember(&mut self.earlier, digest));
        }
        self.sent.pop_front();
        true
    }
}

/// Adds an item as the latest, once.
fn remember<T: PartialEq>(items: &mut Vec<T>, item: T) {
    items.retain(|known| *known != item);
    if items.len() >= MAX_EARLIER {
        items.remove(0);
    }
    items.push(item);
}

fn mark_of(message: &Message) -> Option<Mark> {
    let Message::SyncStep1(vector) = message else { return None };
    match Question::read(decode_state_vector(vector).ok()?).asker {
        Asker::Marked(mark, _) => Some(mark),
        Asker::Unmarked => None,
    }
}

/// Nothing for messages that are not said to peers.
fn describe(message: &Message) -> Option<Sent> {
    let (kind, content, bytes): (u8, Content, &[u8]) = match message {
        Message::SyncStep1(bytes) => (0, Content::None, bytes),
        Message::SyncStep2(bytes) => (1, Content::Changes, bytes),
        Message::Update(bytes) => (2, Content::Changes, bytes),
        Message::Awareness(bytes) => (3, Content::None, bytes),
        Message::QueryAwareness => (4, Content::None, &[]),
        _ => return None,
    };
    // The hash of Fowler, Noll and Vo, which is small. Nobody gains from making two messages look alike.
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    let digest = Digest(bytes.iter().chain([&kind]).fold(0xCBF2_9CE4_8422_2325, step));
    Some(Sent { digest, content })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::question::{self, Purpose};

    fn question(mark: u32) -> Message {
        Message::SyncStep1(question::write(Mark(mark), Purpose::Ends, Vec::new()))
    }

    fn update(byte: u8) -> Message {
        Message::Update(vec![byte])
    }

    fn sent(messages: &[Message]) -> Echoes {
        let mut echoes = Echoes::new(Mark(1));
        messages.iter().for_each(|message| echoes.note_sent(message));
        echoes
    }

    #[test]
    fn everything_that_comes_back_is_known_in_its_order() {
        let messages = [question(1), update(1), Message::QueryAwareness, update(1)];
        let mut echoes = sent(&messages);
        assert!(messages.iter().all(|message| echoes.is_own(message)));
        assert!(echoes.is_own(&update(1)), "it was sent back once more");
        assert!(!echoes.is_own(&update(1)), "that one is of somebody else");
    }

    #[test]
    fn nothing_is_ours_before_our_first_question_came_back() {
        let mut echoes = sent(&[question(1), Message::QueryAwareness]);
        assert!(!echoes.is_own(&Message::QueryAwareness));
        assert!(!echoes.is_own(&question(2)));
        assert!(echoes.is_own(&question(1)));
        assert!(echoes.is_own(&Message::QueryAwareness));
    }

    #[test]
    fn the_words_of_others_in_between_do_not_hide_ours() {
        let mut echoes = sent(&[question(1), update(1), update(2)]);
        let heard = [question(1), update(9), update(1), question(2), update(2)];
        let own: Vec<bool> = heard.iter().map(|message| echoes.is_own(message)).collect();
        assert_eq!(own, [true, false, true, false, true]);
    }

    #[test]
    fn a_later_message_that_comes_back_ends_the_wait_for_what_was_lost() {
        for later in [question(1), update(2), Message::QueryAwareness] {
            let mut echoes = sent(&[question(1), update(1), later.clone(), update(3)]);
            assert!(echoes.is_own(&question(1)));
            assert!(echoes.is_own(&later), "the update before it was lost");
            assert!(echoes.is_own(&update(3)));
        }
    }

    #[test]
    fn what_comes_after_a_question_that_was_sent_back_twice_is_known_although_it_was_asked_again() {
        let mut echoes = sent(&[question(1), update(1), update(2), question(1)]);
        let heard = [question(1), question(1), update(1), update(2), question(1)];
        assert!(heard.iter().all(|message| echoes.is_own(message)));
        assert!(!echoes.is_own(&Message::Update(vec![1, 2])));
    }

    #[test]
    fn what_went_out_over_an_earlier_connection_is_known_once() {
        let mut echoes = sent(&[question(1), update(1), update(1)]);
        echoes.succeed(Mark(2));
        echoes.note_sent(&question(2));
        let heard = [question(1), update(1), update(1), question(2)];
        let own: Vec<bool> = heard.iter().map(|message| echoes.is_own(message)).collect();
        assert_eq!(own, [true, true, false, true]);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut echoes = sent(&[question(1)]);
        (0..=MAX_SENT).for_each(|_| echoes.note_sent(&update(1)));
        assert_eq!(echoes.sent.len(), MAX_SENT);
        for byte in 0..=255 {
            echoes.note_sent(&update(byte));
            echoes.succeed(Mark(byte.into()));
        }
        assert_eq!((echoes.earlier.len(), echoes.earlier_marks.len()), (MAX_EARLIER, MAX_EARLIER));
    }
}
