//! What to do about an error, and the names of the flags that messages speak of. No other place below `cli` names a flag;
//! `tests/layers.rs` looks, and a test of `cli` finds each of those named here among the flags that there are.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::error::{
    Authentication, Error, NotHttpCause, OriginChange, RedirectFault, RefusedHandshake, TlsCause, TlsGiven,
};
use crate::peer_text::Escaped;
use crate::ws::handshake::{Authority, HttpStatus, schemes, shown_url};

/// Flags, for messages that say which one they are about.
pub(crate) mod flag {
    pub(crate) const ALLOW_FAULTS: &str = "--no-check";
    pub(crate) const AUTH: &str = "--auth";
    pub(crate) const BEARER: &str = "--bearer";
    pub(crate) const CACERT: &str = "--cacert";
    pub(crate) const CLIENT_CA: &str = "--client-ca";
    pub(crate) const COOKIE: &str = "-b";
    pub(crate) const DATA: &str = "-d";
    pub(crate) const EXPECT: &str = "--expect";
    pub(crate) const FROM_CURL: &str = "--from-curl";
    pub(crate) const HEADER: &str = "-H";
    pub(crate) const HOST: &str = "--host";
    pub(crate) const MAX_TIME: &str = "--max-time";
    pub(crate) const ORIGIN: &str = "--origin";
    pub(crate) const REJECT: &str = "--reject";
    pub(crate) const SUBPROTOCOL: &str = "-s";
    pub(crate) const SERVER_NAME: &str = "--sni";
    pub(crate) const TLS_MAX: &str = "--tls-max";
    pub(crate) const TLS_MIN: &str = "--tls-min";
    pub(crate) const UNTIL: &str = "--until";
    pub(crate) const USER: &str = "-u";
    pub(crate) const USER_AGENT: &str = "-A";
}

/// What is secret of a flag's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretPart {
    All,
    /// What is behind `NAME:`.
    Password,
    /// The value of a header with a secret name.
    Header,
    /// What is secret in a URL.
    Url,
}

/// The flags whose values are secrets, or may hold some.
pub(crate) const SECRET_FLAGS: [(&str, SecretPart); 14] = [
    ("-u", SecretPart::Password),
    ("--user", SecretPart::Password),
    ("--bearer", SecretPart::All),
    ("--oauth2-bearer", SecretPart::All),
    ("--auth", SecretPart::Password),
    ("-H", SecretPart::Header),
    ("--header", SecretPart::Header),
    ("-b", SecretPart::All),
    ("--cookie", SecretPart::All),
    ("-x", SecretPart::Url),
    ("--proxy", SecretPart::Url),
    ("-U", SecretPart::Password),
    ("--proxy-user", SecretPart::Password),
    ("--from-curl", SecretPart::All),
];

/// What stands in the place of a secret.
pub(crate) const MASKED: &str = "(masked; --show-secrets shows it)";

/// Where the HTML is that a refusal was read from.
pub(crate) const SOURCE_OF_A_PAGE: &str = "the text of an HTML page; -v shows its source";

/// How more of a refusal's body is shown.
pub(crate) const MORE_OF_A_BODY: &str = "--max-body SIZE shows more";

/// How control frames get into a HAR.
pub(crate) const HAR_CONTROL: &str = "--har-control writes them, for tools that take them";

/// How frames get into a recording.
pub(crate) const NO_FRAMES_RECORDED: &str = "there are no frames in it: --record-frames records them";

/// How a quiet peer is waited for.
pub(crate) const MORE_TIME: &str = "--linger waits longer";

/// What is asked for where a user is given alone, and how it is given too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Password {
    pub(crate) name: &'static str,
    pub(crate) otherwise: &'static str,
}

pub(crate) const PASSWORD: Password =
    Password { name: "the password of -u", otherwise: "use -u NAME:PASSWORD or -u @FILE" };
pub(crate) const PROXY_PASSWORD: Password =
    Password { name: "the password of -U", otherwise: "use -U NAME:PASSWORD or -U @FILE" };

/// A file that can't be a text message.
pub(crate) fn binary_file(what: String) -> Error {
    Error::Usage { what, hint: Some("--binary sends it as a binary message".into()) }
}

