//! The subcommands. None imports another; what is no subcommand is theirs together.

pub(crate) mod connect;
mod finish;
pub(crate) mod inspect;
mod interrupt;
pub(crate) mod print;
pub(crate) mod prompt;
pub(crate) mod serve;
pub(crate) mod show;
