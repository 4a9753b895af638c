//! `/connect` at the prompt: a command line of `connect`, as this process was started with one. What was given before is put
//! behind what is given now, as far as that leaves room for it; the rest is as on the command line.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command, Error};

use super::config_file::{ConfigSetting, ConfigSource, Value};
use super::config_flags::{ConfigFileArgs, TARGET};
use super::connect::ConnectArgs;
use super::dial::connect_to;
use super::withheld_secret::WithheldSecret;
use super::{Subcommands, defaults, prompt, recording, usage_error, writing};
use crate::advice::secret_flags;
use crate::client::{CarriedSecrets, Destination, RequestChange, withhold_headers};
use crate::commands::connect::{CommandLines, ConnectLine, FrontEnd};
use crate::commands::prompt::ConnectWords;
use crate::http::{Header, UserPassword, without_secret_subprotocols};
use crate::net::Woken;
use crate::net::target::Target;

/// Flags that are about the run as a whole, beside all of some headings.
const OF_THE_RUN: [&str; 16] = [
    "echo",
    "help-rules",
    "no-input",
    "in",
    "crlf",
    "pace",
    "send-after",
    "fill",
    "count",
    "until",
    "expect",
    "reject",
    "linger",
    "max-time",
    "frames",
    "show-pings",
];
const HEADINGS_OF_THE_RUN: [&str; 3] = [writing::WRITING, recording::RECORDING, prompt::PROMPT];

/// Those of one of these headings that are about a connection.
const OF_A_CONNECTION: [&str; 1] = ["decode"];

/// What reads them.
#[derive(Debug)]
pub(super) struct ConnectLines {
    definition: Command,
    file: Vec<String>,
    config_file: ConfigFileArgs,
    unix_socket: Option<PathBuf>,
    /// `--from-curl`.
    curl: Option<String>,
    /// The latest first.
    given: Mutex<Vec<Given>>,
}

/// What was given before.
#[derive(Debug)]
struct Given {
    settings: Vec<ConfigSetting>,
    /// The origins that its secrets may be sent to, first the one that it was given for.
    origins: Vec<Target>,
}

/// What was given before, as far as a line leaves room for it.
#[derive(Debug)]
struct CarriedSettings {
    /// As on a command line.
    words: Vec<String>,
    /// Secrets of another origin are among it.
    keeps: bool,
    /// And these aren't.
    withheld: BTreeSet<WithheldSecret>,
}

/// What may be taken along from one origin to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Along {
    /// It is the same.
    Everything,
    /// Secrets too, but neither the first host's name nor the way to it.
    Secrets,
    NoSecrets,
}

impl ConnectLines {
    /// Behind the line that the process was started with.
    ///
    /// # Errors
    /// What is wrong with that.
    pub(super) fn behind(words: &[OsString], definition: &Command) -> Result<Self, Error> {
        let (matches, subcommand) = super::read(words, definition)?;
        let (Some((_, given)), Subcommands::Connect(args)) = (matches.subcommand(), subcommand) else {
            return Err(Error::new(ErrorKind::InvalidSubcommand));
        };
        let settings = settings(&flags(definition), given);
        Ok(Self {
            definition: definition.clone(),
            file: args.client.config_file.words(),
            config_file: args.client.config_file.clone(),
            unix_socket: args.client.unix_socket().cloned(),
            curl: args.client.curl().cloned(),
            given: Mutex::new(vec![Given { settings, origins: Vec::new() }]),
        })
    }

