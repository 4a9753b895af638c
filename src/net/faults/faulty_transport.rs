//! A transport with faults in it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::armed::{ArmedFault, Counted, OnInjected};
use super::frame_filter::{FrameFilter, Treatment};
use super::frames::{FramePiece, FrameSplitter, begins_message, is_pong};
use super::line::FaultLine;
use crate::net::transport::{Received, Transport, TransportLayer, Wait};
use crate::script::{Cut, Dice, Fault, FaultKind, MessageFault, RuleSpeaker, StreamFault};
use crate::ws::Buffer;

/// A way to a peer, with faults on it.
#[derive(Debug)]
pub(super) struct FaultyTransport {
    below: Transport,
    /// Who says what goes outward.
    speaker: RuleSpeaker,
    armed: Vec<ArmedFault>,
    filter: FrameFilter,
    outward: FaultyDirection,
    inward: FaultyDirection,
    received: Buffer,
    /// The socket took less than it was given.
    is_blocked: bool,
    /// Our direction has ended below.
    is_finished: bool,
    opened: Instant,
    /// When bytes have last gone either way.
    used: Instant,
    idle: Vec<IdleCut>,
    cut: Option<Cut>,
    /// It is reset once what has arrived before is read, and answered.
    resets_behind_input: bool,
    /// Rules may break something at any time, the seed of whose chances this is.
    awaits_rules: bool,
    dice: Dice,
    /// What faults say of the message that begins.
    treatment: Treatment,
    on_injected: Arc<dyn OnInjected>,
}

#[derive(Debug, Default)]
struct FaultyDirection {
    line: FaultLine,
    frames: FrameSplitter,
    /// The fault by which bytes are counted that still arrive.
    limit: Option<Arc<Fault>>,
}

/// How a connection is cut that is idle for so long, and by which fault.
#[derive(Debug)]
struct IdleCut {
    after: Duration,
    cut: Cut,
    fault: Arc<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Outward,
    Inward,
}

impl FaultyTransport {
    pub(super) fn new(
        below: Transport,
        (speaker, key): (RuleSpeaker, Option<[u8; 4]>),
        armed: Vec<ArmedFault>,
        (awaits_rules, dice): (bool, Dice),
        on_injected: Arc<dyn OnInjected>,
    ) -> Self {
        let now = Instant::now();
        Self {
            below,
            speaker,
            armed,
            filter: FrameFilter::new(key),
            outward: FaultyDirection::default(),
            inward: FaultyDirection::default(),
            received: Buffer::default(),
            is_blocked: false,
            is_finished: false,
            opened: now,
            used: now,
            idle: Vec::new(),
            cut: None,
            resets_behind_input: false,
            awaits_rules,
            dice,
            treatment: Treatment::default(),
            on_injected,
        }
    }

    /// The cut that is due first, and when.
    fn idle_cut(&self) -> Option<(Instant, &IdleCut)> {
        let first = self.idle.iter().min_by_key(|idle| idle.after)?;
        self.cut.is_none().then(|| (self.used + first.after, first))
    }

    /// Puts what was received into the line.
    fn take_in(&mut self, received: Received, now: Instant) {
        match received {
            Received::Bytes => {
                let bytes = self.received.unread().to_vec();
                self.received.consume(bytes.len());
                self.note(bytes.len(), now);
                self.pass(Way::Inward, &bytes, now);
            }
            // Who sends nothing more is heard of even where nothing else arrives: nobody would ever end this.
            Received::End => self.inward.line.finish(now),
            Received::Nothing => {}
        }
    }

    /// Takes out of the line what may arrive now.
    fn give(&mut self, buffer: &mut Buffer, now: Instant) -> Received {
        let mut received = Received::Nothing;
        loop {
            let ready = self.inward.line.ready(now);
            let space = buffer.space();
            let count = ready.len().min(space.len());
            if count == 0 {
                break;
            }
            space[..count].copy_from_slice(&ready[..count]);
            buffer.filled(count);
            received = Received::Bytes;
            if self.inward.line.gone(count, now) {
                self.reach_limit(Way::Inward, now);
                break;
            }
        }
        let has_ended = received == Received::Nothing && self.inward.line.has_ended(now);
        if has_ended { Received::End } else { received }
    }

