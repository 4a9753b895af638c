//! The server that is connected to where none is named.

use std::thread;

use crate::error::Error;
use crate::net::{ConnectionSettings, Listener, Stop, Stopper};
use crate::server::Server;
use crate::ws::Observe;

/// Starts an echo server on a free loopback port, and returns its URL. It stops when the returned end is dropped.
///
/// # Errors
/// When there is no port, no descriptor or no thread to be had.
pub(super) fn start(settings: ConnectionSettings) -> Result<(String, Stopper), Error> {
    let mut listener = Listener::default();
    let address = listener.add("127.0.0.1:0")?;
    let url = format!("ws://{address}/");
    let (stopper, stop) = Stop::pair().map_err(|why| Error::System { doing: "starting the echo server", why })?;
    let server = Server::echo(listener, ConnectionSettings { observe: Observe::Nothing, ..settings });
    thread::Builder::new()
        .name("echo server".into())
        // Where it can't begin, nobody can be connected with it, which is told.
        .spawn(move || drop(server.run(stop)))
        .map_err(|why| Error::System { doing: "starting a thread", why })?;
    Ok((url, stopper))
}
