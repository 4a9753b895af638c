//! The command line and the configuration file: flags and subcommands to the configurations of what is below. Nothing is
//! connected here, and nothing below knows clap.

mod admission;
mod arguments;
mod bench;
mod choice;
mod client;
mod client_tls;
mod completion_script;
mod completions;
mod compression;
mod config_file;
mod config_flags;
mod connect;
mod connect_lines;
mod connection;
mod convert;
mod data;
mod deadlines;
mod defaults;
mod dial;
mod diff;
mod ending;
mod faults;
mod flag_names;
mod flag_values;
mod foreign_flags;
mod forward;
mod help;
mod idle_flags;
mod inspect;
mod listening;
mod man;
mod man_pages;
mod mode;
mod optional_value;
mod pasted_flags;
mod ping;
mod prompt;
mod proxy;
mod recording;
mod refused_flags;
mod replay;
mod request;
mod retries;
mod sending;
mod serve;
mod server_tls;
mod show;
mod spare_word;
mod test;
mod usage_error;
mod verbosity;
mod withheld_secret;
mod writing;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory, Error, FromArgMatches, Parser, Subcommand};

use self::connect_lines::ConnectLines;
use crate::commands;
use crate::commands::run_limit::RunLimit;
use crate::exit::Exit;
use crate::net::Woken;
use crate::script;
use crate::stdio::console::Console;

/// A subcommand, and what it is asked to do.
#[derive(Debug)]
pub(crate) enum Task {
    Bench(Box<commands::bench::Config>),
    /// And what reads further lines at its prompt.
    Connect(Box<commands::connect::Config>, Arc<dyn commands::connect::CommandLines>),
    Diff(Box<commands::diff::Config>),
    Inspect(Box<commands::inspect::Config>),
    Ping(Box<commands::ping::Config>),
    Proxy(Box<commands::proxy::Config>),
    ProxyCa(commands::proxy::ca::CaConfig),
    Replay(Box<commands::replay::Config>),
    Serve(Box<commands::serve::Config>),
    Show(Box<commands::show::Config>),
    Convert(Box<commands::convert::Config>),
    Test(Box<commands::test::Config>),
    Completions(commands::completions::Config),
    Man(Box<commands::man::Config>),
    Print(Vec<u8>),
    /// Help and the version, which clap prints; and what came of that.
    Printed(io::Result<()>),
}

/// What this process is to do, and what there is to tell about it first.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) task: Task,
    /// Lines for the log of a run that has one.
    pub(crate) notes: Vec<String>,
}

/// Subcommands that are about all of them.
const OF_ALL_SUBCOMMANDS: [&str; 4] = ["help", "config", "completions", "man"];

impl Invocation {
    fn printed(printed: io::Result<()>) -> Self {
        Self { task: Task::Printed(printed), notes: Vec::new() }
    }
}

