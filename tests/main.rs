//! The real binary against independent peers: tungstenite's WebSocket and raw, scripted bytes.

// A test that can't go on fails.
#![allow(clippy::unwrap_used)]

mod support;

mod completions;
mod endings;
mod frames;
mod layers;
mod modes;
mod negotiation;
mod pipe;
mod prompt;
mod reasons;
mod requests;
mod serve;
mod tls;
