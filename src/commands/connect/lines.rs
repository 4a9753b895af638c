//! Command lines of `connect` that are typed at its prompt, for further connections.

use std::fmt;

use super::config::Config;
use crate::client::RequestChange;
use crate::commands::prompt::ConnectWords;
use crate::net::Woken;
use crate::net::target::Target;

/// Reads them. What was given before holds for them too, as far as they leave room for it, and but for secrets that were
/// given for another origin.
pub(crate) trait CommandLines: fmt::Debug + Send + Sync {
    /// What was given when the program was started was given for this server.
    fn set_origin(&self, origin: &Target);

    /// What a line asks for; `keep` takes secrets along to its origin, from now on. A command of the configuration file that
    /// prints a value is ended once it is `cancelled`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    fn read(&self, words: &[String], keep: bool, cancelled: &Woken) -> Result<ConnectLine, String>;

    /// What is given from now on for this server, in the place of what was given before.
    fn give(&self, change: &RequestChange, origin: &Target);

    /// What completes a line.
    fn words(&self) -> ConnectWords;
}

/// A line, understood.
#[derive(Debug)]
pub(crate) struct ConnectLine {
    pub(crate) config: Config,
    /// What there is to tell about it.
    pub(crate) notes: Vec<String>,
    /// What was given before and isn't sent there, in words.
    pub(crate) withheld: Vec<String>,
}
