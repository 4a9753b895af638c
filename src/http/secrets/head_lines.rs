//! A head as its fields, each of which may be in several lines.

/// The header in which browsers' scripts can send a token, since they can send no other.
pub(super) const SUBPROTOCOLS: &str = "Sec-WebSocket-Protocol";

/// The lines of a head, each with those that it goes on in, which begin with a blank (RFC 9112 §5.2). A line may end in LF alone
/// (§2.2).
pub(super) fn fields(head: &str) -> Vec<&str> {
    let mut fields: Vec<&str> = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for line in head.split_inclusive('\n') {
        let follows_field = fields.len() > 1 || fields.first().is_some_and(|first| !is_start_line(first));
        let goes_on = line.starts_with([' ', '\t']) && follows_field;
        if goes_on {
            fields.pop();
        } else {
            begin = end;
        }
        end += line.len();
        fields.push(&head[begin..end]);
    }
    fields
}

/// What a request says in the headers for subprotocols.
pub(crate) fn requested_subprotocols(request: &[u8]) -> String {
    let text = String::from_utf8_lossy(request);
    let lists = fields(&text).into_iter().filter_map(|field| {
        let (name, list) = field.split_once(':')?;
        name.trim().eq_ignore_ascii_case(SUBPROTOCOLS).then(|| list.trim().replace(['\r', '\n'], " "))
    });
    lists.collect::<Vec<_>>().join(",")
}

/// RFC 9112 §2.1: whether it is the first line of a request or of a response, well-formed or not, and no header.
pub(super) fn is_start_line(line: &str) -> bool {
    let mut words = line.split([' ', '\t', '\r', '\n']);
    let is_version = |word: &str| word.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("HTTP/"));
    let is_method = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    words.clone().any(is_version) || words.next().is_some_and(is_method)
}
