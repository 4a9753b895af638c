//! What a forward proxy says about its flags.

use crate::error::Error;

/// A port that no tunnel may lead to.
pub(crate) fn port_not_allowed(port: u16, allowed: &[u16]) -> String {
    let allowed: Vec<_> = allowed.iter().map(u16::to_string).collect();
    format!(
        "port {port} is not for tunnels: the proxy allows {}, and on this machine's loopback all (--allow-connect)",
        allowed.join(", ")
    )
}

/// A proxy for everyone on the network, who is asked for nothing.
pub(crate) fn open_proxy(address: &str) -> Error {
    Error::Usage {
        what: format!("{address} is not loopback, and anyone who reaches it could use this proxy"),
        hint: Some("--auth USER:PASSWORD lets in only those who know it".into()),
    }
}
