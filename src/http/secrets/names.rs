//! Names that say that what they stand for is somebody's secret: of headers, of parameters, and those in front of a token among
//! subprotocols.
//!
//! A name is taken apart into words, at whatever isn't a letter or a digit and where capitals begin one. A word is secret that is
//! one of [`WORDS`], or ends with one as `userpass` does, for people glue them together: `appkey`, `mypasswd`, `oauth2`.

/// What makes a name secret wherever it stands in it, in lower case.
const PIECES: [&str; 13] = [
    "authorization",
    "authentication",
    "credential",
    "accesskey",
    "passphrase",
    "password",
    "apikey",
    "bearer",
    "cookie",
    "secret",
    "token",
    "saml",
    "jwt",
];

/// Words that are secret, and the ends of longer ones that are.
const WORDS: [&str; 26] = [
    "auth",
    "authn",
    "authz",
    "cert",
    "cred",
    "creds",
    "csrf",
    "dpop",
    "hmac",
    "key",
    "mfa",
    "nonce",
    "otp",
    "pass",
    "passcode",
    "passwd",
    "psk",
    "pwd",
    "sess",
    "sessid",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "xsrf",
];

/// Words that are secret by themselves alone, since others end with them.
const WHOLE_WORDS: [&str; 4] = ["pin", "pw", "ticket", "totp"];

/// Names that are secret and are words of others: a code may be one of an error.
const WHOLE_NAMES: [&str; 2] = ["code", "login"];

/// Words that end with a secret one by chance.
const OTHER_WORDS: [&str; 14] = [
    "assess", "bypass", "compass", "concert", "donkey", "hockey", "jockey", "monkey", "obsess", "possess", "sacred",
    "trespass", "turkey", "whiskey",
];

/// Whether the values of headers of this name are secret. The protocol's own key is none.
pub fn is_secret_header(name: &str) -> bool {
    !name.eq_ignore_ascii_case("sec-websocket-key") && is_secret_name(name)
}

/// Whether what has this name is secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let bare = lower.strip_prefix("x-").unwrap_or(&lower);
    has_secret_piece(name) || WHOLE_NAMES.contains(&bare) || words(name).any(is_secret_word)
}

/// Whether a name says so wherever that stands in it, over the ends of its words.
pub(super) fn has_secret_piece(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    PIECES.iter().any(|piece| letters.contains(piece))
}

/// Whether a word says so by itself.
pub(super) fn is_secret_word(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
    // Several of them are secret too.
    let one = word.strip_suffix('s').unwrap_or(&word);
    let ends_so = |word: &str| WORDS.iter().any(|secret| word.ends_with(secret)) && !OTHER_WORDS.contains(&word);
    WHOLE_WORDS.contains(&word.as_str()) || ends_so(&word) || ends_so(one)
}

/// `accessToken` is two words, and so is `SAMLResponse`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).flat_map(capitalised)
}

/// A word at the capitals that begin others.
fn capitalised(mut word: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let end = word.char_indices().skip(1).find(|&(at, c)| {
            let follows_small = word[..at].ends_with(|before: char| before.is_lowercase() || before.is_ascii_digit());
            let precedes_small = word[at + c.len_utf8()..].starts_with(char::is_lowercase);
            c.is_uppercase() && (follows_small || precedes_small)
        });
        let (first, rest) = word.split_at(end.map_or(word.len(), |(at, _)| at));
        word = rest;
        (!first.is_empty()).then_some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_words() {
        for (name, expected) in [
            ("accessToken", &["access", "Token"][..]),
            ("SAMLResponse", &["SAML", "Response"]),
            ("X-Api_Key.2", &["X", "Api", "Key", "2"]),
            ("oauth2Token", &["oauth2", "Token"]),
            ("é", &["é"]),
            ("", &[]),
        ] {
            assert_eq!(words(name).collect::<Vec<_>>(), expected, "{name}");
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
            "X-Client-Cert",
            "X-Forwarded-Client-Cert",
            "X-Oauth",
            "X-Authn",
            "X-Userpass",
            "Api.Key",
            "X-Code",
            "X-PIN",
            "token",
            "accessToken",
            "X-Amz-Signature",
            "apiKey",
            "api_keys",
            "sig",
            "authKey",
            "key",
            "code",
            "appkey",
            "ssid",
            "userpass",
            "mypasswd",
            "login",
            "SAMLResponse",
            "nonce",
            "privatekey",
            "mfa",
            "oauth2",
            "key2",
            "jsessionid",
            "user:pass",
            "api key",
        ] {
            assert!(is_secret_header(name), "{name}");
        }
        for name in [
            "Sec-WebSocket-Key",
            "WWW-Authenticate",
            "Author",
            "X-Authority",
            "Keyword",
            "Keep-Alive",
            "Inside",
            "Origin",
            "room",
            "page",
            "since",
            "author",
            "signal",
            "design",
            "passenger",
            "compass",
            "monkeys",
            "error_code",
            "Content-Encoding",
            "spin",
            "mapping",
            "Access-Control-Allow-Origin",
            "Sec-WebSocket-Protocol",
            "X-Request-Id",
            "user_id",
        ] {
            assert!(!is_secret_header(name), "{name}");
        }
    }
}
