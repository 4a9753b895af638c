//! The way to a server.

use crate::client::from_curl::FromCurl;
use crate::client::resolve_location;
use crate::net::target::Target;

/// A command as it is copied from a browser.
pub fn curl(text: &str) {
    match FromCurl::parse(text) {
        Ok(command) => assert!(!command.url.is_empty()),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// A `Location`, from one of these places: it leads to a WebSocket URL, which means the same when it is read again, and to no
/// socket of this machine. A path alone leads to the same server, and has no dots in it.
pub fn redirect(from: u8, location: &str) {
    const PLACES: [&str; 4] =
        ["ws://a:1/b/c?d", "wss://[fe80::1%25eth0]/", "ws+unix:/run/s:/x/y", "wss://u:p@a.example/../?e"];
    let Ok(from) = Target::parse(PLACES[usize::from(from) % PLACES.len()]) else { unreachable!("they are URLs") };
    let Ok(there) = resolve_location(location, &from) else { return };
    let is_plain = |c: char| c.is_ascii_graphic();
    assert!(there.resource.starts_with('/') && there.resource.chars().all(is_plain), "{there:?}");
    assert!(there.unix_socket.is_none() || there.unix_socket == from.unix_socket, "{there:?}");
    assert!(!there.host_header().contains(|c: char| c.is_control() || c == ' '), "{there:?}");
    let again = Target::parse(&there.url());
    let is_same = again.is_ok_and(|again| Target { userinfo: None, guessed: false, ..there.clone() } == again);
    assert!(is_same, "{there:?}");

    // As browsers do: line breaks and tabs are no part of a URL, so that `/`, one of them and `/c` is another server.
    let location = location.replace(['\t', '\n', '\r'], "");
    let path_end = location.find(['?', '#']).unwrap_or(location.len());
    // What a URL has around it doesn't count; nothing at all is the place itself, as it was typed.
    let path = location[..path_end].trim_matches(|c| c <= ' ');
    match path.split_once(':').filter(|(scheme, _)| !scheme.contains('/')) {
        Some((scheme, _)) => {
            let is_secure = match scheme.to_ascii_lowercase().as_str() {
                "ws" | "http" => false,
                "wss" | "https" => true,
                other => unreachable!("{other} is followed"),
            };
            assert_eq!(there.secure, is_secure);
        }
        None if path.starts_with("//") => assert_eq!(there.secure, from.secure),
        None => {
            assert!(there.has_origin_of(&from), "{there:?}");
            let led_to = there.resource.split('?').next().unwrap_or_default();
            assert!(path.is_empty() || led_to.split('/').all(|part| part != "." && part != ".."), "{there:?}");
        }
    }
}
