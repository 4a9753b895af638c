//! JSON Schema, 2020-12, as far as one document goes: no `$ref` leads out of it, and what needs annotations
//! (`unevaluatedProperties`, `unevaluatedItems`, `$dynamicRef`) isn't there. A keyword that isn't known is refused, so that no schema
//! says less here than its author meant. docs/test-files.md has the list.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use regex::bytes::Regex;

use super::super::condition::compile;
use super::predicate::{JsonType, length};
use crate::view::amount::Count;
use crate::view::exact_json::ExactJson;
use crate::view::exact_number::ExactNumber;
use crate::view::json_pointer::Pointer;

/// What only tells people or other programs something (§8, §9 of the core; `format` is one by default, §7.2.1 of the validation).
const ANNOTATIONS: [&str; 17] = [
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "deprecated",
    "examples",
    "readOnly",
    "writeOnly",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "$vocabulary",
];

/// Schemas within schemas.
const DEEPEST: usize = 64;

/// Schemas and `$ref`s that are followed behind each other: more than a value has levels, 128 of JSON's with a `$ref` and a
/// `properties` each, so that hardly any are too many but those of a loop.
const FOLLOWED: usize = 400;

/// Schemas that are applied to one value and what is in it, some seconds of work: branches of `oneOf` that lead to themselves
/// double it with every level.
const APPLIED: u32 = 4_000_000;

/// Faults of a value that are told.
const TOLD: usize = 5;

type SchemaMembers = BTreeMap<String, ExactJson>;

/// A document that can be followed; the default one allows anything.
#[derive(Debug, Default)]
pub(crate) struct JsonSchema {
    document: ExactJson,
    /// Of its patterns.
    patterns: BTreeMap<String, Regex>,
    /// Where its `$ref`s lead.
    referred: HashSet<String>,
}

/// What is looked at: where in the value, and how deep in the schema.
struct SchemaCheck<'s> {
    schema: &'s JsonSchema,
    faults: Vec<String>,
    depth: usize,
    /// Schemas that may still be applied.
    left: &'s Cell<u32>,
}

impl JsonSchema {
    /// # Errors
    /// What is no schema, or has something in it that isn't known here, in words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let document = ExactJson::parse(text).map_err(|error| format!("it is not JSON: {error}"))?;
        let mut schema = Self { document: ExactJson::Null, patterns: BTreeMap::new(), referred: HashSet::new() };
        schema.learn(&document, &document, "", 0)?;
        schema.document = document;
        Ok(schema)
    }

    /// Checks that each keyword of a schema within the document is known, and that its value is of the right kind.
    fn learn(&mut self, document: &ExactJson, schema: &ExactJson, place: &str, depth: usize) -> Result<(), String> {
        let keywords = match schema {
            ExactJson::Boolean(_) => return Ok(()),
            ExactJson::Object(keywords) if depth < DEEPEST => keywords,
            ExactJson::Object(_) => return Err(format!("{place}: schemas are nested more than {DEEPEST} deep")),
            _ => return Err(format!("{}: a schema is an object, true or false", shown(place))),
        };
        for (keyword, rule) in keywords {
            let at = format!("{place}/{}", keyword.replace('~', "~0").replace('/', "~1"));
            let wrong = |what: &str| Err(format!("{at}: {what}"));
            match keyword.as_str() {
                "$defs" | "definitions" | "properties" | "dependentSchemas" => {
                    let ExactJson::Object(all) = rule else { return wrong("an object of schemas has to be there") };
                    for (name, inner) in all {
                        self.learn(document, inner, &format!("{at}/{name}"), depth + 1)?;
                    }
                }
                "patternProperties" => {
                    let ExactJson::Object(all) = rule else { return wrong("an object of schemas has to be there") };
                    for (pattern, inner) in all {
                        self.pattern(pattern).map_err(|why| format!("{at}: {why}"))?;
                        self.learn(document, inner, &format!("{at}/{pattern}"), depth + 1)?;
                    }
                }
                "additionalProperties" | "propertyNames" | "items" | "contains" | "not" | "if" | "then" | "else" => {
                    self.learn(document, rule, &at, depth + 1)?;
                }
                "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                    let ExactJson::Array(all) = rule else { return wrong("an array of schemas has to be there") };
                    for (number, inner) in all.iter().enumerate() {
                        self.learn(document, inner, &format!("{at}/{number}"), depth + 1)?;
                    }
                }
                "$ref" => {
                    let target = rule.as_str().and_then(|rule| resolved(document, rule));
                    let Some(target) = target else {
                        return wrong("it leads to no place of this document, as #/$defs/name does");
                    };
                    // It may be no place of schemas, such as an example's, and is one now.
                    if self.referred.insert(rule.to_string()) {
                        self.learn(document, target, rule.as_str().unwrap_or_default(), 0)?;
                    }
                }
                "pattern" => match rule.as_str().map(|pattern| self.pattern(pattern)) {
                    Some(learned) => learned.map_err(|why| format!("{at}: {why}"))?,
                    None => return wrong("a regular expression has to be there"),
                },
                keyword => {
                    if let Some(why) = fault_of_value(keyword, rule) {
                        return wrong(why);
                    }
                }
            }
        }
        Ok(())
    }

    fn pattern(&mut self, pattern: &str) -> Result<(), String> {
        if !self.patterns.contains_key(pattern) {
            let regex = compile(pattern).map_err(|error| error.why)?;
            self.patterns.insert(pattern.to_owned(), regex);
        }
        Ok(())
    }

    /// What is wrong with a value, a line each, the first few; empty for one that is as it has to be.
    pub(crate) fn faults(&self, value: &ExactJson) -> Vec<String> {
        let left = Cell::new(APPLIED);
        let mut check = SchemaCheck { schema: self, faults: Vec::new(), depth: 0, left: &left };
        check.value(&self.document, value, "");
        if left.get() == 0 {
            // Whatever was found: what was not looked at may have turned it.
            return vec![format!("the schema would have to be applied more than {APPLIED} times")];
        }
        check.faults.truncate(TOLD);
        check.faults
    }
}

