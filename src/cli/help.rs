//! What help says beside the flags, and help that is shorter than all of it: the flags of every day (`-h`), and one heading
//! or flag (`wscli help COMMAND TOPIC`).

use std::io;

use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command, Error};

use super::flag_names::is_name_of;
use crate::advice::secret_flags;
use crate::values;

/// `wscli help`.
#[derive(Debug, Args)]
pub(super) struct HelpArgs {
    /// Which subcommand
    #[arg(value_name = "COMMAND")]
    subcommand: Option<String>,

    /// A group of its flags, such as tls, or a flag, such as --linger [default: all of them]
    #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
    topic: Vec<String>,
}

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    done: the closing handshake finished with 1000, 1001 or no code
  1    an expectation failed: something expected did not arrive or was not sent, or something rejected came
  2    usage, input that can't be sent, or output that can't be written
  3    could not connect: resolving, connecting or the proxy failed or timed out
  4    TLS failed or timed out
  5    opening handshake refused, invalid or timed out
  6    the peer violated the protocol
  7    closed abnormally (1006) or with another status code
  101  internal error; details on stderr
  129, 130, 143  ended by SIGHUP, SIGINT, SIGTERM";

/// A server runs until it is told to stop, so a signal is no failure.
const SERVER_EXIT_CODES: &str = "\
Exit codes:
  0    stopped by SIGHUP, SIGINT or SIGTERM
  2    usage, or a file that can't be used
  3    could not listen
  4    TLS can't be set up with this certificate
  101  internal error; details on stderr";

pub(super) const CONNECT_EXAMPLES: &str = "\
Examples:
  wscli wss://example.com/feed                                   a prompt
  echo '{\"op\":\"ping\"}' | wscli connect -1 wss://example.com/     one question, one answer
  wscli connect -n --out json wss://example.com/ | jq .          everything received, as events
  wscli connect -n --expect ready -m 30s ws://localhost:8080/    exit 0 if it arrives, 1 if not
  wscli connect -n --on 'match ^2$ => reply 3' URL               answer heartbeats
  wscli connect --frames -v -H 'Authorization: Bearer T' URL     what is on the wire
  wscli connect --from-curl \"$(pbpaste)\"                         a browser's \"Copy as cURL\"";

pub(super) const INSPECT_EXAMPLES: &str = "\
Examples:
  wscli inspect wss://example.com/feed
  wscli inspect --json wss://example.com/feed | jq .tls
  wscli inspect --expect price wss://example.com/feed  exit 1 unless a matching message arrives
  wscli inspect --limits wss://example.com/feed      who ends connections, and what keeps them open";

pub(super) const PING_EXAMPLES: &str = "\
Examples:
  wscli ping wss://example.com/feed                         once a second, until Ctrl-C
  wscli ping -c 10 -i 200ms wss://example.com/feed          exit 0 if all ten were answered, 1 if not
  wscli ping --message '{\"op\":\"time\"}' --answer time URL   the application as well as the protocol
  wscli ping --json -c 5 URL | jq .round_trip_ms";

pub(super) const BENCH_EXAMPLES: &str = "\
Examples:
  wscli bench -c 100 -z 30s ws://localhost:8080/         one message in flight on each of 100 connections
  wscli bench -c 100 --rate 5000/s ws://localhost:8080/  5000 messages a second, whatever the server does
  wscli bench -c 10 -n 100000 --in-flight 64 -d @order.json ws://localhost:8080/
  wscli bench -c 5000 --connect-only --ramp 10s -z 1m ws://localhost:8080/
  wscli bench -c 100 --rate 500/s --fail 'rtt.p99<50ms' --fail 'lost<=0' URL
  wscli bench --json -c 100 URL | jq .round_trips.percentiles_ms";

pub(super) const SHOW_EXAMPLES: &str = "\
Exit codes:
  0    done
  2    usage, or a file that can't be read or isn't a recording

Examples:
  wscli show session.ndjson
  wscli show --only received --grep error session.ndjson
  wscli show --json /price session.ndjson
  wscli show --from 10s --to 12.5s --frames session.ndjson
  wscli show --stats session.ndjson";

