//! The same advice wherever it is read: on the command line, where flags give what it speaks of, in a test file, where steps do,
//! and at the prompt, where commands do.

use std::borrow::Cow;
use std::fmt;

use crate::error::{Advice, Error, Phrase, Remedy, Wording};

/// Where something is read, and so what can be done there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    CommandLine,
    TestFile,
    /// `connected`: beside a connection that stays open, what leads to the other server is another `/connect` alone.
    Prompt {
        connected: bool,
    },
}

/// What gives something, and the value that stands for one.
struct Flag {
    name: &'static str,
    value: &'static str,
}

/// What gives the same in a test.
enum InTests {
    /// A line below `connect`, which begins so.
    Line(&'static str),
    /// The flag, for all connections.
    Flag,
    Nothing,
}

/// What gives the same at the prompt.
enum AtThePrompt {
    /// A command that changes the next request, what stands for the value of it, and what the command is called.
    Request {
        command: &'static str,
        value: &'static str,
    },
    /// A command that does it.
    Command {
        command: &'static str,
        value: &'static str,
    },
    /// The flag, behind `/connect`.
    Connect,
    Nothing,
}

use AtThePrompt::{Command, Connect, Request};
use InTests::Line;

/// Every way to give something: as a flag, in a test, at the prompt.
fn ways(remedy: Remedy) -> (Flag, InTests, AtThePrompt) {
    let flag = |name, value| Flag { name, value };
    let request = |command, value| Request { command, value };
    match remedy {
        Remedy::User => (flag("-u", "NAME:PASSWORD"), Line("user"), request("/auth", "NAME")),
        Remedy::Bearer => (flag("--bearer", "TOKEN"), Line("bearer"), request("/auth bearer", "")),
        Remedy::Digest => (flag("--digest", ""), InTests::Nothing, AtThePrompt::Nothing),
        Remedy::Header => (flag("-H", "Name: value"), Line("header"), request("/header", "Name: value")),
        Remedy::Cookie => (flag("-b", "NAME=VALUE"), Line("cookie"), request("/header Cookie:", "NAME=VALUE")),
        Remedy::Origin => (flag("--origin", "URL"), Line("origin"), Connect),
        Remedy::Host => (flag("--host", "NAME"), Line("header Host:"), Connect),
        Remedy::UserAgent => (flag("-A", "NAME"), Line("header User-Agent:"), Connect),
        Remedy::Referer => (flag("-e", "URL"), Line("header Referer:"), Connect),
        Remedy::Subprotocol => (flag("--subprotocol", "NAME"), Line("subprotocol"), Connect),
        Remedy::NoCompression => (flag("--no-compress", ""), Line("no-compress"), Connect),
        Remedy::AnyAnswer => (flag("--no-check", ""), InTests::Nothing, Connect),
        Remedy::FollowRedirects => (flag("-L", ""), InTests::Flag, Connect),
        Remedy::MostRedirects => (flag("--max-redirs", "N"), InTests::Flag, Connect),
        Remedy::Downgrade => (flag("--location-downgrade", ""), InTests::Flag, Connect),
        Remedy::TrustedRedirects => (flag("--location-trusted", ""), InTests::Flag, Connect),
        // A flag of the command alone: there is nothing to keep before the first connection.
        Remedy::KeepCredentials => (flag("--keep-credentials", ""), InTests::Nothing, Connect),
        Remedy::Proxy => (flag("-x", "URL"), InTests::Flag, Connect),
        Remedy::ProxyUser => (flag("-U", "NAME:PASSWORD"), InTests::Flag, Connect),
        Remedy::ProxyDigest => (flag("--proxy-digest", ""), InTests::Flag, AtThePrompt::Nothing),
        Remedy::NoProxy => (flag("--noproxy", "HOST"), InTests::Flag, Connect),
        Remedy::Authorities => (flag("--cacert", "FILE"), Line("cacert"), Connect),
        Remedy::AnyCertificate => (flag("-k", ""), Line("insecure"), Connect),
        Remedy::ClientCertificate => (flag("--cert", "FILE"), Line("cert"), Connect),
        Remedy::ClientKey => (flag("--key", "FILE"), Line("key"), Connect),
        Remedy::ServerName => (flag("--sni", "NAME"), InTests::Flag, Connect),
        Remedy::OldestTls => (flag("--tls-min", "VERSION"), InTests::Flag, Connect),
        Remedy::NewestTls => (flag("--tls-max", "VERSION"), InTests::Flag, Connect),
        Remedy::ApplicationProtocols => (flag("--alpn", "NAME"), InTests::Flag, Connect),
        Remedy::Retry => (flag("--retry", "N"), InTests::Flag, Connect),
        Remedy::Reconnect => (flag("--reconnect", ""), InTests::Nothing, Connect),
        Remedy::LargerBody => (flag("--max-body", "SIZE"), InTests::Nothing, Connect),
        Remedy::Verbose => (flag("-v", ""), InTests::Nothing, Connect),
        Remedy::Message => (flag("-d", "TEXT"), InTests::Nothing, AtThePrompt::Nothing),
        Remedy::RecordedConnection => {
            (flag("--connection", "N"), InTests::Nothing, AtThePrompt::Command { command: "/replay FILE", value: "N" })
        }
    }
}

impl Flag {
    /// As it is typed, quoted as a shell takes it.
    fn typed(&self, value: Option<&str>) -> String {
        match value.unwrap_or(self.value) {
            "" => self.name.into(),
            value if value.contains(' ') => format!("{} '{value}'", self.name),
            value => format!("{} {value}", self.name),
        }
    }
}

/// A command or a line of a test, and what follows it.
fn begun(beginning: &str, value: &str) -> String {
    if value.is_empty() { beginning.to_owned() } else { format!("{beginning} {value}") }
}

impl Dialect {
    /// A sentence in it; `None` where it speaks of what can't be given here.
    pub(crate) fn sentence(self, wording: &Wording) -> Option<String> {
        let phrases: Option<Vec<_>> = wording.0.iter().map(|phrase| self.phrase(phrase)).collect();
        let mut phrases = phrases?;
        // A command that changes the next request sends nothing by itself.
        if let Some(last) = wording.0.iter().rposition(|phrase| self.changes_next_request(phrase)) {
            let is_end = last + 1 == phrases.len();
            phrases[last].to_mut().push_str(if is_end { " and then /reconnect" } else { ", and then /reconnect," });
        }
        Some(phrases.concat())
    }

