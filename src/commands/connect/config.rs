//! What `connect` is asked to do.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::advice::flag;
use crate::client::{self, Client, Destination};
use crate::commands::prompt::options::PromptOptions;
use crate::error::Error;
use crate::net::Interval;
use crate::peer_text::Escaped;
use crate::script::{Condition, GoalConfig};
use crate::stdio::decode::{Decoder, Decoding};
use crate::stdio::input::{InputMode, Reading};
use crate::stdio::output::{OutputMode, Stamp};
use crate::stdio::recording::RecordingConfig;
use crate::values::CodeSet;
use crate::view::frames::FrameDetail;
use crate::view::spans::Paint;
use crate::ws::{Close, Observe};

/// All of it.
#[derive(Debug)]
pub(crate) struct Config {
    /// Without one an echo server in this process is connected to.
    pub(crate) destination: Option<Destination>,
    pub(crate) client: client::Config,
    pub(crate) front_end: FrontEnd,
    pub(crate) exchange: Exchange,
    /// Why a flag that was given makes no sense where it would do nothing: a goal that nobody looks for would be a check
    /// that can't fail.
    pub(crate) refusal: Option<Error>,
}

/// Who talks with the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrontEnd {
    Echo,
    Prompt,
    Pipe,
}

/// What is done with the connection: the pipe and the prompt both take it.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Every message is sent back, and stdin isn't read.
    pub(crate) echo: bool,
    /// Every frame is shown on stderr.
    pub(crate) show_frames: Option<FrameDetail>,
    pub(crate) sending: Sending,
    pub(crate) writing: Writing,
    /// Where connections are recorded to.
    pub(crate) recording: Option<RecordingConfig>,
    pub(crate) goals: GoalConfig,
    pub(crate) ending: Ending,
    /// How the prompt begins.
    pub(crate) prompt: PromptOptions,
}

/// What is sent.
#[derive(Debug)]
pub(crate) struct Sending {
    /// Messages before stdin.
    pub(crate) data: Vec<Datum>,
    /// stdin is not read.
    pub(crate) no_input: bool,
    pub(crate) input: InputMode,
    /// Messages are binary where the mode leaves it open.
    pub(crate) binary: bool,
    /// Lines end with CR LF, or with LF alone.
    pub(crate) crlf: bool,
    /// What is typed has escapes in it.
    pub(crate) escapes: bool,
    pub(crate) options: SendOptions,
    pub(crate) answering: Answering,
}

/// What is sent because of what arrives.
#[derive(Debug)]
pub(crate) struct Answering {
    /// Rules, before those of `rule_files`.
    pub(crate) rules: Vec<String>,
    pub(crate) rule_files: Vec<PathBuf>,
    /// Each message waits for the answer to the one before it.
    pub(crate) paced: bool,
    /// stdin waits for a message that meets it.
    pub(crate) send_after: Option<Condition>,
    /// Messages have places for values of the last message that matched.
    pub(crate) fills: bool,
}

impl Sending {
    /// How stdin becomes messages.
    pub(crate) fn reading(&self) -> Reading {
        let Self { input: mode, binary, crlf, escapes, .. } = *self;
        Reading { mode, binary, crlf, escapes, part: self.options.piece() }
    }

    /// stdin is a message of `-d`.
    pub(crate) fn sends_stdin_first(&self) -> bool {
        self.data.contains(&Datum::Stdin)
    }
}

/// Where a message of `-d` comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Datum {
    Text(String),
    File(PathBuf),
    /// All of it.
    Stdin,
}

impl fmt::Display for Datum {
    /// As it is written on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{}\"", Escaped(text)),
            Self::File(path) => write!(f, "@{}", path.display()),
            Self::Stdin => f.write_str("@-"),
        }
    }
}

/// The largest payload of a frame where nobody says otherwise, in bytes.
const FRAGMENT_SIZE: usize = 64 * 1024;

/// Up to this size, in bytes, a message is read before any of it is sent where its size decides whether it is compressed. What
/// is longer is compressed.
const LONGEST_KNOWN: usize = 16 << 20;

/// How messages are sent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SendOptions {
    /// Between the beginnings of two messages.
    pub(crate) interval: Option<Interval>,
    /// Messages under so many bytes go uncompressed.
    pub(crate) compress_from: usize,
    /// The largest payload of a frame on the wire, in bytes, where that was given.
    pub(crate) fragment_size: Option<usize>,
}

impl SendOptions {
    /// The size of the parts in which a message is sent, in bytes, and the largest payload of its frames.
    pub(crate) fn part(&self) -> usize {
        self.fragment_size.unwrap_or(FRAGMENT_SIZE)
    }

