//! stdin as things to send, events as stdout, everything for the person as lines on stderr, and secrets from files and
//! from the terminal.

pub(crate) mod append_file;
pub(crate) mod byte_order_mark;
pub(crate) mod console;
pub(crate) mod decode;
pub(crate) mod file;
pub(crate) mod file_claim;
pub(crate) mod frame_log;
pub(crate) mod input;
pub(crate) mod kept_stdin;
pub(crate) mod line_writer;
pub(crate) mod output;
pub(crate) mod output_lines;
pub(crate) mod pager;
pub(crate) mod panic_hook;
pub(crate) mod password;
pub(crate) mod ping_log;
pub(crate) mod pseudo_terminal;
pub(crate) mod queue;
pub(crate) mod recording;
pub(crate) mod recording_file;
mod recording_lines;
pub(crate) mod recording_reader;
mod recording_sink;
pub(crate) mod replaced_file;
pub(crate) mod scenario_files;
pub(crate) mod secret;
pub(crate) mod status_line;
pub(crate) mod stderr;
pub(crate) mod terminal;
pub(crate) mod time_zone;
mod write_thread;
pub(crate) mod writer;
