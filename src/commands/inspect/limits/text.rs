//! What `inspect --limits` found out, for people.

use std::time::Duration;

use super::lifetime::{EndedBy, KeptBy, Lifetime};
use super::message_size::SentAs;
use super::verdict::{Counts, LimitsVerdict};
use super::{Burst, LimitsReport, SizeLimit};
use crate::advice::limits::{
    A_KNOWN_MESSAGE, ANOTHER_MESSAGE, ANSWER, WATCH_LONGER, messages_keep_open, pings_keep_open,
};
use crate::peer_text::{PeerText, Quoted};
use crate::script::gateways_that_end_after;
use crate::view::amount::{Count, Grouped};
use crate::view::enumeration::enumeration;

/// Rows of a name and a value. What belongs to the row above has no name.
pub(crate) fn rows(report: &LimitsReport) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let sizes = report.message_sizes.iter().map(size_line);
    rows.extend(named("messages", sizes.chain(report.burst.as_ref().and_then(burst_line))));
    rows.extend(named("kept by", report.lifetimes.iter().map(lifetime_line)));
    rows.extend(named("verdict", verdict_lines(&report.verdict, report.watched).into_iter()));
    rows
}

fn named(name: &'static str, lines: impl Iterator<Item = String>) -> impl Iterator<Item = (&'static str, String)> {
    lines.enumerate().map(move |(index, line)| (if index == 0 { name } else { "" }, line))
}

fn size_line(limit: &SizeLimit) -> String {
    let sent_as = match limit.sent_as {
        SentAs::OneFrame => "in one frame",
        SentAs::Fragments => "in frames of 4,096 bytes",
        SentAs::Compressed => "compressed",
    };
    match (limit.taken, &limit.refused) {
        (Some(taken), None) => format!("accepted up to {} bytes {sent_as}; larger ones were not tried", Grouped(taken)),
        (Some(taken), Some(refused)) => {
            format!("accepted up to {} bytes {sent_as}; {}: {}", Grouped(taken), Grouped(refused.bytes), refused.ending)
        }
        (None, Some(refused)) => format!(
            "no message was accepted, not even one of {} bytes: {}; {A_KNOWN_MESSAGE}",
            refused.bytes, refused.ending
        ),
        (None, None) => format!("not tried {sent_as}"),
    }
}

fn burst_line(burst: &Burst) -> Option<String> {
    let bytes = burst.bytes;
    let taken = burst.taken.map(|taken| format!("accepted {} of {bytes} bytes at once", Grouped(taken)));
    let refused = burst.refused.as_ref().map(|refused| (Grouped(refused.messages), &refused.ending));
    match (taken, refused) {
        (Some(taken), Some((messages, ending))) => Some(format!("{taken}; {messages}: {ending}")),
        (None, Some((messages, ending))) => Some(format!("{messages} of {bytes} bytes at once: {ending}")),
        (taken, None) => taken,
    }
}

/// How one connection lived.
pub(super) fn lifetime_line(lifetime: &Lifetime) -> String {
    let lived = lifetime.lived.as_secs_f64();
    let words = match lifetime.ended_by {
        EndedBy::Open => format!("open after {lived:.1} s"),
        EndedBy::NotOpened => format!("not opened: {}", lifetime.ending),
        EndedBy::Stopped => format!("stopped after {lived:.1} s"),
        EndedBy::NoAnswer => format!("silent after {lived:.1} s: {}", lifetime.ending),
        EndedBy::Close | EndedBy::Fin | EndedBy::Reset | EndedBy::Violation => {
            format!("ended after {lived:.1} s: {}", lifetime.ending)
        }
    };
    let pings = match (lifetime.server_pings, lifetime.server_ping_interval_ms) {
        (0, _) => String::new(),
        (pings, None) => format!("; {} from the server", Count(pings, "Ping")),
        (pings, Some(interval)) => {
            format!("; {} from the server, one every {:.1} s", Count(pings, "Ping"), interval.0.as_secs_f64())
        }
    };
    format!("{:<14}{words}{pings}", lifetime.kept_by.words())
}

/// A connection that has ended so soon wasn't ended by a limit.
const AT_ONCE: Duration = Duration::from_millis(100);

const ENDED_AT_ONCE: &str = "connections end at once, whatever is sent: the server, or something before it, keeps none";

