//! Decides how bytes lie in text: as standard base64 with padding, strictly.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// How many characters `len` bytes take.
pub(super) const fn encoded_len(len: usize) -> usize {
    len.div_ceil(3) * 4
}

/// Appends `bytes` to `text`.
pub(super) fn push_encoded(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.chunks(3) {
        let byte = |at| usize::from(chunk.get(at).copied().unwrap_or_default());
        let group = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4 {
            let digit = ALPHABET.get((group >> (18 - 6 * place)) & 63).filter(|_| place <= chunk.len());
            text.push(digit.map_or('=', |digit| char::from(*digit)));
        }
    }
}

/// The bytes that `text` stands for; `None` if it is anything else than what [`push_encoded`] writes.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for chunk in digits.as_bytes().chunks(4) {
        let mut group = 0;
        for place in 0..4 {
            group = (group << 6) | chunk.get(place).map_or(Some(0), |digit| value(*digit))?;
        }
        let [_, group @ ..] = group.to_be_bytes();
        let (kept, spare) = group.split_at_checked(chunk.len().saturating_sub(1))?;
        if spare.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    let (first, start) = match digit {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'+' => (b'+', 62),
        b'/' => (b'/', 63),
        _ => return None,
    };
    Some(u32::from(digit - first) + start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(bytes: &[u8]) -> String {
        let mut text = String::new();
        push_encoded(&mut text, bytes);
        text
    }

    #[test]
    fn bytes_have_the_text_of_rfc_4648() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (bytes, text) in cases {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(encode(&[0xfb, 0xff, 0xbf]), "+/+/");
    }

    #[test]
    fn text_that_is_almost_base64_is_refused() {
        for text in ["Z", "Zg", "Zg=", "Zg==Zg==", "=", "====", "Z===", "Zh==", "Zm9=", "Zm9v\n", "Zm-_", "Zm 9", "Zmé"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), encoded_len(bytes.len()));
            prop_assert_eq!(decode(&text), Some(bytes));
        }

        #[test]
        fn each_text_has_only_one_meaning(text in "[A-D+/=]{0,8}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }

        #[test]
        fn arbitrary_text_is_decoded_or_refused(text: String) {
            let _ = decode(&text);
        }
    }
}