    /// Puts bytes into a line, and injects what is to be injected before the messages that begin in them.
    fn pass(&mut self, way: Way, mut bytes: &[u8], now: Instant) {
        let is_split = self.looks_at(way) || self.direction(way).frames.holds_part_of_head();
        if !is_split {
            // Where the stream is in its frames isn't known here.
            return self.direction(way).line.push(bytes, now);
        }
        while let Some(piece) = self.direction(way).frames.next(&mut bytes) {
            match &piece {
                FramePiece::Head(head, _) if begins_message(head) => self.message_comes(way, now),
                FramePiece::Head(head, _) if is_pong(head) => self.count(Counted::Pongs, way, now),
                _ => {}
            }
            let mut out = Vec::new();
            match (piece, way) {
                (FramePiece::Head(head, raw), Way::Outward) => self.filter.head(&head, &raw, now, &mut out),
                (FramePiece::Payload(payload), Way::Outward) => self.filter.payload(payload, now, &mut out),
                (FramePiece::Head(_, raw), Way::Inward) => out = raw,
                (FramePiece::Payload(payload), Way::Inward) => out = payload.to_vec(),
            }
            self.direction(way).line.push(&out, now);
        }
    }

    fn message_comes(&mut self, way: Way, now: Instant) {
        self.count(Counted::Messages, way, now);
        if way == Way::Outward {
            self.filter.begin_message(std::mem::take(&mut self.treatment));
        }
    }

    /// Injects what is to be injected before one of what is counted.
    fn count(&mut self, what: Counted, way: Way, now: Instant) {
        for index in 0..self.armed.len() {
            let is_possible = self.is_possible(&self.armed[index].fault.kind);
            let is_counted = self.is_counted(&self.armed[index].fault, way);
            if is_counted && self.armed[index].comes(what, now - self.opened, is_possible) {
                self.inject_armed(index, now);
            }
        }
    }

    /// Whether anything comes of it now: not behind a cut, and the message that another is swapped with isn't swapped, too.
    fn is_possible(&self, kind: &FaultKind) -> bool {
        let is_swap = matches!(kind, FaultKind::Message(MessageFault::Swap));
        self.cut.is_none() && !self.resets_behind_input && !(is_swap && self.filter.holds_message())
    }

    /// Whether frames are looked at on this way.
    fn looks_at(&self, way: Way) -> bool {
        let is_awaited = |armed: &ArmedFault| armed.awaits(Counted::Messages) && self.is_counted(&armed.fault, way);
        self.armed.iter().any(is_awaited)
            || (way == Way::Outward
                && (self.awaits_rules || self.armed.iter().any(|armed| armed.fault.kind.is_of_frames())))
    }

    /// Whether bytes go this way as if there were no faults.
    fn is_clear(&self, way: Way) -> bool {
        let FaultyDirection { line, frames, .. } = if way == Way::Outward { &self.outward } else { &self.inward };
        line.is_clear() && !frames.holds_part_of_head() && !self.looks_at(way)
    }

    /// Where no way is said, messages are counted that go outward.
    fn is_counted(&self, fault: &Fault, way: Way) -> bool {
        fault.speaker.map_or(Way::Outward, |speaker| self.way_of(speaker)) == way
    }

    fn way_of(&self, speaker: RuleSpeaker) -> Way {
        if speaker == self.speaker { Way::Outward } else { Way::Inward }
    }

    fn direction(&mut self, way: Way) -> &mut FaultyDirection {
        match way {
            Way::Outward => &mut self.outward,
            Way::Inward => &mut self.inward,
        }
    }

    /// Does what a fault says.
    fn inject_armed(&mut self, index: usize, now: Instant) {
        let armed = &mut self.armed[index];
        let (fault, dice, stays) = (Arc::clone(&armed.fault), armed.dice.split(), armed.begun);
        self.inject_fault(&fault, dice, stays, now);
    }

    /// The same, of what is done from now on where it `stays`, and otherwise to what comes next.
    fn inject_fault(&mut self, fault: &Arc<Fault>, dice: Dice, stays: bool, now: Instant) {
        match &fault.kind {
            FaultKind::Stream(kind) => self.inject_in_stream(fault, kind, &dice, now),
            FaultKind::Refuse(_) | FaultKind::Handshake(_) | FaultKind::Certificate(_) => {}
            of_frames => {
                self.on_injected.injected(fault, Some(self.speaker));
                self.inject_in_frames(of_frames, dice, stays, now);
            }
        }
    }

