//! The token by which the page's observer and its WebSocket are known to belong together: a parameter of the query.

use crate::ws::handshake::Request;

const PARAMETER: &str = "wscli-observer=";

/// A token that can be guessed is none.
const SHORTEST: usize = 22;

/// The token of a request that has one.
fn of(request: &Request) -> Option<&str> {
    let mut tokens = request.query()?.split('&').filter_map(|parameter| parameter.strip_prefix(PARAMETER));
    tokens.next().filter(|token| token.len() >= SHORTEST)
}

/// Takes the token out of a request, so that nobody behind this knows it: with it others could look on too.
pub(in crate::server) fn take(request: &mut Request) -> Option<String> {
    let token = of(request).map(str::to_owned);
    if let Some(without) = left_out(&request.resource) {
        request.set_resource(without);
    }
    token
}

/// A target without its tokens, if it has any.
fn left_out(target: &str) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let kept: Vec<_> = query.split('&').filter(|parameter| !parameter.starts_with(PARAMETER)).collect();
    let without = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    (without != target).then_some(without)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_token_is_left_out() {
        for (target, kept) in [
            ("/", None),
            ("/a?", None),
            ("/a?b=c&d", None),
            ("/?wscli-observer=0123", Some("/")),
            ("/a?b&wscli-observer=0123&c", Some("/a?b&c")),
            ("http://a/b?wscli-observer=1&wscli-observer=2", Some("http://a/b")),
        ] {
            assert_eq!(left_out(target).as_deref(), kept, "{target}");
        }
    }

    #[test]
    fn a_request_has_no_token_once_it_is_taken() {
        let token = "0123456789012345678901";
        let head = format!("GET /?a=b&wscli-observer={token} HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut request = Request::parse(head.as_bytes()).unwrap().unwrap();
        assert_eq!(take(&mut request).as_deref(), Some(token));
        assert_eq!(request.raw, b"GET /?a=b HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!((request.resource.as_str(), request.query()), ("/?a=b", Some("a=b")));
        assert_eq!(take(&mut request), None);
    }
}
