//! Every command of the prompt, one entry each: what `/help`, completion, suggestions and errors
//! say comes from here.
//!
//! A new command is an entry with its parser. Where no variant in `command.rs` does what it asks for, a new one goes into
//! the enum of whoever performs it, as the comments there say; the compiler then names what has to be added.

use std::fmt;

use super::arguments::{
    client, close_clients, close_connection, connection, copy, credentials, define, destination, diff, file, fragment,
    held, hold, json, list, maybe_which, number_of_message, on_or_off, path, pipe, reconnect, recording, repeat,
    request_header, required, searched, show, speaker, to_client, undefine, unless, which,
};
use super::bell::Bell;
use super::command::{
    ClientCommand, Command, ConnectionsCommand, LogChange, MiddleCommand, NamedRecording, Operation, Outgoing, Query,
    RulesChange,
};
use super::filter::Filter;
use super::playing;
use super::settings::{Setting, correlation, format, frames, timestamps};
use super::watch::Watch;
use crate::http::Secrets;
use crate::script::Projection;
use crate::script::raw_frame;
use crate::values::{self, base64, hex, unescaped};
use crate::ws::{Kind, OwnedItem};

/// Whose prompt it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PromptRole {
    Client,
    Server,
    /// In the middle.
    Proxy,
}

impl PromptRole {
    pub(super) const ALL: [Self; 3] = [Self::Client, Self::Server, Self::Proxy];

    /// What runs as long as its prompt does.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Proxy => "proxy",
        }
    }
}

const CLIENT: &[PromptRole] = &[PromptRole::Client];
const SERVER: &[PromptRole] = &[PromptRole::Server];
const PROXY: &[PromptRole] = &[PromptRole::Proxy];
/// Those that send what is typed.
const ENDS: &[PromptRole] = &[PromptRole::Client, PromptRole::Server];
/// Those that listen.
const LISTENERS: &[PromptRole] = &[PromptRole::Server, PromptRole::Proxy];

/// One command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// In words, as `/help` shows them.
    pub(super) arguments: &'static str,
    pub(super) does: &'static str,
    pub(super) example: &'static str,
    pub(super) completes: Completes,
    /// Whose prompts have it.
    roles: &'static [PromptRole],
    /// What stands behind its name is sent: templates are filled in there.
    is_filled: bool,
    parser: Parser,
}

/// What Tab offers behind the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completes {
    /// The fixed words among the arguments.
    Words,
    Files,
    Urls,
    Commands,
    FrameFields,
    /// JSON pointers, and the fixed words where none was begun.
    Pointers,
    /// The names of saved messages.
    Saved,
}

/// How the rest of the line is read.
#[derive(Debug, Clone, Copy)]
enum Parser {
    /// All of it, blanks included.
    Text(fn(&str) -> Result<Command, String>),
    /// Without the blanks around it.
    Word(fn(&str) -> Result<Command, String>),
    /// A setting's value.
    Setting(fn(&str) -> Result<Setting, String>),
    /// There mustn't be any.
    Nothing(fn() -> Command),
}

/// Commands that belong together, under a title in `/help`.
#[derive(Debug)]
pub(super) struct Section {
    title: &'static str,
    pub(super) entries: &'static [Entry],
}

impl Section {
    /// Its title at the prompt of that role.
    pub(super) fn title(&self, role: PromptRole) -> &'static str {
        match role {
            // Theirs are for whoever comes.
            PromptRole::Server | PromptRole::Proxy if self.title == OF_CONNECTION => "Settings, of all connections",
            _ => self.title,
        }
    }
}

const OF_CONNECTION: &str = "Settings, of this connection";

pub(super) const SECTIONS: [Section; 8] = [
    Section { title: "Clients", entries: CLIENTS },
    Section { title: "In the middle", entries: MIDDLE },
    Section { title: "Sending", entries: SENDING },
    Section { title: "Saved messages", entries: SAVED },
    Section { title: OF_CONNECTION, entries: CONNECTION_SETTINGS },
    Section { title: "Settings, of the screen", entries: SCREEN_SETTINGS },
    Section { title: "Reading", entries: READING },
    Section { title: "The connection", entries: CONNECTION },
];

const CLIENTS: &[Entry] = &[
    bare("clients", "list the clients", || Command::Operation(Operation::Clients(ClientCommand::List))).of(LISTENERS),
    word("use", "N", "talk with one client, until /all", "/use 3", |word| {
        client(word).map(|number| Command::Operation(Operation::Clients(ClientCommand::Use(Some(number)))))
    })
    .of(SERVER),
    word("use", "N", "follow one connection: the others' messages are kept, not shown", "/use 3", |word| {
        client(word).map(|number| Command::Operation(Operation::Clients(ClientCommand::Use(Some(number)))))
    })
    .of(PROXY),
    bare("all", "follow all connections, as in the beginning", || {
        Command::Operation(Operation::Clients(ClientCommand::Use(None)))
    })
    .of(PROXY),
    bare("all", "talk with all clients, as in the beginning", || {
        Command::Operation(Operation::Clients(ClientCommand::Use(None)))
    })
    .of(SERVER),
    text("to", "N TEXT", "send a text message to one client", "/to 3 hello", |given| {
        to_client(given).map(|command| Command::Operation(Operation::Clients(command)))
    })
    .of(SERVER)
    .filled(),
    word("close", "[N|all [CODE [REASON]]]", "start the closing handshake", "/close 3 4000 done", |word| {
        close_clients(word).map(Command::Operation)
    })
    .of(SERVER),
    word("close", "[N|all [CODE [REASON]]]", "close both sides, behind what is held", "/close 3 4000 done", |word| {
        close_clients(word).map(Command::Operation)
    })
    .of(PROXY),
];

