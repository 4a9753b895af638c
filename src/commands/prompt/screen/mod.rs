//! What is printed above the line that is being typed.
//!
//! Printing waits for the editor and the terminal, so a thread of its own does it (`printing.rs`). What is to be printed waits in
//! `queue.rs`; how lines of our own look is in `lines.rs`, and what a person asks to see in `queries.rs`.

mod lines;
mod printing;
mod queries;
mod queue;
mod reading_pause;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::current::CurrentConnection;
use super::drawn_line::DrawnLine;
use super::line_times::LineTimes;
use super::terminal::{self, GivesWay};
use super::unshown::{OfOthers, Unshown};
use crate::net::is_out_of_time;
use crate::view::spans::{Paint, Painted};

pub(crate) use self::lines::whole_columns;
use self::queries::QueryState;
pub(crate) use self::queue::Deferred;
use self::queue::{ScreenEntry, ScreenQueue};
use self::reading_pause::ReadingPause;

/// An editor that hasn't drawn by then has been stopped, or its terminal has.
const DRAWS_WITHIN: Duration = Duration::from_millis(500);

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
const STOPPED: &str = "stopped by Ctrl-C (/list, /show)";
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
    /// The terminal was somebody else's, and the line is to be drawn again, whatever keeps everything else back.
    is_wiped: bool,
    line: DrawnLine,
    /// What was asked for is still being made.
    query: QueryState,
    late: Option<LateNote>,
    reading: ReadingPause,
    /// The editor draws nothing more: the program is leaving.
    closed: bool,
    /// What came of the peer's doing since the screen was paused.
    paused: Option<ScreenQueue>,
    unshown: Unshown,
    /// Messages that weren't shown by the settings of connections that aren't looked at now.
    hidden_elsewhere: BTreeMap<u64, u64>,
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

    /// Whether the line that is being typed leaves no room for what is printed above it.
    fn is_covered(&self) -> bool {
        self.tall && self.editing && !self.closed
    }

    /// Until when what a peer makes us print, and is next, waits for somebody to have read what was printed last.
    fn is_read_until(&self, now: Instant) -> Option<Instant> {
        let waits = self.queue.is_next_of_peer() && self.queue.has_room();
        self.reading.until(now).filter(|_| waits && self.editing && !self.closed)
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
        self.lock().is_wiped = true;
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

    /// The line that is being typed goes on behind another mark, once what came before is printed.
    pub(crate) fn renew_mark(&self) {
        self.lock().has_new_mark = true;
        self.shared.changed.notify_all();
    }

    /// Prints whole lines, however much is waiting.
    pub(crate) fn say(&self, lines: Painted) {
        self.add(Deferred::from(lines).into());
    }

    fn add(&self, entry: ScreenEntry) {
        let mut state = self.lock();
        state.end_waiting_for_calm(self.paint);
        state.queue.join_latest(self.paint);
        state.queue.push(entry);
        self.shared.changed.notify_all();
    }

    /// A command was entered: there is to be time to read what is said next, whatever a peer says behind it.
    pub(super) fn await_answer(&self) {
        self.lock().reading.await_answer(Instant::now());
        self.shared.changed.notify_all();
    }

    /// Nobody reads what was said last any more.
    pub(super) fn end_reading(&self) {
        self.lock().reading.end();
        self.shared.changed.notify_all();
    }

    /// Prints what came of the peer's doing if there is room for it, or if nothing comes behind it for a while.
    pub(crate) fn offer(&self, content: impl Into<Deferred>) {
        let entry = ScreenEntry::of_peer(content.into(), self.connection.clone());
        let now = Instant::now();
        let mut state = self.lock();
        state.reading.heard(now);
        if let Some(late) = &mut state.late {
            late.disturbed = now;
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
    pub(super) fn set_current(&self, number: u64, others: OfOthers) {
        let State { unshown, hidden_elsewhere, .. } = &mut *self.lock();
        if unshown.current != number {
            // Each has settings of its own, by which messages are hidden.
            if unshown.hidden > 0 {
                hidden_elsewhere.insert(unshown.current, unshown.hidden);
            }
            unshown.hidden = hidden_elsewhere.remove(&number).unwrap_or_default();
        }
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

    /// The same, once the peer has said what it still says because of what was done before.
    pub(crate) fn note_when_calm(&self, text: impl std::fmt::Display) {
        let (text, now) = (self.noted(text), Instant::now());
        let mut state = self.lock();
        state.end_waiting_for_calm(self.paint);
        state.late = Some(LateNote { text, since: now, disturbed: now });
        self.shared.changed.notify_all();
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
}

/// Whether a line leaves no room on the screen for what is printed above it.
fn is_tall(width: usize) -> bool {
    width > terminal::columns() * terminal::rows().saturating_sub(2).max(1)
}
