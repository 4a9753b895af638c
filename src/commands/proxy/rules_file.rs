//! The file of a proxy's rules, which is read again on SIGHUP.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use crate::error::Error;
use crate::net::HangUps;
use crate::script::Rules;
use crate::server::SharedTerms;
use crate::server::log::ServerLog;
use crate::stdio::file;

/// A file of rules.
#[derive(Debug)]
pub(super) struct RulesFile(PathBuf);

impl RulesFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// # Errors
    /// [`Error::File`], with the line and the column of what is no rule.
    pub(super) fn read(&self) -> Result<Rules, Error> {
        Rules::parse_for_proxy(&file::text(&self.0)?).map_err(|error| Error::file(&self.0, error))
    }

    /// Has connections changed by what is in the file whenever SIGHUP comes, from then on. What is no rule leaves the old ones.
    ///
    /// # Errors
    /// When there are no descriptors or threads left.
    pub(super) fn keep_current(self, terms: SharedTerms, log: Arc<ServerLog>) -> Result<(), Error> {
        let failed = |why| Error::System { doing: "catching signals", why };
        let Some(hang_ups) = HangUps::catch().map_err(failed)? else { return Ok(()) };
        // It waits for as long as the process lives: nothing else is held by it.
        let follow = move || {
            while hang_ups.wait() {
                self.read_again(&terms, &log);
            }
        };
        thread::Builder::new().spawn(follow).map(drop).map_err(failed)
    }

    fn read_again(&self, terms: &SharedTerms, log: &ServerLog) {
        match self.read() {
            // What goes to the target is compressed in a way that no fault may break (`FaultPlan::prepare`).
            Ok(rules) if rules.have_faults() && !terms.current().has_faults() => {
                log.notice(format_args!(
                    "the rules stay as they are: with their first fault the proxy has to start anew"
                ));
            }
            Ok(rules) => {
                terms.set_changes(rules);
                log.notice(format_args!("the rules were read again, for connections from now on"));
            }
            Err(error) => log.notice(format_args!("the rules stay as they are: {error}")),
        }
    }
}
