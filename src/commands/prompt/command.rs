//! What a line at the prompt asks for, by whom it is done.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::filter::Filter;
use super::questions::QuestionSender;
use super::repeat::Repetition;
use super::settings::Setting;
use crate::client::RequestChange;
use crate::handlers::replay::Recorded;
use crate::http::Secrets;
use crate::script::scenario::Scenario;
use crate::script::{Condition, Projection, RuleSpeaker};
use crate::view::body::Format;
use crate::ws::{Close, Kind, OwnedItem};

/// A line, understood. What concerns only the keyboard and the screen is done by the editor's thread (`performer.rs`).
#[derive(Debug, Clone)]
pub(crate) enum Command {
    /// A file's content as one message; without a kind, text where it is UTF-8.
    File(PathBuf, Option<Kind>),
    /// A message to be sent again, in the line; the last one, where no other is meant.
    Last(Option<Which>),
    /// The same in the person's own editor.
    Edit(Option<Which>),
    /// A message that is held, with what takes its place; the oldest, where no other is meant.
    EditHeld(Option<Which>),
    Clear,
    Help(Option<String>),
    Authenticate(GivenCredentials),
    Query(Query),
    /// How something that can be set is set now, by its name.
    ShowSetting(&'static str),
    Saved(SavedChange),
    /// The lines of a file, or the steps of a test.
    Run(PathBuf),
    Replay(NamedRecording),
    Connections(ConnectionsCommand),
    Operation(Operation),
}

impl Command {
    /// Whether it only shows something, or sets what another line sets back. What is sent, closed, run or written stays so.
    pub(crate) fn can_be_undone(&self) -> bool {
        match self {
            Self::Last(_) | Self::Edit(_) | Self::EditHeld(_) | Self::Clear => true,
            Self::Help(_) | Self::ShowSetting(_) | Self::Authenticate(_) => true,
            Self::File(..) | Self::Run(_) | Self::Replay(_) => false,
            Self::Query(query) => !matches!(query, Query::Pipe(..)),
            Self::Saved(change) => matches!(change, SavedChange::List | SavedChange::Show(_)),
            Self::Connections(command) => matches!(command, ConnectionsCommand::Switch(_)),
            Self::Operation(operation) => operation.can_be_undone(),
        }
    }
}

/// What is done with lines that have a name (`saved_messages.rs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SavedChange {
    List,
    Show(String),
    Define { name: String, text: String },
    Remove(String),
}

/// What is done with the connections as a whole.
#[derive(Debug, Clone)]
pub(crate) enum ConnectionsCommand {
    /// Another one.
    New(ConnectRequest),
    /// What is typed is for this one from now on; `None` lists them.
    Switch(Option<u64>),
    /// Ends the one of this number.
    Close { number: u64, close: Close },
}

/// What is done with the messages that are kept (`reading.rs`).
#[derive(Debug, Clone)]
pub(crate) enum Query {
    /// So many of the latest, a line each.
    List(usize),
    Show(Which, ShownPart),
    Grep(Condition),
    /// All of it, or its values at these places.
    Copy(Which, Option<Projection>),
    /// Its content is the stdin of a command.
    Pipe(Which, String),
    /// Against another, or against the one before that went the same way.
    Diff(Which, Option<Which>),
}

/// Which message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Number(u64),
    /// Counted from the last one, which is 1.
    FromEnd(u64),
}

/// What the connection's thread does, whether or not there is a connection (`connect/prompt/mod.rs`).
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Setting(Setting),
    RulesChange(RulesChange),
    /// Reads the files of rules again.
    ReadRules,
    Info,
    Stats,
    /// Those of secrets as they are, or hidden.
    Headers(Secrets),
    Save {
        path: PathBuf,
        /// What is in the file already may go.
        overwrite: bool,
    },
    Log(LogChange),
    Reconnect(ReconnectChange),
    /// What requests say from the next one on; `None` shows it.
    Request(Option<RequestChange>),
    /// Who we are said to be from the next request on.
    ShowCredentials,
    Connect(ConnectRequest),
    /// Closes the connection, and ends what is done with it.
    EndConnection(Close),
    Quit,
    Clients(ClientCommand),
    Replay(Recorded),
    Steps(NamedSteps),
    Middle(MiddleCommand),
    Send(Outgoing),
}

impl Operation {
    fn can_be_undone(&self) -> bool {
        match self {
            Self::Setting(_) | Self::Info | Self::Stats | Self::Headers(_) => true,
            Self::Request(_) | Self::ShowCredentials => true,
            Self::RulesChange(change) => matches!(change, RulesChange::Show),
            Self::Clients(command) => matches!(command, ClientCommand::List | ClientCommand::Use(_)),
            Self::Middle(command) => matches!(command, MiddleCommand::Held | MiddleCommand::FindHeld(..)),
            Self::Save { .. } | Self::Log(_) | Self::Reconnect(_) | Self::Connect(_) => false,
            Self::ReadRules
            | Self::EndConnection(_)
            | Self::Quit
            | Self::Replay(_)
            | Self::Steps(_)
            | Self::Send(_) => false,
        }
    }
}

/// What concerns the clients of a server (`commands/serve/operator.rs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClientCommand {
    List,
    /// What is typed from now on is for this one; `None` is all of them.
    Use(Option<u64>),
    /// A message for this one alone.
    To(u64, String),
    /// `None` closes all of them.
    Close(Option<u64>, Close),
}

