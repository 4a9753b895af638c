//! What the configuration file says, put below what the command line says: clap takes it for the defaults of flags, and for
//! more of those that may be repeated.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command, Id, parser::ValueSource};

use super::client_tls::OLDEST_TLS;
use super::config_file::{ConfigFault, ConfigFile, ConfigSection, ConfigSetting, ConfigSource, Scope, Value};
use super::flag_names::named;
use super::flag_values::FlagValues;
use super::prompt;
use crate::http::Header;
use crate::net::Woken;
use crate::values;

/// Flags that make no sense in a file.
const ONLY_GIVEN: [&str; 7] = ["help", "help-rules", "version", "config", "no-config", "from-curl", "forward"];

/// Flags under other headings that hold at a prompt too.
const BESIDE_PROMPT: [&str; 2] = ["color", "timestamps"];

/// Headers add up too, but those of one name take the place of each other.
const HEADERS: &str = "headers";

/// Headers that have a flag of their own, and its long name: one of the two decides.
const FLAGS_OF_HEADERS: [(&str, &str); 7] = [
    ("host", "host"),
    ("origin", "origin"),
    ("user-agent", "user-agent"),
    ("referer", "referer"),
    ("sec-websocket-protocol", "subprotocol"),
    ("authorization", "user"),
    ("authorization", "bearer"),
];

/// Whether values that don't stand in the file are fetched.
#[derive(Debug, Clone, Copy)]
enum Fetch<'a> {
    /// As for a run, unless that is given up.
    All(Option<&'a Woken>),
    /// The file is only looked through: no command is run.
    Nothing,
}

/// What the file adds to the command line.
#[derive(Debug)]
pub(super) struct Defaults {
    pub(super) definition: Command,
    /// Flags that may be repeated, to stand behind those that were given.
    pub(super) words: Vec<String>,
    /// Each flag that the file sets, and where; no values, which may be secrets.
    pub(super) origins: Vec<String>,
}

/// Puts the settings of `sections`, the strongest first, below what was `given` to the subcommand. A flag that was given, or
/// one that contradicts the setting, leaves the setting without effect, and so does a stronger section; but flags that may
/// be repeated add up. Commands that print values are ended once they are `cancelled`.
///
/// # Errors
/// A key that isn't a flag, a value that it doesn't take, or a section that contradicts itself.
pub(super) fn below(
    given: &ArgMatches,
    subcommand: &str,
    (file, sections): (&ConfigFile, &[&ConfigSection]),
    definition: Command,
    cancelled: Option<&Woken>,
) -> Result<Defaults, Vec<ConfigFault>> {
    // clap finds the arguments of a definition that was built by their places, which a changed default would shift.
    let mut pristine = definition.clone();
    pristine.build();
    let mut defaults = Defaults { definition, words: Vec::new(), origins: Vec::new() };
    let Some(flags) = pristine.find_subcommand(subcommand) else { return Ok(defaults) };
    let mut decisions = Decisions::new(&pristine, flags, given, Fetch::All(cancelled));
    let mut faults = Vec::new();
    for section in sections {
        decisions.begin_section();
        for setting in &section.settings {
            match decisions.effect(section, setting) {
                Ok(Some(effect)) => {
                    defaults.origins.push(format!("--{} comes from {}", setting.flag, file.place(setting)));
                    defaults.add(subcommand, effect);
                }
                Ok(None) => {}
                Err(what) => faults.push(file.fault(setting, what)),
            }
        }
    }
    if faults.is_empty() { Ok(defaults) } else { Err(faults) }
}

/// Looks for what is wrong with sections, each by itself. No command is run.
#[derive(Debug)]
pub(super) struct SectionCheck<'a> {
    /// Built.
    definition: &'a Command,
    /// By the subcommand.
    decisions: BTreeMap<&'a str, Decisions<'a>>,
}

impl<'a> SectionCheck<'a> {
    /// `definition` has been built.
    pub(super) fn new(definition: &'a Command) -> Self {
        Self { definition, decisions: BTreeMap::new() }
    }

    /// What is wrong with a section, for a subcommand.
    pub(super) fn faults(
        &mut self,
        file: &ConfigFile,
        section: &'a ConfigSection,
        subcommand: &'a str,
    ) -> Vec<ConfigFault> {
        let Some(flags) = self.definition.find_subcommand(subcommand) else { return Vec::new() };
        let decisions = self.decisions.entry(subcommand).or_insert_with(|| {
            let nothing = self.definition.clone().try_get_matches_from(["wscli", subcommand]).unwrap_or_default();
            let nothing = nothing.subcommand_matches(subcommand).cloned().unwrap_or_default();
            Decisions::new(self.definition, flags, &nothing, Fetch::Nothing)
        });
        decisions.begin_anew();
        let mut fault = |setting| decisions.effect(section, setting).err().map(|what| file.fault(setting, what));
        section.settings.iter().filter_map(&mut fault).collect()
    }
}

