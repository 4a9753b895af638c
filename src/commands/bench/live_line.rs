//! How far a run is, for a person who sees stderr.

use std::fmt::Write;
use std::io;
use std::time::{Duration, Instant};

use super::load::LoadTimes;
use super::run::LoadRun;
use crate::stdio::status_line::StatusLine;
use crate::stdio::terminal::{self, USUAL_WIDTH};
use crate::view::amount::{Count, Grouped, Latency};

/// From one look of the line to the next.
const PACE: Duration = Duration::from_millis(500);

/// The line, and what was on it before, for the rates.
#[derive(Debug)]
pub(super) struct LiveLine {
    line: StatusLine,
    next: Instant,
    before: Option<(Instant, u64)>,
}

impl LiveLine {
    /// `None` where nobody would see it.
    pub(super) fn of_terminal() -> Option<Self> {
        Some(Self { line: StatusLine::of_terminal()?, next: Instant::now() + PACE, before: None })
    }

    /// When it is drawn next.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    pub(super) fn draw_when_due(&mut self, run: &LoadRun, times: Option<&LoadTimes>, now: Instant) {
        if now < self.next {
            return;
        }
        self.next = now + PACE;
        let mut text = match times {
            None => {
                format!("opening: {} of {}", Grouped(run.open_count() as u64), Grouped(run.config.connections as u64))
            }
            Some(times) if now < times.measured => "warming up".to_owned(),
            Some(times) => format!("{:.1} s", now.duration_since(times.measured).as_secs_f64()),
        };
        if let Some(times) = times {
            self.add_figures(run, times, now, &mut text);
        }
        let most = terminal::columns(io::stderr()).unwrap_or(USUAL_WIDTH).saturating_sub(1);
        // Nothing but ASCII is on it.
        text.truncate(most);
        self.line.show(text);
    }

    fn add_figures(&mut self, run: &LoadRun, times: &LoadTimes, now: Instant, text: &mut String) {
        let measured = run.meter.measured();
        let (then, before) = self.before.replace((now, measured.received.messages)).unwrap_or((times.measured, 0));
        let rate =
            (measured.received.messages - before) as f64 / now.saturating_duration_since(then).as_secs_f64().max(0.001);
        let open = Count(run.busy_count() as u64, "connection");
        // A String takes all that is written to it.
        let _ = write!(text, "  {open}  > {}", Grouped(measured.sent.messages));
        let _ = write!(text, "  < {} ({}/s)", Grouped(measured.received.messages), Grouped(rate as u64));
        let round_trips = run.meter.round_trips();
        for (name, percent) in [("p50", 50.0), ("p99", 99.0)] {
            if let Some(latency) = round_trips.percentile(percent) {
                let _ = write!(text, "  {name} {}", Latency(latency));
            }
        }
    }
}

impl Drop for LiveLine {
    fn drop(&mut self) {
        self.line.clear();
    }
}
