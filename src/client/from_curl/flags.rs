//! Which flags of curl have a value, so that the value isn't taken for the URL.

use super::shared_flag::SharedFlag;

/// `curl --help all`, the flags with `<…>` behind them.
const SHORT_WITH_VALUE: &str = "ACDEFHKPQTUXYbcdemortuwxyz";

/// `curl --help all` of curl 7.88, and those that came until curl 8.15.
const LONG_WITH_VALUE: &str = "\
    abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout \
    connect-to continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii data-binary \
    data-raw data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url \
    dump-header ech egd-file engine etag-compare etag-save expect100-timeout form form-string ftp-account \
    ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip \
    header hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key \
    key-type knownhosts krb libcurl limit-rate local-port login-options mail-auth mail-from mail-rcpt \
    max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir parallel-max \
    parallel-max-host pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert \
    proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type \
    proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword \
    proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate referer request request-target \
    resolve retry retry-delay retry-max-time sasl-authzid service-name sigalgs socks4 socks4a socks5 \
    socks5-gssapi-service socks5-hostname speed-limit speed-time stderr telnet-option tftp-blksize time-cond \
    tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket \
    upload-file upload-flags url url-query user user-agent variable vlan-priority write-out ";

/// Of `-x` or `--long`.
pub(super) fn takes_value(flag: &str) -> bool {
    match flag.strip_prefix("--") {
        Some(long) => LONG_WITH_VALUE.split_whitespace().any(|name| name == long),
        None => flag.chars().nth(1).is_some_and(|letter| SHORT_WITH_VALUE.contains(letter)),
    }
}

/// Flags of curl, and the long name and the value of ours that means the same; without a value it takes curl's. Those that
/// would send what is in a file, or write one, aren't among them: the command was pasted.
const SHARED: &[(&[&str], &str, Option<&str>)] = &[
    (&["--resolve"], "resolve", None),
    (&["--connect-to"], "connect-to", None),
    (&["--unix-socket"], "unix-socket", None),
    (&["--noproxy"], "noproxy", None),
    (&["--max-redirs"], "max-redirs", None),
    (&["--connect-timeout"], "connect-timeout", None),
    (&["--max-time", "-m"], "max-time", None),
    (&["--retry"], "retry", None),
    (&["--retry-delay"], "retry-delay", None),
    (&["--retry-max-time"], "retry-max-time", None),
    (&["--cacert"], "cacert", None),
    (&["--cert", "-E"], "cert", None),
    (&["--key"], "key", None),
    (&["--tls-max"], "tls-max", None),
    (&["--tlsv1.2"], "tls-min", Some("1.2")),
    (&["--tlsv1.3"], "tls-min", Some("1.3")),
    (&["--ca-native"], "native-roots", Some("")),
    (&["--ipv4", "-4"], "ipv4", Some("")),
    (&["--ipv6", "-6"], "ipv6", Some("")),
    (&["--verbose", "-v"], "verbose", Some("")),
];

/// Our flag for `flag` of curl, if there is one.
pub(super) fn shared(flag: &str, value: String) -> Option<SharedFlag> {
    let (_, ours, fixed) = SHARED.iter().find(|(names, ..)| names.contains(&flag))?;
    let value = Some(fixed.map_or(value, str::to_owned)).filter(|_| *fixed != Some(""));
    Some(SharedFlag { written: flag.to_owned(), ours, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_with_a_value_are_known() {
        for flag in
            ["-H", "-X", "-U", "-y", "--max-redirs", "--proxy-user", "--url", "--abstract-unix-socket", "--write-out"]
        {
            assert!(takes_value(flag), "{flag}");
        }
        for flag in ["-k", "-s", "-", "-:", "--", "--http1.1", "--compressed", "--max", "--whatever"] {
            assert!(!takes_value(flag), "{flag}");
        }
    }
}
