//! Where a text stops being JSON, and why.

use serde::de::IgnoredAny;

use super::syntax_error::PieceError;

/// What a text is told that isn't one value of JSON; `None` where it is.
pub(super) fn find(text: &str) -> Option<PieceError> {
    let error = serde_json::from_str::<IgnoredAny>(text).err()?;
    let line_at = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    // At the end there is no character that it could be.
    let at = (line_at + error.column().saturating_sub(1)).min(text.len());
    let at =
        if error.is_eof() { text.trim_end().len() } else { (0..=at).rev().find(|at| text.is_char_boundary(*at))? };
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(&*words, |(words, _)| words);
    let is_behind_comma = text[at..].starts_with(['}', ']']) && text[..at].trim_end().ends_with(',');
    let words = if is_behind_comma { "trailing comma" } else { words };
    let is_word = text[at..].starts_with(char::is_alphabetic);
    let advice = if is_word { "; a text is written in double quotes" } else { "" };
    Some(PieceError::at(at, format!("it is not JSON from here on ({words}){advice}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_its_place() {
        for (text, place) in [
            ("{\"a\":1,}", "}"),
            ("{\n\"a\": 1,\n\"b\": x,\n\"c\": 2}", "x,\n\"c\": 2}"),
            ("{a}", "a}"),
            ("b", "b"),
            ("[1 2]", "2]"),
            ("[1, {", ""),
            ("{\"é\": tru }", " }"),
            ("1 2", "2"),
            ("\"a", ""),
            ("[01]", "1]"),
        ] {
            let error = find(text).unwrap();
            assert_eq!(&text[error.at..], place, "{text}: {}", error.why);
        }
        assert_eq!(find(" {\"a\":[1,\"x\"]} "), None);
    }
}
