//! The same advice at the prompt, where commands say for the next connection what flags say for the first.

/// What is done there in the place of flags, the longer before what they are part of.
const COMMANDS: [(&str, &str); 5] = [
    (
        "-u NAME:PASSWORD or --bearer TOKEN send credentials",
        "/auth NAME or /auth bearer, and then /reconnect, send credentials",
    ),
    ("-u NAME:PASSWORD sends", "/auth NAME, and then /reconnect, sends"),
    ("--bearer TOKEN sends", "/auth bearer, and then /reconnect, sends"),
    ("(-u, --bearer, -b)", "(/auth, /header Cookie: …)"),
    ("-H 'Authorization: …' sends any header", "/header Authorization: … sends any header"),
];

/// What there is to say of it at the prompt.
pub(crate) fn at_the_prompt(advice: &str) -> String {
    COMMANDS.iter().fold(advice.to_owned(), |told, (flags, command)| told.replace(flags, command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_in_the_place_of_flags() {
        for (advice, told) in [
            (
                "-u NAME:PASSWORD or --bearer TOKEN send credentials",
                "/auth NAME or /auth bearer, and then /reconnect, send credentials",
            ),
            (
                "the server may want credentials (-u, --bearer, -b), another Origin, or another path",
                "the server may want credentials (/auth, /header Cookie: …), another Origin, or another path",
            ),
            ("is the path of the URL right?", "is the path of the URL right?"),
        ] {
            assert_eq!(at_the_prompt(advice), told);
        }
    }
}
