//! Keys that no keyboard has: what the reading of the keyboard says to the editor, among the keys, in their order.

/// The first character of the block that stands for them: `line_text.rs` keeps it free.
const FIRST: u32 = 0xF_0100;

/// The first of those for texts, counted from there.
const TEXTS: u32 = 0x100;

/// No key is meant more often.
pub(super) const MOST: u8 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VirtualKey {
    /// The text with this number, counted modulo 256, is to be inserted.
    Text(u8),
    /// The next key comes so often, up to [`MOST`]: to be shown.
    Count(u8),
    /// The line goes on behind another mark.
    NewMark,
}

impl VirtualKey {
    pub(super) fn character(self) -> char {
        let number = match self {
            Self::Count(count) => u32::from(count),
            Self::NewMark => u32::from(u8::MAX),
            Self::Text(number) => TEXTS + u32::from(number),
        };
        char::from_u32(FIRST + number).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    pub(super) fn of(c: char) -> Option<Self> {
        let number = u32::from(c).checked_sub(FIRST)?;
        match (u8::try_from(number), number.checked_sub(TEXTS).map(u8::try_from)) {
            (Ok(u8::MAX), _) => Some(Self::NewMark),
            (Ok(count), _) => Some(Self::Count(count)),
            (_, Some(Ok(number))) => Some(Self::Text(number)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_a_character_of_its_own() {
        let counts = (0..=MOST).map(VirtualKey::Count);
        for key in counts.chain((0..=u8::MAX).map(VirtualKey::Text)).chain([VirtualKey::NewMark]) {
            assert_eq!(VirtualKey::of(key.character()), Some(key));
        }
        assert_eq!([VirtualKey::of('a'), VirtualKey::of('\u{f0300}')], [None, None]);
    }
}
