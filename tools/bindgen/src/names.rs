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
