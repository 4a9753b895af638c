//! Sentences that name flags, and what to do about each error. No other place below `cli` names a flag; `tests/layers.rs`
//! looks, and a test of `cli` finds each of those named here among the flags that there are.

mod challenger;
mod dialect;
pub(crate) mod flag;
mod forward;
mod hints;
pub(crate) mod limits;
mod other_programs;
mod packed_files;
mod phrases;
mod refusals;
pub(crate) mod secret_flags;

pub(crate) use dialect::Dialect;
#[cfg(test)]
pub(crate) use dialect::{flags_at_the_prompt, flags_of_tests};
pub(crate) use forward::{
    AUTHORITY_NOT_TRUSTED, no_authority, not_constrained, not_permitted, open_proxy, own_proxy, page_beyond_loopback,
    port_not_allowed, proxy_prompt_without_terminal, shared_key,
};
pub(crate) use other_programs::{shell_word, trust};
pub(crate) use packed_files::{check_har, check_recording};

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Phrase, Remedy, named, sentence};
use crate::http::{Authority, MASK, TokenFault, list_elements, without_secret_subprotocols};
use crate::peer_text::Escaped;

/// What `/help connect` says of flags.
pub(crate) const CONNECT_FLAGS: &str =
    "flags as on the command line: -H 'NAME: VALUE', -u NAME, --bearer TOKEN, -s SUBPROTOCOL, -k, -L, --origin URL";

/// What stands in the place of a secret.
pub(crate) const MASKED: &str = "(masked; --show-secrets shows it)";

const CLIENT_CERTIFICATE: Phrase = Phrase::Together(&[Remedy::ClientCertificate, Remedy::ClientKey]);

/// How control frames get into a HAR.
pub(crate) const HAR_CONTROL: &str = "--har-control writes them, for tools that accept them";

/// How frames get into a recording.
pub(crate) const NO_FRAMES_RECORDED: &str = "there are no frames in it: --record-frames records them";

/// A server's clients have no connection at hand.
pub(crate) const STEPS_OF_A_SERVER: &str =
    "a server takes steps on the connection of each client: wscli serve --script FILE";

/// How a quiet peer is waited for.
pub(crate) const MORE_TIME: &str = "--linger waits longer";

/// What an echo suggests that is corrupted behind a Ping between fragments.
pub(crate) const NOTHING_INFLATED_BEHIND_PING: &str =
    "the server decompresses nothing after the Ping, like wsproto 1.3; --no-compress avoids it";

/// What is asked for where a user is given alone, and how it is given too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Password {
    pub(crate) name: &'static str,
    pub(crate) otherwise: &'static str,
}

pub(crate) const PASSWORD: Password =
    Password { name: "the password of -u", otherwise: "use -u NAME:PASSWORD or -u @FILE" };
pub(crate) const PROXY_PASSWORD: Password =
    Password { name: "the password of -U", otherwise: "use -U NAME:PASSWORD or -U @FILE" };

/// A file that can't be a text message.
pub(crate) fn binary_file(what: String) -> Error {
    Error::Usage { what: what.into(), hint: Some("--binary sends it as a binary message".into()) }
}

/// A recording from which one connection is to be chosen, with the number of each and what it is.
pub(crate) fn several_connections(path: &Path, connections: Vec<(u64, String)>) -> Error {
    const LISTED: usize = 10;
    let count = connections.len();
    let mut numbers: Vec<u64> = connections.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    let (first, last) = (numbers.first().copied().unwrap_or(1), numbers.last().copied().unwrap_or(1));
    let others =
        if last - first == count as u64 - 1 { format!(" to {last}") } else { ", or another of them,".to_owned() };
    let listed = connections.into_iter().take(LISTED);
    let mut listed: Vec<_> = listed.map(|(number, connection)| format!("{number} is {connection}")).collect();
    listed.extend((count > LISTED).then(|| "…".to_owned()));
    Error::Usage {
        what: format!("{} holds {count} connections: {}", named(path), listed.join("; ")).into(),
        hint: Some(
            sentence![Remedy::RecordedConnection.given_as(first.to_string()), format!("{others} chooses one")].into(),
        ),
    }
}

/// A HAR where a recording is read.
pub(crate) fn har_for_recording(path: &Path) -> Error {
    Error::Usage {
        what: format!("{} is a HAR, not a recording", named(path)).into(),
        hint: Some("'wscli convert --from har FILE -o FILE.ndjson' makes a recording of it".into()),
    }
}

/// What is to be read by programs, on a terminal.
pub(crate) fn exact_on_a_terminal() -> Error {
    Error::Usage {
        what: "converted output is not safe for a terminal".into(),
        hint: Some("use -o FILE or a pipe; 'wscli show FILE' shows a recording, '--to txt' makes a transcript".into()),
    }
}

