//! wscli, the command-line tool for debugging WebSockets.

pub mod ws;