pub(super) const REPLAY_EXAMPLES: &str = "\
Examples:
  wscli connect --record session.ndjson wss://example.com/       record
  wscli replay session.ndjson                                    exit 0 if the server answers the same again
  wscli replay --ignore /ts session.ndjson ws://localhost:8080/  against another server
  wscli replay --pace time --speed 10 session.ndjson             ten times as fast
  wscli replay --capture id=/session session.ndjson              with the server's current session ID";

pub(super) const DIFF_EXAMPLES: &str = "\
Exit codes:
  0    the recordings are the same
  1    they differ
  2    usage, or a file that can't be read or isn't a recording

Examples:
  wscli diff a.ndjson b.ndjson
  wscli diff --ignore /ts --ignore '/items/*/id' a.ndjson b.ndjson";

pub(super) const CONVERT_EXAMPLES: &str = "\
Exit codes:
  0    done
  2    usage, or a file that can't be read, understood or written

Examples:
  wscli convert session.ndjson -o session.har       for a browser's developer tools
  wscli convert chrome.har -o session.ndjson        a recording to inspect and replay
  wscli convert session.ndjson -o session.pcapng    for Wireshark
  wscli convert session.ndjson -o session.wst       a test for wscli test
  wscli convert session.ndjson --to md              to paste into an issue";

pub(super) const TEST_EXAMPLES: &str = "\
Exit codes:
  0    every test passed or was skipped
  1    an expectation failed
  2    usage, or a file that can't be read or parsed
  3    could not connect
  4    TLS failed or timed out
  5    opening handshake refused, invalid or timed out
  6    a server violated the protocol
  7    a connection ended without a Close, which no step expected
  101  internal error; details on stderr
  129, 130, 143  ended by SIGHUP, SIGINT, SIGTERM

Examples:
  wscli test chat.wst                                 wscli man test.5 describes the steps
  wscli test --var base=ws://localhost:8080 tests/    every *.wst in a folder
  wscli test --secret token=@token.txt --jobs 4 tests/
  wscli test --vars vars.toml --env staging --only chat tests/
  wscli test --junit results.xml tests/               for a CI server; also --tap and --json
  wscli test --dry-run tests/                         list and check without running
  wscli test --fmt tests/                             format them in place";

const SERVE_EXAMPLES: &str = "\
Examples:
  wscli serve                                  echo on 127.0.0.1:8080, and a page to try it
  wscli serve :0 --port-file port              on a free port, for a script
  wscli serve --broadcast 0.0.0.0:8080         a chat room for the whole network
  wscli serve --push prices.txt --every 1s --loop
  wscli serve --reply rules.txt --out json     a mock server; log what it receives
  wscli serve --exec 'jq --unbuffered .price'  a command for each client";

const PROXY_EXAMPLES: &str = "\
Examples:
  wscli proxy wss://example.com/feed                  reach it at ws://127.0.0.1:8080/, logged
  wscli proxy -v :9000 ws://localhost:8080            every message, in both directions
  wscli proxy --frames --record s.ndjson wss://example.com/
  wscli proxy --rules rules.txt ws://localhost:8080   change messages on the way
  wscli proxy --prompt wss://example.com/feed         hold, drop and inject messages by hand
  wscli proxy --tls :8443 ws://localhost:8080         wss in front of a server without TLS
  wscli proxy --forward :8080                         for curl -x http://127.0.0.1:8080 and browsers
  wscli proxy ca --intercept example.com              create a CA that clients can trust
  wscli proxy --forward --intercept example.com       also the WebSockets inside TLS
  wscli proxy -k -H 'Authorization: Bearer T' wss://staging.example.com/";

/// The same of `proxy`.
pub(super) fn proxy_manual() -> String {
    format!("{SERVER_EXIT_CODES}\n\n{PROXY_EXAMPLES}")
}

/// What stands at the end of a subcommand's help.
pub(super) fn manual(examples: &str) -> String {
    format!("{EXIT_CODES}\n\n{examples}")
}

/// The same of `serve`.
pub(super) fn server_manual() -> String {
    format!("{SERVER_EXIT_CODES}\n\n{SERVE_EXAMPLES}")
}

/// The flags of every day by their names in `--help`, in the order of `-h`, and a line for each.
type Everyday = &'static [(&'static str, &'static str)];

