//! Decides when to greet, when to answer, and from when on edits go out as updates.

use super::EditSet;
use super::outbox::Outbox;
use crate::queue::Queue;
use crate::replica::{Refusal, Replica};
use crate::wire::Message;

/// The handshake with one other replica, what is waiting to be sent to it, and what was sent of which it said nothing.
///
/// Nothing is queued while there is no connection: the document is the queue, and the exchange of state vectors after
/// the next greeting carries what is missing, once.
#[derive(Debug, Default)]
pub struct Dialogue {
    progress: Progress,
    outbox: Outbox,
    /// The edits in each SyncStep2 and update that went out over this connection, until the other side says what became
    /// of them; or in all before each marker, until it was sent back. Only where the other side does so.
    unconfirmed: Queue<EditSet>,
    confirmation: Confirmation,
    /// What went out since the last marker.
    unmarked: EditSet,
    /// How many markers went out.
    markers: u64,
}

/// Whether the other side says of each of our SyncStep2 and updates what became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Confirmation {
    /// It does not.
    #[default]
    None,
    /// It does, in the order in which they were sent.
    Each,
    /// It sends back a marker, once it has read everything before it.
    Marked,
}

/// How far the handshake has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Progress {
    /// There is no connection to talk over.
    #[default]
    Silent,
    /// Our SyncStep1 is out; nothing has come yet.
    Greeted,
    /// Their SyncStep1 was answered; their SyncStep2 has not come yet.
    Answered,
    /// Their SyncStep2 came; they have not asked for ours yet.
    Received,
    /// Both sides have been answered.
    Complete,
}

impl Dialogue {
    /// A dialogue that has not begun.
    pub fn new(confirmation: Confirmation) -> Self {
        Self { confirmation, ..Self::default() }
    }

    /// How far the handshake has come.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Whether everything the other side had at the greeting has arrived.
    pub fn is_synced(&self) -> bool {
        matches!(self.progress, Progress::Received | Progress::Complete)
    }

    /// Whether edits go out as updates: the other side has asked for ours, and was answered.
    pub fn has_answered(&self) -> bool {
        matches!(self.progress, Progress::Answered | Progress::Complete)
    }

    /// Starts the handshake over a fresh connection and returns the first message.
    pub fn greet(&mut self, replica: &mut Replica) -> Message {
        self.progress = Progress::Greeted;
        self.outbox.clear();
        self.unconfirmed.clear();
        self.unmarked = EditSet::default();
        Message::SyncStep1(replica.state_vector())
    }

    /// Starts the handshake over a connection that takes the place of the one before, and returns the first message.
    ///
    /// What was in step stays so. What was sent last may have been lost with the old connection, and an edit that builds
    /// on it must not come before it: until the other side asks, edits are left to the answer, which has both.
    pub fn greet_anew(&mut self, replica: &mut Replica) -> Message {
        let progress = if self.is_synced() { Progress::Received } else { Progress::Greeted };
        let greeting = self.greet(replica);
        self.progress = progress;
        greeting
    }

    /// Notes that whoever is there hears everything, asked or not: edits go out from the greeting on.
    pub fn broadcast(&mut self) {
        if self.progress == Progress::Greeted {
            self.progress = Progress::Answered;
        }
    }

    /// Notes that those who were there are gone, and the connection stays.
    pub fn handle_deserted(&mut self) {
        if self.progress != Progress::Silent {
            self.progress = Progress::Answered;
        }
    }

    /// Forgets the connection and what was waiting for it.
    pub fn hang_up(&mut self) {
        self.progress = Progress::Silent;
        self.outbox.clear();
        self.unconfirmed.clear();
        self.unmarked = EditSet::default();
    }

    /// Answers their SyncStep1 with everything their state vector lacks; `edits` is what of it they may not hold.
    ///
    /// Local edits must be committed and offered to [`Dialogue::push`] before: the answer contains them, and from the
    /// answer on every edit is sent as an update. (Waiting for their SyncStep2 instead loses the edits in between.)
    ///
    /// # Errors
    /// Their state vector is malformed.
    pub fn answer(
        &mut self,
        state_vector: &[u8],
        edits: impl FnOnce() -> EditSet,
        replica: &mut Replica,
    ) -> Result<Message, Refusal> {
        let missing = replica.encode_since(Some(state_vector))?;
        Ok(self.answer_with(missing, edits))
    }

    /// Answers their SyncStep1 with this instead of everything, in which these are the edits that they may not hold.
    pub fn answer_with(&mut self, update: Vec<u8>, edits: impl FnOnce() -> EditSet) -> Message {
        self.outbox.clear();
        self.await_confirmation(edits);
        self.progress = match self.progress {
            Progress::Received | Progress::Complete => Progress::Complete,
            Progress::Silent | Progress::Greeted | Progress::Answered => Progress::Answered,
        };
        Message::SyncStep2(update)
    }

