//! The flags that say how the server is reached.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::client::RedirectPolicy;
use crate::net::target::host_and_port;
use crate::net::{Family, KnownAddress};

const ROUTE: &str = "Reaching the server";

#[derive(Debug, Args)]
pub(super) struct DialArgs {
    /// Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (all that -v masks) are not sent
    /// to another scheme, host or port
    #[arg(short = 'L', long, help_heading = ROUTE)]
    location: bool,

    /// Like --location, and send credentials, cookies and tokens wherever the redirects lead
    #[arg(long, help_heading = ROUTE)]
    location_trusted: bool,

    /// Like --location, and also follow redirects from wss to ws
    #[arg(long, help_heading = ROUTE)]
    location_downgrade: bool,

    /// Maximum number of redirects to follow
    #[arg(long, value_name = "N", default_value_t = 50, help_heading = ROUTE)]
    max_redirs: u32,

    /// Use this address for HOST and PORT instead of asking the resolver; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS", value_parser = known_address, help_heading = ROUTE)]
    pub(super) resolve: Vec<KnownAddress>,

    /// Connect to this host and port instead of the URL's
    #[arg(long, value_name = "HOST:PORT", value_parser = place, help_heading = ROUTE)]
    pub(super) connect_to: Option<(String, u16)>,

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
    #[arg(short = 'x', long, value_name = "URL", help_heading = ROUTE)]
    pub(super) proxy: Option<String>,

    /// Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]
    #[arg(long, value_name = "HOSTS", help_heading = ROUTE)]
    pub(super) noproxy: Option<String>,
}

impl DialArgs {
    pub(super) fn redirects(&self) -> RedirectPolicy {
        let Self { location, location_trusted: trusted, location_downgrade: downgrade, .. } = *self;
        RedirectPolicy { follow: location || trusted || downgrade, most: self.max_redirs, trusted, downgrade }
    }

    pub(super) fn family(&self) -> Family {
        match (self.ipv4, self.ipv6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            _ => Family::Any,
        }
    }
}

/// `HOST:PORT`.
fn place(text: &str) -> Result<(String, u16), String> {
    match host_and_port(text)? {
        (host, Some(port)) => Ok((host, port)),
        (_, None) => Err("the port is missing: use HOST:PORT".into()),
    }
}

/// `HOST:PORT:ADDRESS`, an IPv6 address with or without brackets.
fn known_address(text: &str) -> Result<KnownAddress, String> {
    let wrong = || format!("{text:?} is not HOST:PORT:ADDRESS");
    let (host, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (port, address) = rest.split_once(':').ok_or_else(wrong)?;
    let address: IpAddr = address.trim_matches(['[', ']']).parse().map_err(|_| wrong())?;
    Ok(KnownAddress { host: host.to_owned(), port: port.parse().map_err(|_| wrong())?, address })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_known_by_host_and_port() {
        let known = known_address("example.com:443:[::1]").unwrap();
        assert_eq!((known.host.as_str(), known.port, known.address.is_ipv6()), ("example.com", 443, true));
        assert!(known_address("example.com:443:127.0.0.1").is_ok());
        for text in ["", "a", "a:1", "a:b:127.0.0.1", "a:1:b"] {
            assert!(known_address(text).is_err(), "{text}");
        }
        assert_eq!(place("[::1]:8"), Ok(("::1".into(), 8)));
        assert!(place("localhost").is_err());
    }
}
