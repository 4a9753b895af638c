//! Where a test is, for whoever looks on from another thread.

use std::sync::{Mutex, PoisonError};

use super::report::ScenarioFailure;
use crate::exit::Exit;
use crate::script::scenario::{ScenarioStep, StepPlace};

/// The step that is being taken; of several at the same time the one that began last.
#[derive(Debug, Default)]
pub(crate) struct CurrentStep(Mutex<Option<(StepPlace, String)>>);

impl CurrentStep {
    pub(super) fn set(&self, step: &ScenarioStep) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *current {
            // The place for the text is there already.
            Some((place, text)) => {
                place.clone_from(&step.place);
                text.clone_from(&step.text);
            }
            current => *current = Some((step.place.clone(), step.text.clone())),
        }
    }

    /// There is none any more.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Where it is, and as it is written; `None` before the first, and behind the last.
    pub(crate) fn get(&self) -> Option<(StepPlace, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// That it doesn't end though the run has to; `None` where no step has begun.
    pub(crate) fn report_endless(&self) -> Option<Box<ScenarioFailure>> {
        self.undone("to be done within the time of the run", "it goes on, and is waited for no longer")
    }

    /// That its thread is gone, and it wasn't done; `None` where no step has begun.
    pub(crate) fn report_broken_off(&self) -> Option<Box<ScenarioFailure>> {
        self.undone("to be done", "wscli broke off in it, for a fault of its own that is told on stderr")
    }

    fn undone(&self, expected: &str, found: &str) -> Option<Box<ScenarioFailure>> {
        let (place, step) = self.get()?;
        let (difference, connections) = (Vec::new(), Vec::new());
        let (expected, found) = (expected.to_owned(), vec![found.to_owned()]);
        Some(Box::new(ScenarioFailure { place, step, expected, found, difference, connections, exit: Exit::No }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_goes_on_is_told_from_one_whose_thread_is_gone() {
        let current = CurrentStep::default();
        assert!(current.report_endless().is_none() && current.report_broken_off().is_none());
        *current.0.lock().unwrap() = Some((StepPlace { file: "a.wst".into(), line: 3 }, "delay 1h".to_owned()));
        let told = [current.report_endless(), current.report_broken_off()].map(|failure| failure.unwrap().to_string());
        assert_eq!(
            told,
            [
                "a.wst:3: delay 1h: expected to be done within the time of the run, got it goes on, and is waited for no longer",
                "a.wst:3: delay 1h: expected to be done, got wscli broke off in it, for a fault of its own that is told on stderr",
            ]
        );
    }
}
