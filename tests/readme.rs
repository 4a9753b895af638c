//! What the README and docs/ show is what the program prints, and the commands in them are ones that the program takes. Rules and
//! test files in them are read by unit tests, in `script/`. A session that is indented is only an illustration, whose commands are
//! checked: it needs a terminal, minutes, or a server of somebody else's.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::files::Folder;
use crate::support::program::{NO_CONFIG, PATIENCE, run};
use crate::support::schema::Schema;

/// What people read: the README first.
fn pages() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let documents = names.filter(|name| name.ends_with(".md")).map(|name| page(&format!("docs/{name}")));
    [page("README.md")].into_iter().chain(documents).collect()
}

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The blocks of a page that are indented as code is, without the indent.
fn code_blocks(name: &str) -> Vec<String> {
    let page = page(name);
    let mut blocks = vec![String::new()];
    for line in page.lines() {
        match line.strip_prefix("    ") {
            Some(code) => *blocks.last_mut().unwrap() += &format!("{code}\n"),
            None if line.is_empty() => *blocks.last_mut().unwrap() += "\n",
            None => blocks.push(String::new()),
        }
    }
    blocks.into_iter().map(|block| block.trim().to_owned()).filter(|block| !block.is_empty()).collect()
}

/// A command of a session, and the lines that it printed on a terminal.
struct Step<'a> {
    command: &'a str,
    lines: Vec<&'a str>,
}

/// The steps of each session between the lines "```console" and "```".
fn sessions(text: &str) -> Vec<Vec<Step<'_>>> {
    text.split("```console\n")
        .skip(1)
        .map(|block| {
            let mut steps: Vec<Step> = Vec::new();
            for line in block.split("```").next().unwrap().lines() {
                match line.strip_prefix("$ ") {
                    Some(command) => steps.push(Step { command, lines: Vec::new() }),
                    None => steps.last_mut().expect("a session begins with a command").lines.push(line),
                }
            }
            steps
        })
        .collect()
}

/// Without what differs from run to run: masking keys, times and what follows from them, and ports that nobody has chosen.
fn lasting(line: &str, chosen: &[&str]) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let at = |index: usize| words.get(index).copied().unwrap_or_default();
    let lasting = words.iter().enumerate().map(|(index, word)| {
        let number = word.trim_start_matches('(');
        let is_number = |text: &str| text.parse::<f64>().is_ok();
        let unit = at(index + 1).trim_end_matches([',', ')']);
        let has_unit = ["ms", "s", "µs", "%"].contains(&unit) || unit == "processors";
        let is_rate = word.starts_with('(') && word.ends_with("/s),");
        let is_duration = index > 0 && at(index - 1) == "in" && is_number(word.trim_end_matches(['m', 's']));
        let is_elapsed = (index == 0 || line.starts_with("* ") && index == 1) && is_number(word) && word.contains('.');
        match word.split_once('=') {
            Some(("mask", _)) => "mask=…",
            _ if is_number(number) && has_unit || is_duration || is_elapsed || is_rate => "0.0",
            _ if word.starts_with("127.0.0.1:") && !chosen.iter().any(|address| word.contains(address)) => {
                "127.0.0.1:…"
            }
            _ => word,
        }
    });
    // A longer number takes the place of blanks before it.
    let mut kept: Vec<&str> = Vec::new();
    for word in lasting {
        while word == "0.0" && kept.last() == Some(&"") {
            kept.pop();
        }
        kept.push(word);
    }
    kept.join(" ")
}

/// A session under way: a folder, and the servers that it has left running.
struct Session {
    folder: Folder,
    path: OsString,
    /// With the port on the page, and the address that it stands for.
    servers: Vec<(String, String, Child)>,
}

impl Session {
    fn new() -> Self {
        let binaries = Path::new(env!("CARGO_BIN_EXE_wscli")).parent().unwrap();
        let path = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        let path = env::join_paths([binaries.to_owned()].into_iter().chain(path)).unwrap();
        Self { folder: Folder::new(), path, servers: Vec::new() }
    }

    fn shell(&self, script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env("PATH", &self.path).envs([NO_CONFIG]).stdin(Stdio::null());
        shell.current_dir(self.folder.path(""));
        shell
    }

    /// What is on the page, with the addresses that its ports stand for.
    fn here(&self, text: &str) -> String {
        self.servers
            .iter()
            .fold(text.to_owned(), |text, (port, address, _)| text.replace(&format!("127.0.0.1{port}"), address))
    }

    /// Starts a server on a free port in the place of the one on the page.
    fn leave_running(&mut self, command: &str) {
        let port = command.split(' ').find(|word| word.starts_with(':')).unwrap().to_owned();
        let file = self.folder.path(&format!("port{}", self.servers.len()));
        let command = self.here(command).replace(&port, &format!("127.0.0.1:0 --port-file {file}"));
        let child = self.shell(&format!("exec {command}")).spawn().unwrap();
        let listening = |file: &str| fs::read_to_string(file).ok().filter(|ports| ports.ends_with('\n'));
        let latest = Instant::now() + PATIENCE;
        let ports = loop {
            match listening(&file) {
                Some(ports) => break ports,
                None => assert!(Instant::now() < latest, "{command:?} doesn't listen"),
            }
            thread::sleep(Duration::from_millis(5));
        };
        self.servers.push((port, format!("127.0.0.1:{}", ports.trim()), child));
    }

