//! The token by which the page's observer and its WebSocket are known to belong together: a parameter of the query.

use crate::ws::handshake::Request;

const PARAMETER: &str = "wscli-observer=";

/// A token that can be guessed is none.
const SHORTEST: usize = 22;

/// The token of a request that has one.
pub(in crate::server) fn of(request: &Request) -> Option<&str> {
    let mut tokens = request.query()?.split('&').filter_map(|parameter| parameter.strip_prefix(PARAMETER));
    tokens.next().filter(|token| token.len() >= SHORTEST)
}

/// A target without its token, with which others could look on too.
pub(in crate::server) fn left_out(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let kept: Vec<_> = query.split('&').filter(|parameter| !parameter.starts_with(PARAMETER)).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_token_is_left_out() {
        for (target, shown) in [
            ("/", "/"),
            ("/a?", "/a?"),
            ("/a?b=c&d", "/a?b=c&d"),
            ("/?wscli-observer=0123", "/"),
            ("/a?b&wscli-observer=0123&c", "/a?b&c"),
        ] {
            assert_eq!(left_out(target), shown);
        }
    }
}
