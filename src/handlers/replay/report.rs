//! What a replay has come to.

use std::fmt;

use crate::view::amount::{Count, Grouped};

/// Mismatches that are listed; the rest is counted.
const LISTED: usize = 100;

/// Something that is otherwise than it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The number of the message that came, from 1.
    pub(crate) number: Option<u64>,
    /// Where the recording has it.
    pub(crate) line: Option<u64>,
    pub(crate) what: MismatchKind,
    /// Both in a few words; empty where there is none.
    pub(crate) expected: String,
    pub(crate) found: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MismatchKind {
    Differs,
    /// It hasn't come.
    Missing,
    /// None was to come.
    Extra,
    /// The peer's Close is another one, or hasn't come.
    Close,
}

impl MismatchKind {
    fn name(self) -> &'static str {
        match self {
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Close => "close",
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, line, what, expected, found } = self;
        f.write_str(match what {
            MismatchKind::Close => "the close differs",
            MismatchKind::Missing => "a message is missing",
            MismatchKind::Extra => "there is a message more",
            MismatchKind::Differs => "a message differs",
        })?;
        number.map_or(Ok(()), |number| write!(f, ", the {} received", Ordinal(number)))?;
        line.map_or(Ok(()), |line| write!(f, ", line {line} of the recording"))?;
        for (name, text) in [("recorded", expected), ("received", found)] {
            if !text.is_empty() {
                write!(f, "; {name}: {text}")?;
            }
        }
        Ok(())
    }
}

/// `1st`, `2nd`, `13th`.
struct Ordinal(u64);

impl fmt::Display for Ordinal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = match (self.0 % 10, self.0 % 100) {
            (_, 11..=13) => "th",
            (1, _) => "st",
            (2, _) => "nd",
            (3, _) => "rd",
            _ => "th",
        };
        write!(f, "{}{ending}", self.0)
    }
}

/// What was sent and what came, and how that was to be.
#[derive(Debug, Default)]
pub(crate) struct ReplayReport {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    /// Of those received.
    pub(crate) matched: u64,
    /// Of those received, what came where a recording that breaks off has no more.
    pub(super) behind_the_end: u64,
    /// Messages that were to be sent, and weren't before the end.
    pub(crate) unsent: u64,
    mismatches: u64,
    listed: Vec<Mismatch>,
    /// What differs in the first message that does, line by line.
    first: Vec<String>,
}

impl ReplayReport {
    /// Whether the next mismatch is listed, and not only counted.
    pub(super) fn lists_more(&self) -> bool {
        self.listed.len() < LISTED
    }

    pub(super) fn add(&mut self, mismatch: Mismatch) {
        self.mismatches += 1;
        if self.lists_more() {
            self.listed.push(mismatch);
        }
    }

    /// What differs in a message; that of the first is kept.
    pub(super) fn add_difference(&mut self, lines: impl FnOnce() -> Vec<String>) {
        if self.first.is_empty() {
            self.first = lines();
        }
    }

    pub(super) fn mismatches(&self) -> u64 {
        self.mismatches
    }

    /// Whether all was as it was recorded.
    pub(crate) fn is_met(&self) -> bool {
        self.mismatches == 0 && self.unsent == 0
    }

    /// In one line.
    pub(crate) fn summary(&self) -> String {
        let mut summary = format!("sent {}, received {}", Count(self.sent, "message"), Grouped(self.received));
        if self.matched > 0 || self.mismatches > 0 {
            summary.push_str(&format!(", {} as recorded", Grouped(self.matched)));
        }
        if self.behind_the_end > 0 {
            summary.push_str(&format!("; {} not compared, for the recording breaks off", Grouped(self.behind_the_end)));
        }
        if self.unsent > 0 {
            summary.push_str(&format!("; {} not sent", Grouped(self.unsent)));
        }
        if self.mismatches > 0 {
            let name = if self.mismatches == 1 { "mismatch" } else { "mismatches" };
            summary.push_str(&format!("; {} {name}", Grouped(self.mismatches)));
        }
        summary
    }

    /// All there is to say, in lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let differing = self.listed.iter().find(|mismatch| mismatch.what == MismatchKind::Differs);
        if let Some(Mismatch { number: Some(number), line: Some(line), .. }) = differing {
            lines.push(format!("message {number} received, line {line} of the recording, differs:"));
            lines.extend(self.first.iter().cloned());
            lines.push(String::new());
        }
        lines.extend(table(&self.listed));
        let more = self.mismatches - self.listed.len() as u64;
        lines.extend((more > 0).then(|| format!("… and {more} more")));
        lines.push(self.summary());
        lines
    }
}

/// The mismatches, one below the other.
fn table(listed: &[Mismatch]) -> Vec<String> {
    if listed.is_empty() {
        return Vec::new();
    }
    let number = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let head = ["message", "line", "what", "recorded", "received"].map(str::to_owned);
    let row = |mismatch: &Mismatch| {
        let name = mismatch.what.name().to_owned();
        [number(mismatch.number), number(mismatch.line), name, mismatch.expected.clone(), mismatch.found.clone()]
    };
    let rows: Vec<_> = [head].into_iter().chain(listed.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
