//! Sends back every message that arrives.

use crate::net::{Handler, Sender};
use crate::ws::{Data, Event};

/// A message up to this size, in bytes, goes back in one frame: what one read brings. A larger one is sent back as
/// fragments while it arrives, so that its size costs neither memory nor time.
pub(crate) const ONE_FRAME: usize = 60 * 1024;

/// The echo of one connection.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    gathered: Vec<u8>,
}

impl Echo {
    /// Sends back the next part of a message.
    pub(crate) fn data(&mut self, data: &Data<'_>, sender: &mut Sender<'_>) {
        // What is refused has nowhere to go: our Close is out.
        let _ = if self.gathered.is_empty() && (data.last || exceeds_one_frame(data)) {
            sender.data(data.kind, data.bytes, data.last)
        } else {
            self.gathered.extend_from_slice(data.bytes);
            if !data.last && self.gathered.len() < ONE_FRAME {
                return;
            }
            let sent = sender.data(data.kind, &self.gathered, data.last);
            self.gathered.clear();
            sent
        };
    }

    /// Gives memory back while nothing is on its way.
    fn shrink(&mut self) {
        if self.gathered.is_empty() {
            self.gathered = Vec::new();
        }
    }
}

/// Whether the frame alone is known to be more than one frame's worth.
fn exceeds_one_frame(data: &Data<'_>) -> bool {
    data.bytes.len() as u64 + data.to_come > ONE_FRAME as u64 && !data.bytes.is_empty()
}

impl Handler for Echo {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        if let Event::Data(data) = &event {
            self.data(data, sender);
        }
    }

    fn idle(&mut self) {
        self.shrink();
    }
}