    fn given(&self) -> MutexGuard<'_, Vec<Given>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(
        &self,
        words: &[String],
        keep: bool,
        cancelled: &Woken,
    ) -> Result<(ConnectArgs, CarriedSettings, Vec<String>), Error> {
        let definition = &self.definition;
        let line: Vec<OsString> = ["wscli", "connect"].into_iter().map(OsString::from).collect();
        let line = super::with_more(&line, words.to_vec());
        let (matches, subcommand) = super::read(&line, definition)?;
        let (Some((_, given)), Subcommands::Connect(args)) = (matches.subcommand(), subcommand) else {
            return Err(Error::new(ErrorKind::InvalidSubcommand));
        };
        refuse_flags_of_the_run(&flags(definition), given)?;
        let target = self.target(&args, cancelled)?;
        let carried = self.carried(given, target.as_ref(), keep)?;
        let more = carried.words.clone();
        let file = if args.client.config_file.is_given() { Vec::new() } else { self.file.clone() };
        let line = super::with_more(&line, [more, file].concat());
        let (subcommand, notes) = super::configured(&line, definition, Some(cancelled))?;
        match subcommand {
            Subcommands::Connect(args) if args.has_destination() => Ok((*args, carried, notes)),
            _ => Err(Error::raw(ErrorKind::MissingRequiredArgument, "a URL is missing, or @NAME\n")),
        }
    }

    /// Where a line leads, as far as it can be told.
    fn target(&self, args: &ConnectArgs, cancelled: &Woken) -> Result<Option<Target>, Error> {
        let config_file = &args.client.config_file;
        let config_file = if config_file.is_given() { config_file } else { &self.config_file };
        let url = match args.client.url() {
            Some(name) if name.starts_with(TARGET) => {
                Some(config_file.url_of(&name[TARGET.len_utf8()..], Some(cancelled))?)
            }
            url => url.map(str::to_owned),
        };
        let mut target = url.and_then(|url| Target::try_parse(&url).ok());
        if let Some(target) = &mut target {
            let socket = args.client.unix_socket().or(self.unix_socket.as_ref());
            target.unix_socket = socket.cloned().or(target.unix_socket.take());
        }
        Ok(target)
    }

    /// What was given before, behind what is given `now`.
    fn carried(&self, now: &ArgMatches, target: Option<&Target>, keep: bool) -> Result<CarriedSettings, Error> {
        let mut given = self.given();
        let mut settings = Vec::new();
        let (mut keeps, mut withheld) = (false, BTreeSet::new());
        for given in given.iter_mut() {
            let along = given.along_to(target, keep);
            keeps |= along == Along::Secrets;
            let requested = requested_subprotocols(&given.settings);
            for setting in &given.settings {
                let (taken, left) = taken_along(setting, along, &requested);
                withheld.extend(left);
                settings.extend(taken);
            }
        }
        let words = defaults::words_behind(now, "connect", &settings, &self.definition)
            .map_err(|why| Error::raw(ErrorKind::ValueValidation, why + "\n"))?;
        Ok(CarriedSettings { words, keeps, withheld })
    }
}

impl CommandLines for ConnectLines {
    fn set_origin(&self, origin: &Target) {
        self.given().iter_mut().for_each(|given| given.origins = vec![origin.clone()]);
    }

    fn read(&self, words: &[String], keep: bool, cancelled: &Woken) -> Result<ConnectLine, String> {
        let read = self.line(words, keep, cancelled).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp => "wscli help connect explains the flags".to_owned(),
            _ => usage_error::reason(&usage_error::without_secrets(error, words)),
        });
        let (args, mut carried, notes) = read?;
        let mut config = args.config_for(Some(FrontEnd::Prompt));
        if let Some(refusal) = config.refusal.take() {
            return Err(refusal.to_string());
        }
        let is_less = !carried.withheld.is_empty();
        carried.withheld.retain(|secret| !secret.is_replaced(&config.client, config.destination.as_ref()));
        config.client.carried = carried.secrets(is_less);
        let is_withheld = carried.withheld.contains(&WithheldSecret::CurlCommand);
        if let (Some(Destination::Url(url)), Some(curl), false) = (&config.destination, &self.curl, is_withheld) {
            config.destination = Some(Destination::Curl(curl.clone(), Some(url.clone())));
        }
        let withheld = carried.withheld.iter().map(WithheldSecret::to_string).collect();
        Ok(ConnectLine { config, notes, withheld })
    }

    fn give(&self, change: &RequestChange, origin: &Target) {
        let (flag, value) = match change {
            RequestChange::Header(header) => ("header", header.to_string()),
            RequestChange::User(UserPassword { user, password }) => ("user", format!("{user}:{password}")),
            RequestChange::Bearer(token) => ("bearer", token.clone()),
        };
        let setting = ConfigSetting {
            flag: flag.into(),
            value: Value::One(ConfigSource::given(value)),
            line: 0,
            key: flag.into(),
        };
        self.given().insert(0, Given { settings: vec![setting], origins: vec![origin.clone()] });
    }

    fn words(&self) -> ConnectWords {
        let flags = flags(&self.definition);
        let is_offered = |arg: &&clap::Arg| !is_of_the_run(arg) && !arg.is_hide_set();
        let mut long: Vec<_> = flags.get_arguments().filter(is_offered).filter_map(clap::Arg::get_long).collect();
        long.extend(["keep-credentials"]);
        long.retain(|long| !["help", "version", "from-curl"].contains(long));
        long.sort_unstable();
        ConnectWords {
            flags: long.into_iter().map(|long| format!("--{long}")).collect(),
            targets: self.config_file.target_names().into_iter().map(|name| format!("{TARGET}{name}")).collect(),
        }
    }
}

