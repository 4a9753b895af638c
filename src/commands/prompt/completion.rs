//! What helps while a line is being typed: completion, hints, colours, and whether Enter sends.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rustyline::completion::{Completer, FilenameCompleter, Pair, longest_common_prefix};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::line_buffer::LineBuffer;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Changeset, Context, Helper};

use super::command_table::{self, Completes, PromptRole};
use super::connections::Connections;
use super::line_state::LineState;
use super::line_window::LineWindow;
use super::saved_lines::SavedLines;
use super::screen::Screen;
use super::typed_json::JsonWord;
use super::{CommandWords, continuation, line_text, seen_json, terminal, typed_json};
use crate::net::target::Target;
use crate::script::LineTemplate;
use crate::script::raw_frame::FIELDS;
use crate::view::spans::{Paint, Painted, Style};
use crate::view::width::{beginning, width};
use crate::view::wrap::INDENT;
use crate::ws::OpCode;

/// A line up to this length, in bytes, fits any screen that is worth the name.
const SHORT: usize = 256;

/// More completions than these aren't listed.
const LISTED: usize = 100;

/// The editor's helper.
pub(super) struct Assistant {
    screen: Screen,
    state: LineState,
    files: FilenameCompleter,
    saved: SavedLines,
    connections: Connections,
    commands: CommandWords,
}

impl Assistant {
    pub(super) fn new(
        screen: Screen,
        state: LineState,
        saved: SavedLines,
        connections: Connections,
        commands: CommandWords,
    ) -> Self {
        Self { screen, state, files: FilenameCompleter::new(), saved, connections, commands }
    }
}

impl Helper for Assistant {}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let mut state = self.state.lock();
        let line = context.input();
        if state.to_go_on_with.is_some() || state.to_edit.is_some() || state.answering {
            return Ok(ValidationResult::Valid(None));
        }
        let unfinished = !state.has_another_newline(line) && continuation::is_unfinished(line);
        if unfinished {
            state.without_newline = Some(line.to_owned());
        }
        Ok(if unfinished { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Highlighter for Assistant {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, default: bool) -> Cow<'b, str> {
        // Being asked for the prompt's colours is the only way to hear that the line is drawn.
        self.screen.drawn();
        let prompt = self.screen.counted(prompt);
        self.screen.line(|line| line.set_prompt(&prompt));
        let paint = self.screen.paint;
        if default { Cow::Owned(paint.paint(Style::Sent, prompt).into_string()) } else { prompt }
    }

    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        self.note_whom_for(line);
        self.screen.set_line(line, pos);
        self.screen.set_line_width(drawn_width(line));
        let brackets = self.brackets(line, pos).filter(|_| !self.state.lock().is_left);
        match self.window() {
            Some(window) => Cow::Owned(self.windowed(line, brackets, &window)),
            None => self.drawn(line, brackets),
        }
    }

    /// The editor writes a character at the end as it is, unless this says that it is highlighted.
    fn highlight_char(&self, line: &str, pos: usize, kind: CmdKind) -> bool {
        // It is asked whenever the cursor moves, too, and for a character that needs no more than to be written.
        self.note_whom_for(line);
        let has_window = self.will_have_window(line, pos);
        let is_matched = self.brackets(line, pos).is_some();
        if kind == CmdKind::ForcedRefresh {
            // It is drawn without.
            self.screen.line(|drawn| drawn.set_hint(None));
        }
        let mut state = self.state.lock();
        state.is_left = kind == CmdKind::ForcedRefresh && pos == line.len() && !state.goes_on(line);
        let was_matched = std::mem::replace(&mut state.matched, is_matched);
        is_matched || was_matched || has_window || !line_text::is_as_drawn(line)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match self.state.lock().is_cut {
            true => Cow::Borrowed(""),
            false => Cow::Owned(self.screen.paint.paint(Style::Faint, hint).into_string()),
        }
    }
}

/// A command's arguments behind its name. They are shown, and not to be taken over.
pub(super) struct Arguments(String);

