//! Decides how a failing list of actions becomes the shortest one that still fails.

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
