//! What steps say about an opening handshake: its answer, and the request of a client that came.

use std::time::Duration;

use super::branch::{ScenarioBranch, Stepped};
use super::excerpt::SaidWords;
use super::expecting::{filled, joined};
use super::opening::title;
use super::report::{Halt, difference};
use crate::http::Headers;
use crate::script::scenario::{
    FilledCheck, HandshakeCheck, MessageCheck, ReceivedMessage, Relation, ScenarioStep, ScenarioTemplate,
};
use crate::view::amount::Elapsed;
use crate::ws::{Kind, Message};

impl ScenarioBranch<'_> {
    pub(super) fn expect_handshake(&mut self, step: &ScenarioStep, name: &str, check: &HandshakeCheck) -> Stepped {
        let connection = self.connection(step, name)?;
        let handshake = &connection.handshake;
        let Some(response) = &handshake.response else {
            let found = vec!["the head of the answer can't be read".to_owned()];
            return Err(self.failed(step, "an answer to the opening handshake", found));
        };
        let status = response.status.0;
        if matches!(check, HandshakeCheck::Status(..) | HandshakeCheck::Refused { .. } | HandshakeCheck::Header(_)) {
            self.heed_refusal();
        }
        let checked = match check {
            HandshakeCheck::Status(relation, wanted) => {
                let is_met = relation.holds(&status, wanted);
                self.check(step, is_met, format!("the status {relation} {wanted}"), || format!("it is {status}"))
            }
            HandshakeCheck::Took(relation, wanted) => {
                let is_met = relation.holds(&handshake.took, wanted);
                let expected = format!("{} to open in {relation} {wanted:?}", title(name));
                self.check(step, is_met, expected, || format!("it took {}", Elapsed(handshake.took)))
            }
            HandshakeCheck::Path(checks) => {
                let resource = handshake.request.as_ref().map(|request| &*request.resource);
                self.check_path(step, name, resource, checks)
            }
            HandshakeCheck::Header(part) => {
                let checks = self.filled(step, |values| filled(&part.checks, values))?;
                let headers = handshake.request.as_ref().map_or(&response.headers, |request| &request.headers);
                self.check_header(step, headers, &part.name, &checks)
            }
            HandshakeCheck::Subprotocol(wanted) => {
                let found = response.headers.get("sec-websocket-protocol");
                self.check_agreed(step, "subprotocol", wanted.as_ref(), found, |found, wanted| found == wanted)
            }
            HandshakeCheck::Extension(wanted) => {
                let found = response.headers.get("sec-websocket-extensions");
                let has = |found: &str, wanted: &str| {
                    let name = |text: &str| text.split(';').next().unwrap_or_default().trim().to_owned();
                    found == wanted || found.split(',').any(|found| name(found) == wanted)
                };
                self.check_agreed(step, "extension", wanted.as_ref(), found, has)
            }
            HandshakeCheck::Refused { status: wanted, body } => {
                self.check_refused(step, (status, handshake.body.as_deref()), wanted.as_ref(), body)
            }
        };
        checked.map_err(|halt| match (halt, &handshake.body) {
            // What there is to see of an answer is most of all what the server says instead.
            (Halt::Failed(mut failure), Some(body)) if !matches!(check, HandshakeCheck::Refused { .. }) => {
                failure.found.push(format!("the handshake was refused with {status}"));
                failure.found.extend((!body.is_empty()).then(|| SaidWords::of(text(body)).to_string()));
                Halt::Failed(failure)
            }
            (halt, _) => halt,
        })
    }

    /// What a client asked for; there is none, where the connection was opened from here.
    fn check_path(&self, step: &ScenarioStep, name: &str, resource: Option<&str>, checks: &[MessageCheck]) -> Stepped {
        let checks = self.filled(step, |values| filled(checks, values))?;
        let expected = format!("a path that {}", joined(&checks));
        let Some(resource) = resource else {
            let found = vec![format!("{} is not a client: it was opened from here", title(name))];
            return Err(self.failed(step, expected, found));
        };
        let path = message(resource.as_bytes());
        let is_met = checks.iter().all(|check| check.is_met(&path));
        self.check(step, is_met, expected, || SaidWords::of(path.message()).to_string())
    }

    fn check_refused(
        &self,
        step: &ScenarioStep,
        (status, content): (u16, Option<&[u8]>),
        wanted: Option<&(Relation, u16)>,
        body: &[MessageCheck],
    ) -> Stepped {
        let expected = match wanted {
            Some((Relation::Equal, wanted)) => format!("the handshake to be refused with {wanted}"),
            Some((relation, wanted)) => format!("the handshake to be refused with {relation} {wanted}"),
            None => "the handshake to be refused".to_owned(),
        };
        let Some(content) = content else {
            return Err(self.failed(step, expected, vec![format!("it was accepted, with {status}")]));
        };
        let is_met = wanted.is_none_or(|(relation, wanted)| relation.holds(&status, wanted));
        if !is_met {
            let body = (!content.is_empty()).then(|| SaidWords::of(text(content)).to_string());
            let found = [format!("it was refused with {status}")].into_iter().chain(body);
            return Err(self.failed(step, expected, found.collect()));
        }
        self.check_body(step, body, content)
    }

    fn check(&self, step: &ScenarioStep, is_met: bool, expected: String, found: impl FnOnce() -> String) -> Stepped {
        if is_met { Ok(()) } else { Err(self.failed(step, expected, vec![found()])) }
    }

    fn check_header(&self, step: &ScenarioStep, headers: &Headers, name: &str, checks: &[FilledCheck]) -> Stepped {
        let values: Vec<&str> = headers.all(name).collect();
        let is_met = |value: &str| checks.iter().all(|check| check.is_met(&message(value.as_bytes())));
        if values.iter().any(|value| is_met(value)) {
            return Ok(());
        }
        let expected = if checks.is_empty() {
            format!("a header {name}")
        } else {
            format!("a header {name} that {}", joined(checks))
        };
        let found = match &values[..] {
            [] => vec!["there is none of that name".to_owned()],
            values => values.iter().map(|value| format!("{name}: {}", SaidWords::of(text(value.as_bytes())))).collect(),
        };
        Err(self.failed(step, expected, found))
    }

    fn check_agreed(
        &self,
        step: &ScenarioStep,
        what: &str,
        wanted: Option<&ScenarioTemplate>,
        found: Option<&str>,
        is_same: impl Fn(&str, &str) -> bool,
    ) -> Stepped {
        let wanted = self.filled(step, |values| wanted.map(|wanted| values.fill(wanted)).transpose())?;
        let is_met = match (&wanted, found) {
            (Some(wanted), Some(found)) => is_same(found.trim(), wanted),
            (None, None) => true,
            _ => false,
        };
        let expected = format!("the {what} {}", wanted.as_deref().unwrap_or("none"));
        let found =
            || found.map_or_else(|| "none".to_owned(), |found| SaidWords::of(text(found.as_bytes())).to_string());
        self.check(step, is_met, expected, || format!("it is {}", found()))
    }

    fn check_body(&self, step: &ScenarioStep, checks: &[MessageCheck], content: &[u8]) -> Stepped {
        let checks = self.filled(step, |values| filled(checks, values))?;
        let body = message(content);
        let Some(unmet) = checks.iter().find(|check| !check.is_met(&body)) else { return Ok(()) };
        let mut found = vec![SaidWords::of(body.message()).to_string()];
        found.extend(unmet.found(&body));
        let mut failure = self.failure(step, format!("a body that is {}", joined(&checks)), found);
        failure.difference = difference(unmet, &body, &self.shared.run.secrets);
        Err(Halt::Failed(failure))
    }
}

fn text(content: &[u8]) -> Message<'_> {
    Message { kind: Kind::Text, content }
}

/// What conditions of messages can look at.
fn message(content: &[u8]) -> ReceivedMessage {
    ReceivedMessage {
        kind: Kind::Text,
        content: content.to_vec(),
        length: content.len() as u64,
        fragments: 1,
        compressed: false,
        wire: content.len() as u64,
        took: Duration::ZERO,
    }
}
