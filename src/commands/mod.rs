//! The subcommands. None imports another; what is no subcommand is theirs together.

pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod connect;
mod connection_taps;
pub(crate) mod convert;
mod desk;
pub(crate) mod diff;
mod finish;
pub(crate) mod inspect;
mod interrupt;
pub(crate) mod listening;
pub(crate) mod man;
pub(crate) mod ping;
pub(crate) mod print;
pub(crate) mod prompt;
pub(crate) mod proxy;
mod recording;
pub(crate) mod replay;
mod run_end;
pub(crate) mod run_limit;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod test;
