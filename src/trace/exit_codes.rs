//! The table of exit codes: which one every failure, every end of a connection and every signal comes to.

use crate::error::{Error, Phase};
use crate::exit::Exit;
use crate::net::{End, Signal};
use crate::values::CodeSet;
use crate::ws::StatusCode;

impl Error {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Unmet(_) => Exit::No,
            Self::Usage { .. } | Self::File { .. } | Self::Write { .. } | Self::Stdout(_) | Self::Stdin(_) => {
                Exit::Usage
            }
            Self::Resolve { .. }
            | Self::Connect { .. }
            | Self::ConnectUnix { .. }
            | Self::Listen { .. }
            | Self::Proxy { .. }
            | Self::ProxyRefused { .. }
            | Self::System { .. } => Exit::NotReached,
            Self::Tls { .. } => Exit::Tls,
            Self::Refused(_) | Self::NotHttp { .. } | Self::TooManyRedirects { .. } | Self::Redirect { .. } => {
                Exit::OpeningHandshake
            }
            Self::TimedOut { phase, .. } | Self::Socket { phase, .. } => phase.exit(),
            Self::ProxyNotReached { why, .. } | Self::NotOpenedYet(why) => why.exit(),
            Self::Interrupted => Exit::Interrupted,
            Self::Unread => Exit::Done,
        }
    }
}

impl Phase {
    /// What a failure in this phase comes to.
    fn exit(self) -> Exit {
        match self {
            Self::Resolve | Self::Connect | Self::Proxy => Exit::NotReached,
            Self::Tls => Exit::Tls,
            Self::OpeningHandshake => Exit::OpeningHandshake,
        }
    }
}

impl End {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Closed { close, .. } if close.is_clean() => Exit::Done,
            // To answer with our own code is what §5.5.1 suggests.
            Self::Closed { close, ours: Some(ours) } if close.code == ours.code => Exit::Done,
            Self::Violation(_) => Exit::Violation,
            Self::Abandoned => Exit::Interrupted,
            Self::Closed { .. }
            | Self::CloseUnanswered(_)
            | Self::Dropped(_)
            | Self::ReadFailed(..)
            | Self::WriteFailed(..)
            | Self::NotTaken
            | Self::KeepaliveFailed(_) => Exit::ClosedAbnormally,
        }
    }

    /// The same, with `allowed` status codes taken for a clean end.
    pub(crate) fn exit_allowing(&self, allowed: Option<&CodeSet>) -> Exit {
        // What a peer says can be allowed, and that it says nothing; what we close with because of its fault can't.
        let code = match self {
            Self::Violation(_) | Self::Abandoned => return self.exit(),
            Self::KeepaliveFailed(_) => StatusCode::ABNORMAL,
            _ => self.close_code(),
        };
        if allowed.is_some_and(|allowed| allowed.contains(code.0)) { Exit::Done } else { self.exit() }
    }
}

impl Signal {
    /// 128 and the signal's number, as a shell has it.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::HangUp => Exit::HungUp,
            Self::Interrupt => Exit::Interrupted,
            Self::Terminate => Exit::Terminated,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::*;
    use crate::error::{Authentication, NotHttpCause, RedirectFault, RefusedHandshake, TimeLimit, TlsCause, TlsGiven};
    use crate::http::{BodyContent, Response, ResponseWithBody};
    use crate::net::{Breakage, UnansweredPing};
    use crate::peer_text::PeerText;
    use crate::values::code_set;
    use crate::ws::{Close, Excerpt, OpCode, StatusCode, ViolatingFrame, Violation};

    fn answer() -> ResponseWithBody {
        let response = Response::parse(b"HTTP/1.1 404 Not Found\r\n\r\n").unwrap().unwrap();
        ResponseWithBody { response, request: Vec::new(), content: BodyContent::default() }
    }

