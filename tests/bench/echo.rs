//! `wscli serve --echo` beside a baseline server: CPU time per message, and per opening handshake, in turns.
//!
//!     cargo bench --bench echo
//!
//! The baseline has a thread per connection and does nothing but read, unmask, check UTF-8 and write. The server runs on one
//! processor and the load on another; Linux only, for its CPU times are read from /proc.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, Pid, sched_setaffinity};
use tungstenite::handshake::derive_accept_key;

/// The median of so many rounds counts.
const ROUNDS: usize = 7;

/// A row takes so long in a round.
const SPAN: Duration = Duration::from_millis(500);

/// The argument that makes this program the baseline.
const BASELINE: &str = "--baseline";

const KEY: [u8; 4] = [0x1f, 0x0c, 0x6a, 0x52];

/// Messages of a size over so many connections, with so many on their way on each.
struct Row {
    name: &'static str,
    size: usize,
    connections: usize,
    in_flight: usize,
}

const ROWS: [Row; 9] = [
    Row { name: "16 B, 10 connections, ping-pong", size: 16, connections: 10, in_flight: 1 },
    Row { name: "16 B, 100 connections, ping-pong", size: 16, connections: 100, in_flight: 1 },
    Row { name: "16 KiB, 10 connections, ping-pong", size: 16 << 10, connections: 10, in_flight: 1 },
    Row { name: "1 MiB, ping-pong", size: 1 << 20, connections: 1, in_flight: 1 },
    Row { name: "16 B, 64 in flight", size: 16, connections: 1, in_flight: 64 },
    Row { name: "125 B, 10 connections, 64 in flight", size: 125, connections: 10, in_flight: 64 },
    Row { name: "1 KiB, 64 in flight", size: 1 << 10, connections: 1, in_flight: 64 },
    Row { name: "16 KiB, 16 in flight", size: 16 << 10, connections: 1, in_flight: 16 },
    Row { name: "64 KiB, 8 in flight", size: 64 << 10, connections: 1, in_flight: 8 },
];

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == BASELINE) {
        return baseline();
    }
    on_processor(None, 1);
    println!("{:38} {:>11} {:>11} {:>6}   CPU time, median of {ROUNDS} rounds", "", "baseline", "wscli", "ratio");
    for row in &ROWS {
        report(row.name, |server| messages(server, row))?;
    }
    report("opening handshakes, 4 at a time", handshakes)
}

/// A server in a process of its own, on the first processor.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// Either prints the address that it listens on: wscli in a URL on stderr, the baseline alone on stdout.
    fn start(mut command: Command) -> io::Result<Self> {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        on_processor(Pid::from_raw(process.id() as i32), 0);
        let (stdout, stderr) = (process.stdout.take().expect("piped"), process.stderr.take().expect("piped"));
        let is_baseline = command.get_args().any(|argument| argument == BASELINE);
        let mut output: Box<dyn BufRead + Send> =
            if is_baseline { Box::new(BufReader::new(stdout)) } else { Box::new(BufReader::new(stderr)) };
        let mut line = String::new();
        output.read_line(&mut line)?;
        let address = line.trim_end().trim_end_matches('/').rsplit(['/', ' ']).next().unwrap_or_default();
        let address = address.parse().map_err(io::Error::other)?;
        // Its log is read, so that it doesn't wait for that.
        thread::spawn(move || io::copy(&mut output, &mut io::sink()));
        Ok(Self { process, address })
    }

    /// What all its threads have taken, those that have ended too, to a hundredth of a second.
    fn cpu_time(&self) -> io::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 10))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Both servers in turns; the median of each, and of the ratios of the rounds.
fn report(name: &str, measure: impl Fn(&Server) -> io::Result<Duration>) -> io::Result<()> {
    let mut ours = Command::new(env!("CARGO_BIN_EXE_wscli"));
    ours.args(["serve", "--echo", "--max-connections", "100000", "127.0.0.1:0"]);
    let mut theirs = Command::new(env::current_exe()?);
    theirs.arg(BASELINE);
    let (ours, theirs) = (Server::start(ours)?, Server::start(theirs)?);
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let (baseline, wscli) = (measure(&theirs)?.as_secs_f64() * 1e6, measure(&ours)?.as_secs_f64() * 1e6);
        for (all, one) in times.iter_mut().zip([baseline, wscli, wscli / baseline]) {
            all.push(one);
        }
    }
    let [baseline, wscli, ratio] = times.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    });
    println!("{name:38} {baseline:>8.2} us {wscli:>8.2} us {ratio:>6.2}");
    Ok(())
}

/// The server's time for a message.
fn messages(server: &Server, row: &Row) -> io::Result<Duration> {
    let connections: Vec<_> = (0..row.connections).map(|_| open(server.address)).collect::<io::Result<_>>()?;
    let before = server.cpu_time()?;
    let end = Instant::now() + SPAN;
    let threads: Vec<_> = connections
        .into_iter()
        .map(|socket| {
            let Row { size, in_flight, .. } = *row;
            thread::spawn(move || exchange(socket, size, in_flight, end))
        })
        .collect();
    let mut count = 0;
    for thread in threads {
        count += thread.join().expect("no thread panics")?;
    }
    Ok((server.cpu_time()? - before) / count)
}

