
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
            cand serve 'Listen: an echo, a chat room, a ticker, a mock, a process for each client, and a page to try it from'
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
            cand --unix 'Listen on a Unix socket too; it is removed at the end'
            cand --port-file 'Write the ports that are listened on to a file, one a line, once they are; it is removed at the end'
            cand --push 'Send the lines of a file to every client, from the first on; - sends stdin as it comes, the same to all'
            cand --reply 'Answer by the rules in a file: see `Rules` below'
            cand --exec 'Run a shell command for each client: messages are lines of its stdin, lines of its stdout are messages'
            cand --route 'Serve a path with a mode, such as /chat=broadcast, /feed=push:FILE or /run=exec:COMMAND; repeatable. Other paths get 404, but for / where a mode is given as a flag too'
            cand --every 'With --push: wait this long between lines; 0 doesn''t wait'
            cand --max-outbox 'How much may wait for a client that reads slowly, in --broadcast and --push: a size in bytes (K, M, G)'
            cand --slow 'What happens to a client over --max-outbox'
            cand --static 'Answer plain HTTP with the files of a folder'
            cand --subprotocol 'Speak a subprotocol; repeatable, and of several the client''s order decides'
            cand --allow-origin 'Let in browsers from this origin, such as https://example.com, null or *; repeatable. Without it every origin may, with a warning in the log'
            cand --auth 'Ask for a user and a password (HTTP Basic)'
            cand --bearer 'Ask for a token (Authorization: Bearer)'
            cand -H 'Add a header to every response; repeatable'
            cand --header 'Add a header to every response; repeatable'
            cand --max-connections 'Over so many clients at the same time, the next gets 503'
            cand --idle-timeout 'Close a connection on which there was no message and no ping of the client''s for so long; 0 is never'
            cand --tls-name 'Put another name or address into the self-signed certificate; repeatable'
            cand --cert 'Serve wss with this certificate chain (PEM)'
            cand --key 'The certificate''s private key (PEM)'
            cand --client-ca 'Demand client certificates issued by these (PEM); then there is no ws on the port'
            cand --max-message-size 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none'
            cand --compress-level '1 is the fastest, 9 the smallest'
            cand --window-bits 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15'
            cand --ping-interval 'How often to send a Ping; 0 is never'
            cand --ping-timeout 'How long to wait for the Pong before the connection is failed'
            cand --handshake-timeout 'Deadline for the peer''s side of the opening handshake'
            cand --close-timeout 'Deadline for the peer''s side of the closing handshake'
            cand --echo 'Send every message back to its sender (the default)'
            cand --broadcast 'Send every message to every other client'
            cand --sink 'Read, and say nothing'
            cand --include-sender 'With --broadcast: send messages to their sender too'
            cand --loop 'With --push FILE: begin again after the last line, instead of closing with 1000'
            cand -v 'Show the heads of requests and responses'
            cand --verbose 'Show the heads of requests and responses'
            cand --require-subprotocol 'Refuse clients that speak none of the subprotocols'
            cand --tls 'Serve wss, with a self-signed certificate for localhost made at the start; ws is still served on the same port'
            cand --frames 'Show every frame on stderr, one line each: > sent, < received'
            cand --no-compress 'Neither offer nor accept permessage-deflate'
            cand --no-context-takeover 'Compress each message by itself, in both directions'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'wscli;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'wscli;help'= {
            cand connect 'Connect to a server: a prompt on a terminal, lines as messages in a pipe'
            cand serve 'Listen: an echo, a chat room, a ticker, a mock, a process for each client, and a page to try it from'
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
