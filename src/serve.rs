//! `wscli serve`.

use crate::cli::Serve;
use crate::console::Console;
use crate::error::{Error, Exit};
use crate::net::{Listener, ServerTls, Signals};
use crate::server::Server;

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// When it can't begin.
pub(crate) fn run(args: &Serve) -> Result<Exit, Error> {
    let console = Console::stderr();
    let tls = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => Some(ServerTls::from_files(cert, key)?),
        _ if args.tls => Some(ServerTls::self_signed()?),
        _ => None,
    };
    let signals = Signals::catch().map_err(|why| Error::System { doing: "catching signals", why })?;
    let listener = Listener::bind(&args.address()?)?;
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    if let Some(tls) = &tls {
        console.line(format_args!("certificate SHA-256 {}", tls.fingerprint));
    }
    console.line(format_args!("listening on {scheme}://{}/", listener.address));
    Server { listener, tls, settings: args.connection.settings(), console: Some(console.clone()) }.run(&signals);
    console.line("stopped");
    Ok(Exit::Done)
}
