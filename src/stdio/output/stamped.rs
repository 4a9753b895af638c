//! The time before each message.

use std::fmt;
use std::time::SystemTime;

use super::{OutputFormat, Queue};
use crate::stdio::time_zone;
use crate::view::clock::{delta, formatted, local, utc};
use crate::ws::{Data, Event};

/// How a time is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// RFC 3339, to the microsecond.
    Utc,
    /// The same in local time, with its offset.
    Local,
    /// By a format of strftime, in local time.
    Strftime(String),
    /// How long after the one before, where there is one.
    Delta,
}

impl Stamp {
    pub(crate) fn write(&self, at: SystemTime) -> String {
        match self {
            Self::Utc => utc(at),
            Self::Local | Self::Delta => local(at, time_zone::offset()),
            Self::Strftime(format) => formatted(at, format, time_zone::offset()),
        }
    }
}

pub(super) fn stamped(format: impl OutputFormat + 'static, stamp: Option<Stamp>) -> Box<dyn OutputFormat> {
    match stamp {
        Some(stamp) => Box::new(Stamped { format, stamp, last: None }),
        None => Box::new(format),
    }
}

struct Stamped<F> {
    format: F,
    stamp: Stamp,
    /// When the message before began.
    last: Option<SystemTime>,
}

impl<F: OutputFormat> OutputFormat for Stamped<F> {
    fn data(&mut self, data: &Data<'_>, out: &mut Queue) {
        if data.first {
            let now = SystemTime::now();
            let last = self.last.replace(now).unwrap_or(now);
            let time = if self.stamp == Stamp::Delta { delta(last, now) } else { self.stamp.write(now) };
            out.extend_from_slice(time.as_bytes());
            out.push(b' ');
        }
        self.format.data(data, out);
    }

    fn cut_off(&mut self, out: &mut Queue) {
        self.format.cut_off(out);
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Queue) {
        self.format.event(event, out);
    }
}

impl<F: fmt::Debug> fmt::Debug for Stamped<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stamped({:?}, {:?})", self.format, self.stamp)
    }
}
