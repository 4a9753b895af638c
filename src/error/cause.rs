//! What kind of thing made a step fail, where what can be done about it depends on that.

use std::fmt;

use crate::peer_text::PeerText;

/// Why a redirect isn't followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RedirectFault {
    /// In words.
    NotUrl(String),
    /// Another than http, https, ws and wss.
    Scheme(PeerText),
    /// From wss to ws.
    Downgrade,
}

impl fmt::Display for RedirectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUrl(why) => write!(f, "it is not a WebSocket URL: {why}"),
            Self::Scheme(scheme) => write!(f, "its scheme {scheme:?} is not http, https, ws or wss"),
            Self::Downgrade => f.write_str("it leads from wss to ws, where everyone on the way can read along"),
        }
    }
}

/// What kind of thing made TLS fail: what can be done about it depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsCause {
    /// Nothing that a flag could change.
    Other,
    /// What is wrong with the certificate isn't a matter of whom to trust.
    BadCertificate,
    OtherName,
    SelfSigned,
    UnknownIssuer,
    /// The server left out the certificates between its own and a root.
    IncompleteChain,
    /// It would speak with us without TLS.
    NotTls,
    /// It speaks something else, with TLS or without.
    OtherProtocol,
    ClientCertificateMissing,
    ClientCertificateRefused,
    Version,
    ApplicationProtocol,
    ServerName,
    /// No cipher suite, group or signature that both know.
    NothingInCommon,
    /// No group to agree on keys in that both know.
    KeyExchange,
}

/// What led to another origin than the one that secrets were given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OriginChange {
    /// The server, by a redirect.
    Redirect,
    /// The person at the prompt.
    Connect,
}

/// What TLS was told to do, as far as it would be no use to advise it again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TlsGiven {
    pub(crate) insecure: bool,
    pub(crate) roots: bool,
    pub(crate) identity: bool,
    /// A client certificate that was meant for another origin.
    pub(crate) withheld: Option<OriginChange>,
    /// Fewer versions than there are.
    pub(crate) versions: bool,
    /// The name that the certificate is held against.
    pub(crate) server_name: bool,
}

/// What kind of thing came instead of an answer in HTTP/1: what can be done about it depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotHttpCause {
    /// Nothing that a flag or another URL could change.
    Other,
    /// Nothing came before the end of the connection.
    Silence {
        secure: bool,
        /// Subprotocols were asked for.
        subprotocols: bool,
    },
    /// TLS, where it wasn't expected.
    Tls,
    /// Another protocol, or bytes that nobody here knows: no TLS in any case, which begins with a record that is known.
    OtherProtocol,
    /// Frames of HTTP/2.
    Http2 {
        /// TLS has agreed on it.
        chosen: bool,
    },
}

/// What whoever asks for credentials got of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authentication {
    /// There are none.
    Nothing,
    /// There are some, to be sent in answer to a Digest challenge alone.
    DigestOnly,
    Sent,
}
