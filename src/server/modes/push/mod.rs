//! Lines to clients: a file from its beginning for each, or lines as they come for all.

mod file_push;
mod stdin_push;

use std::path::Path;
use std::sync::Arc;

use self::file_push::LineFile;
use self::stdin_push::StdinPush;
use super::entry::{Argument, ModeEntry, When};

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "push",
    argument: Some(Argument::File),
    help: "Send each client the lines of a file from the start; - broadcasts stdin as it arrives",
    stdin: When::ForDash,
    protected: When::ForDash,
    open: |argument, setup| {
        Ok(match argument == "-" {
            true => Arc::new(StdinPush::new(setup)),
            false => Arc::new(LineFile::read(Path::new(argument), setup)?),
        })
    },
};