/// What somebody does between clients and servers (`commands/proxy/operator.rs`).
#[derive(Debug, Clone)]
pub(crate) enum MiddleCommand {
    /// `None` holds nothing any more.
    Hold(Option<HoldRule>),
    /// Lists what is held.
    Held,
    /// Tells which message is meant, or the oldest, if it is held.
    FindHeld(Option<Which>, Sender<u64>),
    Pass(WhichHeld),
    Drop(WhichHeld),
    /// Lets this message go in the place of a held one.
    Replace {
        number: u64,
        kind: Kind,
        content: Vec<u8>,
    },
    /// Sends it to this side.
    Inject(RuleSpeaker, OwnedItem),
    /// Sends a message again that is kept, the same way.
    Again(Which),
}

/// Which messages are held.
#[derive(Debug, Clone)]
pub(crate) struct HoldRule {
    /// Only what this side says.
    pub(crate) speaker: Option<RuleSpeaker>,
    /// `None` is all of it.
    pub(crate) filter: Option<Filter>,
}

/// Which held message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhichHeld {
    Oldest,
    Number(u64),
    All,
}

/// What becomes of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LogChange {
    To(PathBuf),
    Off,
    /// It stays: whether there is one is said.
    Show,
}

/// When there is another connection to the same server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReconnectChange {
    Now,
    /// Whenever one is lost.
    Auto,
    /// When somebody asks for it.
    Off,
}

/// Who we are said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GivenCredentials {
    /// A password that is missing is asked for.
    User(String, Option<String>),
    /// And so is a token.
    Bearer(Option<String>),
    None,
}

/// What `/show` shows of a message, and how.
#[derive(Debug, Clone)]
pub(crate) enum ShownPart {
    /// As others are.
    Usual,
    Format(Format),
    /// Its text and nothing else, to be copied.
    Raw,
    /// Its values at these places.
    Values(Projection),
}

/// What `/connect` asks for.
#[derive(Debug, Clone)]
pub(crate) struct ConnectRequest {
    /// What asks: its name.
    pub(crate) command: &'static str,
    /// As on the command line.
    pub(crate) words: Vec<String>,
    /// Credentials, cookies and tokens are sent there, whatever they were given for.
    pub(crate) keep_credentials: bool,
    /// Who is asked for passwords.
    pub(crate) asks: Option<QuestionSender>,
}

impl ConnectRequest {
    /// Where only a path is given, which may stand behind flags: its place. What stands behind a flag may be the flag's.
    pub(crate) fn path(&mut self) -> Option<&mut String> {
        let (last, before) = self.words.split_last_mut()?;
        let is_of_flag = before.last().is_some_and(|word| word.starts_with('-'));
        (last.starts_with('/') && !is_of_flag).then_some(last)
    }
}

/// By which rules what arrives is answered (`connect/prompt/answering.rs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RulesChange {
    /// By this one before all others.
    Rule(String),
    Off,
    /// As before: they are shown.
    Show,
}

/// What is sent: it needs a connection (`connect/prompt/sending.rs`), or clients (`commands/serve/operator.rs`).
#[derive(Debug, Clone)]
pub(crate) enum Outgoing {
    /// A message of `-d`, which nobody has typed.
    Data(Kind, Vec<u8>),
    /// A line without a command in front: a text message, or with `--binary` a binary one.
    Line(String),
    /// What a file holds.
    File(Kind, Vec<u8>),
    Repeat(Repetition),
    Item(OwnedItem),
}

impl Outgoing {
    /// Whether `/last` brings it back.
    pub(crate) fn is_message(&self) -> bool {
        match self {
            Self::Line(_) | Self::File(..) | Self::Repeat(_) => true,
            Self::Item(item) => !matches!(item, OwnedItem::Ping(_) | OwnedItem::Pong(_) | OwnedItem::Close(_)),
            Self::Data(..) => false,
        }
    }

    /// Bytes that it holds while it waits.
    pub(crate) fn size(&self) -> usize {
        let content = match self {
            Self::Data(_, content) | Self::File(_, content) => content.len(),
            Self::Line(text) => text.len(),
            Self::Repeat(repetition) => repetition.size(),
            Self::Item(item) => item.size(),
        };
        size_of::<Self>() + content
    }

    /// Whether it waits for the messages before it. Pings and pongs may overtake them (RFC 6455 §5.5).
    pub(crate) fn waits(&self) -> bool {
        !matches!(self, Self::Item(OwnedItem::Ping(_) | OwnedItem::Pong(_)))
    }

    /// Whether `--rate` and `--delay` count it. A repetition keeps them itself.
    pub(crate) fn is_paced(&self) -> bool {
        match self {
            Self::Data(..) => true,
            Self::Repeat(_) => false,
            Self::Line(_) | Self::File(..) | Self::Item(_) => self.is_message(),
        }
    }
}

/// The steps of a test, and the file that they are of.
#[derive(Debug, Clone)]
pub(crate) struct NamedSteps {
    pub(crate) name: Arc<str>,
    pub(crate) scenario: Arc<Scenario>,
}

/// A recording that is to be played, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedRecording {
    pub(crate) path: PathBuf,
    /// Which connection, from 1.
    pub(crate) number: Option<usize>,
}