    /// As much of some advice as there is to say in it; `None` is left of nothing.
    pub(crate) fn advice(self, advice: &Advice) -> Option<String> {
        let clauses: Vec<_> = advice.0.iter().filter_map(|clause| self.sentence(clause)).collect();
        (!clauses.is_empty()).then(|| clauses.join("; "))
    }

    fn phrase<'a>(self, phrase: &'a Phrase) -> Option<Cow<'a, str>> {
        Some(match phrase {
            Phrase::Words(words) => Cow::Borrowed(words),
            Phrase::Named(remedy) => self.named(*remedy)?.into(),
            Phrase::Given(remedy, value) => self.given(*remedy, value.as_deref())?.into(),
            Phrase::Together(remedies) => self.together(remedies)?.into(),
        })
    }

    fn named(self, remedy: Remedy) -> Option<String> {
        let (flag, in_tests, at_the_prompt) = ways(remedy);
        Some(match (self, in_tests, at_the_prompt) {
            (Self::TestFile, Line(line), _) => line.trim_end_matches(':').into(),
            (Self::CommandLine, ..) | (Self::TestFile, InTests::Flag, _) => flag.name.into(),
            (Self::Prompt { connected: false }, _, Request { command, .. }) if command.ends_with(':') => {
                begun(command, "…")
            }
            (Self::Prompt { connected: false }, _, Request { command, .. })
            | (Self::Prompt { .. }, _, Command { command, .. }) => command.into(),
            (Self::Prompt { .. }, _, Request { .. } | Connect) => format!("/connect {} …", flag.name),
            (Self::TestFile, InTests::Nothing, _) | (Self::Prompt { .. }, _, AtThePrompt::Nothing) => return None,
        })
    }

    fn given(self, remedy: Remedy, given: Option<&str>) -> Option<String> {
        let (flag, in_tests, at_the_prompt) = ways(remedy);
        Some(match (self, in_tests, at_the_prompt) {
            (Self::TestFile, Line(line), _) => begun(line, given.unwrap_or(flag.value)),
            (Self::CommandLine, ..) | (Self::TestFile, InTests::Flag, _) => flag.typed(given),
            (Self::Prompt { connected: false }, _, Request { command, value })
            | (Self::Prompt { .. }, _, Command { command, value }) => begun(command, given.unwrap_or(value)),
            (Self::Prompt { .. }, _, Request { .. } | Connect) => format!("/connect {} …", flag.typed(given)),
            (Self::TestFile, InTests::Nothing, _) | (Self::Prompt { .. }, _, AtThePrompt::Nothing) => return None,
        })
    }

    fn together(self, remedies: &[Remedy]) -> Option<String> {
        match self {
            Self::CommandLine | Self::TestFile => {
                let given: Option<Vec<_>> = remedies.iter().map(|remedy| self.given(*remedy, None)).collect();
                given.map(|given| given.join(if self == Self::TestFile { " and " } else { " " }))
            }
            Self::Prompt { .. } => {
                let flags: Vec<_> = remedies.iter().map(|remedy| ways(*remedy).0.typed(None)).collect();
                Some(format!("/connect {} …", flags.join(" ")))
            }
        }
    }

    fn changes_next_request(self, phrase: &Phrase) -> bool {
        self == (Self::Prompt { connected: false })
            && matches!(phrase, Phrase::Given(remedy, _) if matches!(ways(*remedy).2, Request { .. }))
    }
}

