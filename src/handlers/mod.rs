//! What is done with one connection, where several subcommands do the same.

pub(crate) mod changing;
pub(crate) mod echo;
pub(crate) mod fragments;
mod held_message;
pub(crate) mod ping;
pub(crate) mod player;
pub(crate) mod relay;
pub(crate) mod replay;
