//! Lines of JSON about connections, among the records of what went over them: docs/recording.md.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::record::SCHEMA;
use super::record_fields::{millis, rfc3339};
use crate::http::{MASK, Secrets, without_secrets};
use crate::net::{End, TlsParameters};
use crate::ws::{Counters, Direction, Role};

/// The types of such lines, and of those that stand in the place of others.
const TYPES: [&str; 6] = ["opened", "not_opened", "closed", "dropped", "rule", "injected"];

/// Whether a line of this type says nothing that could be sent.
pub(crate) fn is_about_connection(name: &str) -> bool {
    TYPES.contains(&name)
}

/// What became of a connection as a whole, one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ConnectionLine {
    /// The number of the connection, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connection: Option<u64>,
    pub(crate) schema: u32,
    #[serde(default, with = "rfc3339", skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<SystemTime>,
    #[serde(flatten)]
    pub(crate) milestone: Milestone,
}

/// What there is to tell of a connection besides what went over it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Milestone {
    Opened(Box<OpenedLine>),
    NotOpened(Box<NotOpenedLine>),
    Closed(Box<ClosedLine>),
    /// In the place of so many lines that could not be written fast enough.
    Dropped {
        events: u64,
    },
    Rule(RuleLine),
    Injected(InjectedLine),
}

/// A rule has taken a message or a control frame on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleLine {
    /// From whom to whom.
    pub(crate) way: String,
    /// The rule's, as it is written.
    pub(crate) condition: String,
    /// The names of its actions.
    pub(crate) done: Vec<String>,
}

/// Something was broken on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InjectedLine {
    /// As it was asked for.
    pub(crate) fault: String,
    /// From whom to whom; `None` is both ways, or none yet.
    pub(crate) way: Option<String>,
}

/// What there is to tell of an opening handshake, whatever has come of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedHandshake {
    /// Who of the two has recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<RecordingRole>,
    pub(crate) url: String,
    /// Of the other end, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    #[serde(flatten)]
    pub(crate) heads: HandshakeHeads,
}

/// A connection was opened, or was open when its recording began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OpenedLine {
    #[serde(flatten)]
    pub(crate) handshake: RecordedHandshake,
    /// What was agreed on; a server agrees to nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subprotocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extension: Option<String>,
    /// Where the connection has TLS, and what is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls: Option<TlsLine>,
    /// Every frame is recorded, beside what the frames come to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) frames: bool,
    #[serde(flatten)]
    pub(crate) client: ClientFacts,
}

/// What a server knows of its client, most of it as the client says in its request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientFacts {
    /// It is the page that the server has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) page: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) requested_subprotocols: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// For whom proxies on the way say that they ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forwarded_for: Option<String>,
}

/// The side of whoever records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecordingRole {
    Client,
    Server,
    /// A proxy, whose `sent` is what the client has sent.
    Between,
}

impl RecordingRole {
    /// Who has sent what is recorded with this direction.
    pub(crate) fn sender(self, direction: Direction) -> Role {
        match (self, direction) {
            (Self::Client | Self::Between, Direction::Sent) | (Self::Server, Direction::Received) => Role::Client,
            (Self::Client | Self::Between, Direction::Received) | (Self::Server, Direction::Sent) => Role::Server,
        }
    }
}

/// The TLS of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TlsLine {
    pub(crate) version: String,
    pub(crate) cipher_suite: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alpn: Option<String>,
}

impl From<&TlsParameters> for TlsLine {
    fn from(agreed: &TlsParameters) -> Self {
        Self {
            version: agreed.version.clone(),
            cipher_suite: agreed.cipher_suite.clone(),
            alpn: agreed.alpn.as_ref().map(|name| name.raw().to_owned()),
        }
    }
}

/// The heads of an opening handshake, as they may be shown; empty where there was none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HandshakeHeads {
    #[serde(default)]
    pub(crate) request: String,
    #[serde(default)]
    pub(crate) response: String,
}

impl HandshakeHeads {
    /// Both as text, credentials masked unless they are to be shown.
    pub(crate) fn shown(request: &[u8], response: &[u8], secrets: Secrets) -> Self {
        let shown = |head: &[u8]| match secrets {
            Secrets::Shown => String::from_utf8_lossy(head).into_owned(),
            Secrets::Masked => without_secrets(head, request, MASK),
        };
        Self { request: shown(request), response: shown(response) }
    }
}

