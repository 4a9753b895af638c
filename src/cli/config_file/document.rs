//! TOML to sections: what the tables and keys are, and where they stand. Whether a key is a flag isn't known here.

use core::net::IpAddr;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::{ConfigSource, ValueOrigin};
use super::{ConfigSection, Scope};

/// The subcommands that have a section.
pub(in crate::cli) const SUBCOMMANDS: [&str; 7] = ["bench", "connect", "inspect", "ping", "proxy", "replay", "serve"];

/// The section of what `connect` and `serve` have at a terminal, the key there of what keys do, and its flag.
const PROMPT: &str = "prompt";
const KEYS: (&str, &str) = ("keys", "bind");

/// What is said where there is none of that name.
const SECTIONS: &str =
    "the sections are bench, connect, inspect, ping, proxy, replay, serve, prompt, target.NAME and host.PATTERN";

/// The key of a target that is no flag.
const URL: &str = "url";

/// A key with its value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ConfigSetting {
    /// The long name of a flag, without its dashes; or `url`.
    pub(in crate::cli) flag: String,
    pub(in crate::cli) value: Value,
    /// From 1.
    pub(in crate::cli) line: usize,
    /// With its section, dotted.
    pub(in crate::cli) key: String,
}

impl ConfigSetting {
    /// Whether all of its value stands in the file.
    pub(in crate::cli) fn is_given(&self) -> bool {
        match &self.value {
            Value::Switch(_) => true,
            Value::One(source) => source.is_given(),
            Value::Several(sources) => sources.iter().all(ConfigSource::is_given),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Value {
    Switch(bool),
    One(ConfigSource),
    Several(Vec<ConfigSource>),
}

/// What is wrong with the document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DocumentFault {
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) what: String,
}

/// The sections of a file with this text, as far as they can be read, and everything that is wrong with it as a document.
pub(super) fn sections(text: &str) -> (Vec<ConfigSection>, Vec<DocumentFault>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let newlines = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    let mut reader = DocumentReader { newlines, faults: Vec::new() };
    let mut sections = reader.sections(table.get_ref());
    if !errors.is_empty() {
        // A key outside all sections may be of one whose head was broken.
        let begins = |line: usize| line.checked_sub(2).map_or(0, |before| reader.newlines[before] + 1);
        let is_head = |line: usize| text[begins(line)..].trim_start_matches([' ', '\t']).starts_with('[');
        let mut faults = std::mem::take(&mut reader.faults);
        faults.retain(|fault| fault.key.contains('.') || is_head(fault.line));
        reader.faults = faults;
        reader.add_syntax(&errors, &mut sections);
    }
    reader.faults.sort_by_key(|fault| fault.line);
    (sections, reader.faults)
}

/// Reads on after what is wrong, so that all of it is told at once.
struct DocumentReader {
    /// Where they are in the text: a file may have as many faults as lines.
    newlines: Vec<usize>,
    faults: Vec<DocumentFault>,
}

impl DocumentReader {
    fn sections(&mut self, table: &DeTable<'_>) -> Vec<ConfigSection> {
        let mut sections = Vec::new();
        for (name, value) in in_order(table) {
            let key = name.get_ref().to_string();
            match (key.as_str(), value.get_ref()) {
                (subcommand, DeValue::Table(table)) if SUBCOMMANDS.contains(&subcommand) => {
                    let settings = self.settings(&key, table);
                    sections.push(ConfigSection { scope: Scope::Subcommand(key), settings });
                }
                (PROMPT, DeValue::Table(table)) => {
                    sections.push(ConfigSection { scope: Scope::Prompt, settings: self.prompt(table) });
                }
                ("host", DeValue::Table(hosts)) => self.hosts(hosts, &mut sections),
                ("target", DeValue::Table(targets)) => self.targets(targets, &mut sections),
                (section, _) if SUBCOMMANDS.contains(&section) || [PROMPT, "host", "target"].contains(&section) => {
                    self.fault(&value.span(), key, "it is a section, and has to be a table");
                }
                (_, DeValue::Table(_)) => self.fault(&name.span(), key, &format!("no such section; {SECTIONS}")),
                _ => {
                    let what = "it stands in no section: what is a flag of connect belongs below [connect], what is about \
                                a prompt below [prompt]";
                    self.fault(&name.span(), key, &format!("{what}; {SECTIONS}"));
                }
            }
        }
        sections
    }

