//! One connection that is kept alive by one thing, or by nothing, until it ends or has lived long enough.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::net::{End, Handler, Sender};
use crate::peer_text::PeerText;
use crate::view::amount::{Count, Millis};
use crate::ws::{Close, Data, Event, Item, Kind, StatusCode};

/// How often a connection looks whether it has lived long enough, at the least.
const LOOK: Duration = Duration::from_secs(1);

/// The payload of our Pings, to know their Pongs by.
const PAYLOAD: &[u8] = b"wscli";

/// What a connection is kept alive by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeptBy {
    /// Nothing of ours, but that Pings of the server are answered, as every client does.
    Silence,
    /// Nothing at all: Pings of the server go unanswered.
    NoPongs,
    Pings,
    /// Unsolicited ones (RFC 6455 §5.5.3).
    Pongs,
    Messages,
    /// Segments without data, which only the ends of the TCP connection see.
    TcpKeepalive,
}

impl KeptBy {
    pub(super) const ALL: [Self; 6] =
        [Self::Silence, Self::NoPongs, Self::Pings, Self::Pongs, Self::Messages, Self::TcpKeepalive];

    /// What is sent, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::NoPongs => "no pongs",
            Self::Pings => "pings",
            Self::Pongs => "pongs only",
            Self::Messages => "messages",
            Self::TcpKeepalive => "TCP keepalive",
        }
    }
}

/// How a connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndedBy {
    /// It was alive when it had been watched long enough.
    Open,
    /// The server sent a Close frame.
    Close,
    /// The TCP connection was ended without a Close frame.
    Fin,
    /// The TCP connection was reset, or failed otherwise.
    Reset,
    /// Nothing came any more, no Pong either.
    NoAnswer,
    /// The server broke the protocol.
    Violation,
    /// We were stopped.
    Stopped,
    /// It never was opened.
    NotOpened,
}

impl EndedBy {
    /// Whether somebody else has ended it.
    pub(crate) fn is_end(self) -> bool {
        matches!(self, Self::Close | Self::Fin | Self::Reset | Self::NoAnswer | Self::Violation)
    }
}

/// What has become of a connection.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Lifetime {
    pub(crate) kept_by: KeptBy,
    pub(crate) ended_by: EndedBy,
    /// How long it lived, or was watched.
    #[serde(rename = "lived_ms", serialize_with = "millis")]
    pub(crate) lived: Duration,
    pub(crate) code: Option<u16>,
    /// How it ended, in words.
    pub(crate) ending: PeerText,
    /// Pings of the server's.
    pub(crate) server_pings: u64,
    /// From the first of them to the last, divided by what lies between.
    pub(crate) server_ping_interval_ms: Option<Millis>,
    /// Messages came, as answers or of the server's own accord.
    pub(crate) received_messages: u64,
    /// The beginning of the last of them.
    pub(crate) last_message: Option<PeerText>,
}

fn millis<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    Millis(*time).serialize(serializer)
}

impl Lifetime {
    /// Of one that never was opened.
    pub(super) fn not_opened(kept_by: KeptBy, why: &str) -> Self {
        Self {
            kept_by,
            ended_by: EndedBy::NotOpened,
            lived: Duration::ZERO,
            code: None,
            ending: PeerText::new(why),
            server_pings: 0,
            server_ping_interval_ms: None,
            received_messages: 0,
            last_message: None,
        }
    }
}

/// How long connections are watched: as long as was asked for, but no longer than tells the one that ended first from the others.
#[derive(Debug)]
pub(super) struct Watching {
    most: Duration,
    /// How long the first lived that ended without being asked to.
    shortest: Mutex<Option<Duration>>,
}

impl Watching {
    pub(super) fn new(most: Duration) -> Self {
        Self { most, shortest: Mutex::new(None) }
    }

    fn has_ended(&self, lived: Duration) {
        let mut shortest = self.shortest.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *shortest = Some(shortest.map_or(lived, |shortest| shortest.min(lived)));
    }

    /// Three times as long as the first lived, and at least ten seconds longer.
    fn time(&self) -> Duration {
        let shortest = *self.shortest.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let enough = shortest.map(|shortest| (3 * shortest).max(shortest + Duration::from_secs(10)));
        enough.map_or(self.most, |enough| enough.min(self.most))
    }
}

/// Keeps one connection alive, and takes note of its end.
pub(super) struct LifetimeProbe<'a> {
    kept_by: KeptBy,
    watching: &'a Watching,
    /// From one thing that is sent to the next.
    every: Duration,
    /// For the Pong to a Ping of ours.
    patience: Duration,
    message: &'a str,
    opened: Instant,
    has_begun: bool,
    /// When the next thing is sent.
    due: Instant,
    looked: Instant,
    /// A Ping of ours that waits for its Pong.
    asked: Option<Instant>,
    /// The last is asked for: whether the connection is alive at the end.
    is_last: bool,
    outcome: Option<EndedBy>,
    ended: Option<Instant>,
    server_pings: u64,
    server_pinged: Option<(Instant, Instant)>,
    received_messages: u64,
    last_message: Option<MessageBeginning>,
}

/// Bytes that are kept of a message.
const KEPT: usize = 80;

/// A message of the server's, of which the beginning is kept.
#[derive(Debug)]
struct MessageBeginning {
    kind: Kind,
    beginning: Vec<u8>,
    length: usize,
}

