//! What servers that are met often say when they refuse, in lower case.

use crate::error::{Remedy, Wording, sentence};

/// What servers of TLS answer to plain HTTP, in lower case: nginx, Apache, Go's net/http, Tomcat, IIS.
pub(super) const PLAIN_TO_TLS: &[&str] = &[
    "the plain http request was sent to https port",
    "you're speaking plain http to an ssl-enabled server port",
    "client sent an http request to an https server",
    "instead use the https scheme",
    "combination of host and port requires tls",
    "running in ssl mode. try the url",
    "secured with secure sockets layer",
    "must be accessed over https",
    "must be viewed over a secure channel",
    "https is required",
    "https required",
    "ssl is required",
    "ssl required",
    "this port requires tls",
];

/// What servers say that got no upgrade, in lower case: gorilla, Python's websockets, Tornado and aiohttp, Spring, Jetty,
/// Kestrel, Cloudflare's workers, Deno, Kubernetes, Ratchet.
pub(super) const LOST_UPGRADE: &[&str] = &[
    "not a websocket handshake",
    "not a websocket upgrade",
    "not a websocket request",
    "'upgrade' token not found",
    "no upgrade",
    "no websocket upgrade",
    "missing connection header",
    "missing upgrade header",
    "invalid connection header",
    "invalid upgrade header",
    "can \"upgrade\" only to \"websocket\"",
    "\"connection\" must be \"upgrade\"",
    "expected a websocket",
    "expected websocket",
    "expected upgrade",
    "websocket request expected",
    "websocket upgrade required",
    "websocket upgrade expected",
    "trying to upgrade to websocket",
    "upgrade request required",
    "upgrade to websocket required",
    "upgrade header must",
    "connection header must",
];

/// What servers say that don't like the offer of compression.
pub(super) const EXTENSION: &[&str] =
    &["permessage-deflate", "invalid extension", "unsupported extension", "sec-websocket-extensions"];

pub(super) fn socket_io() -> Wording {
    "Socket.IO wants a query: add ?EIO=4&transport=websocket to the URL".into()
}

pub(super) fn older_socket_io() -> Wording {
    "this is Socket.IO version 2 or older: EIO=3 instead of EIO=4".into()
}

pub(super) fn too_large() -> Wording {
    let (cookies, headers) = (Remedy::Cookie.named(), Remedy::Header.named());
    let fewer = "the request is too large for the server: send fewer or shorter cookies (";
    sentence![fewer, cookies, ") and headers (", headers, ")"]
}

/// Something that servers say, and what to do about it.
pub(super) struct SaidOften {
    /// In lower case.
    pub(super) phrases: &'static [&'static str],
    pub(super) advice: fn() -> Wording,
    /// A request that has this has done it already.
    pub(super) unless_asked_with: Option<&'static str>,
}

const fn said(phrases: &'static [&'static str], advice: fn() -> Wording) -> SaidOften {
    SaidOften { phrases, advice, unless_asked_with: None }
}

/// How servers say that they demand a client certificate.
pub(super) const CERTIFICATE: &[&str] =
    &["no required ssl certificate", "client certificate required", "client certificate is required"];

/// What is said first here counts.
pub(super) const SAID: &[SaidOften] = &[
    SaidOften { unless_asked_with: Some("transport=websocket"), ..said(&["transport unknown"], socket_io) },
    said(&["session id unknown"], || {
        "the sid in the URL belongs to an expired session: without it a new one begins".into()
    }),
    said(&["no connection with that id", "connection id required"], || {
        "SignalR wants the id that a POST to this path with /negotiate returns: add ?id=ID to the URL".into()
    }),
    SaidOften {
        unless_asked_with: Some("/websocket"),
        ..said(&["welcome to sockjs!"], || "SockJS has its WebSocket below this path: add /websocket to it".into())
    },
    said(
        &[
            "invalid host header",
            "invalid hostname",
            "invalid http_host",
            "disallowedhost",
            "blocked request. this host",
            "blocked host",
            "host is not allowed",
            "host not allowed",
            "host header is not allowed",
            "unrecognized host",
            "invalid sni",
            // Chrome's DevTools.
            "host header is specified and is not an ip address or localhost",
        ],
        || sentence!["the server does not accept this Host: ", Remedy::Host.given(), " sends another"],
    ),
    said(&["missing authentication token"], || {
        "API Gateway says that of a path or stage that it does not have: is the path of the URL right?".into()
    }),
    said(&["header or cookie too large", "request header fields too large"], too_large),
];
