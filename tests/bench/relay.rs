//! `wscli proxy` beside a bare relay of TCP, and beside mitmproxy where there is one: CPU time per message that goes through,
//! what a message takes longer, and memory.
//!
//!     cargo bench --bench relay
//!     MITMDUMP=path/to/mitmdump cargo bench --bench relay
//!     cargo bench --bench relay -- compress             the rows with this in their names
//!
//! The relay has two threads per connection, each of which does nothing but read and write. Behind each of them is the same
//! server, which sends everything back. They run on one processor, the server and the load on another; Linux only, for CPU
//! times and memory are read from /proc. Where a row says so, messages are of JSON and compressed: the relay gives them on as they
//! are, and where the client alone would compress, gets them uncompressed.

mod load;

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::Pid;

use crate::load::{
    BASELINE, COMPRESSED, Echoes, Row, Server, baseline, frame, is_asked_for, median, messages, on_processor, open,
};

/// The median of so many rounds counts.
const ROUNDS: usize = 7;

/// The argument that makes this program a relay to the address behind it.
const RELAY: &str = "--relay";

/// How many connections are held for their memory.
const HELD: usize = 1000;

/// Round trips, one after the other, of which the median counts.
const ROUND_TRIPS: usize = 2000;

/// The rows that are about something else than CPU time.
const ROUND_TRIP: &str = "added to a round trip of 125 B";
const RESIDENT: &str = "resident for each of 1000";

/// One whose client offers to compress; the server agrees at [`COMPRESSED`].
const fn compressed(row: Row, path: &'static str) -> Row {
    Row { path, offers_compression: true, ..row }
}

const ROWS: [Row; 12] = [
    Row::new("16 B, 10 connections, ping-pong", 16, 10, 1),
    Row::new("1 KiB, 10 connections, ping-pong", 1 << 10, 10, 1),
    Row::new("1 KiB, 64 in flight", 1 << 10, 1, 64),
    Row::new("64 KiB, ping-pong", 64 << 10, 1, 1),
    Row::new("64 KiB, 8 in flight", 64 << 10, 1, 8),
    Row::new("1 MiB, ping-pong", 1 << 20, 1, 1),
    compressed(Row::new("1 KiB, both compress, 10 connections", 1 << 10, 10, 1), COMPRESSED),
    compressed(Row::new("1 KiB, both compress, 64 in flight", 1 << 10, 1, 64), COMPRESSED),
    compressed(Row::new("64 KiB, both compress, ping-pong", 64 << 10, 1, 1), COMPRESSED),
    compressed(Row::new("1 KiB, client compresses, 10", 1 << 10, 10, 1), "/"),
    compressed(Row::new("1 KiB, client compresses, 64 in flight", 1 << 10, 1, 64), "/"),
    compressed(Row::new("64 KiB, client compresses", 64 << 10, 1, 1), "/"),
];

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().collect();
    if arguments.iter().any(|argument| argument == BASELINE) {
        return baseline();
    }
    if let Some(at) = arguments.iter().position(|argument| argument == RELAY) {
        return relay(arguments[at + 1].parse().map_err(io::Error::other)?);
    }
    on_processor(None, 1);
    let mut command = Command::new(env::current_exe()?);
    command.arg(BASELINE);
    let target = Server::start(command, 1)?;
    let ways = Ways::to(target.address)?;
    println!("{:38} {:>11} {:>11} {:>6} {:>13} {:>6}", "", "relay", "wscli", "ratio", "mitmproxy", "ratio");
    for row in ROWS.iter().filter(|row| is_asked_for(row.name)) {
        ways.compare(row)?;
    }
    if is_asked_for(ROUND_TRIP) {
        ways.compare_round_trips(target.address)?;
    }
    if is_asked_for(RESIDENT) { ways.hold() } else { Ok(()) }
}

/// The ways to the server.
struct Ways {
    relay: Server,
    wscli: Server,
    mitmproxy: Option<Server>,
}

impl Ways {
    fn to(target: SocketAddr) -> io::Result<Self> {
        let mut relay = Command::new(env::current_exe()?);
        relay.args([RELAY, &target.to_string()]);
        let mut wscli = Command::new(env!("CARGO_BIN_EXE_wscli"));
        wscli.args(["proxy", "127.0.0.1:0", &format!("ws://{target}/"), "--max-connections", "100000"]);
        let mitmproxy = env::var_os("MITMDUMP").map(|program| {
            let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
            let mut command = Command::new(program);
            command.args(["--quiet", "--mode", &format!("reverse:http://{target}"), "--listen-host", "127.0.0.1"]);
            command.args(["--listen-port", &address.port().to_string()]);
            Server::start_at(command, 0, address)
        });
        Ok(Self { relay: Server::start(relay, 0)?, wscli: Server::start(wscli, 0)?, mitmproxy: mitmproxy.transpose()? })
    }

