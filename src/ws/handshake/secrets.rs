//! What in a head is somebody's secret: it is masked when it is shown, and meant for one server alone.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::head::list_elements;

/// Parts of the names of headers whose values are secret, in lower case.
const SECRETS: [&str; 10] =
    ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "credential", "bearer", "jwt"];

/// Words between the hyphens of a name that make its value secret, as in `X-Auth`, `X-Functions-Key` and `X-Session-Id`, in
/// lower case. Names have more words with these letters in them, so that only whole ones count.
const SECRET_WORDS: [&str; 10] =
    ["auth", "key", "session", "sessionid", "sid", "passwd", "passphrase", "pwd", "signature", "csrf"];

/// More of them, in the names of a URL's parameters.
const PARAMETER_WORDS: [&str; 3] = ["sig", "ticket", "pass"];

/// A subprotocol that isn't secret itself, and says that the next in the list is. It goes with that.
const MARKERS: [&str; 4] = ["auth", "ticket", "key", "session"];

/// Headers with a URL in them.
const URLS: [&str; 3] = ["location", "content-location", "referer"];

/// What stands in the place of a secret.
pub const MASK: &str = "(masked)";

/// The header in which browsers' scripts can send a token, since they can send no other.
const SUBPROTOCOLS: &str = "Sec-WebSocket-Protocol";

/// A head as text, `mask` in the place of each secret. `request` is the head of the request that it answers, or the same
/// head: a token among the subprotocols is one where it stands alone in an answer, too.
pub fn without_secrets(head: &[u8], request: &[u8], mask: &str) -> String {
    let text = String::from_utf8_lossy(head);
    let requested = requested_subprotocols(request);
    let mut shown = String::new();
    let mut hides = false;
    // A line may end in LF alone (RFC 9112 §2.2), and go on in the next one, which begins with a blank (§5.2).
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        let goes_on = content.starts_with([' ', '\t']);
        let masked = match goes_on {
            true => None,
            false if shown.is_empty() && is_start_line(content) => request_line(content),
            false => masked(content, &requested, mask),
        };
        hides = masked.is_some() || (goes_on && hides);
        match masked {
            Some(masked) => shown.extend([masked.as_str(), &line[content.len()..]]),
            None if hides => {}
            None => shown.push_str(line),
        }
    }
    shown
}

/// What a request says in the headers for subprotocols.
fn requested_subprotocols(request: &[u8]) -> String {
    let text = String::from_utf8_lossy(request);
    let headers = text.lines().filter_map(|line| line.split_once(':'));
    let lists = headers.filter(|(name, _)| name.trim_end().eq_ignore_ascii_case(SUBPROTOCOLS));
    lists.map(|(_, list)| list).collect::<Vec<_>>().join(",")
}

/// Whether the values of headers of this name are secret.
pub fn is_secret_header(name: &str) -> bool {
    let is_of_ours = name.eq_ignore_ascii_case("sec-websocket-key");
    let mut words = name.split(['-', '_']);
    let has_word = words.any(|word| SECRET_WORDS.iter().any(|secret| word.eq_ignore_ascii_case(secret)));
    names_secret(name) || (has_word && !is_of_ours)
}

/// Whether the values of a URL's parameter of this name are secret. Its words may begin with capitals.
fn is_secret_parameter(name: &str) -> bool {
    let mut words = String::new();
    for c in name.chars() {
        words.extend(c.is_ascii_uppercase().then_some('-').into_iter().chain([c]));
    }
    let is_short = |word: &str| PARAMETER_WORDS.iter().any(|secret| word.eq_ignore_ascii_case(secret));
    [name, &words].into_iter().any(|name| is_secret_header(name) || name.split(['-', '_']).any(is_short))
}

/// A URL, or the target of a request, as it may be shown: without a name and password, and without what is secret in its
/// query, in which browsers' scripts send tokens since they can send no header of their own.
pub fn shown_url(url: &str, show_secrets: bool) -> Cow<'_, str> {
    if show_secrets { Cow::Borrowed(url) } else { replace_url_secrets(url, |_| format!("{MASK}@"), MASK) }
}

