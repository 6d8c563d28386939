//! Decides what goes wrong with single messages on their way, and with connections that are open.

use syncline::rng::Rng;
use syncline::wire::Frame;

/// What befalls the connection of somebody, or those that are opened next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// The next message of the server to the client is damaged.
    ToClient(Damage),
    /// The next message of the client to the server is.
    ToServer(Damage),
    /// The server reads and says nothing more.
    Mute,
    /// The server speaks and reads nothing more.
    Deaf,
    /// The server ends the connection with this code.
    Close(u16),
    /// Over the next connections the server never says anything.
    MuteNext(u32),
    /// So many of the next connections are ended with this code as soon as they are open.
    Slam(u32, u16),
}

/// What becomes of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Damage {
    /// It arrives twice.
    Twice,
    /// It does not arrive, and what follows does.
    Lost,
    /// The second half of it is missing. A server that reads it ends the connection.
    CutOff,
    /// The second half of it is noise. A server that reads it ends the connection.
    Noise,
}

/// The trouble that a seed makes.
pub fn draw(rng: &mut Rng) -> Trouble {
    match rng.below(20) {
        0..5 => Trouble::ToClient(draw_damage(rng)),
        5..9 => Trouble::ToServer(draw_damage(rng)),
        9..11 => Trouble::Mute,
        11 => Trouble::Deaf,
        12..16 => Trouble::Close(draw_code(rng)),
        16..18 => Trouble::MuteNext(1 + rng.below(3) as u32),
        _ => Trouble::Slam(1 + rng.below(4) as u32, draw_code(rng)),
    }
}

fn draw_damage(rng: &mut Rng) -> Damage {
    [Damage::Twice, Damage::Lost, Damage::CutOff, Damage::Noise][rng.below(4) as usize]
}

/// Any code that a server can close with, and some that it cannot.
pub fn draw_code(rng: &mut Rng) -> u16 {
    CODES[rng.below(CODES.len() as u64) as usize]
}

const CODES: [u16; 30] = [
    0, 999, 1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 3000, 3003, 3008,
    4000, 4100, 4205, 4400, 4401, 4403, 4408, 4499, 4500, 65_535,
];

/// The messages that arrive in place of one.
pub fn damaged(frame: Frame, damage: Option<Damage>) -> Vec<Frame> {
    match damage {
        None => vec![frame],
        Some(Damage::Twice) => vec![frame.clone(), frame],
        Some(Damage::Lost) => Vec::new(),
        Some(Damage::CutOff) => vec![match frame {
            Frame::Binary(mut bytes) => {
                bytes.truncate(bytes.len() / 2);
                Frame::Binary(bytes)
            }
            Frame::Text(text) => Frame::Text(text.chars().take(text.len() / 2).collect()),
        }],
        Some(Damage::Noise) => vec![match frame {
            Frame::Binary(mut bytes) => {
                let half = bytes.len() / 2;
                // Where a number is read, it has no end: nothing that is read to its end is accepted.
                bytes[half..].fill(0xFF);
                Frame::Binary(bytes)
            }
            Frame::Text(text) => Frame::Text(text.chars().take(text.len() / 2).chain("\u{fffd}~~".chars()).collect()),
        }],
    }
}
