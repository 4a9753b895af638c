//! Flags of other tools that people type here, and what does the same.

/// The spellings of curl, wscat, websocat and websocketd that aren't ours, and what to use instead. Where two of them mean different
/// things by a letter, both are told.
const TABLE: &[(&[&str], &str)] = &[
    (&["--connect"], "the URL needs no flag: wscli connect URL"),
    (
        &["-l", "--listen", "--server-mode"],
        "'wscli serve --prompt PORT' listens, and you answer; without '--prompt' it echoes",
    ),
    (&["--port"], "the port is part of the URL: HOST:PORT"),
    (&["--address", "--bind", "--host"], "the address needs no flag: wscli serve HOST:PORT"),
    (&["--execute"], "'-d TEXT' sends a message first; with '-1' the run ends after one answer"),
    (
        &["-w", "--wait", "--write-out"],
        "'--linger DURATION' is how long to wait for answers; 'wscli inspect --json' reports times",
    ),
    (&["--show-ping-pong", "--print-ping-rtts"], "'-P' prints pings and pongs"),
    (&["--inhibit-pongs"], "every Ping is answered (RFC 6455 §5.5.2)"),
    (&["--strict"], "RFC 6455 is kept unless '--no-check' is given"),
    (&["--slash"], "at the prompt, a line that begins with / is a command without a flag"),
    (
        &["--ca", "--capath", "--cert-status", "--ca-file", "--cafile"],
        "'--cacert FILE' trusts the certificates in a file",
    ),
    (&["--pinnedpubkey"], "'--cacert FILE' trusts nothing but the certificates in a file"),
    (&["--crlfile"], "no revocation list is consulted"),
    (&["--tls-domain"], "'--sni NAME' is the name to ask for and to verify"),
    (
        &[
            "--no-verify",
            "--skip-verify",
            "--no-ssl-verify",
            "--verify",
            "--insecure-skip-verify",
            "--no-check-certificate",
        ],
        "'-k' accepts any certificate",
    ),
    (
        &["--certificate", "--client-cert", "--client-key"],
        "'--cert FILE' and '--key FILE' are a certificate and its key",
    ),
    (&["--ssl-reqd", "--wss", "--ws"], "the scheme of the URL says whether TLS is spoken: ws:// or wss://"),
    (&["--passphrase", "--pass"], "the passphrase of an encrypted --key is asked for at the terminal"),
    (&["--auth", "--basic-auth", "--password"], "'-u NAME:PASSWORD' sends credentials"),
    (
        &["--anyauth", "--ntlm", "--negotiate"],
        "'-u NAME:PASSWORD' sends Basic credentials and answers a Digest challenge, '--digest' answers that only",
    ),
    (
        &["--proxy-basic", "--proxy-anyauth", "--proxy-ntlm", "--proxy-negotiate"],
        "'-U NAME:PASSWORD' sends Basic credentials to a proxy and answers a Digest challenge, '--proxy-digest' answers that only",
    ),
    (
        &["--token", "--api-key", "--apikey", "--aws-sigv4"],
        "'--bearer TOKEN' sends a token, '-H \"Name: value\"' any header",
    ),
    (&["--netrc", "--netrc-file", "--netrc-optional", "--basic-auth-file"], "'-u @FILE' reads credentials from a file"),
    (&["--socks4", "--socks4a", "--preproxy", "--proxy1.0"], "'-x' takes http, https, socks5 and socks5h proxies"),
    (&["-p", "--proxytunnel"], "the port is part of the URL: HOST:PORT; '-x' always tunnels"),
    (&["--proxy-cacert", "--proxy-insecure"], "'--cacert' and '-k' hold for an https:// proxy too"),
    (&["--no-alpn"], "'--alpn NAMES' says what is offered; without a name nothing is"),
    (&["--ciphers", "--tls13-ciphers", "--curves"], "'--tls-min' and '--tls-max' say what TLS may use"),
    (
        &[
            "--cert-type",
            "--key-type",
            "--pkcs12-der",
            "--pkcs12-passwd",
            "--client-pkcs12-der",
            "--client-pkcs12-passwd",
        ],
        "'--cert' and '--key' are files in PEM",
    ),
    (
        &["--retry-all-errors", "--retry-connrefused"],
        "'--retry N' retries unresolved hosts, refused connections, timeouts, 408, 429, 500, 502, 503 and 504",
    ),
    (
        &["--retries", "--max-retries", "--retry-count", "--auto-reconnect", "--autoreconnect"],
        "'--retry N' tries again to connect, '--reconnect' connects again after a lost connection",
    ),
    (&["--autoreconnect-delay-millis"], "'--reconnect' waits longer from attempt to attempt"),
    (&["--no-keepalive"], "'--ping-interval 0' sends no pings"),
    (&["-g", "--globoff", "--path-as-is", "--request-target"], "the path of the URL is sent as it is typed"),
    (
        &["--url-query", "--path", "--query", "--request-uri", "--ws-c-uri"],
        "the path and the query are part of the URL",
    ),
    (
        &["-:", "--next", "-Z", "--parallel", "--parallel-max", "--parallel-immediate", "--fail-early"],
        "one URL is connected to; /new URL at the prompt opens another beside it",
    ),
    (
        &[
            "-C",
            "--continue-at",
            "-r",
            "--range",
            "-J",
            "--remote-header-name",
            "--remote-name-all",
            "-R",
            "--remote-time",
            "--no-clobber",
            "--create-dirs",
            "--output-dir",
            "--remove-on-error",
            "--xattr",
            "-z",
            "--time-cond",
            "--etag-compare",
            "--etag-save",
        ],
        "'-o FILE' writes what arrives to a file; nothing of it is a download",
    ),
    (&["-a"], "'--append' appends to the file of '-o'"),
    (
        &["-y", "--speed-time", "-Y", "--speed-limit"],
        "'-m DURATION' ends the run; '--ping-timeout DURATION' ends a connection whose peer is gone",
    ),
    (&["--proto", "--proto-default", "--proto-redir"], "'-L' follows to http, https, ws and wss URLs alone"),
    (&["--happy-eyeballs-timeout-ms"], "'-4' and '-6' use one of the two alone"),
    (&["-j", "--junk-session-cookies"], "'-b FILE' reads cookies from a file"),
    (&["--disable"], "'--no-config' reads no configuration file"),
    (&["--expect100-timeout"], "'--handshake-timeout DURATION' bounds the opening handshake"),
    (&["-V", "--version"], "'wscli --version' prints the version"),
    (&["--curl"], "'--from-curl COMMAND' connects as a curl command would"),
    (&["--har"], "'--record FILE' records, and 'wscli convert' makes a HAR of it"),
    (&["--dns-servers", "--doh-url"], "'--resolve HOST:PORT:ADDRESS' is asked before the resolver"),
    (&["--tcp-nodelay"], "every message is sent at once already"),
    (&["-#", "--progress-bar", "--no-progress-meter"], "'-q' prints only errors on stderr"),
    (&["-M", "--manual"], "'wscli help connect' explains the flags"),
    (&["-t", "--text"], "messages are text unless '--binary' is given"),
    (&["-E", "--exit-on-eof"], "the end of stdin ends the run already, once the peer has been quiet for '--linger'"),
    (&["--protocol", "--protocols"], "'-s NAME' requests a subprotocol"),
    (&["--one-message", "--oneshot"], "'-1' ends after one message"),
    (&["--once", "--exit"], "'-1' ends after one message, '-m DURATION' after a time"),
    (&["--follow", "--receive-only", "--read-only"], "'-n' stays and prints what arrives"),
    (
        &["--message", "--msg", "--send", "--body", "--payload", "--text-message"],
        "'-d TEXT' sends a message first; lines of stdin are messages too",
    ),
    (
        &["--file", "--input", "--stdin", "--input-file"],
        "stdin is read already; '-d @FILE' sends the contents of a file, 'wscli serve --push FILE' its lines",
    ),
    (&["--duration", "--time", "--exit-after"], "'-m DURATION' ends the run"),
    (
        &["--interval"],
        "'--delay DURATION' is the time between messages, '--ping-interval DURATION' between pings, \
         'wscli serve --every DURATION' between lines of '--push'",
    ),
    (
        &["--repeat", "--times"],
        "'/repeat N TEXT' at the prompt sends a message again; 'wscli serve --push FILE --loop' does",
    ),
    (
        &["--ping", "--pong"],
        "pings are sent every '--ping-interval' and answered always; '/ping' at the prompt sends one",
    ),
    (&["--format", "--pretty", "--jq"], "'--out json' writes events, for jq; a prompt indents JSON"),
    (&["--raw", "--hex"], "'--out raw' writes bytes alone, '--out hex' and '--in hex' are hexadecimal"),
    (
        &[
            "--compression",
            "--deflate",
            "--no-deflate",
            "--permessage-deflate",
            "--extension",
            "--extensions",
            "--gzip",
            "--compress",
        ],
        "permessage-deflate is negotiated already; '--no-compress' turns it off",
    ),
    (&["--max-messages", "--max-messages-rev", "--limit", "--number"], "'--count N' ends after N messages"),
    (&["-0", "--null-terminated", "--zero"], "'--in null' and '--out null' separate messages by NUL"),
    (
        &["--text-prefix", "--binary-prefix", "--base64-text"],
        "'--out json' tells text and binary messages apart, and '--in json' sends either",
    ),
    (
        &[
            "--compress-deflate",
            "--compress-gzip",
            "--compress-zlib",
            "--uncompress-deflate",
            "--uncompress-gzip",
            "--uncompress-zlib",
        ],
        "'--decode CODING' decodes what is compressed inside messages",
    ),
    (
        &[
            "--linemode-strip-newlines",
            "--linemode-strict",
            "--linemode-zero-terminated",
            "--lengthprefixed-header-bytes",
            "--lengthprefixed-nbytes",
            "--lengthprefixed-little-endian",
        ],
        "'--in MODE' says how stdin is split: at newlines, at NULs, as JSON and more; '--out FORMAT' likewise",
    ),
    (&["--no-line"], "'--in chunks' sends what is read at once as a message"),
    (&["--jsonrpc", "--jsonrpc-omit-jsonrpc"], "a message is sent as it is written; /def at the prompt names one"),
    (&["--exit-on-disconnect"], "the end of the connection ends the run already"),
    (&["--websocket-version"], "'-H \"Sec-WebSocket-Version: N\"' sends another version"),
    (&["--max-ws-frame-length"], "'--fragment-size SIZE' is the largest frame to send"),
    (&["--max-ws-message-length"], "'--max-message-size SIZE' is the largest message to accept"),
    (&["--base64"], "'--in base64' and '--out base64' carry binary messages as text"),
    (&["-B", "--buffer-size"], "'--max-message-size SIZE' limits messages; none needs a buffer of its size"),
    (&["--close-status-code", "--close-reason"], "'--close CODE:REASON' closes with a status code and reason"),
    (&["--unidirectional", "--unidirectional-reverse"], "'-n' only receives; 'wscli serve --sink' only takes"),
    (&["--reply"], "'--on RULE' and '--on-file FILE' answer by rules"),
    (&["--on", "--on-file"], "'wscli serve --reply FILE' answers by rules"),
    (&["--server"], "'wscli serve' listens"),
    (
        &["--conncap", "--max-parallel-conns", "--max-clients", "--maxforks"],
        "'wscli serve --max-connections COUNT' limits clients",
    ),
    (&["--workers", "--threads"], "each client of 'wscli serve' has a thread of its own"),
    (
        &["--cors", "--origin", "--allowed-origins", "--sameorigin"],
        "'wscli serve --allow-origin ORIGIN' lets other pages in",
    ),
    (&["--user"], "'wscli serve --auth USER:PASSWORD' requires credentials"),
    (&["--delay"], "'--every DURATION' is the time between lines of '--push'"),
    (&["--rooms"], "'wscli serve --route PATH=broadcast' makes a room of a path"),
    (&["--restrict-uri"], "'wscli serve --route PATH=MODE' answers on that path alone"),
    (&["--server-header", "--header-ws", "--header-http"], "'wscli serve -H HEADER' adds a header to every response"),
    (&["--stdin-announce-listening-ports"], "'wscli serve --port-file FILE' says where it listens"),
    (
        &["--daemon", "--background", "--pid-file"],
        "a shell's & runs a server in the background; '--port-file' says when it listens",
    ),
    (&["--unlink", "--unlink-unix-socket"], "'wscli serve --unix PATH' removes its socket when it ends"),
    (
        &["--exec-args", "--exec-exit-on-disconnect", "--set-environment", "--passenv", "--cgidir"],
        "'wscli serve --exec COMMAND' runs a shell command for each client, with the request in its environment",
    ),
    (&["--server-protocol", "--server-protocol-lax"], "'wscli serve --subprotocol NAME' accepts one"),
    (&["--static-file", "--staticdir", "--root", "--dir"], "'wscli serve --static DIR' answers plain HTTP with files"),
    (&["--devconsole"], "a browser that opens the server's address gets a page to try it from"),
    (&["--ssl"], "'wscli serve --tls' serves wss with a certificate of its own"),
    (&["--sslcert", "--sslkey"], "'--cert FILE' and '--key FILE' are the certificate and its key"),
    (
        &["--log", "--loglevel", "--log-level", "--debug"],
        "the log is on stderr; '-v' also logs messages, '-q' only errors",
    ),
    (&["--exec"], "'wscli serve --exec COMMAND' runs a command for each client"),
    (&["--broadcast"], "'wscli serve --broadcast' passes messages on to all clients"),
    (&["-X", "--request", "-G", "--get"], "an opening handshake is always a GET (RFC 6455 §4.1)"),
    (&["--json"], "'-d JSON' sends a message; '--out json' writes events"),
    (&["-i", "--include", "-I", "--head", "--dump-header", "-D"], "'-v' logs the request and the response"),
    (
        &["-f", "--fail", "--fail-with-body"],
        "a refused handshake fails already, with exit code 5 and its body on stderr",
    ),
    (&["-S", "--show-error"], "errors are always printed"),
    (&["--silent"], "'-q' prints only errors on stderr"),
    (&["--compressed"], "permessage-deflate is offered already; '--no-compress' turns it off"),
    (
        &["--http1.1", "--http1.0", "--http2", "--http3", "--http0.9", "--http2-prior-knowledge", "--http3-only"],
        "the opening handshake is HTTP/1.1 (RFC 6455 §4.1)",
    ),
    (&["--ua", "--useragent"], "'-A NAME' sends it"),
    (&["--cookies"], "'-b NAME=VALUE' sends cookies"),
    (&["--username", "--user-name"], "'-u NAME:PASSWORD' sends credentials"),
    (&["--proxy-header"], "a proxy gets no header but credentials, with '-U NAME:PASSWORD'"),
    (&["--max-redirects"], "'-L' follows redirects, '--max-redirs N' at most"),
    (
        &["--socks5", "--socks5-hostname", "--socks5-destination"],
        "'-x socks5://HOST:PORT' connects through a SOCKS proxy; socks5h:// lets it resolve the name",
    ),
    (&["--preamble"], "'-d TEXT' sends a message first"),
    (&["--data-ascii", "-T", "--upload-file"], "'-d @FILE' sends the contents of a file"),
    (&["-F", "--form", "--form-string", "--data-urlencode"], "'-d TEXT' sends a message as it is"),
    (&["-N", "--no-buffer"], "each message is written as soon as it is there"),
    (
        &["--tlsv1", "--tlsv1.0", "--tlsv1.1", "-2", "--sslv2", "-3", "--sslv3"],
        "'--tls-min 1.2' or '--tls-min 1.3' is the oldest version to accept",
    ),
    (&["--trace", "--trace-ascii"], "'--frames' logs every frame, '-v' the opening handshake"),
    (&["--keepalive-time"], "'--ping-interval DURATION' is the time between automatic pings"),
    (&["--limit-rate"], "'--rate N/s' limits messages per second"),
    (&["--max-filesize"], "'--max-message-size SIZE' limits messages"),
    (&["-K"], "'--config FILE' reads defaults for the flags from a file"),
    (&["--interface", "--local-port"], "the system chooses the address and the port that it connects from"),
    (&["--abstract-unix-socket"], "'--unix-socket PATH' connects to a socket that has a path"),
    (&["--haproxy-protocol"], "'wscli serve --proxy-protocol' takes such a header; connect sends none"),
    (&["--stderr"], "'2> FILE' in a shell sends stderr to a file"),
    (&["-O", "--remote-name"], "'-o FILE' writes to a file"),
    (&["--no-color", "--no-colour"], "'--color never' turns colours off"),
    (&["--colour"], "'--color WHEN'"),
    (&["--timestamp", "--trace-time"], "'--timestamps' prefixes each message with the time"),
    (&["--timeout"], "'-m DURATION' ends the run, '--connect-timeout' bounds connecting"),
];

