//! How a subcommand begins to listen, and for whom.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use super::interrupt::{catch_signals, catch_signals_but_hang_ups};
use crate::advice::{self, StdoutUse};
use crate::error::Error;
use crate::http::Secrets;
use crate::net::{FaultPlan, HangUps, Listener, ServerTls, Signals, raise_descriptor_limit};
use crate::server::log::{ServerLog, Verbosity};
use crate::server::port_file::PortFile;
use crate::server::web_access::{HostPattern, Hosts, WebAccess};
use crate::server::{Credentials, Limits, RulesFile};
use crate::stdio::console::Console;
use crate::stdio::recording::{Recording, RecordingConfig};
use crate::stdio::secret::Secret;
use crate::values::split_port;
use crate::view::frames::FrameDetail;

/// Where to listen, for whom, and what is told of it.
#[derive(Debug)]
pub(crate) struct ListeningConfig {
    /// HOST:PORT each.
    pub(crate) addresses: Vec<String>,
    /// A Unix socket to listen on too.
    pub(crate) unix: Option<PathBuf>,
    /// Where the ports are written to.
    pub(crate) port_file: Option<PathBuf>,
    pub(crate) certificate: Option<Certificate>,
    /// Client certificates are demanded, issued by these (PEM).
    pub(crate) client_ca: Option<PathBuf>,
    /// Clients come through a proxy that announces each by the PROXY protocol.
    pub(crate) proxy_protocol: bool,
    pub(crate) limits: Limits,
    pub(crate) web_access: WebAccess,
    /// `USER:PASSWORD`.
    pub(crate) auth: Option<Secret>,
    /// A token.
    pub(crate) bearer: Option<Secret>,
    pub(crate) verbosity: Verbosity,
    pub(crate) secrets: Secrets,
    /// What of frames is logged.
    pub(crate) frames: Option<FrameDetail>,
    /// What happens is written to stdout as JSON.
    pub(crate) json: bool,
    /// Where connections are recorded to.
    pub(crate) recording: Option<RecordingConfig>,
    /// What is broken on purpose.
    pub(crate) faults: FaultPlan,
    /// Rules take messages by chance.
    pub(crate) leaves_to_chance: bool,
    /// Read again on SIGHUP, which is no end then.
    pub(crate) rules_files: Vec<Arc<RulesFile>>,
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

/// What those who listen speak with their clients, which is the scheme of the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    WebSocket,
    /// As a proxy that clients ask for a way to servers.
    Proxy,
}

/// A listener that has begun, and signals that end it.
pub(crate) struct Listening {
    pub(crate) listener: Listener,
    pub(crate) signals: Signals,
    pub(crate) tls: Option<ServerTls>,
    /// With the names of this server.
    pub(crate) web_access: WebAccess,
    /// Removed when it is dropped.
    pub(crate) port_file: Option<PortFile>,
}

/// Files of rules that are read again while there are connections, and who is told.
#[derive(Debug)]
pub(crate) struct CurrentRules {
    files: Vec<Arc<RulesFile>>,
    log: Arc<ServerLog>,
    seed: u64,
    /// It has been told, so that what happens by chance can happen again.
    knows_seed: bool,
}

impl CurrentRules {
    /// For connections that are opened from then on.
    ///
    /// # Errors
    /// When there are none, in words.
    pub(crate) fn read_again(&mut self) -> Result<(), &'static str> {
        if self.files.is_empty() {
            return Err("no file of rules was given at the start");
        }
        self.files.iter().for_each(|file| self.log.notice(format_args!("{}", file.read_again())));
        if !self.knows_seed && self.files.iter().any(|file| file.current().leave_to_chance()) {
            tell_seed_of_rules(self.seed, &self.log);
            self.knows_seed = true;
        }
        Ok(())
    }
}

