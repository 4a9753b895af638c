//! What keeps a connection open that is ended where nothing is said on it, and who has such a limit.

use std::time::Duration;

/// A default of a program or a service that is widely used, and what it is called there.
struct KnownLimit {
    seconds: u64,
    of: &'static str,
}

/// Limits of silence; docs/inspect.md says where they are from.
const IDLE_LIMITS: [KnownLimit; 9] = [
    KnownLimit { seconds: 30, of: "Google Cloud's load balancers (the backend service's timeout)" },
    KnownLimit { seconds: 55, of: "Heroku's router" },
    KnownLimit {
        seconds: 60,
        of: "nginx (proxy_read_timeout) and of AWS's Application Load Balancer (the idle timeout)",
    },
    KnownLimit { seconds: 100, of: "Cloudflare" },
    KnownLimit { seconds: 240, of: "Azure's load balancers (the idle timeout)" },
    KnownLimit { seconds: 300, of: "Envoy (stream_idle_timeout)" },
    KnownLimit { seconds: 350, of: "AWS's Network Load Balancer" },
    KnownLimit { seconds: 600, of: "AWS's API Gateway" },
    KnownLimit { seconds: 3600, of: "HAProxy's examples (timeout tunnel)" },
];

/// Who is known to end connections that were silent for so long.
pub(crate) fn known_idle_limit(silent: Duration) -> Option<String> {
    let seconds = silent.as_secs_f64();
    let is_near =
        |limit: &&KnownLimit| (seconds - limit.seconds as f64).abs() <= (limit.seconds as f64 / 50.0).max(1.0);
    let known = IDLE_LIMITS.iter().find(is_near)?;
    Some(format!("{} s is the default of {}", known.seconds, known.of))
}

/// How a connection is kept open by Pings that is ended after so much silence.
pub(crate) fn pings_keep_open(silent: Duration) -> String {
    format!("--ping-interval {} keeps a connection open; so do Pings of the server's", half(silent))
}

/// How one is kept open on which only messages count.
pub(crate) fn messages_keep_open(silent: Duration) -> String {
    format!("a heartbeat of the application's keeps a connection open, a message at least every {}", half(silent))
}

/// Half of a time, in words that the flags take too.
fn half(time: Duration) -> String {
    match time.as_secs_f64() / 2.0 {
        seconds if seconds >= 1.0 => format!("{}s", seconds.floor()),
        seconds => format!("{}ms", (seconds * 1000.0).floor()),
    }
}

/// What is to be done where a message is what a server ends a connection over.
pub(crate) const ANOTHER_MESSAGE: &str = "--message TEXT sends another one";

/// What is to be done where nothing was ended.
pub(crate) const WATCH_LONGER: &str = "--for DURATION watches longer";
