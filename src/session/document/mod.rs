//! Decides what belongs to one document: its replica, and its dialogue with the server, the disk and the other tabs.

mod access;
mod announcements;
mod carefulness;
mod catching_up;
mod disk;
mod events;
mod handshake;
mod journal;
mod looking_ahead;
mod messages;
mod observing;
mod owed;
mod peers;
mod relay;
mod routing;
mod seat;
mod server;
mod suspicion;
mod token;

use events::Intent;
pub use messages::Posted;
pub(super) use peers::Wish;
pub(super) use seat::Haste;
pub(super) use token::TokenNews;

use super::counters::Count;
use super::habits;
use super::journal::Journal;
use super::observed::Observed;
use super::output::Problem;
use super::shared::SharedStatus;
use super::status::Status;
use crate::clock::{Instant, earliest};
use crate::config::Config;
use crate::connection::Reason;
use crate::credential::{Credential, Source};
use crate::ids::{ClientId, Origin, RequestId, TabId};
use crate::queue::Queue;
use crate::replica::{Refusal, Replica};
use crate::rng::Rng;
use crate::store::{Store, StoreOp};
use crate::sync::{Caution, Complaints, Confirmation, Dialogue, EditSet, Peers, Presence, Progress, Resync, Unsynced};
use crate::tabs::Tabs;
use crate::wire::{Access, Counterpart, Message, Policy, Proof, Route};
use access::{Draft, Question};
use announcements::Announcements;
use carefulness::Carefulness;
use catching_up::Collected;
use journal::Handed;
use owed::Owed;
use seat::Seat;

/// What a document is opened with.
#[derive(Clone, Debug)]
pub struct DocumentSetup {
    /// Which of the documents on the connection it is.
    pub route: Route,
    /// The id under which this replica edits; it must be used by no other replica that is alive.
    pub client: ClientId,
    /// Whether this device keeps it.
    pub is_stored: bool,
    /// Whether the tabs of this browser share a connection for it.
    pub is_shared: bool,
    /// Where what the server decides access by comes from.
    pub token: Source,
    /// What is known of it from an earlier session. It is kept for a later one exactly if there is one.
    pub journal: Option<Journal>,
}

/// A document on a connection. It learns of the connection only that it is there or not.
#[derive(Debug)]
pub(super) struct Document {
    route: Route,
    policy: Policy,
    intent: Intent,
    seat: Seat,
    replica: Replica,
    /// What was collected and is not committed, if there is such.
    collected: Option<Collected>,
    /// When the next part of it is written, where it waits.
    turn: Option<Instant>,
    /// When a text is looked at that is edited, where a look is planned.
    look: Option<Instant>,
    dialogue: Dialogue,
    presence: Presence,
    /// Where there is no server but a relay: who else is there.
    peers: Option<Peers>,
    unsynced: Unsynced,
    /// When to ask again for what we lack.
    resync: Resync,
    /// When to ask for proof of what is unsynced: the server does not echo what it had from elsewhere already.
    proof_wanted: Resync,
    /// What is suspected of our edits.
    caution: Caution,
    /// What was refused of what the server sent.
    complaints: Complaints,
    credential: Credential,
    token_requests: Queue<RequestId>,
    /// What the server lets us do, since it said so over this connection.
    access: Option<Access>,
    /// The edits that the server has dropped; they are only here.
    refused: EditSet,
    /// Whether the application is to be told what was refused.
    draft: Draft,
    /// What was asked over this connection and not answered, in order.
    questions: Queue<Question>,
    /// How long is waited for that.
    owed: Owed,
    /// What keeps the document from being in step although the connection works.
    trouble: Option<Problem>,
    store: Option<Store>,
    tabs: Tabs,
    /// How it stands for the tab that leads, while another one does, and when that was heard.
    heard: Option<(SharedStatus, Instant)>,
    replies: Queue<Message>,
    /// Presence states and messages of the application for the server.
    announcements: Announcements,
    /// Messages for the application.
    posts: Queue<String>,
    problems: Queue<Problem>,
    /// What has changed and was not told, where the application wants to be told in bytes.
    updates: Option<Queue<(Vec<u8>, Origin)>>,
    has_reported_opening: bool,
    has_reported_letter: bool,
    reported: Option<Status>,
    /// What is noted for whoever wants to know how it went.
    pub(super) observed: Observed,
    /// What was handed out of it to be kept, where it is kept.
    handed: Option<Handed>,
    care: Carefulness,
}

