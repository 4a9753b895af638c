//! The report of `inspect` as metrics, in the text format of Prometheus (version 0.0.4), for its node exporter to pick up as a file.

use std::fmt::{Display, Write};

use super::report::Report;
use crate::view::amount::Millis;

/// Seconds since 1970, or a length of time in them, or a number.
type Sample = f64;

/// The page: a family of metrics after the other, each with the URL as a label.
pub(super) fn page(report: &Report) -> String {
    let mut page = MetricsPage { text: String::new(), url: label(&report.url) };
    page.gauge("up", "Whether the connection opened", [("", f64::from(u8::from(report.open)))]);
    let times =
        report.times_ms.named().map(|(phase, time)| (format!("phase=\"{}\"", label(phase)), time.as_secs_f64()));
    page.gauge("phase_seconds", "How long each phase of the way to the open connection took", times);
    let round_trip = report.ping.as_ref().and_then(|ping| ping.round_trip_ms).map(|time| ("", time.0.as_secs_f64()));
    page.gauge("ping_round_trip_seconds", "From a Ping to its Pong; missing where none came", round_trip);
    let status = report.status.map(|status| ("", f64::from(status)));
    page.gauge("http_status", "The status of the answer to the opening handshake", status);
    let code = report.close.as_ref().and_then(|close| close.code).map(|code| ("", f64::from(code)));
    page.gauge("close_code", "The status code of the closing handshake; missing where there was none", code);
    page.expectation(report);
    let ends = report.tls.iter().flat_map(|tls| &tls.chain).map(|one| one.not_after.unix_timestamp()).min();
    page.gauge(
        "certificate_not_after_seconds",
        "When the first certificate of the chain expires",
        ends.map(|ends| ("", ends as Sample)),
    );
    page.text
}

struct MetricsPage {
    text: String,
    /// As the value of a label.
    url: String,
}

impl MetricsPage {
    fn expectation(&mut self, report: &Report) {
        let Some(expectation) = &report.expectation else { return };
        let seconds = |time: Option<Millis>| time.map(|time| ("", time.0.as_secs_f64()));
        let met = f64::from(u8::from(expectation.met));
        self.gauge("expected", "Whether all messages came that were expected", [("", met)]);
        let took = seconds(expectation.took);
        self.gauge("expected_seconds", "From the open connection to the last message that was expected", took);
        let messages = [("", expectation.messages as Sample)];
        self.gauge("messages_received", "Messages that came while they were expected", messages);
        let age = seconds(expectation.message_age);
        self.gauge("message_age_seconds", "How old the last message was at the end; missing where none came", age);
    }

    /// A family, unless it has no samples. Each sample has labels of its own before it.
    fn gauge<L: Display>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (L, Sample)>) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        // Writing to a String can't fail.
        let _ = writeln!(self.text, "# HELP wscli_{name} {help}.\n# TYPE wscli_{name} gauge");
        for (labels, value) in samples {
            let labels = labels.to_string();
            let comma = if labels.is_empty() { "" } else { "," };
            let _ = writeln!(self.text, "wscli_{name}{{url=\"{}\"{comma}{labels}}} {value}", self.url);
        }
    }
}

/// As the value of a label: a backslash, a quotation mark and a line break are escaped.
fn label(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
