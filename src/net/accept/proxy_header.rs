//! The header of the PROXY protocol, with which a proxy says whose connection it passes on
//! (<https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>, versions 1 and 2).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::net::RecvFlags;

use super::raw_receive;
use crate::advice;
use crate::http::decimal;
use crate::net::listen::Peer;
use crate::net::transport::Transport;
use crate::net::until::Until;
use crate::peer_text::Quoted;

/// §2.1: how a header of version 1 begins, and how long it is at most, in bytes.
const V1: &[u8] = b"PROXY ";
const V1_LONGEST: usize = 107;

/// §2.2: how one of version 2 begins, and how long it is without addresses.
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const V2_FIXED: usize = 16;

/// More than addresses and all that may follow them take, in bytes.
const V2_LONGEST: usize = 4096;

/// Why there is no header.
#[derive(Debug)]
pub(super) enum ProxyHeaderFault {
    /// Before the first byte.
    Silent(io::Error),
    Failed(io::Error),
    /// Something else is there, in words.
    Wrong(String),
}

/// Which version of the header `bytes` begin with.
pub(super) fn version(bytes: &[u8]) -> Option<u8> {
    if bytes.starts_with(V1) {
        Some(1)
    } else if bytes.starts_with(V2) {
        Some(2)
    } else {
        None
    }
}

/// How far a header has been read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ProxyHeaderProgress {
    /// So many more bytes certainly belong to it.
    Wants(usize),
    /// `None` where the proxy speaks for itself, as when it looks whether we live.
    Whole(Option<Peer>),
}

/// Reads a header, and not a byte more.
pub(super) fn read(transport: &Transport, until: Until<'_>) -> Result<Option<Peer>, ProxyHeaderFault> {
    let mut header = Vec::new();
    loop {
        match progress(&header).map_err(ProxyHeaderFault::Wrong)? {
            ProxyHeaderProgress::Whole(named) => return Ok(named),
            ProxyHeaderProgress::Wants(more) => {
                receive(transport, &mut header, more, until).map_err(|error| match header.is_empty() {
                    true => ProxyHeaderFault::Silent(error),
                    false => ProxyHeaderFault::Failed(error),
                })?
            }
        }
    }
}

/// # Errors
/// Why a header can't begin so, in words.
pub(crate) fn progress(header: &[u8]) -> Result<ProxyHeaderProgress, String> {
    let is_begun = |beginning: &[u8]| header.iter().zip(beginning).all(|(a, b)| a == b);
    match () {
        () if is_begun(V1) && header.len() >= V1.len() => match header.last() {
            Some(b'\n') => v1(header).map(ProxyHeaderProgress::Whole),
            _ if header.len() == V1_LONGEST => Err(wrong("a line of version 1 is longer than 107 bytes")),
            _ => Ok(ProxyHeaderProgress::Wants(1)),
        },
        () if is_begun(V2) && header.len() >= V2_FIXED => {
            let length = V2_FIXED + usize::from(u16::from_be_bytes([header[14], header[15]]));
            match length.checked_sub(header.len()) {
                _ if length > V2_LONGEST => Err(wrong("it is longer than 4096 bytes")),
                None | Some(0) => v2(header).map(ProxyHeaderProgress::Whole),
                Some(more) => Ok(ProxyHeaderProgress::Wants(more)),
            }
        }
        () if is_begun(V1) => Ok(ProxyHeaderProgress::Wants(V1.len() - header.len())),
        () if is_begun(V2) => Ok(ProxyHeaderProgress::Wants(V2_FIXED - header.len())),
        () => Err(advice::no_proxy_header()),
    }
}

fn receive(transport: &Transport, header: &mut Vec<u8>, more: usize, until: Until<'_>) -> io::Result<()> {
    let mut piece = vec![0; more];
    match raw_receive::receive(transport, &mut piece, RecvFlags::empty(), until)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => {
            header.extend_from_slice(&piece[..count]);
            Ok(())
        }
    }
}

fn wrong(why: &str) -> String {
    format!("the PROXY protocol header is malformed: {why}")
}

/// §2.1: `PROXY TCP4 192.0.2.1 192.0.2.2 1111 80`, source before destination.
fn v1(line: &[u8]) -> Result<Option<Peer>, String> {
    let bad = || wrong(&Quoted(String::from_utf8_lossy(line).trim_end()).to_string());
    let line = line.strip_suffix(b"\r\n").and_then(|line| str::from_utf8(line).ok()).ok_or_else(bad)?;
    let fields: Vec<_> = line.split(' ').collect();
    match fields[..] {
        ["PROXY", "UNKNOWN", ..] => Ok(None),
        ["PROXY", family @ ("TCP4" | "TCP6"), source, destination, source_port, destination_port] => {
            let end = |address: &str, port: &str| {
                let address: IpAddr = address.parse().ok()?;
                // A number has no zero before it.
                let port = decimal(port).filter(|_| port == "0" || !port.starts_with('0'))?;
                (address.is_ipv4() == (family == "TCP4")).then_some(SocketAddr::new(address, port))
            };
            match (end(source, source_port), end(destination, destination_port)) {
                (Some(source), Some(_)) => Ok(Some(Peer::Tcp(source))),
                _ => Err(bad()),
            }
        }
        _ => Err(bad()),
    }
}

