//! A JSON value that messages are compared with, behind everything was filled in.

use std::fmt;

use serde_json::Value;

use super::operator::Relation;
use crate::view::exact_number::{ExactNumber, same_numbers};
use crate::view::json_escapes;
use crate::view::json_value::is_same;

/// The value, and how it is written, which has numbers in all their digits.
#[derive(Debug, Clone)]
pub(crate) struct FilledJson {
    pub(super) value: Value,
    text: String,
}

impl FilledJson {
    /// `None` for what isn't JSON.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self { value: json_escapes::value(text.as_bytes())?, text: text.to_owned() })
    }

    /// Whether what was found is the same; with `lets_more` its objects may have more members.
    pub(super) fn is(&self, found: &Self, lets_more: bool) -> bool {
        is_same(&self.value, &found.value, lets_more) && same_numbers(&self.text, &found.text)
    }

    /// Whether what was found stands so to it: two numbers or two strings have an order.
    pub(super) fn stands(&self, relation: Relation, found: &Self) -> bool {
        match relation {
            Relation::Equal => self.is(found, false),
            Relation::Different => !self.is(found, false),
            _ => match (&found.value, &self.value) {
                (Value::Number(_), Value::Number(_)) => {
                    let [found, wanted] = [found, self].map(|number| ExactNumber::parse(&number.text));
                    found.zip(wanted).is_some_and(|(found, wanted)| relation.holds(&found, &wanted))
                }
                (Value::String(found), Value::String(wanted)) => relation.holds(found, wanted),
                _ => false,
            },
        }
    }
}

impl fmt::Display for FilledJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Value::Number(_) => f.write_str(self.text.trim()),
            _ => self.value.fmt(f),
        }
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
