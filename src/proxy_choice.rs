pub(crate) fn choose(
    _: bool,
    _: &str,
    _: u16,
    flag: Option<&str>,
    _: Option<&str>,
    _: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    flag.map(str::to_owned)
}