    /// Does what a fault says of the stream.
    fn inject_in_stream(&mut self, fault: &Arc<Fault>, kind: &StreamFault, dice: &Dice, now: Instant) {
        // What is only begun to be looked for is told once it is found.
        if !matches!(kind, StreamFault::Limit(_) | StreamFault::Idle { .. }) {
            self.on_injected.injected(fault, fault.speaker);
        }
        for way in [Way::Outward, Way::Inward] {
            // A black hole has both ways in it, whoever says what is counted.
            let is_everywhere = *kind == StreamFault::BlackHole;
            if !is_everywhere && fault.speaker.is_some_and(|speaker| self.way_of(speaker) != way) {
                continue;
            }
            let FaultyDirection { line, limit, .. } = self.direction(way);
            match kind {
                StreamFault::Latency { delay, jitter } => line.latency = Some((*delay, *jitter, dice.clone())),
                StreamFault::Bandwidth(rate) => line.rate = Some(*rate),
                StreamFault::Slice { size, pause } => line.slices = Some((*size, *pause)),
                // Of several limits the least is reached. What is on its way already is before it.
                StreamFault::Limit(bytes) => {
                    let bytes = bytes + line.held();
                    if line.left.is_none_or(|left| bytes < left) {
                        (line.left, *limit) = (Some(bytes), Some(Arc::clone(fault)));
                    }
                }
                StreamFault::SlowClose(delay) => line.late_end = *delay,
                // What was sent before the message that is meant still arrives.
                StreamFault::HalfOpen | StreamFault::BlackHole if fault.selector.is_of_time() => line.swallow(),
                StreamFault::HalfOpen | StreamFault::BlackHole => line.swallows = true,
                StreamFault::Reset | StreamFault::Idle { .. } => {}
            }
        }
        let is_counted_inward = self.is_counted(fault, Way::Inward) && fault.selector.counts();
        match kind {
            // The messages before the one that is meant may be here, and not have been read.
            StreamFault::Reset if is_counted_inward && !self.inward.line.is_empty() => {
                self.resets_behind_input = true;
                self.inward.line.swallows = true;
            }
            StreamFault::Reset => self.cut(Cut::Reset, now),
            StreamFault::Idle { after, cut } => {
                self.used = now;
                // Of one that is looked for already there is no second.
                self.idle.retain(|known| !Arc::ptr_eq(&known.fault, fault));
                self.idle.push(IdleCut { after: *after, cut: *cut, fault: Arc::clone(fault) });
            }
            StreamFault::Limit(0) => {
                self.reach_limit(fault.speaker.map_or(Way::Outward, |speaker| self.way_of(speaker)), now);
            }
            _ => {}
        }
    }

    /// Does what a fault says of frames that go out.
    fn inject_in_frames(&mut self, kind: &FaultKind, dice: Dice, stays: bool, now: Instant) {
        let mut out = Vec::new();
        match kind {
            FaultKind::Message(fault) => self.treatment.add(*fault, dice),
            FaultKind::Control(fault) if stays => self.filter.set_controls(fault, now),
            FaultKind::Control(fault) => self.filter.treat_pong(fault),
            FaultKind::Frame(frames) => self.filter.inject(frames, now, &mut out),
            _ => {}
        }
        self.outward.line.push(&out, now);
    }

    fn reach_limit(&mut self, way: Way, now: Instant) {
        if let Some(fault) = self.direction(way).limit.take() {
            self.on_injected.injected(&fault, fault.speaker);
        }
        self.cut(Cut::Fin, now);
    }

    fn cut_where_idle(&mut self, now: Instant) {
        let Some((_, idle)) = self.idle_cut().filter(|(due, _)| *due <= now) else { return };
        let (fault, cut) = (Arc::clone(&idle.fault), idle.cut);
        self.on_injected.injected(&fault, fault.speaker);
        self.cut(cut, now);
    }

    /// Cuts the connection. What is still on its way is lost.
    fn cut(&mut self, cut: Cut, now: Instant) {
        self.cut = Some(cut);
        if cut != Cut::Silence {
            self.send_ready(now);
        }
        match cut {
            Cut::Reset => self.below.reset(),
            Cut::Fin => {
                self.below.finish_sending();
                self.is_finished = true;
            }
            Cut::Silence => {}
        }
        self.outward.line.swallow();
        self.inward.line.swallow();
    }

    /// Sends what may go at once, before the end.
    fn send_ready(&mut self, now: Instant) {
        while let ready @ [_, ..] = self.outward.line.ready(now) {
            match self.below.send(ready, &[]) {
                Ok(sent @ 1..) => drop(self.outward.line.gone(sent, now)),
                _ => break,
            }
        }
    }

    fn note(&mut self, bytes: usize, now: Instant) {
        if bytes > 0 {
            self.used = now;
        }
    }
}

impl TransportLayer for FaultyTransport {
    fn inject(&mut self, fault: &Arc<Fault>) {
        let dice = self.dice.split();
        if self.is_possible(&fault.kind) {
            self.inject_fault(fault, dice, true, Instant::now());
        }
    }

    fn below(&self) -> &Transport {
        &self.below
    }

    fn tick(&mut self, now: Instant) -> io::Result<()> {
        for index in 0..self.armed.len() {
            let armed = &mut self.armed[index];
            // Behind a cut there is nothing to be broken.
            let is_due = self.cut.is_none() && armed.begins(self.opened).is_some_and(|begins| begins <= now);
            if is_due && armed.begin() {
                self.inject_armed(index, now);
            }
        }
        self.cut_where_idle(now);
        let (mut out, room) = (Vec::new(), self.outward.line.room());
        self.filter.tick(now, room, &mut out);
        self.outward.line.push(&out, now);
        if self.cut == Some(Cut::Reset) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }

