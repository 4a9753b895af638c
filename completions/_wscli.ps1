
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
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Listen, and echo every message to its sender')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wscli;connect' {
            [CompletionResult]::new('--linger', '--linger', [CompletionResultType]::ParameterName, 'How long the peer must be quiet after stdin''s end before the connection is closed')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these certificates too (PEM), besides Mozilla''s roots')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none')
            [CompletionResult]::new('--compress-level', '--compress-level', [CompletionResultType]::ParameterName, '1 is the fastest, 9 the smallest')
            [CompletionResult]::new('--window-bits', '--window-bits', [CompletionResultType]::ParameterName, 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15')
            [CompletionResult]::new('--ping-interval', '--ping-interval', [CompletionResultType]::ParameterName, 'How often to send a Ping; 0 is never')
            [CompletionResult]::new('--ping-timeout', '--ping-timeout', [CompletionResultType]::ParameterName, 'How long to wait for the Pong before the connection is failed')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the opening handshake')
            [CompletionResult]::new('--close-timeout', '--close-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the closing handshake')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Deadline for resolving and connecting, and again for the TLS handshake')
            [CompletionResult]::new('--echo', '--echo', [CompletionResultType]::ParameterName, 'Send back every message that arrives, instead of reading stdin')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Trust any certificate')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Trust any certificate')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Show every frame on stderr, one line each: > sent, < received')
            [CompletionResult]::new('--no-compress', '--no-compress', [CompletionResultType]::ParameterName, 'Neither offer nor accept permessage-deflate')
            [CompletionResult]::new('--no-context-takeover', '--no-context-takeover', [CompletionResultType]::ParameterName, 'Compress each message by itself, in both directions')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wscli;serve' {
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Serve wss with this certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The certificate''s private key (PEM)')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'The largest message to receive, after inflating: a size in bytes (K, M, G), or none')
            [CompletionResult]::new('--compress-level', '--compress-level', [CompletionResultType]::ParameterName, '1 is the fastest, 9 the smallest')
            [CompletionResult]::new('--window-bits', '--window-bits', [CompletionResultType]::ParameterName, 'The largest LZ77 window in both directions, as its base-2 logarithm: 9 to 15')
            [CompletionResult]::new('--ping-interval', '--ping-interval', [CompletionResultType]::ParameterName, 'How often to send a Ping; 0 is never')
            [CompletionResult]::new('--ping-timeout', '--ping-timeout', [CompletionResultType]::ParameterName, 'How long to wait for the Pong before the connection is failed')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the opening handshake')
            [CompletionResult]::new('--close-timeout', '--close-timeout', [CompletionResultType]::ParameterName, 'Deadline for the peer''s side of the closing handshake')
            [CompletionResult]::new('--echo', '--echo', [CompletionResultType]::ParameterName, 'Send every message back to its sender (the default)')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Serve wss with a self-signed certificate for localhost, made at the start')
            [CompletionResult]::new('--frames', '--frames', [CompletionResultType]::ParameterName, 'Show every frame on stderr, one line each: > sent, < received')
            [CompletionResult]::new('--no-compress', '--no-compress', [CompletionResultType]::ParameterName, 'Neither offer nor accept permessage-deflate')
            [CompletionResult]::new('--no-context-takeover', '--no-context-takeover', [CompletionResultType]::ParameterName, 'Compress each message by itself, in both directions')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wscli;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'wscli;help' {
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Connect to a server: a prompt on a terminal, lines as messages in a pipe')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Listen, and echo every message to its sender')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wscli;help;connect' {
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
