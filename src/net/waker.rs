//! Waking a thread that polls: from other threads, by a descriptor that is readable from then on until it is drained.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The end that wakes. Clones wake the same thread.
#[derive(Debug, Clone)]
pub(crate) struct Waker(Arc<Shared>);

/// The end that is polled: readable from a [`Waker::wake`] until the next [`Woken::drain`], whatever has become of the
/// wakers.
#[derive(Debug)]
pub(crate) struct Woken(Arc<Shared>);

/// Both ends keep both sockets, so that neither sees a hang-up.
#[derive(Debug)]
struct Shared {
    /// It has been woken since it was last drained.
    raised: AtomicBool,
    writer: UnixStream,
    reader: UnixStream,
}

impl Waker {
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn pair() -> io::Result<(Self, Woken)> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        let shared = Arc::new(Shared { raised: AtomicBool::new(false), writer, reader });
        Ok((Self(Arc::clone(&shared)), Woken(shared)))
    }

    /// Wakes the other end, to be called after what it is to see has been done. Costs one write until that is drained,
    /// however often it is called, and never waits.
    pub(crate) fn wake(&self) {
        if !self.0.raised.swap(true, Ordering::AcqRel) {
            // A socket that is full is readable, which is all that is wanted.
            let _ = (&self.0.writer).write(&[1]);
        }
    }
}

impl Waker {
    /// What wakes the other end by any byte, for a handler of signals.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    pub(super) fn writer(&self) -> io::Result<UnixStream> {
        self.0.writer.try_clone()
    }
}

impl Woken {
    /// Another end that wakes this one.
    pub(crate) fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.0))
    }

    /// Whether it has been woken since it was last drained.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::Acquire)
    }

    /// Makes the descriptor quiet until the next [`Waker::wake`], to be called before looking at what has been done.
    pub(crate) fn drain(&self) {
        // One byte is the rule; a waker that is late with its write may add to it.
        let _ = (&self.0.reader).read(&mut [0; 8]);
        // Only now: a byte that was read after the flag fell would leave it raised above an empty socket, and nobody
        // would write again. As a swap it also sees all that was done before the wakes that it takes back.
        self.0.raised.swap(false, Ordering::AcqRel);
    }
}

impl AsFd for Woken {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.reader.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags};

    use super::*;
    use crate::net::poll::wait_for;

    fn is_readable(woken: &Woken, within: Duration) -> bool {
        wait_for(&mut [PollFd::new(woken, PollFlags::IN)], Some(Instant::now() + within)).unwrap() > 0
    }

    #[test]
    fn readable_from_a_wake_until_it_is_heard() {
        let (waker, woken) = Waker::pair().unwrap();
        assert!(!is_readable(&woken, Duration::ZERO));
        for _ in 0..2 {
            waker.wake();
            assert!(is_readable(&woken, Duration::ZERO));
            woken.drain();
            assert!(!is_readable(&woken, Duration::ZERO));
        }
    }

    #[test]
    fn many_wakes_are_one_write() {
        let (waker, woken) = Waker::pair().unwrap();
        (0..100).for_each(|_| waker.clone().wake());
        assert_eq!((&woken.0.reader).read(&mut [0; 64]).unwrap(), 1);
    }

    #[test]
    fn without_wakers_it_stays_as_it_was() {
        let (waker, woken) = Waker::pair().unwrap();
        drop(waker);
        assert!(!is_readable(&woken, Duration::ZERO));
    }

    #[test]
    fn no_wake_is_lost() {
        const WAKES: u32 = 20_000;
        let (waker, woken) = Waker::pair().unwrap();
        let done = Arc::new(AtomicU32::new(0));
        let wakers = [(); 2].map(|()| {
            let (waker, done) = (waker.clone(), Arc::clone(&done));
            thread::spawn(move || {
                for _ in 0..WAKES {
                    done.fetch_add(1, Ordering::Relaxed);
                    waker.wake();
                }
            })
        });
        while done.load(Ordering::Relaxed) < 2 * WAKES {
            assert!(is_readable(&woken, Duration::from_secs(10)), "asleep at {}", done.load(Ordering::Relaxed));
            woken.drain();
        }
        for waker in wakers {
            waker.join().unwrap();
        }
    }
}
