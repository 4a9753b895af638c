//! What browsers copy as a curl command reaches a server that checks every header.

use crate::support::files::Folder;
use crate::support::peer::{self, Refusing, header};
use crate::support::program::{Serving, run};

/// Connects with `command`, in which PORT stands for the server's port. Asserts the resource, and that the
/// request has these headers, in whatever order, and no others.
#[track_caller]
fn asks(command: &str, flags: &[&str], resource: &str, headers: &[&str]) -> String {
    let server = peer::opens_and_closes();
    let port = server.url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let command = command.replace("PORT", &port);
    let outcome = run(&[&["connect", "--from-curl", &command], flags].concat(), b"");
    outcome.assert("", 0, "peer closed: 1000");
    let request = server.join().replace(&port, "PORT");
    let mut lines = request.lines().take_while(|line| !line.is_empty());
    assert_eq!(lines.next().unwrap(), format!("GET {resource} HTTP/1.1"));
    let (mut sent, mut wanted): (Vec<_>, _) = (lines.collect(), headers.to_vec());
    sent.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(sent, wanted);
    outcome.stderr
}

const CHROME_ON_LINUX: &str = r#"curl 'ws://127.0.0.1:PORT/live/\[7\]?filter=\{"a":1\}&token=a%20b%2F' \
  -H 'Upgrade: websocket' \
  -H 'Origin: http://localhost:3000' \
  -H 'Cache-Control: no-cache' \
  -H 'Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7' \
  -H 'Pragma: no-cache' \
  -b $'session=it\'s a \\ secret\u0021; theme=dark' \
  -H 'Connection: Upgrade' \
  -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
  -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36' \
  -H 'Sec-WebSocket-Version: 13' \
  -H 'Sec-WebSocket-Protocol: graphql-transport-ws, graphql-ws' \
  -H 'X-Empty;' \
  -H 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'"#;

#[test]
fn chrome_on_linux() {
    asks(
        CHROME_ON_LINUX,
        &[],
        r#"/live/[7]?filter={"a":1}&token=a%20b%2F"#,
        &[
            "Host: 127.0.0.1:PORT",
            "Upgrade: websocket",
            "Origin: http://localhost:3000",
            "Cache-Control: no-cache",
            "Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7",
            "Pragma: no-cache",
            "Cookie: session=it's a \\ secret!; theme=dark",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: graphql-transport-ws, graphql-ws",
            "X-Empty:",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        ],
    );
}

/// For cmd.exe, in which ^ escapes, and then for the C runtime's rules, in which \ does.
const CHROME_ON_WINDOWS: &str = r#"curl ^"ws://127.0.0.1:PORT/live?token=a^%^20b^&x=^|^%2F^&q=^\^"z^\^"^" ^
  -H ^"Upgrade: websocket^" ^
  -H ^"Origin: http://localhost:3000^" ^
  -H ^"Cache-Control: no-cache^" ^
  -b ^"session=^%^41^\^"quoted^\^"^&back^\^\slash; theme=^{dark^}^" ^
  -H ^"Connection: Upgrade^" ^
  -H ^"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==^" ^
  -H ^"sec-ch-ua: ^\^"Chromium^\^";v=^\^"131^\^", ^\^"Not_A Brand^\^";v=^\^"24^\^"^" ^
  -H ^"User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36^" ^
  -H ^"Sec-WebSocket-Version: 13^" ^
  -H ^"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits^""#;

#[test]
fn chrome_on_windows() {
    for command in [CHROME_ON_WINDOWS.to_owned(), CHROME_ON_WINDOWS.replace('\n', "\r\n")] {
        asks(
            &command,
            &[],
            r#"/live?token=a%20b&x=|%2F&q="z""#,
            &[
                "Host: 127.0.0.1:PORT",
                "Upgrade: websocket",
                "Origin: http://localhost:3000",
                "Cache-Control: no-cache",
                "Cookie: session=%41\"quoted\"&back\\slash; theme={dark}",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "sec-ch-ua: \"Chromium\";v=\"131\", \"Not_A Brand\";v=\"24\"",
                "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/131.0.0.0 Safari/537.36",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            ],
        );
    }
}

