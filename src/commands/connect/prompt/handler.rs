//! The prompt while it is connected.

use std::os::fd::AsFd;
use std::time::Instant;

use super::connection::SentView;
use super::stepping::Stepping;
use super::{Next, Prompt};
use crate::commands::prompt::command::Outgoing;
use crate::commands::prompt::command_queue::Input;
use crate::commands::prompt::repeat::Repeating;
use crate::exit::Exit;
use crate::handlers::player::Player;
use crate::net::{End, Handler, Sender, UnansweredPing, Watched};
use crate::stdio::decode::Decoded;
use crate::view::amount::Count;
use crate::ws::{Event, Kind, Message};

impl Handler for Prompt<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        if self.leaving.has_reached_goal() && matches!(event, Event::Data(_)) {
            return;
        }
        self.show_steps(&event);
        if let Event::Data(data) = &event {
            // As it came: the recording has it so too.
            self.compare_with_recording(data, sender);
        }
        let Some(mut decoder) = self.decoder.take_if(|_| matches!(event, Event::Data(_))) else {
            return self.received_event(&event, sender);
        };
        if let Event::Data(data) = &event {
            let Decoded { data, fault } = decoder.data(data);
            if let Some(fault) = fault {
                self.screen.offer(self.screen.noted(fault));
            }
            if let Some(data) = data {
                self.received_event(&Event::Data(data), sender);
            }
        }
        self.decoder = Some(decoder);
    }

    fn sent(&mut self, event: &Event<'_>) {
        self.tell(event);
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.open.is_new() {
            self.settings_applied = None;
            self.data.iter().for_each(|(kind, content)| self.pace.push(Outgoing::Data(*kind, content.clone())));
            if !self.held.is_empty() {
                let count = Count(self.held.len() as u64, "message");
                self.screen.note(format_args!("sending {count} typed meanwhile"));
            }
            self.pace.append(&mut self.held);
        }
        // They may have been changed for another connection too.
        let changes = Some(self.status.changes());
        if std::mem::replace(&mut self.settings_applied, changes) != changes {
            self.apply_settings(sender);
        }
        if let Some(repeating) = &mut self.open.repeating {
            repeating.set_ready(sender.all_written());
        }
        self.answer(now, sender);
        self.play(now, sender);
        self.step(sender);
        self.send_due(now, sender);
        self.repeat(now, sender);
        self.check_stall(now, sender);
        self.check_pings(now);
        if self.leaving.after_turn(now, self.pace.is_empty(), sender) {
            self.leave();
        }
    }

    /// The keyboard is the source, so that the engine never waits inside the receive, deaf to it, and the waker, so that it
    /// is heard while the connection is closing too.
    fn watched(&self) -> Watched<'_> {
        let keyboard = Some(self.receiver.as_fd());
        Watched { source: keyboard, waker: keyboard }
    }

    fn source_ready(&mut self, sender: &mut Sender<'_>) {
        self.listen(sender);
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.listen(sender);
    }

    fn deadline(&self) -> Option<Instant> {
        let repetition = self.open.repeating.as_ref().and_then(Repeating::deadline);
        let repetition = repetition.map(|due| self.pace.not_before(due));
        let answer = self.answering.player.as_ref().and_then(Player::deadline);
        let played = self.replaying.as_ref().and_then(|replaying| replaying.replay.deadline());
        let (stall, pings) = (self.open.stall.deadline(), self.open.asked.deadline());
        [answer, repetition, played, self.pace.deadline(), stall, pings, self.leaving.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    fn has_room(&self) -> bool {
        self.answering.player.as_ref().is_none_or(Player::has_room)
            && self.stepping.as_ref().is_none_or(|stepping| stepping.steps.has_room())
    }

    fn has_more(&self) -> bool {
        self.answering.player.as_ref().is_some_and(Player::is_blocked)
            || self.replaying.as_ref().is_some_and(|replaying| replaying.replay.has_more())
            || (self.stepping.as_ref().is_some_and(Stepping::has_more) && !self.is_inside_answer())
    }

    fn idle(&mut self) {
        if let Some(player) = &mut self.answering.player {
            player.shrink();
        }
        self.archive.log.check(&self.screen);
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.leaving.check_signals(sender);
        if self.leaving.was_interrupted() {
            self.next = Some(Next::Leave);
        }
        true
    }

    fn closed(&mut self, end: &End) {
        if let Some(stepping) = &mut self.stepping {
            stepping.steps.closed(end);
        }
        self.tell_end(end);
    }

    fn kept_without_pong(&mut self, ping: &UnansweredPing) {
        self.leaving.tell_unanswered(ping);
    }

    fn wants_abort(&self) -> bool {
        self.leaving.wants_abort() || self.stepping.as_ref().is_some_and(|stepping| stepping.steps.wants_abort())
    }
}

impl Prompt<'_> {
    fn received_event(&mut self, event: &Event<'_>, sender: &mut Sender<'_>) {
        self.tell(event);
        let Event::Data(data) = event else { return };
        if let Some(player) = self.answering.player.as_mut().filter(|_| self.leaving.is_running()) {
            player.data(data, |_, _| {});
            // What ends the prompt may have an answer too.
            self.answer(Instant::now(), sender);
        }
        if self.leaving.judge(data, sender) {
            self.leave();
        }
    }

    /// Does what was asked for at the keyboard.
    fn listen(&mut self, sender: &mut Sender<'_>) {
        self.receiver.heed();
        self.check_dialing(Some(sender));
        while let Some(typed) = self.receiver.try_recv() {
            match typed {
                Input::Operation(request) => self.perform(*request, Some(sender)),
                Input::Interrupt { .. } if self.stop_what_is_under_way() => {}
                Input::Interrupt { again } if !self.leaving.is_running() || self.is_meant(again) => {
                    self.interrupt(Exit::Interrupted, sender);
                }
                Input::Interrupt { .. } => self.warn_of_interrupt(),
                Input::Signal => self.interrupt(Exit::Interrupted, sender),
                Input::End => self.then(Next::Leave, Some(sender)),
            }
        }
    }

    fn interrupt(&mut self, exit: Exit, sender: &mut Sender<'_>) {
        self.leaving.interrupt(exit, sender);
        self.next = Some(Next::Leave);
    }

    /// The connection ends, and the prompt with it: what waits isn't sent any more.
    fn leave(&mut self) {
        self.open.repeating = None;
        self.pace.clear();
        self.next = Some(Next::Leave);
    }

    /// Sends what is due of a repetition.
    fn repeat(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if !self.pace.is_open(now) || self.is_inside_answer() {
            return;
        }
        let Some(mut repeating) = self.open.repeating.take() else { return };
        repeating.begin_turn(now);
        while let Some(text) = repeating.next_due(now) {
            let text = match text {
                Ok(text) => text,
                Err(why) => {
                    return self.screen.fault(format_args!("/repeat: {why}; sent {}", repeating.times()));
                }
            };
            self.pace.sent(now);
            if self.message(Message { kind: Kind::Text, content: text.as_bytes() }, sender).is_err() {
                return self.screen.note(format_args!("sent {} before the connection closed", repeating.times()));
            }
            self.open.sent_views.push_back(SentView::Hidden);
        }
        if repeating.is_done() {
            self.screen.note(format_args!("sent {}", repeating.times()));
        } else {
            self.open.repeating = Some(repeating);
        }
    }

    /// Whether there was a repetition to stop.
    pub(super) fn stop_repeating(&mut self) -> bool {
        let stopped = self.open.repeating.take();
        if let Some(repeating) = &stopped {
            // Answers to what was sent before still come.
            self.screen.note_when_calm(format_args!("stopped after {}", repeating.times()));
        }
        stopped.is_some()
    }
}