impl CarriedSettings {
    /// `is_less` where something stays, though it may be replaced there.
    fn secrets(&self, is_less: bool) -> CarriedSecrets {
        let identity = self.withheld.iter().any(WithheldSecret::is_certificate);
        let of_request = self.withheld.iter().any(|secret| !secret.is_certificate());
        match (is_less, self.keeps) {
            (true, _) => CarriedSecrets::Withheld { of_request, identity },
            (false, true) => CarriedSecrets::Kept,
            (false, false) => CarriedSecrets::Own,
        }
    }
}

impl Given {
    /// What goes along to a server; `keep` has its secrets sent there from now on.
    fn along_to(&mut self, target: Option<&Target>, keep: bool) -> Along {
        let Some(target) = target else { return Along::NoSecrets };
        if self.origins.first().is_some_and(|origin| origin.has_origin_of(target)) {
            return Along::Everything;
        }
        if keep {
            self.origins.push(target.clone());
        }
        let is_trusted = self.origins.iter().any(|origin| origin.has_origin_of(target));
        if is_trusted { Along::Secrets } else { Along::NoSecrets }
    }
}

/// Those of `connect`, complete.
fn flags(definition: &Command) -> Command {
    let mut built = definition.clone();
    built.build();
    built.find_subcommand("connect").cloned().unwrap_or_default()
}

/// What was given on a command line, but for what is about the run as a whole.
fn settings(flags: &Command, matches: &ArgMatches) -> Vec<ConfigSetting> {
    let is_given = |arg: &&clap::Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    let given = flags.get_arguments().filter(is_given).filter(|arg| !is_of_the_run(arg));
    let setting = |arg: &clap::Arg| {
        let flag = arg.get_long()?.to_owned();
        let values = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
        let mut values = values.filter_map(|value| value.to_str()).map(ConfigSource::given);
        let value = match arg.get_action() {
            ArgAction::SetTrue => Value::Switch(true),
            ArgAction::Append => Value::Several(values.collect()),
            _ => Value::One(values.next()?),
        };
        Some(ConfigSetting { key: flag.clone(), flag, value, line: 0 })
    };
    given.filter_map(setting).collect()
}

fn is_of_the_run(arg: &clap::Arg) -> bool {
    // Some have a letter alone.
    let Some(long) = arg.get_long() else { return !arg.is_positional() };
    let is_under = arg.get_help_heading().is_some_and(|heading| HEADINGS_OF_THE_RUN.contains(&heading));
    OF_THE_RUN.contains(&long) || (is_under && !OF_A_CONNECTION.contains(&long))
}

fn refuse_flags_of_the_run(flags: &Command, given: &ArgMatches) -> Result<(), Error> {
    let is_given = |arg: &&clap::Arg| given.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    match flags.get_arguments().filter(is_given).find(|arg| is_of_the_run(arg)) {
        Some(arg) => {
            let name = arg.get_long().map(|long| format!("--{long}"));
            let name = name.or_else(|| arg.get_short().map(|short| format!("-{short}"))).unwrap_or_default();
            let why = format!("{name} is about the whole run, and is given when wscli is started\n");
            Err(Error::raw(ErrorKind::ArgumentConflict, why))
        }
        None => Ok(()),
    }
}

