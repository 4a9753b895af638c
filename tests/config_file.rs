//! The configuration file: what it sets, what wins, and what is wrong with it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use crate::support::files::Folder;
use crate::support::peer::{self, header};
use crate::support::program::{Outcome, run, run_with, serve_with};
use crate::support::requests::{Answer, Requests};

/// Runs with this configuration file in its place.
fn run_at(folder: &Folder, config: &str, args: &[&str]) -> Outcome {
    let path = folder.path("wscli");
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(format!("{path}/config.toml"), config).unwrap();
    run_with(&[("XDG_CONFIG_HOME", &folder.path("")), ("TOKEN", "hunter2")], args, b"")
}

/// The request that is made with this configuration file and these arguments, `URL` among both for where it goes.
fn request(config: &str, args: &[&str]) -> String {
    let server = peer::opens_and_closes();
    let there = |text: &str| text.replace("URL", &server.url);
    let args: Vec<_> = ["connect", "-n"].into_iter().chain(args.iter().copied()).map(there).collect();
    let outcome = run_at(&Folder::new(), &there(config), &args.iter().map(String::as_str).collect::<Vec<_>>());
    outcome.assert("", 0, "peer closed: 1000");
    server.join()
}

#[test]
fn the_command_line_wins_then_a_target_then_a_host_then_the_subcommand() {
    let connect = "[connect]\nuser-agent = 'connect'\n";
    let wide = "[host.'*']\nuser-agent = 'all'\n";
    let host = "[host.'127.0.0.1']\nuser-agent = 'host'\n";
    let target = "[target.t]\nurl = 'URL'\nuser-agent = 'target'\n";
    let agent = |sections: &[&str], args: &[&str]| header(&request(&sections.concat(), args), "User-Agent").unwrap();
    let all = [target, connect, wide, host];
    assert_eq!(agent(&all, &["@t", "-A", "given"]), "given");
    assert_eq!(agent(&all, &["-A", "given", "@t"]), "given");
    assert_eq!(agent(&all, &["@t"]), "target");
    assert_eq!(agent(&all, &["URL"]), "host");
    assert_eq!(agent(&all, &["--from-curl", "curl URL"]), "host");
    assert_eq!(agent(&[target, connect, wide], &["URL"]), "all");
    assert_eq!(agent(&[target, connect], &["URL"]), "connect");
    assert_eq!(agent(&["[inspect]\nuser-agent = 'inspect'\n"], &["URL"]), "wscli/0.1.0");
    assert_eq!(agent(&all, &["URL", "--no-config"]), "wscli/0.1.0");
}

