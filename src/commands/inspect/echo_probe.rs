//! `--echo-probe`: a compressed message in two fragments with a Ping between them, which a server that echoes should send back
//! as it was (RFC 6455 §5.4, RFC 7692 §6.1). There are peers that inflate no further after the Ping.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::net::{Handler, Sender};
use crate::ws::{Assembler, Close, Event, FrameHeader, Item, Masking, OpCode, StatusCode};

/// "Hello" as RFC 7692 §7.2.3.1 has it, in two parts.
const CONTENT: &[u8] = b"Hello";
const FRAGMENTS: [&[u8]; 2] = [b"\xf2\x48\xcd", b"\xc9\xc9\x07\x00"];

/// For the echo.
const WAIT: Duration = Duration::from_secs(2);

/// What came of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Echoed {
    Intact,
    /// Another message came back.
    Changed,
    /// The server ended the connection over it.
    Refused,
    /// Nothing came back: the server may be no echo.
    Unanswered,
    /// Compression isn't in use, or there was no connection.
    NotTried,
}

#[derive(Debug, Default)]
pub(super) struct EchoProbe {
    asked: Option<Instant>,
    assembler: Assembler,
    /// Another message came, which may have been a greeting.
    has_other: bool,
    answer: Option<Echoed>,
}

impl EchoProbe {
    pub(super) fn answer(&self) -> Echoed {
        self.answer.unwrap_or(Echoed::Unanswered)
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
            Event::Data(data) if self.answer.is_none() => match self.assembler.push(&data) {
                Some(message) if message.content == CONTENT => self.decide(Echoed::Intact, sender),
                Some(_) => self.has_other = true,
                None => {}
            },
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
                let answer = if self.has_other { Echoed::Changed } else { Echoed::Unanswered };
                self.decide(answer, sender);
            }
            Some(_) => {}
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.asked.filter(|_| self.answer.is_none()).map(|asked| asked + WAIT)
    }
}
