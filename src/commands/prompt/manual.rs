//! `/help`, from the table of commands.

use super::command_table::{SECTIONS, find, unknown};
use crate::ws::Role;

/// What the keys do.
const KEYS: [&str; 8] = [
    "  Enter sends. Alt-Enter, or a \\ at the end, continues on the next line; so does",
    "  unfinished JSON. Enter on an empty line sends it anyway. //text sends /text.",
    "  Tab completes. Up goes back through the lines that begin as this one, Ctrl-R",
    "  searches them; lines that begin with a space aren't kept, nor passwords and",
    "  tokens in URLs. Ctrl-C ends what is under way (a search, a question, a long",
    "  /show, /file, /repeat, an attempt to connect) or clears the line; on an empty",
    "  line it says what exits, the second closes, the third exits at once.",
    "  /help COMMAND has an example.",
];

/// What `/help` says: every command, or one with an example.
///
/// # Errors
/// There is no such command.
pub(crate) fn help(role: Role, name: Option<&str>) -> Result<Vec<String>, String> {
    let Some(name) = name else { return Ok(overview(role)) };
    let entry = find(role, name).ok_or_else(|| format!("{} (/help lists the commands)", unknown(role, name)))?;
    let mut lines = vec![entry.usage(), format!("  {}", entry.does)];
    if !entry.example.is_empty() {
        lines.push(format!("  for example: {}", entry.example));
    }
    Ok(lines)
}

fn overview(role: Role) -> Vec<String> {
    let mut lines = Vec::new();
    for section in SECTIONS {
        let mut entries = section.entries.iter().filter(|entry| entry.is_of(role)).peekable();
        if entries.peek().is_some() {
            lines.push(section.title.to_owned());
        }
        for entry in entries {
            let usage = entry.usage();
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
    use super::*;

    #[test]
    fn help_fits_eighty_columns() {
        for role in [Role::Client, Role::Server] {
            for line in help(role, None).unwrap() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }

    #[test]
    fn one_command_has_its_usage_and_an_example() {
        assert_eq!(
            help(Role::Client, Some("clos")).unwrap(),
            ["/close [CODE [REASON]]", "  start the closing handshake", "  for example: /close 1000 done"]
        );
        assert_eq!(help(Role::Client, Some("stats")).unwrap().len(), 2);
        assert_eq!(
            help(Role::Client, Some("pin g")).unwrap_err(),
            "/pin g is not a command; did you mean /ping? (/help lists the commands)"
        );
    }
}