impl Hint for Arguments {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assistant {
    type Hint = Arguments;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Arguments> {
        // What is drawn next takes the place of what was drawn last.
        if terminal::breaks_anew()
            && let Some(sequence) = self.screen.line(|drawn| drawn.take_away(terminal::columns()))
        {
            terminal::send_now(&sequence);
        }
        let of_keys = self.state.lock().hint();
        let of_command = || hint(self.commands.role, line).filter(|_| pos == line.len());
        let of_command = || of_command().map(|hint| told_apart(hint, self.screen.paint));
        // What a window says of itself needs no hint.
        let held_back = self.held_back(line).filter(|_| !self.will_have_window(line, pos));
        let hint = held_back.or(of_keys).or_else(of_command).or_else(|| self.of_message(line));
        self.screen.line(|drawn| drawn.set_hint(hint.as_deref()));
        hint.map(Arguments)
    }
}

/// Columns that a line of ours leaves free where it doesn't go on in the next row.
const MARGIN: usize = 2 * INDENT + 1;

/// Words in rows of so many columns, one below the other where there are several rows.
fn in_columns(words: &[&str], columns: usize) -> Vec<String> {
    let widths = || words.iter().map(|word| 2 + width(word));
    let (in_row, each) = match widths().sum::<usize>() <= columns {
        true => (words.len(), 0),
        false => {
            let each = widths().max().unwrap_or(2);
            (columns / each, each)
        }
    };
    let in_column = |word: &&str| format!("  {word}{}", " ".repeat(each.saturating_sub(2 + width(word))));
    let row = |words: &[&str]| words.iter().map(in_column).collect::<String>().trim_end().to_owned();
    words.chunks(in_row.max(1)).map(row).collect()
}

/// Columns that a line takes, those of its last rows included that stay empty; 0 where it can't be too long.
fn drawn_width(line: &str) -> usize {
    if line.len() < SHORT { 0 } else { width(line) + terminal::columns() * line.matches('\n').count() }
}

/// The arguments that are still to come.
fn hint(role: PromptRole, line: &str) -> Option<String> {
    let rest = line.strip_prefix('/')?;
    let (name, given) = rest.split_once(' ').unwrap_or((rest, ""));
    let entry = command_table::named(role, name)?;
    let space = if rest.contains(' ') { "" } else { " " };
    (given.is_empty() && !entry.arguments.is_empty()).then(|| format!("{space}{}", entry.arguments))
}

/// Where there are no colours, words tell a hint from what was typed.
fn told_apart(hint: String, paint: Paint) -> String {
    match paint {
        Paint::Colours => hint,
        Paint::Plain => format!("  (arguments: {})", hint.trim_start()),
    }
}

impl Completer for Assistant {
    type Candidate = Pair;

    /// At most one: of several the editor would make a list that it waits at.
    fn complete(&self, line: &str, pos: usize, context: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        if self.state.lock().replacement.is_some() {
            return Ok((0, vec![Pair { display: String::new(), replacement: String::new() }]));
        }
        let (start, found) = self.candidates(line, pos, context)?;
        if found.len() < 2 {
            return Ok((start, found));
        }
        self.list(&found);
        let common = longest_common_prefix(&found).filter(|common| common.len() > pos - start);
        let common = common.map(|common| Pair { display: String::new(), replacement: common.to_owned() });
        Ok((start, common.into_iter().collect()))
    }

    fn update(&self, line: &mut LineBuffer, start: usize, elected: &str, changes: &mut Changeset) {
        let mut state = self.state.lock();
        let replacement = state.replacement.take();
        // It is written on from there.
        let is_quoting = replacement.as_ref().is_some_and(|(line, _)| state.history.is_quoting(line));
        state.quotes_peer |= is_quoting;
        drop(state);
        match replacement {
            Some((replacement, cursor)) => line.update(&replacement, cursor, changes),
            None => line.replace(start..line.pos(), elected, changes),
        }
    }
}

impl Assistant {
    /// A line is for the connection that was looked at when it was begun.
    fn note_whom_for(&self, line: &str) {
        let begun_for = &mut self.state.lock().begun_for;
        if line.is_empty() {
            *begun_for = None;
        } else if begun_for.is_none() {
            *begun_for = Some(self.connections.current());
        }
    }

    /// That nothing is printed above a line that has just become taller than the screen. It isn't said for long: with a hint
    /// behind it such a line would be drawn for every key, and each time push everything else away.
    fn held_back(&self, line: &str) -> Option<String> {
        let is_new = self.screen.would_become_tall(drawn_width(line));
        is_new.then(|| "  (what arrives is held until the line fits the screen)".to_owned())
    }

    /// What is wrong with a message that is JSON, and that Enter sends it on an empty line.
    fn of_message(&self, line: &str) -> Option<String> {
        let (is_answer, is_pasted) = {
            let state = self.state.lock();
            (state.answering, state.pasted)
        };
        let json = typed_json::of_line(self.commands.role, line).filter(|_| !is_answer);
        let fault = json.and_then(|(_, json)| match self.has_places(line) {
            true => typed_json::fault(&LineTemplate::with_digits(json)?),
            false => typed_json::fault(json),
        });
        let sends = (!is_answer && !is_pasted && line.ends_with('\n')).then(|| "Enter sends it".to_owned());
        let words: Vec<_> = [fault, sends].into_iter().flatten().collect();
        (!words.is_empty()).then(|| format!("  ({})", words.join("; ")))
    }

