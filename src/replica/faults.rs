//! Decides which content kills the instance that takes it in, for tests of what comes after that. It is in no package.
//!
//! The content says where: at the gate, where yrs takes it in, where it is committed, edited or read. And how: by a trap,
//! an overflow of the stack, or by taking all memory.

#![allow(clippy::panic, reason = "that is what it is for")]

/// Where content kills.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Site {
    /// As an update that the gate looks at.
    Gate,
    /// As a change from outside that yrs takes in.
    Write,
    /// As an edit that is committed.
    Commit,
    /// As an edit that is made.
    Edit,
    /// As content that is read.
    Read,
}

impl Site {
    const fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Write => "write",
            Self::Commit => "commit",
            Self::Edit => "edit",
            Self::Read => "read",
        }
    }
}

/// The ways in which content kills.
const WAYS: [(&str, fn()); 3] = [("trap", trap), ("stack", overflow), ("memory", exhaust)];

/// Dies if the bytes hold text that says so: `kill-gate-trap`, `kill-write-stack` and so on.
pub fn strike(site: Site, bytes: &[u8]) {
    for (way, kill) in WAYS {
        let spell = ["kill", site.name(), way].join("-");
        if bytes.windows(spell.len()).any(|window| window == spell.as_bytes()) {
            kill();
        }
    }
}

fn trap() {
    panic!("content that kills");
}

fn overflow() {
    std::hint::black_box(deepen(u64::MAX));
}

fn deepen(depth: u64) -> u64 {
    if std::hint::black_box(depth) == 0 {
        0
    } else {
        std::hint::black_box([depth; 64]).len() as u64 + deepen(depth - 1)
    }
}

fn exhaust() {
    let mut taken = Vec::new();
    loop {
        taken.push(std::hint::black_box(Vec::<u8>::with_capacity(1 << 24)));
    }
}
