//! The flags of `wscli bench`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgGroup, Args, ValueHint};

use super::choice::{one_of, whole_number};
use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::data::datum;
use crate::commands::bench::{
    AnswerRule, Config, ExportFormat, FanOut, KNOWN_AT_ONCE, LoadConfig, LoadExtent, MessageSource, Pacing, SendRate,
    Threshold,
};
use crate::commands::connect::Datum;
use crate::values::{deadline, duration, size};
use crate::ws::{Kind, Observe};

const LOAD: &str = "Load";
const MESSAGES: &str = "Messages";

/// More than one machine has ports for.
const MOST_CONNECTIONS: usize = 1_000_000;

/// Unanswered at a time.
const MOST_IN_FLIGHT: u32 = 1_000_000;

/// How long the load lasts where nothing says so.
const USUAL_DURATION: Duration = Duration::from_secs(10);

/// How long connections are open before they are dropped, likewise.
const USUAL_CALM: Duration = Duration::from_secs(1);

/// Of a message that nothing is said of, in bytes.
const USUAL_SIZE: usize = 16;

/// What a load can be written for instead.
const EXPORTS: [(&str, ExportFormat); 2] = [("k6", ExportFormat::K6), ("artillery", ExportFormat::Artillery)];

#[derive(Debug, Args)]
// -c is what every load generator calls its connections.
#[command(
    group = ArgGroup::new("content").args(["data", "size"]),
    mut_arg("cookie_jar", |arg| arg.short(None)),
    mut_arg("frames", |arg| arg.hide(true)),
)]
pub(super) struct BenchArgs {
    #[command(flatten)]
    pub(super) client: ClientArgs,

