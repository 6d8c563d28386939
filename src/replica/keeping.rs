//! Decides what is written down of a replica while it changes, so that another one can take its place at any moment.
//!
//! Each record is written in the moment in which something became part of the document, into one buffer, which whoever keeps
//! the records reads and which is then used again. A record is a tag, the length of what follows, and that. What the tags of
//! other layers mean is not known here.

use super::gate::{Reader, with_deletions, write_var};
use super::kind::{Kind, TypeId};
use super::{Refusal, Replica};
use crate::ids::{ClientId, Clock, LinkId, Origin};

/// What is written down, and not read yet.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    records: Vec<u8>,
    /// Whether somebody has read the records, so that the next one takes their place.
    is_read: bool,
    /// How many of the handles of types are written down.
    types: u32,
}

/// What a record says of a replica.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeptRecord<'a> {
    /// A change that became part of the document.
    Committed(Origin, &'a [u8]),
    /// A change that waits for what it builds on.
    Held(LinkId, &'a [u8]),
    /// A type that was opened.
    Opened(TypeId, Opened<'a>),
    /// So many handles were given, also to types that are gone.
    Given(u32),
    /// Something of another layer.
    Other(u8, &'a [u8]),
}

/// Which type a handle was given for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opened<'a> {
    /// The root of this name.
    Root(&'a str, Kind),
    /// The type in the element with this clock of that client, which stands in the type of that handle.
    Nested(ClientId, Clock, TypeId, Kind),
}

/// Tags below this one are those of [`KeptRecord`].
pub const FIRST_OTHER: u8 = 16;

const COMMITTED: u8 = 0;
const HELD: u8 = 1;
const ROOT: u8 = 2;
const NESTED: u8 = 3;
const GIVEN: u8 = 4;

/// Reads records in their order. What cannot be read ends them.
pub fn read_records(records: &[u8]) -> impl Iterator<Item = Result<KeptRecord<'_>, Refusal>> {
    let mut rest = records;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut reader = Reader::new(rest);
        let read = read_record(&mut reader);
        rest = if read.is_ok() { reader.rest() } else { &[] };
        Some(read)
    })
}

/// Writes a record of another layer.
pub fn write_other(records: &mut Vec<u8>, tag: u8, content: &[u8]) {
    write_record(records, tag, &[content]);
}

fn read_record<'a>(reader: &mut Reader<'a>) -> Result<KeptRecord<'a>, Refusal> {
    let tag = reader.byte()?;
    let mut content = Reader::new(reader.bytes()?);
    Ok(match tag {
        COMMITTED => KeptRecord::Committed(read_origin(&mut content)?, content.rest()),
        HELD => match read_origin(&mut content)? {
            Origin::Link(link) => KeptRecord::Held(link, content.rest()),
            Origin::Local => return Err(content.malformed("a link is missing")),
        },
        ROOT => {
            let (id, kind) = (TypeId(content.clock()?), read_kind(&mut content)?);
            KeptRecord::Opened(id, Opened::Root(content.string()?, kind))
        }
        NESTED => {
            let (id, kind) = (TypeId(content.clock()?), read_kind(&mut content)?);
            let (client, clock) = (content.client()?, content.clock()?);
            KeptRecord::Opened(id, Opened::Nested(client, clock, TypeId(content.clock()?), kind))
        }
        GIVEN => KeptRecord::Given(content.clock()?),
        other => KeptRecord::Other(other, content.rest()),
    })
}

fn read_kind(reader: &mut Reader<'_>) -> Result<Kind, Refusal> {
    let number = reader.byte()?;
    let kind = [Kind::Text, Kind::Map, Kind::List].into_iter().find(|kind| number_of(*kind) == number);
    kind.ok_or_else(|| reader.malformed("unknown kind"))
}

const fn number_of(kind: Kind) -> u8 {
    match kind {
        Kind::Text => 0,
        Kind::Map => 1,
        Kind::List => 2,
    }
}

fn write_record(records: &mut Vec<u8>, tag: u8, content: &[&[u8]]) {
    records.push(tag);
    let len: usize = content.iter().map(|part| part.len()).sum();
    write_var(records, len as u64);
    content.iter().for_each(|part| records.extend_from_slice(part));
}

fn write_opened(records: &mut Vec<u8>, id: TypeId, opened: &Opened<'_>) {
    let mut content = Vec::new();
    write_var(&mut content, id.0.into());
    let tag = match opened {
        Opened::Root(name, kind) => {
            content.push(number_of(*kind));
            write_var(&mut content, name.len() as u64);
            content.extend_from_slice(name.as_bytes());
            ROOT
        }
        Opened::Nested(client, clock, within, kind) => {
            content.push(number_of(*kind));
            [client.0, (*clock).into(), within.0.into()].into_iter().for_each(|number| write_var(&mut content, number));
            NESTED
        }
    };
    write_record(records, tag, &[&content]);
}

