//! Decides what follows when the server closes the socket: come back, come back later, come back when told, or stay
//! away.
//!
//! Servers do not agree on what a close code means (field.md, complaint 19), so every code can be overridden with the
//! option `closeCodes`. Without that, 1008 and 4400 to 4499 are final, as for y-websocket 3.1; 1012 (restart) and 1013
//! (overloaded) mean later; everything else, a clean 1000 or 1001 included, means that the application still wants to
//! be connected and the server is not.

use crate::clock::Duration;
use crate::config::CloseAction;

/// How a socket was closed, as its close event says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloseInfo {
    /// The close code; 1006 if the connection broke or never opened.
    pub code: u16,
    /// The text in the server's close frame, possibly empty.
    pub reason: String,
}

impl CloseInfo {
    /// How long the server asks to stay away, if it does.
    pub fn hinted_delay(&self) -> Option<Duration> {
        hinted_delay(&self.reason)
    }

    /// What of what was sent may have led to it: nothing where the server says that it has reasons of its own.
    pub fn suspicion(&self) -> Suspicion {
        match self.code {
            1001 | 1012 | 1013 => Suspicion::None,
            1009 => Suspicion::Size,
            _ if self.hinted_delay().is_some() => Suspicion::None,
            _ => Suspicion::Any,
        }
    }
}

/// What of what was sent over a connection may have led to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Suspicion {
    /// Nothing.
    None,
    /// How large it was.
    Size,
    /// Anything.
    Any,
}

/// What a close code leads to: what the application configured for it, else the built-in policy.
pub(super) fn action_for(code: u16, overrides: &[(u16, CloseAction)]) -> CloseAction {
    let built_in = match code {
        1008 | 4400..=4499 => CloseAction::Stop,
        1012 | 1013 => CloseAction::Later,
        _ => CloseAction::Retry,
    };
    overrides.iter().rev().find(|(of, _)| *of == code).map_or(built_in, |(_, action)| *action)
}

/// The delay that a close reason asks for: `retry-after: <seconds>` or `retry-after-ms: <milliseconds>`, in whole
/// numbers, anywhere in the text, in any case. More than [`MAX_HINT`] counts as that.
pub(super) fn hinted_delay(reason: &str) -> Option<Duration> {
    let reason = reason.to_ascii_lowercase();
    let millis = match number_after(&reason, "retry-after-ms:") {
        Some(millis) => millis,
        None => number_after(&reason, "retry-after:")?.saturating_mul(1000),
    };
    Some(Duration::from_millis(millis).min(MAX_HINT))
}

/// What a close code says that neither waiting nor trying again will change.
pub(super) const fn explanation(code: u16) -> Option<&'static str> {
    match code {
        1003 => Some(
            "the server takes no binary frames: use the protocol 'api-gateway' for AWS API Gateway, or frames 'text' \
             for a relay",
        ),
        1009 => Some("a message was larger than the server takes"),
        _ => None,
    }
}

fn number_after(text: &str, key: &str) -> Option<u64> {
    let (_, rest) = text.split_once(key)?;
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    // Only digits: the one way not to fit is to be too large.
    (!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX))
}

/// A server cannot send a client away for longer than this.
const MAX_HINT: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_final_restarts_mean_later_and_all_else_means_again() {
        let action = |code| action_for(code, &[]);
        for code in [1008, 4400, 4401, 4403, 4499] {
            assert_eq!(action(code), CloseAction::Stop, "{code}");
        }
        for code in [1012, 1013] {
            assert_eq!(action(code), CloseAction::Later, "{code}");
        }
        for code in [0, 1000, 1001, 1005, 1006, 1009, 1011, 1014, 3000, 4000, 4205, 4399, 4500, u16::MAX] {
            assert_eq!(action(code), CloseAction::Retry, "{code}");
        }
    }

    #[test]
    fn the_application_can_override_every_code() {
        let overrides = [(4408, CloseAction::Retry), (1000, CloseAction::Stop)];
        assert_eq!(action_for(4408, &overrides), CloseAction::Retry);
        assert_eq!(action_for(1000, &overrides), CloseAction::Stop);
        assert_eq!(action_for(4401, &overrides), CloseAction::Stop);
    }

    #[test]
    fn a_server_that_goes_by_itself_was_not_driven_away() {
        let suspicion = |code, reason: &str| CloseInfo { code, reason: reason.to_owned() }.suspicion();
        assert_eq!([1001, 1012, 1013].map(|code| suspicion(code, "")), [Suspicion::None; 3]);
        assert_eq!([1000, 1006, 1011, 4000].map(|code| suspicion(code, "")), [Suspicion::Any; 4]);
        assert_eq!([suspicion(1011, "retry-after: 3"), suspicion(1009, "")], [Suspicion::None, Suspicion::Size]);
    }

    #[test]
    fn a_hint_is_found_anywhere_in_the_text_in_either_unit() {
        let millis = |text| hinted_delay(text).map(|hint| hint.as_millis());
        assert_eq!(millis("retry-after: 7"), Some(7_000));
        assert_eq!(millis("Overloaded; Retry-After:12, please"), Some(12_000));
        assert_eq!(millis("retry-after-ms: 1500"), Some(1_500));
        assert_eq!(millis("retry-after: 0"), Some(0));
    }

    #[test]
    fn a_hint_is_at_most_an_hour() {
        for text in
            ["retry-after: 3601", "retry-after-ms: 99999999999999999999999", "retry-after: 18446744073709551615"]
        {
            assert_eq!(hinted_delay(text), Some(MAX_HINT), "{text}");
        }
    }

    #[test]
    fn a_text_without_a_number_is_no_hint() {
        for text in
            ["", "bye", "retry-after", "retry-after:", "retry-after: soon", "retry-after: -3", "retry-after-ms: x"]
        {
            assert_eq!(hinted_delay(text), None, "{text}");
        }
    }
}
