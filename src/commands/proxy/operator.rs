//! `proxy --prompt`: a person between clients and servers, who sees what both say, holds it, changes it and adds to it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::commands::desk::{Desk, Operates, ReadOn, missing_to_close};
use crate::commands::listening::CurrentRules;
use crate::commands::prompt::command::{ClientCommand, HoldRule, MiddleCommand, Operation, Outgoing, Which, WhichHeld};
use crate::commands::prompt::message_view::{self, SeenMessage};
use crate::handlers::held_message::MOST_HELD;
use crate::handlers::intervention::{
    Decided, HeldEntry, HeldState, HoldLimits, HoldNews, HoldWitness, Injection, Interventions,
};
use crate::script::RuleSpeaker;
use crate::server::modes::ConnectedClient;
use crate::server::{Intermediary, Intervention, Mediation};
use crate::view::amount::{Age, Bytes, Count};
use crate::ws::{Close, Kind, Message, OwnedItem};

/// How many held messages a list has.
const LISTED: usize = 100;

/// Blanks before what a held message says.
const CONTENT_INDENT: usize = 4;

const NOTHING_HELD: &str = "nothing is held";

/// What a line is answered that would be sent if anybody were meant.
const TO_WHOM: &str = "to whom? /inject client TEXT, or /inject server TEXT";

/// What the person's thread and those of the connections share.
#[derive(Debug)]
pub(super) struct Middle {
    desk: Desk,
    limits: Arc<HoldLimits>,
    /// By the number of the client. Those that have ended are gone with their connections.
    pairs: Mutex<BTreeMap<u64, Weak<Interventions>>>,
    hold: Mutex<Option<Arc<Hold>>>,
}

/// Which messages are held, of one connection or all.
#[derive(Debug)]
struct Hold {
    connection: Option<u64>,
    rule: HoldRule,
}

impl Middle {
    /// `time` is how long a message is held at most.
    pub(super) fn new(desk: Desk, time: Option<Duration>) -> Self {
        let limits = Arc::new(HoldLimits::new(time));
        Self { desk, limits, pairs: Mutex::default(), hold: Mutex::default() }
    }

    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Those that are there, of one number or of any.
    fn present(&self, number: Option<u64>) -> Vec<(u64, Arc<Interventions>)> {
        let mut pairs = self.pairs();
        pairs.retain(|_, pair| pair.strong_count() > 0);
        let meant = pairs.iter().filter(|(pair, _)| number.is_none_or(|number| number == **pair));
        meant.filter_map(|(number, pair)| Some((*number, pair.upgrade()?))).collect()
    }

    /// What is held now, the oldest first.
    fn held(&self, number: Option<u64>) -> Vec<(u64, HeldEntry)> {
        let of = |(number, pair): (u64, Arc<Interventions>)| pair.held().into_iter().map(move |held| (number, held));
        let mut held: Vec<_> = self.present(number).into_iter().flat_map(of).collect();
        held.sort_by_key(|(_, held)| (held.number.is_none(), held.number, held.since));
        held
    }

    fn current_hold(&self) -> Option<Arc<Hold>> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the one that it replaces.
    fn set_hold(&self, hold: Option<Hold>) -> Option<Arc<Hold>> {
        let mut current = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, hold.map(Arc::new))
    }

    /// Ends the hold that is of this connection alone, if there is one.
    fn end_hold_of(&self, number: u64) -> Option<Arc<Hold>> {
        let mut current = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        current.take_if(|hold| hold.connection == Some(number))
    }

    fn pairs(&self) -> MutexGuard<'_, BTreeMap<u64, Weak<Interventions>>> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same where servers and connections know of it.
#[derive(Debug)]
pub(super) struct Person(pub(super) Arc<Middle>);

impl Intermediary for Person {
    fn joined(&self, client: &ConnectedClient<'_>, url: &str) -> io::Result<Mediation> {
        let Self(middle) = self;
        let shared = Interventions::new(Arc::clone(&middle.limits))?;
        middle.present(None);
        middle.pairs().insert(client.number, Arc::downgrade(&shared));
        let (taps, last) = middle.desk.clients.pair_taps(client, url);
        let witness = Arc::new(PairWitness { number: client.number, middle: Arc::clone(middle), last });
        Ok(Mediation { taps, intervention: Intervention { shared, witness } })
    }
}

