//! Decides how the end of a socket is told: a closed set of reasons, each with a code for programs and a sentence for
//! people.

use super::action::CloseCode;
use super::close_policy;
use std::fmt;

/// Why there is no connection at the moment.
///
/// Texts that come from outside are cut to [`Reason::MAX_TEXT`] characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The socket did not open within the connect timeout.
    ConnectTimeout,
    /// The socket was closed before it opened: refused, no route, no such name, or an HTTP error in the handshake.
    /// Browsers tell none of these apart.
    Unreachable {
        /// The close code, 1006 in browsers.
        code: u16,
    },
    /// The open socket was closed, by the server or by the network (1006).
    Closed {
        /// The close code.
        code: u16,
        /// What the server said about it, possibly nothing.
        reason: String,
    },
    /// The socket was open and the server did not answer in time.
    Silent,
    /// A frame could not be decoded; says how it failed.
    BadFrame(String),
    /// A frame was larger than the limit, in bytes.
    FrameTooLarge {
        /// The size of the frame.
        len: usize,
        /// The largest size accepted.
        limit: usize,
    },
    /// No token could be had to show to the server; says why, without any token.
    TokenUnavailable(String),
    /// The server denied access in a message of the protocol; says what it gave as its reason. Final.
    Denied(String),
    /// The server has closed the document and left the socket open; says what it gave as its reason.
    Dismissed(String),
    /// The server closed the socket with a code that asks not to come back. Final.
    ServerRefused {
        /// The close code.
        code: u16,
        /// What the server said about it, possibly nothing.
        reason: String,
    },
}

impl Reason {
    /// The most characters kept of a text from outside. A close frame holds 123 bytes, but a driver may hand anything.
    pub const MAX_TEXT: usize = 200;

    /// All values of [`code`](Self::code).
    pub const CODES: [&'static str; 10] = [
        "connect-timeout",
        "unreachable",
        "closed",
        "silent",
        "bad-frame",
        "frame-too-large",
        "token-unavailable",
        "denied",
        "dismissed",
        "server-refused",
    ];

    /// The stable name of this reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ConnectTimeout => "connect-timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::Closed { .. } => "closed",
            Self::Silent => "silent",
            Self::BadFrame(_) => "bad-frame",
            Self::FrameTooLarge { .. } => "frame-too-large",
            Self::TokenUnavailable(_) => "token-unavailable",
            Self::Denied(_) => "denied",
            Self::Dismissed(_) => "dismissed",
            Self::ServerRefused { .. } => "server-refused",
        }
    }

    /// The close code that came with it, if the socket was closed from outside.
    pub const fn close_code(&self) -> Option<u16> {
        match self {
            Self::Unreachable { code } | Self::Closed { code, .. } | Self::ServerRefused { code, .. } => Some(*code),
            Self::ConnectTimeout
            | Self::Silent
            | Self::BadFrame(_)
            | Self::FrameTooLarge { .. }
            | Self::TokenUnavailable(_)
            | Self::Denied(_)
            | Self::Dismissed(_) => None,
        }
    }

    /// Whether trying again by itself would be wrong.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Denied(_) | Self::ServerRefused { .. })
    }

    /// What the server is told when the socket is left for this reason.
    pub(super) const fn answer(&self) -> CloseCode {
        match self {
            Self::BadFrame(_) => CloseCode::Garbage,
            Self::FrameTooLarge { .. } => CloseCode::FrameTooLarge,
            Self::Silent => CloseCode::Silent,
            Self::ConnectTimeout
            | Self::Unreachable { .. }
            | Self::Closed { .. }
            | Self::TokenUnavailable(_)
            | Self::Denied(_)
            | Self::Dismissed(_)
            | Self::ServerRefused { .. } => CloseCode::Normal,
        }
    }

    /// The same reason with its text cut to [`MAX_TEXT`](Self::MAX_TEXT) characters.
    pub(crate) fn shortened(mut self) -> Self {
        let text = match &mut self {
            Self::Closed { reason, .. } | Self::ServerRefused { reason, .. } => reason,
            Self::BadFrame(text) | Self::TokenUnavailable(text) | Self::Denied(text) | Self::Dismissed(text) => text,
            Self::ConnectTimeout | Self::Unreachable { .. } | Self::Silent | Self::FrameTooLarge { .. } => return self,
        };
        if let Some((end, _)) = text.char_indices().nth(Self::MAX_TEXT) {
            text.truncate(end);
        }
        self
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectTimeout => write!(f, "the connection did not open in time"),
            Self::Unreachable { code } => write!(f, "the server cannot be reached (close code {code})"),
            Self::Closed { code, reason } => write!(f, "the connection was closed ({})", Close(*code, reason)),
            Self::Silent => write!(f, "the server does not answer"),
            Self::BadFrame(how) => write!(f, "the server sent a frame that cannot be read: {how}"),
            Self::FrameTooLarge { len, limit } => {
                write!(f, "the server sent a frame of {len} bytes, the limit is {limit}")
            }
            Self::TokenUnavailable(why) => write!(f, "no token could be had: {why}"),
            Self::Denied(why) => write!(f, "the server denied access: {why}"),
            Self::Dismissed(why) => write!(f, "the server closed the document: {why}"),
            Self::ServerRefused { code, reason } => {
                write!(f, "the server refused the connection ({})", Close(*code, reason))
            }
        }
    }
}

