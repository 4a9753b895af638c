//! Every command: its arguments, what it does, an example.

/// One command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) arguments: &'static str,
    pub(super) does: &'static str,
    pub(super) example: &'static str,
}

impl Entry {
    pub(super) fn usage(&self) -> String {
        if self.arguments.is_empty() { self.name.to_owned() } else { format!("{} {}", self.name, self.arguments) }
    }
}

const fn entry(name: &'static str, arguments: &'static str, does: &'static str, example: &'static str) -> Entry {
    Entry { name, arguments, does, example }
}

/// The chapters, each with its commands.
pub(super) const CHAPTERS: [(&str, &[Entry]); 4] =
    [("Sending", SENDING), ("Settings", SETTINGS), ("Reading", READING), ("The connection", CONNECTION)];

const SENDING: &[Entry] = &[
    entry("binary", "HEX", "send a binary message", "/binary 00 ff 0a"),
    entry("base64", "DATA", "send a binary message, given in base64", "/base64 AP8K"),
    entry("file", "PATH [text|binary]", "send a file as one message, text if it can be", "/file order.json text"),
    entry("json", "JSON", "check JSON, and send it without spaces", "/json { \"op\": \"subscribe\" }"),
    entry("ping", "[PAYLOAD]", "send a Ping, and show the round trip", "/ping are you there"),
    entry("pong", "[PAYLOAD]", "send a Pong that nobody asked for", "/pong"),
    entry("close", "[CODE [REASON]]", "begin the closing handshake", "/close 1000 done"),
    entry("fragment", "N TEXT", "send a text message as N frames", "/fragment 3 hello"),
    entry(
        "frame",
        "[fin=0|1] [rsv=000] [opcode=NAME|0-15] [mask=random|none|KEY] [payload=TEXT|0xHEX]",
        "send any frame, legal or not",
        "/frame fin=0 rsv=100 opcode=0x3 mask=none payload=0xff00",
    ),
    entry("repeat", "N [every DURATION] TEXT", "send a text N times; Ctrl-C ends it", "/repeat 10 every 500ms tick"),
    entry("last", "", "edit the last message, and send it again", "/last"),
    entry("edit", "", "write a message in $EDITOR", "/edit"),
];

const SETTINGS: &[Entry] = &[
    entry("compress", "on|off", "compress messages, where that was negotiated", "/compress off"),
    entry("mask", "KEY|random", "mask every frame with the same key", "/mask 00000000"),
    entry("autopong", "on|off", "answer the peer's pings", "/autopong off"),
    entry("pings", "on|off", "show pings and pongs", "/pings on"),
    entry("frames", "on|off", "show every frame as it is on the wire", "/frames on"),
    entry("timestamps", "on|off", "show when a message arrived", "/timestamps on"),
    entry("format", "auto|text|json|hex|base64", "how messages are shown", "/format hex"),
    entry("filter", "REGEX|off", "show only messages that match", "/filter \"price\":"),
    entry("quiet", "[on|off]", "show no messages, and count them", "/quiet"),
];

const READING: &[Entry] = &[
    entry("show", "N", "show all of a message that was folded", "/show 12"),
    entry("save", "FILE", "write what came and went so far, as JSON lines", "/save orders.jsonl"),
    entry("log", "FILE|off", "write what comes and goes from now on", "/log orders.jsonl"),
    entry("clear", "", "clear the screen", "/clear"),
    entry("help", "[COMMAND]", "list the commands, or explain one", "/help frame"),
];

const CONNECTION: &[Entry] = &[
    entry("info", "", "what was agreed with the peer", "/info"),
    entry("headers", "", "the heads of the opening handshake", "/headers"),
    entry("stats", "", "messages and bytes each way, round trips", "/stats"),
    entry("reconnect", "", "close, and connect again", "/reconnect"),
    entry("connect", "URL", "close, and connect to another URL", "/connect wss://example.com/feed"),
    entry("quit", "", "close, and leave; so does Ctrl-D", "/quit"),
];

pub(super) fn all() -> impl Iterator<Item = &'static Entry> {
    CHAPTERS.iter().flat_map(|(_, entries)| *entries)
}

/// The command of that name, or the only one that begins so.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    let mut beginning = all().filter(|entry| !name.is_empty() && entry.name.starts_with(name));
    let only = beginning.next().filter(|_| beginning.next().is_none());
    all().find(|entry| entry.name == name).or(only)
}

/// The command that was probably meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let close = |entry: &&Entry| (distance(entry.name, name), entry.name.len());
    let best = all().min_by_key(close)?;
    (distance(best.name, name) <= 2).then_some(best.name)
}

/// Levenshtein's: how many letters have to change.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// What `/help` says: every command, or one with an example.
///
/// # Errors
/// There is no such command.
pub(super) fn help(name: Option<&str>) -> Result<Vec<String>, String> {
    let Some(name) = name else { return Ok(overview()) };
    let entry = find(name).ok_or_else(|| format!("there is no command /{name}; /help lists them"))?;
    Ok(vec![format!("/{}", entry.usage()), format!("  {}", entry.does), format!("  for example: {}", entry.example)])
}

/// What the keys do.
const KEYS: [&str; 5] = [
    "  Enter sends. Alt-Enter, or a \\ at the end, continues on the next line; so does",
    "  unfinished JSON. Enter on an empty line sends it anyway. //text sends /text.",
    "  Tab completes. Ctrl-R searches the history, which leaves out lines that begin",
    "  with a space. Ctrl-C clears the line; on an empty line it closes and leaves,",
    "  and again it leaves at once. /help COMMAND has an example of each.",
];

fn overview() -> Vec<String> {
    let mut lines = Vec::new();
    for (title, entries) in CHAPTERS {
        lines.push(title.to_owned());
        for entry in entries {
            let usage = format!("/{}", entry.usage());
            let short = if usage.len() > 26 { format!("/{} …", entry.name) } else { usage };
            lines.push(format!("  {short:<27}{}", entry.does));
        }
    }
    lines.push("Keys".to_owned());
    lines.extend(KEYS.map(str::to_owned));
    lines
}

#[cfg(test)]
mod tests {
    use super::super::command;
    use super::*;

    #[test]
    fn every_example_is_a_command_that_can_be_read() {
        for entry in all() {
            assert!(command::parse(entry.example).is_ok(), "{}: {:?}", entry.example, command::parse(entry.example));
            assert!(entry.example.starts_with(&format!("/{}", entry.name)));
        }
    }

    #[test]
    fn help_fits_eighty_columns() {
        for line in help(None).unwrap() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn names_may_be_cut_short_where_that_is_unambiguous() {
        assert_eq!(find("recon").map(|entry| entry.name), Some("reconnect"));
        assert_eq!(find("ping").map(|entry| entry.name), Some("ping"));
        assert!(find("c").is_none());
        assert!(find("").is_none());
        assert_eq!(nearest("recconect"), Some("reconnect"));
        assert_eq!(nearest("zzzzzzzz"), None);
    }
}
