//! Decides how a whole text is walked over: in pieces, which costs its length.

use super::utf16;
use super::value::Value;
use super::view::View;
use yrs::types::text::{Diff, YChange};
use yrs::{ID, IdSet, Out, ReadTxn, Snapshot, Text, TextRef, TransactionMut};

/// The content in pieces of one formatting. One function for all, because it is generic in yrs and large.
pub(super) fn pieces(shared: &impl Text, view: &View) -> Vec<Diff<ID>> {
    shared.diff(view, id_of)
}

/// The content in pieces of one formatting and with consecutive ids: all of it is made to look as if it had just been
/// removed, of which yrs tells the ids.
pub(super) fn pieces_by_id(shared: &TextRef, txn: &mut TransactionMut) -> Vec<Diff<ID>> {
    // To look up what is deleted takes several times as long as all the rest.
    let everything = Snapshot::new(txn.state_vector(), IdSet::default());
    let pieces = shared.diff_range(txn, Some(&Snapshot::default()), Some(&everything), id_of);
    if length(&pieces) == shared.len(txn) {
        return pieces;
    }
    // What undo keeps of deleted text was taken for visible.
    let everything = txn.snapshot();
    shared.diff_range(txn, Some(&Snapshot::default()), Some(&everything), id_of)
}

fn length(pieces: &[Diff<ID>]) -> u32 {
    pieces.iter().map(length_of).sum()
}

/// The length of a piece in UTF-16 code units.
pub(super) fn length_of(piece: &Diff<ID>) -> u32 {
    if let Out::Any(Value::String(text)) = &piece.insert { utf16::length(text) } else { 1 }
}

fn id_of(change: YChange) -> ID {
    change.id
}

/// Where the low surrogates of a text are.
pub(super) fn find_pairs(pieces: &[Diff<ID>]) -> Vec<u32> {
    let mut pairs = Vec::new();
    let mut start = 0;
    for piece in pieces {
        match &piece.insert {
            Out::Any(Value::String(text)) => {
                pairs.extend(utf16::low_surrogates(text).map(|pair| start + pair));
                start += utf16::length(text);
            }
            _ => start += 1,
        }
    }
    pairs
}
