//! Many descriptors that are waited for together, again and again: where the system has epoll(7), each wait costs what is
//! ready, and not what there is.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod epoll;
#[cfg(any(test, not(any(target_os = "linux", target_os = "android"))))]
mod poll_list;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use self::epoll::Epoll as PollSet;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use self::poll_list::PollList as PollSet;

use std::os::fd::BorrowedFd;

use rustix::event::PollFlags;

/// As many, at most, are told with one wait: the clock is looked at between two.
const READY_AT_ONCE: usize = 64;

/// A descriptor that is waited for: what it is known by, and for what. Its end is told whatever is asked for.
pub(super) type WatchedFd<'a> = (usize, BorrowedFd<'a>, PollFlags);

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;
    use std::time::{Duration, Instant};

    use super::*;

    /// Both ways do the same, here where there are both.
    macro_rules! of_each_kind {
        ($($name:ident: $set:ty),*) => {$(
            #[test]
            fn $name() {
                let mut set = <$set>::new().unwrap();
                let pairs: Vec<_> = (0..READY_AT_ONCE + 10).map(|_| UnixStream::pair().unwrap()).collect();
                let watched = || pairs.iter().enumerate().map(|(key, (fd, _))| (key, fd.as_fd(), PollFlags::IN));
                watched().for_each(|(key, fd, flags)| set.change((key, fd), None, Some(flags)).unwrap());
                let mut ready = |watched: &mut dyn Iterator<Item = WatchedFd<'_>>, wait| {
                    set.wait(watched, Some(Instant::now() + wait)).unwrap();
                    let ready: Vec<_> = (0..).map_while(|at| set.ready(at)).collect();
                    ready
                };
                let begun = Instant::now();
                let wait = Duration::from_micros(2500);
                while begun.elapsed() < wait {
                    assert_eq!(ready(&mut watched(), wait.saturating_sub(begun.elapsed())), []);
                }
                (&pairs[5].1).write_all(b"x").unwrap();
                assert_eq!(ready(&mut watched(), Duration::from_secs(60)), [(5, PollFlags::IN)]);
                // None waits for another that is always ready.
                pairs.iter().for_each(|(_, far)| { (&*far).write_all(b"x").unwrap(); });
                let mut seen = vec![0; pairs.len()];
                for _ in 0..10 {
                    ready(&mut watched(), Duration::ZERO).iter().for_each(|(key, _)| seen[*key] += 1);
                }
                assert!(seen.iter().all(|count| (7..10).contains(count)), "{seen:?}");
                let room = PollFlags::IN | PollFlags::OUT;
                set.change((5, pairs[5].0.as_fd()), Some(PollFlags::IN), Some(room)).unwrap();
                watched().filter(|(key, ..)| *key != 5).for_each(|(key, fd, flags)| {
                    set.change((key, fd), Some(flags), None).unwrap();
                });
                let mut ready = |flags| {
                    let watched = [(5, pairs[5].0.as_fd(), flags)].into_iter();
                    set.wait(watched, None).unwrap();
                    (set.ready(0), set.ready(1))
                };
                assert_eq!(ready(room), (Some((5, room)), None));
            }
        )*};
    }

    of_each_kind! { the_kernel_keeps_what_is_waited_for: PollSet, or_is_told_each_time: poll_list::PollList }
}
