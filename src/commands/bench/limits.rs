//! What this machine has too little of for a load: told before it is in the way.

use std::fs;

use crate::advice::MORE_PORTS;
use crate::view::amount::Grouped;

/// File descriptors that are open beside those of connections: standard streams, wakers, connections on their way.
const OTHER_DESCRIPTORS: u64 = 60;

/// What each thread that drives connections has: what it waits by, and its waker.
const DESCRIPTORS_OF_A_WORKER: u64 = 3;

/// The first and the last local port that the kernel chooses by itself (ip(7)).
const PORT_RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";

/// How many memory mappings a process may have (Linux's vm.max_map_count).
const MOST_MAPPINGS: &str = "/proc/sys/vm/max_map_count";

/// What the thread on which a connection comes back takes of them: its stack and the one that signals run on, each with a guard
/// page.
const MAPPINGS_OF_A_THREAD: u64 = 4;

/// What everything else takes of them.
const OTHER_MAPPINGS: u64 = 1000;

/// How many connections can come back at once, each on a thread; a process with more ends without a word. `None` where no limit
/// is known.
pub(super) fn connections_with_threads() -> Option<u64> {
    let most = fs::read_to_string(MOST_MAPPINGS).ok()?.trim().parse::<u64>().ok()?;
    Some(most.saturating_sub(OTHER_MAPPINGS) / MAPPINGS_OF_A_THREAD)
}

/// How many mappings so many of them take.
pub(super) fn mappings_of(connections: u64) -> u64 {
    connections * MAPPINGS_OF_A_THREAD + OTHER_MAPPINGS
}

/// Lines about what there is too little of, for so many connections and threads that drive them. `descriptors` is how many this
/// process may have; `sources` how many addresses of this machine connections come from, each with ports of its own; 0 where they
/// take no ports.
pub(super) fn shortages(connections: usize, workers: usize, descriptors: Option<u64>, sources: u64) -> Vec<String> {
    let ports = fs::read_to_string(PORT_RANGE).ok().and_then(|range| ports_in(&range)).filter(|_| sources > 0);
    let others = OTHER_DESCRIPTORS + DESCRIPTORS_OF_A_WORKER * workers as u64;
    let room = descriptors.map(|descriptors| descriptors.saturating_sub(others));
    lines(connections as u64, room, ports.map(|ports| ports * sources))
}

/// The same where descriptors and ports are left for so many.
fn lines(connections: u64, room: Option<u64>, ports: Option<u64>) -> Vec<String> {
    let too_few_descriptors = room.filter(|room| *room < connections).map(|room| {
        format!(
            "the limit on file descriptors has room for about {} of {} connections (the shell's ulimit raises it)",
            Grouped(room),
            Grouped(connections)
        )
    });
    let too_few_ports = ports.filter(|ports| *ports < connections).map(|ports| {
        format!(
            "this machine has {} ports for connections to one address and port, and {} connections are asked for \
             (net.ipv4.ip_local_port_range; {MORE_PORTS})",
            Grouped(ports),
            Grouped(connections)
        )
    });
    too_few_descriptors.into_iter().chain(too_few_ports).collect()
}

fn ports_in(range: &str) -> Option<u64> {
    let mut numbers = range.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (last + 1).checked_sub(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_little_is_told() {
        assert_eq!(ports_in("32768\t60999\n"), Some(28_232));
        assert_eq!(ports_in("60999 32768"), None);
        assert!(lines(900, Some(964), Some(900)).is_empty() && lines(1_000_000, None, None).is_empty());
        let told = lines(30_000, Some(964), Some(28_232));
        assert!(
            told.len() == 2 && told[0].contains("about 964 of 30,000") && told[1].contains("28,232 ports"),
            "{told:?}"
        );
    }
}
