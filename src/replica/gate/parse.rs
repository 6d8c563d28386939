//! Decides whether bytes are an update: structure and bounds, in one pass, each byte read once.
//!
//! What comes out borrows from the bytes. It says what each block names, not what it holds, and it knows nothing of
//! the document.

use super::content::{Content, Opening};
use super::reader::Reader;
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Ranges, Refusal, Unsupported};
use crate::sorted::SortedMap;
use std::ops::Range;

/// The id of one element.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::replica) struct Id {
    /// Who made it.
    pub(in crate::replica) client: ClientId,
    /// Which one of those it made.
    pub(in crate::replica) clock: Clock,
}

/// An update that is well-formed.
#[derive(Debug)]
pub(in crate::replica) struct Parsed<'a> {
    /// The blocks of each client.
    pub(super) sections: Vec<Section<'a>>,
    /// Which section belongs to a client, where there are several.
    by_client: SortedMap<ClientId, usize>,
    /// The ids that are deleted.
    pub(super) deletes: IdRanges,
    /// Whether yrs may be given the bytes as they are. It may not when they hold a gap that is marked as such, or
    /// anything empty or twice: no current encoder writes those, but some once did.
    pub(super) is_plain: bool,
}

/// The blocks of one client, sorted, each beginning where the one before ends.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) client: ClientId,
    pub(super) blocks: Vec<Block<'a>>,
}

/// Elements with consecutive clocks that were inserted together.
#[derive(Debug)]
pub(super) struct Block<'a> {
    pub(super) clock: Clock,
    /// The clock after the last element; above `clock`.
    pub(super) end: Clock,
    pub(super) body: Body<'a>,
    /// How the block is written.
    pub(super) bytes: &'a [u8],
}

/// What a block is.
#[derive(Debug)]
pub(super) enum Body<'a> {
    /// Elements of which nothing is left but that they were there.
    Collected,
    /// A gap: whoever wrote the update did not have these elements.
    Skip,
    /// Elements with a place and a content.
    Item { place: Place<'a>, content: Content },
}

/// Where the elements of a block stand.
#[derive(Debug)]
pub(super) enum Place<'a> {
    /// Next to others, at least to one: right of the first, left of the second.
    Beside(Option<Id>, Option<Id>),
    /// First in a shared type, or first under a key of it.
    Under(Parent<'a>, Option<&'a str>),
}

/// The shared type in which a block stands.
#[derive(Debug)]
pub(super) enum Parent<'a> {
    Root(&'a str),
    Nested(Id),
}

/// Reads an update in the v1 encoding of Yjs.
///
/// # Errors
/// The bytes are no such update, or hold what Syncline cannot read.
pub(in crate::replica) fn parse(update: &[u8]) -> Result<Parsed<'_>, Refusal> {
    let mut reader = Reader::new(update);
    let mut parsed =
        Parsed { sections: Vec::new(), by_client: SortedMap::new(), deletes: IdRanges::default(), is_plain: true };
    let mut blocks_left = MAX_BLOCKS;
    for _ in 0..reader.count(SMALLEST_SECTION)? {
        parsed.read_section(&mut reader, &mut blocks_left)?;
    }
    parsed.read_deletes(&mut reader)?;
    reader.finish()?;
    Ok(parsed)
}

/// Reads a state vector: for each client, how many elements of it are known.
///
/// # Errors
/// The bytes are no state vector.
pub fn decode_state_vector(bytes: &[u8]) -> Result<Vec<(ClientId, Clock)>, Refusal> {
    let mut reader = Reader::new(bytes);
    let mut clocks = Vec::new();
    for _ in 0..reader.count(2)? {
        clocks.push((reader.client()?, reader.clock()?));
    }
    reader.finish()?;
    Ok(clocks)
}

impl<'a> Parsed<'a> {
    /// Everything the update names. Gaps are not part of it.
    pub(in crate::replica) fn ranges(&self) -> Ranges {
        let mut structs = Vec::with_capacity(self.sections.len());
        for section in &self.sections {
            structs.extend(section.ranges().map(|range| (section.client, range)));
        }
        Ranges { structs, deletes: self.deletes.iter().collect() }
    }

    /// The first element that it inserts.
    pub(in crate::replica) fn first(&self) -> Option<Id> {
        let section = self.sections.first()?;
        Some(Id { client: section.client, clock: section.blocks.first()?.clock })
    }

    /// Which section belongs to a client. Most updates have one.
    pub(super) fn section_of(&self, client: ClientId) -> Option<usize> {
        match self.sections.as_slice() {
            [] => None,
            [only] => (only.client == client).then_some(0),
            _ => self.by_client.get(&client).copied(),
        }
    }

    /// The ids that it deletes.
    pub(in crate::replica) fn deletes(&self) -> impl Iterator<Item = (ClientId, Range<Clock>)> {
        self.deletes.iter()
    }

    /// Whether yrs may be given the bytes as they are.
    pub(in crate::replica) const fn may_go_as_it_is(&self) -> bool {
        self.is_plain
    }

