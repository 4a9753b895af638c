//! A page of HTML as text: enough for the pages that servers and proxies send with an error. A peer may send any page: all of it
//! takes time that grows as the page does, and no faster.

use std::collections::HashSet;

use crate::http::{decimal, hexadecimal};

/// Elements whose content nobody reads.
const HIDDEN: [&str; 4] = ["script", "style", "svg", "template"];

/// Elements that go on in their line.
const INLINE: [&str; 20] = [
    "a", "abbr", "b", "big", "code", "em", "font", "i", "img", "kbd", "label", "q", "s", "small", "span", "strong",
    "sub", "sup", "tt", "u",
];

/// Cells of a table, which share a line.
const CELLS: [&str; 2] = ["td", "th"];

/// Its title and its text, a line for each block; white space and repeated lines left out, but the lines of `<pre>`.
pub(super) fn text(html: &str) -> Vec<String> {
    let mut page = HtmlText::default();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        page.push(&rest[..start]);
        rest = page.tag(&rest[start..]);
    }
    page.push(rest);
    page.end_line();
    page.lines
}

#[derive(Default)]
struct HtmlText {
    lines: Vec<String>,
    /// Those that there are.
    known: HashSet<String>,
    line: String,
    is_preformatted: bool,
}

impl HtmlText {
    /// Takes the tag or the comment that `html` begins with; gives what follows it, and the content that nobody reads.
    fn tag<'h>(&mut self, html: &'h str) -> &'h str {
        if let Some(comment) = html.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let inside = &html[1..];
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            self.push("<");
            return inside;
        }
        let end = inside.find('>').unwrap_or(inside.len());
        let rest = inside.get(end + 1..).unwrap_or_default();
        let is_end = inside.starts_with('/');
        let name = inside[..end].trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            name if CELLS.contains(&name) => self.push(" "),
            name if INLINE.contains(&name) => {}
            name => {
                self.end_line();
                self.is_preformatted = if name == "pre" { !is_end } else { self.is_preformatted };
            }
        }
        if HIDDEN.contains(&name.as_str()) && !is_end { behind(rest, &name) } else { rest }
    }

    /// Adds text.
    fn push(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 && self.is_preformatted {
                self.end_line();
            }
            let begins_apart = number > 0 || line.starts_with(char::is_whitespace);
            for (number, word) in line.split_whitespace().enumerate() {
                if !self.line.is_empty() && (number > 0 || begins_apart) && !self.line.ends_with(' ') {
                    self.line.push(' ');
                }
                self.line.push_str(&decoded(word));
            }
            if line.ends_with(char::is_whitespace) && !self.line.is_empty() && !self.line.ends_with(' ') {
                self.line.push(' ');
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line).trim().to_owned();
        // A title is most often the heading too.
        if !line.is_empty() && self.known.insert(line.clone()) {
            self.lines.push(line);
        }
    }
}

/// What follows the end tag of an element.
fn behind<'h>(html: &'h str, name: &str) -> &'h str {
    let end = format!("</{name}");
    let found = html.char_indices().find(|(at, _)| {
        html.as_bytes()[*at..].get(..end.len()).is_some_and(|there| there.eq_ignore_ascii_case(end.as_bytes()))
    });
    found.map_or("", |(at, _)| &html[at..])
}

/// The name of a character reference, in bytes: more zeros than that stand before no number on such pages.
const LONGEST_REFERENCE: usize = 16;

/// A word with its character references resolved, those that are met on such pages.
fn decoded(word: &str) -> String {
    let mut shown = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('&') {
        shown.push_str(before);
        let end = after.bytes().take(LONGEST_REFERENCE + 1).position(|byte| byte == b';');
        let resolved = end.and_then(|end| Some((character(&after[..end])?, &after[end + 1..])));
        rest = match resolved {
            Some((character, behind)) => {
                shown.push(character);
                behind
            }
            None => {
                shown.push('&');
                after
            }
        };
    }
    shown + rest
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => hexadecimal(hex)?,
            None => decimal(number)?,
        };
        return char::from_u32(u32::try_from(code).ok()?);
    }
    let (_, character) = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("copy", '©'),
        ("mdash", '—'),
        ("ndash", '–'),
        ("hellip", '…'),
        ("rsquo", '’'),
        ("lsquo", '‘'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("middot", '·'),
        ("bull", '•'),
        ("rarr", '→'),
    ]
    .into_iter()
    .find(|(known, _)| *known == name)?;
    Some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_errors_are_read() {
        let nginx = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>\
                     </center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n<!-- padding -->\r\n";
        assert_eq!(text(nginx), ["502 Bad Gateway", "nginx/1.22.1"]);
        let express = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Error</title></head>\n<body>\n\
                       <pre>Cannot GET /x\n    at b &lt;c&gt;</pre>\n</body></html>";
        assert_eq!(text(express), ["Error", "Cannot GET /x", "at b <c>"]);
        let styled = "<style>p > a { color: red }</STYLE><p>The <b>access</b> to\n this\tpage is <i>de</i>nied.<br>\
                      Ray&nbsp;ID: &#52;&#x32; a&b <3<script>if (a < b) { x('</p>') }</script><tr><td>a</td><td>b</td></tr>";
        assert_eq!(text(styled), ["The access to this page is denied.", "Ray ID: 42 a&b <3", "a b"]);
    }

    #[test]
    fn a_page_takes_no_longer_than_it_is_long() {
        let lines: String = (0..20_000).map(|number| format!("<p>{number}")).collect();
        assert_eq!(text(&lines).len(), 20_000);
        for character in ["&", "<"] {
            assert_eq!(text(&format!("<p>{}", character.repeat(1 << 18))), [character.repeat(1 << 18)]);
        }
    }

    #[test]
    fn what_is_cut_off_or_broken_is_read_as_far_as_it_goes() {
        assert_eq!(text("<p>a<!-- b"), ["a"]);
        assert_eq!(text("<p>a<script>b"), ["a"]);
        assert_eq!(text("<p>a</p"), ["a"]);
        assert_eq!(text("a < b &unknown; &#xffffffff; &"), ["a < b &unknown; &#xffffffff; &"]);
        assert_eq!(text("<é>a</é>"), ["<é>a"]);
        assert_eq!(text(""), [""; 0]);
    }
}
