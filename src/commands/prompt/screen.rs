//! What is printed above the line that is being typed.
//!
//! Printing waits for the editor and the terminal, so a thread of its own does it. What is to be printed waits in
//! `screen_queue.rs`.

use std::borrow::Cow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustyline::ExternalPrinter;

use super::current::CurrentConnection;
use super::drawn_line::DrawnLine;
use super::line_times::LineTimes;
use super::listing::Listing;
use super::screen_queue::{Deferred, ScreenEntry, ScreenQueue};
use super::terminal::{self, GivesWay};
use super::unshown::Unshown;
use crate::net::is_out_of_time;
use crate::stdio::console::{Console, ConsoleLine};
use crate::view::spans::{Line, Paint, Painted, Style};
use crate::view::width::width;
use crate::view::wrap::INDENT;
use crate::ws::prefix;

/// Bytes that are shown of a line that nobody has typed.
const ENTERED: usize = 2000;

/// Bytes printed at once, before the editor gets to hear the keyboard again.
const AT_ONCE: usize = 16 * 1024;

/// From one print to the next. More often nobody could see it, and typing would wait for it.
const PACE: Duration = Duration::from_millis(15);

/// An editor that hasn't drawn by then has been stopped, or its terminal has.
const DRAWS_WITHIN: Duration = Duration::from_millis(500);

/// An editor that hasn't heard of another width by then won't.
const REDRAWS_WITHIN: Duration = Duration::from_millis(100);

/// From one ring to the next.
const RINGS: Duration = Duration::from_secs(1);

/// How long the line's mark shows what it does, at the least.
const RECOUNTED: Duration = Duration::from_millis(250);

/// For how long a peer has to have said nothing before a note that is to stand behind it, and how long that is awaited at most.
const CALM: Duration = Duration::from_millis(250);
const CALM_WITHIN: Duration = Duration::from_secs(3);

/// How often it is looked whether the process is to end.
const LOOK: Duration = Duration::from_millis(50);

/// Why there is no room for more of what a peer makes us print. It fits on a line of 80 columns.
const FLOODED: &str = "arriving faster than the terminal";
const PAUSED: &str = "no more room at the pause (/list, /show)";
const LENT: &str = "the terminal was in use (/list, /show)";
const COVERED: &str = "the line was taller than the screen (/list, /show)";

/// A line that leaves no trace. Whatever is printed, the editor takes its line away first.
const NOTHING: &str = "\x1b[A";

/// The way to the screen. Clones lead to the same one.
#[derive(Debug, Clone)]
pub(crate) struct Screen {
    shared: Arc<Shared>,
    pub(crate) paint: Paint,
    /// Whose lines it prints, where there may be several connections.
    connection: Option<(u64, CurrentConnection)>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    times: Mutex<LineTimes>,
}

#[derive(Debug, Default)]
struct State {
    queue: ScreenQueue,
    /// How often the editor has drawn its line.
    drawn: u64,
    editing: bool,
    /// Another program has the terminal.
    held: bool,
    /// The line that is being typed doesn't fit the screen.
    tall: bool,
    printing: bool,
    /// The line is to go on behind another mark.
    has_new_mark: bool,
    line: DrawnLine,
    /// What was asked for is still being made.
    query: QueryState,
    late: Option<LateNote>,
    /// The editor draws nothing more: the program is leaving.
    closed: bool,
    /// What came of the peer's doing since the screen was paused.
    paused: Option<ScreenQueue>,
    unshown: Unshown,
    /// What rings next, and when it rang last.
    ring: Option<String>,
    rang: Option<Instant>,
    /// Of which connection the last of a peer's doing was that was printed, where not of the one that was looked at.
    elsewhere: Option<u64>,
    /// What of that the line's mark shows, where it shows any, and since when.
    counted: Option<(Unshown, Instant)>,
}

/// A line of ours that stands behind what a peer still says because of what was done before.
#[derive(Debug)]
struct LateNote {
    text: Painted,
    /// When it was said.
    since: Instant,
    /// When a peer has said something last, or the same.
    disturbed: Instant,
}

