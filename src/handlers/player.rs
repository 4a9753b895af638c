//! Answers what arrives by rules. What waits to be sent is bounded: when there is no room for more of it, the peer waits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::fragments::{ENOUGH, ONE_FRAME};
use super::generated::ConnectionValues;
use crate::net::Sender;
use crate::script::{Action, Answer, Condition, Dice, Reply, ReplyPosition, Rules, RulesProgress};
use crate::ws::{Assembler, Data, Message};

/// Actions that may wait for their delays before the peer has to.
const MAX_QUEUED: usize = 1024;

/// Bytes of answers, and of messages that are quoted in them, that may wait here before the peer has to.
const MAX_QUEUED_BYTES: usize = 1 << 20;

/// The rules at work on one connection.
#[derive(Debug)]
pub(crate) struct Player {
    rules: Arc<Rules>,
    progress: RulesProgress,
    assembler: Assembler,
    /// In order: a delay holds back all that follows.
    queue: VecDeque<QueuedAction>,
    /// Bytes in the queue.
    queued_bytes: usize,
    /// How far the first reply in it is sent.
    position: ReplyPosition,
    /// The outbox is too full for the next action.
    blocked: bool,
    /// The next answer waits for the end of a message that somebody else is sending.
    waits_for_end: bool,
    /// The first action's delay ends then.
    due: Option<Instant>,
    /// A rule has closed the connection.
    closed: bool,
    /// Answers under so many bytes go uncompressed; with 0 nothing is decided here.
    compress_from: usize,
}

/// What is still to be done.
#[derive(Debug)]
struct QueuedAction {
    action: Action,
    /// The message that it answers, where it quotes that.
    quoted: Option<Arc<Vec<u8>>>,
    /// Bytes that are free once it is done.
    size: usize,
}

impl Player {
    /// For a connection that has just opened. By the dice rules take what they take by chance.
    pub(crate) fn new(rules: Arc<Rules>, dice: Dice) -> Self {
        let mut player = Self::going_on(rules, dice);
        let opening = player.rules.opening(&mut player.progress);
        player.enqueue(opening, None);
        player
    }

    /// For a connection that has been open for a while, which counts as opened now.
    pub(crate) fn going_on(rules: Arc<Rules>, dice: Dice) -> Self {
        let values = Box::new(ConnectionValues::beside(&dice));
        Self {
            rules,
            progress: RulesProgress::new(Instant::now(), dice, values),
            assembler: Assembler::default(),
            queue: VecDeque::new(),
            queued_bytes: 0,
            position: ReplyPosition::default(),
            blocked: false,
            waits_for_end: false,
            due: None,
            closed: false,
            compress_from: 0,
        }
    }

    /// Begins again on a new connection.
    pub(crate) fn begin_again(&mut self) {
        let dice = self.progress.split_dice();
        *self = Self { compress_from: self.compress_from, ..Self::new(Arc::clone(&self.rules), dice) };
    }

    /// Goes on by other rules, from their beginning. What the old ones have answered is still sent.
    pub(crate) fn set_rules(&mut self, rules: Arc<Rules>) {
        self.rules = rules;
        self.progress.begin_anew();
    }

    pub(crate) fn set_compress_from(&mut self, bytes: usize) {
        self.compress_from = bytes;
    }

