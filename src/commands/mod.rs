//! The subcommands. None imports another.

pub(crate) mod connect;
pub(crate) mod finish;
pub(crate) mod inspect;
pub(crate) mod interrupt;
pub(crate) mod print;
pub(crate) mod serve;
