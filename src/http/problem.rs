//! What went wrong in the words of a refusal: problem details (RFC 9457), what else servers of JSON call it, and
//! bodies that are one line of text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::authentication::description;
use super::body::ResponseWithBody;
use super::charset::decoded;
use super::secrets::without_quoted_secrets;
use super::status::HttpStatus;

/// Names of members that say it, the most telling first, in lower case and without `_` and `-`.
const NAMES: [&[&str]; 5] = [
    &["detail", "details", "errordescription", "errormessage", "errmsg", "faultstring"],
    &["message", "msg"],
    &["description", "reason"],
    &["error", "errors", "err", "cause"],
    &["title"],
];

/// The member beside a text that says what it is about: `["query", "token"]` (FastAPI).
const PLACE: &str = "loc";

/// The member whose own members are named after what is wrong (Laravel, Rails, ASP.NET).
const FIELDS: &str = "errors";

/// Bytes of a body that are looked through: it may have 64 MiB, and everybody waits meanwhile.
const LOOKED_THROUGH: usize = 64 * 1024;

/// Bytes that are kept.
const LONGEST: usize = 200;

/// Words that say no more than the status does.
const EMPTY_WORDS: [&str; 4] = ["the", "page", "error", "http"];

impl ResponseWithBody {
    /// What a refusal says that its status doesn't: in its body, or in the challenge for a token. It may be cut off.
    pub fn problem(&self) -> Option<String> {
        if self.response.status.0 < 400 {
            return None;
        }
        let challenges: Vec<_> = self.response.headers.all_shown("www-authenticate").collect();
        let stated = self.stated_in_body().or_else(|| Some(beginning(&description(&challenges)?).to_owned()))?;
        Some(without_quoted_secrets(&stated, &self.request).into_owned())
    }

    fn stated_in_body(&self) -> Option<String> {
        let status = self.response.status;
        let (beginning, is_cut) = self.looked_through();
        let bytes = beginning.trim_ascii();
        let kind = self.response.headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
        let is_text = kind.is_empty() || kind.starts_with("text/plain");
        let looks_like_json = matches!(bytes.first(), Some(b'{' | b'[' | b'"'));
        // Many servers call their JSON text. Text with a bracket or a quote at its front is no JSON, whole or cut off.
        if kind.contains("json") || (looks_like_json && (!is_text || is_json(bytes, is_cut))) {
            return of_json(bytes, status);
        }
        let text = self.text_of(beginning, is_cut).filter(|_| is_text)?;
        Some(text.trim()).filter(|text| is_a_line(text) && says_more(text, status)).map(str::to_owned)
    }

    /// The body as text, in the encoding that it names, without secrets of the request that it quotes; `None` where it is none.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.text_of(&self.content.bytes, self.content.cut)
    }

    /// The same of as much as is looked through for what it says; where that is no text, what of it is.
    pub(crate) fn beginning_of_text(&self) -> Cow<'_, str> {
        let (bytes, is_cut) = self.looked_through();
        self.text_of(bytes, is_cut).unwrap_or_else(|| String::from_utf8_lossy(bytes))
    }

    /// As much of the body as is looked through for what it says, and whether there was more.
    fn looked_through(&self) -> (&[u8], bool) {
        let bytes = &self.content.bytes;
        (&bytes[..bytes.len().min(LOOKED_THROUGH)], self.content.cut || bytes.len() > LOOKED_THROUGH)
    }

    fn text_of<'a>(&self, bytes: &'a [u8], is_cut: bool) -> Option<Cow<'a, str>> {
        let kind = self.response.headers.get("content-type").unwrap_or_default();
        let text = decoded(bytes, kind, is_cut)?;
        Some(match without_quoted_secrets(&text, &self.request) {
            Cow::Owned(hidden) => hidden.into(),
            Cow::Borrowed(_) => text,
        })
    }
}

/// Whether it is JSON to its end, or as far as there is some of it.
fn is_json(bytes: &[u8], is_cut: bool) -> bool {
    match serde_json::from_slice::<IgnoredAny>(bytes) {
        Ok(_) => true,
        Err(error) => is_cut && error.is_eof(),
    }
}

fn is_a_line(text: &str) -> bool {
    text.len() <= LONGEST && !text.starts_with('<') && !text.contains(char::is_control)
}

