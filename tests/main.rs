//! The real binary against independent peers: tungstenite's WebSocket and raw, scripted bytes.

// A test that can't go on fails.
#![allow(clippy::unwrap_used)]

mod support;

mod answering;
mod answers;
mod authentication;
mod bounds;
mod busy;
mod certificates;
mod client_protocols;
mod completions;
mod config_file;
mod cookies;
mod decode;
mod endings;
mod exec;
mod frames;
mod from_curl;
mod gone;
mod handshakes;
mod help;
mod hostile_text;
mod input;
mod inspect;
mod interruptions;
mod layers;
mod leaving;
mod memory;
mod modes;
mod negotiation;
mod page;
mod pipe;
mod plain_http;
mod progress;
mod prompt;
mod prompt_bursts;
mod prompt_connections;
mod prompt_files;
mod prompt_history;
mod prompt_keys;
mod prompt_reading;
mod prompt_serve;
mod readme;
mod reasons;
mod recording;
mod records;
mod redirects;
mod replay;
mod request_flags;
mod requests;
mod retrying;
mod scripts;
mod secrets;
mod serve;
mod serve_log;
mod show;
mod stdout;
mod stopped;
mod targets;
mod tls;
mod unread;
mod verbose;
mod violations;
mod web_access;
