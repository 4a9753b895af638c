//! The clients as the person at the prompt sees them: what they are, what they say, and what of it can be looked at again.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use crate::commands::prompt::asked_pings::AskedPings;
use crate::commands::prompt::connection_counts::ConnectionCounts;
use crate::commands::prompt::event_file::{EventFile, LogFiles};
use crate::commands::prompt::message_display::MessageDisplay;
use crate::commands::prompt::message_view;
use crate::commands::prompt::saving::Saving;
use crate::commands::prompt::screen::{Screen, whole_columns};
use crate::commands::prompt::status::Status;
use crate::commands::prompt::transcript::{Other, Transcript};
use crate::http::{Secrets, shown_url};
use crate::peer_text::{Escaped, Quoted};
use crate::script::RuleSpeaker;
use crate::server::modes::{Audience, ClientTap, ConnectedClient};
use crate::trace::record::{Extent, Record};
use crate::trace::record_type::RecordType;
use crate::trace::recorder::{Moment, Recorder};
use crate::trace::stats::QueuedMessages;
use crate::view::amount::Count;
use crate::view::control_payload::control_words;
use crate::view::frames::FrameLines;
use crate::view::head;
use crate::view::spans::Style;
use crate::ws::{Direction, Event, OwnedItem};

/// Clients of which each is named that doesn't answer a Ping.
const OVERDUE: usize = 8;

/// Bytes of a message that are kept, for each client that is sending one.
const KEPT: usize = 1 << 20;

/// Clones are the same clients.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    shared: Arc<Shared>,
    screen: Screen,
    status: Status,
    messages: MessageDisplay,
    secrets: Secrets,
}

#[derive(Debug, Default)]
struct Shared {
    present: Mutex<BTreeMap<u64, Present>>,
    /// Of `/log`.
    log: Mutex<EventFile>,
    logs: LogFiles,
    saving: Mutex<Saving>,
    transcript: Transcript,
    /// The one whose messages alone are shown; 0 is none.
    followed: AtomicU64,
}

/// A client that is there.
#[derive(Debug)]
struct Present {
    facts: Vec<String>,
    /// Of its request, as it was on the wire.
    head: Vec<u8>,
    counts: ConnectionCounts,
    /// Of the connection behind, where there is one.
    far: ConnectionCounts,
    /// Pings from the keyboard.
    asked: AskedPings,
    /// Of each message that was sent and isn't told yet, whether a rule answers with it.
    by_rule: VecDeque<bool>,
}

impl Clients {
    /// `secrets` says what becomes of those in what clients ask for.
    pub(crate) fn new(screen: Screen, status: Status, secrets: Secrets) -> Self {
        let shared: Arc<Shared> = Arc::default();
        let messages = MessageDisplay::new(screen.clone(), status.clone(), shared.transcript.clone());
        Self { shared, screen, status, messages, secrets }
    }

    /// What they said, and was said to them.
    pub(crate) fn transcript(&self) -> &Transcript {
        &self.shared.transcript
    }

    /// Shows the messages of this one alone; `None` of all.
    pub(crate) fn follow(&self, number: Option<u64>) {
        self.shared.followed.store(number.unwrap_or_default(), Ordering::Relaxed);
    }

    fn is_followed(&self, number: u64) -> bool {
        let followed = self.shared.followed.load(Ordering::Relaxed);
        followed == 0 || followed == number
    }

    /// What is known of one; `None` if it isn't there.
    pub(crate) fn info(&self, number: u64) -> Option<Vec<String>> {
        self.present().get(&number).map(|client| client.facts.clone())
    }

    /// The headers of its request.
    pub(crate) fn headers(&self, number: u64) -> Option<Vec<String>> {
        let present = self.present();
        present.get(&number).map(|client| head::lines('<', &client.head, &client.head, self.secrets))
    }

    /// Begins a log of what all of them say and are told, or ends the one there is.
    pub(crate) fn log(&self, path: Option<&Path>) {
        // Nobody who logs waits until it is open.
        let current = self.log_file().clone();
        let Some(next) = current.next(&self.shared.logs, path, None, ("", &self.screen)) else { return };
        drop(current);
        let last = std::mem::replace(&mut *self.log_file(), next);
        self.saving().end_log(last, &self.screen);
    }

    /// What is logged, in words.
    pub(crate) fn log_told(&self) -> String {
        self.log_file().told(&self.shared.logs, "")
    }

