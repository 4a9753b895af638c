//! The thread that prints: what waits in the queue, in pieces that leave the editor time for the keyboard.

use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

use rustyline::ExternalPrinter;

use super::queue::ScreenEntry;
use super::{DRAWS_WITHIN, LateNote, NOTHING, Screen, State, terminal};
use crate::view::spans::{Painted, Style};

/// Bytes printed at once, before the editor gets to hear the keyboard again.
const AT_ONCE: usize = 16 * 1024;

/// From one print to the next. More often nobody could see it, and typing would wait for it.
const PACE: Duration = Duration::from_millis(15);

/// An editor that hasn't heard of another width by then won't.
const REDRAWS_WITHIN: Duration = Duration::from_millis(100);

impl Screen {
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
            let waits = state.held || state.is_covered();
            let redraws = state.is_wiped && state.is_covered() && !state.held;
            let recount = state.recount_at().filter(|_| !waits);
            let now = Instant::now();
            if state.late.as_ref().is_some_and(|late| late.due() <= now) {
                state.end_waiting_for_calm(self.paint);
            }
            let renews = state.has_new_mark && state.editing && !state.closed;
            let is_read_until = state.is_read_until(now);
            let has_entries = !state.queue.is_empty() && is_read_until.is_none();
            let is_empty = !has_entries && state.ring.is_none() && !renews;
            if (!is_empty && !waits) || redraws || recount.is_some_and(|at| at <= now) {
                state.printing = true;
                return state.drawn;
            }
            let changed = &self.shared.changed;
            let calm = state.late.as_ref().map(LateNote::due);
            state = match recount.into_iter().chain(calm).chain(is_read_until).min() {
                Some(at) => changed.wait_timeout(state, at - now).unwrap_or_else(PoisonError::into_inner).0,
                None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// As much as is printed at once; where there is nothing, the line is drawn for its mark.
    fn take(&self) -> String {
        let begun = Instant::now();
        let mut text = String::new();
        let is_wiped = {
            let mut state = self.lock();
            std::mem::take(&mut state.is_wiped) && state.is_covered()
        };
        if is_wiped {
            return format!("{NOTHING}\n");
        }
        // However late it is: where there is no text the line gets its new mark, which belongs behind what waits.
        while (text.is_empty() || (text.len() < AT_ONCE && begun.elapsed() < PACE))
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
        let now = Instant::now();
        let mut state = self.lock();
        if state.is_read_until(now).is_some() {
            return None;
        }
        let entry = state.queue.next(self.paint)?;
        if !entry.is_of_peer() {
            state.reading.printed_ours(now);
        }
        let heading = entry.origin().and_then(|(number, is_elsewhere)| {
            let elsewhere = is_elsewhere.then_some(number);
            let is_new = std::mem::replace(&mut state.elsewhere, elsewhere) != elsewhere;
            is_new.then(|| self.paint.paint(Style::Faint, format_args!("[connection {number}]")))
        });
        Some((heading, entry))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::super::queue::{ENTRIES, LATEST};
    use super::super::{CALM, CALM_WITHIN};
    use super::*;
    use crate::view::spans::Paint;

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
    fn there_is_time_to_read_an_answer_before_more_comes() {
        let screen = Screen::new(Paint::Plain);
        screen.set_editing(true);
        let offer = |text: &str| screen.offer(Paint::Plain.paint(Style::Plain, text));
        (0..50).for_each(|_| offer("< before"));
        screen.await_answer();
        screen.note("answer");
        (0..50).for_each(|_| offer("< behind"));
        let (told, printed) = channel();
        screen.start(ChannelPrinter(told), || {}).unwrap();
        let answer = printed.recv().unwrap();
        assert!(answer.ends_with("< before\n* answer\n"), "{answer}");
        // At the end nobody is waited for.
        screen.finish();
        assert_eq!(printed.try_iter().collect::<String>().matches("< behind\n").count(), 50);
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

    #[test]
    fn what_was_gathered_at_a_pause_can_be_done_without() {
        let screen = Screen::new(Paint::Plain);
        let offer = |number: usize| screen.offer(Paint::Plain.paint(Style::Plain, format!("< {number}")));
        screen.set_paused(true);
        (0..500).for_each(offer);
        screen.set_paused(false);
        screen.note("ours");
        (500..750).for_each(offer);
        assert!(screen.stop_printing());
        // It is about what was gathered: what comes now is shown, however much it is.
        assert!(!screen.stop_printing());
        let (told, printed) = channel();
        screen.start(ChannelPrinter(told), || {}).unwrap();
        screen.finish();
        let printed: String = printed.try_iter().collect();
        let messages = |numbers: std::ops::Range<usize>| numbers.map(|number| format!("< {number}"));
        let dropped = ["* 400 messages not shown: stopped by Ctrl-C (/list, /show)".to_owned()];
        let shown =
            dropped.into_iter().chain(messages(400..500)).chain(["* ours".to_owned()]).chain(messages(500..750));
        assert_eq!(printed.lines().collect::<Vec<_>>(), shown.collect::<Vec<_>>());
    }
}
