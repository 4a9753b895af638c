//! What rules do with the messages and control frames of one direction of a proxy. The rules decide, and what they have decided
//! is done here, in order: while any of it waits, nothing else of that peer is received, so that at most one message and one
//! control frame are kept for it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::generated::ConnectionValues;
use super::held_message::{HeldMessage, MOST_HELD};
use super::player::send_reply;
use crate::net::Sender;
use crate::script::{
    Action, Dice, FaultKind, MakesTooMuch, Passage, Reply, ReplyPosition, RuleSpeaker, Rules, RulesProgress,
};
use crate::ws::{Close, Data, Message, OpCode, OwnedItem};

/// What sends parts of a message on as they came.
pub(super) trait PassesOn {
    fn pass_on(&mut self, data: &Data<'_>, other: &mut Sender<'_>);

    /// Lets go of what the other peer has said before a Close. Returns whether all of it has gone on.
    fn makes_way_for_close(&mut self) -> bool;
}

/// What is told of a message or a control frame.
#[derive(Debug)]
pub(crate) enum Judgement<'a> {
    /// A rule has taken it.
    Taken(&'a Passage<'a>),
    /// The message was too long for any.
    TooLong,
    /// One would have made more of it than [`MOST_MADE`](crate::script::MOST_MADE).
    MakesTooMuch,
    /// A reply had to wait for the end of another message for too long.
    NoPlaceForReply,
}

/// Who is told.
pub(crate) type OnJudgement<'a> = Box<dyn FnMut(Judgement<'_>) + 'a>;

/// How far both directions of a connection have come in the rules, which they share.
#[derive(Debug, Clone)]
pub(crate) struct SharedProgress(Rc<RefCell<RulesProgress>>);

impl SharedProgress {
    /// Of a connection that opens now.
    pub(crate) fn new(dice: Dice) -> Self {
        let values = Box::new(ConnectionValues::beside(&dice));
        Self(Rc::new(RefCell::new(RulesProgress::new(Instant::now(), dice, values))))
    }
}

/// The rules at work on what one peer says.
pub(crate) struct Changing<'a> {
    rules: Arc<Rules>,
    progress: SharedProgress,
    speaker: RuleSpeaker,
    on_judgement: OnJudgement<'a>,
    held: HeldMessage,
    /// One that may stand inside the message that is held.
    held_control: Option<OwnedItem>,
    /// No rule needs a message before it goes on.
    streams: bool,
    /// The message is too long to be held, and goes on as it comes.
    is_passing: bool,
    /// What is still to be done about the control frame that is held, or else about the message.
    queue: VecDeque<Action>,
    /// The first action is put off until then, at the latest.
    due: Option<Instant>,
    /// A reply for which there is no place yet, and what it quotes.
    put_off: Option<(Reply, Vec<u8>)>,
    /// How long an action waits for a peer.
    close_timeout: Duration,
    /// Nothing is delayed any more.
    hurries: bool,
}

impl<'a> Changing<'a> {
    /// `None` where no rule is for what the peer says.
    pub(crate) fn new(
        rules: &Arc<Rules>,
        progress: SharedProgress,
        speaker: RuleSpeaker,
        on_judgement: OnJudgement<'a>,
        close_timeout: Duration,
    ) -> Option<Self> {
        rules.concern(speaker).then(|| Self {
            rules: Arc::clone(rules),
            progress,
            speaker,
            on_judgement,
            held: HeldMessage::default(),
            held_control: None,
            streams: !rules.need_whole_messages(speaker),
            is_passing: false,
            queue: VecDeque::new(),
            due: None,
            put_off: None,
            close_timeout,
            hurries: false,
        })
    }

    /// Takes part of a message. Without `own`, what is for its sender goes nowhere: that is gone.
    pub(super) fn data(
        &mut self,
        data: &Data<'_>,
        relay: &mut dyn PassesOn,
        own: Option<&mut Sender<'_>>,
        other: &mut Sender<'_>,
    ) {
        if self.is_passing || self.streams {
            self.is_passing = !data.last && !self.streams;
            relay.pass_on(data, other);
            return;
        }
        if data.first && data.last {
            // Most messages come whole, and no rule takes them.
            match self.judge(Message { kind: data.kind, content: data.bytes }) {
                None => return relay.pass_on(data, other),
                Some(actions) => self.queue = actions,
            }
            self.held.push(data);
        } else {
            self.held.push(data);
            if self.held.size() > MOST_HELD {
                (self.on_judgement)(Judgement::TooLong);
                self.release(relay, other);
                self.is_passing = !data.last;
                return;
            }
            if !data.last {
                return;
            }
            let held = std::mem::take(&mut self.held);
            self.queue = self.judge(held.message()).unwrap_or_else(|| VecDeque::from([Action::Pass(None)]));
            self.held = held;
        }
        self.go_on(relay, own, other);
    }