    /// What keys do is a table, with a flag for each of them.
    fn prompt(&mut self, table: &DeTable<'_>) -> Vec<ConfigSetting> {
        let mut settings = Vec::new();
        for (name, value) in in_order(table) {
            match (&**name.get_ref() == KEYS.0, value.get_ref()) {
                (true, DeValue::Table(keys)) => settings.extend(self.keys(keys)),
                (true, _) => {
                    let what = "it has to be a table of keys, each with its action";
                    self.fault(&value.span(), format!("{PROMPT}.{}", KEYS.0), what);
                }
                (false, _) => settings.extend(self.setting(PROMPT, name, value)),
            }
        }
        settings
    }

    fn keys(&mut self, keys: &DeTable<'_>) -> Vec<ConfigSetting> {
        let mut settings = Vec::new();
        for (name, value) in in_order(keys) {
            let key = format!("{PROMPT}.{}.{}", KEYS.0, quoted(name.get_ref()));
            if let Some(source) = self.source(&key, value) {
                let value = Value::One(ConfigSource { before: format!("{}=", name.get_ref()), ..source });
                settings.push(ConfigSetting { flag: KEYS.1.to_owned(), value, line: self.line(&name.span()), key });
            }
        }
        settings
    }

    fn hosts(&mut self, hosts: &DeTable<'_>, sections: &mut Vec<ConfigSection>) {
        let mut known = HashSet::new();
        for (pattern, value) in in_order(hosts) {
            let key = format!("host.{}", quoted(&without_credentials(pattern.get_ref())));
            if !known.insert(pattern.get_ref().to_ascii_lowercase()) {
                self.fault(&pattern.span(), key, "there is a section of this host before, and hosts have no capitals");
                continue;
            }
            let DeValue::Table(table) = value.get_ref() else {
                self.fault(&value.span(), key, "it is a section, and has to be a table");
                continue;
            };
            if !may_match(pattern.get_ref()) {
                let what = "no host is called so; write a name or an address without scheme and port, *.NAME or *";
                self.fault(&pattern.span(), key.clone(), what);
            }
            let settings = self.settings(&key, table);
            sections.push(ConfigSection { scope: Scope::Host(pattern.get_ref().to_string()), settings });
        }
    }

    fn targets(&mut self, targets: &DeTable<'_>, sections: &mut Vec<ConfigSection>) {
        for (name, value) in in_order(targets) {
            let key = format!("target.{}", quoted(name.get_ref()));
            let DeValue::Table(table) = value.get_ref() else {
                self.fault(&value.span(), key, "it is a section, and has to be a table");
                continue;
            };
            let (url, settings): (Vec<_>, Vec<_>) =
                self.settings(&key, table).into_iter().partition(|setting| setting.flag == URL);
            let url = url.into_iter().next();
            if url.is_none() && !table.contains_key(URL) {
                self.fault(&name.span(), key, "it has no url");
            }
            sections.push(ConfigSection { scope: Scope::Target { name: name.get_ref().to_string(), url }, settings });
        }
    }

    fn settings(&mut self, section: &str, table: &DeTable<'_>) -> Vec<ConfigSetting> {
        let mut settings = Vec::new();
        for (name, value) in in_order(table) {
            settings.extend(self.setting(section, name, value));
        }
        settings
    }

