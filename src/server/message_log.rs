//! The messages of a connection as lines of the log, as `connect` shows them: made safe, each whole or its beginning, and
//! folded to the terminal's width.

use crate::stdio::console::Console;
use crate::view::message::Shown;
use crate::ws::{Beginning, Direction, Event, Message};

/// Bytes of a message that are shown: for more there are other modes.
const SHOWN: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct MessageLog {
    console: Console,
    number: u64,
    received: Beginning,
    /// None where what is sent isn't shown.
    sent: Option<Beginning>,
}

impl MessageLog {
    /// What the client says, and with `both` what it is sent, as far as that is observed.
    pub(super) fn new(console: Console, number: u64, both: bool) -> Self {
        let beginning = || Beginning::new(SHOWN);
        Self { console, number, received: beginning(), sent: both.then(beginning) }
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        let Event::Data(data) = event else { return };
        let (arrow, beginning) = match (data.direction, &mut self.sent) {
            (Direction::Received, _) => ('<', &mut self.received),
            (Direction::Sent, Some(sent)) => ('>', sent),
            (Direction::Sent, None) => return,
        };
        if let Some((content, length)) = beginning.push(data) {
            let length = length as usize;
            let shown = Shown { message: Message { kind: data.kind, content: &content }, length };
            self.console.log_lines(format!("[{}] {arrow} {shown}", self.number).lines());
        }
    }
}