impl LateNote {
    fn due(&self) -> Instant {
        (self.disturbed + CALM).min(self.since + CALM_WITHIN)
    }
}

/// How far the editor's thread is with what a person wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum QueryState {
    #[default]
    None,
    Making,
    /// Nobody wants to see it any more.
    Stopped,
}

impl State {
    /// What was kept back at a pause is printed.
    fn resume(&mut self, paint: Paint) {
        if let Some(paused) = self.paused.take() {
            self.queue.append(paused, paint);
            self.unshown.waiting = 0;
        }
    }

    /// What waited for calm is printed, since something else of ours follows.
    fn end_waiting_for_calm(&mut self, paint: Paint) {
        if let Some(late) = self.late.take() {
            self.queue.join_latest(paint);
            self.queue.push(Deferred::from(late.text).into());
        }
    }

    /// Why what a peer makes us print isn't printed at once.
    fn reason(&self) -> &'static str {
        match self {
            Self { paused: Some(_), .. } => PAUSED,
            Self { held: true, .. } => LENT,
            Self { tall: true, editing: true, .. } => COVERED,
            _ => FLOODED,
        }
    }

    /// When the line is to be drawn for its mark alone, which has other numbers now.
    fn recount_at(&self) -> Option<Instant> {
        let (shown, since) = self.counted.filter(|_| self.editing && !self.closed)?;
        (shown != self.unshown).then(|| since + RECOUNTED)
    }
}

impl GivesWay for Screen {
    fn give_way(&self) -> String {
        self.line(DrawnLine::give_way)
    }

    fn come_back(&self) -> String {
        self.line(|line| line.rows())
    }

    fn resumed(&self) {
        self.note("continued");
    }
}

impl Screen {
    pub(crate) fn new(paint: Paint) -> Self {
        Self { shared: Arc::default(), paint, connection: None }
    }

    /// The same for one of several connections: while another one is looked at, lines of ours begin with its number.
    pub(crate) fn of_connection(&self, number: u64, current: &CurrentConnection) -> Self {
        Self { connection: Some((number, current.clone())), ..self.clone() }
    }

    fn mark(&self) -> String {
        let elsewhere = self.connection.as_ref().filter(|(number, current)| *number != current.get());
        elsewhere.map_or_else(String::new, |(number, _)| format!("[{number}] "))
    }

