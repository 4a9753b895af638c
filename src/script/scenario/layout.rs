//! Lines of a test, by how they belong together: what is indented further than a step goes on with it, and a block stands
//! between braces.

use std::borrow::Cow;

use super::super::word::first_word;
use super::source::LineError;

/// Blocks within blocks.
const DEEPEST: usize = 32;

/// The words that a block begins with.
const BLOCKS: [&str; 5] = ["repeat", "for", "parallel", "finally", "do"];

/// The words before the last that begin the block of an expectation.
const UNORDERED: [&str; 2] = ["expect", "unordered"];

/// A line of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceLine<'a> {
    /// From 0.
    pub(super) number: usize,
    /// All of it.
    pub(super) whole: &'a str,
    /// Without blanks around it.
    pub(super) text: &'a str,
}

/// A step, as it stands there.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) line: SourceLine<'a>,
    /// The line without the brace of its block.
    pub(super) text: &'a str,
    /// Lines that are indented further, empty ones among them, and without the comments between them that aren't.
    pub(super) continued: Vec<SourceLine<'a>>,
    pub(super) block: Option<Vec<Statement<'a>>>,
}

impl Statement<'_> {
    /// The blanks that all lines begin with that go on with it, in bytes; `None` where none says anything.
    pub(super) fn margin(&self) -> Option<usize> {
        self.continued.iter().filter(|line| !line.text.is_empty()).map(SourceLine::indent).min()
    }
}

impl<'a> SourceLine<'a> {
    fn new(number: usize, whole: &'a str) -> Self {
        Self { number, whole, text: whole.trim() }
    }

    /// Blanks before it, in bytes.
    pub(super) fn indent(&self) -> usize {
        self.whole.len() - self.whole.trim_start().len()
    }

    /// Without the blanks that it has in common with others. A blank may have several bytes, of which the others have fewer.
    pub(super) fn behind(&self, margin: usize) -> Cow<'a, str> {
        match self.whole.get(margin..) {
            Some(rest) => rest.trim_end().into(),
            None if self.text.is_empty() => "".into(),
            None => format!("{:width$}{}", "", self.text, width = self.indent().saturating_sub(margin)).into(),
        }
    }

    fn is_left_out(&self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }

    /// Whether it ends the text that begins with the bracket at the end of this step.
    fn closes(&self, step: SourceLine<'_>) -> bool {
        let is_below = self.indent() == step.indent();
        is_below && step.text.ends_with(['{', '[']) && self.text.starts_with(['}', ']'])
    }

    /// What is wrong with all of it.
    fn error(&self, why: impl Into<String>) -> LineError {
        LineError::at(self.number, self.indent(), why)
    }
}

/// The statements of a text.
///
/// # Errors
/// Braces that don't match.
pub(super) fn layout(text: &str) -> Result<Vec<Statement<'_>>, LineError> {
    let lines: Vec<_> = text.lines().enumerate().map(|(number, line)| SourceLine::new(number, line)).collect();
    let mut reader = LayoutReader { lines: &lines, at: 0 };
    let statements = reader.statements(0)?;
    match reader.next() {
        Some(line) => Err(line.error("} has no block to end")),
        None => Ok(statements),
    }
}

struct LayoutReader<'s, 'a> {
    lines: &'s [SourceLine<'a>],
    at: usize,
}

