//! The flags of `wscli ping`.

use std::time::Duration;

use clap::Args;

use super::choice::whole_number;
use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::deadlines::DEADLINES;
use crate::commands::ping::{Config, MessageProbe, Questions, SeriesConfig};
use crate::script::{Condition, regex};
use crate::values::{deadline, duration};
use crate::ws::Observe;

const PINGS: &str = "Pings";

/// The largest payload of a control frame (RFC 6455 §5.5), in bytes.
const MAX_SIZE: u8 = 125;

#[derive(Debug, Args)]
// The letters of ping(8) are worth more here than those of curl that are the same; and its Pings are all that there are.
#[command(
    mut_arg("cookie_jar", |arg| arg.short(None)),
    mut_arg("subprotocols", |arg| arg.short(None)),
    mut_arg("ping_interval", |arg| arg.hide(true)),
    mut_arg("ping_timeout", |arg| arg.hide(true)),
)]
pub(super) struct PingArgs {
    #[command(flatten)]
    pub(super) client: ClientArgs,

    /// Stop after N pings [default: no limit]
    #[arg(short = 'c', long, value_name = "N", value_parser = whole_number(1_u64..), help_heading = PINGS)]
    count: Option<u64>,

    /// Interval between pings; 0 to send the next one as soon as the last is answered
    #[arg(short = 'i', long, value_name = "DURATION", default_value = "1s", value_parser = duration, help_heading = PINGS)]
    interval: Duration,

    /// How long to wait for each pong, and for each answer to --message
    #[arg(short = 'W', long, value_name = "DURATION", default_value = "10s", value_parser = deadline, help_heading = PINGS)]
    timeout: Duration,

    /// Payload of a ping, 0 to 125 bytes: its number, zero-padded to this length
    #[arg(short = 's', long, value_name = "BYTES", default_value = "8",
          value_parser = whole_number(0..=MAX_SIZE), help_heading = PINGS)]
    size: u8,

    /// With each ping, also send this text message, and time the answer: the same text, as an echo server returns it
    #[arg(long, value_name = "TEXT", help_heading = PINGS)]
    message: Option<String>,

    /// With --message: the answer is the next message that matches
    #[arg(long, value_name = "REGEX", value_parser = regex, requires = "message", help_heading = PINGS)]
    answer: Option<Condition>,

    /// Print each line as a JSON object (wscli man ping)
    #[arg(long)]
    json: bool,

    /// Print only the address and the summary, not each ping
    #[arg(short = 'q', long)]
    quiet: bool,

    /// Stop after this long, plus 100 ms for the peer to answer our Close; pings unanswered by then aren't lost; 0 for
    /// no limit [default: 0]
    #[arg(short = 'm', long, value_name = "DURATION", value_parser = duration, help_heading = DEADLINES)]
    pub(super) max_time: Option<Duration>,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl PingArgs {
    pub(super) fn config(self) -> Config {
        let Self { count, interval, timeout, size, message, answer, json, quiet, max_time, .. } = self;
        let frames = self.connection.frames;
        let mut settings = self.connection.config(Observe::Nothing);
        settings.timing.ping_interval = None;
        let (destination, client) = self.client.config(settings);
        let questions = Questions {
            series: SeriesConfig { interval, timeout, count },
            size: size.into(),
            message: message.map(|text| MessageProbe { text, answer }),
        };
        Config { destination, client, questions, json, quiet, max_time, frames }
    }
}
