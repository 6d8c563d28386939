//! Decides whether a text is JSON, without building what it describes: presence states pass through as text, and the
//! application must be able to parse whatever is handed to it. Of an object, members can be picked out.

use std::borrow::Cow;

/// How deeply arrays and objects may be nested. No honest presence state comes near it; the call stack holds far more.
const MAX_DEPTH: u32 = 64;

/// Whether `text` is one JSON value (RFC 8259, as `JSON.parse` reads it), nested at most [`MAX_DEPTH`] deep.
pub(super) fn is_json(text: &str) -> bool {
    let mut scanner = Scanner { rest: text.as_bytes() };
    let value = scanner.value(MAX_DEPTH);
    scanner.skip_space();
    value.is_some() && scanner.rest.is_empty()
}

/// Shows `take` the members of a JSON object in their order: the name as it is written between its quotes, and the text
/// of the value. `None` if `text` is anything else; what was shown then means nothing.
pub(super) fn read_object<'a>(text: &'a str, take: &mut dyn FnMut(&'a str, &'a str)) -> Option<()> {
    read_sequence(text, [b'{', b'}'], &mut |scanner| {
        let name = scanner.passed_over(text, Scanner::string)?;
        scanner.skip_space();
        scanner.word(b":")?;
        let value = scanner.passed_over(text, |scanner| scanner.value(MAX_DEPTH))?;
        take(name.get(1..name.len().saturating_sub(1))?, value);
        Some(())
    })
}

/// Shows `take` the items of a JSON array in their order, as text. `None` if `text` is anything else; what was shown then
/// means nothing.
pub(super) fn read_array<'a>(text: &'a str, take: &mut dyn FnMut(&'a str)) -> Option<()> {
    read_sequence(text, [b'[', b']'], &mut |scanner| {
        take(scanner.passed_over(text, |scanner| scanner.value(MAX_DEPTH))?);
        Some(())
    })
}

/// Has `item` read what stands with commas between `open` and `close`; `None` where `text` is more or less than that.
fn read_sequence<'a>(
    text: &'a str,
    [open, close]: [u8; 2],
    item: &mut dyn FnMut(&mut Scanner<'a>) -> Option<()>,
) -> Option<()> {
    let mut scanner = Scanner { rest: text.as_bytes() };
    scanner.skip_space();
    scanner.word(&[open])?;
    scanner.skip_space();
    let mut is_last = scanner.eat(close);
    while !is_last {
        item(&mut scanner)?;
        scanner.skip_space();
        is_last = scanner.eat(close);
        if !is_last {
            scanner.word(b",")?;
        }
    }
    scanner.skip_space();
    scanner.rest.is_empty().then_some(())
}

/// What a JSON value says that is a string; `None` for any other. Half a surrogate pair becomes U+FFFD, as it does where
/// JavaScript hands a string to wasm.
pub(super) fn read_string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let (mut text, mut rest) = (String::new(), inner);
    while let Some((before, escape)) = rest.split_once('\\') {
        text.push_str(before);
        let mut after = escape.chars();
        let character = match after.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => code_point(&mut after)?,
            itself => itself,
        };
        text.push(character);
        rest = after.as_str();
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// Takes the four digits of an escape, and the escape after it if both are the halves of a surrogate pair.
fn code_point(text: &mut std::str::Chars<'_>) -> Option<char> {
    let (first, after) = code_unit(text.as_str())?;
    *text = after.chars();
    if let 0xd800..0xdc00 = first
        && let Some((second @ 0xdc00..0xe000, after)) = after.strip_prefix("\\u").and_then(code_unit)
    {
        *text = after.chars();
        return char::from_u32(0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff));
    }
    Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn code_unit(text: &str) -> Option<(u32, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, after))
}

/// Appends `text` to `json` as a string in quotes.
pub(super) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.push('\\'),
            '\0'..' ' => {
                let code = u32::from(character);
                json.push_str(if code < 0x10 { "\\u000" } else { "\\u001" });
                json.extend(char::from_digit(code & 0xf, 16));
                continue;
            }
            _ => {}
        }
        json.push(character);
    }
    json.push('"');
}

