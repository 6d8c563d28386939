//! Decides which address a socket opens: what a server URL may be, and how a room and parameters are added to it.

#[cfg(test)]
mod tests;

use std::fmt::{self, Write};

/// The URL of a WebSocket server, checked and taken apart. Not `Debug`: it may hold credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl<'a> {
    scheme: &'static str,
    authority: &'a str,
    path: &'a str,
    query: &'a str,
}

/// Why no address can be made. Parameters, the query of the server URL and the credentials in it are never shown:
/// what ends in a log must not open a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EndpointError {
    /// The server URL does not start with a scheme and `://`.
    MissingScheme {
        /// The server URL.
        server: String,
    },
    /// The scheme is not one of a WebSocket server.
    UnsupportedScheme {
        /// The scheme.
        scheme: String,
    },
    /// The server URL names no host.
    MissingHost {
        /// The server URL.
        server: String,
    },
    /// The host has characters that no host has.
    InvalidHost {
        /// The host.
        host: String,
    },
    /// The port is not a number up to 65535.
    InvalidPort {
        /// The port.
        port: String,
    },
    /// The server URL has a fragment (`#`), which has no meaning for a socket.
    Fragment {
        /// The server URL.
        server: String,
    },
    /// The server URL has a character that browsers drop or read as another: a control character or a backslash.
    ForbiddenCharacter {
        /// The server URL.
        server: String,
        /// The first such character.
        character: char,
    },
    /// A part of the room between slashes is `.` or `..`, which browsers resolve: the address would name another room.
    DotSegment {
        /// The room.
        room: String,
    },
    /// The room takes more bytes than fit beside what a message carries, where every message names it.
    RoomTooLong {
        /// How many bytes it takes, as it is written in messages.
        len: usize,
        /// The largest number accepted.
        limit: usize,
    },
    /// The page is served over https, from which browsers open no unencrypted socket to another machine.
    Insecure {
        /// The server URL.
        server: String,
    },
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingScheme { server } => write!(f, "server URL '{server}' does not start with ws:// or wss://"),
            Self::UnsupportedScheme { scheme } => {
                write!(f, "server URL has the scheme '{scheme}', it must be ws, wss, http or https")
            }
            Self::MissingHost { server } => write!(f, "server URL '{server}' names no host"),
            Self::InvalidHost { host } => write!(f, "server URL has the host '{host}', which is not a host name"),
            Self::InvalidPort { port } => {
                write!(f, "server URL has the port '{port}', it must be a number from 0 to 65535")
            }
            Self::Fragment { server } => write!(f, "server URL '{server}' has a fragment (#)"),
            Self::ForbiddenCharacter { server, character } => {
                write!(f, "server URL '{server}' contains the character '{}'", character.escape_debug())
            }
            Self::DotSegment { room } => {
                write!(f, "room '{room}' has a part '.' or '..', which cannot stand in a URL")
            }
            Self::RoomTooLong { len, limit } => {
                write!(f, "room takes {len} bytes in every message, at most {limit} are accepted")
            }
            Self::Insecure { server } => write!(
                f,
                "server URL '{server}' is not encrypted: the page is served over https, so the server URL must start \
                 with wss://"
            ),
        }
    }
}

impl std::error::Error for EndpointError {}

impl<'a> ServerUrl<'a> {
    /// Checks the URL of a server: `ws`, `wss`, or `http` and `https`, which mean the same server; a host; optionally
    /// credentials, a port, a path and a query. Slashes at the end of the path are dropped.
    ///
    /// # Errors
    /// The URL is anything else.
    pub fn parse(server: &'a str) -> Result<Self, EndpointError> {
        if let Some(character) = server.chars().find(|c| c.is_control() || *c == '\\') {
            return Err(EndpointError::ForbiddenCharacter { server: shown(server), character });
        }
        let Some((scheme, rest)) = server.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
            return Err(EndpointError::MissingScheme { server: shown(server) });
        };
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => "ws",
            "wss" | "https" => "wss",
            _ => return Err(EndpointError::UnsupportedScheme { scheme: abridged(scheme) }),
        };
        if rest.contains('#') {
            return Err(EndpointError::Fragment { server: shown(server) });
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = split_authority(rest);
        check_authority(authority, server)?;
        Ok(Self { scheme, authority, path: path.trim_end_matches('/'), query })
    }

    /// The address of a room that stands in the path: `<server>/<room>?<query of the server>&<params>`.
    ///
    /// It is the address the JavaScript client of y-websocket opens, so that both meet in the same room: the room is
    /// appended as it is (slashes and `%` included, and an empty room gives `<server>/`), only what a URL path cannot
    /// hold is percent-encoded as UTF-8. The two differ where that client would open another room than it was given:
    /// `?`, `#`, backslashes, control characters and spaces at the end are encoded here too.
    ///
    /// # Errors
    /// A part of the room is `.` or `..`, also when written with `%2e`.
    pub fn room(&self, room: &str, params: &[(String, String)]) -> Result<String, EndpointError> {
        if room.split('/').any(is_dot_segment) {
            return Err(EndpointError::DotSegment { room: abridged(room) });
        }
        let mut address = format!("{}://{}", self.scheme, self.authority);
        push_encoded(&mut address, self.path, is_path_byte);
        address.push('/');
        push_encoded(&mut address, room, is_path_byte);
        self.push_query(&mut address, params);
        Ok(address)
    }

    /// What names the document of a room to everybody on this device: the address without what may differ from one
    /// visit to the next, or must not be written down: query, parameters and credentials.
    ///
    /// # Errors
    /// As [`room`](Self::room).
    pub fn document_name(&self, room: &str) -> Result<String, EndpointError> {
        ServerUrl { authority: self.location(), query: "", ..self.clone() }.room(room, &[])
    }

    /// The address of the server itself, where rooms are named in the messages: `<server>?<query of the server>&<params>`.
    pub fn alone(&self, params: &[(String, String)]) -> String {
        let mut address = format!("{}://{}", self.scheme, self.authority);
        push_encoded(&mut address, self.path, is_path_byte);
        self.push_query(&mut address, params);
        address
    }

    /// Checks that a page of this protocol (`https:`, as `location` has it) may open a socket to the server. Browsers
    /// refuse what is not encrypted to a page that is, unless the server is on the machine of the browser.
    ///
    /// # Errors
    /// The page may not.
    pub fn check_page(&self, page_protocol: &str) -> Result<(), EndpointError> {
        let (host, _port, _) = host_and_port(self.location());
        if page_protocol != "https:" || self.scheme == "wss" || is_own_machine(host) {
            return Ok(());
        }
        Err(EndpointError::Insecure { server: abridged(&format!("ws://{}{}", self.location(), self.path)) })
    }

    /// Host and port, without credentials.
    fn location(&self) -> &'a str {
        self.authority.rsplit_once('@').map_or(self.authority, |(_, location)| location)
    }

    fn push_query(&self, address: &mut String, params: &[(String, String)]) {
        let mut separator = '?';
        if !self.query.is_empty() {
            address.push(separator);
            push_encoded(address, self.query, is_query_byte);
            separator = '&';
        }
        for (name, value) in params {
            push_parameter(address, separator, name, value);
            separator = '&';
        }
    }
}

