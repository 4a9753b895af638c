//! Where what is sent comes from, and where what arrives goes.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::Arc;

use super::feed::StdinFeed;
use super::gate::Gate;
use super::resend_buffer::ResendBuffer;
use crate::commands::connect::config::{Exchange, Sending};
use crate::commands::connect::request;
use crate::commands::connect::rules;
use crate::error::Error;
use crate::handlers::player::Player;
use crate::script::scenario::{Scenario, ScenarioSource};
use crate::script::{Dice, Rules};
use crate::stdio::byte_order_mark;
use crate::stdio::console::Console;
use crate::stdio::file::is_stdin;
use crate::stdio::file_claim::{claim, claim_with_others};
use crate::stdio::input::{self, InputMode};
use crate::stdio::output::OutputMode;
use crate::stdio::output_lines::OutputLines;
use crate::stdio::scenario_files::{LARGEST, steps_on_connection};
use crate::stdio::stderr;
use crate::stdio::terminal::{Columns, file_columns, stdout_columns};
use crate::stdio::writer::Output;

/// Its name where it is read as a file.
pub(super) const STDIN: &str = "stdin";

/// Both ends of a pipe, open.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(super) feed: StdinFeed,
    /// `--in script`.
    pub(super) scenario: Option<Arc<Scenario>>,
    /// Where what arrives is answered, or waited for.
    pub(super) player: Option<Player>,
    pub(super) output: Output,
    /// Where the output is one.
    pub(super) terminal: Option<Columns>,
}

impl Ends {
    /// Opens what messages come from and go to, and reads those of `-d`. It may wait, as for a pipe with a name.
    ///
    /// # Errors
    /// When stdin, stdout or a file can't be used, and for `-d` what can't be sent.
    pub(crate) fn open(exchange: &Exchange, console: &Console) -> Result<Self, Error> {
        let sending = &exchange.sending;
        let scenario = (sending.input == InputMode::Script).then(read_steps).transpose()?.map(Arc::new);
        // Steps end the connection themselves.
        let listens = sending.no_input || scenario.is_some() || !input::stdin_is_readable();
        let reads = !listens && !sending.sends_stdin_first();
        let source = reads.then(|| input::stdin(sending.reading())).transpose().map_err(no_setup)?;
        let gate = Gate::new(&sending.answering);
        let player = player(sending, &gate)?;
        let mut feed = StdinFeed::new(request::messages(sending, console)?, source, listens, sending.options, gate);
        feed.resend_buffer = exchange.ending.reconnect.map(|_| ResendBuffer::default());
        let (output, terminal) = open_output(exchange.writing.file.as_deref(), exchange.writing.append)?;
        Ok(Self { feed, scenario, player, output, terminal })
    }

    /// The console of the run: where one terminal shows both, its lines come in order with what arrives.
    pub(crate) fn console(&mut self, console: &Console) -> Console {
        match self.terminal.is_some() && console.is_stderr() && OutputLines::are_shown_with(io::stdout(), io::stderr())
        {
            true => Console::among(OutputLines::among(&mut self.output)),
            false => console.clone(),
        }
    }

    /// Where the output goes, while it matters whether anybody reads it.
    pub(crate) fn sink(&self, exchange: &Exchange) -> Option<BorrowedFd<'_>> {
        sink(&self.output, exchange)
    }
}

/// Where `output` goes, while it matters whether anybody reads it: what is never written to has no reader to miss. Then all there
/// is may be what was asked for on stderr.
pub(super) fn sink<'a>(output: &'a Output, exchange: &Exchange) -> Option<BorrowedFd<'a>> {
    let Exchange { writing, show_frames, goals, .. } = exchange;
    if writing.output != OutputMode::None {
        return output.sink();
    }
    let is_all = (show_frames.is_some() || writing.show_pings) && !goals.are_any();
    stderr::sink().filter(|_| is_all && !output.is_broken())
}

/// The steps that stdin has.
fn read_steps() -> Result<Scenario, Error> {
    let content = input::stdin_up_to(LARGEST).map_err(Error::Stdin)?;
    let mut content = content.ok_or_else(|| Error::file(Path::new(STDIN), format!("it is over {LARGEST} bytes")))?;
    byte_order_mark::remove(&mut content);
    let text = String::from_utf8(content).map_err(|_| Error::file(Path::new(STDIN), "it is not UTF-8"))?;
    steps_on_connection(&ScenarioSource { name: STDIN.into(), text })
}

/// What answers by rules, and gathers messages for the gate.
fn player(sending: &Sending, gate: &Gate) -> Result<Option<Player>, Error> {
    let (_, rules) = rules::read(&sending.answering)?;
    let rules = rules.or_else(|| gate.listens().then(|| Arc::new(Rules::default())));
    let mut player = rules.map(|rules| Player::new(rules, Dice::of_seed(rand::random())));
    if let Some(player) = &mut player {
        player.set_compress_from(sending.options.compress_from);
    }
    Ok(player)
}

/// What is in a file is exact; a terminal has a name too.
fn open_output(file: Option<&Path>, append: bool) -> Result<(Output, Option<Columns>), Error> {
    match file {
        None => Ok((Output::to_stdout().map_err(no_setup)?, stdout_columns())),
        Some(path) => {
            let opened = File::options().write(true).create(true).append(append).truncate(false).open(path);
            if opened.as_ref().is_ok_and(is_stdin) {
                let why = io::Error::other("it is stdin as well, and what is to be sent would be overwritten");
                return Err(unwritable(file, why));
            }
            let opened = opened.and_then(|opened| {
                // What is emptied is nobody else's, what is added to may be.
                if append { claim_with_others(&opened) } else { claim(&opened) }?;
                // What is no file has no length.
                if !append && opened.metadata()?.is_file() {
                    opened.set_len(0)?;
                }
                Ok(opened)
            });
            let opened = opened.map_err(|why| unwritable(file, why))?;
            let terminal = file_columns(&opened);
            Ok((Output::to(opened).map_err(no_setup)?, terminal))
        }
    }
}

fn no_setup(why: io::Error) -> Error {
    Error::System { doing: "setting up stdin and stdout", why }
}

/// A file that can't be written to, or stdout.
pub(super) fn unwritable(file: Option<&Path>, why: io::Error) -> Error {
    match file {
        Some(path) => Error::unwritable(path, &why),
        None => Error::Stdout(why),
    }
}