/// Steps over JSON. Every method answers `None` where the text is not what the method is named after.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    fn value(&mut self, depth: u32) -> Option<()> {
        self.skip_space();
        match self.next()? {
            b'{' => self.sequence(b'}', depth, Self::member),
            b'[' => self.sequence(b']', depth, Self::value),
            b'"' => self.string_after_quote(),
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            first => self.number_after(first),
        }
    }

    /// The rest of an array or object: `item`s with commas between them, up to `close`.
    fn sequence(&mut self, close: u8, depth: u32, item: fn(&mut Self, u32) -> Option<()>) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        self.skip_space();
        if self.eat(close) {
            return Some(());
        }
        loop {
            item(self, depth)?;
            self.skip_space();
            match self.next()? {
                b',' => {}
                end if end == close => return Some(()),
                _ => return None,
            }
        }
    }

    /// The part of `text`, of which this reads the rest, that `step` steps over; spaces before it do not count.
    fn passed_over<'a>(&mut self, text: &'a str, step: impl FnOnce(&mut Self) -> Option<()>) -> Option<&'a str> {
        self.skip_space();
        let start = text.len().checked_sub(self.rest.len())?;
        step(self)?;
        text.get(start..text.len().checked_sub(self.rest.len())?)
    }

    fn string(&mut self) -> Option<()> {
        self.word(b"\"")?;
        self.string_after_quote()
    }

    fn member(&mut self, depth: u32) -> Option<()> {
        self.skip_space();
        self.string()?;
        self.skip_space();
        self.word(b":")?;
        self.value(depth)
    }

    fn string_after_quote(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => (0..4).try_for_each(|_| self.next()?.is_ascii_hexdigit().then_some(())),
            _ => None,
        }
    }

    fn number_after(&mut self, first: u8) -> Option<()> {
        let leading = if first == b'-' { self.next()? } else { first };
        match leading {
            b'0' => {}
            b'1'..=b'9' => self.skip_digits(),
            _ => return None,
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        self.next()?.is_ascii_digit().then_some(())?;
        self.skip_digits();
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.word(&[byte]).is_some()
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn skip_digits(&mut self) {
        self.skip_while(|byte| byte.is_ascii_digit());
    }

    fn skip_while(&mut self, skipped: impl Fn(&u8) -> bool) {
        while let Some((byte, rest)) = self.rest.split_first()
            && skipped(byte)
        {
            self.rest = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn json_is_told_from_what_resembles_it() {
        let good = ["0", "-0.5e+7", " [1 , {\"a\" : [ ]}]\n", "\"\\ud83d\\n\"", "true", "null", "{}", "1E9"];
        for text in good {
            assert!(is_json(text), "{text} was refused");
        }
        let bad = [
            "",
            " ",
            "01",
            "+1",
            "1.",
            ".5",
            "1e",
            "-",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "[",
            "]",
            "nul",
            "nullx",
            "\"a",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "'a'",
            "NaN",
            "1 2",
            "\u{feff}1",
        ];
        for text in bad {
            assert!(!is_json(text), "{text} was accepted");
        }
    }

    #[test]
    fn nesting_ends_at_its_limit() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_json(&nested(64)));
        assert!(!is_json(&nested(65)));
        assert!(!is_json(&"[".repeat(1 << 20)));
    }

    fn members(text: &str) -> Option<Vec<(&str, &str)>> {
        let mut members = Vec::new();
        read_object(text, &mut |name, value| members.push((name, value)))?;
        Some(members)
    }

    #[test]
    fn the_members_of_an_object_are_shown_in_order() {
        assert_eq!(members(" { } "), Some(Vec::new()));
        let text = "{\"a\" : [1, {\"b\":2}] ,\"\":\"x\\\"y\", \"c\\n\":null}";
        assert_eq!(members(text), Some(vec![("a", "[1, {\"b\":2}]"), ("", "\"x\\\"y\""), ("c\\n", "null")]));
        for text in ["", "[]", "{", "{}x", "{\"a\":1,}", "{\"a\"}", "{a:1}", "{\"a\":}", "{\"a\":1 \"b\":2}", "null"] {
            assert_eq!(members(text), None, "{text}");
        }
    }

    fn items(text: &str) -> Option<Vec<&str>> {
        let mut items = Vec::new();
        read_array(text, &mut |item| items.push(item))?;
        Some(items)
    }

    #[test]
    fn the_items_of_an_array_are_shown_in_order() {
        assert_eq!(items(" [ ] "), Some(Vec::new()));
        assert_eq!(items("[1 , {\"a\":[2]},\"]\" ]"), Some(vec!["1", "{\"a\":[2]}", "\"]\""]));
        for text in ["", "{}", "[", "[]x", "[1,]", "[1 2]", "[,]", "null"] {
            assert_eq!(items(text), None, "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_character() {
        for (json, text) in [
            (r#""\ud83e\udd80""#, "🦀"),
            (r#""\ud83e""#, "\u{fffd}"),
            (r#""\ud83ex""#, "\u{fffd}x"),
            (r#""\ud83e\u0041""#, "\u{fffd}A"),
            (r#""\udd80\ud83e""#, "\u{fffd}\u{fffd}"),
            (r#""\/\b""#, "/\u{8}"),
        ] {
            assert_eq!(read_string(json).as_deref(), Some(text), "{json}");
        }
        assert_eq!(read_string("5"), None);
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..5).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_writes_is_json(value in json_value()) {
            prop_assert!(is_json(&serde_json::to_string(&value).unwrap()));
            prop_assert!(is_json(&serde_json::to_string_pretty(&value).unwrap()));
        }

        /// Without exponents and `\u` there is nothing that is JSON and yet too much for serde's own types.
        #[test]
        fn serde_agrees_on_short_texts(text in r#"[\[\]{}":,\\0-9.\-a \n]{0,12}"#) {
            prop_assert_eq!(is_json(&text), serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
        }

        #[test]
        fn arbitrary_text_is_answered(text: String) {
            let _ = is_json(&text);
            let _ = members(&text);
            let _ = items(&text);
            let _ = read_string(&text);
        }

        #[test]
        fn a_string_is_read_as_serde_writes_it_and_written_as_serde_reads_it(text: String) {
            let written = serde_json::to_string(&text).unwrap();
            let read = read_string(&written);
            prop_assert_eq!(read.as_deref(), Some(text.as_str()));
            let mut json = String::new();
            push_string(&mut json, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn an_object_is_json_of_which_the_first_sign_is_a_brace(text in r#"\{?[\[\]{}":,\\0-9a \n]{0,12}\}?"#) {
            let is_object = is_json(&text) && text.trim_start().starts_with('{');
            prop_assert_eq!(members(&text).is_some(), is_object, "{}", text);
        }

        #[test]
        fn an_array_is_json_of_which_the_first_sign_is_a_bracket(text in r#"\[?[\[\]{}":,\\0-9a \n]{0,12}\]?"#) {
            let is_array = is_json(&text) && text.trim_start().starts_with('[');
            prop_assert_eq!(items(&text).is_some(), is_array, "{}", text);
        }
    }
}