    /// Notes that their SyncStep2 was taken in.
    pub fn handle_step2(&mut self) {
        self.progress = match self.progress {
            Progress::Silent => Progress::Silent,
            Progress::Greeted | Progress::Received => Progress::Received,
            Progress::Answered | Progress::Complete => Progress::Complete,
        };
    }

    /// Notes that the other side has answered and will not ask; says whether that is so. Edits go out from here on.
    pub fn handle_unasked(&mut self) -> bool {
        let is_unasked = self.progress == Progress::Received;
        if is_unasked {
            self.progress = Progress::Complete;
        }
        is_unasked
    }

    /// Takes an update that the other side has not seen; dropped before our answer, which will contain it.
    pub fn push(&mut self, update: Vec<u8>, edits: EditSet) {
        if self.has_answered() {
            self.outbox.push(update, edits);
        }
    }

    /// Takes the word of the other side on the earliest of what it had said nothing of; returns the edits in it.
    pub fn confirm(&mut self) -> EditSet {
        self.unconfirmed.pop_front().unwrap_or_default()
    }

    /// Takes a marker that came back; returns the edits that went out before it.
    pub fn confirm_until(&mut self, marker: u64) -> EditSet {
        let mut edits = EditSet::default();
        while marker <= self.markers && self.unconfirmed.len() as u64 > self.markers - marker {
            edits.extend(&self.confirm());
        }
        edits
    }

    /// The last marker that went out. The other side sends it back as often as it comes.
    pub fn last_marker(&self) -> u64 {
        self.markers
    }

    /// Whether the other side has still to say what became of something.
    pub fn is_unconfirmed(&self) -> bool {
        !self.unconfirmed.is_empty()
    }

    /// The edits that wait to be sent; those that no answer has held yet do not.
    pub const fn waiting_edits(&self) -> &EditSet {
        self.outbox.edits()
    }

    /// How many insertions and deletions wait to be sent.
    pub fn waiting(&self) -> u64 {
        self.outbox.len()
    }

    /// The next message to send: all edits that wait, as one update, then the marker behind them.
    pub fn poll_message(&mut self, replica: &Replica) -> Option<Message> {
        if let Some((update, edits)) = self.outbox.take(replica) {
            self.await_confirmation(|| edits);
            return Some(Message::Update(update));
        }
        if self.unmarked.is_empty() {
            return None;
        }
        self.unconfirmed.push_back(std::mem::take(&mut self.unmarked));
        self.markers += 1;
        Some(Message::Marker(self.markers))
    }

