//! What is secret among subprotocols: browsers' scripts can send a token in that header, since they can send no other.

use super::{MASK, Secrets, has_secret_piece, is_secret_word, is_web_token};
use crate::http::head::list_elements;

/// What a name says of how the token behind it is written.
const ENCODINGS: [&str; 6] = ["b64", "b64u", "b64url", "base64", "base64url", "hex"];

/// The subprotocol that is spoken on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreedSubprotocol {
    name: String,
    is_secret: bool,
}

impl AgreedSubprotocol {
    /// `requested`: the list that it was chosen from.
    pub fn new(name: &str, requested: &str) -> Self {
        let is_secret = judge_subprotocols(name, requested).iter().any(|(_, is_secret)| *is_secret);
        Self { name: name.to_owned(), is_secret }
    }

    /// As it was agreed, for whoever speaks it. It may be a secret.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As it may be shown.
    pub fn shown(&self, secrets: Secrets) -> &str {
        if self.is_secret && secrets == Secrets::Masked { MASK } else { &self.name }
    }
}

/// Each of a list of subprotocols, and whether it is secret: by itself, or as one of those that were requested. An answer that names
/// none of those may have changed a secret one.
pub(super) fn judge_subprotocols<'a>(list: &'a str, requested: &str) -> Vec<(&'a str, bool)> {
    let (in_list, in_request) = (secret_subprotocols(list), secret_subprotocols(requested));
    let may_be_changed = |name| !in_request.is_empty() && !list_elements(requested).any(|other| other == name);
    // What is secret in one place is so in every other.
    let is_secret = |name| in_list.contains(&name) || in_request.contains(&name) || may_be_changed(name);
    list_elements(list).map(|name| (name, is_secret(name))).collect()
}

/// Those of a list that are secret: by what is in its name, as in Kubernetes' `base64url.bearer.authorization.k8s.io.TOKEN` and
/// `ticket.TOKEN`, as a JSON Web Token or by the letters of another, or by one before it, as in `access_token, TOKEN`. A second one
/// behind that is none where it looks like a name.
pub(super) fn secret_subprotocols(list: &str) -> Vec<&str> {
    let mut since_marker = None;
    let is_secret = |name: &&str| {
        since_marker = if is_marker(name) { Some(0) } else { since_marker.map(|count| count + 1) };
        let is_marked = match since_marker {
            Some(0 | 1) => true,
            Some(2) => !is_plain_name(name),
            _ => false,
        };
        is_marked || has_secret_piece(name) || is_web_token(name) || has_token(name)
    };
    list_elements(list).filter(is_secret).collect()
}

/// Those of a comma-separated list of subprotocols that aren't secret. `requested`: all that are requested.
pub fn without_secret_subprotocols(list: &str, requested: &str) -> Vec<String> {
    let judged = judge_subprotocols(list, requested).into_iter();
    judged.filter(|(_, is_secret)| !is_secret).map(|(name, _)| name.to_owned()).collect()
}

/// Each of a list of subprotocols as it may be shown.
pub fn shown_subprotocols(list: &str, secrets: Secrets) -> Vec<&str> {
    let judged = judge_subprotocols(list, list).into_iter();
    judged.map(|(name, is_secret)| if is_secret && secrets == Secrets::Masked { MASK } else { name }).collect()
}

/// `access_token`, `Bearer`: a short word with nothing of a token in it.
pub(super) fn is_marker(name: &str) -> bool {
    let is_word = name.len() <= 24 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_.".contains(&byte));
    is_word && (has_secret_piece(name) || is_secret_word(name))
}

/// Characters that part the words of a subprotocol's name.
const PARTING: [char; 8] = ['.', ':', '=', '-', '_', '~', '/', '|'];

/// Whether a part of a name is a token: behind a word that says so, or by its length.
fn has_token(name: &str) -> bool {
    let is_announced = name.match_indices(PARTING).any(|(at, parting)| {
        let word = name[..at].rsplit(PARTING).next().unwrap_or_default();
        let is_encoding = ENCODINGS.iter().any(|encoding| word.eq_ignore_ascii_case(encoding));
        let is_name_of_it = is_secret_word(word);
        let mut pieces = name[at + parting.len()..].split('.');
        // A hyphen may stand in a name, as in `session-protocol`.
        let (is_parted, opaque) = (!["-", "_"].contains(&parting), |piece: &str| is_opaque(piece, 10));
        (is_encoding || is_name_of_it)
            && pieces.any(|piece| opaque(piece) || (is_name_of_it && is_parted && !is_plain_piece(piece)))
    });
    // Without a word only what has digits is no name of somebody's own.
    let has_digits = |piece: &str| piece.bytes().filter(u8::is_ascii_digit).count() >= 2;
    let mut pieces = name.split(['.', ':', '=', '~', '/', '|']);
    is_announced || pieces.any(|piece| has_digits(piece) && is_opaque(piece, 24))
}

