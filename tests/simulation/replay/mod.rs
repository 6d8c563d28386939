//! Decides how a trace, written down as `doc.trace()` gives it, is played again: a fresh session gets the same inputs at the
//! same times, with frames of the same kinds, and has to go through the same phases for the same reasons.
//!
//! What was said is not in a trace, so messages are made up that do the same: see [`speech`]. What other tabs and peers
//! behind a relay said cannot be made up, and such traces are not played.

mod speech;
pub mod written;

pub use written::{Recorder, Script, Step};

use speech::Speech;
use std::collections::BTreeMap;
use syncline::clock::{Duration, Instant};
use syncline::config::Config;
use syncline::connection::CloseInfo;
use syncline::credential::{Answer, Secret, Source};
use syncline::ids::{ClientId, DocId, RequestId, SocketId};
use syncline::replica::Kind;
use syncline::session::{DocumentSetup, Output, Session};
use syncline::store::{OpId, StoreFailure, StoreNews};
use syncline::tabs::TabNews;
use syncline::wire::{Counterpart, Protocol};

/// A phase that a document was in, and the code of the reason.
pub type Transition = (u32, String, String);

/// The phases of a trace and those that its inputs lead to when they are played again.
pub struct Played {
    pub recorded: Vec<Transition>,
    pub replayed: Vec<Transition>,
}

/// The same as if no edit were ever suspected of ending connections: which go out when depends on what they are, of which
/// nothing is in a trace.
fn without_suspicions(mut transitions: Vec<Transition>) -> Vec<Transition> {
    transitions.iter_mut().filter(|(.., reason)| reason == "server-chokes").for_each(|(.., reason)| reason.clear());
    transitions.dedup();
    transitions
}

/// Plays a trace from its beginning, or if that is forgotten from the first attempt on of which all is known.
///
/// # Errors
/// It holds what cannot be played.
pub fn play(script: &Script) -> Result<Played, String> {
    if script.protocol.dialect().policy().counterpart == Counterpart::Peers {
        return Err("what peers behind a relay said is not in a trace".to_owned());
    }
    let is_whole = script.complete_from == 0 && script.steps.first().is_some_and(|step| step.kind == "session");
    if is_whole {
        let mut player = Player::new(script, Seed::Known(script.seed().ok_or("there is no seed")?));
        player.play(&script.steps)?;
        return Ok(Played {
            recorded: without_suspicions(script.transitions(0)),
            replayed: without_suspicions(player.transitions()),
        });
    }
    let begin = script.first_attempt().ok_or("nothing is left of any attempt to connect")?;
    let mut player = Player::new(script, Seed::Unknown);
    player.begin_at(script, begin);
    player.play(&script.steps[begin + 1..])?;
    let since_connected =
        |all: Vec<Transition>| without_suspicions(all.into_iter().skip_while(is_about_beginning).collect());
    Ok(Played { recorded: since_connected(script.transitions(begin)), replayed: since_connected(player.transitions()) })
}

/// A time in parts of which each is so short that a trace forgets nothing in it.
pub fn in_steps(millis: u64) -> impl Iterator<Item = u64> {
    (0..millis / STEP_MS).map(|_| STEP_MS).chain([millis % STEP_MS])
}

/// Of what was before the first attempt nothing is known, and the reason of that time is shown until it ends.
fn is_about_beginning((_, phase, _): &Transition) -> bool {
    phase == "connecting" || phase == "disconnected"
}

/// Whether the random choices are those of the trace.
#[derive(Clone, Copy)]
enum Seed {
    Known(u64),
    /// How many were made before is forgotten.
    Unknown,
}

/// What may end a wait.
#[derive(Clone, Copy)]
enum Wake {
    Timer,
    /// A sign of a better network, or that somebody looks.
    Sign(fn(&mut Session, Instant)),
}

/// What follows from inputs, and edits, which are noted with the input that commits them.
const CONSEQUENCES: [&str; 9] = ["session", "edit", "out", "open", "leave", "ask", "task", "phase", "problem"];