/// What is decided about the messages of one client and its server.
#[derive(Debug)]
struct PairWitness {
    number: u64,
    middle: Arc<Middle>,
    /// The numbers of the last message of the client and of the server.
    last: [Arc<AtomicU64>; 2],
}

impl HoldWitness for PairWitness {
    fn holds(&self, speaker: RuleSpeaker) -> bool {
        self.middle.current_hold().is_some_and(|hold| hold.is_for(self.number, speaker))
    }

    fn judge(&self, speaker: RuleSpeaker, message: Message<'_>) -> (u64, bool) {
        let hold = self.middle.current_hold().filter(|hold| hold.is_for(self.number, speaker));
        let is_held = hold.is_some_and(|hold| {
            let filter = hold.rule.filter.as_ref();
            filter.is_none_or(|filter| filter.shows(speaker.direction(), SeenMessage::of(message).as_message()))
        });
        // Told just before, on this thread.
        (self.last[speaker.place()].load(Ordering::Relaxed), is_held)
    }

    fn tell(&self, speaker: RuleSpeaker, news: &HoldNews) {
        let told = format!("[{}] {}: {}", self.number, speaker.way(), words(news));
        // Peers can cause any number of these.
        let screen = &self.middle.desk.screen;
        screen.offer(screen.noted(told));
    }
}

impl Drop for PairWitness {
    fn drop(&mut self) {
        if let Some(hold) = self.middle.end_hold_of(self.number) {
            let screen = &self.middle.desk.screen;
            screen.offer(screen.noted(format!("{hold} ends with the connection")));
        }
    }
}

impl fmt::Display for Hold {
    /// As it was typed, and for which connection.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HoldRule { speaker, filter } = &self.rule;
        f.write_str("/hold")?;
        match speaker {
            Some(RuleSpeaker::Client) => f.write_str(" client")?,
            Some(RuleSpeaker::Server) => f.write_str(" server")?,
            None => {}
        }
        filter.iter().try_for_each(|filter| write!(f, " {filter}"))?;
        self.connection.map_or(Ok(()), |number| write!(f, " of [{number}]"))
    }
}

impl Hold {
    /// What it holds, in words.
    fn what(&self) -> String {
        let HoldRule { speaker, filter } = &self.rule;
        let from = match speaker {
            Some(RuleSpeaker::Client) => " from the client",
            Some(RuleSpeaker::Server) => " from the server",
            None => "",
        };
        let of = self.connection.map(|number| format!(" of [{number}]")).unwrap_or_default();
        match filter {
            Some(filter) => format!("what matches {filter}{from}{of}"),
            None => format!("everything{from}{of}"),
        }
    }

    fn is_for(&self, number: u64, speaker: RuleSpeaker) -> bool {
        self.connection.is_none_or(|meant| meant == number) && self.rule.speaker.is_none_or(|meant| meant == speaker)
    }
}

fn words(news: &HoldNews) -> String {
    match *news {
        HoldNews::Held { number, size } => format!("message {number} is held, {}", Bytes(size as u64)),
        HoldNews::Passed { count, first, why } => {
            format!("{} passed: {why}", counted(count, Some(first)))
        }
        HoldNews::Lost { count, first } => {
            let them = if count == 1 { "it" } else { "them" };
            format!("{} lost: nobody is there to have {them}", counted(count, first))
        }
        HoldNews::TooLong => format!("a message over {} MiB goes on, not held", MOST_HELD >> 20),
        HoldNews::NotInjected { count, first } => {
            let from = first.map(|first| format!(", from message {first} on")).unwrap_or_default();
            match (count, first) {
                (1, Some(number)) => format!("message {number} is not injected"),
                _ => format!("{} not injected{from}", Count(count as u64, "message")),
            }
        }
    }
}

fn not_held(number: u64) -> String {
    format!("message {number} is not held; /held lists what is")
}

/// The held messages that something has become of.
fn counted(count: usize, first: Option<u64>) -> String {
    match (count, first) {
        (1, Some(first)) => format!("message {first} is"),
        (1, None) => "part of a message is".to_owned(),
        (_, Some(first)) => format!("{} from {first} on are", Count(count as u64, "held message")),
        (_, None) => format!("{} are", Count(count as u64, "held message")),
    }
}

