//! Whether what was sent to a peer has arrived there, which has to be known before a reset: that destroys what hasn't.

use std::io;
use std::time::{Duration, Instant};

use super::transport::Transport;
use super::until::Until;

/// How soon it is looked again at what was sent. No descriptor tells when all of it has arrived.
const SOONEST: Duration = Duration::from_millis(1);
const LATEST: Duration = Duration::from_millis(100);

/// Waits until a peer has all that was sent. Whoever has waited for long looks less often.
///
/// # Errors
/// Those of [`Until::wait`].
pub(super) fn wait_until_left(transport: &Transport, until: Until<'_>) -> io::Result<()> {
    let begun = Instant::now();
    while transport.has_left(false) == Some(false) {
        until.rest(pause(begun.elapsed()))?;
    }
    Ok(())
}

fn pause(waited: Duration) -> Duration {
    (waited / 4).clamp(SOONEST, LATEST)
}

/// Watches what a socket holds of what was sent, once nothing else is going to be.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    begun: Option<Instant>,
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
    /// Our direction is about to be ended.
    pub(super) fn end(&mut self, transport: &Transport, all_written: bool) {
        self.at_end.get_or_insert_with(|| all_written && transport.has_left(false) == Some(true));
    }

    /// Looks again. `all_written`: the socket has taken everything; `patience` is counted from the first look.
    pub(super) fn look(
        &mut self,
        transport: &Transport,
        all_written: bool,
        patience: Duration,
        now: Instant,
    ) -> SentData {
        let waited = now.saturating_duration_since(*self.begun.get_or_insert(now));
        match transport.has_left(self.at_end.is_some()) {
            Some(true) if all_written => SentData::Arrived,
            None if self.at_end == Some(true) => SentData::Arrived,
            Some(_) if waited < patience => SentData::Awaited(now + pause(waited).min(patience - waited)),
            Some(_) | None => SentData::Overdue,
        }
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
        let look = |transport: &Transport| InFlight::default().look(transport, true, PATIENCE, begun);

        transport.send(b"little", &[]).unwrap();
        assert_eq!(look(&transport), SentData::Arrived);
        let mut ended = InFlight::default();
        ended.end(&transport, true);
        let mut sent = "little".len();
        while let Ok(count @ 1..) = transport.send(&[0; 65536], &[]) {
            sent += count;
        }
        let mut in_flight = InFlight::default();
        assert_eq!(in_flight.look(&transport, true, PATIENCE, begun), SentData::Awaited(begun + SOONEST));
        let nearly = begun + PATIENCE - SOONEST;
        assert_eq!(in_flight.look(&transport, true, PATIENCE, nearly), SentData::Awaited(begun + PATIENCE));
        assert_eq!(in_flight.look(&transport, true, PATIENCE, begun + PATIENCE), SentData::Overdue);

        // Where the system tells no more, what was known then counts.
        let tells = transport.has_left(true).is_some();
        let later = if tells { SentData::Awaited(begun + SOONEST) } else { SentData::Arrived };
        assert_eq!(ended.look(&transport, true, PATIENCE, begun), later);
        let mut ended = InFlight::default();
        ended.end(&transport, true);

        peer.read_exact(&mut vec![0; sent]).unwrap();
        while look(&transport) != SentData::Arrived {
            std::thread::yield_now();
        }
        let later = if tells { SentData::Arrived } else { SentData::Overdue };
        assert_eq!(ended.look(&transport, true, PATIENCE, begun), later);
        assert_eq!(InFlight::default().look(&transport, false, PATIENCE, begun), SentData::Awaited(begun + SOONEST));
    }
}