impl MessageBeginning {
    fn add(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.beginning.len());
        self.beginning.extend_from_slice(&bytes[..room.min(bytes.len())]);
        self.length += bytes.len();
    }

    fn into_words(self) -> PeerText {
        if self.kind != Kind::Text {
            return PeerText::new(format!("binary, {}", Count(self.length as u64, "byte")));
        }
        let text = String::from_utf8_lossy(&self.beginning);
        // The last character may be in two.
        let cut = (self.length > self.beginning.len()).then(|| text.trim_end_matches(char::REPLACEMENT_CHARACTER));
        PeerText::new(cut.map_or_else(|| text.to_string(), |cut| format!("{cut} …")))
    }
}

impl<'a> LifetimeProbe<'a> {
    pub(super) fn new(
        (kept_by, opened): (KeptBy, Instant),
        watching: &'a Watching,
        (every, patience): (Duration, Duration),
        message: &'a str,
    ) -> Self {
        Self {
            kept_by,
            watching,
            every,
            patience,
            message,
            opened,
            has_begun: false,
            due: opened + every,
            looked: opened,
            asked: None,
            is_last: false,
            outcome: None,
            ended: None,
            server_pings: 0,
            server_pinged: None,
            received_messages: 0,
            last_message: None,
        }
    }

    /// What has become of it.
    pub(super) fn lifetime(self, end: &End) -> Lifetime {
        let ended_by = self.outcome.unwrap_or_else(|| ended_by(end));
        let lived = self.ended.unwrap_or_else(Instant::now).saturating_duration_since(self.opened);
        if ended_by.is_end() {
            self.watching.has_ended(lived);
        }
        let between = u32::try_from(self.server_pings.saturating_sub(1)).unwrap_or(u32::MAX);
        let interval = self.server_pinged.and_then(|(first, last)| (last - first).checked_div(between));
        let close = end.close().filter(|_| ended_by == EndedBy::Close);
        let ending = match ended_by {
            EndedBy::Open => "open".to_owned(),
            EndedBy::NoAnswer => format!("no answer to a Ping within {:?}", self.patience),
            _ => end.to_string(),
        };
        Lifetime {
            kept_by: self.kept_by,
            ended_by,
            lived,
            code: close.and_then(|close| close.code).map(|code| code.0),
            ending: PeerText::new(ending),
            server_pings: self.server_pings,
            server_ping_interval_ms: interval.map(Millis),
            received_messages: self.received_messages,
            last_message: self.last_message.map(MessageBeginning::into_words),
        }
    }

    /// Sends what keeps the connection alive. It is refused where the connection is closing already.
    fn keep_alive(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.due = now + self.every;
        match self.kept_by {
            KeptBy::Silence | KeptBy::NoPongs | KeptBy::TcpKeepalive => {}
            KeptBy::Pings => self.ask(now, sender),
            KeptBy::Pongs => drop(sender.send(Item::Pong(b""))),
            KeptBy::Messages => drop(sender.data(Kind::Text, self.message.as_bytes(), true)),
        }
    }

    fn received(&mut self, data: &Data<'_>) {
        self.received_messages += u64::from(data.last);
        if data.first {
            self.last_message = Some(MessageBeginning { kind: data.kind, beginning: Vec::new(), length: 0 });
        }
        if let Some(message) = &mut self.last_message {
            message.add(data.bytes);
        }
    }

    fn ask(&mut self, now: Instant, sender: &mut Sender<'_>) {
        // Refused when the connection is closing already.
        let _ = sender.send(Item::Ping(PAYLOAD));
        self.asked.get_or_insert(now);
    }

    fn finish(&mut self, outcome: EndedBy, now: Instant, sender: &mut Sender<'_>) {
        self.outcome = Some(outcome);
        self.ended = Some(now);
        // Refused when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
    }
}

impl Handler for LifetimeProbe<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        let now = Instant::now();
        match event {
            Event::Ping(_) => {
                self.server_pings += 1;
                self.server_pinged = Some((self.server_pinged.map_or(now, |(first, _)| first), now));
            }
            Event::Pong(PAYLOAD) => {
                self.asked = None;
                if self.is_last && self.outcome.is_none() {
                    self.finish(EndedBy::Open, now, sender);
                }
            }
            Event::Data(data) => self.received(&data),
            Event::Close(_) => {
                self.ended.get_or_insert(now);
            }
            _ => {}
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.looked = now;
        if !std::mem::replace(&mut self.has_begun, true) && self.kept_by == KeptBy::NoPongs {
            sender.set_answer_pings(false);
        }
        if self.outcome.is_some() || sender.has_ended() || sender.is_closing() {
            return;
        }
        if self.asked.is_some_and(|asked| now >= asked + self.patience) {
            // It has lived until it was asked in vain, at the longest.
            self.outcome = Some(EndedBy::NoAnswer);
            self.ended = self.asked;
        } else if !self.is_last && now >= self.opened + self.watching.time() {
            self.is_last = true;
            self.ask(now, sender);
        } else if !self.is_last && now >= self.due {
            self.keep_alive(now, sender);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let asked = self.asked.map(|asked| asked + self.patience);
        let looks = (!self.is_last).then_some(self.due.min(self.looked + LOOK));
        [asked, looks].into_iter().flatten().min().filter(|_| self.outcome.is_none())
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.finish(EndedBy::Stopped, Instant::now(), sender);
        false
    }

    fn wants_abort(&self) -> bool {
        self.outcome == Some(EndedBy::NoAnswer)
    }
}

fn ended_by(end: &End) -> EndedBy {
    match end {
        End::Closed { .. } => EndedBy::Close,
        End::Dropped(_) => EndedBy::Fin,
        End::ReadFailed(..) | End::WriteFailed(..) => EndedBy::Reset,
        End::Violation(_) => EndedBy::Violation,
        End::NotTaken | End::KeepaliveFailed(_) | End::CloseUnanswered(_) => EndedBy::NoAnswer,
        End::Abandoned => EndedBy::Stopped,
    }
}
