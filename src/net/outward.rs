//! Our direction of the transport: whether what we have to say still gets through.

use std::io;

/// Whether writing works.
#[derive(Debug, Default)]
pub(super) enum Outward {
    #[default]
    Works,
    /// It failed, for a reason that nobody has asked for yet.
    Failed(io::Error),
    /// It failed, and the reason was taken.
    GivenUp,
}

impl Outward {
    pub(super) fn works(&self) -> bool {
        matches!(self, Self::Works)
    }

    /// Writing has failed.
    pub(super) fn fail(&mut self, error: io::Error) {
        if !matches!(self, Self::GivenUp) {
            *self = Self::Failed(error);
        }
    }

    /// Why it failed; the first time that it is asked.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        match std::mem::replace(self, Self::GivenUp) {
            Self::Failed(error) => Some(error),
            as_it_was => {
                *self = as_it_was;
                None
            }
        }
    }
}
