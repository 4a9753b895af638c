//! What a forward proxy says about its flags.

use std::path::Path;

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

/// The page that shows what goes through a proxy, for everyone on the network.
pub(crate) fn page_beyond_loopback(address: &str) -> Error {
    Error::Usage {
        what: format!("{address} is not loopback, and --page shows everything that goes through this proxy"),
        hint: Some("--page is for a proxy that listens on loopback addresses alone".into()),
    }
}

/// A person in the middle who has nothing to type at.
pub(crate) fn proxy_prompt_without_terminal() -> Error {
    Error::Usage {
        what: "--prompt needs a terminal to type at".into(),
        hint: Some(
            "--rules FILE changes messages without a person, and --out json writes what is said to stdout".into(),
        ),
    }
}

/// A proxy whose way to servers leads through itself.
pub(crate) fn own_proxy(url: &str) -> Error {
    Error::usage(format!("-x leads back to this proxy, which listens at {url}"))
}

/// Hosts that are to be intercepted, and no authority to do it with.
pub(crate) fn no_authority(folder: &Path) -> Error {
    Error::Usage {
        what: format!("there is no authority in {} that could sign for the hosts of --intercept", folder.display()),
        hint: Some("'wscli proxy ca' makes it, 'wscli proxy ca --intercept HOST' one for that host alone".into()),
    }
}

/// A host that the authority was not made for.
pub(crate) fn not_permitted(host: &str, permitted: &[String], folder: &Path) -> Error {
    Error::Usage {
        what: format!(
            "the authority in {} may sign for {} alone, not for {host}",
            folder.display(),
            permitted.join(", ")
        ),
        hint: Some(ANOTHER_AUTHORITY.into()),
    }
}

const ANOTHER_AUTHORITY: &str =
    "remove that folder, and 'wscli proxy ca --intercept HOST' makes another; clients have to trust it anew";

/// Hosts for which alone the authority was not made.
pub(crate) fn not_constrained(hosts: &[String], folder: &Path) -> Error {
    Error::Usage {
        what: format!(
            "the authority in {} is there already, and signs for any host, not for {} alone",
            folder.display(),
            hosts.join(", ")
        ),
        hint: Some(ANOTHER_AUTHORITY.into()),
    }
}

/// An authority's key that is not only ours.
pub(crate) fn shared_key(key: &Path) -> Error {
    Error::Usage {
        what: format!("others may read {}: whoever has it can stand in for any server", key.display()),
        hint: Some(
            "remove the authority, and make another with 'wscli proxy ca'; chmod 600 if nobody has read it".into(),
        ),
    }
}

/// Why a client ends TLS with a server that is stood in for.
pub(crate) const AUTHORITY_NOT_TRUSTED: &str =
    "the client does not trust the authority of this proxy: 'wscli proxy ca' says how it does";