/// An attempt to connect has failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NotOpenedLine {
    #[serde(flatten)]
    pub(crate) handshake: RecordedHandshake,
    pub(crate) why: String,
}

/// A connection has ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClosedLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Of the other end, where a server tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// How, by a name for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// As a client's API would tell it: 1005 and 1006 stand for none.
    pub(crate) code: u16,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) reason: String,
    /// In words.
    pub(crate) why: String,
    /// What the peer broke, rule by rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) faults: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) received: Option<Counters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sent: Option<Counters>,
    /// Since it was opened.
    #[serde(default, rename = "elapsed_ms", with = "millis", skip_serializing_if = "Option::is_none")]
    pub(crate) elapsed: Option<Duration>,
    /// What a server's mode adds: what it has left out, say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remark: Option<String>,
}

impl ClosedLine {
    /// What the end of a connection says by itself.
    pub(crate) fn of(end: &End) -> Self {
        Self {
            kind: Some(end.kind().into()),
            code: end.close_code().0,
            reason: end.close().map_or_else(String::new, |close| close.reason.clone()),
            why: end.to_string(),
            faults: end.faults(),
            ..Self::default()
        }
    }
}

impl OpenedLine {
    /// Of a connection of which nothing else is known.
    pub(crate) fn of_url(url: &str) -> Self {
        Self {
            handshake: RecordedHandshake { url: url.to_owned(), ..RecordedHandshake::default() },
            subprotocol: None,
            extension: None,
            tls: None,
            frames: false,
            client: ClientFacts::default(),
        }
    }
}

impl ConnectionLine {
    /// Of now.
    pub(crate) fn new(connection: Option<u64>, milestone: Milestone) -> Self {
        Self { connection, schema: SCHEMA, time: Some(SystemTime::now()), milestone }
    }

    /// Since the connection was opened, where that is known.
    pub(crate) fn elapsed(&self) -> Option<Duration> {
        match &self.milestone {
            Milestone::Opened(_) => Some(Duration::ZERO),
            Milestone::Closed(closed) => closed.elapsed,
            Milestone::NotOpened(_) | Milestone::Dropped { .. } | Milestone::Rule(_) | Milestone::Injected(_) => None,
        }
    }

