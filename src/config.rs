//! Decides what can be configured, with the default and the limits of each option, and refuses everything else.
//!
//! Options are set once, by name, as they come from the application ([`Config::set_number`],
//! [`Config::set_close_code`]). The names and defaults here are the only list: the TypeScript types are checked
//! against [`option_names`].

use crate::clock::Duration;
use std::fmt;

/// Everything that can be configured about one document and its connection.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// How the connection is opened, watched and opened again.
    pub connection: ConnectionConfig,
    /// How presence is renewed and forgotten.
    pub presence: PresenceOptions,
    /// What is too large to be accepted.
    pub limits: Limits,
    /// How this device keeps the document.
    pub store: StoreConfig,
}

/// How the connection is opened, watched and opened again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionConfig {
    /// How long an attempt may take until the socket is open. Default 10 s.
    pub connect_timeout: Duration,
    /// The upper bound of the first wait; it doubles with every failure. Default 250 ms.
    pub backoff_base: Duration,
    /// The upper bound of every wait. Default 30 s.
    pub backoff_cap: Duration,
    /// How long a connection must stay synced before a failure starts again at the first wait. Default 5 s.
    pub useful_after: Duration,
    /// How long the server may be silent before it is asked for a sign of life. Default [`Rhythm::quiet_timeout`].
    pub quiet_timeout: Option<Duration>,
    /// How long the server may take to answer that question before the socket is given up. Default 8 s.
    pub answer_timeout: Duration,
    /// The age at which the server or something in between ends a connection; it is replaced before. Default: 2 h where
    /// the protocol is known for it, else none.
    pub lifetime: Option<Duration>,
    /// From how many bytes on that wait in a socket only what cannot wait is handed to it. 64 KiB, a second over a link of
    /// 64 kB/s. Not an option: more makes a slow link answer later, less would have a fast one wait.
    pub high_water: usize,
    /// What to do after a close code, where the built-in policy does not fit the server. The last of a code counts.
    pub close_codes: Vec<(u16, CloseAction)>,
}

/// What a close code from the server leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseAction {
    /// Try again after the usual backoff.
    Retry,
    /// Try again, but not soon: the server says that it is restarting or overloaded.
    Later,
    /// Do not try again until the application says so.
    Stop,
}

/// How presence is renewed and forgotten, as far as it is set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PresenceOptions {
    /// How old the own state may become before it is announced again. Default [`Rhythm::presence_renew`].
    pub renew: Option<Duration>,
    /// How long another's state is kept without news. Default [`Rhythm::presence_expire`].
    pub expire: Option<Duration>,
}

impl PresenceOptions {
    /// What is set, and for the rest what the rhythm says.
    pub fn with(&self, rhythm: &Rhythm) -> PresenceConfig {
        PresenceConfig {
            renew: self.renew.unwrap_or(rhythm.presence_renew),
            expire: self.expire.unwrap_or(rhythm.presence_expire),
        }
    }
}

/// How presence is renewed and forgotten.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PresenceConfig {
    /// How old the own state may become before it is announced again.
    pub renew: Duration,
    /// How long another's state is kept without news.
    pub expire: Duration,
}

/// How often something is said without news: the defaults of those options that depend on what a message costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rhythm {
    /// How long the server may be silent before it is asked for a sign of life.
    pub quiet_timeout: Duration,
    /// How old the own presence may become before it is announced again.
    pub presence_renew: Duration,
    /// How long another's presence is kept without news.
    pub presence_expire: Duration,
}

impl Rhythm {
    /// Where messages cost nothing: a dead connection is noticed in seconds. Presence as in y-protocols.
    pub const LIVELY: Self = Self {
        quiet_timeout: Duration::from_secs(9),
        presence_renew: Duration::from_secs(15),
        presence_expire: Duration::from_secs(30),
    };

    /// Where every message is paid for: enough to stay below an idle limit of ten minutes, as AWS API Gateway has it.
    pub const SPARING: Self = Self {
        quiet_timeout: Duration::from_secs(240),
        presence_renew: Duration::from_secs(240),
        presence_expire: Duration::from_secs(600),
    };
}

/// How this device keeps the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreConfig {
    /// How long a document waits for its content from this device before it opens without. Default 2 s.
    pub load_timeout: Duration,
}

/// What is too large to be accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The largest frame that is read, in bytes. Default 64 MiB.
    pub max_frame_bytes: usize,
    /// How many bytes of early changes are held back until what they build on arrives. Default 16 MiB.
    pub max_held_bytes: usize,
    /// How much of a large change is written at once, counted in small blocks. 2048, which take 1.7 ms in V8 once it has
    /// compiled what is hot, and no burst of small messages is cut. Not an option: what fits does not depend on anything that
    /// an application knows.
    pub portion: usize,
}

