//! The token of RFC 9110 §5.6.2: the name of a header, a subprotocol, an extension or its parameter.

/// Whether `text` is a token.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(may_be_in_token)
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
            assert!(!is_token(text), "{text}");
        }
    }
}