/// As it is said where flags are given.
impl fmt::Display for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Dialect::CommandLine.sentence(self).unwrap_or_default())
    }
}

impl Error {
    /// What went wrong, in the words of where it was given.
    pub(crate) fn said_in(&self, dialect: Dialect) -> String {
        let said = match self {
            Self::Usage { what, .. } => dialect.sentence(what),
            _ => None,
        };
        said.unwrap_or_else(|| self.to_string())
    }

    /// What to do about it, where there is something.
    pub(crate) fn hint_in(&self, dialect: Dialect) -> Option<String> {
        self.hint().and_then(|hint| dialect.advice(&hint))
    }
}

/// Each remedy once.
#[cfg(test)]
const REMEDIES: [Remedy; 35] = [
    Remedy::User,
    Remedy::Bearer,
    Remedy::Digest,
    Remedy::Header,
    Remedy::Cookie,
    Remedy::Origin,
    Remedy::Host,
    Remedy::UserAgent,
    Remedy::Referer,
    Remedy::Subprotocol,
    Remedy::NoCompression,
    Remedy::AnyAnswer,
    Remedy::FollowRedirects,
    Remedy::MostRedirects,
    Remedy::Downgrade,
    Remedy::TrustedRedirects,
    Remedy::KeepCredentials,
    Remedy::Proxy,
    Remedy::ProxyUser,
    Remedy::ProxyDigest,
    Remedy::NoProxy,
    Remedy::Authorities,
    Remedy::AnyCertificate,
    Remedy::ClientCertificate,
    Remedy::ClientKey,
    Remedy::ServerName,
    Remedy::OldestTls,
    Remedy::NewestTls,
    Remedy::ApplicationProtocols,
    Remedy::Retry,
    Remedy::Reconnect,
    Remedy::LargerBody,
    Remedy::Verbose,
    Remedy::Message,
    Remedy::RecordedConnection,
];

/// The flags that are named of `wscli test`.
#[cfg(test)]
pub(crate) fn flags_of_tests() -> Vec<&'static str> {
    let ways = REMEDIES.into_iter().map(ways);
    ways.filter(|(_, in_tests, _)| matches!(in_tests, InTests::Flag)).map(|(flag, ..)| flag.name).collect()
}

