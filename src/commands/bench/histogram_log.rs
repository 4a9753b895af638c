//! Round trips second by second, for the tools of HdrHistogram: its interval log, version 1.3, each line with a histogram in its
//! compressed encoding V2 (github.com/HdrHistogram/HdrHistogram, `HistogramLogWriter`, `AbstractHistogram.encodeIntoByteBuffer`).

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::latency_buckets::{LARGEST, LatencyBuckets};
use super::meter::Meter;
use crate::error::Error;

/// From one line to the next.
const INTERVAL: Duration = Duration::from_secs(1);

/// Both encodings begin with a number of their own, to which the size of a counter's word is added: 1, as counters have any length.
const COOKIE: u32 = 0x1c84_9303 | 0x10;
const COMPRESSED_COOKIE: u32 = 0x1c84_9304 | 0x10;

/// Digits that are kept, as the buckets have it.
const DIGITS: u32 = 3;

/// Latencies are in nanoseconds, and the column of the largest is in milliseconds.
const NANOS_PER_MILLI: f64 = 1e6;

/// A file that gets a line a second.
#[derive(Debug)]
pub(super) struct HistogramLog {
    path: PathBuf,
    file: File,
    begun: Instant,
    /// When the interval began that is counted now.
    since: Instant,
    /// What was counted before it.
    before: Vec<u32>,
    failed: Option<io::Error>,
}

impl HistogramLog {
    /// Begins the file anew.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let unwritable = |why: io::Error| Error::unwritable(path, &why);
        let mut file = File::create(path).map_err(unwritable)?;
        file.write_all(head(SystemTime::now()).as_bytes()).map_err(unwritable)?;
        let now = Instant::now();
        Ok(Self { path: path.to_owned(), file, begun: now, since: now, before: Vec::new(), failed: None })
    }

    /// The load begins.
    pub(super) fn begin(&mut self, now: Instant) {
        (self.begun, self.since) = (now, now);
    }

    /// When the next line is due.
    pub(super) fn next(&self) -> Instant {
        self.since + INTERVAL
    }

    pub(super) fn write_when_due(&mut self, meter: &Meter, now: Instant) {
        if now >= self.next() {
            self.write(meter, now);
        }
    }

    /// Writes what was counted since the last line.
    fn write(&mut self, meter: &Meter, now: Instant) {
        let counted = meter.round_trip_counts();
        self.before.resize(counted.len(), 0);
        let interval: Vec<u32> =
            counted.iter().zip(&self.before).map(|(now, then)| now.saturating_sub(*then)).collect();
        let largest = LatencyBuckets::largest_of(&interval).as_nanos() as f64 / NANOS_PER_MILLI;
        let since = self.since.duration_since(self.begun).as_secs_f64();
        let length = now.duration_since(self.since).as_secs_f64();
        let line = format!("{since:.3},{length:.3},{largest:.3},{}\n", BASE64.encode(&compressed(&encoded(&interval))));
        let written = self.file.write_all(line.as_bytes());
        self.failed = self.failed.take().or(written.err());
        (self.before, self.since) = (counted, now);
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// [`Error::Write`], of any line.
    pub(super) fn finish(mut self, meter: &Meter) -> Result<(), Error> {
        self.write(meter, Instant::now());
        self.failed.map_or(Ok(()), |why| Err(Error::unwritable(&self.path, &why)))
    }
}

fn head(now: SystemTime) -> String {
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    format!(
        "#[Histogram log format version 1.3]\n#[StartTime: {seconds:.3} (seconds since epoch)]\n\
         \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
    )
}

/// Encoding V2 of counters whose buckets are those of an HDR histogram of nanoseconds from 1 on.
fn encoded(counts: &[u32]) -> Vec<u8> {
    let counters = counters(counts);
    let mut encoded = Vec::with_capacity(40 + counters.len());
    encoded.extend_from_slice(&COOKIE.to_be_bytes());
    encoded.extend_from_slice(&(counters.len() as u32).to_be_bytes());
    // No counter was moved.
    encoded.extend_from_slice(&0_u32.to_be_bytes());
    encoded.extend_from_slice(&DIGITS.to_be_bytes());
    encoded.extend_from_slice(&1_u64.to_be_bytes());
    encoded.extend_from_slice(&LARGEST.to_be_bytes());
    encoded.extend_from_slice(&1_f64.to_be_bytes());
    encoded.extend_from_slice(&counters);
    encoded
}

/// Counters up to the last that isn't 0, each as a ZigZag LEB128; several zeros in a row are one negative number.
fn counters(counts: &[u32]) -> Vec<u8> {
    let used = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
    let (mut bytes, mut zeros) = (Vec::new(), 0);
    for count in &counts[..used] {
        if *count == 0 {
            zeros += 1;
            continue;
        }
        if zeros > 0 {
            put(-zeros, &mut bytes);
            zeros = 0;
        }
        put(i64::from(*count), &mut bytes);
    }
    bytes
}

fn put(number: i64, bytes: &mut Vec<u8>) {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

fn compressed(encoded: &[u8]) -> Vec<u8> {
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::default());
    // Memory takes all that is written to it.
    let _ = stream.write_all(encoded);
    let stream = stream.finish().unwrap_or_default();
    [&COMPRESSED_COOKIE.to_be_bytes()[..], &(stream.len() as u32).to_be_bytes(), &stream].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_as_the_encoding_has_them() {
        // One zero is a run of one; 64 takes two bytes; what comes behind the last isn't told.
        assert_eq!(counters(&[1, 0, 2, 0, 0, 64, 0, 0]), [2, 1, 4, 3, 0x80, 1]);
        assert!(counters(&[0; 10]).is_empty());
        let whole = encoded(&[0, 3]);
        assert_eq!(whole[..8], [0x1c, 0x84, 0x93, 0x13, 0, 0, 0, 2]);
        assert_eq!((whole.len(), &whole[40..]), (42, &[1, 6][..]));
    }

    #[test]
    fn the_head_names_its_time() {
        let told = head(SystemTime::UNIX_EPOCH + Duration::from_millis(1_500));
        assert!(
            told.starts_with("#[Histogram log format version 1.3]\n#[StartTime: 1.500 (seconds since epoch)]\n"),
            "{told}"
        );
    }
}
