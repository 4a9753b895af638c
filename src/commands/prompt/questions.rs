//! Questions of other threads to whoever sits at the prompt: the editor's thread asks them, for it has the keyboard.

use std::sync::mpsc::{Receiver, Sender, channel};

use crate::error::Error;
use crate::stdio::password::{AskSecret, Question};

/// The end that asks. The other one listens until all of these are gone.
#[derive(Debug, Clone)]
pub(crate) struct QuestionSender(Sender<AskedQuestion>);

/// The end that is asked.
#[derive(Debug)]
pub(super) struct QuestionReceiver(Receiver<AskedQuestion>);

/// A question, and where the answer goes.
#[derive(Debug)]
pub(super) struct AskedQuestion {
    words: String,
    about: String,
    otherwise: String,
    answer: Sender<Result<String, Error>>,
}

pub(super) fn pair() -> (QuestionSender, QuestionReceiver) {
    let (sender, receiver) = channel();
    (QuestionSender(sender), QuestionReceiver(receiver))
}

impl AskSecret for QuestionSender {
    fn ask(&self, question: &Question<'_>) -> Result<String, Error> {
        let (answer, answered) = channel();
        let Question { words, about, otherwise } = *question;
        let asked =
            AskedQuestion { words: words.to_owned(), about: about.to_owned(), otherwise: otherwise.to_owned(), answer };
        let sent = self.0.send(asked);
        sent.ok().and_then(|()| answered.recv().ok()).unwrap_or(Err(Error::Interrupted))
    }
}

/// Who is asked where nobody sits at the keyboard.
#[derive(Debug)]
pub(crate) struct Nobody;

impl AskSecret for Nobody {
    fn ask(&self, question: &Question<'_>) -> Result<String, Error> {
        Err(Error::usage(format!("{} is asked for at the keyboard alone", question.about)))
    }
}

impl QuestionReceiver {
    /// The next question, waited for; `None` when there will be none.
    pub(super) fn next(&self) -> Option<AskedQuestion> {
        self.0.recv().ok()
    }
}

impl AskedQuestion {
    /// Has it answered by `ask`.
    pub(super) fn answer(self, ask: impl FnOnce(&Question<'_>) -> Result<String, Error>) {
        let Self { words, about, otherwise, answer } = self;
        let answered = ask(&Question { words: &words, about: &about, otherwise: &otherwise });
        // Nobody waits for it any more where the program is leaving.
        let _ = answer.send(answered);
    }
}
