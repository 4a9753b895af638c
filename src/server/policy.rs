//! What a request gets: a connection, a page, a file, or a refusal.

use std::sync::Arc;

use super::admission::{Credentials, Subprotocols};
use super::gateway::Gateway;
use super::http::{Files, PlainResponse};
use super::modes::NamedMode;
use super::page;
use super::routes::Routes;
use super::web_access::{LocalAddress, WebAccess};
use crate::http::{AgreedSubprotocol, Method};
use crate::peer_text::Escaped;
use crate::ws::handshake::{Refusal, Request};

/// All that decides about a request.
#[derive(Debug)]
pub(crate) struct RequestPolicy {
    pub(crate) routes: Routes,
    pub(crate) web_access: WebAccess,
    pub(crate) credentials: Credentials,
    pub(crate) subprotocols: Subprotocols,
    /// More lines for the head of every answer, each ended by CRLF.
    pub(crate) headers: String,
    pub(crate) files: Option<Files>,
    /// What every WebSocket is joined to, instead of a mode of ours.
    pub(crate) gateway: Option<Arc<dyn Gateway>>,
    /// Beside the gateway there is the page, at [`page::PATH`].
    pub(crate) has_page_of_gateway: bool,
}

/// What a request gets.
pub(crate) enum Decision<'a> {
    Open {
        mode: &'a NamedMode,
        subprotocol: Option<AgreedSubprotocol>,
    },
    Join(&'a dyn Gateway),
    /// To the server behind, as plain HTTP.
    Pass(&'a dyn Gateway),
    Answer(PlainResponse),
    Refuse(Refusal),
}

impl RequestPolicy {
    /// A connection with this mode for everyone, and nothing asked.
    pub(crate) fn open_to_all(routes: Routes) -> Self {
        Self {
            routes,
            web_access: WebAccess::default(),
            credentials: Credentials::default(),
            subprotocols: Subprotocols::default(),
            headers: String::new(),
            files: None,
            gateway: None,
            has_page_of_gateway: false,
        }
    }

    /// `local` is the address that the client came in on.
    pub(crate) fn judge(&self, request: &Request, local: LocalAddress<'_>) -> Decision<'_> {
        self.admit(request, local).unwrap_or_else(|refusal| Decision::Refuse(refusal.with_headers(&self.headers)))
    }

    fn admit(&self, request: &Request, local: LocalAddress<'_>) -> Result<Decision<'_>, Refusal> {
        if let Some(gateway) = self.gateway.as_deref() {
            return self.admit_to(gateway, request, local);
        }
        let path = request.path();
        if let Some(answer) = self.sign_of_life(request) {
            return Ok(Decision::Answer(answer));
        }
        let mode = self.routes.find(path).filter(|_| request.wants_upgrade());
        // Before credentials, which a browser shows by itself.
        let protected = mode.map_or(!request.wants_upgrade(), |mode| mode.protected);
        self.web_access.judge(request, local, protected)?;
        self.credentials.judge(request)?;
        if !request.wants_upgrade() {
            return self.plain(request).map(Decision::Answer);
        }
        let mode = mode.ok_or_else(|| nothing_at(path))?;
        let subprotocol = self.subprotocols.choose(request, mode.mode.subprotocol())?;
        Ok(Decision::Open { mode, subprotocol })
    }

    /// What stands behind us trusts us with more than it may trust any page on the web with.
    fn admit_to<'a>(
        &self,
        gateway: &'a dyn Gateway,
        request: &Request,
        local: LocalAddress<'_>,
    ) -> Result<Decision<'a>, Refusal> {
        self.web_access.judge(request, local, true)?;
        self.credentials.judge(request)?;
        if request.wants_upgrade() {
            return Ok(Decision::Join(gateway));
        }
        refuse_lost_upgrade(request)?;
        let is_for_page =
            self.has_page_of_gateway && page::PATH.trim_end_matches('/') == request.path().trim_end_matches('/');
        if !is_for_page {
            return Ok(Decision::Pass(gateway));
        }
        // What nobody reads would pass for another request.
        match request.method {
            Method::Get | Method::Head | Method::Options if request.body()?.is_empty() => {
                Ok(Decision::Answer(page::answer(&[])))
            }
            _ => Err(Refusal::method_not_allowed(Method::ALL, "the page is asked for by GET, without a body")),
        }
    }

    /// Whether our own page may open its second socket: it comes from us, and knows what it has to.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn admit_page(&self, request: &Request, local: LocalAddress<'_>) -> Result<(), Refusal> {
        self.web_access.judge(request, local, true)?;
        self.credentials.judge(request)
    }

    /// What monitors and load balancers ask for, who need no credentials to see whether we live. It tells nothing else. What
    /// somebody has put where they ask is theirs.
    fn sign_of_life(&self, request: &Request) -> Option<PlainResponse> {
        let path = request.path();
        match &request.method {
            _ if request.wants_upgrade() => None,
            Method::Options => Some(PlainResponse::options()),
            Method::Get | Method::Head if is_asked_by_monitors(path) && !self.is_taken(path) => {
                Some(PlainResponse::ok("text/plain; charset=utf-8", "", b"ok\n".to_vec()))
            }
            Method::Get | Method::Head | Method::Other(_) => None,
        }
    }

    /// Whether a route or a file has this path.
    fn is_taken(&self, path: &str) -> bool {
        self.is_listed(path) || self.files.as_ref().is_some_and(|files| files.find(path).is_some())
    }

    /// Whether a route has exactly this path.
    fn is_listed(&self, path: &str) -> bool {
        self.routes.listed().iter().any(|(listed, _)| listed == path)
    }

    fn plain(&self, request: &Request) -> Result<PlainResponse, Refusal> {
        let path = request.path();
        refuse_lost_upgrade(request)?;
        if let Some(file) = self.files.as_ref().and_then(|files| files.find(path)) {
            return Ok(file);
        }
        if path == "/" {
            let paths: Vec<_> = self.routes.listed().iter().map(|(path, mode)| (path.as_str(), mode.name)).collect();
            return Ok(page::answer(&paths));
        }
        match self.routes.find(path) {
            Some(_) if self.files.is_none() => Err(Refusal::no_upgrade().with_note("the page is at /")),
            _ if self.is_listed(path) => Err(Refusal::no_upgrade()),
            _ => Err(nothing_at(path)),
        }
    }
}

