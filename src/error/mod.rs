//! What can go wrong before a connection is open, phase by phase: what, where, why. What a peer has said is in it as
//! [`PeerText`], or in words that were made of that: `Display` gives nothing that a terminal would act on.

mod cause;
mod phase;
mod refused_handshake;
mod wording;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub(crate) use self::cause::{Authentication, NotHttpCause, OriginChange, RedirectFault, TlsCause, TlsGiven};
pub(crate) use self::phase::{Phase, TimeLimit};
pub(crate) use self::refused_handshake::RefusedHandshake;
pub(crate) use self::wording::{Advice, Phrase, Remedy, Wording, sentence};
use crate::http::{ResponseWithBody, Secrets, shown_url};
use crate::peer_text::{PeerText, Quoted};

/// Why a subcommand couldn't do its work.
#[derive(Debug)]
pub(crate) enum Error {
    /// What was asked for makes no sense.
    Usage {
        what: Wording,
        hint: Option<Advice>,
    },
    /// A file named on the command line.
    File {
        path: PathBuf,
        why: String,
        /// The line that is wrong in it, and a caret below.
        excerpt: Option<[String; 2]>,
        /// The rest is of use without it.
        is_skippable: bool,
    },
    /// A file that was to be written.
    Write {
        path: PathBuf,
        why: String,
    },
    /// stdout can't be written to.
    Stdout(io::Error),
    /// stdin can't be read.
    Stdin(io::Error),
    Resolve {
        host: String,
        why: String,
        /// The system's resolver says so, which may say something else later. Whether the name is unknown or nobody could be
        /// asked can't be told apart: the standard library has that only in words.
        may_pass: bool,
    },
    Connect {
        tried: Vec<(SocketAddr, io::Error)>,
    },
    ConnectUnix {
        path: PathBuf,
        why: io::Error,
    },
    TimedOut {
        phase: Phase,
        peer: String,
        limit: TimeLimit,
        /// The beginning of an answer that was not all there yet.
        arrived: Option<String>,
    },
    Listen {
        address: String,
        why: io::Error,
    },
    Tls {
        peer: String,
        why: String,
        cause: TlsCause,
        given: TlsGiven,
    },
    /// What the proxy did instead of leading us on.
    Proxy {
        proxy: String,
        why: String,
        /// It wants a user and a password, and none were given.
        wants_credentials: bool,
    },
    ProxyNotReached {
        proxy: String,
        why: Box<Self>,
    },
    /// The proxy answered, and not with consent.
    ProxyRefused {
        proxy: String,
        authentication: Authentication,
        answer: Box<ResponseWithBody>,
    },
    /// The server's answer was read, and isn't the one that opens a connection.
    Refused(Box<RefusedHandshake>),
    /// What came back isn't an answer at all.
    NotHttp {
        peer: String,
        why: String,
        cause: NotHttpCause,
    },
    /// The connection failed before it was open.
    Socket {
        phase: Phase,
        peer: String,
        why: io::Error,
    },
    TooManyRedirects {
        most: u32,
        location: PeerText,
    },
    /// A redirect that isn't followed.
    Redirect {
        location: PeerText,
        why: RedirectFault,
    },
    /// The first connection, where only lost ones are to be followed by another; it may open later.
    NotOpenedYet(Box<Self>),
    /// The answer is no.
    Unmet(String),
    /// Ctrl-C before the connection was open.
    Interrupted,
    /// Whoever read stdout is gone, and there was no connection at that time.
    Unread,
    /// This process: descriptors, threads.
    System {
        doing: &'static str,
        why: io::Error,
    },
}

impl Error {
    pub(crate) fn usage(what: impl Into<Wording>) -> Self {
        Self::Usage { what: what.into(), hint: None }
    }

    /// A file that is of no use.
    pub(crate) fn file(path: &Path, why: impl ToString) -> Self {
        Self::File { path: path.to_owned(), why: why.to_string(), excerpt: None, is_skippable: false }
    }

    /// A file that is of no use because of this line, with a caret below the place.
    pub(crate) fn in_line(path: &Path, why: &impl ToString, excerpt: [String; 2]) -> Self {
        Self::File { path: path.to_owned(), why: why.to_string(), excerpt: Some(excerpt), is_skippable: false }
    }

    /// This one, of a file whose rest can be read by whoever asks for it.
    pub(crate) fn skippable(mut self) -> Self {
        if let Self::File { is_skippable, .. } = &mut self {
            *is_skippable = true;
        }
        self
    }

    /// The line of a file that is wrong, and a caret below it.
    pub(crate) fn excerpt(&self) -> Option<&[String; 2]> {
        match self {
            Self::File { excerpt, .. } => excerpt.as_ref(),
            _ => None,
        }
    }

    /// A file that can't be read.
    pub(crate) fn unreadable(path: &Path, why: &io::Error) -> Self {
        if path == Path::new("-") && why.kind() == io::ErrorKind::NotFound {
            return Self::file(path, "no file has this name, and it doesn't stand for stdin here; /dev/stdin does");
        }
        Self::file(path, system_words(why))
    }

