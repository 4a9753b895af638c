//! Faults at work on open connections: what `script::Fault` says is broken, between a connection and its transport.
//!
//! ```text
//!  connection ─▶ FrameSplitter ─▶ FrameFilter ─▶ FaultLine ─▶ transport ─▶ peer
//!  connection ◀──────────── FaultLine ◀─ FrameSplitter ◀───────────── transport ◀─ peer
//! ```
//!
//! A [`FaultyTransport`](faulty_transport::FaultyTransport) is a layer over a transport, so that the engine and all above it know
//! of no fault: what they show, record and count is what happens without one, as with a network that is broken. It begins
//! behind the opening handshake, and above TLS.
//!
//! - A connection without faults has no such layer.
//! - What it holds is bounded in each direction; then the sender waits. It never waits itself: whatever is due at a time is among the
//!   deadlines of the engine.

mod armed;
mod faulty_transport;
mod frame_filter;
mod frames;
mod line;
mod plan;

pub(crate) use self::armed::OnInjected;
pub(crate) use self::plan::FaultPlan;

/// What goes out of a stream where every message, Pong or frame of it is treated so, however the stream is cut.
#[cfg(fuzzing)]
pub(crate) fn filtered(fault: &crate::script::FaultKind, stream: &[u8], size: usize) -> Vec<u8> {
    use crate::script::FaultKind;

    let mut filter = frame_filter::FrameFilter::new(None);
    let (mut out, now) = (Vec::new(), std::time::Instant::now());
    let mut messages = Vec::new();
    match fault {
        FaultKind::Message(message) => messages = vec![message],
        FaultKind::Control(control) => filter.set_controls(control, now),
        FaultKind::Frame(frames) => filter.inject(frames, now, &mut out),
        _ => {}
    }
    let messages: Vec<_> = messages.into_iter().copied().collect();
    let faults = vec![messages.as_slice(); stream.len()];
    out.extend(frame_filter::filtered(filter, &faults, stream, size));
    out
}
