//! What the fuzz targets reach of the private rooms. In no build but theirs (`--cfg fuzzing`).

mod certificate;
mod content;
mod exec;
mod faults;
mod rules;
mod scenario;
mod server;
mod shown;
mod stdin;
mod way;

pub use certificate::{certificate, certificate_of};
pub use content::{decoded, decoded_again, timestamps};
pub use exec::framing;
pub use faults::fault;
pub use rules::{filled, rules};
pub use scenario::scenario;
pub use server::{proxied, proxy_header, socks, static_path};
pub use shown::{body, text};
pub use stdin::{record, sent, stdin};
pub use way::{curl, redirect};