/// Whether `flag` is one of those, letter for letter.
pub(super) fn is_known(flag: &str) -> bool {
    TABLE.iter().any(|(names, _)| names.contains(&flag))
}

/// What is typed for flags of one subcommand, and what to use instead.
const OF_SUBCOMMANDS: &[(&str, &[&str], &str)] = &[
    ("serve", &["--rules", "--mock", "--stub"], "'--reply FILE' answers by rules; '--help-rules' prints their grammar"),
    ("serve", &["--chat", "--room"], "'--broadcast' passes messages on to all clients"),
    ("serve", &["-u", "--user", "--password", "--basic-auth"], "'--auth USER:PASSWORD' requires credentials"),
    ("serve", &["-s"], "'--subprotocol NAME' accepts one"),
    ("serve", &["--json"], "'--out json' writes events to stdout"),
    ("serve", &["--timeout"], "'--idle-timeout DURATION' closes a client that says nothing"),
    ("serve", &["-P", "--pings"], "'--frames' logs every frame, pings and pongs too"),
    (
        "proxy",
        &["-l", "--listen", "--listen-host", "--listen-port", "--bind", "--address"],
        "the address needs no flag: wscli proxy HOST:PORT URL; '-p PORT' is one on 127.0.0.1",
    ),
    (
        "proxy",
        &["--target", "--reverse", "--mode", "--upstream", "--backend"],
        "the URL of the server needs no flag: wscli proxy URL; '--forward' is a proxy to any server",
    ),
    (
        "proxy",
        &["--script", "--scripts", "--modify-body", "--modify", "--reply"],
        "'--rules FILE' changes messages; '--help-rules' prints their grammar",
    ),
    ("convert", &["--format", "-f", "-t"], "'--from FORMAT' and '--to FORMAT' name the formats"),
    (
        "inspect",
        &["--timeout"],
        "'--connect-timeout' and '--handshake-timeout' bound the way there, '--ping-timeout' the wait for the Pong",
    ),
    ("ping", &["-w", "--deadline"], "'-m DURATION' ends the run, '-W DURATION' is how long a Pong is waited for"),
    ("show", &["-f", "--filter"], "'--grep REGEX' and '--json POINTER' choose messages"),
];

