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
mod dice;
mod faulty_transport;
mod frame_filter;
mod frames;
mod line;
mod plan;

pub(crate) use self::armed::OnInjected;
pub(crate) use self::plan::FaultPlan;
