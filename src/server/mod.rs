//! A listener at work: a thread for each connection, and a log of what became of it.

mod admission;
mod end_reason;
mod fault_log;
pub(crate) mod forward;
mod gateway;
mod handshake;
mod hop_taps;
pub(crate) mod http;
pub(crate) mod hub;
pub(crate) mod inbox;
mod intermediary;
mod joined;
pub(crate) mod log;
mod message_log;
pub(crate) mod modes;
pub(crate) mod page;
mod permit;
mod policy;
pub(crate) mod port_file;
pub(crate) mod post;
mod routes;
mod rules_file;
mod running_server;
mod session;
mod taps;
mod thread_pool;
mod tunnel_session;
pub(crate) mod web_access;

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

pub(crate) use admission::{Credentials, Subprotocols};
pub(crate) use gateway::{FarConnection, Gateway, PassedRequest, PassingTerms, SharedTerms};
pub(crate) use intermediary::{Intermediary, Intervention, Mediation};
pub(crate) use policy::RequestPolicy;
pub(crate) use routes::Routes;
pub(crate) use rules_file::{RulesFile, RulesReader};

use self::forward::Forward;
use self::log::ServerLog;
use self::modes::NamedMode;
use self::page::feed::Observers;
use self::permit::Permit;
use self::running_server::RunningServer;
use self::thread_pool::ThreadPool;
use crate::error::{Error, system_words};
use crate::net::{Acceptor, ConnectionSettings, FaultPlan, Listener, ServerTls, Stop, threads_end};
use crate::stdio::recording::Recording;
use crate::view::amount::Count;
use crate::ws::handshake::Refusal;

/// A server before it begins.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listener: Listener,
    pub(crate) tls: Option<ServerTls>,
    /// Clients come through a proxy that announces each by the PROXY protocol.
    pub(crate) proxy_protocol: bool,
    pub(crate) settings: ConnectionSettings,
    pub(crate) policy: RequestPolicy,
    /// Clients say where they want to go, and the policy isn't asked.
    pub(crate) forward: Option<Forward>,
    pub(crate) limits: Limits,
    pub(crate) log: Arc<ServerLog>,
    pub(crate) recording: Option<Arc<Recording>>,
    /// What is broken on purpose.
    pub(crate) faults: FaultPlan,
}

/// What clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Over this many, a client gets 503.
    pub(crate) connections: usize,
}

impl Limits {
    /// What a client gets that is one too many.
    fn refusal(self) -> Refusal {
        Refusal::at_limit(&format!("the limit of {} is reached", Count(self.connections as u64, "client")))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 10_000 }
    }
}

impl Server {
    /// Everyone gets an echo, and nothing is logged.
    pub(crate) fn echo(listener: Listener, settings: ConnectionSettings) -> Self {
        let policy = RequestPolicy::open_to_all(Routes::everywhere(NamedMode::echo()));
        let limits = Limits::default();
        Self {
            listener,
            tls: None,
            proxy_protocol: false,
            settings,
            policy,
            forward: None,
            limits,
            log: Arc::default(),
            recording: None,
            faults: FaultPlan::default(),
        }
    }

    /// Serves until `until` is readable; then closes every connection with 1001 and waits for
    /// them, less than two seconds.
    ///
    /// # Errors
    /// When there are no descriptors left to begin with.
    pub(crate) fn run(mut self, until: impl AsFd) -> Result<(), Error> {
        let (stopper, stop) = Stop::pair().map_err(|why| Error::System { doing: "starting the server", why })?;
        let Self { tls, proxy_protocol, settings, policy, forward, limits, log, recording, faults, .. } = self;
        let (present, observers) = (AtomicUsize::new(0), Observers::new(&log, policy.has_page_of_gateway));
        let timeout = settings.timing.handshake_timeout;
        let acceptor = Acceptor { tls, proxy_protocol, timeout, stop };
        // The connection behind a client's has a number too.
        let step = if policy.gateway.is_some() || forward.is_some() { 2 } else { 1 };
        let server =
            RunningServer { acceptor, settings, policy, forward, limits, log, recording, observers, present, faults };
        let server = Arc::new(server);
        let pool = ThreadPool::default();
        let mut number = 1u64.wrapping_sub(step);
        let complain = |error: &_| server.log.notice(format_args!("can't accept: {}", system_words(error)));
        while let Some((stream, peer)) = self.listener.next(&until, complain) {
            number = number.wrapping_add(step);
            if let Some(fault) = server.faults.refuses() {
                server.tell_injected(number, fault);
                stream.reset();
                continue;
            }
            let Some(permit) = Permit::take(&server, number) else {
                server.log.notice(format_args!("[{number}] {peer} limit: disconnected, too many clients"));
                continue;
            };
            if let Err(error) = pool.begin(move || permit.serve(stream, peer)) {
                let why = system_words(&error);
                server.log.notice(format_args!("[{number}] {peer} can't start a thread: {why}"));
            }
        }
        // What a signal leaves the process begins now, for whoever waits after this.
        let end = threads_end();
        drop(stopper);
        pool.wait_for_none(end.saturating_duration_since(Instant::now()));
        Ok(())
    }
}