impl<'s> SchemaCheck<'s> {
    /// Adds what is wrong with the value at a place.
    fn value(&mut self, schema: &'s ExactJson, value: &ExactJson, place: &str) {
        if self.faults.len() > TOLD || self.left.get() == 0 {
            return;
        }
        self.left.set(self.left.get() - 1);
        let keywords = match schema {
            ExactJson::Object(keywords) if self.depth < FOLLOWED => keywords,
            ExactJson::Object(_) => return self.fault(place, "the schema has a loop of $ref".to_owned()),
            ExactJson::Boolean(false) => return self.fault(place, "nothing may be here".to_owned()),
            _ => return,
        };
        self.depth += 1;
        for (keyword, rule) in keywords {
            self.keyword(keywords, keyword, rule, value, place);
        }
        self.depth -= 1;
    }

    fn keyword(
        &mut self,
        keywords: &'s SchemaMembers,
        keyword: &str,
        rule: &'s ExactJson,
        value: &ExactJson,
        place: &str,
    ) {
        match keyword {
            "$ref" => {
                let target = rule.as_str().and_then(|rule| resolved(&self.schema.document, rule));
                target.into_iter().for_each(|target| self.value(target, value, place));
            }
            "allOf" => all(rule).iter().for_each(|schema| self.value(schema, value, place)),
            "anyOf" if !all(rule).iter().any(|schema| self.is_met(schema, value)) => {
                self.fault(place, "it meets none of anyOf".to_owned());
            }
            "oneOf" => {
                let met = all(rule).iter().filter(|schema| self.is_met(schema, value)).count();
                if met != 1 {
                    self.fault(place, format!("it meets {met} of oneOf"));
                }
            }
            "not" if self.is_met(rule, value) => self.fault(place, "it meets what it must not".to_owned()),
            "if" => {
                let branch = if self.is_met(rule, value) { "then" } else { "else" };
                keywords.get(branch).into_iter().for_each(|schema| self.value(schema, value, place));
            }
            _ => {
                if let Some(why) = plain_fault(keyword, rule, value, &self.schema.patterns) {
                    self.fault(place, why);
                }
                match value {
                    ExactJson::Object(members) => self.members(keywords, keyword, rule, (value, members), place),
                    ExactJson::Array(elements) => self.elements(keywords, keyword, rule, elements, place),
                    _ => {}
                }
            }
        }
    }