/// What was given before, the latest first, as words to stand behind what is given `now`: as far as that leaves room for it.
///
/// # Errors
/// A value that isn't taken any more.
pub(super) fn words_behind(
    now: &ArgMatches,
    subcommand: &str,
    before: &[ConfigSetting],
    definition: &Command,
) -> Result<Vec<String>, String> {
    let mut pristine = definition.clone();
    pristine.build();
    let Some(flags) = pristine.find_subcommand(subcommand) else { return Ok(Vec::new()) };
    let mut decisions = Decisions::new(&pristine, flags, now, Fetch::All(None));
    let mut words = Vec::new();
    for setting in before {
        decisions.begin_section();
        if let Some(arg) = flag(flags, &setting.flag)
            && let Some(effect) = decisions.effect_of(arg, setting)?
        {
            words.extend(effect.words);
        }
    }
    Ok(words)
}

/// What a setting does.
#[derive(Debug)]
struct Effect<'a> {
    arg: &'a Arg,
    /// As on a command line.
    words: Vec<String>,
    /// The flag's values in them.
    values: Vec<OsString>,
}

/// What has been decided so far, by the command line and by stronger settings.
#[derive(Debug)]
struct Decisions<'a> {
    definition: &'a Command,
    /// The subcommand.
    flags: &'a Command,
    fetch: Fetch<'a>,
    /// Flags that were given, or are in a stronger section.
    stronger: BTreeSet<&'a Id>,
    /// Those of this section, each with the first key that has decided it.
    here: BTreeMap<&'a Id, &'a str>,
    /// The names of headers, in lower case.
    headers: HashSet<String>,
    values: FlagValues,
    /// So many keys that are no flags are still compared with all flags, for what is meant.
    guesses: usize,
}

/// More wrong keys than these nobody looks through for what was meant.
const GUESSES: usize = 100;

impl<'a> Decisions<'a> {
    fn new(definition: &'a Command, flags: &'a Command, given: &ArgMatches, fetch: Fetch<'a>) -> Self {
        let is_given = |id: &&Id| given.value_source(id.as_str()) == Some(ValueSource::CommandLine);
        let headers = given.get_raw(HEADERS).into_iter().flatten();
        let of_flags = flags.get_arguments().filter(|arg| is_given(&arg.get_id())).filter_map(header_of);
        Self {
            definition,
            flags,
            fetch,
            stronger: flags.get_arguments().map(Arg::get_id).filter(is_given).collect(),
            here: BTreeMap::new(),
            headers: headers.filter_map(|header| header_name(header.to_str()?)).chain(of_flags).collect(),
            values: FlagValues::default(),
            guesses: GUESSES,
        }
    }

    /// Nothing has been decided, and nothing was given.
    fn begin_anew(&mut self) {
        self.stronger.clear();
        self.here.clear();
        self.headers.clear();
    }

    /// What has been decided is stronger than what follows.
    fn begin_section(&mut self) {
        self.stronger.extend(std::mem::take(&mut self.here).into_keys());
    }

    /// What the setting does, if anything.
    fn effect(&mut self, section: &ConfigSection, setting: &'a ConfigSetting) -> Result<Option<Effect<'a>>, String> {
        if section.scope == Scope::Prompt && !is_of_a_prompt(self.definition, &setting.flag) {
            return Err(
                "it is not a setting of the prompt; flags of connect and of serve have sections of their own".into()
            );
        }
        let Some(arg) = flag(self.flags, &setting.flag) else {
            // What holds for a host or a target may be for another subcommand.
            let is_for_others = section.is_shared() && is_elsewhere(self.definition, &setting.flag);
            return if is_for_others { Ok(None) } else { Err(self.unknown(&setting.flag)) };
        };
        self.effect_of(arg, setting)
    }

    /// The same of a setting of this flag.
    fn effect_of(&mut self, arg: &'a Arg, setting: &'a ConfigSetting) -> Result<Option<Effect<'a>>, String> {
        if !self.leave_room(arg, &setting.key)? {
            return Ok(None);
        }
        let header = header_of(arg);
        if !adds_up(arg) && header.as_ref().is_some_and(|name| self.headers.contains(name)) {
            return Ok(None);
        }
        self.headers.extend(header);
        let Some(words) = words(arg, setting, self.fetch)? else { return Ok(None) };
        let values = self.values.read(arg, &words).map_err(|why| match setting.is_given() {
            true => why,
            // What a command prints, or a variable has, may be a secret that was meant for another flag.
            false => format!("what it gets from elsewhere is not a value of --{}, and isn't shown", setting.flag),
        })?;
        Ok(Some(Effect { arg, words: self.without_known_headers(arg, words), values }))
    }

    /// Whether a setting has an effect, and then decides.
    fn leave_room(&mut self, arg: &'a Arg, key: &'a str) -> Result<bool, String> {
        let id = arg.get_id();
        let excludes = |other: &&Id| match *other == id {
            true => !adds_up(arg),
            false => contradict(self.flags, arg, other),
        };
        if let Some((_, key)) = self.here.iter().find(|(other, _)| excludes(other)) {
            return Err(format!("it contradicts {key}"));
        }
        let has_effect = !self.stronger.iter().any(excludes);
        if has_effect {
            self.here.entry(id).or_insert(key);
        }
        Ok(has_effect)
    }

