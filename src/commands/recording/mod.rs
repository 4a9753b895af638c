//! What the subcommands that read recordings have in common.

mod copy_error;
mod spill_file;
mod view;

pub(super) use copy_error::CopyError;
pub(super) use spill_file::{SpillFile, StrandId, StrandReader};
pub(super) use view::{RecordingView, UNFOLDED};
