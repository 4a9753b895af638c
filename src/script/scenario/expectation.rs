//! What a step waits for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use regex::bytes::Regex;

use super::super::condition::compile;
use super::super::syntax_error::{PieceError, offset};
use super::super::word::first_word;
use super::check::{self, MessageCheck};
use super::json_schema::JsonSchema;
use super::late_value::{EXPRESSION, LatePlace, LateValue, POINTER, no_places};
use super::operator::{Relation, relation_and_value};
use super::template::{ScenarioTemplate, is_generated, is_name};
use crate::http::is_token;
use crate::values::duration;
use crate::view::amount::Count;
use crate::view::json_pointer::Pointer;

/// What is waited for on a connection, and for how long.
#[derive(Debug, Clone)]
pub(crate) enum Expectation {
    /// So many messages, one after the other. With `within` others are passed over, else each is the next one.
    Messages {
        count: u64,
        checks: Vec<MessageCheck>,
        captures: Vec<ScenarioCapture>,
        within: Option<LateValue<Duration>>,
    },
    /// As many messages as there are sets of conditions, each of which one of them meets, in whatever order.
    Unordered {
        sets: Vec<Vec<MessageCheck>>,
        within: Option<LateValue<Duration>>,
    },
    /// For so long no message that meets them all.
    NoMessage {
        checks: Vec<MessageCheck>,
        within: LateValue<Duration>,
    },
    /// The closing handshake, with this code and reason. What came before it is passed over.
    Closed {
        code: Option<LateValue<u16>>,
        reason: Option<ScenarioTemplate>,
        within: Option<LateValue<Duration>>,
    },
    /// The end without a closing handshake.
    Dropped {
        within: Option<LateValue<Duration>>,
    },
    Ping {
        payload: Option<ScenarioTemplate>,
        within: Option<LateValue<Duration>>,
    },
    Pong {
        payload: Option<ScenarioTemplate>,
        within: Option<LateValue<Duration>>,
    },
    Handshake(HandshakeCheck),
}

/// What is looked at of the answer to the opening handshake, which is there already.
#[derive(Debug, Clone)]
pub(crate) enum HandshakeCheck {
    Status(Relation, u16),
    /// Path and query of a request that was accepted.
    Path(Vec<MessageCheck>),
    /// A header of the answer, or of a request that was accepted; without a value that it is there.
    Header(HandshakePart),
    /// `None` is none.
    Subprotocol(Option<ScenarioTemplate>),
    /// One with this name, with the parameters that are named.
    Extension(Option<ScenarioTemplate>),
    /// It took so long to open the connection.
    Took(Relation, Duration),
    /// The server answered with something else than a connection, which has a body that meets these.
    Refused {
        status: Option<(Relation, u16)>,
        body: Vec<MessageCheck>,
    },
}

/// A header and what its value has to be.
#[derive(Debug, Clone)]
pub(crate) struct HandshakePart {
    pub(crate) name: String,
    pub(crate) checks: Vec<MessageCheck>,
}

/// A value that is kept by a name.
#[derive(Debug, Clone)]
pub(crate) struct ScenarioCapture {
    pub(crate) name: String,
    pub(crate) source: CaptureSource,
}

/// What of the message that was expected is kept.
#[derive(Debug, Clone)]
pub(crate) enum CaptureSource {
    Pointer(Pointer),
    /// A group of the match; 0 is all of it.
    Group(usize),
    /// The first group of another match, or all of it.
    Match(Regex),
}

/// What stands for nothing where a name could be.
const NONE: &str = "none";

/// What is said of the opening handshake.
const OF_HANDSHAKES: [&str; 7] = ["status", "path", "header", "subprotocol", "extension", "opened", "refused"];

/// Whether a word begins what can be expected.
pub(super) fn is_expectation(word: &str) -> bool {
    let others = [NONE, "closed", "dropped", "ping", "pong", "unordered"];
    check::is_check(word) || others.contains(&word) || OF_HANDSHAKES.contains(&word) || word.parse::<u64>().is_ok()
}

