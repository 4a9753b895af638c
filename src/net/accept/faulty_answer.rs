//! The answer to an opening handshake with faults in it.

use std::io;
use std::time::Duration;

use crate::net::transport::{Received, Transport};
use crate::net::until::Until;
use crate::script::HandshakeFault;
use crate::ws::Buffer;

/// Between two segments of a byte each, so that they aren't one.
const BETWEEN: Duration = Duration::from_millis(1);

/// How long a client may take to receive an answer that is late.
const TAKEN: Duration = Duration::from_secs(10);

/// How long a client that gets no answer is kept, unless it ends or we stop.
const SILENCE: Duration = Duration::from_secs(60 * 60);

/// Sends the answer with these faults in it. `until_after` is a deadline so much later, for what takes its time on purpose.
///
/// # Errors
/// Those of the transport, and that the client ends, where it gets no whole answer.
pub(super) fn send<'a>(
    transport: &mut Transport,
    faults: &[HandshakeFault],
    answer: &[u8],
    until: Until<'a>,
    until_after: impl Fn(Duration) -> Until<'a>,
) -> io::Result<()> {
    let mut head = String::from_utf8_lossy(answer).into_owned();
    let (mut behind, mut is_bytewise) = (Vec::new(), false);
    for fault in faults {
        match fault {
            HandshakeFault::NoAnswer => return wait_for_end(transport, until_after(SILENCE)),
            HandshakeFault::HalfAnswer => {
                transport.send_all(&head.as_bytes()[..head.len() / 2], until)?;
                return wait_for_end(transport, until_after(SILENCE));
            }
            HandshakeFault::LateAnswer(delay) => wait(until_after(*delay))?,
            HandshakeFault::Bytewise => is_bytewise = true,
            HandshakeFault::Change(change) => {
                head = change.applied(&head);
                behind.extend(change.behind());
            }
            // Another answer than this.
            HandshakeFault::Status(..) => {}
        }
    }
    let bytes = [head.as_bytes(), &behind].concat();
    if !is_bytewise {
        return transport.send_all(&bytes, until_after(TAKEN));
    }
    for byte in &bytes {
        transport.send_all(&[*byte], until_after(TAKEN))?;
        wait(until_after(BETWEEN))?;
    }
    Ok(())
}

/// Lets time pass, unless we stop.
fn wait(until: Until<'_>) -> io::Result<()> {
    match until.wait(&[]) {
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(()),
        waited => waited,
    }
}

/// Says nothing until the client ends.
fn wait_for_end(transport: &mut Transport, until: Until<'_>) -> io::Result<()> {
    let mut said = Buffer::default();
    while let Received::Bytes = transport.receive_some(&mut said, until)? {
        said.consume(said.unread().len());
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