    #[test]
    fn every_error() {
        let why = || io::Error::other("why");
        let text = || String::from("text");
        let timed_out = |phase| Error::TimedOut { phase, peer: text(), limit: TimeLimit::Flag(""), arrived: None };
        let socket = |phase| Error::Socket { phase, peer: text(), why: why() };
        let tls = || Error::Tls { peer: text(), why: text(), cause: TlsCause::Other, given: TlsGiven::default() };
        let refusal = || {
            Box::new(RefusedHandshake {
                peer: text(),
                faults: vec![],
                answer: answer(),
                sent: vec![],
                secure: false,
                identity: false,
                other_version: false,
                withheld: None,
                digest_only: false,
                was_retried: false,
                head_is_told: false,
            })
        };
        for (code, errors) in [
            (1, vec![Error::Unmet(text())]),
            (
                2,
                vec![
                    Error::usage(text()),
                    Error::File { path: "a".into(), why: text(), excerpt: None, is_skippable: false },
                    Error::Write { path: "a".into(), why: text() },
                    Error::Stdout(why()),
                    Error::Stdin(why()),
                ],
            ),
            (
                3,
                vec![
                    Error::Resolve { host: text(), why: text(), may_pass: false },
                    Error::Connect { tried: vec![] },
                    Error::ConnectUnix { path: "a".into(), why: why() },
                    Error::Listen { address: text(), why: why() },
                    Error::System { doing: "it", why: why() },
                    Error::Proxy { proxy: text(), why: text(), wants_credentials: false },
                    Error::ProxyRefused {
                        proxy: text(),
                        authentication: Authentication::Nothing,
                        answer: Box::new(answer()),
                    },
                    Error::ProxyNotReached { proxy: text(), why: Box::new(timed_out(Phase::Connect)) },
                    Error::NotOpenedYet(Box::new(Error::Connect { tried: vec![] })),
                    timed_out(Phase::Resolve),
                    timed_out(Phase::Connect),
                    timed_out(Phase::Proxy),
                    socket(Phase::Proxy),
                ],
            ),
            (
                4,
                vec![
                    tls(),
                    timed_out(Phase::Tls),
                    socket(Phase::Tls),
                    Error::ProxyNotReached { proxy: text(), why: Box::new(tls()) },
                ],
            ),
            (
                5,
                vec![
                    Error::Refused(refusal()),
                    Error::NotHttp { peer: text(), why: text(), cause: NotHttpCause::Other },
                    Error::TooManyRedirects { most: 1, location: PeerText::new(text()) },
                    Error::Redirect { location: PeerText::new(text()), why: RedirectFault::Downgrade },
                    timed_out(Phase::OpeningHandshake),
                    socket(Phase::OpeningHandshake),
                ],
            ),
            (130, vec![Error::Interrupted]),
            (0, vec![Error::Unread]),
        ] {
            for error in errors {
                assert_eq!(error.exit() as u8, code, "{error:?}");
            }
        }
    }

    /// Each with its code, and with its code where 1005, 1006 and 4000 are allowed.
    #[test]
    fn every_end() {
        let said = |code: Option<u16>| code.map_or_else(Close::default, |code| Close::new(StatusCode(code), ""));
        let by_peer = |code| End::Closed { close: said(code), ours: None };
        let by_us = |ours, code| End::Closed { close: said(code), ours: Some(said(ours)) };
        let unanswered = UnansweredPing { timeout: Duration::ZERO, other: None, is_first: true };
        let faults = vec![Violation::ClosePayloadOfOneByte];
        let violating = ViolatingFrame::new(OpCode::Close, 1, faults, Excerpt::of_payload(b"\x03"));
        let allowed = code_set("1005,1006,4000").unwrap();
        for (end, plain, allowing) in [
            (by_peer(Some(1000)), 0, 0),
            (by_peer(Some(1001)), 0, 0),
            (by_peer(None), 0, 0),
            (by_peer(Some(1008)), 7, 7),
            (by_peer(Some(4000)), 7, 0),
            (by_us(Some(1000), Some(1000)), 0, 0),
            (by_us(Some(1000), None), 0, 0),
            (by_us(None, None), 0, 0),
            (by_us(Some(1000), Some(1008)), 7, 7),
            (by_us(Some(1000), Some(4000)), 7, 0),
            (by_us(Some(4001), Some(4001)), 0, 0),
            (by_us(Some(4001), Some(1000)), 0, 0),
            (by_us(Some(4001), Some(4002)), 7, 7),
            (by_us(None, Some(4001)), 7, 7),
            (End::CloseUnanswered(said(Some(1000))), 7, 0),
            (End::NotTaken, 7, 0),
            (End::Dropped(Breakage::default()), 7, 0),
            (End::ReadFailed(io::Error::other("why"), Breakage::default()), 7, 0),
            (End::WriteFailed(io::Error::other("why"), Breakage::default()), 7, 0),
            (End::KeepaliveFailed(unanswered), 7, 0),
            (End::Violation(Box::new(violating)), 6, 6),
            (End::Abandoned, 130, 130),
        ] {
            let found = [end.exit(), end.exit_allowing(Some(&allowed))];
            assert_eq!(found.map(|exit| exit as u8), [plain, allowing], "{end:?}");
        }
    }

    #[test]
    fn every_signal() {
        let codes = [Signal::HangUp, Signal::Interrupt, Signal::Terminate].map(|signal| signal.exit() as u8);
        assert_eq!(codes, [129, 130, 143]);
    }
}
