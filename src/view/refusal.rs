//! An answer that didn't open a connection: head and body.

use super::amount::Count;
use super::head;
use super::hex::Dump;
use super::html;
use crate::advice::Dialect;
use crate::error::{Advice, Remedy, sentence};
use crate::http::{ResponseWithBody, Secrets};
use crate::peer_text::Escaped;
use crate::ws::prefix;

/// Lines of a body that isn't text.
const DUMP_LINES: usize = 16;

/// So much of a page is read as text, in bytes: whoever looks for more wants its source.
const LARGEST_PAGE: usize = 1 << 20;

/// Tells the answer line by line: a body has as many as bytes. `with_head`: unless somebody has seen the head already, who wants
/// to see everything as it came. Others read a page of HTML as text.
pub(crate) fn each_line(answer: &ResponseWithBody, with_head: bool, dialect: Dialect, tell: &mut dyn FnMut(&str)) {
    if with_head {
        head::lines('<', &answer.response.raw, &answer.request, Secrets::Masked).iter().for_each(|line| tell(line));
    }
    let bytes = &answer.content.bytes;
    if !bytes.is_empty() {
        tell("");
    }
    let text = answer.text();
    let text = text.as_deref();
    let source = text.filter(|text| with_head && is_html(answer, text));
    let page = source.map(|source| html::text(prefix(source, LARGEST_PAGE)));
    let mut indented = |line: &str| tell(&format!("  {}", Escaped(line)));
    match (page.filter(|page| !page.is_empty()), text) {
        (Some(page), _) => {
            page.iter().for_each(|line| indented(line));
            let begins = if bytes.len() > LARGEST_PAGE { "the beginning of " } else { "" };
            let page = format!("… {begins}the text of an HTML page");
            let told = Advice::from(page).and(sentence![Remedy::Verbose.given(), " shows its source"]);
            dialect.advice(&told).iter().for_each(|told| tell(told));
        }
        // Indented, so that no body can forge a line of ours.
        (None, Some(text)) => text.lines().for_each(indented),
        (None, None) => {
            let dump = Dump { bytes, start: 0, length: bytes.len(), lines: DUMP_LINES, columns: 78 }.to_string();
            dump.lines().for_each(|line| tell(&format!("  {line}")));
        }
    }
    cut(answer).and_then(|cut| dialect.advice(&cut)).iter().for_each(|cut| tell(cut));
}

/// What is to be said of a body that isn't whole.
fn cut(answer: &ResponseWithBody) -> Option<Advice> {
    let length = Count(answer.content.bytes.len() as u64, "byte");
    match (answer.content.cut, answer.content.malformed) {
        (true, _) => Some(
            Advice::from(format!("… cut after {length}")).and(sentence![Remedy::LargerBody.given(), " shows more"]),
        ),
        (false, true) => {
            Some("… its chunked coding is malformed, and not taken off from there on (RFC 9112 §7.1)".into())
        }
        (false, false) if answer.content.broken_off => Some(format!("… broken off after {length}").into()),
        (false, false) => None,
    }
}

fn is_html(answer: &ResponseWithBody, text: &str) -> bool {
    let beginning: String = text.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    answer.response.headers.get("content-type").is_some_and(|kind| kind.trim_start().starts_with("text/html"))
        || ["<!doctype html", "<html"].iter().any(|tag| beginning.starts_with(tag))
}
