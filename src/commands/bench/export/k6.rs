//! The same load as a script for k6, which runs on several machines (k6.io, version 1.6 and newer: `k6/websockets`).

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::answer_rule::AnswerRule;
use super::super::load::{LoadConfig, LoadExtent, Pacing};
use super::super::message::{LoadMessage, MessagePiece};
use super::super::threshold::Threshold;
use super::{ScriptFacts, comments, json, other_answers};
use crate::script::{GeneratedVariable, LineVariable};
use crate::ws::Kind;

/// What is different in every script.
const DIFFERENCES: [&str; 3] = [
    "times are in whole milliseconds, and contain the time that the script itself takes",
    "compression never has context takeover, and the timeout for opening a connection is 60 s",
    "the first connection isn't opened alone, and connections that fail to open don't keep others from sending",
];

/// The script; `k6 run FILE` runs it.
pub(super) fn k6_script(load: &LoadConfig, facts: &ScriptFacts) -> String {
    let untold = facts.thresholds.iter().filter(|threshold| threshold.for_k6().is_none());
    let untold = untold.map(|threshold| format!("the condition {threshold} has no metric of k6"));
    let differences = DIFFERENCES.iter().map(|line| (*line).to_owned()).chain(other_answers(load)).chain(untold);
    let mut script = String::from("// The load of 'wscli bench' for k6 1.6 and newer. What is different here:\n");
    script += &comments("//", differences, facts);
    script += "import { WebSocket } from 'k6/websockets';\nimport { Counter, Trend } from 'k6/metrics';\n";
    script += "import exec from 'k6/execution';\n";
    if facts.message.kind == Kind::Binary {
        script += "import encoding from 'k6/encoding';\n";
    }
    script += &constants(load, facts);
    script + "\n" + BODY
}

fn constants(load: &LoadConfig, facts: &ScriptFacts) -> String {
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let (count, duration) = match load.extent {
        LoadExtent::Time(time) => (0, Some(time)),
        LoadExtent::Messages(count, time) => (count, time),
    };
    let (in_flight, interval) = match load.pacing {
        Pacing::ConnectOnly => (0, 0.0),
        Pacing::Closed { in_flight } => (in_flight, 0.0),
        Pacing::Open(rate) if rate.of_each => (0, 1000.0 / rate.per_second),
        Pacing::Open(rate) => (0, 1000.0 / rate.per_second * load.connections as f64),
    };
    let compression = if facts.compresses { ", compression: 'deflate'" } else { "" };
    let protocols = if facts.subprotocols.is_empty() { "null".to_owned() } else { json(&facts.subprotocols) };
    let lines = [
        format!("const url = {};", json(&facts.url)),
        format!("const protocols = {protocols};"),
        format!("const params = {{ headers: {}{compression} }};", json(&facts.headers)),
        format!("const message = (counter) => {};", message(&facts.message)),
        format!("const connections = {};", load.connections),
        format!("const count = {count}; // messages in all behind the warm-up; 0: the time decides"),
        format!("const inFlight = {in_flight}; // closed loop: unanswered at a time"),
        format!("const interval = {interval}; // open loop: milliseconds from one message of a connection to the next"),
        format!("const answered = {};", load.answers != AnswerRule::Nothing),
        "// Milliseconds.".to_owned(),
        format!("const ramp = {}, warmup = {};", millis(load.ramp), millis(load.warmup)),
        format!(
            "const duration = {}, timeout = {};",
            duration.map_or("Infinity".to_owned(), |time| millis(time).to_string()),
            millis(load.timeout)
        ),
        format!("const thresholds = {};", thresholds(&facts.thresholds)),
        format!("const insecure = {};", facts.insecure),
    ];
    "\n".to_owned() + &lines.join("\n") + "\n"
}

fn thresholds(thresholds: &[Threshold]) -> String {
    let mut metrics: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (metric, condition) in thresholds.iter().filter_map(Threshold::for_k6) {
        metrics.entry(metric).or_default().push(condition);
    }
    json(&metrics)
}

/// An expression for the message with the number `counter`.
fn message(message: &LoadMessage) -> String {
    let pieces = message.pieces();
    let has_places = pieces.iter().any(|piece| matches!(piece, MessagePiece::Place { .. }));
    let text = || pieces.iter().map(piece).collect::<Vec<_>>().join(" + ");
    match message.kind {
        Kind::Text if pieces.is_empty() => json(""),
        Kind::Text => text(),
        // What is filled in as text goes out as its bytes.
        Kind::Binary if has_places => format!("encoding.b64decode(encoding.b64encode({}))", text()),
        Kind::Binary => format!("encoding.b64decode({})", json(&data_encoding::BASE64.encode(&message.content))),
    }
}

