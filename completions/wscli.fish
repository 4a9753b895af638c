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
complete -c wscli -n "__fish_wscli_needs_command" -f -a "connect" -d 'Connect to a server: a prompt on a terminal, one message per line in a pipe'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "inspect" -d 'Connect and report on network, TLS, handshake, features'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "ping" -d 'Measure the round-trip times of pings and, optionally, of messages'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "bench" -d 'Load a server with many connections, and report round-trip times, rates and failures'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "serve" -d 'Run a test server: echo, chat room, feed, mock, a process per client, and a page to try it from'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "proxy" -d 'Stand between clients and a server: forwards everything unchanged and shows it'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "show" -d 'Show a recording: what was sent and received, one line each'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "replay" -d 'Replay a recording: send the client\'s messages, compare the answers with the recorded ones'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "diff" -d 'Compare two recordings message by message'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "convert" -d 'Convert a recording: to and from HAR, to pcapng for Wireshark, to a transcript'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "test" -d 'Run tests of WebSocket services: files of steps on named connections'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "config" -d 'Locate or check the configuration file, or print an example'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "completions" -d 'Print the completion script for a shell, or install it'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "man" -d 'Show a manual page: for wscli, a subcommand, or a format'
complete -c wscli -n "__fish_wscli_needs_command" -f -a "help" -d 'Print help: for wscli, a subcommand, or one group of its flags'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l url -d 'The URL, as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s H -l header -d 'Send this header: \'Name: value\', \'Name;\' to send it empty, \'Name:\' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l host -d 'Host header [default: host and port of the URL]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l origin -d 'Origin header, which browsers always send [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s s -l subprotocol -d 'Request this subprotocol; repeatable, most preferred first [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s u -l user -d 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l bearer -d 'Bearer token, or @FILE to read it from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s b -l cookie -d 'Send this cookie, or the matching ones from a curl or Netscape cookie file; repeatable; \'\' sends none, but keeps cookies that servers set for redirects and reconnects' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s c -l cookie-jar -d 'Keep cookies that servers set, also for redirects and reconnects, and write them, with those of -b FILE, to this file' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s A -l user-agent -d 'User-Agent header [default: wscli/VERSION]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s e -l referer -d '-H \'Referer: URL\', as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l from-curl -d 'Connect as this curl command would: paste a browser\'s "Copy as cURL"' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l max-body -d 'Show at most this much of a refusal\'s body: bytes (K, M, G), or none for up to 64MiB' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l max-redirs -d 'Maximum number of redirects to follow' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; separate several with commas; * matches any host; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l connect-to -d 'Connect to HOST2 and PORT2 instead of HOST1 and PORT1; HOST:PORT alone replaces the URL\'s. An empty HOST1 or PORT1 matches any, an empty HOST2 or PORT2 keeps the URL\'s. Repeatable; the first match wins' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s x -l proxy -d 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s U -l proxy-user -d 'Credentials for the proxy, instead of those in its URL, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l noproxy -d 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l config -d 'Read defaults for flags, and the servers for @NAME, from this file [default: wscli/config.toml in XDG_CONFIG_HOME, or in ~/.config]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l retry -d 'Retry transient failures at most N times: a host that can\'t be resolved, a refused connection, a timeout, and the statuses 408, 429, 500, 502, 503 and 504, as curl does with --retry-connrefused' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l retry-delay -d 'Delay before each retry, and each attempt to reconnect [default: 1s, doubling up to 1m, with jitter]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l retry-max-time -d 'Stop retrying after this long; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l cacert -d 'Also trust these certificates (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l cert -d 'Client certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l key -d 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l tls-min -d 'Minimum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l tls-max -d 'Maximum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l sni -d 'Server name to send and to verify the certificate against [default: the URL\'s host]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l alpn -d 'Comma-separated application protocols to offer; \'\' for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l connect-timeout -d 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s d -l data -d 'Send this message before stdin; @FILE sends the contents of a file, @- all of stdin; decoded with --in hex or base64; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l data-raw -d 'Like --data, but a leading @ is part of the message' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l in -d 'How stdin is split into messages: lines, null (NUL-terminated), whole (all of stdin), chunks (one per read, binary), hex (one per line, binary), base64 (one per line, binary), json (one event per line, wscli man events), script (steps on the connection, wscli man test.5)' -r -f -a "lines\t''
null\t''
whole\t''
chunks\t''
hex\t''
base64\t''
json\t''
script\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l fragment-size -d 'Send larger messages in fragments with this much payload, counted after compression: bytes (K, M) [default: 64KiB]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l rate -d 'Send at most this many messages per second: N or N/s [default: no limit]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l delay -d 'Delay between messages [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l on -d 'Answer received messages: CONDITION => ACTION [=> ACTION], such as \'match ^2$ => reply 3\'; repeatable; --help-rules prints the grammar' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l on-file -d 'Answer by the rules in a file, after those of --on; repeatable' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l pace -d 'answer: send each message once the last one has been answered, by a message that no --on rule matches or, with --send-after, by one that matches [default: don\'t wait]' -r -f -a "answer\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l send-after -d 'Start sending stdin after a message that matches (-d is sent before); exit 1 if none does' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-compress-under -d 'Don\'t compress messages smaller than this: bytes (K, M, G); those over 16 MiB from stdin are always compressed [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l out -d 'How messages are written: text (one per line; escaped on a terminal), raw (bytes only), null (NUL-terminated; as text on a terminal), hex (one per line), base64 (one per line), json (one event per line, wscli man events), none' -r -f -a "text\t''
raw\t''
null\t''
hex\t''
base64\t''
json\t''
none\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s o -l output -d 'Write to this file instead of stdout; - is stdout' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l decode -d 'Decode binary messages before --out, --until, --expect and --reject see them: auto (by the first bytes; deflate if it is text inside), gzip, zlib, deflate (without a header), zstd; gzip, zlib and deflate also as one stream across messages, each ending with a flush' -r -f -a "auto\t''
gzip\t''
zlib\t''
deflate\t''
zstd\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l timestamps -d 'Prefix each message with the time: RFC 3339 to the microsecond in utc or local, or a strftime format in local time, with %3f, %6f, %9f (or %.3f …) for fractions of a second and %z for the offset; delta is the time since the previous message; utc if no value is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l color -d 'Colour at the prompt; auto: colour unless NO_COLOR is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l record -d 'Append a recording of connections to this file: a line of JSON for each opening, message, ping, pong, close and violation, both ways (wscli man recording); secrets in headers are masked, messages are not; - for stdout, if nothing else goes there' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l count -d 'Stop after receiving N messages; exit 1 if fewer arrive, unless the connection failed' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l until -d 'Stop after a message that matches; exit 1 if none does, unless the connection failed' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l expect -d 'Expect a message that matches; repeatable, in this order; exit 1 if one is missing' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l reject -d 'Stop with exit code 1 if a message matches; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l linger -d 'After the end of stdin, close once the peer has read everything (a ping after half of the time finds out, unless --ping-interval is 0; if no pong comes, wait three times as long, at most 3s) and been quiet for this long (30s inside a message); use -m to end a feed [default: 1s; no limit with -n, --count, --until or --expect]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l close -d 'Close with this status code and reason [default: 1000; 1001 after --max-time, a failure or a signal]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l ok-close -d 'Peer close codes to treat as success besides 1000 and 1001: codes and ranges, such as 1005,4000-4099' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l reconnect -d 'Reconnect, at most N times or without limit, unless we closed the connection or the peer closed it with 1000, and send what wasn\'t handed to the system yet; messages that were on their way when the connection was lost may be lost; use --retry for the first connection' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s m -l max-time -d 'Stop after this long (500ms, 30s, 1m30s; a number alone is seconds), plus 100 ms for the peer to answer our Close; exit 1 if something was still expected, or not all of -d or stdin was sent (what is left of an endless stdin doesn\'t count unless --pace, --rate, --delay or --send-after held it back); 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l edit-mode -d 'Editing keys' -r -f -a "emacs\t''
vi\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l bind -d 'Bind a key to an editing action, with readline\'s names, such as ctrl-t=kill-word or f2=\'insert /stats\'; wscli man config.5 lists keys and actions; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l bell -d 'Ring the terminal\'s bell when a message arrives: on, off, or for a REGEX; notify [REGEX] sends OSC 9 instead. At most once a second; /bell changes it [default: off]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l filter -d 'Show only messages that match, as /filter does: [received|sent] [!]REGEX, or /POINTER [= JSON]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l pick -d 'Show only these values of messages, as /pick does: JSON pointers with blanks between them' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l watch -d 'Show only what differs from the last message of its kind, as /watch does: [/POINTER] [by /POINTER]; \'\' watches all of a message' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l frames -d 'Log every frame to stderr, one per line: > sent, < received; with payload also the beginning of its content, after decompression (header if no value is given)' -r -f -a "header\t''
payload\t''"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l max-message-size -d 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends a whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l compress-level -d 'Compression level: 1 (fastest) to 9 (smallest)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l window-bits -d 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l ping-interval -d 'Interval between automatic pings (see --ping-timeout); 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l ping-timeout -d 'Fail the connection if neither the pong nor data arrives within this time after a ping' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l handshake-timeout -d 'Timeout for the peer\'s part of the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l close-timeout -d 'Timeout for the peer\'s part of the closing handshake; a server that still sends has up to five times as long' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l digest -d 'Use the credentials of -u or the URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l basic -d 'What -u sends unless a challenge asks for Digest, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s v -l verbose -d 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Secrets in headers and URLs are masked'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l show-secrets -d 'Show passwords, tokens and cookies in the output of -v'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-check -d 'Accept an invalid handshake response (101); connect also continues after violations that leave frame and message boundaries clear: text that is not UTF-8, masking, reserved bits, non-minimal lengths, an invalid Close'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s L -l location -d 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (everything that -v masks) are not sent to another scheme, host or port'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l location-trusted -d 'Like --location, but send credentials, cookies and tokens wherever the redirects lead'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l location-downgrade -d 'Like --location, but also follow redirects from wss to ws'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, as in RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l proxy-digest -d 'Use the credentials of -U or the proxy\'s URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-config -d 'Read no configuration file'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l native-roots -d 'Trust the system\'s root certificates instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s k -l insecure -d 'Accept any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l tlsv1.2 -d '--tls-min 1.2, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l tlsv1.3 -d '--tls-min 1.3, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l echo -d 'Echo every received message instead of reading stdin'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l help-rules -d 'Print the grammar of --on and --on-file rules, and exit'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s n -l no-input -d 'Don\'t read stdin; stay until the connection ends'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l binary -d 'Send binary messages if --in allows both kinds'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l crlf -d 'Strip the CR from lines of stdin that end with CR LF'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l escapes -d 'Interpret escapes in lines of stdin and in -d: \\r \\n \\t \\0 \\e \\\\ \\" \\xHH \\u{HEX}'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l fill -d 'Fill in ${/pointer}, $1, ${name} and $0 in messages to send, from the last message that matched --send-after; without it, from the last answer with --pace, or the last match of --on; also ${uuid}, ${now}, ${counter}, ${random} and ${env.NAME}; $$ is a dollar sign'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l append -d 'Append to the file of -o instead of replacing it'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s P -l show-pings -d 'Print pings and pongs on stderr, > sent and < received, with the time and the round-trip time'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s q -l quiet -d 'Print only errors on stderr'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l record-secrets -d 'Record passwords, tokens and cookies of the opening handshake too'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l record-frames -d 'Record every frame too, with FIN, RSV, opcode, masking key and payload as on the wire'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s 1 -d 'Stop after one message: --count 1'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-close -d 'Disconnect without the closing handshake'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l template -d 'Fill in ${uuid}, ${now}, ${counter}, ${random}, ${env.NAME} and ${last./POINTER} in what you type; /template changes it'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-compress -d 'Disable permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -l no-context-takeover -d 'Compress each message independently, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand connect" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l url -d 'The URL, as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s H -l header -d 'Send this header: \'Name: value\', \'Name;\' to send it empty, \'Name:\' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l host -d 'Host header [default: host and port of the URL]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l origin -d 'Origin header, which browsers always send [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s s -l subprotocol -d 'Request this subprotocol; repeatable, most preferred first [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s u -l user -d 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l bearer -d 'Bearer token, or @FILE to read it from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s b -l cookie -d 'Send this cookie, or the matching ones from a curl or Netscape cookie file; repeatable; \'\' sends none, but keeps cookies that servers set for redirects and reconnects' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s c -l cookie-jar -d 'Keep cookies that servers set, also for redirects and reconnects, and write them, with those of -b FILE, to this file' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s A -l user-agent -d 'User-Agent header [default: wscli/VERSION]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s e -l referer -d '-H \'Referer: URL\', as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l from-curl -d 'Connect as this curl command would: paste a browser\'s "Copy as cURL"' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l max-body -d 'Show at most this much of a refusal\'s body: bytes (K, M, G), or none for up to 64MiB' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l max-redirs -d 'Maximum number of redirects to follow' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; separate several with commas; * matches any host; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l connect-to -d 'Connect to HOST2 and PORT2 instead of HOST1 and PORT1; HOST:PORT alone replaces the URL\'s. An empty HOST1 or PORT1 matches any, an empty HOST2 or PORT2 keeps the URL\'s. Repeatable; the first match wins' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s x -l proxy -d 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s U -l proxy-user -d 'Credentials for the proxy, instead of those in its URL, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l noproxy -d 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l config -d 'Read defaults for flags, and the servers for @NAME, from this file [default: wscli/config.toml in XDG_CONFIG_HOME, or in ~/.config]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l retry -d 'Retry transient failures at most N times: a host that can\'t be resolved, a refused connection, a timeout, and the statuses 408, 429, 500, 502, 503 and 504, as curl does with --retry-connrefused' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l retry-delay -d 'Delay before each retry, and each attempt to reconnect [default: 1s, doubling up to 1m, with jitter]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l retry-max-time -d 'Stop retrying after this long; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l cacert -d 'Also trust these certificates (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l cert -d 'Client certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l key -d 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l tls-min -d 'Minimum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l tls-max -d 'Maximum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l sni -d 'Server name to send and to verify the certificate against [default: the URL\'s host]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l alpn -d 'Comma-separated application protocols to offer; \'\' for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l connect-timeout -d 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l expect -d 'On another connection, expect a text or binary message that matches; repeatable, in this order; exit 1 if one is missing when --expect-timeout expires or the connection ends' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l expect-timeout -d 'How long --expect waits after the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l for -d 'Watch connections for at most this long, or until the remaining ones have lasted three times as long as the first to end [default: 10m]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l every -d 'Interval between keepalive Pings, Pongs or messages [default: 2s]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l message -d 'With --expect: send this text message first. With --limits: the message used to keep a connection open, and, with blanks behind it, to find out how large one may be [default: ping, and a text of one letter]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s m -l max-time -d 'Stop after this long, plus 100 ms for the peer to answer our Close, and report what is known by then; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l frames -d 'Log every frame to stderr, one per line: > sent, < received; with payload also the beginning of its content, after decompression (header if no value is given)' -r -f -a "header\t''
payload\t''"
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l max-message-size -d 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends a whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l compress-level -d 'Compression level: 1 (fastest) to 9 (smallest)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l window-bits -d 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l ping-interval -d 'Interval between automatic pings (see --ping-timeout); 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l ping-timeout -d 'Fail the connection if neither the pong nor data arrives within this time after a ping' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l handshake-timeout -d 'Timeout for the peer\'s part of the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l close-timeout -d 'Timeout for the peer\'s part of the closing handshake; a server that still sends has up to five times as long' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l digest -d 'Use the credentials of -u or the URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l basic -d 'What -u sends unless a challenge asks for Digest, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s v -l verbose -d 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Secrets in headers and URLs are masked'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l show-secrets -d 'Show passwords, tokens and cookies in the output of -v'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l no-check -d 'Accept an invalid handshake response (101); connect also continues after violations that leave frame and message boundaries clear: text that is not UTF-8, masking, reserved bits, non-minimal lengths, an invalid Close'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s L -l location -d 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (everything that -v masks) are not sent to another scheme, host or port'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l location-trusted -d 'Like --location, but send credentials, cookies and tokens wherever the redirects lead'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l location-downgrade -d 'Like --location, but also follow redirects from wss to ws'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, as in RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l proxy-digest -d 'Use the credentials of -U or the proxy\'s URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l no-config -d 'Read no configuration file'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l native-roots -d 'Trust the system\'s root certificates instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s k -l insecure -d 'Accept any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l tlsv1.2 -d '--tls-min 1.2, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l tlsv1.3 -d '--tls-min 1.3, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l json -d 'Print the report as one JSON object (schema: docs/inspect.schema.json)'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l prometheus -d 'Print the report as metrics in Prometheus text format, for the node exporter\'s textfile collector'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l echo-probe -d 'Also send a compressed message in two fragments with a Ping between them, and report whether a server that echoes returns it intact'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l limits -d 'Find out who ends a connection and when, what keeps it open, and how large a message may be: opens up to a few dozen connections and sends messages of up to 64 MiB (wscli man inspect)'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l quick -d 'Watch for at most a minute, unless --for is given, and try messages of up to 1 MiB'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l no-compress -d 'Disable permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -l no-context-takeover -d 'Compress each message independently, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l url -d 'The URL, as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s H -l header -d 'Send this header: \'Name: value\', \'Name;\' to send it empty, \'Name:\' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l host -d 'Host header [default: host and port of the URL]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l origin -d 'Origin header, which browsers always send [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s u -l user -d 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l bearer -d 'Bearer token, or @FILE to read it from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s b -l cookie -d 'Send this cookie, or the matching ones from a curl or Netscape cookie file; repeatable; \'\' sends none, but keeps cookies that servers set for redirects and reconnects' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s A -l user-agent -d 'User-Agent header [default: wscli/VERSION]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s e -l referer -d '-H \'Referer: URL\', as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l from-curl -d 'Connect as this curl command would: paste a browser\'s "Copy as cURL"' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l max-body -d 'Show at most this much of a refusal\'s body: bytes (K, M, G), or none for up to 64MiB' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l max-redirs -d 'Maximum number of redirects to follow' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; separate several with commas; * matches any host; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l connect-to -d 'Connect to HOST2 and PORT2 instead of HOST1 and PORT1; HOST:PORT alone replaces the URL\'s. An empty HOST1 or PORT1 matches any, an empty HOST2 or PORT2 keeps the URL\'s. Repeatable; the first match wins' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s x -l proxy -d 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s U -l proxy-user -d 'Credentials for the proxy, instead of those in its URL, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l noproxy -d 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l config -d 'Read defaults for flags, and the servers for @NAME, from this file [default: wscli/config.toml in XDG_CONFIG_HOME, or in ~/.config]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l retry -d 'Retry transient failures at most N times: a host that can\'t be resolved, a refused connection, a timeout, and the statuses 408, 429, 500, 502, 503 and 504, as curl does with --retry-connrefused' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l retry-delay -d 'Delay before each retry, and each attempt to reconnect [default: 1s, doubling up to 1m, with jitter]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l retry-max-time -d 'Stop retrying after this long; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l cacert -d 'Also trust these certificates (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l cert -d 'Client certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l key -d 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l tls-min -d 'Minimum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l tls-max -d 'Maximum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l sni -d 'Server name to send and to verify the certificate against [default: the URL\'s host]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l alpn -d 'Comma-separated application protocols to offer; \'\' for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l connect-timeout -d 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s c -l count -d 'Stop after N pings [default: no limit]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s i -l interval -d 'Interval between pings; 0 to send the next one as soon as the last is answered' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s W -l timeout -d 'How long to wait for each pong, and for each answer to --message' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s s -l size -d 'Payload of a ping, 0 to 125 bytes: its number, zero-padded to this length' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l message -d 'With each ping, also send this text message, and time the answer: the same text, as an echo server returns it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l answer -d 'With --message: the answer is the next message that matches' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s m -l max-time -d 'Stop after this long, plus 100 ms for the peer to answer our Close; pings unanswered by then aren\'t lost; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l frames -d 'Log every frame to stderr, one per line: > sent, < received; with payload also the beginning of its content, after decompression (header if no value is given)' -r -f -a "header\t''
payload\t''"
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l max-message-size -d 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends a whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l compress-level -d 'Compression level: 1 (fastest) to 9 (smallest)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l window-bits -d 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l handshake-timeout -d 'Timeout for the peer\'s part of the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l close-timeout -d 'Timeout for the peer\'s part of the closing handshake; a server that still sends has up to five times as long' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l cookie-jar -d 'Keep cookies that servers set, also for redirects and reconnects, and write them, with those of -b FILE, to this file' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l subprotocol -d 'Request this subprotocol; repeatable, most preferred first [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l ping-interval -d 'Interval between automatic pings (see --ping-timeout); 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l ping-timeout -d 'Fail the connection if neither the pong nor data arrives within this time after a ping' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l digest -d 'Use the credentials of -u or the URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l basic -d 'What -u sends unless a challenge asks for Digest, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s v -l verbose -d 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Secrets in headers and URLs are masked'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l show-secrets -d 'Show passwords, tokens and cookies in the output of -v'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l no-check -d 'Accept an invalid handshake response (101); connect also continues after violations that leave frame and message boundaries clear: text that is not UTF-8, masking, reserved bits, non-minimal lengths, an invalid Close'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s L -l location -d 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (everything that -v masks) are not sent to another scheme, host or port'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l location-trusted -d 'Like --location, but send credentials, cookies and tokens wherever the redirects lead'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l location-downgrade -d 'Like --location, but also follow redirects from wss to ws'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, as in RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l proxy-digest -d 'Use the credentials of -U or the proxy\'s URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l no-config -d 'Read no configuration file'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l native-roots -d 'Trust the system\'s root certificates instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s k -l insecure -d 'Accept any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l tlsv1.2 -d '--tls-min 1.2, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l tlsv1.3 -d '--tls-min 1.3, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l json -d 'Print each line as a JSON object (wscli man ping)'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s q -l quiet -d 'Print only the address and the summary, not each ping'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l no-compress -d 'Disable permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -l no-context-takeover -d 'Compress each message independently, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand ping" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l url -d 'The URL, as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s H -l header -d 'Send this header: \'Name: value\', \'Name;\' to send it empty, \'Name:\' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l host -d 'Host header [default: host and port of the URL]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l origin -d 'Origin header, which browsers always send [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s s -l subprotocol -d 'Request this subprotocol; repeatable, most preferred first [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s u -l user -d 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l bearer -d 'Bearer token, or @FILE to read it from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s b -l cookie -d 'Send this cookie, or the matching ones from a curl or Netscape cookie file; repeatable; \'\' sends none, but keeps cookies that servers set for redirects and reconnects' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s A -l user-agent -d 'User-Agent header [default: wscli/VERSION]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s e -l referer -d '-H \'Referer: URL\', as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l from-curl -d 'Connect as this curl command would: paste a browser\'s "Copy as cURL"' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l max-body -d 'Show at most this much of a refusal\'s body: bytes (K, M, G), or none for up to 64MiB' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l max-redirs -d 'Maximum number of redirects to follow' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; separate several with commas; * matches any host; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l connect-to -d 'Connect to HOST2 and PORT2 instead of HOST1 and PORT1; HOST:PORT alone replaces the URL\'s. An empty HOST1 or PORT1 matches any, an empty HOST2 or PORT2 keeps the URL\'s. Repeatable; the first match wins' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s x -l proxy -d 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s U -l proxy-user -d 'Credentials for the proxy, instead of those in its URL, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l noproxy -d 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l config -d 'Read defaults for flags, and the servers for @NAME, from this file [default: wscli/config.toml in XDG_CONFIG_HOME, or in ~/.config]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l retry -d 'Retry transient failures at most N times: a host that can\'t be resolved, a refused connection, a timeout, and the statuses 408, 429, 500, 502, 503 and 504, as curl does with --retry-connrefused' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l retry-delay -d 'Delay before each retry, and each attempt to reconnect [default: 1s, doubling up to 1m, with jitter]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l retry-max-time -d 'Stop retrying after this long; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l cacert -d 'Also trust these certificates (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l cert -d 'Client certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l key -d 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l tls-min -d 'Minimum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l tls-max -d 'Maximum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l sni -d 'Server name to send and to verify the certificate against [default: the URL\'s host]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l alpn -d 'Comma-separated application protocols to offer; \'\' for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l connect-timeout -d 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s c -l connections -d 'Open this many connections' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s z -l duration -d 'Send for this long, once all connections are open [default: 10s, unless -n is given]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s n -l count -d 'Stop after sending N messages on all connections together' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l rate -d 'Open loop: send at this rate, answered or not: N/s in total, N/s/connection on each connection. Round trips are measured from the planned time of a message, so that a stalled server is charged for every message that waits [default: closed loop, see --in-flight]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l in-flight -d 'Closed loop: number of unanswered messages per connection; the next one is sent when one is answered, so a stalled server receives nothing more' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l publish -d 'Fan-out: N connections publish, at --rate, and the others should receive every message. Messages begin with wscli-bench:NUMBER, unless --template and --reply json:/POINTER say where the number is' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l subscribe -d 'Fan-out: N connections receive what the --publish connections send' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l source -d 'Connect from this local address; repeatable: connections use them in turn. Each has its own local ports' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l ramp -d 'Open the connections evenly over this time [default: as fast as possible, 32 at a time]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l warmup -d 'Send for this long before anything is measured [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s d -l message -l data -d 'Send this text message; @FILE sends the contents of a file' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l size -d 'Send messages of this many bytes of printable ASCII, the same each time: up to 16MiB (K, M) [default: 16]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l reply -d 'What counts as an answer: fifo, the k-th message received answers the k-th sent; echo, the same, but the content must be the same too; json:/POINTER, the message with the same number there, in any order (with --template); none, nothing (with --rate)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l timeout -d 'How long to wait for answers after the last message is sent' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l fail -d 'Exit 1 unless this holds: \'rtt.p99<50ms\', with <, <=, > or >=. Times: rtt (round trips), open (all of opening a connection), send_delay (sent late) and back (after --storm), each with .min, .mean, .max or .pNN. Numbers: opened, failed, lost, sent, received, sent/s, received/s, unanswered, unsent, unsolicited, repeated, reordered, missing (after --storm); repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l hlog -d 'Write the round-trip times of each second to this file, as an HdrHistogram interval log' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l export -d 'Don\'t send any load; print it as a script for k6 or a test for Artillery, without secrets' -r -f -a "k6\t''
artillery\t''"
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l max-message-size -d 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends a whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l compress-level -d 'Compression level: 1 (fastest) to 9 (smallest)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l window-bits -d 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l ping-interval -d 'Interval between automatic pings (see --ping-timeout); 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l ping-timeout -d 'Fail the connection if neither the pong nor data arrives within this time after a ping' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l handshake-timeout -d 'Timeout for the peer\'s part of the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l close-timeout -d 'Timeout for the peer\'s part of the closing handshake; a server that still sends has up to five times as long' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l cookie-jar -d 'Keep cookies that servers set, also for redirects and reconnects, and write them, with those of -b FILE, to this file' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l frames -d 'Log every frame to stderr, one per line: > sent, < received; with payload also the beginning of its content, after decompression (header if no value is given)' -r -f -a "header\t''
payload\t''"
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l digest -d 'Use the credentials of -u or the URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l basic -d 'What -u sends unless a challenge asks for Digest, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s v -l verbose -d 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Secrets in headers and URLs are masked'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l show-secrets -d 'Show passwords, tokens and cookies in the output of -v'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l no-check -d 'Accept an invalid handshake response (101); connect also continues after violations that leave frame and message boundaries clear: text that is not UTF-8, masking, reserved bits, non-minimal lengths, an invalid Close'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s L -l location -d 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (everything that -v masks) are not sent to another scheme, host or port'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l location-trusted -d 'Like --location, but send credentials, cookies and tokens wherever the redirects lead'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l location-downgrade -d 'Like --location, but also follow redirects from wss to ws'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, as in RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l proxy-digest -d 'Use the credentials of -U or the proxy\'s URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l no-config -d 'Read no configuration file'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l native-roots -d 'Trust the system\'s root certificates instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s k -l insecure -d 'Accept any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l tlsv1.2 -d '--tls-min 1.2, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l tlsv1.3 -d '--tls-min 1.3, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l connect-only -d 'Open the connections and send nothing on them'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l storm -d 'Reconnect storm: send nothing, drop all connections at once after -z [default: 1s], without a Close, and reconnect each one until it is back or --timeout expires'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l i-may -d 'Allow load on a server that is not on this machine or in a private network'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l template -d 'Fill in ${counter} in the message: its number on its connection, from 0; and ${uuid}, ${now} (milliseconds since 1970), ${random} and ${env.NAME}. A dollar sign is written $$'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l binary -d 'Send binary messages'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l histogram -d 'Also draw a histogram of the round-trip times'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l json -d 'Print the report as one JSON object (wscli man bench)'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l no-compress -d 'Disable permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -l no-context-takeover -d 'Compress each message independently, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand bench" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l push -d 'Send each client the lines of a file from the start; - broadcasts stdin as it arrives' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l reply -d 'Answer by the rules in a file; wscli man rules has the grammar. SIGHUP has it read again, unless there is a prompt' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l script -d 'Take the steps of a test file on each client\'s connection; wscli man test.5 has the grammar' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l replay -d 'Play the server\'s side of a recording to each client from the start (wscli man replay)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l exec -d 'Run a shell command per client: received messages become lines of its stdin, lines of its stdout become messages' -r -f -a "(__fish_complete_command)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l route -d 'Serve a path in a mode, such as /chat=broadcast, /feed=push:FILE or /run=exec:COMMAND; repeatable. Other paths get 404, except / if a mode is also given as a flag' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l every -d 'With --push: delay between lines; 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l exec-framing -d 'With --exec: how messages are separated in the command\'s stdin and stdout' -r -f -a "lines\t'One per line; a message with a newline becomes several'
null\t'NUL-terminated, newlines and all'
json\t'One event per line (wscli man events); commands may write text, binary, pings and closes'"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l exec-close -d 'With --exec: close with this code when the command exits with this status, 0 to 255, or * for any other except 0; repeatable, such as 3=4003 or \'*=1013:try later\' [default: 0=1000, *=1011]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l max-outbox -d 'Maximum data queued for a slow client in --broadcast, --push and --prompt: bytes (K, M, G), or none. One larger message may be queued if nothing else is; such messages take at most 128 MiB in total' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l slow -d 'What to do with a client over --max-outbox' -r -f -a "drop\t'Drop messages'
close\t'Close the connection with 1008'"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l connection -d 'Which connection to play if the file has several, by its number there (counted from 1 where numbers repeat)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l pace -d 'When to send the next message' -r -f -a "order\t'Once as many messages have arrived as before it in the recording'
time\t'After the recorded time'
none\t'At once'"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l speed -d 'With --pace time: play this many times as fast, such as 10 or 0.5' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l max-gap -d 'With --pace time: shorten longer gaps to this, before --speed [default: no limit]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l match -d 'How messages are compared with the recorded ones' -r -f -a "json\t'JSON by its values, anything else byte for byte'
subset\t'The same, but objects may have more members'
exact\t'Every byte'
regex\t'Recorded messages are regular expressions that must match'
count\t'Only the number of messages'
any\t'Nothing'"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l ignore -d 'Ignore this value in JSON (RFC 6901, such as /user/id; * stands for every member or element); repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l capture -d 'Take this value from each JSON message received, and use it instead of the recorded one in messages sent and compared later, such as session=/session/id; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l wait -d 'With --replay: wait this much longer for the client than when recorded, then play on; 0 for no limit [default: 10s; no limit where the recorded client, like a person, took over a second]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l on-mismatch -d 'What to do if a message differs from the recorded one' -r -f -a "warn\t'Report it and continue'
fail\t'The same, and exit 1 at the end; for serve, like warn'
stop\t'Close at once: replay with 1000 and exit 1, serve with 1008'"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l edit-mode -d 'Editing keys' -r -f -a "emacs\t''
vi\t''"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l bind -d 'Bind a key to an editing action, with readline\'s names, such as ctrl-t=kill-word or f2=\'insert /stats\'; wscli man config.5 lists keys and actions; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l bell -d 'Ring the terminal\'s bell when a message arrives: on, off, or for a REGEX; notify [REGEX] sends OSC 9 instead. At most once a second; /bell changes it [default: off]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l filter -d 'Show only messages that match, as /filter does: [received|sent] [!]REGEX, or /POINTER [= JSON]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l pick -d 'Show only these values of messages, as /pick does: JSON pointers with blanks between them' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l watch -d 'Show only what differs from the last message of its kind, as /watch does: [/POINTER] [by /POINTER]; \'\' watches all of a message' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l color -d 'Colour with --prompt; auto: colour unless NO_COLOR is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s p -l port -d 'Listen on 127.0.0.1:PORT; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l unix -d 'Also listen on a Unix socket; removed on exit' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l port-file -d 'Once listening, write the ports to a file, one per line; removed on exit' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l out -d 'Also write events to stdout, one JSON object per line (wscli man serve-events); the log stays on stderr' -r -f -a "json\t''"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l record -d 'Append a recording of connections to this file: a line of JSON for each opening, message, ping, pong, close and violation, both ways (wscli man recording); secrets in headers are masked, messages are not; - for stdout, if nothing else goes there' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l allow-origin -d 'Allow web pages of this origin, such as https://example.com, null, or * for all; repeatable [default: pages on loopback; all for --echo, --sink, --push FILE and --reply]. The server\'s own pages are always allowed' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l allow-host -d 'Answer to this name in Host, .example.com for it and its subdomains, or * for all; repeatable [default: loopback names, the addresses and names listened on, .test, .internal, the names in the certificate]. --echo, --sink, --push FILE and --reply answer to any name' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l auth -d 'Require a user and password (HTTP Basic); @FILE reads them from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l bearer -d 'Require a token (Authorization: Bearer); @FILE reads it from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l max-connections -d 'Maximum concurrent clients; further ones get 503' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l idle-timeout -d 'Close a connection after this long without a message or a ping from the client; 0 for never' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l tls-name -d 'Add a name or address to the self-signed certificate; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l cert -d 'Serve wss with this certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l key -d 'Private key of --cert (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l client-ca -d 'Require client certificates issued by these CAs (PEM); disables ws on the port' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l fault -d 'Make connections fail on purpose, and log it; repeatable (wscli man faults). SPEC: [client|server] [WHEN] FAULT; client or server selects the direction: \'server at 5s half-open\'. WHEN: message N, after N, every N, once, at DURATION, N% (probability), times N; messages in that direction are counted, Pongs for no-pong, late-pong and wrong-pong, connections for refuse and the opening handshake. FAULT: latency DELAY [JITTER], bandwidth BYTES, slice BYTES [PAUSE], limit BYTES, slow-close DELAY, reset, black-hole, half-open, idle DURATION [fin|rst|silence], refuse [N], gateway NAME (gcp, heroku, nginx, aws-alb, cloudflare, azure, envoy, aws-nlb, aws-api or haproxy), drop, duplicate, swap, corrupt, fragment BYTES, no-pong, late-pong DELAY, wrong-pong [HEX], ping-flood RATE, close [CODE [REASON]], frame KIND, status CODE [HEADER], no-answer, half-answer, late-answer DELAY, bytewise, wrong-accept, two-accepts, no-upgrade, subprotocol [NAME], extension [NAME], glue [TEXT], certificate expired|wrong-name. KIND, a frame that the protocol forbids: mask, rsv 1|2|3, opcode N, long-control, fragmented-control, continuation, interleaved, utf8 [HEX], long-length, huge-length, claim BYTES, deflate [HEX], bomb BYTES, close-byte, close-utf8, long-close, raw HEX' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l seed -d 'Repeat the random choices of an earlier run, whose log shows the seed: which messages faults and rules apply to, and ${uuid} and ${random} in rules [default: a new one each time]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l static -d 'Serve the files of a directory over HTTP; its index.html replaces the built-in page at /' -r -f -a "(__fish_complete_directories)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l subprotocol -d 'Support a subprotocol, or * for whichever the client prefers; repeatable; the client\'s order of preference decides' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s H -l header -d 'Add a header to every response; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l config -d 'Read defaults for flags, and the servers for @NAME, from this file [default: wscli/config.toml in XDG_CONFIG_HOME, or in ~/.config]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l frames -d 'Log every frame to stderr, one per line: > sent, < received; with payload also the beginning of its content, after decompression (header if no value is given)' -r -f -a "header\t''
payload\t''"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l max-message-size -d 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends a whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l compress-level -d 'Compression level: 1 (fastest) to 9 (smallest)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l window-bits -d 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l ping-interval -d 'Interval between automatic pings (see --ping-timeout); 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l ping-timeout -d 'Fail the connection if neither the pong nor data arrives within this time after a ping' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l handshake-timeout -d 'Timeout for the peer\'s part of the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l close-timeout -d 'Timeout for the peer\'s part of the closing handshake; a server that still sends has up to five times as long' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l echo -d 'Send every message back to its sender (the default)'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l broadcast -d 'Send every message to every other client'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l sink -d 'Read messages and send nothing'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l prompt -d 'Show every client\'s messages and answer one or all, at a prompt or with lines of stdin; /help lists the commands'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l include-sender -d 'With --broadcast: also send messages back to their sender'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l loop -d 'With --push FILE: start over after the last line instead of closing with 1000'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l pty -d 'With --exec: run commands on a terminal (raw, without echo, TERM=dumb) instead of pipes, so that they write each line immediately'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l exact -d 'Also send recorded frames that the protocol forbids, masked as they were'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l help-rules -d 'Print the grammar of --reply rules, and exit'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s v -l verbose -d 'Log request and response headers, and every message (its first 64 KiB): < received, > sent. Secrets in headers and URLs are masked'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l show-secrets -d 'Show passwords, tokens and cookies in the log and in --out json'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l template -d 'Fill in ${uuid}, ${now}, ${counter}, ${random}, ${env.NAME} and ${last./POINTER} in what you type; /template changes it'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s q -l quiet -d 'Log only warnings and errors, and what --exec commands write to stderr'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l record-secrets -d 'Record passwords, tokens and cookies of the opening handshake too'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l record-frames -d 'Record every frame too, with FIN, RSV, opcode, masking key and payload as on the wire'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l proxy-protocol -d 'Require a PROXY protocol header (version 1 or 2) at the start of each connection, as HAProxy (send-proxy) and AWS load balancers send it, and take the client\'s address from it. Use it only behind such a proxy'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l tls -d 'Serve wss with a self-signed certificate for localhost, generated at startup; ws stays available on the same port'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l require-subprotocol -d 'Refuse clients that request none of the subprotocols'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l no-config -d 'Read no configuration file'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l no-compress -d 'Disable permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l no-context-takeover -d 'Compress each message independently, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l url -d 'The URL, as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s H -l header -d 'Send this header: \'Name: value\', \'Name;\' to send it empty, \'Name:\' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s u -l user -d 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l bearer -d 'Bearer token, or @FILE to read it from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s b -l cookie -d 'Send this cookie, or the matching ones from a curl or Netscape cookie file; repeatable; \'\' sends none, but keeps cookies that servers set for redirects and reconnects' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s e -l referer -d '-H \'Referer: URL\', as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l max-redirs -d 'Maximum number of redirects to follow' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; separate several with commas; * matches any host; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l connect-to -d 'Connect to HOST2 and PORT2 instead of HOST1 and PORT1; HOST:PORT alone replaces the URL\'s. An empty HOST1 or PORT1 matches any, an empty HOST2 or PORT2 keeps the URL\'s. Repeatable; the first match wins' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s x -l proxy -d 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s U -l proxy-user -d 'Credentials for the proxy, instead of those in its URL, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l noproxy -d 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l config -d 'Read defaults for flags, and the servers for @NAME, from this file [default: wscli/config.toml in XDG_CONFIG_HOME, or in ~/.config]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l retry -d 'Retry transient failures at most N times: a host that can\'t be resolved, a refused connection, a timeout, and the statuses 408, 429, 500, 502, 503 and 504, as curl does with --retry-connrefused' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l retry-delay -d 'Delay before each retry, and each attempt to reconnect [default: 1s, doubling up to 1m, with jitter]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l retry-max-time -d 'Stop retrying after this long; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l cacert -d 'Also trust these certificates (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l cert -d 'Client certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l key -d 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l tls-min -d 'Minimum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l tls-max -d 'Maximum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l sni -d 'Server name to send and to verify the certificate against [default: the URL\'s host]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l alpn -d 'Comma-separated application protocols to offer; \'\' for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l connect-timeout -d 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l rules -d 'Change, drop, delay or answer messages by the rules in a file; --help-rules prints the grammar. A message over 16MiB is forwarded unchanged. SIGHUP, or /rules at the prompt, reloads the file' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l hold-time -d 'With --prompt: release a held message after this long; 0 for never' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l edit-mode -d 'Editing keys' -r -f -a "emacs\t''
vi\t''"
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l bind -d 'Bind a key to an editing action, with readline\'s names, such as ctrl-t=kill-word or f2=\'insert /stats\'; wscli man config.5 lists keys and actions; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l bell -d 'Ring the terminal\'s bell when a message arrives: on, off, or for a REGEX; notify [REGEX] sends OSC 9 instead. At most once a second; /bell changes it [default: off]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l filter -d 'Show only messages that match, as /filter does: [received|sent] [!]REGEX, or /POINTER [= JSON]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l pick -d 'Show only these values of messages, as /pick does: JSON pointers with blanks between them' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l watch -d 'Show only what differs from the last message of its kind, as /watch does: [/POINTER] [by /POINTER]; \'\' watches all of a message' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l color -d 'Colour with --prompt; auto: colour unless NO_COLOR is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l intercept -d 'Open the TLS of this host, to show the WebSockets inside, with certificates from the CA that \'wscli proxy ca\' creates: a name including its subdomains, *.NAME, an address or a network, each with an optional :PORT, or * for all; repeatable or comma-separated [default: none]. With \'wscli proxy ca\': the hosts that the CA may sign for [default: all]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l allow-connect -d 'Allow tunnels (CONNECT, SOCKS 5) to these ports, or * for all; repeatable or comma-separated [default: 80, 443]. Clients on this machine can always reach loopback addresses' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s p -l port -d 'Listen on 127.0.0.1:PORT; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l unix -d 'Also listen on a Unix socket; removed on exit' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l port-file -d 'Once listening, write the ports to a file, one per line; removed on exit' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l out -d 'Also write events to stdout, one JSON object per line (wscli man serve-events); the log stays on stderr' -r -f -a "json\t''"
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l record -d 'Append a recording of connections to this file: a line of JSON for each opening, message, ping, pong, close and violation, both ways (wscli man recording); secrets in headers are masked, messages are not; - for stdout, if nothing else goes there' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l idle-timeout -d 'Close a connection after this long without a message or a ping from the client; 0 for never' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l tls-name -d 'Add a name or address to the self-signed certificate; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l client-ca -d 'Require client certificates issued by these CAs (PEM); disables ws on the port' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l fault -d 'Make connections fail on purpose, and log it; repeatable (wscli man faults). SPEC: [client|server] [WHEN] FAULT; client or server selects the direction: \'server at 5s half-open\'. WHEN: message N, after N, every N, once, at DURATION, N% (probability), times N; messages in that direction are counted, Pongs for no-pong, late-pong and wrong-pong, connections for refuse and the opening handshake. FAULT: latency DELAY [JITTER], bandwidth BYTES, slice BYTES [PAUSE], limit BYTES, slow-close DELAY, reset, black-hole, half-open, idle DURATION [fin|rst|silence], refuse [N], gateway NAME (gcp, heroku, nginx, aws-alb, cloudflare, azure, envoy, aws-nlb, aws-api or haproxy), drop, duplicate, swap, corrupt, fragment BYTES, no-pong, late-pong DELAY, wrong-pong [HEX], ping-flood RATE, close [CODE [REASON]], frame KIND, status CODE [HEADER], no-answer, half-answer, late-answer DELAY, bytewise, wrong-accept, two-accepts, no-upgrade, subprotocol [NAME], extension [NAME], glue [TEXT], certificate expired|wrong-name. KIND, a frame that the protocol forbids: mask, rsv 1|2|3, opcode N, long-control, fragmented-control, continuation, interleaved, utf8 [HEX], long-length, huge-length, claim BYTES, deflate [HEX], bomb BYTES, close-byte, close-utf8, long-close, raw HEX' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l seed -d 'Repeat the random choices of an earlier run, whose log shows the seed: which messages faults and rules apply to, and ${uuid} and ${random} in rules [default: a new one each time]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l frames -d 'Log every frame to stderr, one per line: > sent, < received; with payload also the beginning of its content, after decompression (header if no value is given)' -r -f -a "header\t''
payload\t''"
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l compress-level -d 'Compression level: 1 (fastest) to 9 (smallest)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l window-bits -d 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l ping-timeout -d 'Fail the connection if neither the pong nor data arrives within this time after a ping' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l handshake-timeout -d 'Timeout for the peer\'s part of the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l from-curl -d 'Connect as this curl command would: paste a browser\'s "Copy as cURL"' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s c -l cookie-jar -d 'Keep cookies that servers set, also for redirects and reconnects, and write them, with those of -b FILE, to this file' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l auth -d 'Require a user and password (HTTP Basic); @FILE reads them from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l auth-bearer -d 'Require a token (Authorization: Bearer); @FILE reads it from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l max-connections -d 'Maximum concurrent clients; further ones get 503' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l tls-cert -d 'Serve wss with this certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l tls-key -d 'Private key of --tls-cert (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l allow-origin -d 'Allow web pages of this origin, such as https://example.com, null, or * for all; repeatable [default: pages on loopback]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l allow-host -d 'Answer to this name in Host, .example.com for it and its subdomains, or * for all; repeatable [default: loopback names, the addresses and names listened on, .test, .internal, the names in the certificate]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s s -l subprotocol -d 'Request this subprotocol instead of the client\'s; repeatable, most preferred first' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l host -d 'Host header [default: host and port of the URL]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l origin -d 'Origin header, sent whether or not the client sends one' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s A -l user-agent -d 'User-Agent header [default: the client\'s]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l max-body -d 'Longest body of a refusal to pass on, a longer one is left out: bytes (K, M, G), or none for up to 64MiB' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l max-message-size -d 'Largest message to pass on, after decompression: bytes (K, M, G), or none. A larger one closes its sender\'s connection (1009); memory is bounded in any case' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l ping-interval -d 'Interval between automatic pings to both sides, in addition to forwarded ones; 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l close-timeout -d 'Timeout for a side\'s part of the closing handshake, and, once the other side has ended, for its end, counted from its last bytes' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l digest -d 'Use the credentials of -u or the URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l basic -d 'What -u sends unless a challenge asks for Digest, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l show-secrets -d 'Show passwords, tokens and cookies in the output of -v'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s L -l location -d 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (everything that -v masks) are not sent to another scheme, host or port'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l location-trusted -d 'Like --location, but send credentials, cookies and tokens wherever the redirects lead'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l location-downgrade -d 'Like --location, but also follow redirects from wss to ws'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, as in RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l proxy-digest -d 'Use the credentials of -U or the proxy\'s URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l no-config -d 'Read no configuration file'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l native-roots -d 'Trust the system\'s root certificates instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s k -l insecure -d 'Accept any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l tlsv1.2 -d '--tls-min 1.2, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l tlsv1.3 -d '--tls-min 1.3, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l keep-host -d 'Send the target the client\'s Host header [default: host and port of the target]'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l keep-origin -d 'Send the target the client\'s Origin header [default: the origin of the target, if the client sends one]'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l lenient -d 'Forward protocol violations, including messages over --max-message-size, unchanged, and everything after them in that direction without parsing it, instead of closing both connections. Disables compression'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l help-rules -d 'Print the grammar of --rules, and exit'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l page -d 'Serve a page at /.wscli/ of this proxy that shows the messages on all its connections, and the frames of one; plain requests for that path then don\'t go to the target. Only if all addresses listened on are loopback'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l prompt -d 'Control the traffic from a terminal: see both sides\' messages, hold or drop them, and send to either side; /help lists the commands'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l template -d 'Fill in ${uuid}, ${now}, ${counter}, ${random}, ${env.NAME} and ${last./POINTER} in what you type; /template changes it'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l forward -d 'Run an HTTP proxy (CONNECT and absolute URLs) and a SOCKS 5 proxy on one port, instead of forwarding to one target. WebSockets that clients open through it without TLS are shown; everything else passes through untouched, and request flags (-H) apply to WebSockets only. --auth, --auth-bearer or --client-ca is required to listen beyond loopback'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l record-secrets -d 'Record passwords, tokens and cookies of the opening handshake too'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l record-frames -d 'Record every frame too, with FIN, RSV, opcode, masking key and payload as on the wire'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l tls -d 'Serve wss with a self-signed certificate for localhost, generated at startup; ws stays available on the same port'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l no-compress -d 'Disable permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l no-context-takeover -d 'Compress each message independently, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l proxy-protocol -d 'Require a PROXY protocol header (version 1 or 2) at the start of each connection, as HAProxy (send-proxy) and AWS load balancers send it, and take the client\'s address from it. Use it only behind such a proxy'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s q -l quiet -d 'Log only warnings and errors'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s v -l verbose -d 'Log every step to the target, request and response headers on both sides, and every message (the first 64 KiB of it): < from the client, > to the client. Secrets in headers and URLs are masked'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -l no-check -d 'Accept an invalid handshake response (101) from the target'
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand show" -l connection -d 'Show only one connection, by its number there (counted from 1 where numbers repeat)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand show" -l grep -d 'Show only messages that match (text or binary)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand show" -l json -d 'Show only JSON messages that have this value (RFC 6901, such as /user/name), and only the value' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand show" -l only -d 'Show only one direction: sent or received' -r -f -a "sent\t''
received\t''"
complete -c wscli -n "__fish_wscli_using_subcommand show" -l from -d 'Show only events from this time on: since the connection opened (1.5s), or a date and time (2026-01-01T12:00:00Z)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand show" -l to -d 'Show only events up to this time, in the same forms' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand show" -l frames -d 'Show frames too, if they were recorded (--record-frames)'
complete -c wscli -n "__fish_wscli_using_subcommand show" -l stats -d 'Show counts of messages and bytes instead of the messages'
complete -c wscli -n "__fish_wscli_using_subcommand show" -l lenient -d 'Skip lines that can\'t be parsed, with a note on stderr, instead of stopping at the first with exit code 2'
complete -c wscli -n "__fish_wscli_using_subcommand show" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l url -d 'The URL, as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s H -l header -d 'Send this header: \'Name: value\', \'Name;\' to send it empty, \'Name:\' to remove it; @FILE reads headers from a file, one per line. Repeatable; overrides a default header' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l host -d 'Host header [default: host and port of the URL]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l origin -d 'Origin header, which browsers always send [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s s -l subprotocol -d 'Request this subprotocol; repeatable, most preferred first [default: none]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s u -l user -d 'Basic credentials, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l bearer -d 'Bearer token, or @FILE to read it from its first line' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s b -l cookie -d 'Send this cookie, or the matching ones from a curl or Netscape cookie file; repeatable; \'\' sends none, but keeps cookies that servers set for redirects and reconnects' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s c -l cookie-jar -d 'Keep cookies that servers set, also for redirects and reconnects, and write them, with those of -b FILE, to this file' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s A -l user-agent -d 'User-Agent header [default: wscli/VERSION]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s e -l referer -d '-H \'Referer: URL\', as curl spells it' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l from-curl -d 'Connect as this curl command would: paste a browser\'s "Copy as cURL"' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l max-body -d 'Show at most this much of a refusal\'s body: bytes (K, M, G), or none for up to 64MiB' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l max-redirs -d 'Maximum number of redirects to follow' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; separate several with commas; * matches any host; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l connect-to -d 'Connect to HOST2 and PORT2 instead of HOST1 and PORT1; HOST:PORT alone replaces the URL\'s. An empty HOST1 or PORT1 matches any, an empty HOST2 or PORT2 keeps the URL\'s. Repeatable; the first match wins' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s x -l proxy -d 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s U -l proxy-user -d 'Credentials for the proxy, instead of those in its URL, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l noproxy -d 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l config -d 'Read defaults for flags, and the servers for @NAME, from this file [default: wscli/config.toml in XDG_CONFIG_HOME, or in ~/.config]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l retry -d 'Retry transient failures at most N times: a host that can\'t be resolved, a refused connection, a timeout, and the statuses 408, 429, 500, 502, 503 and 504, as curl does with --retry-connrefused' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l retry-delay -d 'Delay before each retry, and each attempt to reconnect [default: 1s, doubling up to 1m, with jitter]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l retry-max-time -d 'Stop retrying after this long; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l cacert -d 'Also trust these certificates (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l cert -d 'Client certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l key -d 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l tls-min -d 'Minimum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l tls-max -d 'Maximum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l sni -d 'Server name to send and to verify the certificate against [default: the URL\'s host]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l alpn -d 'Comma-separated application protocols to offer; \'\' for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l connect-timeout -d 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l role -d 'Which side to play to the server' -r -f -a "client\t'What the client sent'
server\t'What the server sent, such as a feed for another server; serve --replay plays it to clients'"
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l connection -d 'Which connection to play if the file has several, by its number there (counted from 1 where numbers repeat)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l pace -d 'When to send the next message' -r -f -a "order\t'Once as many messages have arrived as before it in the recording'
time\t'After the recorded time'
none\t'At once'"
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l speed -d 'With --pace time: play this many times as fast, such as 10 or 0.5' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l max-gap -d 'With --pace time: shorten longer gaps to this, before --speed [default: no limit]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l wait -d 'Wait this much longer for a message than it took when recorded; 0 for no limit [default: 10s]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l match -d 'How messages are compared with the recorded ones' -r -f -a "json\t'JSON by its values, anything else byte for byte'
subset\t'The same, but objects may have more members'
exact\t'Every byte'
regex\t'Recorded messages are regular expressions that must match'
count\t'Only the number of messages'
any\t'Nothing'"
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l ignore -d 'Ignore this value in JSON (RFC 6901, such as /user/id; * stands for every member or element); repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l on-mismatch -d 'What to do if a message differs from the recorded one' -r -f -a "warn\t'Report it and continue'
fail\t'The same, and exit 1 at the end; for serve, like warn'
stop\t'Close at once: replay with 1000 and exit 1, serve with 1008'"
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l capture -d 'Take this value from each JSON message received, and use it instead of the recorded one in messages sent and compared later, such as session=/session/id; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s m -l max-time -d 'Stop after this long, plus 100 ms for the peer to answer our Close; messages that haven\'t arrived by then are missing; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l record -d 'Append a recording of connections to this file: a line of JSON for each opening, message, ping, pong, close and violation, both ways (wscli man recording); secrets in headers are masked, messages are not; - for stdout, if nothing else goes there' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l frames -d 'Log every frame to stderr, one per line: > sent, < received; with payload also the beginning of its content, after decompression (header if no value is given)' -r -f -a "header\t''
payload\t''"
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l max-message-size -d 'Largest message to accept, after decompression: bytes (K, M, G), or none. A peer that sends a whole message before reading is answered up to this size; with none it is blocked after 1 MiB of unread answer' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l compress-level -d 'Compression level: 1 (fastest) to 9 (smallest)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l window-bits -d 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l ping-timeout -d 'Fail the connection if neither the pong nor data arrives within this time after a ping' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l handshake-timeout -d 'Timeout for the peer\'s part of the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l close-timeout -d 'Timeout for the peer\'s part of the closing handshake; a server that still sends has up to five times as long' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l ping-interval -d 'Interval between automatic pings (see --ping-timeout); 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l digest -d 'Use the credentials of -u or the URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l basic -d 'What -u sends unless a challenge asks for Digest, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s v -l verbose -d 'Log every step to stderr: addresses, TLS, certificates, > request and < response, timings. Secrets in headers and URLs are masked'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l show-secrets -d 'Show passwords, tokens and cookies in the output of -v'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l no-check -d 'Accept an invalid handshake response (101); connect also continues after violations that leave frame and message boundaries clear: text that is not UTF-8, masking, reserved bits, non-minimal lengths, an invalid Close'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s L -l location -d 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (everything that -v masks) are not sent to another scheme, host or port'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l location-trusted -d 'Like --location, but send credentials, cookies and tokens wherever the redirects lead'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l location-downgrade -d 'Like --location, but also follow redirects from wss to ws'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, as in RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l proxy-digest -d 'Use the credentials of -U or the proxy\'s URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l no-config -d 'Read no configuration file'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l native-roots -d 'Trust the system\'s root certificates instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s k -l insecure -d 'Accept any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l tlsv1.2 -d '--tls-min 1.2, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l tlsv1.3 -d '--tls-min 1.3, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l exact -d 'Also send recorded frames that the protocol forbids, masked as they were'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l lenient -d 'Skip lines that can\'t be parsed, with a note on stderr, instead of stopping at the first with exit code 2'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l record-secrets -d 'Record passwords, tokens and cookies of the opening handshake too'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l record-frames -d 'Record every frame too, with FIN, RSV, opcode, masking key and payload as on the wire'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l no-compress -d 'Disable permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -l no-context-takeover -d 'Compress each message independently, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand replay" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand diff" -l connection -d 'Compare only this connection, by its number in both files (counted from 1 where numbers repeat)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand diff" -l match -d 'How messages are compared' -r -f -a "json\t'JSON by its values, anything else byte for byte'
exact\t'Every byte'
count\t'Only the number of messages'"
complete -c wscli -n "__fish_wscli_using_subcommand diff" -l ignore -d 'Ignore this value in JSON (RFC 6901, such as /user/id; * stands for every member or element); repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand diff" -l lenient -d 'Skip lines that can\'t be parsed, with a note on stderr, instead of stopping at the first with exit code 2'
complete -c wscli -n "__fish_wscli_using_subcommand diff" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand convert" -s o -l output -d 'Write to this file, replaced once the output is complete; - for stdout' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand convert" -l from -d 'Format of IN: recording or har [default: by its name: har for .har, .zhar and .har.gz, otherwise recording]' -r -f -a "recording\t''
har\t''"
complete -c wscli -n "__fish_wscli_using_subcommand convert" -l to -d 'Format of OUT: recording, har, pcapng, txt, md or wst (a test) [default: by its name; .ndjson and .jsonl are recordings]' -r -f -a "recording\t''
har\t''
pcapng\t''
txt\t''
md\t''
wst\t''"
complete -c wscli -n "__fish_wscli_using_subcommand convert" -l connection -d 'Convert only one connection of a recording, by its number there (counted from 1 where numbers repeat), such as a proxy\'s to its target' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand convert" -l har-control -d 'Write pings, pongs and closes to a HAR too, as messages with opcodes 8 to 10, which few tools expect'
complete -c wscli -n "__fish_wscli_using_subcommand convert" -l lenient -d 'Skip what can\'t be parsed, with a note on stderr, instead of stopping at the first error with exit code 2'
complete -c wscli -n "__fish_wscli_using_subcommand convert" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l var -d 'Give this variable a value: ${NAME} in the files; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l secret -d 'The same, but mask the value in all output; @FILE reads it from the file\'s first line; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l vars -d 'Read variables from this TOML or JSON file: NAME = VALUE, and a table for each environment; repeatable' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand test" -l env -d 'Prefer the values in this table of the --vars file' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -s j -l jobs -d 'Run this many files at once [default: the number of processors]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l retry -d 'Run a file that failed again, up to N times' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l only -d 'Run only files whose path matches' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l junit -d 'Also write the results to this file as JUnit XML; - for stdout, instead of lines' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand test" -l record-dir -d 'Record each connection to its own file in this folder, named after the test and the connection (wscli man recording); failure reports name the file; secrets in headers are masked, messages are not' -r -f -a "(__fish_complete_directories)"
complete -c wscli -n "__fish_wscli_using_subcommand test" -l max-redirs -d 'Maximum number of redirects to follow' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l resolve -d 'Use this address for HOST and PORT instead of asking the resolver; separate several with commas; * matches any host; repeatable' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l connect-to -d 'Connect to HOST2 and PORT2 instead of HOST1 and PORT1; HOST:PORT alone replaces the URL\'s. An empty HOST1 or PORT1 matches any, an empty HOST2 or PORT2 keeps the URL\'s. Repeatable; the first match wins' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l unix-socket -d 'Connect to this Unix domain socket' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand test" -s x -l proxy -d 'Use this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]; \'\' for none [default: WSS_PROXY, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -s U -l proxy-user -d 'Credentials for the proxy, instead of those in its URL, or @FILE to read them from its first line; prompts if no password is given' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l noproxy -d 'Comma-separated hosts to reach without a proxy; * for all [default: NO_PROXY]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l cacert -d 'Also trust these certificates (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand test" -l cert -d 'Client certificate chain (PEM)' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand test" -l key -d 'Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand test" -l tls-min -d 'Minimum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand test" -l tls-max -d 'Maximum TLS version' -r -f -a "1.2\t''
1.3\t''"
complete -c wscli -n "__fish_wscli_using_subcommand test" -l sni -d 'Server name to send and to verify the certificate against [default: the URL\'s host]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l alpn -d 'Comma-separated application protocols to offer; \'\' for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l connect-timeout -d 'Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l timeout -d 'Default timeout of a step' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -s m -l max-time -d 'Stop after this long; tests still running then have failed; 0 for no limit [default: 0]' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l max-message-size -d 'Largest message to accept, after decompression: bytes (K, M, G), or none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l compress-level -d 'Compression level: 1 (fastest) to 9 (smallest)' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l window-bits -d 'Largest LZ77 window in both directions, as a base-2 logarithm: 9 to 15' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l ping-interval -d 'Interval between automatic pings (see --ping-timeout); 0 for none' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l ping-timeout -d 'Fail the connection if neither the pong nor data arrives within this time after a ping' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l handshake-timeout -d 'Timeout for the peer\'s part of the opening handshake' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l close-timeout -d 'Timeout for the peer\'s part of the closing handshake; a server that still sends has up to five times as long' -r -f
complete -c wscli -n "__fish_wscli_using_subcommand test" -l fail-fast -d 'Don\'t start more files after a failure'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l dry-run -d 'List the files and check their syntax without running them'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l fmt -d 'Format the files in place without running them, and print the names of those that changed; with --dry-run, of those that would change, with exit code 1 if there are any'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l tap -d 'Print the results as TAP version 13'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l json -d 'Print the results as one JSON object (wscli man test.5)'
complete -c wscli -n "__fish_wscli_using_subcommand test" -s L -l location -d 'Follow redirects to http, https, ws and wss URLs. Credentials, cookies and tokens (everything that -v masks) are not sent to another scheme, host or port'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l location-trusted -d 'Like --location, but send credentials, cookies and tokens wherever the redirects lead'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l location-downgrade -d 'Like --location, but also follow redirects from wss to ws'
complete -c wscli -n "__fish_wscli_using_subcommand test" -s 4 -l ipv4 -d 'Use IPv4 only [default: both, as in RFC 8305]'
complete -c wscli -n "__fish_wscli_using_subcommand test" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l proxy-digest -d 'Use the credentials of -U or the proxy\'s URL for Digest authentication only; otherwise they are sent as Basic, and a Digest challenge is answered too'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l native-roots -d 'Trust the system\'s root certificates instead of Mozilla\'s'
complete -c wscli -n "__fish_wscli_using_subcommand test" -s k -l insecure -d 'Accept any certificate'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l tlsv1.2 -d '--tls-min 1.2, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l tlsv1.3 -d '--tls-min 1.3, as curl spells it'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l no-compress -d 'Disable permessage-deflate'
complete -c wscli -n "__fish_wscli_using_subcommand test" -l no-context-takeover -d 'Compress each message independently, in both directions'
complete -c wscli -n "__fish_wscli_using_subcommand test" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand config; and not __fish_seen_subcommand_from path check example targets" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand config; and not __fish_seen_subcommand_from path check example targets" -f -a "path" -d 'Print where the configuration file is, or would be'
complete -c wscli -n "__fish_wscli_using_subcommand config; and not __fish_seen_subcommand_from path check example targets" -f -a "check" -d 'Report all errors in the configuration file; exit 2 if there are any'
complete -c wscli -n "__fish_wscli_using_subcommand config; and not __fish_seen_subcommand_from path check example targets" -f -a "example" -d 'Print a configuration file to start from'
complete -c wscli -n "__fish_wscli_using_subcommand config; and not __fish_seen_subcommand_from path check example targets" -f -a "targets" -d 'Print the targets of the configuration file, one @NAME per line'
complete -c wscli -n "__fish_wscli_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'The same, spelled as in other subcommands' -r -F
complete -c wscli -n "__fish_wscli_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand config; and __fish_seen_subcommand_from example" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand config; and __fish_seen_subcommand_from targets" -l servers -d 'Print the servers in their URLs instead: wss://HOST[:PORT]'
complete -c wscli -n "__fish_wscli_using_subcommand config; and __fish_seen_subcommand_from targets" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand completions" -l install -d 'Install the script where the shell looks for it, and print what was done'
complete -c wscli -n "__fish_wscli_using_subcommand completions" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand man" -l write -d 'Write all pages to man1 and man5 of this directory, such as ~/.local/share/man' -r -f -a "(__fish_complete_directories)"
complete -c wscli -n "__fish_wscli_using_subcommand man" -s h -l help -d 'Print help'
complete -c wscli -n "__fish_wscli_using_subcommand help" -s h -l help -d 'Print help'

function __wscli_urls
    printf '%s\n' ws:// wss://
    string match -q '@*' -- (commandline -ct); and wscli config targets 2>/dev/null
    history search --contains :// | string match -ra 'wss?://[^\s"\']+' | sort -u
    set -l scheme (string match -r '^wss?://' -- (commandline -ct))
    and __fish_print_hostnames | string replace -r '^' $scheme
end

function __wscli_at_file
    set -l file (commandline -ct | string replace -r '^(--[a-z-]+=|-[A-Za-z])' '' | string match -r '^@(.*)')
    and __fish_complete_path "$file[2]" | string replace -r '^' '@'
end

function __wscli_routes
    set -l path (commandline -ct | string replace -r '^--route=' '' | string match -r '^[^=]*=')
    and printf "$path%s\n" echo broadcast sink push: reply: script: replay: exec: prompt
end

function __fish_wscli_using_subcommand
    set -l cmd (commandline -opc)
    set -e cmd[1]
    test -n "$cmd[1]"; or return 1
    contains -- $cmd[1] connect inspect ping bench serve proxy show replay diff convert test config completions man help -h -V --help --version; or set cmd connect
    contains -- $cmd[1] $argv
end

function __wscli_arguments_are
    set -l cmd (commandline -opc)
    test "$cmd[2..3]" = "$argv"
end
complete -c wscli -n "__fish_wscli_needs_command; and string match -qr '^(ws|@)' -- (commandline -ct)" -f -a "(__wscli_urls)"
complete -c wscli -n "__fish_wscli_using_subcommand connect" -f -a "(__wscli_urls)"
complete -c wscli -n "__fish_wscli_using_subcommand inspect" -f -a "(__wscli_urls)"
complete -c wscli -n "__fish_wscli_using_subcommand ping" -f -a "(__wscli_urls)"
complete -c wscli -n "__fish_wscli_using_subcommand bench" -f -a "(__wscli_urls)"
complete -c wscli -n "__fish_wscli_using_subcommand proxy" -f -a "(__wscli_urls)"
complete -c wscli -n "__fish_wscli_using_subcommand replay" -f -a "(__wscli_urls)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -l auth -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l auth -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -l auth-bearer -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l auth-bearer -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -l bearer -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l bearer -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -l data -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l data -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -l header -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l header -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -l message -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l message -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -l proxy-user -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l proxy-user -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -l user -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l user -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -s H -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s H -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -s U -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s U -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -s d -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s d -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand connect inspect ping bench proxy replay" -s u -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -s u -r -f -a "(__wscli_at_file)"
complete -c wscli -n "__fish_wscli_using_subcommand serve" -l route -r -f -a "(__wscli_routes)"
complete -c wscli -n "__wscli_arguments_are man" -f -a "wscli connect inspect ping bench serve proxy show replay diff convert test config completions man help rules.5 events.5 serve-events.5 recording.5 faults.5 test.5 config.5"
complete -c wscli -n "__wscli_arguments_are help" -f -a "connect inspect ping bench serve proxy show replay diff convert test config completions man help"
complete -c wscli -n "__wscli_arguments_are help connect" -f -a "request handshake reaching configuration retries tls deadlines sending answers output recording when prompt compression --header --host --origin --subprotocol --user --digest --bearer --cookie --cookie-jar --user-agent --from-curl --verbose --show-secrets --max-body --no-check --location --location-trusted --location-downgrade --max-redirs --resolve --connect-to --ipv4 --ipv6 --unix-socket --proxy --proxy-user --proxy-digest --noproxy --config --no-config --retry --retry-delay --retry-max-time --cacert --native-roots --insecure --cert --key --tls-min --tls-max --sni --alpn --connect-timeout --echo --help-rules --data --data-raw --no-input --in --binary --crlf --escapes --fragment-size --rate --delay --on --on-file --pace --send-after --fill --no-compress-under --out --output --decode --append --timestamps --color --show-pings --quiet --record --record-secrets --record-frames --count --until --expect --reject --linger --close --no-close --ok-close --reconnect --max-time --edit-mode --bind --bell --template --filter --pick --watch --frames --max-message-size --no-compress --compress-level --no-context-takeover --window-bits --ping-interval --ping-timeout --handshake-timeout --close-timeout"
complete -c wscli -n "__wscli_arguments_are help inspect" -f -a "request handshake reaching configuration retries tls deadlines limits compression --header --host --origin --subprotocol --user --digest --bearer --cookie --cookie-jar --user-agent --from-curl --verbose --show-secrets --max-body --no-check --location --location-trusted --location-downgrade --max-redirs --resolve --connect-to --ipv4 --ipv6 --unix-socket --proxy --proxy-user --proxy-digest --noproxy --config --no-config --retry --retry-delay --retry-max-time --cacert --native-roots --insecure --cert --key --tls-min --tls-max --sni --alpn --connect-timeout --json --prometheus --echo-probe --expect --expect-timeout --limits --for --every --message --quick --max-time --frames --max-message-size --no-compress --compress-level --no-context-takeover --window-bits --ping-interval --ping-timeout --handshake-timeout --close-timeout"
complete -c wscli -n "__wscli_arguments_are help ping" -f -a "request handshake reaching configuration retries tls deadlines pings compression --header --host --origin --user --digest --bearer --cookie --user-agent --from-curl --verbose --show-secrets --max-body --no-check --location --location-trusted --location-downgrade --max-redirs --resolve --connect-to --ipv4 --ipv6 --unix-socket --proxy --proxy-user --proxy-digest --noproxy --config --no-config --retry --retry-delay --retry-max-time --cacert --native-roots --insecure --cert --key --tls-min --tls-max --sni --alpn --connect-timeout --count --interval --timeout --size --message --answer --json --quiet --max-time --frames --max-message-size --no-compress --compress-level --no-context-takeover --window-bits --handshake-timeout --close-timeout --cookie-jar --subprotocol"
complete -c wscli -n "__wscli_arguments_are help bench" -f -a "request handshake reaching configuration retries tls deadlines load messages compression --header --host --origin --subprotocol --user --digest --bearer --cookie --user-agent --from-curl --verbose --show-secrets --max-body --no-check --location --location-trusted --location-downgrade --max-redirs --resolve --connect-to --ipv4 --ipv6 --unix-socket --proxy --proxy-user --proxy-digest --noproxy --config --no-config --retry --retry-delay --retry-max-time --cacert --native-roots --insecure --cert --key --tls-min --tls-max --sni --alpn --connect-timeout --connections --duration --count --rate --in-flight --publish --subscribe --connect-only --storm --source --ramp --warmup --i-may --message --template --size --binary --reply --timeout --histogram --fail --hlog --export --json --max-message-size --no-compress --compress-level --no-context-takeover --window-bits --ping-interval --ping-timeout --handshake-timeout --close-timeout --cookie-jar"
complete -c wscli -n "__wscli_arguments_are help serve" -f -a "modes replay prompt recording requests deadlines tls faults configuration compression --echo --broadcast --sink --push --reply --script --replay --exec --prompt --route --include-sender --every --loop --pty --exec-framing --exec-close --max-outbox --slow --connection --pace --speed --max-gap --match --ignore --capture --exact --wait --on-mismatch --help-rules --verbose --show-secrets --edit-mode --bind --bell --template --filter --pick --watch --color --port --unix --port-file --quiet --out --record --record-secrets --record-frames --allow-origin --allow-host --auth --bearer --max-connections --proxy-protocol --idle-timeout --tls --tls-name --cert --key --client-ca --fault --seed --static --subprotocol --require-subprotocol --header --config --no-config --frames --max-message-size --no-compress --compress-level --no-context-takeover --window-bits --ping-interval --ping-timeout --handshake-timeout --close-timeout"
complete -c wscli -n "__wscli_arguments_are help proxy" -f -a "request handshake reaching configuration retries tls deadlines forwarding control prompt proxy recording faults compression --header --user --digest --bearer --cookie --show-secrets --location --location-trusted --location-downgrade --max-redirs --resolve --connect-to --ipv4 --ipv6 --unix-socket --proxy --proxy-user --proxy-digest --noproxy --config --no-config --retry --retry-delay --retry-max-time --cacert --native-roots --insecure --cert --key --tls-min --tls-max --sni --alpn --connect-timeout --keep-host --keep-origin --lenient --help-rules --rules --page --prompt --hold-time --edit-mode --bind --bell --template --filter --pick --watch --color --forward --intercept --allow-connect --port --unix --port-file --out --record --record-secrets --record-frames --idle-timeout --tls --tls-name --client-ca --fault --seed --frames --no-compress --compress-level --no-context-takeover --window-bits --ping-timeout --handshake-timeout --auth --auth-bearer --max-connections --proxy-protocol --tls-cert --tls-key --allow-origin --allow-host --quiet --subprotocol --host --origin --user-agent --verbose --no-check --max-body --max-message-size --ping-interval --close-timeout"
complete -c wscli -n "__wscli_arguments_are help show" -f -a "--connection --grep --json --only --from --to --frames --stats --lenient"
complete -c wscli -n "__wscli_arguments_are help replay" -f -a "request handshake reaching configuration retries tls deadlines replay recording compression --header --host --origin --subprotocol --user --digest --bearer --cookie --cookie-jar --user-agent --from-curl --verbose --show-secrets --max-body --no-check --location --location-trusted --location-downgrade --max-redirs --resolve --connect-to --ipv4 --ipv6 --unix-socket --proxy --proxy-user --proxy-digest --noproxy --config --no-config --retry --retry-delay --retry-max-time --cacert --native-roots --insecure --cert --key --tls-min --tls-max --sni --alpn --connect-timeout --role --connection --pace --speed --max-gap --wait --match --ignore --on-mismatch --capture --exact --lenient --max-time --record --record-secrets --record-frames --frames --max-message-size --no-compress --compress-level --no-context-takeover --window-bits --ping-timeout --handshake-timeout --close-timeout --ping-interval"
complete -c wscli -n "__wscli_arguments_are help diff" -f -a "--connection --match --ignore --lenient"
complete -c wscli -n "__wscli_arguments_are help convert" -f -a "--output --from --to --connection --har-control --lenient"
complete -c wscli -n "__wscli_arguments_are help test" -f -a "variables run results reaching tls deadlines compression --var --secret --vars --env --jobs --retry --fail-fast --only --dry-run --fmt --junit --record-dir --tap --json --location --location-trusted --location-downgrade --max-redirs --resolve --connect-to --ipv4 --ipv6 --unix-socket --proxy --proxy-user --proxy-digest --noproxy --cacert --native-roots --insecure --cert --key --tls-min --tls-max --sni --alpn --connect-timeout --timeout --max-time --max-message-size --no-compress --compress-level --no-context-takeover --window-bits --ping-interval --ping-timeout --handshake-timeout --close-timeout"
complete -c wscli -n "__wscli_arguments_are help config" -f -a ""
complete -c wscli -n "__wscli_arguments_are help completions" -f -a "--install"
complete -c wscli -n "__wscli_arguments_are help man" -f -a "--write"
complete -c wscli -n "__wscli_arguments_are help help" -f -a ""
