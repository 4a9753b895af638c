//! A connection of a recording, as packets.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::SystemTime;

use super::flow::{Side, TcpFlow};
use super::handshake;
use super::wire::{FrameMaker, Wire};
use crate::peer_text::Escaped;
use crate::trace::connection_lines::{OpenedLine, RecordingRole, TlsLine};
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::ws::negotiation::{self, DeflateOptions, DeflateParams};
use crate::ws::{Direction, Role, extension};

/// One connection, while it lasts. There may be very many at once, so it is small.
pub(super) struct Conversation {
    flow: TcpFlow,
    role: RecordingRole,
    /// Every frame is recorded: what the frames come to isn't needed.
    has_frames: bool,
    client: Wire,
    server: Wire,
    started: SystemTime,
    latest: SystemTime,
}

impl Conversation {
    /// The opening handshake of the connection with this number, from 0.
    pub(super) fn open(
        out: &mut impl Write,
        number: u64,
        opened: &OpenedLine,
        time: SystemTime,
        remark: Option<String>,
    ) -> io::Result<Self> {
        let role = opened.handshake.role.unwrap_or(RecordingRole::Client);
        let mut flow =
            TcpFlow::new(number, server_address(opened.handshake.address.as_deref(), role).map(|address| address.ip()));
        let comment = [remark, Some(origin(opened, role))].into_iter().flatten().collect::<Vec<_>>().join("\n");
        flow.open(out, time, Some(&comment))?;
        let [request, response] = handshake::heads(opened);
        flow.write(out, time, Side::Client, request.as_bytes(), None)?;
        flow.write(out, time, Side::Server, response.as_bytes(), None)?;
        let agreed = opened.extension.as_deref().and_then(agreed);
        let [client, server] = [Side::Client, Side::Server].map(|side| Wire::new(side, agreed));
        Ok(Self { flow, role, has_frames: opened.frames, client, server, started: time, latest: time })
    }

    pub(super) fn record(
        &mut self,
        out: &mut impl Write,
        maker: &mut FrameMaker,
        record: &Record<'_>,
        mut remark: Option<String>,
    ) -> io::Result<()> {
        let elapsed = record.elapsed.map(|elapsed| self.started + elapsed);
        self.latest = record.time.or(elapsed).unwrap_or(self.latest);
        let side = match self.role.sender(record.direction.unwrap_or(Direction::Received)) {
            Role::Client => Side::Client,
            Role::Server => Side::Server,
        };
        if record.kind == RecordType::Violation {
            let faults = record.faults.as_deref().unwrap_or_default().join("; ");
            let ignored = if record.ignored { " (ignored)" } else { "" };
            let comment = format!("protocol violation by the {}: {faults}{ignored}", name(side));
            return self.flow.remark(out, self.latest, side.other(), &comment);
        }
        // What a frame carries and what it comes to are the same bytes.
        let is_on_the_wire = if self.has_frames { record.kind == RecordType::Frame } else { record.of.is_none() };
        if !is_on_the_wire {
            return Ok(());
        }
        let (flow, time) = (&mut self.flow, self.latest);
        let wire = if side == Side::Client { &mut self.client } else { &mut self.server };
        maker.bytes(wire, record, &mut |bytes| flow.write(out, time, side, bytes, remark.take().as_deref()))
    }

    /// Nothing more comes of it.
    pub(super) fn forget(&mut self, maker: &mut FrameMaker) {
        [&mut self.client, &mut self.server].into_iter().for_each(|wire| maker.forget(wire));
    }

    pub(super) fn close(mut self, out: &mut impl Write, time: Option<SystemTime>, comment: &str) -> io::Result<()> {
        self.flow.close(out, time.unwrap_or(self.latest).max(self.latest), Some(comment))
    }
}

/// An attempt that failed, as far as something was sent.
pub(super) fn failed(
    out: &mut impl Write,
    number: u64,
    heads: [&str; 2],
    time: SystemTime,
    comment: &str,
) -> io::Result<()> {
    let mut flow = TcpFlow::new(number, None);
    flow.open(
        out,
        time,
        Some("wscli synthesized this TCP connection; its request and response heads are as recorded"),
    )?;
    for (side, head) in [Side::Client, Side::Server].into_iter().zip(heads) {
        flow.write(out, time, side, head.as_bytes(), None)?;
    }
    flow.close(out, time, Some(comment))
}

/// What is made up, and what the recording says besides.
fn origin(opened: &OpenedLine, role: RecordingRole) -> String {
    let bytes = match opened.frames {
        true => "its frames are as recorded",
        false => "its frames are made from the recorded messages",
    };
    let by = match role {
        RecordingRole::Client => "the client",
        RecordingRole::Server => "the server",
        RecordingRole::Between => "a proxy",
    };
    let other = opened.handshake.address.as_deref().map(|address| format!(", other end {}", Escaped(address)));
    let tls = opened.tls.as_ref().map(|TlsLine { version, cipher_suite, .. }| {
        format!(", decrypted from {} {}", Escaped(version), Escaped(cipher_suite))
    });
    let url = Escaped(&opened.handshake.url);
    let (other, tls) = (other.unwrap_or_default(), tls.unwrap_or_default());
    format!("wscli synthesized this TCP connection; {bytes}\n{url}, recorded by {by}{other}{tls}")
}

fn name(side: Side) -> &'static str {
    if side == Side::Client { "client" } else { "server" }
}

/// Of the other end, where that is the server.
fn server_address(address: Option<&str>, role: RecordingRole) -> Option<SocketAddr> {
    address.filter(|_| role != RecordingRole::Server)?.parse().ok()
}

/// What was agreed, as the answer of a server has it.
fn agreed(answer: &str) -> Option<DeflateParams> {
    let extensions = extension::parse(answer).ok()?;
    let deflate = extensions.iter().find(|extension| extension.name == negotiation::NAME)?;
    negotiation::accept(deflate, DeflateOptions::default()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_does_not_end_takes_little() {
        assert!(size_of::<Conversation>() <= 256, "{}", size_of::<Conversation>());
    }
}
