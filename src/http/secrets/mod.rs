//! What in a head is somebody's secret: it is masked when it is shown, and meant for one server alone.

mod fields;
mod head_lines;
mod known_values;
mod subprotocols;
mod urls;

pub use self::fields::{is_secret_field, line_without_secrets, without_secrets};
pub(crate) use self::head_lines::requested_subprotocols;
pub(super) use self::known_values::without_quoted_secrets;
pub use self::subprotocols::{AgreedSubprotocol, shown_subprotocols, without_secret_subprotocols};
pub(crate) use self::urls::shown_host;
pub use self::urls::{replace_url_secrets, shown_url};

/// What becomes of somebody's secrets where a head, a URL or a subprotocol is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets {
    /// [`MASK`] stands in their place.
    #[default]
    Masked,
    /// They stand as they were on the wire.
    Shown,
}

impl Secrets {
    /// Shown where that was asked for, and masked elsewhere.
    pub fn shown_if(asked: bool) -> Self {
        if asked { Self::Shown } else { Self::Masked }
    }
}

/// What stands in the place of a secret.
pub const MASK: &str = "(masked)";

/// Parts of the names of headers whose values are secret, in lower case.
const SECRETS: [&str; 15] = [
    "authorization",
    "authentication",
    "authkey",
    "accesskey",
    "cookie",
    "token",
    "secret",
    "password",
    "api-key",
    "apikey",
    "credential",
    "bearer",
    "jwt",
    "xsrf",
    "dpop",
];

/// Words between the hyphens of a name that make its value secret, as in `X-Auth`, `X-Functions-Key` and `X-Session-Id`, in
/// lower case. Names have more words with these letters in them, so that only whole ones count.
const SECRET_WORDS: [&str; 23] = [
    "auth",
    "pass",
    "otp",
    "key",
    "session",
    "sessionid",
    "jsessionid",
    "phpsessid",
    "sid",
    "passwd",
    "passphrase",
    "pwd",
    "signature",
    "csrf",
    "sig",
    "ticket",
    "pin",
    "psk",
    "creds",
    "cred",
    "hmac",
    "sess",
    "sessid",
];

/// Whether the values of headers of this name are secret.
pub fn is_secret_header(name: &str) -> bool {
    let is_of_ours = name.eq_ignore_ascii_case("sec-websocket-key");
    let mut words = name.split(['-', '_']);
    let has_word = words.any(|word| SECRET_WORDS.iter().any(|secret| word.eq_ignore_ascii_case(secret)));
    names_secret(name) || (has_word && !is_of_ours)
}

fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

/// Whether the value of a header shows by itself that it is somebody's secret, whatever its name: credentials of a scheme that
/// has them in one word (RFC 7617, RFC 6750), or a web token.
fn is_secret_value(value: &str) -> bool {
    const SCHEMES: [&str; 6] = ["basic", "bearer", "negotiate", "token", "ntlm", "apikey"];
    let (scheme, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
    // A challenge has parameters there (RFC 9110 §11.2).
    let is_token68 = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let word = rest.trim();
    let is_one_word = !word.is_empty() && word.trim_end_matches('=').chars().all(is_token68);
    let is_credentials = is_one_word && SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_credentials || is_web_token(value.trim())
}

/// RFC 7519 §3: a JSON object in base64url, which begins with `{"`.
fn is_web_token(name: &str) -> bool {
    name.starts_with("eyJ") && name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_say_what_is_secret() {
        for value in ["Bearer abc", "basic YTpi", "Token  a.b-c", "eyJhbGciOiJIUzI1NiJ9.e30.x"] {
            assert!(is_secret_value(value), "{value}");
        }
        for value in ["Basic realm=\"rooms\"", "Bearer", "basic English text", "Bearer error=\"x\", realm=y", "eyJ", ""]
        {
            assert!(!is_secret_value(value), "{value}");
        }
    }

    #[test]
    fn names_say_what_is_secret() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "Cookie",
            "X-Auth",
            "x-auth-user",
            "Ocp-Apim-Subscription-Key",
            "X-Functions-Key",
            "X-Session-Id",
            "X-Hub-Signature",
            "X_CSRF",
        ] {
            assert!(is_secret_header(name), "{name}");
        }
        for name in ["Sec-WebSocket-Key", "Author", "X-Authority", "Keyword", "Keep-Alive", "Inside", "Origin"] {
            assert!(!is_secret_header(name), "{name}");
        }
    }
}