/// Who does what is typed.
#[derive(Debug)]
pub(super) struct ProxyOperator {
    middle: Arc<Middle>,
    /// The connection that is followed; `None` is all of them.
    followed: Option<u64>,
    /// What `/rules` reads again.
    rules: CurrentRules,
}

impl ProxyOperator {
    pub(super) fn new(middle: Arc<Middle>, rules: CurrentRules) -> Self {
        let operator = Self { middle, followed: None, rules };
        operator.follow();
        operator
    }

    fn desk(&self) -> &Desk {
        &self.middle.desk
    }

    fn follow(&self) {
        self.desk().show_addressee(self.followed);
        self.desk().clients.follow(self.followed);
    }

    fn send(&self, outgoing: &Outgoing) {
        match outgoing {
            Outgoing::Item(OwnedItem::Close(close)) => self.close(self.followed, close),
            _ => self.desk().screen.fault(TO_WHOM),
        }
    }

    fn clients(&mut self, command: ClientCommand) {
        match command {
            ClientCommand::List => self.list(),
            ClientCommand::Use(Some(number)) if self.middle.present(Some(number)).is_empty() => {
                self.desk().tell_missing(number, self.followed);
            }
            ClientCommand::Use(number) => {
                self.followed = number;
                self.follow();
            }
            ClientCommand::Close(number, close) => self.close(number, &close),
            // A server's alone.
            ClientCommand::To(..) => {}
        }
    }

    fn list(&self) {
        let clients = self.desk().clients.list();
        self.desk().screen.note(Count(clients.len() as u64, "client"));
        self.desk().lines(&clients);
    }

    fn close(&self, number: Option<u64>, close: &Close) {
        let pairs = self.middle.present(number);
        pairs.iter().for_each(|(_, pair)| pair.close(close.clone()));
        match number {
            Some(number) if pairs.is_empty() => {
                self.desk().screen.fault(missing_to_close(number, self.followed));
            }
            None if pairs.is_empty() => self.desk().screen.fault("no clients: nothing to close"),
            _ => {}
        }
    }

    fn intervene(&mut self, command: MiddleCommand) {
        match command {
            MiddleCommand::Hold(rule) => self.hold(rule),
            MiddleCommand::Held => self.list_held(),
            MiddleCommand::FindHeld(which, found) => self.find_held(which, &found),
            MiddleCommand::Pass(which) => self.decide(which, "passed", &|pair, number| pair.pass(number)),
            MiddleCommand::Drop(which) => self.decide(which, "dropped", &|pair, number| pair.drop_held(number)),
            MiddleCommand::Replace { number, kind, content } => self.replace(number, kind, content),
            MiddleCommand::Inject(to, item) => self.inject(to, item),
            MiddleCommand::Again(which) => self.send_again(which),
        }
    }

    fn hold(&self, rule: Option<HoldRule>) {
        let screen = &self.desk().screen;
        let connection = self.followed;
        if let Some(rule) = rule {
            if let Some(number) = connection.filter(|_| self.middle.present(connection).is_empty()) {
                return self.desk().tell_missing(number, connection);
            }
            let hold = Hold { connection, rule };
            let what = hold.what();
            let replaced = self.middle.set_hold(Some(hold));
            let time = self.middle.limits.time().map(|time| format!(" for up to {time:?}")).unwrap_or_default();
            screen.note(format_args!("{what} is held{time}: /pass, /drop, /held, /hold off"));
            if let Some(replaced) = replaced {
                screen.note(format_args!("it replaces {replaced}; what that holds is held on"));
            }
            return;
        }
        self.middle.set_hold(None);
        let passed: usize = self.middle.present(None).iter().map(|(_, pair)| pair.pass_all()).sum();
        let told = if passed > 0 { format!("; {} passed", Count(passed as u64, "message")) } else { String::new() };
        screen.note(format_args!("nothing is held any more{told}"));
    }

