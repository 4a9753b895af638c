//! `-b` and `-c`: cookies as they are typed, files of them, and what servers set on the way.

mod cookie;
mod cookie_date;
mod netscape;
mod set_cookie;

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use self::cookie::Cookie;
use self::set_cookie::FromFile;
use crate::error::{Error, Remedy, sentence};
use crate::http::Response;
use crate::net::target::Target;
use crate::stdio::file;

/// Cookies that are kept of servers, and of them for each domain before those of others make room for more: RFC 6265 §6.1 wants
/// as many at least, and a server could send them without end.
const MOST: usize = 3000;
const OF_A_DOMAIN: usize = 50;

/// Those of files and servers, each with where it goes: a jar as curl has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Jar {
    /// In the order in which they were created.
    cookies: Vec<Cookie>,
    /// What servers set is kept: without a file on either side nobody has asked for that.
    is_open: bool,
    /// Where it is written to.
    file: Option<PathBuf>,
}

/// Reads `-b`. As curl has it what has a `=` in it is a cookie, for every server, and all else names a file; the empty name is
/// a jar that begins empty.
///
/// # Errors
/// When a file can't be read, or has no such line in it.
pub(super) fn read(given: &[String], jar: Option<&Path>) -> Result<(Vec<String>, Jar), Error> {
    let (mut typed, files): (Vec<_>, Vec<_>) = given.iter().cloned().partition(|given| given.contains('='));
    let mut cookies = Vec::new();
    for path in files.iter().filter(|path| !path.is_empty()) {
        // What is no file may be a secret that was mistyped.
        let text = file::text(Path::new(path)).map_err(|error| match error {
            Error::File { why, .. } => Error::usage(sentence![
                Remedy::Cookie.named(),
                format!(": it has no =, as a cookie does (NAME=VALUE), and it isn't a cookie file: {why}")
            ]),
            other => other,
        })?;
        for line in netscape::lines(&text) {
            let cookie = cookie_of(line).map_err(|why| Error::file(path.as_ref(), why))?;
            match cookie {
                Some(FromFile::For(cookie)) if !cookie.is_over(now()) => cookies.push(cookie),
                Some(FromFile::Anywhere(pair)) => typed.push(pair),
                _ => {}
            }
        }
    }
    let is_open = !files.is_empty() || jar.is_some();
    Ok((typed, Jar { cookies, is_open, file: jar.map(Path::to_owned) }))
}

/// A line as it is in Netscape's format, or as servers write it: `Set-Cookie: …`. One that is over is none.
///
/// # Errors
/// What is wrong with it; the line itself is a secret.
fn cookie_of((number, line): (usize, &str)) -> Result<Option<FromFile>, String> {
    let header = line.split_once(':').filter(|(name, _)| name.trim().eq_ignore_ascii_case("set-cookie"));
    match header {
        Some((_, value)) => set_cookie::of_file(value, now()).ok_or_else(|| format!("line {number} sets no cookie")),
        None => netscape::cookie(line)
            .map(|cookie| Some(FromFile::For(cookie)))
            .ok_or_else(|| format!("line {number} is {}", netscape::mistake(line))),
    }
}

impl Jar {
    /// What there is for `target`, as a Cookie header has it.
    pub(super) fn cookies_for(&self, target: &Target) -> Option<String> {
        let mut cookies: Vec<_> = self.cookies.iter().filter(|cookie| cookie.is_for(target, now())).collect();
        // RFC 6265 §5.4 point 2: longer paths first, and what was created earlier first. Servers take the first of a name.
        cookies.sort_by_key(|cookie| Reverse(cookie.path.len()));
        let pairs: Vec<_> = cookies.into_iter().map(Cookie::pair).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps what an answer sets, whatever its status (RFC 6265 §3).
    pub(super) fn keep(&mut self, head: &[u8], from: &Target) {
        let Ok(Some(response)) = Response::parse(head) else { return };
        if !self.is_open {
            return;
        }
        for line in response.headers.all("set-cookie") {
            let cookie = set_cookie::parse(line, from, now());
            let covers = |cookie: &Cookie| !from.secure && self.cookies.iter().any(|other| other.is_covered_by(cookie));
            if let Some(cookie) = cookie.filter(|cookie| !covers(cookie)) {
                self.set(cookie, now());
            }
        }
    }

    /// RFC 6265 §5.3 points 11 and 12: one that replaces another was created when that was. One that is over removes it.
    fn set(&mut self, cookie: Cookie, now: u64) {
        let place = self.cookies.iter().position(|other| other.is_replaced_by(&cookie));
        self.cookies.retain(|other| !other.is_replaced_by(&cookie));
        if cookie.is_over(now) {
            return;
        }
        match place {
            Some(place) => self.cookies.insert(place, cookie),
            None => {
                self.make_room(&cookie.domain, now);
                self.cookies.push(cookie);
            }
        }
    }

    /// For one more of this domain, RFC 6265 §5.3: what is over goes first, then the oldest of a domain that has many, then the
    /// oldest.
    fn make_room(&mut self, domain: &str, now: u64) {
        if self.cookies.len() >= MOST {
            self.cookies.retain(|cookie| !cookie.is_over(now));
        }
        if self.cookies.len() >= MOST {
            let mut of_domain = self.cookies.iter().enumerate().filter(|(_, cookie)| cookie.domain == domain);
            let oldest = of_domain.next().filter(|_| of_domain.count() >= OF_A_DOMAIN);
            self.cookies.remove(oldest.map_or(0, |(at, _)| at));
        }
    }

    /// Writes it where it goes.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(super) fn write(&self) -> Result<(), Error> {
        let Some(path) = &self.file else { return Ok(()) };
        let text = netscape::written(self.cookies.iter().filter(|cookie| !cookie.is_over(now())));
        file::write_for_us_alone(path, text.as_bytes())
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        Target::parse(url).unwrap()
    }

