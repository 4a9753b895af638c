//! What web pages may have a browser open here.
//!
//! A browser connects any page to any server, and says which page it was (RFC 6455 §10.2). It can also be led to believe
//! that an attacker's page is this server's own: a name of the attacker's that suddenly stands for this address (DNS
//! rebinding). So an origin counts as ours only on a name that nobody else can have, and where there is something to
//! protect nothing is answered on any other name.

mod hosts;
mod origins;

use core::net::IpAddr;

pub(super) use hosts::is_loopback;
pub(crate) use hosts::{HostPattern, Hosts};
pub(crate) use origins::Origins;

use crate::advice;
use crate::http::{Secrets, shown_url};
use crate::ws::handshake::{Refusal, Request};

/// The address that a request came in on, which is asked for only where it matters: that takes a system call.
pub(crate) type LocalAddress<'a> = &'a dyn Fn() -> Option<IpAddr>;

/// Which names this server is asked for by, and which pages may ask.
#[derive(Debug, Default)]
pub(crate) struct WebAccess {
    pub(crate) hosts: Hosts,
    pub(crate) origins: Origins,
}

impl WebAccess {
    /// Whether the request may have what it asks for. `local` is the address that it came in on; `protected` says whether
    /// what it asks for is more than anybody may have.
    ///
    /// # Errors
    /// 403 (RFC 6455 §4.2.2 point 4). A request without an `Origin` comes from no page.
    pub(crate) fn judge(&self, request: &Request, local: LocalAddress<'_>, protected: bool) -> Result<(), Refusal> {
        let asked_for = request.authority.as_ref();
        let own = asked_for.filter(|authority| self.hosts.have(&authority.host, local));
        // Without a name nobody can have been led here by one: every browser says it.
        if let Some(other) = asked_for.filter(|_| protected && own.is_none()) {
            let why = advice::refused_host(other);
            return Err(Refusal::forbidden(if request.is_for_proxy() { advice::NOT_A_PROXY } else { &why }));
        }
        if protected && !self.is_open() && is_embedded_elsewhere(request) {
            return Err(Refusal::forbidden(advice::REFUSED_EMBEDDING));
        }
        let refused = request.headers.all_shown("origin").find(|origin| !self.origins.allow(origin, own, protected));
        refused.map_or(Ok(()), |origin| {
            Err(Refusal::forbidden(&advice::refused_origin(&shown_url(&origin, Secrets::Masked))))
        })
    }

    /// Whether every page of the web may open what is protected.
    pub(crate) fn is_open(&self) -> bool {
        self.hosts.are_open() || self.origins.are_open()
    }
}

/// Whether a page of another site embeds what is asked for, as a script or a picture: that takes no `Origin`, but browsers say
/// so (<https://www.w3.org/TR/fetch-metadata/>). Who follows a link from there sees it, and the page doesn't.
fn is_embedded_elsewhere(request: &Request) -> bool {
    let says = |name, value: &str| request.header(name).is_some_and(|said| said.eq_ignore_ascii_case(value));
    says("sec-fetch-site", "cross-site") && !says("sec-fetch-mode", "navigate") && request.header("origin").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "192.0.2.1";

    fn access(origins: &[&str], hosts: &[&str]) -> WebAccess {
        let mut access = WebAccess::default();
        access.origins.allowed = origins.iter().map(|&origin| origin.to_owned()).collect();
        hosts.iter().for_each(|host| access.hosts.add(HostPattern::parse(host).unwrap()));
        access
    }

    fn judged(access: &WebAccess, host: &str, origin: Option<&str>) -> [bool; 2] {
        let origin = origin.map_or(String::new(), |origin| format!("Origin: {origin}\r\n"));
        let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{origin}\r\n");
        let request = Request::parse(head.as_bytes()).unwrap().unwrap();
        [false, true].map(|protected| access.judge(&request, &|| LOCAL.parse().ok(), protected).is_ok())
    }

    #[test]
    fn by_default_no_page_of_another_opens_what_is_protected() {
        let access = access(&[], &[]);
        for (host, origin, expected) in [
            ("localhost:8080", None, [true, true]),
            (LOCAL, None, [true, true]),
            ("evil.example", None, [true, false]),
            ("127.0.0.1:80", Some("http://127.0.0.1:80"), [true, true]),
            ("127.0.0.1:80", Some("http://localhost:5173"), [true, true]),
            ("127.0.0.1:80", Some("https://[::1]"), [true, true]),
            ("127.0.0.1:80", Some("https://app.localhost"), [true, true]),
            (LOCAL, Some("http://192.0.2.1"), [true, true]),
            (LOCAL, Some("http://192.0.2.2"), [true, false]),
            ("a.test:1", Some("http://a.test:1"), [true, true]),
            ("a.test:1", Some("http://b.test:1"), [true, false]),
            ("127.0.0.1:80", Some("https://evil.example"), [true, false]),
            ("evil.example:80", Some("http://evil.example:80"), [true, false]),
            ("localhost", Some("null"), [true, false]),
            ("localhost", Some(""), [true, false]),
            ("localhost", Some("file://"), [true, false]),
            ("localhost", Some("http://localhost.evil.example"), [true, false]),
            ("localhost", Some("http://localhost@evil.example"), [true, false]),
            ("localhost", Some("http://evil.example/http://localhost"), [true, false]),
            ("localhost", Some("app://localhost"), [true, false]),
            ("localhost", Some("http://caf\u{e9}"), [true, false]),
            ("localhost", Some("http://localhost\r\nOrigin: http://evil.example"), [true, false]),
        ] {
            assert_eq!(judged(&access, host, origin), expected, "{host} {origin:?}");
        }
    }

    #[test]
    fn what_is_allowed_is_all_that_is_besides_our_own_pages() {
        let listed = access(&["https://a.example/", "null"], &["b.example", ".c.example"]);
        for (host, origin, expected) in [
            ("localhost", Some("https://a.example"), [true, true]),
            ("localhost", Some("http://a.example"), [false, false]),
            ("localhost", Some("null"), [true, true]),
            ("localhost", Some("http://localhost:1"), [false, false]),
            ("localhost:1", Some("http://localhost:1"), [true, true]),
            ("b.example", Some("https://b.example:443"), [true, true]),
            ("b.example:80", Some("https://b.example"), [false, false]),
            ("x.c.example", None, [true, true]),
            ("evil.example", Some("http://evil.example"), [false, false]),
            ("evil.example", Some("https://a.example"), [true, false]),
        ] {
            assert_eq!(judged(&listed, host, origin), expected, "{host} {origin:?}");
        }
    }

    #[test]
    fn an_asterisk_opens() {
        let origin = Some("http://evil.example");
        assert_eq!(judged(&access(&["*"], &[]), "localhost", origin), [true, true]);
        assert_eq!(judged(&access(&["*"], &[]), "evil.example", origin), [true, false]);
        assert_eq!(judged(&access(&[], &["*"]), "evil.example", origin), [true, true]);
        assert_eq!(judged(&access(&[], &["*"]), "localhost", origin), [true, false]);
        assert!(access(&["*"], &[]).is_open() && access(&[], &["*"]).is_open());
        assert!(!access(&["https://a.example"], &["a.example"]).is_open());
    }
}
