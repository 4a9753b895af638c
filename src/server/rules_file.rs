//! Rules in a file, which may be read again while connections are served. A connection keeps those that it began with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::Error;
use crate::handlers::generated::environment;
use crate::script::Rules;
use crate::stdio::file;

/// A file, and the rules that were in it last.
#[derive(Debug)]
pub(crate) struct RulesFile {
    path: PathBuf,
    reader: RulesReader,
    current: RwLock<Arc<Rules>>,
    /// Rules that break something are read again like others. Where not, nothing here is prepared for them.
    takes_faults: bool,
}

/// What rules are for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RulesReader {
    /// They answer messages.
    Server,
    /// They change messages on their way.
    Proxy,
}

impl RulesReader {
    fn read(self, path: &Path) -> Result<Rules, Error> {
        let text = file::text(path)?;
        let rules = match self {
            Self::Server => Rules::parse(&text),
            Self::Proxy => Rules::parse_for_proxy(&text),
        };
        let rules = rules.and_then(|rules| match rules.check_environment(environment) {
            Ok(()) => Ok(rules),
            Err((_, error)) => Err(error),
        });
        rules.map_err(|error| Error::in_line(path, &error, error.excerpt(&text)))
    }
}

impl RulesFile {
    /// Reads it for the first time. It takes faults from then on; see [`Self::leave_out_faults`].
    ///
    /// # Errors
    /// [`Error::File`], with the line and the column of what is no rule.
    pub(crate) fn open(path: &Path, reader: RulesReader) -> Result<Self, Error> {
        let current = RwLock::new(Arc::new(reader.read(path)?));
        Ok(Self { path: path.to_owned(), reader, current, takes_faults: true })
    }

    /// Has rules that break something be none from now on: what goes to the target of a proxy is compressed in a way that no
    /// fault may break (`FaultPlan::prepare`).
    pub(crate) fn leave_out_faults(&mut self) {
        self.takes_faults = false;
    }

    /// The rules of connections that open now.
    pub(crate) fn current(&self) -> Arc<Rules> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads it again, for connections from now on. Returns what came of it, in words: what is no rule leaves the old ones.
    pub(crate) fn read_again(&self) -> String {
        match self.reader.read(&self.path) {
            Ok(rules) if rules.have_faults() && !self.takes_faults => {
                "the rules stay as they are: with their first fault the proxy has to start anew".to_owned()
            }
            Ok(rules) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
                format!("the rules were read again, for connections from now on: {}", self.path.display())
            }
            Err(error) => format!("the rules stay as they are: {error}"),
        }
    }
}
