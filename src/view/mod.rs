//! How things look: one file a format.

pub(crate) mod amount;
pub(crate) mod body;
pub(crate) mod changes;
pub(crate) mod clock;
pub(crate) mod close_text;
pub(crate) mod compression;
pub(crate) mod control_payload;
pub(crate) mod conversation;
pub(crate) mod differences;
pub(crate) mod ended_frames;
pub(crate) mod enumeration;
mod fold;
pub(crate) mod frame_payload;
pub(crate) mod frames;
pub(crate) mod head;
pub(crate) mod hex;
mod html;
mod json_lines;
pub(crate) mod json_nesting;
pub(crate) mod json_pointer;
pub(crate) mod json_text;
pub(crate) mod json_value;
pub(crate) mod message;
pub(crate) mod progress;
pub(crate) mod refusal;
pub(crate) mod spans;
pub(crate) mod violating_frame;
