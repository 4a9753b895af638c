//! `/header` and `/auth`: what the next opening handshake says.

use super::Prompt;
use crate::advice::MASKED;
use crate::client::{NextCredentials, RequestChange};
use crate::http::Secrets;
use crate::view::head;

/// Why nothing can be said of the next one.
const UNDER_WAY: &str = "an opening handshake is under way; /headers shows the last one";

impl Prompt<'_> {
    /// Changes it, or shows it.
    pub(super) fn change_request(&mut self, change: Option<RequestChange>) {
        match change {
            Some(change) => {
                self.connecting.thread.change(change);
                // Not that of another server, which an attempt has been made to reach.
                let url = self.open.url();
                let with = if self.open.was_opened() { format!(" with {url}") } else { String::new() };
                self.screen.note(format_args!("changed for the next opening handshake{with}; /reconnect starts one"));
            }
            None => match self.connecting.thread.header_lines() {
                Some(lines) => {
                    let heading = "the next opening handshake has, besides the required headers:".to_owned();
                    let lines = head::lines('>', &lines, &lines, self.secrets);
                    self.say_lines([heading].into_iter().chain(lines).collect());
                }
                None => self.screen.note(UNDER_WAY),
            },
        }
    }

    /// Says who the next opening handshake says we are.
    pub(super) fn show_credentials(&self) {
        match self.connecting.thread.credentials() {
            Some(credentials) => {
                let words = credentials_words(&credentials, self.secrets);
                self.screen.note(format_args!("the next opening handshake sends {words}"));
            }
            None => self.screen.note(UNDER_WAY),
        }
    }
}

/// The scheme and the user, and what is secret only where that is shown.
fn credentials_words(credentials: &NextCredentials, secrets: Secrets) -> String {
    let NextCredentials { header, user } = credentials;
    let of = user.as_ref().map(|user| format!(", for {user}")).unwrap_or_default();
    match (header, secrets) {
        (Some(value), Secrets::Shown) => format!("Authorization: {value}{of}"),
        (Some(value), Secrets::Masked) => {
            let scheme = value.split_once(' ').map(|(scheme, _)| format!("{scheme} ")).unwrap_or_default();
            format!("Authorization: {scheme}{MASKED}{of}")
        }
        (None, _) => match user {
            Some(user) => format!("the credentials of {user} only in answer to a Digest challenge"),
            None => "no credentials".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_without_what_is_secret() {
        let words = |header: Option<&str>, user: Option<&str>, secrets| {
            let [header, user] = [header, user].map(|text| text.map(str::to_owned));
            credentials_words(&NextCredentials { header, user }, secrets)
        };
        for (header, user, told) in [
            (None, None, "no credentials".to_owned()),
            (None, Some("me"), "the credentials of me only in answer to a Digest challenge".to_owned()),
            (Some("Basic bWU6cA=="), Some("me"), format!("Authorization: Basic {MASKED}, for me")),
            (Some("Bearer sesame"), None, format!("Authorization: Bearer {MASKED}")),
            (Some("sesame"), None, format!("Authorization: {MASKED}")),
        ] {
            assert_eq!(words(header, user, Secrets::Masked), told);
        }
        assert_eq!(words(Some("Bearer sesame"), None, Secrets::Shown), "Authorization: Bearer sesame");
    }
}