    fn members(
        &mut self,
        keywords: &'s SchemaMembers,
        keyword: &str,
        rule: &'s ExactJson,
        (whole, members): (&ExactJson, &SchemaMembers),
        place: &str,
    ) {
        let rules = || rule.as_object().into_iter().flatten();
        match keyword {
            "properties" => {
                for (name, schema) in rules() {
                    members.get(name).into_iter().for_each(|member| self.value(schema, member, &within(place, name)));
                }
            }
            "patternProperties" => {
                for (pattern, schema) in rules() {
                    let matching = members.iter().filter(|(name, _)| self.schema.matches(pattern, name));
                    let matching: Vec<_> = matching.collect();
                    matching.into_iter().for_each(|(name, member)| self.value(schema, member, &within(place, name)));
                }
            }
            "additionalProperties" => {
                let named = keywords.get("properties").and_then(ExactJson::as_object);
                let patterns = keywords.get("patternProperties").and_then(ExactJson::as_object);
                for (name, member) in members {
                    let is_named = named.is_some_and(|named| named.contains_key(name));
                    let mut patterns = patterns.into_iter().flatten();
                    if !is_named && !patterns.any(|(pattern, _)| self.schema.matches(pattern, name)) {
                        self.value(rule, member, &within(place, name));
                    }
                }
            }
            "propertyNames" => {
                for name in members.keys() {
                    if !self.is_met(rule, &ExactJson::Text(name.clone())) {
                        self.fault(&within(place, name), "the name is not as it has to be".to_owned());
                    }
                }
            }
            "dependentSchemas" => {
                for (_, schema) in rules().filter(|(name, _)| members.contains_key(*name)) {
                    self.value(schema, whole, place);
                }
            }
            _ => {}
        }
    }

    fn elements(
        &mut self,
        keywords: &'s SchemaMembers,
        keyword: &str,
        rule: &'s ExactJson,
        elements: &[ExactJson],
        place: &str,
    ) {
        let before = keywords.get("prefixItems").map_or(&[][..], all);
        match keyword {
            "prefixItems" => {
                for (number, (schema, element)) in before.iter().zip(elements).enumerate() {
                    self.value(schema, element, &format!("{place}/{number}"));
                }
            }
            "items" => {
                for (number, element) in elements.iter().enumerate().skip(before.len()) {
                    self.value(rule, element, &format!("{place}/{number}"));
                }
            }
            "contains" => {
                let count = elements.iter().filter(|element| self.is_met(rule, element)).count() as u64;
                let bound = |name: &str| keywords.get(name).and_then(whole);
                if count < bound("minContains").unwrap_or(1) || bound("maxContains").is_some_and(|most| count > most) {
                    self.fault(place, format!("it has {count} elements that are as contains says"));
                }
            }
            _ => {}
        }
    }

    fn is_met(&self, schema: &'s ExactJson, value: &ExactJson) -> bool {
        let mut check = SchemaCheck { schema: self.schema, faults: Vec::new(), depth: self.depth, left: self.left };
        check.value(schema, value, "");
        check.faults.is_empty()
    }

    fn fault(&mut self, place: &str, why: String) {
        self.faults.push(format!("{}: {why}", shown(place)));
    }
}

impl JsonSchema {
    fn matches(&self, pattern: &str, name: &str) -> bool {
        self.patterns.get(pattern).is_some_and(|regex| regex.is_match(name.as_bytes()))
    }
}

/// What is wrong with the value itself, without what is in it.
fn plain_fault(
    keyword: &str,
    rule: &ExactJson,
    value: &ExactJson,
    patterns: &BTreeMap<String, Regex>,
) -> Option<String> {
    let bounded = |is_met: fn(&ExactNumber, &ExactNumber) -> bool| {
        number(value).zip(number(rule)).is_none_or(|(is, of)| is_met(&is, &of))
    };
    let length_is = |of: JsonType, is_met: fn(u64, u64) -> bool| {
        !of.is_of(value) || length(value).zip(whole(rule)).is_none_or(|(is, of)| is_met(is, of))
    };
    let is_met = match keyword {
        "type" => {
            let mut names = rule.as_array().unwrap_or(std::slice::from_ref(rule)).iter();
            names.any(|name| name.as_str().and_then(JsonType::named).is_some_and(|is| is.is_of(value)))
        }
        "const" => rule == value,
        "enum" => all(rule).contains(value),
        "minimum" => bounded(|is, of| is >= of),
        "maximum" => bounded(|is, of| is <= of),
        "exclusiveMinimum" => bounded(|is, of| is > of),
        "exclusiveMaximum" => bounded(|is, of| is < of),
        "multipleOf" => bounded(ExactNumber::is_multiple_of),
        "minLength" => length_is(JsonType::Text, |is, of| is >= of),
        "maxLength" => length_is(JsonType::Text, |is, of| is <= of),
        "minItems" => length_is(JsonType::Array, |is, of| is >= of),
        "maxItems" => length_is(JsonType::Array, |is, of| is <= of),
        "minProperties" => length_is(JsonType::Object, |is, of| is >= of),
        "maxProperties" => length_is(JsonType::Object, |is, of| is <= of),
        "pattern" => {
            let regex = rule.as_str().and_then(|pattern| patterns.get(pattern));
            value.as_str().zip(regex).is_none_or(|(text, regex)| regex.is_match(text.as_bytes()))
        }
        "uniqueItems" if *rule == ExactJson::Boolean(true) => {
            // By what is written of each, for there may be very many.
            let mut seen = HashSet::new();
            let mut is_new = |element: &ExactJson| seen.insert(element.normal_text());
            value.as_array().is_none_or(|elements| elements.iter().all(&mut is_new))
        }
        "required" => return missing(value, all(rule)).map(|name| format!("{name} is missing")),
        "dependentRequired" => {
            let there = rule.as_object().into_iter().flatten().filter(|(name, _)| is_member(value, name));
            let mut missing = there.filter_map(|(name, wanted)| Some((name, missing(value, all(wanted))?)));
            return missing.next().map(|(name, missing)| format!("{missing} is missing, which {name} needs"));
        }
        _ => true,
    };
    (!is_met).then(|| format!("{} {}", named_value(value), unmet(keyword, rule)))
}

