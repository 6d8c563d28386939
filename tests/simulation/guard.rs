//! Decides who is let in where the server wants tokens, and what applications answer when they are asked for one.

use std::collections::BTreeMap;
use syncline::clock::{Duration, Instant};
use syncline::credential::{Answer, Secret};
use syncline::ids::RequestId;
use syncline::rng::Rng;

/// The tokens of a world: each is a number, given once.
pub struct Guard {
    rng: Rng,
    words: Words,
    next: u64,
    /// Tokens before this one are not taken any more.
    revoked: u64,
    /// When tokens expire that do.
    expiry: BTreeMap<u64, Instant>,
    /// How many of the next questions have no answer, and how many are not even heard.
    pub failing: u32,
    pub ignored: u32,
    /// What applications are about to say, and when.
    coming: BTreeMap<(Instant, u64), Reply>,
    questions: u64,
}

/// Whether it is ever said that it is the token that is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Words {
    Some,
    /// To a browser every refusal looks like a network that fails.
    None,
}

/// The answer of an application.
pub struct Reply {
    pub client: usize,
    pub request: RequestId,
    pub answer: Result<Answer, String>,
}

/// How somebody is met who shows a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Welcome {
    LetIn,
    /// The handshake fails, and a browser does not say why.
    Refused,
    /// The socket opens and is closed with the code for it.
    SentAway,
}

impl Guard {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed ^ 0x6A7E),
            words: if seed % 4 == 3 { Words::None } else { Words::Some },
            next: 0,
            revoked: 0,
            expiry: BTreeMap::new(),
            failing: 0,
            ignored: 0,
            coming: BTreeMap::new(),
            questions: 0,
        }
    }

    /// Takes no token any more that was given; returns the code with which the connections of those who have them end.
    pub const fn revoke(&mut self) -> u16 {
        self.revoked = self.next;
        match self.words {
            Words::Some => UNAUTHORISED,
            Words::None => ABNORMAL,
        }
    }

    pub fn ask(&mut self, client: usize, request: RequestId, now: Instant) {
        self.questions += 1;
        if self.ignored > 0 {
            self.ignored -= 1;
            return;
        }
        let at = now + self.rng.up_to(Duration::from_millis(400));
        let answer = if self.failing > 0 {
            self.failing -= 1;
            Err("the login has failed".to_owned())
        } else {
            Ok(self.give(now))
        };
        self.coming.insert((at, self.questions), Reply { client, request, answer });
    }

    pub fn next_reply(&self) -> Option<Instant> {
        self.coming.keys().next().map(|(at, _)| *at)
    }

    pub fn reply(&mut self) -> Option<Reply> {
        self.coming.pop_first().map(|(_, reply)| reply)
    }

    pub fn meet(&mut self, token: &Secret, now: Instant) -> Welcome {
        let number: u64 = token.reveal().parse().expect("nobody shows up without a token");
        let is_expired = self.expiry.get(&number).is_some_and(|expiry| *expiry <= now);
        match (number < self.revoked || is_expired, self.rng.below(2), self.words) {
            (false, ..) => Welcome::LetIn,
            (true, 0, _) | (true, _, Words::None) => Welcome::Refused,
            (true, _, Words::Some) => Welcome::SentAway,
        }
    }

    fn give(&mut self, now: Instant) -> Answer {
        let number = self.next;
        self.next += 1;
        let expires_in =
            [None, Some(Duration::from_secs(3)), Some(Duration::from_secs(30))][self.rng.below(3) as usize];
        if let Some(expires_in) = expires_in {
            self.expiry.insert(number, now + expires_in);
        }
        Answer { token: Secret::new(number.to_string()), expires_in }
    }
}

/// The close code for somebody whose token is not taken.
pub const UNAUTHORISED: u16 = 4401;

/// The close code of a connection that ends without a word.
const ABNORMAL: u16 = 1006;
