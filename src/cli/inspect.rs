//! The flags of `wscli inspect`.

use std::time::Duration;

use clap::{ArgGroup, Args};

use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::deadlines::DEADLINES;
use crate::commands::inspect::{Config, ExpectConfig, LimitsConfig, ReportFormat};
use crate::script::{Condition, GoalConfig, regex};
use crate::values::{deadline, duration};
use crate::ws::Observe;

const LIMITS: &str = "Limits";

/// How long connections are watched at most.
const WATCHED: Duration = Duration::from_secs(600);
const QUICK: Duration = Duration::from_secs(60);

/// From one thing that is to keep a connection open to the next.
const EVERY: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("uses_message").args(["expect", "limits"]).multiple(true))]
pub(super) struct InspectArgs {
    #[command(flatten)]
    pub(super) client: ClientArgs,

    /// Print the report as one JSON object (schema: docs/inspect.schema.json)
    #[arg(long)]
    json: bool,

    /// Print the report as metrics in Prometheus text format, for the node exporter's textfile collector
    #[arg(long, conflicts_with = "json")]
    prometheus: bool,

    /// Also send a compressed message in two fragments with a Ping between them, and report whether a server that echoes
    /// returns it intact
    #[arg(long)]
    echo_probe: bool,

    /// On another connection, expect a text or binary message that matches; repeatable, in this order; exit 1 if one is missing
    /// when --expect-timeout expires or the connection ends
    #[arg(long, value_name = "REGEX", value_parser = regex)]
    expect: Vec<Condition>,

    /// How long --expect waits after the opening handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = deadline, requires = "expect")]
    expect_timeout: Duration,

    /// Find out who ends a connection and when, what keeps it open, and how large a message may be: opens up to a few
    /// dozen connections and sends messages of up to 64 MiB (wscli man inspect)
    #[arg(long, help_heading = LIMITS)]
    limits: bool,

    /// Watch connections for at most this long, or until the remaining ones have lasted three times as long as the first to end
    /// [default: 10m]
    #[arg(long = "for", value_name = "DURATION", requires = "limits", value_parser = deadline, help_heading = LIMITS)]
    watched: Option<Duration>,

    /// Interval between keepalive Pings, Pongs or messages [default: 2s]
    #[arg(long, value_name = "DURATION", requires = "limits", value_parser = deadline, help_heading = LIMITS)]
    every: Option<Duration>,

    /// With --expect: send this text message first. With --limits: the message used to keep a connection open, and,
    /// with blanks behind it, to find out how large one may be [default: ping, and a text of one letter]
    #[arg(long, value_name = "TEXT", requires = "uses_message")]
    message: Option<String>,

    /// Watch for at most a minute, unless --for is given, and try messages of up to 1 MiB
    #[arg(long, requires = "limits", help_heading = LIMITS)]
    quick: bool,

    /// Stop after this long, plus 100 ms for the peer to answer our Close, and report what is known by then; 0 for no limit
    /// [default: 0]
    #[arg(short = 'm', long, value_name = "DURATION", value_parser = duration, help_heading = DEADLINES)]
    pub(super) max_time: Option<Duration>,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl InspectArgs {
    pub(super) fn config(self) -> Config {
        let frames = self.connection.frames;
        let Self { client, connection, json, prometheus, echo_probe, limits, watched, every, message, quick, .. } =
            self;
        let (expect, max_time) = (self.expect, self.max_time);
        let (destination, client) = client.config(connection.config(Observe::Nothing));
        let expects = (!expect.is_empty()).then(|| ExpectConfig {
            goals: GoalConfig { expect, ..GoalConfig::default() },
            message: message.clone(),
            timeout: self.expect_timeout,
        });
        let limits = limits.then(|| LimitsConfig {
            watched: watched.unwrap_or(if quick { QUICK } else { WATCHED }),
            every: every.unwrap_or(EVERY),
            message,
            is_quick: quick,
        });
        let format = match (json, prometheus) {
            (true, _) => ReportFormat::Json,
            (_, true) => ReportFormat::Metrics,
            (false, false) => ReportFormat::Text,
        };
        Config { destination, client, format, echo_probe, expects, limits, max_time, frames }
    }
}
