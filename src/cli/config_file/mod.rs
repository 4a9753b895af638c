//! The configuration file: defaults for the flags of each subcommand, for hosts, and for targets that have names
//! (docs/config.md). Its keys are the long names of flags, so that there is one vocabulary, and one set of checks.

mod document;
mod source;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::net::target::{is_below, is_same_name};
use crate::peer_text::Escaped;
use crate::stdio::file;

pub(super) use self::document::{ConfigSetting, Value};
pub(super) use self::source::ConfigSource;

/// What a file may have, in bytes: a pipe in its place may have no end.
const LARGEST: u64 = 1 << 20;

/// The file, read but for what flags make of it.
#[derive(Debug)]
pub(super) struct ConfigFile {
    path: PathBuf,
    sections: Vec<ConfigSection>,
}

/// What a section's settings are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// The subcommand of this name.
    Subcommand(String),
    /// Whatever has a prompt.
    Prompt,
    /// Servers whose host matches.
    Host(String),
    /// What `@NAME` stands for.
    Target {
        name: String,
        /// `None` is a fault.
        url: Option<ConfigSetting>,
    },
}

/// A table of the file.
#[derive(Debug)]
pub(super) struct ConfigSection {
    pub(super) scope: Scope,
    pub(super) settings: Vec<ConfigSetting>,
}

impl ConfigSection {
    /// Whether several subcommands have it.
    pub(super) fn is_shared(&self) -> bool {
        !matches!(self.scope, Scope::Subcommand(_))
    }
}

/// The subcommands that have a prompt.
const PROMPTS: [&str; 3] = ["connect", "serve", "proxy"];

/// What is wrong with the file, and where.
#[derive(Debug)]
pub(super) struct ConfigFault {
    path: PathBuf,
    /// From 1; `None` of a file that can't be read.
    line: Option<usize>,
    /// Dotted, as TOML has it; empty where no key is to blame.
    key: String,
    what: String,
}

impl ConfigFault {
    pub(super) fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        if !self.key.is_empty() {
            write!(f, " {}:", Escaped(&self.key))?;
        }
        write!(f, " {}", self.what)
    }
}

/// Where the file is unless a flag says otherwise; `None` without a home.
pub(super) fn usual_path() -> Option<PathBuf> {
    file::user_directory("XDG_CONFIG_HOME", ".config").map(|folder| folder.join("wscli/config.toml"))
}

impl ConfigFile {
    /// Reads the file.
    ///
    /// # Errors
    /// Everything that is wrong with it as a document.
    pub(super) fn read(path: &Path) -> Result<Self, Vec<ConfigFault>> {
        let (file, faults) = Self::read_with_faults(path)?;
        if faults.is_empty() { Ok(file) } else { Err(faults) }
    }

