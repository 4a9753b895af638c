//! `wscli proxy ca`: the authority by which the proxy stands in for servers, and how clients come to trust it.

use std::fmt::Write;

use super::authority_folder::AuthorityFolder;
use crate::advice;
use crate::error::Error;
use crate::net::{AuthorityFacts, CertificateAuthority, NewAuthority};
use crate::stdio::console::Console;

/// What `proxy ca` is asked to do.
#[derive(Debug)]
pub(crate) struct CaConfig {
    /// The hosts that it may sign for, in lists; without any, all.
    pub(crate) intercepted: Vec<String>,
    /// HOST:PORT of the proxy, for what is printed.
    pub(crate) proxy: String,
}

/// Makes the authority if there is none, and tells what there is to know of it.
///
/// # Errors
/// What can't be read or written, and an authority that wasn't made for these hosts, or not for these alone.
pub(crate) fn run(config: &CaConfig) -> Result<String, Error> {
    let folder = AuthorityFolder::of_user()?;
    let authority = match folder.authority()? {
        Some(authority) => authority,
        None => {
            folder.keep(&NewAuthority::new(&config.intercepted)?)?;
            Console::stderr().line(format_args!("created a certificate authority in {}", folder.path.display()));
            folder.authority()?.ok_or_else(|| advice::no_authority(&folder.path))?
        }
    };
    judge(&authority, &config.intercepted, &folder)?;
    // Whoever trusts this one trusts it with more than was asked for.
    if authority.is_wider_than(&config.intercepted)? {
        return Err(advice::not_constrained(&config.intercepted, &folder.path));
    }
    let unreadable = || Error::file(&folder.certificate(), "it can't be read");
    let facts = authority.facts().ok_or_else(unreadable)?;
    Ok(report(&facts, &folder, &config.proxy))
}

/// Whether it may sign for all of these.
///
/// # Errors
/// The first that it may not sign for.
pub(super) fn judge(
    authority: &CertificateAuthority,
    intercepted: &[String],
    folder: &AuthorityFolder,
) -> Result<(), Error> {
    let Some(host) = authority.not_permitted(intercepted)? else { return Ok(()) };
    let permitted = authority.facts().map(|facts| facts.permitted).unwrap_or_default();
    Err(advice::not_permitted(&host, &permitted, &folder.path))
}

fn report(facts: &AuthorityFacts, folder: &AuthorityFolder, proxy: &str) -> String {
    let AuthorityFacts { certificate, public_key, permitted } = facts;
    let signs = match permitted.as_slice() {
        [] => "any host: keep its key to yourself".to_owned(),
        hosts => hosts.join(", "),
    };
    let day = |at: time::OffsetDateTime| at.date().to_string();
    let mut text = String::new();
    for (name, value) in [
        ("certificate", folder.certificate().display().to_string()),
        ("key", folder.key().display().to_string()),
        ("name", certificate.subject.to_string()),
        ("signs for", signs),
        ("valid", format!("{} to {}", day(certificate.not_before), day(certificate.not_after))),
        ("SHA-256", certificate.fingerprint.to_string()),
        ("key's SHA-256", format!("{public_key} (SPKI, base64)")),
    ] {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{name:<14} {value}");
    }
    text.push_str("\nClients trust it with\n\n");
    for (client, line) in advice::trust(&folder.certificate(), public_key, proxy) {
        let _ = writeln!(text, "# {client}\n{line}");
    }
    text
}
