//! Bits into bytes, the first bit lowest (RFC 1951 §3.1.1).

/// Bytes that are written bit by bit.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// The bits that don't fill a byte yet, and fewer than 32 of them between two calls.
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// Appends the lowest `count` bits, 32 at most; all above them are zero.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        self.pending |= bits << self.count;
        self.count += count;
        if self.count >= 32 {
            self.bytes.extend_from_slice(&(self.pending as u32).to_le_bytes());
            self.pending >>= 32;
            self.count -= 32;
        }
    }

    /// Fills the last byte with zeros.
    pub(super) fn align(&mut self) {
        let whole = self.count.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.pending.to_le_bytes()[..whole]);
        (self.pending, self.count) = (0, 0);
    }

    /// Appends whole bytes; only after [`Self::align`].
    pub(super) fn put_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The bytes that are whole.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets the bytes that are whole; bits that wait for others stay.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Gives the memory of the bytes back, which are forgotten.
    pub(super) fn shrink(&mut self) {
        self.bytes = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_fill_bytes_from_the_lowest_on() {
        let mut writer = BitWriter::default();
        writer.put(0b1, 1);
        writer.put(0b01, 2);
        writer.put(0b1_0110, 5);
        assert!(writer.bytes().is_empty());
        writer.put(0x8000_0001, 32);
        assert_eq!(writer.bytes(), [0b1011_0011, 0x01, 0x00, 0x00]);
        writer.align();
        assert_eq!(writer.bytes(), [0b1011_0011, 0x01, 0x00, 0x00, 0x80]);
        writer.align();
        assert_eq!(writer.bytes().len(), 5);
    }
}
