//! Text with places for what a message had in it.

use serde_json::Value;

/// What a message gave a template to fill in.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The whole match, and each group.
    pub(super) groups: Vec<Option<String>>,
    /// By name.
    pub(super) named: Vec<(String, String)>,
    pub(super) json: Option<Value>,
}

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
    pub(super) fn fill(&self, found: &Found) -> String {
        self.0.iter().map(|piece| piece.fill(found)).collect()
    }
}

/// What stands behind a dollar sign, and the rest.
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
    fn fill(&self, found: &Found) -> String {
        let filled = match self {
            Self::Text(text) => Some(text.clone()),
            Self::Group(number) => found.groups.get(*number).cloned().flatten(),
            Self::Name(name) => found.named.iter().find(|(named, _)| named == name).map(|(_, value)| value.clone()),
            Self::Pointer(pointer) => found.json.as_ref().and_then(|json| json.pointer(pointer)).map(plain),
        };
        filled.unwrap_or_default()
    }
}

/// A string without its quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
