//! `wscli serve`.

mod clients;
mod operator;
mod prompt;
mod reading;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::operator::{Desk, Operator};
use super::interrupt::catch_signals;
use super::prompt::options::PromptOptions;
use super::prompt::screen::Screen;
use crate::advice;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{ConnectionSettings, Listener, ServerTls, Signals, raise_descriptor_limit};
use crate::server::http::Files;
use crate::server::hub::Hub;
use crate::server::log::{ServerLog, Verbosity};
use crate::server::modes::{Audience, ModeConfig, OperatorHub, Setup};
use crate::server::port_file::PortFile;
use crate::server::web_access::{HostPattern, Hosts, WebAccess};
use crate::server::{Credentials, Limits, RequestPolicy, Routes, Server, Subprotocols};
use crate::stdio::console::Console;
use crate::stdio::recording::{Recording, RecordingConfig};
use crate::stdio::secret::Secret;
use crate::values::split_port;
use crate::view::frames::FrameDetail;
use crate::view::spans::Paint;
use crate::ws::handshake::Secrets;

/// What `serve` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    /// HOST:PORT each.
    pub(crate) addresses: Vec<String>,
    /// A Unix socket to listen on too.
    pub(crate) unix: Option<PathBuf>,
    /// Where the ports are written to.
    pub(crate) port_file: Option<PathBuf>,
    pub(crate) modes: ModeConfig,
    pub(crate) verbosity: Verbosity,
    pub(crate) secrets: Secrets,
    /// What of frames is logged.
    pub(crate) frames: Option<FrameDetail>,
    /// What happens is written to stdout as JSON.
    pub(crate) json: bool,
    /// Where connections are recorded to.
    pub(crate) recording: Option<RecordingConfig>,
    pub(crate) web_access: WebAccess,
    /// `USER:PASSWORD`.
    pub(crate) auth: Option<Secret>,
    /// A token.
    pub(crate) bearer: Option<Secret>,
    pub(crate) subprotocols: Subprotocols,
    /// More lines for the head of every response, each ended by CRLF.
    pub(crate) headers: String,
    /// A folder that answers plain HTTP.
    pub(crate) files: Option<PathBuf>,
    pub(crate) certificate: Option<Certificate>,
    /// Client certificates are demanded, issued by these (PEM).
    pub(crate) client_ca: Option<PathBuf>,
    /// Clients come through a proxy that announces each by the PROXY protocol.
    pub(crate) proxy_protocol: bool,
    pub(crate) limits: Limits,
    pub(crate) settings: ConnectionSettings,
    /// Whether the prompt has colours, and whose keys.
    pub(crate) paint: Paint,
    pub(crate) prompt: PromptOptions,
}

/// Which certificate the server has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Certificate {
    Files {
        cert: PathBuf,
        key: PathBuf,
    },
    /// For localhost and these names.
    SelfSigned {
        names: Vec<String>,
    },
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// When it can't begin.
pub(crate) fn run(mut config: Config) -> Result<Exit, Error> {
    let screen = prompt::suits(&config).then(|| Screen::new(config.paint));
    let log = Arc::new(log(&config, prompt::console(screen.as_ref()))?);
    let credentials = Credentials::read(config.auth.as_ref(), config.bearer.as_ref())?;
    let hub = Arc::new(Hub::new(config.modes.options.flow, Arc::clone(&log)));
    let desk = screen.map(|screen| Desk::new(screen, &config.prompt.settings, config.secrets));
    let audience = desk.as_ref().map(|desk| Arc::new(desk.clients.clone()) as Arc<dyn Audience>);
    let clients = OperatorHub { hub, audience, rules: Arc::default() };
    let routes = routes(
        &config.modes,
        Setup { options: &config.modes.options, log: &log, credentials: &credentials, operator: &clients },
    )?;
    let files = config.files.as_deref().map(Files::new).transpose()?;
    let tls = tls(config.certificate.as_ref(), config.client_ca.as_deref())?;
    let console = || log.console().cloned().unwrap_or_else(Console::nowhere);
    let recording = config.recording.take().map(|config| Recording::open(config, console())).transpose()?;
    raise_descriptor_limit();
    let (listener, signals) = listen(&config)?;
    add_own_names(&mut config.web_access.hosts, &config.addresses, tls.as_ref(), &listener);
    announce(&config, &listener, tls.as_ref(), &log);
    let ports: Vec<u16> = listener.addresses().map(|address| address.port()).collect();
    let write = |path| PortFile::write(path, &ports, &signals);
    let _port_file = config.port_file.as_deref().map(write).transpose()?;
    let operator = config.modes.has_operator().then(|| Operator::new(&clients, Arc::clone(&log), desk));
    let Config { web_access, subprotocols, headers, limits, settings, proxy_protocol, prompt: options, .. } = config;
    let policy = RequestPolicy { routes, web_access, credentials, subprotocols, headers, files };
    let (server_log, its_recording) = (Arc::clone(&log), recording.clone());
    let server =
        Server { listener, tls, proxy_protocol, settings, policy, limits, log: server_log, recording: its_recording };
    let outcome = match operator {
        None => server.run(&signals).and_then(|()| end(&log)).map(|()| Exit::Done),
        Some(operator) => prompt::run(server, operator, &options, &signals),
    };
    let finished = recording.map_or(Ok(()), |recording| recording.finish());
    outcome.and_then(|exit| finished.map(|()| exit))
}

