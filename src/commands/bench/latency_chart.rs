//! How latencies are distributed, drawn with characters.

use std::fmt;
use std::time::Duration;

use crate::trace::latencies::Latencies;
use crate::view::amount::{Grouped, Latency};

/// Of the longest bar, in columns.
const WIDTH: u64 = 40;

/// The first bound, in microseconds; the others follow as 20, 50, 100, 200, 500 do.
const FIRST: u64 = 10;

/// A row for all that are no longer than its bound and longer than the bound before, from the first that isn't empty to the last.
pub(super) struct LatencyChart<'a>(pub(super) &'a Latencies);

impl LatencyChart<'_> {
    fn rows(&self) -> Vec<(Duration, u64)> {
        let mut rows: Vec<(Duration, u64)> = Vec::new();
        let mut bounds = bounds();
        // From the shortest to the longest.
        for (latency, count) in self.0.recorded() {
            while rows.last().is_none_or(|(bound, _)| *bound < latency) {
                let Some(bound) = bounds.next() else { return rows };
                if !rows.is_empty() || bound >= latency {
                    rows.push((bound, 0));
                }
            }
            if let Some((_, row)) = rows.last_mut() {
                *row += count;
            }
        }
        rows
    }
}

fn bounds() -> impl Iterator<Item = Duration> {
    let decades = std::iter::successors(Some(FIRST), |decade| decade.checked_mul(10));
    decades.flat_map(|decade| [1, 2, 5].map(|step| Duration::from_micros(decade.saturating_mul(step))))
}

impl fmt::Display for LatencyChart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let most = rows.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
        let all = self.0.count().max(1) as f64;
        for (bound, count) in rows {
            let (bound, percent) = (Latency(bound).to_string(), 100.0 * count as f64 / all);
            // Whatever there is can be seen.
            let bar = "█".repeat((count * WIDTH / most).max(u64::from(count > 0)) as usize);
            writeln!(f, "  ≤ {bound:>11}  {bar:<40} {} ({percent:.2} %)", Grouped(count))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_what_is_no_longer_than_its_bound() {
        let mut latencies = Latencies::default();
        assert_eq!(LatencyChart(&latencies).to_string(), "");
        latencies.add_many(Duration::from_micros(15), 30);
        latencies.add_many(Duration::from_micros(90), 9);
        latencies.add(Duration::from_millis(1500));
        let chart = LatencyChart(&latencies).to_string();
        let rows: Vec<_> = chart.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(rows[0], format!("≤ 0.02 ms {} 30 (75.00 %)", "█".repeat(40)));
        assert_eq!((&*rows[1], &*rows[2]), ("≤ 0.05 ms 0 (0.00 %)", "≤ 0.10 ms ████████████ 9 (22.50 %)"));
        assert_eq!((rows.len(), &**rows.last().unwrap()), (16, "≤ 2000 ms █ 1 (2.50 %)"));
    }
}
