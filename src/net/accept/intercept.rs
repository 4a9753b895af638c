//! TLS that a client begins with a server behind us, opened with a certificate of our own.

use std::io;

use rustls::server::{Accepted, Acceptor as HelloReader};
use rustls::{AlertDescription, Error as TlsError};

use super::{HandshakeError, Incoming};
use crate::advice;
use crate::net::tls::{HTTP_1, LeafCertificates};
use crate::net::transport::Received;
use crate::ws::Buffer;

/// What a client has said at the beginning of TLS, before it is answered.
pub(crate) struct ClientHello {
    accepted: Accepted,
    /// Bytes of what was received that it has in it.
    length: usize,
}

impl ClientHello {
    /// The server that the client wants (RFC 6066 §3).
    pub(crate) fn server_name(&self) -> Option<String> {
        self.accepted.client_hello().server_name().map(str::to_owned)
    }

    /// Whether what it may go on with can be HTTP/1.1 (RFC 7301).
    pub(crate) fn may_be_http(&self) -> bool {
        self.accepted.client_hello().alpn().is_none_or(|mut names| names.any(|name| name == HTTP_1))
    }
}

impl<'a> Incoming<'a> {
    /// What the client says at the beginning of TLS. It stays to be read by somebody else; `None` for what is no TLS that we
    /// know, or not all of it.
    ///
    /// # Errors
    /// A client that fails, and a stop.
    pub(crate) fn client_hello(&mut self) -> Result<Option<ClientHello>, HandshakeError> {
        let mut reader = HelloReader::default();
        let mut length = 0;
        loop {
            let mut rest = &self.buffer.unread()[length..];
            while !rest.is_empty() {
                match reader.read_tls(&mut rest) {
                    Ok(0) | Err(_) => return Ok(None),
                    Ok(count) => length += count,
                }
                match reader.accept() {
                    Ok(Some(accepted)) => return Ok(Some(ClientHello { accepted, length })),
                    Ok(None) => {}
                    Err(_) => return Ok(None),
                }
            }
            match self.transport.receive_some(&mut self.buffer, self.until) {
                Ok(Received::End) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(None),
                Ok(_) => {}
                Err(error) => return Err(HandshakeError::reading(&error)),
            }
        }
    }

    /// Answers as the server of this name, and goes on inside.
    ///
    /// # Errors
    /// A client that doesn't trust us, or fails.
    // Not inlined: a tunnel would pay for its stack too.
    #[inline(never)]
    pub(crate) fn stand_in(
        self,
        hello: ClientHello,
        name: &str,
        leaves: &LeafCertificates,
    ) -> Result<Self, HandshakeError> {
        let failed = |why: &dyn std::fmt::Display| {
            HandshakeError::Failed(format!("TLS with the client as {name} failed: {why}"))
        };
        let Incoming { transport, mut buffer, until, stop, peer, .. } = self;
        let config = leaves.server(name).map_err(|why| failed(&why))?;
        let connection = hello.accepted.into_connection(config).map_err(|(error, _)| failed(&error))?;
        buffer.consume(hello.length);
        let mut transport = transport.under_tls_behind(connection, buffer);
        transport.complete_tls(until).map_err(|error| match is_distrust(&error) {
            true => failed(&advice::AUTHORITY_NOT_TRUSTED),
            false => HandshakeError::of(&error, &format!("TLS with the client as {name} failed")),
        })?;
        Ok(Incoming { transport, buffer: Buffer::default(), until, stop, peer, secure: true, requests: 0 })
    }

    /// Whether the client has chosen what it goes on with in TLS.
    pub(crate) fn has_chosen_http(&self) -> bool {
        self.transport.tls().is_some_and(|tls| tls.alpn_protocol() == Some(HTTP_1))
    }
}

/// Whether the client has said that it doesn't trust the certificate: with TLS 1.3 it may say so after the handshake.
pub(super) fn is_distrust(error: &io::Error) -> bool {
    let alert = match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(TlsError::AlertReceived(alert)) => *alert,
        _ => return false,
    };
    matches!(
        alert,
        AlertDescription::UnknownCA | AlertDescription::BadCertificate | AlertDescription::CertificateUnknown
    )
}
