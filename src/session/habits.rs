//! Decides what the connection is to expect of a family of servers, from what the dialect says of it.

use crate::clock::Duration;
use crate::config::Rhythm;
use crate::connection::{Greeting, Habits, Liveness, Questions};
use crate::wire::{self, Counterpart, Pace, Policy};

/// What the connection has to know of the family of servers.
pub(super) fn habits(policy: &Policy) -> Habits {
    Habits {
        greeting: match policy.greeting {
            wire::Greeting::Expected => Greeting::Expected,
            wire::Greeting::None => Greeting::None,
        },
        liveness: match policy.counterpart {
            Counterpart::Server => Liveness::Always,
            Counterpart::Peers => Liveness::InCompany,
        },
        questions: match (policy.counterpart, policy.pace) {
            (Counterpart::Server, Pace::Sparing) => Questions::Watched,
            // Peers may leave a question to each other; and who is asked every few seconds anyway need not be watched.
            (Counterpart::Peers, _) | (Counterpart::Server, Pace::Lively) => Questions::Unwatched,
        },
        quiet_timeout: rhythm(policy.pace).quiet_timeout,
        lifetime: match policy.pace {
            Pace::Lively => None,
            Pace::Sparing => Some(SPARING_LIFETIME),
        },
    }
}

/// How often something is said without news.
pub(super) const fn rhythm(pace: Pace) -> Rhythm {
    match pace {
        Pace::Lively => Rhythm::LIVELY,
        Pace::Sparing => Rhythm::SPARING,
    }
}

/// AWS API Gateway ends every connection at this age: "Amazon API Gateway quotas", connection duration for WebSocket API.
const SPARING_LIFETIME: Duration = Duration::from_secs(2 * 3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Protocol;

    #[test]
    fn a_server_that_is_paid_by_the_message_is_asked_below_its_idle_limit_and_left_before_its_age() {
        let lively = Protocol::YWebsocket.dialect().policy();
        let sparing = habits(&Policy { pace: Pace::Sparing, ..lively });
        assert_eq!((sparing.questions, sparing.lifetime), (Questions::Watched, Some(SPARING_LIFETIME)));
        assert!(sparing.quiet_timeout * 2 < Duration::from_secs(600));
        let lively = habits(&lively);
        assert_eq!((lively.greeting, lively.lifetime), (Greeting::Expected, None));
        assert_eq!((lively.questions, lively.quiet_timeout), (Questions::Unwatched, Duration::from_secs(9)));
    }

    #[test]
    fn peers_may_leave_a_question_unanswered() {
        let server = Protocol::YWebsocket.dialect().policy();
        let relay = habits(&Policy { counterpart: Counterpart::Peers, pace: Pace::Sparing, ..server });
        assert_eq!((relay.liveness, relay.questions), (Liveness::InCompany, Questions::Unwatched));
    }
}
