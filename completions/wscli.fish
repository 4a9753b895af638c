# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_wscli_global_optspecs
    string join \n h/help V/version
end

function __fish_wscli_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_wscli_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_wscli_using_subcommand
    set -l cmd (__fish_wscli_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c wscli -n "__fish_wscli_needs_command" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_needs_command" -s V -l version -d 'Print version'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "connect" -d 'Connect to a server: a prompt on a terminal, lines as messages in a pipe'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "inspect" -d 'Reach a server and tell everything about the way there and what it supports'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "serve" -d 'Listen: an echo, a chat room, a ticker, a mock, a process for each client, and a page to try it from'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s H -l header -d 'Send this header: \'Name: value\', \'Name;\' to send it empty, \'Name:\' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l host -d 'The Host header [default: host and port of the URL]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l origin -d 'The Origin header, which browsers always send [default: none]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s s -l subprotocol -d 'Ask for this subprotocol; repeatable, the favourite first [default: none]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s u -l user -d 'Basic credentials; without a password it is asked for' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l bearer -d 'A bearer token, or @FILE with one in it' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s b -l cookie -d 'Send this cookie; repeatable' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s A -l user-agent -d 'The User-Agent header [default: wscli/VERSION]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l from-curl -d 'Connect as this curl command would: what a browser\'s "Copy as cURL" gives' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l max-body -d 'How much of a refusal\'s body is shown: a size in bytes (K, M, G)' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l max-redirs -d 'Redirects that are followed' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; repeatable' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l connect-to -d 'Connect there instead of to the URL\'s host and port' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s x -l proxy -d 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l noproxy -d 'Hosts that are reached without a proxy, separated by commas; * is all [default: NO_PROXY]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l retry -d 'Try again after failures that may pass (refused, timed out, 429, 502, 503, 504), so many times' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l retry-delay -d 'Wait so long before each [default: 1s, doubled each time up to 1m, with jitter]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l retry-max-time -d 'Begin no retry after so long; 0 is without limit [default: 0]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l cacert -d 'Trust these certificates too (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l cert -d 'A certificate to show when the server asks for one, with its chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l key -d 'The certificate\'s private key (PEM); the passphrase of an encrypted one is asked for [default: in --cert\'s file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l tls-min -d 'The oldest version of TLS that is spoken' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l tls-max -d 'The newest version of TLS that is spoken' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l sni -d 'The name to ask for and to check the certificate against [default: the URL\'s host]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l alpn -d 'Application protocols to offer, separated by commas; \'\' is none' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l connect-timeout -d 'Deadline for resolving and connecting, again for the proxy, and again for the TLS handshake' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s d -l data -d 'Send this as a message, before stdin; @FILE sends a file\'s content; repeatable' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l in -d 'How stdin becomes messages: each line, each part up to a NUL, all of it, each read (binary), a line of hexadecimal or base64 (binary), an event a line (docs/events.md)' -r -f -a "lines\t''
null\t''
whole\t''
chunks\t''
hex\t''
base64\t''
json\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l fragment-size -d 'A message over this size is sent as fragments while it is read: a size in bytes (K, M) [default: 64KiB; at the prompt no limit]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l rate -d 'Send at most so many messages a second: N or N/s [default: no limit]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l delay -d 'Wait so long between messages [default: none]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-compress-under -d 'Send messages under this size uncompressed: a size in bytes [default: 0]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l out -d 'How messages are written: text (one a line; on a terminal made safe), raw (bytes only), null (a NUL behind each), hex or base64 (one a line), json (an event a line, docs/events.md), none' -r -f -a "text\t''
raw\t''
null\t''
hex\t''
base64\t''
json\t''
none\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s o -l output -d 'Write to this file instead of stdout' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l timestamps -d 'Write the time before each message: RFC 3339 in UTC, or by a format of strftime in local time' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l color -d 'Colours at the prompt: auto is unless NO_COLOR is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l count -d 'End after so many messages have arrived; exit 1 when there are fewer' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l until -d 'End after a message that matches; exit 1 when none does' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l expect -d 'Expect a message that matches; repeatable, in this order; exit 1 when one is missing' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l reject -d 'End with 1 when a message matches; repeatable' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l linger -d 'How long the peer must be quiet after stdin\'s end before the connection is closed [default: 1s]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l close -d 'Close with this status code and reason' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l ok-close -d 'Status codes of the peer\'s that are no failure, besides 1000 and 1001: codes and ranges, such as 1005,4000-4099' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l reconnect -d 'Connect again when the connection is lost, so many times [default: without end]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s m -l max-time -d 'End the whole run after so long; exit 1 when something was still expected; 0 is without limit [default: 0]' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l max-message-size -d 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l compress-level -d '1 is the fastest, 9 the smallest' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l window-bits -d 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l ping-interval -d 'How often to send a Ping; 0 is never' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l ping-timeout -d 'How long to wait for the Pong before the connection is failed' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l handshake-timeout -d 'Deadline for the peer\'s side of the opening handshake' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l close-timeout -d 'Deadline for the peer\'s side of the closing handshake' -r
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s v -l verbose -d 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL\'s query is not'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l show-secrets -d 'Show passwords, tokens and cookies in what -v tells'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-check -d 'Go on in spite of faults in the server\'s 101'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s L -l location -d 'Follow redirects; credentials don\'t go to another origin'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, by RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l native-roots -d 'Trust the system\'s roots instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s k -l insecure -d 'Trust any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l echo -d 'Send back every message that arrives, instead of reading stdin'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s n -l no-input -d 'Don\'t read stdin: stay until the connection ends'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l binary -d 'Send binary messages where the mode leaves it open'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s P -l show-pings -d 'Tell every Ping and Pong on stderr'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s 1 -d 'End after one message: --count 1'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-close -d 'Leave without the closing handshake'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l frames -d 'Show every frame on stderr, one line each: > sent, < received'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-compress -d 'Neither offer nor accept permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-context-takeover -d 'Compress each message by itself, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s H -l header -d 'Send this header: \'Name: value\', \'Name;\' to send it empty, \'Name:\' to leave it out; @FILE reads headers from a file, one a line. Repeatable; takes the place of a header of ours' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l host -d 'The Host header [default: host and port of the URL]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l origin -d 'The Origin header, which browsers always send [default: none]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s s -l subprotocol -d 'Ask for this subprotocol; repeatable, the favourite first [default: none]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s u -l user -d 'Basic credentials; without a password it is asked for' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l bearer -d 'A bearer token, or @FILE with one in it' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s b -l cookie -d 'Send this cookie; repeatable' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s A -l user-agent -d 'The User-Agent header [default: wscli/VERSION]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l from-curl -d 'Connect as this curl command would: what a browser\'s "Copy as cURL" gives' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l max-body -d 'How much of a refusal\'s body is shown: a size in bytes (K, M, G)' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l max-redirs -d 'Redirects that are followed' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; repeatable' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l connect-to -d 'Connect there instead of to the URL\'s host and port' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s x -l proxy -d 'Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' is none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l noproxy -d 'Hosts that are reached without a proxy, separated by commas; * is all [default: NO_PROXY]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l retry -d 'Try again after failures that may pass (refused, timed out, 429, 502, 503, 504), so many times' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l retry-delay -d 'Wait so long before each [default: 1s, doubled each time up to 1m, with jitter]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l retry-max-time -d 'Begin no retry after so long; 0 is without limit [default: 0]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l cacert -d 'Trust these certificates too (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l cert -d 'A certificate to show when the server asks for one, with its chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l key -d 'The certificate\'s private key (PEM); the passphrase of an encrypted one is asked for [default: in --cert\'s file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l tls-min -d 'The oldest version of TLS that is spoken' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l tls-max -d 'The newest version of TLS that is spoken' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l sni -d 'The name to ask for and to check the certificate against [default: the URL\'s host]' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l alpn -d 'Application protocols to offer, separated by commas; \'\' is none' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l connect-timeout -d 'Deadline for resolving and connecting, again for the proxy, and again for the TLS handshake' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l max-message-size -d 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l compress-level -d '1 is the fastest, 9 the smallest' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l window-bits -d 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l ping-interval -d 'How often to send a Ping; 0 is never' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l ping-timeout -d 'How long to wait for the Pong before the connection is failed' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l handshake-timeout -d 'Deadline for the peer\'s side of the opening handshake' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l close-timeout -d 'Deadline for the peer\'s side of the closing handshake' -r
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s v -l verbose -d 'Tell every step on stderr: addresses, TLS, certificates, > request and < response, times. Headers that hold secrets are masked; a token in the URL\'s query is not'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l show-secrets -d 'Show passwords, tokens and cookies in what -v tells'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l no-check -d 'Go on in spite of faults in the server\'s 101'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s L -l location -d 'Follow redirects; credentials don\'t go to another origin'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, by RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l native-roots -d 'Trust the system\'s roots instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s k -l insecure -d 'Trust any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l json -d 'Print the report as JSON, one object, by the schema in docs/inspect.schema.json'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l frames -d 'Show every frame on stderr, one line each: > sent, < received'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l no-compress -d 'Neither offer nor accept permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l no-context-takeover -d 'Compress each message by itself, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l unix -d 'Listen on a Unix socket too; it is removed at the end' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l port-file -d 'Write the ports that are listened on to a file, one a line, once they are; it is removed at the end' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l push -d 'Send the lines of a file to every client, from the first on; - sends stdin as it comes, the same to all' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l reply -d 'Answer by the rules in a file: --help has their grammar' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l exec -d 'Run a shell command for each client: messages are lines of its stdin, lines of its stdout are messages' -r -f -a "(__fish_complete_command)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l route -d 'Serve a path with a mode, such as /chat=broadcast, /feed=push:FILE or /run=exec:COMMAND; repeatable. Other paths get 404, but for / where a mode is given as a flag too' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l every -d 'With --push: wait this long between lines; 0 doesn\'t wait' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l max-outbox -d 'How much may wait for a client that reads slowly, in --broadcast and --push: a size in bytes (K, M, G)' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l slow -d 'What happens to a client over --max-outbox' -r -f -a "drop\t'It misses messages'
close\t'It is closed with 1008'"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l out -d 'Write what happens to stdout, one JSON object a line; the log on stderr stays' -r -f -a "json\t''"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l static -d 'Answer plain HTTP with the files of a folder; its index.html takes the place of the page at /' -r -f -a "(__fish_complete_directories)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l subprotocol -d 'Speak a subprotocol; repeatable, and of several the client\'s order decides' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l allow-origin -d 'Let in browsers from this origin, such as https://example.com, null or *; repeatable. Without it every origin may, with a warning in the log' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l auth -d 'Ask for a user and a password (HTTP Basic)' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l bearer -d 'Ask for a token (Authorization: Bearer)' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s H -l header -d 'Add a header to every response; repeatable' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l max-connections -d 'Over so many clients at the same time, the next gets 503' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l idle-timeout -d 'Close a connection on which there was no message and no ping of the client\'s for so long; 0 is never' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l tls-name -d 'Put another name or address into the self-signed certificate; repeatable' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l cert -d 'Serve wss with this certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l key -d 'The certificate\'s private key (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l client-ca -d 'Demand client certificates issued by these (PEM); then there is no ws on the port' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l max-message-size -d 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l compress-level -d '1 is the fastest, 9 the smallest' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l window-bits -d 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l ping-interval -d 'How often to send a Ping; 0 is never' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l ping-timeout -d 'How long to wait for the Pong before the connection is failed' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l handshake-timeout -d 'Deadline for the peer\'s side of the opening handshake' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l close-timeout -d 'Deadline for the peer\'s side of the closing handshake' -r
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l echo -d 'Send every message back to its sender (the default)'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l broadcast -d 'Send every message to every other client'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l sink -d 'Read, and say nothing'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l prompt -d 'See every client\'s messages, and answer one or all of them with lines of stdin; /help tells the commands'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l include-sender -d 'With --broadcast: send messages to their sender too'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l loop -d 'With --push FILE: begin again after the last line, instead of closing with 1000'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s v -l verbose -d 'Show the heads of requests and responses'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l require-subprotocol -d 'Refuse clients that speak none of the subprotocols'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l tls -d 'Serve wss, with a self-signed certificate for localhost made at the start; ws is still served on the same port'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l frames -d 'Show every frame on stderr, one line each: > sent, < received'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l no-compress -d 'Neither offer nor accept permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l no-context-takeover -d 'Compress each message by itself, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wscli -n "__fish_wscli_using_subcommand completions" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand help; and not __fish_seen_subcommand_from connect inspect serve completions help" -f -a "connect" -d 'Connect to a server: a prompt on a terminal, lines as messages in a pipe'
complete -c wscli -n "__fish_wscli_using_subcommand help; and not __fish_seen_subcommand_from connect inspect serve completions help" -f -a "inspect" -d 'Reach a server and tell everything about the way there and what it supports'
complete -c wscli -n "__fish_wscli_using_subcommand help; and not __fish_seen_subcommand_from connect inspect serve completions help" -f -a "serve" -d 'Listen: an echo, a chat room, a ticker, a mock, a process for each client, and a page to try it from'
complete -c wscli -n "__fish_wscli_using_subcommand help; and not __fish_seen_subcommand_from connect inspect serve completions help" -f -a "completions" -d 'Print the completions for a shell'
complete -c wscli -n "__fish_wscli_using_subcommand help; and not __fish_seen_subcommand_from connect inspect serve completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