    fn setting(
        &mut self,
        section: &str,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<ConfigSetting> {
        let flag = name.get_ref().to_string();
        let key = format!("{section}.{}", quoted(&flag));
        let value = self.value(&key, &flag, value)?;
        Some(ConfigSetting { flag, value, line: self.line(&name.span()), key })
    }

    fn value(&mut self, key: &str, flag: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        match value.get_ref() {
            DeValue::Boolean(on) => Some(Value::Switch(*on)),
            DeValue::Array(items) => {
                items.iter().map(|item| self.source(key, item)).collect::<Option<_>>().map(Value::Several)
            }
            // Headers are best written as a table.
            DeValue::Table(headers) if flag == "header" && !is_source(headers) => {
                let named = |(name, value): (&Spanned<_>, &Spanned<_>)| {
                    let name: &str = AsRef::<std::borrow::Cow<'_, str>>::as_ref(name);
                    let source = self.source(key, value)?;
                    Some(ConfigSource { before: format!("{name}: "), ..source })
                };
                in_order(headers).into_iter().map(named).collect::<Option<_>>().map(Value::Several)
            }
            _ => self.source(key, value).map(Value::One),
        }
    }

    fn source(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<ConfigSource> {
        match value.get_ref() {
            DeValue::String(text) => return Some(ConfigSource::given(&**text)),
            DeValue::Integer(number) if number.radix() == 10 => return Some(ConfigSource::given(number.as_str())),
            DeValue::Float(number) => return Some(ConfigSource::given(number.as_str())),
            DeValue::Table(table) => {
                let [(kind, named)] = in_order(table)[..] else {
                    self.fault(&value.span(), key.to_owned(), SOURCES);
                    return None;
                };
                let origin: Option<fn(String) -> ValueOrigin> = match &**kind.get_ref() {
                    "env" => Some(ValueOrigin::Variable),
                    "command" => Some(ValueOrigin::Command),
                    _ => None,
                };
                if let (Some(origin), Some(named)) = (origin, named.get_ref().as_str()) {
                    return Some(ConfigSource { before: String::new(), origin: origin(named.to_owned()) });
                }
                self.fault(&value.span(), key.to_owned(), SOURCES);
            }
            DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Integer(_) | DeValue::Datetime(_) => {
                self.fault(&value.span(), key.to_owned(), "it has to be a string or a number");
            }
        }
        None
    }

    /// Adds what is no TOML. What was made of such a line is nothing to look at, and one fault of it is enough.
    fn add_syntax(&mut self, errors: &[toml::de::Error], sections: &mut [ConfigSection]) {
        let mut places: Vec<_> =
            errors.iter().map(|error| (self.line(&error.span().unwrap_or_default()), error)).collect();
        places.dedup_by_key(|(line, _)| *line);
        let is_toml = |line: usize| places.iter().all(|(bad, _)| *bad != line);
        self.faults.retain(|fault| is_toml(fault.line));
        for section in sections {
            section.settings.retain(|setting| is_toml(setting.line));
            if let Scope::Target { url, .. } = &mut section.scope {
                url.take_if(|url| !is_toml(url.line));
            }
        }
        let told = |(line, error): (usize, &toml::de::Error)| DocumentFault {
            line,
            key: String::new(),
            what: error.message().to_owned(),
        };
        self.faults.extend(places.into_iter().map(told));
    }

    fn fault(&mut self, at: &Range<usize>, key: String, what: &str) {
        let fault = DocumentFault { line: self.line(at), key, what: what.to_owned() };
        self.faults.push(fault);
    }

    fn line(&self, at: &Range<usize>) -> usize {
        1 + self.newlines.partition_point(|newline| *newline < at.start)
    }
}

const SOURCES: &str = "a table here is { env = \"VARIABLE\" } or { command = \"COMMAND\" }";

/// A pattern in which somebody has put more than a host: what stands before it may be a password.
fn without_credentials(pattern: &str) -> Cow<'_, str> {
    pattern.rsplit_once('@').map_or(pattern.into(), |(_, host)| format!("…@{host}").into())
}

/// A table's pairs as they stand in the file: the table itself has them by name.
fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>)> {
    let mut pairs: Vec<_> = table.iter().collect();
    pairs.sort_by_key(|(name, _)| name.span().start);
    pairs
}

fn is_source(table: &DeTable<'_>) -> bool {
    table.len() == 1 && table.keys().all(|key| ["env", "command"].contains(&&**key.get_ref()))
}

/// A part of a key as TOML writes it.
fn quoted(part: &str) -> String {
    let is_bare = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_bare { part.to_owned() } else { format!("{part:?}") }
}

/// Whether there can be a host that a pattern means.
fn may_match(pattern: &str) -> bool {
    let name = pattern.strip_prefix("*.").unwrap_or(pattern);
    let is_name = !name.is_empty() && !name.contains(['*', ':', '/', '?', '#', '@', '[', ']', ' ']);
    pattern == "*" || is_name || pattern.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let told = |fault: &DocumentFault| format!("{}: {}: {}", fault.line, fault.key, fault.what);
        sections(text).1.iter().map(told).collect()
    }

