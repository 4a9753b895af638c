//! `/help`, from the table of commands, for whatever width the terminal has.

use super::command_table::{Entry, PromptRole, SECTIONS, find, unknown};
use crate::advice;
use crate::view::wrap::hanging;

/// What the keys do.
const KEYS: &str = "Enter sends. Alt-Enter, or a \\ at the end, continues on the next line; so does unfinished JSON, which a \
    second Enter sends as it is. //text sends /text. Tab completes. Up goes back through the lines that begin as this one, \
    Ctrl-R searches them, Ctrl-X Ctrl-E edits the line in $EDITOR; lines that begin with a space aren't kept, nor passwords and \
    tokens in URLs. Ctrl-C ends what is under \
    way (a search, a question, a long /show, /file, /run, /repeat, an attempt to connect) or clears the line, which Up brings back; on an empty line \
    it says what exits, the second closes, the third exits at once. Names of \
    commands may be cut short (/stat) where nothing is sent, closed, run or written. /help COMMAND has an example, /help keys this.";

/// Columns of a command's usage, with what it does beside that.
const USAGE: usize = 27;

/// On a terminal of fewer columns what a command does stands below it.
const BESIDE: usize = 60;

/// Longer lines than this are hard to read, in columns.
const LONGEST: usize = 80;

/// What `/help` says in so many columns: every command, or one with an example.
///
/// # Errors
/// There is no such command.
pub(crate) fn help(role: PromptRole, name: Option<&str>, columns: usize) -> Result<Vec<String>, String> {
    let columns = columns.min(LONGEST);
    let Some(name) = name else { return Ok(overview(role, columns)) };
    if name == "keys" {
        return Ok(hanging("", KEYS, 0, columns));
    }
    let entry = find(role, name).ok_or_else(|| format!("{} (/help lists the commands)", unknown(role, name)))?;
    let mut lines = hanging("", &entry.usage(), 4, columns);
    lines.extend(hanging("  ", entry.does, 2, columns));
    if !entry.example.is_empty() {
        lines.extend(hanging("  for example: ", entry.example, 4, columns));
    }
    details(entry.name).iter().for_each(|detail| lines.extend(hanging("  ", detail, 4, columns)));
    Ok(lines)
}

/// What there is to know of a command beside that.
fn details(name: &str) -> &'static [&'static str] {
    match name {
        "on" => &[
            "CONDITION => ACTION => ACTION, as in json /op = \"sub\" => reply {\"id\":${/id}}",
            "conditions: open, match REGEX, json /POINTER = JSON, text, binary, prefix HEX, any",
            "actions: reply TEXT, binary HEX, delay 1s, close CODE REASON, nothing",
            "${/pointer} in a reply is that value of the message, $1 a group of the match",
        ],
        "run" => &[
            "each line is done as if it were typed; empty ones, and those that begin with # and a space, are skipped",
            "a .wst file is for what waits: it has steps as for wscli test, a line each, taken in order; wscli man test.5 has all",
            "send TEXT, binary HEX, file PATH, ping; delay 2s; close [CODE [REASON]]",
            "expect: equals TEXT, contains TEXT, match REGEX, json {\"op\":\"ok\"}, json /id = 7 and /result is number, binary, closed 1000",
            "behind it: within 2s; in the next line capture id = /id, for ${id} in later steps",
        ],
        "format" => &[
            "auto: JSON laid out, other text as it is, binary as hex",
            "text: as it came; json: laid out; hex, base64: the bytes",
        ],
        "template" => &["places: ${uuid} ${now} ${counter} ${random} ${env.NAME} ${last./pointer}"],
        "connect" => &[advice::CONNECT_FLAGS, "URL may be HOST:PORT, :PORT or PORT; /PATH is on the server at hand"],
        _ => &[],
    }
}

fn overview(role: PromptRole, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for section in SECTIONS {
        let mut entries = section.entries.iter().filter(|entry| entry.is_of(role)).peekable();
        if entries.peek().is_some() {
            lines.push(section.title(role).to_owned());
        }
        entries.for_each(|entry| lines.extend(in_overview(entry, columns)));
    }
    lines.push("Keys".to_owned());
    lines.extend(hanging("  ", KEYS, 2, columns));
    lines
}

fn in_overview(entry: &Entry, columns: usize) -> Vec<String> {
    let usage = entry.usage();
    let short = if usage.len() < USAGE { usage } else { format!("/{} …", entry.name) };
    if columns >= BESIDE {
        return hanging(&format!("  {short:<USAGE$}"), entry.does, 2 + USAGE, columns);
    }
    [format!("  {short}")].into_iter().chain(hanging("    ", entry.does, 4, columns)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::command_table;
    use super::*;
    use crate::view::width::widest_width;

    #[test]
    fn every_page_of_help_fits_and_breaks_no_word() {
        for role in PromptRole::ALL {
            let names = command_table::all(role).map(|entry| Some(entry.name)).chain([None]);
            for (name, columns) in names.flat_map(|name| [40, 60, 80, 200].map(|columns| (name, columns))) {
                let lines = help(role, name, columns).unwrap();
                for line in &lines {
                    let is_one_word = line.trim().split(' ').count() == 1;
                    assert!(widest_width(line) <= columns.min(LONGEST) || is_one_word, "{columns}: {line}");
                }
                if let Some(entry) = name.and_then(|name| find(role, name)) {
                    let words = format!("{} {}", entry.usage(), entry.does);
                    let shown = lines.join(" ");
                    let missing = words.split(' ').find(|word| !shown.split(' ').any(|shown| shown == *word));
                    assert_eq!(missing, None, "{shown}");
                }
            }
        }
    }

    #[test]
    fn what_a_command_does_stands_beside_it_or_below() {
        let lines = |columns| help(PromptRole::Client, None, columns).unwrap();
        assert!(lines(80).contains(&"  /ping [PAYLOAD]            send a Ping, and show the round trip".to_owned()));
        let narrow = lines(40);
        let at = narrow.iter().position(|line| line == "  /ping [PAYLOAD]").unwrap();
        assert_eq!(narrow[at + 1], "    send a Ping, and show the round trip");
    }

    #[test]
    fn one_command_has_its_usage_and_an_example() {
        assert_eq!(
            help(PromptRole::Client, Some("clos"), 80).unwrap(),
            [
                "/close [N] [CODE [REASON]]",
                "  close this connection with 1000, or end number N",
                "  for example: /close 1000 done"
            ]
        );
        assert_eq!(help(PromptRole::Client, Some("stats"), 80).unwrap().len(), 2);
        assert_eq!(
            help(PromptRole::Client, Some("pin g"), 80).unwrap_err(),
            "/pin g is not a command; did you mean /ping? (/help lists the commands)"
        );
    }
}
