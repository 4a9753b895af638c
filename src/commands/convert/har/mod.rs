//! HAR 1.2 with the messages of WebSockets, as browsers and proxies write it: an entry is a connection, and its messages are in
//! `_webSocketMessages`, a field of Chrome's. docs/recording.md says what it can't hold.

mod content;
mod document;
mod entry;
mod heads;
mod json_reader;
mod reader;
mod writer;

pub(super) use self::reader::HarReader;
pub(super) use self::writer::HarWriter;
