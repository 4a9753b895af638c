//! `wscli connect`.

mod config;
mod echo;
mod pipe;
mod prompt;
mod reconnect;
mod request;
mod verdict;

use std::os::fd::AsFd;
use std::thread;
use std::time::Instant;

pub(crate) use self::config::{Config, Ending, Exchange, Refusals, SendOptions, Sending, Writing};
use self::echo::Echo;
use self::pipe::{Ends, Pipe};
use self::reconnect::Reconnects;
use self::verdict::GRACE;
use super::interrupt::exit_of;
use crate::client::{Client, Destination};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Dialed, End, Engine, Handler, Listener, Settings, Signals, Stop, Stopper, Timing, end_process_by};
use crate::server::Server;
use crate::stdio::console::Console;
use crate::stdio::frame_log::FrameLog;
use crate::stdio::stderr;
use crate::values::end_after;
use crate::ws::Observe;

/// Connects, and stays until one side closes.
///
/// # Errors
/// What failed before the connection was open, or input that can't be sent.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let Config { destination, client: mut client_config, exchange, refusals } = config;
    if let Some(refusal) = refusals.beside_echo.filter(|_| exchange.echo) {
        return Err(refusal);
    }
    let status = pipe::status_line(&exchange);
    let console = match status.clone() {
        _ if exchange.writing.quiet => Console::nowhere(),
        Some(status) => Console::above(status),
        None => Console::stderr(),
    };
    let at_a_terminal = exchange.suits_a_prompt() && prompt::is_capable();
    if let Some(refusal) = refusals.at_a_prompt.filter(|_| at_a_terminal) {
        return Err(refusal);
    }
    let data = at_a_terminal.then(|| request::messages(&exchange.sending)).transpose()?;
    let (destination, _embedded) = match destination {
        Some(destination) => (destination, None),
        None => {
            let (url, stopper) = start_embedded(client_config.settings)?;
            console.line(format_args!("no URL given: using a built-in echo server at {url}"));
            (Destination::Url(url), Some(stopper))
        }
    };
    let observe = if at_a_terminal { Observe::FramesAndContent } else { exchange.observes() };
    client_config.settings.observe = client_config.settings.observe.max(observe);
    let signals = Signals::catch().map_err(|why| Error::System { doing: "catching signals", why })?;
    let interrupted = |error| if matches!(error, Error::Interrupted) { Ok(exit_of(&signals)) } else { Err(error) };
    let mut client = match Client::build(client_config, destination, console.clone(), &signals) {
        Ok(client) => client,
        Err(error) => return interrupted(error),
    };
    let latest = end_after(exchange.ending.max_time);
    client.end_by(latest);
    if let Some(latest) = latest {
        // Behind the time that the peer has, for whoever reads what is told then.
        end_process_by(latest + 4 * GRACE);
    }
    let in_a_pipe = !exchange.echo && !at_a_terminal;
    // Before anything is sent, so that what can't be read or written is told at once.
    let ends = in_a_pipe.then(|| signals.released(|| Ends::open(&exchange))).transpose()?;
    let mut facts = prompt::Facts::default();
    let dialed = match client.connect(Some(signals.as_fd()), &mut |step| facts.note(step)) {
        Ok(dialed) => dialed,
        Err(error) => return interrupted(error),
    };
    // What was told so far stands before the first message, and before the prompt.
    stderr::flush_briefly();
    let timing = client.settings().timing;
    let runner = Runner { timing, show_frames: exchange.show_frames, signals: &signals, console: &console };
    if let Some(ends) = ends {
        let reconnects = Reconnects::new(exchange.ending.reconnect, latest);
        let mut pipe = Pipe::start(exchange, ends, timing, latest, &signals, console.clone(), status);
        let ending = runner.through_the_pipe(&mut client, dialed, &mut pipe, reconnects);
        ending.map_or_else(interrupted, |ending| pipe.finish(&ending))
    } else if let Some(data) = data {
        prompt::run(&exchange, client, dialed, facts, data, latest, &signals)
    } else {
        let mut echo = Echo::new(latest, &signals);
        let ending = runner.converse(dialed, &mut echo);
        Ok(echo.exit(&ending))
    }
}

/// Starts an echo server on a free loopback port. It stops when the returned end is dropped.
fn start_embedded(settings: Settings) -> Result<(String, Stopper), Error> {
    let mut listener = Listener::default();
    let address = listener.add("127.0.0.1:0")?;
    let url = format!("ws://{address}/");
    let (stopper, stop) = Stop::pair().map_err(|why| Error::System { doing: "starting the echo server", why })?;
    let server = Server::echo(listener, Settings { observe: Observe::Nothing, ..settings });
    thread::Builder::new()
        .name("echo server".into())
        .spawn(move || server.run(stop))
        .map_err(|why| Error::System { doing: "starting a thread", why })?;
    Ok((url, stopper))
}

/// How connections are run, one after the other.
#[derive(Debug, Clone, Copy)]
struct Runner<'a> {
    timing: Timing,
    show_frames: bool,
    signals: &'a Signals,
    console: &'a Console,
}

impl Runner<'_> {
    /// One connection, or with `--reconnect` as many as it takes. Returns how the last one ended.
    fn through_the_pipe(
        self,
        client: &mut Client,
        mut dialed: Dialed,
        pipe: &mut Pipe<'_>,
        mut reconnects: Reconnects,
    ) -> Result<End, Error> {
        loop {
            let begun = Instant::now();
            let ending = self.converse(dialed, pipe);
            if !pipe.wants_another(&ending) || !reconnects.are_left() {
                return Ok(ending);
            }
            reconnects.lost_after(begun.elapsed());
            let next = reconnects.client(client, self.signals, self.console)?;
            let Some(next) = next else { return Ok(ending) };
            dialed = next;
            pipe.begin_again();
        }
    }

    /// Runs the connection, and tells how it ended.
    fn converse(self, dialed: Dialed, handler: &mut impl Handler) -> End {
        let engine = Engine::new(dialed.websocket, self.timing, Some(self.signals.as_fd()), handler);
        let ending = if self.show_frames {
            let mut frames = FrameLog::new(self.console.clone(), String::new());
            let ending = engine.tapped(Some(&mut |event| frames.event(event))).run();
            frames.finish();
            ending
        } else {
            engine.run()
        };
        self.console.line(&ending);
        ending
    }
}
