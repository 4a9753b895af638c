//! Commands over the messages that are kept: on the editor's thread, so that the connection doesn't wait while a person reads.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::command::{Query, ShownPart, Which};
use super::connections::Connections;
use super::filter::place_of;
use super::interpreter;
use super::listing::Listing;
use super::message_view::{self, Inside, SeenMessage};
use super::screen::Screen;
use super::settings::Setting;
use super::status::Status;
use crate::peer_text::Escaped;
use crate::script::{Condition, Projection};
use crate::trace::record::Record;
use crate::view::amount::{Bytes, Count};
use crate::view::body::Format;
use crate::view::conversation::LineHead;
use crate::view::differences::{self, Edit};
use crate::view::spans::{Painted, Style};
use crate::ws::{Kind, Message};

/// Messages that `/grep` lists: the latest ones.
const FOUND: usize = 1000;

/// How long `/grep` goes on unpacking what is compressed inside of messages: a thousandth of what is in it may be kept.
const UNPACKING: Duration = Duration::from_secs(2);

/// Messages that are looked at for places of which values are to be shown, and for how long.
const LOOKED_AT: usize = 100;
const LOOKED_FOR: Duration = Duration::from_millis(100);

/// The largest message that is edited in a line, in bytes.
const EDITED: usize = 64 * 1024;

/// The largest message that is copied, in bytes: terminals take no more, and many less.
const COPIED: usize = 100_000;

/// Who looks at what is kept.
#[derive(Debug, Clone)]
pub(super) struct TranscriptReader {
    connections: Connections,
    screen: Screen,
    status: Status,
}

/// What is to be done with what was found.
pub(super) enum QueryResult {
    Listing(Listing),
    /// For the terminal's clipboard.
    Copy {
        content: Vec<u8>,
        told: String,
    },
    Pipe {
        message: Arc<Record<'static>>,
        command: String,
        /// What is to be known of the message.
        told: Option<String>,
    },
}

impl TranscriptReader {
    pub(super) fn new(connections: Connections, screen: Screen, status: Status) -> Self {
        Self { connections, screen, status }
    }

    /// # Errors
    /// Why it can't be done, in words.
    pub(super) fn find(&self, query: Query) -> Result<QueryResult, String> {
        Ok(match query {
            Query::List(count) => QueryResult::Listing(self.list(count).into()),
            Query::Show(which, shown) => self.show(which, shown)?,
            Query::Grep(condition) => QueryResult::Listing(self.grep(&condition).into()),
            Query::Copy(which, projection) => self.copy(which, projection.as_ref())?,
            Query::Pipe(which, command) => {
                let (number, message) = self.message(which)?;
                QueryResult::Pipe { told: still_compressed(number, &message, &command), message, command }
            }
            Query::Diff(one, other) => QueryResult::Listing(self.diff(one, other)?.into()),
        })
    }

    /// A message and its number.
    fn message(&self, which: Which) -> Result<(u64, Arc<Record<'static>>), String> {
        self.connections.transcript().find(which)
    }

    /// The line that sends a message as it is.
    ///
    /// # Errors
    /// That it isn't all there, or is too long for a line.
    pub(super) fn line(&self, which: Which) -> Result<String, String> {
        let (number, record) = self.message(which)?;
        if record.truncated || record.content().len() > EDITED {
            return Err(format!("message {number} is longer than {}, too long to be edited", Bytes(EDITED as u64)));
        }
        Ok(match &record.text {
            Some(text) => interpreter::line_of(text, self.status.settings(|settings| settings.template)),
            None => format!("/binary {}", data_encoding::HEXLOWER.encode(record.content())),
        })
    }

    /// What a message begins with here: it is long ago, and so its time is there.
    fn head(&self, number: u64, record: &Record<'_>) -> LineHead {
        let time = record.time.map(|at| self.screen.times(|times| times.write(at)));
        let mut head = record.line_head(Some(number), time);
        head.unsent |= self.connections.transcript().is_untaken(number, record);
        head
    }

    fn list(&self, count: usize) -> Vec<Painted> {
        let messages = self.connections.transcript().latest(count);
        let lines = messages.iter().filter_map(|(number, record)| {
            let (head, message) = (self.head(*number, record), record.as_message()?);
            let inside = Inside::of(message, Format::Auto);
            Some(message_view::summary(&head, message, inside.as_ref(), None, self.screen.paint))
        });
        let lines: Vec<Painted> = lines.collect();
        if lines.is_empty() { vec![self.note("there is no message yet")] } else { lines }
    }