    pub(crate) fn is_logging(&self) -> bool {
        self.log_file().is_open()
    }

    /// Writes what is still there of what they said and were told.
    pub(crate) fn save(&self, path: &Path, overwrite: bool) {
        self.saving().save(self.transcript(), path, overwrite, &self.screen);
    }

    /// Nothing is logged or saved any more.
    pub(crate) fn finish(&self) {
        self.log(None);
        self.saving().finish();
    }

    /// What went over its connection.
    pub(crate) fn stats(&self, number: u64, queued: QueuedMessages) -> Option<Vec<String>> {
        let (lines, asked, far) = self.present().get(&number).map(|client| {
            let lines = client.counts.lines(Instant::now(), queued);
            (lines, client.asked.words(), client.far.untaken(QueuedMessages::default()))
        })?;
        let far = far.map(|untaken| format!("waiting for the server: {untaken}"));
        Some(lines.into_iter().chain(asked).chain(far).chain(self.messages.requests_line()).collect())
    }

    /// Those that are there.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.present().keys().copied().collect()
    }

    /// Where each has come from, and what it asked for.
    pub(crate) fn list(&self) -> Vec<String> {
        let present = self.present();
        present.iter().map(|(number, client)| format!("[{number}] {}", client.facts[0])).collect()
    }

    /// The answer to this is shown: to a Ping for one of them, or all.
    pub(crate) fn expect_pong(&self, number: Option<u64>, payload: &[u8]) {
        let mut present = self.present();
        let asked = present.iter_mut().filter(|(client, _)| number.is_none_or(|number| number == **client));
        asked.for_each(|(_, client)| client.asked.add(payload.to_vec(), Instant::now()));
    }

    /// When it may have to be said next that a Ping isn't answered.
    pub(super) fn pings_overdue_at(&self) -> Option<Instant> {
        self.present().values().filter_map(|client| client.asked.deadline()).min()
    }

    /// Tells of Pings that aren't answered.
    pub(super) fn check_pings(&self, now: Instant) {
        let mut present = self.present();
        let overdue = present.iter_mut().filter_map(|(number, client)| {
            client.asked.look(now).then(|| format!("[{number}] {}", client.asked.told()))
        });
        let told: Vec<String> = overdue.collect();
        drop(present);
        told.iter().take(OVERDUE).for_each(|told| self.screen.note(told));
        if let Some(more) = told.len().checked_sub(OVERDUE).filter(|more| *more > 0) {
            self.screen.note(format_args!("nor from {}", Count(more as u64, "other client")));
        }
    }

    /// Keeps what a person sends one of them, or its server, if it is a message. Returns its number then.
    pub(crate) fn injected(&self, number: u64, direction: Direction, item: &OwnedItem) -> Option<u64> {
        let (OwnedItem::Message { kind, content } | OwnedItem::Fragmented { kind, content, .. }) = item else {
            return None;
        };
        let record = Record::message(direction, *kind, content.into(), content.len() as u64, Extent::default());
        let record = Record { connection: Some(number), time: Some(SystemTime::now()), ..record };
        self.log_file().write(&record, &self.screen);
        Some(self.messages.keep(record))
    }

    /// Returns the number of a message.
    fn tell(&self, number: u64, record: Record<'_>, passes: bool) -> Option<u64> {
        self.log_file().write(&record, &self.screen);
        if record.as_message().is_none() {
            self.shared.transcript.add_other(Other::Record(Arc::new(record.clone().into_owned())));
        }
        match (record.kind, record.direction) {
            (RecordType::Text | RecordType::Binary, Some(_)) if passes => self.passing(number, record),
            (RecordType::Text | RecordType::Binary, Some(direction)) => self.message(number, direction, record),
            (RecordType::Ping | RecordType::Pong, Some(direction)) => {
                self.control(number, direction, &record);
                None
            }
            // The log has it with the end of the connection.
            _ => None,
        }
    }

    /// A message on its way from one side to the other.
    fn passing(&self, number: u64, record: Record<'_>) -> Option<u64> {
        match self.is_followed(number) {
            true => self.messages.message(record),
            false => Some(self.messages.keep(record)),
        }
    }

    /// What was sent is on the screen already where it was typed there.
    fn message(&self, number: u64, direction: Direction, record: Record<'_>) -> Option<u64> {
        let is_by_rule = || self.present().get_mut(&number).and_then(|client| client.by_rule.pop_front());
        match direction {
            Direction::Sent if is_by_rule() != Some(true) => Some(self.messages.keep(record)),
            Direction::Sent | Direction::Received => self.messages.message(record),
        }
    }

    fn control(&self, number: u64, direction: Direction, record: &Record<'_>) {
        let mut is_asked = false;
        if direction == Direction::Received && record.kind == RecordType::Pong {
            let mut present = self.present();
            let Some(client) = present.get_mut(&number) else { return };
            if let Some(round_trip) = record.round_trip {
                client.counts.answered(round_trip);
            }
            is_asked = client.asked.answer(record.content());
        }
        let is_shown = self.is_followed(number) && self.status.settings(|settings| settings.pings);
        if is_asked || is_shown {
            let words = control_words(record.kind.name(), record.content(), record.round_trip);
            let head = self.messages.head(record, None);
            self.screen.offer(message_view::words(&head, Style::Plain, &words, self.screen.paint));
        }
    }

    /// What belongs to the line before is a row of a dump, which has no time of its own.
    fn frame(&self, mark: &str, line: &str) {
        let (is_row, line) = (line.starts_with(' '), format!("{mark}{line}"));
        let screen = &self.screen;
        screen.offer(if is_row { screen.whole(Style::Faint, &line) } else { screen.timed(Style::Faint, &line) });
    }

    /// Does something with the counts of a client's connection, or of the one behind.
    fn count<T>(&self, number: u64, hop: &SeenHop, count: impl FnOnce(&mut ConnectionCounts) -> T) -> Option<T> {
        let mut present = self.present();
        let client = present.get_mut(&number)?;
        Some(count(if matches!(hop, SeenHop::Far(_)) { &mut client.far } else { &mut client.counts }))
    }

    fn log_file(&self) -> MutexGuard<'_, EventFile> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saving(&self) -> MutexGuard<'_, Saving> {
        self.shared.saving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn present(&self) -> MutexGuard<'_, BTreeMap<u64, Present>> {
        self.shared.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clients {
    /// From now on it is there.
    fn enter(&self, client: &ConnectedClient<'_>, facts: Vec<String>, now: Instant) {
        let head = client.request.raw.clone();
        let [counts, far] = [(); 2].map(|()| ConnectionCounts::new(now));
        let present = Present { facts, head, counts, far, asked: AskedPings::default(), by_rule: VecDeque::new() };
        self.present().insert(client.number, present);
    }

    fn tap(&self, client: &ConnectedClient<'_>, hop: SeenHop, now: Instant) -> Box<dyn ClientTap> {
        let number = client.number;
        let recorder = Recorder::keeping(KEPT, Some(number), now);
        Box::new(RecordingTap {
            number,
            clients: self.clone(),
            recorder,
            frames: FrameLines::default(),
            hop,
            taken: 0,
            first_untaken: None,
        })
    }

    /// Who is told what passes between a client and the server at `url`: on the client's connection, and on the one behind, which
    /// has the next number. With the number of the last message of each side, known as soon as it is told.
    pub(crate) fn pair_taps(
        &self,
        client: &ConnectedClient<'_>,
        url: &str,
    ) -> ([Box<dyn ClientTap>; 2], [Arc<AtomicU64>; 2]) {
        let now = Instant::now();
        let mut facts = facts(client, self.secrets);
        facts[0] = format!("{} → {}", facts[0], Escaped(url));
        self.enter(client, facts, now);
        let last = [(); 2].map(|()| Arc::<AtomicU64>::default());
        let [near, far] = last.clone();
        let taps = [SeenHop::Near(near), SeenHop::Far(far)].map(|hop| self.tap(client, hop, now));
        (taps, last)
    }
}

impl Audience for Clients {
    fn joined(&self, client: &ConnectedClient<'_>) -> Box<dyn ClientTap> {
        let now = Instant::now();
        self.enter(client, facts(client, self.secrets), now);
        self.tap(client, SeenHop::Only, now)
    }

    fn sends(&self, number: u64, count: usize, by_rule: bool) {
        if let Some(client) = self.present().get_mut(&number) {
            client.by_rule.extend(std::iter::repeat_n(by_rule, count));
        }
    }
}

/// Which connection of a client is looked at.
#[derive(Debug)]
enum SeenHop {
    /// It has no other: what it is sent is ours.
    Only,
    /// The one that it has opened, of which only what it says is told.
    Near(Arc<AtomicU64>),
    /// The one behind, of which only what the server says is told: for the client.
    Far(Arc<AtomicU64>),
}

impl SeenHop {
    /// As who looks at both sides is to see it.
    fn seen<'a>(&self, record: Record<'a>) -> Option<Record<'a>> {
        match self {
            Self::Only => Some(record),
            Self::Near(_) | Self::Far(_) if record.direction != Some(Direction::Received) => None,
            Self::Near(_) => Some(record),
            Self::Far(_) => Some(Record { direction: Some(RuleSpeaker::Server.direction()), ..record }),
        }
    }
}