const MIDDLE: &[Entry] = &[
    word(
        "hold",
        "[client|server|both] [[!]REGEX|/POINTER [= JSON]]|off",
        "hold messages that match, or all, of one side or both",
        "/hold client \"op\":\"order\"",
        |word| Ok(middle(MiddleCommand::Hold(unless("off", word, hold)?))),
    )
    .of(PROXY),
    bare("held", "list what is held, and what waits behind it", || middle(MiddleCommand::Held)).of(PROXY),
    word("pass", "[N|all]", "let a held message go on, the oldest without N", "/pass all", |word| {
        held(word).map(|which| middle(MiddleCommand::Pass(which)))
    })
    .of(PROXY),
    word("drop", "[N|all]", "forget a held message, the oldest without N", "/drop 12", |word| {
        held(word).map(|which| middle(MiddleCommand::Drop(which)))
    })
    .of(PROXY),
    word(
        "edit",
        "[N]",
        "change a held message in the line, the oldest without N; Ctrl-X Ctrl-E in $EDITOR",
        "/edit 12",
        |word| maybe_which(word).map(Command::EditHeld),
    )
    .of(PROXY),
    text(
        "replace",
        "N TEXT",
        "let TEXT go on in the place of a held message; or /binary HEX",
        "/replace 12 {\"op\":\"cancel\"}",
        // Nothing is filled in: what a peer has said is put into the line.
        |given| replace(given).map(middle),
    )
    .of(PROXY),
    word("replay", "N", "send a message again, the same way", "/replay 12", |word| {
        which(word).map(|which| middle(MiddleCommand::Again(which)))
    })
    .of(PROXY),
    text(
        "inject",
        "client|server TEXT",
        "send a message to one side; for TEXT also /binary HEX, /ping …",
        "/inject client {\"op\":\"tick\"}",
        |given| inject(given).map(middle),
    )
    .of(PROXY)
    .filled(),
];

fn middle(command: MiddleCommand) -> Command {
    Command::Operation(Operation::Middle(command))
}

const SENDING: &[Entry] = &[
    word("binary", "HEX", "send a binary message", "/binary 00 ff 0a", |word| {
        Ok(message(Kind::Binary, hex(required(word, "HEX")?.as_bytes())?))
    })
    .filled()
    .of(ENDS),
    word("base64", "DATA", "send a binary message, given in base64", "/base64 AP8K", |word| {
        Ok(message(Kind::Binary, base64(required(word, "DATA")?.as_bytes())?))
    })
    .filled()
    .of(ENDS),
    word(
        "file",
        "PATH [text|binary]",
        "send a file as one message, text if it is UTF-8",
        "/file order.json text",
        file,
    )
    .completing(Completes::Files)
    .of(ENDS),
    text("text", "[TEXT]", "send a text message, an empty one too", "/text", |text| {
        Ok(message(Kind::Text, text.into()))
    })
    .filled()
    .of(ENDS),
    text("json", "JSON", "validate JSON, and send it without whitespace", "/json { \"op\": \"subscribe\" }", |text| {
        Ok(message(Kind::Text, json(text)?))
    })
    .filled()
    .of(ENDS),
    text("escape", "TEXT", "send text with escapes: \\r \\n \\0 \\x1e", "/escape {}\\x1e", |text| {
        Ok(message(Kind::Text, unescaped(required(text, "the text")?.as_bytes(), true)?))
    })
    .filled()
    .of(ENDS),
    text("ping", "[PAYLOAD]", "send a Ping, and show the round trip", "/ping are you there", |payload| {
        Ok(item(OwnedItem::Ping(payload.into())))
    })
    .filled()
    .of(ENDS),
    text("pong", "[PAYLOAD]", "send an unsolicited Pong", "/pong", |payload| Ok(item(OwnedItem::Pong(payload.into()))))
        .filled()
        .of(ENDS),
    word(
        "close",
        "[N] [CODE [REASON]]",
        "close this connection with 1000, or end number N",
        "/close 1000 done",
        close_connection,
    )
    .of(CLIENT)
    .filled(),
    text("fragment", "N TEXT", "send a text message as N frames", "/fragment 3 hello", |given| {
        let (fragments, text) = fragment(given)?;
        Ok(item(OwnedItem::Fragmented { kind: Kind::Text, content: text.into_bytes(), fragments }))
    })
    .filled()
    .of(ENDS),
    text(
        "frame",
        "[fin=0|1] [rsv=000] [opcode=NAME|0-15] [mask=random|none|KEY] [payload=TEXT|0xHEX]",
        "send any frame, valid or not",
        "/frame fin=0 rsv=100 opcode=0x3 mask=none payload=0xff00",
        |words| Ok(item(raw_frame::parse(&required(words, "a field, such as opcode=text,")?)?.into())),
    )
    .completing(Completes::FrameFields)
    .filled()
    .of(ENDS),
    text(
        "repeat",
        "N [every DURATION] TEXT",
        "send a text message N times; Ctrl-C stops",
        "/repeat 10 every 500ms tick",
        |given| Ok(send(Outgoing::Repeat(repeat(given)?))),
    )
    .filled()
    .of(ENDS),
    word("replay", "FILE [N]", "play a recording, and compare the answers", "/replay orders.jsonl", |word| {
        let (name, number) = playing::arguments(word);
        Ok(Command::Replay(NamedRecording { path: path(name)?, number }))
    })
    .completing(Completes::Files)
    .of(CLIENT),
    word("last", "[N]", "edit the last message, or message N, and send it again", "/last 12", |word| {
        maybe_which(word).map(Command::Last)
    })
    .of(ENDS),
    word("edit", "[N]", "the same in $EDITOR; Enter sends it then", "/edit 12", |word| {
        maybe_which(word).map(Command::Edit)
    })
    .of(ENDS),
];

