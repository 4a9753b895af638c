//! Whether what was sent to a peer has arrived there, which has to be known before a reset: that destroys what hasn't.

use std::io;
use std::time::{Duration, Instant};

use super::transport::Transport;
use super::until::Until;

/// How soon it is looked again at what was sent. No descriptor tells when all of it has arrived.
const SOONEST: Duration = Duration::from_millis(1);
const LATEST: Duration = Duration::from_millis(100);

/// Waits until a peer has all that was sent, or takes nothing more of that for `patience`.
///
/// # Errors
/// Those of [`Until::rest`], which ends every wait.
pub(super) fn wait_until_left(transport: &Transport, patience: Duration, until: Until<'_>) -> io::Result<()> {
    let mut in_flight = InFlight::default();
    loop {
        let now = Instant::now();
        let SentData::Awaited(look_again) = in_flight.look(transport, 0, patience, now) else { return Ok(()) };
        until.rest(look_again - now)?;
    }
}

/// Whoever has waited for long looks less often.
fn pause(waited: Duration) -> Duration {
    (waited / 4).clamp(SOONEST, LATEST)
}

/// Watches what a socket holds of what was sent, once nothing else is going to be.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    begun: Option<Instant>,
    /// Bytes that were left when some had arrived for the last time, and when that was seen.
    least: Option<(u64, Instant)>,
    /// Whether it had arrived when our direction was ended: later not every system tells.
    at_end: Option<bool>,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SentData {
    /// The peer's kernel has it.
    Arrived,
    /// It is on its way, and looked at again then.
    Awaited(Instant),
    /// The peer doesn't take it.
    Overdue,
}

impl InFlight {
    /// Our direction is about to be ended, once the socket has taken `unwritten` bytes more.
    pub(super) fn end(&mut self, transport: &Transport, unwritten: usize) {
        self.at_end.get_or_insert_with(|| unwritten == 0 && transport.unacknowledged(false) == Some(0));
    }

    /// Looks again. The socket hasn't taken `unwritten` bytes yet. The peer has `patience` from when it was last seen to take some.
    pub(super) fn look(
        &mut self,
        transport: &Transport,
        unwritten: usize,
        patience: Duration,
        now: Instant,
    ) -> SentData {
        let Some(unacknowledged) = transport.unacknowledged(self.at_end.is_some()) else {
            return if self.at_end == Some(true) { SentData::Arrived } else { SentData::Overdue };
        };
        let left = u64::from(unacknowledged) + unwritten as u64;
        if left == 0 {
            return SentData::Arrived;
        }
        let begun = *self.begun.get_or_insert(now);
        let (_, since) = *self.least.insert(self.least.filter(|(least, _)| *least <= left).unwrap_or((left, now)));
        let until = since + patience;
        if now < until { SentData::Awaited(until.min(now + pause(now - begun))) } else { SentData::Overdue }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    #[test]
    fn what_the_peer_s_kernel_has_is_known() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut transport = Transport::Socket(TcpStream::connect(listener.local_addr().unwrap()).unwrap().into());
        let mut peer = listener.accept().unwrap().0;
        let begun = Instant::now();
        let look = |transport: &Transport| InFlight::default().look(transport, 0, PATIENCE, begun);

        transport.send(b"little", &[]).unwrap();
        assert_eq!(look(&transport), SentData::Arrived);
        let mut ended = InFlight::default();
        ended.end(&transport, 0);
        let mut sent = "little".len();
        while let Ok(count @ 1..) = transport.send(&[0; 65536], &[]) {
            sent += count;
        }
        let mut in_flight = InFlight::default();
        assert_eq!(in_flight.look(&transport, 0, PATIENCE, begun), SentData::Awaited(begun + SOONEST));
        let nearly = begun + PATIENCE - SOONEST;
        assert_eq!(in_flight.look(&transport, 0, PATIENCE, nearly), SentData::Awaited(begun + PATIENCE));
        assert_eq!(in_flight.look(&transport, 0, PATIENCE, begun + PATIENCE), SentData::Overdue);

        // Where the system tells no more, what was known then counts.
        let tells = transport.unacknowledged(true).is_some();
        let later = if tells { SentData::Awaited(begun + SOONEST) } else { SentData::Arrived };
        assert_eq!(ended.look(&transport, 0, PATIENCE, begun), later);
        let mut ended = InFlight::default();
        ended.end(&transport, 0);

        peer.read_exact(&mut vec![0; sent]).unwrap();
        while look(&transport) != SentData::Arrived {
            std::thread::yield_now();
        }
        let later = if tells { SentData::Arrived } else { SentData::Overdue };
        assert_eq!(ended.look(&transport, 0, PATIENCE, begun), later);
        assert_eq!(InFlight::default().look(&transport, 1, PATIENCE, begun), SentData::Awaited(begun + SOONEST));
    }
}
