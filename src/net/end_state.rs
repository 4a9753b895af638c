//! What a connection's end comes to, where several things say that it is over.

use super::end::End;
use crate::ws::Close;

/// How a connection ends, as far as that is known.
#[derive(Debug, Default)]
pub(super) struct EndState {
    failure: Option<End>,
    /// The peer's Close, and ours where we began.
    peer_close: Option<(Close, Option<Close>)>,
    /// That has been asked for.
    is_told: bool,
}

impl EndState {
    /// Whether it has failed, or the peer has closed it.
    pub(super) fn is_known(&self) -> bool {
        self.has_failed() || self.peer_close.is_some()
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Whether nothing of ours has failed: at most the peer has ended the transport.
    pub(super) fn is_left_to_peer(&self) -> bool {
        matches!(self.failure, None | Some(End::Dropped(_)))
    }

    /// Whether it is the peer who ends it, so far.
    pub(super) fn is_by_peer(&self) -> bool {
        let has_closed = matches!(self.peer_close, Some((_, None)));
        self.failure.as_ref().map_or(has_closed, End::is_by_peer)
    }

    /// The peer has closed it; `ours` came first, if there was one.
    pub(super) fn close(&mut self, theirs: Close, ours: Option<Close>) {
        self.peer_close = Some((theirs, ours));
    }

    /// How it ended, once, as soon as the closing handshake is done.
    pub(super) fn news(&mut self) -> Option<End> {
        let (close, ours) = self.peer_close.clone().filter(|_| !self.has_failed() && !self.is_told)?;
        self.is_told = true;
        Some(End::Closed { close, ours })
    }

    /// It has failed; what failed first is what counts.
    pub(super) fn fail(&mut self, failure: End) {
        self.failure.get_or_insert(failure);
    }

    /// It is failed by us, whatever became of the transport meanwhile.
    pub(super) fn fail_by_us(&mut self, failure: End) {
        self.failure = Some(failure);
    }

    /// The end that counts: a failure, a finished closing handshake where no more than the transport has failed beside it, or
    /// else `otherwise`.
    pub(super) fn take(&mut self, otherwise: End) -> End {
        match (self.failure.take(), self.peer_close.take()) {
            (Some(End::WriteFailed(..) | End::Dropped(_)) | None, Some((close, ours))) => End::Closed { close, ours },
            // We have ended the transport before the answer came.
            (Some(End::Abandoned), Some((close, ours @ Some(_)))) => End::Closed { close, ours },
            (Some(failure), _) => failure,
            (None, None) => otherwise,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::super::end::{Breakage, UnansweredPing};
    use super::*;
    use crate::ws::StatusCode;

    fn unanswered() -> End {
        End::KeepaliveFailed(UnansweredPing { timeout: std::time::Duration::ZERO, other: None, is_first: true })
    }

    fn dropped() -> End {
        End::Dropped(Breakage::default())
    }

    #[test]
    fn a_finished_closing_handshake_outweighs_what_becomes_of_the_transport() {
        let failed = End::WriteFailed(io::ErrorKind::BrokenPipe.into(), Breakage::default());
        for failure in [None, Some(failed), Some(dropped())] {
            let mut state = EndState::default();
            if let Some(failure) = failure {
                state.fail(failure);
            }
            let has_failed = state.has_failed();
            assert!(state.news().is_none());
            state.close(Close::new(StatusCode::NORMAL, ""), None);
            assert!(state.is_known());
            assert_eq!([state.news().is_some(), state.news().is_some()], [!has_failed, false]);
            assert!(matches!(state.take(End::Abandoned), End::Closed { ours: None, .. }));
        }
    }

    #[test]
    fn an_answer_behind_our_end_of_the_transport_finishes_the_handshake() {
        for (ours, is_finished) in [(None, false), (Some(Close::new(StatusCode::NORMAL, "")), true)] {
            let mut state = EndState::default();
            state.fail(End::Abandoned);
            state.close(Close::new(StatusCode::NORMAL, ""), ours);
            assert_eq!(matches!(state.take(End::Abandoned), End::Closed { .. }), is_finished);
        }
    }

    #[test]
    fn what_failed_first_counts_unless_we_fail_it() {
        let mut state = EndState::default();
        assert!(!state.is_known() && state.is_left_to_peer());
        state.fail(dropped());
        state.fail(unanswered());
        assert!(state.has_failed() && state.is_left_to_peer());
        state.fail_by_us(unanswered());
        assert!(!state.is_left_to_peer());
        state.close(Close::default(), None);
        assert!(matches!(state.take(End::Abandoned), End::KeepaliveFailed(_)));
        assert!(matches!(EndState::default().take(End::Abandoned), End::Abandoned));
    }
}