struct Player {
    session: Session,
    recorder: Recorder,
    protocol: Protocol,
    speech: Speech,
    now: Instant,
    seed: Seed,
    /// How much later it is than in the trace.
    shift: Duration,
    /// What sockets are called here, by what they are called in the trace.
    sockets: BTreeMap<u32, SocketId>,
    opened: Vec<SocketId>,
    live: Option<SocketId>,
    asked: BTreeMap<u32, RequestId>,
    op: BTreeMap<u32, OpId>,
    /// How many updates of each document were sent in the trace at this time.
    sent: BTreeMap<u32, (Instant, usize)>,
}

impl Player {
    fn new(script: &Script, seed: Seed) -> Self {
        let mut config = Config::default();
        for (name, value) in &script.numbers {
            config.set_number(name, *value).unwrap();
        }
        for (code, action) in &script.close_codes {
            config.set_close_code(code, action).unwrap();
        }
        Self {
            session: Session::new(config, script.protocol, if let Seed::Known(seed) = seed { seed } else { 1 }),
            recorder: Recorder::default(),
            protocol: script.protocol,
            speech: Speech::new(script.protocol, script.max_held_bytes as usize),
            now: Instant::default(),
            seed,
            shift: Duration::ZERO,
            sockets: BTreeMap::new(),
            opened: Vec::new(),
            live: None,
            asked: BTreeMap::new(),
            op: BTreeMap::new(),
            sent: BTreeMap::new(),
        }
    }

    fn transitions(&self) -> Vec<Transition> {
        Script::of(self.protocol, &self.recorder).transitions(0)
    }

    /// Begins with an attempt in the middle of a trace.
    fn begin_at(&mut self, script: &Script, begin: usize) {
        self.now = Instant::from_millis(script.steps[begin].at);
        let flags = script.steps.iter().find(|step| step.kind == "document").map_or(0, |step| step.numbers[0]);
        // What was stored is long read, and other tabs are none.
        self.open(flags & !3);
        self.input(|session, now| session.connect(DocId(0), now));
        let socket = script.steps[..begin].iter().rev().find(|step| step.kind == "open");
        self.sockets.extend(socket.zip(self.opened.pop()).map(|(step, socket)| (step.numbers[0], socket)));
    }

