//! SOCKS 5 as the proxy: RFC 1928 with user and password (RFC 1929).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::incoming::HeadRead;
use super::{HandshakeError, Incoming};
use crate::http::{Authority, Host, HttpStatus, UserPassword};
use crate::net::until::Until;
use crate::ws::handshake::{Refusal, Unreached};

pub(super) const VERSION: u8 = 5;
/// Of the negotiation of user and password (RFC 1929 §2).
const PASSWORD_VERSION: u8 = 1;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;
/// The commands (RFC 1928 §4): BIND and UDP ASSOCIATE aren't ours.
const CONNECT: u8 = 1;

/// Replies (RFC 1928 §6).
const SUCCEEDED: u8 = 0;
const GENERAL_FAILURE: u8 = 1;
const NOT_ALLOWED: u8 = 2;
const NETWORK_UNREACHABLE: u8 = 3;
const HOST_UNREACHABLE: u8 = 4;
const CONNECTION_REFUSED: u8 = 5;
/// The nearest that there is to a wait that was too long.
const TTL_EXPIRED: u8 = 6;
const COMMAND_NOT_SUPPORTED: u8 = 7;
const ADDRESS_TYPE_NOT_SUPPORTED: u8 = 8;

/// Who may come by SOCKS.
#[derive(Clone, Copy)]
pub(crate) struct SocksAccess<'a> {
    /// Whether anything has to be proved.
    pub(crate) is_restricted: bool,
    /// Whether these do.
    pub(crate) judge: &'a dyn Fn(&UserPassword) -> bool,
}

impl Incoming<'_> {
    /// Where a client of SOCKS wants to go, once it has proved what it has to.
    ///
    /// # Errors
    /// A client that doesn't, or asks for something else.
    pub(super) fn read_socks(&mut self, access: SocksAccess<'_>) -> Result<(Host, u16), HandshakeError> {
        let methods = self.read_other(methods)?.map_err(refused)?;
        let wanted = if access.is_restricted { USER_AND_PASSWORD } else { NO_AUTHENTICATION };
        if !methods.contains(&wanted) {
            self.say(&[VERSION, NONE_ACCEPTABLE])?;
            let needed =
                if access.is_restricted { "user and password, which are required" } else { "no authentication" };
            return Err(refused(Refusal::forbidden(&format!("its SOCKS client can't do with {needed}"))));
        }
        self.say(&[VERSION, wanted])?;
        if access.is_restricted {
            let given = self.read_other(user_and_password)?;
            let is_right = given.as_ref().is_ok_and(access.judge);
            self.say(&[PASSWORD_VERSION, u8::from(!is_right)])?;
            given.map_err(refused)?;
            if !is_right {
                return Err(refused(Refusal::proxy_authentication_required(&[], "the credentials are wrong")));
            }
        }
        match self.read_other(request)?.map_err(refused)? {
            SocksRequest::Connect(host, port) => Ok((host, port)),
            SocksRequest::Unsupported(reply, why) => {
                self.say(&answer(reply))?;
                Err(refused(Refusal::bad_request(why)))
            }
        }
    }

    /// Tells a client of SOCKS what became of its request.
    pub(super) fn answer_socks(&mut self, refusal: Option<&Refusal>) -> Result<(), HandshakeError> {
        self.say(&answer(refusal.map_or(SUCCEEDED, reply_for)))
    }

    fn say(&mut self, bytes: &[u8]) -> Result<(), HandshakeError> {
        let until: Until<'_> = self.until;
        self.transport.send_all(bytes, until).map_err(|error| HandshakeError::reading(&error))
    }
}

fn refused(refusal: Refusal) -> HandshakeError {
    HandshakeError::RefusedInSocks(refusal)
}

/// RFC 1928 §6: the address that we connect from is nobody's business.
fn answer(reply: u8) -> [u8; 10] {
    [VERSION, reply, 0, 1, 0, 0, 0, 0, 0, 0]
}

fn reply_for(refusal: &Refusal) -> u8 {
    match refusal.unreached {
        Some(Unreached::Refused) => CONNECTION_REFUSED,
        Some(Unreached::Host) => HOST_UNREACHABLE,
        Some(Unreached::Network) => NETWORK_UNREACHABLE,
        Some(Unreached::Late) => TTL_EXPIRED,
        None if refusal.status == HttpStatus::FORBIDDEN => NOT_ALLOWED,
        None => GENERAL_FAILURE,
    }
}

/// What may be read in several pieces: `None` while it is incomplete, else it and its length.
type Parsed<T> = Result<HeadRead<T>, Refusal>;

/// RFC 1928 §3: the methods that the client can do with.
fn methods(bytes: &[u8]) -> Parsed<Vec<u8>> {
    let [VERSION, count, rest @ ..] = bytes else { return Ok(None) };
    let methods = rest.get(..usize::from(*count));
    Ok(methods.map(|methods| (methods.to_vec(), 2 + methods.len())))
}

