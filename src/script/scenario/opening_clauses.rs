//! What stands below `connect` and `accept`: how the connection is opened.

use std::path::PathBuf;
use std::time::Duration;

use super::super::syntax_error::{PieceError, offset};
use super::super::word::first_word;
use super::clauses::INDENTED_STEP;
use super::known_names::is_step;
use super::late_value::{FILES, LateValue, no_places};
use super::step::{AcceptStep, ConnectStep};
use super::template::ScenarioTemplate;
use crate::http::TokenFault;
use crate::values::duration;
use crate::view::enumeration::enumeration;

/// A word, and what it says about the connection. A file is one beside the file of the step, and `folder` says where.
pub(super) struct OpeningWord<S> {
    name: &'static str,
    add: fn(&mut S, &str, &str) -> Result<(), PieceError>,
}

/// Below `connect`.
pub(super) const CONNECT: &[OpeningWord<ConnectStep>] = &[
    OpeningWord { name: "header", add: |step, text, _| header(&mut step.headers, text) },
    OpeningWord { name: "subprotocol", add: |step, text, _| subprotocols(&mut step.subprotocols, text) },
    OpeningWord {
        name: "cookie",
        add: |step, text, _| {
            if !text.contains('=') {
                return Err(PieceError::at(0, "a cookie is NAME=VALUE"));
            }
            step.cookies.push(ScenarioTemplate::parse(text)?);
            Ok(())
        },
    },
    OpeningWord { name: "user", add: |step, text, _| set(&mut step.user, text) },
    OpeningWord { name: "bearer", add: |step, text, _| set(&mut step.bearer, text) },
    OpeningWord { name: "origin", add: |step, text, _| set(&mut step.origin, text) },
    OpeningWord { name: "insecure", add: |step, text, _| flag(text).map(|()| step.insecure = true) },
    OpeningWord { name: "cacert", add: |step, text, folder| path(&mut step.cacert, text, folder) },
    OpeningWord { name: "cert", add: |step, text, folder| path(&mut step.cert, text, folder) },
    OpeningWord { name: "key", add: |step, text, folder| path(&mut step.key, text, folder) },
    OpeningWord { name: "compress", add: |step, text, _| flag(text).map(|()| step.compress = Some(true)) },
    OpeningWord { name: "no-compress", add: |step, text, _| flag(text).map(|()| step.compress = Some(false)) },
    OpeningWord { name: "within", add: |step, text, _| within(&mut step.within, text) },
];

/// Below `accept`.
pub(super) const ACCEPT: &[OpeningWord<AcceptStep>] = &[
    OpeningWord { name: "header", add: |step, text, _| header(&mut step.headers, text) },
    OpeningWord { name: "subprotocol", add: |step, text, _| subprotocols(&mut step.subprotocols, text) },
    OpeningWord { name: "compress", add: |step, text, _| flag(text).map(|()| step.compress = Some(true)) },
    OpeningWord { name: "no-compress", add: |step, text, _| flag(text).map(|()| step.compress = Some(false)) },
    OpeningWord { name: "within", add: |step, text, _| within(&mut step.within, text) },
];

/// What other languages call our words.
const OTHER_WORDS: [(&[&str], &str); 5] = [
    (&["timeout", "deadline"], "within"),
    (&["protocol", "protocols"], "subprotocol"),
    (&["token", "authorization"], "bearer"),
    (&["basic", "password", "auth"], "user"),
    (&["headers"], "header"),
];

/// A step that opens a connection.
pub(super) trait OpeningStep {
    /// How long it waits, where that is said.
    fn within(&mut self) -> Option<&mut LateValue<Duration>>;
}

impl OpeningStep for ConnectStep {
    fn within(&mut self) -> Option<&mut LateValue<Duration>> {
        self.within.as_mut()
    }
}

impl OpeningStep for AcceptStep {
    fn within(&mut self) -> Option<&mut LateValue<Duration>> {
        self.within.as_mut()
    }
}