    fn list_held(&self) {
        let held = self.middle.held(self.followed);
        if held.is_empty() {
            return self.desk().screen.note(NOTHING_HELD);
        }
        let count = held.iter().filter(|(_, held)| held.state == HeldState::Held).count();
        self.desk().screen.note(format_args!("{} held", Count(count as u64, "message")));
        let line = |(number, held): &(u64, HeldEntry)| {
            let kind = match held.kind {
                Kind::Text => "text",
                Kind::Binary => "binary",
            };
            let waits = match held.state {
                HeldState::Held => "held",
                HeldState::Waits => "waits for what is held before it",
                HeldState::Gathers => "not all of it has come",
            };
            let (size, age) = (Bytes(held.size as u64), Age(held.since.elapsed()));
            let own = held.number.map_or_else(|| "part".to_owned(), |number| number.to_string());
            format!("{own} [{number}] {} {kind}, {size}, {waits} for {age}", held.speaker.way())
        };
        for entry in held.iter().take(LISTED) {
            self.desk().lines(&[line(entry)]);
            self.show_held(&entry.1);
        }
        let more = held.len().saturating_sub(LISTED) as u64;
        self.desk().lines((more > 0).then(|| format!("… {}", Count(more, "more message"))).as_slice());
    }

    /// What it says, as far as a row has room for it.
    fn show_held(&self, held: &HeldEntry) {
        let record = held.number.and_then(|number| self.desk().clients.transcript().get(number));
        let message = record.as_ref().and_then(|record| record.as_message());
        let screen = &self.desk().screen;
        if let Some(message) = message.filter(|message| !message.content.is_empty()) {
            screen.say(message_view::content_row(message, CONTENT_INDENT, screen.paint));
        }
    }

    /// Tells which message is meant, or the oldest, if it is held.
    fn find_held(&self, which: Option<Which>, found: &Sender<u64>) {
        let held = self.middle.held(self.followed);
        let mut held =
            held.iter().filter(|(_, held)| held.state == HeldState::Held).filter_map(|(_, held)| held.number);
        let number = match which {
            None => held.next().ok_or_else(|| NOTHING_HELD.to_owned()),
            Some(which) => self
                .desk()
                .clients
                .transcript()
                .find(which)
                .map(|(number, _)| number)
                .and_then(|number| held.find(|held| *held == number).ok_or_else(|| not_held(number))),
        };
        match number {
            // Who asks has waited as long as it takes.
            Ok(number) => drop(found.send(number)),
            Err(why) => self.desk().screen.fault(why),
        }
    }

    /// Has something done to the messages that are meant, and tells it.
    fn decide(&self, which: WhichHeld, done: &str, decide: &dyn Fn(&Interventions, u64) -> Option<Decided>) {
        let all = self.middle.held(self.followed).into_iter();
        let mut held = all.filter(|(_, held)| held.state == HeldState::Held).filter_map(|(_, held)| held.number);
        let numbers: Vec<_> = match which {
            WhichHeld::Number(number) => vec![number],
            WhichHeld::Oldest => held.next().into_iter().collect(),
            WhichHeld::All => held.collect(),
        };
        if numbers.is_empty() {
            return self.desk().screen.fault(NOTHING_HELD);
        }
        let pairs = self.middle.present(None);
        let decided = numbers.iter().map(|number| {
            let found = pairs.iter().find_map(|(pair, interventions)| Some((*pair, decide(interventions, *number)?)));
            (*number, found)
        });
        let decided: Vec<_> = decided.collect();
        match decided[..] {
            [(number, None)] => self.tell_not_held(number),
            [(_, Some((pair, decided)))] => self.tell_decided(pair, decided, done),
            _ => {
                let count = decided.iter().filter(|(_, found)| found.is_some()).count();
                self.desk().screen.note(format_args!("{} {done}", Count(count as u64, "message")));
            }
        }
    }

    /// What takes its place is a message of its own.
    fn replace(&self, number: u64, kind: Kind, content: Vec<u8>) {
        let is_it = |held: &HeldEntry| held.number == Some(number) && held.state == HeldState::Held;
        let held = self.middle.held(None).into_iter().find(|(_, held)| is_it(held));
        let found = held.and_then(|(pair, held)| {
            let [(_, interventions)] = &self.middle.present(Some(pair))[..] else { return None };
            let item = OwnedItem::Message { kind, content: content.clone() };
            // Before the answer to it.
            let new = self.desk().clients.injected(pair, held.speaker.direction(), &item)?;
            Some((pair, new, interventions.replace(number, kind, &content)))
        });
        match found {
            Some((pair, new, Some(decided))) => {
                self.tell_decided(pair, decided, &format!("replaced by message {new}"));
            }
            Some((_, new, None)) => {
                let what = format!("message {number} has passed meanwhile; message {new} is not sent");
                self.desk().screen.fault(what);
            }
            None => self.tell_not_held(number),
        }
    }