const SAVED: &[Entry] = &[
    text(
        "def",
        "[NAME [TEXT]]",
        "name a line: then /NAME sends it; list them",
        "/def sub {\"op\":\"subscribe\",\"channel\":\"$1\"}",
        define,
    )
    .completing(Completes::Saved),
    word("undef", "NAME", "forget a saved line", "/undef sub", undefine).completing(Completes::Saved),
    word("run", "FILE", "do the lines of a file, or take the steps of a .wst", "/run login.txt", |word| {
        path(word).map(Command::Run)
    })
    .completing(Completes::Files),
    setting("template", "on|off", "fill in ${uuid} ${now} ${last./id} … in every line", "/template on", |word| {
        on_or_off(word).map(Setting::Template)
    }),
];

const CONNECTION_SETTINGS: &[Entry] = &[
    word("on", "[RULE|off]", "answer by a rule too, or by none; show the rules", "/on match ^2$ => reply 3", |word| {
        Ok(Command::Operation(Operation::RulesChange(match word {
            "" => RulesChange::Show,
            "off" => RulesChange::Off,
            rule => RulesChange::Rule(rule.to_owned()),
        })))
    })
    .of(ENDS),
    bare("rules", "read files of rules again, for connections from now on", || {
        Command::Operation(Operation::ReadRules)
    })
    .of(LISTENERS),
    setting("compress", "on|off", "compress messages, if negotiated", "/compress off", |word| {
        on_or_off(word).map(Setting::Compress)
    })
    .of(ENDS),
    setting("mask", "KEY|random", "mask every frame with the same key", "/mask 00000000", |word| {
        unless("random", word, raw_frame::key).map(Setting::Mask)
    })
    .of(CLIENT),
    setting("autopong", "on|off", "answer the peer's pings", "/autopong off", |word| {
        on_or_off(word).map(Setting::Autopong)
    })
    .of(CLIENT),
    setting("pings", "on|off", "show pings and pongs", "/pings on", |word| on_or_off(word).map(Setting::Pings)),
    setting("frames", "on|payload|off", "show every frame as it appears on the wire", "/frames payload", |word| {
        unless("off", word, frames).map(Setting::Frames)
    }),
    setting(
        "filter",
        "[received|sent] [!]REGEX|/POINTER [= JSON]|off",
        "show only messages that match, or with ! that don't",
        "/filter received /op = \"trade\"",
        |word| unless("off", word, Filter::parse).map(Setting::Filter),
    )
    .completing(Completes::Pointers),
    setting(
        "pick",
        "/POINTER …|off",
        "show only these values of messages",
        "/pick /data/0/price /data/0/size",
        |word| unless("off", word, Projection::parse).map(Setting::Pick),
    )
    .completing(Completes::Pointers),
    setting(
        "watch",
        "[/POINTER] [by /POINTER]|off",
        "show only what differs from the last of its kind",
        "/watch /price by /symbol",
        |word| unless("off", word, Watch::parse).map(Setting::Watch),
    )
    .completing(Completes::Pointers),
    setting(
        "correlate",
        "/POINTER|on|off",
        "pair replies with requests by this value; on: /id",
        "/correlate /req_id",
        |word| unless("off", word, correlation).map(Setting::Correlate),
    )
    .completing(Completes::Pointers),
    setting("quiet", "[on|off]", "count messages instead of showing them", "/quiet", |word| {
        unless("", word, on_or_off).map(Setting::Quiet)
    }),
];

const SCREEN_SETTINGS: &[Entry] = &[
    setting("timestamps", "on|off|delta", "begin every line with its time", "/timestamps delta", |word| {
        timestamps(word).map(Setting::Timestamps)
    }),
    setting("format", "auto|text|json|hex|base64", "how messages are shown", "/format hex", |word| {
        format(word).map(Setting::Format)
    }),
    setting(
        "bell",
        "on|notify|[notify] REGEX|off",
        "ring, or notify by OSC 9, when a message comes",
        "/bell error|fatal",
        |word| unless("off", word, Bell::parse).map(Setting::Bell),
    ),
];