const CONNECT: Everyday = &[
    ("data", "Send this message first; @FILE for a file"),
    ("no_input", "Don't read stdin; stay connected"),
    ("input", "lines, whole, chunks, hex, json, script, …"),
    ("output", "text, raw, null, hex, base64, json, none"),
    ("binary", "Send binary messages"),
    ("on", "Answer by a rule: 'match ^2$ => reply 3'"),
    ("headers", "'Name: value'; 'Name:' removes it; repeatable"),
    ("user", "Basic credentials; prompts for the password"),
    ("subprotocols", "Request this subprotocol; repeatable"),
    ("insecure", "Accept any certificate"),
    ("proxy", "http://, https://, socks5:// or socks5h://"),
    ("one", "Stop after one message"),
    ("until", "Stop after a match; exit 1 if there is none"),
    ("expect", "Expect a match; exit 1 if there is none"),
    ("max_time", "Stop after this long: 500ms, 30s, 1m30s"),
    ("linger", "After stdin, stop when quiet for this long"),
    ("close", "Close with this status code and reason"),
    ("reconnect", "Reconnect when the connection is lost"),
    ("ping_interval", "Ping this often; 0 for never [default: 30s]"),
    ("no_compress", "Disable permessage-deflate"),
    ("frames", "Log every frame: > sent, < received"),
    ("timestamps", "Prefix each message with the time"),
    ("verbose", "Log addresses, TLS, request and response"),
    ("quiet", "Print only errors on stderr"),
];

const INSPECT: Everyday = &[
    ("json", "Print the report as one JSON object"),
    ("prometheus", "Print it as Prometheus metrics"),
    ("expect", "Expect a matching message, or exit 1"),
    ("limits", "Find out who ends connections, and when"),
    ("watched", "With --limits: watch this long [default: 10m]"),
    ("headers", "'Name: value'; 'Name:' removes it; repeatable"),
    ("user", "Basic credentials; prompts for the password"),
    ("subprotocols", "Request this subprotocol; repeatable"),
    ("location", "Follow redirects"),
    ("insecure", "Accept any certificate"),
    ("cacert", "Also trust these certificates (PEM)"),
    ("proxy", "http://, https://, socks5:// or socks5h://"),
    ("max_time", "Stop after this long: 500ms, 30s, 1m30s"),
    ("connect_timeout", "Timeout for connecting [default: 10s]"),
    ("verbose", "Log addresses, TLS, request and response"),
];

const PING: Everyday = &[
    ("count", "Stop after N pings"),
    ("interval", "Interval; 0 for no pause [default: 1s]"),
    ("timeout", "Wait this long for each pong [default: 10s]"),
    ("size", "Payload, 0 to 125 bytes [default: 8]"),
    ("message", "Also time the answer to this text message"),
    ("answer", "With --message: the answer matches this"),
    ("json", "Print each line as a JSON object"),
    ("max_time", "Stop after this long: 500ms, 30s, 1m30s"),
    ("headers", "'Name: value'; 'Name:' removes it; repeatable"),
    ("user", "Basic credentials; prompts for the password"),
    ("insecure", "Accept any certificate"),
    ("proxy", "http://, https://, socks5:// or socks5h://"),
    ("verbose", "Log addresses, TLS, request and response"),
];

const BENCH: Everyday = &[
    ("connections", "Open this many connections [default: 10]"),
    ("duration", "Send for this long [default: 10s]"),
    ("count", "Stop after N messages in total"),
    ("rate", "Send at a fixed rate: 100/s; 5/s/connection"),
    ("in_flight", "Without --rate: unanswered per connection"),
    ("data", "Send this text; @FILE for a file"),
    ("size", "Send this many bytes [default: 16]"),
    ("binary", "Send binary messages"),
    ("reply", "What answers a message: fifo, echo or none"),
    ("publish", "With --subscribe: N senders, at --rate"),
    ("subscribe", "Number of connections that receive"),
    ("connect_only", "Open connections and send nothing"),
    ("ramp", "Open the connections over this time"),
    ("warmup", "Send for this long before measuring"),
    ("timeout", "Wait this long for answers [default: 10s]"),
    ("thresholds", "Exit 1 unless this holds: 'rtt.p99<50ms'"),
    ("json", "Print the report as one JSON object"),
    ("may_load_public", "Allow a server with a public address"),
    ("headers", "'Name: value'; 'Name:' removes it; repeatable"),
    ("user", "Basic credentials; prompts for the password"),
    ("insecure", "Accept any certificate"),
    ("no_compress", "Disable permessage-deflate"),
];