/// A recording from which one connection is to be chosen.
pub(crate) fn several_connections(path: &Path, connections: &[impl fmt::Display]) -> Error {
    const LISTED: usize = 10;
    let listed = connections.iter().take(LISTED).enumerate();
    let mut listed: Vec<_> = listed.map(|(at, connection)| format!("{} is {connection}", at + 1)).collect();
    listed.extend((connections.len() > LISTED).then(|| "…".to_owned()));
    Error::Usage {
        what: format!("{} holds {} connections: {}", path.display(), connections.len(), listed.join("; ")),
        hint: Some(format!("--connection 1 to {} chooses one", connections.len())),
    }
}

/// A recording that doesn't say where it was made.
pub(crate) fn recording_without_url() -> Error {
    Error::Usage {
        what: "the recording doesn't say to which server".into(),
        hint: Some("give its URL: wscli replay FILE URL".into()),
    }
}

/// A recording whose URL has a secret that isn't there.
pub(crate) fn recording_with_masked_url(url: &str) -> Error {
    Error::Usage {
        what: format!("the URL of the recording has masked secrets in it: {}", Escaped(url)),
        hint: Some("give the whole URL: wscli replay FILE URL; --record-secrets records it".into()),
    }
}

/// Headers of a recording that can't be sent again, or mustn't.
pub(crate) fn recorded_headers_not_sent(names: &str, why: &str) -> String {
    format!("not sent, since {why}: {}; -H 'Name: value' sends them", Escaped(names))
}

/// Frames of a recording that aren't sent as they are.
pub(crate) fn frames_left_out(frames: impl fmt::Display) -> String {
    format!("not sent: {frames} that the protocol forbids; --exact sends such frames")
}

/// A subprotocol that is none.
pub(crate) fn subprotocol(name: &str) -> Error {
    Error::Usage {
        what: format!("{name:?} is not a subprotocol: it must be a token (RFC 6455 §4.1)"),
        hint: Some(match name.contains(',') {
            true => "-s A -s B requests several".into(),
            false => "-H 'Sec-WebSocket-Protocol: …' sends anything".into(),
        }),
    }
}

/// A header that -H has and another flag too.
pub(crate) fn header_given_twice(name: &str, flag: &str) -> Error {
    Error::Usage {
        what: format!("both {} and {flag} give the {name} header", flag::HEADER),
        hint: Some(format!("leave out {flag} to send the header of {} alone", flag::HEADER)),
    }
}

/// There is nothing to answer a challenge with.
pub(crate) fn digest_without_credentials() -> Error {
    Error::Usage {
        what: "--digest has no credentials to use".into(),
        hint: Some("-u NAME:PASSWORD gives them, or the URL: ws://NAME:PASSWORD@HOST/".into()),
    }
}

/// The same of a proxy's.
pub(crate) fn proxy_digest_without_credentials() -> Error {
    Error::Usage {
        what: "--proxy-digest has no credentials to use".into(),
        hint: Some("-U NAME:PASSWORD gives them, or the proxy's URL: http://NAME:PASSWORD@HOST:PORT".into()),
    }
}

/// Challenges are HTTP's.
pub(crate) fn digest_through_socks() -> Error {
    Error::Usage {
        what: "--proxy-digest needs an HTTP proxy: SOCKS 5 sends passwords as they are (RFC 1929)".into(),
        hint: Some("leave out --proxy-digest, or use an http:// or https:// proxy".into()),
    }
}

