//! Names to addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;

use rustix::event::PollFlags;

use super::stop::Stop;
use super::target::is_localhost;
use super::until::Until;
use crate::error::{Error, Phase, system_words};

/// The addresses that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Family {
    #[default]
    Any,
    V4,
    V6,
}

/// An address that is used without asking the resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownAddress {
    /// `None` is any.
    pub(crate) host: Option<String>,
    pub(crate) port: u16,
    pub(crate) address: IpAddr,
}

impl KnownAddress {
    /// Those of `known` for a host that is named, else those for any.
    fn of<'a>(known: &'a [Self], host: &'a str, port: u16) -> impl Iterator<Item = IpAddr> + 'a {
        let is_its = |known: &Self| known.host.as_ref().is_some_and(|its| its.eq_ignore_ascii_case(host));
        let is_named = known.iter().any(|known| known.port == port && is_its(known));
        let wanted = known.iter().filter(move |known| known.port == port);
        wanted
            .filter(move |known| if is_named { is_its(known) } else { known.host.is_none() })
            .map(|known| known.address)
    }
}

/// How names are resolved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolver {
    pub(crate) known: Vec<KnownAddress>,
    pub(crate) family: Family,
}

impl Resolver {
    /// The addresses of a host, in the order in which they are to be tried.
    ///
    /// # Errors
    /// [`Error::Resolve`], [`Error::TimedOut`], [`Error::Interrupted`].
    pub(super) fn addresses(&self, host: &str, port: u16, until: Until<'_>) -> Result<Vec<SocketAddr>, Error> {
        let failed = |why: &str| Error::Resolve { host: host.to_owned(), why: why.to_owned(), may_pass: false };
        let known = KnownAddress::of(&self.known, host, port);
        let mut addresses: Vec<_> = known.map(|address| SocketAddr::new(address, port)).collect();
        if let Ok(address) = host.parse() {
            addresses = vec![SocketAddr::new(address, port)];
        } else if let Some((address, zone)) = host.split_once('%') {
            addresses = vec![in_zone(address, zone, port).map_err(|why| failed(&why))?];
        } else if addresses.is_empty() && is_localhost(host) {
            addresses = LOOPBACK.map(|address| SocketAddr::new(address, port)).to_vec();
        }
        if addresses.is_empty() {
            addresses = ask_system(host, port, until)?;
        }
        if addresses.is_empty() {
            return Err(failed("it has no address"));
        }
        addresses.retain(|address| match self.family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        });
        match self.family {
            Family::V4 if addresses.is_empty() => Err(failed("no IPv4 address (-4 was given)")),
            Family::V6 if addresses.is_empty() => Err(failed("no IPv6 address (-6 was given)")),
            _ => Ok(interleaved(&addresses)),
        }
    }
}

/// What `localhost` and every name below it are, as browsers and curl take it: /etc/hosts often has only one of them, and
/// a development server often listens on the other.
const LOOPBACK: [IpAddr; 2] = [IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)];

/// An address on one of this machine's interfaces (RFC 4007 §11).
fn in_zone(address: &str, zone: &str, port: u16) -> Result<SocketAddr, String> {
    let ip = address.parse().map_err(|_| "only an IPv6 address has a zone".to_owned())?;
    let index = zone.parse().ok().or_else(|| interface(zone));
    let index = index.ok_or_else(|| format!("there is no network interface {zone:?}"))?;
    Ok(SocketAddrV6::new(ip, port, 0, index).into())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn interface(name: &str) -> Option<u32> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, netdevice, socket_with};
    // Any socket will do to ask through.
    let socket = socket_with(AddressFamily::UNIX, SocketType::DGRAM, SocketFlags::CLOEXEC, None).ok()?;
    netdevice::name_to_index(&socket, name).ok()
}

/// Elsewhere only the system's resolver knows the names.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn interface(name: &str) -> Option<u32> {
    let found = (format!("fe80::1%{name}").as_str(), 0).to_socket_addrs().ok()?;
    found.into_iter().find_map(|address| match address {
        SocketAddr::V6(address) => Some(address.scope_id()),
        SocketAddr::V4(_) => None,
    })
}

/// The system's resolver has no deadline of its own, so it gets a thread to be late in.
fn ask_system(host: &str, port: u16, until: Until<'_>) -> Result<Vec<SocketAddr>, Error> {
    let failed = |why: String| Error::Resolve { host: host.to_owned(), why, may_pass: true };
    let system = |why| Error::System { doing: "starting the resolver", why };
    let (answer, answers) = mpsc::channel();
    let (running, ended) = Stop::pair().map_err(system)?;
    let name = host.to_owned();
    let lookup = move || {
        // Nobody listens any more once the deadline has passed.
        let _ = answer.send((name.as_str(), port).to_socket_addrs().map(Iterator::collect));
        // After the answer; a panic drops it too.
        drop(running);
    };
    thread::Builder::new().name("resolver".into()).spawn(lookup).map_err(system)?;
    loop {
        match answers.try_recv() {
            Ok(Ok(addresses)) => return Ok(addresses),
            Ok(Err(error)) => return Err(failed(resolver_words(&error))),
            Err(mpsc::TryRecvError::Disconnected) => return Err(failed("the resolver failed".into())),
            Err(mpsc::TryRecvError::Empty) => {}
        }
        until.ready(&ended, PollFlags::IN).map_err(|error| until.failure(Phase::Resolve, host, error))?;
    }
}

fn resolver_words(error: &io::Error) -> String {
    let words = system_words(error);
    words.trim_start_matches("failed to lookup address information: ").to_owned()
}

/// RFC 8305 §4: the families take turns, the resolver's first choice first.
fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.iter().partition(|address| address.is_ipv6() == first_is_v6);
    let longest = first.len().max(second.len());
    (0..longest).flat_map(|i| [first.get(i), second.get(i)]).flatten().map(|address: &&SocketAddr| **address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_take_turns() {
        let parse = |text: &str| -> Vec<SocketAddr> { text.split(' ').map(|text| text.parse().unwrap()).collect() };
        let sorted = interleaved(&parse("[::1]:1 [::2]:1 [::3]:1 1.0.0.1:1 1.0.0.2:1"));
        assert_eq!(sorted, parse("[::1]:1 1.0.0.1:1 [::2]:1 1.0.0.2:1 [::3]:1"));
        assert_eq!(interleaved(&parse("1.0.0.1:1 [::1]:1")), parse("1.0.0.1:1 [::1]:1"));
    }
}
