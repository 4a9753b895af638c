//! `wscli connect`.

pub(crate) mod pipe;
pub(crate) mod prompt;
pub(crate) mod reconnect;
mod request;
mod verdict;

use std::os::fd::AsFd;
use std::thread;
use std::time::Instant;

use self::pipe::{Ends, Pipe};
use self::reconnect::Reconnects;
use super::interrupt::exit_of;
use crate::cli::Connect;
use crate::client::Client;
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::echo::Echo;
use crate::net::{Dialed, End, Engine, Handler, Listener, Signals, Stop};
use crate::server::Server;
use crate::stdio::console::Console;
use crate::stdio::frame_log::FrameLog;
use crate::values::end_after;
use crate::ws::Observe;

/// Connects, and stays until one side closes.
///
/// # Errors
/// What failed before the connection was open, or input that can't be sent.
pub(crate) fn run(args: &Connect) -> Result<Exit, Error> {
    let status = Pipe::status_line(args);
    let stderr = match status.clone() {
        _ if args.writing.quiet => Console::nowhere(),
        Some(status) => Console::through(move |line| status.print_above(&line)),
        None => Console::stderr(),
    };
    let at_a_terminal = !args.echo && !args.sending.no_input && args.writing.is_plain() && prompt::is_capable();
    let data = at_a_terminal.then(|| prompt::prepare(args)).transpose()?;
    let (url, _embedded) = match &args.client.url {
        Some(url) => (url.clone(), None),
        None if args.client.request.from_curl.is_some() => (String::new(), None),
        None => {
            let (url, stopper) = start_embedded(args)?;
            stderr.line(format_args!("no URL given: talking to an echo server in this process, {url}"));
            (url, Some(stopper))
        }
    };
    let mut client = Client::plan(&args.client, &args.connection, &url, stderr.clone())?;
    if at_a_terminal {
        client.set_observe(Observe::Frames);
    } else if let Some(observe) = Pipe::observes(args) {
        client.set_observe(observe);
    }
    let latest = end_after(args.goals.max_time);
    client.end_by(latest);
    let in_a_pipe = !args.echo && !at_a_terminal;
    // Before anything is sent, so that what can't be read or written is told at once; and while a
    // signal still ends the process, for a file may keep us waiting.
    let ends = in_a_pipe.then(|| Ends::open(args)).transpose()?;
    let signals = Signals::catch().map_err(|why| Error::System { doing: "catching signals", why })?;
    let mut facts = prompt::Facts::default();
    let interrupted = |error| if matches!(error, Error::Interrupted) { Ok(exit_of(&signals)) } else { Err(error) };
    let dialed = match client.connect(Some(signals.as_fd()), &mut |step| facts.note(step)) {
        Ok(dialed) => dialed,
        Err(error) => return interrupted(error),
    };
    if let Some(ends) = ends {
        let mut pipe = Pipe::start(args, ends, latest, &signals, stderr.clone(), status);
        let ending = through_the_pipe(args, &mut client, dialed, &signals, &stderr, &mut pipe, latest);
        ending.map_or_else(interrupted, |ending| pipe.finish(&ending))
    } else if let Some(data) = data {
        prompt::run(args, client, dialed, facts, data, latest, &signals)
    } else {
        let ending = converse(args, dialed, &signals, &stderr, &mut Echo::default());
        Ok(if signals.take() { exit_of(&signals) } else { ending.exit() })
    }
}

/// Starts an echo server on a free loopback port. It stops when the returned end is dropped.
fn start_embedded(args: &Connect) -> Result<(String, crate::net::Stopper), Error> {
    let mut listener = Listener::default();
    let address = listener.add("127.0.0.1:0")?;
    let url = format!("ws://{address}/");
    let (stopper, stop) = Stop::pair().map_err(|why| Error::System { doing: "starting the echo server", why })?;
    let mut settings = args.connection.settings();
    settings.observe = Observe::Nothing;
    let server = Server::echo(listener, settings);
    thread::Builder::new()
        .name("echo server".into())
        .spawn(move || server.run(stop))
        .map_err(|why| Error::System { doing: "starting a thread", why })?;
    Ok((url, stopper))
}

/// One connection, or with `--reconnect` as many as it takes. Returns how the last one ended.
fn through_the_pipe(
    args: &Connect,
    client: &mut Client,
    mut dialed: Dialed,
    signals: &Signals,
    console: &Console,
    pipe: &mut Pipe<'_>,
    latest: Option<Instant>,
) -> Result<End, Error> {
    let mut reconnects = Reconnects::new(args.goals.reconnect, latest);
    loop {
        let begun = Instant::now();
        let ending = converse(args, dialed, signals, console, pipe);
        if !pipe.wants_another(&ending) || !reconnects.are_left() {
            return Ok(ending);
        }
        reconnects.lost_after(begun.elapsed());
        let Some(next) = reconnects.client(client, signals, console)? else { return Ok(ending) };
        dialed = next;
        pipe.begin_again();
    }
}

/// Runs the connection, and tells how it ended.
fn converse(args: &Connect, dialed: Dialed, signals: &Signals, console: &Console, handler: &mut impl Handler) -> End {
    let engine = Engine::new(dialed.websocket, args.connection.settings().timing, Some(signals.as_fd()), handler);
    let ending = if args.connection.frames {
        let mut frames = FrameLog::new(console.clone(), String::new());
        let ending = engine.tapped(Some(&mut |event| frames.event(event))).run();
        frames.finish();
        ending
    } else {
        engine.run()
    };
    console.line(&ending);
    ending
}
