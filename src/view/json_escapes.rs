//! The escapes in JSON strings. RFC 8259 §8.2 lets half of a surrogate pair stand alone in one, which is no text: U+FFFD is read
//! in its place, so that what stands around it isn't lost.

use std::borrow::Cow;

use serde_json::Value;

/// An escape at the front of `rest`: how many bytes it takes, and whether it is half of a surrogate pair without the other
/// half. What begins otherwise, or is cut off, is `None`.
fn escape(rest: &[u8]) -> Option<(usize, bool)> {
    let unit = |rest: &[u8]| match rest {
        [b'\\', b'u', digits @ ..] => digits.first_chunk::<4>().and_then(|digits| {
            digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
        }),
        _ => None,
    };
    match (rest, unit(rest)) {
        (_, Some(0xd800..0xdc00)) => match unit(&rest[6..]) {
            Some(0xdc00..0xe000) => Some((12, false)),
            _ => Some((6, true)),
        },
        (_, Some(unit)) => Some((6, (0xdc00..0xe000).contains(&unit))),
        ([b'\\', b'u', ..], None) => None,
        ([b'\\', _, ..], None) => Some((2, false)),
        _ => None,
    }
}

/// Bytes that belong together at the front of the inside of a string: an escape, or two that are one character, or a character.
pub(crate) fn character_length(rest: &[u8]) -> usize {
    let first = rest.first().map_or(0, |first| first.leading_ones() as usize);
    escape(rest).map_or(first.clamp(1, 4), |(length, _)| length)
}

/// The same JSON, byte for byte in the same places, but for `\ufffd` where half of a surrogate pair stands alone.
pub(crate) fn paired(json: &[u8]) -> Cow<'_, [u8]> {
    let mut paired = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &json[at..]) {
        at += next;
        let Some((length, is_lone)) = escape(&json[at..]) else {
            at += 1;
            continue;
        };
        if is_lone {
            paired.to_mut()[at..at + length].copy_from_slice(b"\\ufffd");
        }
        at += length;
    }
    paired
}

/// What a JSON string says, given with its quotes; `None` for what is none.
pub(crate) fn string(quoted: &[u8]) -> Option<String> {
    serde_json::from_slice(&paired(quoted)).ok()
}

/// The value of a JSON text; `None` for what is none.
pub(crate) fn value(json: &[u8]) -> Option<Value> {
    serde_json::from_slice(&paired(json)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_pair_is_replaced_and_nothing_around_it() {
        for (json, says) in [
            (r#""a\ud800b""#, "a\u{fffd}b"),
            (r#""\uDFFF\uD83E\uDD80\uD83E""#, "\u{fffd}🦀\u{fffd}"),
            (r#""\ud800\ud83e\udd80""#, "\u{fffd}🦀"),
            (r#""\udd80\ud83e""#, "\u{fffd}\u{fffd}"),
            (r#""\ud800\n\\ud800\"é""#, "\u{fffd}\n\\ud800\"é"),
            (r#""\ud800\u0041""#, "\u{fffd}A"),
            (r#""plain""#, "plain"),
        ] {
            assert_eq!(string(json.as_bytes()).as_deref(), Some(says), "{json}");
            let paired = paired(json.as_bytes());
            assert_eq!(
                (paired.len(), matches!(paired, Cow::Owned(_))),
                (json.len(), says.contains('\u{fffd}')),
                "{json}"
            );
        }
        for none in [r#""\ud8""#, r#""\ud80g""#, r#""\"#, r#""\u""#, "1", ""] {
            assert_eq!(string(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn what_belongs_together_is_counted_together() {
        let lengths = |text: &str| {
            let mut rest = text.as_bytes();
            std::iter::from_fn(move || {
                let (_, behind) = rest.split_at_checked(character_length(rest)).filter(|_| !rest.is_empty())?;
                Some(std::mem::replace(&mut rest, behind).len() - behind.len())
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(lengths(r"a\n\u00e9\ud83e\udd80é🦀"), [1, 2, 6, 12, 2, 4]);
        assert_eq!(lengths(r"\ud800ab\u00e9\ud800\n"), [6, 1, 1, 6, 6, 2]);
    }
}