/// As much of it as is kept.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// Whether `text` isn't the name of the status alone.
fn says_more(text: &str, status: HttpStatus) -> bool {
    let words = |text: &str| -> Vec<String> {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned);
        words.filter(|word| !EMPTY_WORDS.contains(&word.as_str()) && *word != status.0.to_string()).collect()
    };
    // What is longer than a few words says more in any case, or nothing.
    let said = words(beginning(text));
    !said.is_empty() && said != words(&status.to_string())
}

/// Nothing is built of the JSON, which may be of any shape, and cut off: what was found before its end counts.
fn of_json(json: &[u8], status: HttpStatus) -> Option<String> {
    let mut found = BestText { status, best: None };
    let mut json = serde_json::Deserializer::from_slice(json);
    let whole = JsonSearch { found: &mut found, rank: Some(NAMES.len()), place: "", has_fields: false };
    let _ = whole.deserialize(&mut json);
    found.best.map(|(_, text)| text)
}

/// The most telling text so far.
#[derive(Debug)]
struct BestText {
    status: HttpStatus,
    best: Option<(usize, String)>,
}

impl BestText {
    fn offer(&mut self, rank: usize, place: &str, text: &str) {
        let is_better = self.best.as_ref().is_none_or(|(best, _)| rank < *best);
        let text = text.trim();
        if is_better && says_more(text, self.status) {
            let told = if place.is_empty() { text.to_owned() } else { format!("{place}: {text}") };
            self.best = Some((rank, beginning(&told).to_owned()));
        }
    }
}

/// Looks through one value.
#[derive(Debug)]
struct JsonSearch<'f> {
    found: &'f mut BestText,
    /// How telling its name is; `None` of one that isn't: what is in it may be called by others.
    rank: Option<usize>,
    /// What it is about; empty where that isn't said.
    place: &'f str,
    /// Its members are named after what is wrong.
    has_fields: bool,
}

impl<'de> DeserializeSeed<'de> for JsonSearch<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonSearch<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if let Some(rank) = self.rank {
            self.found.offer(rank, self.place, text);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut place = String::new();
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            if name == PLACE {
                map.next_value_seed(PlaceSeed(&mut place))?;
                continue;
            }
            let (own, found) = (rank(&name), &mut *self.found);
            let has_fields = name.eq_ignore_ascii_case(FIELDS);
            map.next_value_seed(match own {
                None if self.has_fields => JsonSearch { found, rank: self.rank, place: &name, has_fields: false },
                own => JsonSearch { found, rank: own, place: &place, has_fields },
            })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(JsonSearch { found: &mut *self.found, has_fields: false, ..self })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Gathers the words of a place, which is a text or a list of texts and numbers.
struct PlaceSeed<'p>(&'p mut String);

impl<'de> DeserializeSeed<'de> for PlaceSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let words: Vec<String> = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Array(words) => words.iter().map(word).collect(),
            whole => vec![word(&whole)],
        };
        *self.0 = words.join(".");
        Ok(())
    }
}