fn log(config: &Config, console: Console) -> Result<ServerLog, Error> {
    let log = ServerLog::new(console, config.verbosity, config.secrets).with_frames(config.frames);
    if !config.json {
        return Ok(log);
    }
    log.with_events().map_err(|why| Error::System { doing: "setting up stdout", why })
}

/// Listens wherever it was asked for, and for signals.
fn listen(config: &Config) -> Result<(Listener, Signals), Error> {
    let mut listener = Listener::default();
    for address in &config.addresses {
        // A name may take its time to be resolved; until then a signal ends the process.
        listener.add(address)?;
    }
    // From here on there are files to be removed at the end.
    let signals = catch_signals()?;
    if let Some(path) = &config.unix {
        listener.add_unix(path)?;
    }
    Ok((listener, signals))
}

/// What is told last.
///
/// # Errors
/// When not all events could be written.
fn end(log: &ServerLog) -> Result<(), Error> {
    let told = log.flush_events();
    log.stopped();
    told
}

/// What this server is called by whoever started it: names and addresses to listen on, and of the certificate.
fn add_own_names(hosts: &mut Hosts, addresses: &[String], tls: Option<&ServerTls>, listener: &Listener) {
    let listened = addresses.iter().filter_map(|address| HostPattern::parse(split_port(address).0));
    let certified = tls.into_iter().flat_map(|tls| &tls.names).filter_map(|name| HostPattern::of_certificate(name));
    listened.filter(|name| *name != HostPattern::Any).chain(certified).for_each(|name| hosts.add(name));
    listener.addresses().for_each(|address| hosts.add(HostPattern::address(address.ip())));
}

fn announce(config: &Config, listener: &Listener, tls: Option<&ServerTls>, log: &ServerLog) {
    if let Some(tls) = tls {
        log.line(format_args!("certificate SHA-256 {}", tls.fingerprint));
    }
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    for address in listener.addresses() {
        log.listening(scheme, address);
    }
    if let Some(path) = &config.unix {
        log.listening_on_socket(path);
    }
    if let Some(mode) = config.modes.runs_commands().filter(|_| config.web_access.is_open()) {
        log.notice(format_args!("warning: any web page you visit can run the --{mode} command"));
    }
}

fn tls(certificate: Option<&Certificate>, client_ca: Option<&Path>) -> Result<Option<ServerTls>, Error> {
    match certificate {
        Some(Certificate::Files { cert, key }) => ServerTls::from_files(cert, key, client_ca).map(Some),
        Some(Certificate::SelfSigned { names }) => ServerTls::self_signed(names, client_ca).map(Some),
        None if client_ca.is_some() => Err(advice::client_ca_without_tls()),
        None => Ok(None),
    }
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
