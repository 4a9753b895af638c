use std::process::ExitCode;

fn main() -> ExitCode {
    wscli::run()
}
