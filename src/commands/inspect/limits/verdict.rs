//! What the lives of several connections say about who ends them.

use std::time::Duration;

use serde::Serialize;

use super::lifetime::{EndedBy, KeptBy, Lifetime};
use crate::peer_text::PeerText;
use crate::view::amount::Millis;
use crate::ws::StatusCode;

/// What ends connections.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum LimitsVerdict {
    /// None of them ended while they were watched.
    Nothing,
    /// Each ended after about as long, whatever was sent.
    Lifetime { after_ms: Millis },
    /// The same, but the server had sent a message before, or gave a reason: it may have waited for an answer or a login in vain.
    LifetimeOrAnswer { after_ms: Millis, last_message: Option<PeerText>, ending: PeerText },
    /// Those ended on which nothing was sent that counts.
    Idle { after_ms: Millis, kept_open_by: Vec<KeptBy>, counts: Counts },
    /// The server pings, and ends connections that don't answer.
    UnansweredPings { after_ms: Millis },
    /// The server ended the connection over what was sent to keep it alive, and no other.
    Refused { what: KeptBy },
    /// The way to the server goes quiet: no Pong comes to the last Ping, and nobody has said anything.
    Silent { within_ms: Millis, kept_open_by: Vec<KeptBy> },
    /// Too few connections opened, or they were stopped too early.
    Unknown,
}

/// What resets the clock of an idle limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Counts {
    /// Any frame from the client.
    AnyFrame,
    /// Frames that are answered: what comes from the server may be what counts, or Pongs that nobody has asked for are not.
    AnsweredFrames,
    /// Messages, and no control frames.
    Messages,
    /// Control frames, and no messages of this kind.
    ControlFrames,
    /// Segments of TCP without data.
    TcpSegments,
    /// Nothing that can be told from what was tried.
    Other,
}

/// How much later than another a connection ends that was ended by something else.
fn is_later(lived: Duration, than: Duration) -> bool {
    lived > than.mul_f64(1.5) + Duration::from_millis(500)
}

/// What these say.
pub(super) fn verdict(lifetimes: &[Lifetime]) -> LimitsVerdict {
    let of = |kept_by| lifetimes.iter().find(|lifetime| lifetime.kept_by == kept_by);
    let Some(silence) = of(KeptBy::Silence) else { return LimitsVerdict::Unknown };
    if silence.ended_by == EndedBy::Open {
        return without_limit(lifetimes);
    }
    if !silence.ended_by.is_end() {
        return LimitsVerdict::Unknown;
    }
    let outlives = |lifetime: &&Lifetime| {
        lifetime.kept_by != KeptBy::NoPongs
            && (lifetime.ended_by == EndedBy::Open || is_later(lifetime.lived, silence.lived))
    };
    let kept_open_by: Vec<_> = lifetimes.iter().filter(outlives).map(|lifetime| lifetime.kept_by).collect();
    let after_ms = Millis(silence.lived);
    if silence.ended_by == EndedBy::NoAnswer {
        return LimitsVerdict::Silent { within_ms: after_ms, kept_open_by };
    }
    if !kept_open_by.is_empty() {
        let counts = counts(&kept_open_by);
        return LimitsVerdict::Idle { after_ms, kept_open_by, counts };
    }
    // One that ended much sooner had a reason of its own, so that what it was kept by hasn't been tried. Missing Pongs are one.
    let ended_alike = |lifetime: &Lifetime| {
        let had_its_time = lifetime.kept_by == KeptBy::NoPongs || !is_later(silence.lived, lifetime.lived);
        lifetime.ended_by.is_end() && had_its_time
    };
    if !lifetimes.iter().all(ended_alike) {
        return LimitsVerdict::Unknown;
    }
    if silence.last_message.is_none() && !gives_a_reason(silence) {
        return LimitsVerdict::Lifetime { after_ms };
    }
    let Lifetime { last_message, ending, .. } = silence.clone();
    LimitsVerdict::LifetimeOrAnswer { after_ms, last_message, ending }
}

/// Whether the server's Close says more than that it goes away.
fn gives_a_reason(lifetime: &Lifetime) -> bool {
    let ordinary = [StatusCode::NORMAL, StatusCode::GOING_AWAY].map(|code| code.0);
    lifetime.code.is_some_and(|code| !ordinary.contains(&code))
}

/// What ended others than the silent one.
fn without_limit(lifetimes: &[Lifetime]) -> LimitsVerdict {
    let Some(ended) = lifetimes.iter().find(|lifetime| lifetime.ended_by.is_end()) else {
        return LimitsVerdict::Nothing;
    };
    match ended.kept_by {
        KeptBy::NoPongs if ended.server_pings > 0 => LimitsVerdict::UnansweredPings { after_ms: Millis(ended.lived) },
        what => LimitsVerdict::Refused { what },
    }
}

