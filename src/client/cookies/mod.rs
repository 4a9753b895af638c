//! `-b` and `-c`: cookies as they are typed, files of them, and what servers set on the way.

mod cookie;
mod netscape;
mod set_cookie;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use self::cookie::Cookie;
use self::set_cookie::FromFile;
use crate::advice::flag::COOKIE;
use crate::error::Error;
use crate::net::target::Target;
use crate::stdio::file;
use crate::ws::handshake::Response;

/// Cookies that are kept of servers: RFC 6265 §6.1 wants as many at least, and a server could send them without end.
const MOST: usize = 3000;

/// Those of files and servers, each with where it goes: a jar as curl has it.
#[derive(Debug, Default)]
pub(super) struct Jar {
    cookies: Vec<Cookie>,
    /// What servers set is kept: without a file on either side nobody has asked for that.
    is_open: bool,
    /// Where it is written to.
    file: Option<PathBuf>,
}

/// Reads `-b`. As curl has it what has a `=` in it is a cookie, for every server, and all else names a file.
///
/// # Errors
/// When a file can't be read, or has no such line in it.
pub(super) fn read(given: &[String], jar: Option<&Path>) -> Result<(Vec<String>, Jar), Error> {
    let (mut typed, files): (Vec<_>, Vec<_>) = given.iter().cloned().partition(|given| given.contains('='));
    let mut cookies = Vec::new();
    for path in &files {
        // What is no file may be a secret that was mistyped.
        let text = file::text(Path::new(path)).map_err(|error| match error {
            Error::File { why, .. } => Error::usage(format!(
                "{COOKIE}: there is no = in it, which a cookie has: NAME=VALUE; and a file of cookies it isn't: {why}"
            )),
            other => other,
        })?;
        for line in netscape::lines(&text) {
            let cookie = cookie_of(line).map_err(|why| Error::File { path: path.into(), why })?;
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
        let pairs: Vec<_> =
            self.cookies.iter().filter(|cookie| cookie.is_for(target, now())).map(Cookie::pair).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps what an answer sets, whatever its status (RFC 6265 §3).
    pub(super) fn keep(&mut self, head: &[u8], from: &Target) {
        let Ok(Some(response)) = Response::parse(head) else { return };
        if !self.is_open {
            return;
        }
        for line in response.headers.all("set-cookie") {
            let Some(cookie) = set_cookie::parse(line, from, now()) else { continue };
            self.cookies.retain(|other| !other.is_replaced_by(&cookie));
            if self.cookies.len() < MOST && !cookie.is_over(now()) {
                self.cookies.push(cookie);
            }
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
