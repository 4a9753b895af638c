//! When a line isn't the whole message yet.

use super::command_table::PromptRole;
use super::typed_json;
use crate::view::json_nesting::Nesting;

/// Whether Enter goes on to the next line instead of sending: behind a trailing `\`, and inside a
/// JSON object or array. An empty last line sends in any case.
pub(super) fn is_unfinished(typed: &str) -> bool {
    let last_line = typed.rsplit('\n').next().unwrap_or_default();
    if typed.contains('\n') && last_line.is_empty() {
        return false;
    }
    last_line.ends_with('\\') || is_open_json(typed)
}

/// The message that the lines make. A newline at the end that Enter has added, `ends_by_hand`, only sent it.
pub(super) fn message(typed: &str, ends_by_hand: bool) -> String {
    let whole = if ends_by_hand { typed.strip_suffix('\n').unwrap_or(typed) } else { typed };
    whole.replace("\\\n", "\n")
}

/// Whether a JSON object or array has begun and not ended, which is a message or what a command sends.
fn is_open_json(typed: &str) -> bool {
    let json = PromptRole::ALL.into_iter().find_map(|role| typed_json::of_any_line(role, typed));
    let Some((_, text)) = json else { return false };
    let mut nesting = Nesting::default();
    text.chars().all(|c| {
        nesting.push(c);
        nesting.depth() != 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_and_open_json_go_on() {
        for typed in
            ["a\\", "{", "[1,\n2", "{\"a}\":1", "/json [", "{\"\\\"}", "/def sub {\n\"a\":", "/repeat 2 every 1s {"]
        {
            assert!(is_unfinished(typed), "{typed}");
        }
        for typed in [
            "",
            "a",
            "{}",
            "[1,\n2]",
            "a{",
            "{\n",
            "a\\\n",
            "]{",
            "{}{",
            "/def sub {}",
            "/on json /a => {",
            "/nothing {",
            "/ping a{b",
            "/text x{",
            "/escape a{",
            "/frame payload={",
            "/close 4000 [x",
            "/fragment 2 a{",
        ] {
            assert!(!is_unfinished(typed), "{typed}");
        }
    }

    #[test]
    fn the_lines_make_one_message() {
        assert_eq!(message("a\\\nb", false), "a\nb");
        assert_eq!(message("{\n", true), "{");
        assert_eq!(message("a\\\n", true), "a\\");
        assert_eq!(message("a\n", false), "a\n");
        assert_eq!(message("a\nb", false), "a\nb");
        assert_eq!(message("a\\", false), "a\\");
    }
}
