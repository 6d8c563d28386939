//! Shows which addresses are made, and which are refused.

use super::*;
use proptest::prelude::*;

fn address(server: &str, room: &str) -> Result<String, EndpointError> {
    ServerUrl::parse(server)?.room(room, &[])
}

fn message(server: &str, room: &str) -> String {
    address(server, room).unwrap_err().to_string()
}

#[test]
fn the_name_of_a_document_holds_no_secret() {
    let server = ServerUrl::parse("wss://ada:secret@host:1234/base/?token=abc").unwrap();
    assert_eq!(server.document_name("a room").unwrap(), "wss://host:1234/base/a%20room");
    assert!(server.document_name("..").is_err());
}

#[test]
fn an_ordinary_room_is_appended_as_it_is() {
    for room in ["notes", "a/b/c", "/lead", "a%20b", "100%", "x:y@z!$&'()*+,;=~-._", "[1]|^", ""] {
        assert_eq!(address("wss://h.example:8080/ws", room), Ok(format!("wss://h.example:8080/ws/{room}")));
    }
}

#[test]
fn what_a_path_cannot_hold_is_percent_encoded() {
    assert_eq!(address("ws://h", "a b?c#d\\e\t"), Ok("ws://h/a%20b%3Fc%23d%5Ce%09".to_owned()));
    assert_eq!(address("ws://h", "é🦀\"<>`{}"), Ok("ws://h/%C3%A9%F0%9F%A6%80%22%3C%3E%60%7B%7D".to_owned()));
}

#[test]
fn http_means_the_websocket_server_at_the_same_place() {
    assert_eq!(address("http://h", "r"), Ok("ws://h/r".to_owned()));
    assert_eq!(address("HTTPS://h:1", "r"), Ok("wss://h:1/r".to_owned()));
}

#[test]
fn slashes_at_the_end_of_the_server_are_dropped() {
    assert_eq!(address("ws://h///", "r"), Ok("ws://h/r".to_owned()));
    assert_eq!(address("ws://h/ws//?a=1", "r"), Ok("ws://h/ws/r?a=1".to_owned()));
}

#[test]
fn the_query_of_the_server_is_kept_and_parameters_follow_it() {
    let params = [("token".to_owned(), "a+b c&d=é".to_owned()), ("empty".to_owned(), String::new())];
    let url = |server| ServerUrl::parse(server)?.room("r", &params);
    assert_eq!(url("ws://h"), Ok("ws://h/r?token=a%2Bb%20c%26d%3D%C3%A9&empty=".to_owned()));
    assert_eq!(url("ws://h?v=2"), Ok("ws://h/r?v=2&token=a%2Bb%20c%26d%3D%C3%A9&empty=".to_owned()));
    assert_eq!(address("ws://h?", "r"), Ok("ws://h/r".to_owned()));
}

#[test]
fn hosts_may_be_names_numbers_and_have_ports_and_credentials() {
    for server in ["ws://127.0.0.1:1234", "ws://[::1]:80", "ws://[fe80::1]", "ws://u:p@h", "ws://bücher.example"] {
        assert_eq!(address(server, "r"), Ok(format!("{server}/r")));
    }
}

