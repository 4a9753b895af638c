//! `--on` and `--on-file`: the rules by which what arrives is answered.

use std::sync::Arc;

use super::config::Answering;
use crate::commands::prompt::rule_texts::RuleTexts;
use crate::error::Error;
use crate::script::Rules;
use crate::stdio::file;

/// The rules of the command line, and what they come to; `None` where there are none.
///
/// # Errors
/// A file that can't be read, and what is no rule.
pub(super) fn read(answering: &Answering) -> Result<(RuleTexts, Option<Arc<Rules>>), Error> {
    let Answering { rules, rule_files, .. } = answering;
    let mut texts: Vec<(usize, String)> = rules.iter().map(|rule| (0, rule.clone())).collect();
    for (layer, path) in (1..).zip(rule_files) {
        texts.push((layer, file::text(path)?));
    }
    let rule_texts = RuleTexts::new(texts.clone());
    let parsed = rule_texts.parse().map_err(|(number, error)| match number.checked_sub(rules.len()) {
        Some(file) => Error::in_line(&rule_files[file], &error, error.excerpt(&texts[number].1)),
        None => Error::usage(format!("{:?} is not a rule: {}", rules[number], error.told(&rules[number]))),
    })?;
    Ok((rule_texts, parsed))
}
