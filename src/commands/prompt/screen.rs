//! What is printed above the line that is being typed.
//!
//! Printing waits for the editor and the terminal, so a thread of its own does it. What the peer
//! makes us print has a bounded place to wait; over that it is counted, and the count is printed.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustyline::ExternalPrinter;

use super::line_times::LineTimes;
use super::terminal;
use crate::net::is_out_of_time;
use crate::view::amount::Count;
use crate::view::spans::{INDENT, Line, Paint, Painted, Style};

/// What may wait to be printed for the peer: entries, and bytes.
const ENTRIES: usize = 2_000;
const BYTES: usize = 512 * 1024;

/// Bytes printed at once, before the editor gets to hear the keyboard again.
const AT_ONCE: usize = 16 * 1024;

/// From one print to the next. More often nobody could see it, and typing would wait for it.
const PACE: Duration = Duration::from_millis(15);

/// An editor that hasn't drawn by then has been stopped, or its terminal has.
const DRAWS_WITHIN: Duration = Duration::from_millis(500);

/// How often it is looked whether the process is to end.
const LOOK: Duration = Duration::from_millis(50);

/// A line that leaves no trace. Whatever is printed, the editor takes its line away first.
const NOTHING: &str = "\x1b[A\n";

/// The way to the screen. Clones lead to the same one.
#[derive(Debug, Clone)]
pub(crate) struct Screen {
    shared: Arc<Shared>,
    pub(crate) paint: Paint,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    times: Mutex<LineTimes>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<String>,
    bytes: usize,
    /// Messages that there was no room for, since the last one that there was.
    missed: u64,
    /// How often the editor has drawn its line.
    drawn: u64,
    editing: bool,
    /// Another program has the terminal.
    held: bool,
    /// The line that is being typed doesn't fit the screen.
    tall: bool,
    printing: bool,
    /// The editor draws nothing more: the program is leaving.
    closed: bool,
}

impl Screen {
    pub(crate) fn new(paint: Paint) -> Self {
        Self { shared: Arc::default(), paint }
    }