/// A URL, or the target of a request, with `value` for that of each secret parameter, and before the host what `userinfo` makes
/// of the name and password that are there.
pub fn replace_url_secrets<'a>(url: &'a str, userinfo: impl Fn(&str) -> String, value: &str) -> Cow<'a, str> {
    let scheme = url.find("://").filter(|at| !url[..*at].contains(['/', '?', '#']));
    let begin = scheme.map_or(0, |at| at + "://".len());
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    let host = url[begin..end].rfind('@').filter(|_| begin > 0).map(|at| begin + at + 1);
    let query = end + url[end..].find(['?', '#']).unwrap_or(url.len() - end);
    let is_secret = |parameter: &str| parameter.split_once('=').is_some_and(holds_secret);
    if host.is_none() && !parameters(&url[query..]).any(|(_, parameter)| is_secret(parameter)) {
        return Cow::Borrowed(url);
    }
    let mut replaced = url[..begin].to_owned();
    replaced.extend(host.map(|host| userinfo(&url[begin..host - 1])));
    replaced.push_str(&url[host.unwrap_or(begin)..query]);
    for (delimiter, parameter) in parameters(&url[query..]) {
        replaced.push_str(delimiter);
        match parameter.split_once('=') {
            Some((name, secret)) if holds_secret((name, secret)) => replaced.extend([name, "=", value]),
            _ => replaced.push_str(parameter),
        }
    }
    Cow::Owned(replaced)
}

/// The pieces of a query and a fragment, each with what stands before it.
fn parameters(mut rest: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        let (delimiter, after) = rest.split_at_checked(1)?;
        let (piece, behind) = after.split_at(after.find(['#', '&', ';']).unwrap_or(after.len()));
        rest = behind;
        Some((delimiter, piece))
    })
}

/// Whether a parameter of a URL, by its name as it stands there or by its value, is secret.
fn holds_secret((name, value): (&str, &str)) -> bool {
    let name = percent_decode_str(name).decode_utf8_lossy();
    !value.is_empty() && (is_secret_parameter(&name) || is_web_token(value))
}

/// RFC 9112 §2.1: whether it is the first line of a request or of a response, and no header.
fn is_start_line(line: &str) -> bool {
    line.split([' ']).any(|word| word.starts_with("HTTP/"))
}

/// The first line of a request with what is secret in its target masked; `None` where nothing is, and for a response.
fn request_line(line: &str) -> Option<String> {
    let (method, rest) = line.split_once(' ').filter(|_| !line.starts_with("HTTP/"))?;
    let (target, version) = rest.rsplit_once(' ')?;
    match shown_url(target, false) {
        Cow::Owned(target) => Some(format!("{method} {target} {version}")),
        Cow::Borrowed(_) => None,
    }
}

/// Those of a comma-separated list of subprotocols that aren't secret.
pub fn without_secret_subprotocols(list: &str) -> Vec<String> {
    let judged = judge_subprotocols(list, list).into_iter();
    judged.filter(|(_, is_secret)| !is_secret).map(|(name, _)| name.to_owned()).collect()
}

/// The line with what is secret masked; `None` where nothing is. `requested`: the subprotocols of the request.
fn masked(line: &str, requested: &str, mask: &str) -> Option<String> {
    // In a malformed line there may be blanks before the colon, or in its place.
    let (name, value) = line.split_at(line.find([':', ' ', '\t'])?);
    let value = value.trim_start_matches([':', ' ', '\t']);
    if is_secret_header(name) {
        return Some(format!("{name}: {mask}"));
    }
    if URLS.iter().any(|url| name.eq_ignore_ascii_case(url)) {
        return match shown_url(value, false) {
            Cow::Owned(value) => Some(format!("{name}: {value}")),
            Cow::Borrowed(_) => None,
        };
    }
    let is_list = name.eq_ignore_ascii_case(SUBPROTOCOLS);
    let judged = if is_list { judge_subprotocols(value, requested) } else { Vec::new() };
    judged.iter().any(|(_, is_secret)| *is_secret).then(|| {
        let shown = judged.iter().map(|&(name, is_secret)| if is_secret { mask } else { name });
        format!("{name}: {}", shown.collect::<Vec<_>>().join(", "))
    })
}