/// Reads the arguments of this process, and the configuration file. Help, the version and what is wrong with the arguments
/// is printed here.
///
/// # Errors
/// The exit code, where there is nothing to run.
pub(crate) fn parse() -> Result<Invocation, ExitCode> {
    let mut definition = CommandLine::command();
    let words = match arguments::with_subcommand(std::env::args_os().collect(), &mut definition) {
        Ok(words) => words,
        Err(error) => return told(&error),
    };
    leave_out_others(&mut definition, words.get(1));
    let (subcommand, notes) = match configured(&words, &definition, None) {
        Ok(read) => read,
        Err(error) => return unread(error, &words, &mut CommandLine::command()),
    };
    let task = match subcommand {
        Subcommands::Help(args) => match help::print(&args, &mut definition) {
            Ok(printed) => Task::Printed(printed),
            Err(error) => return told(&error),
        },
        Subcommands::Config { action } => match action.answer(&definition) {
            Ok(text) => Task::Print(text.into_bytes()),
            Err(error) => return told(&error),
        },
        Subcommands::Connect(args) if args.help_rules => rules(),
        Subcommands::Serve(args) if args.help_rules => rules(),
        Subcommands::Proxy(args) if args.help_rules => rules(),
        Subcommands::Connect(args) => match ConnectLines::behind(&words, &definition) {
            Ok(lines) => Task::Connect(Box::new(args.config()), Arc::new(lines)),
            Err(error) => return told(&error),
        },
        Subcommands::Diff(args) => Task::Diff(Box::new(args.config())),
        Subcommands::Inspect(args) => Task::Inspect(Box::new(args.config())),
        Subcommands::Ping(args) => Task::Ping(Box::new(args.config())),
        Subcommands::Bench(args) => match args.config() {
            Ok(config) => Task::Bench(Box::new(config)),
            Err(why) => return told(&refused(&mut definition, &words, ErrorKind::ValueValidation, &why)),
        },
        Subcommands::Serve(args) => Task::Serve(Box::new(args.config())),
        Subcommands::Proxy(args) if args.is_about_ca() => Task::ProxyCa(args.ca_config()),
        Subcommands::Proxy(args) => match args.config() {
            Ok(config) => Task::Proxy(Box::new(config)),
            Err(why) => return told(&refused(&mut definition, &words, ErrorKind::ValueValidation, &why)),
        },
        Subcommands::Replay(args) => Task::Replay(Box::new(args.config())),
        Subcommands::Show(args) => match args.config() {
            Ok(config) => Task::Show(Box::new(config)),
            Err(why) => return told(&refused(&mut definition, &words, ErrorKind::ValueValidation, &why)),
        },
        Subcommands::Convert(args) => match args.config() {
            Ok(config) => Task::Convert(Box::new(config)),
            Err(why) => return told(&refused(&mut definition, &words, ErrorKind::MissingRequiredArgument, &why)),
        },
        Subcommands::Test(args) => match args.config() {
            Ok(config) => Task::Test(Box::new(config)),
            Err(why) => return told(&refused(&mut definition, &words, ErrorKind::ValueValidation, &why)),
        },
        Subcommands::Completions(args) => Task::Completions(args.config(definition)),
        Subcommands::Man(args) => match args.config(&definition) {
            Ok(config) => Task::Man(Box::new(config)),
            Err(error) => return told(&error),
        },
    };
    Ok(Invocation { task, notes })
}

/// Takes from the definition what there is of other subcommands than this one, but for their names. A definition is copied several
/// times before a subcommand runs, and each has some hundred flags. The configuration file is read with all of them.
fn leave_out_others(definition: &mut clap::Command, subcommand: Option<&OsString>) {
    let known = subcommand.and_then(|name| definition.find_subcommand(name)).map(|known| known.get_name().to_owned());
    let Some(name) = known.filter(|name| !OF_ALL_SUBCOMMANDS.contains(&name.as_str())) else { return };
    for other in definition.get_subcommands_mut().filter(|other| other.get_name() != name) {
        *other = clap::Command::new(other.get_name().to_owned());
    }
}

/// What is wrong with the flags of a subcommand, with its usage.
fn refused(definition: &mut clap::Command, words: &[OsString], kind: ErrorKind, why: &str) -> Error {
    definition.build();
    match words.get(1).and_then(|name| definition.find_subcommand_mut(name)) {
        Some(subcommand) => subcommand.error(kind, why),
        None => definition.error(kind, why),
    }
}

/// The grammar of rules.
fn rules() -> Task {
    Task::Print(script::MANUAL.as_bytes().to_vec())
}

/// What clap has to say about words that it found no subcommand to run in.
fn unread(error: Error, words: &[OsString], definition: &mut clap::Command) -> Result<Invocation, ExitCode> {
    let error = usage_error::with_place_of_what_is_not_text(error, words);
    let words: Vec<_> = words.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let words = &words[..];
    if error.kind() == ErrorKind::DisplayHelp {
        return Ok(Invocation::printed(help::page(words.iter().map(String::as_str), definition).print_help()));
    }
    // What a secret is cut off from is the name of a flag, which may be another tool's.
    let error = usage_error::with_one_subcommand(usage_error::with_value_below_zero(error, words, definition));
    let error = usage_error::without_other_values(usage_error::without_secrets(error, words));
    told(&usage_error::with_our_flags(error, words, definition))
}

/// Prints what clap has to say: what is wrong, folded as all our lines are, or what was asked for.
fn told(error: &Error) -> Result<Invocation, ExitCode> {
    if !error.use_stderr() {
        return Ok(Invocation::printed(error.print()));
    }
    let console = Console::stderr();
    error.render().to_string().trim_end().lines().for_each(|line| console.line(line));
    Err(Exit::Usage.into())
}

