//! What the README shows is what the program prints, and the commands in it are ones that the program takes.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::program::{NO_CONFIG, Serving, run};

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
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

/// Without what differs from run to run: masking keys and times.
fn lasting(line: &str) -> String {
    let next = line.split(' ').skip(1).chain([""]);
    let words = line.split(' ').zip(next).map(|(word, next)| match word.split_once('=') {
        Some(("mask", _)) => "mask=…",
        _ if word.parse::<f64>().is_ok() && next.starts_with("ms") => "0.0",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_sessions_print_what_they_show() {
    let folder = Path::new(env!("CARGO_BIN_EXE_wscli")).parent().unwrap();
    let path = env::join_paths([folder.to_owned()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())));
    let path = path.unwrap();
    for steps in sessions(&readme()) {
        let server = Serving::start(&[]);
        for Step { command, lines } in steps {
            let there = |text: &str| text.replace("127.0.0.1:8080", server.address());
            if command == "wscli serve -q :8080 &" {
                assert!(lines.is_empty());
                continue;
            }
            let mut shell = Command::new("sh");
            let printed = shell
                .arg("-c")
                .arg(there(command))
                .env("PATH", &path)
                .envs([NO_CONFIG])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let streams = [printed.stdout, printed.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
            let [mut stdout, mut stderr] = streams.each_ref().map(|text| text.lines().map(lasting).peekable());
            // On a terminal the lines of the two lie between each other.
            for line in lines.iter().map(|line| lasting(&there(line))) {
                let found = stdout.next_if_eq(&line).or_else(|| stderr.next_if_eq(&line));
                assert!(found.is_some(), "{command:?} doesn't print {line:?} there, but {streams:#?}");
            }
            assert_eq!((stdout.next(), stderr.next()), (None, None), "{command:?} prints more: {streams:#?}");
        }
    }
}

#[test]
fn every_command_is_one_that_the_program_takes() {
    let text = readme();
    let shown = text.lines().filter_map(|line| line.strip_prefix("    "));
    let in_tables =
        text.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('`').skip(1).step_by(2));
    let lines = shown.map(|line| line.trim_start_matches("$ ")).chain(in_tables);
    let mut count = 0;
    for line in lines {
        for command in line.split(" | ").filter_map(|part| part.strip_prefix("wscli ")) {
            let words = words(until_redirected(command));
            let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
            args.push("--help");
            let help = run(&args, b"");
            assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "wscli {command}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} commands were found");
}

/// The command up to what its shell takes from the line, outside of quotes.
fn until_redirected(command: &str) -> &str {
    let mut quote = None;
    let end = command.find(|c| match quote {
        Some(open) => {
            quote = quote.filter(|_| c != open);
            false
        }
        None => {
            quote = Some(c).filter(|c| "'\"".contains(*c));
            ">#&;".contains(c)
        }
    });
    &command[..end.unwrap_or(command.len())]
}

/// As a shell splits them, as far as the README's quotes go.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = command.trim();
    while let Some(first) = rest.chars().next() {
        let (word, behind) = match first {
            '\'' | '"' => rest[1..].split_once(first).unwrap(),
            _ => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(if word == "URL" { "ws://localhost/" } else { word }.to_owned());
        rest = behind.trim_start();
    }
    words
}
