//! Keeps the layers of ARCHITECTURE.md: a module uses only what stands left of it, and each foreign crate has its place.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From left to right. Modules on one level do not know each other, except on the ground level.
const LAYERS: &[&[&str]] = &[
    &["clock", "config", "credential", "error_code", "ids", "queue", "rng", "sorted"],
    &["wire", "connection", "replica"],
    &["sync"],
    &["store", "tabs"],
    &["session"],
    &["browser"],
    &["js"],
];

/// Which layers may name a foreign crate or type.
const PLACES: &[(&str, &[&str])] = &[
    ("yrs::", &["replica"]),
    ("web_sys::", &["browser"]),
    ("gloo_timers::", &["browser"]),
    ("js_sys::", &["browser", "js"]),
    ("JsValue", &["browser", "js"]),
    ("wasm_bindgen::", &["browser", "js"]),
    ("serde_wasm_bindgen::", &["js"]),
    ("std::time::Instant", &[]),
    ("SystemTime", &[]),
    ("std::net", &[]),
    ("std::fs", &[]),
    ("std::thread", &[]),
];

const MAX_LINES: usize = 420;

struct Source {
    path: PathBuf,
    module: String,
    code: String,
}

#[test]
fn a_module_uses_only_modules_left_of_it() {
    let mut wrong = Vec::new();
    for source in sources() {
        for used in modules_used_by(&source.code) {
            if !may_use(&source.module, &used) {
                wrong.push(format!("{} uses crate::{used}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_foreign_crate_has_its_place() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, places) in PLACES {
            if source.code.contains(name) && !places.contains(&source.module.as_str()) {
                wrong.push(format!("{} names {name}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The shipped wasm is compiled with `-Zfmt-debug=none`: what is written with `{:?}` is empty there.
#[test]
fn nothing_that_is_shipped_formats_for_debugging() {
    let mut wrong = Vec::new();
    for source in sources().into_iter().filter(|source| !source.path.to_string_lossy().contains("tests")) {
        let shipped = source.code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        if [":?}", ":#?}", "dbg!("].iter().any(|form| shipped.contains(form)) {
            wrong.push(source.path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_belongs_to_a_layer_and_says_what_it_decides() {
    for source in sources() {
        assert!(level(&source.module).is_some(), "{} is in no layer", source.path.display());
        let text = fs::read_to_string(&source.path).unwrap();
        assert!(text.starts_with("//! "), "{} does not say what it decides", source.path.display());
    }
}

#[test]
fn no_file_holds_two_ideas() {
    for source in sources() {
        let lines = fs::read_to_string(&source.path).unwrap().lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", source.path.display());
    }
}

#[test]
fn the_check_itself_finds_uses_in_all_their_forms() {
    let code = "use crate::wire::Frame;\nfn f(x: crate::sync::Y) {}\nuse crate::{ids, replica::Replica};\n";
    let expected = ["ids", "replica", "sync", "wire"].map(str::to_owned);
    assert_eq!(modules_used_by(code), BTreeSet::from(expected));
    assert!(!may_use("wire", "replica") && !may_use("sync", "session") && !may_use("clock", "wire"));
    assert!(may_use("session", "wire") && may_use("clock", "config") && may_use("wire", "wire"));
}

fn may_use(user: &str, used: &str) -> bool {
    match (level(user), level(used)) {
        (Some(user_level), Some(used_level)) => {
            user == used || used_level < user_level || (user_level == 0 && used_level == 0)
        }
        _ => false,
    }
}

fn level(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// The first path segment after every `crate::`, also inside braces.
fn modules_used_by(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split_once('}').map_or(group, |(group, _)| group);
            used.extend(group.split(',').map(|part| first_segment(part.trim())));
        } else {
            used.insert(first_segment(rest));
        }
    }
    used.remove("");
    used
}

fn first_segment(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// All source files but lib.rs, without their comments: documentation may link to the right.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let sources: Vec<_> = files.into_iter().filter(|path| path != &root.join("lib.rs")).collect();
    assert!(sources.len() > 10, "the sources were not found");
    sources.into_iter().map(|path| read(&root, path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(root: &Path, path: PathBuf) -> Source {
    let first = path.strip_prefix(root).unwrap().components().next().unwrap();
    let module = Path::new(first.as_os_str()).file_stem().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(&path).unwrap();
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    Source { path, module, code }
}
