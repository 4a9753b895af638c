//! What is said otherwise in the next requests than a configuration has it.

use super::Client;
use crate::http::{Header, UserPassword, field_line};
use crate::net::Dialer;

/// One thing that is.
#[derive(Clone)]
pub(crate) enum RequestChange {
    /// As a flag has it: `Name: value`, `Name;`, or `Name:` to send none.
    Header(Header),
    User(UserPassword),
    Bearer(String),
}

impl std::fmt::Debug for RequestChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header(header) => f.debug_tuple("Header").field(&header.name).finish(),
            Self::User(_) => f.write_str("User(…)"),
            Self::Bearer(_) => f.write_str("Bearer(…)"),
        }
    }
}

/// Who a request says we are.
pub(crate) struct NextCredentials {
    /// The value of `Authorization`.
    pub(crate) header: Option<String>,
    /// Whose password is in it, or answers a Digest challenge.
    pub(crate) user: Option<String>,
}

const AUTHORIZATION: &str = "Authorization";

impl RequestChange {
    /// No credentials are sent.
    pub(crate) fn no_credentials() -> Self {
        Self::Header(Header { name: AUTHORIZATION.into(), value: None })
    }
}

impl Client {
    /// Says something otherwise from the next request on.
    pub(crate) fn change(&mut self, change: RequestChange) {
        let dialer = &mut self.dialer;
        match change {
            RequestChange::Header(header) => {
                if header.is(AUTHORIZATION) {
                    dialer.credentials = None;
                }
                dialer.replace_header(header);
            }
            RequestChange::Bearer(token) => {
                dialer.credentials = None;
                dialer.replace_header(Header::new(AUTHORIZATION, format!("Bearer {token}")));
            }
            RequestChange::User(user) => {
                dialer.headers.retain(|header| !header.is(AUTHORIZATION));
                if !dialer.digest_only {
                    dialer.headers.push(Header::new(AUTHORIZATION, user.basic()));
                }
                dialer.credentials = Some(user);
            }
        }
    }

    /// Who the next request says we are.
    pub(crate) fn credentials(&self) -> NextCredentials {
        let Dialer { headers, credentials, .. } = &self.dialer;
        let authorization = headers.iter().find(|header| header.is(AUTHORIZATION));
        NextCredentials {
            header: authorization.filter(|header| header.value.is_some()).map(|header| header.text().into_owned()),
            user: credentials.as_ref().map(|given| given.user.clone()),
        }
    }

    /// The headers of the next request, but for those that make it one, as in its head.
    pub(crate) fn header_lines(&self) -> Vec<u8> {
        let subprotocols = self.dialer.subprotocols.join(", ");
        let subprotocols = (!subprotocols.is_empty()).then(|| Header::new("Sec-WebSocket-Protocol", subprotocols));
        let line = |header: &Header| header.bytes().map(|value| field_line(&header.name, value));
        self.dialer.headers.iter().chain(&subprotocols).filter_map(line).flatten().collect()
    }
}