/// Reads what stands behind `expect` on its line.
///
/// # Errors
/// What can't be expected.
pub(super) fn parse(text: &str) -> Result<Expectation, PieceError> {
    let (text, within) = within(text)?;
    let (word, rest) = first_word(text);
    let at = text.len() - rest.len();
    let behind = |error: PieceError| error.behind(at);
    if OF_HANDSHAKES.contains(&word) {
        if within.is_some() {
            return Err(PieceError::at(text.len() + 1, "the opening handshake is over already, and waits for nothing"));
        }
        return handshake(word, rest).map(Expectation::Handshake).map_err(behind);
    }
    match word {
        "" => Err(PieceError::at(0, "what is expected has to follow, such as json /op = \"said\" or closed 1000")),
        NONE => {
            let within = within.ok_or_else(|| {
                PieceError::at(text.len(), "for how long has to follow, as in expect none within 500ms")
            })?;
            let checks = if rest.is_empty() { Vec::new() } else { check::parse_all(rest).map_err(behind)? };
            Ok(Expectation::NoMessage { checks, within })
        }
        "closed" => {
            let (code, reason) = code_and_reason(rest).map_err(behind)?;
            Ok(Expectation::Closed { code: code.map(|code| code.behind(at)), reason, within })
        }
        "dropped" if rest.is_empty() => Ok(Expectation::Dropped { within }),
        "dropped" => Err(behind(PieceError::at(0, "dropped takes no argument"))),
        "ping" | "pong" => {
            let payload = if rest.is_empty() { None } else { Some(ScenarioTemplate::parse(rest).map_err(behind)?) };
            Ok(match word {
                "ping" => Expectation::Ping { payload, within },
                _ => Expectation::Pong { payload, within },
            })
        }
        "unordered" => {
            Err(PieceError::at(0, "a block has to follow: expect unordered {, a condition on each line, and }"))
        }
        "not" => {
            let why = "no such message is written expect none CONDITIONS within DURATION; a condition has no not";
            Err(PieceError::at(0, why))
        }
        word => {
            let count = word.parse::<u64>().ok();
            let (count, text, at) = count.map_or((1, text, 0), |count| (count, rest, at));
            if count == 0 {
                return Err(PieceError::at(0, "no message at all is written expect none within DURATION"));
            }
            let text = if text.is_empty() { "any" } else { text };
            let checks = check::parse_all(text).map_err(|error| error.behind(at))?;
            Ok(Expectation::Messages { count, checks, captures: Vec::new(), within })
        }
    }
}

/// Reads what stands behind `closed`.
fn code_and_reason(text: &str) -> Result<(Option<LateValue<u16>>, Option<ScenarioTemplate>), PieceError> {
    let (code, reason) = first_word(text);
    let behind = |error: PieceError| error.behind(offset(text, reason));
    if let ("and", condition) = first_word(reason)
        && check::is_check(first_word(condition).0)
    {
        return Err(behind(PieceError::at(0, "closed takes no conditions, only a code and a reason")));
    }
    let code = (!code.is_empty()).then(|| LateValue::parse(code, status_code)).transpose()?;
    let reason = (!reason.is_empty()).then(|| ScenarioTemplate::parse(reason)).transpose();
    let reason = reason.map_err(behind)?;
    Ok((code, reason))
}

/// Cuts `within DURATION` off the end.
///
/// # Errors
/// What is no duration.
pub(super) fn within(text: &str) -> Result<(&str, Option<LateValue<Duration>>), PieceError> {
    let mut words = text.rsplitn(3, char::is_whitespace);
    let (last, word) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if word != "within" {
        return Ok((text, None));
    }
    let at = text.len() - last.len();
    let time = LateValue::parse(last, duration).map_err(|error| error.behind(at))?;
    Ok((words.next().unwrap_or_default().trim_end(), Some(time.behind(at))))
}

fn status_code(word: &str) -> Result<u16, String> {
    let code = word.parse().ok().filter(|code| (1000..5000).contains(code));
    code.ok_or_else(|| format!("{word:?} is not a status code from 1000 to 4999"))
}

