//! How long the phases took on the way to a connection.

use std::time::Duration;

use serde::Serialize;

use crate::error::Phase;
use crate::net::ConnectEvent;
use crate::view::amount::{Latency, Millis};

/// How long each phase took; `None` of those that there were none of.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct PhaseTimes {
    resolve: Option<Millis>,
    connect: Option<Millis>,
    proxy: Option<Millis>,
    tls: Option<Millis>,
    opening_handshake: Option<Millis>,
}

impl PhaseTimes {
    /// Takes note of a step. Of a phase that there were several of, as behind a redirect, the last counts.
    pub(crate) fn note(&mut self, step: &ConnectEvent) {
        let ConnectEvent::Took { phase, time } = step else { return };
        let taken = match phase {
            Phase::Resolve => &mut self.resolve,
            Phase::Connect => &mut self.connect,
            Phase::Proxy => &mut self.proxy,
            Phase::Tls => &mut self.tls,
            Phase::OpeningHandshake => &mut self.opening_handshake,
        };
        *taken = Some(Millis(*time));
    }

    /// Those that there were, in their order.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        let phases = [
            ("resolve", self.resolve),
            ("connect", self.connect),
            ("proxy", self.proxy),
            ("TLS", self.tls),
            ("opening handshake", self.opening_handshake),
        ];
        phases.into_iter().filter_map(|(name, time)| time.map(|time| (name, time.0)))
    }

    /// The same as one line.
    pub(crate) fn in_words(&self) -> Option<String> {
        let told: Vec<_> = self.named().map(|(name, time)| format!("{name} {}", Latency(time))).collect();
        (!told.is_empty()).then(|| told.join(", "))
    }
}
