//! The flags that say how much is told about the opening handshake, and how strictly it is taken.

use clap::Args;

use crate::values::{Limit, limit};

const REPORT: &str = "Opening handshake";

#[derive(Debug, Args)]
pub(super) struct VerbosityArgs {
    /// Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold
    /// secrets are masked; a token in the URL's query is not
    #[arg(short = 'v', long, help_heading = REPORT)]
    pub(super) verbose: bool,

    /// Show passwords, tokens and cookies in what -v tells
    #[arg(long, help_heading = REPORT)]
    pub(super) show_secrets: bool,

    /// How much of a refusal's body is shown: a size in bytes (K, M, G)
    #[arg(long, value_name = "SIZE", default_value = "4KiB", value_parser = limit, help_heading = REPORT)]
    pub(super) max_body: Limit,

    /// Go on in spite of faults in the server's 101
    #[arg(long, help_heading = REPORT)]
    pub(super) no_check: bool,
}
