//! The target of a proxy, reached anew for each client with what the client asks for.

use super::onward::Onward;
use crate::client::{Client, ConnectFacts, PassingRules};
use crate::net::Interrupt;
use crate::server::{FarConnection, Gateway, PassedRequest, PassingTerms};
use crate::ws::handshake::{Refusal, Request};

/// The way to the target.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) client: Client,
    pub(super) rules: PassingRules,
    pub(super) onward: Onward,
}

impl Upstream {
    /// The client that asks for what `request` does.
    ///
    /// # Errors
    /// 508 for a request that has been here before.
    fn client_for(&self, number: u64, request: &Request) -> Result<Client, Refusal> {
        let Self { client, rules, onward } = self;
        if onward.has_sent(&request.headers) {
            return Err(Refusal::loop_detected("the target leads back to this proxy"));
        }
        Ok(client.passing(request, *rules, &onward.via(), onward.console(number)))
    }
}

impl Gateway for Upstream {
    fn reach(&self, number: u64, request: &Request, interrupt: Interrupt<'_>) -> Result<FarConnection, Refusal> {
        let client = self.client_for(number, request)?;
        self.onward.open(number, request, client, ConnectFacts::default(), interrupt)
    }

    fn pass(&self, number: u64, request: &Request, interrupt: Interrupt<'_>) -> Result<PassedRequest, Refusal> {
        let mut client = self.client_for(number, request)?;
        let (reached, head) = client
            .reach_for_plain(request, self.onward.via(), interrupt)
            .map_err(|error| self.onward.refused(number, &error))?;
        Ok(PassedRequest { head, reached, place: client.last_target().authority() })
    }

    fn terms(&self) -> PassingTerms {
        self.onward.terms.current()
    }
}