/// A close code with the server's words, if it had any, and ours where the code says what has to be changed.
struct Close<'a>(u16, &'a str);

impl fmt::Display for Close<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code, reason) = self;
        write!(f, "close code {code}")?;
        if !reason.is_empty() {
            write!(f, ": {reason}")?;
        }
        match close_policy::explanation(*code) {
            Some(explanation) => write!(f, "; {explanation}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<Reason> {
        vec![
            Reason::ConnectTimeout,
            Reason::Unreachable { code: 1006 },
            Reason::Closed { code: 1012, reason: "restart".to_owned() },
            Reason::Silent,
            Reason::BadFrame("truncated".to_owned()),
            Reason::FrameTooLarge { len: 9, limit: 8 },
            Reason::TokenUnavailable("the endpoint answered 503".to_owned()),
            Reason::Denied("no token".to_owned()),
            Reason::Dismissed("reset".to_owned()),
            Reason::ServerRefused { code: 4401, reason: String::new() },
        ]
    }

    #[test]
    fn the_list_of_codes_is_the_list_of_reasons() {
        let codes: Vec<&str> = one_of_each().iter().map(Reason::code).collect();
        assert_eq!(codes, Reason::CODES);
    }

    #[test]
    fn a_message_names_its_values_and_has_no_full_stop() {
        let messages: Vec<String> = one_of_each().iter().map(Reason::to_string).collect();
        assert!(messages.iter().all(|message| !message.ends_with('.')));
        assert_eq!(messages[2], "the connection was closed (close code 1012: restart)");
        assert_eq!(messages[6], "no token could be had: the endpoint answered 503");
        assert_eq!(messages[9], "the server refused the connection (close code 4401)");
    }

    #[test]
    fn a_code_that_only_another_setting_can_avoid_is_explained() {
        let closed = |code, reason: &str| Reason::Closed { code, reason: reason.to_owned() }.to_string();
        assert!(closed(1003, "").contains("close code 1003; the server takes no binary frames"));
        assert!(closed(1009, "max 32 KB").contains("close code 1009: max 32 KB; a message was larger"));
        assert!(!closed(1011, "").contains(';'));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = "é".repeat(300);
        for reason in [
            Reason::Closed { code: 1000, reason: long.clone() },
            Reason::ServerRefused { code: 4400, reason: long.clone() },
            Reason::TokenUnavailable(long.clone()),
            Reason::Denied(long.clone()),
            Reason::Dismissed(long.clone()),
            Reason::BadFrame(long),
        ] {
            let message = reason.shortened().to_string();
            assert_eq!(message.matches('é').count(), Reason::MAX_TEXT);
        }
    }

    #[test]
    fn a_short_text_is_kept_whole() {
        assert_eq!(one_of_each(), one_of_each().into_iter().map(Reason::shortened).collect::<Vec<_>>());
    }

    #[test]
    fn only_codes_that_browsers_may_send_go_to_the_server() {
        for reason in one_of_each() {
            let code = reason.answer().as_u16();
            assert!(code == 1000 || (3000..=4999).contains(&code));
        }
    }
}