/// As it was for some years: plain quotes, unless there is a line break.
const OLDER_CHROME_ON_WINDOWS: &str = r#"curl "ws://127.0.0.1:PORT/live?a=1&b=2" ^
  -H "Upgrade: websocket" ^
  -H "Cookie: a=\"b\"" ^
  -H "Connection: Upgrade" ^
  -H "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)" ^
  -H "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" ^
  -H "Sec-WebSocket-Version: 13" ^
  -H "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits" ^
  --compressed"#;

#[test]
fn older_chrome_on_windows() {
    asks(
        OLDER_CHROME_ON_WINDOWS,
        &[],
        "/live?a=1&b=2",
        &[
            "Host: 127.0.0.1:PORT",
            "Upgrade: websocket",
            "Cookie: a=\"b\"",
            "Connection: Upgrade",
            "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        ],
    );
}

const FIREFOX: &str = "curl 'ws://127.0.0.1:PORT/live?a=1&b=2' --compressed -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:133.0) \
     Gecko/20100101 Firefox/133.0' -H 'Accept: */*' -H 'Accept-Language: en-US,en;q=0.5' \
     -H 'Accept-Encoding: gzip, deflate, br, zstd' -H 'Sec-WebSocket-Version: 13' -H 'Origin: http://localhost:3000' \
     -H 'Sec-WebSocket-Extensions: permessage-deflate' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -H 'DNT: 1' \
     -H 'Connection: keep-alive, Upgrade' -H $'Cookie: greeting=hi\\x21; who=it\\'s me' -H 'Sec-Fetch-Dest: empty' \
     -H 'Sec-Fetch-Mode: websocket' -H 'Sec-Fetch-Site: same-site' -H 'Pragma: no-cache' -H 'Cache-Control: no-cache' \
     -H 'Upgrade: websocket'";

#[test]
fn firefox() {
    asks(
        FIREFOX,
        &[],
        "/live?a=1&b=2",
        &[
            "Host: 127.0.0.1:PORT",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
            "Accept: */*",
            "Accept-Language: en-US,en;q=0.5",
            "Accept-Encoding: gzip, deflate, br, zstd",
            "Sec-WebSocket-Version: 13",
            "Origin: http://localhost:3000",
            "Sec-WebSocket-Extensions: permessage-deflate",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "DNT: 1",
            "Connection: keep-alive, Upgrade",
            "Cookie: greeting=hi!; who=it's me",
            "Sec-Fetch-Dest: empty",
            "Sec-Fetch-Mode: websocket",
            "Sec-Fetch-Site: same-site",
            "Pragma: no-cache",
            "Cache-Control: no-cache",
            "Upgrade: websocket",
        ],
    );
}

/// The request of a command that says nothing special.
#[track_caller]
fn request(command: &str, flags: &[&str]) -> (String, String) {
    let server = peer::opens_and_closes();
    let port = server.url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let command = command.replace("PORT", &port);
    let outcome = run(&[&["connect", "--from-curl", &command], flags].concat(), b"");
    outcome.assert("", 0, "peer closed: 1000");
    (server.join(), outcome.stderr)
}

#[test]
fn flags_that_mean_nothing_here_are_named_and_ignored() {
    let command = "curl --max-filesize 7 -sS --compressed --data-raw 'x' -X GET --whatever ws://127.0.0.1:PORT/x -H 'X-Kept: yes'";
    let (head, log) = request(command, &[]);
    assert_eq!(header(&head, "X-Kept").as_deref(), Some("yes"));
    assert!(head.starts_with("GET /x HTTP/1.1\r\n"), "{head}");
    for flag in ["--max-filesize", "--data-raw", "--whatever"] {
        assert!(log.contains(flag), "no {flag} in {log}");
    }
}

#[test]
fn flags_of_curl_that_are_ours_too_are_taken() {
    let (head, _) = request(
        "curl -u name:word -A agent --cookie a=1 -HX-Tight:1 --header='X-Equals: 2' http://127.0.0.1:PORT",
        &[],
    );
    for (name, value) in [
        ("Authorization", "Basic bmFtZTp3b3Jk"),
        ("User-Agent", "agent"),
        ("Cookie", "a=1"),
        ("X-Tight", "1"),
        ("X-Equals", "2"),
    ] {
        assert_eq!(header(&head, name).as_deref(), Some(value), "{head}");
    }
}

#[test]
fn flags_that_reach_the_server_in_another_way_act() {
    let host = |command: &str, flags: &[&str]| header(&request(command, flags).0, "Host").unwrap();
    for pasted in ["--resolve a.example:PORT:127.0.0.1", "--connect-to a.example:PORT:127.0.0.1:PORT -4 -m 60"] {
        assert!(host(&format!("curl ws://a.example:PORT/ {pasted}"), &[]).starts_with("a.example:"), "{pasted}");
    }
    let (head, log) = request("curl ws://127.0.0.1:PORT --oauth2-bearer token --max-redirs 3 --tls-max 1.3", &[]);
    assert_eq!((header(&head, "Authorization").as_deref(), log.contains("ignored")), (Some("Bearer token"), false));
    // Ours count more.
    assert!(host("curl ws://localhost:PORT/ -6", &["-4"]).starts_with("localhost:"));
    let outcome = run(&["connect", "--from-curl", "curl ws://127.0.0.1:1 --unix-socket /no/such"], b"");
    outcome.assert("", 3, "/no/such");
    run(&["connect", "--from-curl", "curl wss://127.0.0.1:1 --cacert /no/such"], b"").assert("", 2, "/no/such");
    let serving = Serving::start(&[]);
    let outcome = run(&["inspect", "--from-curl", &format!("curl -m 9 -o x -4 {}", serving.url)], b"");
    assert!(outcome.code == Some(0) && outcome.stderr.contains("--from-curl: -o is ignored"), "{outcome:?}");
}

#[test]
fn inspect_takes_it_too() {
    let serving = Serving::start(&[]);
    let command = format!("curl '{}a?b' -H 'X-Kept: yes'", serving.url);
    let outcome = run(&["inspect", "--json", "--from-curl", &command], b"");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stdout().contains("GET /a?b HTTP/1.1\\r\\n") && outcome.stdout().contains("X-Kept: yes\\r\\n"),
        "{outcome:?}"
    );
}