/// The subcommand, with what the configuration file says where the words don't; and where that stands, if it is to be told.
/// Commands of that file are ended once they are `cancelled`.
fn configured(
    words: &[OsString],
    definition: &clap::Command,
    cancelled: Option<&Woken>,
) -> Result<(Subcommands, Vec<String>), Error> {
    let (pasted, ignored) = pasted(words, definition)?;
    // What is of no use in a pasted command is no mistake of whoever pastes it.
    let is_pasted = pasted.len() > words.len();
    let (subcommand, mut notes) = below_given(&pasted, definition, !is_pasted, cancelled)?;
    notes.extend(ignored);
    Ok((subcommand, notes))
}

/// The words with those flags of a curl command that are ours too, and a note for each that the subcommand doesn't have.
fn pasted(words: &[OsString], definition: &clap::Command) -> Result<(Vec<OsString>, Vec<String>), Error> {
    let (matches, subcommand) = read(words, definition)?;
    let curl = match &subcommand {
        Subcommands::Connect(args) => args.client.curl(),
        Subcommands::Inspect(args) => args.client.curl(),
        Subcommands::Ping(args) => args.client.curl(),
        Subcommands::Bench(args) => args.client.curl(),
        _ => None,
    };
    let (Some(command), Some((name, given))) = (curl, matches.subcommand()) else {
        return Ok((words.to_vec(), Vec::new()));
    };
    let mut definition = definition.clone();
    definition.build();
    let Some(flags) = definition.find_subcommand(name) else { return Ok((words.to_vec(), Vec::new())) };
    let found = pasted_flags::PastedWords::of(command, given, flags);
    let ignored = found.ignored.iter().map(|flag| format!("--from-curl: {flag} is ignored"));
    Ok((with_more(words, found.words), ignored.collect()))
}

/// The same below the configuration file, where flags that do nothing may be refused.
fn below_given(
    words: &[OsString],
    definition: &clap::Command,
    refuses_idle: bool,
    cancelled: Option<&Woken>,
) -> Result<(Subcommands, Vec<String>), Error> {
    let (matches, mut subcommand) = read(words, definition)?;
    let Some((name, given)) = matches.subcommand() else { return Ok((subcommand, Vec::new())) };
    let refuse_idle = |all: &ArgMatches| {
        let mut definition = definition.clone();
        definition.build();
        let command = definition.find_subcommand(name).filter(|_| refuses_idle);
        command.map_or(Ok(()), |command| idle_flags::refuse(command, given, all))
    };
    let has_no_url = matches!(&subcommand, Subcommands::Connect(args) if !args.has_destination());
    let command = definition.find_subcommand(name).filter(|_| has_no_url);
    let swallowed = |command| spare_word::swallowed_url(command, given).or_else(|| spare_word::swallowed_port(given));
    if let Some(why) = command.and_then(swallowed) {
        return Err(Error::raw(ErrorKind::MissingRequiredArgument, why + "\n"));
    }
    begin_time_limit(&subcommand)?;
    let (url, file) = match &mut subcommand {
        Subcommands::Serve(args) => (None, &args.config_file),
        Subcommands::Proxy(args) => (args.target().map(str::to_owned), &args.client.config_file),
        other => match other.client() {
            Some(client) => (client.url_or_pasted(), &client.config_file),
            None => {
                refuse_idle(given)?;
                return Ok((subcommand, Vec::new()));
            }
        },
    };
    let url = url.as_deref();
    let line = config_flags::GivenLine { subcommand: name, given, url, file, cancelled };
    let Some(found) = line.configured(CommandLine::command)? else {
        refuse_idle(given)?;
        subcommand.note_given(given);
        return Ok((subcommand, Vec::new()));
    };
    let mut all = matches.clone();
    if !found.defaults.origins.is_empty() {
        (all, subcommand) = read(&with_more(words, found.defaults.words), &found.defaults.definition)?;
    }
    refuse_idle(all.subcommand().map_or(given, |(_, all)| all))?;
    subcommand.note_given(given);
    let is_verbose = match &mut subcommand {
        Subcommands::Serve(args) => args.verbose,
        Subcommands::Proxy(args) => args.go_to(found.url),
        other => other.client().is_some_and(|client| client.go_to(found.url)),
    };
    let origins = if is_verbose { found.defaults.origins } else { Vec::new() };
    Ok((subcommand, found.namesake.into_iter().chain(origins).collect()))
}

