//! The largest message that a server takes: messages of growing size, each with a Ping behind it, whose Pong says that the
//! message was read. That may be by a library which answers the Ping before the application has looked at the message, so that a
//! second Ping follows a moment later.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::padded_message::PaddedMessage;
use crate::net::{End, Handler, Sender};
use crate::peer_text::PeerText;
use crate::ws::{Close, Event, Item, Kind, StatusCode};

/// Payload of a frame of a message in fragments, in bytes.
const FRAGMENT: usize = 4096;

/// For the application to end the connection over a message, once it was read.
const SETTLE: Duration = Duration::from_millis(150);

/// Bytes that are encoded at once.
const PART: usize = 64 * 1024;

/// Bytes that may wait for the peer before more are encoded.
const BACKLOG: usize = 256 * 1024;

/// How a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SentAs {
    OneFrame,
    Fragments,
    Compressed,
}

/// What came of one message.
#[derive(Debug)]
pub(super) enum Reception {
    /// The Pong behind it came.
    Taken,
    Refused(SizeRefusal),
    Stopped,
}

/// How a server refuses a message.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SizeRefusal {
    /// The length of the message that was refused, in bytes.
    pub(crate) bytes: u64,
    /// Of its Close, if there was one.
    pub(crate) code: Option<u16>,
    /// How the connection ended, in words.
    pub(crate) ending: PeerText,
}

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Sending,
    /// All of it is sent, with a Ping behind it.
    Pinged,
    /// It was read. What the application makes of it may come until then.
    Settling {
        until: Instant,
    },
    PingedAgain,
}

/// Sends messages of these lengths, one after the other, each once the one before it was taken; or as many of one length at once.
pub(super) struct MessageSizeProbe<'a> {
    sent_as: SentAs,
    message: PaddedMessage<'a>,
    lengths: &'a [u64],
    /// Messages of the same length that are still to be sent before it, with one Ping behind all of them.
    more: u64,
    /// How many lengths were taken.
    pub(super) taken: usize,
    /// What is still to be sent of the one that is under way.
    rest: Option<u64>,
    /// Without anything that is taken or that comes.
    patience: Duration,
    moved: (u64, Instant),
    /// When it ends, whatever has come.
    latest: Option<Instant>,
    stage: Stage,
    is_stopped: bool,
    is_stuck: bool,
    is_done: bool,
}

impl<'a> MessageSizeProbe<'a> {
    pub(super) fn new(sent_as: SentAs, message: PaddedMessage<'a>, lengths: &'a [u64], patience: Duration) -> Self {
        Self {
            sent_as,
            message,
            lengths,
            more: 0,
            taken: 0,
            rest: None,
            patience,
            moved: (0, Instant::now()),
            latest: None,
            stage: Stage::Sending,
            is_stopped: false,
            is_stuck: false,
            is_done: false,
        }
    }

    /// Sends many messages at once.
    pub(super) fn burst(times: u64, message: PaddedMessage<'a>, length: &'a [u64; 1], patience: Duration) -> Self {
        Self { more: times - 1, ..Self::new(SentAs::OneFrame, message, length, patience) }
    }

    /// Ends then, whatever has come.
    pub(super) fn until(self, latest: Option<Instant>) -> Self {
        Self { latest, ..self }
    }

    fn is_late(&self) -> bool {
        self.latest.is_some_and(|latest| Instant::now() >= latest)
    }

    /// What came of the last one that was sent.
    pub(super) fn reception(&self, end: &End) -> Reception {
        if self.is_done {
            return Reception::Taken;
        }
        if self.is_stopped || self.is_late() {
            return Reception::Stopped;
        }
        let ending = match self.is_stuck {
            true => format!("nothing came within {:?}, and no Pong", self.patience),
            false => end.to_string(),
        };
        Reception::Refused(SizeRefusal {
            bytes: self.lengths[self.taken],
            code: end.close().filter(|_| !self.is_stuck).and_then(|close| close.code).map(|code| code.0),
            ending: PeerText::new(ending),
        })
    }

