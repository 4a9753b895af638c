
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
            cand serve 'Listen, and echo every message to its sender'
            cand completions 'Print the completions for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'wscli;connect'= {
            cand --linger 'How long the peer must be quiet after stdin''s end before the connection is closed'
            cand --cacert 'Trust these certificates too (PEM), besides Mozilla''s roots'
            cand --max-message-size 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none'
            cand --compress-level '1 is the fastest, 9 the smallest'
            cand --window-bits 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15'
            cand --ping-interval 'How often to send a Ping; 0 is never'
            cand --ping-timeout 'How long to wait for the Pong before the connection is failed'
            cand --handshake-timeout 'Deadline for the peer''s side of the opening handshake'
            cand --close-timeout 'Deadline for the peer''s side of the closing handshake'
            cand --connect-timeout 'Deadline for resolving and connecting, and again for the TLS handshake'
            cand --echo 'Send back every message that arrives, instead of reading stdin'
            cand -k 'Trust any certificate'
            cand --insecure 'Trust any certificate'
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
            cand serve 'Listen, and echo every message to its sender'
            cand completions 'Print the completions for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'wscli;help;connect'= {
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