const SERVE: Everyday = &[
    ("echo", "Echo every message (the default)"),
    ("broadcast", "Send each message to all other clients"),
    ("push", "Send the lines of a file; - for stdin"),
    ("every", "With --push: delay between lines, such as 1s"),
    ("reply", "Answer by the rules in a file"),
    ("script", "Run the steps of a test file"),
    ("replay", "Play the server's side of a recording"),
    ("exec", "A command for each client: lines in and out"),
    ("prompt", "Answer from the terminal"),
    ("sink", "Accept everything, send nothing"),
    ("routes", "A mode for a path: /chat=broadcast"),
    ("files", "Serve the files of a directory over HTTP"),
    ("subprotocols", "Support this subprotocol; repeatable"),
    ("origins", "Allow web pages of this origin; * for all"),
    ("auth", "Require a user and password (HTTP Basic)"),
    ("headers", "Add a header to every response; repeatable"),
    ("tls", "Serve wss too, with a self-signed certificate"),
    ("max_connections", "Further clients get 503 [default: 10000]"),
    ("frames", "Log every frame: > sent, < received"),
    ("verbose", "Log every message, and request headers"),
    ("out", "json: also write events to stdout"),
    ("no_compress", "Disable permessage-deflate"),
];

const REPLAY: Everyday = &[
    ("number", "Which connection of the file, from 1"),
    ("pace", "order, time or none [default: order]"),
    ("speed", "With --pace time: this many times as fast"),
    ("max_gap", "With --pace time: cut longer gaps to this"),
    ("matching", "json, subset, exact, regex, count, any"),
    ("ignore", "Ignore this value in JSON; repeatable"),
    ("capture", "Use live values in place of recorded ones"),
    ("on_mismatch", "warn, fail or stop [default: fail]"),
    ("wait", "Wait this much longer than recorded"),
    ("max_time", "Stop after this long: 500ms, 30s, 1m30s"),
    ("headers", "'Name: value'; 'Name:' removes it; repeatable"),
    ("user", "Basic credentials; prompts for the password"),
    ("insecure", "Accept any certificate"),
    ("proxy", "http://, https://, socks5:// or socks5h://"),
    ("frames", "Log every frame: > sent, < received"),
    ("verbose", "Log addresses, TLS, request and response"),
];

const PROXY: Everyday = &[
    ("forward", "An HTTP and SOCKS 5 proxy to any server"),
    ("intercept", "With --forward: open this host's TLS"),
    ("ports", "Listen on 127.0.0.1:PORT; repeatable"),
    ("headers", "'Name: value' for the target; repeatable"),
    ("user", "Basic credentials for the target"),
    ("keep_host", "Send the target the client's Host header"),
    ("keep_origin", "Send the target the client's Origin header"),
    ("changes", "Change messages by the rules in a file"),
    ("prompt", "Hold, drop and inject messages by hand"),
    ("insecure", "Accept any certificate of the target"),
    ("proxy", "http://, https://, socks5:// or socks5h://"),
    ("origins", "Allow web pages of this origin; * for all"),
    ("auth", "Require a user and password from clients"),
    ("tls", "Serve wss too, with a self-signed certificate"),
    ("faults", "Fail on purpose: latency 1s, reset, …"),
    ("no_compress", "Disable permessage-deflate on both sides"),
    ("record", "Append a recording to this file"),
    ("page", "A page at /.wscli/ that shows the traffic"),
    ("frames", "Log every frame: > sent, < received"),
    ("verbose", "Log every step, and every message"),
    ("out", "json: also write events to stdout"),
];

const TEST: Everyday = &[
    ("variables", "A value for ${NAME} in the files; repeatable"),
    ("secrets", "The same, masked in all output"),
    ("files", "A TOML or JSON file of variables"),
    ("environment", "Use this table of the --vars file"),
    ("jobs", "Run this many files at once"),
    ("retry", "Run a file that failed again, up to N times"),
    ("fail_fast", "Don't start more files after a failure"),
    ("only", "Run only files whose path matches"),
    ("dry_run", "List and check the files without running"),
    ("fmt", "Format the files in place without running"),
    ("junit", "Also write the results as JUnit XML"),
    ("record_dir", "Record each connection in this folder"),
    ("tap", "Print the results as TAP"),
    ("json", "Print the results as one JSON object"),
    ("timeout", "Default timeout of a step [default: 10s]"),
    ("max_time", "Stop after this long"),
    ("insecure", "Accept any certificate"),
    ("proxy", "http://, https://, socks5:// or socks5h://"),
];