/// What a client said of itself: the first line is for a list of them.
fn facts(client: &ConnectedClient<'_>, secrets: Secrets) -> Vec<String> {
    let secure = if client.secure { " over TLS" } else { "" };
    let resource = shown_url(&client.request.resource, secrets);
    let mut facts = vec![format!("{} {}{secure}", client.peer, Escaped(&resource))];
    let subprotocol = client.subprotocol.map(|agreed| Escaped(agreed.shown(secrets)).to_string());
    facts.push(format!("subprotocol  {}", subprotocol.as_deref().unwrap_or("none")));
    for (name, header) in [("origin", "origin"), ("agent", "user-agent")] {
        let shown = client.request.header(header).map(|value| shown_url(value, secrets));
        facts.extend(shown.map(|value| format!("{name:<12} {}", Quoted(&value))));
    }
    facts
}

/// What happens on the connection of one of them.
#[derive(Debug)]
struct RecordingTap {
    number: u64,
    clients: Clients,
    recorder: Recorder,
    frames: FrameLines,
    hop: SeenHop,
    /// Bytes that the system has taken of what was sent.
    taken: u64,
    /// The number of the first message of ours that it hasn't.
    first_untaken: Option<u64>,
}

impl ClientTap for RecordingTap {
    fn event(&mut self, event: &Event<'_>) {
        let Self { number, clients, recorder, frames, hop, .. } = self;
        let detail = clients.status.settings(|settings| settings.frames);
        frames.set_detail(detail.unwrap_or_default());
        let mark = || format!("[{number}] {}", if matches!(hop, SeenHop::Far(_)) { "server side: " } else { "" });
        let lines = frames.event(event, || whole_columns().saturating_sub(mark().len()));
        if detail.is_some() {
            lines.iter().for_each(|line| clients.frame(&mark(), line));
        }
        clients.count(*number, hop, |counts| counts.event(event, Instant::now()));
        let record = recorder.event(event, Moment::now).and_then(|record| hop.seen(record));
        let told = record.and_then(|record| clients.tell(*number, record, !matches!(hop, SeenHop::Only)));
        if let (SeenHop::Near(last) | SeenHop::Far(last), Some(told)) = (&*hop, told) {
            last.store(told, Ordering::Relaxed);
        }
        if matches!(event, Event::Data(data) if data.direction == Direction::Sent && data.last) {
            let told = told.filter(|_| matches!(hop, SeenHop::Only));
            clients.count(*number, hop, |counts| counts.sent_message(told));
        }
    }

