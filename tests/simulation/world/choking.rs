//! Decides what a simulated server does that cannot bear what it is sent, or keeps sending what nobody can, and what must hold.

use super::{HEALING, NOTICING, SETTLING, World};
use crate::action::{Action, CLIENTS};
use crate::server::{Answers, Choke};
use syncline::clock::Duration;
use syncline::rng::Rng;

/// What the server ends connections over.
const SKULL: &str = "☠";

/// How much longer than any other it takes a world to heal whose server chokes: until the last wait, the wait grows.
const SEARCHING: u32 = 20;

impl World {
    /// A world in which the server ends each connection over which it is sent a certain character.
    pub fn choking(seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.network.server.choke = Some(Choke::On(SKULL));
        world
    }

    /// A world in which the server takes no update of more than so many bytes.
    pub fn narrow(limit: usize, seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.network.server.choke = Some(Choke::Larger(limit));
        world
    }

    /// Has the server send what cannot be read to whoever asks what it holds.
    pub fn poison(&mut self) {
        self.network.server.answers = Answers::Poison;
    }

    /// Has the server bear everything, and send what is right.
    pub fn cure(&mut self) {
        self.network.server.choke = None;
        self.network.server.answers = Answers::Good;
    }

    /// How often anybody has asked the server what it holds.
    pub fn asked(&self) -> u32 {
        self.network.server.asked
    }

    /// How many problems a client was told of.
    pub fn problems(&self, client: usize) -> u32 {
        self.clients[client].problems
    }

    /// Ends all other faults, and waits until everybody is in step with what can be sent.
    pub fn heal_as_far_as_can_be(&mut self) {
        self.heal();
        let deadline = self.now + HEALING * SEARCHING;
        while self.now < deadline && !self.is_still() {
            self.advance(1_000);
        }
        self.advance(NOTICING + SETTLING);
    }

    /// Whether nothing is on its way but what is withheld.
    fn is_still(&mut self) -> bool {
        let now = self.now;
        self.clients.iter_mut().all(|client| {
            let status = client.session.status(client.doc, now).unwrap();
            let is_withheld = status.reason.is_some_and(|reason| reason.message.contains("withheld"));
            client.is_synced() && (status.unsynced == 0 || is_withheld)
        })
    }

    /// What must hold where the server chokes: who is not in step with everybody withholds what the server cannot bear and what
    /// builds on it, says so, and does nothing else.
    pub fn check_choked(&mut self) {
        let now = self.now;
        let server = self.network.server.everything();
        for client in &mut self.clients {
            let status = client.session.status(client.doc, now).unwrap();
            assert!(client.is_synced(), "client {} did not heal: {status:?}", client.id);
            assert_eq!(client.mirror(), client.content(), "the deltas do not add up to the text");
            let code = status.reason.as_ref().map(|reason| reason.code);
            if status.unsynced == 0 {
                assert_eq!(client.everything(), server, "client {} says that all is saved", client.id);
                assert_eq!(code, None);
            } else {
                assert_eq!(
                    (code, client.chokes > 0),
                    (Some("server-chokes"), true),
                    "client {}: {status:?}",
                    client.id
                );
                assert_eq!(status.unsent, status.unsynced, "client {} still sends: {status:?}", client.id);
            }
            client.check_sentence(now);
        }
        // Nobody connects anew any more.
        let opened: Vec<u32> = self.clients.iter().map(|client| client.opened).collect();
        self.advance(60_000);
        assert_eq!(
            opened,
            self.clients.iter().map(|client| client.opened).collect::<Vec<_>>(),
            "connections end still"
        );
    }

    /// Has every application ask for another try.
    pub fn try_again(&mut self) {
        for client in 0..CLIENTS {
            self.clients[client].chokes = 0;
            self.act(&Action::Reconnect { client });
        }
    }
}

/// Actions among which somebody writes what the server cannot bear, once or twice.
pub fn poisoned(seed: u64, mut actions: Vec<Action>) -> Vec<Action> {
    let mut rng = Rng::new(seed ^ 0xBAD);
    for _ in 0..1 + rng.below(2) {
        let at = usize::try_from(rng.below(actions.len() as u64)).unwrap();
        let client = usize::try_from(rng.below(CLIENTS as u64)).unwrap();
        let text = ["☠", "a ☠ b", "good 😀☠😀 bad"][rng.below(3) as usize].to_owned();
        actions.insert(at, Action::Insert { client, at: rng.below(40) as u32, text });
    }
    actions
}

/// How long it may take at most that a server is asked for something else than poison.
pub const ASKING: Duration = Duration::from_secs(200);
