//! The manual: a page for wscli, one for each subcommand, and one for each format, made from what `--help` says and from the
//! documents of docs/. `man/` of the repository has what this writes.

mod command_page;
mod markdown;
mod roff;

use clap::Command;

use self::roff::{RoffPage, plain};
use crate::commands::man::ManualPage;
use crate::script;

/// What every page is a part of.
const SOURCE: &str = concat!("wscli ", env!("CARGO_PKG_VERSION"));

/// A document of docs/ that is a page.
struct FormatDocument {
    /// What docs/ calls it.
    file: &'static str,
    /// What its page is called behind "wscli-".
    page: &'static str,
    about: &'static str,
    text: &'static str,
}

const FORMATS: [FormatDocument; 7] = [
    FormatDocument {
        file: "rules.md",
        page: "rules",
        about: "rules that answer messages, or change them on their way",
        text: script::MANUAL,
    },
    FormatDocument {
        file: "events.md",
        page: "events",
        about: "messages and control frames as lines of JSON",
        text: include_str!("../../../docs/events.md"),
    },
    FormatDocument {
        file: "serve-events.md",
        page: "serve-events",
        about: "what happens in a server or a proxy, as lines of JSON",
        text: include_str!("../../../docs/serve-events.md"),
    },
    FormatDocument {
        file: "recording.md",
        page: "recording",
        about: "recordings of connections, and what they convert to",
        text: include_str!("../../../docs/recording.md"),
    },
    FormatDocument {
        file: "faults.md",
        page: "faults",
        about: "what servers and proxies can break on purpose",
        text: include_str!("../../../docs/faults.md"),
    },
    FormatDocument {
        file: "test-files.md",
        page: "test",
        about: "files of tests of WebSocket services",
        text: include_str!("../../../docs/test-files.md"),
    },
    FormatDocument {
        file: "config.md",
        page: "config",
        about: "the configuration file of wscli",
        text: include_str!("../../../docs/config.md"),
    },
];

/// What the subcommands are for: a section each.
const COMMANDS: &str = include_str!("../../../docs/commands.md");

/// The documents, NAME.md of docs/, that are the description of the subcommand NAME.
const AT_LENGTH: [(&str, &str); 4] = [
    ("bench", include_str!("../../../docs/bench.md")),
    ("inspect", include_str!("../../../docs/inspect.md")),
    ("ping", include_str!("../../../docs/ping.md")),
    ("replay", include_str!("../../../docs/replay.md")),
];

/// All pages, wscli's first.
pub(super) fn all(mut definition: Command) -> Vec<ManualPage> {
    definition.build();
    let subcommands: Vec<_> = definition.get_subcommands().filter(|known| !known.is_hide_set()).collect();
    let names = Names::of(&subcommands);
    let first = page_of_command(&definition, &names);
    let commands = subcommands.iter().map(|command| page_of_command(command, &names));
    let formats = FORMATS.iter().map(|format| page_of_format(format, &names));
    [first].into_iter().chain(commands).chain(formats).collect()
}

/// A text with the names of pages in the places of the documents that they are made from, and of what shows them.
fn with_pages(text: &str) -> String {
    let of_format =
        |format: &FormatDocument| (format.file.to_owned(), topic(format), format!("wscli-{}(5)", format.page));
    let at_length = AT_LENGTH.map(|(name, _)| (format!("{name}.md"), name.to_owned(), format!("wscli-{name}(1)")));
    FORMATS.iter().map(of_format).chain(at_length).fold(text.to_owned(), |text, (file, topic, page)| {
        text.replace(&format!("docs/{file}"), &page).replace(&format!("wscli man {topic}"), &page)
    })
}

/// What `wscli man` shows a format's page by: with its section where a subcommand has the name, too.
fn topic(format: &FormatDocument) -> String {
    const OF_SUBCOMMANDS: [&str; 2] = ["test", "config"];
    let section = if OF_SUBCOMMANDS.contains(&format.page) { ".5" } else { "" };
    format!("{}{section}", format.page)
}

/// Pages by their names and sections, for what each says at its end.
struct Names(Vec<(String, u8)>);

impl Names {
    fn of(subcommands: &[&Command]) -> Self {
        let commands = subcommands.iter().map(|command| (name_of(command), 1));
        let formats = FORMATS.iter().map(|format| (format!("wscli-{}", format.page), 5));
        Self([("wscli".to_owned(), 1)].into_iter().chain(commands).chain(formats).collect())
    }

    fn write_others(&self, own: (&str, u8), page: &mut RoffPage) {
        page.heading("SEE ALSO");
        let others = self.0.iter().filter(|(name, section)| (name.as_str(), *section) != own);
        let others: Vec<_> = others.map(|(name, section)| plain(&format!("{name}({section})"))).collect();
        page.paragraph(&others.join(", "));
    }
}

