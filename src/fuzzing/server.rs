//! What clients say to a server before there is a connection.

use crate::net::{ProxyHeaderProgress as Progress, proxy_header_progress};
use crate::server::http::relative_path;

/// More than a header has, in bytes.
const LONGEST: usize = 4096;

/// A header of the PROXY protocol, read as it arrives: as much as is asked for, which comes to an end. What follows it
/// changes nothing.
pub fn proxy_header(bytes: &[u8]) {
    let mut taken = 0;
    loop {
        match proxy_header_progress(&bytes[..taken]) {
            Ok(Progress::Wants(more)) => {
                assert!(more > 0 && taken + more <= LONGEST);
                // Less of it may come, and then the rest is wanted.
                let part = (bytes.len() - taken).min(more);
                if part == 0 {
                    return;
                }
                if part > 1 {
                    let early = proxy_header_progress(&bytes[..taken + 1]);
                    assert!(!matches!(early, Ok(Progress::Whole(_))));
                }
                taken += part;
            }
            Ok(Progress::Whole(_)) => return,
            Err(why) => return assert!(!why.is_empty() && !why.contains(char::is_control)),
        }
    }
}

/// The path of a request for a static file leads down, and to nothing that is hidden.
pub fn static_path(path: &str) {
    use std::path::Component;
    if let Some(relative) = relative_path(path) {
        let is_down =
            |part: Component<'_>| matches!(part, Component::Normal(name) if !name.as_encoded_bytes().starts_with(b"."));
        assert!(relative.components().all(is_down), "{relative:?}");
    }
}