    /// Runs a command. What is wrong with what it prints, in words.
    fn run(&self, Step { command, lines }: &Step) -> Result<(), String> {
        let printed = self.shell(&self.here(command)).output().unwrap();
        let chosen: Vec<_> = self.servers.iter().map(|(_, address, _)| address.as_str()).collect();
        let lasting_here = |line: &str| lasting(line, &chosen);
        let streams = [printed.stdout, printed.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let lines_of =
            |text: &str| text.lines().filter(|line| !is_of_the_machine(line)).map(lasting_here).collect::<Vec<_>>();
        let [mut stdout, mut stderr] = streams.each_ref().map(|text| lines_of(text).into_iter().peekable());
        // On a terminal the lines of the two lie between each other.
        for line in lines.iter().map(|line| lasting_here(&self.here(line))) {
            let found = stdout.next_if_eq(&line).or_else(|| stderr.next_if_eq(&line));
            found.ok_or_else(|| format!("{command:?} doesn't print {line:?} there, but {streams:#?}"))?;
        }
        match (stdout.next(), stderr.next()) {
            (None, None) => Ok(()),
            _ => Err(format!("{command:?} prints more: {streams:#?}")),
        }
    }
}

/// What `bench` says of a machine that has other things to do, too.
fn is_of_the_machine(line: &str) -> bool {
    line.starts_with("  it was saturated: ") || line.starts_with("  messages went out later than planned: ")
}

impl Drop for Session {
    fn drop(&mut self) {
        for (_, _, child) in &mut self.servers {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn the_sessions_print_what_they_show() {
    for steps in pages().iter().flat_map(|text| sessions(text)) {
        let mut session = Session::new();
        for step in &steps {
            if let Some(server) = step.command.strip_suffix(" &") {
                assert!(step.lines.is_empty());
                session.leave_running(server);
                continue;
            }
            let latest = Instant::now() + PATIENCE;
            while let Err(why) = session.run(step) {
                // A log that somebody else writes may not be complete yet, and a busy machine doesn't bring the answer to our
                // Close in the 100 ms that --max-time has for it.
                let may_be_late = step.command.starts_with("cat ") || why.contains("disconnected without waiting");
                assert!(may_be_late && Instant::now() < latest, "{why}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

#[test]
fn every_command_is_one_that_the_program_takes() {
    let mut count = 0;
    for command in pages().iter().flat_map(|page| commands(page)) {
        let words = words(until_redirected(&command));
        let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
        // It prints help by itself.
        if args.first() != Some(&"help") {
            args.push("--help");
        }
        let help = run(&args, b"");
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "wscli {command}");
        count += 1;
    }
    assert!(count > 120, "only {count} commands were found");
}

/// What stands behind "wscli " in code, in blocks as well as in lines. Those of sessions are run.
fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut text = String::new();
    let mut is_session = false;
    for line in page.lines() {
        if line.starts_with("```") {
            is_session = !is_session;
        } else if is_session {
            continue;
        } else if line.starts_with("    ") {
            commands.extend(line.trim_start().trim_start_matches("$ ").split(" | ").map(str::to_owned));
        } else {
            text += &format!("{line}\n");
        }
    }
    commands.extend(text.split('`').skip(1).step_by(2).map(|code| code.replace('\n', " ").replace("\\|", "|")));
    commands.iter().filter_map(|command| Some(command.strip_prefix("wscli ")?.to_owned())).collect()
}

/// The command up to what its shell takes from the line, or what is said about it behind blanks, outside of quotes.
fn until_redirected(command: &str) -> &str {
    let mut quote = None;
    let is_end = |(at, c): &(usize, char)| match quote {
        Some(open) => {
            quote = quote.filter(|_| *c != open);
            false
        }
        None => {
            quote = Some(*c).filter(|c| "'\"".contains(*c));
            "<>#&;".contains(*c) || command[*at..].starts_with("  ")
        }
    };
    let end = command.char_indices().find(is_end);
    &command[..end.map_or(command.len(), |(at, _)| at)]
}

/// What names stand for in a command.
const PLACEHOLDERS: [(&str, &str); 8] = [
    ("URL", "ws://localhost/"),
    ("NAME", "connect"),
    ("COMMAND", "connect"),
    ("WORD", "tls"),
    ("SHELL", "bash"),
    ("RULE", "any => nothing"),
    ("127.0.0.1:PORT", "127.0.0.1:80"),
    ("gateway NAME", "gateway nginx"),
];

/// As a shell splits them, as far as the pages' quotes go.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = command.trim();
    while let Some(first) = rest.chars().next() {
        let (word, behind) = match first {
            '\'' | '"' => rest[1..].split_once(first).unwrap(),
            _ => rest.split_once(' ').unwrap_or((rest, "")),
        };
        let meant = PLACEHOLDERS.iter().find(|(name, _)| *name == word).map_or(word, |(_, meant)| meant);
        words.push(meant.to_owned());
        rest = behind.trim_start();
    }
    words
}

#[test]
fn the_configuration_file_of_the_manual_has_no_faults() {
    let blocks = code_blocks("docs/config.md");
    let config = blocks.iter().find(|block| block.starts_with("[connect]")).unwrap();
    let folder = Folder::new();
    let file = folder.file("config.toml", config);
    let checked = run(&["config", "check", &file], b"");
    assert_eq!((checked.stdout(), checked.code), (format!("{file}: no problems found\n").as_str(), Some(0)));
}

#[test]
fn events_of_the_manual_are_as_their_schema_says_and_can_be_sent() {
    let blocks = code_blocks("docs/events.md");
    let [event, frames] = &blocks[..] else { panic!("{blocks:#?}") };
    Schema::read("events.schema.json").check(&serde_json::from_str(event).unwrap());
    let sent = run(&["connect", "--in", "json", "--frames"], frames.as_bytes());
    let lines: Vec<_> = sent.stderr.lines().filter(|line| line.starts_with('>')).collect();
    assert!(lines[0].starts_with("> text mask=") && lines[0].ends_with(" length=6"), "{sent:?}");
    assert_eq!(lines[1], "> continuation FIN length=1");
}
