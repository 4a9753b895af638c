//! What a request gets: a connection, a page, a file, or a refusal.

use super::admission::{Credentials, Subprotocols};
use super::http::{Files, PlainResponse};
use super::modes::NamedMode;
use super::page;
use super::routes::Routes;
use super::web_access::{LocalAddress, WebAccess};
use crate::peer_text::Escaped;
use crate::ws::handshake::{AgreedSubprotocol, Method, Refusal, Request};

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
}

/// What a request gets.
pub(crate) enum Decision<'a> {
    Open { mode: &'a NamedMode, subprotocol: Option<AgreedSubprotocol> },
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
        }
    }

    /// `local` is the address that the client came in on.
    pub(crate) fn judge(&self, request: &Request, local: LocalAddress<'_>) -> Decision<'_> {
        self.admit(request, local).unwrap_or_else(|refusal| Decision::Refuse(refusal.with_headers(&self.headers)))
    }

    fn admit(&self, request: &Request, local: LocalAddress<'_>) -> Result<Decision<'_>, Refusal> {
        let path = request.path();
        if let Some(answer) = sign_of_life(request) {
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

    /// Whether our own page may open its second socket: it comes from us, and knows what it has to.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn admit_page(&self, request: &Request, local: LocalAddress<'_>) -> Result<(), Refusal> {
        self.web_access.judge(request, local, true)?;
        self.credentials.judge(request)
    }

    fn plain(&self, request: &Request) -> Result<PlainResponse, Refusal> {
        let path = request.path();
        if request.headers.contains("sec-websocket-key") {
            let why = "the request has a Sec-WebSocket-Key and no Upgrade header: has a proxy removed it?";
            return Err(Refusal::upgrade_required(why));
        }
        if let Some(file) = self.files.as_ref().and_then(|files| files.find(path)) {
            return Ok(file);
        }
        if path == "/" {
            let paths: Vec<_> = self.routes.listed().iter().map(|(path, mode)| (path.as_str(), mode.name)).collect();
            return Ok(page::answer(&paths));
        }
        let is_listed = || self.routes.listed().iter().any(|(listed, _)| listed == path);
        match self.routes.find(path) {
            Some(_) if self.files.is_none() => Err(Refusal::no_upgrade().with_note("the page is at /")),
            _ if is_listed() => Err(Refusal::no_upgrade()),
            _ => Err(nothing_at(path)),
        }
    }
}

/// What monitors and load balancers ask for, who need no credentials to see whether we live. It tells nothing else.
fn sign_of_life(request: &Request) -> Option<PlainResponse> {
    match request.method {
        _ if request.wants_upgrade() => None,
        Method::Options => Some(PlainResponse::options()),
        Method::Get | Method::Head if request.path() == "/healthz" => {
            Some(PlainResponse::ok("text/plain; charset=utf-8", "", b"ok\n".to_vec()))
        }
        Method::Get | Method::Head => None,
    }
}

fn nothing_at(path: &str) -> Refusal {
    Refusal::not_found(&format!("nothing is served at {}", Escaped(path)))
}