#[test]
fn our_own_flags_count_more() {
    let (head, _) = request("curl ws://127.0.0.1:PORT -A theirs -H 'X-Theirs: 1'", &["-A", "ours", "-H", "X-Ours: 1"]);
    assert_eq!(header(&head, "User-Agent").as_deref(), Some("ours"));
    assert!(header(&head, "X-Theirs").is_some() && header(&head, "X-Ours").is_some(), "{head}");
    let (head, _) = request("curl ws://127.0.0.1:PORT -H 'Origin: http://theirs'", &["--origin", "http://ours"]);
    assert_eq!(head.matches("http://").collect::<Vec<_>>().len(), 1, "{head}");
    assert_eq!(header(&head, "Origin").as_deref(), Some("http://ours"));
}

#[test]
fn of_a_header_that_both_name_only_ours_is_sent_whichever_flags_name_it() {
    let folder = Folder::new();
    let file = format!("@{}", folder.file("headers", "Authorization: ours\nCookie: ours=1\nuser-agent: ours\n"));
    for (theirs, ours, name, sent) in [
        ("-u a:b", ["--bearer", "ours"], "Authorization", "Bearer ours"),
        ("-u a", ["--bearer", "ours"], "Authorization", "Bearer ours"),
        ("-u a:b", ["-H", "authorization: ours"], "Authorization", "ours"),
        ("-u a:b", ["-H", &file], "Authorization", "ours"),
        ("-H 'authorization: b'", ["-u", "a:c"], "Authorization", "Basic YTpj"),
        ("-A theirs", ["-H", "User-Agent: ours"], "User-Agent", "ours"),
        ("-A theirs", ["-H", &file], "User-Agent", "ours"),
        ("-H 'user-agent: theirs'", ["-A", "ours"], "User-Agent", "ours"),
        ("-b theirs=1", ["-b", "ours=1"], "Cookie", "ours=1"),
        ("-H 'Cookie: theirs=1'", ["-b", "ours=1"], "Cookie", "ours=1"),
        ("-b theirs=1", ["-H", "Cookie: ours=1"], "Cookie", "ours=1"),
        ("-b theirs=1", ["-H", &file], "Cookie", "ours=1"),
        ("-e theirs", ["-H", "referer: ours"], "Referer", "ours"),
        (
            "-H 'Sec-WebSocket-Protocol: theirs'",
            ["-H", "sec-websocket-protocol: ours"],
            "Sec-WebSocket-Protocol",
            "ours",
        ),
    ] {
        let (head, _) = request(&format!("curl ws://127.0.0.1:PORT {theirs}"), &ours);
        assert_eq!(values(&head, name), [sent], "{theirs} {ours:?}: {head}");
    }
    let (head, _) = request("curl ws://127.0.0.1:PORT -A theirs -b theirs=1", &["-H", "User-Agent:", "-H", "Cookie:"]);
    assert_eq!((values(&head, "User-Agent"), values(&head, "Cookie")), (vec![], vec![]), "{head}");
}

