//! The opening handshake of a recording, as far as it can be gone through again: what belonged to that one alone isn't sent,
//! and neither is a secret that the recording hasn't got, or has for another server.

use crate::advice;
use crate::client::{self, Destination};
use crate::error::Error;
use crate::http::{Header, MASK, is_of_one_handshake, is_secret_header, is_token, list_elements, without_secrets};
use crate::net::target::Target;
use crate::stdio::console::Console;
use crate::trace::connection_lines::OpenedLine;
use crate::ws::extension;
use crate::ws::negotiation;

/// What was asked when it was recorded.
#[derive(Debug, Default)]
pub(super) struct RecordedRequest {
    /// `None` where the recording says none.
    url: Option<String>,
    headers: Vec<Header>,
    /// What was offered; `None` where the request isn't known.
    extensions: Option<String>,
}

impl RecordedRequest {
    pub(super) fn of(opened: Option<&OpenedLine>) -> Self {
        let Some(opened) = opened else { return Self::default() };
        let lines = opened.handshake.heads.request.lines().skip(1).take_while(|line| !line.is_empty());
        let headers: Vec<_> = lines.filter_map(|line| Header::parse(line).ok()).collect();
        let offered = headers.iter().filter(|header| header.is("sec-websocket-extensions"));
        let offered: Vec<_> = offered.filter(|header| header.value.is_some()).map(Header::text).collect();
        let is_known = !opened.handshake.heads.request.is_empty();
        let is_own = |header: &Header| is_of_one_handshake(&header.name) && !header.is("sec-websocket-protocol");
        Self {
            url: Some(opened.handshake.url.clone()).filter(|url| !url.is_empty()),
            extensions: is_known.then(|| offered.join(", ")),
            headers: headers.iter().filter(|header| !is_own(header)).cloned().collect(),
        }
    }

    /// Where to go, and with which headers. A destination that is given counts more than the recorded one.
    ///
    /// # Errors
    /// Where it isn't known where to go.
    pub(super) fn destination(
        mut self,
        given: Option<Destination>,
        client: &mut client::Config,
        console: &Console,
    ) -> Result<Destination, Error> {
        let url = match given {
            Some(Destination::Url(url)) => {
                self.keep_secrets_from(&url, console);
                url
            }
            // It says by itself what is sent.
            Some(other) => return Ok(other),
            None => self.own_url()?,
        };
        self.remove(console, "they are masked in the recording", |header| header.text().contains(MASK));
        self.offer_extensions(client);
        self.request_subprotocols(client);
        Ok(Destination::Recorded { url, headers: self.headers })
    }

    fn own_url(&self) -> Result<String, Error> {
        match &self.url {
            None => Err(advice::recording_without_url()),
            Some(url) if url.contains(MASK) => Err(advice::recording_with_masked_url(url)),
            Some(url) => Ok(url.clone()),
        }
    }

    /// What was meant for one server is sent to no other.
    fn keep_secrets_from(&mut self, url: &str, console: &Console) {
        let recorded = self.url.as_deref().and_then(|url| Target::parse(url).ok());
        let is_same =
            recorded.zip(Target::parse(url).ok()).is_some_and(|(recorded, given)| given.has_origin_of(&recorded));
        if !is_same {
            self.remove(console, "they were recorded for another server", holds_secret);
        }
    }

    /// Leaves out what meets the condition, and says so.
    fn remove(&mut self, console: &Console, why: &str, is_meant: impl Fn(&Header) -> bool) {
        let (removed, kept): (Vec<_>, _) = std::mem::take(&mut self.headers).into_iter().partition(is_meant);
        self.headers = kept;
        let names: Vec<_> = removed.iter().map(|header| header.name.as_str()).collect();
        if !names.is_empty() {
            console.line(advice::recorded_headers_not_sent(&names.join(", "), why));
        }
    }

    /// Offers what was offered, where that is something that we can do.
    fn offer_extensions(&mut self, client: &mut client::Config) {
        let Some(offered) = self.extensions.take() else { return };
        if offered.is_empty() {
            client.settings.deflate = None;
        }
        let is_ours = extension::parse(&offered)
            .is_ok_and(|offered| offered.iter().all(|extension| extension.name == negotiation::NAME));
        if client.settings.deflate.is_some() && is_ours {
            self.headers.push(Header::new("Sec-WebSocket-Extensions", offered));
        }
    }

    /// Requests them in the usual place of the head, where nobody asks for others.
    fn request_subprotocols(&mut self, client: &mut client::Config) {
        let (recorded, rest): (Vec<_>, _) =
            self.headers.iter().cloned().partition(|header| header.is("sec-websocket-protocol"));
        let [header @ Header { value: Some(_), .. }] = &recorded[..] else { return };
        let names: Vec<_> = list_elements(&header.text()).map(str::to_owned).collect();
        if client.request.subprotocols.is_empty() && names.iter().all(|name| is_token(name)) {
            client.request.subprotocols = names;
            self.headers = rest;
        }
    }
}

fn holds_secret(header: &Header) -> bool {
    let line = format!("{}: {}\r\n", header.name, header.text());
    is_secret_header(&header.name) || without_secrets(line.as_bytes(), b"", MASK) != line
}
