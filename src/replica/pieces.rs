//! Decides how a whole text is walked over: in pieces, which costs its length.

use super::utf16;
use super::value::Value;
use super::view::View;
use yrs::types::text::{Diff, YChange};
use yrs::{ID, Out, ReadTxn, Snapshot, Text, TextRef, TransactionMut};

/// The content in pieces of one formatting. One function for all, because it is generic in yrs and large.
pub(super) fn pieces(shared: &impl Text, view: &View) -> Vec<Diff<ID>> {
    shared.diff(view, id_of)
}

/// The content in pieces of one formatting and with consecutive ids: all of it is made to look as if it had just been
/// inserted, of which yrs tells the ids.
pub(super) fn pieces_by_id(shared: &TextRef, txn: &mut TransactionMut) -> Vec<Diff<ID>> {
    let everything = txn.snapshot();
    shared.diff_range(txn, Some(&everything), Some(&Snapshot::default()), id_of)
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