/// What does here what `flag` does elsewhere, with flags that the subcommand has, by `is_ours`; or with another subcommand.
pub(super) fn ours_for(subcommand: &str, flag: &str, is_ours: impl Fn(&str) -> bool) -> Option<&'static str> {
    let name = flag.split('=').next().unwrap_or(flag);
    let special = OF_SUBCOMMANDS.iter().find(|(of, names, _)| *of == subcommand && names.contains(&name));
    let general = || TABLE.iter().find(|(names, _)| names.contains(&name)).map(|(_, advice)| *advice);
    let is_elsewhere = |advice: &str| advice.contains("wscli ") || advice.contains("/new");
    let can_be_followed =
        |advice: &&str| is_elsewhere(advice) || flags_of(advice).next().is_none() || flags_of(advice).any(&is_ours);
    special.map(|(.., advice)| *advice).or_else(|| general().filter(can_be_followed))
}

/// The flags that advice names.
fn flags_of(advice: &str) -> impl Iterator<Item = &str> {
    advice.split([' ', '\'', '"', ';', ':', ',']).filter(|word| word.starts_with('-'))
}

/// Whether this is curl's `-s` with more of its flags behind it, which would be a subprotocol of that name here.
pub(super) fn is_silent_of_curl(argument: &str) -> bool {
    let joined = argument.strip_prefix("-s").unwrap_or_default();
    !joined.is_empty() && joined.chars().all(|letter| "SLkvifN".contains(letter))
}

