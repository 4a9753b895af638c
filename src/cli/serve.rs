//! The flags of `wscli serve`.

use clap::Args;

use super::admission::AnswerArgs;
use super::config_flags::ConfigFileArgs;
use super::connection::ConnectionArgs;
use super::listening::{ListeningArgs, LogFlags, address};
use super::mode::ModeArgs;
use super::prompt::ServerPromptArgs;
use crate::commands::serve::Config;
use crate::http::Secrets;
use crate::server::Subprotocols;
use crate::ws::Observe;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Where to listen: PORT, :PORT or HOST:PORT; repeatable; port 0 picks a free one
    /// [default: 127.0.0.1:8080]
    #[arg(value_parser = address)]
    addresses: Vec<String>,

    #[command(flatten)]
    mode: ModeArgs,

    /// Print the grammar of --reply rules, and exit
    #[arg(long)]
    pub(super) help_rules: bool,

    /// Log request and response headers, and every message (its first 64 KiB): < received, > sent. Secrets
    /// in headers and URLs are masked
    #[arg(short = 'v', long)]
    pub(super) verbose: bool,

    /// Show passwords, tokens and cookies in the log and in --out json
    #[arg(long)]
    show_secrets: bool,

    #[command(flatten)]
    prompt: ServerPromptArgs,

    #[command(flatten)]
    listening: ListeningArgs,

    #[command(flatten)]
    answers: AnswerArgs,

    #[command(flatten)]
    pub(super) config_file: ConfigFileArgs,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl ServeArgs {
    pub(super) fn config(self) -> Config {
        let AnswerArgs { files, subprotocols, require_subprotocol, headers } = self.answers;
        let mut settings = self.connection.config(Observe::Nothing);
        settings.timing.idle_timeout = self.listening.idle_timeout();
        let log = LogFlags {
            verbose: self.verbose,
            secrets: Secrets::shown_if(self.show_secrets),
            frames: self.connection.frames,
        };
        Config {
            listening: self.listening.config(self.addresses, log),
            modes: self.mode.config(),
            subprotocols: Subprotocols { spoken: subprotocols, required: require_subprotocol },
            headers: headers.iter().map(|header| format!("{header}\r\n")).collect(),
            files,
            settings,
            paint: self.prompt.color.paint(),
            prompt: self.prompt.prompt.config(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct ServeTestArgs {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn config(args: &[&str]) -> Result<Config, clap::Error> {
        ServeTestArgs::try_parse_from([&["serve"], args].concat()).map(|line| line.serve.config())
    }

    #[test]
    fn addresses_are_completed() {
        for (text, whole) in [
            ("0", "127.0.0.1:0"),
            (":8080", "127.0.0.1:8080"),
            ("localhost:9", "localhost:9"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(config(&[text]).unwrap().listening.addresses, [whole]);
        }
        let local = |port: &str| format!("127.0.0.1{port}");
        for text in ["", "localhost", "1.2.3.4:", ":99999", "a:b"] {
            assert!(config(&[text]).is_err(), "{text}");
        }
        assert_eq!(config(&[]).unwrap().listening.addresses, ["127.0.0.1:8080"]);
        assert!(config(&["--unix", "a.sock"]).unwrap().listening.addresses.is_empty());
        assert_eq!(
            config(&["-p", "0", ":1", "--port", "2"]).unwrap().listening.addresses,
            [":1", ":0", ":2"].map(local)
        );
        assert!(config(&["-p", "65536"]).is_err() && config(&["-p", ":1"]).is_err());
    }

    #[test]
    fn a_host_without_a_port_is_told_so() {
        for host in ["localhost", "0.0.0.0", "[::1]"] {
            let error = config(&[host, "8080"]).unwrap_err().to_string();
            assert!(error.contains("it has no port; HOST:8080 has one"), "{error}");
        }
    }

    #[test]
    fn headers_become_lines() {
        assert_eq!(config(&["-H", "X-A:  b c", "-H", "d:"]).unwrap().headers, "X-A: b c\r\nd: \r\n");
    }
}
