
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'wscli' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'wscli'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'wscli' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Connect to a server: a prompt on a terminal, lines as messages in a pipe')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Reach a server and tell everything about the way there and what it supports')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Listen: an echo, a chat room, a ticker, a mock, a process for each client, and a page to try it from')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wscli;connect' {
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The Host header [default: host and port of the URL]')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'The Origin header, which browsers always send [default: none]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Ask for this subprotocol; repeatable, the favourite first [default: none]')
            [CompletionResult]::new('--subprotocol', '--subprotocol', [CompletionResultType]::ParameterName, 'Ask for this subprotocol; repeatable, the favourite first [default: none]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Basic credentials; without a password it is asked for')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Basic credentials; without a password it is asked for')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'A bearer token, or @FILE with one in it')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Send this cookie; repeatable')
            [CompletionResult]::new('--cookie', '--cookie', [CompletionResultType]::ParameterName, 'Send this cookie; repeatable')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'The User-Agent header [default: wscli/VERSION]')
            [CompletionResult]::new('--user-agent', '--user-agent', [CompletionResultType]::ParameterName, 'The User-Agent header [default: wscli/VERSION]')
            [CompletionResult]::new('--from-curl', '--from-curl', [CompletionResultType]::ParameterName, 'Connect as this curl command would: what a browser''s "Copy as cURL" gives')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'How much of a refusal''s body is shown: a size in bytes (K, M, G)')
            [CompletionResult]::new('--max-redirs', '--max-redirs', [CompletionResultType]::ParameterName, 'Redirects that are followed')
            [CompletionResult]::new('--resolve', '--resolve', [CompletionResultType]::ParameterName, 'Use this address for HOST and PORT instead of asking the resolver; repeatable')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect there instead of to the URL''s host and port')
            [CompletionResult]::new('--unix-socket', '--unix-socket', [CompletionResultType]::ParameterName, 'Connect to this Unix domain socket')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without a proxy, separated by commas; * is all [default: NO_PROXY]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Try again after failures that may pass (refused, timed out, 429, 502, 503, 504), so many times')
            [CompletionResult]::new('--retry-delay', '--retry-delay', [CompletionResultType]::ParameterName, 'Wait so long before each [default: 1s, doubled each time up to 1m, with jitter]')
            [CompletionResult]::new('--retry-max-time', '--retry-max-time', [CompletionResultType]::ParameterName, 'Begin no retry after so long; 0 is without limit [default: 0]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these certificates too (PEM)')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'A certificate to show when the server asks for one, with its chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The certificate''s private key (PEM); the passphrase of an encrypted one is asked for [default: in --cert''s file]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'The oldest version of TLS that is spoken')
            [CompletionResult]::new('--tls-max', '--tls-max', [CompletionResultType]::ParameterName, 'The newest version of TLS that is spoken')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'The name to ask for and to check the certificate against [default: the URL''s host]')
            [CompletionResult]::new('--alpn', '--alpn', [CompletionResultType]::ParameterName, 'Application protocols to offer, separated by commas; '''' is none')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline for resolving and connecting, again for the proxy, and again for the TLS handshake')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Send this as a message, before stdin; @FILE sends a file''s content; repeatable')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'Send this as a message, before stdin; @FILE sends a file''s content; repeatable')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'How stdin becomes messages: each line, each part up to a NUL, all of it, each read (binary), a line of hexadecimal or base64 (binary), an event a line (docs/events.md)')
            [CompletionResult]::new('--fragment-size', '--fragment-size', [CompletionResultType]::ParameterName, 'A message over this size is sent as fragments while it is read: a size in bytes (K, M) [default: 64KiB; at the prompt no limit]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Send at most so many messages a second: N or N/s [default: no limit]')
            [CompletionResult]::new('--delay', '--delay', [CompletionResultType]::ParameterName, 'Wait so long between messages [default: none]')
            [CompletionResult]::new('--no-compress-under', '--no-compress-under', [CompletionResultType]::ParameterName, 'Send messages under this size uncompressed: a size in bytes [default: 0]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'How messages are written: text (one a line; on a terminal made safe), raw (bytes only), null (a NUL behind each), hex or base64 (one a line), json (an event a line, docs/events.md), none')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file instead of stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file instead of stdout')
            [CompletionResult]::new('--timestamps', '--timestamps', [CompletionResultType]::ParameterName, 'Write the time before each message: RFC 3339 in UTC, or by a format of strftime in local time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours at the prompt: auto is unless NO_COLOR is set')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'End after so many messages have arrived; exit 1 when there are fewer')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'End after a message that matches; exit 1 when none does')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Expect a message that matches; repeatable, in this order; exit 1 when one is missing')
            [CompletionResult]::new('--reject', '--reject', [CompletionResultType]::ParameterName, 'End with 1 when a message matches; repeatable')
            [CompletionResult]::new('--linger', '--linger', [CompletionResultType]::ParameterName, 'How long the peer must be quiet after stdin''s end before the connection is closed [default: 1s]')
            [CompletionResult]::new('--close', '--close', [CompletionResultType]::ParameterName, 'Close with this status code and reason')
            [CompletionResult]::new('--ok-close', '--ok-close', [CompletionResultType]::ParameterName, 'Status codes of the peer''s that are no failure, besides 1000 and 1001: codes and ranges, such as 1005,4000-4099')
            [CompletionResult]::new('--reconnect', '--reconnect', [CompletionResultType]::ParameterName, 'Connect again when the connection is lost, so many times [default: without end]')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'End the whole run after so long; exit 1 when something was still expected; 0 is without limit [default: 0]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'End the whole run after so long; exit 1 when something was still expected; 0 is without limit [default: 0]')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none')
            [CompletionResult]::new('--compress-level', '--compress-level', [CompletionResultType]::ParameterName, '1 is the fastest, 9 the smallest')
            [CompletionResult]::new('--window-bits', '--window-bits', [CompletionResultType]::ParameterName, 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15')
            [CompletionResult]::new('--ping-interval', '--ping-interval', [CompletionResultType]::ParameterName, 'How often to send a Ping; 0 is never')
            [CompletionResult]::new('--ping-timeout', '--ping-timeout', [CompletionResultType]::ParameterName, 'How long to wait for the Pong before the connection is failed')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the opening handshake')
            [CompletionResult]::new('--close-timeout', '--close-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the closing handshake')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Show passwords, tokens and cookies in what -v tells')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Go on in spite of faults in the server''s 101')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Follow redirects; credentials don''t go to another origin')
            [CompletionResult]::new('--location', '--location', [CompletionResultType]::ParameterName, 'Follow redirects; credentials don''t go to another origin')
            [CompletionResult]::new('-4', '-4', [CompletionResultType]::ParameterName, 'Use IPv4 only [default: both, by RFC 8305]')
            [CompletionResult]::new('--ipv4', '--ipv4', [CompletionResultType]::ParameterName, 'Use IPv4 only [default: both, by RFC 8305]')
            [CompletionResult]::new('-6', '-6', [CompletionResultType]::ParameterName, 'Use IPv6 only')
            [CompletionResult]::new('--ipv6', '--ipv6', [CompletionResultType]::ParameterName, 'Use IPv6 only')
            [CompletionResult]::new('--native-roots', '--native-roots', [CompletionResultType]::ParameterName, 'Trust the system''s roots instead of Mozilla''s')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Trust any certificate')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Trust any certificate')
            [CompletionResult]::new('--echo', '--echo', [CompletionResultType]::ParameterName, 'Send back every message that arrives, instead of reading stdin')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Don''t read stdin: stay until the connection ends')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Don''t read stdin: stay until the connection ends')
            [CompletionResult]::new('--binary', '--binary', [CompletionResultType]::ParameterName, 'Send binary messages where the mode leaves it open')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Tell every Ping and Pong on stderr')
            [CompletionResult]::new('--show-pings', '--show-pings', [CompletionResultType]::ParameterName, 'Tell every Ping and Pong on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-1', '-1', [CompletionResultType]::ParameterName, 'End after one message: --count 1')
            [CompletionResult]::new('--no-close', '--no-close', [CompletionResultType]::ParameterName, 'Leave without the closing handshake')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Show every frame on stderr, one line each: > sent, < received')
            [CompletionResult]::new('--no-compress', '--no-compress', [CompletionResultType]::ParameterName, 'Neither offer nor accept permessage-deflate')
            [CompletionResult]::new('--no-context-takeover', '--no-context-takeover', [CompletionResultType]::ParameterName, 'Compress each message by itself, in both directions')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wscli;inspect' {
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The Host header [default: host and port of the URL]')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'The Origin header, which browsers always send [default: none]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Ask for this subprotocol; repeatable, the favourite first [default: none]')
            [CompletionResult]::new('--subprotocol', '--subprotocol', [CompletionResultType]::ParameterName, 'Ask for this subprotocol; repeatable, the favourite first [default: none]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Basic credentials; without a password it is asked for')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Basic credentials; without a password it is asked for')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'A bearer token, or @FILE with one in it')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Send this cookie; repeatable')
            [CompletionResult]::new('--cookie', '--cookie', [CompletionResultType]::ParameterName, 'Send this cookie; repeatable')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'The User-Agent header [default: wscli/VERSION]')
            [CompletionResult]::new('--user-agent', '--user-agent', [CompletionResultType]::ParameterName, 'The User-Agent header [default: wscli/VERSION]')
            [CompletionResult]::new('--from-curl', '--from-curl', [CompletionResultType]::ParameterName, 'Connect as this curl command would: what a browser''s "Copy as cURL" gives')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'How much of a refusal''s body is shown: a size in bytes (K, M, G)')
            [CompletionResult]::new('--max-redirs', '--max-redirs', [CompletionResultType]::ParameterName, 'Redirects that are followed')
            [CompletionResult]::new('--resolve', '--resolve', [CompletionResultType]::ParameterName, 'Use this address for HOST and PORT instead of asking the resolver; repeatable')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect there instead of to the URL''s host and port')
            [CompletionResult]::new('--unix-socket', '--unix-socket', [CompletionResultType]::ParameterName, 'Connect to this Unix domain socket')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without a proxy, separated by commas; * is all [default: NO_PROXY]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Try again after failures that may pass (refused, timed out, 429, 502, 503, 504), so many times')
            [CompletionResult]::new('--retry-delay', '--retry-delay', [CompletionResultType]::ParameterName, 'Wait so long before each [default: 1s, doubled each time up to 1m, with jitter]')
            [CompletionResult]::new('--retry-max-time', '--retry-max-time', [CompletionResultType]::ParameterName, 'Begin no retry after so long; 0 is without limit [default: 0]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these certificates too (PEM)')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'A certificate to show when the server asks for one, with its chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The certificate''s private key (PEM); the passphrase of an encrypted one is asked for [default: in --cert''s file]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'The oldest version of TLS that is spoken')
            [CompletionResult]::new('--tls-max', '--tls-max', [CompletionResultType]::ParameterName, 'The newest version of TLS that is spoken')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'The name to ask for and to check the certificate against [default: the URL''s host]')
            [CompletionResult]::new('--alpn', '--alpn', [CompletionResultType]::ParameterName, 'Application protocols to offer, separated by commas; '''' is none')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline for resolving and connecting, again for the proxy, and again for the TLS handshake')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none')
            [CompletionResult]::new('--compress-level', '--compress-level', [CompletionResultType]::ParameterName, '1 is the fastest, 9 the smallest')
            [CompletionResult]::new('--window-bits', '--window-bits', [CompletionResultType]::ParameterName, 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15')
            [CompletionResult]::new('--ping-interval', '--ping-interval', [CompletionResultType]::ParameterName, 'How often to send a Ping; 0 is never')
            [CompletionResult]::new('--ping-timeout', '--ping-timeout', [CompletionResultType]::ParameterName, 'How long to wait for the Pong before the connection is failed')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the opening handshake')
            [CompletionResult]::new('--close-timeout', '--close-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the closing handshake')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Show passwords, tokens and cookies in what -v tells')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Go on in spite of faults in the server''s 101')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Follow redirects; credentials don''t go to another origin')
            [CompletionResult]::new('--location', '--location', [CompletionResultType]::ParameterName, 'Follow redirects; credentials don''t go to another origin')
            [CompletionResult]::new('-4', '-4', [CompletionResultType]::ParameterName, 'Use IPv4 only [default: both, by RFC 8305]')
            [CompletionResult]::new('--ipv4', '--ipv4', [CompletionResultType]::ParameterName, 'Use IPv4 only [default: both, by RFC 8305]')
            [CompletionResult]::new('-6', '-6', [CompletionResultType]::ParameterName, 'Use IPv6 only')
            [CompletionResult]::new('--ipv6', '--ipv6', [CompletionResultType]::ParameterName, 'Use IPv6 only')
            [CompletionResult]::new('--native-roots', '--native-roots', [CompletionResultType]::ParameterName, 'Trust the system''s roots instead of Mozilla''s')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Trust any certificate')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Trust any certificate')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the report as JSON, one object, by the schema in docs/inspect.schema.json')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Show every frame on stderr, one line each: > sent, < received')
            [CompletionResult]::new('--no-compress', '--no-compress', [CompletionResultType]::ParameterName, 'Neither offer nor accept permessage-deflate')
            [CompletionResult]::new('--no-context-takeover', '--no-context-takeover', [CompletionResultType]::ParameterName, 'Compress each message by itself, in both directions')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wscli;serve' {
            [CompletionResult]::new('--unix', '--unix', [CompletionResultType]::ParameterName, 'Listen on a Unix socket too; it is removed at the end')
            [CompletionResult]::new('--port-file', '--port-file', [CompletionResultType]::ParameterName, 'Write the ports that are listened on to a file, one a line, once they are; it is removed at the end')
            [CompletionResult]::new('--push', '--push', [CompletionResultType]::ParameterName, 'Send the lines of a file to every client, from the first on; - sends stdin as it comes, the same to all')
            [CompletionResult]::new('--reply', '--reply', [CompletionResultType]::ParameterName, 'Answer by the rules in a file: --help has their grammar')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Run a shell command for each client: messages are lines of its stdin, lines of its stdout are messages')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Serve a path with a mode, such as /chat=broadcast, /feed=push:FILE or /run=exec:COMMAND; repeatable. Other paths get 404, but for / where a mode is given as a flag too')
            [CompletionResult]::new('--every', '--every', [CompletionResultType]::ParameterName, 'With --push: wait this long between lines; 0 doesn''t wait')
            [CompletionResult]::new('--max-outbox', '--max-outbox', [CompletionResultType]::ParameterName, 'How much may wait for a client that reads slowly, in --broadcast and --push: a size in bytes (K, M, G)')
            [CompletionResult]::new('--slow', '--slow', [CompletionResultType]::ParameterName, 'What happens to a client over --max-outbox')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write what happens to stdout, one JSON object a line; the log on stderr stays')
            [CompletionResult]::new('--static', '--static', [CompletionResultType]::ParameterName, 'Answer plain HTTP with the files of a folder; its index.html takes the place of the page at /')
            [CompletionResult]::new('--subprotocol', '--subprotocol', [CompletionResultType]::ParameterName, 'Speak a subprotocol; repeatable, and of several the client''s order decides')
            [CompletionResult]::new('--allow-origin', '--allow-origin', [CompletionResultType]::ParameterName, 'Let in browsers from this origin, such as https://example.com, null or *; repeatable. Without it every origin may, with a warning in the log')
            [CompletionResult]::new('--auth', '--auth', [CompletionResultType]::ParameterName, 'Ask for a user and a password (HTTP Basic)')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'Ask for a token (Authorization: Bearer)')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Add a header to every response; repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Add a header to every response; repeatable')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Over so many clients at the same time, the next gets 503')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Close a connection on which there was no message and no ping of the client''s for so long; 0 is never')
            [CompletionResult]::new('--tls-name', '--tls-name', [CompletionResultType]::ParameterName, 'Put another name or address into the self-signed certificate; repeatable')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Serve wss with this certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The certificate''s private key (PEM)')
            [CompletionResult]::new('--client-ca', '--client-ca', [CompletionResultType]::ParameterName, 'Demand client certificates issued by these (PEM); then there is no ws on the port')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none')
            [CompletionResult]::new('--compress-level', '--compress-level', [CompletionResultType]::ParameterName, '1 is the fastest, 9 the smallest')
            [CompletionResult]::new('--window-bits', '--window-bits', [CompletionResultType]::ParameterName, 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15')
            [CompletionResult]::new('--ping-interval', '--ping-interval', [CompletionResultType]::ParameterName, 'How often to send a Ping; 0 is never')
            [CompletionResult]::new('--ping-timeout', '--ping-timeout', [CompletionResultType]::ParameterName, 'How long to wait for the Pong before the connection is failed')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the opening handshake')
            [CompletionResult]::new('--close-timeout', '--close-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the closing handshake')
            [CompletionResult]::new('--echo', '--echo', [CompletionResultType]::ParameterName, 'Send every message back to its sender (the default)')
            [CompletionResult]::new('--broadcast', '--broadcast', [CompletionResultType]::ParameterName, 'Send every message to every other client')
            [CompletionResult]::new('--sink', '--sink', [CompletionResultType]::ParameterName, 'Read, and say nothing')
            [CompletionResult]::new('--prompt', '--prompt', [CompletionResultType]::ParameterName, 'See every client''s messages, and answer one or all of them with lines of stdin; /help tells the commands')
            [CompletionResult]::new('--include-sender', '--include-sender', [CompletionResultType]::ParameterName, 'With --broadcast: send messages to their sender too')
            [CompletionResult]::new('--loop', '--loop', [CompletionResultType]::ParameterName, 'With --push FILE: begin again after the last line, instead of closing with 1000')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show the heads of requests and responses')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show the heads of requests and responses')
            [CompletionResult]::new('--require-subprotocol', '--require-subprotocol', [CompletionResultType]::ParameterName, 'Refuse clients that speak none of the subprotocols')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Serve wss, with a self-signed certificate for localhost made at the start; ws is still served on the same port')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Show every frame on stderr, one line each: > sent, < received')
            [CompletionResult]::new('--no-compress', '--no-compress', [CompletionResultType]::ParameterName, 'Neither offer nor accept permessage-deflate')
            [CompletionResult]::new('--no-context-takeover', '--no-context-takeover', [CompletionResultType]::ParameterName, 'Compress each message by itself, in both directions')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wscli;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wscli;help' {
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Connect to a server: a prompt on a terminal, lines as messages in a pipe')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Reach a server and tell everything about the way there and what it supports')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Listen: an echo, a chat room, a ticker, a mock, a process for each client, and a page to try it from')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wscli;help;connect' {
            break
        }
        'wscli;help;inspect' {
            break
        }
        'wscli;help;serve' {
            break
        }
        'wscli;help;completions' {
            break
        }
        'wscli;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
