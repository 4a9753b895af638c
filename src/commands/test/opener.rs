//! Opens the connections of tests, as every client does.

use std::net::SocketAddr;
use std::time::Instant;

use crate::client::{self, Answers, Client, Destination};
use crate::commands::prompt::questions::Nobody;
use crate::error::{Error, TimeLimit};
use crate::handlers::scenario::{OpenRequest, OpenedConnection, ScenarioOpener};
use crate::net::{ConnectEvent, ConnectionSettings, Interrupt};
use crate::stdio::console::Console;
use crate::stdio::secret::Secret;
use crate::ws::negotiation::DeflateOptions;

/// What flags say of every connection.
pub(super) struct TestOpener {
    config: client::Config,
    console: Console,
}

impl TestOpener {
    pub(super) fn new(config: client::Config, console: Console) -> Self {
        Self { config, console }
    }

    /// The same with what a step says, which comes first.
    fn config(&self, request: &OpenRequest) -> client::Config {
        let mut config = self.config.clone();
        config.request.headers.extend(request.headers.iter().cloned());
        config.request.subprotocols.extend(request.subprotocols.iter().cloned());
        config.request.cookies.extend(request.cookies.iter().cloned());
        let given = |secret: &Option<String>| secret.clone().map(Secret::Given);
        config.request.user = given(&request.user).or(config.request.user);
        config.request.bearer = given(&request.bearer).or(config.request.bearer);
        config.request.origin = request.origin.clone().or(config.request.origin);
        config.tls.insecure |= request.insecure;
        config.tls.cacert = request.cacert.clone().or(config.tls.cacert);
        config.tls.cert = request.cert.clone().or(config.tls.cert);
        config.tls.key = request.key.clone().or(config.tls.key);
        match request.compress {
            Some(false) => config.settings.deflate = None,
            Some(true) => drop(config.settings.deflate.get_or_insert_with(DeflateOptions::default)),
            None => {}
        }
        config
    }
}

impl ScenarioOpener for TestOpener {
    fn open(
        &self,
        request: OpenRequest,
        latest: Instant,
        interrupt: Option<Interrupt<'_>>,
    ) -> Result<OpenedConnection, Error> {
        let config = self.config(&request);
        let patience = latest.saturating_duration_since(Instant::now());
        let timing = config.settings.timing;
        let destination = Destination::Url(request.url);
        let mut client = Client::another(config, destination, Console::nowhere(), &Nobody, Answers::default())?;
        client.end_by(Some(latest));
        let mut head = Vec::new();
        let dialed = client.connect(interrupt, &mut |event| {
            if let ConnectEvent::Answered { response, .. } = event {
                head.clone_from(response);
            }
        });
        let dialed = dialed.map_err(|error| match error {
            // It is the step that has no more time, and no flag.
            Error::TimedOut { phase, peer, limit: TimeLimit::Flag(_) } => {
                Error::TimedOut { phase, peer, limit: TimeLimit::Phase(patience) }
            }
            error => error,
        })?;
        Ok(OpenedConnection { websocket: dialed.websocket, timing, response: head, tap: None })
    }

    fn settings(&self) -> ConnectionSettings {
        self.config.settings
    }

    fn listening(&self, name: &str, address: SocketAddr) {
        let name = if name.is_empty() { String::new() } else { format!(" for {name}") };
        self.console.line(format_args!("listening on ws://{address}/{name}"));
        if !address.ip().is_loopback() {
            self.console.line(format_args!("warning: {address} is not loopback, other machines can connect"));
        }
    }
}