/// The value where it is short, and else what it is: a part of it could be the part of a secret that nothing masks.
fn named_value(value: &ExactJson) -> String {
    const SHORT: usize = 60;
    let written = value.to_string();
    match value {
        _ if written.len() <= SHORT => written,
        ExactJson::Text(text) => format!("the string of {}", Count(text.chars().count() as u64, "character")),
        ExactJson::Array(elements) => format!("the array of {}", Count(elements.len() as u64, "element")),
        ExactJson::Object(members) => format!("the object of {}", Count(members.len() as u64, "member")),
        _ => "the number".to_owned(),
    }
}

/// What a value is, or isn't, that doesn't meet a keyword.
fn unmet(keyword: &str, rule: &ExactJson) -> String {
    let says = match keyword {
        "type" => "is not of type",
        "const" => "is not",
        "enum" => "is not one of",
        "minimum" => "is less than the minimum",
        "maximum" => "is more than the maximum",
        "exclusiveMinimum" => "is not more than",
        "exclusiveMaximum" => "is not less than",
        "multipleOf" => "is not a multiple of",
        "pattern" => "does not match the pattern",
        "minLength" => "is shorter than minLength",
        "maxLength" => "is longer than maxLength",
        "minItems" => "has fewer elements than minItems",
        "maxItems" => "has more elements than maxItems",
        "minProperties" => "has fewer members than minProperties",
        "maxProperties" => "has more members than maxProperties",
        "uniqueItems" => return "has equal elements, and uniqueItems forbids them".to_owned(),
        other => return format!("is not as {other} says, {rule}"),
    };
    format!("{says} {rule}")
}

fn is_member(value: &ExactJson, name: &str) -> bool {
    value.as_object().is_some_and(|members| members.contains_key(name))
}

/// The first of these names that an object hasn't.
fn missing<'n>(value: &ExactJson, names: &'n [ExactJson]) -> Option<&'n str> {
    let members = value.as_object()?;
    names.iter().filter_map(ExactJson::as_str).find(|name| !members.contains_key(*name))
}

/// What is wrong with the value of a keyword that has no schemas in it, or with the keyword.
fn fault_of_value(keyword: &str, rule: &ExactJson) -> Option<&'static str> {
    let is_type = |name: &ExactJson| name.as_str().and_then(JsonType::named).is_some();
    let (is_right, has_to_be) = match keyword {
        "type" => {
            let is_right = rule.as_array().unwrap_or(std::slice::from_ref(rule)).iter().all(is_type);
            (is_right, "it is not a type of JSON")
        }
        "enum" => (rule.as_array().is_some(), "an array has to be there"),
        "required" => (is_names(rule), "an array of names has to be there"),
        "dependentRequired" => {
            let is_right = rule.as_object().is_some_and(|rules| rules.values().all(is_names));
            (is_right, "an object of arrays of names has to be there")
        }
        "multipleOf" if !number(rule).is_none_or(|divisor| divisor.is_positive()) => {
            (false, "a number above 0 has to be there")
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            (number(rule).is_some(), "a number has to be there")
        }
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" | "minContains"
        | "maxContains" => (whole(rule).is_some(), "a whole number has to be there"),
        "uniqueItems" => (JsonType::Boolean.is_of(rule), "true or false has to be there"),
        keyword => {
            let is_right = ANNOTATIONS.contains(&keyword) || is_known(keyword);
            (is_right, "this keyword of JSON Schema is not supported")
        }
    };
    (!is_right).then_some(has_to_be)
}