/// # Errors
/// 426 for an opening handshake that has lost what makes it one.
fn refuse_lost_upgrade(request: &Request) -> Result<(), Refusal> {
    let why = "the request has a Sec-WebSocket-Key and no Upgrade header: has a proxy removed it?";
    if request.headers.contains("sec-websocket-key") { Err(Refusal::upgrade_required(why)) } else { Ok(()) }
}

/// Where Kubernetes, Prometheus, Spring, Rails, Consul and others look whether a server lives, and whether it is ready.
const MONITORED: [&str; 22] = [
    "/healthz",
    "/livez",
    "/readyz",
    "/health",
    "/health/live",
    "/health/ready",
    "/healthcheck",
    "/health-check",
    "/health_check",
    "/heartbeat",
    "/live",
    "/liveness",
    "/ready",
    "/readiness",
    "/status",
    "/ping",
    "/up",
    "/-/healthy",
    "/-/ready",
    "/actuator/health",
    "/actuator/health/liveness",
    "/actuator/health/readiness",
];

/// A slash at the end makes no difference.
fn is_asked_by_monitors(path: &str) -> bool {
    MONITORED.contains(&path.strip_suffix('/').unwrap_or(path))
}

fn nothing_at(path: &str) -> Refusal {
    Refusal::not_found(&format!("nothing is served at {}", Escaped(path)))
}
