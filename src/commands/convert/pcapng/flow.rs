//! TCP that never was: packets around what each side wrote (RFC 9293), for programs that look into TCP alone.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::SystemTime;

use super::block;

/// Payload of a packet, in bytes at most.
const SEGMENT: usize = 32 * 1024;

/// Bytes that one side sends before the other acknowledges them, for a reader that watches the window.
const UNACKNOWLEDGED: u32 = 1 << 20;

/// The port of the server: that of HTTP, since a reader knows by it what is in the connection.
const PORT: u16 = 80;

/// The first port of clients. Each connection has one of its own.
const FIRST_CLIENT_PORT: u16 = 49152;
const CLIENT_PORTS: u64 = 16384;

const SYN: u8 = 0x02;
const FIN: u8 = 0x01;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// Who sends a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

impl Side {
    fn index(self) -> usize {
        self as usize
    }

    pub(super) fn other(self) -> Self {
        if self == Self::Client { Self::Server } else { Self::Client }
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct TcpFlow {
    addresses: [SocketAddr; 2],
    /// The next sequence number of each side.
    next: [u32; 2],
    /// What each side has been told that the other has.
    acknowledged: [u32; 2],
}

impl TcpFlow {
    /// The connection with this number, from 0, to this server, if it has an address.
    pub(super) fn new(number: u64, server: Option<IpAddr>) -> Self {
        let server = server.unwrap_or(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        // Of the blocks for documentation (RFC 5737, RFC 3849): another for each 16,384 connections.
        let block = number / CLIENT_PORTS;
        let client = match server {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(198, 51, 100, (block % 254 + 1) as u8)),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, (block % 0xffff + 1) as u16)),
        };
        let port = FIRST_CLIENT_PORT + (number % CLIENT_PORTS) as u16;
        Self {
            addresses: [SocketAddr::new(client, port), SocketAddr::new(server, PORT)],
            next: [1000, 2000],
            acknowledged: [1000, 2000],
        }
    }

    /// The three-way handshake.
    pub(super) fn open(&mut self, out: &mut impl Write, time: SystemTime, comment: Option<&str>) -> io::Result<()> {
        self.packet(out, time, Side::Client, SYN, b"", comment)?;
        self.packet(out, time, Side::Server, SYN | ACK, b"", None)?;
        self.packet(out, time, Side::Client, ACK, b"", None)
    }

    /// What a side wrote.
    pub(super) fn write(
        &mut self,
        out: &mut impl Write,
        time: SystemTime,
        from: Side,
        bytes: &[u8],
        comment: Option<&str>,
    ) -> io::Result<()> {
        let mut comment = comment;
        for segment in bytes.chunks(SEGMENT) {
            self.packet(out, time, from, PSH | ACK, segment, comment.take())?;
            if self.next[from.index()].wrapping_sub(self.acknowledged[from.index()]) > UNACKNOWLEDGED {
                self.packet(out, time, from.other(), ACK, b"", None)?;
            }
        }
        Ok(())
    }

    /// A packet without payload, for something to say.
    pub(super) fn remark(
        &mut self,
        out: &mut impl Write,
        time: SystemTime,
        from: Side,
        comment: &str,
    ) -> io::Result<()> {
        self.packet(out, time, from, ACK, b"", Some(comment))
    }

    pub(super) fn close(&mut self, out: &mut impl Write, time: SystemTime, comment: Option<&str>) -> io::Result<()> {
        self.packet(out, time, Side::Server, FIN | ACK, b"", comment)?;
        self.packet(out, time, Side::Client, FIN | ACK, b"", None)?;
        self.packet(out, time, Side::Server, ACK, b"", None)
    }

    fn packet(
        &mut self,
        out: &mut impl Write,
        time: SystemTime,
        from: Side,
        flags: u8,
        payload: &[u8],
        comment: Option<&str>,
    ) -> io::Result<()> {
        let [source, destination] = [from, from.other()].map(|side| self.addresses[side.index()]);
        let acknowledgment = if flags & ACK == 0 { 0 } else { self.next[from.other().index()] };
        let segment = segment(source, destination, self.next[from.index()], acknowledgment, flags, payload);
        if flags & ACK != 0 {
            self.acknowledged[from.other().index()] = acknowledgment;
        }
        let numbered = payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.next[from.index()] = self.next[from.index()].wrapping_add(numbered);
        let packet = match (source.ip(), destination.ip()) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => ipv4(source, destination, &segment),
            (source, destination) => ipv6(in_ipv6(source), in_ipv6(destination), &segment),
        };
        block::packet(out, time, &packet, comment)
    }
}

