//! Where two texts of one line begin to differ, and what stands around that.

use crate::peer_text::Exact;
use crate::view::width::width;

/// Characters that are shown before the place, and from there on.
const BEFORE: usize = 40;
const BEHIND: usize = 60;

/// What differs, for a person: what was expected, what was found, and the place, which is below them. Of a long text what stands
/// around the place is there. `None` where they are the same.
pub(crate) fn lines(expected: &str, found: &str) -> Option<[String; 3]> {
    let at = expected.chars().zip(found.chars()).take_while(|(expected, found)| expected == found).count();
    let [one, other] = [expected, found].map(|text| text.chars().nth(at));
    if one.is_none() && other.is_none() {
        return None;
    }
    let begins = at.saturating_sub(BEFORE);
    let cut = if begins > 0 { "…" } else { "" };
    let before: String = expected.chars().skip(begins).take(at - begins).collect();
    let before = format!("{cut}{}", Exact(&before));
    let shown = |text: &str| {
        let mut rest = text.chars().skip(at);
        let shown: String = rest.by_ref().take(BEHIND).collect();
        format!("{before}{}{}", Exact(&shown), if rest.next().is_some() { "…" } else { "" })
    };
    let named = |c: Option<char>| match c {
        Some(c) => format!("U+{:04X}", u32::from(c)),
        None => "the end".to_owned(),
    };
    // What can't be seen, or is taken for what it stands for, has its number.
    let is_plain = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || (c.is_ascii_graphic() && c != '\\'));
    let which = match is_plain(one) && is_plain(other) {
        true => String::new(),
        false => format!(": {}, not {}", named(other), named(one)),
    };
    let place = format!("{:width$}^ character {}{which}", "", at + 1, width = width(&before));
    Some([format!("- {}", shown(expected)), format!("+ {}", shown(found)), format!("  {place}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_its_place_and_what_stands_around_it() {
        let told = |expected: &str, found: &str| lines(expected, found).map(|lines| lines.join("\n"));
        assert_eq!(told("hello world", "hello wurld").unwrap(), "- hello world\n+ hello wurld\n         ^ character 8");
        assert_eq!(told("ab", "ab"), None);
        assert_eq!(told("ab", "ab ").unwrap(), "- ab\n+ ab \n    ^ character 3: U+0020, not the end");
        assert_eq!(told("\\x01", "\u{1}").unwrap(), "- \\\\x01\n+ \\x01\n  ^ character 1: U+0001, not U+005C");
        let [long, other] = ["o", "0"].map(|c| format!("{}{c}{}", "é".repeat(1300), "x".repeat(2000)));
        let [expected, found, place] = lines(&long, &other).unwrap();
        assert_eq!(expected, format!("- …{}o{}…", "é".repeat(40), "x".repeat(59)));
        assert_eq!((found.chars().count(), place), (expected.chars().count(), format!("{:43}^ character 1301", "")));
    }
}
