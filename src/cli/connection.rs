//! The flags that both ends of a connection have.

use std::time::Duration;

use clap::{ArgAction, Args};

use super::DEADLINES;
use crate::net::{Settings, Timing};
use crate::values::{Limit, deadline, duration, limit};
use crate::ws::Observe;
use crate::ws::negotiation::DeflateOptions;

/// The flags that both ends of a connection have.
#[derive(Debug, Args)]
pub(super) struct ConnectionArgs {
    /// Show every frame on stderr, one line each: > sent, < received
    #[arg(long)]
    pub(super) frames: bool,

    /// The largest message to receive, after inflating: a size in bytes (K, M, G), or none
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = limit)]
    max_message_size: Limit,

    /// Neither offer nor accept permessage-deflate
    #[arg(long, help_heading = COMPRESSION)]
    no_compress: bool,

    /// 1 is the fastest, 9 the smallest
    #[arg(long, value_name = "LEVEL", default_value_t = 6, help_heading = COMPRESSION,
          value_parser = clap::value_parser!(u32).range(1..=9))]
    compress_level: u32,

    /// Compress each message by itself, in both directions
    #[arg(long, action = ArgAction::SetTrue, help_heading = COMPRESSION)]
    no_context_takeover: bool,

    /// The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15
    #[arg(long, value_name = "BITS", default_value_t = 15, help_heading = COMPRESSION,
          value_parser = clap::value_parser!(u8).range(9..=15))]
    window_bits: u8,

    /// How often to send a Ping; 0 is never
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration, help_heading = DEADLINES)]
    ping_interval: Duration,

    /// How long to wait for the Pong before the connection is failed
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = deadline, help_heading = DEADLINES)]
    ping_timeout: Duration,

    /// Deadline for the peer's side of the opening handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = deadline, help_heading = DEADLINES)]
    handshake_timeout: Duration,

    /// Deadline for the peer's side of the closing handshake
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = duration, help_heading = DEADLINES)]
    close_timeout: Duration,
}

const COMPRESSION: &str = "Compression (permessage-deflate, RFC 7692)";

impl ConnectionArgs {
    pub(super) fn config(&self) -> Settings {
        let options = DeflateOptions { context_takeover: !self.no_context_takeover, window_bits: self.window_bits };
        Settings {
            deflate: (!self.no_compress).then_some(options),
            compression_level: self.compress_level,
            max_message_size: self.max_message_size.0,
            observe: if self.frames { Observe::Frames } else { Observe::Nothing },
            timing: Timing {
                ping_interval: (!self.ping_interval.is_zero()).then_some(self.ping_interval),
                ping_timeout: self.ping_timeout,
                handshake_timeout: self.handshake_timeout,
                close_timeout: self.close_timeout,
                idle_timeout: None,
            },
        }
    }
}
