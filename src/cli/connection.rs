//! The flags that both ends of a connection have.

use clap::Args;

use super::choice::one_of;
use super::compression::CompressionArgs;
use super::deadlines::DeadlineArgs;
use crate::net::ConnectionSettings;
use crate::values::{Limit, limit};
use crate::view::frames::FrameDetail;
use crate::ws::Observe;

#[derive(Debug, Args)]
pub(super) struct ConnectionArgs {
    /// Log every frame to stderr, one per line: > sent, < received; with payload also the beginning of its content, after
    /// decompression (header if no value is given)
    #[arg(long, value_name = "DETAIL", num_args = 0..=1, require_equals = true, default_missing_value = "header",
          value_parser = one_of(FrameDetail::NAMES))]
    pub(super) frames: Option<FrameDetail>,

    /// Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends a whole message before
    /// reading is answered up to this size; with none it is blocked after 1 MiB of unread answer
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = limit)]
    pub(super) max_message_size: Limit,

    #[command(flatten)]
    compression: CompressionArgs,

    #[command(flatten)]
    deadlines: DeadlineArgs,
}

impl ConnectionArgs {
    /// What `observe` says is told beside what the flags say.
    pub(super) fn config(&self, observe: Observe) -> ConnectionSettings {
        ConnectionSettings {
            deflate: self.compression.config(),
            compression_level: self.compression.compress_level,
            max_message_size: self.max_message_size.0,
            tolerant: false,
            observe: observe.max(match self.frames {
                None => Observe::Nothing,
                Some(FrameDetail::Header) => Observe::Frames,
                Some(FrameDetail::Payload) => Observe::FramesAndContent,
            }),
            timing: self.deadlines.config(),
        }
    }
}
