//! Our compressor beside zlib-rs: time and size of messages, one stream with context takeover.
//!
//!     cargo bench --bench deflate

use std::path::Path;
use std::time::{Duration, Instant};

use wscli::ws::Deflater;
use zlib_rs::{Deflate, DeflateFlush};

/// What a sync flush ends with, which isn't sent (RFC 7692 §7.2.1).
const TAIL: usize = 4;

/// The best of so many runs counts, for whatever else the machine does only makes them slower.
const RUNS: usize = 5;

/// Messages that make a run: more than the window holds, and no more than time allows.
const LEAST_MESSAGES: usize = 64;
const MOST_MESSAGES: usize = 1024;

struct Corpus {
    name: &'static str,
    text: Vec<u8>,
    /// The size of a message, in bytes.
    size: usize,
}

/// What a message takes.
#[derive(Clone, Copy)]
struct Cost {
    time: Duration,
    bytes: f64,
}

fn main() {
    println!("{:28} {:>5} {:>19} {:>19} {:>6} {:>6}", "", "level", "zlib-rs", "wscli", "time", "size");
    for corpus in corpora() {
        let messages: Vec<&[u8]> = corpus.text.chunks_exact(corpus.size).take(MOST_MESSAGES).collect();
        for level in 1..=9 {
            let (zlib, ours) = (of_zlib(level, &messages), of_ours(level, &messages));
            let name = format!("{}, {} B", corpus.name, corpus.size);
            let shown = |cost: Cost| format!("{:.1} us {:.1} B", cost.time.as_secs_f64() * 1e6, cost.bytes);
            let time = ours.time.as_secs_f64() / zlib.time.as_secs_f64();
            println!(
                "{name:28} {level:>5} {:>19} {:>19} {time:>6.2} {:>6.2}",
                shown(zlib),
                shown(ours),
                ours.bytes / zlib.bytes
            );
        }
    }
}

fn of_zlib(level: i32, messages: &[&[u8]]) -> Cost {
    cost(messages, || {
        let mut output = vec![0; messages[0].len() + 4096];
        let mut zlib = Deflate::new(level, false, 15);
        move |message: &[u8]| {
            let before = zlib.total_out();
            zlib.compress(message, &mut output, DeflateFlush::SyncFlush).expect("there is room");
            (zlib.total_out() - before) as usize - TAIL
        }
    })
}

fn of_ours(level: i32, messages: &[&[u8]]) -> Cost {
    cost(messages, || {
        let mut deflater = Deflater::new(level as u32, 15, true);
        move |message: &[u8]| deflater.push(message, true).len()
    })
}

/// The cost of a message once the window is full.
fn cost<C: FnMut(&[u8]) -> usize>(messages: &[&[u8]], mut begin: impl FnMut() -> C) -> Cost {
    let rounds = LEAST_MESSAGES.div_ceil(messages.len());
    let mut cost = Cost { time: Duration::MAX, bytes: 0.0 };
    for _ in 0..RUNS {
        let mut compress = begin();
        let mut round = |_| messages.iter().map(|message| compress(message)).sum::<usize>();
        // The window fills.
        let _ = (0..rounds).map(&mut round).sum::<usize>();
        let start = Instant::now();
        let bytes: usize = (0..rounds).map(round).sum();
        let count = rounds * messages.len();
        cost.time = cost.time.min(start.elapsed() / count as u32);
        cost.bytes = bytes as f64 / count as f64;
    }
    cost
}

fn corpora() -> Vec<Corpus> {
    let of = |name, text: &[u8], size| Corpus { name, text: text.to_vec(), size };
    let (json, logs, sources) = (json(), logs(), sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
    let code = std::env::current_exe().and_then(std::fs::read).expect("this program can be read");
    vec![
        of("JSON", &json, 125),
        of("JSON", &json, 1024),
        of("JSON", &json, 64 * 1024),
        of("logs", &logs, 300),
        of("source text", &sources, 2_000),
        of("source text", &sources, 50_000),
        of("machine code", &code, 8 * 1024),
    ]
}

/// Numbers that look random.
fn numbers() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    })
}

/// Trades, as a market sends them.
fn json() -> Vec<u8> {
    let symbols = ["BTC-EUR", "ETH-EUR", "BTC-USD", "ETH-USD", "SOL-USD"];
    let trade = |(i, n): (usize, u64)| {
        let (symbol, side) = (symbols[(n % 5) as usize], if n & 64 == 0 { "buy" } else { "sell" });
        let (price, size) = (n >> 8 & 0xffff, n >> 24 & 0xfff);
        format!(
            "{{\"channel\":\"trades\",\"symbol\":\"{symbol}\",\"id\":{},\"side\":\"{side}\",\"price\":{}.{:02},\"size\":0.{size:04},\
             \"time\":\"2025-06-{:02}T12:{:02}:{:02}.{:06}Z\"}}",
            80_000_000 + i,
            20_000 + price,
            n >> 40 & 63,
            i / 90_000 + 1,
            i / 1_500 % 60,
            i / 25 % 60,
            n >> 44 & 0xfffff
        )
    };
    numbers().enumerate().take(40_000).flat_map(|entry| trade(entry).into_bytes()).collect()
}

/// What a web server writes.
fn logs() -> Vec<u8> {
    let paths = ["/", "/login", "/api/orders", "/api/orders/latest", "/static/app.js", "/favicon.ico"];
    let line = |(i, n): (usize, u64)| {
        let (path, status) = (paths[(n % 6) as usize], if n & 0xf00 == 0 { 404 } else { 200 });
        format!(
            "10.0.{}.{} - - [02/Jun/2025:12:{:02}:{:02} +0000] \"GET {path} HTTP/1.1\" {status} {} \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"\n",
            n >> 12 & 7,
            n >> 16 & 255,
            i / 600 % 60,
            i / 10 % 60,
            n >> 32 & 0xffff
        )
    };
    numbers().enumerate().take(4_000).flat_map(|entry| line(entry).into_bytes()).collect()
}

/// This project's own sources.
fn sources(folder: &Path) -> Vec<u8> {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).expect("the sources are here").flatten().map(|e| e.path()).collect();
    entries.sort();
    let text =
        |path: &std::path::PathBuf| if path.is_dir() { sources(path) } else { std::fs::read(path).unwrap_or_default() };
    entries.iter().flat_map(text).collect()
}
