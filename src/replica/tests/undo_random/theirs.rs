//! Decides what random edits somebody else makes, with yrs alone, and what random edits of nested types are.

use super::super::bold;
use crate::replica::Value;
use yrs::{Array, ArrayPrelim, Map, MapPrelim, Out, ReadTxn, SharedRef, Text, TextPrelim, Transact, WriteTxn};

/// What somebody else does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Their {
    TextInsert,
    TextDelete,
    Format,
    ListInsert,
    ListNest,
    ListDelete,
    MapSet,
    MapNest,
    MapDelete,
    Nested,
}

pub(super) fn key(at: u32) -> &'static str {
    ["a", "b", "c"][at as usize % 3]
}

/// The nested types of the roots, and those in them.
fn nested(txn: &yrs::TransactionMut) -> Vec<Out> {
    let (list, map) = (txn.get_array("list").unwrap(), txn.get_map("map").unwrap());
    let mut found: Vec<Out> = list.iter(txn).chain(map.iter(txn).map(|(_, item)| item)).collect();
    let mut at = 0;
    while let Some(out) = found.get(at).cloned() {
        match out {
            Out::YMap(map) => found.extend(map.iter(txn).map(|(_, item)| item)),
            Out::YArray(list) => found.extend(list.iter(txn)),
            _ => {}
        }
        at += 1;
    }
    found.retain(|out| matches!(out, Out::YMap(_) | Out::YArray(_) | Out::YText(_)));
    // A map has no order.
    found.sort_by_key(|out| match out {
        Out::YMap(map) => format!("{:?}", map.hook().id()),
        Out::YArray(list) => format!("{:?}", list.hook().id()),
        Out::YText(text) => format!("{:?}", text.hook().id()),
        _ => String::new(),
    });
    found
}

pub(super) fn edit_nested(txn: &mut yrs::TransactionMut, at: u32) {
    let nested = nested(txn);
    let number = at / 7;
    match nested.get(at as usize % nested.len().max(1)) {
        Some(Out::YMap(map)) => match number % 4 {
            0 => drop(map.remove(txn, key(number))),
            1 => drop(map.insert(txn, key(number), MapPrelim::from([("in", 1)]))),
            2 => drop(map.insert(txn, key(number), TextPrelim::new("deep"))),
            _ => drop(map.insert(txn, key(number), number)),
        },
        Some(Out::YArray(list)) => {
            let len = list.len(txn);
            match number % 3 {
                0 if len > 0 => list.remove(txn, number % len),
                1 => drop(list.insert(txn, number % (len + 1), MapPrelim::from([("in", 2)]))),
                _ => drop(list.insert(txn, number % (len + 1), number)),
            }
        }
        Some(Out::YText(text)) => {
            let len = text.len(txn);
            match number % 3 {
                0 if len > 0 => text.remove_range(txn, number % len, 1),
                1 if len > 0 => text.format(txn, number % len, 1, bold()),
                _ => text.insert(txn, number % (len + 1), "ne"),
            }
        }
        _ => {}
    }
}

/// The place that is at `at`, or in front of the surrogate pair that it lies in.
fn boundary(text: &yrs::TextRef, txn: &yrs::TransactionMut, at: u32) -> u32 {
    let mut before = 0;
    for piece in text.diff(txn, drop) {
        let Out::Any(Value::String(characters)) = piece.insert else {
            before += 1;
            continue;
        };
        if characters.encode_utf16().nth(at.wrapping_sub(before) as usize).is_some_and(|unit| unit & 0xFC00 == 0xDC00) {
            return at - 1;
        }
        before += characters.encode_utf16().count() as u32;
    }
    at
}

pub(super) fn edit_there(doc: &yrs::Doc, their: Their, at: u32) {
    let mut txn = doc.transact_mut();
    let txn = &mut txn;
    let (text, list, map) =
        (txn.get_or_insert_text("text"), txn.get_or_insert_array("list"), txn.get_or_insert_map("map"));
    let (text_len, list_len) = (text.len(txn), list.len(txn));
    match their {
        Their::TextInsert => text.insert(txn, boundary(&text, txn, at % (text_len + 1)), "their"),
        Their::TextDelete if text_len > 0 => {
            let (start, end) =
                (boundary(&text, txn, at % text_len), boundary(&text, txn, text_len.min(at % text_len + 3)));
            text.remove_range(txn, start, end - start);
        }
        Their::Format if text_len > 0 => {
            let start = boundary(&text, txn, at % text_len);
            text.format(txn, start, text_len - start, bold());
        }
        Their::ListInsert => drop(list.insert(txn, at % (list_len + 1), at)),
        Their::ListNest if at.is_multiple_of(2) => {
            list.insert(txn, at % (list_len + 1), TextPrelim::new("nested"));
        }
        Their::ListNest => drop(list.insert(txn, at % (list_len + 1), MapPrelim::from([("a", "value")]))),
        Their::ListDelete if list_len > 0 => list.remove(txn, at % list_len),
        Their::MapSet => drop(map.insert(txn, key(at), at)),
        Their::MapNest if at.is_multiple_of(2) => drop(map.insert(txn, key(at), ArrayPrelim::from([1, 2, 3]))),
        Their::MapNest => drop(map.insert(txn, key(at), MapPrelim::from([("b", "value")]))),
        Their::MapDelete => drop(map.remove(txn, key(at))),
        Their::Nested => edit_nested(txn, at),
        _ => {}
    }
}