/// Of a file to which a recording, a log or messages are still added.
pub(crate) const IS_BEING_WRITTEN: &str = "something else is being written to it, by another wscli or by --record, -o or /log of this one; choose another file";

/// What else goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StdoutUse {
    Messages,
    Events,
    Report,
}

/// A recording that would go where something else goes.
pub(crate) fn recording_on_stdout_beside(other: StdoutUse) -> Error {
    let (what, hint) = match other {
        StdoutUse::Messages => ("messages", "-o FILE or --out none keeps them apart"),
        StdoutUse::Events => ("the events of --out json", "--record FILE keeps them apart"),
        StdoutUse::Report => ("the report", "--record FILE keeps them apart"),
    };
    Error::Usage {
        what: format!("--record to stdout would mix the recording with {what}").into(),
        hint: Some(hint.into()),
    }
}

/// Refuses a name that promises another format than a recording has.
///
/// # Errors
/// What makes a file of that format.
pub(crate) fn check_recording_name(path: &Path) -> Result<(), String> {
    let other = path.extension().and_then(|it| it.to_str()).filter(|it| ["har", "pcapng", "pcap"].contains(it));
    other.map_or(Ok(()), |format| {
        Err(format!(
            "a recording is NDJSON, whatever its name: 'wscli convert FILE.ndjson -o FILE.{format}' makes a {format} file of it"
        ))
    })
}

/// A recording that doesn't say where it was made.
pub(crate) fn recording_without_url() -> Error {
    Error::Usage {
        what: "the recording doesn't name the server".into(),
        hint: Some("give its URL: wscli replay FILE URL".into()),
    }
}

/// A recording whose URL has a secret that isn't there.
pub(crate) fn recording_with_masked_url(url: &str) -> Error {
    Error::Usage {
        what: format!("the recorded URL has masked secrets: {}", Escaped(url)).into(),
        hint: Some("give the whole URL: wscli replay FILE URL; --record-secrets records it".into()),
    }
}

/// Headers of a recording that can't be sent again, or mustn't.
pub(crate) fn recorded_headers_not_sent(names: &str, why: &str) -> String {
    format!("not sent, since {why}: {}; -H 'Name: value' sends them", Escaped(names))
}

/// Frames of a recording that aren't sent as they are.
pub(crate) fn frames_left_out(frames: impl fmt::Display) -> String {
    format!("not sent: {frames} that the protocol forbids; --exact sends such frames")
}

/// A recording's server goes on without what it has waited for.
pub(crate) fn plays_on_unanswered(waited: &str, line: u64) -> String {
    format!(
        "{waited}: continuing at line {line} of the recording, still expecting the messages before it; --wait 0 waits without \
         limit"
    )
}

/// A subprotocol that is none, one of all that are `requested`: it may be a token, by what stands before it.
pub(crate) fn subprotocol(name: &str, requested: &[String]) -> Error {
    let public = without_secret_subprotocols(name, &requested.join(","));
    let is_public = |part: &str| public.iter().any(|public| public == part);
    let shown = list_elements(name).map(|part| if is_public(part) { part } else { MASK });
    let shown = shown.collect::<Vec<_>>().join(", ");
    // Of a secret no character is named either.
    let fault = TokenFault::of(name).filter(|_| list_elements(name).all(is_public));
    let why = fault.map_or_else(|| "it must be a token (RFC 9110 §5.6.2)".to_owned(), |fault| fault.to_string());
    Error::Usage {
        what: format!("{shown:?} is not a subprotocol (RFC 6455 §4.1): {why}").into(),
        hint: Some(match name.contains(',') {
            true => sentence![Remedy::Subprotocol.named(), " is given once for each"].into(),
            false => sentence![Remedy::Header.given_as("Sec-WebSocket-Protocol: …"), " sends anything"].into(),
        }),
    }
}

/// A header that -H has and another flag too.
pub(crate) fn header_given_twice(name: &str, otherwise: Remedy) -> Error {
    let (header, otherwise) = (Remedy::Header.named(), otherwise.named());
    Error::Usage {
        what: sentence!["both ", header.clone(), " and ", otherwise.clone(), format!(" give the {name} header")],
        hint: Some(sentence!["leave out ", otherwise, " to send only the header of ", header].into()),
    }
}

/// There is nothing to answer a challenge with.
pub(crate) fn digest_without_credentials() -> Error {
    Error::Usage {
        what: "--digest has no credentials to use".into(),
        hint: Some("-u NAME:PASSWORD gives them, or the URL: ws://NAME:PASSWORD@HOST/".into()),
    }
}