    /// About a key that is no flag.
    fn unknown(&mut self, name: &str) -> String {
        self.guesses = self.guesses.saturating_sub(1);
        let meant = (self.guesses > 0).then(|| meant(self.flags, name)).flatten();
        match ONLY_GIVEN.contains(&name) {
            true => format!("--{name} is for the command line alone"),
            false => {
                let meant = meant.map(|long| format!("; {long} is")).unwrap_or_default();
                format!("it is not a flag of {}{meant}", self.flags.get_name())
            }
        }
    }

    fn without_known_headers(&mut self, arg: &Arg, mut words: Vec<String>) -> Vec<String> {
        if arg.get_id() == HEADERS {
            let name = |word: &String| word.split_once('=').and_then(|(_, header)| header_name(header));
            words.retain(|word| name(word).is_none_or(|name| !self.headers.contains(&name)));
            self.headers.extend(words.iter().filter_map(name));
        }
        words
    }
}

impl Defaults {
    fn add(&mut self, subcommand: &str, Effect { arg, words, values }: Effect<'_>) {
        if adds_up(arg) {
            self.words.extend(words);
            return;
        }
        let definition = std::mem::take(&mut self.definition);
        self.definition = definition.mut_subcommand(subcommand, |command| {
            command.mut_arg(arg.get_id().as_str(), |arg| arg.default_values(values))
        });
    }
}

/// The name of a header as a flag gives it, in lower case; `None` of a file of headers.
fn header_name(header: &str) -> Option<String> {
    let name = Some(Header::name_of(header)).filter(|name| !name.starts_with('@'))?;
    Some(name.to_ascii_lowercase())
}

/// The name of the header that a flag gives, in lower case.
fn header_of(arg: &Arg) -> Option<String> {
    let long = arg.get_long()?;
    FLAGS_OF_HEADERS.iter().find(|(_, flag)| *flag == long).map(|(header, _)| (*header).to_owned())
}

/// Whether the flag may be repeated.
pub(super) fn adds_up(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

fn flag<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    named(command, &format!("--{name}")).filter(|_| !ONLY_GIVEN.contains(&name))
}

/// Whether a flag is about what a person has at a terminal.
fn is_of_a_prompt(definition: &Command, name: &str) -> bool {
    let has_heading =
        |command: &Command| flag(command, name).is_some_and(|arg| arg.get_help_heading() == Some(prompt::PROMPT));
    definition.get_subcommands().any(has_heading) || BESIDE_PROMPT.contains(&name)
}

fn is_elsewhere(definition: &Command, name: &str) -> bool {
    definition.get_subcommands().any(|other| flag(other, name).is_some())
}

pub(super) fn contradict(command: &Command, arg: &Arg, other: &Id) -> bool {
    // clap names no flags that override each other.
    let is_oldest = |id: &Id| OLDEST_TLS.iter().any(|name| id == *name);
    if arg.get_id() != other && is_oldest(arg.get_id()) && is_oldest(other) {
        return true;
    }
    let one_way = |arg: &Arg, other: &Id| {
        command.get_arg_conflicts_with(arg).iter().any(|conflicting| conflicting.get_id() == other)
    };
    let found = command.get_arguments().find(|known| known.get_id() == other);
    one_way(arg, other) || found.is_some_and(|other| one_way(other, arg.get_id()))
}

/// The flag that is meant by a name that none has.
fn meant<'a>(command: &'a Command, name: &str) -> Option<&'a str> {
    let of_letter = named(command, &format!("-{}", name.trim_start_matches('-'))).and_then(Arg::get_long);
    let names = command.get_arguments().filter_map(Arg::get_long).filter(|long| !ONLY_GIVEN.contains(long));
    // What is much longer than a flag is meant for none.
    let names = names.filter(|long| name.len() <= 2 * long.len());
    of_letter.or_else(|| values::nearest(names, name))
}

/// The setting as words of a command line; `None` where the flag stays off, or its value isn't to be fetched.
fn words(arg: &Arg, setting: &ConfigSetting, fetch: Fetch<'_>) -> Result<Option<Vec<String>>, String> {
    let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
    let needs_value = !is_switch && arg.get_num_args().is_none_or(|count| count.min_values() > 0);
    let sources: &[ConfigSource] = match &setting.value {
        Value::Switch(_) if needs_value => return Err("it takes a value, not true or false".into()),
        Value::Switch(false) => return Ok(None),
        Value::Switch(true) => return Ok(Some(vec![format!("--{}", setting.flag)])),
        _ if is_switch => return Err("it is true or false".into()),
        Value::One(source) => std::slice::from_ref(source),
        Value::Several(sources) if adds_up(arg) => sources,
        Value::Several(_) => return Err("it takes one value, not several".into()),
    };
    let cancelled = match fetch {
        Fetch::Nothing if !sources.iter().all(ConfigSource::is_given) => return Ok(None),
        Fetch::Nothing => None,
        Fetch::All(cancelled) => cancelled,
    };
    let word = |source: &ConfigSource| source.resolve(cancelled).map(|value| format!("--{}={value}", setting.flag));
    sources.iter().map(word).collect::<Result<_, _>>().map(Some)
}