    /// Whether places in a line are filled in before it is sent.
    fn has_places(&self, line: &str) -> bool {
        let is_saved =
            line.strip_prefix('/').and_then(|rest| command_table::named(self.commands.role, rest.split(' ').next()?));
        is_saved.is_some_and(|entry| entry.name == "def")
            || self.connections.status().settings(|settings| settings.template)
    }

    /// The bracket at the cursor and the one that belongs to it, where there are colours to show that with.
    fn brackets(&self, line: &str, cursor: usize) -> Option<(usize, usize)> {
        if self.screen.paint == Paint::Plain {
            return None;
        }
        let (begin, json) = typed_json::of_line(self.commands.role, line)?;
        let (open, close) = typed_json::brackets(json, cursor.checked_sub(begin)?)?;
        Some((begin + open, begin + close))
    }

    /// The line with two of its characters in a colour of their own.
    fn with_brackets(&self, line: &str, (open, close): (usize, usize)) -> String {
        let mut drawn = String::with_capacity(line.len());
        for (at, c) in line.char_indices() {
            match line_text::drawn(c) {
                Some(c) if at == open || at == close => {
                    drawn.push_str(&self.screen.paint.paint(Style::Match, c).into_string())
                }
                c => drawn.extend(c),
            }
        }
        drawn
    }