/// RFC 1929 §2.
fn user_and_password(bytes: &[u8]) -> Parsed<UserPassword> {
    let [version, rest @ ..] = bytes else { return Ok(None) };
    if *version != PASSWORD_VERSION {
        return Err(Refusal::bad_request("its SOCKS client negotiates user and password in another way than RFC 1929"));
    }
    let Some((user, rest)) = counted(rest) else { return Ok(None) };
    let Some((password, rest)) = counted(rest) else { return Ok(None) };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Some((UserPassword { user: text(user), password: text(password) }, bytes.len() - rest.len())))
}

/// Bytes behind their number, and what follows them.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*count))
}

#[derive(Debug, PartialEq, Eq)]
enum SocksRequest {
    Connect(Host, u16),
    /// With the reply to it, and why.
    Unsupported(u8, &'static str),
}

/// RFC 1928 §4, §5.
fn request(bytes: &[u8]) -> Parsed<SocksRequest> {
    let unsupported = |reply, why| Ok(Some((SocksRequest::Unsupported(reply, why), bytes.len())));
    let [version, command, _, kind, rest @ ..] = bytes else { return Ok(None) };
    if *version != VERSION {
        return unsupported(GENERAL_FAILURE, "its request isn't of SOCKS 5");
    }
    if *command != CONNECT {
        return unsupported(COMMAND_NOT_SUPPORTED, "its SOCKS client asked for something else than CONNECT");
    }
    let (host, rest) = match kind {
        1 => match rest.split_first_chunk::<4>() {
            Some((address, rest)) => (Some(Host::Address(Ipv4Addr::from(*address).into())), rest),
            None => return Ok(None),
        },
        4 => match rest.split_first_chunk::<16>() {
            Some((address, rest)) => (Some(Host::Address(Ipv6Addr::from(*address).into())), rest),
            None => return Ok(None),
        },
        3 => match counted(rest) {
            Some((name, rest)) => (named(name), rest),
            None => return Ok(None),
        },
        _ => return unsupported(ADDRESS_TYPE_NOT_SUPPORTED, "its SOCKS client uses an unknown type of address"),
    };
    let Some((port, rest)) = rest.split_first_chunk::<2>() else { return Ok(None) };
    match (host, u16::from_be_bytes(*port)) {
        (None, _) => unsupported(GENERAL_FAILURE, "its SOCKS client asks for a host whose name can't be one"),
        (_, 0) => unsupported(GENERAL_FAILURE, "its SOCKS client asks for port 0"),
        (Some(host), port) => Ok(Some((SocksRequest::Connect(host, port), bytes.len() - rest.len()))),
    }
}

/// Reads bytes in each way that they can stand in.
#[cfg(fuzzing)]
pub(crate) fn read_any(bytes: &[u8]) {
    let lengths = [
        methods(bytes).ok().flatten().map(|(_, length)| length),
        user_and_password(bytes).ok().flatten().map(|(_, length)| length),
        request(bytes).ok().flatten().map(|(_, length)| length),
    ];
    assert!(lengths.into_iter().flatten().all(|length| length <= bytes.len()));
}

/// A host's name, or an address that is written out.
fn named(name: &[u8]) -> Option<Host> {
    let name = str::from_utf8(name).ok()?;
    let bracketed = if name.contains(':') { format!("[{name}]") } else { name.to_owned() };
    Authority::parse(&bracketed).filter(|authority| authority.port.is_none()).map(|authority| authority.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_whole() {
        let name = |name: &str| Host::Name(name.to_owned());
        let address = |text: &str| Host::Address(text.parse().unwrap());
        for (bytes, host) in [
            (&b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"[..], address("127.0.0.1")),
            (b"\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50", address("::1")),
            (b"\x05\x01\x00\x03\x09a.example\x00\x50", name("a.example")),
            (b"\x05\x01\x00\x03\x03::1\x00\x50", address("::1")),
        ] {
            for end in 0..bytes.len() {
                assert_eq!(request(&bytes[..end]), Ok(None));
            }
            let behind = [bytes, b"more"].concat();
            assert_eq!(request(&behind), Ok(Some((SocksRequest::Connect(host, 80), bytes.len()))));
        }
        for (bytes, reply) in [
            (&b"\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50"[..], COMMAND_NOT_SUPPORTED),
            (b"\x05\x01\x00\x05", ADDRESS_TYPE_NOT_SUPPORTED),
            (b"\x05\x01\x00\x03\x01/\x00\x50", GENERAL_FAILURE),
            (b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x00", GENERAL_FAILURE),
            (b"\x04\x01\x00\x50", GENERAL_FAILURE),
        ] {
            let read = request(bytes).unwrap();
            assert!(matches!(read, Some((SocksRequest::Unsupported(is, _), _)) if is == reply), "{read:?}");
        }
    }

    #[test]
    fn what_a_client_proves_is_read_whole() {
        assert_eq!(methods(b"\x05\x02\x00"), Ok(None));
        assert_eq!(methods(b"\x05\x02\x00\x02"), Ok(Some((vec![0, 2], 4))));
        let (given, length) = user_and_password(b"\x01\x01u\x02pw").unwrap().unwrap();
        assert_eq!((given.user.as_str(), given.password.as_str(), length), ("u", "pw", 6));
        assert!(user_and_password(b"\x01\x01u\x02p").unwrap().is_none());
        assert!(user_and_password(b"\x05").is_err());
    }
}
