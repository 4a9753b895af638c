//! A recording in words, for a person and for the report of a bug: secrets are masked in it, whatever the recording has.

use std::fmt::Display;
use std::io::{self, Write};

use super::RecordingTarget;
use crate::commands::recording::{RecordingView, UNFOLDED};
use crate::http::{AgreedSubprotocol, MASK, Secrets, requested_subprotocols, shown_url, without_secrets};
use crate::peer_text::Escaped;
use crate::trace::connection_lines::{ConnectionLine, Milestone, OpenedLine, RecordedHandshake, RecordingRole};
use crate::trace::message_joiner::MessageJoiner;
use crate::trace::record::Record;
use crate::trace::recording_line::RecordingLine;
use crate::view::clock;
use crate::view::spans::{Line, Paint};

/// What is around the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    None,
    /// A heading for each connection, and lines that stay as they are.
    Markdown,
}

/// Writes one transcript.
pub(super) struct TranscriptWriter<W> {
    out: W,
    markup: Markup,
    joiner: MessageJoiner,
    view: RecordingView,
    /// The lines of Markdown are inside a fence.
    is_fenced: bool,
    has_begun: bool,
}

/// What nothing in a line of ours begins with.
const FENCE: &str = "```";

impl<W: Write> TranscriptWriter<W> {
    pub(super) fn new(out: W, markup: Markup) -> Self {
        Self {
            out,
            markup,
            joiner: MessageJoiner::default(),
            view: RecordingView::new(UNFOLDED),
            is_fenced: false,
            has_begun: false,
        }
    }

    fn connection(&mut self, mut line: ConnectionLine) -> io::Result<()> {
        let heads = match &mut line.milestone {
            Milestone::Opened(opened) => {
                let OpenedLine { handshake, subprotocol, .. } = &mut **opened;
                if let Some(name) = subprotocol {
                    let requested = requested_subprotocols(handshake.heads.request.as_bytes());
                    *name = AgreedSubprotocol::new(name, &requested).shown(Secrets::Masked).to_owned();
                }
                Some(masked(handshake))
            }
            Milestone::NotOpened(failed) => Some(masked(&mut failed.handshake)),
            Milestone::Closed(_) | Milestone::Dropped { .. } | Milestone::Rule(_) | Milestone::Injected(_) => None,
        };
        if matches!(line.milestone, Milestone::Opened(_) | Milestone::Closed(_)) {
            let cut_off = self.joiner.cut_off(line.connection);
            cut_off.iter().try_for_each(|record| self.record(record))?;
        }
        if heads.is_some() {
            self.begin_connection(&line)?;
        }
        self.lines(&self.view.milestone(&line))?;
        for (arrow, head) in heads.into_iter().flatten() {
            for line in head.lines().filter(|line| !line.is_empty()) {
                self.text(format_args!("    {arrow} {}", Escaped(line)))?;
            }
        }
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.view.count(record);
        self.lines(&self.view.record(record, None))
    }

    /// What stands before the first line of a connection.
    fn begin_connection(&mut self, line: &ConnectionLine) -> io::Result<()> {
        if self.markup == Markup::Markdown {
            self.end_fence()?;
            let blank = if self.has_begun { "\n" } else { "" };
            let heading = match (&line.milestone, line.connection) {
                (Milestone::NotOpened(_), _) => "Not opened".to_owned(),
                (_, Some(number)) => format!("Connection {number}"),
                (_, None) => "Connection".to_owned(),
            };
            writeln!(self.out, "{blank}## {heading}\n")?;
            if let Some(time) = line.time {
                writeln!(self.out, "{}\n", clock::utc(time))?;
            }
        } else if let Some(time) = line.time {
            writeln!(self.out, "{}", clock::utc(time))?;
        }
        self.has_begun = true;
        Ok(())
    }

    fn lines(&mut self, lines: &[Line]) -> io::Result<()> {
        lines.iter().try_for_each(|line| self.text(line.coloured(Paint::Plain)))
    }

    /// A line of ours.
    fn text(&mut self, text: impl Display) -> io::Result<()> {
        if self.markup == Markup::Markdown && !self.is_fenced {
            writeln!(self.out, "{FENCE}text")?;
            self.is_fenced = true;
        }
        self.has_begun = true;
        writeln!(self.out, "{text}")
    }

    fn end_fence(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_fenced) { writeln!(self.out, "{FENCE}") } else { Ok(()) }
    }
}

impl<W: Write> RecordingTarget for TranscriptWriter<W> {
    fn line(&mut self, line: RecordingLine) -> io::Result<()> {
        match line {
            RecordingLine::Record(record) if record.of.is_some() => Ok(()),
            RecordingLine::Record(record) => self.joiner.join(*record).map_or(Ok(()), |record| self.record(&record)),
            RecordingLine::Connection(line) => self.connection(*line),
            RecordingLine::Comment => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        let cut_off = self.joiner.cut_off_all();
        cut_off.iter().try_for_each(|record| self.record(record))?;
        self.end_fence()
    }
}

/// Both heads without their secrets, each with the way that it went, and the URL.
fn masked(handshake: &mut RecordedHandshake) -> [(&'static str, String); 2] {
    let RecordedHandshake { role, url, heads, .. } = handshake;
    *url = shown_url(url, Secrets::Masked).into_owned();
    let arrows = if *role == Some(RecordingRole::Server) { ["<", ">"] } else { [">", "<"] };
    let of_request = heads.request.as_bytes();
    let heads = [&heads.request, &heads.response].map(|head| without_secrets(head.as_bytes(), of_request, MASK));
    let [request, response] = heads;
    [(arrows[0], request), (arrows[1], response)]
}
