//! Opens the connections of tests, as every client does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::recordings::{TestRecording, TestRecordings};
use crate::client::{self, Answers, Client, ConnectFacts, Destination};
use crate::commands::prompt::questions::Nobody;
use crate::error::{Error, TimeLimit};
use crate::handlers::scenario::{ClientTapMaker, OpenRequest, OpenedConnection, ScenarioOpener};
use crate::net::target::is_loopback;
use crate::net::{ConnectEvent, ConnectionSettings, Interrupt};
use crate::stdio::console::Console;
use crate::stdio::secret::Secret;
use crate::ws::Observe;
use crate::ws::negotiation::DeflateOptions;

/// What flags say of every connection.
pub(super) struct TestOpener {
    config: client::Config,
    console: Console,
    recordings: Option<Arc<TestRecordings>>,
}

impl TestOpener {
    pub(super) fn new(mut config: client::Config, console: Console, recordings: Option<TestRecordings>) -> Self {
        if recordings.is_some() {
            config.settings.observe = Observe::FramesAndContent;
        }
        Self { config, console, recordings: recordings.map(Arc::new) }
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
        test: &str,
        request: OpenRequest,
        latest: Instant,
        interrupt: Option<Interrupt<'_>>,
    ) -> Result<OpenedConnection, Error> {
        let config = self.config(&request);
        let patience = latest.saturating_duration_since(Instant::now());
        let timing = config.settings.timing;
        let (name, url) = (request.name, request.url.clone());
        let destination = Destination::Url(request.url);
        let mut client = Client::another(config, destination, Console::nowhere(), &Nobody, Answers::default())?;
        client.end_by(Some(latest));
        // Only now: what can't be asked for has gone over no connection.
        let recording = self.recordings.as_ref().and_then(|all| all.begin(test, &name));
        let (mut head, mut facts) = (Vec::new(), ConnectFacts::default());
        let dialed = client.connect(interrupt, &mut |event| {
            facts.note(event);
            if let ConnectEvent::Answered { response, .. } = event {
                head.clone_from(response);
            }
        });
        if let (Some(TestRecording { recording, .. }), Err(why)) = (&recording, &dialed) {
            recording.not_opened(&url, facts.recorded_heads(recording), why);
        }
        let dialed = dialed.map_err(|error| match error {
            // It is the step that has no more time, and no flag.
            Error::TimedOut { phase, peer, limit: TimeLimit::Flag(_), arrived } => {
                Error::TimedOut { phase, peer, limit: TimeLimit::Phase(patience), arrived }
            }
            error => error,
        })?;
        let tap = recording.map(|recording| {
            let line = facts.line(&dialed.accepted, &url, recording.recording.secrets());
            recording.opened(line)
        });
        Ok(OpenedConnection { websocket: dialed.websocket, timing, response: head, tap })
    }

    fn settings(&self) -> Option<ConnectionSettings> {
        Some(self.config.settings)
    }

    fn tap_of_client(&self, test: &str, name: &str) -> Option<ClientTapMaker> {
        let (all, test, name) = (Arc::clone(self.recordings.as_ref()?), test.to_owned(), name.to_owned());
        Some(Box::new(move |line| Some(all.begin(&test, &name)?.opened(line))))
    }

    fn listening(&self, name: &str, address: SocketAddr) {
        let name = if name.is_empty() { String::new() } else { format!(" for {name}") };
        self.console.line(format_args!("listening on ws://{address}/{name}"));
        if !is_loopback(address.ip()) {
            self.console.line(format_args!("warning: {address} is not loopback, other machines can connect"));
        }
    }
}
