//! The flags that name the configuration file, and `wscli config`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, Subcommand, ValueHint};

use super::config_file::{self, ConfigFault, ConfigFile, ConfigSection, Scope, Value};
use super::defaults::{self, Defaults, SectionCheck};
use crate::net::Woken;
use crate::net::target::Target;

const HEADING: &str = "Configuration file";

/// What stands before the name of a target, in the place of a URL.
pub(super) const TARGET: char = '@';

#[derive(Debug, Clone, Args)]
pub(super) struct ConfigFileArgs {
    /// Read defaults for flags, and the servers for @NAME, from this file
    /// [default: wscli/config.toml in XDG_CONFIG_HOME, or in ~/.config]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = HEADING)]
    config: Option<PathBuf>,

    /// Read no configuration file
    #[arg(long, conflicts_with = "config", help_heading = HEADING)]
    no_config: bool,
}

/// What `wscli config` is asked for.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigAction {
    /// Print where the configuration file is, or would be
    Path,
    /// Report all errors in the configuration file; exit 2 if there are any
    Check {
        /// The file [default: the one that wscli config path prints]
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,

        /// The same, spelled as in other subcommands
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "file")]
        config: Option<PathBuf>,
    },
    /// Print a configuration file to start from
    Example,
    /// Print the targets of the configuration file, one @NAME per line
    Targets {
        /// Print the servers in their URLs instead: wss://HOST[:PORT]
        #[arg(long)]
        servers: bool,
    },
}

const NO_FILE: &str = "no configuration file is read";

const NO_URL: &str = "it has to be a string";

/// A file with every kind of section.
const EXAMPLE: &str = include_str!("config_file/example.toml");

/// The command line of a run below which defaults are put.
#[derive(Debug)]
pub(super) struct GivenLine<'a> {
    pub(super) subcommand: &'a str,
    pub(super) given: &'a ArgMatches,
    /// Where to connect to, as it was given.
    pub(super) url: Option<&'a str>,
    pub(super) file: &'a ConfigFileArgs,
    /// What ends the commands that print values.
    pub(super) cancelled: Option<&'a Woken>,
}

/// What the file has for a command line.
#[derive(Debug)]
pub(super) struct Configured {
    pub(super) defaults: Defaults,
    /// Of the target that was named.
    pub(super) url: Option<String>,
    /// That a target is called as the host is.
    pub(super) namesake: Option<String>,
}

impl GivenLine<'_> {
    /// Looks into the configuration file, with all of our flags; `None` where there is none, or it is to be left alone.
    ///
    /// # Errors
    /// What is wrong with the file, and a target that it doesn't have.
    pub(super) fn configured(&self, definition: fn() -> Command) -> Result<Option<Configured>, Error> {
        let target = self.url.and_then(|url| url.strip_prefix(TARGET));
        let file = self.file.read()?;
        let Some(file) = file else {
            return target.map_or(Ok(None), |name| Err(no_target(name, NO_FILE, &[])));
        };
        let url = target.map(|name| url_of(&file, name, self.cancelled)).transpose()?;
        let host = url.as_deref().or(self.url).and_then(|url| Target::try_parse(url).ok()).map(|target| target.host);
        let sections = file.in_force(self.subcommand, target, host.as_deref());
        let defaults = defaults::below(self.given, self.subcommand, (&file, &sections), definition(), self.cancelled);
        let namesake = self.url.filter(|url| file.target(url).is_some());
        let namesake = namesake
            .map(|name| format!("{name} is taken for a host; {TARGET}{name} is the target of the configuration file"));
        Ok(Some(Configured { defaults: defaults.map_err(|faults| refused(&faults))?, url, namesake }))
    }
}

impl ConfigFileArgs {
    /// Whether a line says which file, or none.
    pub(super) fn is_given(&self) -> bool {
        self.no_config || self.config.is_some()
    }

    /// The same on another line.
    pub(super) fn words(&self) -> Vec<String> {
        let file = self.config.iter().map(|path| format!("--config={}", path.display()));
        file.chain(self.no_config.then(|| "--no-config".to_owned())).collect()
    }

    /// The names of the file's targets; none where it can't be read.
    pub(super) fn target_names(&self) -> Vec<String> {
        let file = self.read().ok().flatten();
        file.iter().flat_map(ConfigFile::target_names).map(str::to_owned).collect()
    }

    /// Where the target of this name is. A command that prints it is ended once it is `cancelled`.
    ///
    /// # Errors
    /// What is wrong with the file, and a target that it doesn't have.
    pub(super) fn url_of(&self, name: &str, cancelled: Option<&Woken>) -> Result<String, Error> {
        let file = self.read()?.ok_or_else(|| no_target(name, NO_FILE, &[]))?;
        url_of(&file, name, cancelled)
    }

