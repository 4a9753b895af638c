//! A way through the server for what isn't looked at: in words, and as events.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Method, Secrets, shown_url};
use crate::net::{Peer, TunnelEnd};
use crate::peer_text::Escaped;

/// Where a tunnel leads, and what for.
#[derive(Debug)]
pub(crate) struct TunnelTarget {
    /// HOST:PORT of the server.
    pub(crate) place: String,
    /// The one request of plain HTTP that goes through it: its method, and its path and query.
    pub(crate) request: Option<(Method, String)>,
}

/// In words, what came of it.
pub(super) fn came_to(end: &TunnelEnd) -> String {
    match end.status {
        Some(status) if end.why == TunnelEnd::ORDERLY => format!("answered {status}"),
        Some(status) => format!("answered {status}, {}", end.why),
        None => end.why.to_owned(),
    }
}

impl TunnelTarget {
    pub(super) fn words(&self, secrets: Secrets) -> String {
        let place = Escaped(&self.place);
        match &self.request {
            Some((method, resource)) => format!("{method} {} to {place}", Escaped(&shown_url(resource, secrets))),
            None => format!("tunnel to {place}"),
        }
    }

    pub(super) fn opened(&self, peer: Peer, secrets: Secrets) -> Value {
        self.event("tunnel_opened", peer, secrets)
    }

    pub(super) fn closed(&self, peer: Peer, secrets: Secrets, end: &TunnelEnd, lasted: Duration) -> Value {
        let mut event = self.event("tunnel_closed", peer, secrets);
        event["why"] = json!(end.why);
        if let Some(status) = end.status {
            event["status"] = json!(status.0);
        }
        event["to_server"] = json!(end.to_server);
        event["to_client"] = json!(end.to_client);
        event["elapsed_ms"] = json!(lasted.as_millis() as u64);
        event
    }

    fn event(&self, name: &str, peer: Peer, secrets: Secrets) -> Value {
        let mut event = json!({"type": name, "address": peer.to_string(), "target": self.place});
        if let Some((method, resource)) = &self.request {
            event["method"] = json!(method.to_string());
            event["path"] = json!(shown_url(resource, secrets));
        }
        event
    }
}
