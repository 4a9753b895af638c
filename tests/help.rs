//! The first steps: help, what a URL alone does, and flags that another tool has.

use std::fs::File;
use std::io;

use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::peer::opens_and_closes;
use crate::support::program::{Running, run, run_with};
use crate::support::terminal::Terminal;

#[test]
fn the_short_help_fits_two_screens_and_names_the_rest() {
    for subcommand in ["connect", "inspect", "serve", "proxy", "replay"] {
        let help = run_with(&[("COLUMNS", "80")], &[subcommand, "-h"], b"");
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
        let lines = help.stdout().lines().count();
        assert!(lines <= 48, "{subcommand} -h has {lines} lines");
        for line in help.stdout().lines() {
            assert!(line.chars().count() <= 80, "{line:?} is too long");
        }
        for text in [format!("wscli {subcommand} --help lists every flag").as_str(), "Deadlines", "TLS", "Compression"]
        {
            assert!(help.stdout().contains(text), "no {text:?} in {}", help.stdout());
        }
        let whole = run(&[subcommand, "--help"], b"");
        for text in ["--window-bits", "Exit codes:", "Examples:\n  wscli "] {
            assert!(whole.stdout().contains(text), "no {text:?} in {}", whole.stdout());
        }
    }
}

#[test]
fn the_whole_help_fits_a_terminal() {
    for subcommand in
        ["connect", "inspect", "ping", "bench", "serve", "proxy", "replay", "show", "convert", "diff", "test"]
    {
        let help = run_with(&[("COLUMNS", "80")], &[subcommand, "--help"], b"");
        let long = help.stdout().lines().find(|line| line.chars().count() > 80);
        assert_eq!((help.code, long), (Some(0), None), "{subcommand}");
    }
}

#[test]
fn one_heading_or_flag_is_told_alone() {
    let tls = run(&["help", "connect", "tls"], b"");
    assert_eq!(tls.code, Some(0));
    assert!(tls.stdout().starts_with("TLS:\n      --cacert <FILE>"), "{}", tls.stdout());
    assert!(!tls.stdout().contains("--linger") && !tls.stdout().contains("Exit codes"), "{}", tls.stdout());

    let linger = run(&["help", "connect", "--linger"], b"");
    assert!(linger.stdout().starts_with("When to stop:\n      --linger <DURATION>"), "{}", linger.stdout());
    assert_eq!(linger.stdout().matches("\n      --").count(), 1, "{}", linger.stdout());

    let nothing = run(&["help", "connect", "weather"], b"");
    nothing.assert("", 2, "no group contains \"weather\"");
    run(&["help", "connected"], b"").assert("", 2, "\"connected\" is not a subcommand");
    assert_eq!(run(&["help", "serve"], b"").stdout, run(&["serve", "--help"], b"").stdout);
}

#[test]
fn a_url_alone_is_connected_to() {
    for flags in [&[][..], &["-n"], &["--header", "X-A: b"]] {
        let peer = opens_and_closes();
        let outcome = run(&[flags, &[&peer.url]].concat(), b"");
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        peer.join();
    }
    let either = run(&[":8080"], b"");
    either.assert("", 2, "wscli connect :8080, or wscli serve :8080");
    run(&["what"], b"").assert("", 2, "unrecognized subcommand 'what'");
    run(&["conect", "ws://a/"], b"").assert("", 2, "a similar subcommand exists: 'connect'");
    run(&["help", "conect"], b"").assert("", 2, "\"conect\" is not a subcommand of wscli; connect is");
    run(&["help", "linger"], b"").assert("", 2, "wscli help connect linger is about its flags");
    run(&["--frames"], b"").assert("", 2, "it is a flag of connect: 'wscli connect --frames'");
    run(&["--broadcast"], b"").assert("", 2, "'wscli serve --broadcast'");
    run(&["connect", "-x", "{\"op\":1}", "ws://a/"], b"").assert("", 2, "-d TEXT sends a message");
    run(&["connect", "--count", "0", "ws://a/"], b"").assert("", 2, "it has to be a whole number, 1 or more");
    for (flag, value, named) in [("-m", "-1s", "--max-time <DURATION>"), ("--count", "-1", "--count <N>")] {
        let below = run(&["connect", flag, value, "ws://a/"], b"");
        below.assert("", 2, &format!("error: invalid value '{value}' for '{named}': it is below zero"));
    }
    let missing = run(&["connect", "-m", "-n", "ws://a/"], b"");
    missing.assert("", 2, "a value is required for '--max-time <DURATION>'");
    let wrong = run(&["connect", "--tls-min", "1.1", "wss://a/"], b"");
    wrong.assert("", 2, "[possible values: 1.2, 1.3]");
    assert!(!wrong.stderr.contains("similar"), "{}", wrong.stderr);
}

