//! Decides how offsets are counted: in UTF-16 code units, as JavaScript does.

use std::ops::Range;

/// A string that knows its length in UTF-16 code units.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Utf16String {
    text: String,
    len: u32,
}

impl Utf16String {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), len: length(text) }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    /// Inserts `more` at `index`. Constant time at the end and in ASCII, apart from moving bytes.
    pub(super) fn insert(&mut self, index: u32, more: &Self) {
        self.text.insert_str(self.byte(index), &more.text);
        self.len += more.len;
    }

    pub(super) fn remove(&mut self, range: Range<u32>) {
        let bytes = self.byte(range.start)..self.byte(range.end);
        self.len -= length(self.text.get(bytes.clone()).unwrap_or_default());
        self.text.replace_range(bytes, "");
    }

    fn byte(&self, index: u32) -> usize {
        if index >= self.len {
            self.text.len()
        } else if self.text.len() == size(self.len) {
            size(index)
        } else {
            byte_at(&self.text, index)
        }
    }
}

/// The length of `text` in UTF-16 code units; saturates, which the limits of an edit refuse long before.
pub(super) fn length(text: &str) -> u32 {
    let units = if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() };
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// Splits `text` at `index`; an index inside a pair counts as the start of the pair, one past the end as the end.
pub(super) fn split(text: &str, index: u32) -> (&str, &str) {
    text.split_at_checked(byte_at(text, index)).unwrap_or((text, ""))
}

/// The indexes of all low surrogates: the places where nothing may be inserted.
pub(super) fn low_surrogates(text: &str) -> impl Iterator<Item = u32> {
    let text = if text.is_ascii() { "" } else { text };
    let mut index = 0;
    text.chars().filter_map(move |c| {
        let start = index;
        index += if c.len_utf16() == 2 { 2 } else { 1 };
        (c.len_utf16() == 2).then_some(start + 1)
    })
}

/// Whether `bytes`, whatever they encode, may hold a character outside the basic plane.
pub(super) fn may_hold_pairs(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|w| matches!(w, [0xF0..=0xF4, 0x80..=0xBF, 0x80..=0xBF, 0x80..=0xBF]))
}

fn byte_at(text: &str, index: u32) -> usize {
    let mut unit = 0;
    for (byte, c) in text.char_indices() {
        let next = unit + if c.len_utf16() == 2 { 2 } else { 1 };
        if next > index {
            return byte;
        }
        unit = next;
    }
    text.len()
}

fn size(units: u32) -> usize {
    usize::try_from(units).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_edits_count_surrogate_pairs_as_two() {
        let mut text = Utf16String::new("a😀b");
        assert_eq!(text.len(), 4);
        text.insert(3, &Utf16String::new("ü"));
        assert_eq!((text.as_str(), text.len()), ("a😀üb", 5));
        text.remove(1..3);
        assert_eq!((text.as_str(), text.len()), ("aüb", 3));
    }

    #[test]
    fn splitting_inside_a_pair_or_past_the_end_does_not_panic() {
        assert_eq!(split("a😀b", 3), ("a😀", "b"));
        assert_eq!(split("a😀b", 2), ("a", "😀b"));
        assert_eq!(split("ab", 9), ("ab", ""));
    }

    #[test]
    fn pairs_are_found_in_strings_and_in_bytes() {
        assert_eq!(low_surrogates("a😀b😀").collect::<Vec<_>>(), [2, 5]);
        assert!(may_hold_pairs("x😀".as_bytes()));
        assert!(!may_hold_pairs("xüß漢".as_bytes()));
    }
}