/// Each of a list of subprotocols as it may be shown.
pub fn shown_subprotocols(list: &str, show_secrets: bool) -> Vec<&str> {
    let judged = judge_subprotocols(list, list).into_iter();
    judged.map(|(name, is_secret)| if is_secret && !show_secrets { MASK } else { name }).collect()
}

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
    pub fn shown(&self, show_secrets: bool) -> &str {
        if self.is_secret && !show_secrets { MASK } else { &self.name }
    }
}

/// Each of a list of subprotocols, and whether it is secret: by itself, or as one of those that were requested.
fn judge_subprotocols<'a>(list: &'a str, requested: &str) -> Vec<(&'a str, bool)> {
    let (in_list, in_request) = (secret_subprotocols(list), secret_subprotocols(requested));
    // What is secret in one place is so in every other.
    let is_secret = |name| in_list.contains(&name) || in_request.contains(&name);
    list_elements(list).map(|name| (name, is_secret(name))).collect()
}

/// Those of a list that are secret: by what is in its name, as in Kubernetes' `base64url.bearer.authorization.k8s.io.TOKEN`, as
/// a JSON Web Token, or by the one before it, as in `access_token, TOKEN`.
fn secret_subprotocols(list: &str) -> Vec<&str> {
    let mut marked = false;
    let is_secret = |name: &&str| {
        let is_marked = std::mem::replace(&mut marked, is_marker(name));
        is_marked || marked || names_secret(name) || is_web_token(name)
    };
    list_elements(list).filter(is_secret).collect()
}

fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

/// `access_token`, `Bearer`: a short word with nothing of a token in it.
fn is_marker(name: &str) -> bool {
    let is_word = name.len() <= 24 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_.".contains(&byte));
    is_word && (names_secret(name) || MARKERS.iter().any(|marker| name.eq_ignore_ascii_case(marker)))
}

