//! A request that somebody else has made, made again at the target: what a proxy does.

use std::sync::Arc;

use super::Client;
use super::plan::{self, CookiePlace};
use super::retry::Retries;
use crate::error::Error;
use crate::http::{Header, is_of_one_connection, percent_encoded};
use crate::net::{ConnectEvent, Interrupt, Reached};
use crate::stdio::console::Console;
use crate::ws::handshake::Request;

/// What of a client's request is another one's at the target.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PassingRules {
    /// `Host` stays what the client has asked for.
    pub(crate) keeps_host: bool,
    /// `Origin` stays what the client's is.
    pub(crate) keeps_origin: bool,
    /// The client's `Authorization` was for us.
    pub(crate) withholds_authorization: bool,
}

/// Whether a header goes from one connection on to the next. `connection`: the header of that name, which may list more of
/// those that don't.
pub(crate) fn is_passed_on(name: &str, connection: &[&str]) -> bool {
    !is_of_one_connection(name) && !connection.iter().any(|other| name.eq_ignore_ascii_case(other))
}

impl Client {
    /// A client that asks the target for what `request` asks us for. What is configured for the target takes the place of what
    /// the request says. `via` is added to the proxies on the way (RFC 9110 §7.6.3).
    pub(crate) fn passing(&self, request: &Request, rules: PassingRules, via: &str, console: Console) -> Self {
        let mut dialer = self.dialer.clone();
        dialer.target.resource = joined(&dialer.target.resource, request);
        if dialer.requested_subprotocols().is_empty() {
            dialer.subprotocols = request.subprotocols().map(str::to_owned).collect();
        }
        let mut passed = passed_headers(request, rules);
        if let Some(origin) = passed.iter_mut().find(|header| header.is("origin")).filter(|_| !rules.keeps_origin) {
            origin.value = Some(dialer.target.origin().into());
        }
        if let Some(host) = request.header("host").filter(|_| rules.keeps_host) {
            passed.push(Header::new("Host", host));
        }
        // Ours is there so that a request of our own has one.
        if self.plan.has_default_user_agent {
            dialer.headers.retain(|header| !header.is("user-agent"));
        }
        passed.retain(|header| !dialer.headers.iter().any(|given| given.is(&header.name)));
        // Whatever else is configured: a request that comes back is known by it.
        passed.push(Header::new("Via", via));
        dialer.headers.splice(0..0, passed);
        Self {
            config: Arc::clone(&self.config),
            plan: Arc::clone(&self.plan),
            jar: self.jar.clone(),
            last: dialer.clone(),
            dialer,
            latest: self.latest,
            reached: None,
            source: self.source,
            destination: self.destination.clone(),
            answers: self.answers.clone(),
            console,
            remarked: Vec::new(),
        }
    }
}

impl Client {
    /// Reaches the target for a request of plain HTTP, that [`passing`](Self::passing) was given, with TLS where it has that.
    /// Returns what the target gets to read, too. `via` is told to a proxy on the way. What is tried again is the way alone: a
    /// request may not be made twice.
    ///
    /// # Errors
    /// The phase that failed, and why.
    pub(crate) fn reach_for_plain(
        &mut self,
        request: &Request,
        via: String,
        interrupt: Interrupt<'_>,
    ) -> Result<(Reached, Vec<u8>), Error> {
        let mut retries = Retries::new(self.config.retries, self.latest);
        let reached = loop {
            let reached = self.reach(via.clone(), Some(interrupt), &mut |_| {});
            match reached.and_then(|reached| self.secure(reached, Some(interrupt), &mut |_| {})) {
                Ok(reached) => break reached,
                Err(error) => retries.wait_after(error, Some(interrupt), &self.console)?,
            }
        };
        let head = self.plain_head(request)?;
        self.tell(&ConnectEvent::Requested(head.clone()), &mut |_| {});
        Ok((reached, head))
    }

    fn plain_head(&self, request: &Request) -> Result<Vec<u8>, Error> {
        let target = &self.dialer.target;
        let mut headers = self.dialer.headers.clone();
        if let Some(cookies) = self.jar.cookies_for(target) {
            plan::add_cookies(&mut headers, &cookies, CookiePlace::First)?;
        }
        let host = headers.iter().find(|header| header.is("host")).and_then(Header::bytes);
        let lines = headers.iter().filter_map(|header| Some((header.name.as_str(), header.bytes()?)));
        Ok(request.head_for(&target.resource, host.unwrap_or(target.host_header().as_bytes()), lines))
    }
}

fn passed_headers(request: &Request, rules: PassingRules) -> Vec<Header> {
    let connection: Vec<_> = request.headers.list("connection").collect();
    let is_for_us = |name: &str| rules.withholds_authorization && name.eq_ignore_ascii_case("authorization");
    let passed = request.headers.for_another().filter(|(name, _)| is_passed_on(name, &connection) && !is_for_us(name));
    passed.map(|(name, value)| Header::new(name, value)).collect()
}

/// The path of the target, and behind it what the client asks for.
fn joined(base: &str, request: &Request) -> String {
    let (base, base_query) = base.split_once('?').map_or((base, None), |(path, query)| (path, Some(query)));
    let path = match (base, request.path()) {
        ("/", path) => path.to_owned(),
        (base, "/" | "*") => base.to_owned(),
        (base, path) => format!("{}{path}", base.trim_end_matches('/')),
    };
    let queries: Vec<_> = [base_query, request.query()].into_iter().flatten().collect();
    let query = if queries.is_empty() { String::new() } else { format!("?{}", queries.join("&")) };
    percent_encoded(format!("{path}{query}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, headers: &str) -> Request {
        Request::parse(format!("OPTIONS {target} HTTP/1.1\r\nHost: here\r\n{headers}\r\n").as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn what_is_asked_for_stands_behind_the_path_of_the_target() {
        for (base, asked, joined_to) in [
            ("/", "/", "/"),
            ("/", "/a/b?c=d", "/a/b?c=d"),
            ("/base", "/", "/base"),
            ("/base/", "/", "/base/"),
            ("/base", "/a", "/base/a"),
            ("/base/", "/a?b", "/base/a?b"),
            ("/base?k=v", "/", "/base?k=v"),
            ("/", "*", "*"),
            ("/base", "*", "/base"),
            ("/base?k=v", "/a?b=c", "/base/a?k=v&b=c"),
            ("/", "http://here/a?b", "/a?b"),
        ] {
            assert_eq!(joined(base, &request(asked, "")), joined_to, "{base} {asked}");
        }
    }

    #[test]
    fn headers_of_one_connection_stay_there() {
        let names = |headers: &str, rules: PassingRules| {
            let passed = passed_headers(&request("/", headers), rules);
            passed.into_iter().map(|header| header.to_string()).collect::<Vec<_>>()
        };
        let sent = "Connection: Upgrade, X-Hop\r\nUpgrade: websocket\r\nX-Hop: 1\r\nX-End: 2\r\nCookie: a=b\r\n\
                    Sec-WebSocket-Key: k\r\nExpect: 100-continue\r\nTrailer: X-End\r\nAuthorization: Bearer t\r\nTE: trailers\r\n";
        assert_eq!(names(sent, PassingRules::default()), ["X-End: 2", "Cookie: a=b", "Authorization: Bearer t"]);
        let ours = PassingRules { withholds_authorization: true, ..PassingRules::default() };
        assert_eq!(names(sent, ours), ["X-End: 2", "Cookie: a=b"]);
    }
}