    /// A jar into which servers have put these, each from its URL.
    fn jar<'a>(set: impl IntoIterator<Item = (&'a str, String)>) -> Jar {
        let mut jar = Jar { is_open: true, ..Jar::default() };
        for (url, cookie) in set {
            jar.keep(
                format!("HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: {cookie}\r\n\r\n").as_bytes(),
                &target(url),
            );
        }
        jar
    }

    #[test]
    fn the_longest_path_goes_first_and_then_what_was_created_first() {
        let set =
            ["a=1; Path=/", "b=2; Path=/x/y", "a=3; Path=/x", "c=4; Path=/", "a=5; Path=/", "c=; Path=/; Max-Age=0"];
        let mut jar = jar(set.map(|cookie| ("ws://h.example/", cookie.to_owned())));
        let there = target("ws://h.example/x/y/z");
        assert_eq!(jar.cookies_for(&there).as_deref(), Some("b=2; a=3; a=5"));
        // It was removed, and so is created anew.
        jar.keep(b"HTTP/1.1 200 OK\r\nSet-Cookie: c=6; Path=/\r\nSet-Cookie: a=7; Path=/\r\n\r\n", &there);
        assert_eq!(jar.cookies_for(&there).as_deref(), Some("b=2; a=3; a=7; c=6"));
    }

    #[test]
    fn who_speaks_without_tls_puts_nothing_in_the_place_of_what_was_set_with_it() {
        let mut jar = jar([("wss://a.example/", "sid=1; Path=/x; Secure".to_owned())]);
        for cookie in ["sid=2; Path=/x", "sid=2; Path=/x/y", "sid=; Path=/x; Max-Age=0"] {
            let head = format!("HTTP/1.1 200 OK\r\nSet-Cookie: {cookie}\r\n\r\n");
            jar.keep(head.as_bytes(), &target("ws://a.example/"));
            assert_eq!(jar.cookies_for(&target("wss://a.example/x/y")).as_deref(), Some("sid=1"), "{cookie}");
        }
        jar.keep(b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=3; Path=/\r\n\r\n", &target("ws://a.example/"));
        assert_eq!(jar.cookies_for(&target("wss://a.example/x")).as_deref(), Some("sid=1; sid=3"));
    }

    #[test]
    fn a_full_jar_makes_room_for_what_is_new() {
        let few = [("ws://few.example/", "old=1".to_owned())];
        let many = (0..MOST).map(|number| ("ws://many.example/", format!("n{number}=1")));
        let mut jar = jar(few.into_iter().chain(many));
        // One with many is no reason to forget what others have set.
        let of = |jar: &Jar, host: &str| jar.cookies_for(&target(&format!("ws://{host}.example/"))).unwrap_or_default();
        assert_eq!((jar.cookies.len(), of(&jar, "few").as_str()), (MOST, "old=1"));
        let of_many = of(&jar, "many");
        assert!(of_many.starts_with("n1=1; ") && of_many.ends_with(&format!("; n{}=1", MOST - 1)), "{of_many}");
        // And one with few gets its own in.
        jar.keep(b"HTTP/1.1 200 OK\r\nSet-Cookie: new=2\r\n\r\n", &target("ws://new.example/"));
        assert_eq!((jar.cookies.len(), of(&jar, "new").as_str(), of(&jar, "few").as_str()), (MOST, "new=2", ""));
    }
}