/// A certificate is given, and its key neither in the same file nor in one of its own.
pub(crate) fn no_key(cert: &Path) -> Error {
    Error::Usage {
        what: format!("{} has a certificate and no private key", cert.display()),
        hint: Some("--key FILE names the file of the key".into()),
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

/// What sends secrets to the origin of another URL at the prompt.
pub(crate) const KEEP_CREDENTIALS: &str = "/connect --keep-credentials URL";

/// Why another server than the first is asked without them.
pub(crate) const SECRETS_STAY: &str = "credentials, cookies and tokens are not sent there: they were given for another origin; \
                                       /connect --keep-credentials URL sends them";

/// What is told before faults in spite of which a connection goes on.
pub(crate) const IGNORED: &str = "ignored (--no-check)";

/// What is wrong with `-d @-` and another.
pub(crate) const STDIN_TWICE: &str = "-d @- was given twice, and stdin can be read only once";

/// Why a run has failed whose stdin waited for a message in vain.
pub(crate) fn stdin_not_sent(awaited: &impl fmt::Display) -> String {
    format!("stdin was not sent: no message matched --send-after {awaited}")
}

/// What to do about a peer that doesn't answer Pings.
pub(crate) const NO_PINGS: &str = "--ping-interval 0 sends no Pings";

/// What tries again where nothing has been open yet.
const FIRST_CONNECTION: &str =
    "--retry N tries again to open the first connection; --reconnect only follows a lost one";

/// What ended a run whose time was limited.
pub(crate) fn stopped_by_max_time(time: Duration) -> String {
    format!("stopped by --max-time {time:?}")
}

/// Why no other retry follows.
pub(crate) fn no_time_for_a_retry(is_own_limit: bool) -> String {
    let limit = if is_own_limit { "--retry-max-time" } else { "--max-time" };
    format!("no further retry: it would begin after {limit} is over")
}

/// What is wrong with the text of an event as a message that is sent first.
pub(crate) const EVENTS_COME_FROM_STDIN: &str = "--in json reads events from stdin alone, and this would be sent as a text message; \
                                                 write it to stdin, as an event of type \"text\" where it is one";

/// What is told of an event of `--send-after` that came after all.
pub(crate) fn stdin_too_late(awaited: &impl fmt::Display) -> String {
    format!(
        "stdin was not sent: the message that matched --send-after {awaited} came too late, when the run was ending"
    )
}

/// Why a run ends that had nothing to send.
pub(crate) const EMPTY_STDIN: &str = "stdin was empty: -n stays connected without it";

/// Why a run ends that nothing has come of.
pub(crate) fn received_nothing(time: Duration, not_even_a_pong: bool) -> String {
    let pong = if not_even_a_pong { ", not even a Pong," } else { "" };
    format!("received nothing{pong} within {time:?} after the last message was sent: {MORE_TIME}")
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
            Self::Tls { cause, given, .. } => about_tls(*cause, *given),
            Self::NotHttp { cause, .. } => about_other_protocol(*cause).map(str::to_owned),
            Self::Connect { tried } if tried.iter().any(|(_, why)| why.kind() == io::ErrorKind::ConnectionRefused) => {
                Some("nothing is listening there; is the server running, and is the port right?".into())
            }
            Self::Connect { tried } if tried.iter().any(|(address, _)| lacks_zone(address)) => {
                Some("a link-local address needs the network interface that it is on: ws://[fe80::1%25eth0]/".into())
            }
            Self::Listen { why, .. } if why.kind() == io::ErrorKind::AddrInUse => {
                Some("another process is listening there; port 0 picks a free one".into())
            }
            // What is said to a refusal that may pass is to try again.
            Self::NotOpenedYet(why) => match why.hint().filter(|_| why.answer().is_none()) {
                Some(hint) => Some(format!("{hint} {FIRST_CONNECTION}")),
                None => Some(FIRST_CONNECTION.into()),
            },
            Self::Refused(refusal) => refusal.advice(),
            Self::TooManyRedirects { .. } => Some("--max-redirs N follows more".into()),
            Self::Redirect { why: RedirectFault::Downgrade, .. } => Some("--location-downgrade follows it".into()),
            Self::ProxyRefused { answer, authentication, .. }
                if answer.response.status == HttpStatus::PROXY_AUTHENTICATION_REQUIRED =>
            {
                let headers: Vec<_> = answer.response.headers.all_shown("proxy-authenticate").collect();
                Some(PROXY.about(&schemes(&headers), *authentication))
            }
            Self::ProxyNotReached { .. } | Self::ProxyRefused { .. } => {
                Some("--noproxy HOST bypasses the proxy".into())
            }
            _ => None,
        }
    }
}

/// RFC 4007 §6: such an address is one of many without its zone.
fn lacks_zone(address: &SocketAddr) -> bool {
    matches!(address, SocketAddr::V6(address) if address.ip().is_unicast_link_local() && address.scope_id() == 0)
}

