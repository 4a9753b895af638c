//! What happened on a connection, as values.

pub(crate) mod connection_lines;
mod connection_text;
pub(crate) mod data_pieces;
pub(crate) mod ending;
mod exit_codes;
pub(crate) mod frame_recorder;
mod json_content;
pub(crate) mod latencies;
mod long_line;
pub(crate) mod message_difference;
pub(crate) mod message_joiner;
pub(crate) mod message_match;
mod message_parts;
pub(crate) mod no_record;
pub(crate) mod record;
mod record_fields;
mod record_json;
pub(crate) mod record_router;
pub(crate) mod record_type;
pub(crate) mod recorded_connection;
pub(crate) mod recorder;
pub(crate) mod recording_line;
mod rhythm;
pub(crate) mod round_trips;
pub(crate) mod stats;

/// Shared with the tests of the binary.
#[cfg(test)]
#[path = "../../tests/support/schema.rs"]
mod schema;