/// Whether a piece of a name is of at least so many characters that nobody would call something by: digits or capitals among
/// its letters, all in one word.
fn is_opaque(piece: &str, least: usize) -> bool {
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    let has = |test: fn(&u8) -> bool| piece.bytes().any(|byte| test(&byte));
    let is_mixed = digits >= 2 || (has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase));
    let is_word = piece.split(['-', '_']).any(|word| word.len() >= least.min(16));
    // A UUID is words of hexadecimal digits.
    let is_hex = piece.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    piece.len() >= least && is_mixed && (is_word || is_hex)
}

/// Whether a name is one that somebody would call something by: words of small letters, and versions.
fn is_plain_name(name: &str) -> bool {
    let is_numbered = |piece: &str| is_plain_piece(piece.trim_end_matches(|c: char| c.is_ascii_digit()));
    name.split(PARTING).all(is_numbered)
}

/// A word of small letters, or a version.
fn is_plain_piece(piece: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    piece.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte))
        || is_number(piece.strip_prefix('v').unwrap_or(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_among_subprotocols_are_secret() {
        for (list, kept) in [
            ("chat, superchat", &["chat", "superchat"][..]),
            ("sid.hunter2, sid.QWERTZ, session.v2", &["session.v2"]),
            ("bearer, c2VjcmV0, c2VjcmV0Mg, chat", &["chat"]),
            ("bearer, c2VjcmV0, ocpp2.0.1", &["ocpp2.0.1"]),
            ("", &[]),
            ("base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io", &["v5.channel.k8s.io"]),
            ("access_token, c2VjcmV0, chat", &["chat"]),
            ("chat,Bearer,c2VjcmV0", &["chat"]),
            ("auth, c2VjcmV0", &[]),
            ("c2VjcmV0, bearer, c2VjcmV0, chat", &["chat"]),
            (
                "realtime, openai-insecure-api-key.sk-c2VjcmV0, openai-beta.realtime-v1",
                &["realtime", "openai-beta.realtime-v1"],
            ),
            ("graphql-ws, eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", &["graphql-ws"]),
            ("ticket.abcdef0123456789abcdef0123456789, chat.v2", &["chat.v2"]),
            ("b64.c2VjcmV0dG9rZW4, v1.session-9f86d081884c, a:Key:Zm9vYmFyYmF6", &[]),
            ("9f86d081884c7d659a2feaa0c55ad015, 123e4567-e89b-12d3-a456-426614174000", &[]),
            (
                "base64.channel.k8s.io, v12.stomp, graphql-transport-ws, mqttv3.1, ocpp2.0.1, key.v2, session.2024, \
                 wamp.2.json.batched, MyCompanyRealtimeProtocolForAll, janus-protocol, soap, xmpp, com.microsoft.minecraft.wsencrypt, \
                 tunnel-protocol-v1.2024-11-26.preview",
                &[
                    "base64.channel.k8s.io",
                    "v12.stomp",
                    "graphql-transport-ws",
                    "mqttv3.1",
                    "ocpp2.0.1",
                    "key.v2",
                    "session.2024",
                    "wamp.2.json.batched",
                    "MyCompanyRealtimeProtocolForAll",
                    "janus-protocol",
                    "soap",
                    "xmpp",
                    "com.microsoft.minecraft.wsencrypt",
                    "tunnel-protocol-v1.2024-11-26.preview",
                ],
            ),
        ] {
            assert_eq!(without_secret_subprotocols(list, list), kept, "{list}");
        }
    }

    #[test]
    fn a_token_that_the_server_agrees_to_stays_secret() {
        let agreed = |name| AgreedSubprotocol::new(name, "access_token, c2VjcmV0, chat");
        assert_eq!(agreed("c2VjcmV0").shown(Secrets::Masked), MASK);
        assert_eq!(agreed("c2VjcmV0").shown(Secrets::Shown), "c2VjcmV0");
        assert_eq!(agreed("c2VjcmV1").shown(Secrets::Masked), MASK, "changed by the server");
        assert_eq!(agreed("chat").shown(Secrets::Masked), "chat");
    }
}
