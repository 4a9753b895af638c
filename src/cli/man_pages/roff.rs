//! A page in the macros of man(7), which man-db, mandoc and the `man` of macOS read.
//!
//! Text goes in as it is read: [`plain`], [`bold`] and [`italic`] escape it. What is folded here is the source, whose lines
//! mean nothing; how wide a paragraph is shown is up to the reader's terminal.

use std::borrow::Cow;

/// The widest line that a terminal of 80 columns has room for where nothing is filled: text begins at column 7.
pub(super) const ROOM: usize = 73;

/// How many columns further right than its tag the text of an entry begins.
pub(super) const ENTRY: usize = 7;

/// How far an example stands to the right of the text around it, where it has the room.
const INDENT: usize = 4;

/// Where lines of the source end, for whoever reads a difference between two of them.
const SOURCE_WIDTH: usize = 78;

/// Text as it stands.
pub(super) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\e"),
            // Otherwise typographic characters take their places, which can't be pasted into a shell.
            '-' => escaped.push_str("\\-"),
            '\'' => escaped.push_str("\\(aq"),
            '`' => escaped.push_str("\\(ga"),
            '^' => escaped.push_str("\\(ha"),
            '~' => escaped.push_str("\\(ti"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What is typed as it stands.
pub(super) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", plain(text))
}

/// What something else is typed for.
pub(super) fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", plain(text))
}

/// A page that is being written. Where a parameter is called `inline`, it is text that is escaped already.
#[derive(Debug)]
pub(super) struct RoffPage(String);

impl RoffPage {
    /// With its first lines: which page it is, of which section, and of what it is a part.
    pub(super) fn new(name: &str, section: u8, source: &str) -> Self {
        let title = plain(&name.to_uppercase());
        // Words stay whole, and blanks single: what is pasted into a shell can't be broken, and flags are found by a search.
        let form = ".nh\n.ad l\n";
        Self(format!(".TH \"{title}\" \"{section}\" \"\" \"{}\" \"wscli manual\"\n{form}", plain(source)))
    }

    /// What the page is called, and about, by which apropos finds it.
    pub(super) fn name(&mut self, name: &str, about: &str) {
        self.heading("NAME");
        self.text(&format!("{} \\- {}", plain(name), plain(about)));
    }

    /// In capitals, but for what is `code`.
    pub(super) fn heading(&mut self, title: &str) {
        let parts = title.split('`').enumerate();
        let title: String =
            parts.map(|(at, part)| if at % 2 == 0 { part.to_uppercase() } else { part.to_owned() }).collect();
        self.control("SH", &plain(&title));
    }

    pub(super) fn subheading(&mut self, title: &str) {
        self.control("SS", &plain(title));
    }

    pub(super) fn paragraph(&mut self, inline: &str) {
        self.begin_paragraph();
        self.text(inline);
    }

    /// An entry of a list of what there is, with what it is below.
    pub(super) fn entry(&mut self, tag: &str, body: &str) {
        self.0.push_str(".TP\n");
        self.unfolded(tag);
        self.text(if body.is_empty() { "\\&" } else { body });
    }

    /// A further paragraph of an entry.
    pub(super) fn further(&mut self, inline: &str) {
        self.0.push_str(".IP\n");
        self.text(inline);
    }

    /// What follows is on a line of its own.
    pub(super) fn broken(&mut self, inline: &str) {
        self.0.push_str(".br\n");
        self.text(inline);
    }

    pub(super) fn item(&mut self, inline: &str) {
        self.0.push_str(".IP \\(bu 2\n");
        self.text(inline);
    }

    /// What is written is inside the entry or the item above, whose text begins so many columns further right.
    pub(super) fn inside(&mut self, columns: usize, write: impl FnOnce(&mut Self)) {
        self.0.push_str(&format!(".RS {columns}\n"));
        write(self);
        self.0.push_str(".RE\n");
    }

    /// Lines that stay lines: what is typed, and what is printed. What is too wide goes on below.
    pub(super) fn example<'a>(&mut self, lines: impl Iterator<Item = &'a str>) {
        let lines: Vec<_> = lines.flat_map(folded).collect();
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
        let is_indented = widest + INDENT <= ROOM;
        self.begin_paragraph();
        if is_indented {
            self.0.push_str(&format!(".RS {INDENT}\n"));
        }
        self.0.push_str(".nf\n");
        lines.iter().for_each(|line| self.unfolded(&plain(line)));
        self.0.push_str(".fi\n");
        if is_indented {
            self.0.push_str(".RE\n");
        }
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    /// A heading begins one, too.
    fn begin_paragraph(&mut self) {
        let line = self.0.trim_end().rsplit('\n').next().unwrap_or_default();
        if !line.starts_with(".S") {
            self.0.push_str(".PP\n");
        }
    }

    fn control(&mut self, name: &str, inline: &str) {
        self.0.push_str(&format!(".{name} {inline}\n"));
    }

    /// A line of the source that is one on the page, too.
    fn unfolded(&mut self, inline: &str) {
        self.0.push_str(&as_text(inline));
        self.0.push('\n');
    }

    fn text(&mut self, inline: &str) {
        let mut line = String::new();
        for word in inline.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > SOURCE_WIDTH {
                // Where a line of the source ends a sentence, another blank would follow.
                if ends_sentence(&line) {
                    line.push_str("\\&");
                }
                self.unfolded(&line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            // A list of names may be wider than a row: it can be broken behind each of them.
            match word.len() > ROOM / 2 {
                true => line.push_str(&word.replace('|', "|\\:")),
                false => line.push_str(word),
            }
        }
        self.unfolded(&line);
    }
}

fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches([')', ']', '"', '\'']).trim_end_matches("\\fR").ends_with(['.', '!', '?'])
}

