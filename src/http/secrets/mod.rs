//! What in a head is somebody's secret: it is masked when it is shown, and meant for one server alone.

mod fields;
mod head_lines;
mod known_values;
mod names;
mod subprotocols;
mod urls;

pub use self::fields::{is_secret_field, line_without_secrets, without_secrets};
pub(crate) use self::head_lines::requested_subprotocols;
pub(super) use self::known_values::without_quoted_secrets;
pub use self::names::is_secret_header;
use self::names::{has_secret_piece, is_secret_name, is_secret_word};
pub use self::subprotocols::{AgreedSubprotocol, shown_subprotocols, without_secret_subprotocols};
pub(crate) use self::urls::shown_host;
pub use self::urls::{replace_url_secrets, shown_url};

use super::token::is_token;

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

/// Whether the value of a header shows by itself that it is somebody's secret, whatever its name: credentials of a scheme that
/// has them in one word (RFC 7617, RFC 6750) or that signs the request (RFC 7616, AWS4), or a web token.
fn is_secret_value(value: &str) -> bool {
    const SCHEMES: [&str; 6] = ["basic", "bearer", "negotiate", "token", "ntlm", "apikey"];
    let (scheme, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
    // A challenge has parameters there (RFC 9110 §11.2).
    let is_token68 = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let word = rest.trim();
    let is_one_word = !word.is_empty() && word.trim_end_matches('=').chars().all(is_token68);
    let is_credentials = is_one_word && SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_credentials || is_signed(scheme, rest) || is_web_token(value.trim())
}

/// Whether these are credentials that have been computed, and not the challenge to do so.
fn is_signed(scheme: &str, parameters: &str) -> bool {
    const COMPUTED: [&str; 4] = ["response", "signature", "mac", "oauth_signature"];
    let names = parameters.split([',', ' ', '\t']).filter_map(|parameter| Some(parameter.split_once('=')?.0));
    let is_computed = |name: &str| COMPUTED.iter().any(|known| name.eq_ignore_ascii_case(known));
    is_token(scheme) && names.into_iter().any(is_computed)
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
        for value in [
            "Bearer abc",
            "basic YTpi",
            "Token  a.b-c",
            "eyJhbGciOiJIUzI1NiJ9.e30.x",
            "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=c",
            "Digest username=\"bob\", realm=\"x\", response=\"abc\"",
        ] {
            assert!(is_secret_value(value), "{value}");
        }
        for value in [
            "Basic realm=\"rooms\"",
            "Digest realm=\"rooms\", nonce=\"abc\"",
            "Bearer",
            "basic English text",
            "Bearer error=\"x\", realm=y",
            "eyJ",
            "",
        ] {
            assert!(!is_secret_value(value), "{value}");
        }
    }
}