    /// Takes a Ping, a Pong or a Close.
    pub(super) fn control(
        &mut self,
        frame: OwnedItem,
        relay: &mut dyn PassesOn,
        own: Option<&mut Sender<'_>>,
        other: &mut Sender<'_>,
    ) {
        // Inside a message that goes on as it comes there is no place for another.
        let taken = if self.is_passing { None } else { self.judge_control(&frame) };
        let Some(actions) = taken else {
            // Refused behind a Close that was sent already.
            let _ = other.send(frame.as_item());
            return;
        };
        (self.queue, self.held_control) = (actions, Some(frame));
        self.go_on(relay, own, other);
    }

    /// What a rule does with a control frame.
    fn judge_control(&mut self, frame: &OwnedItem) -> Option<VecDeque<Action>> {
        let opcode = match frame {
            OwnedItem::Ping(_) => OpCode::Ping,
            OwnedItem::Pong(_) => OpCode::Pong,
            OwnedItem::Close(_) => OpCode::Close,
            OwnedItem::Message { .. } | OwnedItem::Fragmented { .. } | OwnedItem::Frame { .. } => return None,
        };
        let (now, mut progress) = (Instant::now(), self.progress.0.borrow_mut());
        let passed = self.rules.pass_control((opcode, &words(frame)), self.speaker, now, &mut progress);
        tell_passage(passed, &mut self.on_judgement)
    }

    /// What a rule does with a message.
    fn judge(&mut self, message: Message<'_>) -> Option<VecDeque<Action>> {
        let (now, mut progress) = (Instant::now(), self.progress.0.borrow_mut());
        tell_passage(self.rules.pass(message, self.speaker, now, &mut progress), &mut self.on_judgement)
    }

    /// Lets go of what there is of a message; the rest goes on as it comes.
    pub(super) fn release(&mut self, relay: &mut dyn PassesOn, other: &mut Sender<'_>) {
        self.is_passing |= self.held.size() > 0;
        self.held.tell(|data| relay.pass_on(data, other));
        self.held.clear();
    }

    /// Does what can be done now.
    pub(super) fn go_on(&mut self, relay: &mut dyn PassesOn, mut own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) {
        self.send_put_off(own.as_deref_mut());
        while !self.queue.is_empty() {
            if self.is_blocked(relay, own.as_deref(), other) {
                return;
            }
            self.due = None;
            if let Some(action) = self.queue.pop_front() {
                self.perform(&action, relay, own.as_deref_mut(), other);
            }
        }
        if self.held_control.take().is_none() {
            self.held.clear();
        }
    }

    /// Whether the first action has to wait. What waits for another peer does so for no longer than a closing handshake takes.
    fn is_blocked(&mut self, relay: &mut dyn PassesOn, own: Option<&Sender<'_>>, other: &Sender<'_>) -> bool {
        let now = Instant::now();
        let waits_for_peer = match self.queue.front() {
            Some(Action::Wait(time)) => return !self.hurries && now < *self.due.get_or_insert(now + *time),
            Some(Action::Send(_)) => own.is_some_and(Sender::is_inside_message) && !self.may_put_off(1),
            Some(Action::Close(_)) => !(relay.makes_way_for_close() && are_between_frames(own, other)),
            _ => false,
        };
        waits_for_peer && now < *self.due.get_or_insert(now + self.close_timeout)
    }

    fn perform(
        &mut self,
        action: &Action,
        relay: &mut dyn PassesOn,
        mut own: Option<&mut Sender<'_>>,
        other: &mut Sender<'_>,
    ) {
        let frame = self.held_control.as_ref();
        let content = frame.map_or(Cow::Borrowed(self.held.message().content), words);
        match action {
            Action::Wait(_) => {}
            Action::Send(reply) => match own {
                // RFC 6455 §5.4: no message begins inside another, which the other peer is sending.
                Some(own) if own.is_inside_message() && self.may_put_off(0) => {
                    let quoted = if reply.quotes() { content.into_owned() } else { Vec::new() };
                    self.put_off = Some((reply.clone(), quoted));
                }
                Some(own) if own.is_inside_message() => (self.on_judgement)(Judgement::NoPlaceForReply),
                Some(own) => send(reply, &content, own),
                None => {}
            },
            Action::Inject(reply) | Action::Pass(Some(reply)) => send(reply, &content, other),
            Action::Pass(None) => match frame {
                // Refused behind a Close that was sent already.
                Some(frame) => drop(other.send(frame.as_item())),
                None => self.held.tell(|data| relay.pass_on(data, other)),
            },
            Action::Fault(fault) => {
                let is_own = match fault.kind {
                    // The stream that is broken is the client's.
                    FaultKind::Stream(_) => self.speaker == RuleSpeaker::Client,
                    // Where it is sent on.
                    _ => fault.speaker.is_some_and(|speaker| speaker != self.speaker),
                };
                match (is_own, &mut own) {
                    (true, Some(own)) => own.break_on_purpose(fault),
                    (true, None) => {}
                    (false, _) => other.break_on_purpose(fault),
                }
            }
            Action::Close(close) => close_both(close, own, other),
        }
    }

