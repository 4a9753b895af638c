//! A response that was read, and doesn't open the connection.

use super::cause::{Authentication, OriginChange};
use crate::http::{HttpStatus, ResponseWithBody};
use crate::ws::handshake::ResponseFault;

/// An answer that doesn't open the connection.
#[derive(Debug)]
pub(crate) struct RefusedHandshake {
    pub(crate) peer: String,
    pub(crate) faults: Vec<ResponseFault>,
    pub(crate) answer: ResponseWithBody,
    /// The names of the headers that the request had, in lower case.
    pub(crate) sent: Vec<String>,
    pub(crate) secure: bool,
    /// A client certificate was given.
    pub(crate) identity: bool,
    /// Whether the request named another version of the protocol than 13, which a user can do.
    pub(crate) other_version: bool,
    /// Credentials, cookies or a token stayed behind with another origin.
    pub(crate) withheld: Option<OriginChange>,
    /// There are credentials that are sent in answer to a Digest challenge alone.
    pub(crate) digest_only: bool,
    /// It is the last answer of several, to as many retries as were allowed.
    pub(crate) was_retried: bool,
    /// Every step is told, the answer's head among them.
    pub(crate) head_is_told: bool,
}

/// What the origin of a request is called, in lower case.
const ORIGINS: [&str; 5] = ["origin", "origins", "cross-origin", "same-origin", "http_origin"];

/// What follows the word where it is of a server behind a proxy, or of something else altogether.
const NOT_OF_REQUESTS: [&str; 8] = ["server", "servers", "host", "hosts", "dns", "web", "unreachable", "timeout"];

/// What is spoken of where credentials are missed, in lower case.
const CREDENTIALS: [&str; 14] = [
    "access token",
    "api key",
    "api-key",
    "api_key",
    "apikey",
    "auth token",
    "authentica",
    "authoriz",
    "credential",
    "invalid token",
    "jwt",
    "logged in",
    "login",
    "missing token",
];

impl RefusedHandshake {
    pub(crate) fn status(&self) -> HttpStatus {
        self.answer.response.status
    }

    /// A header of the answer, as it came. It is not to be printed but as [`PeerText`].
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.answer.response.headers.get(name)
    }

    /// Where it redirects to, as it came but for what isn't ASCII.
    pub(crate) fn location(&self) -> Option<String> {
        self.answer.response.headers.uri("location")
    }

    /// Whether one of `phrases`, in lower case, is in the body.
    pub(crate) fn says(&self, phrases: &[&str]) -> bool {
        let body = self.body();
        phrases.iter().any(|phrase| body.contains(phrase))
    }

    /// The beginning of the body in lower case, with what isn't text in it replaced; of a page what a person sees of it.
    fn body(&self) -> String {
        let text = self.answer.beginning_of_text().to_lowercase();
        if text.contains("<html") || text.contains("<!doctype html") { without_markup(&text) } else { text }
    }

    /// Whether the body speaks of the origin of a request (RFC 6454), and not of a server that is called so.
    pub(crate) fn speaks_of_origins(&self) -> bool {
        let body = self.body();
        let is_of_a_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let mut words = body.split(|c| !is_of_a_word(c)).filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            let is_server = words.peek().is_some_and(|next| NOT_OF_REQUESTS.contains(next));
            if (ORIGINS.contains(&word) && !is_server) || (word == "cors" && self.sent("origin")) {
                return true;
            }
        }
        false
    }

    /// Whether the request has `text` in it.
    pub(crate) fn asked_with(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.answer.request).contains(text)
    }

    /// Whether what the body says is wrong has to do with who asks.
    pub(crate) fn asks_who(&self) -> bool {
        let problem = self.answer.problem().unwrap_or_default().to_lowercase();
        CREDENTIALS.iter().any(|words| problem.contains(words))
    }

    /// The ways to authenticate that it asks for (RFC 9110 §11.6.1).
    pub(crate) fn challenges(&self) -> Vec<String> {
        self.answer.response.headers.all_shown("www-authenticate").collect()
    }

    /// The scheme of the credentials that the request had (RFC 9110 §11.4).
    pub(crate) fn sent_scheme(&self) -> Option<String> {
        let request = String::from_utf8_lossy(&self.answer.request);
        let is_meant =
            |line: &&str| line.split(':').next().is_some_and(|name| name.eq_ignore_ascii_case("authorization"));
        let value = request.lines().find(is_meant)?.split_once(':')?.1;
        value.split_whitespace().next().map(str::to_owned)
    }

    /// What it got of the credentials that there are.
    pub(crate) fn authentication(&self) -> Authentication {
        match (self.sent("authorization"), self.digest_only) {
            (true, _) => Authentication::Sent,
            (false, true) => Authentication::DigestOnly,
            (false, false) => Authentication::Nothing,
        }
    }

    pub(crate) fn is_about_compression(&self) -> bool {
        self.faults.iter().any(ResponseFault::is_about_compression)
    }

    pub(crate) fn sent(&self, name: &str) -> bool {
        self.sent.iter().any(|sent| sent == name)
    }
}

/// A page in lower case without its tags, scripts and styles.
fn without_markup(page: &str) -> String {
    let (mut text, mut rest) = (String::new(), page);
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let ends = ["script", "style"].into_iter().find(|name| tag.starts_with(name)).map(|name| format!("</{name}"));
        let behind = match &ends {
            Some(end) => tag.split_once(end.as_str()).map_or("", |(_, behind)| behind),
            None => tag,
        };
        rest = behind.split_once('>').map_or("", |(_, behind)| behind);
    }
    text + rest
}
