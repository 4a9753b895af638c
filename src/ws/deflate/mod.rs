//! The codec of permessage-deflate (RFC 7692 §7.2): one direction each, messages streamed through.
//!
//! ```text
//!  message ─▶ Deflater ─▶ Matcher ─▶ Index ─▶ Block ─▶ Header, prefix codes ─▶ BitWriter ─▶ payload
//!  payload ─▶ Inflater ─▶ zlib-rs ─▶ message
//! ```
//!
//! Inflating is zlib-rs's. Compressing is ours, because it is most of what a compressed message
//! costs, and zlib's search can't be told to look less and choose better.

mod bits;
mod block;
mod cursor;
mod deflater;
mod effort;
mod header;
mod index;
mod inflater;
mod kept_window;
mod matcher;
mod pool;
mod prefix_code;
mod recent_text;
mod symbols;

pub use deflater::Deflater;
pub use inflater::{InflatePool, InflateState, Inflated, Inflater};
pub use pool::{DeflatePool, DeflateState};

/// What a sync flush ends with, which isn't sent (§7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

#[cfg(test)]
mod tests;