/// A configuration file may be a pipe, or name a command, that says nothing: what was given of the time holds already.
fn begin_time_limit(subcommand: &Subcommands) -> Result<(), Error> {
    let (max_time, is_quiet) = match subcommand {
        Subcommands::Connect(args) => (args.ending.max_time, args.writing.quiet),
        Subcommands::Inspect(args) => (args.max_time, false),
        Subcommands::Ping(args) => (args.max_time, false),
        Subcommands::Replay(args) => (args.max_time, false),
        Subcommands::Test(args) => (args.max_time, false),
        _ => return Ok(()),
    };
    let console = if is_quiet { Console::nowhere() } else { Console::stderr() };
    RunLimit::begin_before_configuration(max_time, &console)
        .map_err(|why| Error::raw(ErrorKind::Io, format!("{why}\n")))
}

/// The words with more flags behind those that are there.
fn with_more(words: &[OsString], flags: Vec<String>) -> Vec<OsString> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let (before, behind) = words.split_at(end);
    before.iter().cloned().chain(flags.into_iter().map(OsString::from)).chain(behind.iter().cloned()).collect()
}

/// The subcommand, with a value behind a blank where a flag may have one.
fn read(words: &[OsString], definition: &clap::Command) -> Result<(ArgMatches, Subcommands), Error> {
    let read = |words: &[OsString]| {
        let matches = definition.clone().try_get_matches_from(words)?;
        let line = CommandLine::from_arg_matches(&matches)?;
        Ok((matches, line.subcommand))
    };
    let Some(joined) = optional_value::joined(words, true) else { return read(words) };
    match read(&joined)? {
        // A number may be a port, which is a server's address: it is one where nothing else says where to connect to.
        (_, Subcommands::Connect(args)) if !args.has_destination() => {
            read(optional_value::joined(words, false).as_deref().unwrap_or(words))
        }
        found => Ok(found),
    }
}

/// The command-line tool for debugging WebSockets.
#[derive(Debug, Parser)]
#[command(name = "wscli", version, max_term_width = 100, disable_help_subcommand = true, after_help = help::EXIT_CODES,
          override_usage = "wscli <COMMAND>\n       wscli URL    connects, as wscli connect URL does")]
struct CommandLine {
    #[command(subcommand)]
    subcommand: Subcommands,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Connect to a server: a prompt on a terminal, one message per line in a pipe
    #[command(after_help = help::manual(help::CONNECT_EXAMPLES), args_override_self = true)]
    Connect(Box<connect::ConnectArgs>),
    /// Connect and report on network, TLS, handshake, features
    #[command(after_help = help::manual(help::INSPECT_EXAMPLES), args_override_self = true)]
    Inspect(Box<inspect::InspectArgs>),
    /// Measure the round-trip times of pings and, optionally, of messages
    #[command(after_help = help::manual(help::PING_EXAMPLES), args_override_self = true)]
    Ping(Box<ping::PingArgs>),
    /// Load a server with many connections, and report round-trip times, rates and failures
    #[command(after_help = help::manual(help::BENCH_EXAMPLES), args_override_self = true)]
    Bench(Box<bench::BenchArgs>),
    /// Run a test server: echo, chat room, feed, mock, a process per client, and a page to try it from
    #[command(after_help = mode::manual() + &help::server_manual(), args_override_self = true)]
    Serve(Box<serve::ServeArgs>),
    /// Stand between clients and a server: forwards everything unchanged and shows it
    #[command(after_help = help::proxy_manual(), args_override_self = true)]
    Proxy(Box<proxy::ProxyArgs>),
    /// Show a recording: what was sent and received, one line each
    #[command(after_help = help::SHOW_EXAMPLES, args_override_self = true)]
    Show(Box<show::ShowArgs>),
    /// Replay a recording: send the client's messages, compare the answers with the recorded ones
    #[command(after_help = help::manual(help::REPLAY_EXAMPLES), args_override_self = true)]
    Replay(Box<replay::ReplayArgs>),
    /// Compare two recordings message by message
    #[command(after_help = help::DIFF_EXAMPLES, args_override_self = true)]
    Diff(Box<diff::DiffArgs>),
    /// Convert a recording: to and from HAR, to pcapng for Wireshark, to a transcript
    #[command(after_help = help::CONVERT_EXAMPLES, args_override_self = true)]
    Convert(Box<convert::ConvertArgs>),
    /// Run tests of WebSocket services: files of steps on named connections
    #[command(after_help = help::TEST_EXAMPLES, args_override_self = true)]
    Test(Box<test::TestArgs>),
    /// Locate or check the configuration file, or print an example
    Config {
        #[command(subcommand)]
        action: config_flags::ConfigAction,
    },
    /// Print the completion script for a shell, or install it
    Completions(completions::CompletionsArgs),
    /// Show a manual page: for wscli, a subcommand, or a format
    Man(man::ManArgs),
    /// Print help: for wscli, a subcommand, or one group of its flags
    Help(help::HelpArgs),
}