/// `address`, as a dialect made it, with one parameter more: one that is not known before the socket opens.
pub fn with_parameter(address: &str, name: &str, value: &str) -> String {
    let mut address = address.to_owned();
    // In an address that was made here a question mark begins the query, wherever else there was one it is encoded.
    let separator = if address.contains('?') { '&' } else { '?' };
    push_parameter(&mut address, separator, name, value);
    address
}

fn push_parameter(address: &mut String, separator: char, name: &str, value: &str) {
    address.push(separator);
    push_encoded(address, name, is_component_byte);
    address.push('=');
    push_encoded(address, value, is_component_byte);
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The part before the first slash, and the rest from that slash on.
fn split_authority(text: &str) -> (&str, &str) {
    text.split_at(text.find('/').unwrap_or(text.len()))
}

fn check_authority(authority: &str, server: &str) -> Result<(), EndpointError> {
    let (credentials, location) = authority.rsplit_once('@').unwrap_or(("", authority));
    if let Some(character) = credentials.chars().find(|c| !c.is_ascii_graphic()) {
        return Err(EndpointError::ForbiddenCharacter { server: shown(server), character });
    }
    let (host, port, is_valid) = host_and_port(location);
    if host.is_empty() {
        return Err(EndpointError::MissingHost { server: shown(server) });
    }
    if !is_valid {
        return Err(EndpointError::InvalidHost { host: abridged(host) });
    }
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok();
    if port.is_empty() || port.strip_prefix(':').is_some_and(is_number) {
        Ok(())
    } else {
        Err(EndpointError::InvalidPort { port: abridged(port.trim_start_matches(':')) })
    }
}

/// The host (of an IPv6 address without brackets), what follows it, and whether the host has only characters that a host
/// may have.
fn host_and_port(location: &str) -> (&str, &str, bool) {
    match location.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port, host.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'))),
        None => {
            let (host, port) = location.split_at(location.find(':').unwrap_or(location.len()));
            (host, port, host.chars().all(is_host_character))
        }
    }
}

/// Whether browsers take a host for the machine that they run on, which nobody can listen to.
fn is_own_machine(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "::1"
        || (host.starts_with("127.") && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// Letters outside ASCII are for the browser, which turns them into their ASCII form.
fn is_host_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') || (!c.is_ascii() && !c.is_whitespace())
}

fn is_dot_segment(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

fn push_encoded(address: &mut String, text: &str, is_kept: fn(u8) -> bool) {
    for byte in text.bytes() {
        if is_kept(byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
}

/// What browsers leave as it is in a path. `%` is among it: names that were encoded before are not encoded twice.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'#' | b'<' | b'>' | b'?' | b'\\' | b'`' | b'{' | b'}')
}

/// What browsers leave as it is in the query of a WebSocket address.
fn is_query_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'#' | b'\'' | b'<' | b'>')
}

/// What JavaScript's `encodeURIComponent` leaves as it is, except the quote, which browsers encode in a query. A form
/// decoder reads the rest back.
fn is_component_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'(' | b')')
}

/// A server URL as it may be shown: without its query, its fragment and its credentials.
fn shown(server: &str) -> String {
    let public = server.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = public.find("://").map_or(("", public), |at| public.split_at(at + "://".len()));
    let (authority, path) = split_authority(rest);
    let location = authority.rsplit_once('@').map_or(authority, |(_, location)| location);
    abridged(&format!("{scheme}{location}{path}"))
}

/// At most a hundred characters, those that do not print escaped.
fn abridged(text: &str) -> String {
    text.chars().take(100).flat_map(char::escape_debug).collect()
}