#[test]
fn of_curls_own_flags_the_header_counts_more() {
    let (head, _) = request(
        "curl ws://127.0.0.1:PORT -u a:b -H 'Authorization: x' -A agent -H 'user-agent: y' -b a=1 -H 'Cookie: z=1' \
         -e page -H 'Referer: r'",
        &[],
    );
    for (name, sent) in [("Authorization", "x"), ("User-Agent", "y"), ("Cookie", "z=1"), ("Referer", "r")] {
        assert_eq!(values(&head, name), [sent], "{head}");
    }
}

#[test]
fn a_file_of_headers_in_a_pasted_command_is_not_read() {
    let folder = Folder::new();
    let file = folder.file("headers", "X-Secret: hunter2\n");
    let (head, log) = request(&format!("curl ws://127.0.0.1:PORT -H @{file}"), &[]);
    assert!(!head.contains("hunter2") && log.contains("--from-curl: -H is ignored"), "{head}{log}");
}

/// The values of all headers of this name.
fn values<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
}

#[test]
fn what_is_no_curl_command_is_refused_with_the_reason() {
    for (command, why) in [
        ("", "--from-curl"),
        ("wget http://127.0.0.1/", "curl"),
        ("curl -H 'X: 1'", "URL"),
        ("curl 'ws://127.0.0.1/", "'"),
        ("curl ws://127.0.0.1/ -H", "-H"),
    ] {
        run(&["connect", "--from-curl", command], b"").assert("", 2, why);
    }
    let unused = Refusing::new();
    let command = format!("curl 'ws://user:secret@{unused}/' -H 'Cookie: a=secret'");
    let outcome = run(&["connect", "-v", "--from-curl", &command], b"");
    outcome.assert("", 3, "onnection refused");
    assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
}

#[test]
fn spellings_of_curl_that_mean_ours_are_taken() {
    for (flags, headers) in [
        (&["-e", "http://a/"][..], &[("Referer", "http://a/")][..]),
        (&["--referer", "http://a/", "-H", "X-A: b"], &[("Referer", "http://a/"), ("X-A", "b")]),
        (&["--basic", "-u", "a:b"], &[("Authorization", "Basic YTpi")]),
        (&["--oauth2-bearer", "token"], &[("Authorization", "Bearer token")]),
    ] {
        let server = peer::opens_and_closes();
        let outcome = run(&[&["connect", "--url", &server.url], flags].concat(), b"");
        outcome.assert("", 0, "peer closed: 1000");
        let head = server.join();
        for (name, value) in headers {
            assert_eq!(header(&head, name).as_deref(), Some(*value), "{head}");
        }
    }
    run(&["connect", "--url", "ws://a/", "ws://b/"], b"").assert("", 2, "cannot be used with");
    run(&["connect", "--url", "ws://a/", "--from-curl", "curl ws://b/"], b"").assert("", 2, "cannot be used with");
    run(&["connect", "-e", "a", "-H", "Referer: b", "ws://127.0.0.1:1/"], b"").assert("", 2, "Referer");
    run(&["connect", "--basic", "--digest", "-u", "a:b", "ws://b/"], b"").assert("", 2, "cannot be used with");
}
