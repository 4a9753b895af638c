//! The first connection, which shows whether the server can be reached, and whether it may be loaded.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use super::opening::OpenedFirst;
use crate::advice;
use crate::client::{Client, PhaseTimes};
use crate::error::Error;
use crate::net::target::is_localhost;
use crate::net::{ConnectEvent, Interrupt, Signals};
use crate::ws::{Close, StatusCode};

/// Opens it; all others go where it has led.
///
/// # Errors
/// As [`Client::connect`], and that the server isn't to be loaded by mistake.
pub(super) fn open_first(client: &mut Client, may_load_public: bool, signals: &Signals) -> Result<OpenedFirst, Error> {
    let (begun, mut times, mut place) = (Instant::now(), PhaseTimes::default(), String::new());
    let dialed = client.connect(Some(Interrupt::by(signals)), &mut |step| {
        times.note(step);
        if let ConnectEvent::Connected { place: reached } = step {
            place.clone_from(reached);
        }
    })?;
    let took = begun.elapsed();
    client.stay_there();
    if !may_load_public && !is_near(client, &place) {
        dialed.websocket.leave(Close::new(StatusCode::NORMAL, ""));
        return Err(advice::load_on_public_server(&client.last_url()));
    }
    Ok(OpenedFirst { dialed, times, took })
}

/// Whether the server is this machine's, or one of a private network. Behind a proxy only its name is known.
fn is_near(client: &Client, place: &str) -> bool {
    let target = client.last_target();
    if target.unix_socket.is_some() {
        return true;
    }
    match place.parse::<SocketAddr>() {
        Ok(address) if !client.goes_through_proxy() => is_private(address.ip()),
        _ => is_localhost(&target.host) || target.host.parse().is_ok_and(is_private),
    }
}

/// Whether an address is of this machine, or none that is reached from everywhere (RFC 1918, 3927, 4193, 4291, 6598).
fn is_private(address: IpAddr) -> bool {
    let is_shared = |address: Ipv4Addr| address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 0x40;
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local() || is_shared(address)
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_private_networks_are_known() {
        for address in ["127.0.0.1", "127.9.9.9", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.1.1", "100.64.0.1"]
        {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in ["::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1"] {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in ["172.32.0.1", "8.8.8.8", "100.128.0.1", "192.169.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
    }
}
