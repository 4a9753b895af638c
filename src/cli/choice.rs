//! Values that are one of the names in a table of a layer below, or a number in a range.

use std::fmt::Display;
use std::ops::Bound::Included;
use std::ops::RangeBounds;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::values::named;

/// One of `names`.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    names: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    one_described(names, |_| None)
}

/// One of `names`, each with what `--help` says about it.
pub(super) fn one_described<T: Copy + Send + Sync + 'static>(
    names: &'static [(&'static str, T)],
    help: fn(T) -> Option<&'static str>,
) -> impl TypedValueParser<Value = T> {
    let values = names.iter().map(|(name, value)| match help(*value) {
        Some(help) => PossibleValue::new(*name).help(help),
        None => PossibleValue::new(*name),
    });
    let value_of =
        |given: String| named(names, &given).ok_or_else(|| format!("{given:?} is not in the table of names"));
    PossibleValuesParser::new(values).try_map(value_of)
}

/// A whole number in this range, which an error tells in words.
pub(super) fn whole_number<T, R>(range: R) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + Display,
    R: RangeBounds<T> + Clone,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| match (range.start_bound(), range.end_bound()) {
            (Included(least), Included(most)) => format!("it has to be a whole number from {least} to {most}"),
            (Included(least), _) => format!("it has to be a whole number, {least} or more"),
            _ => "it has to be a whole number".to_owned(),
        })
    }
}

/// A flag's help with the names in a sentence, `what: NAME (HELP), NAME`, for more of them than a list has room for.
pub(super) fn in_a_sentence<T: Copy>(
    what: &str,
    names: &[(&'static str, T)],
    help: fn(T) -> Option<&'static str>,
) -> String {
    let named = names.iter().map(|(name, value)| match help(*value) {
        Some(help) => format!("{name} ({help})"),
        None => (*name).to_owned(),
    });
    format!("{what}: {}", named.collect::<Vec<_>>().join(", "))
}
