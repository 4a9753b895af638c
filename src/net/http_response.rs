//! An HTTP answer, read from a link: its head, and its body where that is wanted.

use std::io;
use std::time::Duration;

use super::transport::{Received, Transport};
use super::until::{Until, was_stopped};
use crate::http::{BodyReader, HttpStatus, MAX_HEAD, MalformedResponse, Response, ResponseWithBody};
use crate::ws::Buffer;

/// What came back.
#[derive(Debug)]
pub(super) enum ResponseRead {
    /// A head. What follows it stays in the buffer.
    Answer(Response),
    /// The peer closed the connection first.
    Ended,
    /// A head that has no end.
    TooLong,
    /// HTTP, but without a status that can be told, with the reason.
    Malformed(String),
    /// Something else, which is in the buffer.
    NotHttp,
}

/// Reads the head of an answer.
///
/// # Errors
/// Of the link, and of the wait.
pub(super) fn read_answer(
    transport: &mut Transport,
    buffer: &mut Buffer,
    until: Until<'_>,
) -> io::Result<ResponseRead> {
    loop {
        match Response::parse(buffer.unread()) {
            Ok(Some(response)) => {
                buffer.consume(response.raw.len());
                if is_interim(&response) {
                    continue;
                }
                return Ok(ResponseRead::Answer(response));
            }
            Ok(None) if buffer.unread().len() < MAX_HEAD => {}
            Ok(None) => return Ok(ResponseRead::TooLong),
            Err(MalformedResponse::NotHttp) => return Ok(ResponseRead::NotHttp),
            Err(why) => return Ok(ResponseRead::Malformed(why.to_string())),
        }
        if transport.receive_some(buffer, until)? == Received::End {
            return Ok(ResponseRead::Ended);
        }
    }
}

/// RFC 9110 §15.2: more answers may come before the final one. 101 is final: what follows isn't HTTP.
fn is_interim(response: &Response) -> bool {
    response.status.is_informational() && response.status != HttpStatus::SWITCHING_PROTOCOLS
}

/// How long nothing may come of a body that nobody knows the length of: a stream of events has no end, and what came of it is worth
/// showing.
const SILENCE: Duration = Duration::from_secs(2);

/// Adds the body, up to `limit` bytes of it: as much as comes in time.
///
/// # Errors
/// Only when the wait was told to end.
pub(super) fn with_body(
    response: Response,
    request: Vec<u8>,
    transport: &mut Transport,
    buffer: &mut Buffer,
    limit: usize,
    until: Until<'_>,
) -> io::Result<ResponseWithBody> {
    let mut body = BodyReader::new(&response, limit);
    let patience = |body: &BodyReader| if body.has_length() { until } else { until.within(SILENCE) };
    loop {
        let count = buffer.unread().len();
        let more = body.push(buffer.consume(count));
        // What fails here is the answer's end: what came before it is worth showing.
        let next = if more { transport.receive_some(buffer, patience(&body)) } else { Ok(Received::End) };
        let received = match next {
            Err(error) if was_stopped(&error) => return Err(error),
            Err(_) => Received::End,
            Ok(received) => received,
        };
        if received == Received::End {
            return Ok(ResponseWithBody { response, request, content: body.finish() });
        }
    }
}
