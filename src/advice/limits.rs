//! What keeps a connection open that is ended where nothing is said on it.

use std::time::Duration;

/// How a connection is kept open by Pings that is ended after so much silence.
pub(crate) fn pings_keep_open(silent: Duration) -> String {
    format!("--ping-interval {} keeps a connection open; so do Pings from the server", half(silent))
}

/// How one is kept open on which only messages count.
pub(crate) fn messages_keep_open(silent: Duration) -> String {
    format!("an application heartbeat keeps a connection open: a message at least every {}", half(silent))
}

/// Half of a time, in words that the flags take too.
fn half(time: Duration) -> String {
    match time.as_secs_f64() / 2.0 {
        seconds if seconds >= 1.0 => format!("{}s", seconds.floor()),
        seconds => format!("{}ms", (seconds * 1000.0).floor()),
    }
}

/// What is to be done where a message is what a server ends a connection over.
pub(crate) const ANOTHER_MESSAGE: &str = "--message TEXT sends another one";

/// What is to be done where a server takes no message that it doesn't know.
pub(crate) const A_KNOWN_MESSAGE: &str = "sizes can only be tried with a message that it knows: --message TEXT";

/// How it is found out whether a server waits for an answer.
pub(crate) const ANSWER: &str = "connect with --on 'match REGEX => reply TEXT' answers it, and -d TEXT logs in";

/// What is to be done where nothing was ended.
pub(crate) const WATCH_LONGER: &str = "--for DURATION watches longer";
