//! Several things in a sentence.

/// `a, b or c`, with `or` as the conjunction.
pub(crate) fn enumeration<T: AsRef<str>>(names: impl IntoIterator<Item = T>, conjunction: &str) -> String {
    let names: Vec<T> = names.into_iter().collect();
    let names: Vec<&str> = names.iter().map(T::as_ref).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {conjunction} {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_has_the_conjunction() {
        assert_eq!(enumeration([""; 0], "or"), "");
        assert_eq!(enumeration(["a"], "or"), "a");
        assert_eq!(enumeration(["a", "b"], "and"), "a and b");
        assert_eq!(enumeration(["a", "b", "c"], "or"), "a, b or c");
    }
}