const READING: &[Entry] = &[
    word("list", "[N]", "list the last messages, a line each", "/list 50", list),
    word(
        "show",
        "[N|-1] [raw|hex|json|/POINTER …]",
        "show all of a message, or values of it; raw: its text alone",
        "/show -1 json",
        show,
    )
    .completing(Completes::Pointers),
    word(
        "grep",
        "[-i] REGEX|/POINTER [= JSON]",
        "list the messages that match; -i: in any case",
        "/grep -i error|timeout",
        |word| searched(word).map(|condition| Command::Query(Query::Grep(condition))),
    )
    .completing(Completes::Pointers),
    word("diff", "N [M]", "what is new in message N, or from N to M", "/diff 7 12", diff),
    word(
        "copy",
        "[N|-1] [/POINTER …]",
        "give a message, or values of it, to the clipboard",
        "/copy 12 /data/token",
        copy,
    )
    .completing(Completes::Pointers),
    word("pipe", "[N] COMMAND", "run a command with a message as its stdin", "/pipe 12 jq .data", pipe),
    word("save", "FILE", "write everything so far as JSON lines", "/save orders.jsonl", |word| {
        Ok(Command::Operation(Operation::Save { path: recording(word)?, overwrite: false }))
    })
    .completing(Completes::Files),
    word(
        "log",
        "[FILE|off]",
        "write everything from now on as JSON lines; alone: say where to",
        "/log orders.jsonl",
        |word| {
            Ok(Command::Operation(Operation::Log(match word {
                "" => LogChange::Show,
                "off" => LogChange::Off,
                file => LogChange::To(recording(file)?),
            })))
        },
    )
    .completing(Completes::Files),
    bare("pause", "hold the screen; what comes is kept", || {
        Command::Operation(Operation::Setting(Setting::Paused(true)))
    }),
    bare("resume", "show what came during a /pause; Ctrl-C skips to the latest of it", || {
        Command::Operation(Operation::Setting(Setting::Paused(false)))
    }),
    bare("clear", "clear the screen", || Command::Clear),
    word("help", "[COMMAND]", "list the commands, or explain one", "/help frame", |word| {
        Ok(Command::Help((!word.is_empty()).then(|| word.trim_start_matches('/').to_owned())))
    })
    .completing(Completes::Commands),
];

const CONNECTION: &[Entry] = &[
    bare("info", "what was negotiated with the peer", || Command::Operation(Operation::Info)),
    bare("headers", "the headers of the opening handshake", || Command::Operation(Operation::Headers(Secrets::Masked)))
        .of(LISTENERS),
    word(
        "headers",
        "[raw]",
        "the headers of the opening handshake; raw: with what is secret",
        "/headers raw",
        |word| match word {
            "" => Ok(Command::Operation(Operation::Headers(Secrets::Masked))),
            "raw" => Ok(Command::Operation(Operation::Headers(Secrets::Shown))),
            other => Err(format!("unexpected argument {other:?}")),
        },
    )
    .of(CLIENT),
    bare("stats", "messages each way, rates, gaps, round trips", || Command::Operation(Operation::Stats)),
    word(
        "reconnect",
        "[auto|off]",
        "close, and connect again; auto: whenever lost, not after a close with 1000",
        "/reconnect auto",
        |word| Ok(Command::Operation(Operation::Reconnect(reconnect(word)?))),
    )
    .of(CLIENT),
    word(
        "connect",
        "[FLAGS] URL|/PATH|@NAME",
        "connect elsewhere, or to a path of the same server, and close once it is open",
        "/connect -H 'X-Room: 1' wss://example.com/feed",
        |word| Ok(Command::Operation(Operation::Connect(destination("connect", word)?))),
    )
    .completing(Completes::Urls)
    .of(CLIENT),
    word("new", "[FLAGS] URL|@NAME", "open a connection beside the others", "/new wss://example.com/feed", |word| {
        Ok(Command::Connections(ConnectionsCommand::New(destination("new", word)?)))
    })
    .completing(Completes::Urls)
    .of(CLIENT),
    word("switch", "[N]", "talk on connection N; list all connections", "/switch 2", |word| {
        Ok(Command::Connections(ConnectionsCommand::Switch(connection(word)?)))
    })
    .of(CLIENT),
    word("header", "[NAME: VALUE|-NAME]", "what the next opening handshake sends", "/header X-Room: 1", |word| {
        Ok(Command::Operation(Operation::Request(request_header(word)?)))
    })
    .of(CLIENT),
    word(
        "auth",
        "[NAME[:PASSWORD]|bearer [TOKEN]|off]",
        "credentials for the next opening handshake; show them, masked",
        "/auth me",
        |word| match word {
            "" => Ok(Command::Operation(Operation::ShowCredentials)),
            _ => credentials(word).map(Command::Authenticate),
        },
    )
    .of(CLIENT),
    bare("quit", "close, and exit; so does Ctrl-D", || Command::Operation(Operation::Quit)),
];

/// `client|server LINE`, the line as at a client's prompt.
fn inject(given: &str) -> Result<MiddleCommand, String> {
    let (side, line) = given.trim_start().split_once(char::is_whitespace).unwrap_or((given.trim(), ""));
    let to = speaker(&required(side, "client or server")?);
    let to = to.ok_or_else(|| format!("to whom? {side:?} is neither client nor server"))?;
    Ok(MiddleCommand::Inject(to, sent(line)?))
}

/// `N LINE`, the line as for [`inject`].
fn replace(given: &str) -> Result<MiddleCommand, String> {
    let (number, line) = given.trim_start().split_once(char::is_whitespace).unwrap_or((given.trim(), ""));
    let number = number_of_message(number)?;
    match sent(line)? {
        OwnedItem::Message { kind, content } => Ok(MiddleCommand::Replace { number, kind, content }),
        _ => Err(format!("{line:?} is not a message")),
    }
}

/// What a line sends, as at a client's prompt.
fn sent(line: &str) -> Result<OwnedItem, String> {
    required(line, "the text")?;
    let item = match parse(PromptRole::Client, line)? {
        Command::Operation(Operation::Send(Outgoing::Line(text))) => {
            OwnedItem::Message { kind: Kind::Text, content: text.into_bytes() }
        }
        Command::Operation(Operation::Send(Outgoing::Item(item)))
            if !matches!(item, OwnedItem::Close(_) | OwnedItem::Frame { .. }) =>
        {
            item
        }
        _ => return Err(format!("{line:?} is not a message, nor a Ping or Pong")),
    };
    item.as_item().check().map_err(|why| why.to_string())?;
    Ok(item)
}