const SUBCOMMANDS: [(&str, Everyday); 8] = [
    ("connect", CONNECT),
    ("inspect", INSPECT),
    ("ping", PING),
    ("bench", BENCH),
    ("serve", SERVE),
    ("proxy", PROXY),
    ("replay", REPLAY),
    ("test", TEST),
];

/// What the help says that the words ask for with a flag: `-h` or `--help`, of a subcommand or of wscli.
pub(super) fn page<'a>(words: impl Iterator<Item = &'a str> + Clone, command: &mut Command) -> Command {
    command.build();
    let subcommand = words.clone().next().and_then(|name| command.find_subcommand(name));
    let everyday = SUBCOMMANDS.iter().find(|(name, _)| subcommand.is_some_and(|known| known.get_name() == *name));
    match (subcommand, everyday) {
        (Some(subcommand), Some((_, everyday))) if !words.clone().any(|word| word == "--help") => {
            short(subcommand.clone(), everyday)
        }
        (subcommand, _) => described(subcommand.unwrap_or(command).clone()),
    }
}

/// With what each value of a flag means, which clap lists in a form of help that takes three lines a flag.
fn described(command: Command) -> Command {
    command.mut_args(|arg| {
        let values = arg.get_possible_values();
        let of_value = |value: &PossibleValue| Some(format!("\n- {}: {}", value.get_name(), value.get_help()?));
        let meanings: String = values.iter().filter_map(of_value).collect();
        if arg.get_id() == "help" {
            arg.help("Print help")
        } else if meanings.is_empty() {
            arg
        } else {
            let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
            let default =
                if default.is_empty() { String::new() } else { format!(" [default: {}]", default.join(", ")) };
            let text = format!("{}{default}:{meanings}", arg.get_help().cloned().unwrap_or_default());
            arg.help(text).hide_possible_values(true).hide_default_value(true)
        }
    })
}

fn short(subcommand: Command, everyday: Everyday) -> Command {
    let name = subcommand.get_name();
    let rest = format!(
        "wscli {name} --help lists every flag, with exit codes and examples;\n\
         wscli help {name} WORD lists one group of flags:\n{}",
        lines_of(headings(&subcommand))
    );
    subcommand.mut_args(|arg| shortened(arg, everyday)).after_help(rest)
}

fn shortened(arg: Arg, everyday: Everyday) -> Arg {
    let found = everyday.iter().position(|(id, _)| arg.get_id() == id);
    match found {
        Some(order) => arg
            .help(everyday[order].1)
            .help_heading(None::<&str>)
            .hide_default_value(true)
            .hide_possible_values(true)
            .display_order(order),
        None if arg.get_id() == "help" => arg.help("Print help").display_order(everyday.len()),
        None if arg.is_positional() => arg.display_order(everyday.len()),
        None => arg.hide(true),
    }
}

/// Prints the help that is asked for.
///
/// # Errors
/// A subcommand or a topic that doesn't exist.
pub(super) fn print(asked: &HelpArgs, command: &mut Command) -> Result<io::Result<()>, Error> {
    command.build();
    let Some(name) = &asked.subcommand else {
        return Ok(command.print_help());
    };
    let Some(subcommand) = command.find_subcommand(name).cloned() else {
        let similar = values::nearest(command.get_subcommands().map(Command::get_name), name);
        let has_topic =
            |known: &&str| command.find_subcommand(known).is_some_and(|known| about(known.clone(), name).is_ok());
        let topic = ["connect", "serve"].into_iter().find(has_topic);
        let meant = match (similar, topic) {
            (Some(known), _) => format!("; {known} is"),
            (None, Some(known)) => format!("; wscli help {known} {name} is about its flags"),
            (None, None) => String::new(),
        };
        let shown = if secret_flags::looks_secret(name) { "\"…\"".to_owned() } else { format!("{name:?}") };
        return Err(command.error(ErrorKind::InvalidSubcommand, format!("{shown} is not a subcommand of wscli{meant}")));
    };
    let mut told = match asked.topic.join(" ") {
        all if all.is_empty() => described(subcommand),
        topic => about(subcommand, &topic)?,
    };
    Ok(told.print_help())
}

