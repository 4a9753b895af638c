//! Connections that are opened one after the other and loaded side by side, each on a thread of its own.

use std::io;
use std::os::fd::AsFd;
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use super::handler::LoadHandler;
use super::load::LoadConfig;
use super::run::{BusyGuard, LoadRun};
use super::subscriber::SubscriberHandler;
use crate::client::{Client, PhaseTimes};
use crate::error::Error;
use crate::net::{Dialed, Engine, Handler, Interrupt, Sender, Summary, pause, wake_punctually};
use crate::ws::{Close, Event, StatusCode};

/// Opening handshakes at the same time: enough to fill both sides, and few enough for any server's queue of new connections.
const OPENING_AT_ONCE: usize = 32;

/// The stack of a connection's thread. Only what is touched of it takes memory.
const STACK: usize = 256 * 1024;

/// From a failure to the next try of a connection that comes back.
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// The first connection, which is opened before any load.
pub(super) struct OpenedFirst {
    pub(super) dialed: Dialed,
    pub(super) times: PhaseTimes,
    pub(super) took: Duration,
}

/// Opens all connections of a run, the first of which is there, on threads of their own.
///
/// # Errors
/// When there are no threads left.
pub(super) fn open_all<'scope, 'env>(
    run: &'env LoadRun,
    first: OpenedFirst,
    client: &Client,
    scope: &'scope Scope<'scope, 'env>,
) -> io::Result<()> {
    wake_punctually();
    let began = Instant::now();
    opened(run, Ok(first.dialed), (&first.times, first.took), client, scope);
    for number in 0..OPENING_AT_ONCE.min(run.config.connections - 1) {
        let client = client.silent_twin();
        let opens = move || open_some(run, client, began, scope);
        match thread::Builder::new().name("opening".into()).spawn_scoped(scope, opens) {
            // Those that there are do the work of the others.
            Err(_) if number > 0 => break,
            started => drop(started?),
        }
    }
    Ok(())
}

/// Opens one after the other, as long as there are some to be opened.
fn open_some<'scope, 'env>(run: &'env LoadRun, mut client: Client, began: Instant, scope: &'scope Scope<'scope, 'env>) {
    let LoadConfig { connections, ramp, .. } = run.config;
    while let Some(number) = run.next_to_open() {
        let due = began + ramp.mul_f64(number as f64 / connections as f64);
        let interrupt = Some(Interrupt::by(&run.stop));
        let waited = pause(due.saturating_duration_since(Instant::now()), interrupt);
        let (begun, mut times) = (Instant::now(), PhaseTimes::default());
        client.come_from(run.config.source(number));
        let dialed = waited.and_then(|()| client.connect(interrupt, &mut |step| times.note(step)));
        opened(run, dialed, (&times, begun.elapsed()), &client, scope);
    }
}

fn opened<'scope, 'env>(
    run: &'env LoadRun,
    dialed: Result<Dialed, Error>,
    (times, took): (&PhaseTimes, Duration),
    client: &Client,
    scope: &'scope Scope<'scope, 'env>,
) {
    let begun = dialed.and_then(|dialed| {
        begin(run, dialed, client, scope).map_err(|why| Error::System { doing: "starting a thread", why })
    });
    match begun {
        Ok(()) => run.results().opened(times, took),
        Err(Error::Interrupted) => {}
        Err(why) => run.results().failed(&why),
    }
    run.settle_one();
}

/// Runs a connection on a thread of its own.
fn begin<'scope, 'env>(
    run: &'env LoadRun,
    dialed: Dialed,
    client: &Client,
    scope: &'scope Scope<'scope, 'env>,
) -> io::Result<()> {
    let client = run.config.storm.then(|| client.silent_twin());
    run.open_at_place(|place, busy| {
        let converses = move || converse(run, dialed, (place, busy), client);
        thread::Builder::new().stack_size(STACK).spawn_scoped(scope, converses).map(drop)
    })
}

fn converse<'a>(run: &'a LoadRun, dialed: Dialed, (place, busy): (usize, BusyGuard<'a>), returning: Option<Client>) {
    let returns = returning.is_some().then(|| run.stays_busy());
    let (summary, remainder) = if run.config.fan_out.is_some_and(|fan_out| place >= fan_out.publishers) {
        let mut handler = SubscriberHandler::new(run, place, busy);
        (run_to_end(run, dialed, &mut handler), handler.leave(Instant::now()))
    } else {
        let mut handler = LoadHandler::new(run, place, busy);
        (run_to_end(run, dialed, &mut handler), handler.leave(Instant::now()))
    };
    run.results().ended(place, &summary, remainder);
    if let Some((client, busy)) = returning.zip(returns).filter(|_| remainder.is_done && !summary.stopped) {
        come_back(run, client, busy);
    }
}

/// Opens a connection again that was dropped with all others, as often as that takes.
fn come_back(run: &LoadRun, mut client: Client, busy: BusyGuard<'_>) {
    let Some(dropped) = run.times().and_then(|times| times.end) else { return };
    let (interrupt, given_up) = (Some(Interrupt::by(&run.stop)), dropped + run.config.timeout);
    run.results().storm.dropped += 1;
    client.end_by(Some(given_up));
    let dialed = loop {
        match client.connect(interrupt, &mut |_| {}) {
            Ok(dialed) => break dialed,
            Err(Error::Interrupted) => return,
            Err(why) => run.results().storm.failed(&why),
        }
        let is_over = Instant::now() + BETWEEN_TRIES >= given_up;
        if is_over || pause(BETWEEN_TRIES, interrupt).is_err() {
            return;
        }
    };
    run.results().storm.back.add(dropped.elapsed());
    drop(busy);
    run_to_end(run, dialed, &mut ReturnedHandler);
}

/// A connection that is back. It stays until all are, or have been given up, and says nothing but what the protocol wants of it: a
/// server that pings it has its Pong.
struct ReturnedHandler;

impl Handler for ReturnedHandler {
    fn event(&mut self, _: Event<'_>, _: &mut Sender<'_>) {}

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        // Refused only when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
        false
    }
}

fn run_to_end(run: &LoadRun, dialed: Dialed, handler: &mut impl Handler) -> Summary {
    Engine::new(dialed.websocket, run.timing, Some(run.stop.as_fd()), handler).run_counting()
}