/// How a server is reached that answered in no HTTP/1.
fn about_other_protocol(cause: NotHttpCause) -> Option<&'static str> {
    match cause {
        NotHttpCause::Other => None,
        NotHttpCause::Silence { subprotocols: true, .. } => Some("are the path of the URL and the subprotocol right?"),
        NotHttpCause::Silence { secure: true, .. } => Some("is the path of the URL right?"),
        NotHttpCause::Silence { secure: false, .. } => {
            Some("does it speak TLS on this port? That is wss://; else, is the path of the URL right?")
        }
        NotHttpCause::Tls => Some("a server that speaks TLS needs wss:// instead of ws://"),
        NotHttpCause::OtherProtocol => Some("is the port right? What answers there is not HTTP"),
        NotHttpCause::Http2 { chosen: true } => Some(
            "the server chose HTTP/2 (ALPN h2), and wscli opens WebSockets over HTTP/1.1 only: --alpn http/1.1, the \
             default, offers nothing else",
        ),
        NotHttpCause::Http2 { chosen: false } => Some(
            "wscli opens WebSockets over HTTP/1.1 only (RFC 6455 §4.1), and this port expects HTTP/2; is there another?",
        ),
    }
}

/// Where secrets stay that were meant for another origin, and what sends them all the same.
fn behind(change: OriginChange) -> (&'static str, &'static str) {
    match change {
        OriginChange::Redirect => ("the origin that redirected here", "--location-trusted"),
        OriginChange::Connect => ("the origin they were given for", KEEP_CREDENTIALS),
    }
}

/// What gets past a failure of TLS that hasn't been tried.
fn about_tls(cause: TlsCause, given: TlsGiven) -> Option<String> {
    let trusting = |roots: &str| match (given.insecure, given.roots) {
        (true, _) => None,
        (false, true) => Some("-k accepts any certificate".to_owned()),
        (false, false) => Some(format!("{roots}, -k accepts any certificate")),
    };
    let fixed = |advice: &str| Some(advice.to_owned());
    match cause {
        TlsCause::Other => None,
        TlsCause::BadCertificate => trusting("").map(|_| "-k connects anyway".to_owned()),
        TlsCause::OtherName if given.server_name => fixed("-k connects anyway"),
        TlsCause::OtherName => fixed("--sni NAME verifies another name, -k connects anyway"),
        TlsCause::SelfSigned => trusting("--cacert FILE trusts it"),
        TlsCause::UnknownIssuer => trusting("--cacert FILE trusts the issuer"),
        TlsCause::IncompleteChain => trusting("--cacert FILE trusts the issuer")
            .map(|way| format!("{way}; a server should send its whole chain")),
        TlsCause::OtherProtocol => fixed("is the port right? What answers there is neither TLS nor HTTP"),
        TlsCause::NotTls => fixed("plain WebSocket is ws:// instead of wss://"),
        TlsCause::ClientCertificateMissing | TlsCause::ClientCertificateRefused if given.withheld.is_some() => {
            let (origin, flag) = behind(given.withheld?);
            Some(format!("the client certificate stayed behind with {origin}; {flag} sends it too"))
        }
        TlsCause::ClientCertificateMissing if !given.identity => {
            fixed("--cert FILE --key FILE send a client certificate")
        }
        TlsCause::ClientCertificateMissing | TlsCause::ClientCertificateRefused => {
            fixed("the server may want a client certificate of another issuer: --cert FILE --key FILE")
        }
        TlsCause::Version if given.versions => fixed("--tls-min and --tls-max say which versions are offered"),
        TlsCause::Version => fixed("TLS 1.2 and 1.3 were offered, all that wscli speaks; the server needs an update"),
        TlsCause::NothingInCommon if given.versions => {
            fixed("--tls-min and --tls-max say which versions are offered; no cipher suite without ECDHE and AEAD is")
        }
        TlsCause::NothingInCommon if !given.insecure => fixed(
            "the server's key may be of a kind that can't be checked (P-521, Ed448, RSASSA-PSS): -k offers those too; no cipher \
             suite without ECDHE and AEAD is offered",
        ),
        TlsCause::NothingInCommon => {
            fixed("no cipher suite without ECDHE and AEAD is offered; the server has to allow one that has them")
        }
        TlsCause::ApplicationProtocol => fixed(
            "the server may speak HTTP/2 only, over which wscli opens no WebSockets; --alpn '' offers no protocol at all",
        ),
        TlsCause::ServerName => fixed("--sni NAME asks for another"),
    }
}

