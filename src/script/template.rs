//! Text with places for what a message had in it.

use std::borrow::Cow;

use serde_json::Value;

use super::condition::Found;

/// A reply before it is filled in: `$1` is a group of the match, `$0` all of it, `${name}` a named
/// group, `${/pointer}` a value of the JSON message, `$$` a dollar sign.
#[derive(Debug)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Group(usize),
    Name(String),
    Pointer(String),
}

impl Template {
    /// # Errors
    /// A brace that isn't closed.
    pub(super) fn parse(mut text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        while let Some(dollar) = text.find('$') {
            pieces.push(Piece::Text(text[..dollar].to_owned()));
            let (piece, rest) = place(&text[dollar + 1..])?;
            pieces.push(piece);
            text = rest;
        }
        pieces.push(Piece::Text(text.to_owned()));
        Ok(Self(pieces))
    }

    /// What wasn't found is left out.
    pub(super) fn fill(&self, found: &Found<'_>) -> String {
        self.0.iter().map(|piece| piece.fill(found)).collect()
    }
}

/// The piece behind a dollar sign, and the rest.
fn place(text: &str) -> Result<(Piece, &str), String> {
    if let Some(rest) = text.strip_prefix('$') {
        return Ok((Piece::Text("$".into()), rest));
    }
    if let Some(braced) = text.strip_prefix('{') {
        let (name, rest) = braced.split_once('}').ok_or("a ${ has no } behind it")?;
        let piece = match name.parse() {
            Ok(number) => Piece::Group(number),
            Err(_) if name.starts_with('/') => Piece::Pointer(name.to_owned()),
            Err(_) => Piece::Name(name.to_owned()),
        };
        return Ok((piece, rest));
    }
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    let piece = number.parse().map_or_else(|_| Piece::Text("$".into()), Piece::Group);
    Ok((piece, rest))
}

impl Piece {
    fn fill<'a>(&'a self, found: &'a Found<'_>) -> Cow<'a, str> {
        let filled = match self {
            Self::Text(text) => Some(Cow::Borrowed(text.as_str())),
            // A text message is UTF-8, but (?-u) lets an expression take it apart.
            Self::Group(number) => found.group(*number).map(String::from_utf8_lossy),
            Self::Name(name) => found.named_group(name).map(String::from_utf8_lossy),
            Self::Pointer(pointer) => found.value(pointer).map(plain),
        };
        filled.unwrap_or_default()
    }
}

/// A string without its quotes, anything else as JSON.
fn plain(value: &Value) -> Cow<'_, str> {
    value.as_str().map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed)
}
