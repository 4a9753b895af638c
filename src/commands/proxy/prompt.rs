//! `proxy --prompt`: the proxy, and the person between clients and servers.

use std::sync::Arc;
use std::time::Duration;

use super::operator::{Middle, ProxyOperator};
use crate::advice;
use crate::commands::desk::{self, Desk};
use crate::commands::listening::{CurrentRules, end_log};
use crate::commands::prompt::command_table::PromptRole;
use crate::commands::prompt::options::PromptOptions;
use crate::commands::prompt::screen::Screen;
use crate::commands::prompt::terminal::is_capable;
use crate::error::Error;
use crate::http::Secrets;
use crate::net::Signals;
use crate::server::Server;
use crate::view::spans::Paint;

/// What there is for a person in the middle.
#[derive(Debug)]
pub(crate) struct PromptConfig {
    pub(crate) options: PromptOptions,
    pub(crate) paint: Paint,
    /// How long a message is held at most; `None` for as long as its connection is there.
    pub(crate) hold_time: Option<Duration>,
}

/// What the person shares with the connections.
///
/// # Errors
/// When there is no terminal to type at.
pub(super) fn middle(config: &PromptConfig, secrets: Secrets) -> Result<Arc<Middle>, Error> {
    if !is_capable() {
        return Err(advice::proxy_prompt_without_terminal());
    }
    let desk = Desk::new(Screen::new(config.paint), &config.options.settings, secrets, "proxy");
    Ok(Arc::new(Middle::new(desk, config.hold_time)))
}

/// Passes on, and does what the person says, until they or a signal end it.
///
/// # Errors
/// When the terminal can't be used.
pub(super) fn run(
    server: Server,
    (middle, rules): (&Arc<Middle>, CurrentRules),
    options: &PromptOptions,
    signals: &Signals,
) -> Result<(), Error> {
    let failed = |why| Error::System { doing: "setting up the prompt", why };
    let log = Arc::clone(&server.log);
    let (stop, stopped) = desk::stop_switch(signals).map_err(failed)?;
    let operator = ProxyOperator::new(Arc::clone(middle), rules);
    let _guard = middle.desk().begin(operator, PromptRole::Proxy, options, stop).map_err(failed)?;
    let served = server.run(&stopped).and_then(|()| end_log(&log));
    middle.desk().end();
    served
}