    #[test]
    fn settings_keep_their_order_and_place() {
        let text = "# a comment\n[connect]\nping-interval = \"30s\"\nframes = true\ncount = 3\n\n\
                    [target.\"a b\"]\nurl = 'ws://a/'\nsubprotocol = [\"x\", \"y\"]\nbearer = { env = \"T\" }\n\
                    [target.\"a b\".header]\nX-B = \"1\"\nX-A = { command = \"pass\" }\n";
        let (sections, faults) = sections(text);
        assert_eq!(faults, []);
        let [connect, target] = &sections[..] else { panic!("{sections:?}") };
        let setting =
            |flag: &str, value, line, key: &str| ConfigSetting { flag: flag.into(), value, line, key: key.into() };
        assert_eq!(connect.scope, Scope::Subcommand("connect".into()));
        assert_eq!(
            connect.settings,
            [
                setting("ping-interval", Value::One(ConfigSource::given("30s")), 3, "connect.ping-interval"),
                setting("frames", Value::Switch(true), 4, "connect.frames"),
                setting("count", Value::One(ConfigSource::given("3")), 5, "connect.count"),
            ]
        );
        let url = setting("url", Value::One(ConfigSource::given("ws://a/")), 8, "target.\"a b\".url");
        assert_eq!(target.scope, Scope::Target { name: "a b".into(), url: Some(url) });
        let header = |name: &str, origin| ConfigSource { before: format!("{name}: "), origin };
        let headers =
            vec![header("X-B", ValueOrigin::Given("1".into())), header("X-A", ValueOrigin::Command("pass".into()))];
        let subprotocols = vec![ConfigSource::given("x"), ConfigSource::given("y")];
        let token = ConfigSource { before: String::new(), origin: ValueOrigin::Variable("T".into()) };
        assert_eq!(
            target.settings,
            [
                setting("subprotocol", Value::Several(subprotocols), 9, "target.\"a b\".subprotocol"),
                setting("bearer", Value::One(token), 10, "target.\"a b\".bearer"),
                setting("header", Value::Several(headers), 11, "target.\"a b\".header"),
            ]
        );
    }

    #[test]
    fn as_many_faults_as_lines_take_no_longer_than_they_are() {
        let text: String = (0..40_000).map(|number| format!("section{number} = 1\n")).collect();
        let (_, faults) = sections(&text);
        assert_eq!(faults.last().map(|fault| (fault.line, fault.key.as_str())), Some((40_000, "section39999")));
    }

    #[test]
    fn everything_wrong_is_told_with_its_line() {
        assert_eq!(
            faults(
                "connect = 1\nedit-mode = 'vi'\n[target.a]\n[target.b]\nurl = []\nf = {}\n[host.c]\nd = 1979-05-27\ne = {f = 1}\ng = [[]]\n"
            ),
            [
                "1: connect: it is a section, and has to be a table",
                "2: edit-mode: it stands in no section: what is a flag of connect belongs below [connect], what is about a prompt below [prompt]; the sections are bench, connect, inspect, ping, proxy, replay, serve, prompt, target.NAME and host.PATTERN",
                "3: target.a: it has no url",
                "6: target.b.f: a table here is { env = \"VARIABLE\" } or { command = \"COMMAND\" }",
                "8: host.c.d: it has to be a string or a number",
                "9: host.c.e: a table here is { env = \"VARIABLE\" } or { command = \"COMMAND\" }",
                "10: host.c.g: it has to be a string or a number",
            ]
        );
        for pattern in ["ws://a", "a:80", "*.a.*", "", "*a"] {
            let [fault] = &faults(&format!("[host.\"{pattern}\"]\nbinary = true\n"))[..] else { panic!("{pattern}") };
            assert!(fault.contains("no host is called so"), "{fault}");
        }
        let [twice] = &faults("[host.a]\n[host.b]\n[host.A]\n")[..] else { panic!() };
        assert!(twice.starts_with("3: host.A: there is a section of this host before"), "{twice}");
        for pattern in ["*", "a", "*.a.b", "::1", "127.0.0.1"] {
            assert_eq!(faults(&format!("[host.\"{pattern}\"]\n")), [""; 0], "{pattern}");
        }
        let [syntax] = &faults("[connect]\nbinary = yes\n")[..] else { panic!() };
        assert!(syntax.starts_with("2: : "), "{syntax}");
        let several = faults("[connect]\nbinary = yes\n[target.a]\ncount = 3\n[serve\necho = true\n");
        let lines: Vec<_> = several.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
        assert_eq!(lines, ["2:", "3:", "5:"], "{several:?}");
    }
}
