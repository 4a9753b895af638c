//! The ports that tunnels may lead to (RFC 9110 §9.3.6): whoever may ask for any could send mail in the proxy's name.

use super::ServerPlace;
use crate::advice;
use crate::server::web_access::is_loopback;
use crate::ws::handshake::Refusal;

/// Ports for tunnels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectPorts {
    Listed(Vec<u16>),
    All,
}

impl Default for ConnectPorts {
    /// Those of HTTP and HTTPS.
    fn default() -> Self {
        Self::Listed(vec![80, 443])
    }
}

impl ConnectPorts {
    /// `is_local` is a client on this machine, which reaches its loopback addresses without us.
    ///
    /// # Errors
    /// 403 for one that isn't among them.
    pub(super) fn judge(&self, place: &ServerPlace, is_local: bool) -> Result<(), Refusal> {
        match self {
            Self::All => Ok(()),
            Self::Listed(ports) if ports.contains(&place.port) => Ok(()),
            Self::Listed(_) if is_local && is_loopback(&place.host) => Ok(()),
            Self::Listed(ports) => Err(Refusal::forbidden(&advice::port_not_allowed(place.port, ports))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Authority;

    #[test]
    fn loopback_is_for_clients_that_are_there_already() {
        let is_allowed = |ports: &ConnectPorts, place: &str, is_local| {
            let place = ServerPlace::new(false, &Authority::parse(place).unwrap());
            ports.judge(&place, is_local).is_ok()
        };
        let usual = ConnectPorts::default();
        for (place, local, remote) in [
            ("example.com:443", true, true),
            ("example.com:80", true, true),
            ("example.com:25", false, false),
            ("localhost:25", true, false),
            ("a.localhost:25", true, false),
            ("127.9.9.9:25", true, false),
            ("[::1]:25", true, false),
            ("[::ffff:127.0.0.1]:25", true, false),
            ("notlocalhost:25", false, false),
        ] {
            assert_eq!(is_allowed(&usual, place, true), local, "{place}");
            assert_eq!(is_allowed(&usual, place, false), remote, "{place}");
        }
        assert!(is_allowed(&ConnectPorts::All, "example.com:25", false));
        assert!(!is_allowed(&ConnectPorts::Listed(vec![25]), "example.com:443", true));
    }
}