    /// Whether a reply that has no place yet may be sent behind what comes: it is the only one, and nothing that stands `behind` the
    /// first actions is for its peer too.
    fn may_put_off(&self, behind: usize) -> bool {
        let mut rest = self.queue.iter().skip(behind);
        self.put_off.is_none() && rest.all(|action| matches!(action, Action::Pass(_) | Action::Inject(_)))
    }

    /// Sends what was put off, once there is a place for it.
    pub(super) fn send_put_off(&mut self, own: Option<&mut Sender<'_>>) {
        if let Some(own) = own.filter(|own| !own.is_inside_message())
            && !own.is_closing()
            && let Some((reply, quoted)) = self.put_off.take()
        {
            send(&reply, &quoted, own);
        }
    }

    /// Does what waits for the end of a message or a frame, if there is a place for it. A message of which the rest is still to come
    /// stays as it is.
    pub(super) fn take_place(
        &mut self,
        relay: &mut dyn PassesOn,
        own: Option<&mut Sender<'_>>,
        other: &mut Sender<'_>,
    ) {
        match self.is_waiting() {
            true => self.go_on(relay, own, other),
            false => self.send_put_off(own),
        }
    }

    /// Whether something is to be done between two messages or frames.
    pub(super) fn waits_for_place(&self) -> bool {
        self.put_off.is_some() || matches!(self.queue.front(), Some(Action::Send(_) | Action::Close(_)))
    }

    /// Whether something is still to be done about a message that has come.
    pub(super) fn is_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    /// When that can go on; `None` while it waits for something else.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// There is no time left: nothing is delayed from now on.
    pub(super) fn hurry(&mut self) {
        self.hurries = true;
    }

    /// Nobody is there any more to whom it could go on.
    pub(super) fn give_up(&mut self) {
        self.queue.clear();
        self.due = None;
        self.held_control = None;
        self.held.clear();
    }
}

impl Drop for Changing<'_> {
    /// What was put off to the end is lost.
    fn drop(&mut self) {
        if self.put_off.take().is_some() {
            (self.on_judgement)(Judgement::NoPlaceForReply);
        }
    }
}

/// Tells what the rules do. Returns that, unless it is nothing.
fn tell_passage(
    passed: Result<Option<Passage<'_>>, MakesTooMuch>,
    on_judgement: &mut OnJudgement<'_>,
) -> Option<VecDeque<Action>> {
    match passed {
        Ok(passage) => {
            let passage = passage?;
            on_judgement(Judgement::Taken(&passage));
            Some(passage.actions.into())
        }
        Err(MakesTooMuch) => {
            on_judgement(Judgement::MakesTooMuch);
            None
        }
    }
}

/// What a control frame says, as rules quote it.
fn words(frame: &OwnedItem) -> Cow<'_, [u8]> {
    match frame {
        OwnedItem::Ping(payload) | OwnedItem::Pong(payload) => payload.into(),
        OwnedItem::Close(close) => match close.code {
            Some(code) => format!("{} {}", code.0, close.reason).trim_end().as_bytes().to_vec().into(),
            None => Cow::Borrowed(b""),
        },
        OwnedItem::Message { content, .. }
        | OwnedItem::Fragmented { content, .. }
        | OwnedItem::Frame { payload: content, .. } => content.into(),
    }
}

/// Whether there is a place for a Close on both sides.
pub(super) fn are_between_frames(own: Option<&Sender<'_>>, other: &Sender<'_>) -> bool {
    !other.is_inside_frame() && own.is_none_or(|own| own.is_closing() || !own.is_inside_frame())
}

/// Closes both sides.
pub(super) fn close_both(close: &Close, own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) {
    // Refused where a Close is on its way already, or inside a frame that hasn't ended in time.
    let refused = [other.close(close.clone()).is_err(), own.is_none_or(|own| own.close(close.clone()).is_err())];
    if refused == [true; 2] {
        other.abandon();
    }
}

/// A message of ours, or of a rule's, at once: what both peers say next stands behind it.
fn send(reply: &Reply, content: &[u8], to: &mut Sender<'_>) {
    send_reply(reply, content, &mut ReplyPosition::default(), to, usize::MAX);
}