/// What ends connections, and what keeps them open.
fn verdict_lines(verdict: &LimitsVerdict, watched: Duration) -> Vec<String> {
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    match verdict {
        LimitsVerdict::Nothing => {
            vec![format!("nothing ends a connection within {}; {WATCH_LONGER}", seconds(watched))]
        }
        LimitsVerdict::Lifetime { after_ms } if after_ms.0 < AT_ONCE => vec![ENDED_AT_ONCE.to_owned()],
        LimitsVerdict::Lifetime { after_ms } => vec![
            format!("connections end after {}, whatever is sent: a lifetime limit", seconds(after_ms.0)),
            "a client has to reconnect".to_owned(),
        ],
        LimitsVerdict::LifetimeOrAnswer { after_ms, last_message, ending } => {
            lifetime_or_answer_lines(after_ms.0, last_message.as_ref(), ending)
        }
        LimitsVerdict::Idle { after_ms, kept_open_by, counts } => {
            let silent = after_ms.0;
            let first = format!("an idle limit of about {}: {}", seconds(silent), counts_words(*counts, kept_open_by));
            let advice = match counts {
                Counts::AnyFrame | Counts::AnsweredFrames | Counts::ControlFrames => pings_keep_open(silent),
                Counts::Messages | Counts::TcpSegments | Counts::Other => messages_keep_open(silent),
            };
            let known = gateways_that_end_after(silent);
            let known = (!known.is_empty()).then(|| format!("it is the default of {}", enumeration(known, "and of")));
            [first, advice].into_iter().chain(known).collect()
        }
        LimitsVerdict::UnansweredPings { after_ms } => vec![
            format!("the server pings, and ends a connection that doesn't answer, here after {}", seconds(after_ms.0)),
            "a client that answers Pings stays connected; a busy or suspended one doesn't".to_owned(),
        ],
        LimitsVerdict::Refused { what: KeptBy::Messages } => vec![
            format!(
                "nothing ends a connection within {}, except that the server rejects our message",
                seconds(watched)
            ),
            ANOTHER_MESSAGE.to_owned(),
        ],
        LimitsVerdict::Refused { what } => {
            vec![format!("only the connection kept open by {} ended; the others outlived it", what.words())]
        }
        LimitsVerdict::Silent { within_ms, kept_open_by } => {
            let kept = match kept_open_by.as_slice() {
                [] => "nothing we tried keeps it open".to_owned(),
                kept => format!("kept open by {}", listed(kept)),
            };
            vec![
                format!(
                    "the connection goes silent within {}: nobody ends it, and nobody answers",
                    seconds(within_ms.0)
                ),
                format!("something in between silently drops idle connections, like a NAT or firewall; {kept}"),
            ]
        }
        LimitsVerdict::Unknown => vec!["not enough data to say what ends a connection".to_owned()],
    }
}

/// What is known where the server may have waited for something.
fn lifetime_or_answer_lines(after: Duration, last: Option<&PeerText>, ending: &PeerText) -> Vec<String> {
    let first = match after < AT_ONCE {
        true => ENDED_AT_ONCE.to_owned(),
        false => {
            let after = after.as_secs_f64();
            format!(
                "connections end after {after:.1} s: a lifetime limit, or the server waits for an answer or a login"
            )
        }
    };
    let last = last.map(|last| format!("; its last message was {}", Quoted(last.raw())));
    vec![first, format!("{ending}{}", last.unwrap_or_default()), ANSWER.to_owned()]
}

/// What resets the clock.
fn counts_words(counts: Counts, kept_open_by: &[KeptBy]) -> String {
    match counts {
        Counts::AnyFrame => "any frame from the client keeps a connection open".to_owned(),
        Counts::AnsweredFrames => {
            "Pings and other answered frames count; Pongs, which nobody answers, don't".to_owned()
        }
        Counts::Messages => "only messages count, not Pings or Pongs".to_owned(),
        Counts::ControlFrames => "Pings and Pongs count; our messages didn't".to_owned(),
        Counts::TcpSegments => "only TCP keepalive kept a connection open".to_owned(),
        Counts::Other => format!("kept open by {}", listed(kept_open_by)),
    }
}

fn listed(kept_open_by: &[KeptBy]) -> String {
    kept_open_by.iter().map(|kept_by| kept_by.words()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::amount::Millis;

    #[test]
    fn a_server_that_keeps_no_connection_has_no_limit() {
        let told = |millis| {
            let after_ms = Millis(Duration::from_millis(millis));
            verdict_lines(&LimitsVerdict::Lifetime { after_ms }, Duration::from_secs(60)).remove(0)
        };
        assert_eq!(
            told(3),
            "connections end at once, whatever is sent: the server, or something before it, keeps none"
        );
        assert_eq!(told(1500), "connections end after 1.5 s, whatever is sent: a lifetime limit");
    }
}
