//! An answer on its way to a client, and the end of the connection behind it.

use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use crate::net::transport::{Received, Transport};
use crate::net::until::Until;
use crate::ws::Buffer;
use crate::ws::handshake::Refusal;

/// How long we go on reading after an answer: closing over unread bytes would reset the
/// connection before the answer is read.
pub(in crate::net) const LINGER: Duration = Duration::from_secs(1);

/// A piece of a body, in bytes.
const PIECE: u64 = 64 * 1024;

/// How long a client may take to receive an answer, and the bytes of a body for each of which that is a second more. Of no
/// piece longer than the first of these: who takes nothing is gone, however long the body is.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const SLOWEST: u64 = 16 * 1024;

/// Sends `head`, and behind it the `length` bytes of `body`.
///
/// # Errors
/// What the socket or the body says, or a client that doesn't take it.
pub(super) fn send_answer(
    transport: &mut Transport,
    head: &[u8],
    body: &mut dyn Read,
    length: u64,
    stop: BorrowedFd<'_>,
) -> io::Result<()> {
    let until = Until::after(ANSWER_TIMEOUT + Duration::from_secs(length / SLOWEST), Some(stop));
    // The head goes out with what it is the head of: a load balancer's health check may reset the connection once it has
    // the status, and the rest would fail then.
    let mut piece = head.to_vec();
    let mut left = length;
    loop {
        let start = piece.len();
        piece.resize(start + left.min(PIECE) as usize, 0);
        let count = if left > 0 { body.read(&mut piece[start..])? } else { 0 };
        let is_short = left > 0 && count == 0;
        piece.truncate(start + count);
        transport.send_all(&piece, until.within(ANSWER_TIMEOUT))?;
        left -= count as u64;
        match (left, is_short) {
            (0, _) => return Ok(()),
            // Only the end of the connection can tell the client that this was not all.
            (_, true) => return Err(io::Error::other("the content is shorter than it was")),
            (_, false) => piece.clear(),
        }
    }
}

/// Answers that there will be no connection, with `head` alone where that is given.
pub(in crate::net) fn refuse(
    transport: &mut Transport,
    buffer: &mut Buffer,
    stop: BorrowedFd<'_>,
    head: Option<Vec<u8>>,
    refusal: Refusal,
) -> Refusal {
    let response = head.unwrap_or_else(|| refusal.response());
    if send_answer(transport, &[], &mut response.as_slice(), response.len() as u64, stop).is_ok() {
        linger(transport, buffer, stop);
    }
    refusal
}

/// Says that nothing more comes, and waits for the client to have read it.
pub(super) fn linger(transport: &mut Transport, buffer: &mut Buffer, stop: BorrowedFd<'_>) {
    transport.finish_sending();
    discard(transport, buffer, Until::after(LINGER, Some(stop)));
}

/// Reads on, to the end of what the peer says: closing over unread bytes would reset the connection.
pub(in crate::net) fn discard(transport: &mut Transport, buffer: &mut Buffer, until: Until<'_>) {
    buffer.consume(buffer.unread().len());
    while matches!(transport.receive_some(buffer, until), Ok(Received::Bytes)) {
        buffer.consume(buffer.unread().len());
    }
}
