//! Lines of our own, as the screen has them: with their time and their mark, and cut so that none of them can be forged.

use std::fmt::Display;
use std::sync::PoisonError;
use std::time::SystemTime;

use super::{Screen, terminal};
use crate::commands::prompt::line_times::LineTimes;
use crate::stdio::console::{Console, ConsoleLine};
use crate::view::spans::{Line, Painted, Style};
use crate::view::width::width;
use crate::view::wrap::INDENT;
use crate::ws::prefix;

/// Bytes that are shown of a line that nobody has typed.
const ENTERED: usize = 2000;

impl Screen {
    /// What others tell stands above the line that is typed, the lines of a log as `log` has them.
    pub(crate) fn console(&self, log: fn(&Self, &str) -> Painted) -> Console {
        let screen = self.clone();
        Console::through(move |line| match line {
            ConsoleLine::Ours(line) => screen.note(line),
            ConsoleLine::Log(line) => screen.offer(log(&screen, &line)),
            ConsoleLine::Head(line) => screen.say(screen.wrapped(Style::Plain, &line)),
        })
    }

    /// A line of our own.
    pub(crate) fn note(&self, text: impl Display) {
        self.say(self.noted(text));
    }

    /// The same, to be printed with more.
    pub(crate) fn noted(&self, text: impl Display) -> Painted {
        self.timed(Style::Note, &format!("* {}{text}", self.mark()))
    }

    /// A line that nobody has typed, as if it had been entered: its beginning, where it is long.
    pub(crate) fn entered(&self, line: &str) {
        let shown = prefix(line, ENTERED);
        let more = if shown.len() < line.len() { "…" } else { "" };
        self.say(self.timed(Style::Sent, &format!("> {shown}{more}")));
    }

    /// Lines of text that were made for the terminal's width.
    pub(crate) fn plain(&self, lines: &[String]) -> Painted {
        Painted::lines(lines.iter().map(|line| self.paint.paint(Style::Plain, line)), 0)
    }

    /// A line about something that went wrong.
    pub(crate) fn fault(&self, text: impl Display) {
        self.say(self.timed(Style::Fault, &format!("! {}{text}", self.mark())));
    }

    /// A line, cut to the terminal's width: where it goes on, it is indented deeper than it begins, so that nothing that a peer
    /// has put into it can look like a line of ours.
    pub(crate) fn wrapped(&self, style: Style, text: &str) -> Painted {
        let begins = text.len() - text.trim_start_matches(' ').len();
        self.folded(Line::of(style, text), begins + INDENT)
    }

    /// The same where it isn't cut if it fits as it is, as a row of a dump that was made for a width.
    pub(crate) fn whole(&self, style: Style, text: &str) -> Painted {
        match width(text) <= whole_columns() {
            true => self.paint.paint(style, text),
            false => self.wrapped(style, text),
        }
    }

    /// The same for something that happens now: where times are shown, it begins with its own.
    pub(crate) fn timed(&self, style: Style, text: &str) -> Painted {
        let mut line = Line::default();
        if let Some(time) = self.time() {
            line.push(Style::Faint, time + " ");
        }
        line.push(style, text);
        self.folded(line, INDENT)
    }

    fn folded(&self, line: Line, indent: usize) -> Painted {
        let columns = terminal::columns();
        let indent = indent.min(columns / 2);
        // A blank may stand behind the last of them.
        let width = columns.saturating_sub(indent + 1);
        let mut follows_soft = false;
        let lines = line.folded(width, width).into_iter().map(|line| {
            let is_soft = line.width() > width + 1;
            // What stands behind a word that the terminal breaks goes on where no line of ours does.
            let deeper = if std::mem::replace(&mut follows_soft, is_soft) { INDENT } else { 0 };
            let mut shown = Line::of(Style::Plain, " ".repeat(deeper));
            shown.append(line);
            shown.painted(self.paint)
        });
        Painted::lines(lines, indent)
    }

    fn mark(&self) -> String {
        let elsewhere = self.connection.as_ref().filter(|(number, current)| *number != current.get());
        elsewhere.map_or_else(String::new, |(number, _)| format!("[{number}] "))
    }

    /// What a line about something that happens now begins with, where times are shown. The first line of a day comes behind
    /// one that tells the day.
    pub(crate) fn time(&self) -> Option<String> {
        let (day, time) = self.times(|times| times.next(SystemTime::now()));
        day.iter().for_each(|day| self.say(self.wrapped(Style::Note, &format!("* {day}"))));
        time
    }

    pub(crate) fn times<T>(&self, with: impl FnOnce(&mut LineTimes) -> T) -> T {
        with(&mut self.shared.times.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a line has that isn't cut ([`Screen::whole`]), in columns.
pub(crate) fn whole_columns() -> usize {
    terminal::columns().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::spans::Paint;
    use crate::view::wrap::assert_unforged;

    #[test]
    fn no_row_of_a_folded_line_looks_like_another() {
        let screen = Screen::new(Paint::Plain);
        for padding in 0..90 {
            let rows =
                screen.wrapped(Style::Plain, &format!("  {} and so on {}", "x".repeat(padding), "word ".repeat(40)));
            assert_unforged(&rows.to_string(), terminal::columns());
        }
    }
}
