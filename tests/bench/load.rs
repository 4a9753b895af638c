//! WebSocket load on a server that sends everything back, and such a server to compare with: it has a thread per connection and
//! does nothing but read, unmask, check UTF-8 and write.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, Pid, sched_setaffinity};
use tungstenite::handshake::derive_accept_key;
use wscli::ws::Deflater;

/// A row takes so long in a round.
pub(crate) const SPAN: Duration = Duration::from_millis(500);

/// The argument that makes a program the baseline.
pub(crate) const BASELINE: &str = "--baseline";

const KEY: [u8; 4] = [0x1f, 0x0c, 0x6a, 0x52];

/// The path at which the baseline agrees to compression. At others whoever stands between may compress by itself.
pub(crate) const COMPRESSED: &str = "/compressed";

const EXTENSION: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

/// Messages of a size over so many connections, with so many on their way on each.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) connections: usize,
    pub(crate) in_flight: usize,
    pub(crate) path: &'static str,
    /// The client offers to compress, and compresses what it sends where that is agreed.
    pub(crate) offers_compression: bool,
}

impl Row {
    /// One without compression.
    pub(crate) const fn new(name: &'static str, size: usize, connections: usize, in_flight: usize) -> Self {
        Self { name, size, connections, in_flight, path: "/", offers_compression: false }
    }
}

/// Whether the row with this name is asked for: all are, unless an argument is part of the names of some.
pub(crate) fn is_asked_for(name: &str) -> bool {
    let mut parts = env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    parts.peek().is_none() || parts.any(|part| name.contains(&part))
}

/// A server in a process of its own.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// On the processor with this number. It prints the address that it listens on: wscli in a URL on stderr, others alone on
    /// stdout.
    pub(crate) fn start(mut command: Command, processor: usize) -> io::Result<Self> {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        on_processor(Pid::from_raw(process.id() as i32), processor);
        let (stdout, stderr) = (process.stdout.take().expect("piped"), process.stderr.take().expect("piped"));
        let is_wscli = command.get_program() == env!("CARGO_BIN_EXE_wscli");
        let mut output: Box<dyn BufRead + Send> =
            if is_wscli { Box::new(BufReader::new(stderr)) } else { Box::new(BufReader::new(stdout)) };
        let mut line = String::new();
        output.read_line(&mut line)?;
        let address = line.trim_end().trim_end_matches('/').rsplit(['/', ' ']).next().unwrap_or_default();
        let address = address.parse().map_err(io::Error::other)?;
        // Its log is read, so that it doesn't wait for that.
        thread::spawn(move || io::copy(&mut output, &mut io::sink()));
        Ok(Self { process, address })
    }

    /// What all its threads have taken, those that have ended too, to a hundredth of a second.
    pub(crate) fn cpu_time(&self) -> io::Result<Duration> {
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

/// The server's time for a message.
pub(crate) fn messages(server: &Server, row: &Row) -> io::Result<Duration> {
    let connections: Vec<_> = (0..row.connections)
        .map(|_| open(server.address, row.path, row.offers_compression))
        .collect::<io::Result<_>>()?;
    let before = server.cpu_time()?;
    let end = Instant::now() + SPAN;
    let threads: Vec<_> = connections
        .into_iter()
        .map(|Opened { socket, compresses }| {
            let (message, in_flight) =
                (if compresses { packed_frame(row.size) } else { frame(row.size) }, row.in_flight);
            thread::spawn(move || exchange(socket, &message, in_flight, end))
        })
        .collect();
    let mut count = 0;
    for thread in threads {
        count += thread.join().expect("no thread panics")?;
    }
    Ok((server.cpu_time()? - before) / count)
}

/// Sends messages until `end` and takes the echoes; returns how many.
fn exchange(mut socket: TcpStream, message: &[u8], in_flight: usize, end: Instant) -> io::Result<u32> {
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

/// A connection after its opening handshake.
pub(crate) struct Opened {
    pub(crate) socket: TcpStream,
    compresses: bool,
}

pub(crate) fn open(address: SocketAddr, path: &str, offers_compression: bool) -> io::Result<Opened> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let offer = if offers_compression { EXTENSION } else { "" };
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{offer}\r\n"
    )?;
    let head = String::from_utf8_lossy(&read_head(&mut socket)?).into_owned();
    Ok(Opened { socket, compresses: head.contains("permessage-deflate") })
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
pub(crate) fn frame(size: usize) -> Vec<u8> {
    masked(0x81, &vec![b'a'; size])
}

/// A masked text message of JSON, which is compressed: by itself, so that it may be sent again and again.
pub(crate) fn packed_frame(size: usize) -> Vec<u8> {
    let record = |number: usize| {
        let (id, price) = (number * 7919 + 80_000_000, number * number * 31 % 99_991);
        format!(
            "{{\"channel\":\"trades\",\"symbol\":\"BTC-EUR\",\"id\":{id},\"price\":{price},\"size\":0.{price:05}}},"
        )
    };
    let content: Vec<u8> = (0..).flat_map(|number| record(number).into_bytes()).take(size).collect();
    masked(0xc1, Deflater::new(6, 15, true).push(&content, true))
}

fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    push_length(&mut frame, payload.len(), 0x80);
    frame.extend_from_slice(&KEY);
    frame.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
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
pub(crate) struct Echoes {
    header: Vec<u8>,
    payload_left: usize,
    is_last: bool,
}

impl Echoes {
    pub(crate) fn finished(&mut self, mut bytes: &[u8]) -> u32 {
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
pub(crate) fn baseline() -> io::Result<()> {
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
    let compresses = head.contains("permessage-deflate") && head.contains(COMPRESSED);
    let extension = if compresses { EXTENSION } else { "" };
    write!(
        socket,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{extension}\r\n"
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
            // What is compressed goes back as it is, unread.
            if !compresses && str::from_utf8(payload).is_err() {
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
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// Keeps a process, or this thread and those that it starts, on one processor, where there is more than one.
pub(crate) fn on_processor(process: Option<Pid>, number: usize) {
    if thread::available_parallelism().is_ok_and(|count| count.get() > number) {
        let mut processors = CpuSet::new();
        processors.set(number);
        let _ = sched_setaffinity(process, &processors);
    }
}

pub(crate) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
