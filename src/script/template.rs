//! Text with places for what a message had in it.

use std::sync::Arc;

use super::condition::Found;
use super::reply::Part;

/// What `$$` stands for.
const DOLLAR: &[u8] = b"$";

/// A reply before it is filled in: `$1` is a group of the match, `$0` all of it, `${name}` a named
/// group, `${/pointer}` a value of the JSON message, `$$` a dollar sign.
#[derive(Debug)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(Arc<[u8]>),
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
            pieces.push(Piece::Text(text.as_bytes()[..dollar].into()));
            let (piece, rest) = place(&text[dollar + 1..])?;
            pieces.push(piece);
            text = rest;
        }
        pieces.push(Piece::Text(text.as_bytes().into()));
        Ok(Self(pieces))
    }

    /// What wasn't found is left out.
    pub(super) fn fill(&self, found: &Found<'_>) -> Vec<Part> {
        self.0.iter().filter_map(|piece| piece.fill(found)).collect()
    }

    pub(super) fn pointers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Pointer(pointer) => Some(pointer.as_str()),
            _ => None,
        })
    }
}

/// The piece behind a dollar sign, and the rest.
fn place(text: &str) -> Result<(Piece, &str), String> {
    if let Some(rest) = text.strip_prefix('$') {
        return Ok((Piece::Text(DOLLAR.into()), rest));
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
    let piece = number.parse().map_or_else(|_| Piece::Text(DOLLAR.into()), Piece::Group);
    Ok((piece, rest))
}

impl Piece {
    fn fill(&self, found: &Found<'_>) -> Option<Part> {
        match self {
            Self::Text(text) => Some(Part::Literal(Arc::clone(text))),
            Self::Group(number) => Some(Part::quoted(found.content(), found.group(*number)?)),
            Self::Name(name) => Some(Part::quoted(found.content(), found.named_group(name)?)),
            Self::Pointer(pointer) => Some(Part::json(found.content(), found.value(pointer)?)),
        }
    }
}
