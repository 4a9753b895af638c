//! The real binary against independent peers: tungstenite's WebSocket and raw, scripted bytes.

mod support;

mod completions;
mod endings;
mod frames;
mod layers;
mod negotiation;
mod pipe;
mod serve;
mod tls;
