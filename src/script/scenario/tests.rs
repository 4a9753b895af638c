//! Whole files: what each comes to, and what is wrong in fifty of them.

use std::sync::Arc;

use super::*;

/// The files that steps name.
struct NamedFiles;

impl ScenarioFiles for NamedFiles {
    fn read(&mut self, _from: &str, path: &str) -> Result<(Arc<str>, Vec<u8>), String> {
        let content = match path {
            "login.wst" => "connect bob ws://b/\nlet token = abc\n",
            "wrong.wst" => "\n  delay x\n",
            "self.wst" => "include self.wst\n",
            "users.csv" => "name,pin\nann,1\nbob,2\n",
            "uneven.csv" => "name,pin\nann\n",
            "picture.png" => "\u{1}",
            "user.json" => "{\"required\": [\"name\"]}",
            "typo.json" => "{\"requird\": []}",
            _ => return Err(format!("{path}: no such file")),
        };
        Ok((path.into(), content.as_bytes().to_vec()))
    }
}

fn read(text: &str) -> Result<Scenario, Box<ScenarioError>> {
    let source = ScenarioSource { name: "a.wst".into(), text: text.to_owned() };
    parse(&source, ["base", "token"].map(str::to_owned), &mut NamedFiles)
}

#[test]
fn a_file_becomes_steps() {
    let text = "\
# chat
let room = ${uuid}
connect alice ${base}/chat?room=${room}
  header Authorization: Bearer ${env.TOKEN}
  subprotocol chat.v2, chat.v1
  # not said
  within 2s
  expect subprotocol chat.v2
include login.wst
alice send {
  \"op\": \"say\",
  \"token\": \"${token}\"
}
bob expect json /op = \"said\" and /text = \"hi\" within 2s
  capture id = /id
  and size < 1K
expect alice json /ack = ${id} within 1s
repeat 3 {
  alice ping ${index}
  alice expect pong ${index}
}
for user in users.csv {
  alice send ${user.name} ${user.pin}
}
for x in [1, {\"a\": \"b\"}] {
  alice send ${x}
}
parallel {
  alice expect 2 text
  do {
    bob drop
  }
}
parallel 5 {
  connect ${base}
  close 4000 bye
  expect closed 4000
}
alice expect unordered within 5s {
  json /a
  match ^b
}
skip if ${env.CI} != true
timeout 3s
deadline 1m
delay 10ms
finally {
  alice close
}
";
    let scenario = read(text).unwrap();
    assert_eq!((scenario.steps.len(), scenario.last_steps.len()), (18, 1));
    let StepAction::Connect(connect) = &scenario.steps[1].action else { panic!("{:?}", scenario.steps[1]) };
    assert_eq!((connect.headers.len(), connect.subprotocols.len()), (1, 2));
    let StepAction::Send { content: SentContent::Text(text), .. } = &scenario.steps[5].action else { panic!() };
    assert_eq!(text.to_string(), "{\n\"op\": \"say\",\n\"token\": \"${token}\"\n}".replace("\n\"", "\n  \""));
    assert_eq!((scenario.steps[5].place.line, &*scenario.steps[4].place.file), (10, "login.wst"));
    let expected = "connect ws://b/\nexpect json {\n  \"a\": [1,\n    2]\n}\n  capture b = /a\nexpect text\n  and json exactly {\"a\": 1,\n    \"b\": 2} and json /a\n  within 3s";
    let scenario_of_json = read(expected).unwrap();
    let checks: Vec<String> = scenario_of_json
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            StepAction::Expect { expectation: Expectation::Messages { checks, captures, within, .. }, .. } => {
                Some(format!(
                    "{} {} {within:?}",
                    checks.iter().map(MessageCheck::to_string).collect::<Vec<_>>().join(" & "),
                    captures.len()
                ))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        checks,
        [
            "json {\n\"a\": [1,\n2]\n} 1 None",
            "text & json exactly {\"a\": 1,\n\"b\": 2} & json /a exists 0 Some(Known(3s))"
        ]
    );
    let StepAction::For { rows, .. } = &scenario.steps[9].action else { panic!("{:?}", scenario.steps[9]) };
    assert_eq!(rows.len(), 2);
}

/// A file, the line and the column of what is wrong with it, both from 1, and what is said about it.
const WRONG: &[(&str, usize, usize, &str)] = &[
    ("", 1, 1, "there are no steps, such as: connect ws://"),
    ("# nothing\n\n", 1, 1, "there are no steps"),
    ("connect", 1, 8, "a URL has to follow"),
    ("connect alice", 1, 14, "a URL has to follow, as in connect alice ws://"),
    ("connect ws://b/\n  send hi", 2, 3, "this step is indented further than the one above it"),
    ("connect ws://b/\n  timeout 5s", 2, 3, "did you mean within?"),
    ("connect ws://b/\n  protocol a", 2, 3, "did you mean subprotocol?"),
    ("connection a", 1, 13, "a URL has to follow, as in connection a ws://"),
    ("connection b ws://b/\nsend hi", 2, 1, "on which connection? b … says it"),
    ("send hi", 1, 1, "no connection is open here; connect URL opens one"),
    ("connect ws://b/\nsend $5", 2, 6, "none was yet; a dollar sign is written $$"),
    ("connect ws://b/\nsend ${/id}", 2, 6, "${/id} is of the message that was expected last"),
    ("connect ws://b/\nexpect equals a\n  capture b = $1", 3, 11, "$1 is a group of match REGEX"),
    ("connect ws://b/\nexpect match (a)\n  capture b = $2", 3, 11, "has 1 group, and no $2"),
    ("connect ws://b/\nexpect text\n  send hi", 3, 3, "this step is indented further"),
    (
        "connect ws://b/\nsend hi\n  expect text",
        3,
        3,
        "this step is indented further than the one above it, as what goes on",
    ),
    (
        "connect ws://b/\nsend\n  hi\n  expect any within 1s",
        4,
        3,
        "as a line of the text to send it stands behind send text",
    ),
    ("connect a ws://b/\na send hi\n  a expect closed", 3, 3, "this step is indented further"),
    ("connect a ws://b/\na send hi\n  expect a json /b", 3, 3, "this step is indented further"),
    ("connect ws://b/\nexpect equals one\n  two", 3, 3, "a text of several lines is written match one\\ntwo"),
    ("connect ws://b/\nexpect not equals a", 2, 8, "expect none CONDITIONS within DURATION"),
    ("connect ws://b/\nexpect closed 1000 and any", 2, 20, "closed takes no conditions"),
    ("connect ws://b/\nexpect closed 1000 some ${nope reason", 2, 25, "${ needs a }"),
    ("connect ws://b/\nexpect json /a matches b c", 2, 26, "with blanks stands in double quotes"),
    ("connect ws://b/\nexpect refused >= 40", 2, 19, "is not a status from 100 to 599"),
    ("repeat 3 { delay 1s }", 1, 10, "{ stands at the end of its line"),
    ("for u in users.csv {\n  let a = ${u.salary}\n}", 2, 11, "${u.salary} has no value here; u has name and pin"),
    ("connect a ws://b/ c", 1, 19, "too much"),
    ("connect send ws://b/", 1, 9, "is a word of steps"),
    ("connect 1a ws://b/", 1, 9, "is not a name"),
    ("connect a ${bse}/", 1, 11, "${bse} has no value here; did you mean ${base}?"),
    ("connect a ws://b/\n  headr X: y", 2, 3, "did you mean header?"),
    ("connect a ws://b/\n  header X", 2, 10, "a colon after its name"),
    ("connect a ws://b/\n  cookie X", 2, 10, "NAME=VALUE"),
    ("connect a ws://b/\n  within x", 2, 10, "not a duration"),
    ("connect a ws://b/\n  insecure yes", 2, 12, "too much"),
    ("connect a ws://b/\n  expect sttus 101", 2, 10, "\"sttus\" is not a condition"),
    ("connect a ws://b/\n  header X: ${", 2, 13, "${ needs a }"),
    ("accept", 1, 7, "an address has to follow, as in accept alice 127.0.0.1:8080"),
    ("accept a :0 b", 1, 13, "accept takes a name and an address"),
    ("accept expect :0", 1, 8, "is a word of steps"),
    ("accept a :0\n  cookie a=b", 2, 3, "says nothing about a connection (header, subprotocol, "),
    ("accept a :0\n  expect path", 2, 14, "a path has to follow"),
    ("accept a :0\n  expect path lik /", 2, 15, "is not a condition"),
    ("accept a :0\nconnect ws://localhost:${port}/", 2, 24, "${port} has no value here"),
    ("listen :0", 1, 1, "did you mean accept?"),
    ("alice send hi", 1, 1, "there is no connection \"alice\"; connect alice URL opens one"),
    ("connect alice ws://b/\nalcie send hi", 2, 1, "did you mean alice?"),
    ("connect a ws://b/\na jump", 2, 3, "is nothing that a connection does"),
    ("wait 5s", 1, 1, "did you mean delay?"),
    ("assert x", 1, 1, "did you mean expect?"),
    ("connect ws://b/\njson /a", 2, 6, "is not JSON"),
    ("frobnicate", 1, 1, "is neither a step (let, connect, connection, accept, "),
    ("let", 1, 4, "a name has to stand here: letters, digits, - and _, with no digit first"),
    ("let 1 = 2", 1, 5, "\"1\" is not a name: letters"),
    ("delay", 1, 6, "a duration is missing, such as 500ms"),
    ("connect ws://b/\n  within", 2, 9, "a duration is missing, such as 500ms"),
    ("connect ws://b/\nexpect any\n  within", 3, 9, "a duration is missing, such as 500ms"),
    ("connect ws://b/\nexpect json /a within", 2, 22, "a duration has to follow within, as in within 2s"),
    ("connect ws://b/\nexpect json /a within 2s and /b", 2, 16, "within stands behind all conditions"),
    ("connect ws://b/\nexpect text within 2s and size 3", 2, 13, "within stands behind all conditions"),
    ("connect ws://b/\n  subprotocol", 2, 14, "a name has to follow, as in subprotocol chat.v2"),
    ("connect ws://b/\nclose now", 2, 7, "is not a status code such as 1000 or 4000"),
    ("connect ws://b/\nexpect size > none", 2, 15, "is not a size such as 4096, 64K or 16M"),
    ("let a", 1, 6, "= and a value have to follow"),
    ("let uuid = 1", 1, 5, "${uuid} is something else already"),
    ("let a = ${b c}", 1, 9, "is not a name, a JSON pointer or env.NAME"),
    ("let a = ${/b~2}", 1, 9, "~0"),
    ("let a = ${x}", 1, 9, "${x} has no value here; let x = …"),
    ("connect ws://b/\nsend ${id}", 2, 6, "${id} has no value here"),
    ("connect ws://b/\nsend json {a}", 2, 12, "is not JSON"),
    ("connect ws://b/\nsend json\n  {\n  \"a\": ${x}\n  }", 4, 8, "${x} has no value here"),
    ("connect ws://b/\nbinary 0g", 2, 8, "hexadecimal digit"),
    ("connect ws://b/\nbase64 !", 2, 8, "base64"),
    ("connect ws://b/\nfile nowhere", 2, 6, "no such file"),
    ("connect ws://b/\nclose 1005", 2, 7, "status code"),
    ("connect ws://b/\nfragments 0 a", 2, 11, "number of fragments"),
    ("connect ws://b/\nframe opcode=16", 2, 7, "is not an opcode"),
    ("connect ws://b/\nexpect", 2, 7, "what is expected has to follow"),
    ("connect ws://b/\nexpect jsn /a", 2, 8, "did you mean json?"),
    ("connect ws://b/\nexpect json a", 2, 13, "does not begin with /"),
    ("connect ws://b/\nexpect json /a = b", 2, 18, "is not JSON"),
    ("connect ws://b/\nexpect json /a = 1 or /b", 2, 20, "conditions are joined by and"),
    ("connect ws://b/\nexpect match (", 2, 14, "unclosed group"),
    ("connect ws://b/\nexpect json /a matches [", 2, 24, "unclosed character class"),
    (
        "connect ws://b/\nsend json {\n  \"a\": 1,\n  \"b\": x,\n  \"c\": 2}",
        4,
        8,
        "(expected value); a text is written in",
    ),
    ("connect ws://b/\nexpect json {\"a\":1,}", 2, 20, "is not JSON from here on (trailing comma)"),
    ("connect ws://b/\nsend json {\"a\":${token},\"${token}\":$$}", 2, 36, "is not JSON from here on"),
    ("connect ws://b/\nexpect json /a matches \"abc(d\"", 2, 28, "unclosed group"),
    ("connect ws://b/\nexpect json /a matches \"\\\\d\\u00e9[\"", 2, 34, "unclosed character class"),
    ("connect ws://b/\nexpect json {\"a\": 1,\n  \"b\": x}\n  within 2s", 3, 8, "is not JSON from here on"),
    ("connect ws://b/\nexpect json {\n  \"a\": 1", 3, 9, "is not JSON from here on"),
    ("connect ws://b/\nexpect json /a within 2x", 2, 23, "not a duration"),
    ("connect ws://b/\nexpect schema", 2, 14, "schema needs the path of a JSON Schema"),
    ("connect ws://b/\nexpect text\n  and schema nowhere.json", 3, 14, "no such file"),
    (
        "connect ws://b/\nexpect schema typo.json",
        2,
        15,
        "typo.json: /requird: this keyword of JSON Schema is not supported",
    ),
    ("connect ws://b/\nexpect unordered {\n  schema typo.json\n}", 3, 10, "typo.json: /requird"),
    ("connect ws://b/\n  expect refused body schema typo.json", 2, 30, "typo.json: /requird"),
    ("connect ws://b/\nexpect none", 2, 12, "for how long has to follow"),
    ("connect ws://b/\nexpect 0 text", 2, 8, "expect none within DURATION"),
    ("connect ws://b/\nexpect closed 99", 2, 15, "is not a status code"),
    ("connect ws://b/\nexpect status 99", 2, 15, "is not a status from 100 to 599"),
    ("connect ws://b/\nexpect refused 401 boddy", 2, 20, "is not a condition"),
    ("connect ws://b/\nexpect text\n  captur a = /a", 3, 3, "and, capture or within"),
    ("connect ws://b/\nexpect text\n  capture a = b", 3, 15, "/POINTER, $1 or match REGEX"),
    ("connect ws://b/\nexpect closed\n  capture a = /a", 3, 3, "only of a message"),
    ("connect ws://b/\nexpect unordered", 2, 8, "a block has to follow"),
    ("connect ws://b/\nexpect unordered {\n  txt\n}", 3, 3, "did you mean text?"),
    ("connect ws://b/\ndrop now", 2, 6, "drop takes no argument"),
    ("repeat {\n}", 1, 7, "a number of times"),
    ("repeat 3", 1, 9, "{ has to follow"),
    ("repeat 3 {\ndelay 1s", 1, 1, "the block has no } after it"),
    ("delay 1s\n}", 2, 1, "} has no block to end"),
    ("delay 1s\n  more", 2, 3, "takes no further lines"),
    ("for x of [1] {\n}", 1, 7, "in and a table have to follow"),
    ("for x in [1, {\n}", 1, 13, "not a JSON array"),
    ("for x in uneven.csv {\n}", 1, 10, "1 value for 2 columns"),
    ("for x in nowhere.csv {\n}", 1, 10, "no such file"),
    ("parallel 5000 {\n}", 1, 10, "a number of copies"),
    ("do {\nfinally {\n}\n}", 2, 1, "finally stands in no other block"),
    ("include nowhere.wst", 1, 9, "no such file"),
    (
        "connect ws://b/\nsend file ${token}",
        2,
        11,
        "${token} can't be filled in here: a file is read before the first step",
    ),
    ("connect ws://b/\nexpect schema ${token}", 2, 15, "${token} can't be filled in here: a file"),
    ("include ${token}", 1, 9, "${token} can't be filled in here: a file"),
    ("for x in ${token}.csv {\n}", 1, 10, "${token} can't be filled in here: a file"),
    ("connect ws://b/\n  cacert ${token}", 2, 10, "${token} can't be filled in here: a file"),
    ("connect ws://b/\nexpect json /a/${token} = 1", 2, 16, "${token} can't be filled in here: a JSON pointer is read"),
    ("connect ws://b/\nexpect match ^${token}", 2, 15, "${token} can't be filled in here: a regular expression is"),
    ("connect ws://b/\nexpect json /a matches \"a ${token}\"", 2, 27, "${token} can't be filled in here: a regular"),
    (
        "connect ws://b/\nexpect text\n  capture a = /${token}",
        3,
        16,
        "${token} can't be filled in here: a JSON pointer",
    ),
    ("connect ws://b/\nexpect size = ${token}", 2, 15, "${token} can't be filled in here: what it is compared with"),
    ("connect ws://b/\nexpect any within ${nope}s", 2, 19, "${nope} has no value here"),
    ("connect ws://b/\nexpect any\n  within ${nope}", 3, 10, "${nope} has no value here"),
    ("connect ws://b/\n  within ${nope}", 2, 10, "${nope} has no value here"),
    ("connect ws://b/\nexpect closed ${nope}", 2, 15, "${nope} has no value here"),
    ("connect ws://b/\nexpect any within 2x", 2, 19, "2x"),
    ("connect ws://b/\nexpect closed 99", 2, 15, "\"99\" is not a status code from 1000 to 4999"),
    ("connect ws://b/\nsend binary ${x}", 2, 13, "${x} has no value here"),
    ("repeat ${x} {\n}", 1, 8, "${x} has no value here"),
    ("delay ${x}", 1, 7, "${x} has no value here"),
    ("connect ${base} extra", 1, 17, "it is too much here: connect takes a name and a URL"),
    ("connect ws://b/ extra", 1, 17, "it is too much here: connect takes a name and a URL"),
    ("connect ws://b/\n  subprotocol a b", 2, 16, "\"a b\" is not a subprotocol (RFC 6455 §4.1): it contains ' '"),
    (
        "connect ws://b/\n  subprotocol v2, chat/1",
        2,
        23,
        "\"chat/1\" is not a subprotocol (RFC 6455 §4.1): it contains '/'",
    ),
    ("accept c :99999", 1, 11, "\"99999\" is not a port from 0 to 65535"),
    ("skip", 1, 5, "a condition has to follow"),
    ("timeout", 1, 8, "a duration is missing"),
];

#[test]
fn what_is_wrong_has_its_place_and_helps() {
    assert!(WRONG.len() >= 50);
    for (text, line, column, says) in WRONG {
        let error = read(text).map(drop).unwrap_err();
        assert!(
            (error.place.line, error.column) == (*line, *column) && error.why.contains(says),
            "{text:?} has {says:?} at {line}:{column}, not {error}"
        );
    }
}

#[test]
fn what_is_wrong_in_an_included_file_is_told_there() {
    assert_eq!(
        read("include wrong.wst").unwrap_err().to_string(),
        "wrong.wst:2:9: \"x\" is not a duration such as 500ms, 30s or 1m30s"
    );
    let error = read("include self.wst").unwrap_err();
    assert!(&*error.place.file == "self.wst" && error.why.contains("include each other"), "{error}");
}

#[test]
fn the_examples_of_the_manual_can_be_read() {
    let manual = include_str!("../../../docs/test-files.md");
    let blocks = manual.split("\n\n").filter(|block| block.trim_matches('\n').starts_with("    "));
    let unindented =
        |block: &str| block.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect();
    // Not the one that is a report, nor what is typed in a shell.
    let is_example = |text: &String| !text.contains("\"schema\"") && !text.starts_with("$ ");
    let examples: Vec<String> = blocks.map(unindented).filter(is_example).collect();
    assert_eq!(examples.len(), 13);
    for text in examples {
        // Where a file is for `serve --script`, the connection is there.
        let opens = ["connect ", "accept "].iter().any(|word| text.contains(word));
        let text = if opens { text } else { format!("accept :0\n{text}") };
        read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
}
