//! `/run` of a test file: its steps, taken on the connection that is open, which stays open behind them.

use std::sync::Arc;

use super::Prompt;
use super::connection::SentView;
use crate::commands::prompt::command::NamedSteps;
use crate::handlers::scenario::{AtLastStep, Halt, ScenarioOnConnection, StepsSent};
use crate::net::{Handler, Sender};
use crate::peer_text::Escaped;
use crate::view::spans::Style;
use crate::ws::Event;

/// Steps that are being taken.
pub(super) struct Stepping {
    name: Arc<str>,
    pub(super) steps: ScenarioOnConnection,
    /// A message has begun to come since: what comes of one that had begun before is none of their business.
    hears: bool,
}

impl Stepping {
    /// Whether there has to be another turn.
    pub(super) fn has_more(&self) -> bool {
        self.steps.has_more() || self.steps.is_over()
    }
}

impl Prompt<'_> {
    /// Begins to take steps, if no others are taken.
    pub(super) fn begin_steps(&mut self, NamedSteps { name, scenario }: NamedSteps, sender: Option<&mut Sender<'_>>) {
        if let Some(Stepping { name, .. }) = &self.stepping {
            return self.screen.fault(format_args!("still taking the steps of {}; Ctrl-C stops that", Escaped(name)));
        }
        if sender.is_none_or(|sender| sender.is_closing()) {
            return self.screen.fault("not connected: no step is taken");
        }
        let (answer, waker) = (self.open.facts.answered(), self.receiver.waker());
        match ScenarioOnConnection::begin_as_client((scenario, Arc::clone(&name)), answer, waker, AtLastStep::StayOpen)
        {
            Ok(steps) => {
                self.screen.note(format_args!("taking the steps of {}; Ctrl-C stops", Escaped(&name)));
                self.stepping = Some(Stepping { name, steps, hears: false });
            }
            Err(why) => self.screen.fault(format_args!("no step is taken: {why}")),
        }
    }

    /// Lets the steps see what has come.
    pub(super) fn show_steps(&mut self, event: &Event<'_>) {
        if let Some(stepping) = &mut self.stepping {
            match event {
                Event::Data(data) => stepping.hears |= data.first,
                _ => return stepping.steps.received(event),
            }
            if stepping.hears {
                stepping.steps.received(event);
            }
        }
    }

    /// Sends what steps say, and tells what they have come to.
    pub(super) fn step(&mut self, sender: &mut Sender<'_>) {
        // RFC 6455 §5.4: no message begins inside another.
        if self.is_inside_answer() {
            return;
        }
        let Some(stepping) = &mut self.stepping else { return };
        // Asked first: by then all that they have to send stands in their line.
        let is_over = stepping.steps.is_over();
        let sent = stepping.steps.obey(sender);
        self.open.sent_views.extend(std::iter::repeat_n(SentView::Whole, sent.messages));
        if sent.has_closed {
            self.leaving.has_closed();
        }
        // What they have sent is told before that.
        if is_over && sent == StepsSent::default() && !stepping.steps.has_more() {
            self.end_steps();
        }
    }

    /// Ctrl-C: no further step is taken. Returns whether there were any.
    pub(super) fn stop_steps(&mut self) -> bool {
        if let Some(stepping) = &mut self.stepping {
            stepping.steps.leave();
        }
        self.end_steps()
    }

    /// No further step is taken: says what they have come to. Returns whether there were any.
    pub(super) fn end_steps(&mut self) -> bool {
        let Some(Stepping { name, mut steps, .. }) = self.stepping.take() else { return false };
        let name = Escaped(&name);
        match steps.finish() {
            Some(Ok(())) => self.screen.note(format_args!("took all steps of {name}")),
            Some(Err(Halt::Skipped(step))) => self.screen.note(format_args!("left {name}: {}", Escaped(&step))),
            Some(Err(Halt::Failed(failure))) => {
                let mut lines = failure.lines().into_iter();
                self.screen.fault(Escaped(&lines.next().unwrap_or_default()));
                let lines: Vec<_> =
                    lines.map(|line| self.screen.wrapped(Style::Plain, &Escaped(&line).to_string())).collect();
                self.screen.list(lines);
            }
            Some(Err(Halt::Interrupted)) | None => self.screen.note(format_args!("stopped taking the steps of {name}")),
        }
        true
    }
}
