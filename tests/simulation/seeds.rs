//! Decides which seeds are run, and what is said of one that fails: the shortest list of actions that still does.

use crate::action::Action;
use crate::{memory, shrink};
use std::cell::Cell;
use std::ops::Range;
use std::panic;
use std::sync::Once;

/// How the actions of a seed are run, and what that function is called in the main file of the tests.
#[derive(Clone, Copy)]
pub struct Run {
    pub name: &'static str,
    pub run: fn(u64, &[Action]),
}

/// Runs the actions of every seed; the run panics where something does not hold.
pub fn run_all(default: Range<u64>, generate: fn(u64) -> Vec<Action>, Run { name, run }: Run) {
    for seed in chosen(default) {
        let actions = generate(seed);
        if let Err(failure) = attempt(seed, &actions, run) {
            let (shortest, failure) = shrink::shrink(actions, failure, |actions| attempt(seed, actions, run).err());
            panic!("seed {seed} fails: {failure}\nas a test:\n\n{}", shrink::as_test(name, seed, &shortest));
        }
    }
}

/// Runs some seeds twice; `fingerprint` runs the actions of a seed and tells what came of it.
pub fn check_reproducible(generate: fn(u64) -> Vec<Action>, fingerprint: fn(u64, &[Action]) -> String) {
    for seed in 0..20 {
        let run = || fingerprint(seed, &generate(seed));
        assert_eq!(run(), run(), "seed {seed}");
    }
}

fn attempt(seed: u64, actions: &[Action], run: fn(u64, &[Action])) -> Result<(), String> {
    hush_attempts();
    IS_ATTEMPT.set(true);
    let result = panic::catch_unwind(|| {
        memory::begin();
        run(seed, actions);
        let most = memory::most();
        assert!(most <= MOST_MEMORY, "{most} bytes of memory were used at once");
    });
    IS_ATTEMPT.set(false);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}

thread_local! {
    static IS_ATTEMPT: Cell<bool> = const { Cell::new(false) };
}

/// Has nothing written of panics within an attempt. The hook is that of the whole process: exchanged around every attempt, it
/// would swallow what other tests say at the same time.
fn hush_attempts() {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_ATTEMPT.get() {
                usual(panic);
            }
        }));
    });
}

/// The seeds that the environment asks for, else the default ones.
fn chosen(default: Range<u64>) -> Range<u64> {
    let number = |text: &str| text.parse().expect("a seed is a whole number");
    if let Ok(seed) = std::env::var("SYNCLINE_SEED") {
        let seed = number(&seed);
        return seed..seed + 1;
    }
    match std::env::var("SYNCLINE_SEEDS") {
        Ok(range) => {
            let (from, to) = range.split_once("..").expect("seeds are given as FROM..TO");
            number(from)..number(to)
        }
        Err(_) => default,
    }
}

/// How much memory a world may need at any time. A whole world needs less than a megabyte, so that a queue without a bound
/// shows where somebody is away for long.
const MOST_MEMORY: usize = 8 << 20;
