//! The target of a proxy, reached anew for each client with what the client asks for.

use super::onward::Onward;
use crate::client::{Client, ConnectFacts, PassingRules};
use crate::net::Interrupt;
use crate::server::{FarConnection, Gateway, PassingTerms};
use crate::ws::handshake::{Refusal, Request};

/// The way to the target.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) client: Client,
    pub(super) rules: PassingRules,
    pub(super) onward: Onward,
}

impl Gateway for Upstream {
    fn reach(&self, number: u64, request: &Request, interrupt: Interrupt<'_>) -> Result<FarConnection, Refusal> {
        let Self { client, rules, onward } = self;
        if onward.has_sent(&request.headers) {
            return Err(Refusal::loop_detected("the target leads back to this proxy"));
        }
        let client = client.passing(request, *rules, &onward.via(), onward.console(number));
        onward.open(number, request, client, ConnectFacts::default(), interrupt)
    }

    fn terms(&self) -> PassingTerms {
        self.onward.terms.current()
    }
}
