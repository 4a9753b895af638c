//! What a forward proxy says about its flags.

use std::path::Path;

use crate::error::Error;

/// A port that no tunnel may lead to.
pub(crate) fn port_not_allowed(port: u16, allowed: &[u16]) -> String {
    let allowed: Vec<_> = allowed.iter().map(u16::to_string).collect();
    format!(
        "tunnels to port {port} are not allowed: the proxy allows {}, and any port on this machine's loopback (--allow-connect)",
        allowed.join(", ")
    )
}

/// A proxy for everyone on the network, who is asked for nothing.
pub(crate) fn open_proxy(address: &str) -> Error {
    Error::Usage {
        what: format!("{address} is not loopback, and anyone who reaches it could use this proxy").into(),
        hint: Some("--auth USER:PASSWORD lets in only those who know it".into()),
    }
}

/// The page that shows what goes through a proxy, for everyone on the network.
pub(crate) fn page_beyond_loopback(address: &str) -> Error {
    Error::Usage {
        what: format!("{address} is not loopback, and --page shows everything that goes through this proxy").into(),
        hint: Some("--page is for a proxy that listens only on loopback addresses".into()),
    }
}

/// A person in the middle who has nothing to type at.
pub(crate) fn proxy_prompt_without_terminal() -> Error {
    Error::Usage {
        what: "--prompt needs a terminal to type at".into(),
        hint: Some("--rules FILE changes messages automatically, and --out json writes the traffic to stdout".into()),
    }
}

/// A proxy whose way to servers leads through itself.
pub(crate) fn own_proxy(url: &str) -> Error {
    Error::usage(format!("-x points back to this proxy, which listens at {url}"))
}

/// Hosts that are to be intercepted, and no authority to do it with.
pub(crate) fn no_authority(folder: &Path) -> Error {
    Error::Usage {
        what: format!("there is no CA in {} that can sign for the hosts of --intercept", folder.display()).into(),
        hint: Some("'wscli proxy ca' creates one, 'wscli proxy ca --intercept HOST' one for that host only".into()),
    }
}

/// A host that the authority was not made for.
pub(crate) fn not_permitted(host: &str, permitted: &[String], folder: &Path) -> Error {
    Error::Usage {
        what: format!("the CA in {} may sign only for {}, not for {host}", folder.display(), permitted.join(", "))
            .into(),
        hint: Some(ANOTHER_AUTHORITY.into()),
    }
}

const ANOTHER_AUTHORITY: &str = "remove that folder, and create another CA with 'wscli proxy ca --intercept HOST'; clients have to trust the new one";

/// Hosts for which alone the authority was not made.
pub(crate) fn not_constrained(hosts: &[String], folder: &Path) -> Error {
    Error::Usage {
        what: format!(
            "the CA in {} exists already, and signs for any host, not just for {}",
            folder.display(),
            hosts.join(", ")
        )
        .into(),
        hint: Some(ANOTHER_AUTHORITY.into()),
    }
}

/// An authority's key that is not only ours.
pub(crate) fn shared_key(key: &Path) -> Error {
    Error::Usage {
        what: format!("others can read {}: anyone who has it can impersonate any server", key.display()).into(),
        hint: Some(
            "remove the CA, and create another with 'wscli proxy ca'; or chmod 600 if nobody has read it".into(),
        ),
    }
}

/// What a client gets that asks a reverse proxy for a page.
pub(crate) const NO_PLAIN_HTTP: &str = "this proxy takes WebSockets: the request has no Upgrade header (plain HTTP, such as Socket.IO's polling, \
                                         goes through wscli proxy --forward)";

/// Why a client ends TLS with a server that is stood in for.
pub(crate) const AUTHORITY_NOT_TRUSTED: &str =
    "the client does not trust this proxy's CA: 'wscli proxy ca' prints how to make it trusted";