fn counts(kept_open_by: &[KeptBy]) -> Counts {
    let has = |kept_by| kept_open_by.contains(&kept_by);
    match (has(KeptBy::Pings), has(KeptBy::Pongs), has(KeptBy::Messages)) {
        (true, true, true) => Counts::AnyFrame,
        (true, false, _) => Counts::AnsweredFrames,
        (false, false, true) => Counts::Messages,
        (true, true, false) => Counts::ControlFrames,
        (false, false, false) if has(KeptBy::TcpKeepalive) => Counts::TcpSegments,
        _ => Counts::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDED: EndedBy = EndedBy::Close;
    const OPEN: EndedBy = EndedBy::Open;

    /// As many as there are ways, in their order: how each ended, after how many seconds, with how many Pings of the server's.
    fn judged(lives: [(EndedBy, u64); 6], server_pings: u64) -> LimitsVerdict {
        let lifetimes: Vec<_> = KeptBy::ALL
            .into_iter()
            .zip(lives)
            .map(|(kept_by, (ended_by, seconds))| Lifetime {
                ended_by,
                lived: Duration::from_secs(seconds),
                ending: PeerText::new(""),
                server_pings,
                ..Lifetime::not_opened(kept_by, "")
            })
            .collect();
        verdict(&lifetimes)
    }

    fn idle(seconds: u64, kept_open_by: &[KeptBy], counts: Counts) -> LimitsVerdict {
        let after_ms = Millis(Duration::from_secs(seconds));
        LimitsVerdict::Idle { after_ms, kept_open_by: kept_open_by.to_vec(), counts }
    }

    #[test]
    fn what_keeps_a_connection_open_says_what_the_limit_counts() {
        use KeptBy::{Messages, Pings, Pongs, TcpKeepalive};
        let after = |pings, pongs, messages, tcp| judged([(ENDED, 60), (ENDED, 60), pings, pongs, messages, tcp], 0);
        let (long, short) = ((OPEN, 180), (ENDED, 61));
        assert_eq!(after(long, long, long, short), idle(60, &[Pings, Pongs, Messages], Counts::AnyFrame));
        assert_eq!(after(long, short, long, short), idle(60, &[Pings, Messages], Counts::AnsweredFrames));
        assert_eq!(after(long, short, short, short), idle(60, &[Pings], Counts::AnsweredFrames));
        assert_eq!(after(short, short, long, short), idle(60, &[Messages], Counts::Messages));
        assert_eq!(after(long, long, (ENDED, 2), short), idle(60, &[Pings, Pongs], Counts::ControlFrames));
        assert_eq!(after(short, short, short, long), idle(60, &[TcpKeepalive], Counts::TcpSegments));
        assert_eq!(after(short, long, short, short), idle(60, &[Pongs], Counts::Other));
        // One that ends much later has outlived the limit too.
        assert_eq!(after((ENDED, 170), short, short, short), idle(60, &[Pings], Counts::AnsweredFrames));
    }

    #[test]
    fn what_ends_all_alike_is_a_lifetime() {
        let lifetime = LimitsVerdict::Lifetime { after_ms: Millis(Duration::from_secs(60)) };
        assert_eq!(judged([(ENDED, 60); 6], 3), lifetime);
        let but = |place: usize, seconds| {
            let mut lives = [(ENDED, 60); 6];
            lives[place] = (ENDED, seconds);
            judged(lives, 3)
        };
        // Whoever misses our Pongs ends the connection over that.
        assert_eq!((but(1, 20), but(4, 50)), (lifetime.clone(), lifetime));
        // A message that was refused may have been all that counts.
        assert_eq!(but(4, 2), LimitsVerdict::Unknown);
    }

    #[test]
    fn where_nothing_ends_there_is_no_limit() {
        assert_eq!(judged([(OPEN, 600); 6], 20), LimitsVerdict::Nothing);
    }

    #[test]
    fn who_pings_and_gets_no_answer_ends_only_that_connection() {
        let mut lives = [(OPEN, 600); 6];
        lives[1] = (EndedBy::Reset, 60);
        assert_eq!(judged(lives, 2), LimitsVerdict::UnansweredPings { after_ms: Millis(Duration::from_secs(60)) });
        // One that doesn't ping had another reason.
        assert_eq!(judged(lives, 0), LimitsVerdict::Refused { what: KeptBy::NoPongs });
    }

    #[test]
    fn a_message_may_be_what_a_server_ends_a_connection_over() {
        let mut lives = [(OPEN, 600); 6];
        lives[4] = (ENDED, 2);
        assert_eq!(judged(lives, 0), LimitsVerdict::Refused { what: KeptBy::Messages });
    }

    #[test]
    fn a_way_that_goes_quiet_is_told_from_a_server_that_ends() {
        let within_ms = Millis(Duration::from_secs(600));
        assert_eq!(judged([(EndedBy::NoAnswer, 600); 6], 0), LimitsVerdict::Silent { within_ms, kept_open_by: vec![] });
    }

    #[test]
    fn what_was_stopped_says_nothing() {
        assert_eq!(judged([(EndedBy::Stopped, 3); 6], 0), LimitsVerdict::Unknown);
        assert_eq!(judged([(EndedBy::NotOpened, 0); 6], 0), LimitsVerdict::Unknown);
    }
}
