//! Upper bounds on time, and waits for what has no event.

use std::thread;
use std::time::Duration;

/// A machine that is busy may make one run late, and the next one too.
const ATTEMPTS: usize = 10;

/// What a run comes to that took less than `most`. A program that waits too long takes longer every time; one that a busy machine
/// has kept waiting is tried again.
#[track_caller]
pub(crate) fn within<T>(most: Duration, mut run: impl FnMut() -> (Duration, T)) -> T {
    let mut all = Vec::new();
    for _ in 0..ATTEMPTS {
        let (took, outcome) = run();
        if took < most {
            return outcome;
        }
        all.push(took);
    }
    panic!("never under {most:?}: {all:?}");
}

/// Between two looks at what is awaited: who looked without a pause would take the processor from it.
pub(crate) fn look_again() {
    thread::sleep(Duration::from_millis(1));
}