    fn read(&self) -> Result<Option<ConfigFile>, Error> {
        let path = match &self.config {
            _ if self.no_config => None,
            Some(path) => Some(path.clone()),
            // A file that was named has to be there; one that wasn't needn't.
            None => config_file::usual_path().filter(|path| path.exists()),
        };
        path.map(|path| ConfigFile::read(&path)).transpose().map_err(|faults| refused(&faults))
    }
}

impl ConfigAction {
    /// What is printed to stdout.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn answer(self, definition: &Command) -> Result<String, Error> {
        match self {
            Self::Path => Ok(format!("{}\n", usual_path()?.display())),
            Self::Example => Ok(EXAMPLE.to_owned()),
            Self::Targets { servers } => {
                let usual = ConfigFileArgs { config: None, no_config: false };
                let file = usual.read()?;
                if servers {
                    let known: BTreeSet<_> = file.iter().flat_map(servers_of).collect();
                    return Ok(known.into_iter().map(|server| server + "\n").collect());
                }
                let names = file.iter().flat_map(ConfigFile::target_names);
                Ok(names.map(|name| format!("{TARGET}{name}\n")).collect())
            }
            Self::Check { file, config } => check(file.or(config).map_or_else(usual_path, Ok)?, definition),
        }
    }
}

/// The servers of the targets whose URLs stand in the file; nothing of a URL that may be a secret.
fn servers_of(file: &ConfigFile) -> impl Iterator<Item = String> {
    file.sections().iter().filter_map(|section| {
        let Scope::Target { url: Some(url), .. } = &section.scope else { return None };
        let Value::One(source) = &url.value else { return None };
        let target = Target::try_parse(source.text()?).ok().filter(|target| target.unix_socket.is_none())?;
        let scheme = if target.secure { "wss" } else { "ws" };
        Some(format!("{scheme}://{}", target.host_header()))
    })
}

/// Where the target of this name is.
fn url_of(file: &ConfigFile, name: &str, cancelled: Option<&Woken>) -> Result<String, Error> {
    let Some(url) = file.target(name) else {
        let why = format!("there is none in {}", file.path().display());
        return Err(no_target(name, &why, &file.target_names()));
    };
    match &url.value {
        Value::One(source) => source.resolve(cancelled).map_err(|why| refused(&[file.fault(url, why)])),
        Value::Switch(_) | Value::Several(_) => Err(refused(&[file.fault(url, NO_URL)])),
    }
}

fn usual_path() -> Result<PathBuf, Error> {
    let why = "neither XDG_CONFIG_HOME nor HOME is an absolute path: the configuration file has no place";
    config_file::usual_path().ok_or_else(|| Error::raw(ErrorKind::Io, format!("{why}\n")))
}

fn check(path: PathBuf, definition: &Command) -> Result<String, Error> {
    let (file, mut faults) = ConfigFile::read_with_faults(&path).map_err(|faults| refused(&faults))?;
    let mut built = definition.clone();
    built.build();
    let mut check = SectionCheck::new(&built);
    faults.extend(file.sections().iter().flat_map(|section| section_faults(&file, section, &mut check)));
    if faults.is_empty() {
        return Ok(format!("{}: no problems found\n", path.display()));
    }
    faults.sort_by_key(ConfigFault::line);
    Err(refused(&faults))
}

/// What is wrong with a section, for the subcommand that it is for.
fn section_faults<'a>(file: &ConfigFile, section: &'a ConfigSection, check: &mut SectionCheck<'a>) -> Vec<ConfigFault> {
    let (subcommand, url) = match &section.scope {
        Scope::Subcommand(name) => (name.as_str(), None),
        Scope::Host(_) | Scope::Prompt => ("connect", None),
        Scope::Target { url, .. } => ("connect", url.as_ref()),
    };
    let bad_url = url.and_then(|url| match &url.value {
        Value::One(source) if source.is_given() => Target::try_parse(&source.resolve(None).ok()?).err(),
        Value::One(_) => None,
        Value::Switch(_) | Value::Several(_) => Some(NO_URL.to_owned()),
    });
    let bad_url = url.zip(bad_url).map(|(url, why)| file.fault(url, why));
    bad_url.into_iter().chain(check.faults(file, section, subcommand)).collect()
}

fn refused(faults: &[ConfigFault]) -> Error {
    let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
    Error::raw(ErrorKind::ValueValidation, told.join("\n       ") + "\n")
}

fn no_target(name: &str, why: &str, known: &[&str]) -> Error {
    let known = match known {
        [] => String::new(),
        known => format!("; its targets are {}", known.join(", ")),
    };
    // What can't be in a name may be a password or a token.
    let shown = match name.find(|c: char| !c.is_alphanumeric() && !"-_.".contains(c)) {
        Some(end) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    };
    Error::raw(
        ErrorKind::ValueValidation,
        format!("{TARGET}{shown} is a target of the configuration file, and {why}{known}\n"),
    )
}