fn send(outgoing: Outgoing) -> Command {
    Command::Operation(Operation::Send(outgoing))
}

fn item(item: OwnedItem) -> Command {
    send(Outgoing::Item(item))
}

fn message(kind: Kind, content: Vec<u8>) -> Command {
    item(OwnedItem::Message { kind, content })
}

type Read<T> = fn(&str) -> Result<T, String>;

/// A command whose arguments are all of the rest of the line.
const fn text(
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    example: &'static str,
    read: Read<Command>,
) -> Entry {
    Entry::new(name, [arguments, does, example], Parser::Text(read))
}

/// The same without the blanks around it.
const fn word(
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    example: &'static str,
    read: Read<Command>,
) -> Entry {
    Entry::new(name, [arguments, does, example], Parser::Word(read))
}

const fn setting(
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    example: &'static str,
    read: Read<Setting>,
) -> Entry {
    Entry::new(name, [arguments, does, example], Parser::Setting(read))
}

/// A command without arguments: it is its own example.
const fn bare(name: &'static str, does: &'static str, command: fn() -> Command) -> Entry {
    Entry::new(name, ["", does, ""], Parser::Nothing(command))
}

impl Entry {
    const fn new(name: &'static str, [arguments, does, example]: [&'static str; 3], parser: Parser) -> Self {
        Self {
            name,
            arguments,
            does,
            example,
            completes: Completes::Words,
            roles: &PromptRole::ALL,
            is_filled: false,
            parser,
        }
    }

    const fn completing(self, completes: Completes) -> Self {
        Self { completes, ..self }
    }

    const fn of(self, roles: &'static [PromptRole]) -> Self {
        Self { roles, ..self }
    }

    const fn filled(self) -> Self {
        Self { is_filled: true, ..self }
    }

    pub(super) fn is_filled(&self) -> bool {
        self.is_filled
    }

    /// Whether the prompt of that role has it.
    pub(super) fn is_of(&self, role: PromptRole) -> bool {
        self.roles.contains(&role)
    }

    /// Whether this is the beginning of its name, and no name of its own.
    fn is_cut_short_by(&self, typed: &str) -> bool {
        self.name != typed && self.name.starts_with(typed) && !ALIASES.iter().any(|(alias, _)| *alias == typed)
    }

    /// The name and the arguments, as they are typed.
    pub(super) fn usage(&self) -> String {
        if self.arguments.is_empty() { format!("/{}", self.name) } else { format!("/{} {}", self.name, self.arguments) }
    }

    /// Why it can't be done as it was typed, and how it is.
    fn fault(&self, why: &str) -> String {
        format!("/{}: {why}; usage: {}", self.name, self.usage())
    }

    fn parse(&self, given: &str) -> Result<Command, String> {
        let word = given.trim();
        match self.parser {
            Parser::Text(read) => read(given),
            Parser::Word(read) => read(word),
            Parser::Setting(read) => match read(word) {
                Err(_) if word.is_empty() => Ok(Command::ShowSetting(self.name)),
                read => read.map(|setting| Command::Operation(Operation::Setting(setting))),
            },
            Parser::Nothing(command) if word.is_empty() => Ok(command()),
            Parser::Nothing(_) => Err(format!("unexpected argument {word:?}")),
        }
    }
}

/// Reads a line. What doesn't begin with `/` is a message, and `//` stands for a `/` in front.
///
/// # Errors
/// What is wrong with a command, for the person who typed it.
pub(crate) fn parse(role: PromptRole, line: &str) -> Result<Command, String> {
    let Some(rest) = line.strip_prefix('/') else {
        return Ok(send(Outgoing::Line(line.into())));
    };
    if rest.starts_with('/') {
        return Ok(send(Outgoing::Line(rest.into())));
    }
    let (name, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let entry = find(role, name)
        .ok_or_else(|| format!("{} (/help lists the commands{})", unknown(role, name), as_message(role, name)))?;
    let command = entry.parse(arguments).map_err(|why| entry.fault(&why))?;
    if entry.is_cut_short_by(name) && !command.can_be_undone() {
        return Err(format!(
            "/{name} would be /{}, which can't be undone: type its whole name{}",
            entry.name,
            as_message(role, name)
        ));
    }
    Ok(command)
}

/// How a line is sent that begins like a command, where lines are.
fn as_message(role: PromptRole, name: &str) -> String {
    if role == PromptRole::Proxy { String::new() } else { format!(", //{name} sends it as a message") }
}

/// Why a command of that name can't be done, once somebody has tried to, and how it is typed.
pub(crate) fn fault(name: &str, why: impl fmt::Display) -> String {
    let entry = PromptRole::ALL.into_iter().find_map(|role| named(role, name));
    entry.map_or_else(|| why.to_string(), |entry| entry.fault(&why.to_string()))
}

pub(super) fn all(role: PromptRole) -> impl Iterator<Item = &'static Entry> {
    SECTIONS.iter().flat_map(|section| section.entries).filter(move |entry| entry.is_of(role))
}

/// Names that other programs have, and letters that everybody tries.
const ALIASES: [(&str, &str); 4] = [("q", "quit"), ("exit", "quit"), ("h", "help"), ("?", "help")];