/// A line in rows that a terminal has room for; a command's so that a shell takes them together, another's below the column in
/// which its text begins.
fn folded(line: &str) -> Vec<String> {
    let is_command = line.starts_with("$ ") || line.starts_with("wscli ");
    let indent = if is_command { INDENT } else { hanging_indent(line) };
    let end = if is_command { " \\" } else { "" };
    let (mut rows, mut rest) = (Vec::new(), line.to_owned());
    while rest.chars().count() > ROOM {
        let widest = rest.char_indices().nth(ROOM - end.len() + 1).map_or(rest.len(), |(at, _)| at);
        let is_outside_quotes = |at: &usize| !is_command || rest[..*at].matches('\'').count().is_multiple_of(2);
        let mut blanks = rest[..widest].match_indices(' ').map(|(at, _)| at).filter(is_outside_quotes);
        // Behind the indent, without which nothing would be left of it.
        let Some(at) = blanks.rfind(|at| !rest[..*at].trim().is_empty()) else { break };
        let next = format!("{:indent$}{}", "", rest[at..].trim_start());
        rows.push(format!("{}{end}", &rest[..at]));
        rest = next;
    }
    rows.push(rest);
    rows
}

/// Below which column of a line the rest of it stands: that of its text where something stands in a column of its own before it.
fn hanging_indent(line: &str) -> usize {
    let columns: Vec<char> = line.chars().take(ROOM / 2).collect();
    let begun = columns.iter().position(|c| *c != ' ').unwrap_or_default();
    let behind_gap = columns.windows(3).rposition(|three| three[..2] == [' ', ' '] && three[2] != ' ').map(|at| at + 2);
    behind_gap.filter(|column| *column > begun).unwrap_or(begun + INDENT / 2)
}

/// A line that begins with a point would be a macro, were there nothing in front.
fn as_text(line: &str) -> Cow<'_, str> {
    if line.starts_with(['.', '\'']) { Cow::Owned(format!("\\&{line}")) } else { Cow::Borrowed(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_roff_is_text() {
        assert_eq!(plain(r"-d '\x1e' ^`~"), r"\-d \(aq\ex1e\(aq \(ha\(ga\(ti");
        let mut page = RoffPage::new("a-b", 5, "c 1");
        page.paragraph(&plain(".hidden"));
        page.example([".TH no title", ""].into_iter());
        assert_eq!(
            page.finish(),
            ".TH \"A\\-B\" \"5\" \"\" \"c 1\" \"wscli manual\"\n.nh\n.ad l\n.PP\n\\&.hidden\n.PP\n.RS 4\n.nf\n\\&.TH no title\n\n.fi\n.RE\n"
        );
    }

    #[test]
    fn what_is_too_wide_goes_on_below() {
        assert_eq!(folded("short"), ["short"]);
        let long = "x".repeat(40);
        assert_eq!(folded(&format!("  {long} {long}")), [format!("  {long}"), format!("    {long}")]);
        assert_eq!(folded(&format!("$ a '{long} b' {long}")), [format!("$ a '{long} b' \\"), format!("    {long}")]);
        let columns = format!(" a  b   {long} {long}");
        assert_eq!(folded(&columns), [format!(" a  b   {long}"), format!("        {long}")]);
        let whole = long.repeat(2);
        assert_eq!(folded(&whole), [whole]);
    }

    #[test]
    fn a_heading_leaves_code_as_it_is_typed() {
        let mut page = RoffPage(String::new());
        page.heading("With `--limits`: what");
        assert_eq!(page.finish(), ".SH WITH \\-\\-limits: WHAT\n");
    }

    #[test]
    fn a_sentence_that_ends_a_line_of_the_source_is_followed_by_one_blank() {
        let mut page = RoffPage(String::new());
        page.paragraph(&format!("{}it ends.) Then (\\fBx.\\fR) goes on.", "word ".repeat(13)));
        let page = page.finish();
        assert!(page.contains(" ends.)\\&\nThen") && page.ends_with("goes on.\n"), "{page}");
    }

    #[test]
    fn the_source_is_folded_at_blanks() {
        let mut page = RoffPage(String::new());
        page.paragraph(&"word ".repeat(40));
        let page = page.finish();
        assert!(page.lines().all(|line| line.len() <= SOURCE_WIDTH), "{page}");
        assert_eq!(page.split_whitespace().filter(|word| *word == "word").count(), 40);
    }
}
