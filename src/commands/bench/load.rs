//! What load is asked for: how many connections, when each sends, and how long.

use std::net::IpAddr;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use super::answer_rule::AnswerRule;

/// The load of one run.
#[derive(Debug)]
pub(crate) struct LoadConfig {
    /// How many, at least one.
    pub(crate) connections: usize,
    /// The time over which they are opened, evenly; with 0 as fast as that goes.
    pub(crate) ramp: Duration,
    pub(crate) pacing: Pacing,
    /// Addresses of this machine that connections come from, one after the other; where there are none, the system chooses.
    pub(crate) sources: Vec<IpAddr>,
    /// All connections are dropped at the end, and come back.
    pub(crate) storm: bool,
    /// What is sent before so much time has passed isn't measured.
    pub(crate) warmup: Duration,
    pub(crate) extent: LoadExtent,
    pub(crate) answers: AnswerRule,
    /// Some publish, and the others receive that.
    pub(crate) fan_out: Option<FanOut>,
    /// How long an answer is waited for, once there is nothing else to do.
    pub(crate) timeout: Duration,
}

/// How many do what, where what some publish is received by others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FanOut {
    pub(crate) publishers: usize,
    pub(crate) subscribers: usize,
}

/// What decides when the next message goes out on a connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pacing {
    /// An answer: so many messages are unanswered at a time. A server that stalls is sent nothing meanwhile.
    Closed { in_flight: u32 },
    /// The clock, whatever has become of those before.
    Open(SendRate),
    /// Nothing: connections are opened, and that is all.
    ConnectOnly,
}

/// Messages a second: one in a day, and more than any machine sends.
const LEAST_RATE: f64 = 1e-5;
const MOST_RATE: f64 = 1e9;

/// How often something is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SendRate {
    /// Messages a second; more than 0.
    pub(crate) per_second: f64,
    /// On each connection, and not on all of them together.
    pub(crate) of_each: bool,
}

impl SendRate {
    /// Reads `N`, `N/s` for all connections together, and `N/s/connection`.
    ///
    /// # Errors
    /// What it has to be.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (number, of_each) = match text.strip_suffix("/connection") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let number = number.strip_suffix("/s").unwrap_or(number).parse();
        let per_second = number.ok().filter(|number: &f64| (LEAST_RATE..=MOST_RATE).contains(number));
        let per_second = per_second.ok_or("expected a rate such as 100, 100/s or 0.5/s/connection")?;
        Ok(Self { per_second, of_each })
    }
}

/// What ends the load, behind the warm-up.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LoadExtent {
    Time(Duration),
    /// So many on all connections together, or until so much time has passed.
    Messages(u64, Option<Duration>),
}

/// When the load of a run begins and ends, for all of its connections.
#[derive(Debug, Clone, Copy)]
pub(super) struct LoadTimes {
    pub(super) begin: Instant,
    /// What is sent from here on is measured.
    pub(super) measured: Instant,
    /// From here on nothing is sent.
    pub(super) end: Option<Instant>,
    /// Connections that send: those at the places from 0 on.
    pub(super) senders: usize,
}

impl LoadConfig {
    /// Where the connection with this number, from 0, comes from.
    pub(super) fn source(&self, number: usize) -> Option<IpAddr> {
        self.sources.get(number % self.sources.len().max(1)).copied()
    }

    /// How many threads drive the connections: one for each processor.
    pub(super) fn workers(&self) -> usize {
        available_parallelism().map_or(1, usize::from).min(self.connections)
    }

    pub(super) fn times(&self, begin: Instant, open: usize) -> LoadTimes {
        let measured = begin + self.warmup;
        let time = match self.extent {
            LoadExtent::Time(time) => Some(time),
            LoadExtent::Messages(_, time) => time,
        };
        let senders = self.fan_out.map_or(open, |fan_out| fan_out.publishers.min(open));
        LoadTimes { begin, measured, end: time.map(|time| measured + time), senders }
    }

    /// How many of the messages are for the connection at this place, from 0, of so many; `None` where the time decides.
    pub(super) fn share(&self, place: usize, connections: usize) -> Option<u64> {
        let LoadExtent::Messages(all, _) = self.extent else { return None };
        let (place, connections) = (place as u64, connections.max(1) as u64);
        Some(all / connections + u64::from(place < all % connections))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn rates_are_of_all_or_of_each() {
        let rate = |text: &str| SendRate::parse(text).map(|rate| (rate.per_second, rate.of_each));
        assert_eq!(rate("100"), Ok((100.0, false)));
        assert_eq!(rate("0.5/s"), Ok((0.5, false)));
        assert_eq!(rate("20/s/connection"), Ok((20.0, true)));
        for wrong in ["", "0", "-1", "nan", "inf", "1/m", "1 /s", "5/connection/s", "1e10"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn messages_are_shared_out_to_the_last() {
        for (all, connections) in [(10, 3), (2, 5), (0, 1), (7, 7)] {
            let config = LoadConfig {
                connections,
                ramp: Duration::ZERO,
                pacing: Pacing::ConnectOnly,
                sources: vec![Ipv4Addr::LOCALHOST.into(); 2],
                storm: false,
                warmup: Duration::ZERO,
                extent: LoadExtent::Messages(all, None),
                answers: AnswerRule::Fifo,
                fan_out: None,
                timeout: Duration::ZERO,
            };
            let shares = (0..connections).map(|place| config.share(place, connections).unwrap());
            assert_eq!(shares.sum::<u64>(), all);
            assert_eq!(config.source(5), Some(Ipv4Addr::LOCALHOST.into()));
        }
    }
}