/// The command of that name, or the only one that begins so.
pub(super) fn find(role: PromptRole, name: &str) -> Option<&'static Entry> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, meant)| meant);
    let mut beginning = all(role).filter(|entry| !name.is_empty() && entry.name.starts_with(name));
    // What is a command elsewhere isn't the beginning of one here.
    let only = beginning.next().filter(|_| beginning.next().is_none() && whose(name).is_none());
    named(role, name).or(only)
}

/// Whether a command, or what another program calls one, has this name.
pub(super) fn is_taken(name: &str) -> bool {
    whose(name).is_some() || ALIASES.iter().any(|(alias, _)| *alias == name)
}

/// Whose prompt has a command of exactly that name.
fn whose(name: &str) -> Option<PromptRole> {
    PromptRole::ALL.into_iter().find(|role| named(*role, name).is_some())
}

/// The command of exactly that name.
pub(super) fn named(role: PromptRole, name: &str) -> Option<&'static Entry> {
    all(role).find(|entry| entry.name == name)
}

/// That there is no such command, and which one was probably meant.
pub(super) fn unknown(role: PromptRole, name: &str) -> String {
    if SENDS.contains(&name) {
        return format!("/{name} is not a command; a line that doesn't begin with / is sent as it stands");
    }
    if let Some(other) = whose(name) {
        let is_injected = role == PromptRole::Proxy && SENDING.iter().any(|entry| entry.name == name);
        let instead =
            if is_injected { format!("; /inject client or /inject server sends {INJECTED}") } else { String::new() };
        let instead = HERE
            .iter()
            .find(|(there, here)| *there == name && named(role, here).is_some())
            .map_or(instead, |(_, here)| format!("; here it is /{here}"));
        return format!("/{name} is a command of a {}'s prompt{instead}", other.program());
    }
    let begin_so: Vec<String> = all(role)
        .filter(|entry| !name.is_empty() && entry.name.starts_with(name))
        .map(|entry| format!("/{}", entry.name))
        .collect();
    let near = match begin_so.split_last() {
        Some((last, others)) if !others.is_empty() => format!("; {} or {last}?", others.join(", ")),
        _ => nearest(role, name).map(|near| format!("; did you mean /{near}?")).unwrap_or_default(),
    };
    format!("/{name} is not a command{near}")
}

/// What other prompts have for a command of one.
const HERE: [(&str, &str); 4] = [("switch", "use"), ("use", "switch"), ("clients", "switch"), ("last", "replay")];

/// What a person in the middle sends, behind whom it is for.
const INJECTED: &str = "TEXT, /binary HEX, /ping …";

/// What other programs have for what a line without a slash does here.
const SENDS: [&str; 5] = ["send", "say", "msg", "message", "write"];

