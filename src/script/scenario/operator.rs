//! How two values are compared.

use std::cmp::Ordering;
use std::fmt;

use super::super::syntax_error::PieceError;
use super::late_value::no_places;

/// How what comes is to stand to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Different,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// The longer before those that they begin with.
const RELATIONS: [(&str, Relation); 7] = [
    ("==", Relation::Equal),
    ("!=", Relation::Different),
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("=", Relation::Equal),
    ("<", Relation::Less),
    (">", Relation::Greater),
];

impl Relation {
    /// Reads what `text` begins with, and what follows.
    pub(super) fn strip(text: &str) -> Option<(Self, &str)> {
        let found = RELATIONS.iter().find_map(|(sign, relation)| Some((*relation, text.strip_prefix(sign)?)));
        found.map(|(relation, rest)| (relation, rest.trim_start()))
    }

    /// Whether what was found stands so to what is wanted.
    pub(crate) fn holds<T: PartialOrd>(self, found: &T, wanted: &T) -> bool {
        found.partial_cmp(wanted).is_some_and(|order| self.admits(order))
    }

    fn admits(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Different => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = RELATIONS.iter().rev().find(|(_, relation)| relation == self).map_or("", |(sign, _)| sign);
        f.write_str(sign)
    }
}

/// Reads `[SIGN] VALUE`, where no sign is equality, and what follows the value.
///
/// # Errors
/// What `value` says is wrong with it.
pub(super) fn relation_and_value<'t, T>(
    text: &'t str,
    what: &str,
    value: impl Fn(&str) -> Result<T, String>,
) -> Result<(Relation, T, &'t str), PieceError> {
    let (relation, rest) = Relation::strip(text).unwrap_or((Relation::Equal, text));
    let at = text.len() - rest.len();
    let (word, behind) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
    if word.is_empty() {
        return Err(PieceError::at(at, format!("{what} has to follow")));
    }
    no_places(word, "what it is compared with").map_err(|error| error.behind(at))?;
    let value = value(word).map_err(|why| PieceError::at(at, why))?;
    Ok((relation, value, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_read_and_written() {
        assert_eq!(Relation::strip(">= 5"), Some((Relation::AtLeast, "5")));
        assert_eq!([Relation::Equal, Relation::AtMost].map(|relation| relation.to_string()), ["=", "<="]);
    }
}