/// Who asks for credentials (RFC 9110 §11.6.1, §11.7.1), and what gives them.
struct Challenger {
    name: &'static str,
    user: &'static str,
    digest: &'static str,
    /// What sends a token, where one can be sent.
    token: Option<&'static str>,
    /// What sends anything else.
    other: Option<&'static str>,
}

const SERVER: Challenger = Challenger {
    name: "server",
    user: "-u",
    digest: "--digest",
    token: Some("--bearer TOKEN"),
    other: Some("-H 'Authorization: …' sends any header"),
};

const PROXY: Challenger = Challenger { name: "proxy", user: "-U", digest: "--proxy-digest", token: None, other: None };

impl Challenger {
    /// What hasn't been tried yet of the schemes that are asked for.
    fn about(&self, schemes: &[String], got: Authentication) -> String {
        let Self { name, user, digest, token, other } = self;
        let takes = |scheme: &str| schemes.iter().any(|named| named.eq_ignore_ascii_case(scheme));
        let token = token.filter(|_| schemes.is_empty() || takes("bearer"));
        let takes_password = schemes.is_empty() || takes("basic") || takes("digest");
        match got {
            _ if token.is_none() && !takes_password => {
                let other = other.map(|other| format!("; {other}")).unwrap_or_default();
                let schemes = schemes.join(", ");
                format!("the {name} wants {} authentication, which wscli does not speak{other}", Escaped(&schemes))
            }
            Authentication::Sent => format!("the {name} does not accept these credentials"),
            Authentication::DigestOnly if takes("digest") => format!(
                "the {name}'s Digest challenge can't be answered: it lacks a realm or a nonce, or names another algorithm \
                 than MD5, SHA-256 and SHA-512-256"
            ),
            Authentication::DigestOnly if takes("basic") => {
                format!("the {name} takes Basic credentials and no Digest; {user} without {digest} sends them")
            }
            _ => match (takes_password, token) {
                (true, None) => format!("{user} NAME:PASSWORD sends credentials to the {name}"),
                (true, Some(token)) => format!("{user} NAME:PASSWORD or {token} send credentials"),
                (false, token) => format!("{} sends a token", token.unwrap_or_default()),
            },
        }
    }
}

impl RefusedHandshake {
    fn advice(&self) -> Option<String> {
        self.said().or_else(|| self.by_status())
    }

    /// What the answer itself says is wrong, in the words of servers that are met often.
    fn said(&self) -> Option<String> {
        let fixed = |advice: &str| Some(advice.to_owned());
        let status = self.status();
        if status == HttpStatus::SWITCHING_PROTOCOLS || status.is_redirection() {
            return None;
        }
        if !self.secure && self.says(PLAIN_TO_TLS) {
            return fixed("the port speaks TLS: wss:// instead of ws://");
        }
        if let Some((_, advice)) = SAID.iter().find(|(phrases, _)| self.says(phrases)) {
            return fixed(advice);
        }
        match status {
            HttpStatus::BAD_REQUEST if self.says(&["unsupported protocol version"]) => {
                fixed(if self.asked_with("EIO=4") { OLDER_SOCKET_IO } else { SOCKET_IO })
            }
            HttpStatus::BAD_REQUEST if self.says(&["permessage-deflate"]) && self.sent("sec-websocket-extensions") => {
                fixed("the server does not like the offer of compression: --no-compress makes none")
            }
            HttpStatus::BAD_REQUEST | HttpStatus::FORBIDDEN if self.speaks_of_origins() => match self.sent("origin") {
                true => fixed("the server does not allow this Origin: --origin URL sends another"),
                false => fixed("the server wants an Origin: --origin URL sends one"),
            },
            HttpStatus::BAD_REQUEST | HttpStatus::FORBIDDEN if self.asks_who() && self.withheld.is_none() => {
                Some(self.about_credentials())
            }
            // RFC 6455 §4.4 has the version of a server that lacks ours in a 426; gorilla sends its own with every refusal.
            HttpStatus::BAD_REQUEST | HttpStatus::UPGRADE_REQUIRED
                if !self.sent_another_version() && self.lost_upgrade() =>
            {
                fixed("a proxy in between may not pass on Upgrade and Connection, which the server says it did not get")
            }
            _ => None,
        }
    }