fn word(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn rank(name: &str) -> Option<usize> {
    let plain: String = name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect();
    NAMES.iter().position(|names| names.contains(&plain.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::body::BodyContent;
    use super::super::response::Response;
    use super::*;

    fn problem(status: &str, kind: &str, body: &str) -> Option<String> {
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n");
        let response = Response::parse(head.as_bytes()).unwrap().unwrap();
        let content = BodyContent { bytes: body.into(), ..BodyContent::default() };
        ResponseWithBody { response, request: Vec::new(), content }.problem()
    }

    #[test]
    fn servers_say_it_under_many_names() {
        for (body, expected) in [
            // RFC 9457.
            (
                r#"{"type":"about:blank","title":"No credit","status":400,"detail":"Your balance is 30."}"#,
                "Your balance is 30.",
            ),
            // gRPC-Gateway, API Gateway, Express, NestJS, FastAPI, GraphQL, OAuth 2, Apigee, Laravel, ASP.NET.
            (r#"{"code":3,"message":"unknown market","details":[]}"#, "unknown market"),
            (r#"{"message":"Missing Authentication Token"}"#, "Missing Authentication Token"),
            (r#"{"error":"token expired"}"#, "token expired"),
            (r#"{"statusCode":400,"message":["x must be a number","y"],"error":"Bad Request"}"#, "x must be a number"),
            (r#"{"detail":[{"loc":["query","token"],"msg":"field required"}]}"#, "query.token: field required"),
            (
                r#"{"detail":[{"type":"missing","loc":["body",0,"a"],"msg":"Field required","input":null}]}"#,
                "body.0.a: Field required",
            ),
            (r#"{"errors":{"token":["is invalid"]}}"#, "token: is invalid"),
            (
                r#"{"title":"One or more validation errors occurred.","status":400,"errors":{"id":["Not a number."]}}"#,
                "id: Not a number.",
            ),
            (
                r#"{"error":{"errors":[{"domain":"g","reason":"authError","message":"Invalid Credentials"}],"code":401}}"#,
                "Invalid Credentials",
            ),
            (r#"{"status":"Failure","message":"you must specify one","reason":"BadRequest"}"#, "you must specify one"),
            (r#"{"errors":[{"message":"no operation","locations":[]}]}"#, "no operation"),
            (r#"{"error":"invalid_token","error_description":"It has expired"}"#, "It has expired"),
            (r#"{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"x"}}}"#, "Invalid ApiKey"),
            (r#"{"errors":{"email":["is taken"]},"message":"The data is invalid."}"#, "The data is invalid."),
            (r#"{"Message":"Denied for this request."}"#, "Denied for this request."),
            (r#"{"data":{"response":{"errorMessage":"deep"}}}"#, "deep"),
            (r#"[{"msg":"in a list"}]"#, "in a list"),
            (r#""a string""#, "a string"),
            // Cut off.
            (r#"{"message":"whole","trace":"at x"#, "whole"),
        ] {
            assert_eq!(problem("400 Bad Request", "application/json", body).as_deref(), Some(expected), "{body}");
        }
        for body in [
            r#"{"code":3,"message":"Bad request"}"#,
            r#"{"statusCode":400,"error":"Bad Request","path":"/message"}"#,
            r#"{"error":{"code":"BAD_REQUEST","status":400}}"#,
            r#"{"message":{"a":1},"ok":false,"errors":[],"error":null}"#,
            r#"{"message":"#,
            "{}",
        ] {
            assert_eq!(problem("400 Bad Request", "application/json", body), None, "{body}");
        }
    }

    #[test]
    fn a_line_of_text_says_it_too() {
        let of = |status, kind, body: &str| problem(status, kind, body);
        assert_eq!(of("403 Forbidden", "text/plain", "no seat left\n").as_deref(), Some("no seat left"));
        assert_eq!(of("404 Not Found", "text/plain; charset=utf-8", "404 page not found\n"), None);
        assert_eq!(of("403 Forbidden", "text/plain", "Forbidden"), None);
        // Its first byte doesn't make it JSON.
        for text in ["\"Connection\" must be \"Upgrade\".", "[auth] token expired", "{room} is full"] {
            assert_eq!(of("400 Bad Request", "text/plain", text).as_deref(), Some(text));
        }
        assert_eq!(of("400 Bad Request", "text/plain", "{\"error\":\"full\"}").as_deref(), Some("full"));
        assert_eq!(of("403 Forbidden", "text/html", "no seat left"), None);
        assert_eq!(of("403 Forbidden", "text/plain", "two\nlines"), None);
        assert_eq!(of("302 Found", "text/plain", "moved there"), None);
        assert_eq!(of("403 Forbidden", "text/plain", &"x".repeat(LONGEST + 1)), None);
    }

    #[test]
    fn a_challenge_says_it_where_the_body_does_not() {
        let head = "HTTP/1.1 401 x\r\nWWW-Authenticate: Bearer error_description=\"It has expired\"\r\n\r\n";
        let response = Response::parse(head.as_bytes()).unwrap().unwrap();
        let of = |body: &str| ResponseWithBody {
            response: response.clone(),
            request: Vec::new(),
            content: BodyContent { bytes: body.into(), ..BodyContent::default() },
        };
        assert_eq!(of("").problem().as_deref(), Some("It has expired"));
        assert_eq!(of("Unauthorized").problem().as_deref(), Some("It has expired"));
        assert_eq!(of("{\"error\":\"too old\"}").problem().as_deref(), Some("too old"));
    }

    #[test]
    fn of_long_words_the_beginning_is_kept() {
        let body = format!("{{\"message\":\"{}\"}}", "é".repeat(1000));
        assert_eq!(problem("400 Bad Request", "application/json", &body), Some("é".repeat(LONGEST / 2)));
    }
}