    fn tell_not_held(&self, number: u64) {
        self.desk().screen.fault(not_held(number));
    }

    fn tell_decided(&self, pair: u64, Decided { speaker, number, behind }: Decided, done: &str) {
        let behind = behind.filter(|_| done != "dropped").map(|before| format!(", once {before} is passed or dropped"));
        let behind = behind.unwrap_or_default();
        self.desk().screen.note(format_args!("[{pair}] {}: message {number} is {done}{behind}", speaker.way()));
    }

    /// To the connection that is followed, or the only one.
    fn inject(&self, to: RuleSpeaker, item: OwnedItem) {
        let pairs = self.middle.present(self.followed);
        let [(number, pair)] = &pairs[..] else {
            return match self.followed {
                Some(number) => self.desk().tell_missing(number, self.followed),
                None if pairs.is_empty() => self.desk().screen.fault("no clients: nobody to send it to"),
                None => self.desk().screen.fault("on which connection? /use N picks one, /clients lists them"),
            };
        };
        // It goes where the other side's messages go.
        self.inject_as(*number, pair, to.other(), item);
    }

    /// Sends a message that is kept once more, the way it took, on its connection.
    fn send_again(&self, which: Which) {
        let record = match self.desk().clients.transcript().find(which) {
            Ok((_, record)) => record,
            Err(why) => return self.desk().screen.fault(why),
        };
        let (Some(message), Some(connection), Some(direction)) =
            (record.as_message(), record.connection, record.direction)
        else {
            return;
        };
        if record.truncated {
            return self.desk().screen.fault("the message is too long: not all of it is kept");
        }
        match &self.middle.present(Some(connection))[..] {
            [(number, pair)] => {
                let item = OwnedItem::Message { kind: message.kind, content: message.content.to_vec() };
                self.inject_as(*number, pair, RuleSpeaker::of(direction), item);
            }
            _ => self.desk().tell_missing(connection, self.followed),
        }
    }

    fn inject_as(&self, number: u64, pair: &Interventions, speaker: RuleSpeaker, item: OwnedItem) {
        let way = format!("[{number}] {}", speaker.way());
        if !pair.take_place(speaker, item.size()) {
            return self.desk().screen.fault(format_args!("{way}: not injected, what was before waits"));
        }
        // Before the answer to it.
        let record = self.desk().clients.injected(number, speaker.direction(), &item);
        let as_what = record.map(|number| format!(" as message {number}")).unwrap_or_default();
        let screen = &self.desk().screen;
        match pair.inject(speaker, item, record) {
            Injection::Now => screen.note(format_args!("{way}: injected{as_what}")),
            Injection::Later => screen.note(format_args!("{way}: injected{as_what}, once what is under way has gone")),
            Injection::Refused => screen.fault(format_args!("{way}: not injected{as_what}, the connection ends")),
        }
    }
}

impl Operates for ProxyOperator {
    fn perform(&mut self, operation: Operation) -> ReadOn {
        match operation {
            Operation::Send(outgoing) => self.send(&outgoing),
            Operation::Clients(command) => self.clients(command),
            Operation::Middle(command) => self.intervene(command),
            Operation::ReadRules => {
                let read = self.rules.read_again();
                read.unwrap_or_else(|why| self.desk().screen.fault(why));
            }
            Operation::Quit => return ReadOn::Stop,
            operation => self.desk().perform(operation, self.followed),
        }
        ReadOn::Line
    }

    fn stop_what_is_under_way(&mut self) -> bool {
        self.desk().screen.stop_printing()
    }

    fn tell_what_ends(&self) {
        let clients = Count(self.middle.present(None).len() as u64, "client");
        self.desk().screen.note(format_args!(
            "Ctrl-C again stops the proxy: what is held passes; {clients} and as many servers are told 1001"
        ));
    }
}
