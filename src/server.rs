//! A listener at work: a thread for each connection, and a log of what became of it.

use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use crate::console::Console;
use crate::crew::Crew;
use crate::echo::Echo;
use crate::error::system_words;
use crate::frame_log::FrameLog;
use crate::net::{self, Accepted, Connection, Ending, Engine, Listener, ServerTls, Settings, Stop};
use crate::view::safe::Safe;

/// How long a stopping server waits for the closing handshakes of its clients.
const GRACE: Duration = Duration::from_secs(2);

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
        let crew = Crew::default();
        let mut number = 0u64;
        let complain = |error: &_| shared.log.line(format_args!("can't accept: {}", system_words(error)));
        while let Some((socket, address)) = self.listener.next(&until, complain) {
            number += 1;
            let on_thread = Arc::clone(&shared);
            if let Err(error) = crew.begin(move || on_thread.connection(number, socket, address)) {
                let why = system_words(&error);
                shared.log.line(format_args!("[{number}] {address} not served: no thread: {why}"));
            }
        }
        drop(stopper);
        crew.wait_for_none(GRACE);
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
            Some(agreed) => {
                self.log.line(format_args!("[{number}] {address} opened {} {agreed}", Safe(&request.resource)))
            }
            None => self.log.line(format_args!("[{number}] {address} opened {}", Safe(&request.resource))),
        }
        drop(request);
        let ending = self.serve(number, connection);
        self.log.line(format_args!("[{number}] {address} {ending}"));
    }

    #[inline(never)]
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