    /// The line, with its end.
    pub(crate) fn line(&self) -> String {
        // Strings and numbers can always be written.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// The line that stands in the place of so many others that nobody had the patience to read.
pub(crate) fn dropped(events: u64) -> String {
    ConnectionLine::new(None, Milestone::Dropped { events }).line()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::schema::Schema;

    /// One of every kind, with all its fields and with as few as there may be.
    fn every_line() -> Vec<ConnectionLine> {
        let heads = HandshakeHeads {
            request: "GET / HTTP/1.1\r\n\r\n".into(),
            response: "HTTP/1.1 101 \u{1}\"\r\n\r\n".into(),
        };
        let url = || String::from("ws://localhost/");
        let opened = |role| {
            let address = Some("[::1]:80".into());
            Milestone::Opened(Box::new(OpenedLine {
                handshake: RecordedHandshake { role: Some(role), url: url(), address, heads: heads.clone() },
                subprotocol: Some("chat".into()),
                extension: Some("permessage-deflate".into()),
                tls: Some(TlsLine {
                    version: "TLSv1.3".into(),
                    cipher_suite: "TLS13_AES_256_GCM_SHA384".into(),
                    alpn: Some("http/1.1".into()),
                }),
                frames: true,
                client: ClientFacts {
                    page: true,
                    requested_subprotocols: vec!["chat".into(), "v1".into()],
                    user_agent: Some("me".into()),
                    origin: Some("http://localhost".into()),
                    forwarded_for: Some("192.0.2.1".into()),
                },
            }))
        };
        let bare = OpenedLine::of_url(&url());
        let totals = Some(Counters { messages: 1, bytes: u64::MAX });
        let closed = ClosedLine::of(&End::Abandoned);
        let whole = ClosedLine {
            url: Some(url()),
            address: Some("127.0.0.1:80".into()),
            remark: Some("1 message for it dropped".into()),
            reason: "enough".into(),
            faults: vec!["a fault".into()],
            received: totals,
            sent: totals,
            elapsed: Some(Duration::from_micros(1_500)),
            ..closed.clone()
        };
        let address = Some("127.0.0.1:80".into());
        let handshake =
            RecordedHandshake { role: Some(RecordingRole::Server), url: url(), address, heads: heads.clone() };
        let not_opened = NotOpenedLine { handshake, why: "can't connect".into() };
        let never_sent = RecordedHandshake { url: url(), ..RecordedHandshake::default() };
        let never_sent = NotOpenedLine { handshake: never_sent, ..not_opened.clone() };
        let mut lines = Vec::new();
        for milestone in [
            opened(RecordingRole::Client),
            opened(RecordingRole::Server),
            opened(RecordingRole::Between),
            Milestone::Opened(Box::new(bare)),
            Milestone::NotOpened(Box::new(not_opened)),
            Milestone::NotOpened(Box::new(never_sent)),
            Milestone::Closed(Box::new(whole)),
            Milestone::Closed(Box::new(closed)),
            Milestone::Dropped { events: 3 },
            Milestone::Rule(RuleLine {
                way: "client→server".into(),
                condition: "match \"\\".into(),
                done: vec!["delay".into(), "drop".into()],
            }),
            Milestone::Injected(InjectedLine { fault: "reset".into(), way: None }),
            Milestone::Injected(InjectedLine { fault: "corrupt".into(), way: Some("server→client".into()) }),
        ] {
            lines.extend([None, Some(7)].map(|number| ConnectionLine {
                time: Some(SystemTime::UNIX_EPOCH),
                ..ConnectionLine::new(number, milestone.clone())
            }));
        }
        lines
    }

    #[test]
    fn what_is_written_is_read_back_as_it_was() {
        for line in every_line() {
            assert_eq!(serde_json::from_str::<ConnectionLine>(&line.line()).unwrap(), line);
        }
    }

    #[test]
    fn the_fields_have_their_order() {
        let heads = HandshakeHeads { request: "a".into(), response: "b".into() };
        let handshake = RecordedHandshake {
            role: Some(RecordingRole::Server),
            url: "ws://c/".into(),
            address: Some("d".into()),
            heads,
        };
        let subprotocol = Some("e".into());
        let opened = OpenedLine { handshake: handshake.clone(), subprotocol, ..OpenedLine::of_url("") };
        let failed = NotOpenedLine { handshake, why: "f".into() };
        let line = |milestone| {
            ConnectionLine { connection: Some(1), schema: SCHEMA, time: Some(SystemTime::UNIX_EPOCH), milestone }.line()
        };
        let begins = |name: &str| {
            format!(
                "{{\"connection\":1,\"schema\":1,\"time\":\"1970-01-01T00:00:00Z\",\"type\":\"{name}\",\"role\":\"server\",\
                 \"url\":\"ws://c/\",\"address\":\"d\",\"request\":\"a\",\"response\":\"b\","
            )
        };
        assert_eq!(line(Milestone::Opened(Box::new(opened))), begins("opened") + "\"subprotocol\":\"e\"}\n");
        assert_eq!(line(Milestone::NotOpened(Box::new(failed))), begins("not_opened") + "\"why\":\"f\"}\n");
    }

    #[test]
    fn every_line_is_as_the_schema_says() {
        let schema = Schema::read("recording.schema.json");
        for line in every_line() {
            schema.check(&serde_json::to_value(&line).unwrap());
            let told = serde_json::to_value(&line).unwrap();
            assert!(is_about_connection(told["type"].as_str().unwrap()), "{told}");
        }
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over() {
        let line = br#"{"schema":1,"type":"closed","code":1000,"why":"peer closed","moon":"full"}"#;
        let read = serde_json::from_slice::<ConnectionLine>(line).unwrap();
        let Milestone::Closed(closed) = read.milestone else { panic!("{read:?}") };
        assert_eq!((closed.code, closed.why.as_str(), read.time), (1000, "peer closed", None));
    }
}