fn piece(piece: &MessagePiece) -> String {
    match piece {
        MessagePiece::Text(text) => json(text),
        MessagePiece::Place { variable: LineVariable::Generated(GeneratedVariable::Counter), .. } => {
            "String(counter)".to_owned()
        }
        MessagePiece::Place { variable: LineVariable::Generated(GeneratedVariable::Uuid), .. } => {
            "crypto.randomUUID()".to_owned()
        }
        MessagePiece::Place { variable: LineVariable::Generated(GeneratedVariable::Now), .. } => {
            "String(Date.now())".to_owned()
        }
        MessagePiece::Place { variable: LineVariable::Generated(GeneratedVariable::Random), .. } => {
            "String(Math.floor(Math.random() * 1e9))".to_owned()
        }
        MessagePiece::Place {
            variable: LineVariable::Generated(GeneratedVariable::Environment(name)),
            in_json: true,
        } => {
            format!("JSON.stringify(__ENV[{}]).slice(1, -1)", json(name))
        }
        MessagePiece::Place {
            variable: LineVariable::Generated(GeneratedVariable::Environment(name)),
            in_json: false,
        } => {
            format!("__ENV[{}]", json(name))
        }
        // No message of a load has another.
        MessagePiece::Place { .. } => json(""),
    }
}

/// What doesn't depend on the load.
const BODY: &str = r"const rtt = new Trend('wscli_rtt', true);
const unanswered = new Counter('wscli_unanswered');
const closedBadly = new Counter('wscli_closed_badly');

const longest = Number.isFinite(duration) ? ramp + warmup + duration + timeout + 60000 : 86400000;
export const options = {
  scenarios: {
    load: { executor: 'per-vu-iterations', vus: connections, iterations: 1, maxDuration: `${Math.ceil(longest / 1000)}s` },
  },
  thresholds,
  insecureSkipTLSVerify: insecure,
};

export default function () {
  const place = exec.vu.idInTest - 1;
  setTimeout(() => open(place, exec.scenario.startTime + ramp), (ramp * place) / connections);
}

// All connections begin to send at the same time.
function open(place, begin) {
  const measured = begin + warmup, end = measured + duration;
  const due = []; // the planned times of messages without an answer, the oldest first
  const share = Math.floor(count / connections) + (place < count % connections ? 1 : 0);
  let sent = 0, counted = 0, timer, hasSentAll = false;
  const socket = new WebSocket(url, protocols, params);
  socket.binaryType = 'arraybuffer';

  const isOver = (planned) => planned >= end || (count > 0 && counted >= share);
  const finish = () => {
    clearInterval(timer);
    socket.close(1000);
  };
  const send = (planned) => {
    if (answered) due.push(planned);
    socket.send(message(sent));
    sent += 1;
    if (planned >= measured) counted += 1;
  };
  const sendDue = () => {
    const planned = () => begin + (interval * place) / connections + sent * interval;
    while (planned() <= Date.now() && !isOver(planned())) send(planned());
    if (isOver(planned())) {
      hasSentAll = true;
      clearInterval(timer);
      if (due.length === 0) finish();
    }
  };

  socket.onopen = () => {
    setTimeout(() => {
      if (interval > 0) timer = setInterval(sendDue, Math.max(1, Math.min(interval, 5)));
      for (let i = 0; i < inFlight && !isOver(Date.now()); i += 1) send(Date.now());
      if (inFlight > 0 && sent === 0) finish();
    }, Math.max(0, begin - Date.now()));
    if (Number.isFinite(end)) setTimeout(finish, Math.max(0, end + (inFlight + interval > 0 ? timeout : 0) - Date.now()));
  };
  socket.onmessage = () => {
    const planned = due.shift(), now = Date.now();
    if (planned === undefined) return;
    if (planned >= measured) rtt.add(now - planned);
    if (inFlight > 0 && !isOver(now)) send(now);
    else if (due.length === 0 && (inFlight > 0 || hasSentAll)) finish();
  };
  socket.onclose = (event) => {
    clearInterval(timer);
    unanswered.add(due.length);
    if (event.code !== undefined && event.code !== 1000) closedBadly.add(1);
  };
  socket.onerror = () => closedBadly.add(1);
}
";