    /// The CPU time for a message one way, in turns: a message that comes back has gone through twice.
    fn compare(&self, row: &Row) -> io::Result<()> {
        let measure = |server: &Server| messages(server, row).map(|time| time.as_secs_f64() * 1e6 / 2.0);
        let mut times = [const { Vec::new() }; 5];
        for _ in 0..ROUNDS {
            let (relay, wscli) = (measure(&self.relay)?, measure(&self.wscli)?);
            // It ends some connections.
            let mitmproxy = self.mitmproxy.as_ref().map_or(f64::NAN, |server| measure(server).unwrap_or(f64::NAN));
            let found = [relay, wscli, wscli / relay, mitmproxy, wscli / mitmproxy];
            times.iter_mut().zip(found).for_each(|(all, one)| all.push(one));
        }
        let [relay, wscli, ratio, mitmproxy, share] = times.map(median);
        print!("{:38} {relay:>8.2} us {wscli:>8.2} us {ratio:>6.2}", row.name);
        match self.mitmproxy {
            Some(_) => println!(" {mitmproxy:>10.2} us {share:>6.3}"),
            None => println!(),
        }
        Ok(())
    }

    /// How much longer a message takes there and back than without anything between.
    fn compare_round_trips(&self, target: SocketAddr) -> io::Result<()> {
        let mut added = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            let direct = round_trip(target)?;
            added[0].push(round_trip(self.relay.address)? - direct);
            added[1].push(round_trip(self.wscli.address)? - direct);
        }
        let [relay, wscli] = added.map(median);
        println!("{:38} {relay:>8.2} us {wscli:>8.2} us", ROUND_TRIP);
        Ok(())
    }

    /// Memory for each of many connections, on each of which a message has gone there and back.
    fn hold(&self) -> io::Result<()> {
        let held = |server: &Server| {
            let before = server.resident()?;
            let connections = (0..HELD).map(|_| {
                let mut socket = open(server.address, "/", false)?.socket;
                exchange_one(&mut socket, &frame(1 << 10))?;
                Ok(socket)
            });
            let connections = connections.collect::<io::Result<Vec<_>>>()?;
            // What is idle for a moment gives memory back.
            thread::sleep(Duration::from_secs(2));
            let each = (server.resident()? - before) as f64 / connections.len() as f64 / 1024.0;
            io::Result::Ok(each)
        };
        let (relay, wscli) = (held(&self.relay)?, held(&self.wscli)?);
        println!("{:38} {relay:>7.1} KiB {wscli:>7.1} KiB", RESIDENT);
        Ok(())
    }
}

impl Server {
    /// One that says nothing, and listens on this address once it can.
    fn start_at(mut command: Command, processor: usize, address: SocketAddr) -> io::Result<Self> {
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        on_processor(Pid::from_raw(process.id() as i32), processor);
        let mut server = Self { process, address };
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.process.try_wait()? {
                return Err(io::Error::other(format!("{:?} ended: {status}", command.get_program())));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Memory that it has in use, in bytes.
    fn resident(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kibibytes = line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok());
        kibibytes.map(|kibibytes| kibibytes << 10).ok_or_else(|| io::Error::other("there is no VmRSS"))
    }
}

/// The median time that a message takes there and back, in microseconds.
fn round_trip(address: SocketAddr) -> io::Result<f64> {
    let (mut socket, message) = (open(address, "/", false)?.socket, frame(125));
    let times = (0..ROUND_TRIPS).map(|_| {
        let begun = Instant::now();
        exchange_one(&mut socket, &message)?;
        Ok(begun.elapsed().as_secs_f64() * 1e6)
    });
    times.collect::<io::Result<_>>().map(median)
}

/// Sends a message and waits until it has come back.
fn exchange_one(socket: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    socket.write_all(message)?;
    let (mut echoes, mut buffer) = (Echoes::default(), [0; 4096]);
    loop {
        let length = socket.read(&mut buffer)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if echoes.finished(&buffer[..length]) > 0 {
            return Ok(());
        }
    }
}

/// Passes bytes on to `target` and back.
fn relay(target: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    for client in listener.incoming() {
        let (client, server) = (client?, TcpStream::connect(target)?);
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let back = (server.try_clone()?, client.try_clone()?);
        thread::spawn(move || copy(client, server));
        thread::spawn(move || copy(back.0, back.1));
    }
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer)? {
            0 => return to.shutdown(Shutdown::Write),
            length => to.write_all(&buffer[..length])?,
        }
    }
}
