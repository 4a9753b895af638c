//! `wscli proxy`.

mod anywhere;
mod authority_folder;
pub(crate) mod ca;
mod onward;
mod operator;
pub(crate) mod prompt;
mod upstream;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use self::anywhere::Anywhere;
use self::authority_folder::AuthorityFolder;
use self::onward::Onward;
use self::operator::{Middle, Person};
use self::prompt::PromptConfig;
use self::upstream::Upstream;
use super::desk;
use super::interrupt::exit_of;
use super::listening::{Listening, ListeningConfig, Speaks, end_log};
use crate::advice;
use crate::client::{self, Client, Destination, PassingRules, RoamingClient};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::target::{Target, is_localhost, is_loopback};
use crate::net::{ConnectionSettings, LeafCertificates, Listener, Proxy, Signals};
use crate::script::RuleSpeaker;
use crate::server::forward::{ConnectPorts, Forward, Interception};
use crate::server::log::ServerLog;
use crate::server::page;
use crate::server::web_access::WebAccess;
use crate::server::{
    Credentials, Gateway, Intermediary, RequestPolicy, Routes, RulesFile, RulesReader, Server, SharedTerms,
    Subprotocols,
};
use crate::stdio::console::Console;
use crate::ws::Observe;

/// What `proxy` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listening: ListeningConfig,
    pub(crate) behind: Behind,
    pub(crate) client: client::Config,
    /// What breaks the protocol is passed on as it came.
    pub(crate) is_lenient: bool,
    /// A file of rules by which messages are changed.
    pub(crate) changes: Option<PathBuf>,
    /// Beside the target there is a page that shows what goes through.
    pub(crate) has_page: bool,
    /// Of the connections of clients.
    pub(crate) settings: ConnectionSettings,
    /// A person between clients and servers.
    pub(crate) prompt: Option<PromptConfig>,
}

/// What stands behind a proxy.
#[derive(Debug)]
pub(crate) enum Behind {
    /// One server, for all clients.
    Target(Destination, PassingRules),
    /// Whatever servers clients ask for.
    Anything(ForwardConfig),
}

/// What a forward proxy is asked to do.
#[derive(Debug)]
pub(crate) struct ForwardConfig {
    /// The ports that tunnels may lead to.
    pub(crate) allowed: ConnectPorts,
    /// The hosts whose TLS is opened, in lists.
    pub(crate) intercepted: Vec<String>,
}

/// Joins clients to the servers behind until SIGINT or SIGTERM.
///
/// # Errors
/// When it can't begin.
pub(crate) fn run(mut config: Config) -> Result<Exit, Error> {
    // What is wrong with the URL is told before anybody is listened to.
    if let Behind::Target(Destination::Url(url), _) = &config.behind {
        Target::parse(url)?;
    }
    let rules = rules(&mut config)?;
    let secrets = config.listening.secrets;
    let middle = config.prompt.as_ref().map(|config| prompt::middle(config, secrets)).transpose()?;
    let console = desk::console(middle.as_ref().map(|middle| &middle.desk().screen));
    let log = config.listening.log(console.clone(), middle.is_some())?;
    let credentials = config.listening.credentials()?;
    let tls = config.listening.tls()?;
    let recording = config.listening.recording(&log)?;
    let interception = interception(&config.behind)?;
    let (listener, signals) = config.listening.bind()?;
    let speaks = speaks(&config, &listener, credentials.are_required())?;
    let begun = config.listening.begin(listener, signals, &log, tls, speaks)?;
    let Listening { listener, signals, tls, web_access, port_file } = begun;
    let Config { listening, behind, mut client, is_lenient, settings, has_page, prompt, .. } = config;
    if has_page {
        announce_page(&listener, tls.is_some(), &log);
    }
    let typed = listening.current_rules(rules.iter().cloned().collect(), &log);
    let terms = SharedTerms { is_lenient, rules, person: middle.clone().map(person) };
    let recorded = recording.as_ref().map_or(Observe::Nothing, |recording| recording.observes());
    client.settings.observe = seen_behind(client.settings.observe.max(recorded), log.has_events() || middle.is_some());
    let onward = Onward::new(terms, recording.clone(), Arc::clone(&log));
    let door = Door { listener: &listener, web_access, credentials, interception, has_page };
    let built = door.onto(behind, (client, onward), console, &signals);
    let (policy, forward) = match built {
        Err(Error::Interrupted) => return Ok(exit_of(&signals)),
        built => built?,
    };
    let ListeningConfig { proxy_protocol, limits, faults, .. } = listening;
    let server = Server {
        listener,
        tls,
        proxy_protocol,
        settings,
        policy,
        forward,
        limits,
        log: Arc::clone(&log),
        recording: recording.clone(),
        faults,
    };
    let outcome = match middle.as_ref().zip(prompt) {
        None => server.run(&signals).and_then(|()| end_log(&log)),
        Some((middle, config)) => prompt::run(server, (middle, typed), &config.options, &signals),
    };
    drop(port_file);
    recording.map_or(Ok(()), |recording| recording.finish())?;
    outcome.map(|()| Exit::Done)
}