/// What is said to it.
pub(super) fn silent_of_curl(argument: &str) -> String {
    format!("{argument}: '-s NAME' requests a subprotocol here, not silence; '-q' prints only errors")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use clap::CommandFactory;

    use super::super::CommandLine;
    use super::super::flag_names::named;
    use super::*;

    #[test]
    fn each_flag_stands_once_and_every_flag_of_the_advice_is_ours() {
        let mut seen = HashSet::new();
        let mut command = CommandLine::command();
        command.build();
        let ours: HashSet<String> = command
            .get_subcommands()
            .chain([&command])
            .flat_map(clap::Command::get_arguments)
            .flat_map(|arg| {
                let long = arg.get_long().map(|name| format!("--{name}"));
                let short = arg.get_short().map(|letter| format!("-{letter}"));
                long.into_iter().chain(short)
            })
            .collect();
        for (names, advice) in TABLE {
            for name in *names {
                assert!(seen.insert(*name), "{name} stands there twice");
            }
            for word in flags_of(advice) {
                assert!(ours.contains(word), "{word} in {advice:?} is not a flag");
            }
        }
        for (of, _, advice) in OF_SUBCOMMANDS {
            let subcommand = command.find_subcommand(of).unwrap();
            for word in flags_of(advice) {
                assert!(named(subcommand, word).is_some(), "{word} in {advice:?} is not a flag of {of}");
            }
        }
    }

    #[test]
    fn advice_names_flags_of_the_subcommand_that_was_meant() {
        let has = |flags: &'static [&'static str]| move |name: &str| flags.contains(&name);
        assert_eq!(ours_for("show", "--limit", has(&["--grep"])), None);
        assert_eq!(ours_for("connect", "--limit", has(&["--count"])), Some("'--count N' ends after N messages"));
        assert_eq!(ours_for("serve", "--password", has(&[])), Some("'--auth USER:PASSWORD' requires credentials"));
        assert!(ours_for("diff", "--server", has(&[])).is_some(), "another subcommand is advice everywhere");
    }
}
