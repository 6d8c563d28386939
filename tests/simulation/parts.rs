//! Decides how much a session of a simulated world writes at once, and when it comes round to write more.

use syncline::clock::{Duration, Instant};
use syncline::config::Config;
use syncline::session::Session;

/// In most worlds next to nothing is written at once of what can wait, so that there are turns to come between.
pub fn in_parts(mut config: Config, seed: u64) -> Config {
    config.limits.portion = [1, 2, 7, config.limits.portion][seed as usize % 4];
    config
}

/// When a session has its timer that wants it at `wake`: a page that has other things to do does not come round at once.
pub fn busy(session: &Session, wake: Option<Instant>, now: Instant) -> Option<Instant> {
    let soonest = if session.is_catching_up() { now + TURN } else { now };
    wake.map(|wake| wake.max(soonest))
}

const TURN: Duration = Duration::from_millis(9);