impl Default for ConnectionConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            backoff_base: Duration::from_millis(250),
            backoff_cap: Duration::from_secs(30),
            useful_after: Duration::from_secs(5),
            quiet_timeout: None,
            answer_timeout: Duration::from_secs(8),
            lifetime: None,
            high_water: 64 << 10,
            close_codes: Vec::new(),
        }
    }
}

impl Default for PresenceConfig {
    fn default() -> Self {
        PresenceOptions::default().with(&Rhythm::LIVELY)
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { load_timeout: Duration::from_secs(2) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_frame_bytes: 64 << 20, max_held_bytes: 16 << 20, portion: 2048 }
    }
}

/// An option that was refused, with what would have been accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// There is no option of this name.
    UnknownOption {
        /// The name that was given.
        name: String,
        /// The known name that is nearest to it.
        nearest: &'static str,
    },
    /// The number lies outside what the option accepts.
    OutOfRange {
        /// The option.
        name: &'static str,
        /// The smallest number accepted.
        min: u32,
        /// The largest number accepted.
        max: u32,
    },
    /// The value has a type that the option does not accept.
    WrongType {
        /// The option.
        name: String,
        /// What it accepts.
        expected: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOption { name, nearest } => {
                write!(f, "unknown option '{name}', did you mean '{nearest}'?")
            }
            // Without the number that was given: writing fractions takes 15 kB of code, 5 kB in brotli.
            Self::OutOfRange { name, min, max } => {
                write!(f, "option '{name}' must be a whole number from {min} to {max}")
            }
            Self::WrongType { name, expected } => write!(f, "option '{name}' must be {expected}"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// A numeric option: its name for the application, its limits, and where it is kept.
struct NumberOption {
    name: &'static str,
    min: u32,
    max: u32,
    store: fn(&mut Config, u32),
}

const HOUR_MS: u32 = 3_600_000;
const GIB: u32 = 1 << 30;

/// Times are whole milliseconds, sizes are bytes.
const NUMBER_OPTIONS: &[NumberOption] = &[
    NumberOption { name: "connectTimeout", min: 1, max: HOUR_MS, store: |c, v| c.connection.connect_timeout = ms(v) },
    NumberOption { name: "backoffBase", min: 1, max: HOUR_MS, store: |c, v| c.connection.backoff_base = ms(v) },
    NumberOption { name: "backoffCap", min: 1, max: HOUR_MS, store: |c, v| c.connection.backoff_cap = ms(v) },
    NumberOption { name: "usefulAfter", min: 0, max: HOUR_MS, store: |c, v| c.connection.useful_after = ms(v) },
    NumberOption { name: "quietTimeout", min: 1, max: HOUR_MS, store: |c, v| c.connection.quiet_timeout = Some(ms(v)) },
    NumberOption { name: "answerTimeout", min: 1, max: HOUR_MS, store: |c, v| c.connection.answer_timeout = ms(v) },
    NumberOption {
        name: "connectionLifetime",
        min: 1000,
        max: 24 * HOUR_MS,
        store: |c, v| c.connection.lifetime = Some(ms(v)),
    },
    NumberOption { name: "presenceRenew", min: 1, max: HOUR_MS, store: |c, v| c.presence.renew = Some(ms(v)) },
    NumberOption { name: "presenceExpire", min: 1, max: HOUR_MS, store: |c, v| c.presence.expire = Some(ms(v)) },
    NumberOption { name: "storeTimeout", min: 0, max: HOUR_MS, store: |c, v| c.store.load_timeout = ms(v) },
    NumberOption { name: "maxFrameBytes", min: 1024, max: GIB, store: |c, v| c.limits.max_frame_bytes = bytes(v) },
    NumberOption { name: "maxHeldBytes", min: 0, max: GIB, store: |c, v| c.limits.max_held_bytes = bytes(v) },
];

/// Options that are not numbers; the layer that owns what they hold reads them.
const OTHER_OPTIONS: &[&str] = &[
    "closeCodes",
    "connect",
    "frames",
    "logger",
    "params",
    "protocol",
    "protocols",
    "scope",
    "sessionAwareness",
    "store",
    "tabs",
    "token",
    "tokenIn",
    "warnBeforeUnload",
    "WebSocket",
];

/// The names of all options, in the spelling of the JavaScript API.
pub fn option_names() -> impl Iterator<Item = &'static str> {
    NUMBER_OPTIONS.iter().map(|option| option.name).chain(OTHER_OPTIONS.iter().copied())
}

impl Config {
    /// Whether `name` is an option that takes a number.
    pub fn is_number_option(name: &str) -> bool {
        NUMBER_OPTIONS.iter().any(|option| option.name == name)
    }

    /// Sets a numeric option by its JavaScript name.
    ///
    /// # Errors
    /// The name is unknown, or the number is not whole or outside the limits of the option.
    pub fn set_number(&mut self, name: &str, value: f64) -> Result<(), ConfigError> {
        let Some(option) = NUMBER_OPTIONS.iter().find(|option| option.name == name) else {
            return Err(unknown_option(name));
        };
        let NumberOption { name, min, max, store } = *option;
        if !(f64::from(min)..=f64::from(max)).contains(&value) || value.fract() != 0.0 {
            return Err(ConfigError::OutOfRange { name, min, max });
        }
        // Whole and at most 2^30, as checked above.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        store(self, value as u32);
        Ok(())
    }

    /// Overrides what follows a close code, a number in decimal; `action` is `"retry"`, `"later"` or `"stop"`.
    ///
    /// # Errors
    /// The code is no whole number from 1000 to 4999, or the action is none of the three.
    pub fn set_close_code(&mut self, code: &str, action: &str) -> Result<(), ConfigError> {
        let action = match action {
            "retry" => Some(CloseAction::Retry),
            "later" => Some(CloseAction::Later),
            "stop" => Some(CloseAction::Stop),
            _ => None,
        };
        let code = code.parse().ok().filter(|code| (1000..=4999).contains(code));
        let Some(entry) = code.zip(action) else {
            return Err(ConfigError::WrongType { name: "closeCodes".to_owned(), expected: CLOSE_CODES });
        };
        self.connection.close_codes.push(entry);
        Ok(())
    }
}

/// What the option `closeCodes` accepts.
pub const CLOSE_CODES: &str = "an object of close codes from 1000 to 4999 to 'retry', 'later' or 'stop'";

/// The error for an option that does not exist, naming the nearest one that does.
pub fn unknown_option(name: &str) -> ConfigError {
    let nearest = option_names().min_by_key(|known| edit_distance(name, known)).unwrap_or_default();
    ConfigError::UnknownOption { name: name.to_owned(), nearest }
}

fn ms(value: u32) -> Duration {
    Duration::from_millis(u64::from(value))
}

fn bytes(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// Levenshtein distance, ignoring case. The names are ASCII, and the tables for other letters are 12 kB.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_ascii_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a_char) in a.to_ascii_lowercase().chars().enumerate() {
        let mut next = vec![i + 1];
        for ((j, b_char), pair) in b.iter().enumerate().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            let left = next.get(j).copied().unwrap_or_default();
            next.push((diagonal + usize::from(a_char != *b_char)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_option_is_refused_with_the_nearest_known_name() {
        let mut config = Config::default();
        let refused = config.set_number("conectTimeOut", 5.0).unwrap_err();
        assert_eq!(refused.to_string(), "unknown option 'conectTimeOut', did you mean 'connectTimeout'?");
        assert!(matches!(unknown_option("websocket"), ConfigError::UnknownOption { nearest: "WebSocket", .. }));
    }

    #[test]
    fn numbers_outside_their_range_or_with_a_fraction_are_refused() {
        let mut config = Config::default();
        for value in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1.5, 1e12] {
            let refused = config.set_number("backoffBase", value);
            assert!(matches!(refused, Err(ConfigError::OutOfRange { .. })), "{value} was accepted");
        }
        assert_eq!(config.connection.backoff_base, Duration::from_millis(250));
    }

    #[test]
    fn every_numeric_option_accepts_both_of_its_limits() {
        for option in NUMBER_OPTIONS {
            let mut config = Config::default();
            config.set_number(option.name, option.min.into()).unwrap();
            config.set_number(option.name, option.max.into()).unwrap();
        }
    }

    #[test]
    fn close_codes_take_three_actions_and_no_other() {
        let mut config = Config::default();
        config.set_close_code("4401", "retry").unwrap();
        assert_eq!(config.connection.close_codes, [(4401, CloseAction::Retry)]);
        assert!(config.set_close_code("4401", "panic").is_err());
        for code in ["12", "5000", "4401.5", "x", ""] {
            assert!(config.set_close_code(code, "stop").is_err(), "{code}");
        }
    }

    #[test]
    fn the_distance_between_words_counts_edits() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
    }
}
