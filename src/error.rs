//! What can go wrong before a connection is open, phase by phase: what, where, why, then advice.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::ws::handshake::Fault;

/// The exit codes of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    Usage = 2,
    NotReached = 3,
    Tls = 4,
    OpeningHandshake = 5,
    Violation = 6,
    ClosedAbnormally = 7,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
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
    Resolve {
        host: String,
        why: String,
    },
    Connect {
        tried: Vec<(SocketAddr, io::Error)>,
    },
    TimedOut {
        phase: &'static str,
        peer: String,
        after: Duration,
    },
    Listen {
        address: String,
        why: io::Error,
    },
    Tls {
        peer: String,
        why: String,
        hint: Option<&'static str>,
    },
    /// The server's answer was read, and isn't the one that opens a connection.
    Refused {
        peer: String,
        faults: Vec<Fault>,
    },
    /// What came back isn't an answer at all.
    NotHttp {
        peer: String,
        secure: bool,
        why: String,
    },
    /// The connection failed inside the opening handshake.
    Socket {
        peer: String,
        why: io::Error,
    },
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

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::File { .. } | Self::Write { .. } => Exit::Usage,
            Self::Resolve { .. }
            | Self::Connect { .. }
            | Self::TimedOut { .. }
            | Self::Listen { .. }
            | Self::Socket { .. }
            | Self::System { .. } => Exit::NotReached,
            Self::Tls { .. } => Exit::Tls,
            Self::Refused { .. } | Self::NotHttp { .. } => Exit::OpeningHandshake,
        }
    }

    /// What to do about it, where there is something.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Tls { hint, .. } => hint.map(str::to_owned),
            Self::Connect { tried } if tried.iter().any(|(_, why)| why.kind() == io::ErrorKind::ConnectionRefused) => {
                Some("nothing listens there; is the server running, and is the port right?".into())
            }
            Self::Listen { why, .. } if why.kind() == io::ErrorKind::AddrInUse => {
                Some("another process listens there; port 0 takes any free one".into())
            }
            Self::NotHttp { secure: false, .. } => {
                Some("a server that speaks TLS needs wss:// instead of ws://".into())
            }
            Self::Refused { faults, .. } => faults.iter().find_map(advice),
            _ => None,
        }
    }
}

fn advice(fault: &Fault) -> Option<String> {
    let Fault::Status(status) = fault else { return None };
    Some(match status.as_u16() {
        401 => "the server wants credentials".into(),
        403 => "the server may want another Origin or credentials".into(),
        404 => "is the path of the URL right?".into(),
        426 => "the server wants another version of the protocol than 13".into(),
        300..=399 => "the server redirects; give the URL it points to".into(),
        _ => return None,
    })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { what, .. } => f.write_str(what),
            Self::File { path, why } => write!(f, "can't read {}: {why}", path.display()),
            Self::Write { path, why } => write!(f, "can't write {}: {why}", path.display()),
            Self::Resolve { host, why } => write!(f, "can't resolve {host}: {why}"),
            Self::Connect { tried } => {
                f.write_str("can't connect")?;
                for (i, (address, why)) in tried.iter().enumerate() {
                    write!(f, "{} to {address}: {}", if i == 0 { "" } else { ";" }, system_words(why))?;
                }
                Ok(())
            }
            Self::TimedOut { phase, peer, after } => write!(f, "{phase} with {peer} took longer than {after:?}"),
            Self::Listen { address, why } => write!(f, "can't listen on {address}: {}", system_words(why)),
            Self::Tls { peer, why, .. } => write!(f, "TLS with {peer} failed: {why}"),
            Self::Refused { peer, faults } => {
                write!(f, "opening handshake with {peer} failed: ")?;
                faults
                    .iter()
                    .enumerate()
                    .try_for_each(|(i, fault)| write!(f, "{}{fault}", if i == 0 { "" } else { "; " }))
            }
            Self::Socket { peer, why } => {
                write!(f, "the connection with {peer} failed in the opening handshake: {}", system_words(why))
            }
            Self::NotHttp { peer, why, .. } => {
                write!(f, "{peer} did not answer the opening handshake with HTTP: {why}")
            }
            Self::System { doing, why } => write!(f, "{doing} failed: {}", system_words(why)),
        }
    }
}

/// An I/O error without Rust's "(os error 111)".
pub(crate) fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
