//! The flags of recordings.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueHint};

use crate::advice;
use crate::http::Secrets;
use crate::stdio::file::to_write;
use crate::stdio::recording::RecordingConfig;

pub(super) const RECORDING: &str = "Recording";

#[derive(Debug, Args)]
pub(super) struct RecordingArgs {
    /// Append a recording of connections to this file: a line of JSON for each opening, message, ping, pong, close and
    /// violation, both ways (wscli man recording); secrets in headers are masked, messages are not; - for stdout, if nothing else goes there
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = PathBufValueParser::new().try_map(to_record),
          help_heading = RECORDING)]
    record: Option<PathBuf>,

    /// Record passwords, tokens and cookies of the opening handshake too
    #[arg(long, requires = "record", help_heading = RECORDING)]
    record_secrets: bool,

    /// Record every frame too, with FIN, RSV, opcode, masking key and payload as on the wire
    #[arg(long, requires = "record", help_heading = RECORDING)]
    record_frames: bool,
}

impl RecordingArgs {
    pub(super) fn config(self) -> Option<RecordingConfig> {
        self.record.map(|path| RecordingConfig {
            path: to_write(&path).to_owned(),
            secrets: Secrets::shown_if(self.record_secrets),
            frames: self.record_frames,
        })
    }
}

/// A file for a recording, whose name doesn't promise another format.
fn to_record(path: PathBuf) -> Result<PathBuf, String> {
    advice::check_recording_name(&path).map(|()| path)
}
