//! The pipe while it is connected.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::progress::Progress;
use super::quiet::{PING, Silence};
use super::{Pipe, ends};
use crate::advice;
use crate::error::Error;
use crate::handlers::player::Player;
use crate::net::{End, Handler, Sender, UnansweredPing, Watched};
use crate::stdio::byte_order_mark;
use crate::stdio::decode::Decoded;
use crate::stdio::input::InputFault;
use crate::view::amount::Size;
use crate::ws::{Data, Event, Item};

impl Handler for Pipe<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        if let Some(steps) = &mut self.steps {
            steps.received(&event);
        }
        match event {
            // Moved out of the event, of which nothing is left to drop then.
            Event::Data(data) => self.received(&data, sender),
            event => self.happened(&event),
        }
    }

    fn sent(&mut self, event: &Event<'_>) {
        if let Some(pings) = &mut self.pings {
            pings.event(event);
        }
        self.output.write(|out| self.format.event(event, out));
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.answer(now, sender);
        self.obey_steps(sender);
        if self.feed.is_due(now) {
            self.send(now, sender);
        }
        if let Some(resend_buffer) = &mut self.feed.resend_buffer {
            resend_buffer.settle(sender);
        }
        if let Some(progress) = &mut self.progress {
            progress.after_turn(self.feed.sent, now);
            progress.draw_when_due(self.feed.sent, now, sender);
        }
        self.output.hand_over();
        // Before our Close is behind it.
        if self.leaving.is_out_of_time(now) && self.leaving.is_running() {
            self.tell_unsent(sender);
            self.expected_to_send = self.expected_to_send.take().or_else(|| self.feed.expected());
        }
        if self.leaving.after_turn(now, self.feed.is_finished(), sender) {
            self.feed.stop();
        }
        self.leave_when_quiet(now, sender);
    }

    /// What was sent in this turn may have filled it.
    fn all_told(&mut self) {
        self.output.hand_over();
    }

    fn has_room(&self) -> bool {
        self.output.has_room()
            && self.player.as_ref().is_none_or(Player::has_room)
            && self.steps.as_ref().is_none_or(Handler::has_room)
    }

    /// A reader of stdout may be as slow as it likes. What can't be answered any more is another matter.
    fn outlives_peer(&self) -> bool {
        self.player.as_ref().is_none_or(Player::has_room)
    }

    fn idle(&mut self) {
        if let Some(player) = &mut self.player {
            player.shrink();
        }
        if let Some(decoder) = &mut self.decoder {
            decoder.shrink();
        }
    }

    fn has_room_for_sent(&self) -> bool {
        self.output.has_room()
    }

    fn watched(&self) -> Watched<'_> {
        Watched { source: self.feed.fd().filter(|_| !self.is_inside_answer()), waker: Some(self.output.as_fd()) }
    }

    fn sink(&self) -> Option<BorrowedFd<'_>> {
        ends::sink(&self.output, self.exchange)
    }

    fn sink_closed(&mut self, sender: &mut Sender<'_>) {
        self.output.sink_closed();
        self.give_up(None, sender);
    }

    fn source_ready(&mut self, sender: &mut Sender<'_>) {
        match self.feed.read() {
            Ok(()) => {
                if self.feed.take_byte_order_mark() {
                    self.console.line(byte_order_mark::not_sent("stdin"));
                }
                self.send(Instant::now(), sender);
            }
            Err(why) => self.give_up(Some(Error::Stdin(why)), sender),
        }
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.output.woken();
        self.obey_steps(sender);
        if self.output.is_broken() {
            self.give_up(None, sender);
        }
    }

    fn has_more(&self) -> bool {
        self.player.as_ref().is_some_and(Player::is_blocked)
            || (self.steps.as_ref().is_some_and(Handler::has_more) && !self.is_inside_answer())
            || self.has_just_answered
            || (self.feed.has_more() && !self.is_inside_answer())
    }

    fn deadline(&self) -> Option<Instant> {
        let progress = self.progress.as_ref().and_then(Progress::deadline);
        let answer = self.player.as_ref().and_then(Player::deadline);
        let quiet = [self.asks_at(), self.quiet.until(self.answers_pings)];
        [answer, self.leaving.deadline(), self.feed.deadline(), progress].into_iter().chain(quiet).flatten().min()
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.leaving.check_signals(sender);
        if let Some(steps) = self.steps.as_mut().filter(|_| self.leaving.was_interrupted()) {
            steps.stop(sender);
        }
        true
    }

    fn closed(&mut self, end: &End) {
        if let Some(steps) = &mut self.steps {
            steps.closed(end);
        }
    }

    fn kept_without_pong(&mut self, ping: &UnansweredPing) {
        self.leaving.tell_unanswered(ping);
    }

    fn wants_abort(&self) -> bool {
        self.leaving.wants_abort() || self.steps.as_ref().is_some_and(Handler::wants_abort)
    }
}

