//! Flags that do nothing where they were given are refused rather than ignored: a goal that nobody looks for would be a
//! check that can't fail.

use crate::advice::StdoutUse;
use crate::commands::connect::{Exchange, FrontEnd, Sending};
use crate::error::Error;
use crate::stdio::input::InputMode;
use crate::stdio::output::OutputMode;

/// The first that does nothing there. Without a URL the peer is a server that echoes.
pub(super) fn of(front_end: FrontEnd, exchange: &Exchange, has_url: bool) -> Option<Error> {
    with_input(&exchange.sending).or_else(|| beside_steps(exchange)).or_else(|| match front_end {
        FrontEnd::Echo if !has_url => Some(Error::usage(
            "--echo does nothing without a URL: the built-in server echoes too, and neither of the two begins",
        )),
        FrontEnd::Echo => beside_echo(exchange),
        FrontEnd::Prompt => at_a_prompt(exchange),
        FrontEnd::Pipe => recorded_among_messages(exchange),
    })
}

/// A recording on stdout, where messages go too.
fn recorded_among_messages(exchange: &Exchange) -> Option<Error> {
    let Exchange { writing, recording, .. } = exchange;
    let are_written = writing.file.is_none() && writing.output != OutputMode::None;
    recording.as_ref().filter(|_| are_written)?.refuse_stdout_beside(StdoutUse::Messages).err()
}

/// Names the flag of a prompt where there is none. What the configuration file says of one waits for another run.
pub(super) fn without_a_prompt(front_end: FrontEnd, given: Option<&str>) -> Option<Error> {
    let flag = given.filter(|_| front_end != FrontEnd::Prompt)?;
    Some(Error::usage(format!("{flag} does nothing without a prompt")))
}

/// Names the flag that does nothing at a prompt, and what it takes for it to act.
fn at_a_prompt(exchange: &Exchange) -> Option<Error> {
    let refused = [
        (exchange.sending.input != InputMode::Lines, "--in", "a prompt reads lines"),
        (exchange.sending.crlf, "--crlf", "what is typed has no CR"),
        (exchange.ending.linger.is_some(), "--linger", "it stays until you leave"),
        (exchange.sending.answering.paced, "--pace", "you see what comes"),
        (exchange.sending.answering.send_after.is_some(), "--send-after", "you see what comes"),
        (exchange.sending.answering.fills, "--fill", "you see what comes"),
    ];
    let (_, flag, why) = refused.into_iter().find(|(given, ..)| *given)?;
    Some(Error::Usage {
        what: format!("{flag} does nothing at a prompt: {why}").into(),
        hint: Some("to send a file's content instead of opening a prompt, add < FILE".into()),
    })
}

/// Names the flag that does nothing with this mode of `--in`.
fn with_input(sending: &Sending) -> Option<Error> {
    let is_lines = sending.input == InputMode::Lines;
    let is_text = matches!(sending.input, InputMode::Lines | InputMode::Null | InputMode::Whole);
    let refused = [
        (sending.crlf && !is_lines, "--crlf", "lines"),
        (sending.escapes && !is_text, "--escapes", "lines, null and whole"),
    ];
    let (_, flag, modes) = refused.into_iter().find(|(given, ..)| *given)?;
    let mode = sending.input.name();
    Some(Error::usage(format!("{flag} does nothing with --in {mode}; it does with --in {modes}")))
}

/// Names the flag that does nothing beside the steps of `--in script`.
fn beside_steps(exchange: &Exchange) -> Option<Error> {
    let Exchange { sending, ending, .. } = exchange;
    let answering = &sending.answering;
    let refused = [
        (!sending.data.is_empty(), "-d"),
        (sending.no_input, "-n"),
        (sending.binary, "--binary"),
        (sending.options.interval.is_some(), "--rate or --delay"),
        (answering.paced, "--pace"),
        (answering.send_after.is_some(), "--send-after"),
        (answering.fills, "--fill"),
        (ending.linger.is_some(), "--linger"),
        (ending.close.is_some(), "--close"),
        (ending.no_close, "--no-close"),
        (ending.ok_close.is_some(), "--ok-close"),
        (ending.reconnect.is_some(), "--reconnect"),
    ];
    let (_, flag) = refused.into_iter().find(|(given, _)| *given && sending.input == InputMode::Script)?;
    Some(Error::usage(format!("{flag} does nothing with --in script: its steps say what is sent, and when it ends")))
}

/// Names the flag that does nothing beside `--echo`.
fn beside_echo(exchange: &Exchange) -> Option<Error> {
    let Exchange { sending, writing, goals, ending, .. } = exchange;
    let (options, answering) = (&sending.options, &sending.answering);
    let refused = [
        (!sending.data.is_empty(), "-d"),
        (sending.input != InputMode::Lines, "--in"),
        (sending.binary, "--binary"),
        (sending.crlf, "--crlf"),
        (sending.escapes, "--escapes"),
        (options.interval.is_some(), "--rate or --delay"),
        (options.compress_from > 0, "--no-compress-under"),
        (options.fragment_size.is_some(), "--fragment-size"),
        (!answering.rules.is_empty(), "--on"),
        (!answering.rule_files.is_empty(), "--on-file"),
        (answering.paced, "--pace"),
        (answering.send_after.is_some(), "--send-after"),
        (answering.fills, "--fill"),
        (writing.output != OutputMode::Text, "--out"),
        (writing.file.is_some(), "-o"),
        (writing.decode.is_some(), "--decode"),
        (writing.timestamps.is_some(), "--timestamps"),
        (writing.show_pings, "-P"),
        (goals.count.is_some(), "--count"),
        (goals.until.is_some(), "--until"),
        (!goals.expect.is_empty(), "--expect"),
        (!goals.reject.is_empty(), "--reject"),
        (ending.linger.is_some(), "--linger"),
        (ending.close.is_some(), "--close"),
        (ending.no_close, "--no-close"),
        (ending.ok_close.is_some(), "--ok-close"),
        (ending.reconnect.is_some(), "--reconnect"),
    ];
    let (_, flag) = refused.into_iter().find(|(given, _)| *given)?;
    Some(Error::Usage {
        what: format!("{flag} does nothing with --echo, which sends back what arrives until the peer closes").into(),
        hint: Some("-m and signals end it".into()),
    })
}