    /// A file that can't be written.
    pub(crate) fn unwritable(path: &Path, why: &io::Error) -> Self {
        Self::Write { path: path.to_owned(), why: system_words(why) }
    }

    /// The answer that says more, where there was one.
    pub(crate) fn answer(&self) -> Option<&ResponseWithBody> {
        match self {
            Self::Refused(refusal) => Some(&refusal.answer),
            Self::ProxyRefused { answer, .. } => Some(answer),
            Self::NotOpenedYet(why) => why.answer(),
            _ => None,
        }
    }

    /// Whether the head of [`answer`](Self::answer) has been seen already.
    pub(crate) fn head_is_told(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.head_is_told,
            Self::NotOpenedYet(why) => why.head_is_told(),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { what, .. } => what.fmt(f),
            Self::File { path, why, .. } => write!(f, "can't read {}: {why}", named(path)),
            Self::Write { path, why } if path == Path::new("/dev/stdout") => write!(f, "can't write to stdout: {why}"),
            Self::Write { path, why } => write!(f, "can't write {}: {why}", named(path)),
            Self::Stdout(why) => write!(f, "can't write to stdout: {}", system_words(why)),
            Self::Stdin(why) => write!(f, "can't read stdin: {}", system_words(why)),
            Self::Resolve { host, why, .. } => write!(f, "can't resolve {host}: {why}"),
            Self::Connect { tried } => {
                let tried = tried.iter().map(|(address, why)| format!(" to {address}: {}", system_words(why)));
                write!(f, "can't connect{}", tried.collect::<Vec<_>>().join(";"))
            }
            Self::ConnectUnix { path, why } => write!(f, "can't connect to {}: {}", path.display(), system_words(why)),
            Self::TimedOut { phase: Phase::Resolve, peer, limit, .. } => write!(f, "timed out resolving {peer}{limit}"),
            Self::TimedOut { phase: Phase::Connect, peer, limit, .. } => {
                write!(f, "timed out connecting to {peer}{limit}")
            }
            Self::TimedOut { phase, peer, limit, arrived } => {
                write!(f, "timed out during {phase} with {peer}{limit}")?;
                arrived.as_ref().map_or(Ok(()), |arrived| write!(f, ", in the middle of its response: {arrived}"))
            }
            Self::Listen { address, why } => write!(f, "can't listen on {address}: {}", system_words(why)),
            Self::Tls { peer, why, .. } => write!(f, "TLS with {peer} failed: {why}"),
            Self::Proxy { proxy, why, .. } => write!(f, "the proxy {proxy} failed: {why}"),
            Self::ProxyNotReached { proxy, why } => write!(f, "the proxy {proxy} can't be reached: {why}"),
            Self::ProxyRefused { proxy, answer, .. } => {
                write!(f, "the proxy {proxy} refused: it responded with {}{}", answer.response.status, stated(answer))
            }
            Self::Refused(refusal) => {
                let faults: Vec<_> = refusal.faults.iter().map(ToString::to_string).collect();
                let RefusedHandshake { peer, answer, .. } = &**refusal;
                write!(f, "opening handshake with {peer} failed: {}{}", faults.join("; "), stated(answer))
            }
            Self::Socket { phase, peer, why } => {
                write!(f, "{phase} with {peer} failed: {}", system_words(why))
            }
            // What it did may well be HTTP.
            Self::NotHttp { peer, why, cause: NotHttpCause::Other } => {
                write!(f, "the opening handshake with {peer} failed: {why}")
            }
            Self::NotHttp { peer, why, .. } => {
                write!(f, "{peer} did not respond to the opening handshake with HTTP: {why}")
            }
            Self::TooManyRedirects { most, location } => {
                let redirects = if *most == 1 { "redirect" } else { "redirects" };
                write!(f, "more than {most} {redirects}; the last one leads to {location}")
            }
            Self::Redirect { location, why } => write!(f, "the redirect to {location:?} is not followed: {why}"),
            Self::NotOpenedYet(why) => why.fmt(f),
            Self::Unmet(what) => f.write_str(what),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Unread => f.write_str("nobody reads stdout any more"),
            Self::System { doing, why } => write!(f, "{doing} failed: {}", system_words(why)),
        }
    }
}

/// A file by its name, which may have been left out, or be a URL in a wrong place.
pub(crate) fn named(path: &Path) -> String {
    match path.to_string_lossy() {
        name if name.is_empty() => "the file without a name".into(),
        name if name == "/dev/stdin" => "stdin".into(),
        name => shown_url(&name, Secrets::Masked).into_owned(),
    }
}

/// What a refusal says in its body, behind its status.
fn stated(answer: &ResponseWithBody) -> String {
    answer.problem().map(|words| format!(": {}", Quoted(&words))).unwrap_or_default()
}

/// An I/O error without Rust's "(os error 111)".
pub(crate) fn system_words(error: &io::Error) -> String {
    let mut text = error.to_string();
    if let Some(at) = memchr::memmem::find(text.as_bytes(), b" (os error") {
        text.truncate(at);
    }
    text
}
