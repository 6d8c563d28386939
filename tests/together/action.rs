//! Decides what can happen to documents that share a socket.

use crate::faults::{self, Trouble};
use syncline::rng::Rng;

#[derive(Clone, Debug)]
pub enum Action {
    Advance {
        millis: u64,
    },
    Edit {
        doc: usize,
    },
    Connect {
        doc: usize,
    },
    Disconnect {
        doc: usize,
    },
    Reconnect {
        doc: usize,
    },
    /// The server closes the document and leaves the socket open.
    Dismiss {
        doc: usize,
    },
    /// … and does so whenever it comes, until it is served again.
    DismissAlways {
        doc: usize,
    },
    /// The server forgets the document without a word.
    Forget {
        doc: usize,
    },
    /// The server refuses the document from here on.
    Refuse {
        doc: usize,
    },
    /// The server takes edits of the document, or only shows it.
    Serve {
        doc: usize,
    },
    ServeReadOnly {
        doc: usize,
    },
    /// The socket breaks.
    Cut,
    /// Something befalls the socket, or those that are opened next.
    Trouble {
        trouble: Trouble,
    },
    /// The next sockets are never opened, or never answered.
    RefuseSockets {
        attempts: u32,
    },
    HangSockets {
        attempts: u32,
    },
    /// The machine sleeps: time passes and no timer runs.
    Sleep {
        millis: u64,
    },
    /// The server starts again without what it held of one document.
    LoseData {
        doc: usize,
    },
    /// Somebody else edits.
    RemoteEdit {
        doc: usize,
    },
}

pub fn generate(seed: u64) -> Vec<Action> {
    let mut rng = Rng::new(seed ^ 0x70_67_65_74);
    let len = 3 + rng.below(25);
    (0..len).map(|_| one(&mut rng)).collect()
}

fn one(rng: &mut Rng) -> Action {
    let doc = rng.below(3) as usize;
    match rng.below(19) {
        0 => Action::Advance { millis: rng.below(40_000) },
        1..=4 => Action::Advance { millis: rng.below(300) },
        5 | 6 => Action::Edit { doc },
        7 => Action::Connect { doc },
        8 => Action::Disconnect { doc },
        9 => Action::Reconnect { doc },
        10 => Action::Dismiss { doc },
        11 => Action::Forget { doc },
        12 => match rng.below(4) {
            0 => Action::Refuse { doc },
            1 => Action::DismissAlways { doc },
            2 => Action::ServeReadOnly { doc },
            _ => Action::Serve { doc },
        },
        13 => Action::Cut,
        14 | 15 => Action::RemoteEdit { doc },
        16 | 17 => Action::Trouble { trouble: faults::draw(rng) },
        _ => match rng.below(4) {
            0 => Action::RefuseSockets { attempts: 1 + rng.below(3) as u32 },
            1 => Action::HangSockets { attempts: 1 },
            2 => Action::Sleep { millis: 1_000 + rng.below(200_000) },
            _ => Action::LoseData { doc },
        },
    }
}
