//! Events as lines of JSON: what `--out json` writes, docs/events.md.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use serde::Deserialize;

use super::{Fault, Source, Step, WholeLines};
use crate::values::base64;
use crate::ws::{Close, Item, Kind, StatusCode};

/// What is read of an event; the rest is for people.
#[derive(Debug, Deserialize)]
struct Line {
    direction: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    base64: Option<String>,
    #[serde(default)]
    truncated: bool,
    code: Option<u16>,
    reason: Option<String>,
    /// Seconds to wait before.
    delay: Option<f64>,
}

#[derive(Debug)]
pub(super) struct Events {
    lines: WholeLines,
    content: Vec<u8>,
    /// What comes after its delay.
    delayed: Option<Line>,
}

impl Events {
    pub(super) fn new(file: File) -> Self {
        Self { lines: WholeLines::new(file), content: Vec::new(), delayed: None }
    }

    /// The next event that is to be sent. What somebody else sent stays theirs: of a recording, the
    /// received messages go on to the next.
    fn next_line(&mut self) -> Result<Option<Line>, Fault> {
        if let Some(line) = self.delayed.take() {
            return Ok(Some(line));
        }
        while let Some((number, text)) = self.lines.next()? {
            let line: Line = serde_json::from_slice(text)
                .map_err(|error| Fault(format!("line {number} of stdin is no event: {}", json_words(&error))))?;
            if line.direction.as_deref() != Some("sent") {
                check(&line).map_err(|why| Fault(format!("line {number} of stdin is no event to send: {why}")))?;
                return Ok(Some(line));
            }
        }
        Ok(None)
    }
}

/// serde counts lines from the beginning of what it was given, which is one line.
fn json_words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.split(" at line").next().unwrap_or_default().to_owned()
}

fn check(line: &Line) -> Result<(), String> {
    let kind = line.kind.as_deref().ok_or("it has no \"type\"")?;
    if line.truncated {
        return Err("its content was truncated when it was written".into());
    }
    // More than this is no delay, and would overflow the clock.
    if line.delay.is_some_and(|delay| !(0.0..=1e9).contains(&delay)) {
        return Err("its \"delay\" is no number of seconds up to 1e9".into());
    }
    let length = content(line)?.len();
    match kind {
        "text" if line.base64.is_some() => Err("the content of a text message is \"text\"".into()),
        "text" | "binary" => Ok(()),
        "ping" | "pong" if length > 125 => Err(format!("a control frame carries at most 125 bytes, not {length}")),
        "ping" | "pong" => Ok(()),
        "close" => match line.code {
            Some(code) if code != 1005 && !StatusCode(code).may_be_sent() => {
                Err(format!("code {code} may not be sent"))
            }
            _ => Ok(()),
        },
        other => Err(format!("its \"type\" is {other:?}")),
    }
}

fn content(line: &Line) -> Result<Vec<u8>, String> {
    match (&line.text, &line.base64) {
        (Some(text), _) => Ok(text.clone().into_bytes()),
        (None, Some(coded)) => base64(coded.as_bytes()).map_err(|why| format!("its \"base64\": {why}")),
        (None, None) => Ok(Vec::new()),
    }
}

impl Source for Events {
    fn read(&mut self) -> io::Result<()> {
        self.lines.read()
    }

    fn next(&mut self) -> Result<Option<Step<'_>>, Fault> {
        let Some(mut line) = self.next_line()? else { return Ok(None) };
        if let Some(delay) = line.delay.take() {
            self.delayed = Some(line);
            // Checked when it was read.
            return Ok(Some(Step::Wait(Duration::try_from_secs_f64(delay).unwrap_or_default())));
        }
        self.content = content(&line).map_err(Fault)?;
        let bytes = &self.content;
        Ok(Some(Step::Send(match line.kind.as_deref() {
            Some("text") => Item::message(Kind::Text, bytes),
            Some("ping") => Item::Ping(bytes),
            Some("pong") => Item::Pong(bytes),
            Some("close") => Item::Close(close(&line)),
            _ => Item::message(Kind::Binary, bytes),
        })))
    }

    fn is_finished(&self) -> bool {
        self.lines.is_finished() && self.delayed.is_none()
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        self.lines.file.as_fd()
    }
}

/// 1005 stands for a Close without a code (§7.4.1).
fn close(line: &Line) -> Close {
    match line.code {
        None | Some(1005) => Close::default(),
        Some(code) => Close::new(StatusCode(code), line.reason.as_deref().unwrap_or_default()),
    }
}
