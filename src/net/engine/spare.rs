//! What inflating and compressing take beside the windows, for all connections: of thousands few inflate or compress at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::ws::{Connection, DeflatePool, DeflateState, InflatePool, InflateState};

/// Of connections that are joined: there are two for each client of a proxy, and thousands may be there.
static OF_JOINED: Shared = Shared { inflate: InflateSpare::new(8), deflate: DeflateSpare::new(4 << 20) };

/// Of all others, which are to be as fast as they can be with more of them at work at the same time.
static OF_OTHERS: Shared = Shared { inflate: InflateSpare::new(256), deflate: DeflateSpare::new(64 << 20) };

#[derive(Debug)]
struct Shared {
    inflate: InflateSpare,
    deflate: DeflateSpare,
}

/// Shares what the connection takes for compression with those of its kind.
pub(super) fn share(connection: &mut Connection, is_joined: bool) {
    let Shared { inflate, deflate } = if is_joined { &OF_JOINED } else { &OF_OTHERS };
    connection.set_inflate_pool(inflate);
    connection.set_deflate_pool(deflate);
}

#[derive(Debug)]
struct InflateSpare {
    left: Mutex<Vec<InflateState>>,
    /// How many somebody has.
    taken: AtomicUsize,
    /// How many may be had by those that don't work with them at the moment: 110 KiB each.
    most: usize,
}

/// How many are kept while nobody has them, at most.
const MOST_INFLATERS_LEFT: usize = 32;

impl InflateSpare {
    const fn new(most: usize) -> Self {
        Self { left: Mutex::new(Vec::new()), taken: AtomicUsize::new(0), most }
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
        if left.len() < self.most.min(MOST_INFLATERS_LEFT) {
            left.push(state);
        }
    }

    fn is_crowded(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > self.most
    }
}

/// What compressors have beside the windows of those that rest: 192 KiB each where as much was sent as a window holds. To make that
/// again takes 24 µs, two or three times as long as to compress 1 KiB.
#[derive(Debug)]
struct DeflateSpare {
    left: Mutex<Vec<DeflateState>>,
    /// What somebody has, in bytes.
    taken: AtomicUsize,
    /// How much those may have that don't compress at the moment, in bytes.
    most: usize,
}

/// How many of a size are kept while nobody has them.
const MOST_LEFT: usize = 4;

impl DeflateSpare {
    const fn new(most: usize) -> Self {
        Self { left: Mutex::new(Vec::new()), taken: AtomicUsize::new(0), most }
    }
}

impl DeflatePool for DeflateSpare {
    fn take(&self, reach: usize) -> Option<DeflateState> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let at = left.iter().position(|state| state.reach() == reach)?;
        Some(left.swap_remove(at))
    }

    fn give(&self, state: DeflateState) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.iter().filter(|other| other.reach() == state.reach()).count() < MOST_LEFT {
            left.push(state);
        }
    }

    fn count(&self, before: usize, now: usize) {
        self.taken.fetch_add(now, Ordering::Relaxed);
        self.taken.fetch_sub(before, Ordering::Relaxed);
    }

    fn is_crowded(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{Deflater, Inflater};

    const MOST: usize = 8;

    /// "Hello", and once more as a repetition of what was said before (RFC 7692 §7.2.3).
    const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    const AGAIN: [u8; 5] = [0xf2, 0x00, 0x11, 0x00, 0x00];

    #[test]
    fn what_one_leaves_says_nothing_of_it_to_another() {
        let pool: &'static InflateSpare = Box::leak(Box::new(InflateSpare::new(MOST)));
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
        let pool: &'static InflateSpare = Box::leak(Box::new(InflateSpare::new(MOST)));
        let mut inflaters = [(); MOST + 1].map(|()| Inflater::new(true).sharing(Some(pool)));
        for inflater in &mut inflaters {
            assert_eq!(inflater.push(&HELLO).unwrap().bytes, b"Hello");
            inflater.finish().unwrap();
        }
        inflaters.iter_mut().for_each(Inflater::rest_if_crowded);
        assert_eq!((pool.left.lock().unwrap().len(), pool.taken.load(Ordering::Relaxed)), (1, MOST));
        assert_eq!(inflaters[0].push(&AGAIN).unwrap().bytes, b"Hello");
    }

    #[test]
    fn compressors_rest_while_all_have_too_much_together_and_what_is_gone_counts_no_more() {
        let pool: &'static DeflateSpare = Box::leak(Box::new(DeflateSpare::new(20 << 10)));
        let mut deflaters = [(); 4].map(|()| Deflater::new(6, 15, true));
        for deflater in &mut deflaters {
            deflater.set_pool(pool);
            deflater.push(b"Hello", true);
        }
        assert!(pool.is_crowded());
        let hello = deflaters[3].push(b"Hello", true).to_vec();
        deflaters.iter_mut().for_each(Deflater::rest_if_crowded);
        // The first of them is enough.
        assert_eq!([0, 1, 2, 3].map(|number| deflaters[number].is_awake()), [false, true, true, true]);
        assert_eq!(deflaters[0].push(b"Hello", true), hello);
        drop(deflaters);
        let left = pool.left.lock().unwrap().iter().map(DeflateState::reach).collect::<Vec<_>>();
        assert_eq!((pool.taken.load(Ordering::Relaxed), left), (0, vec![1024; 4]));
    }

    #[test]
    fn what_a_compressor_has_from_another_makes_no_difference() {
        let pool: &'static DeflateSpare = Box::leak(Box::new(DeflateSpare::new(0)));
        let mut sharing = [(); 3].map(|()| Deflater::new(6, 15, true));
        sharing.iter_mut().for_each(|deflater| deflater.set_pool(pool));
        let mut alone = [(); 3].map(|()| Deflater::new(6, 15, true));
        for round in 0..150_usize {
            let number = round % 3;
            let word = |i: usize| format!("{} {number} {}, ", i * i * (number + 1) % 97, i * round % 31);
            let message: String = (0..round * round % 211).map(word).collect();
            let packed = sharing[number].push(message.as_bytes(), true);
            assert!(packed == alone[number].push(message.as_bytes(), true), "round {round}");
            sharing[number].rest_if_crowded();
            assert!(!sharing[number].is_awake());
        }
        assert_eq!(pool.taken.load(Ordering::Relaxed), 0);
    }
}
