//! Running the binary, and the peers that it talks to.

pub mod peer;
pub mod program;