/// The flags that are named behind `/connect`.
#[cfg(test)]
pub(crate) fn flags_at_the_prompt() -> Vec<&'static str> {
    let ways = REMEDIES.into_iter().map(ways);
    ways.filter(|(_, _, at)| matches!(at, Request { .. } | Connect)).map(|(flag, ..)| flag.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::sentence;

    const FREE: Dialect = Dialect::Prompt { connected: false };
    const BESIDE: Dialect = Dialect::Prompt { connected: true };

    #[test]
    fn the_same_is_said_in_the_words_of_each_place() {
        let named = |remedy: Remedy| remedy.named();
        for (advice, command_line, test, free, beside) in [
            (
                Advice::from(sentence![Remedy::User.given(), " or ", Remedy::Bearer.given(), " send credentials"]),
                "-u NAME:PASSWORD or --bearer TOKEN send credentials",
                Some("user NAME:PASSWORD or bearer TOKEN send credentials"),
                "/auth NAME or /auth bearer, and then /reconnect, send credentials",
                "/connect -u NAME:PASSWORD … or /connect --bearer TOKEN … send credentials",
            ),
            (
                sentence!["it may want credentials (", named(Remedy::User), ", ", named(Remedy::Cookie), ")"].into(),
                "it may want credentials (-u, -b)",
                Some("it may want credentials (user, cookie)"),
                "it may want credentials (/auth, /header Cookie: …)",
                "it may want credentials (/connect -u …, /connect -b …)",
            ),
            (
                Advice::from("it redirects").and(sentence![Remedy::AnyAnswer.given(), " accepts it anyway"]),
                "it redirects; --no-check accepts it anyway",
                Some("it redirects"),
                "it redirects; /connect --no-check … accepts it anyway",
                "it redirects; /connect --no-check … accepts it anyway",
            ),
            (
                sentence![Remedy::AnyAnswer.given(), " accepts it anyway"].into(),
                "--no-check accepts it anyway",
                None,
                "/connect --no-check … accepts it anyway",
                "/connect --no-check … accepts it anyway",
            ),
            (
                sentence![Phrase::Together(&[Remedy::ClientCertificate, Remedy::ClientKey]), " send one"].into(),
                "--cert FILE --key FILE send one",
                Some("cert FILE and key FILE send one"),
                "/connect --cert FILE --key FILE … send one",
                "/connect --cert FILE --key FILE … send one",
            ),
            (
                sentence![Remedy::Header.given_as("Authorization: …"), " sends any header"].into(),
                "-H 'Authorization: …' sends any header",
                Some("header Authorization: … sends any header"),
                "/header Authorization: …, and then /reconnect, sends any header",
                "/connect -H 'Authorization: …' … sends any header",
            ),
            (
                sentence![named(Remedy::Header), ": it has a control character in it"].into(),
                "-H: it has a control character in it",
                Some("header: it has a control character in it"),
                "/header: it has a control character in it",
                "/connect -H …: it has a control character in it",
            ),
            (
                sentence![Remedy::RecordedConnection.given_as("1"), " to 3 chooses one"].into(),
                "--connection 1 to 3 chooses one",
                None,
                "/replay FILE 1 to 3 chooses one",
                "/replay FILE 1 to 3 chooses one",
            ),
        ] {
            assert_eq!(Dialect::CommandLine.advice(&advice).as_deref(), Some(command_line));
            assert_eq!(Dialect::TestFile.advice(&advice).as_deref(), test, "{command_line}");
            assert_eq!(FREE.advice(&advice).as_deref(), Some(free), "{command_line}");
            assert_eq!(BESIDE.advice(&advice).as_deref(), Some(beside), "{command_line}");
        }
    }

    #[test]
    fn only_tests_and_the_prompt_lack_something() {
        for remedy in REMEDIES {
            for phrase in [remedy.named(), remedy.given()] {
                assert!(Dialect::CommandLine.sentence(&Wording(vec![phrase])).is_some(), "{remedy:?}");
            }
        }
    }
}
