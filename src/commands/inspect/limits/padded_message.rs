//! A message of any length: one that the server knows, with blanks behind it, which JSON allows; or of one letter.

/// What is sent to find out how large a message may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct PaddedMessage<'a> {
    beginning: &'a [u8],
    padding: u8,
}

impl<'a> PaddedMessage<'a> {
    pub(super) fn new(known: Option<&'a str>) -> Self {
        known
            .map_or(Self { beginning: b"", padding: b'x' }, |known| Self { beginning: known.as_bytes(), padding: b' ' })
    }

    /// The smallest length that is tried.
    pub(super) fn least(self) -> u64 {
        super::LENGTHS[0].max(self.beginning.len() as u64)
    }

    /// So many bytes of it, from there on.
    pub(super) fn part(self, from: u64, length: usize) -> Vec<u8> {
        let beginning = self.beginning.get(from as usize..).unwrap_or_default();
        let mut part = beginning[..beginning.len().min(length)].to_vec();
        part.resize(length, self.padding);
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_stand_behind_what_is_known() {
        let message = PaddedMessage::new(Some("{}"));
        assert_eq!((message.least(), message.part(0, 4)), (16, b"{}  ".to_vec()));
        assert_eq!(
            (message.part(1, 1), message.part(1, 3), message.part(9, 2)),
            (b"}".to_vec(), b"}  ".to_vec(), b"  ".to_vec())
        );
        assert_eq!(PaddedMessage::new(Some(&"1".repeat(99))).least(), 99);
        assert_eq!(PaddedMessage::new(None).part(0, 2), b"xx");
    }
}