impl Document {
    pub(super) fn new(setup: DocumentSetup, policy: Policy, config: &Config, mut rng: Rng, now: Instant) -> Self {
        let DocumentSetup { route, client, is_stored, is_shared, token, journal } = setup;
        // Of an id with 53 bits the lower 32, which are as random.
        let number = u32::try_from(client.0 & u64::from(u32::MAX)).unwrap_or_default();
        let mut tabs = Tabs::new(TabId(number));
        if !is_shared {
            tabs.handle_unavailable();
        }
        let mut document = Self {
            route,
            policy,
            intent: Intent::Disconnected,
            seat: Seat::new(&policy, &config.connection, Rng::new(rng.next_u64())),
            credential: Credential::new(token, config.connection.connect_timeout),
            token_requests: Queue::new(),
            access: None,
            refused: EditSet::default(),
            draft: Draft::Unneeded,
            questions: Queue::new(),
            owed: Owed::new(config.connection.answer_timeout, now),
            replica: Replica::with_portion(client, config.limits.max_held_bytes, config.limits.portion),
            collected: None,
            turn: None,
            look: None,
            dialogue: Dialogue::new(match policy.proof {
                Proof::Echo => Confirmation::None,
                Proof::Receipts => Confirmation::Each,
                Proof::Markers => Confirmation::Marked,
            }),
            presence: Presence::new(
                client,
                config.presence.with(&habits::rhythm(policy.pace)),
                Rng::new(rng.next_u64()),
            ),
            peers: (policy.counterpart == Counterpart::Peers).then(|| Peers::new(Rng::new(rng.next_u64()))),
            unsynced: Unsynced::default(),
            resync: Resync::default(),
            proof_wanted: Resync::default(),
            caution: Caution::new(config.connection.useful_after),
            complaints: Complaints::default(),
            trouble: None,
            store: is_stored.then(|| Store::new(number, now + config.store.load_timeout)),
            tabs,
            heard: None,
            replies: Queue::new(),
            announcements: Announcements::default(),
            posts: Queue::new(),
            problems: Queue::new(),
            updates: None,
            has_reported_opening: !is_stored,
            has_reported_letter: false,
            reported: None,
            observed: Observed::new(),
            handed: None,
            care: Carefulness::None,
        };
        journal.into_iter().for_each(|journal| document.take_over(&journal, now));
        document
    }

    pub(super) fn route(&self) -> &Route {
        &self.route
    }

    pub(super) fn replica_mut(&mut self) -> &mut Replica {
        &mut self.replica
    }

    pub(super) fn is_synced(&self) -> bool {
        self.dialogue.is_synced()
    }

    /// Whether the document may talk to the server: it has what this device keeps, and no other tab talks.
    pub(super) fn may_connect(&self) -> bool {
        self.tabs.may_connect() && !self.is_opening()
    }

    /// Commits, and says goodbye to those who see our presence and to the other tabs. Returns the last operation for the
    /// disk: nobody may be there any more to hear what becomes of it.
    pub(super) fn leave(&mut self, now: Instant) -> Option<StoreOp> {
        self.commit(now);
        let last = self.dialogue.poll_message(&self.replica).and_then(|message| self.screen_message(message));
        self.replies.extend(last);
        // Events that waited for room are told before.
        while let Some(message) = self.presence.poll_message(now) {
            self.announce(message);
        }
        if let Some(farewell) = self.presence.farewell() {
            self.announce(farewell);
        }
        // What the leader has not said to be stored becomes the affair of this tab by that.
        self.part(now);
        self.store.as_mut()?.last_op(&mut self.replica, &self.unsynced, now)
    }