impl Subcommands {
    /// The flags of a client, where it is one.
    fn client(&mut self) -> Option<&mut client::ClientArgs> {
        match self {
            Self::Connect(args) => Some(&mut args.client),
            Self::Inspect(args) => Some(&mut args.client),
            Self::Ping(args) => Some(&mut args.client),
            Self::Bench(args) => Some(&mut args.client),
            Self::Replay(args) => Some(&mut args.client),
            Self::Proxy(args) => Some(&mut args.client),
            Self::Serve(_)
            | Self::Show(_)
            | Self::Diff(_)
            | Self::Convert(_)
            | Self::Test(_)
            | Self::Config { .. }
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Help(_) => None,
        }
    }

    /// Notes what only counts where it stands on the command line itself.
    fn note_given(&mut self, given: &ArgMatches) {
        if let Self::Connect(args) = self {
            args.prompt.given = idle_flags::of_a_prompt(given);
        }
    }
}

/// The heading of a client's TLS and of a server's.
const TLS: &str = "TLS";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_advice_of_tests_names_flags_of_tests() {
        let mut command = CommandLine::command();
        command.build();
        let test = command.find_subcommand("test").unwrap();
        let lacks = |flag: &&str| flag_names::named(test, flag).is_none();
        assert_eq!(crate::advice::flags_of_tests().into_iter().filter(lacks).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn the_advice_of_the_prompt_names_flags_of_connect_there() {
        use crate::commands::connect::CommandLines as _;
        let words = connect_lines::ConnectLines::behind(&["wscli".into(), "connect".into()], &CommandLine::command());
        let offered = words.unwrap().words().flags;
        let mut command = CommandLine::command();
        command.build();
        let connect = command.find_subcommand("connect").unwrap();
        let is_offered = |name: &&str| {
            let long = flag_names::named(connect, name).and_then(clap::Arg::get_long);
            let name = long.map_or_else(|| name.to_string(), |long| format!("--{long}"));
            // curl's own name of a header is taken, and not offered.
            offered.contains(&name) || name == "--referer"
        };
        let unknown = crate::advice::flags_at_the_prompt().into_iter().filter(|name| !is_offered(name));
        assert_eq!(unknown.collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn advice_names_flags_that_there_are() {
        let command = CommandLine::command();
        let arguments: Vec<_> = command.get_subcommands().flat_map(clap::Command::get_arguments).collect();
        let long: Vec<_> = arguments.iter().filter_map(|arg| arg.get_long()).collect();
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/advice")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let ours = paths.filter(|path| !path.ends_with("other_programs.rs"));
        // Tests have flags that there aren't.
        let code = |path| std::fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap().to_owned();
        let advice: String = ours.map(code).collect();
        let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let named = advice.split("--").skip(1).map(|rest| rest.split(|c| !is_of_a_name(c)).next().unwrap_or_default());
        let named: Vec<_> = named.filter(|name| !name.is_empty()).collect();
        assert!(named.len() > 30, "the search finds {named:?}");
        let other_names = arguments.iter().filter_map(|arg| arg.get_all_aliases()).flatten();
        let other_names: Vec<_> = other_names.collect();
        // One is of a command at the prompt.
        let is_known = |name: &str| long.contains(&name) || other_names.contains(&name) || name == "keep-credentials";
        let unknown: Vec<_> = named.iter().filter(|name| !is_known(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