    /// Whether the server expects what was sent: somebody on the way has left it out.
    fn lost_upgrade(&self) -> bool {
        let version = self.header("sec-websocket-version").map(str::trim);
        let supports_ours = version.is_none_or(|version| version == "13");
        let is_upgrade_required = self.status() == HttpStatus::UPGRADE_REQUIRED && self.says(&["upgrade required"]);
        self.other_upgrade().is_none()
            && supports_ours
            && (version.is_some() || is_upgrade_required || self.says(LOST_UPGRADE))
    }

    /// What it wants to be upgraded to (RFC 9110 §15.5.22), where that isn't what was asked for.
    fn other_upgrade(&self) -> Option<&str> {
        self.header("upgrade").filter(|upgrade| !upgrade.to_ascii_lowercase().contains("websocket"))
    }

    fn sent_another_version(&self) -> bool {
        self.other_version
    }

    fn by_status(&self) -> Option<String> {
        let version = self.header("sec-websocket-version");
        Some(match self.status() {
            HttpStatus::SWITCHING_PROTOCOLS if self.is_about_compression() && self.sent("sec-websocket-extensions") => {
                "--no-check takes it as it is most likely meant, --no-compress offers no compression".into()
            }
            HttpStatus::SWITCHING_PROTOCOLS => "--no-check accepts it anyway".into(),
            status if status.is_success() => "this is plain HTTP; is the path of the URL right?".into(),
            status if status.is_redirection() => match self.location() {
                Some(location) if leads_to_login(&location) => format!(
                    "the server redirects to a login, {}; it may want a cookie (-b) or credentials (-u, --bearer)",
                    Escaped(&shown_url(&location, false))
                ),
                Some(location) => {
                    format!("the server redirects to {}; -L follows", Escaped(&shown_url(&location, false)))
                }
                None => "the redirect has no Location".into(),
            },
            HttpStatus::UPGRADE_REQUIRED if self.other_upgrade().is_some() => {
                let protocol = self.other_upgrade().unwrap_or_default();
                format!("the server expects an upgrade to {}, not to WebSocket", Escaped(protocol))
            }
            HttpStatus::BAD_REQUEST | HttpStatus::UPGRADE_REQUIRED
                if version.is_some_and(|version| version.trim() != "13") =>
            {
                format!("the server supports version {} of the protocol, not 13", Escaped(version.unwrap_or_default()))
            }
            HttpStatus::UPGRADE_REQUIRED if version.is_some() => {
                "the server expects version 13 of the protocol, but the request has another Sec-WebSocket-Version"
                    .into()
            }
            status if status.0 >= 400 && self.says(&["server accepts ["]) => self.about_accepted_subprotocols(),
            HttpStatus::BAD_REQUEST if self.is_about_subprotocols() => match self.sent("sec-websocket-protocol") {
                false => "the server requires a subprotocol: -s NAME requests one".into(),
                true => "the server wants another subprotocol: -s NAME".into(),
            },
            HttpStatus::BAD_REQUEST if self.asked_with_a_faulty_header() => return None,
            HttpStatus::BAD_REQUEST => self.about_bad_request(),
            HttpStatus::PROXY_AUTHENTICATION_REQUIRED => {
                "the server answers as a proxy does; if it is one, -x URL and -U NAME:PASSWORD lead through it".into()
            }
            HttpStatus(421) => "the server does not serve this host here: --host NAME sends another Host".into(),
            HttpStatus::REQUEST_HEADER_FIELDS_TOO_LARGE => TOO_LARGE.into(),
            HttpStatus::UNAUTHORIZED | HttpStatus::FORBIDDEN if self.withheld.is_some() => {
                let (origin, flag) = behind(self.withheld?);
                format!("credentials, cookies and tokens stayed behind with {origin}; {flag} sends them too")
            }
            HttpStatus::UNAUTHORIZED => self.about_credentials(),
            HttpStatus::FORBIDDEN => self.about_permission(),
            HttpStatus::NOT_FOUND | HttpStatus::METHOD_NOT_ALLOWED | HttpStatus::GONE | HttpStatus::NOT_IMPLEMENTED => {
                "is the path of the URL right?".into()
            }
            HttpStatus::UPGRADE_REQUIRED => "the server expects another protocol than WebSocket version 13".into(),
            status if status.may_pass() => "--retry N tries again".into(),
            _ => return None,
        })
    }

