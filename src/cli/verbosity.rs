//! The flags that say how much of the opening handshake is logged, and how strictly it is checked.

use clap::Args;

use crate::values::{Limit, limit};

const REPORT: &str = "Opening handshake";

#[derive(Debug, Args)]
pub(super) struct VerbosityArgs {
    /// Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Secrets in headers and
    /// URLs are masked
    #[arg(short = 'v', long, help_heading = REPORT)]
    pub(super) verbose: bool,

    /// Show passwords, tokens and cookies in the output of -v
    #[arg(long, help_heading = REPORT)]
    pub(super) show_secrets: bool,

    /// Show at most this much of a refusal's body: bytes (K, M, G), or none for up to 64MiB
    #[arg(long, value_name = "SIZE", default_value = "4KiB", value_parser = limit, help_heading = REPORT)]
    pub(super) max_body: Limit,

    /// Accept an invalid handshake response (101); connect also continues after violations that leave frame and message
    /// boundaries clear: text that is not UTF-8, masking, reserved bits, non-minimal lengths, an invalid Close
    #[arg(long, help_heading = REPORT)]
    pub(super) no_check: bool,
}
