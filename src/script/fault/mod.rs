//! Faults: what is broken on purpose, on which way, and when. docs/faults.md has the language.
//!
//! A [`Fault`] is read here and done by `net::faults`, for `--fault` and for the action `fault` of rules alike. A new one is a
//! variant of a kind below, with its entry in [`FAULTS`], which the parser and its errors read.

mod frame;
mod gateway;
mod handshake;
mod message;
mod stream;

use std::fmt;

use self::frame::FRAMES;
pub(crate) use self::frame::FrameFault;
pub(crate) use self::gateway::gateways_that_end_after;
pub(crate) use self::handshake::HandshakeFault;
pub(crate) use self::message::{ControlFault, MessageFault};
pub(crate) use self::stream::{Cut, StreamFault};
use super::counter::Counter;
use super::selector::{Selector, SelectorParser, is_selector};
use super::speaker::{RuleSpeaker, SPEAKERS};
use super::syntax_error::{PieceError, offset};
use super::word::{Word, WordArgument, find, first_word, names};
use crate::values::nearest;

/// Something to be broken on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// As it was written, for the log.
    text: String,
    /// On the way of what this peer says; `None` is both ways.
    pub(crate) speaker: Option<RuleSpeaker>,
    pub(crate) selector: Selector,
    pub(crate) kind: FaultKind,
}

/// What is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// This many connections are reset as soon as they are accepted, of those that the selector counts.
    Refuse(u64),
    /// The stream of bytes of an open connection.
    Stream(StreamFault),
    /// A message, on its way out.
    Message(MessageFault),
    /// Pings and Pongs, on their way out.
    Control(ControlFault),
    /// Frames that are put between those that go out.
    Frame(FrameFault),
    /// The answer to an opening handshake.
    Handshake(HandshakeFault),
    /// The certificate of our own, for all connections.
    Certificate(CertificateFault),
}

impl FaultKind {
    /// Whether it is about what one side sends, frame by frame.
    pub(crate) fn is_of_frames(&self) -> bool {
        matches!(self, Self::Message(_) | Self::Control(_) | Self::Frame(_))
    }

    /// Whether it begins once on a connection, and is there from then on.
    fn stays(&self) -> bool {
        match self {
            Self::Stream(kind) => *kind != StreamFault::Reset,
            Self::Control(kind) => !kind.is_of_pongs(),
            _ => false,
        }
    }

    /// Whether connections are counted for it.
    fn is_of_connections(&self) -> bool {
        matches!(self, Self::Refuse(_) | Self::Handshake(_))
    }
}

/// What is wrong with a certificate that is made for this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CertificateFault {
    /// It was valid until a day ago.
    Expired,
    /// It is for a host that nobody has.
    WrongName,
}

static CERTIFICATES: &[Word<FaultKind>] = &[Word {
    name: "certificate",
    argument: WordArgument::Required("expired|wrong-name"),
    parse: |text| match text {
        "expired" => Ok(FaultKind::Certificate(CertificateFault::Expired)),
        "wrong-name" => Ok(FaultKind::Certificate(CertificateFault::WrongName)),
        text => Err(PieceError::at(0, format!("{text:?} is neither expired nor wrong-name"))),
    },
}];

/// All faults, by their names.
pub(super) static FAULTS: &[&[Word<FaultKind>]] =
    &[stream::WORDS, gateway::WORDS, message::WORDS, frame::WORDS, handshake::WORDS, CERTIFICATES];