fn name_of(command: &Command) -> String {
    format!("wscli-{}", command.get_name())
}

fn page_of_command(command: &Command, names: &Names) -> ManualPage {
    let is_first = command.get_name() == "wscli";
    let name = if is_first { "wscli".to_owned() } else { name_of(command) };
    let mut page = RoffPage::new(&name, 1, SOURCE);
    page.name(&name, &command_page::about(command));
    command_page::write_synopsis(command, &mut page);
    describe(command, &mut page);
    command_page::write_subcommands(command, is_first, &mut page);
    command_page::write_arguments(command, &mut page);
    if let Some(end) = command.get_after_help() {
        command_page::write_end(&end.to_string(), &mut page);
    }
    names.write_others((&name, 1), &mut page);
    let text = command.clone().render_long_help().to_string();
    ManualPage { name, section: 1, roff: page.finish(), text }
}

fn describe(command: &Command, page: &mut RoffPage) {
    let name = command.get_name();
    match AT_LENGTH.iter().find(|(subcommand, _)| *subcommand == name) {
        Some((_, document)) => markdown::write(document, "DESCRIPTION", page),
        // A part of a section there is a section here.
        None => markdown::write(&section(name).replace("\n### ", "\n## "), "DESCRIPTION", page),
    }
}

/// What the document of subcommands has to say about this one, without the heading.
fn section(name: &str) -> &'static str {
    let of_name = |section: &&str| section.split('\n').next() == Some(name);
    let section = COMMANDS.split("\n## ").skip(1).find(of_name).unwrap_or_default();
    section.split_once('\n').map_or("", |(_, text)| text)
}

fn page_of_format(format: &FormatDocument, names: &Names) -> ManualPage {
    let name = format!("wscli-{}", format.page);
    let mut page = RoffPage::new(&name, 5, SOURCE);
    page.name(&name, format.about);
    markdown::write(format.text, "DESCRIPTION", &mut page);
    names.write_others((&name, 5), &mut page);
    ManualPage { name, section: 5, roff: page.finish(), text: format.text.to_owned() }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::CommandLine;
    use super::*;

    fn pages() -> Vec<ManualPage> {
        all(CommandLine::command())
    }

    #[test]
    fn each_subcommand_says_what_it_is_for() {
        let command = CommandLine::command();
        for subcommand in command.get_subcommands().map(Command::get_name) {
            let is_described = !section(subcommand).trim().is_empty();
            let is_at_length = AT_LENGTH.iter().any(|(name, _)| *name == subcommand);
            assert!(is_described != is_at_length, "docs/commands.md is to have a section \"## {subcommand}\"");
        }
    }

    #[test]
    fn lines_that_are_not_filled_fit_80_columns() {
        let mut widest = Vec::new();
        for page in pages() {
            let blocks = page.roff.split("\n.nf\n").skip(1).filter_map(|block| block.split("\n.fi\n").next());
            let lines = blocks.flat_map(str::lines).map(as_shown);
            widest.extend(lines.filter(|line| line.chars().count() > roff::ROOM).map(|line| (page.name.clone(), line)));
        }
        assert!(widest.is_empty(), "wider than {} columns: {widest:#?}", roff::ROOM);
    }

    /// A line of the source without its escapes.
    fn as_shown(line: &str) -> String {
        let names = ["\\(aq", "\\(ga", "\\(ha", "\\(ti", "\\-", "\\e"];
        names.iter().fold(line.replace("\\&", ""), |line, name| line.replace(name, "x"))
    }

    #[test]
    fn no_page_names_a_document_that_is_a_page() {
        for page in pages() {
            let at_length = AT_LENGTH.map(|(name, _)| format!("{name}.md"));
            for file in FORMATS.map(|format| format.file.to_owned()).iter().chain(&at_length) {
                assert!(!page.roff.contains(&format!("docs/{}", plain(file))), "{}: {file}", page.name);
            }
        }
    }

    #[test]
    fn no_page_shows_marks_of_markdown() {
        let marks = regex::Regex::new(r"\*\w[^*]*\w\*|\*\*|\\\(ga\w|\]\(|^\\- |\. \\- ").unwrap();
        for page in pages() {
            let texts =
                page.roff.split("\n.nf\n").map(|block| block.split_once("\n.fi\n").map_or(block, |(_, text)| text));
            let marked: Vec<_> = texts.flat_map(str::lines).filter(|line| marks.is_match(line)).collect();
            assert!(marked.is_empty(), "{}: {marked:#?}", page.name);
        }
    }

    #[test]
    fn formats_with_the_name_of_a_subcommand_are_shown_with_their_section() {
        let command = CommandLine::command();
        for format in &FORMATS {
            let is_subcommand = command.find_subcommand(format.page).is_some();
            assert_eq!(topic(format) != format.page, is_subcommand, "{}", format.page);
        }
    }
}
