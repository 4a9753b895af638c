//! The page of a subcommand, or of wscli: what `--help` says, at its length.

use clap::{Arg, ArgAction, Command};

use super::super::help;
use super::markdown::inline;
use super::roff::{ENTRY, RoffPage, bold, italic, plain};
use super::with_pages;

/// How it is called.
pub(super) fn write_synopsis(command: &Command, page: &mut RoffPage) {
    page.heading("SYNOPSIS");
    let usage = command.clone().render_usage().to_string();
    let lines = usage.trim_start_matches("Usage:").lines().map(str::trim);
    page.example(lines);
}

/// What stands on its line beside flags, what else there is to call, and the flags under their headings.
pub(super) fn write_arguments(command: &Command, page: &mut RoffPage) {
    let shown = || command.get_arguments().filter(|arg| !arg.is_hide_set());
    let mut positionals = shown().filter(|arg| arg.is_positional()).peekable();
    if positionals.peek().is_some() {
        page.heading("ARGUMENTS");
        positionals.for_each(|arg| write_argument(arg, page));
    }
    page.heading("OPTIONS");
    let is_below = |arg: &Arg, heading: Option<&str>| !arg.is_positional() && arg.get_help_heading() == heading;
    shown().filter(|arg| is_below(arg, None)).for_each(|arg| write_argument(arg, page));
    for heading in help::headings(command) {
        page.subheading(&heading);
        shown().filter(|arg| is_below(arg, Some(&heading))).for_each(|arg| write_argument(arg, page));
    }
}

/// What else there is to call: with pages of their own, or on this one.
pub(super) fn write_subcommands(command: &Command, have_pages: bool, page: &mut RoffPage) {
    let mut subcommands = command.get_subcommands().filter(|known| !known.is_hide_set()).peekable();
    if subcommands.peek().is_none() {
        return;
    }
    page.heading("COMMANDS");
    for subcommand in subcommands {
        page.entry(&bold(subcommand.get_name()), &plain(&about(subcommand)));
        let shown = subcommand.get_arguments().filter(|arg| !have_pages && !arg.is_hide_set() && !is_help(arg));
        shown.for_each(|arg| page.further(&format!("{}: {}", heading(arg), plain(&with_pages(&help_text(arg))))));
    }
}

/// What help says at its end: a list below each line that ends with a colon, and paragraphs.
pub(super) fn write_end(text: &str, page: &mut RoffPage) {
    let mut title = None;
    for block in text.split("\n\n") {
        let (first, list) = block.split_once('\n').unwrap_or((block, ""));
        match first.strip_suffix(':').filter(|_| list.starts_with("  ")) {
            Some("Exit codes") => write_exit_codes(list, page),
            Some("Examples") => write_examples(list, page),
            _ => {
                if title.replace("NOTES").is_none() {
                    page.heading("NOTES");
                }
                page.paragraph(&plain(&block.replace('\n', " ")));
            }
        }
    }
}

fn write_exit_codes(list: &str, page: &mut RoffPage) {
    page.heading("EXIT STATUS");
    for line in list.lines() {
        let (code, meaning) = line.trim().split_once("  ").unwrap_or((line.trim(), ""));
        page.entry(&bold(code), &plain(meaning.trim()));
    }
}

/// A command that has a purpose stands below it; those that speak for themselves stand together.
fn write_examples(list: &str, page: &mut RoffPage) {
    page.heading("EXAMPLES");
    let examples: Vec<_> = list.lines().map(|line| line.trim().split_once("  ").unwrap_or((line.trim(), ""))).collect();
    for group in examples.chunk_by(|_, (_, purpose)| purpose.is_empty()) {
        let (_, purpose) = group[0];
        if !purpose.is_empty() {
            page.paragraph(&format!("{}:", plain(&with_pages(purpose.trim()))));
        }
        page.example(group.iter().map(|(command, _)| *command));
    }
}

fn write_argument(arg: &Arg, page: &mut RoffPage) {
    let text = help_text(arg);
    let mut paragraphs = text.lines().map(|line| plain(&with_pages(line)));
    page.entry(&heading(arg), &paragraphs.next().unwrap_or_default());
    paragraphs.for_each(|paragraph| page.further(&paragraph));
    if has_described_values(arg) {
        let values = arg.get_possible_values();
        let items = values.iter().filter(|value| !value.is_hide_set()).map(|value| match value.get_help() {
            Some(help) => format!("{}: {}", bold(value.get_name()), inline(&help.to_string())),
            None => bold(value.get_name()),
        });
        page.inside(ENTRY, |page| items.for_each(|item| page.item(&item)));
    }
}

/// A flag or an argument as it is given.
fn heading(arg: &Arg) -> String {
    let values = || {
        let names = arg.get_value_names().map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>());
        names.unwrap_or_else(|| vec![arg.get_id().as_str().to_uppercase()]).join(" ")
    };
    if arg.is_positional() {
        let several = if matches!(arg.get_action(), ArgAction::Append) { "..." } else { "" };
        let name = format!("{}{several}", values());
        return if arg.is_required_set() { italic(&name) } else { format!("[{}]", italic(&name)) };
    }
    let short = arg.get_short().map(|letter| bold(&format!("-{letter}")));
    let long = arg.get_long().map(|name| bold(&format!("--{name}")));
    let names: Vec<_> = short.into_iter().chain(long).collect();
    let names = names.join(", ");
    if !arg.get_action().takes_values() {
        return names;
    }
    match arg.get_num_args().is_some_and(|count| count.min_values() == 0) {
        true => format!("{names}[={}]", italic(&values())),
        false => format!("{names} {}", italic(&values())),
    }
}

/// What there is to say about it, with its values and its default where the text leaves them to clap.
fn help_text(arg: &Arg) -> String {
    let said = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = said.trim().to_owned();
    let mut add = |what: &str, values: Vec<String>| {
        if !values.is_empty() {
            text.push_str(&format!(" [{what}: {}]", values.join(", ")));
        }
    };
    if arg.get_action().takes_values() && !arg.is_hide_possible_values_set() && !has_described_values(arg) {
        let values = arg.get_possible_values();
        let shown = values.iter().filter(|value| !value.is_hide_set());
        add("possible values", shown.map(|value| value.get_name().to_owned()).collect());
    }
    if arg.get_action().takes_values() && !arg.is_hide_default_value_set() {
        let defaults = arg.get_default_values().iter();
        add("default", defaults.map(|value| value.to_string_lossy().into_owned()).collect());
    }
    text
}

/// Whether its values have help of their own, which needs a list.
fn has_described_values(arg: &Arg) -> bool {
    let is_listed = arg.get_action().takes_values() && !arg.is_hide_possible_values_set();
    is_listed && arg.get_possible_values().iter().any(|value| value.get_help().is_some())
}

pub(super) fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn is_help(arg: &Arg) -> bool {
    arg.get_id() == "help"
}