/// Reads the rules by which messages are changed, and has nothing compressed that may be broken on purpose.
///
/// # Errors
/// What is no rule.
fn rules(config: &mut Config) -> Result<Option<Arc<RulesFile>>, Error> {
    let Config { listening, client, settings, .. } = config;
    if config.is_lenient {
        // Bytes are the same on both sides only where neither compresses.
        (settings.deflate, client.settings.deflate) = (None, None);
    }
    let open = |path: &PathBuf| RulesFile::open(path, RulesReader::Proxy);
    let mut rules = config.changes.as_ref().map(open).transpose()?;
    let have_faults = rules.as_ref().is_some_and(|file| file.current().have_faults());
    if have_faults || listening.faults.of_frames(&[None, Some(RuleSpeaker::Client)]).is_some() {
        // How a server compresses is for it to say; what comes from it is as it is.
        client.settings.deflate = None;
    }
    if let Some(file) = rules.as_mut().filter(|_| client.settings.deflate.is_some()) {
        file.leave_out_faults();
    }
    let rules = rules.map(Arc::new);
    listening.leaves_to_chance = rules.as_ref().is_some_and(|file| file.current().leave_to_chance());
    if config.prompt.is_none() {
        // The terminal of whoever types is gone where SIGHUP comes.
        listening.rules_files.extend(rules.clone());
    }
    Ok(rules)
}

/// What clients come in by.
struct Door<'a> {
    listener: &'a Listener,
    web_access: WebAccess,
    credentials: Credentials,
    interception: Option<Interception>,
    has_page: bool,
}

impl Door<'_> {
    /// Opens it onto what stands behind: which requests are taken, and what a forward proxy makes of them.
    ///
    /// # Errors
    /// What stands behind can't be reached as it was asked for, or a signal has come first.
    fn onto(
        self,
        behind: Behind,
        (client, onward): (client::Config, Onward),
        console: Console,
        signals: &Signals,
    ) -> Result<(RequestPolicy, Option<Forward>), Error> {
        let Self { listener, web_access, credentials, interception, has_page } = self;
        match behind {
            Behind::Target(destination, rules) => {
                let client = Client::build(client, destination, console, signals)?;
                onward.log().line(format_args!("target {}", client.url()));
                Ok((reverse_policy((client, rules, onward), web_access, credentials, has_page), None))
            }
            Behind::Anything(ForwardConfig { allowed, .. }) => {
                let client = RoamingClient::build(client, signals)?;
                let gateway = Arc::new(Anywhere { client, onward });
                let listening = listener.addresses().collect();
                let forward = Forward { gateway, credentials, allowed, interception, listening };
                Ok((policy(web_access, Credentials::default(), None), Some(forward)))
            }
        }
    }
}

/// As connections know who sits at the prompt.
fn person(middle: Arc<Middle>) -> Arc<dyn Intermediary> {
    Arc::new(Person(middle))
}

/// What is seen of the connection behind a client's: what is seen of the client's. `is_read` by somebody, message by message.
fn seen_behind(recorded: Observe, is_read: bool) -> Observe {
    if is_read { Observe::FramesAndContent } else { recorded }
}

