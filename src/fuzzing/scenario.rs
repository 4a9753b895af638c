//! Files of steps, whatever is in them.

use std::sync::Arc;

use crate::script::scenario::{ScenarioFiles, ScenarioSource, formatted, parse};

/// Any text is every file.
struct EveryFile<'a>(&'a str);

impl ScenarioFiles for EveryFile<'_> {
    fn read(&mut self, _from: &str, path: &str) -> Result<(Arc<str>, Vec<u8>), String> {
        Ok((path.into(), self.0.as_bytes().to_vec()))
    }
}

/// Reads a text as a test that may include another. What is wrong is in a line that there is, and what was formatted stays as it is.
pub fn scenario(text: &str, other: &str) {
    let source = ScenarioSource { name: "a.wst".into(), text: text.to_owned() };
    if let Ok(text) = formatted(&source) {
        let again = formatted(&ScenarioSource { text: text.clone(), ..source.clone() });
        assert_eq!(again.ok(), Some(text), "{source:?}");
    }
    if let Err(error) = parse(&source, ["base".to_owned()], &mut EveryFile(other)) {
        let count = text.lines().count().max(other.lines().count()).max(1);
        assert!((1..=count).contains(&error.place.line) && error.column > 0, "{error}");
        let [line, caret] = error.excerpt();
        assert!(!line.contains('\n') && caret.ends_with('^'), "{line}\n{caret}");
    }
}
