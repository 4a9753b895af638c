//! Regular expressions that no message can match: `/^2$/` and `"^2$"`, as other languages write `^2$`.

use regex_syntax::hir::{Hir, HirKind, Look};

/// Whether the beginning of the message is asked for behind something, or its end before something.
pub(super) fn never_matches(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => false,
        // Rust's own word for an expression without a match, such as [^\s\S].
        HirKind::Class(_) => hir.properties().minimum_len().is_none(),
        HirKind::Repetition(repetition) => repetition.min > 0 && never_matches(&repetition.sub),
        HirKind::Capture(capture) => never_matches(&capture.sub),
        HirKind::Alternation(branches) => branches.iter().all(never_matches),
        HirKind::Concat(pieces) => {
            let has_length = |piece: &Hir| piece.properties().minimum_len().is_some_and(|length| length > 0);
            let asks = |piece: &Hir, look: Look, behind: bool| {
                let properties = piece.properties();
                let set = if behind { properties.look_set_prefix() } else { properties.look_set_suffix() };
                set.contains(look)
            };
            (0..pieces.len()).any(|at| {
                let piece = &pieces[at];
                never_matches(piece)
                    || (asks(piece, Look::Start, true) && pieces[..at].iter().any(has_length))
                    || (asks(piece, Look::End, false) && pieces[at + 1..].iter().any(has_length))
            })
        }
    }
}

/// Why it doesn't, and what to write.
pub(super) fn reason(text: &str) -> String {
    let why = "no message can match this: ^ is its beginning and $ its end";
    let delimited = ['/', '"', '\'', '`'].into_iter().find_map(|quote| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.is_empty()).then_some((quote, inner))
    });
    match delimited {
        Some((quote, inner)) => format!("{why}; write it without the {quote} around it: {inner}"),
        None => why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_certainly_matches_nothing_is_found() {
        let never = |text: &str| {
            let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(text).unwrap();
            never_matches(&parsed)
        };
        for text in ["/^2$/", "\"^2$\"", "a^", "$a", "(a)(^b|^c)", "x$y|a^", "(?:a^)+"] {
            assert!(never(text), "{text}");
            assert!(!regex::bytes::Regex::new(text).unwrap().is_match(b"/^2$/\"2\"2a"), "{text}");
        }
        for text in ["^2$", "/2/", "\"2\"", "a*^", "(a|^)b", "$a?", "(?m)a\\n^b", "(?:a^)*", "^^a$$", "a|b^", "(^a|b)$"]
        {
            assert!(!never(text), "{text}");
        }
    }
}