/// A segment of TCP, with the checksum that it has between these addresses.
fn segment(
    source: SocketAddr,
    destination: SocketAddr,
    sequence: u32,
    acknowledgment: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    // With the largest window there is (RFC 7323 §2.3): nobody is to wait.
    let options: &[u8] = if flags & SYN == 0 { &[] } else { &[3, 3, 14, 0] };
    let offset = ((20 + options.len()) / 4) as u8;
    let mut segment = Vec::with_capacity(24 + payload.len());
    segment.extend(source.port().to_be_bytes());
    segment.extend(destination.port().to_be_bytes());
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledgment.to_be_bytes());
    segment.extend([offset << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend_from_slice(options);
    segment.extend_from_slice(payload);
    let mut pseudo = Vec::with_capacity(40);
    for address in [source.ip(), destination.ip()] {
        match address {
            IpAddr::V4(address) => pseudo.extend(address.octets()),
            IpAddr::V6(address) => pseudo.extend(address.octets()),
        }
    }
    pseudo.extend((segment.len() as u32).to_be_bytes());
    pseudo.extend([0, 0, 0, TCP]);
    let checksum = checksum(&[&pseudo, &segment]);
    segment[16..18].copy_from_slice(&checksum.to_be_bytes());
    segment
}

/// The number of the protocol.
const TCP: u8 = 6;

fn ipv4(source: Ipv4Addr, destination: Ipv4Addr, segment: &[u8]) -> Vec<u8> {
    let length = (20 + segment.len()) as u16;
    let [high, low] = length.to_be_bytes();
    let mut packet = vec![0x45, 0, high, low, 0, 0, 0x40, 0, 64, TCP, 0, 0];
    packet.extend(source.octets());
    packet.extend(destination.octets());
    let checksum = checksum(&[&packet]);
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    packet.extend_from_slice(segment);
    packet
}

fn ipv6(source: Ipv6Addr, destination: Ipv6Addr, segment: &[u8]) -> Vec<u8> {
    let [high, low] = (segment.len() as u16).to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, high, low, TCP, 64];
    packet.extend(source.octets());
    packet.extend(destination.octets());
    packet.extend_from_slice(segment);
    packet
}

fn in_ipv6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

/// The checksum of the Internet (RFC 1071), of parts that but for the last have an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum: u64 = 0;
    for part in parts {
        let (pairs, odd) = part.as_chunks::<2>();
        sum += pairs.iter().map(|pair| u64::from(u16::from_be_bytes(*pair))).sum::<u64>();
        sum += odd.first().map_or(0, |byte| u64::from(*byte) << 8);
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packets of a file without its first blocks: source port, sequence and acknowledgment numbers, flags, payload.
    fn packets(file: &[u8]) -> Vec<(u16, u32, u32, u8, Vec<u8>)> {
        let mut packets = Vec::new();
        let mut rest = file;
        while !rest.is_empty() {
            let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap()) as usize;
            let (length, captured) = (number(4), number(20));
            let packet = &rest[28..28 + captured];
            let (header, tcp) = packet.split_at(if packet[0] == 0x45 { 20 } else { 40 });
            if packet[0] == 0x45 {
                assert_eq!(checksum(&[header]), 0);
            }
            let at = |at: usize| u32::from_be_bytes(tcp[at..at + 4].try_into().unwrap());
            let offset = usize::from(tcp[12] >> 4) * 4;
            packets.push(((at(0) >> 16) as u16, at(4), at(8), tcp[13], tcp[offset..].to_vec()));
            rest = &rest[length..];
        }
        packets
    }

    #[test]
    fn each_side_counts_what_the_other_acknowledges() {
        for server in [None, Some(IpAddr::V6(Ipv6Addr::LOCALHOST))] {
            let mut flow = TcpFlow::new(2, server);
            let (mut out, time) = (Vec::new(), SystemTime::UNIX_EPOCH);
            flow.open(&mut out, time, Some("made up")).unwrap();
            flow.write(&mut out, time, Side::Client, b"hello", None).unwrap();
            flow.write(&mut out, time, Side::Server, &[7; SEGMENT + 1], None).unwrap();
            flow.close(&mut out, time, None).unwrap();
            let (client, segment) = (FIRST_CLIENT_PORT + 2, SEGMENT as u32);
            let expected = vec![
                (client, 1000, 0, SYN, vec![]),
                (PORT, 2000, 1001, SYN | ACK, vec![]),
                (client, 1001, 2001, ACK, vec![]),
                (client, 1001, 2001, PSH | ACK, b"hello".to_vec()),
                (PORT, 2001, 1006, PSH | ACK, vec![7; SEGMENT]),
                (PORT, 2001 + segment, 1006, PSH | ACK, vec![7]),
                (PORT, 2002 + segment, 1006, FIN | ACK, vec![]),
                (client, 1006, 2003 + segment, FIN | ACK, vec![]),
                (PORT, 2003 + segment, 1007, ACK, vec![]),
            ];
            assert!(packets(&out) == expected);
        }
    }

    #[test]
    fn what_is_long_is_acknowledged_on_the_way() {
        let mut flow = TcpFlow::new(0, None);
        let mut out = Vec::new();
        flow.write(&mut out, SystemTime::UNIX_EPOCH, Side::Client, &vec![0; 3 << 20], None).unwrap();
        let acknowledged = packets(&out).iter().filter(|(port, ..)| *port == PORT).count();
        assert_eq!(acknowledged, 2);
    }

    #[test]
    fn the_checksum_is_that_of_the_rfc() {
        // RFC 1071 §3.
        assert_eq!(checksum(&[&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
        assert_eq!(checksum(&[&[0x00, 0x01], &[0xf2]]), !0xf201);
    }
}
