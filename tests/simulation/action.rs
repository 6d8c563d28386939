//! Decides what can happen in a simulated world, and how a seed becomes a list of it.

use crate::faults::{self, Trouble};
use crate::keeper::Moment;
use syncline::rng::Rng;

pub const CLIENTS: usize = 3;

/// One thing that happens. It names everything it needs, so that a list of actions replays without its neighbours.
#[derive(Clone, Debug)]
pub enum Action {
    Insert {
        client: usize,
        at: u32,
        text: String,
    },
    Delete {
        client: usize,
        at: u32,
        len: u32,
    },
    Format {
        client: usize,
        at: u32,
        len: u32,
        bold: bool,
    },
    SetKey {
        client: usize,
        key: u8,
        value: i32,
    },
    DeleteKey {
        client: usize,
        key: u8,
    },
    Push {
        client: usize,
        at: u32,
        value: i32,
    },
    Remove {
        client: usize,
        at: u32,
    },
    SetPresence {
        client: usize,
        state: Option<u8>,
    },
    Broadcast {
        client: usize,
    },
    EndTask {
        client: usize,
    },
    Advance {
        millis: u64,
    },
    /// The connection breaks and both ends notice.
    Cut {
        client: usize,
    },
    /// The connection swallows everything from here on and nobody notices.
    HalfOpen {
        client: usize,
    },
    /// The server sends bytes that make no sense.
    Garbage {
        client: usize,
        bytes: Vec<u8>,
    },
    /// The next attempts to connect fail, of whichever client.
    Refuse {
        attempts: u32,
    },
    /// The next attempts to connect are never answered.
    Hang {
        attempts: u32,
    },
    RestartServer {
        keeps_data: bool,
    },
    CloseAll {
        code: u16,
    },
    Online {
        client: usize,
    },
    Offline {
        client: usize,
    },
    Frozen {
        client: usize,
    },
    Visible {
        client: usize,
    },
    /// The machine sleeps: time passes and no timer runs.
    Sleep {
        client: usize,
        millis: u64,
    },
    /// Something befalls the connection of a client, or those that are opened next.
    Trouble {
        client: usize,
        trouble: Trouble,
    },
    /// What the server holds is kept, for when it is rolled back.
    SaveServer,
    /// The server starts again with what was kept last.
    RollBackServer,
    /// Somebody sets the clock of the machine, which says something else by so many milliseconds.
    SetClock {
        client: usize,
        by: i64,
    },
    /// Timers run only this often from here on, until the page is shown.
    Throttle {
        client: usize,
        millis: u64,
    },
    /// No token that was given is taken any more, where there are tokens.
    RevokeTokens,
    /// The application has no answer to the next questions for a token.
    FailTokens {
        questions: u32,
    },
    /// The application says nothing to the next questions for a token.
    IgnoreTokenQuestions {
        questions: u32,
    },
    Disconnect {
        client: usize,
    },
    Connect {
        client: usize,
    },
    Reconnect {
        client: usize,
    },
    /// The application brings the next update of a foreign document, or the one after it: then the next is early.
    Bring {
        client: usize,
        is_early: bool,
    },
    /// The application makes a text in the map, writes into it, and may delete it again.
    Nest {
        client: usize,
        key: u8,
    },
    /// The session is lost in the course of the next input.
    Die {
        client: usize,
        moment: Moment,
    },
}

const SNIPPETS: [&str; 8] = ["a", "bc", "hello ", "é", "👩‍👩‍👦", "😀", "\n", "日本"];

/// The actions of a seed.
pub fn generate(seed: u64) -> Vec<Action> {
    let mut rng = Rng::new(seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0xACC);
    let count = 10 + rng.below(60);
    (0..count).map(|_| draw(&mut rng)).collect()
}

/// The actions of a seed in a world in which sessions are lost.
pub fn generate_mortal(seed: u64) -> Vec<Action> {
    let mut rng = Rng::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xDEAD);
    let mut actions = Vec::new();
    for action in generate(seed) {
        let client = usize::try_from(rng.below(CLIENTS as u64)).unwrap();
        match rng.below(12) {
            0 | 1 => {
                let outputs = u32::try_from(rng.below(4)).unwrap();
                let moment = [Moment::Input, Moment::Kept, Moment::Outputs(outputs)][rng.below(3) as usize];
                actions.push(Action::Die { client, moment });
            }
            2 => actions.push(Action::Bring { client, is_early: rng.below(2) > 0 }),
            3 => actions.push(Action::Nest { client, key: rng.below(4) as u8 }),
            _ => {}
        }
        actions.push(action);
    }
    actions
}

fn draw(rng: &mut Rng) -> Action {
    let client = usize::try_from(rng.below(CLIENTS as u64)).unwrap();
    let small = |rng: &mut Rng, bound: u64| u32::try_from(rng.below(bound)).unwrap();
    match rng.below(110) {
        0..20 => {
            let snippet = SNIPPETS[usize::try_from(rng.below(8)).unwrap()];
            Action::Insert { client, at: small(rng, 40), text: snippet.repeat(1 + small(rng, 3) as usize) }
        }
        20..28 => Action::Delete { client, at: small(rng, 40), len: 1 + small(rng, 5) },
        28..33 => Action::Format { client, at: small(rng, 40), len: 1 + small(rng, 8), bold: rng.below(3) > 0 },
        33..38 => Action::SetKey { client, key: small(rng, 4) as u8, value: small(rng, 100) as i32 },
        38..40 => Action::DeleteKey { client, key: small(rng, 4) as u8 },
        40..45 => Action::Push { client, at: small(rng, 10), value: small(rng, 100) as i32 },
        45..47 => Action::Remove { client, at: small(rng, 10) },
        47..48 => Action::Broadcast { client },
        48..50 => Action::SetPresence { client, state: (rng.below(4) > 0).then(|| small(rng, 9) as u8) },
        50..58 => Action::EndTask { client },
        58..76 => Action::Advance { millis: [1, 20, 300, 2_000, 12_000][small(rng, 5) as usize] },
        76..81 => Action::Cut { client },
        81..83 => Action::HalfOpen { client },
        83..85 => {
            let bytes = (0..rng.below(12)).map(|_| small(rng, 256) as u8).collect();
            Action::Garbage { client, bytes }
        }
        85..87 => Action::Refuse { attempts: 1 + small(rng, 4) },
        87..88 => Action::Hang { attempts: 1 + small(rng, 2) },
        88..90 => Action::RestartServer { keeps_data: rng.below(3) > 0 },
        90..91 => Action::CloseAll { code: faults::draw_code(rng) },
        91..92 => Action::Online { client },
        92..93 => Action::Offline { client },
        93..94 => Action::Frozen { client },
        94..95 => Action::Visible { client },
        95..97 => Action::Sleep { client, millis: 1_000 + rng.below(600_000) },
        97..98 => Action::Disconnect { client },
        98..99 => Action::Connect { client },
        99..100 => Action::Reconnect { client },
        100..105 => Action::Trouble { client, trouble: faults::draw(rng) },
        105 => Action::SaveServer,
        106 => Action::RollBackServer,
        107 => {
            let by = [-3_600_000, -5_000, -1, 7_000, 86_400_000][small(rng, 5) as usize];
            Action::SetClock { client, by }
        }
        108 => Action::Throttle { client, millis: [1_000, 60_000][small(rng, 2) as usize] },
        _ => match rng.below(3) {
            0 => Action::RevokeTokens,
            1 => Action::FailTokens { questions: 1 + small(rng, 3) },
            _ => Action::IgnoreTokenQuestions { questions: 1 },
        },
    }
}
