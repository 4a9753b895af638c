//! The flags that say how the server is reached.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::usage_error::bare;
use crate::client::{CarriedSecrets, Config, ProxyConfig, RedirectPolicy, RequestConfig, RetryPolicy, TlsConfig};
use crate::http::Secrets;
use crate::net::target::host_and_port;
use crate::net::{ConnectTo, ConnectionSettings, Family, KnownAddress, Resolver};
use crate::stdio::secret::Secret;
use crate::values;

const ROUTE: &str = "Reaching the server";

#[derive(Debug, Args)]
pub(super) struct DialArgs {
    /// Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (everything that -v masks) are not
    /// sent to another scheme, host or port
    #[arg(short = 'L', long, help_heading = ROUTE)]
    location: bool,

    /// Like --location, but send credentials, cookies and tokens wherever the redirects lead
    #[arg(long, help_heading = ROUTE)]
    location_trusted: bool,

    /// Like --location, but also follow redirects from wss to ws
    #[arg(long, help_heading = ROUTE)]
    location_downgrade: bool,

    /// Maximum number of redirects to follow
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = values::number, help_heading = ROUTE)]
    max_redirs: u32,

    /// Use this address for HOST and PORT instead of asking the resolver; separate several with commas; * matches any host;
    /// repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS", value_parser = known_address, help_heading = ROUTE)]
    resolve: Vec<Vec<KnownAddress>>,

    /// Connect to HOST2 and PORT2 instead of HOST1 and PORT1; HOST:PORT alone replaces the URL's. An empty HOST1 or PORT1
    /// matches any, an empty HOST2 or PORT2 keeps the URL's. Repeatable; the first match wins
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2", value_parser = connect_to, help_heading = ROUTE)]
    connect_to: Vec<ConnectTo>,

    /// Use IPv4 only [default: both, as in RFC 8305]
    #[arg(short = '4', long, conflicts_with = "ipv6", help_heading = ROUTE)]
    ipv4: bool,

    /// Use IPv6 only
    #[arg(short = '6', long, help_heading = ROUTE)]
    ipv6: bool,

    /// Connect to this Unix domain socket
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = ROUTE)]
    pub(super) unix_socket: Option<PathBuf>,

    /// Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '' for none
    /// [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]
    #[arg(short = 'x', long, value_name = "URL", value_parser = proxy, help_heading = ROUTE)]
    pub(super) proxy: Option<String>,

    /// Credentials for the proxy, instead of those in its URL, or @FILE to read them from its first line; prompts if no
    /// password is given
    #[arg(short = 'U', long, value_name = "NAME[:PASSWORD]", help_heading = ROUTE)]
    pub(super) proxy_user: Option<Secret>,

    /// Use the credentials of -U or the proxy's URL for Digest authentication only; otherwise they are sent as Basic, and a
    /// Digest challenge is answered too
    #[arg(long, help_heading = ROUTE)]
    pub(super) proxy_digest: bool,

    /// Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]
    #[arg(long, value_name = "HOSTS", help_heading = ROUTE)]
    pub(super) noproxy: Option<String>,
}

impl DialArgs {
    /// A client that goes this way, once, and asks for nothing in particular.
    pub(super) fn config(self, tls: TlsConfig, connect_timeout: Duration, settings: ConnectionSettings) -> Config {
        Config {
            request: RequestConfig::default(),
            redirects: self.redirects(),
            retries: RetryPolicy { most: 0, delay: None, max_time: None },
            resolver: Resolver { family: self.family(), known: self.resolve.into_iter().flatten().collect() },
            connect_to: self.connect_to,
            unix_socket: self.unix_socket,
            proxy: ProxyConfig {
                url: self.proxy,
                user: self.proxy_user,
                digest_only: self.proxy_digest,
                exempt: self.noproxy,
            },
            tls,
            connect_timeout,
            verbose: false,
            secrets: Secrets::Masked,
            max_body: None,
            unchecked: false,
            carried: CarriedSecrets::Own,
            settings,
        }
    }

    fn redirects(&self) -> RedirectPolicy {
        let Self { location, location_trusted: trusted, location_downgrade: downgrade, .. } = *self;
        RedirectPolicy { follow: location || trusted || downgrade, most: self.max_redirs, trusted, downgrade }
    }

    fn family(&self) -> Family {
        match (self.ipv4, self.ipv6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            _ => Family::Any,
        }
    }
}

/// With wscat a message stands behind the letter.
fn proxy(text: &str) -> Result<String, String> {
    let is_message = text.starts_with(['{', '[']) && !text.contains("]:") || text.contains(char::is_whitespace);
    match is_message || text.starts_with("ws://") || text.starts_with("wss://") {
        true => Err("it names a proxy, as in curl; -d TEXT sends a message".into()),
        false => Ok(text.into()),
    }
}

