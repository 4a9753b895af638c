//! What a client's process says on stderr, as lines of the log: a process repeats what a client has sent, and must not be
//! able to write a line in our name.

use std::fs::File;
use std::io::{self, PipeWriter, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use crate::net::{Waker, Woken, wait_either};
use crate::peer_text::PeerText;
use crate::server::log::ServerLog;

/// The longest line that is logged as one, in bytes.
const LONGEST: usize = 4096;

/// Bytes that are read at the end, at most: what the process has started may have left the group, and write on.
const REST: usize = 64 * 1024;

/// Both ends, before there is a process.
#[derive(Debug)]
pub(super) struct ChildStderr {
    /// For the process.
    pub(super) writer: PipeWriter,
    pub(super) reading: StderrReader,
}

/// The thread that reads.
#[derive(Debug)]
pub(super) struct StderrReader {
    waker: Waker,
    /// Until the connection is open: what the process says is logged behind that.
    held: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ChildStderr {
    /// # Errors
    /// When there are no descriptors or threads to be had.
    pub(super) fn begin(number: u64, log: Arc<ServerLog>) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        rustix::io::ioctl_fionbio(&reader, true)?;
        let (waker, woken) = Waker::pair()?;
        let (held, opened) = channel();
        let lines = StderrLines { file: File::from(OwnedFd::from(reader)), number, log, gathered: Vec::new() };
        let thread = thread::Builder::new().name("stderr".into()).spawn(move || {
            // It ends when the other half is dropped; nothing is sent.
            let _ = opened.recv();
            lines.run(&woken);
        })?;
        Ok(Self { writer, reading: StderrReader { waker, held: Some(held), thread: Some(thread) } })
    }
}

impl StderrReader {
    /// The connection is open, and that has been logged.
    pub(super) fn opened(&mut self) {
        self.held = None;
    }

    /// Has what was said so far logged, and reads no more.
    pub(super) fn finish(&mut self) {
        self.held = None;
        self.waker.wake();
        if let Some(thread) = self.thread.take() {
            // A bug of ours there was told already.
            let _ = thread.join();
        }
    }
}

impl Drop for StderrReader {
    fn drop(&mut self) {
        self.finish();
    }
}

struct StderrLines {
    file: File,
    number: u64,
    log: Arc<ServerLog>,
    /// The beginning of a line.
    gathered: Vec<u8>,
}

impl StderrLines {
    /// Reads until the process and all that it has started have closed it, or until it is told to end.
    fn run(mut self, ended: &Woken) {
        while self.read().is_some() {
            wait_either(self.file.as_fd(), ended, None);
            if ended.is_raised() {
                let mut rest = 0;
                while rest < REST
                    && let Some(count @ 1..) = self.read()
                {
                    rest += count;
                }
                break;
            }
        }
        if !self.gathered.is_empty() {
            self.tell();
        }
    }

    /// Reads once what is there; `None` when there will be no more.
    fn read(&mut self) -> Option<usize> {
        let mut piece = [0; LONGEST];
        let count = match self.file.read(&mut piece) {
            Ok(0) => return None,
            Ok(count) => count,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => 0,
            Err(_) => return None,
        };
        for &byte in &piece[..count] {
            if byte != b'\n' {
                self.gathered.push(byte);
            }
            if byte == b'\n' || self.gathered.len() == LONGEST {
                self.tell();
            }
        }
        Some(count)
    }

    fn tell(&mut self) {
        let line = PeerText::lossy(&self.gathered);
        self.log.notice(format_args!("[{}] stderr: {line}", self.number));
        self.gathered.clear();
    }
}