    /// Notes that the page runs again: those who saw us leave see us again.
    pub(super) fn handle_returned(&mut self, now: Instant) {
        self.presence.handle_returned(now);
        self.tabs.handle_shown(now);
        if self.intent == Intent::Connected {
            self.join(now);
        }
    }

    pub(super) fn set_presence(&mut self, state: Option<String>) {
        self.presence.set(state);
    }

    pub(super) fn presence_states(&self) -> Vec<(ClientId, String)> {
        self.presence.states()
    }

    /// Takes in a message of the server; an error is a reason to give up the connection.
    pub(super) fn handle_message(&mut self, message: Message, now: Instant) -> Result<(), Reason> {
        if !self.is_heard(&message) {
            return Ok(());
        }
        self.seat.note_heard(now);
        self.note_received(&message);
        self.take_message(message, now)?;
        if self.is_synced() {
            if self.is_doubtful() {
                self.seat.note_doubt();
            } else {
                self.seat.note_synced(now);
            }
            self.watch_care(now);
            self.credential.handle_accepted(now);
        }
        self.doubt_handshake(now);
        Ok(())
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.presence.handle_timeout(now);
        self.tabs.handle_timeout(now);
        if let Some(store) = &mut self.store {
            store.handle_timeout(now);
        }
        self.take_turn(now);
        self.take_look(now);
        self.watch_care(now);
        self.follow_peers(now);
        if self.resync.poll(now) {
            self.answer_unasked();
            self.ask_state(now);
            self.tabs.ask();
        }
        if self.proof_wanted.poll(now) {
            self.ask_proof(now);
        }
    }

    pub(super) fn timeout(&self) -> Option<Instant> {
        earliest(&[
            self.presence.timeout(),
            self.resync.timeout(),
            self.proof_wanted.timeout(),
            self.caution_timeout(),
            self.peers.as_ref().and_then(Peers::timeout),
            self.store.as_ref().and_then(Store::timeout),
            self.tabs.timeout(),
            self.seat.timeout(),
            self.owed.timeout(),
            self.token_timeout(),
            self.turn,
            self.look,
            self.care.timeout(),
        ])
    }

    /// The next message for the server that cannot wait: an answer, a question, a farewell.
    pub(super) fn poll_reply(&mut self) -> Option<Message> {
        let message = self.replies.pop_front();
        self.follow_message(message)
    }

    /// The next message for the server that can: edits, then presence and messages of the application.
    pub(super) fn poll_news(&mut self) -> Option<Message> {
        let message = self.dialogue.poll_message(&self.replica).and_then(|message| self.screen_message(message));
        let message = message.or_else(|| if self.is_admitted() { self.announcements.poll() } else { None });
        self.follow_message(message)
    }

    fn follow_message(&mut self, message: Option<Message>) -> Option<Message> {
        if let (Some(peers), Some(message)) = (&mut self.peers, &message) {
            peers.note_sent(message);
        }
        message
    }

    /// Hands presence states to the server and the other tabs.
    fn announce(&mut self, message: Message) {
        if let Message::Awareness(states) = &message {
            self.tabs.show_presence(states, false);
        }
        self.tell_server(message);
    }

    /// Has the server told, if there is a connection.
    fn tell_server(&mut self, message: Message) {
        if self.dialogue.progress() != Progress::Silent {
            let dropped = self.announcements.push(message);
            self.observed.add(Count::Dropped, dropped);
        }
    }
}

fn problem(refusal: &Refusal) -> Problem {
    Problem { code: refusal.code(), message: refusal.to_string() }
}