#[test]
fn a_replay_has_a_section_of_its_own() {
    let folder = Folder::new();
    let file = folder.file("a.ndjson", r#"{"direction":"received","type":"text","text":"a"}"#);
    let replayed = |config: &str| {
        let server = peer::opens_and_closes();
        let config = config.replace("URL", &server.url);
        let outcome = run_at(&folder, &config, &["replay", &file, "@t"]);
        server.join();
        outcome.code
    };
    let target = "[target.t]\nurl = 'URL'\n";
    assert_eq!(replayed(target), Some(1));
    assert_eq!(replayed(&format!("{target}[connect]\nok-close = '1000'\n[replay]\nmatch = 'any'\n")), Some(0));
}

#[test]
fn what_contradicts_the_command_line_has_no_effect() {
    let config =
        "[connect]\nbearer = 'of-the-file'\n[host.'*']\nuser = 'of:host'\n[target.t]\nurl = 'URL'\nbinary = false\n";
    let authorization = |args: &[&str]| header(&request(config, args), "Authorization").unwrap();
    assert_eq!(authorization(&["URL", "--bearer", "given"]), "Bearer given");
    assert_eq!(authorization(&["URL", "-u", "a:b"]), "Basic YTpi");
    assert_eq!(authorization(&["URL"]), "Basic b2Y6aG9zdA==");
    // A header and its flag are the same thing.
    assert_eq!(authorization(&["URL", "-H", "Authorization: given"]), "given");
    let config = "[connect]\norigin = 'http://file'\n[host.'*'.header]\nUser-Agent = 'host'\n";
    let given = request(config, &["URL", "-A", "given", "-H", "Origin: http://given"]);
    let [agent, origin] = ["User-Agent", "Origin"].map(|name| header(&given, name).unwrap());
    assert_eq!((agent.as_str(), origin.as_str()), ("given", "http://given"));
}

#[test]
fn flags_that_may_be_repeated_add_up_and_headers_go_by_name() {
    let config = "[connect]\nsubprotocol = ['file']\nheader = ['X-A: 1', 'x-b: 2']\n[target.t]\nurl = 'URL'\n\
                  [target.t.header]\nX-B = 'target'\nX-C = { command = 'echo 3; echo 4' }\nX-D = { env = 'TOKEN' }\n";
    let request = request(config, &["-s", "given", "-H", "x-a: given", "@t"]);
    let all = |name: &str| {
        let lines = request.lines().filter(|line| line.to_lowercase().starts_with(&format!("{name}:")));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(all("sec-websocket-protocol"), ["Sec-WebSocket-Protocol: given, file"]);
    assert_eq!(all("x-a"), ["x-a: given"]);
    assert_eq!(all("x-b"), ["X-B: target"]);
    assert_eq!(all("x-c"), ["X-C: 3"]);
    assert_eq!(all("x-d"), ["X-D: hunter2"]);
}

#[test]
fn a_switch_may_be_on_and_off_again() {
    let frames = |config: &str, args: &[&str]| {
        let server = peer::opens_and_closes();
        let config = config.replace("URL", &server.url);
        let outcome = run_at(&Folder::new(), &config, &[&["connect", "-n"], args, &[&server.url]].concat());
        outcome.stderr.contains("< close FIN")
    };
    assert!(frames("[connect]\nframes = true\n", &[]));
    assert!(frames("", &["--frames"]));
    assert!(!frames("[connect]\nframes = true\n[host.'*']\nframes = false\n", &[]));
    assert!(!frames("[connect]\nframes = true\n", &["--no-config"]));
}

#[test]
fn verbose_says_where_a_flag_comes_from_and_no_secret() {
    let folder = Folder::new();
    let server = peer::opens_and_closes();
    let config = format!("[target.t]\nurl = '{}'\nverbose = true\n\nbearer = {{ env = 'TOKEN' }}\n", server.url);
    let outcome = run_at(&folder, &config, &["@t"]);
    let file = folder.path("wscli/config.toml");
    for line in [format!("* --verbose comes from {file}:3"), format!("* --bearer comes from {file}:5")] {
        outcome.assert("", 0, &line);
    }
    assert!(!outcome.stderr.contains("hunter2"), "{}", outcome.stderr);
    assert!(server.join().contains("Authorization: Bearer hunter2\r\n"));
}

#[test]
fn serve_and_inspect_have_sections_of_their_own() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("wscli")).unwrap();
    std::fs::write(folder.path("wscli/config.toml"), "[serve]\nheader = ['X-Of: serve']\nverbose = true\n").unwrap();
    let serving = serve_with(&[("XDG_CONFIG_HOME", &folder.path(""))], &[]);
    run(&["connect", "-v", &serving.url], b"").assert("", 0, "< X-Of: serve");

    let server = Requests::answered(vec![Answer::Open]);
    // What inspect doesn't have is for connect.
    let config = format!("[target.t]\nurl = '{}'\nframes = true\ncount = 1\norigin = 'http://o'\n", server.url());
    let outcome = run_at(&folder, &config, &["inspect", "@t"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(header(&server.next(), "Origin").as_deref(), Some("http://o"));
}

#[test]
fn what_is_wrong_is_told_with_file_line_and_key() {
    let folder = Folder::new();
    let file = folder.path("wscli/config.toml");
    for (config, says) in [
        (
            "\n[connect]\nping-interval = 'often'\n",
            ":3: connect.ping-interval: invalid value 'often' for '--ping-interval",
        ),
        (
            "[connect]\nping-intervall = '1s'\n",
            ":2: connect.ping-intervall: it is not a flag of connect; ping-interval is",
        ),
        ("[connect]\nk = true\n", ":2: connect.k: it is not a flag of connect; insecure is"),
        ("[connect]\nnonsense = true\n", ":2: connect.nonsense: it is not a flag of connect"),
        ("[connect]\nexec = 'cat'\n", ":2: connect.exec: it is not a flag of connect"),
        ("[connect]\nconfig = 'other'\n", ":2: connect.config: --config is for the command line alone"),
        ("[connect]\ninsecure = 'yes'\n", ":2: connect.insecure: it is true or false"),
        ("[connect]\nframes = 'yes'\n", ":2: connect.frames: invalid value 'yes' for '--frames[=<DETAIL>]'"),
        ("[connect]\norigin = true\n", ":2: connect.origin: it takes a value, not true or false"),
        ("[connect]\norigin = ['a', 'b']\n", ":2: connect.origin: it takes one value, not several"),
        ("[connect]\norigin = 2026-01-01\n", ":2: connect.origin: it has to be a string or a number"),
        ("[connect]\nuser = 'a:b'\nbearer = 'c'\n", ":3: connect.bearer: it contradicts connect.user"),
        ("[connect]\nbearer = { env = 'NO_SUCH' }\n", ":2: connect.bearer: NO_SUCH is not in the environment"),
        ("[connect]\nbearer = { command = 'exit 1' }\n", ":2: connect.bearer: the command ended with exit status: 1"),
        ("[connect]\nbearer = { file = 'x' }\n", ":2: connect.bearer: a table here is { env = \"VARIABLE\" } or"),
        (
            "[conect]\n",
            ":1: conect: no such section; the sections are bench, connect, inspect, ping, proxy, replay, serve, prompt",
        ),
        (
            "edit-mode = 'vi'\n",
            ":1: edit-mode: it stands in no section: what is a flag of connect belongs below [connect], what is about a prompt \
             below [prompt]; the sections are",
        ),
        ("[prompt]\nbinary = true\n", ":2: prompt.binary: it is not a setting of the prompt"),
        ("[prompt]\nkeys = 'x'\n", ":2: prompt.keys: it has to be a table of keys, each with its action"),
        (
            "[prompt.keys]\nf1 = 'undo'\nctrl-c = 'undo'\n",
            ":3: prompt.keys.ctrl-c: invalid value 'ctrl-c=undo' for '--bind <KEY=ACTION>': ctrl-c can't be bound: it cancels",
        ),
        (
            "[prompt.keys]\nf1 = 'fly'\n",
            ":2: prompt.keys.f1: invalid value 'f1=fly' for '--bind <KEY=ACTION>': \"fly\" is not",
        ),
        ("[prompt.keys]\nf1 = true\n", ":2: prompt.keys.f1: it has to be a string or a number"),
        ("[target.t]\nfoo = 1\n", ":1: target.t: it has no url"),
        ("[host.'*']\nnonsense = 1\n", ":2: host.\"*\".nonsense: it is not a flag of connect"),
        ("[connect\n", ":1: "),
        ("[connect]\nframes = true\nframes = true\n", ":3: duplicate key"),
    ] {
        let outcome = run_at(&folder, config, &["connect", "-n", "ws://127.0.0.1:1/"]);
        outcome.assert("", 2, &format!("error: {file}{says}"));
    }
    std::fs::write(&file, b"[connect]\nuser-agent = '\xff'\n").unwrap();
    let not_utf8 = run(&["connect", "--config", &file], b"");
    not_utf8.assert("", 2, &format!("error: {file}: it is not UTF-8"));
    run(&["connect", "--config", "/nonexistent/c"], b"").assert(
        "",
        2,
        "error: /nonexistent/c: No such file or directory",
    );
}

#[test]
fn a_file_of_others_or_without_end_is_refused() {
    let folder = Folder::new();
    let ran = folder.path("ran");
    let config = format!("[connect]\nbearer = {{ command = 'touch {ran}; echo x' }}\n");
    let file = folder.file("config.toml", &config);
    let with_mode = |mode| std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    let args = ["connect", "-n", "--config", &file, "ws://127.0.0.1:1/"];
    with_mode(0o646);
    let refused = "every user may write to it, so it is not used (chmod o-w makes it yours alone)";
    run(&args, b"").assert("", 2, &format!("error: {file}: {refused}"));
    assert!(!std::path::Path::new(&ran).exists());
    with_mode(0o664);
    run(&args, b"").assert("", 3, "can't connect to 127.0.0.1:1");
    assert!(std::path::Path::new(&ran).exists());
    run(&["connect", "--config", "/dev/zero"], b"").assert("", 2, "error: /dev/zero: it is over 1048576 bytes");
    let link = folder.path("loop");
    std::os::unix::fs::symlink(&link, &link).unwrap();
    let looping = format!("error: {link}: Too many levels of symbolic links");
    run(&["connect", "--config", &link], b"").assert("", 2, &looping);
}

#[test]
fn a_broken_section_hurts_only_whom_it_is_for() {
    let config = "[target.broken]\nurl = 'nonsense:'\nnonsense = 1\n[serve]\nnonsense = 1\n";
    assert!(request(config, &["URL"]).starts_with("GET / HTTP/1.1\r\n"));
    let outcome = run_at(&Folder::new(), config, &["connect", "@broken"]);
    outcome.assert("", 2, ":3: target.broken.nonsense: it is not a flag of connect");
}

#[test]
fn a_target_that_is_not_there_is_named() {
    let folder = Folder::new();
    let (none, file) = ("is a target of the configuration file, and", folder.path("wscli/config.toml"));
    let config = "[target.one]\nurl = 'ws://a/'\n[target.two]\nurl = 'ws://b/'\n";
    run_at(&folder, config, &["connect", "@three"]).assert(
        "",
        2,
        &format!("error: @three {none} there is none in {file}; its targets are one, two"),
    );
    run_at(&folder, "", &["inspect", "@three"]).assert("", 2, &format!("error: @three {none} there is none in {file}"));
    run(&["@three"], b"").assert("", 2, &format!("error: @three {none} no configuration file is read"));
    // The value of a flag is none.
    run(&["connect", "-d", "@three"], b"").assert("", 2, "can't read three: No such file or directory");
}

#[test]
fn config_prints_its_place_and_an_example_and_checks() {
    let folder = Folder::new();
    let path = format!("{}wscli/config.toml", folder.path(""));
    let home = |name, value: &str, args: &[&str]| run_with(&[("XDG_CONFIG_HOME", ""), (name, value)], args, b"");
    let place = home("XDG_CONFIG_HOME", &folder.path(""), &["config", "path"]);
    assert_eq!((place.stdout(), place.code), (format!("{path}\n").as_str(), Some(0)));
    let place = home("HOME", "/home/me", &["config", "path"]);
    assert_eq!((place.stdout(), place.code), ("/home/me/.config/wscli/config.toml\n", Some(0)));
    home("HOME", "relative", &["config", "path"]).assert("", 2, "neither XDG_CONFIG_HOME nor HOME is an absolute path");
    let none = home("HOME", "/home/me", &["config", "targets"]);
    assert_eq!((none.stdout(), none.stderr.as_str(), none.code), ("", "", Some(0)));
    std::fs::create_dir_all(folder.path("wscli")).unwrap();
    std::fs::write(&path, "[target.prod]\nurl = 'wss://u:sesame@a/x?token=1'\n[target.dev]\nurl = 'ws://b:81/'\n")
        .unwrap();
    let targets = home("XDG_CONFIG_HOME", &folder.path(""), &["config", "targets"]);
    assert_eq!((targets.stdout(), targets.code), ("@prod\n@dev\n", Some(0)));
    let servers = home("XDG_CONFIG_HOME", &folder.path(""), &["config", "targets", "--servers"]);
    assert_eq!((servers.stdout(), servers.code), ("ws://b:81\nwss://a\n", Some(0)));

    let example = run(&["config", "example"], b"");
    let is_setting =
        |line: &&str| line.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && !rest.starts_with(' '));
    assert!(example.stdout().lines().all(|line| line.is_empty() || line.starts_with('#')), "it changes something");
    let settings: Vec<_> = example.stdout().lines().filter(is_setting).map(|line| &line[1..]).collect();
    for content in [example.stdout().to_owned(), settings.join("\n")] {
        let file = folder.file("example.toml", content);
        // Nothing is fetched by the way.
        let checked = run(&["config", "check", &file], b"");
        assert_eq!(run(&["config", "check", "--config", &file], b"").stderr, checked.stderr);
        assert_eq!(
            (checked.stdout(), checked.stderr.as_str(), checked.code),
            (format!("{file}: no problems found\n").as_str(), "", Some(0))
        );
    }
    assert!(settings.len() > 15, "{settings:?}");

    let config = "[connect]\nnonsense = 1\norigin = true\n[target.t]\nurl = 'ftp://a/'\nbearer = { command = 'exit 1' }\n\
                  [serve]\nevery = 'x'\n";
    let checked = run(&["config", "check", &folder.file("bad.toml", config)], b"");
    let lines: Vec<_> = checked.stderr.lines().map(|line| line.split_once("bad.toml:").unwrap().1).collect();
    let [nonsense, origin, url, every] = lines[..] else { panic!("{checked:?}") };
    assert!(nonsense.starts_with("2: connect.nonsense: ") && origin.starts_with("3: connect.origin: "), "{lines:?}");
    assert!(
        url.starts_with("5: target.t.url: ") && every.starts_with("8: serve.every: invalid value 'x'"),
        "{lines:?}"
    );
    assert_eq!((checked.stdout(), checked.code), ("", Some(2)));
    // What is wrong with the document hides nothing that is wrong with a flag, and the other way round.
    let config = "[target.t]\nnonsense = 1\n[connect]\nbinary = yes\norigin = true\n[nowhere]\n";
    let checked = run(&["config", "check", &folder.file("mixed.toml", config)], b"");
    let places: Vec<_> = checked.stderr.lines().map(|line| line.split("mixed.toml:").nth(1).unwrap()).collect();
    let beginnings =
        ["1: target.t: it has no url", "2: target.t.nonsense: ", "4: ", "5: connect.origin: ", "6: nowhere: "];
    assert_eq!(places.len(), beginnings.len(), "{places:?}");
    for (place, beginning) in places.iter().zip(beginnings) {
        assert!(place.starts_with(beginning), "{place} is not {beginning}");
    }
    let rule = folder.file("rule.toml", "[connect]\non = 'match x -> reply y'\n");
    run(&["config", "check", &rule], b"").assert("", 2, "rule.toml:2: connect.on: invalid value");
}

/// To look for faults once took a thousandth of a second for each section, and a flag that may be meant for each wrong key.
#[test]
fn a_file_of_many_sections_is_checked_in_no_time() {
    const COUNT: usize = 3000;
    let many = |section: fn(usize) -> String| (0..COUNT).map(section).collect::<String>();
    let targets = many(|number| format!("[target.t{number}]\nurl = 'ws://x/'\nbinary = true\nbinarx = true\n"));
    let hosts = many(|number| format!("[host.h{number}]\nbearer = 'x'\n"));
    let keys = many(|number| format!("k{number} = 1\n"));
    let folder = Folder::new();
    let path = folder.file("config.toml", format!("{targets}{hosts}[connect]\n{keys}"));
    let outcome = run(&["config", "check", &path], b"");
    assert_eq!((outcome.code, outcome.stderr.lines().count()), (Some(2), 2 * COUNT));
    assert!(outcome.stderr.contains(":4: target.t0.binarx: it is not a flag of connect; binary is\n"));
}

#[test]
fn settings_of_the_prompt_are_checked_where_they_stand() {
    let folder = Folder::new();
    let config = "[connect]\nbell = 'error'\ntemplate = true\nfilter = '/op = x'\n\n[serve]\nbell = '('\n";
    let outcome = run_at(&folder, config, &["config", "check"]);
    let file = folder.path("wscli/config.toml");
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    for place in [format!("{file}:4: connect.filter: "), format!("{file}:7: serve.bell: ")] {
        assert!(outcome.stderr.contains(&place), "no {place} in {}", outcome.stderr);
    }
}

#[test]
fn a_host_that_is_called_as_a_target_is_told() {
    let folder = Folder::new();
    let file = folder.file("config.toml", "[target.feed]\nurl = 'ws://a/'\n");
    let flags = ["connect", "-n", "--config", &file, "--unix-socket", "/nowhere/at/all"];
    let told = "* feed is taken for a host; @feed is the target of the configuration file";
    run(&[&flags[..], &["feed"]].concat(), b"").assert("", 3, told);
    assert!(!run(&[&flags[..], &["food"]].concat(), b"").stderr.contains("@f"));
}