fn handshake(word: &str, text: &str) -> Result<HandshakeCheck, PieceError> {
    let or_none = |what: &str| match text {
        "" => Err(PieceError::at(0, format!("{what} has to follow, or none"))),
        NONE => Ok(None),
        text => ScenarioTemplate::parse(text).map(Some),
    };
    Ok(match word {
        "status" => {
            let (relation, status, rest) = relation_and_value(text, "a status, as in status 101,", http_status)?;
            nothing_behind(text, rest)?;
            HandshakeCheck::Status(relation, status)
        }
        "path" if text.is_empty() => {
            return Err(PieceError::at(0, "a path has to follow, as in path = /chat?room=5 or path match ^/chat"));
        }
        "path" if text.starts_with('/') => {
            HandshakeCheck::Path(vec![MessageCheck::Equals(ScenarioTemplate::parse(text)?)])
        }
        "path" => HandshakeCheck::Path(value_checks(text)?),
        "header" => HandshakeCheck::Header(header(text)?),
        "subprotocol" => HandshakeCheck::Subprotocol(or_none("a subprotocol")?),
        "extension" => HandshakeCheck::Extension(or_none("an extension, such as permessage-deflate,")?),
        "opened" => {
            let time = text.strip_prefix("took").unwrap_or(text).trim_start();
            let at = text.len() - time.len();
            let (relation, time, rest) =
                relation_and_value(time, "took and a duration, as in opened took < 1s,", duration)
                    .map_err(|error| error.behind(at))?;
            nothing_behind(text, rest)?;
            HandshakeCheck::Took(relation, time)
        }
        _ => refused(text)?,
    })
}

/// `[STATUS] [CONDITIONS on the body]`.
fn refused(text: &str) -> Result<HandshakeCheck, PieceError> {
    let (status, body) = match text.starts_with(|c: char| c.is_ascii_digit() || "=!<>".contains(c)) {
        true => {
            let (relation, status, body) = relation_and_value(text, "a status, as in refused 401,", http_status)?;
            (Some((relation, status)), body.trim_start())
        }
        false => (None, text),
    };
    let body = match first_word(body) {
        ("body" | "with", rest) => rest,
        _ => body,
    };
    let at = text.len() - body.len();
    let body = if body.is_empty() { Vec::new() } else { check::parse_all(body).map_err(|error| error.behind(at))? };
    Ok(HandshakeCheck::Refused { status, body })
}

/// `NAME [= VALUE | CONDITIONS]`.
fn header(text: &str) -> Result<HandshakePart, PieceError> {
    let end = text.find(|c: char| c.is_whitespace() || c == '=' || c == ':').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !is_token(name) {
        return Err(PieceError::at(0, "the name of a header has to follow, as in header Server = nginx"));
    }
    let rest = rest.trim_start();
    let at = text.len() - rest.len();
    let checks = value_checks(rest).map_err(|error| error.behind(at))?;
    Ok(HandshakePart { name: name.to_owned(), checks })
}

/// `[= VALUE | CONDITIONS]`.
fn value_checks(text: &str) -> Result<Vec<MessageCheck>, PieceError> {
    match text.strip_prefix("==").or_else(|| text.strip_prefix(['=', ':'])) {
        _ if text.is_empty() => Ok(Vec::new()),
        Some(value) => {
            let at = text.len() - value.trim_start().len();
            let value = ScenarioTemplate::parse(value.trim()).map_err(|error| error.behind(at))?;
            Ok(vec![MessageCheck::Equals(value)])
        }
        None => check::parse_all(text),
    }
}

fn http_status(word: &str) -> Result<u16, String> {
    let status = word.parse().ok().filter(|status| (100..600).contains(status));
    status.ok_or_else(|| format!("{word:?} is not a status from 100 to 599"))
}

fn nothing_behind(text: &str, rest: &str) -> Result<(), PieceError> {
    match rest.trim() {
        "" => Ok(()),
        more => Err(PieceError::at(text.len() - rest.trim_start().len(), format!("{more:?} is too much here"))),
    }
}

