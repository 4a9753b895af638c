
use builtin;
use str;

set edit:completion:arg-completer[wscli] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'wscli'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'wscli'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand connect 'Connect to a server: a prompt on a terminal, lines as messages in a pipe'
            cand inspect 'Reach a server and tell everything about the way there and what it supports'
            cand serve 'Listen, and echo every message to its sender'
            cand completions 'Print the completions for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'wscli;connect'= {
            cand -H 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours'
            cand --header 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours'
            cand --host 'The Host header [default: host and port of the URL]'
            cand --origin 'The Origin header, which browsers always send [default: none]'
            cand -s 'Ask for this subprotocol; repeatable, the favourite first [default: none]'
            cand --subprotocol 'Ask for this subprotocol; repeatable, the favourite first [default: none]'
            cand -u 'Basic credentials; without a password it is asked for'
            cand --user 'Basic credentials; without a password it is asked for'
            cand --bearer 'A bearer token, or @FILE with one in it'
            cand -b 'Send this cookie; repeatable'
            cand --cookie 'Send this cookie; repeatable'
            cand -A 'The User-Agent header [default: wscli/VERSION]'
            cand --user-agent 'The User-Agent header [default: wscli/VERSION]'
            cand --from-curl 'Connect as this curl command would: what a browser''s "Copy as cURL" gives'
            cand --max-body 'How much of a refusal''s body is shown: a size in bytes (K, M, G)'
            cand --max-redirs 'Redirects that are followed'
            cand --resolve 'Use this address for HOST and PORT instead of asking the resolver; repeatable'
            cand --connect-to 'Connect there instead of to the URL''s host and port'
            cand --unix-socket 'Connect to this Unix domain socket'
            cand -x 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]'
            cand --proxy 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]'
            cand --noproxy 'Hosts that are reached without a proxy, separated by commas; * is all [default: NO_PROXY]'
            cand --retry 'Try again after failures that may pass (refused, timed out, 429, 502, 503, 504), so many times'
            cand --retry-delay 'Wait so long before each [default: 1s, doubled each time up to 1m, with jitter]'
            cand --retry-max-time 'Begin no retry after so long [default: no limit]'
            cand --cacert 'Trust these certificates too (PEM)'
            cand --cert 'A certificate to show when the server asks for one, with its chain (PEM)'
            cand --key 'The certificate''s private key (PEM); the passphrase of an encrypted one is asked for [default: in --cert''s file]'
            cand --tls-min 'The oldest version of TLS that is spoken'
            cand --tls-max 'The newest version of TLS that is spoken'
            cand --sni 'The name to ask for and to check the certificate against [default: the URL''s host]'
            cand --alpn 'Application protocols to offer, separated by commas; '''' is none'
            cand --connect-timeout 'Deadline for resolving and connecting, again for the proxy, and again for the TLS handshake'
            cand --linger 'How long the peer must be quiet after stdin''s end before the connection is closed'
            cand --max-message-size 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none'
            cand --compress-level '1 is the fastest, 9 the smallest'
            cand --window-bits 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15'
            cand --ping-interval 'How often to send a Ping; 0 is never'
            cand --ping-timeout 'How long to wait for the Pong before the connection is failed'
            cand --handshake-timeout 'Deadline for the peer''s side of the opening handshake'
            cand --close-timeout 'Deadline for the peer''s side of the closing handshake'
            cand -v 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL''s query is not'
            cand --verbose 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL''s query is not'
            cand --show-secrets 'Show passwords, tokens and cookies in what -v tells'
            cand --no-check 'Go on in spite of faults in the server''s 101'
            cand -L 'Follow redirects; credentials don''t go to another origin'
            cand --location 'Follow redirects; credentials don''t go to another origin'
            cand -4 'Use IPv4 only [default: both, by RFC 8305]'
            cand --ipv4 'Use IPv4 only [default: both, by RFC 8305]'
            cand -6 'Use IPv6 only'
            cand --ipv6 'Use IPv6 only'
            cand --native-roots 'Trust the system''s roots instead of Mozilla''s'
            cand -k 'Trust any certificate'
            cand --insecure 'Trust any certificate'
            cand --echo 'Send back every message that arrives, instead of reading stdin'
            cand --frames 'Show every frame on stderr, one line each: > sent, < received'
            cand --no-compress 'Neither offer nor accept permessage-deflate'
            cand --no-context-takeover 'Compress each message by itself, in both directions'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'wscli;inspect'= {
            cand -H 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours'
            cand --header 'Send this header: ''Name: value'', ''Name;'' to send it empty, ''Name:'' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours'
            cand --host 'The Host header [default: host and port of the URL]'
            cand --origin 'The Origin header, which browsers always send [default: none]'
            cand -s 'Ask for this subprotocol; repeatable, the favourite first [default: none]'
            cand --subprotocol 'Ask for this subprotocol; repeatable, the favourite first [default: none]'
            cand -u 'Basic credentials; without a password it is asked for'
            cand --user 'Basic credentials; without a password it is asked for'
            cand --bearer 'A bearer token, or @FILE with one in it'
            cand -b 'Send this cookie; repeatable'
            cand --cookie 'Send this cookie; repeatable'
            cand -A 'The User-Agent header [default: wscli/VERSION]'
            cand --user-agent 'The User-Agent header [default: wscli/VERSION]'
            cand --from-curl 'Connect as this curl command would: what a browser''s "Copy as cURL" gives'
            cand --max-body 'How much of a refusal''s body is shown: a size in bytes (K, M, G)'
            cand --max-redirs 'Redirects that are followed'
            cand --resolve 'Use this address for HOST and PORT instead of asking the resolver; repeatable'
            cand --connect-to 'Connect there instead of to the URL''s host and port'
            cand --unix-socket 'Connect to this Unix domain socket'
            cand -x 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]'
            cand --proxy 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; '''' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]'
            cand --noproxy 'Hosts that are reached without a proxy, separated by commas; * is all [default: NO_PROXY]'
            cand --retry 'Try again after failures that may pass (refused, timed out, 429, 502, 503, 504), so many times'
            cand --retry-delay 'Wait so long before each [default: 1s, doubled each time up to 1m, with jitter]'
            cand --retry-max-time 'Begin no retry after so long [default: no limit]'
            cand --cacert 'Trust these certificates too (PEM)'
            cand --cert 'A certificate to show when the server asks for one, with its chain (PEM)'
            cand --key 'The certificate''s private key (PEM); the passphrase of an encrypted one is asked for [default: in --cert''s file]'
            cand --tls-min 'The oldest version of TLS that is spoken'
            cand --tls-max 'The newest version of TLS that is spoken'
            cand --sni 'The name to ask for and to check the certificate against [default: the URL''s host]'
            cand --alpn 'Application protocols to offer, separated by commas; '''' is none'
            cand --connect-timeout 'Deadline for resolving and connecting, again for the proxy, and again for the TLS handshake'
            cand --max-message-size 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none'
            cand --compress-level '1 is the fastest, 9 the smallest'
            cand --window-bits 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15'
            cand --ping-interval 'How often to send a Ping; 0 is never'
            cand --ping-timeout 'How long to wait for the Pong before the connection is failed'
            cand --handshake-timeout 'Deadline for the peer''s side of the opening handshake'
            cand --close-timeout 'Deadline for the peer''s side of the closing handshake'
            cand -v 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL''s query is not'
            cand --verbose 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL''s query is not'
            cand --show-secrets 'Show passwords, tokens and cookies in what -v tells'
            cand --no-check 'Go on in spite of faults in the server''s 101'
            cand -L 'Follow redirects; credentials don''t go to another origin'
            cand --location 'Follow redirects; credentials don''t go to another origin'
            cand -4 'Use IPv4 only [default: both, by RFC 8305]'
            cand --ipv4 'Use IPv4 only [default: both, by RFC 8305]'
            cand -6 'Use IPv6 only'
            cand --ipv6 'Use IPv6 only'
            cand --native-roots 'Trust the system''s roots instead of Mozilla''s'
            cand -k 'Trust any certificate'
            cand --insecure 'Trust any certificate'
            cand --json 'Print the report as JSON, one object, by the schema in docs/inspect.schema.json'
            cand --frames 'Show every frame on stderr, one line each: > sent, < received'
            cand --no-compress 'Neither offer nor accept permessage-deflate'
            cand --no-context-takeover 'Compress each message by itself, in both directions'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'wscli;serve'= {
            cand --cert 'Serve wss with this certificate chain (PEM)'
            cand --key 'The certificate''s private key (PEM)'
            cand --max-message-size 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none'
            cand --compress-level '1 is the fastest, 9 the smallest'
            cand --window-bits 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15'
            cand --ping-interval 'How often to send a Ping; 0 is never'
            cand --ping-timeout 'How long to wait for the Pong before the connection is failed'
            cand --handshake-timeout 'Deadline for the peer''s side of the opening handshake'
            cand --close-timeout 'Deadline for the peer''s side of the closing handshake'
            cand --echo 'Send every message back to its sender (the default)'
            cand --tls 'Serve wss with a self-signed certificate for localhost, made at the start'
            cand --frames 'Show every frame on stderr, one line each: > sent, < received'
            cand --no-compress 'Neither offer nor accept permessage-deflate'
            cand --no-context-takeover 'Compress each message by itself, in both directions'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'wscli;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'wscli;help'= {
            cand connect 'Connect to a server: a prompt on a terminal, lines as messages in a pipe'
            cand inspect 'Reach a server and tell everything about the way there and what it supports'
            cand serve 'Listen, and echo every message to its sender'
            cand completions 'Print the completions for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'wscli;help;connect'= {
        }
        &'wscli;help;inspect'= {
        }
        &'wscli;help;serve'= {
        }
        &'wscli;help;completions'= {
        }
        &'wscli;help;help'= {
        }
    ]
    $completions[$command]
}
