//! `wscli diff`: two recordings, message by message.

use crate::support::files::Folder;
use crate::support::program::{Outcome, run};

const OPENED: &str = r#"{"connection":1,"schema":1,"type":"opened","role":"client","url":"ws://a/"}"#;

/// A connection with these texts, `>` before those that the client has sent.
fn recording(role: &str, texts: &[&str]) -> String {
    let mut lines = OPENED.replace("client", role) + "\n";
    for text in texts {
        let direction = if text.starts_with('>') == (role == "client") { "sent" } else { "received" };
        let text = serde_json::Value::from(&text[1..]);
        lines += &format!("{{\"connection\":1,\"direction\":\"{direction}\",\"type\":\"text\",\"text\":{text}}}\n");
    }
    lines + "{\"connection\":1,\"direction\":\"received\",\"type\":\"close\",\"code\":1000}\n"
}

fn diff(flags: &[&str], [one, other]: [&str; 2]) -> Outcome {
    let folder = Folder::new();
    let [one, other] = [folder.file("a.ndjson", one), folder.file("b.ndjson", other)];
    let outcome = run(&[&["diff"], flags, &[&one, &other]].concat(), b"");
    let stdout = outcome.stdout().replace(&one, "A").replace(&other, "B").into_bytes();
    Outcome { stdout, ..outcome }
}

fn is(outcome: &Outcome, stdout: &str, code: i32) {
    assert_eq!((outcome.stdout(), outcome.code, outcome.stderr.as_str()), (stdout, Some(code), ""));
}

#[test]
fn the_same_said_in_another_way_is_the_same() {
    let one = recording("client", &[r#">{"a":1,"b":2}"#, "<x", ">y"]);
    let other = recording("client", &[r#">{ "b": 2.0, "a": 1 }"#, ">y", "<x"]);
    is(&diff(&[], [&one, &other]), "0 differences; 3 messages and 3\n", 0);
    let exact = diff(&["--match", "exact"], [&one, &other]);
    assert_eq!(exact.code, Some(1), "{exact:?}");
    // Who has recorded makes no difference.
    let texts = [r#">{"b":2,"a":1}"#, "<x", ">y"];
    let server = recording("server", &texts).replace(r#""received","type":"close""#, r#""sent","type":"close""#);
    is(&diff(&[], [&one, &server]), "0 differences; 3 messages and 3\n", 0);
}

#[test]
fn only_the_first_differences_are_shown() {
    let one = recording("client", &[">a"]);
    let diffed = diff(&[], [&(one.clone() + &format!("{OPENED}\n").repeat(150)), &one]);
    let lines: Vec<_> = diffed.stdout().lines().collect();
    let end = ["connection 101: only in A", "… and 50 more", "150 differences; 1 message and 1"];
    assert_eq!((&lines[99..], diffed.code), (&end[..], Some(1)), "{diffed:?}");
}

#[test]
fn connections_are_compared_in_one_reading_however_many_there_are() {
    const COUNT: usize = 2000;
    let of_all = |make: &dyn Fn(usize) -> String| (1..=COUNT).map(make).collect::<String>();
    let opened = of_all(&|number| OPENED.replace("\"connection\":1", &format!("\"connection\":{number}")) + "\n");
    let says = |text: &str, number: usize| {
        format!("{{\"connection\":{number},\"direction\":\"sent\",\"type\":\"text\",\"text\":\"{text} {number}\"}}\n")
    };
    // Each of them is open to the end, among all the others.
    let one = opened + &of_all(&|number| says("a", number)) + &of_all(&|number| says("b", number));
    let other = one.replace("\"b 1\"", "\"b 2\"");
    let shown = "\
connection 1, client, lines 4001 and 4001:
- b 1
+ b 2
1 difference; 4,000 messages and 4,000
";
    is(&diff(&[], [&one, &other]), shown, 1);
}

#[test]
fn what_differs_is_shown_and_what_moved_everything_else_is_found() {
    let one = recording("client", &[r#">{"n":1,"ts":1}"#, "<a", "<b", "<c"]) + OPENED;
    let other = recording("client", &[r#">{"n":2,"ts":2}"#, "<new", "<a", "<b"]).replace("1000", "4000");
    let shown = "\
connection 1, client, lines 2 and 2:
  {
-   \"n\": 1
+   \"n\": 2
  }
connection 1, server, line 3: only in B: new
connection 1, server, line 5: only in A: c
connection 1, server, lines 6 and 6:
- close 1000 (normal closure)
+ close 4000
connection 2: only in A
5 differences; 4 messages and 4
";
    is(&diff(&["--ignore", "/ts"], [&one, &other]), shown, 1);
    let counted = diff(&["--connection", "1", "--match", "count"], [&one, &other]);
    is(&counted, "0 differences; 4 messages and 4\n", 0);
}

#[test]
fn a_flag_that_would_do_nothing_is_refused() {
    let one = recording("client", &[">x"]);
    diff(&["--ignore", "/ts", "--match", "exact"], [&one, &one]).assert(
        "",
        2,
        "error: --ignore does nothing without --match json",
    );
    is(&diff(&["--ignore", "/ts"], [&one, &one]), "0 differences; 1 message and 1\n", 0);
}

#[test]
fn what_is_compared_only_in_part_is_told() {
    let line = r#"{"connection":1,"direction":"sent","type":"text","text":"a","length":9,"truncated":true}"#;
    let one = format!("{OPENED}\n{line}\n");
    let outcome = diff(&["--match", "exact"], [&one, &one]);
    assert_eq!((outcome.stdout(), outcome.code), ("0 differences; 1 message and 1\n", Some(0)));
    assert_eq!(outcome.stderr, "compared by length and beginning (up to 64 MiB): 2 messages\n");
    is(&diff(&["--match", "count"], [&one, &one]), "0 differences; 1 message and 1\n", 0);
}
