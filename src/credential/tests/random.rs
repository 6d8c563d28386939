//! Every input in every order, in virtual time: what must hold whatever the application and the server do.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Input {
    /// A connection begins an attempt; it asks again at once, as a session does in every drain.
    Attempt,
    /// The question asked so many before the last is answered with a token of this lifetime.
    Answer(u32, Option<u64>),
    /// The question asked so many before the last cannot be answered.
    Fail(u32),
    Refused,
    Accepted,
    Doubted,
    /// So many milliseconds pass; a connection that lives on keeps its token fresh meanwhile.
    Live(u64),
    /// So many milliseconds pass without a connection.
    Rest(u64),
}

fn input() -> impl Strategy<Value = Input> {
    let which = || prop_oneof![6 => Just(0_u32), 1 => 1..3_u32];
    let lifetime = prop_oneof![
        2 => Just(None),
        1 => (0..1_000_u64).prop_map(Some),
        3 => (1_000..30_000_u64).prop_map(Some),
        3 => (30_000..4_000_000_u64).prop_map(Some),
        1 => Just(Some(u64::MAX)),
    ];
    let pause = || prop_oneof![0..200_u64, 200..20_000_u64, 20_000..4_000_000_u64];
    prop_oneof![
        6 => Just(Input::Attempt),
        6 => (which(), lifetime).prop_map(|(which, lifetime)| Input::Answer(which, lifetime)),
        2 => which().prop_map(Input::Fail),
        2 => Just(Input::Refused),
        2 => Just(Input::Accepted),
        2 => Just(Input::Doubted),
        3 => pause().prop_map(Input::Live),
        3 => pause().prop_map(Input::Rest),
    ]
}

/// What a bystander who sees every input and every answer knows.
struct World {
    credential: Credential,
    now: Instant,
    /// The question that was asked and neither answered nor given up.
    open: Option<RequestId>,
    last_request: Option<RequestId>,
    last_asked: Option<Instant>,
    last_token: u32,
    /// The token that came last, and from when on it must not be shown.
    held: Option<(Secret, Instant)>,
    /// When it came.
    since: Option<Instant>,
    /// Whether the token that came last was shown, and refused.
    shown: bool,
    refused: bool,
    /// How many refusals of a shown token came since one was accepted for a while.
    refusals: u32,
}

impl World {
    fn new(patience: Duration) -> Self {
        Self {
            credential: Credential::new(Source::Function, patience),
            now: at(0),
            open: None,
            last_request: None,
            last_asked: None,
            last_token: 0,
            held: None,
            since: None,
            shown: false,
            refused: false,
            refusals: 0,
        }
    }

    fn run(&mut self, input: &Input) {
        match *input {
            Input::Attempt => {
                self.attempt();
                self.attempt();
            }
            Input::Answer(which, lifetime) => self.answer(which, lifetime),
            Input::Fail(which) => {
                let Some(request) = self.request(which) else { return };
                let message = "the token-number-1 cannot be renewed".to_owned();
                let news = self.credential.handle_answer(request, Err(message), self.now);
                self.learn(request, news, None);
            }
            Input::Refused => self.refuse(),
            Input::Accepted => {
                self.credential.handle_accepted(self.now);
                if self.since.is_some_and(|since| self.now.since(since) >= MIN_GAP) {
                    self.refusals = 0;
                }
            }
            Input::Doubted => self.credential.handle_doubted(self.now),
            Input::Live(millis) => self.pass(millis, |world| world.credential.refresh_at()),
            Input::Rest(millis) => self.pass(millis, |_| None),
        }
    }

    fn attempt(&mut self) {
        match self.credential.need(self.now) {
            Need::Use(secret) => {
                let (held, until) = self.held.as_ref().unwrap();
                assert_eq!(secret, held, "a token that was replaced is shown");
                assert!(self.now < *until, "a token is shown after its time");
                assert!(!self.refused, "a refused token is shown");
                self.shown = true;
            }
            Need::Ask(request) => self.note_question(request),
            Need::Wait => assert!(self.open.is_some(), "nothing will end this wait"),
        }
    }

    fn note_question(&mut self, request: RequestId) {
        assert_eq!(self.open.replace(request), None, "two questions are open");
        self.last_request = Some(request);
        self.last_asked = Some(self.now);
        assert!(self.credential.timeout().is_some_and(|timeout| timeout > self.now));
    }