    fn show(&self, which: Which, shown: ShownPart) -> Result<QueryResult, String> {
        let (number, record) = self.message(which)?;
        let usual = self.status.settings(|settings| settings.format);
        let in_full =
            |message: Message<'_>, format| message_view::in_full(&self.head(number, &record), message, format);
        let Some(message) = record.as_message() else { return Ok(QueryResult::Listing(Vec::new().into())) };
        let mut missing = None;
        let (lines, whole) = match (&shown, &record.text) {
            (ShownPart::Values(projection), _) => {
                let values = values_or_fault(number, &record, projection)?;
                missing = missing_of(number, message, projection);
                in_full(Message { kind: Kind::Text, content: &values }, usual)
            }
            (ShownPart::Usual, _) => in_full(message, usual),
            (ShownPart::Format(format), _) => in_full(message, *format),
            (ShownPart::Raw, Some(text)) => message_view::raw(text),
            (ShownPart::Raw, None) => in_full(message, Format::Text),
        };
        let shown = Count(lines.len() as u64, "line");
        // Above it, too: whoever looks for something in a pager doesn't come to the end.
        let (before, behind) = if record.truncated {
            (None, Some("… and more than that, which is not kept".to_owned()))
        } else if !whole {
            let whole = format!("/pipe {number} COMMAND has all of it");
            (Some(format!("the first {shown} of it; {whole}")), Some(format!("… and more than that: {whole}")))
        } else {
            (None, None)
        };
        let behind = behind.into_iter().chain(missing).map(|told| self.note(&told)).collect();
        let before = before.iter().map(|told| self.note(told)).collect();
        Ok(QueryResult::Listing(Listing::of_message(before, lines, behind, self.screen.paint)))
    }

    /// That no message of late has a value at some of the places that are to be shown of messages: they may be mistyped.
    pub(super) fn never_seen(&self, setting: &Setting) -> Option<String> {
        let Setting::Pick(Some(projection)) = setting else { return None };
        let latest = Instant::now() + LOOKED_FOR;
        let messages = self.connections.transcript().latest(LOOKED_AT);
        let mut missing: Option<Vec<&str>> = None;
        for message in messages.iter().rev().filter_map(|(_, record)| record.as_message()) {
            let here = projection.missing(SeenMessage::of(message).as_message());
            let still = missing
                .map_or(here.clone(), |missing| missing.into_iter().filter(|pointer| here.contains(pointer)).collect());
            if still.is_empty() || Instant::now() > latest {
                return None;
            }
            missing = Some(still);
        }
        let missing = missing?.join(" ");
        let of = if messages.len() == 1 {
            "the last message has no".to_owned()
        } else {
            format!("none of the last {} has a", Count(messages.len() as u64, "message"))
        };
        Some(format!("{of} value at {}", Escaped(&missing)))
    }

    fn grep(&self, condition: &Condition) -> Vec<Painted> {
        let messages = self.connections.transcript().messages();
        let mut found = Vec::new();
        let (begun, mut compressed) = (Instant::now(), None);
        for (number, record) in messages.iter().rev() {
            if found.len() >= FOUND || self.screen.is_query_stopped() {
                break;
            }
            let Some(message) = record.as_message() else { continue };
            let head = || self.head(*number, record);
            if let Some((content, place)) = place_of(condition, message) {
                let message = Message { content: &content, ..message };
                found.push(message_view::summary(&head(), message, None, Some(place), self.screen.paint));
            } else if begun.elapsed() > UNPACKING {
                compressed = compressed.or(Some(*number).filter(|_| message.kind == Kind::Binary));
            } else if let Some(inside) = Inside::of(message, Format::Auto)
                && let Some((content, place)) = place_of(condition, inside.as_message())
            {
                // Where it was found in JSON without its blanks, its place is another.
                let place = matches!(content, Cow::Borrowed(_)).then_some(place);
                found.push(message_view::summary(&head(), message, Some(&inside), place, self.screen.paint));
            }
        }
        let (matching, all) = (found.len() as u64, Count(messages.len() as u64, "message"));
        found.reverse();
        found.extend(compressed.map(|number| {
            self.note(&format!("what is compressed in messages up to {number} was not searched: it takes too long"))
        }));
        let most = if found.len() >= FOUND { "the last " } else { "" };
        let matches = if matching == 1 { "matches" } else { "match" };
        found.push(self.note(&format!("{most}{matching} of {all} {matches} {condition}")));
        found
    }