/// To one server, for all clients.
fn reverse_policy(
    (client, mut rules, onward): (Client, PassingRules, Onward),
    web_access: WebAccess,
    credentials: Credentials,
    has_page: bool,
) -> RequestPolicy {
    rules.withholds_authorization = credentials.are_required();
    let upstream = Arc::new(Upstream { client, rules, onward });
    RequestPolicy { has_page_of_gateway: has_page, ..policy(web_access, credentials, Some(upstream)) }
}

fn policy(web_access: WebAccess, credentials: Credentials, gateway: Option<Arc<Upstream>>) -> RequestPolicy {
    RequestPolicy {
        routes: Routes::only(Vec::new()),
        web_access,
        credentials,
        subprotocols: Subprotocols::default(),
        headers: String::new(),
        files: None,
        gateway: gateway.map(|gateway| -> Arc<dyn Gateway> { gateway }),
        has_page_of_gateway: false,
    }
}

/// What stands in for the hosts whose TLS is opened.
///
/// # Errors
/// No authority, or none that may sign for all of them.
fn interception(behind: &Behind) -> Result<Option<Interception>, Error> {
    let Behind::Anything(ForwardConfig { intercepted: hosts, .. }) = behind else { return Ok(None) };
    if hosts.is_empty() {
        return Ok(None);
    }
    let folder = AuthorityFolder::of_user()?;
    let authority = folder.authority()?.ok_or_else(|| advice::no_authority(&folder.path))?;
    ca::judge(&authority, hosts, &folder)?;
    let leaves = LeafCertificates::new(authority).map_err(|why| Error::file(&folder.path, why))?;
    Ok(Some(Interception { hosts: hosts.to_vec(), leaves }))
}

/// What clients of this listener speak, if there may be such.
///
/// # Errors
/// What must not be listened to there.
fn speaks(config: &Config, listener: &Listener, asks_for_credentials: bool) -> Result<Speaks, Error> {
    if config.has_page {
        refuse_page_for_others(listener)?;
    }
    if let Behind::Target(..) = config.behind {
        return Ok(Speaks::WebSocket);
    }
    refuse_open_proxy(listener, asks_for_credentials || config.listening.client_ca.is_some())?;
    refuse_own_proxy(listener, config.client.proxy.url.as_deref())?;
    Ok(Speaks::Proxy)
}

/// # Errors
/// The proxy on the way to all servers, where it is this one: of one that speaks SOCKS no request would tell.
fn refuse_own_proxy(listener: &Listener, url: Option<&str>) -> Result<(), Error> {
    let Some(proxy) = url.filter(|url| !url.is_empty()).map(Proxy::parse).transpose()? else { return Ok(()) };
    let named = proxy.host.parse::<IpAddr>().ok();
    let is_here = |own: SocketAddr| match named {
        Some(ip) => own.ip().to_canonical() == ip.to_canonical() || (own.ip().is_unspecified() && is_loopback(ip)),
        None => is_localhost(&proxy.host) && (is_loopback(own.ip()) || own.ip().is_unspecified()),
    };
    match listener.addresses().any(|own| own.port() == proxy.port && is_here(own)) {
        true => Err(advice::own_proxy(&proxy.to_string())),
        false => Ok(()),
    }
}

/// # Errors
/// A proxy to everywhere that others can reach, and that asks them for nothing.
fn refuse_open_proxy(listener: &Listener, is_restricted: bool) -> Result<(), Error> {
    let open = listener.addresses().find(|address| !is_loopback(address.ip()) && !is_restricted);
    open.map_or(Ok(()), |address| Err(advice::open_proxy(&address.to_string())))
}

/// # Errors
/// A page about all that goes through, where others than this machine's could ask for it.
fn refuse_page_for_others(listener: &Listener) -> Result<(), Error> {
    let open = listener.addresses().find(|address| !is_loopback(address.ip()));
    open.map_or(Ok(()), |address| Err(advice::page_beyond_loopback(&address.to_string())))
}

/// Says where the page is.
fn announce_page(listener: &Listener, is_secure: bool, log: &ServerLog) {
    let scheme = if is_secure { "https" } else { "http" };
    for address in listener.addresses() {
        log.line(format_args!("page {scheme}://{address}{}", page::PATH));
    }
}