    fn await_confirmation(&mut self, edits: impl FnOnce() -> EditSet) {
        match self.confirmation {
            Confirmation::None => {}
            Confirmation::Each => self.unconfirmed.push_back(edits()),
            Confirmation::Marked => self.unmarked.extend(&edits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ClientId, Clock};
    use crate::replica::Kind;
    use std::ops::Range;

    fn replica_saying(text: &str) -> Replica {
        let mut replica = Replica::new(ClientId(1), 1 << 20);
        let id = replica.open("text", Kind::Text).unwrap();
        replica.text_insert(id, 0, text, None).unwrap();
        replica.commit();
        replica
    }

    fn edits(clocks: Range<Clock>) -> EditSet {
        EditSet { elements: [(ClientId(1), clocks)].into_iter().collect(), ..EditSet::default() }
    }

    fn next_update(replica: &mut Replica) -> Vec<u8> {
        replica.poll_committed().unwrap().update
    }

    #[test]
    fn an_edit_before_our_answer_is_left_to_the_answer() {
        let mut replica = replica_saying("a");
        let mut dialogue = Dialogue::default();
        dialogue.greet(&mut replica);
        dialogue.push(next_update(&mut replica), EditSet::default());
        assert_eq!(dialogue.poll_message(&replica), None);
        let answer = dialogue.answer(&[0], EditSet::default, &mut replica).unwrap();
        assert_eq!(answer, Message::SyncStep2(replica.encode_since(None).unwrap()));
    }

    #[test]
    fn an_edit_after_our_answer_goes_out_although_their_step_2_has_not_come() {
        let mut replica = replica_saying("a");
        let mut dialogue = Dialogue::default();
        dialogue.greet(&mut replica);
        dialogue.answer(&[0], EditSet::default, &mut replica).unwrap();
        let update = next_update(&mut replica);
        dialogue.push(update.clone(), EditSet::default());
        assert_eq!(dialogue.poll_message(&replica), Some(Message::Update(update)));
        assert!(!dialogue.is_synced());
    }

    #[test]
    fn both_orders_of_their_two_steps_complete_the_handshake() {
        let mut replica = replica_saying("a");
        for answer_first in [true, false] {
            let mut dialogue = Dialogue::default();
            dialogue.greet(&mut replica);
            if answer_first {
                dialogue.answer(&[0], EditSet::default, &mut replica).unwrap();
                dialogue.handle_step2();
            } else {
                dialogue.handle_step2();
                dialogue.answer(&[0], EditSet::default, &mut replica).unwrap();
            }
            assert_eq!(dialogue.progress(), Progress::Complete);
        }
    }

    #[test]
    fn a_new_greeting_leaves_it_synced_and_edits_to_the_next_answer() {
        let mut replica = replica_saying("a");
        let mut dialogue = Dialogue::new(Confirmation::Each);
        dialogue.greet(&mut replica);
        dialogue.answer(&[0], || edits(0..1), &mut replica).unwrap();
        dialogue.handle_step2();
        dialogue.greet_anew(&mut replica);
        assert!(dialogue.is_synced() && !dialogue.is_unconfirmed());
        dialogue.push(next_update(&mut replica), edits(0..1));
        assert_eq!(dialogue.poll_message(&replica), None);
        dialogue.answer(&[0], || edits(0..1), &mut replica).unwrap();
        assert_eq!((dialogue.progress(), dialogue.confirm()), (Progress::Complete, edits(0..1)));
    }

    #[test]
    fn a_new_greeting_before_the_first_sync_begins_from_the_start() {
        let mut replica = replica_saying("a");
        let mut dialogue = Dialogue::default();
        dialogue.greet(&mut replica);
        dialogue.answer(&[0], EditSet::default, &mut replica).unwrap();
        dialogue.greet_anew(&mut replica);
        assert_eq!(dialogue.progress(), Progress::Greeted);
    }

    #[test]
    fn hanging_up_drops_what_waited_because_the_document_is_the_queue() {
        let mut replica = replica_saying("a");
        let mut dialogue = Dialogue::default();
        dialogue.greet(&mut replica);
        dialogue.answer(&[0], EditSet::default, &mut replica).unwrap();
        dialogue.push(next_update(&mut replica), EditSet::default());
        dialogue.hang_up();
        assert_eq!(dialogue.poll_message(&replica), None);
        assert_eq!(dialogue.progress(), Progress::Silent);
    }

    #[test]
    fn a_malformed_state_vector_is_refused_and_changes_nothing() {
        let mut replica = replica_saying("a");
        let mut dialogue = Dialogue::default();
        dialogue.greet(&mut replica);
        assert!(dialogue.answer(&[5, 1], EditSet::default, &mut replica).is_err());
        assert_eq!(dialogue.progress(), Progress::Greeted);
    }

    #[test]
    fn a_marker_that_comes_back_is_about_all_that_went_out_before_it() {
        let mut replica = replica_saying("a");
        let mut dialogue = Dialogue::new(Confirmation::Marked);
        dialogue.greet(&mut replica);
        dialogue.answer(&[0], || edits(0..1), &mut replica).unwrap();
        assert_eq!(dialogue.poll_message(&replica), Some(Message::Marker(1)));
        assert_eq!(dialogue.poll_message(&replica), None);
        for clock in 1..3 {
            dialogue.push(vec![0, 0], edits(clock..clock + 1));
            assert!(matches!(dialogue.poll_message(&replica), Some(Message::Update(_))));
            assert_eq!(dialogue.poll_message(&replica), Some(Message::Marker(u64::from(clock) + 1)));
        }
        assert!(dialogue.confirm_until(99).is_empty(), "nobody sent that one");
        assert_eq!(dialogue.confirm_until(2), edits(0..2));
        assert_eq!(dialogue.confirm_until(2), EditSet::default());
        assert_eq!(dialogue.confirm_until(3), edits(2..3));
    }

    #[test]
    fn what_the_other_side_says_is_about_the_earliest_that_it_said_nothing_of() {
        let mut replica = replica_saying("a");
        let mut dialogue = Dialogue::new(Confirmation::Each);
        dialogue.greet(&mut replica);
        dialogue.answer(&[0], || edits(0..1), &mut replica).unwrap();
        dialogue.push(next_update(&mut replica), edits(1..2));
        dialogue.poll_message(&replica);
        assert_eq!(dialogue.confirm(), edits(0..1));
        assert_eq!(dialogue.confirm(), edits(1..2));
        assert!(!dialogue.is_unconfirmed());
        assert!(dialogue.confirm().is_empty(), "a word too much means nothing");
    }
}
