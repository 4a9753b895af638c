//! `--echo-probe`: a compressed message in two fragments with a Ping between them, which a server that echoes should send back
//! as it was (RFC 6455 §5.4, RFC 7692 §6.1). There are peers that inflate no further after the Ping.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::net::{Handler, Sender};
use crate::ws::{Close, Data, Event, ExcerptOf, FrameHeader, Item, Masking, OpCode, StatusCode, ViolatingFrame};

/// "Hello" in a block without compression (RFC 7692 §7.2.3.3), in two parts. The second is text as it stands: who hands it on
/// without inflating it sends an echo back that is valid, and can be seen.
const CONTENT: &[u8] = b"Hello";
const FRAGMENTS: [&[u8]; 2] = [b"\x00\x05\x00\xfa\xffHel", b"lo\x00"];

/// Bytes of content in the fragment before the Ping.
const BEFORE_PING: u64 = 3;

/// For the echo.
const WAIT: Duration = Duration::from_secs(2);

/// What came of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Echoed {
    Intact,
    /// Another message came back, or part of one.
    Changed,
    /// The server ended the connection over it.
    Refused,
    /// Nothing came back: the server may be no echo.
    Unanswered,
    /// Compression isn't in use, or there was no connection.
    NotTried,
}

/// How what came back differs from what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct EchoDifference {
    /// That came.
    pub(crate) bytes: u64,
    /// That were sent.
    pub(crate) expected_bytes: u64,
    /// Where the first is that differs, from 0: the length of the shorter one where it is the beginning of the other.
    pub(crate) first_difference: u64,
}

impl Default for EchoDifference {
    /// Of a message of which nothing has come yet.
    fn default() -> Self {
        Self { bytes: 0, expected_bytes: CONTENT.len() as u64, first_difference: 0 }
    }
}

impl EchoDifference {
    /// Takes the next part.
    fn push(&mut self, data: &Data<'_>) {
        if data.first {
            *self = Self::default();
        }
        self.compare(data.bytes);
    }

    fn compare(&mut self, bytes: &[u8]) {
        if self.first_difference == self.bytes {
            let left = CONTENT.iter().skip(self.bytes as usize);
            self.first_difference += left.zip(bytes).take_while(|(sent, came)| sent == came).count() as u64;
        }
        self.bytes += bytes.len() as u64;
    }

    fn is_none(&self) -> bool {
        self.bytes == self.expected_bytes && self.first_difference == self.bytes
    }

    /// Whether what was sent before the Ping is there, as where only the rest wasn't inflated.
    pub(crate) fn begins_behind_ping(&self) -> bool {
        self.first_difference >= BEFORE_PING
    }
}

#[derive(Debug, Default)]
pub(super) struct EchoProbe {
    asked: Option<Instant>,
    /// Of the message that is coming.
    difference: EchoDifference,
    /// Of the one that is most like ours of those that came: it may have been a greeting.
    other: Option<EchoDifference>,
    answer: Option<Echoed>,
}

impl EchoProbe {
    /// What came of it, and where something else came back, how that differs.
    pub(super) fn answer(&self) -> (Echoed, Option<EchoDifference>) {
        let without_answer = if self.other.is_some() { Echoed::Changed } else { Echoed::Unanswered };
        let answer = self.answer.unwrap_or(without_answer);
        (answer, self.other.filter(|_| answer == Echoed::Changed))
    }

    fn keep_other(&mut self) {
        let difference = self.difference;
        if self.other.is_none_or(|other| other.first_difference <= difference.first_difference) {
            self.other = Some(difference);
        }
    }

    /// What can't be a message, such as text that isn't UTF-8, came back too; it ends the connection.
    fn keep_violating(&mut self, frame: &ViolatingFrame) {
        let excerpt = &frame.excerpt;
        if excerpt.start == 0 && excerpt.of != ExcerptOf::Stream {
            self.difference = EchoDifference::default();
            self.difference.compare(&excerpt.bytes);
            if excerpt.of == ExcerptOf::Payload {
                self.difference.bytes = frame.length;
            }
        }
        self.keep_other();
        self.answer.get_or_insert(Echoed::Changed);
    }

    fn send(sender: &mut Sender<'_>) {
        let text = FrameHeader { is_final: false, rsv1: true, ..FrameHeader::new(OpCode::Text) };
        let frames = [
            (text, FRAGMENTS[0]),
            (FrameHeader::new(OpCode::Ping), b""),
            (FrameHeader::new(OpCode::Continuation), FRAGMENTS[1]),
        ];
        for (header, payload) in frames {
            // As it is given: our own Pings wait for the end of the message.
            let _ = sender.send(Item::Frame { header, payload, masking: Masking::AsUsual });
        }
    }

    fn decide(&mut self, answer: Echoed, sender: &mut Sender<'_>) {
        self.answer.get_or_insert(answer);
        // Refused when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
    }
}

impl Handler for EchoProbe {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        match event {
            Event::Data(data) if self.answer.is_none() => {
                self.difference.push(&data);
                match (data.last, self.difference.is_none()) {
                    (false, _) => {}
                    (true, true) => self.decide(Echoed::Intact, sender),
                    (true, false) => self.keep_other(),
                }
            }
            Event::Violation(frame) if !frame.opcode.is_control() && self.asked.is_some() => {
                self.keep_violating(&frame)
            }
            Event::Close(_) if self.asked.is_some() => {
                self.answer.get_or_insert(Echoed::Refused);
            }
            _ => {}
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        match self.asked {
            None => {
                self.asked = Some(now);
                Self::send(sender);
            }
            Some(asked) if now >= asked + WAIT && self.answer.is_none() => {
                let (answer, _) = self.answer();
                self.decide(answer, sender);
            }
            Some(_) => {}
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.asked.filter(|_| self.answer.is_none()).map(|asked| asked + WAIT)
    }
}
