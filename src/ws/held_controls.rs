//! Pings and Pongs that wait for the end of a message.

use std::collections::VecDeque;

use super::opcode::OpCode;

/// As many wait at once. Of Pings only the latest have to be answered (§5.5.3).
const MOST: usize = 32;

/// Opcodes and payloads, in the order in which they were to be sent.
#[derive(Debug, Default)]
pub(super) struct HeldControls(VecDeque<(OpCode, Vec<u8>)>);

impl HeldControls {
    /// Takes one more. Where there are as many as may wait, the oldest goes.
    pub(super) fn push(&mut self, opcode: OpCode, payload: &[u8]) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((opcode, payload.to_vec()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives all of them.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (OpCode, Vec<u8>)> + use<> {
        std::mem::take(&mut self.0).into_iter()
    }
}
