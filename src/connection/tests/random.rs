//! Every input in every order: what must hold whatever happens.

use super::world::{Ledger, PLAIN};
use crate::clock::{Duration, Instant};
use crate::config::ConnectionConfig;
use crate::connection::{CloseInfo, Company, Connection, Greeting, Habits, Liveness, Phase, Questions, Reason};
use crate::ids::SocketId;
use crate::rng::Rng;

use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Input {
    Connect,
    Disconnect,
    Reconnect,
    Opened(Which),
    Received(Which),
    Synced,
    Closed(Which, u16, &'static str),
    Fail(Reason),
    TryAgain,
    GiveUp(Which),
    Sent(usize),
    Asked,
    Company(Company),
    Online,
    Offline,
    Visible,
    Frozen,
    /// Milliseconds pass and no timer fires.
    Stall(u64),
    /// The next timer fires this much too late.
    Timer(u64),
}

/// Which socket the news is about.
#[derive(Clone, Copy, Debug)]
enum Which {
    Current,
    Successor,
    Earlier(u32),
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![4 => Just(Which::Current), 2 => Just(Which::Successor), 1 => (0..4_u32).prop_map(Which::Earlier)]
}

fn code() -> impl Strategy<Value = u16> {
    prop_oneof![Just(1000), Just(1006), Just(1012), Just(4401), any::<u16>()]
}

fn text() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just("bye"), Just("retry-after: 30"), Just("retry-after-ms: 99999999999999999999")]
}

fn reason() -> impl Strategy<Value = Reason> {
    prop_oneof![
        3 => Just(Reason::BadFrame("cut short".to_owned())),
        3 => Just(Reason::FrameTooLarge { len: 2, limit: 1 }),
        1 => Just(Reason::Denied("no".to_owned())),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        2 => Just(Input::Connect),
        1 => Just(Input::Disconnect),
        1 => Just(Input::Reconnect),
        6 => which().prop_map(Input::Opened),
        4 => which().prop_map(Input::Received),
        3 => Just(Input::Synced),
        3 => (which(), code(), text()).prop_map(|(which, code, text)| Input::Closed(which, code, text)),
        1 => reason().prop_map(Input::Fail),
        1 => Just(Input::TryAgain),
        1 => which().prop_map(Input::GiveUp),
        1 => prop_oneof![0..100_usize, 0..100_000_000_usize, Just(usize::MAX)].prop_map(Input::Sent),
        2 => Just(Input::Asked),
        2 => prop_oneof![Just(Company::Alone), Just(Company::Present)].prop_map(Input::Company),
        1 => Just(Input::Online),
        1 => Just(Input::Offline),
        2 => Just(Input::Visible),
        1 => Just(Input::Frozen),
        2 => (0..20_000_u64).prop_map(Input::Stall),
        10 => prop_oneof![Just(0), 0..5_000_u64, 5_000..100_000_u64].prop_map(Input::Timer),
    ]
}

fn config() -> impl Strategy<Value = ConnectionConfig> {
    let millis = || prop_oneof![Just(0), Just(1), 1..60_000_u64].prop_map(Duration::from_millis);
    let random = (millis(), millis(), millis(), millis(), millis(), millis()).prop_map(
        |(connect_timeout, backoff_base, backoff_cap, useful_after, quiet_timeout, answer_timeout)| ConnectionConfig {
            connect_timeout,
            backoff_base,
            backoff_cap,
            useful_after,
            quiet_timeout: Some(quiet_timeout),
            answer_timeout,
            ..ConnectionConfig::default()
        },
    );
    prop_oneof![Just(ConnectionConfig::default()), random]
}

fn habits() -> impl Strategy<Value = Habits> {
    let lifetime = prop_oneof![Just(None), (0..10_000_000_u64).prop_map(|millis| Some(Duration::from_millis(millis)))];
    let greeting = prop_oneof![Just(Greeting::Expected), Just(Greeting::None)];
    let liveness = prop_oneof![Just(Liveness::Always), Just(Liveness::InCompany)];
    let questions = prop_oneof![Just(Questions::Watched), Just(Questions::Unwatched)];
    (greeting, liveness, questions, lifetime).prop_map(|(greeting, liveness, questions, lifetime)| Habits {
        greeting,
        liveness,
        questions,
        lifetime,
        ..PLAIN
    })
}

struct Run {
    connection: Connection,
    ledger: Ledger,
    now: Instant,
    /// What the last command asked for, or what a final reason left of it.
    wanted: bool,
    frozen: bool,
    /// No wait and no deadline may be longer than this.
    longest: Duration,
}

impl Run {
    fn new(config: &ConnectionConfig, habits: Habits, seed: u64) -> Self {
        let hinted = Duration::from_secs(3600 + 900);
        let uploading = Duration::from_secs(300);
        let probing = uploading + config.quiet_timeout.unwrap_or(PLAIN.quiet_timeout).max(config.answer_timeout * 8);
        let tick = Duration::from_millis(1);
        Self {
            longest: hinted.max(config.backoff_cap).max(probing).max(config.connect_timeout) + tick,
            connection: Connection::new(config.clone(), habits, Rng::new(seed)),
            ledger: Ledger::new(),
            now: Instant::from_millis(0),
            wanted: false,
            frozen: false,
        }
    }

    fn socket(&self, which: Which) -> SocketId {
        let current = self.ledger.socket.unwrap_or(SocketId(0));
        match which {
            Which::Current => current,
            Which::Successor => self.ledger.successor.unwrap_or(SocketId(0)),
            Which::Earlier(by) => SocketId(current.0.saturating_sub(by + 1)),
        }
    }

