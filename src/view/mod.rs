//! How things look: one file a format.

pub(crate) mod amount;
pub(crate) mod body;
pub(crate) mod frames;
pub(crate) mod hex;
pub(crate) mod json_text;
pub(crate) mod message;
pub(crate) mod moment;
pub(crate) mod safe;
pub(crate) mod spans;
