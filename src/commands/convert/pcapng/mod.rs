//! A recording as pcapng, for Wireshark: what each side wrote, frame by frame, in TCP connections that are made up around it.
//! docs/recording.md says what is synthetic.

mod block;
mod conversation;
mod flow;
mod handshake;
mod wire;
mod writer;

pub(super) use self::writer::PcapngWriter;