    /// The file as far as it can be read, and what is wrong with it as a document.
    ///
    /// # Errors
    /// Why it can't be read at all.
    pub(super) fn read_with_faults(path: &Path) -> Result<(Self, Vec<ConfigFault>), Vec<ConfigFault>> {
        let fault = |line, key, what| ConfigFault { path: path.to_owned(), line, key, what };
        let unusable = |what| vec![fault(None, String::new(), what)];
        if file::is_everybodys(path) {
            // It may name commands, and where to connect.
            return Err(unusable(
                "every user may write to it, so it is not used (chmod o-w makes it yours alone)".into(),
            ));
        }
        let text = file::text_up_to(path, LARGEST).map_err(|error| unusable(reason(error)))?;
        let (sections, faults) = document::sections(&text);
        let faults = faults.into_iter().map(|found| fault(Some(found.line), found.key, found.what)).collect();
        Ok((Self { path: path.to_owned(), sections }, faults))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its sections, in order.
    pub(super) fn sections(&self) -> &[ConfigSection] {
        &self.sections
    }

    /// The URL of the target of this name.
    pub(super) fn target(&self, name: &str) -> Option<&ConfigSetting> {
        self.sections.iter().find_map(|section| match &section.scope {
            Scope::Target { name: other, url } if other == name => url.as_ref(),
            _ => None,
        })
    }

    /// The names of its targets, in order.
    pub(super) fn target_names(&self) -> Vec<&str> {
        self.sections
            .iter()
            .filter_map(|section| match &section.scope {
                Scope::Target { name, .. } => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The sections that hold for a run, the strongest first: of the target, of the host, the longest pattern first, of the
    /// subcommand, and of the prompt.
    pub(super) fn in_force(&self, subcommand: &str, target: Option<&str>, host: Option<&str>) -> Vec<&ConfigSection> {
        let mut sections: Vec<_> =
            self.sections.iter().filter(|section| section.scope.holds(subcommand, target, host)).collect();
        sections.sort_by_key(|section| std::cmp::Reverse(section.scope.strength()));
        sections
    }

    /// What is wrong with a setting.
    pub(super) fn fault(&self, setting: &ConfigSetting, what: impl Into<String>) -> ConfigFault {
        ConfigFault { path: self.path.clone(), line: Some(setting.line), key: setting.key.clone(), what: what.into() }
    }

    /// Where a setting stands.
    pub(super) fn place(&self, setting: &ConfigSetting) -> String {
        format!("{}:{}", self.path.display(), setting.line)
    }
}

impl Scope {
    fn holds(&self, subcommand: &str, target: Option<&str>, host: Option<&str>) -> bool {
        match self {
            Self::Subcommand(name) => name == subcommand,
            Self::Prompt => PROMPTS.contains(&subcommand),
            Self::Host(pattern) => host.is_some_and(|host| matches_host(pattern, host)),
            Self::Target { name, .. } => Some(name.as_str()) == target,
        }
    }

    fn strength(&self) -> (u8, usize) {
        match self {
            Self::Prompt => (0, 0),
            Self::Subcommand(_) => (1, 0),
            Self::Host(pattern) => (2, pattern.len()),
            Self::Target { .. } => (3, 0),
        }
    }
}

/// Whether a host is meant by a pattern: the same name, or `*.` and the name that it is below.
fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(above) => is_below(host, above),
        None => pattern == "*" || is_same_name(host, pattern),
    }
}

/// What is wrong with a file, without its name.
fn reason(error: Error) -> String {
    match error {
        Error::File { why, .. } => why,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_a_name_or_all_below_one() {
        for (pattern, host) in [
            ("api.example.com", "api.example.com"),
            ("API.example.com", "api.EXAMPLE.com"),
            ("*.example.com", "api.example.com"),
            ("*.example.com", "a.b.example.com"),
            ("*", "::1"),
            ("api.example.com", "api.example.com."),
            ("*.example.com", "api.example.com."),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert!(matches_host(pattern, host), "{pattern} {host}");
        }
        for (pattern, host) in [
            ("*.example.com", "example.com"),
            ("*.example.com", "badexample.com"),
            ("*.example.com", "m"),
            ("example.com", "api.example.com"),
            ("*.ü", "é.ü.example"),
            // No address is below another, nor below a name of digits.
            ("*.0.0.1", "127.0.0.1"),
        ] {
            assert!(!matches_host(pattern, host), "{pattern} {host}");
        }
    }

    #[test]
    fn the_strongest_section_comes_first() {
        let text = "[host.'*.example.com']\nbinary = true\n[connect]\nbinary = true\n[target.a]\nurl = 'ws://x/'\n\
                    [host.'*.api.example.com']\nbinary = false\n[serve]\n[host.other]\n";
        let file = ConfigFile { path: "c".into(), sections: document::sections(text).0 };
        let scopes = |target, host| {
            let sections = file.in_force("connect", target, host);
            sections.iter().map(|section| section.scope.clone()).collect::<Vec<_>>()
        };
        let (wide, narrow) = (Scope::Host("*.example.com".into()), Scope::Host("*.api.example.com".into()));
        let url = |line, url: &str| ConfigSetting {
            flag: "url".into(),
            value: Value::One(ConfigSource::given(url)),
            line,
            key: "target.a.url".into(),
        };
        let target = Scope::Target { name: "a".into(), url: Some(url(6, "ws://x/")) };
        let connect = Scope::Subcommand("connect".into());
        assert_eq!(
            scopes(Some("a"), Some("eu.api.example.com")),
            [target.clone(), narrow, wide.clone(), connect.clone()]
        );
        assert_eq!(scopes(None, Some("www.example.com")), [wide, connect.clone()]);
        assert_eq!(scopes(Some("a"), None), [target, connect.clone()]);
        assert_eq!(scopes(None, None), [connect]);
    }
}
