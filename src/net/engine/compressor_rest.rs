//! When a compressor that nothing is sent through puts down what it can make again.

use std::time::Instant;

use crate::net::transport::PATIENCE;

/// After [`PATIENCE`] in which no message has ended.
#[derive(Debug, Default)]
pub(super) struct CompressorRest {
    /// Messages that were sent when it was last looked at.
    sent: u64,
    due: Option<Instant>,
}

impl CompressorRest {
    /// Looks at a compressor that could rest, once so many messages were `sent`. Returns whether it is to do so now.
    pub(super) fn is_due(&mut self, sent: u64, now: Instant) -> bool {
        if self.due.is_none() || sent != self.sent {
            *self = Self { sent, due: Some(now + PATIENCE) };
        }
        self.due.take_if(|due| now >= *due).is_some()
    }

    /// When to look again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_once_nothing_was_sent_for_as_long_as_the_patience_lasts() {
        let (mut rest, begun) = (CompressorRest::default(), Instant::now());
        let at = |quarters: u32| begun + PATIENCE * quarters / 4;
        assert!(!rest.is_due(1, at(0)));
        assert!(!rest.is_due(1, at(3)));
        assert_eq!(rest.deadline(), Some(at(4)));
        assert!(!rest.is_due(2, at(4)));
        assert_eq!(rest.deadline(), Some(at(8)));
        assert!(rest.is_due(2, at(8)));
        assert_eq!(rest.deadline(), None);
    }
}