/// The command that was probably meant.
fn nearest(role: PromptRole, name: &str) -> Option<&'static str> {
    values::nearest(all(role).map(|entry| entry.name), name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::repeat::Repetition;
    use super::super::settings::SettingScope;
    use super::*;
    use crate::script::RuleSpeaker;
    use crate::ws::{Close, StatusCode};

    fn parse(line: &str) -> Result<Command, String> {
        super::parse(PromptRole::Client, line)
    }

    fn outgoing(line: &str) -> Outgoing {
        match parse(line) {
            Ok(Command::Operation(Operation::Send(outgoing))) => outgoing,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn typed(line: &str) -> String {
        match outgoing(line) {
            Outgoing::Line(text) => text,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn sent(line: &str) -> (Kind, Vec<u8>) {
        match outgoing(line) {
            Outgoing::Item(OwnedItem::Message { kind, content }) => (kind, content),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn help_says_which_settings_are_of_a_connection() {
        for (entries, scope) in
            [(CONNECTION_SETTINGS, SettingScope::Connection), (SCREEN_SETTINGS, SettingScope::Prompt)]
        {
            for entry in entries.iter().filter(|entry| matches!(entry.parser, Parser::Setting(_))) {
                match super::parse(entry.roles[0], entry.example) {
                    Ok(Command::Operation(Operation::Setting(setting))) => assert_eq!(setting.scope(), scope),
                    other => panic!("{}: {other:?}", entry.name),
                }
            }
        }
    }

    #[test]
    fn every_example_is_a_command_that_can_be_read() {
        for role in PromptRole::ALL {
            for entry in all(role).filter(|entry| !entry.arguments.is_empty()) {
                let parsed = super::parse(role, entry.example);
                assert!(parsed.is_ok(), "{}: {parsed:?}", entry.example);
                assert!(entry.example.starts_with(&format!("/{}", entry.name)));
            }
        }
    }

    #[test]
    fn names_are_there_once() {
        for role in PromptRole::ALL {
            let names: std::collections::BTreeSet<_> = all(role).map(|entry| entry.name).collect();
            assert_eq!(names.len(), all(role).count());
        }
    }

    #[test]
    fn names_may_be_cut_short_where_that_is_unambiguous() {
        assert_eq!(find(PromptRole::Client, "recon").map(|entry| entry.name), Some("reconnect"));
        assert_eq!(find(PromptRole::Client, "ping").map(|entry| entry.name), Some("ping"));
        assert!(find(PromptRole::Client, "c").is_none());
        assert!(find(PromptRole::Client, "").is_none());
        for role in PromptRole::ALL {
            let meant = |name| find(role, name).map(|entry| entry.name);
            assert_eq!(["q", "exit", "h", "?"].map(meant), ["quit", "quit", "help", "help"].map(Some));
        }
        assert_eq!(nearest(PromptRole::Client, "recconect"), Some("reconnect"));
        assert_eq!(nearest(PromptRole::Client, "zzzzzzzz"), None);
    }

    #[test]
    fn only_what_can_be_undone_is_done_by_a_name_that_is_cut_short() {
        for line in
            ["/inf", "/stat", "/resu", "/gre a", "/sho 1", "/wat", "/paus", "/time on", "/compr off", "/swi 2", "/hel"]
        {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line));
        }
        for (line, name) in [
            ("/clos", "close"),
            ("/clo 1000 done", "close"),
            ("/recon", "reconnect"),
            ("/conn ws://a/", "connect"),
            ("/ne ws://a/", "new"),
            ("/repe 5 a", "repeat"),
            ("/bin 00", "binary"),
            ("/unde a", "undef"),
            ("/ru a.txt", "run"),
            ("/pip 1 rm x", "pipe"),
            ("/sav a", "save"),
            ("/lo a", "log"),
        ] {
            let why = parse(line).unwrap_err();
            assert!(why.contains(&format!("would be /{name}, which can't be undone: type its whole name")), "{why}");
        }
        // Two begin so.
        assert!(parse("/qui").is_err());
        assert!(matches!(super::parse(PromptRole::Server, "/clos all"), Err(why) if why.contains("would be /close")));
        // Letters that everybody tries are names of their own.
        assert!(["/q", "/exit", "/h", "/?"].iter().all(|line| parse(line).is_ok()));
    }

    #[test]
    fn a_line_is_a_message_unless_it_begins_with_a_slash() {
        assert_eq!(typed("hello /ping"), "hello /ping");
        assert_eq!(typed("//ping"), "/ping");
        assert_eq!(typed("///"), "//");
        assert_eq!(typed(""), "");
        assert_eq!(sent("/binary 0x00 fF"), (Kind::Binary, vec![0, 255]));
        assert_eq!(sent("/base64 aGk="), (Kind::Binary, b"hi".to_vec()));
        assert_eq!(sent("/escape a\\x1e\\n"), (Kind::Text, b"a\x1e\n".to_vec()));
        assert_eq!(sent("/json { \"a\": [1, 2] }"), (Kind::Text, b"{\"a\":[1,2]}".to_vec()));
    }

    #[test]
    fn repetitions_have_a_number_and_perhaps_a_time() {
        let repetition = |line| match outgoing(line) {
            Outgoing::Repeat(repetition) => repetition,
            other => panic!("{other:?}"),
        };
        let parts = |line| {
            let Repetition { times, every, text, anew: _ } = repetition(line);
            (times, every, text)
        };
        assert_eq!(parts("/repeat 3 every"), (3, None, "every".into()));
        assert_eq!(parts("/repeat 2 every 5ms a b"), (2, Some(Duration::from_millis(5)), "a b".into()));
        assert_eq!(repetition("/repeat 2 //a").text, "/a");
        for line in ["/repeat 2 /ping", "/repeat 2 every 1s /ping"] {
            assert!(parse(line).unwrap_err().contains("\"/ping\" is a command; //ping sends it"));
        }
    }

    #[test]
    fn file_names_are_read_as_completion_writes_them() {
        let name = |line| match parse(line) {
            Ok(Command::File(path, kind)) => (path.to_string_lossy().into_owned(), kind),
            other => panic!("{other:?}"),
        };
        assert_eq!(name("/file two\\ words.txt"), ("two words.txt".into(), None));
        assert_eq!(name("/file a b binary"), ("a b".into(), Some(Kind::Binary)));
        assert!(!name("/file ~/x text").0.starts_with('~'));
    }

    #[test]
    fn errors_name_what_is_wrong_and_the_usage() {
        for (line, why) in [
            ("/binary 0g", "/binary: 'g' is not a hexadecimal digit; usage: /binary HEX"),
            ("/binary 123", "not whole bytes"),
            ("/base64 a", "not base64"),
            ("/json {", "not valid JSON"),
            ("/close 1x", "\"1x\" is not a status code such as 1000 or 4000; usage: /close [N] [CODE [REASON]]"),
            ("/fragment 0 a", "\"0\" is not a number of fragments"),
            ("/repeat x a", "\"x\" is not a number of times"),
            ("/compress x", "\"x\" is neither on nor off; usage: /compress on|off"),
            ("/format xml", "\"xml\" is not a format"),
            ("/filter (", "\"(\" is not a regular expression: "),
            ("/mask 12", "\"12\" is not a masking key of eight hex digits"),
            ("/frame length=3", "\"length\" is not a field of a frame (fin, rsv, opcode, mask, payload)"),
            ("/stats now", "/stats: unexpected argument \"now\"; usage: /stats"),
            (
                "/recconect",
                "/recconect is not a command; did you mean /reconnect? (/help lists the commands, //recconect",
            ),
            ("/he", "/he is not a command; /help, /headers or /header? (/help lists"),
            ("/foo", "/foo is not a command (/help lists the commands"),
            ("/send x", "/send is not a command; a line that doesn't begin with / is sent as it stands (/help lists"),
            ("/save a.har", "/save: a recording is NDJSON, whatever its name: 'wscli convert FILE.ndjson -o FILE.har'"),
            ("/log a.pcapng", "/log: a recording is NDJSON"),
            ("/file", "/file: a file name is missing; usage: /file PATH [text|binary]"),
            ("/frame", "/frame: a field, such as opcode=text, is missing; usage: /frame [fin=0|1]"),
            ("/grep", "/grep: a regular expression or a JSON pointer is missing; usage: /grep [-i] REGEX|/POINTER"),
            ("/filter on", "/filter: a regular expression or a JSON pointer is missing behind \"on\"; usage: /filter"),
            ("/filter sent", "a regular expression or a JSON pointer is missing behind \"sent\""),
            ("/use 3", "/use is a command of a server's prompt; here it is /switch (/help lists"),
            ("/binary", "/binary: HEX is missing; usage: /binary HEX"),
            ("/base64", "/base64: DATA is missing; usage: /base64 DATA"),
            ("/escape", "/escape: the text is missing; usage: /escape TEXT"),
            ("/json ", "/json: the JSON is missing; usage: /json JSON"),
            ("/fragment", "/fragment: the number of fragments is missing; usage: /fragment N TEXT"),
            ("/fragment 2", "/fragment: the text is missing; usage: /fragment N TEXT"),
            ("/repeat", "/repeat: the number of times is missing; usage: /repeat N [every DURATION] TEXT"),
            ("/repeat 2 every 1s", "/repeat: the text is missing; usage: /repeat N [every DURATION] TEXT"),
            ("/close 1006", "may not be sent (RFC 6455 §7.4); usage: /close [N] [CODE [REASON]]"),
            ("/header -", "/header: the name of a header is missing; usage: /header [NAME: VALUE|-NAME]"),
            ("/auth off x", "/auth: unexpected argument \"x\"; usage: /auth [NAME[:PASSWORD]|bearer [TOKEN]|off]"),
            ("/last x", "/last: \"x\" is not the number of a message, nor -1 for the last one; usage: /last [N]"),
            ("/hold x", "/hold is a command of a proxy's prompt (/help lists the commands, //hold"),
            ("/clients", "/clients is a command of a server's prompt; here it is /switch (/help lists"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        for name in ["compress", "mask", "format", "frames", "timestamps", "filter", "pick", "bell", "correlate"] {
            let asked = parse(&format!("/{name}"));
            assert!(matches!(asked, Ok(Command::ShowSetting(shown)) if shown == name), "{name}: {asked:?}");
        }
        let long = format!("/close 1000 {}", "x".repeat(124));
        assert!(parse(&long).unwrap_err().contains("the reason has 124 bytes"));
    }

    #[test]
    fn a_person_in_the_middle_is_told_what_is_missing() {
        for (line, why) in [
            ("/replace", "/replace: the number of a message is missing; usage: /replace N TEXT"),
            ("/replace 3", "/replace: the text is missing; usage: /replace N TEXT"),
            ("/replay", "/replay: the number of a message is missing; usage: /replay N"),
            ("/edit x", "/edit: \"x\" is not the number of a message, nor -1 for the last one; usage: /edit [N]"),
            ("/inject", "/inject: client or server is missing; usage: /inject client|server TEXT"),
            ("/inject x hi", "/inject: to whom? \"x\" is neither client nor server; usage: /inject client|server"),
            ("/inject client", "/inject: the text is missing; usage: /inject client|server TEXT"),
            ("/ping", "/ping is a command of a client's prompt; /inject client or /inject server sends TEXT, /binary"),
            ("/mask 00000000", "/mask is a command of a client's prompt (/help lists the commands)"),
        ] {
            let error = super::parse(PromptRole::Proxy, line).unwrap_err();
            assert!(error.starts_with(why), "{error}");
        }
        assert!(matches!(super::parse(PromptRole::Proxy, "/edit"), Ok(Command::EditHeld(None))));
        for (line, speaker) in [("/hold both x", None), ("/hold server x", Some(RuleSpeaker::Server))] {
            let Ok(Command::Operation(Operation::Middle(MiddleCommand::Hold(Some(rule))))) =
                super::parse(PromptRole::Proxy, line)
            else {
                panic!("{line}");
            };
            assert_eq!((rule.speaker, rule.filter.unwrap().to_string().as_str()), (speaker, "x"), "{line}");
        }
    }

    #[test]
    fn a_server_talks_with_its_clients() {
        let command = |line| match super::parse(PromptRole::Server, line) {
            Ok(Command::Operation(Operation::Clients(command))) => command,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(command("/to 12 hi there"), ClientCommand::To(12, "hi there".into()));
        assert_eq!(command("/use [3]"), ClientCommand::Use(Some(3)));
        assert_eq!(command("/all"), ClientCommand::Use(None));
        assert_eq!(command("/clients"), ClientCommand::List);
        let close = |code, reason: &str| Close::new(StatusCode(code), reason);
        assert_eq!(command("/close 3"), ClientCommand::Close(Some(3), close(1000, "")));
        assert_eq!(command("/close all 4000 so long"), ClientCommand::Close(None, close(4000, "so long")));
        assert_eq!(command("/close 3 4000:bye"), ClientCommand::Close(Some(3), close(4000, "bye")));
        for (line, says) in [
            ("/to", "/to: the number of a client is missing; usage: /to N TEXT"),
            ("/to you hi", "/to: \"you\" is not the number of a client; usage: /to N TEXT"),
            ("/close 1 1006", "the status code 1006 (abnormal closure) may not be sent (RFC 6455 §7.4)"),
            ("/close 1 x", "\"x\" is not a status code"),
            ("/to 3", "/to: the text is missing; usage: /to N TEXT"),
            ("/reconnect", "/reconnect is a command of a client's prompt"),
        ] {
            let error = super::parse(PromptRole::Server, line).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert!(
            matches!(super::parse(PromptRole::Client, "/use 3"), Err(why) if why.contains("is a command of a server's prompt"))
        );
    }
}
