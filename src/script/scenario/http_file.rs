//! The `.http` files that editors have: their requests by `WEBSOCKET` or `WS` become steps. Messages stand below the headers
//! with `===` between them, and `=== wait-for-server` waits for one of the server's before the next is sent.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::super::condition::Condition;
use super::check::MessageCheck;
use super::expectation::Expectation;
use super::late_value::LateValue;
use super::source::{LineError, ScenarioError, ScenarioFiles, ScenarioSource, StepPlace};
use super::step::{ConnectStep, Scenario, ScenarioStep, SentContent, StepAction};
use super::template::{ScenarioTemplate, ScenarioVariable, is_name};
use crate::advice::flag::VAR;
use crate::values::duration;
use crate::ws::{Close, Kind, StatusCode};

/// What the names of such files end in.
const EXTENSIONS: [&str; 2] = [".http", ".rest"];

/// The methods of such requests.
const METHODS: [&str; 2] = ["WEBSOCKET", "WS"];

/// What begins with a message, waits for the server before that, and begins with another request.
const MESSAGE: &str = "===";
const WAIT: &str = "=== wait-for-server";
const REQUEST: &str = "###";

/// What editors make anew, and what we call that.
const GENERATED: [(&str, &str); 6] = [
    ("$uuid", "uuid"),
    ("$guid", "uuid"),
    ("$random.uuid", "uuid"),
    ("$timestamp", "now"),
    ("$randomInt", "random"),
    ("$random.integer", "random"),
];

/// Whether a file of this name is one.
pub(crate) fn is_one(name: &str) -> bool {
    EXTENSIONS.iter().any(|extension| name.ends_with(extension))
}

/// Reads the requests of a file, one after the other.
///
/// # Errors
/// As those of a test.
pub(super) fn parse(
    source: &ScenarioSource,
    variables: impl IntoIterator<Item = String>,
    files: &mut dyn ScenarioFiles,
) -> Result<Scenario, Box<ScenarioError>> {
    let lines: Vec<&str> = source.text.lines().collect();
    let known = variables.into_iter().collect();
    let mut reader = HttpFileReader { source, lines: &lines, known, files, steps: Vec::new() };
    let mut begin = 0;
    let ends = lines.iter().enumerate().filter(|(_, line)| line.starts_with(REQUEST)).map(|(number, _)| number);
    for end in ends.chain([lines.len()]) {
        reader.request(begin, end).map_err(|error| error.of(source))?;
        begin = end + 1;
    }
    match reader.steps.is_empty() {
        true => Err(LineError::at(0, 0, "there is no request by WEBSOCKET or WS in this file").of(source)),
        false => Ok(Scenario { steps: reader.steps, last_steps: Vec::new() }),
    }
}

struct HttpFileReader<'s, 'f> {
    source: &'s ScenarioSource,
    lines: &'s [&'s str],
    known: BTreeSet<String>,
    files: &'f mut dyn ScenarioFiles,
    steps: Vec<ScenarioStep>,
}

impl HttpFileReader<'_, '_> {
    /// The lines from one to before the other.
    fn request(&mut self, begin: usize, end: usize) -> Result<(), LineError> {
        let mut timeout = None;
        let mut at = begin;
        while at < end {
            let line = self.lines[at].trim();
            let comment = line.strip_prefix('#').or_else(|| line.strip_prefix("//"));
            if let Some(time) = comment.and_then(|comment| comment.trim().strip_prefix("@timeout")) {
                timeout = Some(duration(time.trim()).map_err(|why| LineError::at(at, 0, why))?);
            } else if let Some((name, value)) = line.strip_prefix('@').and_then(|line| line.split_once('=')) {
                self.variable(at, name.trim(), value.trim())?;
            } else if comment.is_none() && !line.is_empty() {
                break;
            }
            at += 1;
        }
        if at == end {
            return Ok(());
        }
        let (method, rest) =
            self.lines[at].trim().split_once(char::is_whitespace).unwrap_or((self.lines[at].trim(), ""));
        if !METHODS.contains(&method) {
            // A request of plain HTTP is somebody else's.
            return Ok(());
        }
        self.websocket(at, end, rest.trim(), timeout)
    }

    /// `@NAME = VALUE`; a value from outside counts more.
    fn variable(&mut self, line: usize, name: &str, value: &str) -> Result<(), LineError> {
        if !is_name(name) {
            return Err(LineError::at(line, 1, format!("{name:?} is not a name: letters, digits, - and _")));
        }
        if self.known.contains(name) {
            return Ok(());
        }
        let value = self.template(line, value)?;
        self.known.insert(name.to_owned());
        self.push(line, StepAction::Let { name: name.to_owned(), value });
        Ok(())
    }

