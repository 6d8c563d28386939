//! Decides how a failing list of actions becomes the shortest one that still fails, and the text of a test that runs it.

use crate::action::Action;

/// Removes ever smaller runs of actions as long as `fails` still reports a failure.
pub fn shrink(
    mut actions: Vec<Action>,
    mut failure: String,
    fails: impl Fn(&[Action]) -> Option<String>,
) -> (Vec<Action>, String) {
    let mut run = actions.len() / 2;
    while run > 0 {
        let mut start = 0;
        let mut removed = false;
        while start < actions.len() {
            let end = (start + run).min(actions.len());
            let shorter = [&actions[..start], &actions[end..]].concat();
            if let Some(still) = fails(&shorter) {
                (actions, failure, removed) = (shorter, still, true);
            } else {
                start = end;
            }
        }
        if !removed {
            run /= 2;
        }
    }
    (actions, failure)
}

/// A test for the main file of the tests, which runs these actions as `name` does.
pub fn as_test(name: &str, seed: u64, actions: &[Action]) -> String {
    let actions: String =
        actions.iter().map(|action| format!("        {},\n", as_rust(&format!("{action:?}")))).collect();
    let uses = "    use crate::{action::*, faults::*};\n";
    let function = name.replace("::", "_");
    format!("#[test]\nfn seed_{seed}_{function}() {{\n{uses}    {name}({seed}, &[\n{actions}    ]);\n}}\n")
}

/// An action that was formatted for debugging, as it is written in Rust: types are named, strings and lists are owned.
fn as_rust(formatted: &str) -> String {
    let (before, text) = match formatted.split_once("text: \"") {
        Some((before, text)) => (before, format!("text: \"{text}")),
        None => (formatted, String::new()),
    };
    let mut before = before.to_owned();
    for (found, written) in [
        ("trouble: ", "trouble: Trouble::"),
        ("ToClient(", "ToClient(Damage::"),
        ("ToServer(", "ToServer(Damage::"),
        ("edit: ", "edit: Edit::"),
        ("bytes: [", "bytes: vec!["),
    ] {
        before = before.replace(found, written);
    }
    let text = match text.rsplit_once('"') {
        Some((text, after)) => format!("{text}\".to_owned(){after}"),
        None => text,
    };
    format!("Action::{before}{text}")
}

#[cfg(test)]
mod tests {
    use super::as_rust;

    #[test]
    fn actions_are_written_as_rust_has_them() {
        for (formatted, written) in [
            ("Advance { millis: 20 }", "Action::Advance { millis: 20 }"),
            (
                r#"Insert { client: 0, at: 1, text: "a \" trouble: \u{200d}" }"#,
                r#"Action::Insert { client: 0, at: 1, text: "a \" trouble: \u{200d}".to_owned() }"#,
            ),
            (
                r#"Edit { at: Place { browser: 0, slot: 1 }, edit: Insert { at: 1, text: "é" } }"#,
                r#"Action::Edit { at: Place { browser: 0, slot: 1 }, edit: Edit::Insert { at: 1, text: "é".to_owned() } }"#,
            ),
            (
                "Trouble { client: 0, trouble: ToClient(Twice) }",
                "Action::Trouble { client: 0, trouble: Trouble::ToClient(Damage::Twice) }",
            ),
            ("Garbage { client: 0, bytes: [1, 2] }", "Action::Garbage { client: 0, bytes: vec![1, 2] }"),
        ] {
            assert_eq!(as_rust(formatted), written);
        }
    }
}
