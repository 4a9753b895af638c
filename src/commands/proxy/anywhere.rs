//! The servers behind a forward proxy: whichever its clients ask for.

use super::onward::{Onward, refusal};
use crate::client::{Client, ConnectFacts, PassingRules, RoamingClient, is_passed_on};
use crate::http::Headers;
use crate::net::target::Target;
use crate::net::{Interrupt, Reached};
use crate::server::forward::{ForwardGateway, ServerPlace};
use crate::server::{FarConnection, PassedRequest, PassingTerms};
use crate::ws::handshake::{Refusal, Request};

/// Requests go on as they are for the server that the client has named.
const RULES: PassingRules = PassingRules { keeps_host: true, keeps_origin: true, withholds_authorization: false };

/// The way to any server.
#[derive(Debug)]
pub(super) struct Anywhere {
    pub(super) client: RoamingClient,
    pub(super) onward: Onward,
}

impl Anywhere {
    fn client_to(&self, number: u64, place: &ServerPlace) -> Result<Client, Refusal> {
        let target = Target::parse(&place.url());
        let client = target.and_then(|target| self.client.to(target, self.onward.console(number)));
        client.map_err(|error| refusal(&error))
    }
}

impl ForwardGateway for Anywhere {
    fn connect(
        &self,
        number: u64,
        place: &ServerPlace,
        via: String,
        interrupt: Interrupt<'_>,
    ) -> Result<Reached, Refusal> {
        let mut client = self.client_to(number, place)?;
        client.reach(via, Some(interrupt), &mut |_| {}).map_err(|error| refusal(&error))
    }

    fn secure(
        &self,
        number: u64,
        place: &ServerPlace,
        reached: Reached,
        interrupt: Interrupt<'_>,
    ) -> Result<Reached, Refusal> {
        let client = self.client_to(number, place)?;
        client.secure(reached, Some(interrupt), &mut |_| {}).map_err(|error| refusal(&error))
    }

    fn open(
        &self,
        number: u64,
        request: &Request,
        place: &ServerPlace,
        reached: Reached,
        interrupt: Interrupt<'_>,
    ) -> Result<FarConnection, Refusal> {
        if self.has_sent(&request.headers) {
            return Err(Refusal::loop_detected("the request leads back to this proxy"));
        }
        let facts = ConnectFacts::of_way(&reached);
        let (via, console) = (self.via(), self.onward.console(number));
        let mut client = self.client_to(number, place)?.passing(request, RULES, &via, console);
        client.go_on_from(reached);
        self.onward.open(number, request, client, facts, interrupt)
    }

    /// What is configured for requests is for WebSockets alone: others go on as they are, byte for byte.
    fn pass(
        &self,
        number: u64,
        request: &Request,
        place: &ServerPlace,
        reached: Reached,
        interrupt: Interrupt<'_>,
    ) -> Result<PassedRequest, Refusal> {
        let reached = self.secure(number, place, reached, interrupt)?;
        let (host, via) = (request.header("host").unwrap_or_default(), self.via());
        let connection: Vec<_> = request.headers.list("connection").collect();
        let passed = request.headers.raw_lines().filter(|(name, _)| is_passed_on(name, &connection));
        let head = request.head_for(&request.resource, host.as_bytes(), passed.chain([("Via", via.as_bytes())]));
        Ok(PassedRequest { head, reached, place: place.to_string() })
    }

    fn terms(&self) -> PassingTerms {
        self.onward.terms.current()
    }

    fn via(&self) -> String {
        self.onward.via()
    }

    fn has_sent(&self, headers: &Headers) -> bool {
        self.onward.has_sent(headers)
    }
}