/// Reads what stands behind `capture`: `NAME = /POINTER`, `NAME = $1`, `NAME = match REGEX`.
///
/// # Errors
/// What isn't one of them.
pub(super) fn capture(text: &str) -> Result<ScenarioCapture, PieceError> {
    let end = text.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    check_name(name)?;
    let source = rest.trim_start();
    let source = source.strip_prefix('=').unwrap_or(source).trim();
    let at = if source.is_empty() { text.len() } else { offset(text, source) };
    let behind = |error: PieceError| error.behind(at);
    let source = match (first_word(source), source.strip_prefix('$')) {
        (("match", regex), _) if !regex.is_empty() => {
            let at = offset(text, regex);
            no_places(regex, EXPRESSION).map_err(|error| error.behind(at))?;
            CaptureSource::Match(compile(regex).map_err(|error| error.behind(at))?)
        }
        (_, Some(group)) => {
            let group =
                group.parse().map_err(|_| PieceError::at(at, "a group of the match is written $1, all of it $0"))?;
            CaptureSource::Group(group)
        }
        _ if source.starts_with('/') => {
            no_places(source, POINTER).map_err(behind)?;
            CaptureSource::Pointer(Pointer::parse(source).map_err(PieceError::from).map_err(behind)?)
        }
        _ => {
            let why = "what is kept has to follow: /POINTER, $1 or match REGEX, as in capture id = /id";
            return Err(PieceError::at(at, why));
        }
    };
    Ok(ScenarioCapture { name: name.to_owned(), source })
}

/// # Errors
/// What can't be the name of a value.
pub(super) fn check_name(name: &str) -> Result<(), PieceError> {
    match name {
        "" => {
            Err(PieceError::at(0, "a name has to stand here: letters, digits, - and _, with no digit first, as in id"))
        }
        name if !is_name(name) => {
            let why = format!("{name:?} is not a name: letters, digits, - and _, with no digit first, as in id");
            Err(PieceError::at(0, why))
        }
        name if is_generated(name) => Err(PieceError::at(0, format!("${{{name}}} is something else already"))),
        _ => Ok(()),
    }
}

impl Expectation {
    /// How long the step waits, where it says so itself.
    pub(crate) fn within(&self) -> Option<&LateValue<Duration>> {
        match self {
            Self::Messages { within, .. }
            | Self::Unordered { within, .. }
            | Self::Closed { within, .. }
            | Self::Dropped { within }
            | Self::Ping { within, .. }
            | Self::Pong { within, .. } => within.as_ref(),
            Self::NoMessage { within, .. } => Some(within),
            Self::Handshake(_) => None,
        }
    }

    /// Gives values that are filled in their place in the file, which `place` knows by that in the piece that this was read from.
    pub(super) fn settle(&mut self, place: impl Fn(usize) -> LatePlace) {
        if let Self::Closed { code: Some(code), .. } = self {
            code.settle(&place);
        }
        match self {
            Self::Messages { within, .. }
            | Self::Unordered { within, .. }
            | Self::Closed { within, .. }
            | Self::Dropped { within }
            | Self::Ping { within, .. }
            | Self::Pong { within, .. } => within.iter_mut().for_each(|within| within.settle(&place)),
            Self::NoMessage { within, .. } => within.settle(&place),
            Self::Handshake(_) => {}
        }
    }

    /// The texts in it that are filled in.
    pub(super) fn templates(&self) -> Vec<&ScenarioTemplate> {
        let mut templates = self.texts();
        templates.extend(self.within().and_then(LateValue::template));
        if let Self::Closed { code, .. } = self {
            templates.extend(code.as_ref().and_then(LateValue::template));
        }
        templates
    }

    fn texts(&self) -> Vec<&ScenarioTemplate> {
        match self {
            Self::Messages { checks, .. } | Self::NoMessage { checks, .. } => {
                checks.iter().flat_map(MessageCheck::templates).collect()
            }
            Self::Unordered { sets, .. } => sets.iter().flatten().flat_map(MessageCheck::templates).collect(),
            Self::Closed { reason: template, .. }
            | Self::Ping { payload: template, .. }
            | Self::Pong { payload: template, .. }
            | Self::Handshake(HandshakeCheck::Subprotocol(template) | HandshakeCheck::Extension(template)) => {
                template.iter().collect()
            }
            Self::Handshake(
                HandshakeCheck::Path(checks)
                | HandshakeCheck::Header(HandshakePart { checks, .. })
                | HandshakeCheck::Refused { body: checks, .. },
            ) => checks.iter().flat_map(MessageCheck::templates).collect(),
            Self::Dropped { .. } | Self::Handshake(HandshakeCheck::Status(..) | HandshakeCheck::Took(..)) => Vec::new(),
        }
    }

