//! The subcommands. None imports another.

pub(crate) mod connect;
mod finish;
pub(crate) mod inspect;
mod interrupt;
pub(crate) mod print;
pub(crate) mod serve;
