//! The codec of permessage-deflate (RFC 7692 §7.2): one direction each, messages streamed through.

mod deflater;
mod inflater;

pub use deflater::Deflater;
pub use inflater::{Inflated, Inflater};

/// What a sync flush ends with, which isn't sent (§7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

#[cfg(test)]
mod tests;