    fn deadline(&self, may_read: bool) -> Option<Instant> {
        let awaited = self.armed.iter().filter(|_| self.cut.is_none());
        let begins = awaited.filter_map(|armed| armed.begins(self.opened)).min();
        let outward = self.outward.line.deadline().filter(|_| !self.is_blocked && self.holds_unsent());
        let inward = self.inward.line.deadline().filter(|_| may_read);
        let idle = self.idle_cut().map(|(due, _)| due);
        let frames = self.filter.deadline(!self.is_blocked && self.outward.line.room() > 0);
        [begins, outward, inward, idle, frames].into_iter().flatten().min()
    }

    fn send(&mut self, first: &[u8], second: &[u8]) -> io::Result<usize> {
        let now = Instant::now();
        self.tick(now)?;
        if self.is_clear(Way::Outward) {
            let sent = self.below.send(first, second)?;
            self.is_blocked = sent < first.len() + second.len();
            self.note(sent, now);
            return Ok(sent);
        }
        // What is due makes room.
        self.flush()?;
        let mut taken = 0;
        for part in [first, second] {
            let mut rest = part;
            while !rest.is_empty() {
                let room = if self.outward.line.swallows { rest.len() } else { self.outward.line.room() };
                let (bytes, behind) = rest.split_at(room.min(rest.len()));
                if bytes.is_empty() {
                    return Ok(taken);
                }
                self.pass(Way::Outward, bytes, now);
                (taken, rest) = (taken + bytes.len(), behind);
                self.flush()?;
            }
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let now = Instant::now();
        self.tick(now)?;
        self.below.flush()?;
        self.is_blocked = false;
        while let ready @ [_, ..] = self.outward.line.ready(now) {
            let (sent, whole) = (self.below.send(ready, &[])?, ready.len());
            self.is_blocked = sent < whole;
            if self.outward.line.gone(sent, now) {
                self.reach_limit(Way::Outward, now);
            }
            self.note(sent, now);
            if self.is_blocked {
                break;
            }
        }
        if !self.is_finished && self.outward.line.has_ended(now) {
            self.is_finished = true;
            if !self.outward.line.swallows {
                self.below.finish_sending();
            }
        }
        Ok(())
    }

    fn receive(&mut self, buffer: &mut Buffer, wait: Wait) -> io::Result<Received> {
        let now = Instant::now();
        if self.resets_behind_input && self.inward.line.is_empty() {
            self.cut(Cut::Reset, now);
        }
        self.tick(now)?;
        if self.cut == Some(Cut::Fin) {
            return Ok(Received::End);
        }
        let line = &self.inward.line;
        if line.late_end.is_zero() && !line.is_finished() && self.is_clear(Way::Inward) {
            let before = buffer.unread().len();
            let received = self.below.receive(buffer, wait)?;
            self.note(buffer.unread().len() - before, Instant::now());
            return Ok(received);
        }
        if self.takes_input() {
            let wait = if self.inward.line.is_empty() { wait } else { Wait::No };
            let received = self.below.receive(&mut self.received, wait)?;
            self.take_in(received, Instant::now());
        }
        Ok(self.give(buffer, Instant::now()))
    }

    fn holds_unsent(&self) -> bool {
        let line = &self.outward.line;
        !line.is_empty() || (line.is_finished() && !self.is_finished) || self.below.holds_unsent()
    }

    fn awaits_room(&self) -> bool {
        self.is_blocked || self.below.holds_unsent()
    }

    fn holds_unread(&self) -> bool {
        let now = Instant::now();
        let line = &self.inward.line;
        self.cut == Some(Cut::Fin)
            || (self.resets_behind_input && line.is_empty())
            || !line.ready(now).is_empty()
            || line.has_ended(now)
            || (self.takes_input() && self.below.holds_unread())
    }

    fn stopped_short(&self) -> bool {
        self.takes_input() && self.below.stopped_short()
    }

    fn takes_input(&self) -> bool {
        let line = &self.inward.line;
        self.cut != Some(Cut::Fin) && !line.is_finished() && (line.swallows || line.room() > 0)
    }

    fn finish_sending(&mut self) {
        let (mut out, now) = (Vec::new(), Instant::now());
        self.filter.finish(&mut out);
        self.outward.line.push(&out, now);
        self.outward.line.finish(now);
        // Whoever sends next hears of it.
        let _ = self.flush();
    }

    fn shrink(&mut self) {
        self.received.shrink();
        self.below.shrink();
    }
}
