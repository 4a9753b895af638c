//! Faults as they are given to `--fault`, and what they do with frames.

use crate::net::filtered;
use crate::script::{Fault, FaultKind, HandshakeFault};

/// The head of an answer to an opening handshake.
const ANSWER: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Any text as a fault: it is told what is wrong with it, or it is read again from what the log says of it, and it does the same with
/// a stream of frames however that is cut.
pub fn fault(text: &str, stream: &[u8], size: u8) {
    let fault = match Fault::parse(text) {
        Ok(fault) => fault,
        Err(why) => return assert!(!why.is_empty()),
    };
    assert_eq!(Fault::parse(&fault.to_string()).as_ref(), Ok(&fault));
    if let FaultKind::Handshake(HandshakeFault::Change(change)) = &fault.kind {
        assert_eq!(change.applied(ANSWER).matches("\r\n\r\n").count(), 1);
    }
    let whole = filtered(&fault.kind, stream, stream.len().max(1));
    assert_eq!(filtered(&fault.kind, stream, usize::from(size).max(1)), whole);
}
