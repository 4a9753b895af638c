//! What can go wrong before a connection is open, phase by phase: what, where, why. What a peer has said is in it as
//! [`PeerText`], or in words that were made of that: `Display` gives nothing that a terminal would act on.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::peer_text::PeerText;
use crate::ws::handshake::{HttpStatus, ResponseFault, ResponseWithBody};

/// The steps to an open connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Resolve,
    Connect,
    Proxy,
    Tls,
    OpeningHandshake,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "resolving",
            Self::Connect => "connecting",
            Self::Proxy => "the proxy handshake",
            Self::Tls => "the TLS handshake",
            Self::OpeningHandshake => "the opening handshake",
        })
    }
}

/// What has put an end to a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeLimit {
    /// The phase may take so long.
    Phase(Duration),
    /// A flag, for all that is done.
    Flag(&'static str),
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase(time) => write!(f, " after {time:?}"),
            Self::Flag(name) => write!(f, " ({name})"),
        }
    }
}

/// Why a redirect isn't followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RedirectFault {
    /// In words.
    NotUrl(String),
    /// Another than http, https, ws and wss.
    Scheme(PeerText),
    /// From wss to ws.
    Downgrade,
}

impl fmt::Display for RedirectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUrl(why) => write!(f, "it is not a WebSocket URL: {why}"),
            Self::Scheme(scheme) => write!(f, "its scheme {scheme:?} is not http, https, ws or wss"),
            Self::Downgrade => f.write_str("it leads from wss to ws, where everyone on the way can read along"),
        }
    }
}

/// What kind of thing made TLS fail: what can be done about it depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsCause {
    /// Nothing that a flag could change.
    Other,
    /// What is wrong with the certificate isn't a matter of whom to trust.
    BadCertificate,
    OtherName,
    SelfSigned,
    UnknownIssuer,
    /// The server left out the certificates between its own and a root.
    IncompleteChain,
    NotTls,
    ClientCertificateMissing,
    ClientCertificateRefused,
    Version,
    ApplicationProtocol,
    ServerName,
    /// No cipher suite, group or signature that both know.
    NothingInCommon,
}

/// What TLS was told to do, as far as it would be no use to advise it again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TlsGiven {
    pub(crate) insecure: bool,
    pub(crate) roots: bool,
    pub(crate) identity: bool,
    /// A client certificate that isn't for the origin that a redirect led to.
    pub(crate) withheld: bool,
    /// Fewer versions than there are.
    pub(crate) versions: bool,
}

/// What kind of thing came instead of an answer in HTTP/1: what can be done about it depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotHttpCause {
    /// Nothing that a flag or another URL could change.
    Other,
    /// Nothing came before the end of the connection.
    Silence {
        secure: bool,
        /// Subprotocols were asked for.
        subprotocols: bool,
    },
    /// TLS, where it wasn't expected.
    Tls,
    /// Bytes that nobody here knows, without TLS.
    Unknown,
    /// Frames of HTTP/2.
    Http2 {
        /// It was among the protocols that TLS offered.
        offered: bool,
    },
}

/// An answer that doesn't open the connection.
#[derive(Debug)]
pub(crate) struct RefusedHandshake {
    pub(crate) peer: String,
    pub(crate) faults: Vec<ResponseFault>,
    pub(crate) answer: ResponseWithBody,
    /// The names of the headers that the request had, in lower case.
    pub(crate) sent: Vec<String>,
    pub(crate) secure: bool,
    /// Whether the request named another version of the protocol than 13, which a user can do.
    pub(crate) other_version: bool,
    /// Credentials, cookies or a token stayed behind with the origin that redirected here.
    pub(crate) withheld: bool,
    /// There are credentials that are sent in answer to a Digest challenge alone.
    pub(crate) digest_only: bool,
    /// Every step is told, the answer's head among them.
    pub(crate) head_is_told: bool,
}

impl RefusedHandshake {
    pub(crate) fn status(&self) -> HttpStatus {
        self.answer.response.status
    }

