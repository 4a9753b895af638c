//! What is done with one connection, where several subcommands do the same.

pub(crate) mod changing;
pub(crate) mod echo;
pub(crate) mod fragments;
pub(crate) mod generated;
pub(crate) mod held_message;
pub(crate) mod intervention;
pub(crate) mod ping;
pub(crate) mod player;
pub(crate) mod relay;
pub(crate) mod replay;
pub(crate) mod scenario;
