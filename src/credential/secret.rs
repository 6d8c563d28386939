//! Decides how a token is kept out of everything that may be shown: it has no text but the one that is asked for by name.

use std::fmt;

/// A token. What formats it shows that there is one, and nothing of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

/// The token has characters that a subprotocol of a WebSocket cannot have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotASubprotocol;

impl Secret {
    /// Keeps `token` from being shown.
    pub const fn new(token: String) -> Self {
        Self(token)
    }

    /// The token itself, to be sent.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it is no token.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The token itself, to be sent as the name of a subprotocol: what RFC 7230 calls a token.
    ///
    /// # Errors
    /// It has another character, or none.
    pub fn as_subprotocol(&self) -> Result<&str, NotASubprotocol> {
        let is_valid = !self.0.is_empty() && self.0.bytes().all(is_token_byte);
        if is_valid { Ok(&self.0) } else { Err(NotASubprotocol) }
    }

    /// The text with `…` for every occurrence of the token: as it is, percent-encoded in whatever way, or cut off after
    /// the first 16 bytes. A token of a few letters is taken out where it stands alone, not out of words.
    pub fn scrub(&self, text: &str) -> String {
        let mut scrubbed = String::new();
        let mut rest = text;
        let mut before = None;
        while let Some(character) = rest.chars().next() {
            let found = self.found_at_start(rest, before);
            let (kept, cut) = found.map_or((Some(character), character.len_utf8()), |len| (None, len));
            scrubbed.push(kept.unwrap_or('…'));
            before = rest.get(..cut).and_then(|passed| passed.chars().last());
            // A match may end within a character only if the token does, which is a string.
            rest = rest.get(cut..).unwrap_or_default();
        }
        scrubbed
    }

    /// How many bytes at the start of `text` are the token, if it is there; `before` is what stands before them.
    fn found_at_start(&self, text: &str, before: Option<char>) -> Option<usize> {
        let secret = self.0.as_bytes();
        let (matched, len) = [raw_byte, encoded_byte]
            .map(|read| common_start(secret, text.as_bytes(), read))
            .into_iter()
            .max_by_key(|(matched, _)| *matched)?;
        let is_whole = matched == secret.len() && matched > 0;
        let after = text.get(len..).and_then(|after| after.chars().next());
        let is_alone = ![before, after].into_iter().flatten().any(is_letter);
        let is_found = matched >= RECOGNISED || (is_whole && (matched > FEW || is_alone));
        (is_found && text.is_char_boundary(len)).then_some(len)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "no token" } else { "a token" })
    }
}

impl fmt::Display for NotASubprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token has characters that a subprotocol cannot have")
    }
}

impl std::error::Error for NotASubprotocol {}

/// How many bytes of the secret the text starts with, and how many bytes of the text they take.
fn common_start(secret: &[u8], text: &[u8], read: fn(&[u8]) -> Option<(u8, usize)>) -> (usize, usize) {
    let (mut matched, mut len) = (0, 0);
    for byte in secret {
        match text.get(len..).and_then(read) {
            Some((found, taken)) if found == *byte => (matched, len) = (matched + 1, len + taken),
            _ => break,
        }
    }
    (matched, len)
}

fn raw_byte(text: &[u8]) -> Option<(u8, usize)> {
    text.first().map(|byte| (*byte, 1))
}

/// A byte that may be percent-encoded.
fn encoded_byte(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'%', high, low, ..] => match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => Some((high << 4 | low, 3)),
            _ => Some((b'%', 1)),
        },
        _ => raw_byte(text),
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Whether it may be part of a word. The tables that tell letters outside ASCII from the rest are too large for this.
const fn is_letter(character: char) -> bool {
    character.is_ascii_alphanumeric() || !character.is_ascii()
}

/// `tchar` of RFC 7230, section 3.2.6.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// So many bytes of the beginning of a token give it away: a close reason cuts it after 123.
pub(super) const RECOGNISED: usize = 16;

/// A token of so many bytes at most may be part of a word.
const FEW: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scrub(token: &str, text: &str) -> String {
        Secret::new(token.to_owned()).scrub(text)
    }

    #[test]
    fn nothing_that_formats_a_token_shows_it() {
        let secret = Secret::new("hunter22".to_owned());
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "a token a token Some(a token)");
        assert_eq!(Secret::default().to_string(), "no token");
    }

    #[test]
    fn a_token_is_taken_out_of_a_text_wherever_it_stands() {
        assert_eq!(scrub("hunter22", "hunter22 is bad: xhunter22hunter22."), "… is bad: x…….");
        assert_eq!(scrub("a/b+c=é==", "ws://h/?token=a%2Fb%2bc%3D%C3%A9==&x"), "ws://h/?token=…&x");
        assert_eq!(scrub("%25%25%25%25", "raw %25%25%25%25, encoded %2525%2525%2525%2525"), "raw …, encoded …");
        assert_eq!(scrub("", "nothing"), "nothing");
    }

    #[test]
    fn a_short_token_is_taken_out_where_it_stands_alone() {
        assert_eq!(scrub("ok", "the token ok is not ok: broken"), "the token … is not …: broken");
    }

    #[test]
    fn the_beginning_of_a_long_token_is_taken_out_too() {
        assert_eq!(scrub("0123456789abcdefghij", "bad: 0123456789abcdefgh"), "bad: …");
        assert_eq!(scrub("0123456789abcdefghij", "bad: 0123456789abcde"), "bad: 0123456789abcde");
    }

    #[test]
    fn only_what_a_header_can_hold_is_a_subprotocol() {
        let check = |token: &str| Secret::new(token.to_owned()).as_subprotocol().is_ok();
        assert!(check("eyJhbGciOiJIUzI1NiJ9.e30.x-_~") && check("!#$%&'*+-.^_`|~"));
        for wrong in ["", "a b", "a,b", "a=b", "a/b", "é", "a\n"] {
            assert!(!check(wrong), "{wrong:?}");
        }
    }

    fn encode_all(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_token_however_it_is_written(
            token in "[a-z%é€]{8,40}", before in ".{0,20}", after in ".{0,20}",
        ) {
            for written in [token.clone(), encode_all(&token)] {
                let scrubbed = scrub(&token, &format!("{before}{written}{after}"));
                prop_assert!(!scrubbed.contains(&written), "{}", scrubbed);
            }
        }

        #[test]
        fn a_text_without_the_token_stays_as_it_is(text in "[ -~é€]{0,80}") {
            prop_assert_eq!(scrub("~~~~~~~~~\u{1}~", &text), text);
        }
    }
}
