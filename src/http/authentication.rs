//! Challenges, and credentials that answer them (RFC 9110 §11): Basic (RFC 7617) and Digest (RFC 7616).

use std::fmt;

use data_encoding::BASE64;
use http_auth::{ChallengeParser, ChallengeRef, DigestClient, PasswordParams};

/// A name and a password. `Debug` doesn't show them.
#[derive(Clone, PartialEq, Eq)]
pub struct UserPassword {
    pub user: String,
    pub password: String,
}

impl UserPassword {
    /// The value of an `Authorization` or `Proxy-Authorization` header for them (RFC 7617).
    pub fn basic(&self) -> String {
        basic_credentials(&format!("{}:{}", self.user, self.password))
    }

    /// The same for the first Digest challenge that can be answered among those of `headers`, which are values of
    /// `WWW-Authenticate` or `Proxy-Authenticate`; `None` where there is none.
    pub fn digest(&self, headers: &[String], method: &str, uri: &str) -> Option<DigestAnswer> {
        let mut challenges = headers.iter().flat_map(|header| challenges(header));
        challenges.find_map(|challenge| {
            let mut client = DigestClient::try_from(&challenge).ok()?;
            let (username, password) = (self.user.as_str(), self.password.as_str());
            let mut respond = |body| client.respond(&PasswordParams { username, password, uri, method, body });
            // With a body, though there is none in it, the answer is of qop auth-int, which few servers know.
            let value = respond(None).or_else(|_| respond(Some(&[]))).ok()?;
            Some(DigestAnswer { value, is_to_stale_nonce: client.stale() })
        })
    }
}

impl fmt::Debug for UserPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserPassword(…)")
    }
}

/// The answer to a Digest challenge.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestAnswer {
    /// The value of the header.
    pub value: String,
    /// The server has said that the last answer was right but for its nonce, which is too old (RFC 7616 §3.3).
    pub is_to_stale_nonce: bool,
}

impl fmt::Debug for DigestAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestAnswer(…)")
    }
}

/// Whether one of the Digest challenges of `headers` can be answered with a password.
pub fn can_answer_digest(headers: &[String]) -> bool {
    UserPassword { user: String::new(), password: String::new() }.digest(headers, "GET", "/").is_some()
}

/// The schemes that the values of `WWW-Authenticate` or `Proxy-Authenticate` name, as they are written there.
pub fn schemes(headers: &[String]) -> Vec<String> {
    let named = |header: &String| {
        let parsed: Vec<_> = challenges(header).map(|challenge| challenge.scheme.to_owned()).collect();
        // What breaks the grammar begins with a scheme all the same.
        let first = || header.split([' ', ',']).find(|word| !word.is_empty()).map(str::to_owned);
        if parsed.is_empty() { first().into_iter().collect() } else { parsed }
    };
    headers.iter().flat_map(named).collect()
}

/// Why a token was refused, in the words of its challenge (RFC 6750 §3), where one of `headers` says it.
pub(super) fn description(headers: &[String]) -> Option<String> {
    let mut challenges = headers.iter().flat_map(|header| challenges(header));
    challenges.find_map(|challenge| {
        let mut params = challenge.params.iter();
        let (_, value) = params.find(|(name, _)| name.eq_ignore_ascii_case("error_description"))?;
        Some(value.to_unescaped()).filter(|words| !words.is_empty())
    })
}

/// Those of one header up to the first that breaks the grammar.
fn challenges(header: &str) -> impl Iterator<Item = ChallengeRef<'_>> {
    ChallengeParser::new(header).map_while(Result::ok)
}

/// The value of an `Authorization` or `Proxy-Authorization` header for `USER:PASSWORD` (RFC 7617).
pub fn basic_credentials(user_and_password: &str) -> String {
    format!("Basic {}", BASE64.encode(user_and_password.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(challenge: &str) -> Option<String> {
        let credentials = UserPassword { user: "Mufasa".into(), password: "Circle of Life".into() };
        credentials.digest(&[challenge.to_owned()], "GET", "/dir/index.html").map(|answer| answer.value)
    }

    #[test]
    fn credentials_are_base64() {
        let credentials = UserPassword { user: "Aladdin".into(), password: "open sesame".into() };
        assert_eq!(credentials.basic(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(basic_credentials("Aladdin:open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn every_scheme_is_named() {
        let named = |header: &str| schemes(&[header.to_owned()]);
        assert_eq!(named("Basic realm=\"a, b\", Digest realm=\"c\", nonce=\"d\""), ["Basic", "Digest"]);
        assert_eq!(named("Negotiate"), ["Negotiate"]);
        assert_eq!(named("Digest realm=\"never closed"), ["Digest"]);
        assert!(named("").is_empty());
        assert_eq!(schemes(&["NTLM".into(), "Bearer error=\"x\"".into()]), ["NTLM", "Bearer"]);
    }

    #[test]
    fn the_first_digest_challenge_that_can_be_answered_is() {
        let both = "Digest realm=\"r\", nonce=\"n\", algorithm=MD6, Digest realm=\"r\", nonce=\"n\", qop=\"auth-int, \
                    auth\", algorithm=SHA-256, Basic realm=\"r\"";
        let answer = digest(both).unwrap();
        assert!(answer.starts_with("Digest username=\"Mufasa\", realm=\"r\", uri=\"/dir/index.html\", nonce=\"n\""));
        assert!(answer.contains("algorithm=SHA-256") && answer.contains("nc=00000001"), "{answer}");
        for unanswerable in ["Basic realm=\"r\"", "Digest realm=\"r\"", "Digest realm=\"r\", nonce=\"n\", algorithm=X"]
        {
            assert_eq!(digest(unanswerable), None, "{unanswerable}");
        }
    }

    #[test]
    fn a_token_s_refusal_may_say_why() {
        let said = |header: &str| description(&[header.to_owned()]);
        let bearer = "Basic realm=\"r\", Bearer error=\"invalid_token\", error_description=\"It has \\\"expired\\\"\"";
        assert_eq!(said(bearer).as_deref(), Some("It has \"expired\""));
        assert_eq!(said("Bearer error=\"invalid_token\""), None);
        assert_eq!(said("Bearer error_description=\"never closed"), None);
    }

    /// Some cameras still speak RFC 2069. Without a qop the answer depends on nothing that we choose.
    #[test]
    fn a_challenge_without_qop_is_answered_as_of_old() {
        let answer =
            digest("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"").unwrap();
        assert!(
            answer.contains("response=\"2951cdbad33b2271fcb6b8e7b8feac23\"") && !answer.contains("cnonce"),
            "{answer}"
        );
    }
}