    fn websocket(&mut self, first: usize, end: usize, url: &str, timeout: Option<Duration>) -> Result<(), LineError> {
        if url.is_empty() {
            return Err(LineError::at(first, self.lines[first].len(), "a URL has to follow"));
        }
        if let Some(time) = timeout {
            self.push(first, StepAction::Timeout(LateValue::Known(time)));
        }
        let mut connect = ConnectStep::new("", self.template(first, url)?);
        let mut at = first + 1;
        while at < end && !self.lines[at].trim().is_empty() && !self.lines[at].starts_with(MESSAGE) {
            let line = self.lines[at].trim();
            if !line.starts_with('#') && !line.starts_with("//") {
                let (name, value) =
                    line.split_once(':').ok_or_else(|| LineError::at(at, 0, "a header is NAME: VALUE"))?;
                match name.eq_ignore_ascii_case("sec-websocket-protocol") {
                    true => connect.subprotocols.push(self.template(at, value.trim())?),
                    false => connect.headers.push(self.template(at, line)?),
                }
            }
            at += 1;
        }
        self.push(first, StepAction::Connect(Box::new(connect)));
        self.messages(at, end)?;
        let reason = self.template(first, "")?;
        let close = Close::new(StatusCode::NORMAL, "");
        self.push(
            end - 1,
            StepAction::Send {
                connection: String::new(),
                content: SentContent::Close { close: LateValue::Known(close), reason },
            },
        );
        let expectation = Expectation::Closed { code: None, reason: None, within: None };
        self.push(end - 1, StepAction::Expect { connection: String::new(), expectation });
        Ok(())
    }

    fn messages(&mut self, begin: usize, end: usize) -> Result<(), LineError> {
        let mut first = begin;
        for at in begin..=end {
            let is_end = at == end || self.lines[at].starts_with(MESSAGE);
            if !is_end {
                continue;
            }
            self.message(first, at)?;
            if at < end && self.lines[at].trim_end() == WAIT {
                let checks = vec![MessageCheck::Rule(Condition::Any)];
                let expectation = Expectation::Messages { count: 1, checks, captures: Vec::new(), within: None };
                self.push(at, StepAction::Expect { connection: String::new(), expectation });
            } else if at < end && self.lines[at].trim_end() != MESSAGE {
                return Err(LineError::at(at, MESSAGE.len(), "=== stands alone, or before wait-for-server"));
            }
            first = at + 1;
        }
        Ok(())
    }

    /// The lines of a message, without empty ones around it. `< FILE` is its content, `<@ FILE` that with places in it.
    fn message(&mut self, begin: usize, end: usize) -> Result<(), LineError> {
        let is_said = |line: &&&str| !line.trim().is_empty();
        let lines = &self.lines[begin..end];
        let Some(skipped) = lines.iter().position(|line| is_said(&line)) else { return Ok(()) };
        let said = lines.len() - lines.iter().rev().take_while(|line| !is_said(line)).count();
        let (first, text) = (begin + skipped, lines[skipped..said].join("\n"));
        let content = match text.strip_prefix('<') {
            Some(path) if !text.contains('\n') => {
                let (path, has_places) = path.strip_prefix('@').map_or((path, false), |path| (path, true));
                let read = self.files.read(&self.source.name, path.trim());
                let (_, content) = read.map_err(|why| LineError::at(first, 0, why))?;
                match String::from_utf8(content) {
                    Ok(text) if has_places => SentContent::Text(self.template(first, &text)?),
                    Ok(text) => SentContent::File { kind: Kind::Binary, content: text.into_bytes().into() },
                    Err(error) => SentContent::File { kind: Kind::Binary, content: error.into_bytes().into() },
                }
            }
            _ => SentContent::Text(self.template(first, &text)?),
        };
        self.push(first, StepAction::Send { connection: String::new(), content });
        Ok(())
    }