/// The same of a proxy's.
pub(crate) fn proxy_digest_without_credentials() -> Error {
    Error::Usage {
        what: "--proxy-digest has no credentials to use".into(),
        hint: Some("-U NAME:PASSWORD gives them, or the proxy's URL: http://NAME:PASSWORD@HOST:PORT".into()),
    }
}

/// Challenges are HTTP's.
pub(crate) fn digest_through_socks() -> Error {
    Error::Usage {
        what: "--proxy-digest needs an HTTP proxy: SOCKS 5 sends passwords as they are (RFC 1929)".into(),
        hint: Some("leave out --proxy-digest, or use an http:// or https:// proxy".into()),
    }
}

/// A certificate is given, and its key neither in the same file nor in one of its own.
pub(crate) fn no_key(cert: &Path) -> Error {
    Error::Usage {
        what: format!("{} has a certificate and no private key", cert.display()).into(),
        hint: Some(sentence![Remedy::ClientKey.given(), " names the file of the key"].into()),
    }
}

/// A file that is too large to be pushed.
pub(crate) fn large_push(file: &Error) -> Error {
    Error::Usage {
        what: file.to_string().into(),
        hint: Some("--push - reads lines from stdin, as many as there are".into()),
    }
}

/// Certificates of clients are demanded where there is no TLS.
pub(crate) fn client_ca_without_tls() -> Error {
    Error::Usage {
        what: format!("{} needs TLS", flag::CLIENT_CA).into(),
        hint: Some("add --tls, or --cert and --key".into()),
    }
}

/// What a web page is told that may not open what it asked for.
pub(crate) fn refused_origin(origin: &str) -> String {
    format!("the origin {origin:?} is not allowed; --allow-origin ORIGIN allows one")
}

/// What a web page is told that embeds something of this server's.
pub(crate) const REFUSED_EMBEDDING: &str = "a page of another site embeds it; --allow-origin '*' allows every page";

/// What a client is told that asks for another server.
pub(crate) const NOT_A_PROXY: &str = "the client takes this server for a proxy, and this is a WebSocket server; wscli proxy \
                                      --forward is a proxy to any server";

/// What a client is told that asked for this server by a name that others could have too.
pub(crate) fn refused_host(host: &Authority) -> String {
    format!("the host \"{host}\" is not a name of this server; --allow-host NAME allows one")
}

/// That another server than the first is asked without these.
pub(crate) fn secrets_stay(withheld: &[String]) -> String {
    let what = match withheld.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => withheld.concat(),
    };
    format!("what was given for another origin is not sent there: {what}; /connect --keep-credentials URL sends it too")
}

/// What is told before faults in spite of which a connection goes on.
pub(crate) const IGNORED: &str = "ignored (--no-check)";

/// What is wrong with `-d @-` and another.
pub(crate) const STDIN_TWICE: &str = "-d @- was given twice, and stdin can be read only once";

/// Why a run has failed whose stdin waited for a message in vain.
pub(crate) fn stdin_not_sent(awaited: &impl fmt::Display) -> String {
    format!("stdin was not sent: no message matched --send-after {awaited}")
}

/// Without a URL what is expected of a server would be expected of our own: a check whose variable is empty would never fail.
pub(crate) fn no_url_to_check() -> Error {
    Error::Usage {
        what: "no URL given".into(),
        hint: Some(
            "without --expect, --until, --reject, --count, -1 and -n a built-in echo server answers, to try wscli out"
                .into(),
        ),
    }
}

/// What to do about a peer that doesn't answer Pings.
pub(crate) const NO_PINGS: &str = "--ping-timeout is how long a Pong is awaited, --ping-interval 0 sends no Pings";

/// What to do about a peer that goes away at a Ping.
pub(crate) const PING_NOT_TAKEN: &str =
    "that was right after our first Ping, which some peers can't take; --ping-interval 0 sends none";

/// What to do about a connection that ended while nothing was sent on it.
pub(crate) const IDLE_LIMIT: &str = "if that was an idle limit, a shorter --ping-interval keeps a connection open, and inspect --limits finds the limit";

/// What to do about a message that is longer than what is taken.
pub(crate) const LONGER_MESSAGES: &str = "a larger --max-message-size allows it";

/// What is told at a terminal that has no prompt because of a flag.
pub(crate) fn without_a_prompt(flag: &str) -> String {
    format!("{flag} turns the prompt off: every line is a message, none is a command")
}

/// What ended a run whose time was limited.
pub(crate) fn stopped_by_max_time(time: Duration) -> String {
    format!("stopped by --max-time {time:?}")
}