/// Takes a line below the step, one of whose `words` begins it.
///
/// # Errors
/// What says nothing about a connection.
pub(super) fn add<S>(words: &[OpeningWord<S>], step: &mut S, text: &str, folder: &str) -> Result<(), PieceError> {
    let (name, argument) = first_word(text);
    let Some(word) = words.iter().find(|word| word.name == name) else {
        let known = || words.iter().map(|word| word.name).chain(["expect"]);
        let ours = OTHER_WORDS.iter().find(|(theirs, _)| theirs.contains(&name)).map(|(_, ours)| *ours);
        let ours = ours.filter(|ours| known().any(|known| known == *ours));
        if ours.is_none() && is_step(name) {
            return Err(PieceError::at(0, INDENTED_STEP));
        }
        let near = ours.or_else(|| crate::values::nearest(known(), name)).map(|near| format!("; did you mean {near}?"));
        let why = format!(
            "{name:?} says nothing about a connection ({}){}",
            enumeration(known(), "or"),
            near.unwrap_or_default()
        );
        return Err(PieceError::at(0, why));
    };
    let at = if argument.is_empty() { text.len() } else { offset(text, argument) };
    (word.add)(step, argument, folder).map_err(|error| error.behind(at))
}

fn header(headers: &mut Vec<ScenarioTemplate>, text: &str) -> Result<(), PieceError> {
    if !text.contains([':', ';']) {
        return Err(PieceError::at(0, "a header has a colon after its name, as in header X-Room: 5"));
    }
    headers.push(ScenarioTemplate::parse(text)?);
    Ok(())
}

fn subprotocols(names: &mut Vec<ScenarioTemplate>, text: &str) -> Result<(), PieceError> {
    if text.is_empty() {
        return Err(PieceError::at(0, "a name has to follow, as in subprotocol chat.v2"));
    }
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let template = ScenarioTemplate::parse(name)?;
        if template.places().next().is_none()
            && let Some(fault) = TokenFault::of(name)
        {
            let at = offset(text, name);
            let at = if let TokenFault::Character { at: within, .. } = fault { at + within } else { at };
            return Err(PieceError::at(at, format!("{name:?} is not a subprotocol (RFC 6455 §4.1): {fault}")));
        }
        names.push(template);
    }
    Ok(())
}

fn within(time: &mut Option<LateValue<Duration>>, text: &str) -> Result<(), PieceError> {
    *time = Some(LateValue::parse(text, duration)?);
    Ok(())
}

fn set(place: &mut Option<ScenarioTemplate>, text: &str) -> Result<(), PieceError> {
    if text.is_empty() {
        return Err(PieceError::at(0, "a value has to follow"));
    }
    *place = Some(ScenarioTemplate::parse(text)?);
    Ok(())
}

fn flag(text: &str) -> Result<(), PieceError> {
    if text.is_empty() { Ok(()) } else { Err(PieceError::at(0, format!("{text:?} is too much here"))) }
}

fn path(place: &mut Option<PathBuf>, text: &str, folder: &str) -> Result<(), PieceError> {
    if text.is_empty() {
        return Err(PieceError::at(0, "the path of a file has to follow"));
    }
    no_places(text, FILES)?;
    *place = Some(PathBuf::from(folder).join(text));
    Ok(())
}

impl ConnectStep {
    pub(super) fn new(name: &str, url: ScenarioTemplate) -> Self {
        Self {
            name: name.to_owned(),
            url,
            headers: Vec::new(),
            subprotocols: Vec::new(),
            cookies: Vec::new(),
            user: None,
            bearer: None,
            origin: None,
            insecure: false,
            cacert: None,
            cert: None,
            key: None,
            compress: None,
            within: None,
        }
    }
}

impl AcceptStep {
    pub(super) fn new(name: &str, address: ScenarioTemplate) -> Self {
        let (headers, subprotocols) = (Vec::new(), Vec::new());
        Self { name: name.to_owned(), address, headers, subprotocols, compress: None, within: None }
    }

    /// What the port is called once it listens.
    pub(crate) fn port_name(&self) -> String {
        if self.name.is_empty() { "port".to_owned() } else { format!("{}.port", self.name) }
    }
}
