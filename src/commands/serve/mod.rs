//! `wscli serve`.

mod operator;
mod prompt;
mod reading;

use std::path::PathBuf;
use std::sync::Arc;

use self::operator::Operator;
use super::desk::{self, Desk};
use super::listening::{Listening, ListeningConfig, end_log};
use super::prompt::options::PromptOptions;
use super::prompt::screen::Screen;
use crate::advice;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{ConnectionSettings, FaultPlan};
use crate::script::RuleSpeaker;
use crate::server::http::Files;
use crate::server::hub::Hub;
use crate::server::modes::{Audience, ModeConfig, OperatorHub, Setup};
use crate::server::{RequestPolicy, Routes, Server, Subprotocols};
use crate::view::spans::Paint;

/// What `serve` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listening: ListeningConfig,
    pub(crate) modes: ModeConfig,
    pub(crate) subprotocols: Subprotocols,
    /// More lines for the head of every response, each ended by CRLF.
    pub(crate) headers: String,
    /// A folder that answers plain HTTP.
    pub(crate) files: Option<PathBuf>,
    pub(crate) settings: ConnectionSettings,
    /// Whether the prompt has colours, and whose keys.
    pub(crate) paint: Paint,
    pub(crate) prompt: PromptOptions,
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// When it can't begin.
pub(crate) fn run(mut config: Config) -> Result<Exit, Error> {
    refuse_faults_of_clients(&config.listening.faults)?;
    let screen = prompt::suits(&config).then(|| Screen::new(config.paint));
    let log = config.listening.log(desk::console(screen.as_ref()), screen.is_some())?;
    let credentials = config.listening.credentials()?;
    let hub = Arc::new(Hub::new(config.modes.options.flow, Arc::clone(&log)));
    let desk = screen.map(|screen| Desk::new(screen, &config.prompt.settings, config.listening.secrets, "serve"));
    let audience = desk.as_ref().map(|desk| Arc::new(desk.clients.clone()) as Arc<dyn Audience>);
    let clients = OperatorHub { hub, audience, rules: Arc::default() };
    let routes = routes(
        &config.modes,
        Setup { options: &config.modes.options, log: &log, credentials: &credentials, operator: &clients },
    )?;
    config.listening.leaves_to_chance = routes.leave_to_chance();
    let rules_files = routes.rules_files();
    if !config.modes.has_operator() {
        // The terminal of whoever types is gone where SIGHUP comes.
        config.listening.rules_files.clone_from(&rules_files);
    }
    let files = config.files.as_deref().map(Files::new).transpose()?;
    let tls = config.listening.tls()?;
    let recording = config.listening.recording(&log)?;
    let listening = config.listening.listen(&log, tls, config.modes.runs_commands())?;
    let Listening { listener, ref signals, tls, web_access, port_file: _ } = listening;
    let typed = || config.listening.current_rules(rules_files, &log);
    let operator = config.modes.has_operator().then(|| Operator::new(&clients, typed(), Arc::clone(&log), desk));
    let Config { subprotocols, headers, settings, prompt: options, .. } = config;
    let policy = RequestPolicy {
        routes,
        web_access,
        credentials,
        subprotocols,
        headers,
        files,
        gateway: None,
        has_page_of_gateway: false,
    };
    let (proxy_protocol, limits) = (config.listening.proxy_protocol, config.listening.limits);
    let (server_log, its_recording) = (Arc::clone(&log), recording.clone());
    let server = Server {
        listener,
        tls,
        proxy_protocol,
        settings,
        policy,
        forward: None,
        limits,
        log: server_log,
        recording: its_recording,
        faults: config.listening.faults,
    };
    let outcome = match operator {
        None => server.run(signals).and_then(|()| end_log(&log)).map(|()| Exit::Done),
        Some(operator) => prompt::run(server, operator, &options, signals),
    };
    let finished = recording.map_or(Ok(()), |recording| recording.finish());
    outcome.and_then(|exit| finished.map(|()| exit))
}

/// What a client sends is broken between a client and a server, not at the server.
fn refuse_faults_of_clients(faults: &FaultPlan) -> Result<(), Error> {
    let fault = faults.of_frames(&[Some(RuleSpeaker::Client)]);
    fault.map_or(Ok(()), |fault| Err(advice::fault_of_client(&fault.to_string())))
}

fn routes(config: &ModeConfig, setup: Setup<'_>) -> Result<Routes, Error> {
    config.check_stdin()?;
    if config.listed.is_empty() {
        return config.main.clone().unwrap_or_default().open(setup).map(Routes::everywhere);
    }
    let listed = config.listed.iter().map(|(path, spec)| (path.as_str(), spec));
    let specs = listed.chain(config.main.as_ref().map(|spec| ("/", spec)));
    let opened = specs.map(|(path, spec)| Ok((path.to_owned(), spec.open(setup)?)));
    opened.collect::<Result<_, _>>().map(Routes::only)
}