/// `HOST1:PORT1:HOST2:PORT2`, or `HOST2:PORT2` for the URL that was given.
pub(super) fn connect_to(text: &str) -> Result<ConnectTo, String> {
    let wrong = || format!("\"{}\" is neither HOST1:PORT1:HOST2:PORT2 nor HOST:PORT", bare(text));
    let host = |host: &str| if host.is_empty() { Ok(None) } else { host_and_port(host).map(|(host, _)| Some(host)) };
    let port = |digits: &str| match digits {
        "" => Ok(None),
        digits => values::port(digits).map(Some).ok_or_else(wrong),
    };
    let (first, rest) = split_host(text).ok_or_else(wrong)?;
    let Some((first_port, there)) = rest.split_once(':') else {
        let new_port = values::port(rest).ok_or("the port is missing: use HOST:PORT")?;
        let new_host = host(first)?.ok_or_else(wrong)?;
        return Ok(ConnectTo {
            host: None,
            port: None,
            new_host: Some(new_host),
            new_port: Some(new_port),
            follows_redirects: false,
        });
    };
    let (second, second_port) = split_host(there).ok_or_else(wrong)?;
    Ok(ConnectTo {
        host: host(first)?,
        port: port(first_port)?,
        new_host: host(second)?,
        new_port: port(second_port)?,
        follows_redirects: true,
    })
}

/// `HOST:PORT:ADDRESS[,ADDRESS…]`, an IPv6 address with or without brackets. As with curl a `+` in front says that the address
/// may be forgotten after a while, which is all the same here.
fn known_address(text: &str) -> Result<Vec<KnownAddress>, String> {
    let wrong = || format!("\"{}\" is not HOST:PORT:ADDRESS", bare(text));
    if text.starts_with('-') {
        return Err(format!("\"{}\" forgets an address, and none is kept: leave it out", bare(text)));
    }
    let (host, rest) = split_host(text.strip_prefix('+').unwrap_or(text)).ok_or_else(wrong)?;
    let (port, addresses) = rest.split_once(':').ok_or_else(wrong)?;
    let port = values::port(port).ok_or_else(wrong)?;
    let host = match host {
        "*" => None,
        host if host.contains(['*', '+', ',', '/']) || host.is_empty() => return Err(wrong()),
        host => Some(host_and_port(host)?.0),
    };
    let address = |address: &str| address.trim().trim_matches(['[', ']']).parse::<IpAddr>().map_err(|_| wrong());
    let addresses = addresses.split(',').map(address).collect::<Result<Vec<_>, _>>()?;
    Ok(addresses.into_iter().map(|address| KnownAddress { host: host.clone(), port, address }).collect())
}

/// What stands before the first colon that isn't in brackets, and what behind it.
fn split_host(text: &str) -> Option<(&str, &str)> {
    let end = if text.starts_with('[') { text.find(']')? } else { 0 };
    let colon = end + text[end..].find(':')?;
    Some((&text[..colon], &text[colon + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_known_by_host_and_port() {
        let known = known_address("example.com:443:[::1]").unwrap().remove(0);
        assert_eq!((known.host.as_deref(), known.port, known.address.is_ipv6()), (Some("example.com"), 443, true));
        assert!(known_address("example.com:443:127.0.0.1").is_ok());
        // curl's forms.
        assert_eq!(known_address("*:1:127.0.0.1").unwrap()[0].host, None);
        assert_eq!(known_address("+a.test:1:127.0.0.1").unwrap()[0].host.as_deref(), Some("a.test"));
        assert_eq!(known_address("a.test:1:127.0.0.1,[::1]").unwrap().len(), 2);
        for text in
            ["", "a", "a:1", "a:b:127.0.0.1", "a:1:b", ":1:127.0.0.1", "*.a:1:127.0.0.1", "-a:1", "a:1:127.0.0.1,"]
        {
            assert!(known_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_proxy_is_no_message() {
        for text in ["", "proxy", "http://a:b@proxy:1/", "[::1]:3128", "socks5h://[::1]"] {
            assert!(proxy(text).is_ok(), "{text}");
        }
        for text in ["{\"op\":1}", "[1,2]", "hello there", "ws://localhost:8080/"] {
            assert!(proxy(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_parts_of_connect_to_may_be_empty() {
        let read = |text: &str| {
            let ConnectTo { host, port, new_host, new_port, follows_redirects } = connect_to(text).unwrap();
            (host.unwrap_or_default(), port, new_host.unwrap_or_default(), new_port, follows_redirects)
        };
        let is = |host: &str, port, new_host: &str, new_port, follows| {
            (host.to_owned(), port, new_host.to_owned(), new_port, follows)
        };
        for (text, parts) in [
            ("[::1]:8", is("", None, "::1", Some(8), false)),
            ("a:1:b:2", is("a", Some(1), "b", Some(2), true)),
            ("[::1]:1:[::2]:2", is("::1", Some(1), "::2", Some(2), true)),
            ("::b:2", is("", None, "b", Some(2), true)),
            ("a::b:", is("a", None, "b", None, true)),
            (":1::2", is("", Some(1), "", Some(2), true)),
            ("a:1::", is("a", Some(1), "", None, true)),
            (":::", is("", None, "", None, true)),
        ] {
            assert_eq!(read(text), parts, "{text}");
        }
        for text in ["localhost", "a:", ":1", "a:1:b", "a:x:b:2", "a:1:b:65536", "a:1:b:2:3", "[::1:1:b:2"] {
            assert!(connect_to(text).is_err(), "{text}");
        }
    }
}