impl Fault {
    /// Reads a fault with its selectors: `[client|server] [SELECTORS] NAME [PARAMETERS]`.
    ///
    /// # Errors
    /// What is wrong, with its column.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).map_err(|error| error.told(text))
    }

    /// Reads the fault of a rule, whose condition says when it is injected.
    ///
    /// # Errors
    /// What is wrong, or makes no sense there.
    pub(super) fn of_rule(text: &str) -> Result<Self, PieceError> {
        let fault = Self::read(text)?;
        match &fault.kind {
            FaultKind::Refuse(_) | FaultKind::Handshake(_) | FaultKind::Certificate(_) => {
                Err(PieceError::at(0, "the connection is open already where a rule takes a message"))
            }
            _ if fault.selector != Selector::default() => {
                Err(PieceError::at(0, "when a fault of a rule is injected is said by its condition"))
            }
            _ => Ok(fault),
        }
    }

    fn read(text: &str) -> Result<Self, PieceError> {
        Self::read_as(text, with_selectors_first)
    }

    /// The same, with what `meant` takes the text, the name of the fault and what follows it for, where that can't be read.
    fn read_as(text: &str, meant: fn(&str, &str, &str) -> Option<String>) -> Result<Self, PieceError> {
        let mut selectors = SelectorParser::default();
        let mut rest = text.trim();
        while let Some(behind) = selectors.take(rest).map_err(|error| error.behind(offset(text, rest)))? {
            rest = behind;
        }
        let (name, argument) = first_word(rest);
        let begins = offset(text, rest);
        let word = FAULTS.iter().find_map(|words| find(words, name)).ok_or_else(|| unknown(name, begins))?;
        let kind = word.read(argument).map_err(|error| match meant(text, name, argument) {
            Some(meant) => {
                PieceError::at(offset(text, argument), format!("when it is injected stands before it: {meant}"))
            }
            None => error.behind(offset(text, argument)),
        })?;
        let (speaker, selector) = selectors.finish();
        let fault = Self { text: text.trim().to_owned(), speaker, selector, kind };
        fault.check(rest).map_err(|why| PieceError::at(begins, why))?;
        Ok(fault)
    }

    /// # Errors
    /// Selectors that say nothing of this fault.
    fn check(&self, named: &str) -> Result<(), String> {
        let Selector { counter, odds, most, names_message, .. } = &self.selector;
        match &self.kind {
            kind if kind.is_of_connections() && self.speaker.is_some() => {
                Err("nothing has been said yet on the connections that it is for, so that it has no direction".into())
            }
            kind if kind.is_of_connections() && self.selector.after_time.is_some() => {
                Err("it counts connections, and takes no time".into())
            }
            kind if kind.is_of_connections() && *names_message => {
                Err("no message has been sent yet; once, after N and every N count connections".into())
            }
            FaultKind::Stream(StreamFault::HalfOpen) if self.speaker.is_none() => {
                Err("half-open needs the direction that stops, client or server: server half-open".into())
            }
            kind if kind.stays() && most.is_some() && !names_message => {
                Err("it begins once on a connection and stays, so that times N says nothing".into())
            }
            FaultKind::Frame(_) if most.is_some() && counter.is_none() => Err(format!(
                "it is injected once; every 1 times {} {named} is before each message",
                most.unwrap_or_default()
            )),
            FaultKind::Certificate(_) if self.speaker.is_some() || self.selector != Selector::default() => {
                Err("a certificate is that of all connections".into())
            }
            kind => match counter {
                // Each first is the first.
                Some(Counter::Every(number @ 2..)) if kind.stays() && odds.is_none() => {
                    Err(format!("it stays once it has begun: message {number} {named} begins it with that message"))
                }
                _ => Ok(()),
            },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// All faults with their parameters, for help.
pub(crate) fn fault_list() -> String {
    let usages: Vec<String> = FAULTS.iter().copied().flatten().map(Word::usage).collect();
    let frames: Vec<String> = FRAMES.iter().map(Word::usage).collect();
    format!("{}.\nKIND, a frame that the protocol forbids: {}", usages.join(", "), frames.join(", "))
}

/// What was meant where selectors stand behind the fault `name`, among its parameters or in their place.
fn with_selectors_first(text: &str, name: &str, argument: &str) -> Option<String> {
    let before = &text[..offset(text, argument)];
    let before = before.trim_end().strip_suffix(name)?;
    let words = argument.split_whitespace().collect::<Vec<_>>();
    (0..words.len()).find_map(|at| {
        let (own, selectors) = words.split_at(at);
        let parts = [before.trim(), &selectors.join(" "), name, &own.join(" ")];
        let meant = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let is_read = is_selector(selectors[0]) || find(SPEAKERS, selectors[0]).is_some();
        (is_read && Fault::read_as(&meant, |_, _, _| None).is_ok()).then_some(meant)
    })
}

fn unknown(name: &str, at: usize) -> PieceError {
    if name.is_empty() {
        return PieceError::at(at, "a fault has to follow, such as latency 200ms");
    }
    let all = FAULTS.iter().copied().flatten();
    match nearest(all.map(|word| word.name), name) {
        Some(meant) => PieceError::at(at, format!("{name:?} is not a fault; did you mean {meant}?")),
        None => {
            let known: Vec<String> = FAULTS.iter().map(|words| names(words)).collect();
            let known = known.join("; ");
            let first = "client or server, and when it is injected, such as 10% or every 3rd, stand before it";
            PieceError::at(at, format!("{name:?} is not a fault ({known}); {first}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(text: &str) -> Fault {
        Fault::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_fault_has_a_way_selectors_a_name_and_parameters() {
        let fault = read(" server every 3rd at 2s 12.5% latency 200ms 50ms ");
        assert_eq!(fault.speaker, Some(RuleSpeaker::Server));
        let Selector { counter, after_time, odds, .. } = &fault.selector;
        assert_eq!((*counter, *after_time), (Some(Counter::Every(3)), Some(Duration::from_secs(2))));
        assert_eq!(*odds, Some(125_000));
        let (delay, jitter) = (Duration::from_millis(200), Duration::from_millis(50));
        assert_eq!(fault.kind, FaultKind::Stream(StreamFault::Latency { delay, jitter }));
        assert_eq!(fault.to_string(), "server every 3rd at 2s 12.5% latency 200ms 50ms");
        assert_eq!(read("times 4 drop").selector.most, Some(4));
        let fault = read("message 3 reset");
        assert_eq!((fault.selector.counter, fault.selector.most), (Some(Counter::After(3)), Some(1)));
    }

    #[test]
    fn a_gateway_is_what_it_does_to_an_idle_connection() {
        for (gateway, idle) in [("nginx", "60s"), ("aws-nlb", "350s silence"), ("aws-api", "10m fin")] {
            assert_eq!(read(&format!("gateway {gateway}")).kind, read(&format!("idle {idle}")).kind, "{gateway}");
        }
        // Each that help names is known.
        let usage = FAULTS.iter().copied().flatten().find(|word| word.name == "gateway").unwrap().usage();
        let names = usage.strip_prefix("gateway NAME (").unwrap().trim_end_matches(')').replace(" or ", ", ");
        let names: Vec<_> = names.split(", ").collect();
        assert!(names.len() > 3 && names.iter().all(|name| Fault::parse(&format!("gateway {name}")).is_ok()));
    }

    #[test]
    fn what_is_no_fault_is_told_with_its_column() {
        for (text, why) in [
            ("", "column 1: a fault has to follow, such as latency 200ms"),
            ("client ", "column 7: a fault has to follow, such as latency 200ms"),
            ("server latncy 1s", "column 8: \"latncy\" is not a fault; did you mean latency?"),
            ("latency", "column 8: latency needs an argument: latency DELAY [JITTER]"),
            ("latency 1x", "column 9: \"1x\" is not a duration such as 500ms, 30s or 1m30s"),
            ("latency 1s 1s 1s", "column 9: latency takes a delay and a jitter: latency DELAY [JITTER]"),
            ("every 0 reset", "column 7: \"0\" is not a number from 1, such as 2nd"),
            ("every reset", "column 7: \"reset\" is not a number from 1, such as 2nd"),
            ("101% reset", "column 1: 101% is not a probability (0% to 100%)"),
            ("-1% reset", "column 1: -1% is not a probability (0% to 100%)"),
            ("once every 2 reset", "column 6: it is counted already"),
            ("client server reset", "column 8: the direction is given already"),
            ("reset now", "column 7: reset takes no argument"),
            ("drop 10%", "column 6: when it is injected stands before it: 10% drop"),
            ("server latency 1s 10%", "column 16: when it is injected stands before it: server 10% latency 1s"),
            ("reset server", "column 7: when it is injected stands before it: server reset"),
            ("half-open", "column 1: half-open needs the direction that stops, client or server: server half-open"),
            (
                "client refuse 2",
                "column 8: nothing has been said yet on the connections that it is for, so that it has no direction",
            ),
            ("idle 1s soon", "column 6: \"soon\" is none of fin, rst and silence"),
            (
                "gateway apache",
                "column 9: \"apache\" is not a gateway that is known here: expected gcp, heroku, nginx, aws-alb, \
                 cloudflare, azure, envoy, aws-nlb, aws-api or haproxy",
            ),
            ("bandwidth 0", "column 11: a rate is at least 1 byte a second"),
        ] {
            assert_eq!(Fault::parse(text).unwrap_err(), why, "{text}");
        }
    }
}