impl ListeningConfig {
    /// # Errors
    /// When stdout can't be set up for events.
    pub(crate) fn log(&self, console: Console, at_prompt: bool) -> Result<Arc<ServerLog>, Error> {
        let log = ServerLog::new(console, self.verbosity, self.secrets);
        let log = log.with_frames(self.frames).with_one_number(at_prompt);
        if !self.json {
            return Ok(Arc::new(log));
        }
        let failed = |why| Error::System { doing: "setting up stdout", why };
        log.with_events().map(Arc::new).map_err(failed)
    }

    /// # Errors
    /// Files that can't be read, and what no client could send.
    pub(crate) fn credentials(&self) -> Result<Credentials, Error> {
        Credentials::read(self.auth.as_ref(), self.bearer.as_ref())
    }

    /// # Errors
    /// A file that can't be written, and stdout where events go there.
    pub(crate) fn recording(&self, log: &ServerLog) -> Result<Option<Arc<Recording>>, Error> {
        self.recording.iter().filter(|_| self.json).try_for_each(|it| it.refuse_stdout_beside(StdoutUse::Events))?;
        let console = || log.console().cloned().unwrap_or_else(Console::nowhere);
        self.recording.clone().map(|config| Recording::open(config, console())).transpose()
    }

    /// Begins to listen, and says where. `runs`: what a client may run here.
    ///
    /// # Errors
    /// An address that is of no use.
    pub(crate) fn listen(
        &mut self,
        log: &Arc<ServerLog>,
        tls: Option<ServerTls>,
        runs: Option<&str>,
    ) -> Result<Listening, Error> {
        let (listener, signals) = self.bind()?;
        let listening = self.begin(listener, signals, log, tls, Speaks::WebSocket)?;
        if let Some(mode) = runs.filter(|_| listening.web_access.is_open()) {
            log.notice(format_args!("warning: any web page you visit can run the --{mode} command"));
        }
        Ok(listening)
    }

    /// Says where is listened, once that has begun.
    ///
    /// # Errors
    /// A port file that can't be written.
    pub(crate) fn begin(
        &mut self,
        listener: Listener,
        signals: Signals,
        log: &Arc<ServerLog>,
        tls: Option<ServerTls>,
        speaks: Speaks,
    ) -> Result<Listening, Error> {
        // Whoever reads where is listened may send SIGHUP at once.
        self.keep_rules_current(log)?;
        let mut web_access = std::mem::take(&mut self.web_access);
        add_own_names(&mut web_access.hosts, &self.addresses, tls.as_ref(), &listener);
        self.announce(&listener, tls.as_ref(), log, speaks);
        let seed = self.faults.seed();
        if !self.faults.is_empty() {
            log.line(format_args!("faults are injected, with the seed {seed}"));
        } else if self.leaves_to_chance {
            tell_seed_of_rules(seed, log);
        }
        if let Some((fault, _)) = self.faults.of_certificate() {
            log.injected_everywhere(fault);
        }
        let ports: Vec<u16> = listener.addresses().map(|address| address.port()).collect();
        let write = |path: &Path| PortFile::write(path, &ports, &signals);
        let port_file = self.port_file.as_deref().map(write).transpose()?.flatten();
        Ok(Listening { listener, signals, tls, web_access, port_file })
    }

    /// Has the files of rules read again whenever SIGHUP comes.
    ///
    /// # Errors
    /// When there are no descriptors or threads left.
    fn keep_rules_current(&mut self, log: &Arc<ServerLog>) -> Result<(), Error> {
        let files = std::mem::take(&mut self.rules_files);
        let failed = |why| Error::System { doing: "catching signals", why };
        if files.is_empty() {
            return Ok(());
        }
        let Some(hang_ups) = HangUps::catch().map_err(failed)? else {
            log.line(format_args!("SIGHUP is ignored, as nohup has it, and reloads no rules"));
            return Ok(());
        };
        let mut rules = self.current_rules(files, log);
        // It waits for as long as the process lives: nothing else is held by it.
        let follow = move || {
            while hang_ups.wait() {
                // There are some.
                let _ = rules.read_again();
            }
        };
        thread::Builder::new().spawn(follow).map(drop).map_err(failed)
    }

