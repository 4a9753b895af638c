//! What `ping` tells: lines for people, and the same as JSON; docs/ping.md describes that.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::series::{Answered, Series};
use crate::client::PhaseTimes;
use crate::peer_text::Escaped;
use crate::trace::latencies::LatencySummary;
use crate::view::amount::{Grouped, Latency, Millis};
use crate::view::control_payload::ControlPayload;

/// What is asked of the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PingQuestion {
    Ping,
    Message,
}

/// One thing that is told, when it happens.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum PingEvent<'a> {
    Opened {
        url: &'a str,
        address: Option<&'a str>,
        times_ms: PhaseTimes,
    },
    Answered {
        to: PingQuestion,
        number: u64,
        round_trip_ms: Millis,
    },
    Lost {
        to: PingQuestion,
        number: u64,
        /// A later one was answered; otherwise no answer came within this time.
        #[serde(skip)]
        within: Option<Duration>,
    },
    /// A Pong that answers none of our Pings that wait for one.
    UnsolicitedPong {
        /// The Ping that it belongs to, which was given up or has been answered.
        number: Option<u64>,
        /// As text, or in hexadecimal behind 0x.
        #[serde(serialize_with = "text_or_hex")]
        payload: &'a [u8],
    },
    Summary {
        pings: SeriesSummary,
        #[serde(skip_serializing_if = "Option::is_none")]
        messages: Option<SeriesSummary>,
    },
    /// How the connection ended, in words; for people that is on stderr.
    Closed {
        ending: &'a str,
    },
}

/// What a series has come to.
#[derive(Debug, Serialize)]
pub(super) struct SeriesSummary {
    sent: u64,
    answered: u64,
    lost: u64,
    /// Neither answered nor given up when the run was stopped.
    awaited: u64,
    loss_percent: f64,
    #[serde(flatten)]
    latencies: Option<LatencySummary>,
}

impl SeriesSummary {
    pub(super) fn of(series: &Series) -> Self {
        let counts = series.counts();
        // To a tenth.
        let percent = |part: u64, all: u64| (part as f64 * 1000.0 / all.max(1) as f64).round() / 10.0;
        Self {
            sent: counts.sent,
            answered: counts.answered,
            lost: counts.lost,
            awaited: counts.awaited,
            loss_percent: percent(counts.lost, counts.answered + counts.lost),
            latencies: series.latencies.summary(),
        }
    }
}

impl PingEvent<'_> {
    /// Whether it is about one ping or message, and not about all of them.
    pub(super) fn is_of_one_question(&self) -> bool {
        matches!(self, Self::Answered { .. } | Self::Lost { .. } | Self::UnsolicitedPong { .. })
    }

    pub(super) fn answered(to: PingQuestion, answered: &Answered) -> Self {
        Self::Answered { to, number: answered.number, round_trip_ms: Millis(answered.latency) }
    }
}

fn text_or_hex<S: Serializer>(payload: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    match ControlPayload::from(payload) {
        ControlPayload::Text(text) => serializer.serialize_str(text),
        bytes @ ControlPayload::Bytes(_) => serializer.collect_str(&bytes),
    }
}

impl fmt::Display for PingQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ping => "ping",
            Self::Message => "message",
        })
    }
}

impl fmt::Display for PingEvent<'_> {
    /// As lines, each ended by a newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { url, address, times_ms } => {
                writeln!(f, "{}", Escaped(url))?;
                if let Some(address) = address {
                    writeln!(f, "address  {}", Escaped(address))?;
                }
                times_ms.in_words().map_or(Ok(()), |times| writeln!(f, "times    {times}"))
            }
            Self::Answered { to, number, round_trip_ms } => {
                writeln!(f, "{to:<8} {number:<6} {}", Latency(round_trip_ms.0))
            }
            Self::Lost { to, number, within } => match within {
                Some(within) => writeln!(f, "{to:<8} {number:<6} no {} within {within:?}", to.answer()),
                None => writeln!(f, "{to:<8} {number:<6} no {}: a later {to} was answered first", to.answer()),
            },
            Self::UnsolicitedPong { number: Some(number), .. } => {
                writeln!(f, "a late or duplicate Pong for ping {number}")
            }
            Self::UnsolicitedPong { number: None, payload } => {
                writeln!(f, "an unsolicited Pong: {}", ControlPayload::from(*payload))
            }
            Self::Summary { pings, messages } => {
                write!(f, "\npings    {pings}")?;
                messages.as_ref().map_or(Ok(()), |messages| write!(f, "messages {messages}"))
            }
            Self::Closed { .. } => Ok(()),
        }
    }
}

impl PingQuestion {
    fn answer(self) -> &'static str {
        match self {
            Self::Ping => "pong",
            Self::Message => "answer",
        }
    }
}

impl fmt::Display for SeriesSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, answered, lost, awaited, loss_percent, latencies } = self;
        write!(
            f,
            "{} sent, {} answered, {} lost ({loss_percent} %)",
            Grouped(*sent),
            Grouped(*answered),
            Grouped(*lost)
        )?;
        if *awaited > 0 {
            write!(f, ", {} still awaited", Grouped(*awaited))?;
        }
        f.write_str("\n")?;
        let Some(LatencySummary { min, mean, median, p99, max, mdev }) = latencies else { return Ok(()) };
        let [min, mean, median, p99, max, mdev] = [min, mean, median, p99, max, mdev].map(|time| Latency(time.0));
        writeln!(f, "         min {min}, mean {mean}, median {median}, p99 {p99}, max {max}, mdev {mdev}")
    }
}
