//! What inflating and compressing take beside the windows, for all connections: of thousands few inflate or compress at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::ws::{Connection, DeflateBudget, InflatePool, InflateState};

/// Of connections that are joined: there are two for each client of a proxy, and thousands may be there.
static OF_JOINED: Shared = Shared { inflate: InflateSpare::new(8), deflate: DeflateAwake::new(4 << 20) };

/// Of all others, which are to be as fast as they can be with more of them at work at the same time.
static OF_OTHERS: Shared = Shared { inflate: InflateSpare::new(32), deflate: DeflateAwake::new(16 << 20) };

#[derive(Debug)]
struct Shared {
    inflate: InflateSpare,
    deflate: DeflateAwake,
}

/// Shares what the connection takes for compression with those of its kind.
pub(super) fn share(connection: &mut Connection, is_joined: bool) {
    let Shared { inflate, deflate } = if is_joined { &OF_JOINED } else { &OF_OTHERS };
    connection.set_inflate_pool(inflate);
    connection.set_deflate_budget(deflate);
}

#[derive(Debug)]
struct InflateSpare {
    left: Mutex<Vec<InflateState>>,
    /// How many somebody has.
    taken: AtomicUsize,
    /// How many are kept while nobody has them, and how many may be had by those that don't work with them at the moment: 110 KiB
    /// each.
    most: usize,
}

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
        if left.len() < self.most {
            left.push(state);
        }
    }

    fn is_crowded(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > self.most
    }
}

/// What compressors have beside the windows of those that rest, in bytes: 192 KiB each where as much was sent as a window holds. To
/// make that again takes 24 µs, two or three times as long as to compress 1 KiB.
#[derive(Debug)]
struct DeflateAwake {
    bytes: AtomicUsize,
    /// How much those may have that don't compress at the moment.
    most: usize,
}

impl DeflateAwake {
    const fn new(most: usize) -> Self {
        Self { bytes: AtomicUsize::new(0), most }
    }
}

impl DeflateBudget for DeflateAwake {
    fn count(&self, before: usize, now: usize) {
        self.bytes.fetch_add(now, Ordering::Relaxed);
        self.bytes.fetch_sub(before, Ordering::Relaxed);
    }

    fn is_crowded(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.most
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
        let budget: &'static DeflateAwake = Box::leak(Box::new(DeflateAwake::new(20 << 10)));
        let mut deflaters = [(); 4].map(|()| Deflater::new(6, 15, true));
        for deflater in &mut deflaters {
            deflater.set_budget(budget);
            deflater.push(b"Hello", true);
        }
        assert!(budget.is_crowded());
        let hello = deflaters[3].push(b"Hello", true).to_vec();
        deflaters.iter_mut().for_each(Deflater::rest_if_crowded);
        // The first of them is enough.
        assert_eq!([0, 1, 2, 3].map(|number| deflaters[number].is_awake()), [false, true, true, true]);
        assert_eq!(deflaters[0].push(b"Hello", true), hello);
        drop(deflaters);
        assert_eq!(budget.bytes.load(Ordering::Relaxed), 0);
    }
}
