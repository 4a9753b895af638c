//! The page that a browser gets: one file, with nothing to load from elsewhere.

pub(crate) mod events;
pub(crate) mod feed;
pub(crate) mod token;

use serde_json::json;

use super::http::PlainResponse;

const HTML: &str = include_str!("page.html");

/// Where the page is that shows what goes through a proxy: other paths are the target's.
pub(crate) const PATH: &str = "/.wscli/";

/// Where the page finds what it can connect to.
const ROUTES: &str = "<script type=\"application/json\" id=\"routes\">[]";

/// Whatever were to get into the page could load nothing and talk to nobody else but WebSockets.
const HEADERS: &str = "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; \
                       script-src 'unsafe-inline'; connect-src ws: wss:; img-src data:; base-uri 'none'; \
                       form-action 'none'; frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\n";

/// The page, which offers `paths` to connect to, each with the name of what answers there.
pub(crate) fn answer(paths: &[(&str, &str)]) -> PlainResponse {
    let routes: Vec<_> = paths.iter().map(|(path, mode)| json!({"path": path, "mode": mode})).collect();
    // No path can end the script element that it stands in.
    let routes = json!(routes).to_string().replace('<', "\\u003c");
    let html = HTML.replacen(ROUTES, &format!("{}{routes}", ROUTES.trim_end_matches("[]")), 1);
    PlainResponse::ok("text/html; charset=utf-8", HEADERS, html.into_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn routes_stand_in_the_page_and_can_not_break_out() {
        let mut page = String::new();
        answer(&[("/a</script>", "echo")]).body.read_to_string(&mut page).unwrap();
        assert!(page.contains(r#"id="routes">[{"mode":"echo","path":"/a\u003c/script>"}]</script>"#), "{page}");
    }
}
