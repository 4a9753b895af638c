//! Lines of JSON about connections, among the records of what went over them: docs/events.md.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::record::SCHEMA;
use crate::view::clock::timestamp;
use crate::ws::StatusCode;

/// The types of such lines, and of those that stand in the place of others.
const TYPES: [&str; 4] = ["opened", "not_opened", "closed", "dropped"];

/// Whether a line of this type says nothing that could be sent.
pub(crate) fn is_about_connection(name: &str) -> bool {
    TYPES.contains(&name)
}

/// The heads of an opening handshake, as they may be shown.
#[derive(Debug, Clone)]
pub(crate) struct HandshakeHeads {
    pub(crate) request: String,
    pub(crate) response: String,
}

pub(crate) fn opened(url: &str, heads: &HandshakeHeads) -> String {
    let HandshakeHeads { request, response } = heads;
    line(json!({"type": "opened", "url": url, "request": request, "response": response, "elapsed_ms": 0}))
}

pub(crate) fn not_opened(url: &str, heads: &HandshakeHeads, why: &str) -> String {
    let HandshakeHeads { request, response } = heads;
    line(json!({"type": "not_opened", "url": url, "request": request, "response": response, "why": why}))
}

pub(crate) fn closed(url: &str, code: StatusCode, why: &str, after: Duration) -> String {
    let elapsed = after.as_micros() as f64 / 1000.0;
    line(json!({"type": "closed", "url": url, "code": code.0, "why": why, "elapsed_ms": elapsed}))
}

fn line(mut event: Value) -> String {
    event["schema"] = SCHEMA.into();
    event["time"] = timestamp(SystemTime::now()).into();
    format!("{event}\n")
}
