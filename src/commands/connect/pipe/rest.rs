//! What a source still has when nothing more of it is sent.

use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, fstat};

use crate::net::{has_no_writer, is_readable};
use crate::stdio::input::{Source, Step};
use crate::view::amount::Count;
use crate::ws::Item;

/// So often is the source read to count what it has: an exact number is worth a few milliseconds, and no more.
const READS: usize = 64;

/// What is left of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    /// Messages that were found. The last of them needn't have an end.
    pub(super) messages: u64,
    /// There are no others.
    pub(super) is_all: bool,
}

impl Rest {
    pub(super) const NONE: Self = Self { messages: 0, is_all: true };

    pub(super) fn is_any(self) -> bool {
        self.messages > 0 || !self.is_all
    }

    /// How many messages there are, where that is known.
    pub(super) fn words(self) -> Option<String> {
        self.is_any().then(|| match self.is_all {
            true => format!("{} of stdin", Count(self.messages, "message")),
            false => "the rest of stdin".into(),
        })
    }

    /// Takes what is left of `source`, as far as nobody has to be waited for.
    pub(super) fn of(source: &mut dyn Source) -> Self {
        let (mut messages, mut has_begun) = (0, false);
        for _ in 0..READS {
            loop {
                match source.next() {
                    Ok(Some(Step::Send(Item::Part { last, .. }))) => {
                        messages += u64::from(last);
                        has_begun = !last;
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => return Self { messages, is_all: false },
                }
            }
            if source.is_finished() || !is_readable(source.as_fd()) {
                // Of whoever may write more, it is chance how much is there.
                let is_all = source.is_finished() || has_end(source.as_fd());
                return Self { messages: messages + u64::from(has_begun), is_all };
            }
            if source.read().is_err() {
                break;
            }
        }
        Self { messages, is_all: false }
    }
}

/// Whether what is read has an end that is there already: a file's, or that of a pipe into which nobody writes any more.
pub(super) fn has_end(fd: BorrowedFd<'_>) -> bool {
    let is_file = fstat(fd).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
    is_file || has_no_writer(fd)
}