#[test]
fn a_server_url_that_is_none_is_refused_with_its_value() {
    assert_eq!(message("localhost:1234", "r"), "server URL 'localhost:1234' does not start with ws:// or wss://");
    assert_eq!(message("", "r"), "server URL '' does not start with ws:// or wss://");
    assert_eq!(message("ftp://h", "r"), "server URL has the scheme 'ftp', it must be ws, wss, http or https");
    for server in ["ws://", "ws:///path", "ws://:80", "ws://u@", "wss://?q", "ws://[]"] {
        let refused = address(server, "r");
        assert!(matches!(refused, Err(EndpointError::MissingHost { .. })), "{server}: {refused:?}");
    }
    for (server, host) in [("ws://a b", "a b"), ("ws://h%41", "h%41"), ("ws://[::g]", "::g"), ("ws://[::1", "[")] {
        assert_eq!(address(server, "r"), Err(EndpointError::InvalidHost { host: host.to_owned() }));
    }
    for (server, port) in [("ws://h:99999", "99999"), ("ws://h:+1", "+1"), ("ws://h::1", "1"), ("ws://[::1]x", "x")] {
        assert_eq!(address(server, "r"), Err(EndpointError::InvalidPort { port: port.to_owned() }));
    }
    assert_eq!(message("ws://h/x#y", "r"), "server URL 'ws://h/x' has a fragment (#)");
    assert_eq!(message("ws://h/\nx", "r"), "server URL 'ws://h/\\nx' contains the character '\\n'");
    assert_eq!(message("ws://h\\@evil", "r"), "server URL 'ws://evil' contains the character '\\\\'");
}

#[test]
fn a_room_that_browsers_would_resolve_to_another_is_refused() {
    for room in ["..", ".", "a/../b", "a/.", "%2e%2E/x", ".%2e"] {
        assert_eq!(address("ws://h/ws", room), Err(EndpointError::DotSegment { room: room.to_owned() }));
    }
    assert!(address("ws://h/ws", "...").is_ok());
    assert!(address("ws://h/ws", "v1.2/.hidden").is_ok());
}

#[test]
fn a_parameter_that_comes_later_stands_at_the_end() {
    assert_eq!(with_parameter("ws://h/r", "token", "a b&c"), "ws://h/r?token=a%20b%26c");
    assert_eq!(with_parameter("ws://h/r?v=2", "token", "x"), "ws://h/r?v=2&token=x");
    let asked = address("ws://h", "really?").unwrap();
    assert_eq!(with_parameter(&asked, "token", "x"), "ws://h/really%3F?token=x");
}

#[test]
fn a_page_served_over_https_reaches_only_encrypted_servers_and_its_own_machine() {
    let check = |server: &str, page| ServerUrl::parse(server).unwrap().check_page(page);
    for server in [
        "wss://h.example",
        "https://h.example",
        "ws://localhost:1234",
        "ws://LocalHost",
        "ws://app.localhost/x",
        "ws://127.0.0.1:80",
        "ws://127.8.9.1",
        "ws://[::1]:1234",
        "ws://user@localhost",
    ] {
        assert_eq!(check(server, "https:"), Ok(()), "{server}");
    }
    let hosts = ["h.example", "localhost.example", "127.0.0.1.example", "128.0.0.1", "[::2]", "notlocalhost"];
    for server in hosts.map(|host| format!("ws://{host}")) {
        assert!(check(&server, "https:").is_err(), "{server}");
        assert_eq!(check(&server, "http:"), Ok(()), "{server}");
    }
    let refused = check("http://ada:secret@h.example/ws/?token=secret", "https:").unwrap_err().to_string();
    assert_eq!(
        refused,
        "server URL 'ws://h.example/ws' is not encrypted: the page is served over https, so the server URL must \
         start with wss://"
    );
}

#[test]
fn errors_do_not_show_what_could_open_a_document() {
    for server in [
        "host/x?token=secret",
        "ws://?token=secret",
        "ws://user:secret@/x",
        "ws://h/\u{7}?token=secret",
        "ws://h/x?token=secret#secret",
        "ws://secret \u{e9}@h/",
        "x?next=ws://secret",
    ] {
        let shown = message(server, "r");
        assert!(!shown.contains("secret"), "{shown}");
    }
}

proptest! {
    #[test]
    fn any_room_stays_one_path_without_query(room: String) {
        if let Ok(address) = address("ws://h", &room) {
            prop_assert!(address.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(!address.contains(['?', '#', '\\']));
            prop_assert_eq!(address.matches('/').count(), 3 + room.matches('/').count());
        }
    }

    #[test]
    fn any_server_is_answered(server: String, tail: String) {
        let _ = address(&server, "r");
        let _ = address(&format!("ws://{tail}"), "r");
    }
}
