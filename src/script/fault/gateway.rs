//! What gateways do, unless they are told otherwise, to a connection on which nothing goes. docs/faults.md has where that stands.

use std::time::Duration;

use super::FaultKind;
use super::stream::{Cut, StreamFault};
use crate::script::syntax_error::PieceError;
use crate::script::word::{Word, WordArgument};
use crate::view::enumeration::enumeration;

struct KnownGateway {
    /// In faults.
    name: &'static str,
    /// Seconds.
    idle: u64,
    cut: Cut,
    /// For people, with what the limit is called there.
    called: &'static str,
}

const fn gateway(name: &'static str, idle: u64, cut: Cut, called: &'static str) -> KnownGateway {
    KnownGateway { name, idle, cut, called }
}

const GATEWAYS: [KnownGateway; 10] = [
    gateway("gcp", 30, Cut::Fin, "Google Cloud's load balancers (the timeout of a backend service)"),
    gateway("heroku", 55, Cut::Fin, "Heroku's router"),
    gateway("nginx", 60, Cut::Fin, "nginx (proxy_read_timeout)"),
    gateway("aws-alb", 60, Cut::Fin, "AWS's Application Load Balancer (the idle timeout)"),
    gateway("cloudflare", 100, Cut::Fin, "Cloudflare"),
    gateway("azure", 240, Cut::Silence, "Azure's Load Balancer (the idle timeout)"),
    gateway("envoy", 300, Cut::Fin, "Envoy (stream_idle_timeout)"),
    gateway("aws-nlb", 350, Cut::Silence, "AWS's Network Load Balancer"),
    gateway("aws-api", 600, Cut::Fin, "AWS's API Gateway"),
    gateway("haproxy", 3600, Cut::Fin, "HAProxy as its manual sets it (timeout tunnel)"),
];

pub(super) static WORDS: &[Word<FaultKind>] =
    &[Word { name: "gateway", argument: WordArgument::Required(ARGUMENT), parse }];

/// Their names in faults. Help may break the line between them.
const ARGUMENT: &str = "NAME (gcp, heroku, nginx, aws-alb, cloudflare, azure, envoy, aws-nlb, aws-api or haproxy)";

/// What the gateway with this name does.
///
/// # Errors
/// That it isn't known here, and which are.
fn parse(name: &str) -> Result<FaultKind, PieceError> {
    let Some(known) = GATEWAYS.iter().find(|known| known.name == name) else {
        let known = enumeration(GATEWAYS.iter().map(|known| known.name), "or");
        return Err(PieceError::at(0, format!("{name:?} is not a gateway that is known here: expected {known}")));
    };
    Ok(FaultKind::Stream(StreamFault::Idle { after: Duration::from_secs(known.idle), cut: known.cut }))
}

/// Those that end a connection, so that both sides see it, after about so much silence, for people.
pub(crate) fn gateways_that_end_after(silence: Duration) -> Vec<&'static str> {
    let seconds = silence.as_secs_f64();
    let is_near = |known: &&KnownGateway| (seconds - known.idle as f64).abs() <= (known.idle as f64 / 50.0).max(1.0);
    let ends = |known: &&KnownGateway| known.cut != Cut::Silence;
    GATEWAYS.iter().filter(is_near).filter(ends).map(|known| known.called).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_named_are_those_that_there_are() {
        assert_eq!(format!("NAME ({})", enumeration(GATEWAYS.iter().map(|known| known.name), "or")), ARGUMENT);
    }

    #[test]
    fn a_gateway_is_known_by_its_limit() {
        let after = |seconds| gateways_that_end_after(Duration::from_secs_f64(seconds));
        assert_eq!(after(100.4), ["Cloudflare"]);
        assert_eq!(after(60.9).len(), 2);
        assert_eq!(after(600.0), ["AWS's API Gateway"]);
        // One that only goes quiet ends nothing.
        assert!(after(5.0).is_empty() && after(75.0).is_empty() && after(350.0).is_empty());
    }
}
