//! What the subcommands that read recordings have in common.

mod copy_error;

pub(super) use copy_error::CopyError;
