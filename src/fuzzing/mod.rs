//! What the fuzz targets reach of the private rooms. In no build but theirs (`--cfg fuzzing`).

mod content;
mod exec;
mod rules;
mod server;
mod shown;
mod stdin;
mod way;

pub use content::{decoded, timestamps};
pub use exec::framing;
pub use rules::{filled, rules};
pub use server::{proxy_header, static_path};
pub use shown::{body, certificate, text};
pub use stdin::{record, sent, stdin};
pub use way::{curl, redirect};
