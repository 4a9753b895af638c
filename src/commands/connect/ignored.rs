//! `--no-check`: what is told of a violation in spite of which the connection goes on.

use crate::advice;
use crate::view::violating_frame;
use crate::ws::ViolatingFrame;

/// What was overlooked, and below it what was in the frame.
pub(super) fn lines(frame: &ViolatingFrame, columns: usize) -> Vec<String> {
    let overlooked = format!("{}: {}", advice::IGNORED, violating_frame::faults(frame));
    [overlooked].into_iter().chain(violating_frame::lines(frame, columns)).collect()
}
