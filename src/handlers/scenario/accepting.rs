//! The server's side: from a step on a client is waited for, while the steps go on to the first that is on its connection.

use std::sync::Arc;
use std::time::Instant;

use super::awaited_client::{AcceptTerms, AwaitedClient, NamedConnection};
use super::branch::{ScenarioBranch, Stepped};
use super::opening::ScenarioConnection;
use super::report::Halt;
use crate::net::{wait_either, wait_readable_until};
use crate::script::LineValue;
use crate::script::scenario::{AcceptStep, ScenarioStep};

impl ScenarioBranch<'_> {
    pub(super) fn accept(&mut self, step: &ScenarioStep, accept: &AcceptStep) -> Stepped {
        let run = self.shared.run;
        let terms = self.filled(step, |values| {
            let settings = run.opener.settings().ok_or("no client is waited for here")?;
            AcceptTerms::of(accept, values, settings)
        })?;
        let within = accept.within.as_ref().map(|within| self.late(step, within)).transpose()?;
        let at = terms.address.clone();
        // The one that had the name may have the port.
        self.forget(&accept.name);
        let tap = run.opener.tap_of_client(run.name, &accept.name);
        let client = AwaitedClient::begin(accept.name.clone(), terms, within, (self.when_stopped(), tap));
        let client = client.map_err(|error| {
            let mut failure = self.failure(step, format!("to listen on {at}"), vec![error.to_string()]);
            failure.exit = error.exit();
            Halt::Failed(failure)
        })?;
        run.opener.listening(&accept.name, client.address);
        self.values.named.insert(accept.port_name(), LineValue::Text(client.address.port().to_string()));
        self.remember(accept.name.clone(), NamedConnection::Awaited(Arc::new(client)));
        Ok(())
    }

    /// The connection of a client, which is waited for.
    pub(super) fn client(&self, step: &ScenarioStep, client: &AwaitedClient) -> Stepped<Arc<ScenarioConnection>> {
        let patience = self.patience(client.within);
        loop {
            let why = match client.came() {
                Some(Ok(connection)) => return Ok(Arc::clone(connection)),
                _ if self.is_stopped() => return Err(Halt::Interrupted),
                Some(Err(why)) => vec![why.clone()],
                None if Instant::now() < patience.ends => {
                    match self.stop() {
                        Some(stop) => wait_either(client, stop, Some(patience.ends)),
                        None => wait_readable_until(client, Some(patience.ends)),
                    }
                    continue;
                }
                None => client.absence(patience),
            };
            return Err(self.failed(step, format!("a client at {}", client.address), why));
        }
    }
}
