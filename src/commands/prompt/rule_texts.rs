//! `/on`: the rules by which what arrives is answered, and how they are changed at a prompt.

use std::sync::Arc;

use super::command::RulesChange;
use super::command_table;
use crate::handlers::generated::environment;
use crate::peer_text::Escaped;
use crate::script::{RuleText, Rules, SyntaxError};

/// The texts of rules, in the order in which they are looked at, each with its layer: those of the command line are one, each
/// file is, and each rule of the prompt, which may take from those before it what they answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleTexts(Vec<(usize, String)>);

/// What comes of a line.
#[derive(Debug)]
pub(crate) enum RulesNews {
    /// These hold from now on; and that in words.
    Rules(Arc<Rules>, &'static str),
    /// For the person: what there is.
    Lines(Vec<String>),
}

impl RuleTexts {
    pub(crate) fn new(texts: Vec<(usize, String)>) -> Self {
        Self(texts)
    }

    /// Does what is asked for.
    ///
    /// # Errors
    /// What is wrong with a rule, or with the others because of it: then all stays as it was.
    pub(crate) fn change(&mut self, change: RulesChange) -> Result<RulesNews, String> {
        match change {
            RulesChange::Rule(rule) => {
                let texts = self.with(&rule);
                let rules = texts
                    .parse()
                    .map_err(|(number, error)| command_table::fault("on", error.told(&texts.0[number].1)))?;
                *self = texts;
                let rules = rules.unwrap_or_default();
                let told = match self.0.len() {
                    1 => "this rule answers; /on off drops it",
                    _ => "this rule answers before the others; /on shows all of them, /on off drops them",
                };
                Ok(RulesNews::Rules(rules, told))
            }
            RulesChange::Off => {
                *self = Self::default();
                Ok(RulesNews::Rules(Arc::default(), "no rule answers any more"))
            }
            RulesChange::Show if self.0.is_empty() => {
                Ok(RulesNews::Lines(vec!["nothing is answered; /on RULE answers by a rule".to_owned()]))
            }
            RulesChange::Show => {
                let heading = "the first rule that takes a message answers it:".to_owned();
                let rules = self.0.iter().flat_map(|(_, text)| text.lines()).map(|line| Escaped(line).to_string());
                Ok(RulesNews::Lines([heading].into_iter().chain(rules).collect()))
            }
        }
    }

    /// With a rule that is looked at before all others.
    fn with(&self, rule: &str) -> Self {
        let below = self.0.iter().map(|(layer, text)| (layer + 1, text.clone()));
        Self([(0, rule.to_owned())].into_iter().chain(below).collect())
    }

    /// What they come to; `None` where there are none.
    ///
    /// # Errors
    /// Which of them, from 0, is no rule, and why.
    pub(crate) fn parse(&self) -> Result<Option<Arc<Rules>>, (usize, SyntaxError)> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let rules = Rules::parse_all(self.0.iter().map(|(layer, content)| RuleText { layer: *layer, content }));
        let rules = rules.and_then(|rules| rules.check_environment(environment).map(|()| rules));
        rules.map(|rules| Some(Arc::new(rules)))
    }
}
