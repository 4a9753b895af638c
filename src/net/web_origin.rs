//! The origin of a web page, as a browser writes it (RFC 6454 §6.2).

use url::Url;

/// The text that a browser sends for the origin that is meant: in lower case, a name beyond ASCII in its other form, without
/// the port that its scheme has anyway. `*` is every origin, `null` that of a page without one.
///
/// # Errors
/// What isn't an origin of any page, in words.
pub(crate) fn web_origin(text: &str) -> Result<String, String> {
    if ["*", "null"].contains(&text) {
        return Ok(text.to_owned());
    }
    let Some((scheme, host)) = text.split_once("://") else {
        return Err(format!("an origin begins with its scheme: https://{text}"));
    };
    if host.contains('*') {
        return Err("each origin is named whole; * alone is every one".into());
    }
    if !["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)) {
        // Of an extension of a browser, or an app.
        return Ok(text.to_ascii_lowercase());
    }
    let url = Url::parse(text).map_err(|why| format!("it is not an origin: {why}"))?;
    let has_more = url.path() != "/" || url.query().is_some() || url.fragment().is_some() || url.username() != "";
    if has_more {
        return Err("an origin has a scheme, a host and perhaps a port, and nothing else".into());
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for (text, origin) in [
            ("https://good.example", "https://good.example"),
            ("HTTPS://Good.example:443/", "https://good.example"),
            ("http://good.example:80", "http://good.example"),
            ("https://good.example:8443", "https://good.example:8443"),
            ("https://müller.example", "https://xn--mller-kva.example"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("chrome-extension://abcdef", "chrome-extension://abcdef"),
            ("null", "null"),
            ("*", "*"),
        ] {
            assert_eq!(web_origin(text).as_deref(), Ok(origin), "{text}");
        }
        for text in
            ["good.example", "https://*.good.example", "https://a/b", "https://a?b", "https://u@a", "https://", ""]
        {
            assert!(web_origin(text).is_err(), "{text}");
        }
    }
}