/// What of a setting goes along, and which of its secrets don't.
/// `requested`: all subprotocols that are.
fn taken_along(
    setting: &ConfigSetting,
    along: Along,
    requested: &str,
) -> (Option<ConfigSetting>, BTreeSet<WithheldSecret>) {
    let flag = setting.flag.as_str();
    match (flag, along) {
        (_, Along::Everything) => (Some(setting.clone()), BTreeSet::new()),
        ("host", _) => (None, BTreeSet::new()),
        ("connect-to", _) => {
            (filtered(setting, |rule| connect_to(rule).is_ok_and(|rule| rule.follows_redirects)), BTreeSet::new())
        }
        ("header", Along::Secrets) => (filtered(setting, |header| !is_host(header)), BTreeSet::new()),
        (_, Along::Secrets) => (Some(setting.clone()), BTreeSet::new()),
        (flag, Along::NoSecrets) if secret_flags::proof(flag).is_some() => {
            (None, [WithheldSecret::of_proof(setting)].into())
        }
        ("header", Along::NoSecrets) => {
            let is_file = |header: &&str| header.starts_with('@');
            let given = values(setting).filter(|header| !is_file(header)).filter_map(|text| Header::parse(text).ok());
            let mut headers: Vec<_> = given.filter(|header| !header.is("host")).collect();
            let mut left = withheld_headers(&mut headers, requested);
            left.extend(values(setting).any(|header| is_file(&header)).then_some(WithheldSecret::HeadersOfFile));
            let headers = headers.iter().map(|header| ConfigSource::given(header.to_string())).collect();
            (Some(ConfigSetting { value: Value::Several(headers), ..setting.clone() }), left)
        }
        ("referer", Along::NoSecrets) => {
            let headers = values(setting).filter_map(|url| Header::parse(&format!("Referer: {url}")).ok());
            let left = withheld_headers(&mut headers.collect(), requested);
            (left.is_empty().then(|| setting.clone()), left)
        }
        ("subprotocol", Along::NoSecrets) => {
            let names = values(setting).collect::<Vec<_>>().join(",");
            let kept = without_secret_subprotocols(&names, requested);
            let is_less = kept.len() < names.split(',').filter(|name| !name.trim().is_empty()).count();
            let kept = kept.into_iter().map(ConfigSource::given).collect();
            let left = is_less.then_some(WithheldSecret::Subprotocols).into_iter().collect();
            (Some(ConfigSetting { value: Value::Several(kept), ..setting.clone() }), left)
        }
        (_, Along::NoSecrets) => (Some(setting.clone()), BTreeSet::new()),
    }
}

/// Leaves what of headers may be sent to another origin, and returns what else there was.
fn withheld_headers(headers: &mut Vec<Header>, requested: &str) -> BTreeSet<WithheldSecret> {
    let before = headers.clone();
    withhold_headers(headers, requested);
    // Of subprotocols a part may stay.
    let gone = before.iter().filter(|header| !headers.contains(header));
    gone.map(|header| WithheldSecret::of_header(&header.name)).collect()
}

/// The subprotocols that are requested by these, in whichever way.
fn requested_subprotocols(settings: &[ConfigSetting]) -> String {
    let of_flags = settings.iter().filter(|setting| setting.flag == "subprotocol").flat_map(values).map(str::to_owned);
    let headers = settings.iter().filter(|setting| setting.flag == "header").flat_map(values);
    let headers = headers.filter_map(|text| Header::parse(text).ok());
    let of_headers = headers.filter(|header| header.is("sec-websocket-protocol") && header.value.is_some());
    let of_headers = of_headers.map(|header| header.text().into_owned());
    of_flags.chain(of_headers).collect::<Vec<_>>().join(",")
}

fn is_host(header: &str) -> bool {
    Header::name_of(header).eq_ignore_ascii_case("host")
}

/// The values of a flag that may be repeated.
fn values(setting: &ConfigSetting) -> impl Iterator<Item = &str> {
    let values = match &setting.value {
        Value::One(source) => std::slice::from_ref(source),
        Value::Several(sources) => sources,
        Value::Switch(_) => &[],
    };
    values.iter().filter_map(ConfigSource::text)
}

fn filtered(setting: &ConfigSetting, keeps: impl Fn(&str) -> bool) -> Option<ConfigSetting> {
    let kept: Vec<_> = values(setting).filter(|value| keeps(value)).map(ConfigSource::given).collect();
    (!kept.is_empty()).then(|| ConfigSetting { value: Value::Several(kept), ..setting.clone() })
}