/// The subcommand with no flags but those of the topic.
fn about(mut subcommand: Command, topic: &str) -> Result<Command, Error> {
    let lower = topic.to_lowercase();
    let of_topic = |arg: &Arg| {
        // Without dashes too, and however a long name is written.
        let is_flag = [topic, &lower, &format!("--{lower}")].iter().any(|word| is_name_of(arg, word));
        is_flag || arg.get_help_heading().is_some_and(|heading| heading.to_lowercase().contains(&lower))
    };
    if !subcommand.get_arguments().any(of_topic) {
        let headings = lines_of(headings(&subcommand));
        let message = format!("no group contains {topic:?}, and no flag has that name; the groups are:\n{headings}");
        return Err(subcommand.error(ErrorKind::InvalidValue, message));
    }
    let nothing = "";
    let shown = described(subcommand).mut_args(|arg| if of_topic(&arg) { arg } else { arg.hide(true) });
    Ok(shown.about(nothing).after_help(nothing).help_template("{all-args}"))
}

/// The headings of a subcommand's flags, in the order of its help.
pub(super) fn headings(subcommand: &Command) -> Vec<String> {
    let mut headings: Vec<String> = Vec::new();
    for heading in subcommand.get_arguments().filter_map(Arg::get_help_heading) {
        if !headings.iter().any(|known| known == heading) {
            headings.push(heading.to_owned());
        }
    }
    headings
}

/// What `wscli help` can be asked about in a subcommand: a word for each heading, which no other one has, and its long flags.
pub(super) fn topics(subcommand: &Command) -> Vec<String> {
    let headings: Vec<_> = headings(subcommand).iter().map(|heading| heading.to_lowercase()).collect();
    let is_of_one = |word: &&str| headings.iter().filter(|heading| heading.contains(word)).count() == 1;
    // The longest says most; of several the first.
    let words = headings.iter().filter_map(|heading| {
        heading.split(|c: char| !c.is_ascii_lowercase()).filter(is_of_one).rev().max_by_key(|word| word.len())
    });
    let flags =
        subcommand.get_arguments().filter(|arg| !arg.is_hide_set() && arg.get_id() != "help").filter_map(Arg::get_long);
    words.map(str::to_owned).chain(flags.map(|name| format!("--{name}"))).collect()
}

/// On lines that a terminal of 80 columns has room for.
fn lines_of(headings: Vec<String>) -> String {
    let mut lines = String::from(" ");
    let mut room = 78;
    for heading in headings {
        if heading.len() + 2 > room {
            lines.push_str("\n ");
            room = 78;
        }
        room -= heading.len() + 2;
        lines.push_str(&format!(" {heading},"));
    }
    lines.trim_end_matches(',').to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::CommandLine;
    use super::*;

    #[test]
    fn each_heading_has_a_word_to_ask_for_it() {
        let command = CommandLine::command();
        for subcommand in command.get_subcommands() {
            let topics = topics(subcommand);
            let words = topics.iter().filter(|topic| !topic.starts_with("--")).count();
            assert_eq!(words, headings(subcommand).len(), "{}: {topics:?}", subcommand.get_name());
            assert!(topics.iter().all(|topic| about(subcommand.clone(), topic).is_ok()), "{topics:?}");
        }
    }

    #[test]
    fn the_help_says_what_each_value_means() {
        let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for subcommand in CommandLine::command().get_subcommands() {
            let name = subcommand.get_name();
            let shown = page([name, "--help"].into_iter(), &mut CommandLine::command()).render_help().to_string();
            let shown = in_one_line(&shown);
            assert!(!shown.contains("see more"), "{name}");
            for value in subcommand.get_arguments().flat_map(Arg::get_possible_values) {
                let Some(help) = value.get_help() else { continue };
                let meaning = in_one_line(&format!("- {}: {help}", value.get_name()));
                assert!(shown.contains(&meaning), "{name}: {meaning}");
            }
        }
    }

    #[test]
    fn the_flags_of_every_day_exist() {
        let command = CommandLine::command();
        for (name, everyday) in SUBCOMMANDS {
            let subcommand = command.find_subcommand(name).unwrap();
            for (id, _) in everyday {
                assert!(subcommand.get_arguments().any(|arg| arg.get_id() == id), "{name} has no {id}");
            }
        }
    }
}