    /// How many blocks there are.
    pub(in crate::replica) fn block_count(&self) -> usize {
        self.sections.iter().map(|section| section.blocks.len()).sum()
    }

    /// Whether what it holds of a client begins at this clock, with what may be the second half of a character.
    pub(in crate::replica) fn may_cut_character(&self, client: ClientId, clock: Clock) -> bool {
        let section = self.section_of(client).and_then(|section| self.sections.get(section));
        section.and_then(|section| section.blocks.first()).is_some_and(|block| {
            let begins = matches!(block.body, Body::Item { content: Content::String(Opening::Replacement), .. });
            begins && block.clock == clock
        })
    }

    fn read_section(&mut self, reader: &mut Reader<'a>, blocks_left: &mut usize) -> Result<(), Refusal> {
        let count = reader.count(SMALLEST_BLOCK)?;
        *blocks_left = blocks_left.checked_sub(count).ok_or(Refusal::Unsupported(Unsupported::TooManyBlocks))?;
        let client = reader.client()?;
        let mut clock = reader.clock()?;
        let mut blocks = Vec::with_capacity(count.min(MOST_RESERVED));
        for _ in 0..count {
            let block = Block::read(reader, clock)?;
            clock = block.end;
            self.is_plain &= !matches!(block.body, Body::Skip) && block.clock < block.end;
            if block.clock < block.end {
                blocks.push(block);
            }
        }
        if blocks.is_empty() {
            self.is_plain = false;
            return Ok(());
        }
        if self.section_of(client).is_some() {
            return Err(reader.malformed("client listed twice"));
        }
        if let [only] = self.sections.as_slice() {
            self.by_client.insert(only.client, 0);
        }
        if !self.sections.is_empty() {
            self.by_client.insert(client, self.sections.len());
        }
        self.sections.push(Section { client, blocks });
        Ok(())
    }

    fn read_deletes(&mut self, reader: &mut Reader<'a>) -> Result<(), Refusal> {
        let clients = reader.count(2)?;
        for _ in 0..clients {
            let client = reader.client()?;
            for _ in 0..reader.count(2)? {
                let start = reader.clock()?;
                let len = reader.clock()?;
                self.is_plain &= len > 0;
                self.deletes.insert(client, start..reader.end(start, len)?);
            }
        }
        self.is_plain &= self.deletes.client_count() == clients;
        Ok(())
    }
}

impl Section<'_> {
    /// The ids of the blocks, without the gaps between them.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<Clock>> {
        self.blocks
            .chunk_by(|left, right| left.is_skip() == right.is_skip())
            .filter(|blocks| !blocks.iter().any(Block::is_skip))
            .filter_map(|blocks| Some(blocks.first()?.clock..blocks.last()?.end))
    }
}

impl Place<'_> {
    /// The element that it stands right of.
    pub(super) const fn left(&self) -> Option<Id> {
        match self {
            Self::Beside(left, _) => *left,
            Self::Under(..) => None,
        }
    }

    /// The element that it stands left of.
    pub(super) const fn right(&self) -> Option<Id> {
        match self {
            Self::Beside(_, right) => *right,
            Self::Under(..) => None,
        }
    }
}

impl<'a> Block<'a> {
    pub(super) const fn is_skip(&self) -> bool {
        matches!(self.body, Body::Skip)
    }

    fn read(reader: &mut Reader<'a>, clock: Clock) -> Result<Self, Refusal> {
        let written = reader.rest();
        let (body, len) = match reader.byte()? {
            COLLECTED => (Body::Collected, reader.clock()?),
            SKIP => (Body::Skip, reader.clock()?),
            info if info & UNUSED_BIT == 0 => Self::read_item(reader, info)?,
            _ => return Err(reader.malformed("unknown block")),
        };
        let end = reader.end(clock, len)?;
        let bytes = written.get(..written.len() - reader.rest().len()).unwrap_or_default();
        Ok(Self { clock, end, body, bytes })
    }

    /// Of what is written of a block that holds text: where the text begins, with its length in front, and the text.
    pub(super) fn text(written: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let mut reader = Reader::new(written);
        let info = reader.byte().ok()?;
        Self::read_place(&mut reader, info).ok()?;
        let at = reader.at();
        Some((at, reader.bytes().ok()?))
    }

    fn read_item(reader: &mut Reader<'a>, info: u8) -> Result<(Body<'a>, Clock), Refusal> {
        let place = Self::read_place(reader, info)?;
        let (content, len) = Content::read(reader, info & CONTENT_BITS)?;
        Ok((Body::Item { place, content }, len))
    }

