//! A response that was read, and doesn't open the connection.

use super::cause::{Authentication, OriginChange};
use crate::ws::handshake::{HttpStatus, ResponseFault, ResponseWithBody};

/// An answer that doesn't open the connection.
#[derive(Debug)]
pub(crate) struct RefusedHandshake {
    pub(crate) peer: String,
    pub(crate) faults: Vec<ResponseFault>,
    pub(crate) answer: ResponseWithBody,
    /// The names of the headers that the request had, in lower case.
    pub(crate) sent: Vec<String>,
    pub(crate) secure: bool,
    /// Whether the request named another version of the protocol than 13, which a user can do.
    pub(crate) other_version: bool,
    /// Credentials, cookies or a token stayed behind with another origin.
    pub(crate) withheld: Option<OriginChange>,
    /// There are credentials that are sent in answer to a Digest challenge alone.
    pub(crate) digest_only: bool,
    /// Every step is told, the answer's head among them.
    pub(crate) head_is_told: bool,
}

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
        let body = String::from_utf8_lossy(&self.answer.content.bytes).to_lowercase();
        phrases.iter().any(|phrase| body.contains(phrase))
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

    /// What it got of the credentials that there are.
    pub(crate) fn authentication(&self) -> Authentication {
        match (self.sent("authorization"), self.digest_only) {
            (true, _) => Authentication::Sent,
            (false, true) => Authentication::DigestOnly,
            (false, false) => Authentication::Nothing,
        }
    }

    pub(crate) fn is_about_compression(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, ResponseFault::Deflate(_)))
    }

    pub(crate) fn sent(&self, name: &str) -> bool {
        self.sent.iter().any(|sent| sent == name)
    }
}