    fn play(&mut self, steps: &[Step]) -> Result<(), String> {
        for (number, step) in steps.iter().enumerate() {
            self.now = self.now.max(Instant::from_millis(step.at) + self.shift);
            self.step(step, &steps[number + 1..])?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, next: &[Step]) -> Result<(), String> {
        let doc = DocId(step.doc());
        let [first, second, third, _] = step.numbers;
        match step.kind.as_str() {
            "document" => self.open(first),
            "connect" => self.input(|session, now| session.connect(doc, now)),
            "disconnect" => self.input(|session, now| session.disconnect(doc, now)),
            "reconnect" => self.input(|session, now| session.reconnect(doc, now)),
            "close" => self.input(|session, now| session.close_document(doc, now)),
            "forget" => self.input(|session, now| session.forget(doc, now)),
            "edit" => self.edit(doc, next),
            "apply" => {
                let update = self.speech.news();
                self.input(|session, now| drop(session.apply_update(doc, &update, now)));
            }
            "presence" => {
                // As JSON it has two quotation marks.
                let state = first.checked_sub(2).map(|len| format!("\"{}\"", "x".repeat(len as usize)));
                self.input(|session, now| session.set_presence(doc, state, now));
            }
            "post" => self.input(|session, now| {
                session.post(doc, "x".repeat(first as usize), now);
            }),
            "broadcast" => self.input(|session, now| {
                // A digit, or a string with its two quotation marks.
                let string = first.checked_sub(2).map(|len| format!("\"{}\"", "x".repeat(len as usize)));
                session.broadcast(doc, string.unwrap_or_else(|| "1".to_owned()), now);
            }),
            "open" => {
                let socket = if self.opened.is_empty() { None } else { Some(self.opened.remove(0)) };
                self.sockets.extend(socket.map(|socket| (first, socket)));
            }
            "opened" => {
                // One that was not asked for here shows in the phases that follow.
                let Some(socket) = self.sockets.get(&first).copied() else { return Ok(()) };
                self.live = Some(socket);
                self.input(|session, now| session.handle_opened(socket, now));
            }
            "closed" => {
                let Some(socket) = self.sockets.get(&first).copied() else { return Ok(()) };
                let reason = third.checked_sub(1).map(|hint| format!("retry-after-ms: {hint}")).unwrap_or_default();
                let info = CloseInfo { code: second as u16, reason };
                self.input(|session, now| session.handle_closed(socket, info, now));
            }
            "in" => self.hear(step, next),
            "too-large" => self.hear_too_much(first),
            "buffered" => {
                let Some(socket) = self.sockets.get(&first).copied() else { return Ok(()) };
                self.input(|session, now| session.handle_buffered(socket, second as usize, now));
            }
            "online" => self.wake(Wake::Sign(Session::handle_online), next),
            "offline" => self.input(Session::handle_offline),
            "visible" => self.wake(Wake::Sign(Session::handle_visible), next),
            "hidden" => self.input(Session::handle_hidden),
            "frozen" => self.input(Session::handle_frozen),
            "timeout" => self.wake(Wake::Timer, next),
            "disk" => self.handle_disk(doc, &step.words[0]),
            "tab" => return self.handle_tab(doc, &step.words[0]),
            "token" => self.handle_token(doc, first, second),
            "out" if step.words[0] == "update" => self.send(doc, step),
            // What followed from all this.
            kind if CONSEQUENCES.contains(&kind) => {}
            other => return Err(format!("there is no kind '{other}'")),
        }
        Ok(())
    }

    fn open(&mut self, flags: u32) {
        let number = self.speech.docs();
        self.speech.add_document();
        let token = match flags & 12 {
            4 => Source::Fixed(Secret::new("token".to_owned())),
            8 => Source::Function,
            _ => Source::None,
        };
        let setup = DocumentSetup {
            route: self.speech.route(number),
            client: ClientId(1 + u64::from(number)),
            is_stored: flags & 1 > 0,
            is_shared: flags & 2 > 0,
            token,
            journal: None,
        };
        self.input(|session, now| {
            session.open_document(setup, now);
        });
    }

    /// Writes something of which the message is as large as what was sent next, as far as can be told, and not larger: an
    /// answer is waited for longer where much was sent. What was not sent at once is left to the input that has it sent: it
    /// may say something else before.
    fn edit(&mut self, doc: DocId, next: &[Step]) {
        let is_sent = |step: &&Step| step.kind == "out" && ["sync-step-2", "update"].contains(&step.words[0].as_str());
        // What was edited before another edit was noted went out with that one.
        let is_alone = |step: &&Step| step.kind != "edit" || step.doc() != doc.0;
        let mut until_next = next.iter().take_while(is_alone);
        let bytes = until_next.clone().find(is_sent).map_or(0, |step| step.numbers[0]);
        let envelope = self.speech.envelope(&mut self.session, doc, bytes);
        let text = "x".repeat(bytes.saturating_sub(envelope).max(1) as usize);
        let is_follow_up = |step: &&Step| CONSEQUENCES.contains(&step.kind.as_str());
        let is_sent_at_once = until_next.by_ref().take_while(is_follow_up).any(|step| is_sent(&step));
        self.input(|session, now| {
            // Where it was closed since, nothing is left to edit.
            let _ = session.edit(doc, |replica| {
                let id = replica.open("text", Kind::Text)?;
                replica.text_insert(id, 0, &text, None)
            });
            if is_sent_at_once {
                session.commit(doc, now);
            }
        });
    }

    /// Sends an update as it was sent in the trace, if that did not follow from what was played: what was deleted is no edit
    /// there, and has to be shown to be held like one.
    fn send(&mut self, doc: DocId, step: &Step) {
        let earlier = self.sent.get(&doc.0).filter(|(at, _)| *at == self.now).map_or(0, |(_, count)| *count);
        self.sent.insert(doc.0, (self.now, earlier + 1));
        if earlier >= self.recorder.sent_updates(doc, self.now) {
            self.edit(doc, std::slice::from_ref(step));
        }
    }

    fn hear(&mut self, step: &Step, next: &[Step]) {
        if step.words[0] == "too-large" {
            return self.hear_too_much(step.numbers[0]);
        }
        let frames = self.speech.frames(&mut self.session, step, next);
        let Some(socket) = self.live else { return };
        for frame in frames {
            self.input(|session, now| session.handle_frame(socket, &frame, now));
        }
    }

    fn hear_too_much(&mut self, bytes: u32) {
        let Some(socket) = self.live else { return };
        self.input(|session, now| session.handle_too_large(socket, bytes as usize, now));
    }

    fn handle_disk(&mut self, doc: DocId, word: &str) {
        let news = match word {
            "loaded" => StoreNews::Loaded(Vec::new()),
            "written" => StoreNews::Written,
            "forgotten" => StoreNews::Forgotten,
            "failed" => StoreNews::Failed(StoreFailure::Closed),
            _ => StoreNews::Lost(StoreFailure::Closed),
        };
        let op = self.op.get(&doc.0).copied().filter(|_| word != "lost");
        self.input(|session, now| session.handle_store(doc, op, news, now));
    }

    fn handle_tab(&mut self, doc: DocId, word: &str) -> Result<(), String> {
        let news = match word {
            "granted" => TabNews::Granted,
            "lost" => TabNews::Lost,
            "unavailable" => TabNews::Unavailable,
            _ => return Err("what another tab said is not in a trace".to_owned()),
        };
        self.input(|session, now| session.handle_tab(doc, news, now));
        Ok(())
    }

    fn handle_token(&mut self, doc: DocId, given: u32, expires_in: u32) {
        let Some(request) = self.asked.get(&doc.0).copied() else { return };
        let expires_in = (given & 2 > 0).then(|| Duration::from_millis(expires_in.into()));
        let token = Secret::new(format!("token-{}", request.0));
        let answer = if given > 0 { Ok(Answer { token, expires_in }) } else { Err("none".to_owned()) };
        self.input(|session, now| session.handle_token(doc, request, answer, now));
    }

    /// Gives the session an input that may end a wait. Where the seed is not known, a wait is as long as it was drawn here,
    /// and ends with the input that ended it in the trace.
    fn wake(&mut self, wake: Wake, next: &[Step]) {
        let wait = self.session.status(DocId(0), self.now).and_then(|status| status.retry_in);
        if let (Seed::Unknown, Some(wait)) = (self.seed, wait) {
            let is_follow_up = |step: &&Step| CONSEQUENCES.contains(&step.kind.as_str());
            let ends_wait = next.iter().take_while(is_follow_up).any(|step| step.kind == "open" || step.kind == "ask");
            match (ends_wait, wake) {
                (true, _) => {
                    self.now = self.now + wait;
                    self.shift += wait;
                }
                (false, Wake::Timer) => return,
                (false, Wake::Sign(_)) => {}
            }
        }
        match wake {
            Wake::Timer => self.input(Session::handle_timeout),
            Wake::Sign(input) => self.input(input),
        }
    }

    fn input(&mut self, input: impl FnOnce(&mut Session, Instant)) {
        input(&mut self.session, self.now);
        loop {
            match self.session.poll_output() {
                Output::Open(socket, _) => self.opened.push(socket),
                Output::Token(doc, request) => drop(self.asked.insert(doc.0, request)),
                Output::Store(doc, op) => drop(self.op.insert(doc.0, op.id)),
                Output::Send(..) | Output::Measure(_) | Output::Close(..) | Output::Tabs(..) | Output::Event(_) => {}
                Output::Idle(_) => break,
            }
        }
        self.recorder.follow(&self.session);
    }
}

/// How long such a part is.
const STEP_MS: u64 = 1_000;