    pub(super) fn read_place(reader: &mut Reader<'a>, info: u8) -> Result<Place<'a>, Refusal> {
        let left = if info & HAS_ORIGIN == 0 { None } else { Some(Id::read(reader)?) };
        let right = if info & HAS_RIGHT_ORIGIN == 0 { None } else { Some(Id::read(reader)?) };
        if left.is_some() || right.is_some() {
            return Ok(Place::Beside(left, right));
        }
        let parent = match reader.var_uint()? {
            0 => Parent::Nested(Id::read(reader)?),
            1 => Parent::Root(reader.string()?),
            _ => return Err(reader.malformed("unknown parent")),
        };
        Ok(Place::Under(parent, if info & HAS_KEY == 0 { None } else { Some(reader.string()?) }))
    }
}

impl Id {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        Ok(Self { client: reader.client()?, clock: reader.clock()? })
    }
}

const COLLECTED: u8 = 0;
const SKIP: u8 = 10;
const CONTENT_BITS: u8 = 0b0000_1111;
/// yrs ignores this bit and Yjs does not.
const UNUSED_BIT: u8 = 0b0001_0000;
const HAS_KEY: u8 = 0b0010_0000;
const HAS_RIGHT_ORIGIN: u8 = 0b0100_0000;
const HAS_ORIGIN: u8 = 0b1000_0000;

/// The number of blocks, the client and the first clock.
const SMALLEST_SECTION: usize = 3;
/// The kind of the block and its length.
const SMALLEST_BLOCK: usize = 2;

/// For how many blocks there is room before they are read: that many are said to come, which costs nothing to say.
const MOST_RESERVED: usize = 1 << 12;

/// How many blocks one update may have. Unpacked they take a hundred times the two bytes of the smallest one, and
/// four million are ten times the largest documents known.
const MAX_BLOCKS: usize = 1 << 22;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: ClientId = ClientId(1);

    fn what(update: &[u8]) -> &'static str {
        match parse(update) {
            Err(Refusal::Malformed { what, .. }) => what,
            other => panic!("{update:?} gave {other:?}"),
        }
    }

    #[test]
    fn the_empty_update_names_nothing() {
        assert!(parse(&[0, 0]).unwrap().ranges().is_empty());
    }

    #[test]
    fn an_update_names_what_it_inserts_and_deletes() {
        // "ab" and a collected element of client 1, then two deletions
        let update = [1, 2, 1, 4, 4, 1, 1, b't', 2, b'a', b'b', 0, 1, 1, 1, 2, 0, 1, 4, 2];
        let ranges = parse(&update).unwrap().ranges();
        assert_eq!(ranges.structs, [(A, 4..7)]);
        assert_eq!(ranges.deletes, [(A, 0..1), (A, 4..6)]);
    }

    #[test]
    fn a_gap_is_not_part_of_what_is_named() {
        let update = [1, 4, 1, 0, 0, 2, 10, 3, 0, 1, 0, 4, 0];
        let parsed = parse(&update).unwrap();
        assert_eq!(parsed.ranges().structs, [(A, 0..2), (A, 5..10)]);
        assert!(!parsed.is_plain);
    }

    #[test]
    fn blocks_without_elements_are_left_out() {
        let update = [1, 2, 1, 0, 4, 1, 1, b't', 0, 0, 1, 0];
        let parsed = parse(&update).unwrap();
        assert_eq!(parsed.ranges().structs, [(A, 0..1)]);
        assert!(!parsed.is_plain);
    }

    #[test]
    fn each_kind_of_garbage_has_its_reason() {
        assert_eq!(what(&[]), "unexpected end");
        assert_eq!(what(&[0, 0, 0]), "bytes after the end");
        assert_eq!(what(&[1, 1, 1, 0, 0x53, 0, 0, 1, 1, 0]), "unknown block");
        assert_eq!(what(&[1, 1, 1, 0, 11, 1, 1, b't', 0]), "unknown content");
        assert_eq!(what(&[1, 1, 1, 0, 4, 2, 1, b't', 1, b'a', 0]), "unknown parent");
        assert_eq!(what(&[2, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0]), "client listed twice");
        assert_eq!(what(&[1, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 1, 0]), "clock above 2^31");
        assert_eq!(what(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), "more entries than bytes");
    }

    #[test]
    fn a_state_vector_is_read_whole_or_not() {
        assert_eq!(decode_state_vector(&[0]), Ok(Vec::new()));
        assert_eq!(decode_state_vector(&[1, 1, 5]), Ok(vec![(A, 5)]));
        assert!(decode_state_vector(&[1, 1, 5, 0]).is_err());
        assert!(decode_state_vector(&[2, 1, 5]).is_err());
        assert!(decode_state_vector(&[0xFF, 0xFF, 0xFF, 0x7F]).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse(&bytes);
            let _ = decode_state_vector(&bytes);
        }

        #[test]
        fn bytes_that_look_like_an_update_are_read_or_refused(bytes in proptest::collection::vec(0..12_u8, 0..60)) {
            if parse(&bytes).is_ok() {
                use yrs::updates::decoder::Decode;
                prop_assert!(yrs::Update::decode_v1(&bytes).is_ok());
            }
            let _ = decode_state_vector(&bytes);
        }
    }
}