/// Keywords that are looked at where a value is, and have been checked as far as they can be.
fn is_known(keyword: &str) -> bool {
    const KNOWN: [&str; 17] = [
        "const",
        "enum",
        "required",
        "dependentRequired",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "uniqueItems",
        "minContains",
    ];
    KNOWN.contains(&keyword) || keyword == "maxContains"
}

/// Where a `$ref` leads within the document: `#`, or `#/pointer`.
fn resolved<'d>(document: &'d ExactJson, reference: &str) -> Option<&'d ExactJson> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_encoding::percent_decode_str(fragment).decode_utf8().ok()?;
    document.get(&Pointer::parse(&pointer).ok()?)
}

fn is_names(rule: &ExactJson) -> bool {
    rule.as_array().is_some_and(|names| names.iter().all(|name| name.as_str().is_some()))
}

fn all(rule: &ExactJson) -> &[ExactJson] {
    rule.as_array().unwrap_or_default()
}

fn number(of: &ExactJson) -> Option<ExactNumber> {
    of.as_number()?.exact()
}

fn whole(rule: &ExactJson) -> Option<u64> {
    let float = rule.as_number()?.to_f64();
    (float.fract() == 0.0 && float >= 0.0).then_some(float as u64)
}

fn within(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn shown(place: &str) -> &str {
    if place.is_empty() { "the document" } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_nests_is_looked_at_in_bounded_time() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let value = |text: &str| ExactJson::parse(text).unwrap();
        let list = JsonSchema::parse(r##"{"anyOf":[{"type":"integer"},{"items":{"$ref":"#"}}]}"##).unwrap();
        assert_eq!(list.faults(&value(&nested(120))), [""; 0]);
        let doubles = r##"{"oneOf":[{"items":{"$ref":"#"},"minItems":2},{"items":{"$ref":"#"}}]}"##;
        let faults = JsonSchema::parse(doubles).unwrap().faults(&value(&nested(100)));
        assert_eq!(faults, ["the schema would have to be applied more than 4000000 times"]);
        let faults = JsonSchema::parse(r##"{"$ref":"#"}"##).unwrap().faults(&ExactJson::Null);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].ends_with("the schema has a loop of $ref"), "{faults:?}");
    }

    #[test]
    fn a_value_is_as_its_schema_says() {
        for (schema, valid, invalid, says) in [
            (r#"{"type":"string"}"#, r#""a""#, "1", "the document: 1 is not of type \"string\""),
            (r#"{"type":["integer","null"]}"#, "1.0", "1.5", "1.5 is not of type [\"integer\",\"null\"]"),
            (r#"{"const":{"a":1.0}}"#, r#"{"a":1}"#, r#"{"a":2}"#, "{\"a\":2} is not {\"a\":1.0}"),
            (r#"{"enum":["a",1]}"#, "1", r#""b""#, "\"b\" is not one of [\"a\",1]"),
            (r#"{"minimum":0,"exclusiveMaximum":3}"#, "0", "3", "3 is not less than 3"),
            (r#"{"multipleOf":0.01}"#, "19.99", "19.995", "19.995 is not a multiple of 0.01"),
            (
                r#"{"const":[18446744073709551616]}"#,
                "[18446744073709551616.0]",
                "[18446744073709551617]",
                "is not [184",
            ),
            (r#"{"enum":[0.1]}"#, "1e-1", "0.1000000000000000055", "is not one of [0.1]"),
            (
                r#"{"maximum":18446744073709551616}"#,
                "18446744073709551616",
                "18446744073709551617",
                "is more than the maximum 184",
            ),
            (r#"{"type":"integer"}"#, "1e2", "18446744073709551616.5", "is not of type \"integer\""),
            (r#"{"uniqueItems":true}"#, "[18446744073709551616,18446744073709551617]", "[10,1e1]", "uniqueItems"),
            (r#"{"minLength":2,"maxLength":3}"#, r#""éé""#, r#""é""#, "is shorter than minLength 2"),
            (r#"{"pattern":"^a\\d+$"}"#, r#""a12""#, r#""b""#, "\"b\" does not match the pattern \"^a\\\\d+$\""),
            (r#"{"required":["a"]}"#, r#"{"a":null}"#, "{}", "a is missing"),
            (r#"{"dependentRequired":{"a":["b"]}}"#, r#"{"b":1}"#, r#"{"a":1}"#, "b is missing, which a needs"),
            (
                r#"{"properties":{"a":{"items":{"type":"number"}}}}"#,
                r#"{"a":[1]}"#,
                r#"{"a":[1,"2"]}"#,
                "/a/1: \"2\" is not of type",
            ),
            (
                r#"{"properties":{"a":{}},"patternProperties":{"^x-":true},"additionalProperties":false}"#,
                r#"{"a":1,"x-b":2}"#,
                r#"{"b/c":1}"#,
                "/b~1c: nothing may be here",
            ),
            (r#"{"propertyNames":{"maxLength":1}}"#, r#"{"a":1}"#, r#"{"ab":1}"#, "/ab: the name"),
            (r#"{"minProperties":1}"#, r#"{"a":1}"#, "{}", "minProperties"),
            (
                r#"{"prefixItems":[{"type":"string"}],"items":{"type":"number"}}"#,
                r#"["a",1]"#,
                r#"["a","b"]"#,
                "/1: \"b\" is not of type",
            ),
            (r#"{"contains":{"const":1},"maxContains":1}"#, "[1,2]", "[1,1]", "it has 2 elements"),
            (r#"{"contains":{"const":1}}"#, "[1]", "[]", "it has 0 elements"),
            (r#"{"minItems":1,"maxItems":2,"uniqueItems":true}"#, "[1,2]", "[1,1.0]", "uniqueItems"),
            (r#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, "1.5", "3", "3 is more than the maximum 2"),
            (r#"{"anyOf":[{"type":"string"},{"minimum":5}]}"#, "5", "4", "none of anyOf"),
            (r#"{"oneOf":[{"type":"number"},{"minimum":5}]}"#, "4", "6", "it meets 2 of oneOf"),
            (r#"{"not":{"type":"null"}}"#, "1", "null", "what it must not"),
            (
                r#"{"if":{"minimum":10},"then":{"multipleOf":10},"else":{"maximum":5}}"#,
                "20",
                "7",
                "7 is more than the maximum 5",
            ),
            (
                r##"{"$ref":"#/$defs/tree","$defs":{"tree":{"properties":{"next":{"$ref":"#/$defs/tree"},"n":{"type":"integer"}}}}}"##,
                r#"{"n":1,"next":{"n":2,"next":{}}}"#,
                r#"{"next":{"next":{"n":"x"}}}"#,
                "/next/next/n: \"x\" is not of type \"integer\"",
            ),
            ("true", "1", "", ""),
        ] {
            let parsed = JsonSchema::parse(schema).unwrap_or_else(|why| panic!("{schema}: {why}"));
            let faults = |value: &str| parsed.faults(&ExactJson::parse(value).unwrap());
            assert_eq!(faults(valid), [""; 0], "{schema} {valid}");
            if !invalid.is_empty() {
                let found = faults(invalid);
                assert!(found.len() == 1 && found[0].contains(says), "{schema} {invalid}: {found:?}");
            }
        }
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for (schema, says) in [
            ("{", "it is not JSON"),
            ("1", "the document: a schema is an object"),
            (
                r#"{"properties":{"a":{"typ":"string"}}}"#,
                "/properties/a/typ: this keyword of JSON Schema is not supported",
            ),
            (r#"{"unevaluatedProperties":false}"#, "not supported"),
            (r#"{"type":"text"}"#, "/type: it is not a type of JSON"),
            (r#"{"pattern":"("}"#, "/pattern: "),
            (r#"{"minLength":-1}"#, "a whole number"),
            (r##"{"$ref":"#/$defs/a"}"##, "/$ref: it leads to no place"),
            (r#"{"$ref":"https://example.com/a.json"}"#, "it leads to no place of this document"),
            (r#"{"items":[{}]}"#, "/items: a schema is an object"),
        ] {
            let why = JsonSchema::parse(schema).map(drop).unwrap_err();
            assert!(why.contains(says), "{schema}: {why}");
        }
    }

    #[test]
    fn a_schema_that_leads_round_ends() {
        let schema = JsonSchema::parse(r##"{"$ref":"#"}"##).unwrap();
        assert_eq!(schema.faults(&ExactJson::Null), ["the document: the schema has a loop of $ref"]);
    }
}