    fn taken(&mut self, bytes: u64, of: u64) {
        let Self { number, clients, hop, taken, first_untaken, .. } = self;
        *taken = bytes;
        let first = clients.count(*number, hop, |counts| {
            counts.taken(bytes, of);
            counts.first_untaken()
        });
        if std::mem::replace(first_untaken, first.flatten()) != *first_untaken {
            clients.transcript().set_first_untaken(Some(*number), *first_untaken);
        }
    }
}

impl RecordingTap {
    /// What never left is told and marked.
    fn end_counts(&self) {
        let Self { number, clients, hop, taken, .. } = self;
        let left = clients.count(*number, hop, |counts| counts.end_taking(*taken)).flatten();
        clients.transcript().set_first_untaken(Some(*number), None);
        if let Some((numbers, words)) = left {
            numbers.into_iter().for_each(|number| clients.transcript().mark_unsent(number));
            clients.screen.offer(clients.screen.noted(format!("[{number}] {words}")));
        }
    }
}

impl Drop for RecordingTap {
    fn drop(&mut self) {
        if matches!(self.hop, SeenHop::Far(_)) {
            return;
        }
        if matches!(self.hop, SeenHop::Only) {
            self.end_counts();
        }
        self.clients.present().remove(&self.number);
        self.clients.status.client_left(self.number);
    }
}
