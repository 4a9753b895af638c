//! Bytes on their way to the peer: frames go in behind, and come off the front as they are written.

use super::buffer::COPIED_AT_ONCE;
use super::frame::{FrameHeader, HEADER_ROOM, apply_mask, first_byte, header_bytes, put_masked};

/// The room for the first frame, in bytes, at the least.
const SMALLEST: usize = 1024;

/// Bytes written from the front, at the least, before what is left is moved down, so that an outbox that
/// never runs empty doesn't grow for ever.
const COMPACT_AFTER: usize = 256 * 1024;

/// Encoded frames that wait to be written, in order.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// What waits is `bytes[start..end]`. The rest is room, and stays initialised.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Outbox {
    /// What waits.
    pub(super) fn pending(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Says that `count` bytes of [`pending`](Self::pending) have been written.
    pub(super) fn wrote(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            self.clear();
        } else if self.start >= COMPACT_AFTER.max(self.end - self.start) {
            // Never more than has been written since the last time: moving costs no more than writing.
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    pub(super) fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Appends a frame, masked where its header says so.
    pub(super) fn put_frame(&mut self, header: &FrameHeader, payload: &[u8]) {
        self.put(first_byte(header), header.mask, payload);
    }

    /// Appends a frame that begins with this byte, masked with the key.
    #[inline]
    pub(super) fn put(&mut self, first: u8, mask: Option<[u8; 4]>, payload: &[u8]) {
        self.make_room(HEADER_ROOM + payload.len());
        self.append_header(first, mask, payload.len());
        let space = &mut self.bytes[self.end..self.end + payload.len()];
        match mask {
            Some(key) => put_masked(payload, key, space),
            None => copy(payload, space),
        }
        self.end += payload.len();
    }

    /// Appends the header of a frame with `length` bytes of payload.
    pub(super) fn put_header(&mut self, header: &FrameHeader, length: usize) {
        self.make_room(HEADER_ROOM);
        self.append_header(first_byte(header), header.mask, length);
    }

    #[inline]
    fn append_header(&mut self, first: u8, mask: Option<[u8; 4]>, length: usize) {
        let (bytes, size) = header_bytes(first, mask, length as u64);
        // As many bytes every time, which are copied without a call.
        self.bytes[self.end..self.end + HEADER_ROOM].copy_from_slice(&bytes);
        self.end += size;
    }

    /// Appends part of a payload of which `before` bytes went before, masked with the key.
    pub(super) fn put_part(&mut self, key: Option<[u8; 4]>, before: u64, part: &[u8]) {
        let at = self.end;
        self.append(part);
        if let Some(key) = key {
            // Only where in the key it begins counts.
            apply_mask(&mut self.bytes[at..self.end], key, (before % 4) as usize);
        }
    }

    /// Appends bytes as they are.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        copy(bytes, &mut self.bytes[self.end..self.end + bytes.len()]);
        self.end += bytes.len();
    }

    /// Gives memory back if nothing waits.
    pub(super) fn shrink(&mut self) {
        if self.pending().is_empty() {
            *self = Self::default();
        }
    }

    #[inline]
    fn make_room(&mut self, size: usize) {
        if self.bytes.len() - self.end < size {
            self.grow(size);
        }
    }

    #[cold]
    fn grow(&mut self, size: usize) {
        let wanted = (self.end + size).max(SMALLEST);
        self.bytes.reserve(wanted - self.bytes.len());
        self.bytes.resize(self.bytes.capacity(), 0);
    }
}

/// Copies all of `from` to `to`, which is as long.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    if from.len() <= COPIED_AT_ONCE {
        to.copy_from_slice(from);
    } else {
        for (from, to) in from.chunks(COPIED_AT_ONCE).zip(to.chunks_mut(COPIED_AT_ONCE)) {
            to.copy_from_slice(from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_off_the_front() {
        let mut outbox = Outbox::default();
        outbox.append(b"one");
        outbox.append(b"two");
        outbox.wrote(2);
        assert_eq!(outbox.pending(), b"etwo");
        outbox.wrote(4);
        outbox.append(b"three");
        assert_eq!(outbox.pending(), b"three");
    }

    #[test]
    fn one_that_never_runs_empty_does_not_grow() {
        let mut outbox = Outbox::default();
        let part = [7; 64 * 1024];
        outbox.append(&part);
        for _ in 0..100 {
            outbox.append(&part);
            outbox.wrote(part.len());
            assert_eq!(outbox.pending(), part);
        }
        assert!(outbox.bytes.len() < 2 * COMPACT_AFTER + 4 * part.len(), "{}", outbox.bytes.len());
    }

    #[test]
    fn memory_comes_back_only_when_nothing_waits() {
        let mut outbox = Outbox::default();
        outbox.append(b"bytes");
        outbox.shrink();
        assert_eq!(outbox.pending(), b"bytes");
        outbox.wrote(5);
        outbox.shrink();
        assert_eq!(outbox.bytes.capacity(), 0);
    }
}
