//! What stands below `connect`: how the connection is opened.

use std::path::PathBuf;

use super::super::syntax_error::PieceError;
use super::super::word::first_word;
use super::step::ConnectStep;
use super::template::ScenarioTemplate;
use crate::values::duration;
use crate::view::enumeration::enumeration;

/// A word, and what it says about the connection. A file is one beside the file of the step, and `folder` says where.
struct ConnectWord {
    name: &'static str,
    add: fn(&mut ConnectStep, &str, &str) -> Result<(), PieceError>,
}

const WORDS: &[ConnectWord] = &[
    ConnectWord {
        name: "header",
        add: |step, text, _| {
            if !text.contains([':', ';']) {
                return Err(PieceError::at(0, "a header has a colon behind its name, as in header X-Room: 5"));
            }
            step.headers.push(ScenarioTemplate::parse(text)?);
            Ok(())
        },
    },
    ConnectWord {
        name: "subprotocol",
        add: |step, text, _| {
            for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                step.subprotocols.push(ScenarioTemplate::parse(name)?);
            }
            Ok(())
        },
    },
    ConnectWord {
        name: "cookie",
        add: |step, text, _| {
            if !text.contains('=') {
                return Err(PieceError::at(0, "a cookie is NAME=VALUE"));
            }
            step.cookies.push(ScenarioTemplate::parse(text)?);
            Ok(())
        },
    },
    ConnectWord { name: "user", add: |step, text, _| set(&mut step.user, text) },
    ConnectWord { name: "bearer", add: |step, text, _| set(&mut step.bearer, text) },
    ConnectWord { name: "origin", add: |step, text, _| set(&mut step.origin, text) },
    ConnectWord { name: "insecure", add: |step, text, _| flag(text).map(|()| step.insecure = true) },
    ConnectWord { name: "cacert", add: |step, text, folder| path(&mut step.cacert, text, folder) },
    ConnectWord { name: "cert", add: |step, text, folder| path(&mut step.cert, text, folder) },
    ConnectWord { name: "key", add: |step, text, folder| path(&mut step.key, text, folder) },
    ConnectWord { name: "compress", add: |step, text, _| flag(text).map(|()| step.compress = Some(true)) },
    ConnectWord { name: "no-compress", add: |step, text, _| flag(text).map(|()| step.compress = Some(false)) },
    ConnectWord {
        name: "within",
        add: |step, text, _| {
            step.within = Some(duration(text).map_err(|why| PieceError::at(0, why))?);
            Ok(())
        },
    },
];

/// Takes a line below `connect`.
///
/// # Errors
/// What says nothing about a connection.
pub(super) fn add(step: &mut ConnectStep, text: &str, folder: &str) -> Result<(), PieceError> {
    let (name, argument) = first_word(text);
    let Some(word) = WORDS.iter().find(|word| word.name == name) else {
        let known = || WORDS.iter().map(|word| word.name).chain(["expect"]);
        let near = crate::values::nearest(known(), name).map(|near| format!("; did you mean {near}?"));
        let why = format!(
            "{name:?} says nothing about a connection ({}){}",
            enumeration(known(), "or"),
            near.unwrap_or_default()
        );
        return Err(PieceError::at(0, why));
    };
    let at = if argument.is_empty() { text.len() } else { super::super::syntax_error::offset(text, argument) };
    (word.add)(step, argument, folder).map_err(|error| error.behind(at))
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
