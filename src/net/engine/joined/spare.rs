//! What inflating and compressing take, for all connections that are joined: thousands of pairs each have two that inflate and two that
//! compress, and few of them do so at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::ws::{DeflateBudget, InflatePool, InflateState};

/// How many are kept while nobody has them, and how many may be had by those that don't work with them at the moment: 110 KiB each.
const MOST: usize = 8;

pub(super) static INFLATE_SPARE: InflateSpare = InflateSpare::new();

#[derive(Debug)]
pub(super) struct InflateSpare {
    left: Mutex<Vec<InflateState>>,
    /// How many somebody has.
    taken: AtomicUsize,
}

impl InflateSpare {
    const fn new() -> Self {
        Self { left: Mutex::new(Vec::new()), taken: AtomicUsize::new(0) }
    }
}

impl InflatePool for InflateSpare {
    fn take(&self) -> Option<InflateState> {
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.left.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give(&self, state: InflateState) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() < MOST {
            left.push(state);
        }
    }

    fn is_crowded(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > MOST
    }
}

/// What compressors may have awake, in bytes: for messages of 1 KiB it takes three times as long to make that again out of a full
/// window as to compress one.
const MOST_AWAKE: usize = 4 << 20;

pub(super) static DEFLATE_AWAKE: DeflateAwake = DeflateAwake { bytes: AtomicUsize::new(0) };

#[derive(Debug)]
pub(super) struct DeflateAwake {
    bytes: AtomicUsize,
}

impl DeflateBudget for DeflateAwake {
    fn count(&self, before: usize, now: usize) {
        self.bytes.fetch_add(now, Ordering::Relaxed);
        self.bytes.fetch_sub(before, Ordering::Relaxed);
    }

    fn is_crowded(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > MOST_AWAKE
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
        let pool: &'static InflateSpare = Box::leak(Box::new(InflateSpare::new()));
        let mut inflaters = [(); 3].map(|()| Inflater::new(true).sharing(Some(pool)));
        for (number, message) in [(0, &HELLO[..]), (1, &HELLO), (0, &AGAIN)] {
            let inflater = &mut inflaters[number];
            assert_eq!(inflater.push(message).unwrap().bytes, b"Hello");
            inflater.finish().unwrap();
            inflater.rest();
            assert_eq!(pool.left.lock().unwrap().len(), 1);
        }
        assert!(inflaters[2].push(&AGAIN).is_err());
        assert!(pool.left.lock().unwrap().is_empty());
        drop(inflaters);
        assert_eq!((pool.left.lock().unwrap().len(), pool.taken.load(Ordering::Relaxed)), (1, 0));
    }

    #[test]
    fn who_is_at_rest_keeps_it_while_few_have_one() {
        let pool: &'static InflateSpare = Box::leak(Box::new(InflateSpare::new()));
        let mut inflaters = [(); MOST + 1].map(|()| Inflater::new(true).sharing(Some(pool)));
        for inflater in &mut inflaters {
            assert_eq!(inflater.push(&HELLO).unwrap().bytes, b"Hello");
            inflater.finish().unwrap();
        }
        inflaters.iter_mut().for_each(Inflater::rest_if_crowded);
        assert_eq!((pool.left.lock().unwrap().len(), pool.taken.load(Ordering::Relaxed)), (1, MOST));
        assert_eq!(inflaters[0].push(&AGAIN).unwrap().bytes, b"Hello");
    }
}
