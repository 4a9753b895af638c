//! Running the binary, and the peers that it talks to.

pub(crate) mod peer;
pub(crate) mod program;
