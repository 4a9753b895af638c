//! One switch, thrown once, for every thread that waits on it: to stop, or to go on. What is to be said more than once
//! has a [`Waker`](super::waker::Waker).

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

/// The end that is held by whoever decides. Dropping it is the signal.
#[derive(Debug)]
pub(crate) struct Stopper {
    _writer: PipeWriter,
}

/// The end that is waited on: readable, for ever, once the [`Stopper`] is gone.
#[derive(Debug, Clone)]
pub(crate) struct Stop(Arc<PipeReader>);

impl Stop {
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn pair() -> io::Result<(Stopper, Self)> {
        let (reader, writer) = io::pipe()?;
        Ok((Stopper { _writer: writer }, Self(Arc::new(reader))))
    }
}

impl AsFd for Stop {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
