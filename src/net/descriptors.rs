//! How many file descriptors this process may have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Takes as many as the system grants without being asked: each connection needs one, and the
/// limit that processes start with is for programs that call select(). Returns how many there may be; `None` is no limit.
pub(crate) fn raise_descriptor_limit() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Refused where the system has another ceiling (macOS): then it stays as it was.
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current
}
