//! SIGINT and SIGTERM as something to wait on.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGINT, SIGTERM};

/// Readable whenever the process has been asked to end. From its creation on the signals no longer
/// end the process by themselves.
#[derive(Debug)]
pub(crate) struct Signals {
    reader: UnixStream,
}

impl Signals {
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn catch() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        for signal in [SIGINT, SIGTERM] {
            signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(Self { reader })
    }

    /// Takes one signal, if one has come.
    pub(crate) fn take(&self) -> bool {
        (&self.reader).read(&mut [0]).is_ok_and(|count| count > 0)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