    /// These files, to be read again.
    pub(crate) fn current_rules(&self, files: Vec<Arc<RulesFile>>, log: &Arc<ServerLog>) -> CurrentRules {
        let knows_seed = !self.faults.is_empty() || self.leaves_to_chance;
        CurrentRules { files, log: Arc::clone(log), seed: self.faults.seed(), knows_seed }
    }

    /// Listens wherever it was asked for, and for signals.
    ///
    /// # Errors
    /// An address that is of no use.
    pub(crate) fn bind(&self) -> Result<(Listener, Signals), Error> {
        raise_descriptor_limit();
        let mut listener = Listener::default();
        for address in &self.addresses {
            // A name may take its time to be resolved; until then a signal ends the process.
            listener.add(address)?;
        }
        // From here on there are files to be removed at the end.
        let signals = match self.rules_files.is_empty() {
            true => catch_signals()?,
            false => catch_signals_but_hang_ups()?,
        };
        if let Some(path) = &self.unix {
            listener.add_unix(path)?;
        }
        Ok((listener, signals))
    }

    /// The certificate and the authorities, read.
    ///
    /// # Errors
    /// Files that are of no use.
    pub(crate) fn tls(&self) -> Result<Option<ServerTls>, Error> {
        let client_ca = self.client_ca.as_deref();
        let fault = self.faults.of_certificate();
        let is_made_here = matches!(self.certificate, Some(Certificate::SelfSigned { .. }));
        if let Some((fault, _)) = fault.filter(|_| !is_made_here) {
            return Err(advice::certificate_fault(&fault.to_string()));
        }
        match &self.certificate {
            Some(Certificate::Files { cert, key }) => ServerTls::from_files(cert, key, client_ca).map(Some),
            Some(Certificate::SelfSigned { names }) => {
                ServerTls::self_signed(names, client_ca, fault.map(|(_, kind)| kind)).map(Some)
            }
            None if client_ca.is_some() => Err(advice::client_ca_without_tls()),
            None => Ok(None),
        }
    }

    fn announce(&self, listener: &Listener, tls: Option<&ServerTls>, log: &ServerLog, speaks: Speaks) {
        if let Some(tls) = tls {
            log.line(format_args!("certificate SHA-256 {}", tls.fingerprint));
        }
        let scheme = match (speaks, tls) {
            (Speaks::WebSocket, None) => "ws",
            (Speaks::WebSocket, Some(_)) => "wss",
            (Speaks::Proxy, None) => "http",
            (Speaks::Proxy, Some(_)) => "https",
        };
        for address in listener.addresses() {
            log.listening(scheme, address);
        }
        if let Some(path) = &self.unix {
            log.listening_on_socket(path);
        }
    }
}

fn tell_seed_of_rules(seed: u64, log: &ServerLog) {
    log.line(format_args!("rules leave something to chance, with the seed {seed}"));
}

/// What this server is called by whoever started it: names and addresses to listen on, and of the certificate.
fn add_own_names(hosts: &mut Hosts, addresses: &[String], tls: Option<&ServerTls>, listener: &Listener) {
    let listened = addresses.iter().filter_map(|address| HostPattern::parse(split_port(address).0));
    let certified = tls.into_iter().flat_map(|tls| &tls.names).filter_map(|name| HostPattern::of_certificate(name));
    listened.filter(|name| *name != HostPattern::Any).chain(certified).for_each(|name| hosts.add(name));
    listener.addresses().for_each(|address| hosts.add(HostPattern::address(address.ip())));
}

/// What is told last.
///
/// # Errors
/// When not all events could be written.
pub(crate) fn end_log(log: &ServerLog) -> Result<(), Error> {
    let told = log.flush_events();
    log.stopped();
    told
}