impl<'a> LayoutReader<'_, 'a> {
    /// The next line that says something.
    fn next(&mut self) -> Option<SourceLine<'a>> {
        while self.lines.get(self.at).is_some_and(SourceLine::is_left_out) {
            self.at += 1;
        }
        self.lines.get(self.at).copied()
    }

    /// Up to the brace that ends them, or to the end.
    fn statements(&mut self, depth: usize) -> Result<Vec<Statement<'a>>, LineError> {
        let mut statements = Vec::new();
        while let Some(line) = self.next() {
            if line.text.starts_with('}') {
                break;
            }
            if line.text.starts_with(']') {
                return Err(line.error(
                    "] ends no text: it stands as far to the right as the step that it goes on with, or further",
                ));
            }
            self.at += 1;
            statements.push(self.statement(line, depth)?);
        }
        Ok(statements)
    }

    fn statement(&mut self, line: SourceLine<'a>, depth: usize) -> Result<Statement<'a>, LineError> {
        if let Some(head) = block_head(line.text) {
            if depth == DEEPEST {
                return Err(line.error(format!("blocks are nested more than {DEEPEST} deep")));
            }
            let block = Some(self.statements(depth + 1)?);
            let Some(end) = self.next() else {
                return Err(line.error("the block has no } after it, on a line of its own"));
            };
            if end.text != "}" {
                return Err(LineError::at(end.number, end.indent() + 1, "} stands on a line of its own"));
            }
            self.at += 1;
            return Ok(Statement { line, text: head, continued: Vec::new(), block });
        }
        let (mut continued, mut is_closed) = (Vec::new(), false);
        while let Some(next) = self.lines.get(self.at + self.comments_within(line, is_closed)) {
            let is_deeper = next.indent() > line.indent();
            let goes_on = next.text.is_empty() || is_deeper || (!is_closed && next.closes(line));
            if !goes_on {
                break;
            }
            continued.push(*next);
            self.at = next.number + 1;
            is_closed |= !is_deeper && !next.text.is_empty();
            // Behind the value of an expectation there may be what else is said of it.
            if !is_deeper && !next.text.is_empty() && !is_expectation(line.text) {
                break;
            }
        }
        while continued.last().is_some_and(|last| last.text.is_empty()) {
            continued.pop();
        }
        Ok(Statement { line, text: line.text, continued, block: None })
    }

    /// How many lines from here on are comments that aren't indented further than the step, and stand with no empty line around
    /// them before one that goes on with it: they don't end it.
    fn comments_within(&self, step: SourceLine<'_>, is_closed: bool) -> usize {
        let rest = &self.lines[self.at..];
        let is_deeper = |line: &SourceLine<'_>| line.indent() > step.indent() && !line.text.is_empty();
        let comments = rest.iter().take_while(|line| line.text.starts_with('#') && !is_deeper(line)).count();
        let goes_on = |next: &SourceLine<'_>| is_deeper(next) || (!is_closed && next.closes(step));
        let is_within = rest.get(comments).is_some_and(goes_on) && !self.lines[self.at - 1].text.is_empty();
        if is_within { comments } else { 0 }
    }
}

/// Whether a line says what is expected, perhaps behind the name of a connection.
fn is_expectation(text: &str) -> bool {
    text.split_whitespace().take(2).any(|word| word == UNORDERED[0])
}

/// What stands before the brace of a block, if the line begins one.
fn block_head(text: &str) -> Option<&str> {
    let head = text.strip_suffix('{')?.trim_end();
    let words: Vec<&str> = head.split_whitespace().take(4).collect();
    let is_unordered = words.windows(2).any(|pair| pair == UNORDERED);
    (BLOCKS.contains(&first_word(head).0) || is_unordered).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        fn of(statements: &[Statement<'_>]) -> String {
            let told = statements.iter().map(|statement| {
                let continued: String = statement.continued.iter().map(|line| format!("+{}", line.text)).collect();
                let block = statement.block.as_deref().map(|block| format!("<{}>", of(block))).unwrap_or_default();
                format!("{}{continued}{block}", statement.text)
            });
            told.collect::<Vec<_>>().join(";")
        }
        layout(text).map_or_else(|error| format!("{}: {}", error.line + 1, error.error.why), |all| of(&all))
    }

    #[test]
    fn lines_belong_together_by_their_indentation_and_by_braces() {
        for (text, is) in [
            ("a\n\n# c\nb\n", "a;b"),
            ("a\n  b\n  # c\n\n  d\n\ne", "a+b+# c++d;e"),
            ("a\n# c\n  b\n# c\n# c\n  d\n# c\ne", "a+b+d;e"),
            ("a\n\n# c\n  b\n# c\n\n  c", "a;b;c"),
            ("x send {\n  \"a\": 1\n# c\n}\n# c\ny", "x send {+\"a\": 1+};y"),
            ("do {\n  a\n# c\n  b\n# c\n    c\n}", "do<a;b+c>"),
            ("repeat 2 {\n  a\n    b\n  c\n}\nd", "repeat 2<a+b;c>;d"),
            ("x expect unordered {\n  any\n}", "x expect unordered<any>"),
            ("x send {\n  \"a\": 1\n}\ny", "x send {+\"a\": 1+};y"),
            // The brace of the block is no second end of the value.
            ("repeat 2 {\nexpect json = {\n  \"a\": 1\n}\n}", "repeat 2<expect json = {+\"a\": 1+}>"),
            (
                "x send [\n1\n]",
                "3: ] ends no text: it stands as far to the right as the step that it goes on with, or further",
            ),
            ("do {\n}\n", "do<>"),
            ("do {\n", "1: the block has no } after it, on a line of its own"),
            ("a\n}\n", "2: } has no block to end"),
            ("do {\n} a", "2: } stands on a line of its own"),
        ] {
            assert_eq!(shape(text), is, "{text}");
        }
        let deep = "do {\n".repeat(DEEPEST + 1);
        assert!(shape(&deep).starts_with("33: blocks are nested"));
    }
}
