//! Running the binary, and the peers that it talks to.

pub(crate) mod authority;
pub(crate) mod faults;
pub(crate) mod files;
pub(crate) mod peer;
pub(crate) mod program;
pub(crate) mod requests;
pub(crate) mod schema;
pub(crate) mod terminal;
pub(crate) mod timing;
