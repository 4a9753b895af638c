//! Secrets that are asked for: each once, for they are kept for as long as the program runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::config::CarriedSecrets;
use crate::error::Error;
use crate::net::target::Target;
use crate::stdio::password::{AskSecret, Question};

/// What was answered. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Answers(Arc<Mutex<Known>>);

type Known = Vec<KnownSecret>;

/// A secret that was asked for.
struct KnownSecret {
    /// `None` is every origin.
    origin: Option<Target>,
    asked: String,
    answer: String,
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answers(…)")
    }
}

impl Answers {
    /// The last answer to a question, for an origin that is `meant`.
    fn find(&self, question: &Question<'_>, meant: impl Fn(Option<&Target>) -> bool) -> Option<String> {
        let known = self.lock();
        let mut found =
            known.iter().rev().filter(|known| known.asked == question.words && meant(known.origin.as_ref()));
        found.next().map(|known| known.answer.clone())
    }

    fn add(&self, origin: Option<&Target>, question: &Question<'_>, answer: &str) {
        let mut known = self.lock();
        known.retain(|known| known.asked != question.words || known.origin.as_ref() != origin);
        known.push(KnownSecret {
            origin: origin.cloned(),
            asked: question.words.to_owned(),
            answer: answer.to_owned(),
        });
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for the secrets of one configuration.
pub(super) struct Asker<'a> {
    pub(super) asks: &'a dyn AskSecret,
    pub(super) answers: &'a Answers,
    /// Where the configuration leads.
    pub(super) target: &'a Target,
    pub(super) carried: CarriedSecrets,
}

impl Asker<'_> {
    /// A secret that one origin may have; what was answered for another serves where secrets are taken along.
    ///
    /// # Errors
    /// When there is no answer.
    pub(super) fn of_origin(&self, question: &Question<'_>) -> Result<String, Error> {
        let is_own = |origin: &Target| origin.has_origin_of(self.target);
        let known = self.answers.find(question, |origin| origin.is_some_and(is_own));
        let takes_along = self.carried == CarriedSecrets::Kept;
        let known = known.or_else(|| self.answers.find(question, |origin| origin.is_some() && takes_along));
        self.known_or_asked(known, Some(self.target), question)
    }

    /// A secret that is the same wherever the way leads.
    ///
    /// # Errors
    /// When there is no answer.
    pub(super) fn of_all(&self, question: &Question<'_>) -> Result<String, Error> {
        self.known_or_asked(self.answers.find(question, |origin| origin.is_none()), None, question)
    }

    fn known_or_asked(
        &self,
        known: Option<String>,
        origin: Option<&Target>,
        question: &Question<'_>,
    ) -> Result<String, Error> {
        let answer = known.map_or_else(|| self.asks.ask(question), Ok)?;
        self.answers.add(origin, question, &answer);
        Ok(answer)
    }
}