#[test]
fn a_flag_of_another_tool_is_answered_with_ours() {
    for (args, advice) in [
        (&["connect", "--execute", "a"][..], "'-d TEXT' sends a message first"),
        (&["connect", "--connect", "ws://a/"], "the URL needs no flag"),
        (&["connect", "--http1.1"], "the opening handshake is HTTP/1.1"),
        (&["connect", "--netrc-file=a"], "'-u @FILE' reads credentials from a file"),
        (&["connect", "--auth=a:b"], "'-u NAME:PASSWORD' sends credentials"),
        (&["connect", "--exec=cat"], "'wscli serve --exec COMMAND'"),
        (&["connect", "-X", "POST"], "an opening handshake is always a GET"),
        (&["connect", "--close-status-code", "4000"], "'--close CODE:REASON'"),
    ] {
        let outcome = run(args, b"");
        outcome.assert("", 2, advice);
        assert!(outcome.stderr.contains("Usage: wscli connect [OPTIONS] [URL]"), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("similar"), "{}", outcome.stderr);
    }
    for (args, advice) in [
        (&["serve", "--host", "0.0.0.0"][..], "wscli serve HOST:PORT"),
        (&["serve", "--on", "a => reply b"], "'wscli serve --reply FILE' answers by rules"),
        (&["serve", "--staticdir=."], "'wscli serve --static DIR'"),
        (&["connect", "--reply", "f"], "'--on RULE' and '--on-file FILE' answer by rules"),
        (&["connect", "--user-name=a"], "unexpected argument '--user-name'"),
        (&["connect", "--max_time", "3"], "a similar argument exists: '--max-time'"),
        (&["serve", "--password", "a"], "'--auth USER:PASSWORD' requires credentials"),
        (&["convert", "--format", "har"], "'--to FORMAT' name the formats"),
        (&["ping", "-w", "2"], "'-m DURATION' ends the run"),
        (&["bench", "--reply", "none", "-n", "3", "ws://127.0.0.1/"], "Usage: wscli bench [OPTIONS] [URL]"),
        (&["connect", "--ok-close", "99", "ws://a/"], "is not a status code from 1000 to 4999"),
    ] {
        run(args, b"").assert("", 2, advice);
    }
    let other = run(&["connect", "--in", "text", "ws://a/"], b"");
    assert!(other.code == Some(2) && !other.stderr.contains("similar"), "{}", other.stderr);
    // wscat's letter for the URL is curl's for a jar.
    run(&["connect", "-c", "ws://a/"], b"").assert("", 2, "the URL needs no flag");
    // And its letter for the origin is curl's for what is written.
    run(&["connect", "-o", "https://a", "ws://a/"], b"").assert("", 2, "--origin URL sends an Origin header");
    // A slip of the fingers is still one.
    run(&["connect", "--dta", "a"], b"").assert("", 2, "a similar argument exists: '--data'");
    // What is far from all of ours, and what is another subcommand's, is of no help.
    for (subcommand, flag) in [("connect", "--weather"), ("show", "--limit"), ("diff", "--json")] {
        let far = run(&[subcommand, flag], b"");
        far.assert("", 2, &format!("unexpected argument '{flag}'"));
        assert!(!far.stderr.contains("tip:"), "{}", far.stderr);
    }
}

