//! The pages of docs/ as parts of manual pages: as much of Markdown as they use.

use super::roff::{ROOM, RoffPage, bold, italic, plain};
use super::with_pages;

/// A part of a document, in its own words.
#[derive(Debug, PartialEq)]
enum MarkdownBlock<'a> {
    /// Without its marks, of which there were so many.
    Heading(usize, &'a str),
    /// On one line.
    Paragraph(String),
    Items(Vec<MarkdownItem>),
    /// Lines without the indent that made them one.
    Code(Vec<&'a str>),
    /// Rows of cells, the first of which are the names of the columns.
    Table(Vec<Vec<String>>),
}

/// An item of a list, with those of the list inside it.
#[derive(Debug, PartialEq)]
struct MarkdownItem {
    text: String,
    items: Vec<MarkdownItem>,
}

/// Writes a document into a page, below its title, which is another matter. What stands above the first heading is put below
/// `first`.
pub(super) fn write(document: &str, first: &str, page: &mut RoffPage) {
    page.heading(first);
    for block in blocks(document) {
        match block {
            MarkdownBlock::Heading(1, _) => {}
            MarkdownBlock::Heading(2, title) => page.heading(title),
            MarkdownBlock::Heading(_, title) => page.subheading(&title.replace('`', "")),
            MarkdownBlock::Paragraph(text) => page.paragraph(&inline(&text)),
            MarkdownBlock::Items(items) => write_items(&items, page),
            MarkdownBlock::Code(lines) => write_code(&lines, page),
            MarkdownBlock::Table(rows) => write_table(&rows, page),
        }
    }
}

/// The document in its parts.
fn blocks(document: &str) -> Vec<MarkdownBlock<'_>> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().peekable();
    while let Some(line) = lines.next() {
        let mut following =
            |goes_on: fn(&&str) -> bool| std::iter::from_fn(|| lines.next_if(goes_on)).collect::<Vec<_>>();
        let block = if line.trim().is_empty() {
            continue;
        } else if line.starts_with("```") {
            let code = following(|line| !line.starts_with("```"));
            lines.next();
            MarkdownBlock::Code(code)
        } else if let Some(first) = line.strip_prefix(INDENT) {
            let rest = following(|line| line.is_empty() || line.starts_with(INDENT));
            MarkdownBlock::Code(code(first, &rest))
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#');
            MarkdownBlock::Heading(line.len() - title.len(), title.trim())
        } else if line.starts_with('|') {
            let rest = following(|line| line.starts_with('|'));
            let rows = [line].into_iter().chain(rest.into_iter().skip(1));
            MarkdownBlock::Table(rows.map(cells).collect())
        } else if line.starts_with(ITEM) {
            let rest = following(|line| line.starts_with(ITEM) || line.starts_with("  "));
            MarkdownBlock::Items(items(&[&[line], &rest[..]].concat()))
        } else {
            let rest = following(|line| !line.is_empty() && !line.starts_with(['|', '#']) && !line.starts_with(ITEM));
            MarkdownBlock::Paragraph([&[line], &rest[..]].concat().join(" "))
        };
        blocks.push(block);
    }
    blocks
}

/// What makes a line one of code.
const INDENT: &str = "    ";

const ITEM: &str = "- ";

fn code<'a>(first: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    let rest = rest.iter().map(|line| line.strip_prefix(INDENT).unwrap_or_default());
    let mut code: Vec<_> = [first].into_iter().chain(rest).collect();
    while code.last().is_some_and(|line| line.is_empty()) {
        code.pop();
    }
    code
}

/// The items of a list. What is inside one is two blanks further right.
fn items(lines: &[&str]) -> Vec<MarkdownItem> {
    let item = |lines: &[&str]| {
        let below: Vec<_> = lines[1..].iter().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        let end = below.iter().position(|line| line.starts_with(ITEM)).unwrap_or(below.len());
        let text = [&[&lines[0][ITEM.len()..]], &below[..end]].concat();
        let text = text.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        MarkdownItem { text, items: items(&below[end..]) }
    };
    lines.chunk_by(|_, next| !next.starts_with(ITEM)).map(item).collect()
}

fn write_items(items: &[MarkdownItem], page: &mut RoffPage) {
    for item in items {
        page.item(&inline(&item.text));
        if !item.items.is_empty() {
            page.inside(ITEM.len(), |page| write_items(&item.items, page));
        }
    }
}

