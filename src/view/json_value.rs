//! When two values in JSON are the same: the one place that says so.
//!
//! Objects are the same with the same members in any order, arrays with the same elements in the same order, strings with the
//! same characters, and numbers with the same value however they are written: `1`, `1.0` and `1e0` are one number. JSON has
//! one kind of number (RFC 8259 §6), and a JSON Patch tests it the same way (RFC 6902 §4.6).

use serde_json::{Number, Value};

/// Whether both are the same value; with `lets_more`, where objects of `found` may have more members than `expected`.
pub(crate) fn is_same(expected: &Value, found: &Value, lets_more: bool) -> bool {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let is_there = |(name, value): (&String, &Value)| {
                found.get(name).is_some_and(|found| is_same(value, found, lets_more))
            };
            (lets_more || expected.len() == found.len()) && expected.iter().all(is_there)
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len()
                && expected.iter().zip(found).all(|(expected, found)| is_same(expected, found, lets_more))
        }
        (Value::Number(expected), Value::Number(found)) => is_same_number(expected, found),
        (expected, found) => expected == found,
    }
}

/// Whether both have the same value.
pub(crate) fn is_same_number(one: &Number, other: &Number) -> bool {
    normal_number(one) == normal_number(other)
}

/// Values that are the same as one: numbers are written in one way.
pub(crate) fn normalize(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(normalize),
        Value::Array(elements) => elements.iter_mut().for_each(normalize),
        Value::Number(number) => *number = normal_number(number),
        _ => {}
    }
}

/// Whole numbers as integers, as far as there are such integers.
fn normal_number(number: &Number) -> Number {
    let Some(float) = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0) else {
        return number.clone();
    };
    // One that is too large becomes the largest there is, which has no integer either.
    let whole = float as i128;
    let integer = i64::try_from(whole).map(Number::from).or_else(|_| u64::try_from(whole).map(Number::from));
    integer.unwrap_or_else(|_| number.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_the_same_have_the_same_normal_form() {
        for (one, other, same) in [
            ("1", "1.0", true),
            ("[10,{\"a\":-0.0}]", "[1e1,{\"a\":0}]", true),
            ("0.5", "5e-1", true),
            ("1", "1.5", false),
            ("1", "\"1\"", false),
            // What a float can't tell apart an integer can.
            ("9007199254740993", "9007199254740992.0", false),
            ("9007199254740992", "9007199254740992.0", true),
            ("18446744073709551615", "18446744073709551616.0", false),
            ("1e300", "1E300", true),
            (r#"{"a":1,"b":2}"#, r#"{"b":2.0,"a":1}"#, true),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false),
            ("[1,2]", "[2,1]", false),
        ] {
            let [one, other] = [one, other].map(|text| serde_json::from_str::<Value>(text).unwrap());
            assert_eq!((is_same(&one, &other, false), is_same(&other, &one, false)), (same, same), "{one} {other}");
            let [one, other] = [one, other].map(|mut value| {
                normalize(&mut value);
                value
            });
            assert_eq!(one == other, same, "{one} {other}");
        }
    }
}
