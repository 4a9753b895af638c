//! `wscli proxy`.

mod upstream;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::upstream::Upstream;
use super::interrupt::exit_of;
use super::listening::{Listening, ListeningConfig, end_log};
use crate::client::{self, Client, Destination, PassingRules};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::ConnectionSettings;
use crate::net::target::Target;
use crate::script::Rules;
use crate::server::{RequestPolicy, Routes, Server, Subprotocols};
use crate::stdio::console::Console;
use crate::stdio::file;
use crate::ws::Observe;

/// What `proxy` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listening: ListeningConfig,
    /// The target.
    pub(crate) destination: Destination,
    pub(crate) client: client::Config,
    pub(crate) rules: PassingRules,
    /// What breaks the protocol is passed on as it came.
    pub(crate) is_lenient: bool,
    /// A file of rules by which messages are changed.
    pub(crate) changes: Option<PathBuf>,
    /// Of the connections of clients.
    pub(crate) settings: ConnectionSettings,
}

/// Joins clients to the target until SIGINT or SIGTERM.
///
/// # Errors
/// When it can't begin.
pub(crate) fn run(mut config: Config) -> Result<Exit, Error> {
    // What is wrong with the URL is told before anybody is listened to.
    if let Destination::Url(url) = &config.destination {
        Target::parse(url)?;
    }
    let changes = config.changes.as_deref().map(read_rules).transpose()?;
    let console = Console::stderr();
    let log = config.listening.log(console.clone())?;
    let credentials = config.listening.credentials()?;
    let tls = config.listening.tls()?;
    let recording = config.listening.recording(&log)?;
    let Listening { listener, signals, tls, web_access, port_file } = config.listening.listen(&log, tls, None)?;
    let Config { listening, destination, mut client, mut rules, is_lenient, mut settings, .. } = config;
    if is_lenient {
        // Bytes are the same on both sides only where neither compresses.
        (settings.deflate, client.settings.deflate) = (None, None);
    }
    // What is seen of the connection behind a client's is what is seen of the client's.
    let recorded = recording.as_ref().map_or(Observe::Nothing, |recording| recording.observes());
    let events = if log.has_events() { Observe::FramesAndContent } else { Observe::Nothing };
    client.settings.observe = client.settings.observe.max(recorded).max(events);
    rules.withholds_authorization = credentials.are_required();
    let client = match Client::build(client, destination, console, &signals) {
        Err(Error::Interrupted) => return Ok(exit_of(&signals)),
        built => built?,
    };
    log.line(format_args!("target {}", client.url()));
    let upstream = Upstream::new(client, (rules, is_lenient), recording.clone(), Arc::clone(&log)).changing(changes);
    let policy = RequestPolicy {
        routes: Routes::only(Vec::new()),
        web_access,
        credentials,
        subprotocols: Subprotocols::default(),
        headers: String::new(),
        files: None,
        gateway: Some(Arc::new(upstream)),
    };
    let ListeningConfig { proxy_protocol, limits, .. } = listening;
    let server = Server {
        listener,
        tls,
        proxy_protocol,
        settings,
        policy,
        limits,
        log: Arc::clone(&log),
        recording: recording.clone(),
    };
    let outcome = server.run(&signals).and_then(|()| end_log(&log));
    drop(port_file);
    recording.map_or(Ok(()), |recording| recording.finish())?;
    outcome.map(|()| Exit::Done)
}

/// # Errors
/// [`Error::File`], with the line and the column of what is no rule.
fn read_rules(path: &Path) -> Result<Rules, Error> {
    Rules::parse_for_proxy(&file::text(path)?).map_err(|error| Error::file(path, error))
}