    fn copy(&self, which: Which, projection: Option<&Projection>) -> Result<QueryResult, String> {
        let (number, record) = self.message(which)?;
        let mut missing = None;
        let (content, size, as_what) = match (projection, &record.text) {
            (Some(projection), _) => {
                let content = values_or_fault(number, &record, projection)?;
                missing = record.as_message().and_then(|message| missing_of(number, message, projection));
                let size = content.len();
                (content, size, format!(" at {projection}"))
            }
            (None, Some(text)) => (text.as_bytes().to_vec(), text.len(), String::new()),
            (None, None) => {
                let digits = data_encoding::HEXLOWER.encode(record.content()).into_bytes();
                (digits, record.content().len(), " as hex digits".to_owned())
            }
        };
        let size = Bytes(size as u64);
        if content.len() > COPIED {
            let most = Bytes(COPIED as u64);
            return Err(format!(
                "message {number} is {size}{as_what}, and terminals take no more than {most}; /pipe {number} COMMAND"
            ));
        }
        let missing = missing.map(|missing| format!("; {missing}")).unwrap_or_default();
        let told = format!(
            "message {number}, {size}{as_what}, was given to the terminal's clipboard by OSC 52, which not every terminal takes{missing}"
        );
        Ok(QueryResult::Copy { content, told })
    }

    fn diff(&self, one: Which, other: Option<Which>) -> Result<Vec<Painted>, String> {
        let (number, record) = self.message(other.unwrap_or(one))?;
        let (before, earlier) = match other {
            Some(_) => self.message(one)?,
            None => self.before(number, &record).ok_or_else(|| {
                format!(
                    "no message went the same way before message {number}; /diff M {number} compares it with another"
                )
            })?,
        };
        let texts =
            [&earlier, &record].map(|record| record.as_message().map(message_view::plain_lines).unwrap_or_default());
        let [gone, new] = texts.each_ref().map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
        let edits = differences::between(&gone, &new);
        if edits.is_empty() {
            // Objects have no order, and blanks between values say nothing.
            let otherwise = if earlier.content() == record.content() { "" } else { " but for how they are written" };
            return Ok(vec![self.note(&format!("messages {before} and {number} are the same{otherwise}"))]);
        }
        let heading = self.note(&format!("from message {before} to message {number}"));
        let lines = edits.into_iter().map(|edit| self.edit(edit));
        Ok([heading].into_iter().chain(lines).collect())
    }

    /// The message before that went the same way.
    fn before(&self, number: u64, record: &Record<'_>) -> Option<(u64, Arc<Record<'static>>)> {
        let earlier = (1..number).rev().map_while(|number| Some((number, self.connections.transcript().get(number)?)));
        earlier
            .into_iter()
            .find(|(_, earlier)| earlier.direction == record.direction && earlier.connection == record.connection)
    }

    fn edit(&self, edit: Edit<&str>) -> Painted {
        match edit {
            Edit::Both(line) => self.screen.wrapped(Style::Plain, &format!("    {line}")),
            Edit::Gone(line) => self.screen.wrapped(Style::Fault, &format!("  - {line}")),
            Edit::New(line) => self.screen.wrapped(Style::Text, &format!("  + {line}")),
            Edit::LeftOut(count) => self.screen.wrapped(Style::Faint, &format!("    … {}", Count(count, "line"))),
        }
    }

    fn note(&self, text: &str) -> Painted {
        self.screen.wrapped(Style::Note, &format!("* {text}"))
    }
}

/// What a message has at some places, in what is compressed inside of it, too: of a string alone, the text that it stands for.
fn values(record: &Record<'_>, projection: &Projection) -> Option<Vec<u8>> {
    let message = record.as_message()?;
    let found = projection.of(SeenMessage::of(message).as_message())?;
    Some(serde_json::from_str(&found).unwrap_or(found).into_bytes())
}

fn values_or_fault(number: u64, record: &Record<'_>, projection: &Projection) -> Result<Vec<u8>, String> {
    values(record, projection).ok_or_else(|| format!("message {number} has no value at {projection}"))
}

/// That a message has no value at some of these places, where it has one at others.
fn missing_of(number: u64, message: Message<'_>, projection: &Projection) -> Option<String> {
    let missing = projection.missing(SeenMessage::of(message).as_message()).join(" ");
    (!missing.is_empty()).then(|| format!("message {number} has no value at {}", Escaped(&missing)))
}

/// That a command is given a message as it came, which isn't as it is shown; unless it unpacks it.
fn still_compressed(number: u64, message: &Record<'_>, command: &str) -> Option<String> {
    let coding = Inside::of(message.as_message()?, Format::Auto)?.coding();
    let program = coding.unpacked_by();
    if program.is_some_and(|program| command.contains(program) || command.contains(&coding.to_string())) {
        return None;
    }
    let unpacking = program.map(|program| format!("; to unpack it: /pipe {number} {program} | {command}"));
    Some(format!("the command gets message {number} as it came, {coding}{}", unpacking.unwrap_or_default()))
}