    /// What the server wants to know of whoever asks.
    fn about_credentials(&self) -> String {
        SERVER.about(&schemes(&self.challenges()), self.authentication())
    }

    /// Whether the server names a header of the opening handshake that is wrong: no other path or Origin mends that.
    fn asked_with_a_faulty_header(&self) -> bool {
        let problem = self.answer.problem().unwrap_or_default().to_ascii_lowercase();
        ["sec-websocket-key", "sec-websocket-version", "nonce"].iter().any(|name| problem.contains(name))
    }

    fn is_about_subprotocols(&self) -> bool {
        self.header("sec-websocket-protocol").is_some()
            || self.says(&["subprotocol", "sub-protocol", "sec-websocket-protocol"])
    }

    /// Kubernetes lists those that it accepts.
    fn about_accepted_subprotocols(&self) -> String {
        let problem = self.answer.problem().unwrap_or_default();
        let listed = problem.split_once("server accepts [").map(|(_, list)| list.split([']', ' ', ',']).next());
        match listed.flatten().filter(|name| !name.is_empty()) {
            Some(name) => format!("the server requires a subprotocol: -s {} requests one", Escaped(name)),
            None => "the server requires a subprotocol: -s NAME requests one".into(),
        }
    }

    /// What servers miss in a request, as far as it wasn't sent: all that can be said where they don't say it.
    fn about_bad_request(&self) -> String {
        let unsent = [("origin", "an Origin (--origin URL)"), ("sec-websocket-protocol", "a subprotocol (-s NAME)")];
        let unsent = unsent.into_iter().filter(|(name, _)| !self.sent(name)).map(|(_, words)| words);
        let missing: Vec<_> = ["another path or query"].into_iter().chain(unsent).collect();
        let missing = missing.join(" or ");
        match (self.answer.content.bytes.is_empty(), self.answer.problem()) {
            (true, _) => format!("the server does not say what is wrong with the request; it may want {missing}"),
            (false, None) => format!("its answer may say why, below; it may want {missing}"),
            (false, Some(_)) => format!("the server may want {missing}"),
        }
    }

    /// What may be missing, as far as it wasn't sent.
    fn about_permission(&self) -> String {
        let authorized = self.sent("authorization") || self.sent("cookie");
        match (authorized, self.sent("origin")) {
            (false, false) => {
                "the server may want credentials (-u, --bearer, -b), an Origin (--origin URL), or another path".into()
            }
            (false, true) => {
                "the server may want credentials (-u, --bearer, -b), another Origin, or another path".into()
            }
            (true, false) => "the server may want an Origin: --origin URL sends one; or other credentials".into(),
            (true, true) => "the server may want another Origin, other credentials, or another path".into(),
        }
    }
}

/// Whether whoever follows a redirect is asked to log in.
fn leads_to_login(location: &str) -> bool {
    let path = location.split('?').next().unwrap_or_default().to_ascii_lowercase();
    ["login", "log-in", "signin", "sign-in", "sign_in", "oauth", "/auth", "//auth.", "//sso.", "/sso", "saml"]
        .iter()
        .any(|words| path.contains(words))
}

/// What servers of TLS answer to plain HTTP, in lower case: nginx, Apache, Go's net/http, Tomcat, IIS.
const PLAIN_TO_TLS: &[&str] = &[
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
const LOST_UPGRADE: &[&str] = &[
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

const SOCKET_IO: &str = "Socket.IO wants a query: add ?EIO=4&transport=websocket to the URL";
const OLDER_SOCKET_IO: &str = "this Socket.IO is of version 2 or older: EIO=3 instead of EIO=4";
const TOO_LARGE: &str = "the request is too large for the server: send fewer or shorter cookies (-b) and headers (-H)";

/// What servers that are met often say, in lower case, and what to do about it. What is said first here counts.
const SAID: &[(&[&str], &str)] = &[
    (
        &["no required ssl certificate", "client certificate required", "client certificate is required"],
        "the server demands a client certificate: --cert FILE --key FILE send one",
    ),
    (&["transport unknown"], SOCKET_IO),
    (&["welcome to sockjs!"], "SockJS has its WebSocket below this path: add /websocket to it"),
    (
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
        ],
        "the server does not accept this Host: --host NAME sends another",
    ),
    (&["header or cookie too large", "request header fields too large"], TOO_LARGE),
];
