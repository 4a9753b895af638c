//! TLS over rustls: what is offered and demanded on each side, and what a failure of it comes to.

mod authority;
mod certificate;
mod client;
mod clock;
mod fingerprint;
mod leaves;
mod parameters;
pub(crate) mod pem_file;
mod server;
mod unchecked_groups;
mod unsupported_keys;
mod verdict;
mod verifier;

pub(crate) use authority::{AuthorityFacts, CertificateAuthority, NewAuthority};
pub(crate) use certificate::CertificateFacts;
pub(super) use client::ClientTls;
pub(crate) use client::{Identity, TlsFacts, TlsSettings, TlsVersion, is_server_name};
pub(super) use leaves::HTTP_1;
pub(crate) use leaves::LeafCertificates;
pub(crate) use parameters::TlsParameters;
pub(crate) use server::ServerTls;
pub(super) use verdict::Evidence;

/// The longest record that is sent, in bytes with its header. The longest that there may be holds 2¹⁴ bytes, so that each
/// record of a long message would lie where the one before it did modulo a page, and all of them be copied slowly or none:
/// see [`COPIED_AT_ONCE`](crate::ws::COPIED_AT_ONCE).
const LONGEST_RECORD: usize = 5 + (16 * 1024 - 96);