fn write_given(records: &mut Vec<u8>, given: u32) {
    let mut content = Vec::new();
    write_var(&mut content, given.into());
    write_record(records, GIVEN, &[&content]);
}

impl Keeping {
    /// The buffer, to write the next record into.
    fn writer(&mut self) -> &mut Vec<u8> {
        if std::mem::take(&mut self.is_read) {
            if self.records.capacity() > LARGE {
                self.records = Vec::new();
            }
            self.records.clear();
        }
        &mut self.records
    }

    /// Writes down a change that becomes part of the document.
    pub(super) fn note_committed(&mut self, origin: Origin, update: &[u8]) {
        write_record(self.writer(), COMMITTED, &[&[byte_of(origin)], update]);
    }
}

/// An origin as a byte: 0 for what was edited here, else one more than the number of the link.
fn byte_of(origin: Origin) -> u8 {
    match origin {
        Origin::Local => 0,
        Origin::Link(LinkId(link)) => u8::try_from(link.saturating_add(1)).unwrap_or(u8::MAX),
    }
}

fn read_origin(reader: &mut Reader<'_>) -> Result<Origin, Refusal> {
    Ok(reader.byte()?.checked_sub(1).map_or(Origin::Local, |link| Origin::Link(LinkId(link.into()))))
}

impl Replica {
    /// Writes down from here on what becomes part of the document, for [`Self::poll_kept`].
    pub fn keep(&mut self) {
        self.intake.keep();
        self.keeping.get_or_insert_default().types = self.roots.given();
    }

    /// Whether something is written down that [`Self::poll_kept`] was not asked for.
    pub fn has_kept(&self) -> bool {
        self.keeping.as_ref().is_some_and(|keeping| {
            !keeping.is_read && !keeping.records.is_empty() || keeping.types != self.roots.given()
        })
    }

    /// The records that were written since this was asked last.
    pub fn poll_kept(&mut self) -> Option<&[u8]> {
        self.keep_types();
        let keeping = self.keeping.as_mut()?;
        if std::mem::replace(&mut keeping.is_read, true) || keeping.records.is_empty() {
            return None;
        }
        Some(&keeping.records)
    }

    /// Writes down something of another layer, behind everything that happened here.
    pub fn keep_other(&mut self, tag: u8, content: &[u8]) {
        self.keep_types();
        if let Some(keeping) = &mut self.keeping {
            write_other(keeping.writer(), tag, content);
        }
    }

    /// How often everything was written that the application had done before. What it has done since may be pending.
    pub const fn commits(&self) -> u32 {
        self.commits
    }

    /// Everything that would have been written down of a document as this one is, as few records.
    pub fn checkpoint(&mut self) -> Vec<u8> {
        let mut records = Vec::new();
        if let Ok(whole) = self.encode_since(None) {
            // yrs writes down as deleted also what is so only because something else took its place, and nobody was told that.
            let whole = with_deletions(&whole, self.deletions()).unwrap_or(whole);
            // From no link of which anything is unsynced.
            write_record(&mut records, COMMITTED, &[&[byte_of(Origin::Link(LinkId::SERVER))], &whole]);
        }
        self.roots.opened(0).for_each(|(id, opened)| write_opened(&mut records, id, &opened));
        write_given(&mut records, self.roots.given());
        let held = self.held_changes().filter(|(_, link)| is_kept(*link)).chain(self.intake.left_out());
        held.for_each(|(update, link)| write_held(&mut records, update, link));
        records
    }

    /// Writes down a change that becomes part of the document, and the types that were opened until then.
    pub(super) fn keep_committed(&mut self, origin: Origin, update: &[u8]) {
        if let Some(keeping) = &mut self.keeping {
            keeping.note_committed(origin, update);
            self.keep_types();
        }
    }

    /// Writes down what was held back.
    pub(super) fn keep_held(&mut self) {
        let Some(keeping) = &mut self.keeping else { return };
        while let Some((update, link)) = self.intake.poll_held() {
            if is_kept(link) {
                write_held(keeping.writer(), &update, link);
            }
        }
    }

    /// Writes down the types that were opened. One that stands in a change has to follow it, and may be deleted by then.
    fn keep_types(&mut self) {
        let Some(keeping) = &mut self.keeping else { return };
        let given = self.roots.given();
        if keeping.types != given {
            let first = std::mem::replace(&mut keeping.types, given);
            let records = keeping.writer();
            self.roots.opened(first).for_each(|(id, opened)| write_opened(records, id, &opened));
            write_given(records, given);
        }
    }
}

fn write_held(records: &mut Vec<u8>, update: &[u8], link: LinkId) {
    write_record(records, HELD, &[&[byte_of(Origin::Link(link))], update]);
}

/// Whether what came early over a link is written down: the server and the tab that leads are asked for it again.
fn is_kept(link: LinkId) -> bool {
    ![LinkId::SERVER, LinkId::LEADER].contains(&link)
}

/// How much memory the buffer keeps.
const LARGE: usize = 64 << 10;
