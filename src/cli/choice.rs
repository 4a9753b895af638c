//! Values that are one of the names in a table of a layer below.

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
