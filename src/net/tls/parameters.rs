//! What two ends have agreed on in a TLS handshake.

use serde::Serialize;

use crate::peer_text::PeerText;

/// By their names; empty where the handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct TlsParameters {
    pub(crate) version: String,
    pub(crate) cipher_suite: String,
    pub(crate) key_exchange: String,
    pub(crate) alpn: Option<PeerText>,
}

impl TlsParameters {
    pub(in crate::net) fn of(connection: &rustls::Connection) -> Self {
        let version = connection.protocol_version().and_then(|version| version.as_str().map(str::to_owned));
        let suite = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
        let group = connection.negotiated_key_exchange_group().and_then(|group| group.name().as_str());
        Self {
            version: version.unwrap_or_default().replace("TLSv1_", "TLS 1."),
            cipher_suite: suite.unwrap_or_default().to_owned(),
            key_exchange: group.unwrap_or_default().to_owned(),
            alpn: connection.alpn_protocol().map(PeerText::lossy),
        }
    }
}
