//! How long what has come when it was recorded is waited for.

use std::time::Duration;

use crate::ws::Role;

/// Where nobody has said anything.
const USUAL: Duration = Duration::from_secs(10);

/// Programs answer within it, and a person takes longer.
const HASTE: Duration = Duration::from_secs(1);

/// The longest silence in a recording that is waited for again.
const LONGEST_GAP: Duration = Duration::from_secs(24 * 60 * 60);

/// How much longer something may take than it took when it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As much as it likes.
    Endless,
    Limited(Duration),
    /// What took more than a moment when it was recorded is waited for without end: a person thinks for as long as it takes.
    ForPrograms(Duration),
}

impl Patience {
    /// With what was asked for, 0 for no limit, by whoever plays `role`.
    pub(crate) fn of(asked: Option<Duration>, role: Role) -> Self {
        match (asked, role) {
            (Some(Duration::ZERO), _) => Self::Endless,
            (Some(limit), _) => Self::Limited(limit),
            (None, Role::Client) => Self::Limited(USUAL),
            (None, Role::Server) => Self::ForPrograms(USUAL),
        }
    }

    /// The time beyond what it took, and all in all, for something that took `gap`, where that is known; `None` is no limit.
    /// At the end of a connection nothing is left to be played, and nobody waits for a program.
    pub(super) fn limit(self, gap: Option<Duration>, is_end: bool) -> Option<(Duration, Duration)> {
        let limit = match self {
            Self::Endless => return None,
            Self::Limited(limit) => limit,
            Self::ForPrograms(limit) => Some(limit).filter(|_| !is_end && gap.is_some_and(|gap| gap < HASTE))?,
        };
        Some((limit, limit + gap.unwrap_or_default().min(LONGEST_GAP)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_waited_for_and_a_program_is_not() {
        let (ms, s) = (Duration::from_millis, Duration::from_secs);
        for (asked, role, gap, is_end, limit) in [
            (None, Role::Client, Some(ms(20)), false, Some((s(10), ms(10_020)))),
            (None, Role::Client, Some(s(5)), true, Some((s(10), s(15)))),
            (None, Role::Client, None, false, Some((s(10), s(10)))),
            (None, Role::Client, Some(Duration::MAX), false, Some((s(10), s(24 * 60 * 60 + 10)))),
            (None, Role::Server, Some(ms(20)), false, Some((s(10), ms(10_020)))),
            (None, Role::Server, Some(ms(20)), true, None),
            (None, Role::Server, Some(s(5)), false, None),
            (None, Role::Server, None, false, None),
            (Some(s(1)), Role::Server, Some(s(5)), true, Some((s(1), s(6)))),
            (Some(Duration::ZERO), Role::Server, Some(ms(20)), false, None),
            (Some(Duration::ZERO), Role::Client, Some(ms(20)), false, None),
        ] {
            assert_eq!(Patience::of(asked, role).limit(gap, is_end), limit, "{asked:?} {role:?} {gap:?} {is_end}");
        }
    }
}
