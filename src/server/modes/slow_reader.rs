//! A client that doesn't take what is sent to it.

use super::ModeEnd;
use crate::net::Sender;
use crate::ws::{Close, StatusCode};

/// Closes its connection. Returns why, for the log.
pub(super) fn close(sender: &mut Sender<'_>) -> ModeEnd {
    // Refused when the connection is closing already.
    let _ = sender.close(Close::new(StatusCode::POLICY_VIOLATION, "reading too slowly"));
    ModeEnd::Limit("client reads too slowly".into())
}
