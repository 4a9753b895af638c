//! TLS over rustls: what is offered and demanded on each side, and what a failure of it comes to.

mod certificate;
mod client;
mod fingerprint;
mod server;
mod verdict;
mod verifier;

pub(crate) use certificate::CertificateFacts;
pub(super) use client::ClientTls;
pub(crate) use client::{Identity, TlsFacts, TlsSettings, TlsVersion, is_server_name};
pub(crate) use server::ServerTls;
pub(super) use verdict::Evidence;
