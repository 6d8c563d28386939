//! Decides which contents a block may have, and reads past them without keeping them.

use super::reader::Reader;
use crate::ids::Clock;
use crate::replica::{Refusal, Unsupported};

/// What a block holds, as far as it matters for where the block may stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// Elements of which only their number is left.
    Deleted,
    /// Bytes.
    Binary,
    /// Characters of a text.
    String(Opening),
    /// An object that stands in a text like one character.
    Embed,
    /// The start or end of a format.
    Format,
    /// Values of a list, or the value of a key.
    Any,
    /// A nested shared type.
    Type(TypeRef),
}

/// How a string begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Opening {
    /// With a character.
    Whole,
    /// With what stands where a surrogate pair was cut, or with a character that is just this one.
    Replacement,
}

/// The kinds of nested shared types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TypeRef {
    Array,
    Map,
    Text,
    XmlElement,
    XmlFragment,
    XmlText,
}

impl Content {
    /// Reads a content of the kind `number`; returns it with the number of elements that it holds.
    pub(super) fn read(reader: &mut Reader<'_>, number: u8) -> Result<(Self, Clock), Refusal> {
        match number {
            1 => Ok((Self::Deleted, reader.clock()?)),
            2 => Err(Refusal::Unsupported(Unsupported::LegacyJson)),
            3 => reader.bytes().map(|_| (Self::Binary, 1)),
            4 => {
                let text = reader.string()?;
                let len = Clock::try_from(utf16_len(text)).map_err(|_| reader.malformed("string too long"))?;
                let opening = if text.starts_with('\u{FFFD}') { Opening::Replacement } else { Opening::Whole };
                Ok((Self::String(opening), len))
            }
            5 => skip_json(reader).map(|()| (Self::Embed, 1)),
            6 => {
                reader.string()?;
                skip_json(reader).map(|()| (Self::Format, 1))
            }
            7 => TypeRef::read(reader).map(|type_ref| (Self::Type(type_ref), 1)),
            8 => {
                let count = reader.clock()?;
                for _ in 0..count {
                    skip_any(reader, 0)?;
                }
                Ok((Self::Any, count))
            }
            9 => Err(Refusal::Unsupported(Unsupported::SubDocument)),
            _ => Err(reader.malformed("unknown content")),
        }
    }

    /// The bytes of the next `count` values.
    pub(super) fn values<'a>(reader: &mut Reader<'a>, count: Clock) -> Option<&'a [u8]> {
        let written = reader.rest();
        (0..count).try_for_each(|_| skip_any(reader, 0)).ok()?;
        written.get(..written.len() - reader.rest().len())
    }
}

impl TypeRef {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        match reader.byte()? {
            0 => Ok(Self::Array),
            1 => Ok(Self::Map),
            2 => Ok(Self::Text),
            3 => reader.string().map(|_| Self::XmlElement),
            4 => Ok(Self::XmlFragment),
            5 => Err(Refusal::Unsupported(Unsupported::XmlHook)),
            6 => Ok(Self::XmlText),
            7 => Err(Refusal::Unsupported(Unsupported::WeakLink)),
            other => Err(Refusal::Unsupported(Unsupported::UnknownType(other))),
        }
    }
}

/// Counts as JavaScript does: two for every character that takes four bytes, one for every other.
fn utf16_len(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let (characters, pairs) = text.bytes().fold((0, 0), |(characters, pairs), byte| {
        (characters + usize::from(byte & 0xC0 != 0x80), pairs + usize::from(byte >= 0xF0))
    });
    characters + pairs
}

/// yrs parses embedded JSON while it decodes an update, so what it would stumble over is asked of itself.
fn skip_json(reader: &mut Reader<'_>) -> Result<(), Refusal> {
    let json = reader.string()?;
    if matches!(json, "true" | "false" | "null") || yrs::Any::from_json(json).is_ok() {
        return Ok(());
    }
    Err(Refusal::Unsupported(Unsupported::Json))
}

