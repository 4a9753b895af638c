//! What to do about an error, and the names of the flags that messages speak of. No other place below `cli` names a flag;
//! `tests/layers.rs` looks, and a test of `cli` finds each of those named here among the flags that there are.

use std::io;

use crate::error::{Error, RedirectFault, RefusedHandshake};
use crate::peer_text::Escaped;
use crate::ws::handshake::Authority;

/// Flags, for messages that say which one they are about.
pub(crate) mod flag {
    pub(crate) const ALLOW_FAULTS: &str = "--no-check";
    pub(crate) const AUTH: &str = "--auth";
    pub(crate) const BEARER: &str = "--bearer";
    pub(crate) const CACERT: &str = "--cacert";
    pub(crate) const CLIENT_CA: &str = "--client-ca";
    pub(crate) const COOKIE: &str = "-b";
    pub(crate) const EXPECT: &str = "--expect";
    pub(crate) const FROM_CURL: &str = "--from-curl";
    pub(crate) const HEADER: &str = "-H";
    pub(crate) const HOST: &str = "--host";
    pub(crate) const MAX_TIME: &str = "--max-time";
    pub(crate) const ORIGIN: &str = "--origin";
    pub(crate) const REJECT: &str = "--reject";
    pub(crate) const SERVER_NAME: &str = "--sni";
    pub(crate) const TLS_MAX: &str = "--tls-max";
    pub(crate) const TLS_MIN: &str = "--tls-min";
    pub(crate) const UNTIL: &str = "--until";
    pub(crate) const USER_AGENT: &str = "-A";
}

/// What may be done when TLS fails.
pub(crate) mod tls {
    pub(crate) const ALPN: &str = "--alpn NAME offers another one, --alpn '' none";
    pub(crate) const CERTIFICATE: &str = "--cert FILE --key FILE send a client certificate";
    pub(crate) const INSECURE: &str = "-k connects anyway";
    pub(crate) const ISSUER: &str = "--cacert FILE trusts the issuer, -k accepts any certificate";
    pub(crate) const NAME: &str = "--sni NAME asks for another";
    pub(crate) const NO_INTERMEDIATE: &str =
        "--cacert FILE trusts the issuer, -k accepts any certificate; a server should send its whole chain";
    pub(crate) const OTHER_CERTIFICATE: &str = "--cert FILE --key FILE send another one";
    pub(crate) const SELF_SIGNED: &str = "--cacert FILE trusts it, -k accepts any certificate";
    pub(crate) const VERIFIED_NAME: &str = "--sni NAME verifies another name, -k connects anyway";
    pub(crate) const VERSIONS: &str = "--tls-min and --tls-max say which are allowed";
}

/// What stands in the place of a secret.
pub(crate) const MASKED: &str = "(masked; --show-secrets shows it)";

/// How more of a refusal's body is shown.
pub(crate) const MORE_OF_A_BODY: &str = "--max-body SIZE shows more";

/// How a quiet peer is waited for.
pub(crate) const MORE_TIME: &str = "--linger waits longer";

/// What is asked for where a user is given alone, and how it is given too.
pub(crate) const PASSWORD: &str = "the password of -u";
pub(crate) const GIVEN_PASSWORD: &str = "use -u NAME:PASSWORD or -u @FILE";

/// A file that can't be a text message.
pub(crate) fn binary_file(what: String) -> Error {
    Error::Usage { what, hint: Some("--binary sends it as a binary message".into()) }
}

/// A subprotocol that is none.
pub(crate) fn subprotocol(name: &str) -> Error {
    Error::Usage {
        what: format!("{name:?} is not a subprotocol: it must be a token (RFC 6455 §4.1)"),
        hint: Some("-H 'Sec-WebSocket-Protocol: …' sends anything".into()),
    }
}

/// A file that is too large to be pushed.
pub(crate) fn large_push(file: &Error) -> Error {
    Error::Usage { what: file.to_string(), hint: Some("--push - reads lines from stdin, as many as there are".into()) }
}

/// Certificates of clients are demanded where there is no TLS.
pub(crate) fn client_ca_without_tls() -> Error {
    Error::Usage { what: format!("{} needs TLS", flag::CLIENT_CA), hint: Some("add --tls, or --cert and --key".into()) }
}