    fn step(&mut self, input: Input) {
        let now = self.now;
        let connection = &mut self.connection;
        match input {
            Input::Connect => {
                connection.connect(now);
                self.wanted = true;
            }
            Input::Disconnect => {
                connection.disconnect();
                self.wanted = false;
            }
            Input::Reconnect => {
                connection.reconnect(now);
                self.wanted = true;
            }
            Input::Opened(which) => {
                let socket = self.socket(which);
                let live = self.connection.handle_opened(socket, now);
                assert!(!live || self.ledger.has(socket));
            }
            Input::Received(which) => {
                let socket = self.socket(which);
                assert_eq!(self.connection.live_socket() == Some(socket), self.connection.handle_received(socket, now));
            }
            Input::Synced => connection.handle_synced(now),
            Input::Closed(which, code, text) => {
                let socket = self.socket(which);
                let close = CloseInfo { code, reason: text.to_owned() };
                let current = self.connection.handle_closed(socket, close, now);
                assert_eq!(current, self.ledger.forget(socket));
            }
            Input::Fail(reason) => connection.fail(reason, now),
            Input::TryAgain => {
                self.wanted |= connection.status().phase == Phase::Stopped;
                connection.try_again(now);
            }
            Input::GiveUp(which) => {
                let socket = self.socket(which);
                let reason = Reason::TokenUnavailable("none".to_owned());
                assert_eq!(self.connection.give_up(socket, reason, now), self.ledger.has(socket));
            }
            Input::Sent(bytes) => connection.note_sent(bytes, now),
            Input::Asked => connection.note_asked(now),
            Input::Company(company) => connection.handle_company(company, now),
            Input::Online => connection.handle_online(now),
            Input::Offline => connection.handle_offline(now),
            Input::Visible => {
                connection.handle_visible(now);
                self.frozen = false;
            }
            Input::Frozen => {
                connection.handle_frozen();
                self.frozen = true;
            }
            Input::Stall(millis) => self.now = now + Duration::from_millis(millis),
            Input::Timer(late) => self.fire(late),
        }
        self.drain();
        self.check();
    }

    fn fire(&mut self, late: u64) {
        let Some(due) = self.connection.poll_timeout() else { return };
        self.now = self.now.max(due) + Duration::from_millis(late);
        self.connection.handle_timeout(self.now);
        let next = self.connection.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "a timer fires in a loop");
    }

    fn drain(&mut self) {
        if self.connection.status().phase == Phase::Stopped {
            self.wanted = false;
        }
        let mut taken = 0;
        while let Some(action) = self.connection.poll_action() {
            taken += 1;
            self.ledger.record(action, self.now);
        }
        assert!(taken <= 3, "one input led to {taken} actions");
    }

    fn check(&self) {
        let status = self.connection.status();
        let idle = matches!(status.phase, Phase::Disconnected | Phase::Stopped);
        assert_eq!(idle, !self.wanted, "the intent is not followed");
        let exists = matches!(status.phase, Phase::Connecting | Phase::Open);
        assert_eq!(exists, self.ledger.socket.is_some(), "a socket is leaked or missing");
        let live = (status.phase == Phase::Open).then_some(self.ledger.socket).flatten();
        assert_eq!(self.connection.live_socket(), live);
        assert!(live.is_some() || self.ledger.successor.is_none(), "a successor of nothing");
        assert_eq!(status.retry_at.is_some(), status.phase == Phase::Waiting);
        let explained = match status.phase {
            Phase::Waiting | Phase::Stopped => status.reason.is_some(),
            Phase::Disconnected | Phase::Open => status.reason.is_none(),
            Phase::Connecting => true,
        };
        assert!(explained, "{status:?}");

        let timeout = self.connection.poll_timeout();
        assert_eq!(timeout.is_some(), self.wanted && !self.frozen, "nothing will happen any more");
        assert!(timeout.is_none_or(|at| at <= self.now + self.longest), "{timeout:?} is too far away");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_one_wanted_socket_with_its_successor_at_most_and_always_a_next_step(
        config in config(),
        habits in habits(),
        seed: u64,
        inputs in prop::collection::vec(input(), 0..120),
    ) {
        let mut run = Run::new(&config, habits, seed);
        for input in inputs {
            run.step(input);
        }
    }

    #[test]
    fn whatever_happened_a_good_server_is_connected_to_within_the_longest_wait(
        habits in habits(),
        seed: u64,
        inputs in prop::collection::vec(input(), 0..60),
    ) {
        let mut run = Run::new(&ConnectionConfig::default(), habits, seed);
        for input in inputs {
            run.step(input);
        }
        run.step(Input::Visible);
        run.step(Input::Connect);
        if run.connection.status().phase == Phase::Waiting {
            run.step(Input::Timer(0));
        }
        run.step(Input::Opened(Which::Current));
        prop_assert_eq!(run.connection.status().phase, Phase::Open);
    }

    #[test]
    fn the_same_seed_and_inputs_lead_to_the_same_actions(
        habits in habits(),
        seed: u64,
        inputs in prop::collection::vec(input(), 0..60),
    ) {
        let log = || {
            let mut run = Run::new(&ConnectionConfig::default(), habits, seed);
            inputs.iter().cloned().for_each(|input| run.step(input));
            run.ledger.log
        };
        prop_assert_eq!(log(), log());
    }
}
