//! How a connection ends: when our direction of the transport does, and how long the peer's is awaited
//! (RFC 6455 §7.1.1, §7.1.2).
//!
//! - The peer's time to answer our Close begins once it has taken all that we had to say, and passes only
//!   while our own reader leaves us room to hear it. A server that still speaks may be working through what stands before our
//!   Close: it has the time anew, a few times.
//! - Once both Close frames have gone, or the connection has failed, our direction ends: a server's at
//!   once, a client's after a grace period in which the server is to be first. Then the peer's end is
//!   awaited, for closing over bytes that we haven't read would reset the connection, and could
//!   take our Close frame with it.

use std::time::{Duration, Instant};

use crate::ws::Role;

/// After a finished closing handshake, how long a client leaves it to the server to close the TCP
/// connection first, as §7.1.1 wants it. Some servers wait for the client.
const SERVER_FIRST: Duration = Duration::from_millis(250);

/// How many times as long a server has for its answer that speaks all the while: thousands of messages of ours may stand before
/// our Close. One that never answers mustn't be waited for without end.
const SPEAKS_ON: u32 = 5;

/// After our end of the TCP connection, how long the peer's is awaited.
const LINGER: Duration = Duration::from_secs(1);

/// The wait for the peer's side of the closing handshake, from our Close or the connection's failure on.
#[derive(Debug)]
pub(super) struct Closing {
    role: Role,
    timeout: Duration,
    /// After our end of the transport, for the peer's.
    linger: Duration,
    /// A peer that goes on speaking is heard to its end.
    hears_out: bool,
    /// What it says goes nowhere.
    is_unheard: bool,
    /// Beyond this nothing is waited for.
    latest: Option<Instant>,
    /// The end of the wait, and when that was last looked at.
    wait: Option<(Instant, Instant)>,
    /// When the peer had taken something for the last time.
    taken: Option<Instant>,
    /// The time that passes now isn't the peer's: its end isn't a reason to look again.
    paused: bool,
    /// When our direction ends, once nothing is left to say.
    half_close_at: Option<Instant>,
    half_closed: bool,
}

/// What the connection has come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClosingProgress {
    /// The closing handshake is done, or the connection has failed in another way.
    pub(super) is_over: bool,
    /// It has failed, so that there is no server to wait for.
    pub(super) has_failed: bool,
    /// The peer has taken all that we had to say.
    pub(super) all_written: bool,
    /// The peer has taken some of it since the last look.
    pub(super) progressed: bool,
    /// The peer has said something since the last look.
    pub(super) heard: bool,
    /// What the peer says can be told.
    pub(super) has_room: bool,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClosingStep {
    Nothing,
    /// Our direction of the transport ends.
    HalfClose,
    /// Nothing more is waited for.
    End,
}

impl Closing {
    /// `timeout` is for the peer's Close.
    pub(super) fn new(role: Role, timeout: Duration) -> Self {
        Self {
            role,
            timeout,
            linger: LINGER,
            hears_out: false,
            is_unheard: false,
            latest: None,
            wait: None,
            taken: None,
            paused: false,
            half_close_at: None,
            half_closed: false,
        }
    }

    /// A peer that goes on speaking after our end of the transport is heard for as long as it does: its end is awaited for
    /// `linger` from the last that it said.
    pub(super) fn hear_out(&mut self, linger: Duration) {
        self.linger = linger;
        self.hears_out = true;
    }

    /// Nobody is there any more for what the peer says: only what it takes is worth waiting for.
    pub(super) fn go_unheard(&mut self) {
        self.is_unheard = true;
    }

    /// Whether our direction of the transport has ended.
    pub(super) fn has_half_closed(&self) -> bool {
        self.half_closed
    }

    /// The process is stopping: nothing is waited for beyond `end`, whenever the wait begins.
    pub(super) fn hurry(&mut self, end: Instant) {
        self.latest = Some(self.latest.map_or(end, |latest| latest.min(end)));
        self.wait = self.wait.map(|(deadline, looked)| (deadline.min(end), looked));
    }

    /// What is due, to be asked again and again while the connection is closing.
    pub(super) fn due(&mut self, now: Instant, progress: ClosingProgress, stopping: bool) -> ClosingStep {
        let deadline = self.advance(now, progress, stopping);
        if progress.all_written && progress.is_over && !self.half_closed {
            let grace = if progress.has_failed || self.role == Role::Server { Duration::ZERO } else { SERVER_FIRST };
            if now >= *self.half_close_at.get_or_insert(now + grace) {
                self.half_closed = true;
                self.wait = Some((deadline.min(now + self.linger), now));
                return ClosingStep::HalfClose;
            }
        }
        if now >= deadline { ClosingStep::End } else { ClosingStep::Nothing }
    }