    /// Takes part of a message. Once it is whole `hear` is told of it, and of the condition by which a rule answers it.
    pub(crate) fn data(&mut self, data: &Data<'_>, hear: impl FnOnce(Message<'_>, Option<&Condition>)) {
        let Some(message) = self.assembler.push(data) else { return };
        let answer = self.rules.answer(message, Instant::now(), &mut self.progress);
        hear(message, answer.as_ref().map(|answer| answer.condition));
        let Some(Answer { actions, .. }) = answer else { return };
        let quoted = actions.iter().any(Action::quotes).then(|| self.assembler.take(data));
        self.enqueue(actions, quoted);
    }

    /// Takes part of a message that is answered no more.
    pub(crate) fn overhear(&mut self, data: &Data<'_>, hear: impl FnOnce(Message<'_>)) {
        if let Some(message) = self.assembler.push(data) {
            hear(message);
        }
    }

    /// Of a message that is quoted there is one copy, which is counted with the last action that answers it.
    fn enqueue(&mut self, actions: Vec<Action>, quoted: Option<Vec<u8>>) {
        let quoted = quoted.map(Arc::new);
        let count = actions.len();
        for (number, action) in (1..).zip(actions) {
            let last = quoted.as_ref().filter(|_| number == count);
            let size = action.size() + last.map_or(0, |quoted| quoted.len());
            self.queued_bytes += size;
            self.queue.push_back(QueuedAction { action, quoted: quoted.clone(), size });
        }
    }

    /// Does what is due, as far as there is room. Returns how many messages have been sent whole.
    pub(crate) fn perform(&mut self, now: Instant, sender: &mut Sender<'_>) -> usize {
        (self.blocked, self.waits_for_end) = (false, false);
        let mut sent = 0;
        if sender.is_closing() {
            self.clear();
        }
        while let Some(QueuedAction { action, quoted, size }) = self.queue.front() {
            match action {
                Action::Wait(time) if now < *self.due.get_or_insert(now + *time) => return sent,
                Action::Wait(_) => self.due = None,
                // RFC 6455 §5.4: no message begins inside another.
                Action::Send(_) if self.position == ReplyPosition::default() && sender.is_inside_message() => {
                    self.waits_for_end = true;
                    return sent;
                }
                Action::Send(reply) => {
                    let message = quoted.as_ref().map_or(&b""[..], |quoted| quoted);
                    if self.compress_from > 0 && self.position == ReplyPosition::default() {
                        sender.set_compress(reply.most() >= self.compress_from);
                    }
                    if !send_reply(reply, message, &mut self.position, sender, ENOUGH) {
                        self.blocked = true;
                        return sent;
                    }
                    sent += 1;
                }
                Action::Close(close) => {
                    // Refused when the connection is closing already.
                    self.closed |= sender.close(close.clone()).is_ok();
                }
                Action::Fault(fault) => sender.break_on_purpose(fault),
                // Only where messages are passed on.
                Action::Pass(_) | Action::Inject(_) => {}
            }
            self.queued_bytes -= size;
            self.queue.pop_front();
        }
        sent
    }

    /// Nothing more can be sent.
    fn clear(&mut self) {
        self.queue.clear();
        self.queued_bytes = 0;
        self.position = ReplyPosition::default();
        self.due = None;
    }

    /// Whether more messages may be answered. While not, none is to be received.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.len() < MAX_QUEUED && self.queued_bytes < MAX_QUEUED_BYTES
    }

    /// Whether there was no room for all that is due.
    pub(crate) fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Whether all has been answered, as far as others let it.
    pub(crate) fn is_done(&self) -> bool {
        self.queue.is_empty() || self.waits_for_end
    }

    /// Whether part of a message is sent, so that no other can be.
    pub(crate) fn is_inside_message(&self) -> bool {
        self.position != ReplyPosition::default()
    }

    /// Whether a rule has closed the connection.
    pub(crate) fn has_closed(&self) -> bool {
        self.closed
    }

    /// When a delay ends.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// Gives memory back while nothing is on its way.
    pub(crate) fn shrink(&mut self) {
        self.assembler.shrink();
    }
}

/// Sends of a reply what there is room for, from `position` on, as long as fewer than `enough` bytes wait for the socket. Returns
/// whether that was all; `position` is at the beginning then.
pub(super) fn send_reply(
    reply: &Reply,
    message: &[u8],
    position: &mut ReplyPosition,
    sender: &mut Sender<'_>,
    enough: usize,
) -> bool {
    // What is in the rules is as long as their author wants it in a frame; what a peer chose isn't.
    if !reply.quotes() || reply.most() <= ONE_FRAME {
        return sender.backlog() < enough && {
            // Refused when the connection is closing already.
            let _ = sender.data(reply.kind(), &reply.whole(message), true);
            true
        };
    }
    while let Some((piece, next)) = reply.piece(message, *position) {
        if sender.backlog() >= enough {
            return false;
        }
        // Refused after a Close, and then the rest has nowhere to go.
        let refused = sender.data(reply.kind(), &piece, reply.ends_at(next)).is_err();
        *position = next;
        if refused {
            break;
        }
    }
    *position = ReplyPosition::default();
    true
}
