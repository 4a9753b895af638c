//! The bytes between a socket and a [`Connection`](super::Connection): decoded in place, never copied.

/// A connection starts with this much, in bytes, so that an idle one costs little.
const SMALLEST: usize = 1024;

/// A busy connection reads this much at once. One byte over 65,483 would cost an extra segment
/// on the loopback interface when a read is echoed as one write.
const LARGEST: usize = 60 * 1024;

/// Only a head that nobody can take apart yet needs more, and it needs less than this.
const LIMIT: usize = 68 * 1024;

/// What is copied at once, in bytes. A C library copies more than a few KiB with one instruction (`rep movsb`), which some
/// processors carry out at a thirtieth of its speed where the destination lies up to 31 bytes behind the source modulo a
/// page of memory. Buffers of 2ⁿ bytes that follow one another lie so.
pub(crate) const COPIED_AT_ONCE: usize = 2048;

/// A read buffer that grows while the peer fills it, up to 60 KiB, and shrinks when told.
#[derive(Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Default for Buffer {
    fn default() -> Self {
        Self { bytes: vec![0; SMALLEST], start: 0, end: 0 }
    }
}

impl Buffer {
    /// What has been received and not yet consumed.
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// The first `count` unread bytes, or as many as there are, to be worked on in place.
    pub fn unread_mut(&mut self, count: usize) -> &mut [u8] {
        let to = self.end.min(self.start + count);
        &mut self.bytes[self.start..to]
    }

    /// Takes `count` bytes from the front, for use in place.
    pub fn consume(&mut self, count: usize) -> &mut [u8] {
        let from = self.start;
        self.start += count;
        &mut self.bytes[from..self.start]
    }

    /// Room for the next read; never empty while less than 68 KiB are unread.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.bytes.len() {
            self.grow(LIMIT);
        }
        &mut self.bytes[self.end..]
    }

    /// Says that `count` bytes of [`space`](Self::space) were filled.
    pub fn filled(&mut self, count: usize) {
        self.end += count;
        if self.end == self.bytes.len() {
            self.grow(LARGEST);
        }
    }

    /// Whether the last read filled it, so that more is likely to wait.
    pub fn is_filled(&self) -> bool {
        self.end == self.bytes.len()
    }

    /// Appends bytes that came from elsewhere: behind an HTTP head, or in a test.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.bytes.truncate(self.end);
        self.bytes.extend_from_slice(bytes);
        self.end = self.bytes.len();
    }

    /// Gives memory back while the connection is idle.
    pub fn shrink(&mut self) {
        if self.start == self.end && self.bytes.len() > SMALLEST {
            *self = Self::default();
        }
    }

    fn grow(&mut self, limit: usize) {
        let size = (self.bytes.len() * 4).min(if self.bytes.len() < LARGEST { LARGEST } else { limit });
        if size > self.bytes.len() {
            self.bytes.resize(size, 0);
        }
    }
}