    /// Moves the end of the wait on where the time that has passed isn't the peer's.
    fn advance(&mut self, now: Instant, progress: ClosingProgress, stopping: bool) -> Instant {
        let (mut deadline, looked) = self.wait.unwrap_or((now + self.timeout, now));
        self.paused = false;
        let taken = *self.taken.insert(self.taken.filter(|_| !progress.progressed).unwrap_or(now));
        if !stopping && (self.hears_out || !self.half_closed) {
            if progress.progressed || (self.hears_out && progress.heard && !self.is_unheard) {
                deadline = now + if self.half_closed { self.linger } else { self.timeout };
            } else if !progress.has_room {
                deadline += now - looked;
                self.paused = true;
            } else if progress.heard && !progress.is_over && !self.is_unheard && self.role == Role::Client {
                deadline = deadline.max((now + self.timeout).min(taken + self.timeout * SPEAKS_ON));
            }
        }
        deadline = self.latest.map_or(deadline, |latest| deadline.min(latest));
        self.wait = Some((deadline, now));
        deadline
    }

    /// When [`due`](Self::due) has something to say next, once the connection is closing.
    pub(super) fn deadline(&self, all_written: bool) -> Option<Instant> {
        let wait = self.wait.filter(|_| !self.paused).map(|(deadline, _)| deadline);
        let half_close = self.half_close_at.filter(|_| !self.half_closed && all_written);
        [wait, half_close].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(2);

    /// Our Close is out and not answered.
    const SENT: ClosingProgress = ClosingProgress {
        is_over: false,
        has_failed: false,
        all_written: true,
        progressed: false,
        heard: false,
        has_room: true,
    };
    /// Both Close frames have gone.
    const DONE: ClosingProgress = ClosingProgress { is_over: true, ..SENT };

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn an_unanswered_close_is_waited_for_once() {
        let start = Instant::now();
        let mut closing = Closing::new(Role::Client, TIMEOUT);
        assert_eq!(closing.deadline(true), None);
        assert_eq!(closing.due(start, SENT, false), ClosingStep::Nothing);
        assert_eq!(closing.deadline(true), Some(start + TIMEOUT));
        assert_eq!(closing.due(start + millis(1999), SENT, false), ClosingStep::Nothing);
        assert_eq!(closing.due(start + TIMEOUT, SENT, false), ClosingStep::End);
    }

    #[test]
    fn the_time_of_the_peer_begins_when_it_has_taken_everything() {
        let start = Instant::now();
        let mut closing = Closing::new(Role::Client, TIMEOUT);
        let writing = ClosingProgress { all_written: false, progressed: true, ..SENT };
        for second in 0..10 {
            assert_eq!(closing.due(start + second * millis(1000), writing, false), ClosingStep::Nothing);
        }
        let stuck = ClosingProgress { progressed: false, ..writing };
        assert_eq!(closing.due(start + millis(10_999), stuck, false), ClosingStep::Nothing);
        assert_eq!(closing.due(start + millis(11_000), stuck, false), ClosingStep::End);
    }

    #[test]
    fn a_server_that_speaks_on_has_the_time_anew_a_few_times() {
        let start = Instant::now();
        let speaking = ClosingProgress { heard: true, ..SENT };
        let mut closing = Closing::new(Role::Client, TIMEOUT);
        for second in 0..10 {
            assert_eq!(closing.due(start + second * millis(1000), speaking, false), ClosingStep::Nothing);
        }
        assert_eq!(closing.due(start + millis(10_000), speaking, false), ClosingStep::End);
        let mut falls_silent = Closing::new(Role::Client, TIMEOUT);
        assert_eq!(falls_silent.due(start, speaking, false), ClosingStep::Nothing);
        assert_eq!(falls_silent.due(start + millis(1500), speaking, false), ClosingStep::Nothing);
        assert_eq!(falls_silent.due(start + millis(3499), SENT, false), ClosingStep::Nothing);
        assert_eq!(falls_silent.due(start + millis(3500), SENT, false), ClosingStep::End);
        let mut server = Closing::new(Role::Server, TIMEOUT);
        assert_eq!(server.due(start, speaking, false), ClosingStep::Nothing);
        assert_eq!(server.due(start + TIMEOUT, speaking, false), ClosingStep::End);
    }

    #[test]
    fn time_in_which_we_could_not_hear_the_peer_does_not_count() {
        let start = Instant::now();
        let mut closing = Closing::new(Role::Client, TIMEOUT);
        let deaf = ClosingProgress { has_room: false, ..SENT };
        assert_eq!(closing.due(start, SENT, false), ClosingStep::Nothing);
        assert_eq!(closing.due(start + millis(1999), deaf, false), ClosingStep::Nothing);
        // Else it would be looked at every millisecond.
        assert_eq!(closing.deadline(true), None);
        assert_eq!(closing.due(start + millis(5000), deaf, false), ClosingStep::Nothing);
        assert_eq!(closing.due(start + millis(6999), SENT, false), ClosingStep::Nothing);
        assert_eq!(closing.deadline(true), Some(start + millis(7000)));
        assert_eq!(closing.due(start + millis(7000), SENT, false), ClosingStep::End);
    }

    #[test]
    fn a_server_ends_its_direction_at_once_and_a_client_leaves_it_the_first_word() {
        let start = Instant::now();
        let mut server = Closing::new(Role::Server, TIMEOUT);
        assert_eq!(server.due(start, DONE, false), ClosingStep::HalfClose);
        assert_eq!(server.due(start + millis(999), DONE, false), ClosingStep::Nothing);
        assert_eq!(server.due(start + LINGER, DONE, false), ClosingStep::End);
        let mut client = Closing::new(Role::Client, TIMEOUT);
        assert_eq!(client.due(start, DONE, false), ClosingStep::Nothing);
        assert_eq!(client.deadline(true), Some(start + SERVER_FIRST));
        assert_eq!(client.due(start + SERVER_FIRST, DONE, false), ClosingStep::HalfClose);
        assert_eq!(client.due(start + SERVER_FIRST + LINGER, DONE, false), ClosingStep::End);
        let mut failed = Closing::new(Role::Client, TIMEOUT);
        assert_eq!(failed.due(start, ClosingProgress { has_failed: true, ..DONE }, false), ClosingStep::HalfClose);
    }

    #[test]
    fn a_peer_that_is_heard_out_has_the_time_anew_with_all_that_it_says() {
        let start = Instant::now();
        let mut closing = Closing::new(Role::Server, TIMEOUT);
        closing.hear_out(TIMEOUT);
        let speaking = ClosingProgress { heard: true, ..DONE };
        assert_eq!(closing.due(start, DONE, false), ClosingStep::HalfClose);
        for second in 1..10 {
            assert_eq!(closing.due(start + second * millis(1900), speaking, false), ClosingStep::Nothing);
        }
        // While nobody takes what it says, it isn't the one that is waited for.
        let stuck = ClosingProgress { has_room: false, ..DONE };
        assert_eq!(closing.due(start + millis(30_000), stuck, false), ClosingStep::Nothing);
        assert_eq!(closing.due(start + millis(32_000), DONE, false), ClosingStep::End);
        let mut unheard = Closing::new(Role::Server, TIMEOUT);
        unheard.hear_out(TIMEOUT);
        unheard.go_unheard();
        let taking_nothing = ClosingProgress { all_written: false, ..speaking };
        assert_eq!(unheard.due(start, taking_nothing, false), ClosingStep::Nothing);
        assert_eq!(unheard.due(start + TIMEOUT, taking_nothing, false), ClosingStep::End);
        let mut stopping = Closing::new(Role::Server, TIMEOUT);
        stopping.hear_out(TIMEOUT);
        assert_eq!(stopping.due(start, speaking, true), ClosingStep::HalfClose);
        assert_eq!(stopping.due(start + TIMEOUT, speaking, true), ClosingStep::End);
    }

    #[test]
    fn a_stopping_process_waits_no_longer_whatever_happens() {
        let start = Instant::now();
        let mut closing = Closing::new(Role::Server, TIMEOUT);
        let deaf = ClosingProgress { has_room: false, progressed: true, ..SENT };
        assert_eq!(closing.due(start, SENT, false), ClosingStep::Nothing);
        closing.hurry(start + millis(600));
        assert_eq!(closing.due(start + millis(599), deaf, true), ClosingStep::Nothing);
        assert_eq!(closing.due(start + millis(600), deaf, true), ClosingStep::End);
        // Nor where the wait begins late, since there was something left to say.
        let mut closing = Closing::new(Role::Server, TIMEOUT);
        closing.hurry(start + millis(600));
        assert_eq!(closing.due(start + millis(500), SENT, true), ClosingStep::Nothing);
        assert_eq!(closing.due(start + millis(550), DONE, true), ClosingStep::HalfClose);
        assert_eq!(closing.due(start + millis(600), DONE, true), ClosingStep::End);
    }
}