    /// A text with `{{NAME}}` in it.
    fn template(&self, line: usize, text: &str) -> Result<ScenarioTemplate, LineError> {
        let mut ours = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{{") {
            let Some((name, behind)) = behind.split_once("}}") else { break };
            ours.push_str(&before.replace('$', "$$"));
            let name = name.trim();
            let generated = GENERATED.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours);
            let environment = name.strip_prefix("$processEnv ").or_else(|| name.strip_prefix("$env."));
            match (generated, environment) {
                (Some(generated), _) => ours.push_str(&format!("${{{generated}}}")),
                (None, Some(variable)) => ours.push_str(&format!("${{env.{}}}", variable.trim())),
                (None, None) => ours.push_str(&format!("${{{name}}}")),
            }
            rest = behind;
        }
        ours.push_str(&rest.replace('$', "$$"));
        let at = self.lines[line].find("{{").unwrap_or_default();
        let template = ScenarioTemplate::parse(&ours).map_err(|error| LineError::at(line, at, error.why))?;
        for (variable, _) in template.places() {
            if let ScenarioVariable::Named(name) = variable
                && !self.known.contains(name)
            {
                let why = format!("{{{{{name}}}}} has no value here: @{name} = … or {VAR} {name}=… gives it one");
                return Err(LineError::at(line, at, why));
            }
        }
        Ok(template)
    }

    fn push(&mut self, line: usize, action: StepAction) {
        let place = StepPlace { file: Arc::clone(&self.source.name), line: line + 1 };
        let text = self.lines[line].trim().to_owned();
        self.steps.push(ScenarioStep { place, text, action });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct OneFile;

    impl ScenarioFiles for OneFile {
        fn read(&mut self, _from: &str, path: &str) -> Result<(Arc<str>, Vec<u8>), String> {
            match path {
                "a.json" => Ok((path.into(), b"{\"id\":\"{{id}}\"}".to_vec())),
                _ => Err(format!("{path}: no such file")),
            }
        }
    }

    /// The steps in words.
    fn read(text: &str) -> Result<Vec<String>, String> {
        let source = ScenarioSource { name: "a.http".into(), text: text.to_owned() };
        let scenario = parse(&source, ["host".to_owned()], &mut OneFile).map_err(|error| error.to_string())?;
        let told = |step: &ScenarioStep| match &step.action {
            StepAction::Let { name, value } => format!("let {name} = {value}"),
            StepAction::Connect(connect) => {
                let all = |templates: &[ScenarioTemplate]| {
                    templates.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
                };
                format!("connect {} [{}] [{}]", connect.url, all(&connect.headers), all(&connect.subprotocols))
            }
            StepAction::Send { content: SentContent::Text(text), .. } => format!("send {text}"),
            StepAction::Send { content: SentContent::File { .. }, .. } => "send file".to_owned(),
            StepAction::Send { .. } => "close".to_owned(),
            StepAction::Expect { expectation: Expectation::Messages { .. }, .. } => "expect any".to_owned(),
            StepAction::Expect { .. } => "expect closed".to_owned(),
            StepAction::Timeout(LateValue::Known(time)) => format!("timeout {time:?}"),
            _ => String::new(),
        };
        Ok(scenario.steps.iter().map(told).collect())
    }

    #[test]
    fn requests_of_websockets_become_steps() {
        let text = "@id = 7\n@host = ignored\nGET http://a/\n\n### chat\n# @timeout 3s\nWEBSOCKET ws://{{host}}/chat\nX-Price: $5\n\
                    Sec-WebSocket-Protocol: chat\n\n{\n  \"id\": {{id}}\n}\n===\n{{$uuid}}\n=== wait-for-server\n\
                    === wait-for-server\n<@ a.json\n===\n< a.json\n=== wait-for-server\n\n###\nWS ws://b/\n";
        let steps = [
            "let id = 7",
            "timeout 3s",
            "connect ws://${host}/chat [X-Price: $$5] [chat]",
            "send {\n  \"id\": ${id}\n}",
            "send ${uuid}",
            "expect any",
            "expect any",
            "send {\"id\":\"${id}\"}",
            "send file",
            "expect any",
            "close",
            "expect closed",
            "connect ws://b/ [] []",
            "close",
            "expect closed",
        ];
        assert_eq!(read(text).unwrap(), steps);
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        for (text, says) in [
            ("GET http://a/", "a.http:1:1: there is no request by WEBSOCKET"),
            ("WS", "a.http:1:3: a URL has to follow"),
            ("WS ws://{{hst}}/", "a.http:1:9: {{hst}} has no value here"),
            ("WS ws://a/\nX", "a.http:2:1: a header is NAME: VALUE"),
            ("WS ws://a/\n\n< b", "a.http:3:1: b: no such file"),
            ("WS ws://a/\n\na\n=== wait", "a.http:4:4: === stands alone"),
            ("# @timeout x\nWS ws://a/", "a.http:1:1: \"x\" is not a duration"),
        ] {
            let why = read(text).unwrap_err();
            assert!(why.starts_with(says), "{text}: {why}");
        }
    }
}
