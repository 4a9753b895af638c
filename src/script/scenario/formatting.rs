//! A test in the form that all tests have: blocks are indented by two blanks, what goes on with a step by two more, and no line
//! ends in blanks. What the steps say stays what it was, and so do comments.

use super::super::word::first_word;
use super::check;
use super::known_names::is_verb;
use super::layout::{SourceLine, Statement, layout};
use super::source::{ScenarioError, ScenarioSource};

/// Blanks of a block, and of what goes on with a step.
const INDENT: usize = 2;

/// # Errors
/// Braces that don't match: what belongs together isn't known then.
pub(crate) fn formatted(source: &ScenarioSource) -> Result<String, Box<ScenarioError>> {
    let statements = layout(&source.text).map_err(|error| error.of(source))?;
    let lines: Vec<&str> = source.text.lines().collect();
    let mut writer = FormattedText { lines: &lines, at: 0, text: String::new(), has_gap: false };
    writer.statements(&statements, 0);
    writer.comments(lines.len(), 0);
    Ok(writer.text)
}

/// What has been written, and how far the source was read for it.
struct FormattedText<'s> {
    lines: &'s [&'s str],
    at: usize,
    text: String,
    /// An empty line comes before the next.
    has_gap: bool,
}

impl FormattedText<'_> {
    fn statements(&mut self, statements: &[Statement<'_>], depth: usize) {
        for statement in statements {
            self.comments(statement.line.number, depth);
            self.line(depth * INDENT, &head(statement));
            self.at = statement.line.number + 1;
            self.continued(statement, depth);
            if let Some(block) = &statement.block {
                self.statements(block, depth + 1);
                self.comments(self.end_of_block(), depth + 1);
                self.has_gap = false;
                self.line(depth * INDENT, "}");
                self.at += 1;
            }
        }
    }

    /// The comments up to a line, and one empty line in the place of several.
    fn comments(&mut self, end: usize, depth: usize) {
        while self.at < end {
            match self.lines[self.at].trim() {
                "" => self.has_gap = true,
                comment => self.line(depth * INDENT, comment),
            }
            self.at += 1;
        }
    }

    /// The line of the brace that ends the block whose statements have been written.
    fn end_of_block(&self) -> usize {
        let behind = self.lines.iter().skip(self.at).take_while(|line| !line.trim_start().starts_with('}'));
        self.at + behind.count()
    }

    /// What goes on with a statement, whose lines keep their places to each other: they may be a text.
    fn continued(&mut self, statement: &Statement<'_>, depth: usize) {
        let Some(margin) = statement.margin() else { return };
        // A bracket that ends a text may stand below its step.
        let below = if margin == statement.line.indent() { 0 } else { INDENT };
        for line in &statement.continued {
            // Further in they would be lines of a text.
            self.comments(line.number, depth);
            match &*line.behind(margin) {
                "" => self.text.push('\n'),
                text => self.line(depth * INDENT + below, text),
            }
            self.at = line.number + 1;
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        let begins = self.text.is_empty() || self.text.ends_with("{\n");
        if std::mem::take(&mut self.has_gap) && !begins {
            self.text.push('\n');
        }
        self.text.push_str(&format!("{:indent$}{text}\n", ""));
    }
}

/// The line of a statement, with one blank behind the words that it begins with.
fn head(statement: &Statement<'_>) -> String {
    let SourceLine { text, .. } = statement.line;
    let (text, brace) = if statement.block.is_some() { (statement.text, " {") } else { (text, "") };
    let (first, rest) = first_word(text);
    let (second, more) = first_word(rest);
    let words = match first {
        // The text of a condition is exactly what it is.
        first if check::is_check(first) || !is_verb(second) => [first, rest].join(" "),
        first => [first, second, more].join(" "),
    };
    format!("{}{brace}", words.trim_end())
}

#[cfg(test)]
mod tests {
    use super::super::clauses::{JoinedText, LinePiece};
    use super::*;

    fn source(text: &str) -> ScenarioSource {
        ScenarioSource { name: "a.wst".into(), text: text.to_owned() }
    }

    fn told(text: &str) -> String {
        formatted(&source(text)).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn steps_have_one_form() {
        for (text, is) in [
            (
                "connect   ws://a/\n      header A:  b\r\n\n\n\n# c\n   alice    send   a  b \n",
                "connect ws://a/\n  header A:  b\n\n# c\nalice send a  b\n",
            ),
            ("\n\nrepeat  3{\n\n# a\nsend x\n\n# b\n\n}\n}", ""),
            ("repeat  3{\n\n# a\nsend x\n\n# b\n\n}\n", "repeat 3 {\n  # a\n  send x\n\n  # b\n}\n"),
            ("send {\n\"a\": [\n\t1\n]\n}\nsend x", ""),
            ("\tsend {\n\t\t\"a\": [\n\t\t\t1\n\t\t]\n\t}\n", "send {\n\t\"a\": [\n\t\t1\n\t]\n}\n"),
            (
                "do {\nx expect unordered   within 5s {\n equals  send   a\n}\n}",
                "do {\n  x expect unordered   within 5s {\n    equals send   a\n  }\n}\n",
            ),
            (
                "send a\n# b\n      c\n  \n      d\n# e\n    f\n# g\nsend h",
                "send a\n# b\n    c\n\n    d\n# e\n  f\n# g\nsend h\n",
            ),
            ("send a\n    b\n\n   c\n\n\nsend d", "send a\n   b\n\n  c\n\nsend d\n"),
        ] {
            match formatted(&source(text)) {
                Ok(told) => assert!(told == is || (!is.is_empty() && told.starts_with(is)), "{text:?} became {told:?}"),
                Err(_) => assert_eq!(is, "", "{text}"),
            }
        }
    }

    /// What the statements say, whatever their form.
    fn shape(text: &str) -> String {
        fn of(statements: &[Statement<'_>]) -> String {
            let told = statements.iter().map(|statement| {
                let joined = JoinedText::of(LinePiece::of(statement.line).at(statement.text), statement).text;
                let (line, below) = joined.split_once('\n').unwrap_or((&joined, ""));
                let (first, rest) = first_word(line);
                format!("{:?}{:?}", (first, rest, below), statement.block.as_deref().map(of))
            });
            told.collect::<Vec<_>>().join(";")
        }
        of(&layout(text).unwrap_or_else(|_| panic!("{text}")))
    }

    /// Files of pieces that are put together by chance.
    #[test]
    fn what_is_formatted_says_the_same_and_stays_as_it_is() {
        const PIECES: [&str; 16] = [
            "",
            "",
            "# a comment",
            "connect ws://a/",
            "header A: b",
            "send {",
            "\"a\": 1",
            "}",
            "]",
            "send [",
            "repeat 2 {",
            "do {",
            "finally{",
            "x expect unordered {",
            "equals  a   b",
            "and size > 2",
        ];
        const INDENTS: [&str; 7] = ["", "", "  ", "    ", "\t", " \t ", "\u{3000}"];
        let mut formatted_files = 0;
        for _ in 0..20_000 {
            let any = |most: usize| rand::random_range(0..most);
            let line = |_| format!("{}{}{}\n", INDENTS[any(INDENTS.len())], PIECES[any(PIECES.len())], INDENTS[any(3)]);
            let text: String = (0..any(12)).map(line).collect();
            let Ok(once) = formatted(&source(&text)) else { continue };
            assert_eq!(told(&once), once, "{text:?}");
            assert_eq!(shape(&once), shape(&text), "{text:?} became {once:?}");
            let comments = |text: &str| text.matches("# a comment").count();
            assert_eq!(comments(&once), comments(&text), "{text:?} became {once:?}");
            formatted_files += 1;
        }
        assert!(formatted_files > 1000, "{formatted_files}");
    }
}
