//! What stands behind `send`: a text, or a word that says what else.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::super::raw_frame;
use super::super::syntax_error::{PieceError, offset};
use super::super::word::first_word;
use super::late_value::{FILES, LateValue, no_places};
use super::step::SentContent;
use super::template::ScenarioTemplate;
use crate::values::{base64, close_or_normal, hex};
use crate::ws::{Item, Kind, MAX_FRAGMENTS};

/// What a frame's payload stands behind.
const PAYLOAD: &str = "payload=";

/// Reads a file that a step names.
pub(super) type ReadContent<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<u8>, String>;

/// A word, and what is read behind it.
struct SentWord {
    name: &'static str,
    parse: fn(&str, ReadContent<'_>) -> Result<SentContent, PieceError>,
}

const WORDS: &[SentWord] = &[
    SentWord { name: "text", parse: |text, _| ScenarioTemplate::parse(text).map(SentContent::Text) },
    SentWord { name: "json", parse: |text, _| ScenarioTemplate::parse_json(text).map(SentContent::Json) },
    SentWord { name: "binary", parse: |text, _| LateValue::parse(text, hex_bytes).map(SentContent::Bytes) },
    SentWord { name: "base64", parse: |text, _| LateValue::parse(text, base64_bytes).map(SentContent::Bytes) },
    SentWord { name: "file", parse: file },
    SentWord { name: "ping", parse: |text, _| control(text).map(SentContent::Ping) },
    SentWord { name: "pong", parse: |text, _| control(text).map(SentContent::Pong) },
    SentWord { name: "close", parse: |text, _| close(text) },
    SentWord { name: "fragments", parse: |text, _| fragments(text) },
    SentWord { name: "frame", parse: |text, _| frame(text) },
    SentWord { name: "raw", parse: |text, _| LateValue::parse(text, hex_bytes).map(SentContent::Raw) },
];

/// Whether a word says what is sent, so that `send` needn't stand before it.
pub(super) fn is_sent(word: &str) -> bool {
    WORDS.iter().any(|known| known.name == word)
}

/// Reads what stands behind `send`.
///
/// # Errors
/// What can't be sent.
pub(super) fn parse(text: &str, read: ReadContent<'_>) -> Result<SentContent, PieceError> {
    let (name, rest) = first_word(text);
    let Some(word) = WORDS.iter().find(|word| word.name == name) else {
        return ScenarioTemplate::parse(text).map(SentContent::Text);
    };
    let at = if rest.is_empty() { text.len() } else { offset(text, rest) };
    (word.parse)(rest, read).map_err(|error| error.behind(at))
}

fn hex_bytes(text: &str) -> Result<Arc<[u8]>, String> {
    hex(text.as_bytes()).map(Arc::from)
}

fn base64_bytes(text: &str) -> Result<Arc<[u8]>, String> {
    base64(text.as_bytes()).map(Arc::from)
}

fn text_bytes(text: &str) -> Result<Arc<[u8]>, String> {
    Ok(text.as_bytes().into())
}

/// `[text|binary] PATH`: what is UTF-8 is a text message, anything else a binary one.
fn file(text: &str, read: ReadContent<'_>) -> Result<SentContent, PieceError> {
    let (kind, path) = match first_word(text) {
        ("text", path) if !path.is_empty() => (Some(Kind::Text), path),
        ("binary", path) if !path.is_empty() => (Some(Kind::Binary), path),
        _ => (None, text),
    };
    let at = text.len() - path.len();
    if path.is_empty() {
        return Err(PieceError::at(0, "file needs the path of one, beside the file of this step"));
    }
    no_places(path, FILES).map_err(|error| error.behind(at))?;
    let content = read(path).map_err(|why| PieceError::at(at, why))?;
    let is_text = str::from_utf8(&content).is_ok();
    if kind == Some(Kind::Text) && !is_text {
        return Err(PieceError::at(at, format!("{path} is not UTF-8, as a text message has to be")));
    }
    let kind = kind.unwrap_or(if is_text { Kind::Text } else { Kind::Binary });
    Ok(SentContent::File { kind, content: content.into() })
}

/// The payload of a Ping or a Pong, whose length is known here where nothing is filled in.
fn control(text: &str) -> Result<ScenarioTemplate, PieceError> {
    let payload = ScenarioTemplate::parse(text)?;
    let filled = payload.fill(&mut |_| Err(String::new()));
    let fault = filled.ok().and_then(|payload| Item::Ping(payload.as_bytes()).check().err());
    fault.map_or(Ok(payload), |why| Err(PieceError::at(0, why.to_string())))
}

/// `[CODE [REASON]]`.
fn close(text: &str) -> Result<SentContent, PieceError> {
    let (code, reason) = first_word(text);
    let at = text.len() - reason.len();
    let close = LateValue::parse(code, close_or_normal)?;
    let reason = ScenarioTemplate::parse(reason).map_err(|error| error.behind(at))?;
    if close.template().is_none() && reason.places().next().is_none() {
        close_or_normal(text).map_err(|why| PieceError::at(at, why))?;
    }
    Ok(SentContent::Close { close, reason })
}

/// `N TEXT`.
fn fragments(text: &str) -> Result<SentContent, PieceError> {
    let (count, rest) = first_word(text);
    let count = LateValue::parse(count, |count| {
        let number = count.parse::<NonZeroUsize>().ok().filter(|number| number.get() <= MAX_FRAGMENTS);
        number.ok_or_else(|| format!("{count:?} is not a number of fragments from 1 to {MAX_FRAGMENTS}"))
    })?;
    let at = text.len() - rest.len();
    ScenarioTemplate::parse(rest).map(|text| SentContent::Fragments { count, text }).map_err(|error| error.behind(at))
}

/// As `/frame` at the prompt has it. What is filled into the payload doesn't say whether that is hexadecimal.
fn frame(text: &str) -> Result<SentContent, PieceError> {
    let payload = std::iter::once(0).chain(text.match_indices(char::is_whitespace).map(|(at, blank)| at + blank.len()));
    let payload = payload.filter(|at| text[*at..].starts_with(PAYLOAD)).map(|at| at + PAYLOAD.len()).next();
    let (fields, payload) = text.split_at(payload.map_or(text.len(), |at| at));
    let frame = LateValue::parse(fields, raw_frame::parse)?;
    let read = if payload.starts_with("0x") { hex_bytes } else { text_bytes };
    let payload = LateValue::parse(payload, read).map_err(|error| error.behind(fields.len()))?;
    Ok(SentContent::Frame { frame, payload })
}

impl SentContent {
    /// The texts in it that are filled in.
    pub(super) fn templates(&self) -> impl Iterator<Item = &ScenarioTemplate> {
        let (one, other) = match self {
            Self::Text(text) | Self::Json(text) | Self::Ping(text) | Self::Pong(text) => (Some(text), None),
            Self::Close { close, reason } => (close.template(), Some(reason)),
            Self::Fragments { count, text } => (count.template(), Some(text)),
            Self::Bytes(bytes) | Self::Raw(bytes) => (bytes.template(), None),
            Self::Frame { frame, payload } => (frame.template(), payload.template()),
            Self::File { .. } => (None, None),
        };
        one.into_iter().chain(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SentContent, PieceError> {
        parse(text, &mut |path| match path {
            "a.bin" => Ok(vec![0xff]),
            "a.txt" => Ok(b"hi".to_vec()),
            _ => Err("no such file".to_owned()),
        })
    }

    #[test]
    fn a_word_says_what_is_sent_and_anything_else_is_text() {
        assert!(matches!(read("hello there").unwrap(), SentContent::Text(_)));
        assert!(matches!(read("").unwrap(), SentContent::Text(_)));
        assert!(matches!(read("text binary").unwrap(), SentContent::Text(text) if text.to_string() == "binary"));
        assert!(
            matches!(read("binary 00ff").unwrap(), SentContent::Bytes(LateValue::Known(bytes)) if *bytes == [0, 255])
        );
        assert!(
            matches!(read("base64 /wA=").unwrap(), SentContent::Bytes(LateValue::Known(bytes)) if *bytes == [255, 0])
        );
        assert!(matches!(read("file a.txt").unwrap(), SentContent::File { kind: Kind::Text, .. }));
        assert!(matches!(read("file a.bin").unwrap(), SentContent::File { kind: Kind::Binary, .. }));
        assert!(matches!(read("json {\"a\": ${x}}").unwrap(), SentContent::Json(_)));
        assert!(
            matches!(read("fragments 3 abc").unwrap(), SentContent::Fragments { count: LateValue::Known(count), .. } if count.get() == 3)
        );
        for (text, at, says) in [
            ("json {a}", 6, "not JSON"),
            ("binary 0", 7, "hexadecimal"),
            ("file b", 5, "no such file"),
            ("file text a.bin", 10, "not UTF-8"),
            ("close 1005", 6, "status code"),
            ("fragments x", 10, "number of fragments"),
            ("frame a=1", 6, "not a field"),
            ("hello ${", 6, "needs a }"),
            ("file ${f}", 5, "${f} can't be filled in here: a file is read before the first step"),
            ("frame opcode=16 payload=${a}", 6, "not an opcode"),
            ("frame payload=${", 14, "needs a }"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.at == at && error.why.contains(says), "{text}: {error:?}");
        }
    }
}