/// What a web page is told that may not open what it asked for.
pub(crate) fn refused_origin(origin: &str) -> String {
    format!("the origin {origin:?} is not allowed; --allow-origin ORIGIN allows one")
}

/// What a client is told that asked for this server by a name that others could have too.
pub(crate) fn refused_host(host: &Authority) -> String {
    format!("the host \"{host}\" is not a name of this server; --allow-host NAME allows one")
}

/// What a client is told that begins with TLS where there is none.
pub(crate) fn tls_on_a_plain_port() -> String {
    "the client speaks TLS, and this server doesn't; --tls serves wss".into()
}

/// Why the connection of a client can't become TLS, where nothing else is served.
pub(crate) fn not_tls(protocol: String) -> String {
    format!("the client speaks {protocol}, and with --client-ca this server only TLS")
}

/// What a proxy is told that announces its client where that isn't expected.
pub(crate) fn proxy_header(version: u8) -> String {
    format!("the connection begins with a PROXY protocol header (version {version}); --proxy-protocol accepts it")
}

/// What a client is told that doesn't come through a proxy that announces it.
pub(crate) fn no_proxy_header() -> String {
    "the connection does not begin with a PROXY protocol header, and --proxy-protocol expects one".into()
}

/// What is logged where one message becomes several on its way to a command.
pub(crate) const DIVIDED_MESSAGE: &str = "a message with a newline in it became more than one line of the command's \
                                          stdin; --exec-framing null or json keeps it one";

/// What is logged of a client whose subprotocols, of this list, are none of ours.
pub(crate) fn subprotocol_not_agreed(requested: &str) -> String {
    format!("none (requested: {requested}; --subprotocol NAME accepts one)")
}

impl Error {
    /// What to do about it, where there is something.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Tls { hint, .. } => hint.clone(),
            Self::NotHttp { hint, .. } => hint.map(str::to_owned),
            Self::Connect { tried } if tried.iter().any(|(_, why)| why.kind() == io::ErrorKind::ConnectionRefused) => {
                Some("nothing is listening there; is the server running, and is the port right?".into())
            }
            Self::Listen { why, .. } if why.kind() == io::ErrorKind::AddrInUse => {
                Some("another process is listening there; port 0 picks a free one".into())
            }
            Self::Refused(refusal) => refusal.advice(),
            Self::TooManyRedirects { .. } => Some("--max-redirs N follows more".into()),
            Self::Redirect { why: RedirectFault::Downgrade, .. } => Some("--location-downgrade follows it".into()),
            Self::ProxyRefused { answer, .. } if answer.response.status.0 == 407 => {
                Some("-x http://USER:PASSWORD@HOST:PORT sends credentials to the proxy".into())
            }
            Self::ProxyNotReached { .. } | Self::ProxyRefused { .. } => {
                Some("--noproxy HOST bypasses the proxy".into())
            }
            _ => None,
        }
    }
}

impl RefusedHandshake {
    fn advice(&self) -> Option<String> {
        let version = self.header("sec-websocket-version");
        Some(match self.status() {
            101 => "--no-check accepts it anyway".into(),
            200..=299 => "this is plain HTTP; is the path of the URL right?".into(),
            300..=399 => match self.header("location") {
                Some(location) => format!("the server redirects to {}; -L follows", Escaped(location)),
                None => "the redirect has no Location".into(),
            },
            400 | 426 if version.is_some_and(|version| version.trim() != "13") => {
                format!("the server supports version {} of the protocol, not 13", Escaped(version.unwrap_or_default()))
            }
            400 if !self.sent("sec-websocket-protocol") => {
                "some servers require a subprotocol: -s NAME requests one".into()
            }
            400 => "the server may want another subprotocol: -s NAME".into(),
            426 if version.is_some() => {
                "the server expects version 13 of the protocol, but the request has another Sec-WebSocket-Version"
                    .into()
            }
            401 if !self.sent("authorization") => "-u NAME:PASSWORD or --bearer TOKEN send credentials".into(),
            401 => "the server does not accept these credentials".into(),
            403 if !self.sent("origin") => "the server may want an Origin: --origin URL sends one".into(),
            403 => "the server may want another Origin, or credentials (-u, --bearer, -b)".into(),
            404 => "is the path of the URL right?".into(),
            426 => "the server expects another protocol than WebSocket version 13".into(),
            429 | 502 | 503 | 504 => "--retry N tries again".into(),
            _ => return None,
        })
    }
}
