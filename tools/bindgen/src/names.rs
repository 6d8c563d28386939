//! Decides what the glue and the wasm call what they exchange.
//!
//! wasm-bindgen ends names of its own in a hash (`__wbg_close_5d8f…`). Nobody outside the two files needs them, and of
//! what an app downloads hashes are the part that no compression makes smaller.

/// A name as wasm-bindgen gave it, and the one in its place.
pub struct Shortened {
    from: String,
    to: String,
}

/// Gives every name that ends in a hash a short one, and says which it replaced.
pub fn shorten<'a>(names: impl Iterator<Item = &'a mut String>) -> Vec<Shortened> {
    let hashed = names.filter(|name| ends_in_hash(name));
    hashed
        .enumerate()
        .map(|(index, name)| {
            let to = format!("_{index}");
            Shortened { from: std::mem::replace(name, to.clone()), to }
        })
        .collect()
}

/// Puts the short names into a text. No name is part of another one, because each ends in its hash.
pub fn replace(text: String, names: &[Shortened]) -> String {
    names.iter().fold(text, |text, name| text.replace(&name.from, &name.to))
}

fn ends_in_hash(name: &str) -> bool {
    let Some((_, hash)) = name.rsplit_once('_') else { return false };
    let digits = hash.strip_prefix('h').unwrap_or(hash);
    digits.len() == HASH_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const HASH_DIGITS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_end_in_a_hash_are_short_in_both_files() {
        let mut names = ["__wbg_close_0123456789abcdef", "docOpen", "invoke__h0123456789abcdef"].map(String::from);

        let shortened = shorten(names.iter_mut());

        assert_eq!(names, ["_0", "docOpen", "_1"]);
        let glue = "__wbg_close_0123456789abcdef: () => wasm.invoke__h0123456789abcdef(wasm.docOpen)";
        assert_eq!(replace(glue.into(), &shortened), "_0: () => wasm._1(wasm.docOpen)");
    }

    #[test]
    fn what_has_no_hash_keeps_its_name() {
        for name in ["__wbindgen_malloc", "docClose", "__wbg_close_0123", "memory", "__wbg_x_0123456789abcdeg"] {
            let mut names = [String::from(name)];

            let shortened = shorten(names.iter_mut());

            assert_eq!(names, [name]);
            assert!(shortened.is_empty());
        }
    }
}
