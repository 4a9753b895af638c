//! Where the `Location` of a redirect leads (RFC 9110 §10.2.2).

use crate::error::RedirectFault;
use crate::net::target::Target;
use crate::peer_text::PeerText;

/// Resolves a URI reference against the target that it came from (RFC 3986 §5.2.2).
///
/// # Errors
/// When it leads to what a redirect may not lead to.
pub(crate) fn resolve(location: &str, from: &Target) -> Result<Target, RedirectFault> {
    // A fragment says what to look at there, and a WebSocket has nothing of the kind (RFC 6455 §3).
    let reference = without_what_urls_drop(location.split('#').next().unwrap_or_default());
    let reference = reference.as_str();
    let parse = |url: &str| Target::try_parse(url).map_err(RedirectFault::NotUrl);
    let own_scheme = if from.secure { "wss" } else { "ws" };
    if let Some((scheme, rest)) = split_scheme(reference) {
        // No other: a server doesn't choose what on this machine is connected to, as ws+unix: would let it.
        let is_followed = ["ws", "wss", "http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        return match rest.starts_with("//") {
            true if is_followed => parse(reference),
            true => Err(RedirectFault::Scheme(PeerText::new(scheme))),
            false if is_followed => Err(RedirectFault::NotUrl("it has no host".into())),
            false => Err(RedirectFault::Scheme(PeerText::new(scheme))),
        };
    }
    if reference.starts_with("//") {
        return parse(&format!("{own_scheme}:{reference}"));
    }
    let resource = resolve_resource(reference, &from.resource);
    let there = parse(&format!("{own_scheme}://{}{resource}", from.authority()))?;
    Ok(Target { unix_socket: from.unix_socket.clone(), zone: from.zone.clone(), ..there })
}

/// Without the blanks and control characters that the URL parser passes over: behind a dot they would hide what it is.
fn without_what_urls_drop(reference: &str) -> String {
    reference.trim_matches(|c: char| c <= ' ').replace(['\t', '\n', '\r'], "")
}

/// The scheme and what is behind its colon (RFC 3986 §3.1, §4.2): the first segment of a relative path has no colon.
fn split_scheme(reference: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = reference.split_once(':')?;
    (!scheme.contains(['/', '?'])).then_some((scheme, rest))
}

/// A relative reference without an authority, as path and query.
fn resolve_resource(reference: &str, base: &str) -> String {
    let base_path = base.split('?').next().unwrap_or_default();
    match reference.chars().next() {
        None => base.to_owned(),
        Some('/') => without_dots(reference),
        Some('?') => format!("{base_path}{reference}"),
        Some(_) => {
            let folder = base_path.rfind('/').map_or("/", |end| &base_path[..=end]);
            without_dots(&format!("{folder}{reference}"))
        }
    }
}

/// RFC 3986 §5.2.4.
fn without_dots(resource: &str) -> String {
    let (path, query) = resource.split_at(resource.find('?').unwrap_or(resource.len()));
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
        if segments.peek().is_none() && matches!(segment, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(url: &str, location: &str) -> Result<String, RedirectFault> {
        resolve(location, &Target::parse(url).unwrap()).map(|there| there.url())
    }

    #[test]
    fn references_are_resolved_from_where_we_are() {
        for (location, url) in [
            ("/x", "ws://a:1/x"),
            ("x?y", "ws://a:1/b/x?y"),
            ("../x", "ws://a:1/x"),
            ("./../../x/.", "ws://a:1/x/"),
            ("/a/./b/..?c/../d", "ws://a:1/a/?c/../d"),
            ("?y", "ws://a:1/b/c?y"),
            ("", "ws://a:1/b/c?d"),
            ("#x", "ws://a:1/b/c?d"),
            (".\n\n", "ws://a:1/b/"),
            (".\t./x ", "ws://a:1/x"),
            ("/x#y", "ws://a:1/x"),
            ("/x?next=https://b/y", "ws://a:1/x?next=https://b/y"),
            ("x?next=ws+unix://y", "ws://a:1/b/x?next=ws+unix://y"),
            ("?a:b", "ws://a:1/b/c?a:b"),
            ("./a:b", "ws://a:1/b/a:b"),
            ("//b/x", "ws://b/x"),
            ("https://c/", "wss://c/"),
            ("HTTP://c#d", "ws://c/"),
            ("wss://c/?d#e://f", "wss://c/?d"),
        ] {
            assert_eq!(from("ws://a:1/b/c?d", location).as_deref(), Ok(url), "{location}");
        }
        assert_eq!(from("wss://a/b", "//c").as_deref(), Ok("wss://c/"));
        assert_eq!(from("ws+unix:/s:/b", "c").as_deref(), Ok("ws+unix:/s:/c"));
        assert_eq!(from("ws+unix:/s:/b", "ws://c").as_deref(), Ok("ws://c/"));
    }

    #[test]
    fn nothing_else_is_followed() {
        let scheme = |scheme: &str| Err(RedirectFault::Scheme(PeerText::new(scheme)));
        for location in ["ws+unix:/run/docker.sock:/x", "ws+unix:///run/docker.sock:/x"] {
            assert_eq!(from("ws://a", location), scheme("ws+unix"), "{location}");
        }
        assert_eq!(from("ws://a", "mailto:a@b"), scheme("mailto"));
        assert_eq!(from("ws://a", "file:///etc/passwd"), scheme("file"));
        assert_eq!(from("ws://a", "localhost:80/x"), scheme("localhost"));
        for location in ["http:x", "ws:///x", "ws://", "//", "ws://a:b/", "/a b", "http://a b/", "ws://a@/"] {
            assert!(matches!(from("ws://a", location), Err(RedirectFault::NotUrl(_))), "{location}");
        }
    }
}
