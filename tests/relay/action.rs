//! Decides what can happen behind a relay, and how a seed becomes a list of it.

use crate::faults::{self, Trouble};
use syncline::rng::Rng;

/// How many clients of ours there are. The others are of Yjs.
pub const CLIENTS: usize = 3;
pub const EVERYBODY: usize = CLIENTS + 2;

/// One thing that happens. `who` is a client of ours below [`CLIENTS`], else one of Yjs.
#[derive(Clone, Debug)]
pub enum Action {
    Insert {
        who: usize,
        at: u32,
        text: String,
    },
    Push {
        who: usize,
        at: u32,
        value: i32,
    },
    Remove {
        who: usize,
        at: u32,
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
    SetPresence {
        client: usize,
        state: Option<u8>,
    },
    EndTask {
        who: usize,
    },
    Advance {
        millis: u64,
    },
    Cut {
        who: usize,
    },
    HalfOpen {
        who: usize,
    },
    /// The relay sends bytes that make no sense.
    Garbage {
        client: usize,
        bytes: Vec<u8>,
    },
    /// Something befalls the connection of a client of ours, or those that are opened next.
    Trouble {
        client: usize,
        trouble: Trouble,
    },
    /// The machine sleeps: time passes and no timer runs.
    Sleep {
        client: usize,
        millis: u64,
    },
    Refuse {
        attempts: u32,
    },
    Restart,
    Leave {
        who: usize,
    },
    Join {
        who: usize,
    },
    /// A client of Yjs comes back with nothing.
    Reload {
        who: usize,
    },
}

const SNIPPETS: [&str; 6] = ["a", "bc", "hello ", "👩‍👩‍👦", "😀", "日本"];

/// The actions of a seed.
pub fn generate(seed: u64) -> Vec<Action> {
    let mut rng = Rng::new(seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0xBEE);
    let count = 10 + rng.below(60);
    (0..count).map(|_| draw(&mut rng)).collect()
}

fn draw(rng: &mut Rng) -> Action {
    let who = usize::try_from(rng.below(EVERYBODY as u64)).unwrap();
    let client = who % CLIENTS;
    let small = |rng: &mut Rng, bound: u64| u32::try_from(rng.below(bound)).unwrap();
    match rng.below(105) {
        0..20 => Action::Insert { who, at: small(rng, 30), text: SNIPPETS[small(rng, 6) as usize].to_owned() },
        20..26 => Action::Push { who, at: small(rng, 10), value: small(rng, 100) as i32 },
        26..31 => Action::Remove { who, at: small(rng, 6) },
        31..37 => Action::Delete { client, at: small(rng, 30), len: 1 + small(rng, 5) },
        37..40 => Action::Format { client, at: small(rng, 30), len: 1 + small(rng, 8), bold: rng.below(3) > 0 },
        40..44 => Action::SetKey { client, key: small(rng, 3) as u8, value: small(rng, 100) as i32 },
        44..46 => Action::DeleteKey { client, key: small(rng, 3) as u8 },
        46..50 => Action::SetPresence { client, state: (rng.below(4) > 0).then(|| small(rng, 9) as u8) },
        50..58 => Action::EndTask { who },
        58..76 => Action::Advance { millis: [1, 20, 300, 2_000, 12_000, 50_000][small(rng, 6) as usize] },
        76..81 => Action::Cut { who },
        81..84 => Action::HalfOpen { who },
        84 => Action::Sleep { client, millis: 1_000 + rng.below(600_000) },
        85 => {
            let bytes = (0..rng.below(12)).map(|_| small(rng, 256) as u8).collect();
            Action::Garbage { client, bytes }
        }
        86 => Action::Refuse { attempts: 1 + small(rng, 4) },
        87 => Action::Restart,
        88..93 => Action::Leave { who },
        93..98 => Action::Join { who },
        98..100 => Action::Reload { who },
        _ => Action::Trouble { client, trouble: faults::draw(rng) },
    }
}
