//! What a request gets: a connection, a page, a file, or a refusal.

use super::admission::{Credentials, Origins, Subprotocols};
use super::http::{Answer, Files};
use super::modes::NamedMode;
use super::page;
use super::routes::Routes;
use crate::ws::handshake::{Refusal, Request};

/// All that decides about a request.
#[derive(Debug)]
pub(crate) struct RequestPolicy {
    pub(crate) routes: Routes,
    pub(crate) origins: Origins,
    pub(crate) credentials: Credentials,
    pub(crate) subprotocols: Subprotocols,
    /// More lines for the head of every answer, each ended by CRLF.
    pub(crate) headers: String,
    pub(crate) files: Option<Files>,
}

/// What a request gets.
pub(crate) enum Decision<'a> {
    Open {
        mode: &'a NamedMode,
        subprotocol: Option<&'a str>,
        /// Another origin than ours, which nobody was asked to allow.
        foreign_origin: Option<String>,
    },
    Answer(Answer),
    Refuse(Refusal),
}

impl RequestPolicy {
    /// A connection with this mode for everyone, and nothing asked.
    pub(crate) fn open_to_all(routes: Routes) -> Self {
        Self {
            routes,
            origins: Origins::default(),
            credentials: Credentials::default(),
            subprotocols: Subprotocols::default(),
            headers: String::new(),
            files: None,
        }
    }

    pub(crate) fn judge(&self, request: &Request) -> Decision<'_> {
        self.admit(request).unwrap_or_else(|refusal| Decision::Refuse(refusal.with_headers(&self.headers)))
    }

    fn admit(&self, request: &Request) -> Result<Decision<'_>, Refusal> {
        let path = request.path();
        if !request.wants_upgrade() && path == "/healthz" {
            // Whoever asks whether we live needs no credentials.
            return Ok(Decision::Answer(Answer::ok("text/plain; charset=utf-8", "", b"ok\n".to_vec())));
        }
        self.credentials.judge(request)?;
        if !request.wants_upgrade() {
            return self.plain(path).map(Decision::Answer);
        }
        let foreign_origin = self.origins.judge(request)?.map(str::to_owned);
        let mode = self.routes.find(path).ok_or_else(|| nothing_at(path))?;
        let subprotocol = self.subprotocols.choose(request)?;
        Ok(Decision::Open { mode, subprotocol, foreign_origin })
    }

    /// Whether our own page may open its second socket: it comes from us, and knows what it has to.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn admit_page(&self, request: &Request) -> Result<(), Refusal> {
        self.credentials.judge(request)?;
        match self.origins.judge(request)? {
            None => Ok(()),
            Some(origin) => Err(Refusal::forbidden(&format!("{origin:?} is not this server's page"))),
        }
    }

    fn plain(&self, path: &str) -> Result<Answer, Refusal> {
        if let Some(file) = self.files.as_ref().and_then(|files| files.find(path)) {
            return Ok(file);
        }
        if path == "/" {
            let paths: Vec<_> = self.routes.listed().iter().map(|(path, mode)| (path.as_str(), mode.name)).collect();
            return Ok(page::answer(&paths));
        }
        if self.files.is_none() && self.routes.find(path).is_some() {
            let why = "this is a WebSocket server: the request has no Upgrade header (the page is at /)";
            return Err(Refusal::upgrade_required(why));
        }
        match self.routes.listed().iter().any(|(listed, _)| listed == path) {
            true => Err(Refusal::upgrade_required("this is a WebSocket: the request has no Upgrade header")),
            false => Err(nothing_at(path)),
        }
    }
}

fn nothing_at(path: &str) -> Refusal {
    Refusal::not_found(&format!("there is nothing at {path}"))
}
