//! The subcommands. None imports another; what is no subcommand is theirs together.

pub(crate) mod connect;
pub(crate) mod convert;
pub(crate) mod diff;
mod finish;
mod framed;
pub(crate) mod inspect;
mod interrupt;
pub(crate) mod print;
pub(crate) mod prompt;
mod recording;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod show;
