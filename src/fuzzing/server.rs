//! What clients say to a server before there is a connection.

use std::net::{IpAddr, SocketAddr};

use crate::net::{Peer, ProxyHeaderProgress, proxy_header_progress, read_any_socks};
use crate::server::http::relative_path;

/// More than a header has, in bytes.
const LONGEST: usize = 4096;

/// A header of the PROXY protocol, read as it arrives: as much as is asked for, which comes to an end.
pub fn proxy_header(bytes: &[u8]) {
    if let Some(Err(why)) = read(bytes) {
        assert!(!why.is_empty() && !why.contains(char::is_control));
    }
}

/// A header as a proxy writes it, with something else in it and a request behind it: all of the header is read, and nothing
/// of the request.
pub fn proxied(source: SocketAddr, is_binary: bool, more: &[u8], behind: &[u8]) {
    let more = &more[..more.len().min(LONGEST - 100)];
    let header = if is_binary { binary_header(source, more) } else { text_header(source) };
    let arrived = [&header, behind].concat();
    assert_eq!(read(&arrived), Some(Ok((header.len(), Some(Peer::Tcp(source))))));
}

/// How long the header is, and whom it names; `None` where it isn't whole.
fn read(bytes: &[u8]) -> Option<Result<(usize, Option<Peer>), String>> {
    let mut taken = 0;
    loop {
        match proxy_header_progress(&bytes[..taken]) {
            Ok(ProxyHeaderProgress::Wants(more)) => {
                assert!(more > 0 && taken + more <= LONGEST);
                // Less of it may come, and then the rest is wanted.
                let part = (bytes.len() - taken).min(more);
                if part == 0 {
                    return None;
                }
                for early in taken + 1..taken + more.min(part) {
                    assert!(!matches!(proxy_header_progress(&bytes[..early]), Ok(ProxyHeaderProgress::Whole(_))));
                }
                taken += part;
            }
            Ok(ProxyHeaderProgress::Whole(named)) => return Some(Ok((taken, named))),
            Err(why) => return Some(Err(why)),
        }
    }
}

/// §2.1 of the PROXY protocol.
fn text_header(source: SocketAddr) -> Vec<u8> {
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    let (address, port) = (source.ip(), source.port());
    format!("PROXY {family} {address} {address} {port} 80\r\n").into_bytes()
}

/// §2.2.
fn binary_header(source: SocketAddr, more: &[u8]) -> Vec<u8> {
    let (family, address) = match source.ip() {
        IpAddr::V4(address) => (0x11, address.octets().to_vec()),
        IpAddr::V6(address) => (0x21, address.octets().to_vec()),
    };
    let ports = [source.port().to_be_bytes(), 80_u16.to_be_bytes()].concat();
    let addresses = [&address, &address, &ports[..], more].concat();
    let length = (addresses.len() as u16).to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n\x21", &[family][..], &length, &addresses].concat()
}

/// The path of a request for a static file leads down, and to nothing that is hidden.
pub fn static_path(path: &str) {
    use std::path::Component;
    if let Some(relative) = relative_path(path) {
        let is_down =
            |part: Component<'_>| matches!(part, Component::Normal(name) if !name.as_encoded_bytes().starts_with(b"."));
        assert!(relative.components().all(is_down), "{relative:?}");
    }
}

/// Bytes as what a client of SOCKS 5 says.
pub fn socks(bytes: &[u8]) {
    read_any_socks(bytes);
}
