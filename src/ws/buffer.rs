//! The bytes between a socket and a [`Connection`](super::Connection): decoded in place, never copied.

/// A connection starts with this much, in bytes, so that an idle one costs little.
const SMALLEST: usize = 1024;

/// A busy connection reads this much at once. One byte over 65,483 would cost an extra segment
/// on the loopback interface when a read is echoed as one write.
const LARGEST: usize = 60 * 1024;

/// Only a head that nobody can take apart yet needs more, and it needs less than this. So does a frame of 64 KiB with its header.
const LIMIT: usize = 68 * 1024;

/// What is copied at once, in bytes. A C library copies more than a few KiB with one instruction (`rep movsb`), which some
/// processors carry out at a thirtieth of its speed where the destination lies up to 31 bytes behind the source modulo a
/// page of memory. Buffers of 2ⁿ bytes that follow one another lie so.
pub(crate) const COPIED_AT_ONCE: usize = 2048;

/// A read buffer that grows while the peer fills it, up to 60 KiB or 68, and shrinks when told.
#[derive(Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Up to where a busy connection is read at once.
    largest: usize,
    /// What it is made with at the next read, where it has given its memory back in between.
    wanted: usize,
}

impl Default for Buffer {
    fn default() -> Self {
        Self { bytes: vec![0; SMALLEST], start: 0, end: 0, largest: LARGEST, wanted: SMALLEST }
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

    /// Has up to 60 KiB read at once while the connection is busy, or where `with_header` a frame of 64 KiB and its header.
    pub fn set_reads(&mut self, with_header: bool) {
        self.largest = if with_header { LIMIT } else { LARGEST };
    }

    /// Room for the next read; never empty while less than 68 KiB are unread.
    pub fn space(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes = vec![0; self.wanted];
        }
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.bytes.len() {
            self.grow(LIMIT);
        }
        let to = if self.end < self.largest { self.bytes.len().min(self.largest) } else { self.bytes.len() };
        &mut self.bytes[self.end..to]
    }

    /// Says that `count` bytes of [`space`](Self::space) were filled.
    pub fn filled(&mut self, count: usize) {
        self.end += count;
        if self.is_filled() {
            self.grow(self.largest);
        }
    }

    /// Whether the last read filled it, so that more is likely to wait.
    pub fn is_filled(&self) -> bool {
        self.end > 0 && (self.end == self.bytes.len() || self.end == self.largest)
    }

    /// Appends bytes that came from elsewhere: behind an HTTP head, or in a test.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.bytes.truncate(self.end);
        self.bytes.extend_from_slice(bytes);
        self.end = self.bytes.len();
    }

    /// Gives memory back while the connection is idle.
    pub fn shrink(&mut self) {
        if self.start == self.end {
            self.wanted = SMALLEST;
            if self.bytes.len() > SMALLEST {
                (self.bytes, self.start, self.end) = (Vec::new(), 0, 0);
            }
        }
    }

    /// The same between two messages of a busy peer: the next one is still read at once.
    pub fn rest(&mut self) {
        if self.start == self.end && !self.bytes.is_empty() {
            // Until the peer is idle.
            self.wanted = self.bytes.len().max(SMALLEST);
            (self.bytes, self.start, self.end) = (Vec::new(), 0, 0);
        }
    }

    fn grow(&mut self, limit: usize) {
        let size = (self.bytes.len() * 4).min(if self.bytes.len() < self.largest { self.largest } else { limit });
        if size > self.bytes.len() {
            self.bytes.resize(size, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Has it filled by a busy peer, read and forgotten each time, until it grows no more.
    fn busy(buffer: &mut Buffer) -> usize {
        let mut most = 0;
        while buffer.space().len() > most {
            most = buffer.space().len();
            buffer.filled(most);
            buffer.consume(most);
        }
        most
    }

    #[test]
    fn what_gives_its_memory_back_between_two_messages_reads_the_next_one_at_once() {
        let mut buffer = Buffer::default();
        let read = |buffer: &mut Buffer, mut count: usize| {
            let mut reads = 0;
            while count > 0 {
                let piece = buffer.space().len().min(count);
                buffer.filled(piece);
                // What has come of a message is told at once.
                buffer.consume(buffer.unread().len());
                (count, reads) = (count - piece, reads + 1);
            }
            reads
        };
        assert_eq!(read(&mut buffer, 1500), 2);
        for _ in 0..3 {
            buffer.rest();
            assert_eq!((buffer.bytes.capacity(), buffer.is_filled()), (0, false));
            assert_eq!(read(&mut buffer, 1500), 1);
        }
        buffer.shrink();
        assert_eq!(buffer.space().len(), SMALLEST);
    }

    #[test]
    fn a_frame_of_64_kib_is_read_whole_where_it_begins() {
        let mut buffer = Buffer::default();
        assert_eq!(busy(&mut buffer), LARGEST);
        buffer.set_reads(true);
        buffer.filled(LARGEST);
        buffer.consume(LARGEST);
        assert_eq!(busy(&mut buffer), LIMIT);
        buffer.set_reads(false);
        assert_eq!(buffer.space().len(), LARGEST);
        buffer.filled(LARGEST);
        assert!(buffer.is_filled());
        // A head that nobody can take apart yet needs more.
        assert_eq!(buffer.space().len(), LIMIT - LARGEST);
        buffer.consume(LARGEST);
        buffer.shrink();
        assert_eq!(busy(&mut buffer), LARGEST);
    }
}