    /// Sends as much as there is room for. It is refused where the connection is closing already.
    fn send(&mut self, sender: &mut Sender<'_>) {
        let length = self.lengths[self.taken];
        while self.more > 0 {
            if sender.backlog() >= BACKLOG {
                return;
            }
            self.more -= 1;
            let _ = sender.data(Kind::Text, &self.message.part(0, length as usize), true);
        }
        if self.rest.is_none() {
            sender.set_compress(self.sent_as == SentAs::Compressed);
            if self.sent_as == SentAs::OneFrame && length > 0 {
                let _ = sender.begin_frame(Kind::Text, length as usize, true);
            }
        }
        let mut rest = self.rest.unwrap_or(length);
        while sender.backlog() < BACKLOG && self.stage == Stage::Sending {
            let most = if self.sent_as == SentAs::Fragments { FRAGMENT } else { PART };
            let part = &self.message.part(length - rest, most.min(rest as usize));
            rest -= part.len() as u64;
            let sent = match self.sent_as {
                SentAs::OneFrame if length > 0 => {
                    sender.frame_part(part);
                    Ok(())
                }
                _ => sender.data(Kind::Text, part, rest == 0),
            };
            if rest == 0 || sent.is_err() {
                self.ask(Stage::Pinged, sender);
            }
        }
        self.rest = Some(rest);
    }

    /// Of the Ping behind the message that is under way, and of the one a moment later.
    fn payload(&self) -> [u8; 9] {
        let mut payload = [u8::from(self.stage == Stage::PingedAgain); 9];
        payload[..8].copy_from_slice(&(self.taken as u64).to_be_bytes());
        payload
    }

    /// Asks whether the message has been read, or whether the connection has survived it.
    fn ask(&mut self, stage: Stage, sender: &mut Sender<'_>) {
        self.stage = stage;
        // Refused when the connection is closing already.
        let _ = sender.send(Item::Ping(&self.payload()));
    }

    fn move_on(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.taken += 1;
        (self.rest, self.stage) = (None, Stage::Sending);
        self.moved.1 = now;
        if self.taken == self.lengths.len() {
            self.is_done = true;
            // Refused when the connection is closing already.
            let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
        }
    }
}

impl Handler for MessageSizeProbe<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        let now = Instant::now();
        self.moved.1 = now;
        if let Event::Pong(payload) = event
            && *payload == self.payload()
        {
            match self.stage {
                Stage::Pinged => self.stage = Stage::Settling { until: now + SETTLE },
                Stage::PingedAgain => self.move_on(now, sender),
                Stage::Sending | Stage::Settling { .. } => {}
            }
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.is_done || sender.is_closing() || sender.has_ended() {
            return;
        }
        let written = sender.progress().0;
        if written != self.moved.0 {
            self.moved = (written, now);
        }
        self.is_stuck = now >= self.moved.1 + self.patience;
        match self.stage {
            _ if self.is_stuck => {}
            Stage::Sending => self.send(sender),
            Stage::Settling { until } if now >= until => self.ask(Stage::PingedAgain, sender),
            Stage::Settling { .. } | Stage::Pinged | Stage::PingedAgain => {}
        }
    }

    fn has_more(&self) -> bool {
        self.stage == Stage::Sending && !self.is_done
    }

    fn deadline(&self) -> Option<Instant> {
        let stuck = (!self.is_done).then_some(self.moved.1 + self.patience);
        let settled = match self.stage {
            Stage::Settling { until } => Some(until),
            Stage::Sending | Stage::Pinged | Stage::PingedAgain => None,
        };
        [stuck, settled, self.latest].into_iter().flatten().min()
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.is_stopped = true;
        // Refused when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::GOING_AWAY, ""));
        false
    }

    fn wants_abort(&self) -> bool {
        self.is_stuck || self.is_late()
    }
}