    /// A line, or a part of it, as it is drawn.
    fn drawn<'l>(&self, line: &'l str, brackets: Option<(usize, usize)>) -> Cow<'l, str> {
        match brackets {
            _ if self.state.lock().is_left => line_text::visible(line),
            Some(places) => Cow::Owned(self.with_brackets(line, places)),
            None => line_text::edited(line),
        }
    }

    /// Whether there is room for a part of the line only, once it is drawn so.
    fn will_have_window(&self, line: &str, pos: usize) -> bool {
        self.screen.line(|drawn| {
            drawn.move_cursor(line, pos);
            drawn.exceeds(terminal::rows())
        })
    }

    /// As much of the line as there is room for. It is drawn whole once it is left, so that it can be read above what follows.
    fn window(&self) -> Option<LineWindow> {
        let rows = terminal::rows();
        let mut state = self.state.lock();
        let window = if state.is_left { None } else { self.screen.line(|drawn| drawn.window(rows)) };
        state.is_cut = window.as_ref().is_some_and(|window| !window.has_end);
        self.screen.line(|drawn| drawn.set_filled(window.as_ref().map(|_| rows)));
        window
    }

    fn windowed(&self, line: &str, brackets: Option<(usize, usize)>, window: &LineWindow) -> String {
        let begin = window.range.start;
        let place = |at: usize| at.checked_sub(begin).unwrap_or(usize::MAX);
        let brackets = brackets.map(|(open, close)| (place(open), place(close)));
        let paint = self.screen.paint;
        let told = |words: &Option<String>| {
            let words = words.as_deref().map(|words| beginning(words, terminal::columns().saturating_sub(1)));
            words.map(|words| paint.paint(Style::Faint, words).into_string())
        };
        let mut drawn = window.room.clone();
        if window.has_prompt {
            drawn.push_str(&self.screen.line(|drawn| paint.paint(Style::Sent, drawn.prompt()).into_string()));
        }
        drawn.extend(told(&window.above).map(|words| words + "\r\n"));
        drawn.push_str(&self.drawn(&line[window.range.clone()], brackets));
        let is_at_margin = line[window.range.clone()].ends_with('\n');
        drawn.extend(told(&window.below).map(|words| if is_at_margin { words } else { format!("\r\n{words}") }));
        drawn
    }

    /// What the word at the cursor may become.
    fn candidates(&self, line: &str, pos: usize, context: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = &line[..pos];
        if let Some((_, json)) = typed_json::of_line(self.commands.role, typed) {
            return Ok(self.json_words(json, pos));
        }
        let Some(rest) = typed.strip_prefix('/').filter(|rest| !rest.starts_with('/')) else {
            return Ok((pos, Vec::new()));
        };
        let Some((name, arguments)) = rest.split_once(' ') else {
            let names =
                command_table::all(self.commands.role).map(|entry| entry.name.to_owned()).chain(self.saved.names());
            return Ok((0, matching(typed, names.map(|name| format!("/{name} ")))));
        };
        let start = pos - arguments.len();
        let Some(entry) = command_table::named(self.commands.role, name) else { return Ok((pos, Vec::new())) };
        let words: Vec<String> = match entry.completes {
            Completes::Pointers if last_word(arguments).starts_with('/') => {
                let word = last_word(arguments);
                let pointers = seen_json::pointers(&self.connections.transcript(), word);
                return Ok((pos - word.len(), matching(word, pointers)));
            }
            Completes::Words | Completes::Pointers => {
                let word = last_word(arguments);
                return Ok((pos - word.len(), matching(word, choices(entry.arguments))));
            }
            Completes::Files => return self.file_names(line, arguments, (pos, context)),
            Completes::Urls => {
                // Behind a flag, if there is one.
                let word = last_word(arguments);
                return Ok((pos - word.len(), self.connect_words(word)));
            }
            Completes::Commands => command_table::all(self.commands.role).map(|entry| entry.name.to_owned()).collect(),
            Completes::Saved => self.saved.names().into_iter().map(|name| format!("{name} ")).collect(),
            Completes::FrameFields => return Ok(frame_words(typed)),
        };
        Ok((start, matching(arguments, words)))
    }

    /// What the name or the string at the cursor may become, of what was seen before.
    fn json_words(&self, json: &str, pos: usize) -> (usize, Vec<Pair>) {
        let Some(word) = JsonWord::at_the_end_of(json) else { return (pos, Vec::new()) };
        let behind = if matches!(word, JsonWord::Name { .. }) { ":" } else { "" };
        let words = seen_json::words(&self.connections.transcript(), &word).into_iter();
        let words = words.map(|seen| Pair { replacement: format!("{seen}{behind}"), display: seen });
        (pos - word.written().len(), words.collect())
    }

    /// Shows what there is to choose from, above the line, as everything is shown.
    fn list(&self, found: &[Pair]) {
        let shown: Vec<_> = found.iter().take(LISTED).map(|pair| pair.display.trim_end()).collect();
        let mut rows = in_columns(&shown, terminal::columns().saturating_sub(MARGIN));
        if let Some(more) = found.len().checked_sub(LISTED).filter(|more| *more > 0) {
            rows.push(format!("  and {more} more"));
        }
        let rows = rows.iter().map(|row| self.screen.wrapped(Style::Faint, row));
        self.screen.say(Painted::lines(rows, 0));
    }

    /// A flag, the name of a target, or a URL.
    fn connect_words(&self, word: &str) -> Vec<Pair> {
        let blank = |words: &[String]| words.iter().map(|word| format!("{word} ")).collect::<Vec<_>>();
        match word.chars().next() {
            Some('-') => matching(word, blank(&self.commands.connect.flags)),
            Some('@') => matching(word, blank(&self.commands.connect.targets)),
            _ => matching(word, self.urls().into_iter().chain(self.commands.connect.targets.iter().cloned())),
        }
    }

    /// Files whose names go on like this; a directory may be that of the user, `~`.
    fn file_names(
        &self,
        line: &str,
        typed: &str,
        (pos, context): (usize, &Context<'_>),
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let home = std::env::home_dir().and_then(|home| home.into_os_string().into_string().ok());
        let Some((home, below)) = home.zip(typed.strip_prefix("~/")) else {
            return self.files.complete(line, pos, context);
        };
        let path = format!("{home}/{below}");
        let (start, mut found) = self.files.complete_path(&path, path.len())?;
        for pair in &mut found {
            let whole = format!("{}{}", &path[..start], pair.replacement);
            pair.replacement = whole.strip_prefix(&home).map_or(whole.clone(), |below| format!("~{below}"));
        }
        Ok((pos - typed.len(), found))
    }

    /// The URLs that lines of the history have named, the latest first.
    fn urls(&self) -> Vec<String> {
        let state = self.state.lock();
        let lines = state.history.lines().iter().rev();
        let named = lines.filter_map(|line| {
            line.strip_prefix("/connect ")
                .or_else(|| line.strip_prefix("/new "))?
                .split_whitespace()
                .last()
                .map(str::to_owned)
        });
        let mut seen = BTreeSet::new();
        let is_url = |word: &String| !word.starts_with(['@', '-']) && Target::try_parse(word).is_ok();
        named.filter(is_url).chain(self.commands.url.clone()).filter(|url| seen.insert(url.clone())).collect()
    }
}