    /// Open this many connections
    #[arg(short = 'c', long, value_name = "N", default_value = "10",
          value_parser = whole_number(1..=MOST_CONNECTIONS), help_heading = LOAD)]
    connections: usize,

    /// Send for this long, once all connections are open [default: 10s, unless -n is given]
    #[arg(short = 'z', long, value_name = "DURATION", value_parser = deadline, help_heading = LOAD)]
    duration: Option<Duration>,

    /// Stop after sending N messages on all connections together
    #[arg(short = 'n', long, value_name = "N", value_parser = whole_number(1_u64..), help_heading = LOAD)]
    count: Option<u64>,

    /// Open loop: send at this rate, answered or not: N/s in total, N/s/connection on each connection. Round trips are
    /// measured from the planned time of a message, so that a stalled server is charged for every message that waits
    /// [default: closed loop, see --in-flight]
    #[arg(long, value_name = "RATE", value_parser = SendRate::parse, help_heading = LOAD)]
    rate: Option<SendRate>,

    /// Closed loop: number of unanswered messages per connection; the next one is sent when one is answered, so a stalled
    /// server receives nothing more
    #[arg(long, value_name = "N", default_value = "1", value_parser = whole_number(1..=MOST_IN_FLIGHT),
          conflicts_with = "rate", help_heading = LOAD)]
    in_flight: u32,

    /// Fan-out: N connections publish, at --rate, and the others should receive every message. Messages begin with
    /// wscli-bench:NUMBER, unless --template and --reply json:/POINTER say where the number is
    #[arg(long, value_name = "N", value_parser = whole_number(1..=MOST_CONNECTIONS), requires = "subscribe", requires = "rate",
          conflicts_with_all = ["connections", "connect_only"], help_heading = LOAD)]
    publish: Option<usize>,

    /// Fan-out: N connections receive what the --publish connections send
    #[arg(long, value_name = "N", value_parser = whole_number(1..=MOST_CONNECTIONS), requires = "publish", help_heading = LOAD)]
    subscribe: Option<usize>,

    /// Open the connections and send nothing on them
    #[arg(long, conflicts_with_all = ["rate", "in_flight", "count", "content", "binary", "reply"], help_heading = LOAD)]
    connect_only: bool,

    /// Reconnect storm: send nothing, drop all connections at once after -z [default: 1s], without a Close, and reconnect
    /// each one until it is back or --timeout expires
    #[arg(long, conflicts_with_all = ["rate", "in_flight", "count", "content", "binary", "reply", "warmup", "connect_only", "publish"],
          help_heading = LOAD)]
    storm: bool,

    /// Connect from this local address; repeatable: connections use them in turn. Each has its own local ports
    #[arg(long = "source", value_name = "ADDRESS", conflicts_with = "unix_socket", help_heading = LOAD)]
    sources: Vec<IpAddr>,

    /// Open the connections evenly over this time [default: as fast as possible, 32 at a time]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = LOAD)]
    ramp: Option<Duration>,

    /// Send for this long before anything is measured [default: 0]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = LOAD)]
    warmup: Option<Duration>,

    /// Allow load on a server that is not on this machine or in a private network
    #[arg(long = "i-may", help_heading = LOAD)]
    may_load_public: bool,

    /// Send this text message; @FILE sends the contents of a file
    #[arg(short = 'd', long = "message", visible_alias = "data", value_name = "TEXT", allow_hyphen_values = true,
          value_parser = OsStringValueParser::new().try_map(datum), help_heading = MESSAGES)]
    data: Option<Datum>,

    /// Fill in ${counter} in the message: its number on its connection, from 0; and ${uuid}, ${now} (milliseconds since 1970),
    /// ${random} and ${env.NAME}. A dollar sign is written $$
    #[arg(long, help_heading = MESSAGES)]
    template: bool,

    /// Send messages of this many bytes of printable ASCII, the same each time: up to 16MiB (K, M) [default: 16]
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = MESSAGES)]
    size: Option<usize>,

    /// Send binary messages
    #[arg(long, help_heading = MESSAGES)]
    binary: bool,

    /// What counts as an answer: fifo, the k-th message received answers the k-th sent; echo, the same, but the content must be
    /// the same too; json:/POINTER, the message with the same number there, in any order (with --template); none, nothing
    /// (with --rate)
    #[arg(long, value_name = "WHICH", default_value = "fifo", value_parser = AnswerRule::parse, help_heading = MESSAGES)]
    reply: AnswerRule,

    /// How long to wait for answers after the last message is sent
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = deadline, help_heading = MESSAGES)]
    timeout: Duration,

    /// Also draw a histogram of the round-trip times
    #[arg(long, conflicts_with_all = ["json", "storm", "connect_only", "export"])]
    histogram: bool,

    /// Exit 1 unless this holds: 'rtt.p99<50ms', with <, <=, > or >=. Times: rtt (round trips), open (all of opening a
    /// connection), send_delay (sent late) and back (after --storm), each with .min, .mean, .max or .pNN. Numbers: opened, failed, lost, sent, received,
    /// sent/s, received/s, unanswered, unsent, unsolicited, repeated, reordered, missing (after --storm); repeatable
    #[arg(long = "fail", value_name = "CONDITION", value_parser = Threshold::parse)]
    thresholds: Vec<Threshold>,

    /// Write the round-trip times of each second to this file, as an HdrHistogram interval log
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["storm", "connect_only", "export"])]
    hlog: Option<PathBuf>,

    /// Don't send any load; print it as a script for k6 or a test for Artillery, without secrets
    #[arg(long, value_name = "FORMAT", value_parser = one_of(&EXPORTS))]
    export: Option<ExportFormat>,

    /// Print the report as one JSON object (wscli man bench)
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl BenchArgs {
    /// # Errors
    /// Flags that say nothing together.
    pub(super) fn config(self) -> Result<Config, String> {
        if self.connection.frames.is_some() {
            return Err("--frames is for one connection: 'wscli connect --frames'".to_owned());
        }
        let pacing = match (self.rate, self.connect_only || self.storm) {
            (_, true) => Pacing::ConnectOnly,
            (Some(rate), _) => Pacing::Open(rate),
            (None, _) => Pacing::Closed { in_flight: self.in_flight },
        };
        let fan_out = self.publish.zip(self.subscribe);
        let fan_out = fan_out.map(|(publishers, subscribers)| FanOut { publishers, subscribers });
        self.check_reply(pacing, fan_out)?;
        let load = LoadConfig {
            connections: fan_out.map_or(self.connections, |fan_out| fan_out.publishers + fan_out.subscribers),
            fan_out,
            sources: self.sources,
            storm: self.storm,
            ramp: self.ramp.unwrap_or_default(),
            pacing,
            warmup: self.warmup.unwrap_or_default(),
            extent: match (self.count, self.duration) {
                (Some(count), most) => LoadExtent::Messages(count, most),
                (None, time) => LoadExtent::Time(time.unwrap_or(if self.storm { USUAL_CALM } else { USUAL_DURATION })),
            },
            answers: self.reply,
            timeout: self.timeout,
        };
        let (destination, client) = self.client.config(self.connection.config(Observe::Nothing));
        Ok(Config {
            destination,
            client,
            load,
            message: message(self.data, self.size),
            is_template: self.template,
            histogram_log: self.hlog,
            histogram: self.histogram,
            kind: if self.binary { Kind::Binary } else { Kind::Text },
            thresholds: self.thresholds,
            may_load_public: self.may_load_public,
            json: self.json,
            export: self.export,
        })
    }

    /// # Errors
    /// What answers messages can't go with when they are sent, or with what is in them.
    fn check_reply(&self, pacing: Pacing, fan_out: Option<FanOut>) -> Result<(), String> {
        if self.reply == AnswerRule::Nothing && matches!(pacing, Pacing::Closed { .. }) {
            return Err("--reply none needs --rate: without it the next message waits for an answer".to_owned());
        }
        if matches!(self.reply, AnswerRule::Json(_)) && self.in_flight as usize > KNOWN_AT_ONCE {
            return Err(format!(
                "--reply json knows {KNOWN_AT_ONCE} messages by their numbers, and --in-flight is more"
            ));
        }
        if matches!(self.reply, AnswerRule::Json(_)) && !self.template {
            return Err(
                "--reply json needs --template: ${counter} in the message is by what its answer is known".to_owned()
            );
        }
        if self.reply == AnswerRule::Echo && self.template {
            return Err(
                "--reply echo compares with one content: --template has --reply fifo or json:/POINTER".to_owned()
            );
        }
        if fan_out.is_some() && (self.reply == AnswerRule::Echo || self.reply == AnswerRule::Nothing) {
            return Err("what is published has no answer: of --reply only json:/POINTER goes with --publish".to_owned());
        }
        if fan_out.is_some() && self.template && self.reply == AnswerRule::Fifo {
            return Err("--template with --publish needs --reply json:/POINTER: subscribers look for the number there"
                .to_owned());
        }
        Ok(())
    }
}

fn message(datum: Option<Datum>, size: Option<usize>) -> MessageSource {
    match datum {
        Some(Datum::Stdin) => MessageSource::File("-".into()),
        Some(Datum::File(path)) => MessageSource::File(path),
        Some(Datum::Text(text)) => MessageSource::Text(text),
        None => MessageSource::Filler(size.unwrap_or(USUAL_SIZE)),
    }
}
