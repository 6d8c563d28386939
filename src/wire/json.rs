//! Decides whether a text is JSON, without building what it describes: presence states pass through as text, and the
//! application must be able to parse whatever is handed to it.

/// How deeply arrays and objects may be nested. No honest presence state comes near it; the call stack holds far more.
const MAX_DEPTH: u32 = 64;

/// Whether `text` is one JSON value (RFC 8259, as `JSON.parse` reads it), nested at most [`MAX_DEPTH`] deep.
pub(super) fn is_json(text: &str) -> bool {
    let mut scanner = Scanner { rest: text.as_bytes() };
    let value = scanner.value(MAX_DEPTH);
    scanner.skip_space();
    value.is_some() && scanner.rest.is_empty()
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

    fn member(&mut self, depth: u32) -> Option<()> {
        self.skip_space();
        self.word(b"\"")?;
        self.string_after_quote()?;
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
        }
    }
}