/// The cells of a row. A bar inside one has a backslash in front.
fn cells(row: &str) -> Vec<String> {
    const BAR: &str = "\u{1}";
    let row = row.replace("\\|", BAR);
    let inner = row.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(|cell| cell.trim().replace(BAR, "|")).collect()
}

/// A table of a page is a list: the first cell of a row with the others below it. Where they are two, what the second one says
/// needs no name; of many each has that of its column.
fn write_table(rows: &[Vec<String>], page: &mut RoffPage) {
    const MANY: usize = 4;
    let Some((names, rows)) = rows.split_first() else { return };
    for row in rows {
        let Some((tag, cells)) = row.split_first() else { continue };
        let is_named = |column| column > 0 || names.len() >= MANY;
        let cells = cells.iter().zip(&names[1..]).enumerate().filter(|(_, (cell, _))| !cell.is_empty());
        let mut lines = cells.map(|(column, (cell, name))| match is_named(column) {
            true => format!("{}: {}", italic(&name.replace('`', "")), inline(cell)),
            false => inline(cell),
        });
        page.entry(&inline(tag), &lines.next().unwrap_or_default());
        lines.for_each(|line| page.broken(&line));
    }
}

/// Code stays as it is where it fits, and so does what a command prints. Where it doesn't fit, its lines have what they are about
/// in a column of its own.
fn write_code(lines: &[&str], page: &mut RoffPage) {
    let fits = lines.iter().all(|line| line.chars().count() <= ROOM);
    let is_session = lines.iter().any(|line| line.starts_with("$ "));
    match definitions(lines).filter(|_| !fits && !is_session) {
        Some(definitions) => definitions.iter().for_each(|(term, text)| page.entry(&bold(term), &inline(text))),
        None => page.example(lines.iter().copied()),
    }
}

/// Terms and what is said about them, if that stands in one column.
fn definitions(lines: &[&str]) -> Option<Vec<(String, String)>> {
    let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    let column = lines.iter().find_map(|line| column_of_text(line))?;
    let mut definitions: Vec<(String, String)> = Vec::new();
    for line in &lines {
        let (term, text) = line.split_at(column.min(line.len()));
        let is_in_columns = text.first().is_none_or(|c| *c != ' ') && term.last() == Some(&' ');
        let is_term_alone = line.first().is_some_and(|c| *c != ' ') && column_of_text(line).is_none();
        let (term, text) = match is_in_columns {
            true => (term, text),
            false if is_term_alone => (&line[..], &line[..0]),
            false => return None,
        };
        let [term, text] = [term, text].map(|part| part.iter().collect::<String>().trim().to_owned());
        // What a shell passes over needs no mark where it isn't in a shell.
        let text = text.trim_start_matches("# ").to_owned();
        match definitions.last_mut().filter(|_| term.is_empty()) {
            Some((_, before)) => *before += &format!(" {text}"),
            None => definitions.push((term, text)),
        }
    }
    Some(definitions)
}

/// Where the text of a line begins, behind a term and two blanks.
fn column_of_text(line: &[char]) -> Option<usize> {
    let gap = line.windows(3).position(|three| three[0] != ' ' && three[1..] == [' ', ' '])?;
    line[gap + 1..].iter().position(|c| *c != ' ').map(|blanks| gap + 1 + blanks)
}

/// Text with its marks: `code`, **strong**, *emphasis*, and links, of which the page has the text.
pub(super) fn inline(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*', '[']) {
        let (before, marked) = rest.split_at(at);
        let (inner, behind) = match span(marked) {
            Some((inner, behind)) => (inner, behind),
            None => {
                let (mark, behind) = marked.split_at(1);
                (plain(mark), behind)
            }
        };
        written.push_str(&plain(&with_pages(before)));
        written.push_str(&inner);
        rest = behind;
    }
    written + &plain(&with_pages(rest))
}