/// RFC 7519 §3: a JSON object in base64url, which begins with `{"`.
fn is_web_token(name: &str) -> bool {
    name.starts_with("eyJ") && name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked_by_itself(head: &[u8], mask: &str) -> String {
        without_secrets(head, head, mask)
    }

    #[test]
    fn a_token_that_the_server_takes_for_a_subprotocol_stays_secret() {
        let request =
            b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: access_token, c2VjcmV0\r\nsec-websocket-protocol:chat\r\n\r\n";
        let answer = b"HTTP/1.1 101 \r\nSec-WebSocket-Protocol: c2VjcmV0\r\n\r\n";
        let shown = "HTTP/1.1 101 \r\nSec-WebSocket-Protocol: -\r\n\r\n";
        assert_eq!(without_secrets(answer, request, "-"), shown);
        let agreed = |name| AgreedSubprotocol::new(name, "access_token, c2VjcmV0, chat");
        assert_eq!(agreed("c2VjcmV0").shown(false), MASK);
        assert_eq!(agreed("c2VjcmV0").shown(true), "c2VjcmV0");
        assert_eq!(agreed("chat").shown(false), "chat");
    }

    #[test]
    fn secrets_are_left_out_whatever_their_case() {
        let head = b"GET / HTTP/1.1\r\nHOST: a\r\nX-Api-Key: abc\r\nauthorization: Basic abc\r\n\r\n";
        let shown = "GET / HTTP/1.1\r\nHOST: a\r\nX-Api-Key: (masked)\r\n\
                     authorization: (masked)\r\n\r\n";
        assert_eq!(masked_by_itself(head, "(masked)"), shown);
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

    #[test]
    fn parameters_say_what_is_secret() {
        for name in ["token", "accessToken", "X-Amz-Signature", "apiKey", "api_key", "sig", "authKey", "key"] {
            assert!(is_secret_parameter(name), "{name}");
        }
        for name in ["room", "page", "since", "keyword", "author", "signal", "passenger", "compass"] {
            assert!(!is_secret_parameter(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_left_out_however_their_lines_end() {
        let head = b"HTTP/1.1 200 OK\nServer: a:b\nSet-Cookie: abc\n def\r\n\tghi\r\nX: y\n z\n\n";
        let shown = "HTTP/1.1 200 OK\nServer: a:b\nSet-Cookie: (masked)\nX: y\n z\n\n";
        assert_eq!(masked_by_itself(head, "(masked)"), shown);
    }

    #[test]
    fn secrets_are_left_out_of_malformed_lines() {
        let head = b"GET /token HTTP/1.1\r\nX-Auth : a\r\nAuthorization Bearer a:b\r\nX-Key\ta\r\nnothing\r\n\r\n";
        let shown =
            "GET /token HTTP/1.1\r\nX-Auth: (masked)\r\nAuthorization: (masked)\r\nX-Key: (masked)\r\nnothing\r\n\r\n";
        assert_eq!(masked_by_itself(head, "(masked)"), shown);
    }

    #[test]
    fn secrets_in_urls_are_left_out() {
        for (url, shown) in [
            ("/chat?token=abc&room=1", "/chat?token=(masked)&room=1"),
            ("/?room=1&Access_Token=abc", "/?room=1&Access_Token=(masked)"),
            ("/?%74oken=abc;x=1&ticket=a?b=c", "/?%74oken=(masked);x=1&ticket=(masked)"),
            ("/?X-Amz-Signature=abc&sid=1#id_token=abc", "/?X-Amz-Signature=(masked)&sid=(masked)#id_token=(masked)"),
            ("/?v=eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "/?v=(masked)"),
            ("wss://a:b@h/?key=abc", "wss://(masked)@h/?key=(masked)"),
            ("https://a:b@h", "https://(masked)@h"),
            ("/?token=abc&next=http://h/?jwt=abc", "/?token=(masked)&next=http://h/?jwt=abc"),
        ] {
            assert_eq!(shown_url(url, false), shown);
            assert_eq!(shown_url(url, true), url);
        }
        for url in
            ["/", "", "/?", "/?token", "/?token=", "/token=abc", "/?keyword=a&x=token", "ws://h:1/a@b?c=d@e", "é"]
        {
            assert_eq!(shown_url(url, false), url);
        }
        let head = b"GET /?token=abc HTTP/1.1\r\nReferer: http://h/?jwt=abc\r\nX: /?token=abc\r\n\r\n";
        let shown = "GET /?token=(masked) HTTP/1.1\r\nReferer: http://h/?jwt=(masked)\r\nX: /?token=abc\r\n\r\n";
        assert_eq!(masked_by_itself(head, "-"), shown);
        let head = b"HTTP/1.1 302 ?token=abc\r\nlocation:/?token=abc\r\n\r\n";
        assert_eq!(masked_by_itself(head, "-"), "HTTP/1.1 302 ?token=abc\r\nlocation: /?token=(masked)\r\n\r\n");
        assert_eq!(masked_by_itself(b"GET /?token=abc", "-"), "GET /?token=abc");
    }

    #[test]
    fn tokens_among_subprotocols_are_secret() {
        for (list, kept) in [
            ("chat, superchat", &["chat", "superchat"][..]),
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
        ] {
            assert_eq!(without_secret_subprotocols(list), kept, "{list}");
        }
        let mask = "(masked)";
        assert_eq!(
            masked_by_itself(b"sec-websocket-protocol: chat,jwt, abc\r\n", mask),
            format!("sec-websocket-protocol: chat, {mask}, {mask}\r\n")
        );
        assert_eq!(masked_by_itself(b"Sec-WebSocket-Protocol:chat,x\r\n", mask), "Sec-WebSocket-Protocol:chat,x\r\n");
    }
}