fn matching(typed: &str, words: impl IntoIterator<Item = String>) -> Vec<Pair> {
    let fitting = words.into_iter().filter(|word| word.starts_with(typed));
    fitting.map(|word| Pair { display: word.trim_end().to_owned(), replacement: word }).collect()
}

fn last_word(text: &str) -> &str {
    text.rsplit(' ').next().unwrap_or_default()
}

/// The fixed words among the arguments: those between bars.
fn choices(arguments: &str) -> Vec<String> {
    let several = arguments.split(' ').filter(|argument| argument.contains('|'));
    let words = several.flat_map(|argument| argument.trim_matches(['[', ']']).split('|'));
    words.filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())).map(str::to_owned).collect()
}

/// The next field of a frame, or the name of an opcode.
fn frame_words(typed: &str) -> (usize, Vec<Pair>) {
    let word = last_word(typed);
    let start = typed.len() - word.len();
    match word.strip_prefix("opcode=") {
        Some(name) => (typed.len() - name.len(), matching(name, OpCode::names().map(|name| format!("{name} ")))),
        None => (start, matching(word, FIELDS.iter().map(|field| format!("{field}=")))),
    }
}

#[cfg(test)]
mod tests {
    use rustyline::history::MemHistory;

    use super::super::ConnectWords;
    use super::super::command_queue;
    use super::super::saved_messages::SavedMessages;
    use super::super::settings::Settings;
    use super::super::status::Status;
    use super::super::transcript::Transcript;
    use super::*;

    fn completions(line: &str) -> Vec<String> {
        let (history, state) = (MemHistory::new(), LineState::default());
        for words in ["--bearer", "ws//localhost:9", "ftp://localhost/", "wss://example.com/feed"] {
            state.lock().history.add(format!("/connect {words}"));
        }
        let screen = Screen::new(Paint::Plain);
        let (saved, status) = (SavedMessages::default(), Status::new(Settings::default()));
        saved.define("", "sub", "x").unwrap();
        let connections = Connections::new(command_queue::pair().unwrap().0, Transcript::default(), status.clone());
        let saved = SavedLines::new(saved, status, screen.clone());
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let connect = ConnectWords { flags: words(&["--header", "--host"]), targets: words(&["@dev", "@prod"]) };
        let commands = CommandWords { role: PromptRole::Client, url: Some("ws://localhost:1/".into()), connect };
        let assistant = Assistant::new(screen, state, saved, connections, commands);
        let (_, found) = assistant.candidates(line, line.len(), &Context::new(&history)).unwrap();
        found.into_iter().map(|pair| pair.replacement).collect()
    }

    #[test]
    fn commands_and_their_arguments_are_completed() {
        assert_eq!(completions("/rec"), ["/reconnect "]);
        assert_eq!((completions("/su"), completions("/undef s")), (vec!["/sub ".into()], vec!["sub ".into()]));
        assert_eq!(completions("/compress o"), ["on", "off"]);
        assert_eq!(completions("/format h"), ["hex"]);
        assert_eq!(completions("/mask r"), ["random"]);
        assert_eq!(completions("/show "), ["raw", "hex", "json"]);
        assert_eq!(completions("/show -1 h"), ["hex"]);
        assert_eq!(completions("/filter r"), ["received"]);
        assert_eq!(completions("/connect w"), ["wss://example.com/feed", "ws://localhost:1/"]);
        // What was wrong isn't offered.
        assert!(completions("/connect ").iter().all(|word| !word.starts_with(['f', '-', 'w']) || word.contains("://")));
        assert_eq!(completions("/connect --keep-credentials wss"), ["wss://example.com/feed"]);
        assert_eq!(completions("/connect --ho"), ["--host "]);
        assert_eq!(completions("/connect --host a @p"), ["@prod "]);
        assert_eq!(completions("/frame fin=0 op"), ["opcode="]);
        assert_eq!(completions("/frame opcode=pi"), ["ping "]);
        assert!(completions("rec").is_empty() && completions("//rec").is_empty());
    }

    #[test]
    fn hints_show_the_arguments_to_come() {
        assert_eq!(hint(PromptRole::Client, "/close").as_deref(), Some(" [N] [CODE [REASON]]"));
        assert_eq!(hint(PromptRole::Client, "/close ").as_deref(), Some("[N] [CODE [REASON]]"));
        assert_eq!(hint(PromptRole::Client, "/close 1"), None);
        assert_eq!(hint(PromptRole::Client, "/stats"), None);
        assert_eq!(hint(PromptRole::Client, "close"), None);
        assert_eq!(told_apart(" N".into(), Paint::Plain), "  (arguments: N)");
    }
}
