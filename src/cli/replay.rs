//! The flags of `wscli replay`, and of whoever plays a recording.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::choice::one_described;
use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::deadlines::DEADLINES;
use super::recording::RecordingArgs;
use crate::commands::replay::Config;
use crate::handlers::replay::{Capture, OnMismatch, Patience, ReplayOptions, ReplayPace};
use crate::stdio::recording::RecordingConfig;
use crate::stdio::recording_reader::BadLines;
use crate::trace::message_match::{MatchMode, MessageMatch, ValuePath};
use crate::values::duration;
use crate::ws::{Observe, Role};

const REPLAY: &str = "Replay";

/// Those whose side can be played.
const ROLES: [(&str, Role); 2] = [("client", Role::Client), ("server", Role::Server)];

#[derive(Debug, Args)]
// What was sent when it was recorded is sent again, its Pings too.
#[command(mut_arg("ping_interval", |arg| arg.default_value("0")))]
pub(super) struct ReplayArgs {
    /// A recording made with --record; - for stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    #[command(flatten)]
    pub(super) client: ClientArgs,

    /// Which side to play to the server
    #[arg(long, value_name = "ROLE", default_value = "client", value_parser = one_described(&ROLES, role_help),
          help_heading = REPLAY)]
    role: Role,

    #[command(flatten)]
    playing: PlayingArgs,

    /// Skip lines that can't be parsed, with a note on stderr, instead of stopping at the first with exit code 2
    #[arg(long)]
    lenient: bool,

    /// Stop after this long, plus 100 ms for the peer to answer our Close; messages that haven't arrived by then are missing;
    /// 0 for no limit [default: 0]
    #[arg(short = 'm', long, value_name = "DURATION", value_parser = duration, help_heading = DEADLINES)]
    pub(super) max_time: Option<Duration>,

    #[command(flatten)]
    recording: RecordingArgs,

    #[command(flatten)]
    connection: ConnectionArgs,
}

/// How a recording is played, by a client and by a server.
#[derive(Debug, Args)]
pub(super) struct PlayingArgs {
    /// Which connection to play if the file has several, by its number there (counted from 1 where numbers repeat)
    #[arg(long = "connection", value_name = "N", help_heading = REPLAY)]
    number: Option<usize>,

    /// When to send the next message
    #[arg(long, value_name = "PACE", default_value = "order", value_parser = one_described(&ReplayPace::NAMES, pace_help),
          help_heading = REPLAY)]
    pace: ReplayPace,

    /// With --pace time: play this many times as fast, such as 10 or 0.5
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed, help_heading = REPLAY)]
    speed: f64,

    /// With --pace time: shorten longer gaps to this, before --speed [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = REPLAY)]
    max_gap: Option<Duration>,

    /// Wait this much longer for a message than it took when recorded; 0 for no limit [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = REPLAY)]
    wait: Option<Duration>,

    /// How messages are compared with the recorded ones
    #[arg(long = "match", value_name = "HOW", default_value = "json",
          value_parser = one_described(&MatchMode::NAMES, match_help), help_heading = REPLAY)]
    matching: MatchMode,

    /// Ignore this value in JSON (RFC 6901, such as /user/id; * stands for every member or element); repeatable
    #[arg(long, value_name = "POINTER", value_parser = ValuePath::parse, help_heading = REPLAY)]
    ignore: Vec<ValuePath>,

    /// What to do if a message differs from the recorded one
    #[arg(long, value_name = "WHAT", default_value = "fail",
          value_parser = one_described(&OnMismatch::NAMES, on_mismatch_help),
          help_heading = REPLAY)]
    on_mismatch: OnMismatch,

    /// Take this value from each JSON message received, and use it instead of the recorded one in messages sent and compared
    /// later, such as session=/session/id; repeatable
    #[arg(long, value_name = "NAME=POINTER", value_parser = Capture::parse, help_heading = REPLAY)]
    capture: Vec<Capture>,

    /// Also send recorded frames that the protocol forbids, masked as they were
    #[arg(long, help_heading = REPLAY)]
    exact: bool,
}

impl ReplayArgs {
    pub(super) fn config(self) -> Config {
        let frames = self.connection.frames;
        let recording = self.recording.config();
        let settings = self.connection.config(recording.as_ref().map_or(Observe::Nothing, RecordingConfig::observes));
        let (destination, mut client) = self.client.config(settings);
        client.settings.tolerant = client.unchecked;
        let (connection, options) = self.playing.config(Role::Client);
        Config {
            path: self.file,
            bad_lines: if self.lenient { BadLines::PassOver } else { BadLines::RefuseAtFirst },
            connection,
            side: self.role,
            destination,
            client,
            options,
            max_time: self.max_time,
            recording,
            frames,
        }
    }
}

impl PlayingArgs {
    /// Which connection, and how its side of `role` is played.
    pub(super) fn config(self, role: Role) -> (Option<usize>, ReplayOptions) {
        let options = ReplayOptions {
            pace: self.pace,
            speed: self.speed,
            max_gap: self.max_gap,
            patience: Patience::of(self.wait, role),
            matching: MessageMatch { mode: self.matching, ignored: self.ignore },
            on_mismatch: self.on_mismatch,
            captures: self.capture,
            exact: self.exact,
            keeps_open: false,
        };
        (self.number, options)
    }
}

fn role_help(role: Role) -> Option<&'static str> {
    Some(match role {
        Role::Client => "What the client sent",
        Role::Server => "What the server sent, such as a feed for another server; serve --replay plays it to clients",
    })
}

fn pace_help(pace: ReplayPace) -> Option<&'static str> {
    Some(match pace {
        ReplayPace::Order => "Once as many messages have arrived as before it in the recording",
        ReplayPace::Time => "After the recorded time",
        ReplayPace::None => "At once",
    })
}

pub(super) fn match_help(mode: MatchMode) -> Option<&'static str> {
    Some(match mode {
        MatchMode::Json => "JSON by its values, anything else byte for byte",
        MatchMode::Subset => "The same, but objects may have more members",
        MatchMode::Exact => "Every byte",
        MatchMode::Regex => "Recorded messages are regular expressions that must match",
        MatchMode::Count => "Only the number of messages",
        MatchMode::Any => "Nothing",
    })
}

fn on_mismatch_help(on_mismatch: OnMismatch) -> Option<&'static str> {
    Some(match on_mismatch {
        OnMismatch::Warn => "Report it and continue",
        OnMismatch::Fail => "The same, and exit 1 at the end; for serve, like warn",
        OnMismatch::Stop => "Close at once: replay with 1000 and exit 1, serve with 1008",
    })
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| (0.001..=1e6).contains(speed));
    speed.ok_or_else(|| format!("{text:?} is not a factor from 0.001 to 1000000"))
}
