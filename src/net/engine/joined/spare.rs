//! What inflating takes, for all connections that are joined: thousands of pairs each have two that inflate, and few of them do so at
//! the same time.

use std::sync::{Mutex, PoisonError};

use crate::ws::{InflatePool, InflateState};

/// How many are kept while nobody has them, of 110 KiB each.
const MOST: usize = 8;

pub(super) static INFLATE_SPARE: InflateSpare = InflateSpare(Mutex::new(Vec::new()));

#[derive(Debug)]
pub(super) struct InflateSpare(Mutex<Vec<InflateState>>);

impl InflatePool for InflateSpare {
    fn take(&self) -> Option<InflateState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give(&self, state: InflateState) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < MOST {
            spare.push(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::Inflater;

    /// "Hello", and once more as a repetition of what was said before (RFC 7692 §7.2.3).
    const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    const AGAIN: [u8; 5] = [0xf2, 0x00, 0x11, 0x00, 0x00];

    #[test]
    fn what_one_leaves_says_nothing_of_it_to_another() {
        let pool = InflateSpare(Mutex::new(Vec::new()));
        let pool: &'static InflateSpare = Box::leak(Box::new(pool));
        let mut inflaters = [(); 3].map(|()| Inflater::new(true).sharing(Some(pool)));
        for (number, message) in [(0, &HELLO[..]), (1, &HELLO), (0, &AGAIN)] {
            let inflater = &mut inflaters[number];
            assert_eq!(inflater.push(message).unwrap().bytes, b"Hello");
            inflater.finish().unwrap();
            inflater.rest();
            assert_eq!(pool.0.lock().unwrap().len(), 1);
        }
        assert!(inflaters[2].push(&AGAIN).is_err());
        assert!(pool.take().is_none());
    }
}
