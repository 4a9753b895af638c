//! The flags of `wscli man`.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Command, Error, ValueHint};

use super::man_pages;
use crate::commands::man::{Config, ManualPage};
use crate::values;

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Which page: a subcommand such as connect, or a format such as rules, events or test.5 [default: wscli's own]
    #[arg(value_name = "TOPIC", conflicts_with = "write")]
    topic: Option<String>,

    /// Write all pages to man1 and man5 of this directory, such as ~/.local/share/man
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    write: Option<PathBuf>,
}

impl ManArgs {
    /// # Errors
    /// A topic that has no page.
    pub(super) fn config(self, definition: &Command) -> Result<Config, Error> {
        let pages = man_pages::all(definition.clone());
        if let Some(directory) = self.write {
            return Ok(Config::Write { directory, pages });
        }
        let topic = self.topic.unwrap_or_else(|| "wscli".to_owned());
        match pages.iter().position(|page| is_called(page, &topic)) {
            Some(found) => Ok(Config::Show(pages.into_iter().nth(found).expect("it was found there"))),
            None => Err(definition.clone().error(ErrorKind::InvalidValue, no_page(&topic, &pages))),
        }
    }
}

/// Whether a topic means this page: by its name with "wscli-" or without, and with its section or without.
fn is_called(page: &ManualPage, topic: &str) -> bool {
    let ManualPage { name, section, .. } = page;
    let name_given = [format!(".{section}"), format!("({section})")].into_iter().find_map(|end| {
        let name = topic.strip_suffix(&end)?;
        Some(name.to_owned())
    });
    let topic = name_given.as_deref().unwrap_or(topic);
    name == topic || name.strip_prefix("wscli-") == Some(topic)
}

/// What there are pages about.
pub(super) fn topics(definition: &Command) -> Vec<String> {
    man_pages::all(definition.clone()).iter().map(topic_of).collect()
}

fn no_page(topic: &str, pages: &[ManualPage]) -> String {
    let topics: Vec<_> = pages.iter().map(topic_of).collect();
    let similar = values::nearest(topics.iter().map(String::as_str), topic);
    let meant = similar.map_or(String::new(), |known| format!("; {known} has"));
    format!("{topic:?} has no page{meant}. The topics are\n  {}", topics.join(", "))
}

/// What a page is asked for by: with its section where a subcommand has the name, too.
fn topic_of(page: &ManualPage) -> String {
    let short = page.name.strip_prefix("wscli-").unwrap_or(&page.name);
    if page.section == 1 { short.to_owned() } else { format!("{short}.{}", page.section) }
}
