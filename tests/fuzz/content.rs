//! Decides how the content of a block is written, of every kind that Yjs and yrs have, and of some that nobody has.

use crate::numbers::{below, chance, edge, one_of};
use syncline::rng::Rng;
use syncline::wire::Writer;

/// What a block holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    Deleted,
    Json,
    Binary,
    String,
    Embed,
    Format,
    Type(Shared),
    Any,
    Document,
    Move,
    Unknown,
}

/// A shared type, by what it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shared {
    List,
    Map,
    Text,
    Xml,
}

impl Content {
    /// Anything, fit or not.
    pub fn any(rng: &mut Rng) -> Self {
        let kind = Shared::random(rng);
        let all = [
            Self::Deleted,
            Self::Json,
            Self::Binary,
            Self::String,
            Self::Embed,
            Self::Format,
            Self::Type(kind),
            Self::Any,
            Self::Document,
            Self::Move,
            Self::Unknown,
        ];
        one_of(rng, &all)
    }

    /// What a parent of this kind takes, under a key or in its order.
    pub fn fit(parent: Shared, has_key: bool, rng: &mut Rng) -> Self {
        let kind = Shared::random(rng);
        let fit: &[Self] = match parent {
            _ if has_key => &[Self::Any, Self::Any, Self::Binary, Self::Type(kind), Self::Deleted],
            Shared::Text => &[
                Self::String,
                Self::String,
                Self::String,
                Self::Format,
                Self::Format,
                Self::Embed,
                Self::Type(kind),
                Self::Deleted,
            ],
            Shared::Xml => &[Self::Type(Shared::Xml), Self::Type(Shared::Text), Self::Deleted],
            Shared::List | Shared::Map => &[Self::Any, Self::Any, Self::Type(kind), Self::Binary, Self::Deleted],
        };
        one_of(rng, fit)
    }

    /// The number by which it is known.
    pub const fn number(self) -> u8 {
        match self {
            Self::Deleted => 1,
            Self::Json => 2,
            Self::Binary => 3,
            Self::String => 4,
            Self::Embed => 5,
            Self::Format => 6,
            Self::Type(_) => 7,
            Self::Any => 8,
            Self::Document => 9,
            Self::Move => 11,
            Self::Unknown => 13,
        }
    }

    /// Writes the content; returns how many elements it is. `rogue` is how many in a hundred lengths are wrong.
    pub fn write(self, out: &mut Writer, rogue: u64, rng: &mut Rng) -> u32 {
        let count = 1 + rng.below(4) as u32;
        let shown = if chance(rng, rogue) { edge(rng) } else { u64::from(count) };
        match self {
            Self::Deleted => {
                out.var_uint(shown);
                return if shown < 100 { shown as u32 } else { 1 };
            }
            Self::Json => {
                out.var_uint(shown);
                (0..count).for_each(|_| out.string(one_of(rng, &["1", "undefined", "{\"a\":[]}", "\"\\ud83d\""])));
                return count;
            }
            Self::Binary => out.bytes(&vec![7; below(rng, 9)]),
            Self::String => return write_text(out, rogue, rng),
            Self::Embed => out.string(embed(rogue, rng)),
            Self::Format => {
                out.string(one_of(rng, &["b", "i", "link", ""]));
                out.string(one_of(rng, &["true", "null", "\"x\"", "{\"a\":1}", "7"]));
            }
            Self::Type(kind) => kind.write(out, rogue, rng),
            Self::Any => {
                out.var_uint(shown);
                (0..count).for_each(|_| write_any(out, rogue, 0, rng));
                return count;
            }
            Self::Document => {
                out.string("inner");
                write_any(out, rogue, 0, rng);
            }
            Self::Move => (0..5).for_each(|_| out.var_uint(rng.below(8))),
            Self::Unknown => {}
        }
        1
    }
}

impl Shared {
    pub fn random(rng: &mut Rng) -> Self {
        one_of(rng, &[Self::List, Self::Map, Self::Text, Self::Xml])
    }

    fn write(self, out: &mut Writer, rogue: u64, rng: &mut Rng) {
        let number = match self {
            _ if chance(rng, rogue) => rng.below(12),
            Self::List => 0,
            Self::Map => 1,
            Self::Text => one_of(rng, &[2, 2, 6]),
            Self::Xml => one_of(rng, &[3, 4]),
        };
        out.var_uint(number);
        if matches!(number, 3 | 5) {
            out.string("p");
        }
    }
}

fn embed(rogue: u64, rng: &mut Rng) -> &'static str {
    if chance(rng, rogue) {
        return one_of(
            rng,
            &["null", "", "{", "\"\\ud800\"", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "1e999", "{\"a\":1,\"a\":2}"],
        );
    }
    one_of(rng, &["{\"image\":\"x\"}", "true", "[1,2]", "7.5"])
}

/// Text whose characters take one to four bytes; returns its length in UTF-16.
fn write_text(out: &mut Writer, rogue: u64, rng: &mut Rng) -> u32 {
    let text: String =
        (0..=rng.below(5)).map(|_| one_of(rng, &["a", "b", " ", "ö", "€", "😀", "👨‍👩‍👧", "\u{FFFD}", "\n"])).collect();
    let mut bytes = text.into_bytes();
    if chance(rng, rogue) {
        // Half a pair in the way of those who write surrogates as bytes, a byte too many, or nothing.
        let wrong: [&[u8]; 4] = [b"\xED\xA0\xBD", b"\xFF", b"\xF0\x9F\x98", b"\xC0\x80"];
        bytes.extend(one_of(rng, &wrong));
    }
    if chance(rng, rogue) {
        bytes.clear();
    }
    out.bytes(&bytes);
    u32::try_from(String::from_utf8_lossy(&bytes).encode_utf16().count()).unwrap_or(1)
}

/// A value as lib0 writes it.
fn write_any(out: &mut Writer, rogue: u64, depth: u32, rng: &mut Rng) {
    if depth == 0 && chance(rng, rogue) && chance(rng, 10) {
        let nesting = one_of(rng, &[63, 64, 65, 200, 5_000]);
        (0..nesting).for_each(|_| [117, 1].iter().for_each(|byte| out.var_uint(*byte)));
    }
    let most = if depth < 3 { 11 } else { 8 };
    match rng.below(most) {
        0 => out.var_uint(127),
        1 => out.var_uint(126),
        2 => [125, rng.below(64)].iter().for_each(|part| out.var_uint(*part)),
        // Eight bytes of a double; as numbers below 128 are one byte, this is a double too.
        3 => [123, 63, 1, 2, 3, 4, 5, 6, 7].iter().for_each(|part| out.var_uint(*part)),
        4 => [122, 0, 0, 0, 0, 0, 0, 1, 0].iter().for_each(|part| out.var_uint(*part)),
        5 => out.var_uint(one_of(rng, &[120, 121])),
        6 => {
            out.var_uint(119);
            out.string(one_of(rng, &["", "word", "😀"]));
        }
        7 => {
            out.var_uint(116);
            out.bytes(&[1, 2, 3]);
        }
        8 => {
            let count = 1 + rng.below(3);
            out.var_uint(118);
            out.var_uint(if chance(rng, rogue) { edge(rng) } else { count });
            for key in 0..count {
                out.string(["a", "b", "__proto__"][key as usize]);
                write_any(out, rogue, depth + 1, rng);
            }
        }
        _ => {
            let count = rng.below(3);
            out.var_uint(117);
            out.var_uint(if chance(rng, rogue) { edge(rng) } else { count });
            (0..count).for_each(|_| write_any(out, rogue, depth + 1, rng));
        }
    }
}
