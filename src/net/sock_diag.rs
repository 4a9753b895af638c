//! What the kernel holds of what was sent to a TCP peer, where it can be asked: Linux, by sock_diag(7).

use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;

use rustix::net::netlink::SOCK_DIAG;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, getpeername, getsockname, recv, send, socket_with,
};

/// A message of netlink(7) begins with its length, its type, flags, a sequence number and a port.
const HEADER: usize = 16;

/// The type of a question about sockets, and of its answer.
const SOCK_DIAG_BY_FAMILY: u16 = 20;

const REQUEST: u16 = 1;

const TCP: u8 = 6;

/// `struct inet_diag_req_v2`: the family, the protocol, what else is asked for, states, and which socket is meant.
const QUESTION: usize = 8 + 48;

/// Where `idiag_state` stands in `struct inet_diag_msg`, behind the family.
const STATE_AT: usize = HEADER + 1;

/// `TCP_LISTEN`. Where the connection isn't there any more, the kernel answers for the socket that it was accepted by: with the
/// length of its queue.
const LISTENS: u8 = 10;

/// Where `idiag_wqueue` stands in `struct inet_diag_msg`: behind the family, the state and timers, which socket is meant, when its
/// timer is due, and what it has received.
const WRITE_QUEUE_AT: usize = HEADER + 4 + 48 + 4 + 4;

/// Bytes that were sent and that the peer's kernel hasn't acknowledged. `None` where that isn't told: of a socket that isn't a
/// connected TCP one, and by a kernel that has no sock_diag.
pub(super) fn unacknowledged(socket: BorrowedFd<'_>) -> Option<u32> {
    let own = SocketAddr::try_from(getsockname(socket).ok()?).ok()?;
    let peer = SocketAddr::try_from(getpeername(socket).ok()??).ok()?;
    asked(own, peer)
}

fn asked(own: SocketAddr, peer: SocketAddr) -> Option<u32> {
    let flags = SocketFlags::CLOEXEC;
    let kernel = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(SOCK_DIAG)).ok()?;
    send(&kernel, &question(own, peer), SendFlags::empty()).ok()?;
    let mut answer = [0; 512];
    let (count, _) = recv(&kernel, &mut answer, RecvFlags::DONTWAIT).ok()?;
    write_queue(&answer[..count])
}

fn question(own: SocketAddr, peer: SocketAddr) -> Vec<u8> {
    let family = if own.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let mut message = Vec::with_capacity(HEADER + QUESTION);
    message.extend(((HEADER + QUESTION) as u32).to_ne_bytes());
    message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message.extend(REQUEST.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([family.as_raw() as u8, TCP, 0, 0]);
    // In whichever state.
    message.extend(u32::MAX.to_ne_bytes());
    message.extend(own.port().to_be_bytes());
    message.extend(peer.port().to_be_bytes());
    message.extend(sixteen_bytes(own.ip()));
    message.extend(sixteen_bytes(peer.ip()));
    message.extend(interface(own).to_ne_bytes());
    // Without the cookie that an earlier answer would have told.
    message.extend([0xff; 8]);
    message
}

/// The one that a connection between link-local addresses is bound to (RFC 4007 §6); 0 for any.
fn interface(address: SocketAddr) -> u32 {
    match address {
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(address) => address.scope_id(),
    }
}

fn sixteen_bytes(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&address.octets());
            bytes
        }
        IpAddr::V6(address) => address.octets(),
    }
}

/// What the answer says, unless it is an error.
fn write_queue(answer: &[u8]) -> Option<u32> {
    let is_told = answer.get(4..6)? == SOCK_DIAG_BY_FAMILY.to_ne_bytes() && *answer.get(STATE_AT)? != LISTENS;
    let bytes = answer.get(WRITE_QUEUE_AT..WRITE_QUEUE_AT + 4)?;
    is_told.then(|| u32::from_ne_bytes(bytes.try_into().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_a_peer_s_kernel_lacks_is_told_to_the_byte() {
        for (listens, connects) in [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1"), ("[::]:0", "127.0.0.1")] {
            // A machine may have no IPv6.
            let Ok(listener) = TcpListener::bind(listens) else { continue };
            let port = listener.local_addr().unwrap().port();
            let mut peer = TcpStream::connect((connects, port)).unwrap();
            let socket = listener.accept().unwrap().0;
            let Some(at_first) = unacknowledged(socket.as_fd()) else {
                return eprintln!("SKIPPED: this kernel has no sock_diag(7)");
            };
            assert_eq!(at_first, 0);

            socket.set_nonblocking(true).unwrap();
            let mut sent = 0;
            while let Ok(count) = (&socket).write(&[0; 65536]) {
                sent += count;
            }
            let lacks = unacknowledged(socket.as_fd()).unwrap() as usize;
            assert!(lacks > 0 && lacks < sent, "{lacks} of {sent}");
            peer.read_exact(&mut vec![0; sent]).unwrap();
            while unacknowledged(socket.as_fd()).unwrap() > 0 {
                std::thread::yield_now();
            }
        }
        assert_eq!(unacknowledged(UnixStream::pair().unwrap().0.as_fd()), None);
    }

    #[test]
    fn a_socket_that_the_kernel_does_not_know_has_no_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(unacknowledged(listener.as_fd()), None);
        let mut error = vec![0; 100];
        error[4] = 2;
        assert_eq!(write_queue(&error), None);
        assert_eq!(write_queue(&error[..3]), None);

        // Nobody has connected from there.
        let (own, stranger) = (listener.local_addr().unwrap(), "127.0.0.1:1".parse().unwrap());
        assert_eq!(asked(own, stranger), None);
    }
}