    /// A header of the answer, as it came. It is not to be printed but as [`PeerText`].
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.answer.response.headers.get(name)
    }

    /// Where it redirects to, as it came but for what isn't ASCII.
    pub(crate) fn location(&self) -> Option<String> {
        self.answer.response.headers.uri("location")
    }

    /// Whether one of `phrases`, in lower case, is in the body.
    pub(crate) fn says(&self, phrases: &[&str]) -> bool {
        let body = String::from_utf8_lossy(&self.answer.content.bytes).to_lowercase();
        phrases.iter().any(|phrase| body.contains(phrase))
    }

    /// The ways to authenticate that it asks for (RFC 9110 §11.6.1).
    pub(crate) fn challenges(&self) -> Vec<String> {
        self.answer.response.headers.all_shown("www-authenticate").collect()
    }

    pub(crate) fn is_about_compression(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, ResponseFault::Deflate(_)))
    }

    pub(crate) fn sent(&self, name: &str) -> bool {
        self.sent.iter().any(|sent| sent == name)
    }
}

/// Why a subcommand couldn't do its work.
#[derive(Debug)]
pub(crate) enum Error {
    /// What was asked for makes no sense.
    Usage {
        what: String,
        hint: Option<String>,
    },
    /// A file named on the command line.
    File {
        path: PathBuf,
        why: String,
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
    },
    ProxyNotReached {
        proxy: String,
        why: Box<Self>,
    },
    /// The proxy answered, and not with consent.
    ProxyRefused {
        proxy: String,
        /// Whether it got credentials.
        authenticated: bool,
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
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::Usage { what: what.into(), hint: None }
    }

    /// A file that is of no use.
    pub(crate) fn file(path: &Path, why: impl ToString) -> Self {
        Self::File { path: path.to_owned(), why: why.to_string() }
    }

    /// A file that can't be read.
    pub(crate) fn unreadable(path: &Path, why: &io::Error) -> Self {
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
            Self::Usage { what, .. } => f.write_str(what),
            Self::File { path, why } => write!(f, "can't read {}: {why}", path.display()),
            Self::Write { path, why } => write!(f, "can't write {}: {why}", path.display()),
            Self::Stdout(why) => write!(f, "can't write to stdout: {}", system_words(why)),
            Self::Stdin(why) => write!(f, "can't read stdin: {}", system_words(why)),
            Self::Resolve { host, why } => write!(f, "can't resolve {host}: {why}"),
            Self::Connect { tried } => {
                let tried = tried.iter().map(|(address, why)| format!(" to {address}: {}", system_words(why)));
                write!(f, "can't connect{}", tried.collect::<Vec<_>>().join(";"))
            }
            Self::ConnectUnix { path, why } => write!(f, "can't connect to {}: {}", path.display(), system_words(why)),
            Self::TimedOut { phase: Phase::Resolve, peer, limit } => write!(f, "timed out resolving {peer}{limit}"),
            Self::TimedOut { phase: Phase::Connect, peer, limit } => write!(f, "timed out connecting to {peer}{limit}"),
            Self::TimedOut { phase, peer, limit } => write!(f, "timed out during {phase} with {peer}{limit}"),
            Self::Listen { address, why } => write!(f, "can't listen on {address}: {}", system_words(why)),
            Self::Tls { peer, why, .. } => write!(f, "TLS with {peer} failed: {why}"),
            Self::Proxy { proxy, why } => write!(f, "the proxy {proxy} failed: {why}"),
            Self::ProxyNotReached { proxy, why } => write!(f, "the proxy {proxy} can't be reached: {why}"),
            Self::ProxyRefused { proxy, answer, .. } => {
                write!(f, "the proxy {proxy} refused: it responded with {}", answer.response.status)
            }
            Self::Refused(refusal) => {
                let faults: Vec<_> = refusal.faults.iter().map(ToString::to_string).collect();
                write!(f, "opening handshake with {} failed: {}", refusal.peer, faults.join("; "))
            }
            Self::Socket { phase, peer, why } => {
                write!(f, "{phase} with {peer} failed: {}", system_words(why))
            }
            Self::NotHttp { peer, why, .. } => {
                write!(f, "{peer} did not respond to the opening handshake with HTTP: {why}")
            }
            Self::TooManyRedirects { most, location } => {
                write!(f, "more than {most} redirects; the last one leads to {location}")
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

/// An I/O error without Rust's "(os error 111)".
pub(crate) fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
