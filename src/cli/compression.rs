//! The flags of permessage-deflate.

use clap::{ArgAction, Args};

use super::choice::whole_number;
use crate::ws::negotiation::DeflateOptions;

const COMPRESSION: &str = "Compression (permessage-deflate, RFC 7692)";

#[derive(Debug, Args)]
pub(super) struct CompressionArgs {
    /// Disable permessage-deflate
    #[arg(long, help_heading = COMPRESSION)]
    no_compress: bool,

    /// Compression level: 1 (fastest) to 9 (smallest)
    #[arg(long, value_name = "LEVEL", default_value_t = 6, help_heading = COMPRESSION, conflicts_with = "no_compress",
          value_parser = whole_number(1..=9_u32))]
    pub(super) compress_level: u32,

    /// Compress each message independently, in both directions
    #[arg(long, action = ArgAction::SetTrue, help_heading = COMPRESSION, conflicts_with = "no_compress")]
    no_context_takeover: bool,

    /// Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15
    #[arg(long, value_name = "BITS", default_value_t = 15, help_heading = COMPRESSION, conflicts_with = "no_compress",
          value_parser = whole_number(9..=15_u8))]
    window_bits: u8,
}

impl CompressionArgs {
    /// What is offered or accepted, if anything is.
    pub(super) fn config(&self) -> Option<DeflateOptions> {
        let options = DeflateOptions { context_takeover: !self.no_context_takeover, window_bits: self.window_bits };
        (!self.no_compress).then_some(options)
    }
}
