//! Which messages of one publisher a subscriber has, in bounded memory.

/// Messages behind the latest that are told apart.
const WINDOW: u64 = u64::BITS as u64;

/// What has come, by the numbers of the messages from 0 on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arrivals {
    /// One more than the latest that came.
    next: u64,
    /// Of those before it, from the latest on, a bit for each that has come.
    came: u64,
}

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Behind all that came before it, whether or not some between are missing.
    InOrder,
    /// Behind a later one.
    Late,
    /// It was there already, or is so far behind that this isn't known any more.
    Again,
}

impl Arrivals {
    pub(super) fn note(&mut self, number: u64) -> Arrival {
        if number >= self.next {
            let ahead = number + 1 - self.next;
            self.came = if ahead < WINDOW { self.came << ahead } else { 0 } | 1;
            self.next = number + 1;
            return Arrival::InOrder;
        }
        let behind = self.next - 1 - number;
        if behind >= WINDOW || self.came & 1 << behind != 0 {
            return Arrival::Again;
        }
        self.came |= 1 << behind;
        Arrival::Late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_is_told_from_what_comes_again() {
        use Arrival::{Again, InOrder, Late};
        let mut arrivals = Arrivals::default();
        let told = [0, 2, 2, 1, 1, 0, 70, 69, 69, 7, 6, 200].map(|number| arrivals.note(number));
        assert_eq!(told, [InOrder, InOrder, Again, Late, Again, Again, InOrder, Late, Again, Late, Again, InOrder]);
        assert_eq!([136, 137, 137, 199].map(|number| arrivals.note(number)), [Again, Late, Again, Late]);
    }
}