    /// Starts the thread that prints through `printer`.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn start(&self, printer: impl ExternalPrinter + Send + 'static) -> std::io::Result<()> {
        let screen = self.clone();
        thread::Builder::new().name("screen".into()).spawn(move || screen.run(printer)).map(drop)
    }

    /// Prints whole lines, however much is waiting.
    pub(crate) fn say(&self, lines: Painted) {
        let mut text = lines.into_string();
        text.push('\n');
        let mut state = self.lock();
        self.tell_missed(&mut state);
        push(&mut state, text);
        self.shared.changed.notify_all();
    }

    /// Prints what came of the peer's doing if there is room for it, else counts it.
    pub(crate) fn offer(&self, render: impl FnOnce() -> Painted) {
        let mut state = self.lock();
        if state.queue.len() >= ENTRIES || state.bytes >= BYTES {
            state.missed += 1;
            return;
        }
        drop(state);
        self.say(render());
    }

    /// A line of our own.
    pub(crate) fn note(&self, text: impl std::fmt::Display) {
        self.say(self.noted(text));
    }

    /// The same, to be printed with more.
    pub(crate) fn noted(&self, text: impl std::fmt::Display) -> Painted {
        self.timed(Style::Note, &format!("* {text}"))
    }

    /// A line about something that went wrong.
    pub(crate) fn fault(&self, text: impl std::fmt::Display) {
        self.say(self.timed(Style::Fault, &format!("! {text}")));
    }

    /// A line, cut to the terminal's width: where it goes on, it is indented deeper than it begins, so that nothing that a peer
    /// has put into it can look like a line of ours.
    pub(crate) fn wrapped(&self, style: Style, text: &str) -> Painted {
        let begins = text.len() - text.trim_start_matches(' ').len();
        self.folded(Line::of(style, text), begins + INDENT)
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
        let lines = line.folded(columns.saturating_sub(indent), columns.saturating_sub(indent)).into_iter();
        Painted::lines(lines.map(|line| line.painted(self.paint)), indent)
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

    /// The editor is drawing its line. It never returns from the last time, which was asked for by
    /// [`finish`](Self::finish): nothing is drawn any more, least of all behind our back.
    pub(crate) fn drawn(&self) {
        let mut state = self.lock();
        state.drawn += 1;
        let last = state.closed && state.queue.is_empty();
        state.editing &= !last;
        self.shared.changed.notify_all();
        drop(state);
        if last {
            loop {
                thread::park();
            }
        }
    }

    pub(crate) fn set_editing(&self, editing: bool) {
        self.lock().editing = editing;
        self.shared.changed.notify_all();
    }

    /// Keeps everything back while the line that is being typed is taller than the screen: to draw
    /// it again for every message would push everything else away.
    pub(crate) fn set_line_width(&self, width: usize) {
        let tall = width > terminal::columns() * terminal::rows().saturating_sub(2).max(1);
        let mut state = self.lock();
        if std::mem::replace(&mut state.tall, tall) && !tall {
            self.shared.changed.notify_all();
        }
    }

    /// Keeps everything back while another program has the terminal.
    pub(crate) fn hold(&self, held: bool) {
        self.lock().held = held;
        self.shared.changed.notify_all();
    }

    /// Waits until everything is printed, for as long as a healthy terminal takes.
    pub(crate) fn flush(&self) {
        let begun = Instant::now();
        let mut state = self.lock();
        while (!state.queue.is_empty() || state.printing)
            && begun.elapsed() < 4 * DRAWS_WITHIN
            && !is_out_of_time(begun)
        {
            state = self.shared.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Prints the rest, and takes away the line that is being typed.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        if state.editing {
            state.closed = true;
            push(&mut state, NOTHING.to_owned());
            self.shared.changed.notify_all();
        }
        drop(state);
        self.flush();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_missed(&self, state: &mut State) {
        let missed = std::mem::take(&mut state.missed);
        if missed > 0 {
            let told = format!("* {} not shown: arriving faster than the terminal", Count(missed, "message"));
            push(state, self.paint.paint(Style::Note, told).into_string() + "\n");
        }
    }

    fn run(&self, mut printer: impl ExternalPrinter) {
        loop {
            let (text, before) = self.take();
            // When the printer is gone, so is the terminal.
            let _ = printer.print(text);
            let waiting = |state: &mut State| state.editing && state.drawn == before;
            drop(self.shared.changed.wait_timeout_while(self.lock(), DRAWS_WITHIN, waiting));
            self.lock().printing = false;
            self.shared.changed.notify_all();
            thread::sleep(PACE);
        }
    }

    /// Waits for something to print; tells too how often the editor had drawn before.
    fn take(&self) -> (String, u64) {
        let waits = |state: &State| state.held || (state.tall && state.editing && !state.closed);
        let idle = |state: &mut State| state.queue.is_empty() || waits(state);
        let waited = self.shared.changed.wait_while(self.lock(), idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        while let Some(next) = state.queue.pop_front() {
            state.bytes -= next.len();
            text.push_str(&next);
            if text.len() >= AT_ONCE {
                break;
            }
        }
        if state.queue.is_empty() && state.missed > 0 {
            self.tell_missed(&mut state);
        }
        state.printing = true;
        (text, state.drawn)
    }
}

fn push(state: &mut State, text: String) {
    state.bytes += text.len();
    state.queue.push_back(text);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    struct ChannelPrinter(Sender<String>);

    impl ExternalPrinter for ChannelPrinter {
        fn print(&mut self, text: String) -> rustyline::Result<()> {
            drop(self.0.send(text));
            Ok(())
        }
    }

    #[test]
    fn what_there_is_no_room_for_is_counted_and_said() {
        let screen = Screen::new(Paint::Plain);
        for number in 0..ENTRIES + 1234 {
            screen.offer(|| Paint::Plain.paint(Style::Plain, format_args!("< {number}")));
        }
        screen.note("ours");
        let (told, printed) = channel();
        screen.start(ChannelPrinter(told)).unwrap();
        screen.finish();
        let printed: String = printed.try_iter().collect();
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.len(), ENTRIES + 2);
        assert_eq!(
            lines[ENTRIES - 1..],
            ["< 1999", "* 1,234 messages not shown: arriving faster than the terminal", "* ours"]
        );
    }
}