    /// Content cut into parts, and with each whether it is the last. Without content there is one, which is empty.
    pub(super) fn parts<'a>(&self, content: &'a [u8]) -> impl Iterator<Item = (&'a [u8], bool)> + use<'a> {
        let (size, mut rest) = (self.part(), Some(content));
        std::iter::from_fn(move || {
            let content = rest.take()?;
            let (part, behind) = content.split_at(size.min(content.len()));
            rest = (!behind.is_empty()).then_some(behind);
            Some((part, behind.is_empty()))
        })
    }

    /// How much of a message a pipe reads before it sends any of it, in bytes: whole parts, and enough to know whether it
    /// is long enough to be compressed.
    pub(super) fn piece(&self) -> usize {
        self.compress_from.clamp(1, LONGEST_KNOWN).div_ceil(self.part()).saturating_mul(self.part())
    }
}

/// What is written.
#[derive(Debug)]
pub(crate) struct Writing {
    pub(crate) output: OutputMode,
    /// Instead of stdout.
    pub(crate) file: Option<PathBuf>,
    /// What is in the file stays.
    pub(crate) append: bool,
    /// What binary messages are taken for, and the limit of what is in them, in bytes.
    pub(crate) decode: Option<(Decoding, Option<u64>)>,
    pub(crate) timestamps: Option<Stamp>,
    pub(crate) paint: Paint,
    /// Pings and Pongs are told on stderr.
    pub(crate) show_pings: bool,
    /// Nothing is told on stderr but errors.
    pub(crate) quiet: bool,
}

impl Writing {
    /// The flag by which what is written leaves no room for a prompt.
    pub(super) fn instead_of_a_prompt(&self) -> Option<&'static str> {
        let flags = [
            (self.output != OutputMode::Text, flag::OUT),
            (self.file.is_some(), flag::OUTPUT_FILE),
            (self.quiet, flag::QUIET),
        ];
        flags.into_iter().find(|(is_given, _)| *is_given).map(|(_, flag)| flag)
    }

    /// Decodes what arrives on a connection, where that is asked for.
    pub(super) fn decoder(&self) -> Option<Decoder> {
        self.decode.map(|(decoding, limit)| Decoder::new(decoding, limit))
    }
}

/// When the run ends, and how.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    /// How long the peer must be quiet once all is sent, where that was given; [`Exchange::linger`] has the rest.
    pub(crate) linger: Option<Duration>,
    /// What we close with, where that was given.
    pub(crate) close: Option<Close>,
    /// We leave without the closing handshake.
    pub(crate) no_close: bool,
    /// Status codes of the peer's that are no failure.
    pub(crate) ok_close: Option<CodeSet>,
    /// How often a lost connection is followed by another; `None` is never, and nothing is kept to be sent again.
    pub(crate) reconnect: Option<u32>,
    /// Before each of those; `None` doubles with jitter.
    pub(crate) reconnect_delay: Option<Duration>,
    /// Of the whole run; `None` and 0 are no limit.
    pub(crate) max_time: Option<Duration>,
}

/// The linger of a run that waits for nothing in particular.
const LINGER: Duration = Duration::from_secs(1);

impl Exchange {
    /// How long the peer must be quiet once all is sent; `None` where a goal is waited for as long as it takes.
    pub(crate) fn linger(&self) -> Option<Duration> {
        self.ending.linger.or_else(|| (!self.goals.is_awaited()).then_some(LINGER))
    }

    /// Whether a prompt could stand in for what is asked for.
    pub(crate) fn suits_a_prompt(&self) -> bool {
        self.sends_what_is_typed() && self.writing.instead_of_a_prompt().is_none()
    }

    pub(super) fn sends_what_is_typed(&self) -> bool {
        !self.echo && !self.sending.no_input && !self.sending.sends_stdin_first()
    }

    /// Whether nothing is sent and nothing is awaited but what a person types or reads, who would wonder else whether anything goes on.
    pub(super) fn waits_for_a_person(&self) -> bool {
        let is_silent = self.sending.data.is_empty() && !self.goals.are_any();
        !self.echo && is_silent && (self.sending.no_input || self.sends_what_is_typed())
    }

    /// The key that ends it.
    pub(super) fn ended_by(&self) -> &'static str {
        if self.sending.no_input { "Ctrl-C closes" } else { "Ctrl-D closes" }
    }

    /// Why there never was a connection: who asked for more of them may have thought that the first was meant, too.
    pub(super) fn never_opened(&self, error: Error, client: &Client) -> Error {
        let will_not_retry = self.ending.reconnect.is_some() && client.could_retry(&error);
        if will_not_retry { Error::NotOpenedYet(Box::new(error)) } else { error }
    }

    /// What a pipe has to be told of the connection beside what is received: events are written with every frame, and Pings
    /// that are sent are shown. A recording has all of it.
    pub(crate) fn observes(&self) -> Observe {
        let recorded = self.recording.as_ref().map_or(Observe::Nothing, RecordingConfig::observes);
        let written = match &self.writing {
            Writing { output: OutputMode::Json, .. } => Observe::FramesAndContent,
            Writing { show_pings: true, .. } => Observe::Frames,
            _ => Observe::Nothing,
        };
        written.max(recorded)
    }
}
