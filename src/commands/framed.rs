//! A connection whose frames are told on stderr, where that is asked for.

use std::os::fd::AsFd;

use crate::net::{Dialed, End, Engine, Handler, Signals, Tap, Timing};
use crate::stdio::console::Console;
use crate::stdio::frame_log::FrameLog;
use crate::view::frames::FrameDetail;
use crate::ws::Event;

/// Runs it to its end.
pub(crate) fn run_framed(
    dialed: Dialed,
    timing: Timing,
    signals: &Signals,
    frames: Option<FrameDetail>,
    handler: &mut impl Handler,
) -> End {
    let engine = Engine::new(dialed.websocket, timing, Some(signals.as_fd()), handler);
    let mut log = frames.map(|detail| FrameLog::new(Console::stderr(), String::new(), detail));
    let mut tell = |event: &Event<'_>| log.iter_mut().for_each(|log| log.event(event));
    let tap: Option<Tap<'_>> = if frames.is_some() { Some(&mut tell) } else { None };
    let ending = engine.tapped(tap).run();
    log.into_iter().for_each(FrameLog::finish);
    ending
}