/// Why a server isn't loaded.
pub(crate) fn load_on_public_server(url: &str) -> Error {
    Error::Usage {
        what: format!("{url} is not on this machine or in a private network").into(),
        hint: Some("--i-may says that you may put load on it".into()),
    }
}

/// Why so many connections aren't opened to be dropped, where only `most` can have a thread each to come back.
pub(crate) fn more_connections_than_threads(
    connections: impl fmt::Display,
    most: impl fmt::Display,
    mappings: u64,
) -> Error {
    Error::Usage {
        what: format!(
            "--storm -c {connections}: each connection reconnects on its own thread, and there is room for about \
             {most} (vm.max_map_count)"
        )
        .into(),
        hint: Some(format!("sysctl -w vm.max_map_count={mappings} makes room for them").into()),
    }
}

/// How a load has more ports of this machine.
pub(crate) const MORE_PORTS: &str = "another --source ADDRESS has as many";

/// Loads that Artillery doesn't know the end of.
pub(crate) const ARTILLERY_NEEDS_TIME: &str = "Artillery needs -z to know how long connections stay open";
pub(crate) const ARTILLERY_NEEDS_COUNT: &str =
    "Artillery needs -n if messages wait for answers: it can't end a loop by time";

/// Why no other retry follows.
pub(crate) fn no_time_for_a_retry(is_own_limit: bool) -> String {
    let limit = if is_own_limit { "--retry-max-time" } else { "--max-time" };
    format!("no further retry: it would start after {limit} expires")
}

/// What is wrong with the text of an event as a message that is sent first.
pub(crate) const EVENTS_COME_FROM_STDIN: &str = "--in json reads events only from stdin, and this would be sent as a text message; \
                                                 write it to stdin, as an event of type \"text\" if it is one";

/// What is told of an event of `--send-after` that came after all.
pub(crate) fn stdin_too_late(awaited: &impl fmt::Display) -> String {
    format!(
        "stdin was not sent: the message that matched --send-after {awaited} came too late, when the run was ending"
    )
}

/// What is told where a run was over before its input was.
pub(crate) const REST_OF_STDIN: &str = "not all of stdin was sent";
pub(crate) const REST_OF_REQUEST: &str = "not all messages of -d were sent";

/// What of those messages was not sent.
pub(crate) fn of_request(messages: impl fmt::Display) -> String {
    format!("{messages} of -d")
}

/// Why a run ends that had nothing to send.
pub(crate) const EMPTY_STDIN: &str = "stdin was empty: -n stays connected without it";

/// Why a run ends that nothing has come of.
pub(crate) fn received_nothing(time: Duration, not_even_a_pong: bool) -> String {
    let pong = if not_even_a_pong { ", not even a Pong," } else { "" };
    format!("received nothing{pong} within {time:?} after the last message was sent: {MORE_TIME}")
}

/// What a client is told that begins with TLS where there is none.
pub(crate) fn tls_on_a_plain_port() -> String {
    "the client speaks TLS, and this server doesn't; --tls serves wss".into()
}

/// Why the connection of a client can't become TLS, where nothing else is served.
pub(crate) fn not_tls(protocol: String) -> String {
    format!("the client speaks {protocol}, and with --client-ca this server only TLS")
}

/// What a proxy is told that announces its client where that isn't expected.
pub(crate) fn proxy_header(version: u8) -> String {
    format!("the connection begins with a PROXY protocol header (version {version}); --proxy-protocol accepts it")
}

/// What a client is told that doesn't come through a proxy that announces it.
pub(crate) fn no_proxy_header() -> String {
    "the connection does not begin with a PROXY protocol header, and --proxy-protocol expects one".into()
}

/// What is logged where one message becomes several on its way to a command.
pub(crate) const DIVIDED_MESSAGE: &str = "a message with a newline in it became more than one line of the command's \
                                          stdin; --exec-framing null or json keeps it one";

/// What is logged of a client whose subprotocols, of this list, are none of ours.
pub(crate) fn subprotocol_not_agreed(requested: &str) -> String {
    format!("none (requested: {requested}; --subprotocol NAME accepts one)")
}

/// A fault of a certificate that isn't made here.
pub(crate) fn certificate_fault(fault: &str) -> Error {
    Error::usage(format!("--fault {fault:?} is for the certificate that --tls makes"))
}

/// A fault of what a client sends, at a server.
pub(crate) fn fault_of_client(fault: &str) -> Error {
    Error::usage(format!(
        "--fault {fault:?}: a server sends no client frames; wscli proxy does, and stream faults work in that direction"
    ))
}
