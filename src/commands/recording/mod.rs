//! What the subcommands that read recordings have in common.

mod copy_error;
mod view;

pub(super) use copy_error::CopyError;
pub(super) use view::{RecordingView, UNFOLDED};