#[test]
fn a_word_too_many_is_told_where_it_belongs() {
    for (args, tip) in [
        (&["connect", "localhost", "8080"][..], "a host and its port are one word: localhost:8080"),
        (&["localhost", "8080"], "a host and its port are one word: localhost:8080"),
        (&["inspect", "ws://a/", "ws://b/"], "there can be one URL"),
        (&["ws://a/", "hello"], "'-d TEXT' sends a message"),
        (&["serve", "localhost", "8080"], "'localhost' for '[ADDRESSES]...': it has no port; HOST:8080 has one"),
        (&["connect", "-1x"], "a value is required for '--proxy <URL>' but none was supplied"),
        (&["connect", "-1", "-U", "ws://a/"], "there is no URL to connect to: --proxy-user takes a value"),
        (&["connect", "-d", "wss://a/"], "there is no URL to connect to: --data takes a value"),
        (&["connect", "--record", "a.har", "ws://a/"], "a recording is NDJSON, whatever its name"),
        // What may be a secret is shown nowhere.
        (&["connect", "-u", "a", "b:c", "8080"], "unexpected argument '…' found"),
    ] {
        run(args, b"").assert("", 2, tip);
    }
}

#[test]
fn what_is_wrong_is_folded_to_the_terminal_and_no_word_is_broken() {
    let error = |columns: u16| {
        let mut terminal = Terminal::open();
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal.device, size).unwrap();
        let args = ["connect", "--anyauth", "ws://localhost/"];
        let running = Running::start_with_stderr(&args, terminal.device.try_clone().unwrap());
        assert_eq!(running.finish().code, Some(2));
        terminal.wait_for("try '--help'.");
        terminal.seen
    };
    for columns in [40, 80] {
        let shown = error(columns);
        assert!(shown.lines().all(|line| line.chars().count() <= columns.into()), "{shown}");
        let words: Vec<_> = shown.split_whitespace().collect();
        assert!(words.join(" ").contains("sends Basic credentials and answers a Digest challenge, '--digest' answers"));
    }
}

#[test]
fn the_last_of_a_flag_that_stands_there_twice_counts() {
    let peer = opens_and_closes();
    let outcome =
        run(&["connect", "-n", "-n", "-vv", "-m", "0.1s", "-m", "30s", "--out", "hex", "--out", "raw", &peer.url], b"");
    outcome.assert("", 0, "peer closed: ");
    peer.join();
}

/// The value of a flag that may be left out needn't be joined to it where it can be nothing else.
#[test]
fn a_value_that_may_be_left_out_may_stand_apart() {
    // Without a URL it talks to itself.
    let outcome = run(&["connect", "--frames", "payload", "-d", "x", "--timestamps", "%Y|"], b"");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let (year, rest) = outcome.stdout().split_once('|').unwrap();
    assert!(year.parse::<u32>().is_ok() && rest == " x\n", "{outcome:?}");
    assert!(outcome.stderr.contains("length=3 inflated=1 \"x\""), "{outcome:?}");
}

#[test]
fn what_is_printed_for_a_full_disk_is_not_printed() {
    for args in [
        &["--help"][..],
        &["-h"],
        &["--version"],
        &["connect", "--help"],
        &["help"],
        &["help", "serve"],
        &["help", "connect", "tls"],
        &["connect", "--help-rules"],
        &["completions", "bash"],
        &["config", "example"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let outcome = Running::start_into(args, full).finish();
        let told = "wscli: can't write to stdout: No space left on device\n";
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(2), told), "{args:?}");
        let (reader, closed) = io::pipe().unwrap();
        drop(reader);
        let outcome = Running::start_into(args, closed).finish();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}