    /// The schemas that messages have to be as, by the paths of their files.
    pub(super) fn schemas(&mut self) -> impl Iterator<Item = (&str, &mut Arc<JsonSchema>)> {
        let checks: Vec<&mut MessageCheck> = match self {
            Self::Messages { checks, .. }
            | Self::NoMessage { checks, .. }
            | Self::Handshake(HandshakeCheck::Refused { body: checks, .. }) => checks.iter_mut().collect(),
            Self::Unordered { sets, .. } => sets.iter_mut().flatten().collect(),
            _ => Vec::new(),
        };
        checks.into_iter().filter_map(|check| match check {
            MessageCheck::Schema { path, schema } => Some((&**path, schema)),
            _ => None,
        })
    }

    /// What was said on lines of their own below it.
    ///
    /// # Errors
    /// What makes no sense here.
    pub(super) fn add_conditions(&mut self, more: Vec<MessageCheck>) -> Result<(), PieceError> {
        match self {
            Self::Messages { checks, .. }
            | Self::NoMessage { checks, .. }
            | Self::Handshake(HandshakeCheck::Refused { body: checks, .. }) => {
                checks.extend(more);
                Ok(())
            }
            _ => Err(PieceError::at(0, "this expectation takes no further conditions")),
        }
    }

    /// Reads conditions that go on with those that are there.
    ///
    /// # Errors
    /// What is none.
    pub(super) fn parse_more(&self, text: &str) -> Result<Vec<MessageCheck>, PieceError> {
        check::parse_more(text, self.conditions().last())
    }

    fn conditions(&self) -> &[MessageCheck] {
        match self {
            Self::Messages { checks, .. }
            | Self::NoMessage { checks, .. }
            | Self::Handshake(HandshakeCheck::Refused { body: checks, .. }) => checks,
            _ => &[],
        }
    }

    /// The named groups of the matches that a message meets.
    pub(super) fn group_names(&self) -> impl Iterator<Item = &str> {
        self.conditions().iter().filter_map(MessageCheck::expression).flat_map(|regex| regex.capture_names().flatten())
    }

    /// Whether it ends in a text, which goes to the end of its line.
    pub(super) fn is_one_line(&self) -> bool {
        matches!(self.conditions().last(), Some(MessageCheck::Equals(_) | MessageCheck::Contains(_)))
    }

    /// # Errors
    /// In words, that the match has no such group.
    pub(super) fn check_capture(&self, capture: &ScenarioCapture) -> Result<(), String> {
        let CaptureSource::Group(group @ 1..) = capture.source else { return Ok(()) };
        let has = self.conditions().iter().find_map(MessageCheck::expression).map(|regex| regex.captures_len() - 1);
        match has {
            None => Err(format!("${group} is a group of match REGEX, which isn't among the conditions")),
            Some(has) if has < group => {
                Err(format!("the regular expression has {}, and no ${group}", Count(has as u64, "group")))
            }
            Some(_) => Ok(()),
        }
    }

    /// As [`add_conditions`](Self::add_conditions).
    ///
    /// # Errors
    /// What has no message to take something of.
    pub(super) fn add_capture(&mut self, capture: ScenarioCapture) -> Result<(), PieceError> {
        match self {
            Self::Messages { captures, .. } => {
                captures.push(capture);
                Ok(())
            }
            _ => Err(PieceError::at(0, "only of a message that is expected something can be kept")),
        }
    }

    /// As [`add_conditions`](Self::add_conditions).
    ///
    /// # Errors
    /// What waits for nothing.
    pub(super) fn set_within(&mut self, time: LateValue<Duration>) -> Result<(), PieceError> {
        match self {
            Self::Messages { within, .. }
            | Self::Unordered { within, .. }
            | Self::Closed { within, .. }
            | Self::Dropped { within }
            | Self::Ping { within, .. }
            | Self::Pong { within, .. } => *within = Some(time),
            Self::NoMessage { within, .. } => *within = time,
            Self::Handshake(_) => {
                return Err(PieceError::at(0, "the opening handshake is over already, and waits for nothing"));
            }
        }
        Ok(())
    }
}

impl fmt::Display for CaptureSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer(pointer) => write!(f, "{pointer}"),
            Self::Group(group) => write!(f, "${group}"),
            Self::Match(regex) => write!(f, "match {regex}"),
        }
    }
}
