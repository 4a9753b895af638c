//! A JSON value that messages are compared with, behind everything was filled in.

use std::fmt;

use super::operator::Relation;
use crate::view::exact_json::ExactJson;

/// The value.
#[derive(Debug, Clone)]
pub(crate) struct FilledJson(pub(super) ExactJson);

impl FilledJson {
    /// `None` for what isn't JSON.
    pub(super) fn parse(text: &str) -> Option<Self> {
        ExactJson::parse(text).ok().map(Self)
    }

    /// Whether what was found is the same; with `lets_more` its objects may have more members.
    pub(super) fn is(&self, found: &Self, lets_more: bool) -> bool {
        if lets_more { self.0.is_part_of(&found.0) } else { self.0 == found.0 }
    }

    /// Whether what was found stands so to it: two numbers or two strings have an order.
    pub(super) fn stands(&self, relation: Relation, found: &Self) -> bool {
        match relation {
            Relation::Equal => self.is(found, false),
            Relation::Different => !self.is(found, false),
            _ => match (&found.0, &self.0) {
                (ExactJson::Number(found), ExactJson::Number(wanted)) => {
                    found.exact().zip(wanted.exact()).is_some_and(|(found, wanted)| relation.holds(&found, &wanted))
                }
                (ExactJson::Text(found), ExactJson::Text(wanted)) => relation.holds(found, wanted),
                _ => false,
            },
        }
    }
}

impl fmt::Display for FilledJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_where_they_have_an_order() {
        let json = |text: &str| FilledJson::parse(text).unwrap();
        let stands =
            |found: &str, sign: &str, wanted: &str| json(wanted).stands(Relation::strip(sign).unwrap().0, &json(found));
        for (found, sign, wanted) in [
            ("1", "=", "1.0"),
            ("\"1\"", "!=", "1"),
            ("1", "<", "2"),
            ("\"b\"", ">=", "\"a\""),
            ("18446744073709551617", "!=", "18446744073709551616"),
            ("18446744073709551617", ">", "18446744073709551616"),
            ("0.1", "<", "0.1000000000000000055"),
        ] {
            assert!(stands(found, sign, wanted), "{found} {sign} {wanted}");
        }
        assert!(!stands("null", "<", "1") && !stands("[2]", ">", "[1]") && !stands("1", "=", "\"1\""));
    }
}
