//! The report of `inspect`, for people.

use std::fmt::Write;

use super::echo_probe::{EchoDifference, Echoed};
use super::expect_probe::ExpectReport;
use super::limits;
use super::report::{Outcome, Ping, Probes, Report};
use crate::advice::NOTHING_INFLATED_BEHIND_PING;
use crate::net::TlsFacts;
use crate::peer_text::{Escaped, PeerText};
use crate::view::amount::{Count, Latency};
use crate::view::compression;
use crate::view::wrap::indented;

/// What another message suggests.
const NO_ECHO: &str = "the server may not be an echo server, and this may be an answer or a greeting";

/// On a terminal of `columns`, each line folded to that.
pub(crate) fn lines(report: &Report, columns: Option<usize>) -> String {
    let page = text(report);
    columns.map_or(page.clone(), |columns| folded(&page, columns))
}

/// Each line made safe, and folded to a terminal of `columns`.
pub(super) fn folded(page: &str, columns: usize) -> String {
    page.lines().map(|line| indented(line, columns) + "\n").collect()
}

fn text(report: &Report) -> String {
    let mut page = Page(String::new());
    let Report { url, addresses, unreachable, address, proxy, tls, times_ms, .. } = report;
    page.0.push_str(&format!("{}\n", Escaped(url)));
    for one in unreachable {
        page.row("tried", &format!("{}: {}", one.address, one.why));
    }
    if let Some(address) = address {
        let others = addresses.len().saturating_sub(1);
        let others = if others > 0 { format!(" (and {others} more)") } else { String::new() };
        page.row("address", &format!("{address}{others}"));
    }
    page.optional("proxy", proxy.as_deref());
    if let Some(tls) = tls {
        page.tls(tls);
    }
    page.optional("times", times_ms.in_words().as_deref());
    if report.open {
        page.row("subprotocol", report.subprotocol.as_ref().map_or("none", PeerText::raw));
        page.row("extension", &report.compression.map_or("none".into(), compression::words));
    } else if let Some(status) = report.status {
        page.row("answer", &status.to_string());
    }
    for (index, fault) in report.faults.iter().enumerate() {
        page.row(if index == 0 { "faults" } else { "" }, fault);
    }
    page.optional("ping", report.ping.as_ref().map(ping).as_deref());
    page.optional("close", report.close.as_ref().map(|close| close.ending.as_str()));
    page.optional("expected", report.expectation.as_ref().map(expectation).as_deref());
    if let Some(probes) = &report.probes {
        page.probes(probes);
    }
    if let Some(echoed) = report.ping_between_fragments {
        page.echo(echoed, report.echo_difference);
    }
    if let Some(limits) = &report.limits {
        limits::text::rows(limits).into_iter().for_each(|(name, line)| page.row(name, &line));
    }
    page.0
}

/// Rows of a name and a value.
struct Page(String);

impl Page {
    fn row(&mut self, name: &str, value: &str) {
        // Writing to a String can't fail.
        let _ = writeln!(self.0, "  {name:<12} {}", Escaped(value));
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.row(name, value);
        }
    }

    fn tls(&mut self, tls: &TlsFacts) {
        if let Some(parameters) = tls.parameters() {
            self.row("TLS", &format!("{}, {parameters}", tls.agreed.version));
        }
        for certificate in &tls.chain {
            self.row("certificate", &certificate.summary());
            certificate.details().iter().for_each(|detail| self.row("", detail));
        }
    }

    fn echo(&mut self, echoed: Echoed, difference: Option<EchoDifference>) {
        let sent = format!("a compressed message with a Ping between its fragments {}", echo_words(echoed));
        let Some(difference) = difference else { return self.row("", &sent) };
        let EchoDifference { bytes, expected_bytes, first_difference } = difference;
        let expected = Count(expected_bytes, "byte");
        self.row("", &format!("{sent}: {bytes} of {expected}, not as sent from byte {} on", first_difference + 1));
        self.row("", if difference.begins_behind_ping() { NOTHING_INFLATED_BEHIND_PING } else { NO_ECHO });
    }

    fn probes(&mut self, probes: &Probes) {
        let Probes { permessage_deflate, .. } = probes;
        self.row("compression", &format!("permessage-deflate {}", word(*permessage_deflate)));
        for (name, outcome) in [
            ("server_no_context_takeover", probes.server_no_context_takeover),
            ("client_no_context_takeover", probes.client_no_context_takeover),
            ("server_max_window_bits=10", probes.server_max_window_bits),
            ("client_max_window_bits=10", probes.client_max_window_bits),
        ] {
            self.row("", &format!("{name} {}", word(outcome)));
        }
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Agreed => "agreed",
        Outcome::Ignored => "ignored",
        Outcome::Declined => "declined",
        Outcome::Failed => "unknown: the connection failed",
    }
}

fn echo_words(echoed: Echoed) -> &'static str {
    match echoed {
        Echoed::Intact => "came back intact",
        Echoed::Changed => "came back changed",
        Echoed::Refused => "was refused: the server closed",
        Echoed::Unanswered => "did not come back",
        Echoed::NotTried => "was not tried: compression is not in use",
    }
}

fn expectation(expectation: &ExpectReport) -> String {
    let ExpectReport { missing, took, messages, message_age, ending, .. } = expectation;
    if let Some(took) = took {
        return format!("arrived within {}", Latency(took.0));
    }
    let missing = missing.as_deref().unwrap_or("nothing was expected");
    match message_age {
        None => format!("{missing}; none received; {ending}"),
        Some(age) => format!(
            "{missing}; {} received, the last {} before the end; {ending}",
            Count(*messages, "message"),
            Latency(age.0)
        ),
    }
}

fn ping(ping: &Ping) -> String {
    ping.round_trip_ms.map_or("not answered".into(), |time| format!("answered in {}", Latency(time.0)))
}