    fn request(&self, which: u32) -> Option<RequestId> {
        self.last_request.map(|RequestId(last)| RequestId(last.wrapping_sub(which)))
    }

    fn answer(&mut self, which: u32, lifetime: Option<u64>) {
        let Some(request) = self.request(which) else { return };
        self.last_token += 1;
        let token = token(self.last_token);
        let expires_in = lifetime.map(Duration::from_millis);
        let until = match expires_in {
            // Nobody can say when a token ends that is over as it comes.
            Some(left) if left >= Duration::from_secs(1) => self.now + left,
            _ => at(u64::MAX),
        };
        let answer = Answer { token: token.clone(), expires_in };
        let news = self.credential.handle_answer(request, Ok(answer), self.now);
        self.learn(request, news, Some((token, until)));
    }

    /// Takes in what came of a question.
    fn learn(&mut self, request: RequestId, news: Option<News>, token: Option<(Secret, Instant)>) {
        let was_open = self.open.take_if(|open| *open == request).is_some();
        match news {
            None => assert!(!was_open, "the answer to the open question was dropped"),
            Some(News::Fresh) => {
                assert!(token.is_some() && Some(request) == self.last_request, "an answer that was not asked for");
                (self.held, self.shown, self.refused) = (token, false, false);
                self.since = Some(self.now);
                self.expect_use();
            }
            Some(News::Kept) => self.expect_use(),
            Some(News::Unavailable { message }) => {
                assert!(was_open && token.is_none());
                assert!(self.held.as_ref().is_none_or(|(held, _)| !message.contains(held.reveal())));
            }
        }
    }

    /// Whoever waits for a token and is told that there is one must get it, or it would ask for ever.
    fn expect_use(&mut self) {
        assert!(matches!(self.credential.need(self.now), Need::Use(_)));
        self.attempt();
    }

    fn refuse(&mut self) {
        let verdict = self.credential.handle_refused();
        if self.held.is_some() && !self.shown {
            assert_eq!(verdict, Verdict::Again, "nobody has refused the token at hand");
            return;
        }
        self.refused = true;
        self.refusals += 1;
        assert_eq!(verdict == Verdict::Again, self.refusals == 1, "a refusal is answered once");
    }

    /// Lets time pass as a driver does: with one timer for what the credential and `other` wait for.
    fn pass(&mut self, millis: u64, other: fn(&Self) -> Option<Instant>) {
        let end = self.now + Duration::from_millis(millis);
        let mut refreshes = 0;
        while let Some(due) = self.credential.timeout().into_iter().chain(other(self)).min().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            if let Some(news) = self.credential.handle_timeout(self.now) {
                let request = self.open.unwrap();
                self.learn(request, Some(news), None);
            }
            if other(self).is_some_and(|due| due <= self.now) {
                let request = self.credential.poll_refresh(self.now).unwrap();
                let gap = self.now.since(self.last_asked.unwrap());
                assert!(gap >= MIN_GAP, "a refresh {gap:?} after the question before");
                self.note_question(request);
                refreshes += 1;
            }
        }
        assert!(refreshes <= 1 + millis / 10_000, "{refreshes} refreshes in {millis} ms");
        self.now = end;
    }
}

proptest! {
    #[test]
    fn whatever_happens_questions_are_few_and_tokens_are_good(
        patience in prop_oneof![Just(0), 1..60_000_u64, Just(u64::MAX)],
        inputs in prop::collection::vec(input(), 0..60),
    ) {
        let mut world = World::new(Duration::from_millis(patience));
        for input in &inputs {
            world.run(input);
        }
    }

    #[test]
    fn a_world_that_comes_to_its_senses_ends_with_an_accepted_token(
        inputs in prop::collection::vec(input(), 0..40),
    ) {
        let mut world = World::new(Duration::from_secs(10));
        for input in &inputs {
            world.run(input);
        }
        world.pass(100_000, |_| None);
        world.attempt();
        world.answer(0, Some(600_000));
        world.expect_use();
        world.run(&Input::Accepted);
        world.pass(3_000_000, |world| world.credential.refresh_at());
        world.attempt();
    }
}