fn skip_any(reader: &mut Reader<'_>, depth: u32) -> Result<(), Refusal> {
    if depth == MAX_DEPTH {
        return Err(Refusal::Unsupported(Unsupported::DeepNesting));
    }
    match reader.byte()? {
        // undefined, null, false, true
        127 | 126 | 121 | 120 => Ok(()),
        125 => reader.skip_var_int(),
        124 => reader.take(4).map(|_| ()),
        123 | 122 => reader.take(8).map(|_| ()),
        119 => reader.string().map(|_| ()),
        118 => {
            for _ in 0..reader.count(2)? {
                reader.string()?;
                skip_any(reader, depth + 1)?;
            }
            Ok(())
        }
        117 => {
            for _ in 0..reader.count(1)? {
                skip_any(reader, depth + 1)?;
            }
            Ok(())
        }
        116 => reader.bytes().map(|_| ()),
        _ => Err(reader.malformed("unknown value")),
    }
}

/// How deeply lists and objects may be nested in one value. yrs reads them by recursion.
const MAX_DEPTH: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(Content, Clock), Refusal> {
        let mut reader = Reader::new(bytes);
        let number = reader.byte()?;
        let content = Content::read(&mut reader, number)?;
        reader.finish().map(|()| content)
    }

    #[test]
    fn a_string_is_as_long_as_in_javascript() {
        assert_eq!(read("\u{4}\u{9}aä€😀".as_bytes()), Err(Refusal::Malformed { what: "invalid utf-8", at: 11 }));
        assert_eq!(read("\u{4}\u{a}aä€😀".as_bytes()), Ok((Content::String(Opening::Whole), 5)));
    }

    #[test]
    fn contents_that_syncline_cannot_read_are_named() {
        let refused = |bytes: &[u8]| match read(bytes) {
            Err(Refusal::Unsupported(content)) => content,
            other => panic!("{bytes:?} gave {other:?}"),
        };
        assert_eq!(refused(&[2, 1, 1, b'1']), Unsupported::LegacyJson);
        assert_eq!(refused(&[9, 1, b'g', 118, 0]), Unsupported::SubDocument);
        assert_eq!(refused(&[7, 5, 1, b'h']), Unsupported::XmlHook);
        assert_eq!(refused(&[7, 7, 0, 0, 0]), Unsupported::WeakLink);
        assert_eq!(refused(&[7, 15]), Unsupported::UnknownType(15));
        assert_eq!(refused(b"\x05\x08\"\\ud83d\""), Unsupported::Json);
    }

    #[test]
    fn values_nest_to_a_limit() {
        let nested = |depth: usize| [&[8, 1][..], &[117, 1].repeat(depth), &[126]].concat();
        assert_eq!(read(&nested(63)), Ok((Content::Any, 1)));
        assert_eq!(read(&nested(64)), Err(Refusal::Unsupported(Unsupported::DeepNesting)));
        assert_eq!(read(&nested(100_000)), Err(Refusal::Unsupported(Unsupported::DeepNesting)));
    }

    #[test]
    fn a_declared_number_of_values_reserves_nothing() {
        assert!(read(&[8, 0xFF, 0xFF, 0xFF, 0x3F]).is_err());
        assert!(read(&[8, 1, 117, 0xFF, 0xFF, 0xFF, 0x3F]).is_err());
        assert!(read(&[8, 1, 118, 0xFF, 0xFF, 0xFF, 0x3F]).is_err());
    }

    #[test]
    fn json_that_yrs_reads_is_accepted() {
        for json in ["true", "null", "3.5", "\"a\"", "{\"src\":\"x\",\"w\":[1,2]}"] {
            let len = u8::try_from(json.len()).unwrap();
            assert_eq!(read(&[&[5, len], json.as_bytes()].concat()), Ok((Content::Embed, 1)), "{json}");
        }
    }
}
