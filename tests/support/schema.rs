//! The schemas of docs/ (JSON Schema 2020-12), as far as they go: a keyword that isn't known here fails every test that meets it.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// What only tells people or other programs something.
const ANNOTATIONS: [&str; 5] = ["$schema", "title", "description", "format", "contentEncoding"];

pub(crate) struct Schema(Value);

impl Schema {
    /// That of docs/ with this name.
    pub(crate) fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    /// Asserts that the value is as the schema says.
    #[track_caller]
    pub(crate) fn check(&self, value: &Value) {
        let mut faults = Vec::new();
        judge(&self.0, value, "", &mut faults);
        assert!(faults.is_empty(), "{faults:#?}\n{value:#}");
    }
}

/// Adds what is wrong with the value, by its place.
fn judge(schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    let schema = schema.as_object().expect("a schema is an object");
    for (keyword, rule) in schema {
        if !is_met(keyword, rule, schema, value, place, faults) {
            faults.push(format!("{place:?} breaks {keyword} {rule}"));
        }
    }
}

/// Whether the value itself is as this keyword says; faults of what is in it are added.
fn is_met(
    keyword: &str,
    rule: &Value,
    schema: &Map<String, Value>,
    value: &Value,
    place: &str,
    faults: &mut Vec<String>,
) -> bool {
    match keyword {
        "type" => any_of(rule).any(|name| is_of_type(value, name.as_str().unwrap())),
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
        "oneOf" => {
            let is_met = |schema: &&Value| {
                let mut faults = Vec::new();
                judge(schema, value, place, &mut faults);
                faults.is_empty()
            };
            rule.as_array().unwrap().iter().filter(is_met).count() == 1
        }
        "required" => rule.as_array().unwrap().iter().all(|name| {
            let name = name.as_str().unwrap();
            value.as_object().is_none_or(|object| object.contains_key(name))
        }),
        "items" => {
            for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                judge(rule, item, &format!("{place}/{number}"), faults);
            }
            true
        }
        "properties" => {
            let rules = rule.as_object().unwrap();
            for (name, rule) in rules {
                value.get(name).into_iter().for_each(|part| judge(rule, part, &format!("{place}/{name}"), faults));
            }
            true
        }
        "additionalProperties" => {
            assert_eq!(rule, &Value::Bool(false), "no schema of ours has any other");
            let known = schema.get("properties").and_then(Value::as_object);
            let mut names = value.as_object().into_iter().flat_map(Map::keys);
            names.all(|name| known.is_some_and(|known| known.contains_key(name)))
        }
        annotation if ANNOTATIONS.contains(&annotation) => true,
        unknown => panic!("{unknown} is not known of a schema"),
    }
}

/// A name, or each of several.
fn any_of(names: &Value) -> impl Iterator<Item = &Value> {
    names.as_array().map_or(std::slice::from_ref(names), Vec::as_slice).iter()
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => panic!("{name} is not a type"),
    }
}

#[test]
fn each_keyword_is_held_to() {
    let faults = |schema: &str, value: &str| {
        let (schema, value) = (serde_json::from_str(schema).unwrap(), serde_json::from_str(value).unwrap());
        let mut faults = Vec::new();
        judge(&schema, &value, "", &mut faults);
        faults.len()
    };
    for (schema, valid, invalid) in [
        (r#"{"type":"string"}"#, r#""""#, "1"),
        (r#"{"type":["string","null"]}"#, "null", "[]"),
        (r#"{"type":"integer"}"#, "2", "2.5"),
        (r#"{"type":"number"}"#, "2.5", "true"),
        (r#"{"type":"boolean"}"#, "true", "null"),
        (r#"{"const":1}"#, "1", "2"),
        (r#"{"enum":["a","b"]}"#, r#""b""#, r#""c""#),
        (r#"{"minimum":0,"maximum":3}"#, "3", "3.5"),
        (r#"{"minimum":0}"#, "0", "-1"),
        (r#"{"type":"array","minItems":1}"#, "[0]", "[]"),
        (r#"{"items":{"type":"integer"}}"#, "[1,2]", r#"[1,"2"]"#),
        (r#"{"required":["a"]}"#, r#"{"a":1}"#, r#"{"b":1}"#),
        (
            r#"{"properties":{"a":{"type":"object","properties":{"b":{"const":1}}}}}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":{"b":2}}"#,
        ),
        (r#"{"oneOf":[{"minimum":2},{"maximum":3}]}"#, "1", "2"),
        (r#"{"oneOf":[{"const":1},{"const":2}]}"#, "2", "3"),
        (r#"{"properties":{"a":{}},"additionalProperties":false}"#, r#"{"a":1}"#, r#"{"a":1,"b":1}"#),
    ] {
        assert_eq!((faults(schema, valid), faults(schema, invalid)), (0, 1), "{schema}");
    }
}
