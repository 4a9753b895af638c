
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
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Connect to a server: a prompt on a terminal, one message per line in a pipe')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Connect and report on network, TLS, handshake, features')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run a test server: echo, chat room, feed, mock, a process per client, and a page to try it from')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wscli;connect' {
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Host header [default: host and port of the URL]')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'Origin header, which browsers always send [default: none]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Request this subprotocol; repeatable, most preferred first [default: none]')
            [CompletionResult]::new('--subprotocol', '--subprotocol', [CompletionResultType]::ParameterName, 'Request this subprotocol; repeatable, most preferred first [default: none]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'Bearer token, or @FILE to read it from its first line')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Send this cookie; repeatable')
            [CompletionResult]::new('--cookie', '--cookie', [CompletionResultType]::ParameterName, 'Send this cookie; repeatable')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'User-Agent header [default: wscli/VERSION]')
            [CompletionResult]::new('--user-agent', '--user-agent', [CompletionResultType]::ParameterName, 'User-Agent header [default: wscli/VERSION]')
            [CompletionResult]::new('--from-curl', '--from-curl', [CompletionResultType]::ParameterName, 'Connect as this curl command would: paste a browser''s "Copy as cURL"')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Show at most this much of the body of a refusal: bytes (K, M, G), or none for up to 64MiB')
            [CompletionResult]::new('--max-redirs', '--max-redirs', [CompletionResultType]::ParameterName, 'Maximum number of redirects to follow')
            [CompletionResult]::new('--resolve', '--resolve', [CompletionResultType]::ParameterName, 'Use this address for HOST and PORT instead of asking the resolver; repeatable')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to this host and port instead of the URL''s')
            [CompletionResult]::new('--unix-socket', '--unix-socket', [CompletionResultType]::ParameterName, 'Connect to this Unix domain socket')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Retry transient failures (refused, timed out, 429, 502, 503, 504) at most N times')
            [CompletionResult]::new('--retry-delay', '--retry-delay', [CompletionResultType]::ParameterName, 'Delay before each retry [default: 1s, doubling up to 1m, with jitter]')
            [CompletionResult]::new('--retry-max-time', '--retry-max-time', [CompletionResultType]::ParameterName, 'Stop retrying after this long; 0 for no limit [default: 0]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Also trust these certificates (PEM)')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Client certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Minimum TLS version')
            [CompletionResult]::new('--tls-max', '--tls-max', [CompletionResultType]::ParameterName, 'Maximum TLS version')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'Server name to send and to verify the certificate against [default: the URL''s host]')
            [CompletionResult]::new('--alpn', '--alpn', [CompletionResultType]::ParameterName, 'Comma-separated application protocols to offer; '''' for none')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Send this message before stdin; @FILE sends the contents of a file; repeatable')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'Send this message before stdin; @FILE sends the contents of a file; repeatable')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'How stdin is split into messages: lines, null (NUL-terminated), whole (all of stdin), chunks (one per read, binary), hex (one per line, binary), base64 (one per line, binary), json (one event per line, docs/events.md)')
            [CompletionResult]::new('--fragment-size', '--fragment-size', [CompletionResultType]::ParameterName, 'Send larger messages in fragments of this size, as they are read: bytes (K, M) [default: 64KiB; no limit at the prompt]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Send at most this many messages per second: N or N/s [default: no limit]')
            [CompletionResult]::new('--delay', '--delay', [CompletionResultType]::ParameterName, 'Delay between messages [default: none]')
            [CompletionResult]::new('--no-compress-under', '--no-compress-under', [CompletionResultType]::ParameterName, 'Don''t compress messages smaller than this: bytes (K, M, G) [default: 0]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'How messages are written: text (one per line; escaped on a terminal), raw (bytes only), null (NUL-terminated; as text on a terminal), hex (one per line), base64 (one per line), json (one event per line, docs/events.md), none')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file instead of stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file instead of stdout')
            [CompletionResult]::new('--timestamps', '--timestamps', [CompletionResultType]::ParameterName, 'Prefix each message with the time: RFC 3339 in UTC, or a strftime format in local time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour at the prompt; auto: colour unless NO_COLOR is set')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Stop after receiving N messages; exit 1 if there are fewer')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Stop after a message that matches; exit 1 if none does')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Expect a message that matches; repeatable, in this order; exit 1 if one is missing')
            [CompletionResult]::new('--reject', '--reject', [CompletionResultType]::ParameterName, 'Stop with exit code 1 if a message matches; repeatable')
            [CompletionResult]::new('--linger', '--linger', [CompletionResultType]::ParameterName, 'After the end of stdin, close once the peer has been quiet for this long [default: 1s; no limit with --count, --until or --expect]')
            [CompletionResult]::new('--close', '--close', [CompletionResultType]::ParameterName, 'Close with this status code and reason')
            [CompletionResult]::new('--ok-close', '--ok-close', [CompletionResultType]::ParameterName, 'Peer close codes to treat as success besides 1000 and 1001: codes and ranges, such as 1005,4000-4099')
            [CompletionResult]::new('--reconnect', '--reconnect', [CompletionResultType]::ParameterName, 'Reconnect after a lost connection, at most N times [default: unlimited]')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Stop after this long, with 100 ms more for the peer to answer our Close; exit 1 if something was still expected; 0 for no limit [default: 0]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Stop after this long, with 100 ms more for the peer to answer our Close; exit 1 if something was still expected; 0 for no limit [default: 0]')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends its whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer')
            [CompletionResult]::new('--compress-level', '--compress-level', [CompletionResultType]::ParameterName, 'Compression level: 1 (fastest) to 9 (smallest)')
            [CompletionResult]::new('--window-bits', '--window-bits', [CompletionResultType]::ParameterName, 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15')
            [CompletionResult]::new('--ping-interval', '--ping-interval', [CompletionResultType]::ParameterName, 'Interval between automatic pings; 0 for none')
            [CompletionResult]::new('--ping-timeout', '--ping-timeout', [CompletionResultType]::ParameterName, 'Fail the connection if no pong arrives within this time')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'Timeout for the peer''s part of the opening handshake')
            [CompletionResult]::new('--close-timeout', '--close-timeout', [CompletionResultType]::ParameterName, 'Timeout for the peer''s part of the closing handshake')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Show passwords, tokens and cookies in the output of -v')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Accept an invalid handshake response (101)')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (all that -v masks) are not sent to another scheme, host or port')
            [CompletionResult]::new('--location', '--location', [CompletionResultType]::ParameterName, 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (all that -v masks) are not sent to another scheme, host or port')
            [CompletionResult]::new('--location-trusted', '--location-trusted', [CompletionResultType]::ParameterName, 'Like --location, and send credentials, cookies and tokens wherever the redirects lead')
            [CompletionResult]::new('--location-downgrade', '--location-downgrade', [CompletionResultType]::ParameterName, 'Like --location, and also follow redirects from wss to ws')
            [CompletionResult]::new('-4', '-4', [CompletionResultType]::ParameterName, 'Use IPv4 only [default: both, as in RFC 8305]')
            [CompletionResult]::new('--ipv4', '--ipv4', [CompletionResultType]::ParameterName, 'Use IPv4 only [default: both, as in RFC 8305]')
            [CompletionResult]::new('-6', '-6', [CompletionResultType]::ParameterName, 'Use IPv6 only')
            [CompletionResult]::new('--ipv6', '--ipv6', [CompletionResultType]::ParameterName, 'Use IPv6 only')
            [CompletionResult]::new('--native-roots', '--native-roots', [CompletionResultType]::ParameterName, 'Trust the system''s root certificates instead of Mozilla''s')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Accept any certificate')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate')
            [CompletionResult]::new('--echo', '--echo', [CompletionResultType]::ParameterName, 'Echo every received message instead of reading stdin')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Don''t read stdin; stay until the connection ends')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Don''t read stdin; stay until the connection ends')
            [CompletionResult]::new('--binary', '--binary', [CompletionResultType]::ParameterName, 'Send binary messages where --in allows either')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Print received pings and pongs on stderr')
            [CompletionResult]::new('--show-pings', '--show-pings', [CompletionResultType]::ParameterName, 'Print received pings and pongs on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only errors on stderr')
            [CompletionResult]::new('-1', '-1', [CompletionResultType]::ParameterName, 'Stop after one message: --count 1')
            [CompletionResult]::new('--no-close', '--no-close', [CompletionResultType]::ParameterName, 'Disconnect without the closing handshake')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Log every frame to stderr, one per line: > sent, < received')
            [CompletionResult]::new('--no-compress', '--no-compress', [CompletionResultType]::ParameterName, 'Disable permessage-deflate')
            [CompletionResult]::new('--no-context-takeover', '--no-context-takeover', [CompletionResultType]::ParameterName, 'Compress each message independently, in both directions')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wscli;inspect' {
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Host header [default: host and port of the URL]')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'Origin header, which browsers always send [default: none]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Request this subprotocol; repeatable, most preferred first [default: none]')
            [CompletionResult]::new('--subprotocol', '--subprotocol', [CompletionResultType]::ParameterName, 'Request this subprotocol; repeatable, most preferred first [default: none]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'Bearer token, or @FILE to read it from its first line')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Send this cookie; repeatable')
            [CompletionResult]::new('--cookie', '--cookie', [CompletionResultType]::ParameterName, 'Send this cookie; repeatable')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'User-Agent header [default: wscli/VERSION]')
            [CompletionResult]::new('--user-agent', '--user-agent', [CompletionResultType]::ParameterName, 'User-Agent header [default: wscli/VERSION]')
            [CompletionResult]::new('--from-curl', '--from-curl', [CompletionResultType]::ParameterName, 'Connect as this curl command would: paste a browser''s "Copy as cURL"')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Show at most this much of the body of a refusal: bytes (K, M, G), or none for up to 64MiB')
            [CompletionResult]::new('--max-redirs', '--max-redirs', [CompletionResultType]::ParameterName, 'Maximum number of redirects to follow')
            [CompletionResult]::new('--resolve', '--resolve', [CompletionResultType]::ParameterName, 'Use this address for HOST and PORT instead of asking the resolver; repeatable')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to this host and port instead of the URL''s')
            [CompletionResult]::new('--unix-socket', '--unix-socket', [CompletionResultType]::ParameterName, 'Connect to this Unix domain socket')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Retry transient failures (refused, timed out, 429, 502, 503, 504) at most N times')
            [CompletionResult]::new('--retry-delay', '--retry-delay', [CompletionResultType]::ParameterName, 'Delay before each retry [default: 1s, doubling up to 1m, with jitter]')
            [CompletionResult]::new('--retry-max-time', '--retry-max-time', [CompletionResultType]::ParameterName, 'Stop retrying after this long; 0 for no limit [default: 0]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Also trust these certificates (PEM)')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Client certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Minimum TLS version')
            [CompletionResult]::new('--tls-max', '--tls-max', [CompletionResultType]::ParameterName, 'Maximum TLS version')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'Server name to send and to verify the certificate against [default: the URL''s host]')
            [CompletionResult]::new('--alpn', '--alpn', [CompletionResultType]::ParameterName, 'Comma-separated application protocols to offer; '''' for none')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends its whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer')
            [CompletionResult]::new('--compress-level', '--compress-level', [CompletionResultType]::ParameterName, 'Compression level: 1 (fastest) to 9 (smallest)')
            [CompletionResult]::new('--window-bits', '--window-bits', [CompletionResultType]::ParameterName, 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15')
            [CompletionResult]::new('--ping-interval', '--ping-interval', [CompletionResultType]::ParameterName, 'Interval between automatic pings; 0 for none')
            [CompletionResult]::new('--ping-timeout', '--ping-timeout', [CompletionResultType]::ParameterName, 'Fail the connection if no pong arrives within this time')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'Timeout for the peer''s part of the opening handshake')
            [CompletionResult]::new('--close-timeout', '--close-timeout', [CompletionResultType]::ParameterName, 'Timeout for the peer''s part of the closing handshake')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Show passwords, tokens and cookies in the output of -v')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Accept an invalid handshake response (101)')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (all that -v masks) are not sent to another scheme, host or port')
            [CompletionResult]::new('--location', '--location', [CompletionResultType]::ParameterName, 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (all that -v masks) are not sent to another scheme, host or port')
            [CompletionResult]::new('--location-trusted', '--location-trusted', [CompletionResultType]::ParameterName, 'Like --location, and send credentials, cookies and tokens wherever the redirects lead')
            [CompletionResult]::new('--location-downgrade', '--location-downgrade', [CompletionResultType]::ParameterName, 'Like --location, and also follow redirects from wss to ws')
            [CompletionResult]::new('-4', '-4', [CompletionResultType]::ParameterName, 'Use IPv4 only [default: both, as in RFC 8305]')
            [CompletionResult]::new('--ipv4', '--ipv4', [CompletionResultType]::ParameterName, 'Use IPv4 only [default: both, as in RFC 8305]')
            [CompletionResult]::new('-6', '-6', [CompletionResultType]::ParameterName, 'Use IPv6 only')
            [CompletionResult]::new('--ipv6', '--ipv6', [CompletionResultType]::ParameterName, 'Use IPv6 only')
            [CompletionResult]::new('--native-roots', '--native-roots', [CompletionResultType]::ParameterName, 'Trust the system''s root certificates instead of Mozilla''s')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Accept any certificate')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the report as one JSON object (schema: docs/inspect.schema.json)')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Log every frame to stderr, one per line: > sent, < received')
            [CompletionResult]::new('--no-compress', '--no-compress', [CompletionResultType]::ParameterName, 'Disable permessage-deflate')
            [CompletionResult]::new('--no-context-takeover', '--no-context-takeover', [CompletionResultType]::ParameterName, 'Compress each message independently, in both directions')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wscli;serve' {
            [CompletionResult]::new('--unix', '--unix', [CompletionResultType]::ParameterName, 'Also listen on a Unix socket; removed on exit')
            [CompletionResult]::new('--port-file', '--port-file', [CompletionResultType]::ParameterName, 'Once listening, write the ports to a file, one per line; removed on exit')
            [CompletionResult]::new('--push', '--push', [CompletionResultType]::ParameterName, 'Send each client the lines of a file from the start; - broadcasts stdin as it arrives')
            [CompletionResult]::new('--reply', '--reply', [CompletionResultType]::ParameterName, 'Answer by the rules in a file; --help describes the grammar')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Run a shell command per client: received messages become lines of its stdin, lines of its stdout become messages')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Serve a path in a mode, such as /chat=broadcast, /feed=push:FILE or /run=exec:COMMAND; repeatable. Other paths get 404, except / if a mode is also given as a flag')
            [CompletionResult]::new('--every', '--every', [CompletionResultType]::ParameterName, 'With --push: delay between lines; 0 for none')
            [CompletionResult]::new('--max-outbox', '--max-outbox', [CompletionResultType]::ParameterName, 'Most data queued for a slow client in --broadcast, --push and --prompt: bytes (K, M, G), or none. One larger message may be queued if nothing else is; such messages take 128 MiB in all')
            [CompletionResult]::new('--slow', '--slow', [CompletionResultType]::ParameterName, 'What to do with a client over --max-outbox')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Also write events to stdout, one JSON object per line; the log stays on stderr')
            [CompletionResult]::new('--static', '--static', [CompletionResultType]::ParameterName, 'Serve the files of a directory over HTTP; its index.html replaces the built-in page at /')
            [CompletionResult]::new('--subprotocol', '--subprotocol', [CompletionResultType]::ParameterName, 'Support a subprotocol; repeatable, the client''s order of preference decides')
            [CompletionResult]::new('--allow-origin', '--allow-origin', [CompletionResultType]::ParameterName, 'Allow web pages of this origin, such as https://example.com, null, or * for all; repeatable [default: pages on loopback; for --echo, --sink, --push FILE and --reply all]. The server''s own pages are always allowed')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Answer to this name in Host, .example.com for it and its subdomains, or * for all; repeatable [default: loopback names, the addresses and names listened on, .test, .internal, --tls-name]. --echo, --sink, --push FILE and --reply answer to all')
            [CompletionResult]::new('--auth', '--auth', [CompletionResultType]::ParameterName, 'Require a user and password (HTTP Basic); @FILE reads them from its first line')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'Require a token (Authorization: Bearer); @FILE reads it from its first line')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Add a header to every response; repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Add a header to every response; repeatable')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Maximum concurrent clients; further ones get 503')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Close a connection after this long without a message or a ping from the client; 0 for never')
            [CompletionResult]::new('--tls-name', '--tls-name', [CompletionResultType]::ParameterName, 'Add a name or address to the self-signed certificate; repeatable')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Serve wss with this certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --cert (PEM)')
            [CompletionResult]::new('--client-ca', '--client-ca', [CompletionResultType]::ParameterName, 'Require client certificates issued by these (PEM); disables ws on the port')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends its whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer')
            [CompletionResult]::new('--compress-level', '--compress-level', [CompletionResultType]::ParameterName, 'Compression level: 1 (fastest) to 9 (smallest)')
            [CompletionResult]::new('--window-bits', '--window-bits', [CompletionResultType]::ParameterName, 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15')
            [CompletionResult]::new('--ping-interval', '--ping-interval', [CompletionResultType]::ParameterName, 'Interval between automatic pings; 0 for none')
            [CompletionResult]::new('--ping-timeout', '--ping-timeout', [CompletionResultType]::ParameterName, 'Fail the connection if no pong arrives within this time')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'Timeout for the peer''s part of the opening handshake')
            [CompletionResult]::new('--close-timeout', '--close-timeout', [CompletionResultType]::ParameterName, 'Timeout for the peer''s part of the closing handshake')
            [CompletionResult]::new('--echo', '--echo', [CompletionResultType]::ParameterName, 'Send every message back to its sender (the default)')
            [CompletionResult]::new('--broadcast', '--broadcast', [CompletionResultType]::ParameterName, 'Send every message to every other client')
            [CompletionResult]::new('--sink', '--sink', [CompletionResultType]::ParameterName, 'Read messages and send nothing')
            [CompletionResult]::new('--prompt', '--prompt', [CompletionResultType]::ParameterName, 'Show every client''s messages and answer one or all with lines of stdin; /help lists the commands')
            [CompletionResult]::new('--include-sender', '--include-sender', [CompletionResultType]::ParameterName, 'With --broadcast: also send messages back to their sender')
            [CompletionResult]::new('--loop', '--loop', [CompletionResultType]::ParameterName, 'With --push FILE: start over after the last line instead of closing with 1000')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log the heads of requests and responses. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log the heads of requests and responses. Headers that hold secrets are masked; a token in the URL''s query is not')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Show passwords, tokens and cookies in the output of -v')
            [CompletionResult]::new('--require-subprotocol', '--require-subprotocol', [CompletionResultType]::ParameterName, 'Refuse clients that request none of the subprotocols')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Serve wss with a self-signed certificate for localhost, generated at startup; ws stays available on the same port')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Log every frame to stderr, one per line: > sent, < received')
            [CompletionResult]::new('--no-compress', '--no-compress', [CompletionResultType]::ParameterName, 'Disable permessage-deflate')
            [CompletionResult]::new('--no-context-takeover', '--no-context-takeover', [CompletionResultType]::ParameterName, 'Compress each message independently, in both directions')
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
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Connect to a server: a prompt on a terminal, one message per line in a pipe')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Connect and report on network, TLS, handshake, features')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run a test server: echo, chat room, feed, mock, a process per client, and a page to try it from')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
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