    /// Starts the thread that prints through `printer`, and asks for another mark of the line with `renew_mark`.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn start(
        &self,
        printer: impl ExternalPrinter + Send + 'static,
        renew_mark: impl Fn() + Send + 'static,
    ) -> std::io::Result<()> {
        let screen = self.clone();
        thread::Builder::new().name("screen".into()).spawn(move || screen.run(printer, renew_mark)).map(drop)
    }

    /// The line that is being typed goes on behind another mark, once what came before is printed.
    pub(crate) fn renew_mark(&self) {
        self.lock().has_new_mark = true;
        self.shared.changed.notify_all();
    }

    /// What others tell stands above the line that is typed, the lines of a log as `log` has them.
    pub(crate) fn console(&self, log: fn(&Self, &str) -> Painted) -> Console {
        let screen = self.clone();
        Console::through(move |line| match line {
            ConsoleLine::Ours(line) => screen.note(line),
            ConsoleLine::Log(line) => screen.offer(log(&screen, &line)),
            ConsoleLine::Head(line) => screen.say(screen.wrapped(Style::Plain, &line)),
        })
    }

    /// Prints whole lines, however much is waiting.
    pub(crate) fn say(&self, lines: Painted) {
        self.add(Deferred::from(lines).into());
    }

    /// Prints what was asked for, until [`stop_listing`](Self::stop_listing).
    pub(crate) fn list(&self, listing: impl Into<Listing>) {
        self.add(ScreenEntry::listed(listing.into(), self.connection.clone()));
    }

    fn add(&self, entry: ScreenEntry) {
        let mut state = self.lock();
        state.end_waiting_for_calm(self.paint);
        state.queue.join_latest(self.paint);
        state.queue.push(entry);
        self.shared.changed.notify_all();
    }

    /// Drops what is still to be printed of what was asked for, and what is still being made of it. Returns whether there was any.
    pub(crate) fn stop_listing(&self) -> bool {
        let mut state = self.lock();
        let is_made = state.query == QueryState::Making;
        if is_made {
            state.query = QueryState::Stopped;
        }
        let is_stopped = state.queue.drop_listing() || is_made;
        drop(state);
        if is_stopped {
            self.note("the rest is not shown");
        }
        is_stopped
    }

    /// Begins to make what was asked for, which takes its time where it is long: [`stop_listing`](Self::stop_listing) stops it
    /// until the [end](Self::end_query).
    pub(super) fn begin_query(&self) {
        self.lock().query = QueryState::Making;
    }

    /// Whether what is being made isn't wanted any more.
    pub(super) fn is_query_stopped(&self) -> bool {
        self.lock().query == QueryState::Stopped
    }

    /// It is made. Returns whether it is still wanted.
    pub(super) fn end_query(&self) -> bool {
        std::mem::take(&mut self.lock().query) != QueryState::Stopped
    }

    /// Prints what came of the peer's doing if there is room for it, or if nothing comes behind it for a while.
    pub(crate) fn offer(&self, content: impl Into<Deferred>) {
        let entry = ScreenEntry::of_peer(content.into(), self.connection.clone());
        let mut state = self.lock();
        if let Some(late) = &mut state.late {
            late.disturbed = Instant::now();
        }
        let reason = state.reason();
        match &mut state.paused {
            Some(paused) => {
                paused.offer(entry, reason);
                state.unshown.waiting += 1;
            }
            None => state.queue.offer(entry, reason),
        }
        self.shared.changed.notify_all();
    }

    /// Keeps what comes of the peer's doing back, or prints what was.
    pub(crate) fn set_paused(&self, paused: bool) {
        let mut state = self.lock();
        match (paused, state.paused.is_some()) {
            (true, false) => state.paused = Some(ScreenQueue::default()),
            (false, true) => state.resume(self.paint),
            _ => {}
        }
        self.shared.changed.notify_all();
    }

    /// Rings the terminal's bell, or has it notify whoever looks elsewhere; once in a while.
    pub(crate) fn ring(&self, notification: Option<String>) {
        let mut state = self.lock();
        let now = Instant::now();
        if state.rang.is_none_or(|rang| now.duration_since(rang) >= RINGS) {
            state.rang = Some(now);
            state.ring = Some(terminal::bell(notification.as_deref()));
            self.shared.changed.notify_all();
        }
    }

    /// What is typed is for this connection, and so many messages of others nobody has looked at.
    pub(super) fn set_current(&self, number: u64, others: u64) {
        let unshown = &mut self.lock().unshown;
        (unshown.current, unshown.others) = (number, others);
        self.shared.changed.notify_all();
    }

    /// Counts a message that isn't shown.
    pub(crate) fn hide(&self) {
        self.lock().unshown.hidden += 1;
        self.shared.changed.notify_all();
    }

    /// How many messages weren't shown since this was last asked.
    pub(crate) fn take_hidden(&self) -> u64 {
        std::mem::take(&mut self.lock().unshown.hidden)
    }

    /// The mark of the line that is being typed, with how much isn't shown.
    pub(super) fn counted<'a>(&self, mark: &'a str) -> Cow<'a, str> {
        let mut state = self.lock();
        let filled = state.unshown.filled_in(mark);
        state.counted = filled.is_some().then(|| (state.unshown, Instant::now()));
        filled.unwrap_or(Cow::Borrowed(mark))
    }

    /// A line of our own.
    pub(crate) fn note(&self, text: impl std::fmt::Display) {
        self.say(self.noted(text));
    }

    /// The same, once the peer has said what it still says because of what was done before.
    pub(crate) fn note_when_calm(&self, text: impl std::fmt::Display) {
        let (text, now) = (self.noted(text), Instant::now());
        let mut state = self.lock();
        state.end_waiting_for_calm(self.paint);
        state.late = Some(LateNote { text, since: now, disturbed: now });
        self.shared.changed.notify_all();
    }

    /// The same, to be printed with more.
    pub(crate) fn noted(&self, text: impl std::fmt::Display) -> Painted {
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
    pub(crate) fn fault(&self, text: impl std::fmt::Display) {
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
        match width(text) < terminal::columns() {
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
        let mut state = self.lock();
        state.editing = editing;
        // The next one has its own.
        state.has_new_mark = false;
        state.line = DrawnLine::default();
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Runs `with` with what is known of the line that is being typed.
    pub(super) fn line<T>(&self, with: impl FnOnce(&mut DrawnLine) -> T) -> T {
        with(&mut self.lock().line)
    }

    /// The line that is being typed is drawn so.
    pub(super) fn set_line(&self, line: &str, cursor: usize) {
        self.line(|drawn| drawn.set_line(line, cursor, terminal::columns()));
        self.shared.changed.notify_all();
    }

    /// Keeps everything back while the line that is being typed is taller than the screen: to draw
    /// it again for every message would push everything else away.
    pub(crate) fn set_line_width(&self, width: usize) {
        let tall = is_tall(width);
        let mut state = self.lock();
        if std::mem::replace(&mut state.tall, tall) && !tall {
            self.shared.changed.notify_all();
        }
    }

    /// Whether a line of this width is the first that is taller than the screen.
    pub(super) fn would_become_tall(&self, width: usize) -> bool {
        is_tall(width) && !self.lock().tall
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
        state.resume(self.paint);
        state.end_waiting_for_calm(self.paint);
        if state.editing {
            state.closed = true;
            state.queue.join_latest(self.paint);
            state.queue.push(Deferred::Text(NOTHING.into()).into());
            self.shared.changed.notify_all();
        }
        drop(state);
        self.flush();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut printer: impl ExternalPrinter, renew_mark: impl Fn()) {
        loop {
            let before = self.wait();
            self.await_new_width();
            let text = self.take();
            let renews = text.is_empty() && std::mem::take(&mut self.lock().has_new_mark);
            // It may have been stopped meanwhile.
            if renews || !text.is_empty() {
                if renews {
                    // Nothing is printed until the line is there again: it would stand where that is taken away.
                    renew_mark();
                } else {
                    // When the printer is gone, so is the terminal.
                    let _ = printer.print(text);
                }
                let waiting = |state: &mut State| state.editing && state.drawn == before;
                drop(self.shared.changed.wait_timeout_while(self.lock(), DRAWS_WITHIN, waiting));
            }
            self.lock().printing = false;
            self.shared.changed.notify_all();
            thread::sleep(PACE);
        }
    }

    /// Waits until the editor has drawn its line for the width that the terminal has now, if it is going to.
    fn await_new_width(&self) {
        let is_old = |state: &mut State| state.editing && state.line.is_redrawn_at(terminal::columns());
        drop(self.shared.changed.wait_timeout_while(self.lock(), REDRAWS_WITHIN, is_old));
    }

    /// Waits for something to print; tells how often the editor had drawn before.
    fn wait(&self) -> u64 {
        let mut state = self.lock();
        loop {
            let waits = state.held || (state.tall && state.editing && !state.closed);
            let recount = state.recount_at().filter(|_| !waits);
            let now = Instant::now();
            if state.late.as_ref().is_some_and(|late| late.due() <= now) {
                state.end_waiting_for_calm(self.paint);
            }
            let renews = state.has_new_mark && state.editing && !state.closed;
            let is_empty = state.queue.is_empty() && state.ring.is_none() && !renews;
            if (!is_empty && !waits) || recount.is_some_and(|at| at <= now) {
                state.printing = true;
                return state.drawn;
            }
            let changed = &self.shared.changed;
            let calm = state.late.as_ref().map(LateNote::due);
            state = match recount.into_iter().chain(calm).min() {
                Some(at) => changed.wait_timeout(state, at - now).unwrap_or_else(PoisonError::into_inner).0,
                None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// As much as is printed at once; where there is nothing, the line is drawn for its mark.
    fn take(&self) -> String {
        let begun = Instant::now();
        let mut text = String::new();
        while text.len() < AT_ONCE
            && begun.elapsed() < PACE
            && let Some((heading, mut entry)) = self.next_entry()
        {
            let made = entry.make(terminal::columns());
            self.lock().queue.put_back(entry);
            for part in heading.map(Painted::into_string).into_iter().chain(made) {
                text.push_str(&part);
                text.push('\n');
            }
        }
        let mut state = self.lock();
        let ring = state.ring.take();
        if text.is_empty() && (ring.is_some() || state.recount_at().is_some()) {
            text = format!("{NOTHING}\n");
        }
        ring.unwrap_or_default() + &text
    }

    /// What is to be printed next, and the line before it where it is of another connection than what was printed last: it may
    /// have waited while somebody went from one to another.
    fn next_entry(&self) -> Option<(Option<Painted>, ScreenEntry)> {
        let mut state = self.lock();
        let entry = state.queue.next(self.paint)?;
        let heading = entry.origin().and_then(|(number, is_elsewhere)| {
            let elsewhere = is_elsewhere.then_some(number);
            let is_new = std::mem::replace(&mut state.elsewhere, elsewhere) != elsewhere;
            is_new.then(|| self.paint.paint(Style::Faint, format_args!("[connection {number}]")))
        });
        Some((heading, entry))
    }
}

/// Whether a line leaves no room on the screen for what is printed above it.
fn is_tall(width: usize) -> bool {
    width > terminal::columns() * terminal::rows().saturating_sub(2).max(1)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::super::screen_queue::{ENTRIES, LATEST};
    use super::*;
    use crate::view::wrap::assert_unforged;

    struct ChannelPrinter(Sender<String>);

    impl ExternalPrinter for ChannelPrinter {
        fn print(&mut self, text: String) -> rustyline::Result<()> {
            drop(self.0.send(text));
            Ok(())
        }
    }

    #[test]
    fn a_note_that_waits_for_calm_stands_behind_what_a_peer_still_says() {
        let screen = Screen::new(Paint::Plain);
        screen.note_when_calm("stopped");
        screen.offer(Paint::Plain.paint(Style::Plain, "< late"));
        screen.note_when_calm("stopped again");
        screen.note("ours");
        let (told, printed) = channel();
        screen.start(ChannelPrinter(told), || {}).unwrap();
        screen.finish();
        let printed: String = printed.try_iter().collect();
        assert_eq!(printed.lines().collect::<Vec<_>>(), ["< late", "* stopped", "* stopped again", "* ours"]);
        // It is printed by itself, too, though the peer goes on.
        let now = Instant::now();
        let note = |disturbed| LateNote { text: screen.noted(""), since: now, disturbed };
        assert_eq!(note(now).due(), now + CALM);
        assert_eq!(note(now + Duration::from_secs(2)).due(), now + Duration::from_secs(2) + CALM);
        assert_eq!(note(now + Duration::from_secs(9)).due(), now + CALM_WITHIN);
    }

    #[test]
    fn no_row_of_a_folded_line_looks_like_another() {
        let screen = Screen::new(Paint::Plain);
        for padding in 0..90 {
            let rows =
                screen.wrapped(Style::Plain, &format!("  {} and so on {}", "x".repeat(padding), "word ".repeat(40)));
            assert_unforged(&rows.to_string(), terminal::columns());
        }
    }

    #[test]
    fn of_what_there_is_no_room_for_the_latest_is_shown_and_the_rest_counted() {
        let screen = Screen::new(Paint::Plain);
        for number in 0..ENTRIES + 1234 {
            screen.offer(Paint::Plain.paint(Style::Plain, format_args!("< {number}")));
        }
        screen.note("ours");
        let (told, printed) = channel();
        screen.start(ChannelPrinter(told), || {}).unwrap();
        screen.finish();
        let printed: String = printed.try_iter().collect();
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.len(), ENTRIES + LATEST + 2);
        assert_eq!(
            lines[ENTRIES - 1..=ENTRIES + 1],
            ["< 1999", "* 1,134 messages not shown: arriving faster than the terminal", "< 3134"]
        );
        assert_eq!(lines[ENTRIES + LATEST..], ["< 3233", "* ours"]);
    }
}
