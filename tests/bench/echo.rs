//! `wscli serve --echo` beside a baseline server: CPU time per message, and per opening handshake, in turns.
//!
//!     cargo bench --bench echo
//!     cargo bench --bench echo -- compress             the rows with this in their names
//!
//! The baseline gives compressed messages back as they came, while wscli inflates and compresses them. The server runs on one
//! processor and the load on another; Linux only, for its CPU times are read from /proc.

mod load;

use std::env;
use std::io;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::load::{
    BASELINE, COMPRESSED, Row, SPAN, Server, baseline, is_asked_for, median, messages, on_processor, open,
};

/// The median of so many rounds counts.
const ROUNDS: usize = 7;

const HANDSHAKES: &str = "opening handshakes, 4 at a time";

const ROWS: [Row; 11] = [
    Row::new("16 B, 10 connections, ping-pong", 16, 10, 1),
    Row::new("16 B, 100 connections, ping-pong", 16, 100, 1),
    Row::new("16 KiB, 10 connections, ping-pong", 16 << 10, 10, 1),
    Row::new("1 MiB, ping-pong", 1 << 20, 1, 1),
    Row::new("16 B, 64 in flight", 16, 1, 64),
    Row::new("125 B, 10 connections, 64 in flight", 125, 10, 64),
    Row::new("1 KiB, 64 in flight", 1 << 10, 1, 64),
    Row::new("16 KiB, 16 in flight", 16 << 10, 1, 16),
    Row::new("64 KiB, 8 in flight", 64 << 10, 1, 8),
    Row { offers_compression: true, path: COMPRESSED, ..Row::new("1 KiB compressed, 64 in flight", 1 << 10, 1, 64) },
    Row { offers_compression: true, path: COMPRESSED, ..Row::new("64 KiB compressed, ping-pong", 64 << 10, 1, 1) },
];

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == BASELINE) {
        return baseline();
    }
    on_processor(None, 1);
    println!("{:38} {:>11} {:>11} {:>6}   CPU time, median of {ROUNDS} rounds", "", "baseline", "wscli", "ratio");
    for row in ROWS.iter().filter(|row| is_asked_for(row.name)) {
        report(row.name, |server| messages(server, row))?;
    }
    if is_asked_for(HANDSHAKES) { report(HANDSHAKES, handshakes) } else { Ok(()) }
}

/// Both servers in turns; the median of each, and of the ratios of the rounds.
fn report(name: &str, measure: impl Fn(&Server) -> io::Result<Duration>) -> io::Result<()> {
    let mut ours = Command::new(env!("CARGO_BIN_EXE_wscli"));
    ours.args(["serve", "--echo", "--max-connections", "100000", "127.0.0.1:0"]);
    let mut theirs = Command::new(env::current_exe()?);
    theirs.arg(BASELINE);
    let (ours, theirs) = (Server::start(ours, 0)?, Server::start(theirs, 0)?);
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let (baseline, wscli) = (measure(&theirs)?.as_secs_f64() * 1e6, measure(&ours)?.as_secs_f64() * 1e6);
        for (all, one) in times.iter_mut().zip([baseline, wscli, wscli / baseline]) {
            all.push(one);
        }
    }
    let [baseline, wscli, ratio] = times.map(median);
    println!("{name:38} {baseline:>8.2} us {wscli:>8.2} us {ratio:>6.2}");
    Ok(())
}

/// The server's time for a connection, an opening handshake and the connection's end.
fn handshakes(server: &Server) -> io::Result<Duration> {
    let (address, before, end) = (server.address, server.cpu_time()?, Instant::now() + SPAN);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(move || {
                let mut count = 0;
                while Instant::now() < end {
                    drop(open(address, "/", false)?);
                    count += 1;
                }
                io::Result::Ok(count)
            })
        })
        .collect();
    let mut count: u32 = 0;
    for thread in threads {
        count += thread.join().expect("no thread panics")?;
    }
    Ok((server.cpu_time()? - before) / count)
}