/// What a mark at the beginning makes of what follows, and what is behind that; `None` where it is no mark.
fn span(text: &str) -> Option<(String, &str)> {
    if let Some(code) = text.strip_prefix('`') {
        let (code, behind) = code.split_once('`')?;
        // A page is no code.
        let named = with_pages(code);
        let shown = if named == code { bold(code) } else { plain(&named) };
        return Some((shown, behind));
    }
    if let Some(strong) = text.strip_prefix("**") {
        let (strong, behind) = strong.split_once("**")?;
        return Some((bold(strong), behind));
    }
    if let Some(emphasis) = text.strip_prefix('*') {
        let (emphasis, behind) = emphasis.split_once('*')?;
        let is_stressed = emphasis.starts_with(char::is_alphanumeric) && emphasis.ends_with(char::is_alphanumeric);
        return is_stressed.then(|| (italic(emphasis), behind));
    }
    let (label, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (target, behind) = behind.split_once(')')?;
    let page = with_pages(&format!("docs/{target}"));
    let shown = if page.contains('(') { plain(&page) } else { inline(label) };
    Some((shown, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_its_parts() {
        let item = |text: &str, items| MarkdownItem { text: text.into(), items };
        let text = "# T\n\nOne\nparagraph.\n\n    code\n\n      more\n\n## A b\n- x\n  y\n  - in\n    it\n  - w\n- z\n\n| a | b |\n|---|---|\n| `c\\|d` | e |\n\n```console\n$ f\n```\n";
        assert_eq!(
            blocks(text),
            [
                MarkdownBlock::Heading(1, "T"),
                MarkdownBlock::Paragraph("One paragraph.".into()),
                MarkdownBlock::Code(vec!["code", "", "  more"]),
                MarkdownBlock::Heading(2, "A b"),
                MarkdownBlock::Items(vec![
                    item("x y", vec![item("in it", vec![]), item("w", vec![])]),
                    item("z", vec![])
                ]),
                MarkdownBlock::Table(vec![vec!["a".into(), "b".into()], vec!["`c|d`".into(), "e".into()]]),
                MarkdownBlock::Code(vec!["$ f"]),
            ]
        );
    }

    #[test]
    fn marks_in_a_text_become_fonts() {
        for (text, is) in [
            ("`-x` is *this one*, 2 * 3 * 4", r"\fB\-x\fR is \fIthis one\fR, 2 * 3 * 4"),
            ("**1.** a ` b", r"\fB1.\fR a \(ga b"),
            ("[rules](rules.md), [below](#here) and x[1]", "wscli\\-rules(5), below and x[1]"),
            ("see `docs/rules.md`; docs/security.md", "see wscli\\-rules(5); docs/security.md"),
        ] {
            assert_eq!(inline(text), is);
        }
    }

    #[test]
    fn a_table_is_a_list_that_names_its_columns_where_they_are_many() {
        let rows = |rows: &[&str]| rows.iter().map(|row| cells(row)).collect::<Vec<_>>();
        let written = |table: &[&str]| {
            let mut page = RoffPage::new("a", 5, "b");
            write_table(&rows(table), &mut page);
            page.finish().split_once(".TP\n").unwrap().1.to_owned()
        };
        assert_eq!(written(&["| a | b |", "| x | y |"]), "x\ny\n");
        assert_eq!(written(&["| a | b | `c` |", "| x | y | z |"]), "x\ny\n.br\n\\fIc\\fR: z\n");
        assert_eq!(written(&["| a | b | c | d |", "| x | | z | |"]), "x\n\\fIc\\fR: z\n");
        assert_eq!(written(&["| a | b | c | d |", "| x | y | | |"]), "x\n\\fIb\\fR: y\n");
    }

    #[test]
    fn what_stands_in_columns_and_is_too_wide_becomes_a_list() {
        let wide = "b is what it says on these lines, which are wider than a terminal has room for";
        let lines = ["open       it is open".to_owned(), format!("a [TEXT]   {wide}"), format!("{:11}and more", "")];
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let expected = [("open", "it is open".to_owned()), ("a [TEXT]", format!("{wide} and more"))];
        let expected: Vec<_> = expected.into_iter().map(|(term, text)| (term.to_owned(), text)).collect();
        assert_eq!(definitions(&lines), Some(expected));
        let alone = ["a   one", "b is longer than that"].map(|line| definitions(&["a   one", line]).unwrap().pop());
        let alone = alone.map(Option::unwrap).map(|(term, text)| format!("{term}|{text}"));
        assert_eq!(alone, ["a|one", "b is longer than that|"]);
        assert_eq!(definitions(&["let a = 1;     # one", "", "let b = 2;     # two"]), None);
        assert_eq!(definitions(&["no columns"]), None);
    }
}