/// §2.2.
fn v2(header: &[u8]) -> Result<Option<Peer>, String> {
    let (version, command) = (header[12] >> 4, header[12] & 0xf);
    let addresses = &header[V2_FIXED..];
    if version != 2 || command > 1 {
        return Err(wrong(&format!("version and command are {:#04x}", header[12])));
    }
    if command == 0 {
        return Ok(None);
    }
    let port = |at: usize| u16::from_be_bytes([addresses[at], addresses[at + 1]]);
    match (header[13] >> 4, addresses.len()) {
        (1, 12..) => {
            let source: [u8; 4] = addresses[..4].try_into().unwrap_or_default();
            Ok(Some(Peer::Tcp(SocketAddr::new(Ipv4Addr::from(source).into(), port(8)))))
        }
        (2, 36..) => {
            let source: [u8; 16] = addresses[..16].try_into().unwrap_or_default();
            Ok(Some(Peer::Tcp(SocketAddr::new(Ipv6Addr::from(source).into(), port(32)))))
        }
        (3, _) => Ok(Some(Peer::Unix)),
        (0, _) => Ok(None),
        (family, length) => Err(wrong(&format!("an address of family {family} does not fit {length} bytes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(text: &str) -> Result<Option<Peer>, String> {
        Ok(Some(Peer::Tcp(text.parse().unwrap())))
    }

    #[test]
    fn lines_of_version_1() {
        assert_eq!(v1(b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 80\r\n"), tcp("192.0.2.1:1111"));
        assert_eq!(v1(b"PROXY TCP6 2001:db8::1 ::1 65535 80\r\n"), tcp("[2001:db8::1]:65535"));
        assert_eq!(v1(b"PROXY UNKNOWN\r\n"), Ok(None));
        assert_eq!(v1(b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), Ok(None));
        for line in [
            &b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 80\n"[..],
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1111\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 99999\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 70000 80\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 +1111 80\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 080\r\n",
            b"PROXY TCP4 ::1 ::2 1111 80\r\n",
            b"PROXY TCP4 192.0.2.1  192.0.2.2 1111 80\r\n",
            b"PROXY UDP4 192.0.2.1 192.0.2.2 1111 80\r\n",
            b"PROXY \xff\r\n",
        ] {
            let why = v1(line).unwrap_err();
            assert!(why.starts_with("the PROXY protocol header is malformed: \"PROXY "), "{why}");
        }
    }

    #[test]
    fn headers_of_version_2() {
        let header = |command: u8, family: u8, addresses: &[u8]| {
            let length = (addresses.len() as u16).to_be_bytes();
            [V2, &[command, family], &length, addresses].concat()
        };
        let four = [192, 0, 2, 1, 192, 0, 2, 2, 4, 87, 0, 80];
        assert_eq!(v2(&header(0x21, 0x11, &four)), tcp("192.0.2.1:1111"));
        // What follows the addresses is for others.
        assert_eq!(v2(&header(0x21, 0x11, &[&four[..], &[4, 0, 1, 9]].concat())), tcp("192.0.2.1:1111"));
        let mut six = [0; 36];
        (six[15], six[31], six[33]) = (1, 2, 7);
        assert_eq!(v2(&header(0x21, 0x21, &six)), tcp("[::1]:7"));
        assert_eq!(v2(&header(0x21, 0x31, &[0; 216])), Ok(Some(Peer::Unix)));
        assert_eq!((v2(&header(0x20, 0x11, &four)), v2(&header(0x21, 0, &[]))), (Ok(None), Ok(None)));
        for wrong in [header(0x11, 0x11, &four), header(0x22, 0x11, &four), header(0x21, 0x11, &four[..11])] {
            assert!(v2(&wrong).unwrap_err().starts_with("the PROXY protocol header is malformed: "));
        }
    }

    #[test]
    fn no_byte_behind_the_header_is_read() {
        for (whole, version) in [(&b"PROXY UNKNOWN\r\n"[..], 1), (&[V2, b"\x21\x11\0\x0c", &[1; 12]].concat()[..], 2)] {
            let mut read = 0;
            while let ProxyHeaderProgress::Wants(more) = progress(&whole[..read]).unwrap() {
                assert!(more > 0);
                read += more.min(3).min(whole.len() - read);
            }
            assert_eq!((read, super::version(whole)), (whole.len(), Some(version)));
        }
        assert!(progress(b"GET").is_err() && progress(b"PRO").is_ok() && progress(b"\r\n\r\n\0").is_ok());
        assert!(progress(&[V1, &[b'1'; V1_LONGEST - 6]].concat()).is_err());
        assert!(progress(&[V2, b"\x21\x11\xff\xff"].concat()).is_err());
    }
}
