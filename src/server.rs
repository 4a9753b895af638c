//! A listener at work: a thread for each connection, and a log of what became of it.

use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::console::Console;
use crate::echo::Echo;
use crate::error::system_words;
use crate::frame_log::FrameLog;
use crate::net::{self, Accepted, Connection, Ending, Engine, Listener, ServerTls, Settings, Stop};

/// How long a stopping server waits for the closing handshakes of its clients.
const GRACE: Duration = Duration::from_secs(2);

/// The stack of a connection's thread. Only what is touched of it takes memory.
const STACK: usize = 256 * 1024;

/// An echo server. The log goes to `console`, if there is one.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listener: Listener,
    pub(crate) tls: Option<ServerTls>,
    pub(crate) settings: Settings,
    pub(crate) console: Option<Console>,
}

impl Server {
    /// Serves until `until` is readable; then closes every connection with 1001 and waits for
    /// them, two seconds at most.
    pub(crate) fn run(self, until: impl AsFd) {
        let log = Log { console: self.console };
        let Ok((stopper, stop)) = Stop::pair() else {
            log.line(format_args!("can't serve: no file descriptors left"));
            return;
        };
        let shared = Arc::new(Shared { tls: self.tls, settings: self.settings, log, stop });
        let open = Arc::new(Open::default());
        let mut number = 0u64;
        let complain = |error: &_| shared.log.line(format_args!("can't accept: {}", system_words(error)));
        while let Some((socket, address)) = self.listener.next(&until, complain) {
            number += 1;
            let (shared, place) = (Arc::clone(&shared), Open::take_place(&open));
            let log = shared.log.clone();
            let connection = move || {
                let _place = place;
                shared.connection(number, socket, address);
            };
            if let Err(error) = thread::Builder::new().stack_size(STACK).spawn(connection) {
                log.line(format_args!("[{number}] {address} not served: no thread: {}", system_words(&error)));
            }
        }
        drop(stopper);
        open.wait_for_none(GRACE);
    }
}

/// What every connection's thread has.
#[derive(Debug)]
struct Shared {
    tls: Option<ServerTls>,
    settings: Settings,
    log: Log,
    stop: Stop,
}

impl Shared {
    fn connection(&self, number: u64, socket: TcpStream, address: SocketAddr) {
        let accepted = match net::accept(socket, self.tls.as_ref(), &self.settings) {
            Ok(accepted) => accepted,
            Err(why) => return self.log.line(format_args!("[{number}] {address} {why}")),
        };
        let Accepted { connection, request, deflate } = accepted;
        match deflate {
            Some(agreed) => self.log.line(format_args!("[{number}] {address} opened {} {agreed}", request.resource)),
            None => self.log.line(format_args!("[{number}] {address} opened {}", request.resource)),
        }
        drop(request);
        let ending = self.serve(number, connection);
        self.log.line(format_args!("[{number}] {address} {ending}"));
    }

    fn serve(&self, number: u64, connection: Connection) -> Ending {
        let mut echo = Echo::default();
        let engine = Engine::new(connection, self.settings.timing, Some(self.stop.as_fd()), &mut echo);
        match &self.log.console {
            Some(console) if self.settings.observe_frames => {
                let mut frames = FrameLog::new(console.clone(), format!("[{number}] "));
                let ending = engine.tapped(Some(&mut |event| frames.event(event))).run();
                frames.finish();
                ending
            }
            _ => engine.run(),
        }
    }
}

#[derive(Debug, Clone)]
struct Log {
    console: Option<Console>,
}

impl Log {
    fn line(&self, line: std::fmt::Arguments<'_>) {
        if let Some(console) = &self.console {
            console.line(line);
        }
    }
}

/// How many connections are open, and a way to wait until none is.
#[derive(Debug, Default)]
struct Open {
    count: Mutex<usize>,
    left: Condvar,
}

impl Open {
    fn take_place(open: &Arc<Self>) -> Place {
        *open.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Place(Arc::clone(open))
    }

    fn wait_for_none(&self, most: Duration) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.left.wait_timeout_while(count, most, |count| *count > 0));
    }
}

/// One open connection; given back however its thread ends.
#[derive(Debug)]
struct Place(Arc<Open>);

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.left.notify_all();
    }
}
