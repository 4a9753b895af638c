//! What is longer than the screen, for the person to page through.

use std::fs::File;
use std::io::{self, Write};

use super::listing::Listing;
use crate::error::system_words;
use crate::stdio::pager::Pager;

/// Lets the person page through the lines at the terminal. Returns whether they did: without a pager they are still to be shown.
///
/// # Errors
/// What failed, in words.
pub(super) fn show(listing: &Listing, terminal: io::Result<File>) -> Result<bool, String> {
    let terminal = terminal.map_err(|error| format!("can't use the terminal: {}", system_words(&error)))?;
    let Some(mut pager) = Pager::start(terminal.into())? else { return Ok(false) };
    // One that is left early takes no more.
    let _ = listing.each_line(|line| writeln!(pager, "{line}")).and_then(|()| pager.flush());
    pager.finish()
}