impl Pipe<'_> {
    /// Part of a message.
    fn received(&mut self, data: &Data<'_>, sender: &mut Sender<'_>) {
        if self.leaving.has_reached_goal() {
            return;
        }
        self.quiet.heard(data.last);
        if let Some(progress) = &mut self.progress {
            progress.received(data);
        }
        let Some(mut decoder) = self.decoder.take() else { return self.decoded(data, sender) };
        let Decoded { data, fault } = decoder.data(data);
        if let Some(fault) = fault {
            self.console.log(fault);
        }
        if let Some(data) = data {
            self.decoded(&data, sender);
        }
        self.decoder = Some(decoder);
    }

    /// The same, decoded where that is asked for.
    fn decoded(&mut self, data: &Data<'_>, sender: &mut Sender<'_>) {
        self.output.write(|out| self.format.data(data, out));
        let (is_running, gate) = (self.leaving.is_running(), &mut self.feed.gate);
        match &mut self.player {
            Some(player) if is_running => {
                player.data(data, |message, condition| gate.hear(message, condition));
                // What ends the run may have an answer too.
                self.answer(Instant::now(), sender);
            }
            Some(player) => player.overhear(data, |message| gate.hear_too_late(message)),
            None => {}
        }
        if self.leaving.judge(data, sender) {
            self.feed.stop();
        }
    }

    /// Anything but content.
    fn happened(&mut self, event: &Event<'_>) {
        if let Some(pings) = &mut self.pings {
            pings.event(event);
        }
        if let Event::Pong(payload) = event {
            self.quiet.pong(payload);
            if let Some(progress) = &mut self.progress {
                progress.pong(payload);
            }
        }
        self.output.write(|out| self.format.event(event, out));
    }

    /// Says that the time is up for what is being sent.
    fn tell_unsent(&mut self, sender: &Sender<'_>) {
        let (taken, all) = sender.progress();
        let is_inside = self.feed.stops_inside_message();
        if is_inside || (self.feed.sent.bytes > 0 && taken < all) {
            self.leaving.tell_time();
            self.has_told_unsent = true;
            let message = if is_inside { "the last message is not whole; " } else { "" };
            let told = format!("not all was sent: {message}the peer has taken {}", Size(taken as f64));
            // The rest of an input that goes on without end is nobody's loss.
            if is_inside || self.feed.is_finished() {
                self.expected_to_send = Some(told);
            } else {
                self.console.line(told);
            }
        }
    }

    fn send(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if !self.leaving.is_running() || self.is_inside_answer() {
            return;
        }
        match self.feed.send(now, sender) {
            Ok(false) => {}
            Ok(true) => {
                self.leaving.has_closed();
                self.feed.stop();
            }
            Err(InputFault::NotText(what)) => self.give_up(Some(advice::binary_file(what)), sender),
            Err(InputFault::Other(what)) => self.give_up(Some(Error::usage(what)), sender),
        }
    }

    /// Sends what rules answer, never inside a message of stdin.
    fn answer(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.has_just_answered = false;
        let Some(player) = &mut self.player else { return };
        sender.set_largest_frame(self.exchange.sending.options.part());
        self.has_just_answered = player.perform(now, sender) > 0;
        if player.has_closed() && self.leaving.is_running() {
            self.leaving.has_closed();
            self.feed.stop();
        }
    }

    /// Sends what the steps of a script say, never inside an answer.
    fn obey_steps(&mut self, sender: &mut Sender<'_>) {
        if self.is_inside_answer() {
            return;
        }
        if let Some(steps) = &mut self.steps {
            steps.obey(sender);
        }
    }

    /// Part of an answer is sent, so that no other message can be.
    fn is_inside_answer(&self) -> bool {
        self.player.as_ref().is_some_and(Player::is_inside_message)
    }

    /// Whether nothing more is sent because of what has come, and nothing waits for what is to come.
    fn has_answered(&self) -> bool {
        // A linger that was given ends the wait for an answer, as it does for a goal.
        let awaits = self.feed.gate.awaits() && self.exchange.ending.linger.is_none();
        !awaits && self.player.as_ref().is_none_or(Player::is_done)
    }

    fn give_up(&mut self, failure: Option<Error>, sender: &mut Sender<'_>) {
        self.leaving.give_up(failure, sender);
        self.feed.stop();
    }

    fn leave_when_quiet(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.answers_pings = sender.pings_are_answered();
        let waits = self.leaving.is_running() && !sender.is_closing() && self.has_sent_all() && self.has_answered();
        // While stdout is behind we don't hear the peer, so it can't be told to be quiet.
        self.quiet.after_turn(now, waits && sender.all_written() && self.output.has_room());
        if self.asks_at().is_some_and(|at| now >= at) {
            self.quiet.pinged(now);
            // Once we have closed, nobody is to be asked.
            let _ = sender.send(Item::Ping(PING));
        }
        if self.quiet.until(self.answers_pings).is_some_and(|until| now >= until) {
            self.tell_silence();
            self.leaving.finish(sender);
            self.feed.stop();
        }
    }

    /// When the peer is asked whether it has read everything.
    fn asks_at(&self) -> Option<Instant> {
        self.quiet.asks_at().filter(|_| self.feed.sent.messages > 0)
    }

    /// All that is ever sent is on its way. Where nothing is read, we stay, unless it was said for how long.
    fn has_sent_all(&self) -> bool {
        self.feed.is_finished() && (!self.feed.listens || self.exchange.ending.linger.is_some())
    }

    /// Says so where messages were sent and nothing at all has come back, and where there was nothing to send.
    fn tell_silence(&self) {
        if self.feed.sent.messages > 0
            && let Some(Silence { time, is_complete }) = self.quiet.silence(self.answers_pings)
        {
            self.console.line(advice::received_nothing(time, is_complete));
        }
        if self.feed.source_was_empty {
            self.console.line(advice::EMPTY_STDIN);
        }
    }
}
