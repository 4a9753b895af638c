//! Keys that no keyboard has: what the reading of the keyboard says to the editor, among the keys, in their order.

/// The first character of the block that stands for them: `line_text.rs` keeps it free.
const FIRST: u32 = 0xF_0100;

/// No key is meant more often.
pub(super) const MOST: u8 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VirtualKey {
    /// The next text that waits is a paste, to be inserted.
    Paste,
    /// The next text that waits came as keys, so many at once that the line isn't drawn for each.
    Typed,
    /// The next key comes so often, up to [`MOST`]: to be shown.
    Count(u8),
    /// The line goes on behind another mark.
    NewMark,
}

impl VirtualKey {
    pub(super) fn character(self) -> char {
        let number = match self {
            Self::Count(count) => u32::from(count),
            Self::Paste => u32::from(u8::MAX),
            Self::NewMark => u32::from(u8::MAX - 1),
            Self::Typed => u32::from(u8::MAX - 2),
        };
        char::from_u32(FIRST + number).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    pub(super) fn of(c: char) -> Option<Self> {
        let number = u8::try_from(u32::from(c).checked_sub(FIRST)?).ok()?;
        let others = [Self::Paste, Self::NewMark, Self::Typed];
        Some(others.into_iter().find(|key| key.character() == c).unwrap_or(Self::Count(number)))
    }
}
