//! Decides what somebody outside keeps of the documents, so that another session can take the place of this one at any
//! moment: on wasm a trap ends everything here, and nothing is to be lost by that.
//!
//! Whoever runs the session asks [`Session::poll_kept`] after every input, before anything else, and appends what it is handed
//! to the journal of the document, in memory that outlives the session. Where the session is lost, it opens the document
//! in a new one: with what of the journal the application was told of ([`DocumentSetup::journal`](super::DocumentSetup::journal)), which is taken in in silence;
//! then it observes what was observed, and hands over the rest ([`Session::replay`]), of which the application is told.

use super::Session;
use super::trace::{Kind, number};
use crate::clock::Instant;
use crate::ids::DocId;
use crate::replica::{Care, Poison, in_hand};

/// What is known of a document from before this session. That of a document which is opened for the first time is empty.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// What was [handed out](Session::poll_kept), or a [checkpoint](Session::checkpoint) and what was handed out since.
    pub records: Vec<u8>,
    /// How the records are taken in, and for a while what comes after them. It is to be extreme where something was in hand
    /// when the last session was lost.
    pub care: Care,
    /// What was in hand when a session was lost that took extreme care, and is in no record yet. It is kept out of the
    /// document, with what builds on it, and the application is told.
    pub poison: Vec<Poison>,
}

/// What is to be kept of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept<'a> {
    /// To be appended to its journal. May be empty.
    pub records: &'a [u8],
    /// Which calls that edit are in the records, and need not be kept any more.
    pub calls: Calls,
    /// Whether all that was handed out so far is told by the outputs: by those that were carried out and those that are to be.
    /// What was written by a read is told only with the next input that settles. So of a journal the application was told up
    /// to the last place where this was so, once it has the events that had been put out until then.
    pub is_reported: bool,
}

/// Which calls that edit the document have become part of it. Until then they are to be done again in a new session, in their
/// order. `apply_update` is such a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Calls {
    /// None of those that are kept.
    Pending,
    /// All before the one that is under way, or that was just done.
    Earlier,
    /// All.
    All,
}

impl Session {
    /// What is to be kept of a document. To be asked after every input, also after [`Session::edit`] and whatever else
    /// may write, until it has no more, and before the outputs: nothing is sent or told that is not kept.
    ///
    /// It costs nothing where there is nothing, and what it lends is a buffer that is used again.
    pub fn poll_kept(&mut self) -> Option<(DocId, Kept<'_>)> {
        let place = self.documents.iter_mut().position(|(_, document)| document.has_kept())?;
        let (doc, document) = self.documents.get_mut(place)?;
        Some((*doc, document.poll_kept()))
    }

    /// The whole journal of a document, as few records, in place of all that was handed out before. `None` while something is
    /// pending or comes in, or was not handed out: then it is to be asked for later. It takes as long as to write the
    /// whole document down, so it is worth asking for where the journal has become twice as long as the last one.
    pub fn checkpoint(&mut self, doc: DocId) -> Option<Vec<u8>> {
        self.document_mut(doc)?.checkpoint()
    }

    /// Takes in what is left of a journal, as changes that the application is told of, each with the origin that it had.
    /// To be called before the document wants a connection. What cannot be read is told as a problem.
    pub fn replay(&mut self, doc: DocId, records: &[u8], now: Instant) {
        self.log.note_of(Kind::Apply, doc, number(records.len()), now);
        if let Some(document) = self.document_mut(doc) {
            document.replay(records, now);
        }
        self.settle(now);
    }
}

/// Where in the memory it is noted what is in hand: [`in_hand::address`].
pub fn in_hand_address() -> usize {
    in_hand::address()
}