/// Sends messages until `end` and takes the echoes; returns how many.
fn exchange(mut socket: TcpStream, size: usize, in_flight: usize, end: Instant) -> io::Result<u32> {
    let message = frame(size);
    let mut sending = socket.try_clone()?;
    let first = message.repeat(in_flight);
    let writer = thread::spawn(move || sending.write_all(&first).map(|()| sending));
    let mut echoes = Echoes::default();
    let mut buffer = vec![0; 256 << 10];
    let (mut count, mut asked) = (0, in_flight as u32);
    let mut sending = None;
    let mut writer = Some(writer);
    while count < asked {
        let length = socket.read(&mut buffer)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let finished = echoes.finished(&buffer[..length]);
        count += finished;
        if finished > 0 && Instant::now() < end {
            if let Some(writer) = writer.take() {
                sending = Some(writer.join().expect("no thread panics")?);
            }
            let more = message.repeat(finished as usize);
            sending.as_mut().expect("the first are written").write_all(&more)?;
            asked += finished;
        }
    }
    Ok(count)
}

/// The server's time for a connection, an opening handshake and the connection's end.
fn handshakes(server: &Server) -> io::Result<Duration> {
    let (address, before, end) = (server.address, server.cpu_time()?, Instant::now() + SPAN);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(move || {
                let mut count = 0;
                while Instant::now() < end {
                    drop(open(address)?);
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

/// A connection after its opening handshake.
fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    write!(
        socket,
        "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )?;
    read_head(&mut socket)?;
    Ok(socket)
}

fn read_head(socket: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => head.extend_from_slice(&piece[..count]),
        }
    }
    Ok(head)
}

/// A masked text message of a client.
fn frame(size: usize) -> Vec<u8> {
    let mut frame = vec![0x81];
    push_length(&mut frame, size, 0x80);
    frame.extend_from_slice(&KEY);
    frame.extend((0..size).map(|index| b'a' ^ KEY[index % 4]));
    frame
}

fn push_length(frame: &mut Vec<u8>, size: usize, mask: u8) {
    match size {
        0..=125 => frame.push(mask | size as u8),
        126..=0xffff => {
            frame.push(mask | 126);
            frame.extend_from_slice(&(size as u16).to_be_bytes());
        }
        _ => {
            frame.push(mask | 127);
            frame.extend_from_slice(&(size as u64).to_be_bytes());
        }
    }
}

/// The second byte of a frame and what follows it: the length's size and, where all of it is there, the length.
fn length_of(header: &[u8]) -> Option<(usize, usize)> {
    let of_bytes = |bytes: &[u8]| bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    match header.get(1)? & 0x7f {
        126 => header.get(2..4).map(|bytes| (4, of_bytes(bytes))),
        127 => header.get(2..10).map(|bytes| (10, of_bytes(bytes))),
        short => Some((2, usize::from(short))),
    }
}

/// Counts the messages that end in a stream of unmasked frames, which may be fragments.
#[derive(Default)]
struct Echoes {
    header: Vec<u8>,
    payload_left: usize,
    is_last: bool,
}

impl Echoes {
    fn finished(&mut self, mut bytes: &[u8]) -> u32 {
        let mut count = 0;
        while !bytes.is_empty() {
            if self.payload_left > 0 {
                let taken = self.payload_left.min(bytes.len());
                (self.payload_left, bytes) = (self.payload_left - taken, &bytes[taken..]);
            } else {
                self.header.push(bytes[0]);
                bytes = &bytes[1..];
                let Some((_, length)) = length_of(&self.header) else {
                    continue;
                };
                self.is_last = self.header[0] & 0x80 != 0;
                self.payload_left = length;
                self.header.clear();
            }
            count += u32::from(self.is_last && self.payload_left == 0 && self.header.is_empty());
        }
        count
    }
}

/// The server that everything is compared with.
fn baseline() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    for socket in listener.incoming() {
        let socket = socket?;
        thread::spawn(move || echo(socket));
    }
    Ok(())
}

fn echo(mut socket: TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let head = String::from_utf8_lossy(&read_head(&mut socket)?).into_owned();
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap_or_default();
    let accept = derive_accept_key(key.as_bytes());
    write!(
        socket,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )?;
    let (mut input, mut filled, mut output) = (vec![0; 64 << 10], 0, Vec::new());
    loop {
        match socket.read(&mut input[filled..])? {
            0 => return Ok(()),
            count => filled += count,
        }
        let mut begin = 0;
        while let Some((size, length)) = length_of(&input[begin..filled]) {
            let end = begin + size + KEY.len() + length;
            if end > filled {
                if end - begin > input.len() {
                    input.resize(end - begin, 0);
                }
                break;
            }
            let (header, payload) = input[begin..end].split_at_mut(size + KEY.len());
            let key: [u8; 4] = header[size..].try_into().expect("a key has four bytes");
            unmask(payload, key);
            if str::from_utf8(payload).is_err() {
                return Ok(());
            }
            output.push(header[0]);
            push_length(&mut output, length, 0);
            output.extend_from_slice(payload);
            begin = end;
        }
        input.copy_within(begin..filled, 0);
        filled -= begin;
        socket.write_all(&output)?;
        output.clear();
    }
}

/// RFC 6455 §5.3, eight bytes at a time.
fn unmask(payload: &mut [u8], key: [u8; 4]) {
    let twice = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ twice).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key) {
        *byte ^= key;
    }
}

/// Keeps a process, or this thread and those that it starts, on one processor, where there is more than one.
fn on_processor(process: Option<Pid>, number: usize) {
    if thread::available_parallelism().is_ok_and(|count| count.get() > number) {
        let mut processors = CpuSet::new();
        processors.set(number);
        let _ = sched_setaffinity(process, &processors);
    }
}
