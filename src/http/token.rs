//! The token of RFC 9110 §5.6.2: the name of a header, a subprotocol, an extension or its parameter.

use std::fmt;

/// Whether `text` is a token.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(may_be_in_token)
}

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    Empty,
    /// The first character that may not be in one, and where it begins, in bytes.
    Character {
        at: usize,
        character: char,
    },
}

impl TokenFault {
    /// What is wrong with `text`, where something is.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let is_foreign = |character: char| !u8::try_from(character).is_ok_and(may_be_in_token);
        match text.char_indices().find(|(_, character)| is_foreign(*character)) {
            Some((at, character)) => Some(Self::Character { at, character }),
            None => text.is_empty().then_some(Self::Empty),
        }
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty;"),
            Self::Character { character, .. } => write!(f, "it contains {character:?};"),
        }?;
        f.write_str(" a token consists of letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 §5.6.2)")
    }
}

pub(crate) fn may_be_in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_no_separator_and_nothing_beyond_ascii() {
        assert!(is_token("graphql-transport-ws") && is_token("!#$%&'*+-.^_`|~0aZ"));
        for text in ["", "a b", "a,b", "a;b", "a=b", "a\"b", "a/b", "a@b", "é", "a\u{7f}"] {
            assert!(!is_token(text) && TokenFault::of(text).is_some(), "{text}");
        }
        assert_eq!(TokenFault::of("chat.v2"), None);
        assert_eq!(TokenFault::of("é"), Some(TokenFault::Character { at: 0, character: 'é' }));
        assert_eq!(
            TokenFault::of("chat/1/2").map(|fault| fault.to_string()).as_deref(),
            Some("it contains '/'; a token consists of letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 §5.6.2)")
        );
    }
}
