//! What peers have chosen, as it is shown: nothing in it moves a cursor, changes the terminal or begins a line of its own.

use serde::de::IgnoredAny;

use crate::net::CertificateFacts;
use crate::peer_text::{Escaped, PeerText, is_unsafe};
use crate::view::body::{Body, Fold, Format};
use crate::view::control_payload::control_words;
use crate::view::spans::Paint;
use crate::view::{head, json_text, refusal};
use crate::ws::handshake::{Answer, Body as HttpBody, Response};
use crate::ws::{Kind, Message};

fn check(line: &str) {
    assert!(!line.contains(is_unsafe), "{line:?}");
}

/// Text in every form that is shown.
pub fn text(text: &str) {
    check(&Escaped(text).to_string());
    check(&format!("{:?}", PeerText::new(text)));
    check(&control_words("ping", text.as_bytes(), None));
    head::lines('<', text.as_bytes(), false).iter().for_each(|line| check(line));
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        let escaped = json_text::escaped(text);
        escaped.lines().for_each(check);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        assert_eq!(value(&escaped), value(text));
        assert_eq!(value(&json_text::compact(text)), value(text));
    }
}

/// A message in every format of the prompt, no wider and longer than there is room; and bytes as the answer of a server that
/// refuses.
pub fn body(format: u8, is_text: bool, columns: u8, lines: u8, content: &[u8]) {
    const FORMATS: [Format; 5] = [Format::Auto, Format::Text, Format::Json, Format::Hex, Format::Base64];
    let kind = if is_text && str::from_utf8(content).is_ok() { Kind::Text } else { Kind::Binary };
    let fold = Fold { columns: usize::from(columns.max(20)), lines: usize::from(lines.max(1)) };
    let body = Body::of(Message { kind, content }, FORMATS[usize::from(format) % FORMATS.len()], fold);
    assert!(body.lines.len() <= fold.lines);
    body.lines.iter().for_each(|line| check(&line.painted(Paint::Plain).into_string()));
    if let Ok(Some(response)) = Response::parse(content) {
        let mut body = HttpBody::new(&response, 4096);
        let _ = body.push(&content[response.raw.len()..]);
        let answer = Answer { content: body.finish(), response };
        refusal::lines(&answer, true).iter().for_each(|line| check(line));
    }
}

/// A certificate as a peer shows it.
pub fn certificate(der: &[u8]) {
    let Some(facts) = CertificateFacts::of(der) else { return };
    check(&facts.summary());
    facts.details().iter().for_each(|line| check(line));
}
