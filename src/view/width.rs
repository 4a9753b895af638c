//! How many columns of a terminal a text takes.

use unicode_width::UnicodeWidthChar;

use crate::peer_text::{Notation, Piece, pieces, plain_length};

/// In columns.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// In columns, on the terminal that takes most.
pub(crate) fn widest_width(text: &str) -> usize {
    let plain = plain_length(text);
    plain + text[plain..].chars().map(widest).sum::<usize>()
}

/// As much of a text as has room in so many columns of any terminal.
pub(crate) fn beginning(text: &str, columns: usize) -> &str {
    let mut left = columns;
    let end = text.char_indices().find(|(_, c)| match left.checked_sub(widest(*c)) {
        Some(less) => {
            left = less;
            false
        }
        None => true,
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// The same of a text of somebody else's, as it is written in this notation.
pub(super) fn written_width(text: &str, notation: Notation) -> usize {
    let of = |piece: Piece<'_>| widest_width(piece.text());
    pieces(text, notation).map(of).sum()
}

/// Columns of a character on the terminal that gives it most: a line that is too long for one of them it breaks itself. What has
/// no width by Unicode has one on some: soft hyphens, spaces and joiners of no width, the vowels of Hangul, tags, selectors
/// that make an emoji of two columns of what precedes them, and marks that a terminal can't put over what they belong to. What
/// has one column has two on some, among pictures and the scripts of East Asia; not Greek and Cyrillic letters, to which a
/// terminal has to be told to give two.
pub(crate) fn widest(c: char) -> usize {
    match c {
        ' '..='~' => 1,
        _ if is_broad(c) => 2,
        _ => c.width().unwrap_or(0).max(1),
    }
}

/// Columns of a character of a word that every terminal gives as many: ASCII, letters and digits of the alphabets that are
/// written from left to right without marks, and the bulk of the scripts of East Asia. None of them looks like a blank.
pub(super) fn sure_width(c: char) -> Option<usize> {
    match c {
        '!'..='~' => Some(1),
        '\u{a1}'..='\u{58f}' if c.is_alphanumeric() && c.width() == Some(1) => Some(1),
        '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' if c.is_alphanumeric() => Some(2),
        _ => None,
    }
}

/// Whole blocks, whatever is there in them, or will be: the scripts of East Asia, and pictures from Mahjong tiles on, among them
/// halves of flags.
fn is_broad(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{16fe0}'..='\u{18cff}' | '\u{1f000}'..='\u{1fbff}')
}
