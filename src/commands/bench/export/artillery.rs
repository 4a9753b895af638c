//! The same load as a test for Artillery (artillery.io, version 2, its engine `ws`), which is YAML.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::answer_rule::AnswerRule;
use super::super::load::{LoadConfig, LoadExtent, Pacing};
use super::super::message::{LoadMessage, MessagePiece};
use super::{ScriptFacts, comments, json, other_answers, those_of};
use crate::advice;
use crate::script::{GeneratedVariable, LineVariable};
use crate::ws::Kind;

/// What is different in every test.
const DIFFERENCES: [&str; 4] = [
    "round trips aren't measured: Artillery reports rates, and how long a connection lasted",
    "a connection begins to send once it is open, and not once all of them are",
    "messages that come while none is awaited aren't counted, and one more than was awaited ends a connection",
    "connections are closed without a status code",
];

/// The test; `artillery run FILE` runs it.
///
/// # Errors
/// What Artillery can't do.
pub(super) fn artillery_script(load: &LoadConfig, facts: &ScriptFacts) -> Result<String, String> {
    let ScriptFacts { url, headers, subprotocols, compresses, insecure, connect_timeout, message, .. } = facts;
    let differences = DIFFERENCES.iter().map(|line| (*line).to_owned()).chain(differences(load, facts));
    let mut variables = BTreeMap::new();
    let flow = flow(load, message, &mut variables)?;
    let mut script = String::from("# The load of 'wscli bench' for Artillery 2. What is different here:\n");
    script += &comments("#", differences, facts);
    let mut line = |text: String| script += &(text + "\n");
    line("config:".to_owned());
    line(format!("  target: {}", json(url)));
    line("  phases:".to_owned());
    let ramp = load.ramp.as_secs_f64().ceil().max(1.0);
    line(format!("    - {{ duration: {ramp}, arrivalCount: {} }}", load.connections));
    line("  ws:".to_owned());
    line(format!("    headers: {}", json(headers)));
    line(format!("    subprotocols: {}", json(subprotocols)));
    line(format!("    perMessageDeflate: {compresses}"));
    line(format!("    handshakeTimeout: {}", connect_timeout.as_millis()));
    line(format!("    timeout: {}", load.timeout.as_secs_f64()));
    if *insecure {
        line("  tls: { rejectUnauthorized: false }".to_owned());
    }
    if !variables.is_empty() {
        line(format!("  variables: {}", json(&variables)));
    }
    line("scenarios:\n  - engine: ws\n    flow:".to_owned());
    Ok(script + &flow)
}

fn differences(load: &LoadConfig, facts: &ScriptFacts) -> Vec<String> {
    let is_open = matches!(load.pacing, Pacing::Open(_));
    let has_uuid = facts.message.pieces().iter().any(|piece| {
        matches!(piece, MessagePiece::Place { variable: LineVariable::Generated(GeneratedVariable::Uuid), .. })
    });
    let rounds_up = matches!(load.extent, LoadExtent::Messages(all, _) if all % load.connections as u64 > 0);
    let untold = facts.thresholds.iter();
    let untold = untold.map(|threshold| format!("the condition {threshold} has no metric of Artillery"));
    let facts = [
        (!load.warmup.is_zero(), "what is sent to warm up is counted, too"),
        (is_open, "the time that sending takes is added to each interval, and answers aren't awaited"),
        (matches!(load.pacing, Pacing::Closed { in_flight } if in_flight > 1), "one message is unanswered at a time"),
        (rounds_up, "each connection sends as many messages as any: the number is rounded up"),
        (has_uuid, "${uuid} is the same in all messages of a connection"),
    ];
    those_of(&facts).chain(other_answers(load).filter(|_| !is_open)).chain(untold).collect()
}

/// What a connection does, as YAML.
///
/// # Errors
/// What Artillery can't do.
fn flow(
    load: &LoadConfig,
    message: &LoadMessage,
    variables: &mut BTreeMap<String, [String; 1]>,
) -> Result<String, String> {
    let millis = |time: Duration| format!("\"{}ms\"", time.as_secs_f64() * 1000.0);
    let all = load.connections as u64;
    let (count, time) = match load.extent {
        LoadExtent::Time(time) => (None, Some(time)),
        LoadExtent::Messages(count, time) => (Some(count.div_ceil(all)), time),
    };
    let rate = match load.pacing {
        Pacing::ConnectOnly => {
            let time = time.ok_or(advice::ARTILLERY_NEEDS_TIME)?;
            return Ok(format!("      - think: {}\n", millis(load.warmup + time)));
        }
        Pacing::Closed { .. } => None,
        Pacing::Open(rate) if rate.of_each => Some(rate.per_second),
        Pacing::Open(rate) => Some(rate.per_second / all as f64),
    };
    if message.kind == Kind::Binary {
        return Err("Artillery sends no binary messages".to_owned());
    }
    let payload = json(&payload(message, variables)?);
    let (count, steps) = match rate {
        None => {
            let count = count.ok_or(advice::ARTILLERY_NEEDS_COUNT)?;
            // Whatever comes is the answer: a match that isn't strict.
            (
                count,
                format!(
                    "          - send: {{ payload: {payload}, match: {{ json: \"$\", value: \"\", strict: false }} }}\n"
                ),
            )
        }
        Some(rate) => {
            let by_time = time.map(|time| (time.as_secs_f64() * rate).ceil() as u64);
            let count = count.into_iter().chain(by_time).min().unwrap_or_default();
            let warm = (load.warmup.as_secs_f64() * rate).ceil() as u64;
            let think = millis(Duration::from_secs_f64(1.0 / rate));
            (count + warm, format!("          - send: {payload}\n          - think: {think}\n"))
        }
    };
    let rest = if load.answers == AnswerRule::Nothing || rate.is_none() {
        String::new()
    } else {
        "      - think: \"1000ms\"\n".to_owned()
    };
    Ok(format!("      - loop:\n{steps}        count: {count}\n{rest}"))
}

/// The message as Artillery fills it in. What it would take for a place of its own is a variable.
///
/// # Errors
/// A place that it can't fill in.
fn payload(message: &LoadMessage, variables: &mut BTreeMap<String, [String; 1]>) -> Result<String, String> {
    let mut payload = String::new();
    for piece in message.pieces() {
        match piece {
            MessagePiece::Text(text) if text.contains("{{") || text.ends_with('{') => {
                let name = format!("text{}", variables.len());
                payload += &format!("{{{{ {name} }}}}");
                variables.insert(name, [text]);
            }
            MessagePiece::Text(text) => payload += &text,
            MessagePiece::Place { variable, .. } => match variable {
                LineVariable::Generated(GeneratedVariable::Counter) => payload += "{{ $loopCount }}",
                LineVariable::Generated(GeneratedVariable::Uuid) => payload += "{{ $uuid }}",
                LineVariable::Generated(GeneratedVariable::Random) => payload += "{{ $randomNumber(0, 999999999) }}",
                LineVariable::Generated(GeneratedVariable::Environment(name)) => {
                    payload += &format!("{{{{ $env.{name} }}}}")
                }
                other => return Err(format!("Artillery has nothing to fill in for {other}")),
            },
        }
    }
    Ok(payload)
}
