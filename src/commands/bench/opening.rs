//! Connections that are opened one after the other, several at the same time, and given to the threads that drive them.

use std::io;
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use super::handler::LoadHandler;
use super::load::LoadConfig;
use super::results::OnEnd;
use super::run::{BusyGuard, LoadRun};
use super::subscriber::SubscriberHandler;
use super::workers::Workers;
use crate::client::{Client, PhaseTimes};
use crate::error::Error;
use crate::net::{Dialed, Handler, Interrupt, LoopHandler, Sender, Summary, pause, wake_punctually};
use crate::ws::{Close, Event, StatusCode};

/// Opening handshakes at the same time: enough to fill both sides, and few enough for any server's queue of new connections.
const OPENING_AT_ONCE: usize = 32;

/// The stack of a thread that opens a connection again. Only what is touched of it takes memory.
const STACK: usize = 256 * 1024;

/// From a failure to the next try of a connection that comes back.
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// The first connection, which is opened before any load.
pub(super) struct OpenedFirst {
    pub(super) dialed: Dialed,
    pub(super) times: PhaseTimes,
    pub(super) took: Duration,
}

/// What those need who open connections.
#[derive(Clone)]
struct Opener<'scope, 'env> {
    run: &'env LoadRun,
    workers: Workers<'scope>,
    scope: &'scope Scope<'scope, 'env>,
}

/// Opens all connections of a run, the first of which is there, by threads of their own.
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
    let opener = Opener { run, workers: Workers::start(run, scope)?, scope };
    let began = Instant::now();
    opener.opened(Ok(first.dialed), (&first.times, first.took), client);
    for number in 0..OPENING_AT_ONCE.min(run.config.connections - 1) {
        let (client, opener) = (client.silent_twin(), opener.clone());
        let opens = move || opener.open_some(client, began);
        match thread::Builder::new().name("opening".into()).spawn_scoped(scope, opens) {
            // Those that there are do the work of the others.
            Err(_) if number > 0 => break,
            started => drop(started?),
        }
    }
    Ok(())
}

impl<'scope, 'env> Opener<'scope, 'env> {
    /// Opens one after the other, as long as there are some to be opened.
    fn open_some(&self, mut client: Client, began: Instant) {
        let LoadConfig { connections, ramp, .. } = self.run.config;
        while let Some(number) = self.run.next_to_open() {
            let due = began + ramp.mul_f64(number as f64 / connections as f64);
            let interrupt = Some(Interrupt::by(&self.run.stop));
            let waited = pause(due.saturating_duration_since(Instant::now()), interrupt);
            let (begun, mut times) = (Instant::now(), PhaseTimes::default());
            client.come_from(self.run.config.source(number));
            let dialed = waited.and_then(|()| client.connect(interrupt, &mut |step| times.note(step)));
            self.opened(dialed, (&times, begun.elapsed()), &client);
        }
    }

    fn opened(&self, dialed: Result<Dialed, Error>, (times, took): (&PhaseTimes, Duration), client: &Client) {
        match dialed {
            Ok(dialed) => {
                self.begin(dialed, client);
                self.run.results().opened(times, took);
            }
            Err(Error::Interrupted) => {}
            Err(why) => self.run.results().failed(&why),
        }
        self.run.settle_one();
    }

    /// Begins to load a connection.
    fn begin(&self, dialed: Dialed, client: &Client) {
        let run = self.run;
        let (place, busy) = run.open_one();
        let returning = run.config.storm.then(|| (self.clone(), client.silent_twin(), run.stays_busy()));
        let on_end: OnEnd<'scope> = Box::new(move |summary, remainder| {
            run.results().ended(place, summary, remainder);
            if let Some((opener, client, busy)) = returning.filter(|_| remainder.is_done && !summary.stopped) {
                opener.have_come_back(place, client, busy);
            }
        });
        if run.config.fan_out.is_some_and(|fan_out| place >= fan_out.publishers) {
            self.workers.add(place, dialed.websocket, SubscriberHandler::new(run, place, busy, on_end));
        } else {
            self.workers.add(place, dialed.websocket, LoadHandler::new(run, place, busy, on_end));
        }
    }

    /// Opens a connection again that was dropped with all others, on a thread of its own: all of them come back at once.
    fn have_come_back(self, place: usize, client: Client, busy: BusyGuard<'env>) {
        let (run, scope) = (self.run, self.scope);
        run.results().storm.dropped += 1;
        let comes_back = move || self.come_back(place, client, busy);
        let thread = thread::Builder::new().name("returning".into()).stack_size(STACK);
        if let Err(why) = thread.spawn_scoped(scope, comes_back) {
            run.results().storm.failed(&Error::System { doing: "starting a thread", why });
        }
    }

    /// Opens a connection again, with as many tries as that takes.
    fn come_back(&self, place: usize, mut client: Client, busy: BusyGuard<'_>) {
        let run = self.run;
        let Some(dropped) = run.times().and_then(|times| times.end) else { return };
        let (interrupt, given_up) = (Some(Interrupt::by(&run.stop)), dropped + run.config.timeout);
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
        self.workers.add(place, dialed.websocket, ReturnedHandler);
        drop(busy);
    }
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

impl LoopHandler for ReturnedHandler {
    fn ended(self: Box<Self>, _: Summary) {}
}
