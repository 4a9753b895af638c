//! `--on` and `--on-file`: the rules by which what arrives is answered.

use std::sync::Arc;

use super::config::Answering;
use crate::error::Error;
use crate::script::{RuleText, Rules};
use crate::stdio::file;

/// The texts of rules, in the order in which they are looked at, each with its layer: those of the command line are one, each
/// file is, and each rule of the prompt, which may take from those before it what they answered.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleTexts(Vec<(usize, String)>);

impl RuleTexts {
    /// The rules of the command line, and what they come to; `None` where there are none.
    ///
    /// # Errors
    /// A file that can't be read, and what is no rule.
    pub(super) fn read(answering: &Answering) -> Result<(Self, Option<Arc<Rules>>), Error> {
        let Answering { rules, rule_files, .. } = answering;
        let mut texts: Vec<(usize, String)> = rules.iter().map(|rule| (0, rule.clone())).collect();
        for (layer, path) in (1..).zip(rule_files) {
            texts.push((layer, file::text(path)?));
        }
        let texts = Self(texts);
        let parsed = texts.parse().map_err(|(number, why)| match number.checked_sub(rules.len()) {
            Some(file) => Error::File { path: rule_files[file].clone(), why },
            None => Error::usage(format!("{:?} is not a rule: {why}", rules[number])),
        })?;
        Ok((texts, parsed))
    }

    /// With a rule that is looked at before all others.
    ///
    /// # Errors
    /// What is wrong with it, or with the others because of it.
    pub(super) fn with(&self, rule: &str) -> Result<(Self, Option<Arc<Rules>>), String> {
        let below = self.0.iter().map(|(layer, text)| (layer + 1, text.clone()));
        let texts = Self([(0, rule.to_owned())].into_iter().chain(below).collect());
        let parsed = texts.parse().map_err(|(_, why)| why)?;
        Ok((texts, parsed))
    }

    /// Each line of them.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|(_, text)| text.lines())
    }

    fn parse(&self) -> Result<Option<Arc<Rules>>, (usize, String)> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let rules = Rules::parse_all(self.0.iter().map(|(layer, content)| RuleText { layer: *layer, content }));
        rules.map(|rules| Some(Arc::new(rules))).map_err(|(number, error)| (number, error.told(&self.0[number].1)))
    }
}
