//! `wscli serve`.

use std::sync::Arc;

use crate::cli::{ModeArgs, ModeSpec, Serve};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Listener, ServerTls, Signals, raise_descriptor_limit};
use crate::server::http::Files;
use crate::server::hub::Hub;
use crate::server::log::ServerLog;
use crate::server::modes::{Exec, Feed, LineFile, Mode, Operator, Rules};
use crate::server::port_file::PortFile;
use crate::server::{Credentials, Limits, Origins, RequestPolicy, Routes, Server, Subprotocols};
use crate::stdio::console::Console;

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// When it can't begin.
pub(crate) fn run(args: &Serve) -> Result<Exit, Error> {
    let console = Console::stderr();
    let mut log = ServerLog::new(console.clone(), args.verbose);
    if args.out.is_some() {
        log = log.with_events().map_err(|why| Error::System { doing: "setting up stdout", why })?;
    }
    let log = Arc::new(log);
    let policy = policy(args, &log)?;
    let tls = tls(args)?;
    let signals = Signals::catch().map_err(|why| Error::System { doing: "catching signals", why })?;
    raise_descriptor_limit();
    let listener = listen(args)?;
    announce(args, &listener, tls.as_ref(), &log);
    let ports: Vec<u16> = listener.addresses().map(|address| address.port()).collect();
    let _port_file = args.port_file.as_deref().map(|path| PortFile::write(path, &ports)).transpose()?;
    let limits = Limits { connections: args.max_connections };
    let mut settings = args.connection.settings();
    settings.timing.idle_timeout = args.idle_timeout();
    Server { listener, tls, settings, policy, limits, log: Arc::clone(&log) }.run(&signals);
    console.line("stopped");
    log.flush_events();
    Ok(Exit::Done)
}

fn listen(args: &Serve) -> Result<Listener, Error> {
    let mut listener = Listener::default();
    for address in args.addresses()? {
        listener.add(&address)?;
    }
    if let Some(path) = &args.unix {
        listener.add_unix(path)?;
    }
    Ok(listener)
}

fn announce(args: &Serve, listener: &Listener, tls: Option<&ServerTls>, log: &ServerLog) {
    if let Some(tls) = tls {
        log.line(format_args!("certificate SHA-256 {}", tls.fingerprint));
    }
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    for address in listener.addresses() {
        log.line(format_args!("listening on {scheme}://{address}/"));
        if !address.ip().is_loopback() {
            log.line(format_args!("warning: {address} is not loopback, other machines can connect"));
        }
    }
    if let Some(path) = &args.unix {
        log.line(format_args!("listening on {}", path.display()));
    }
    if args.mode.runs_commands() && args.origins.is_empty() {
        let advice = "--allow-origin says which may";
        log.line(format_args!("warning: any web page that you visit can reach the command of --exec; {advice}"));
    }
}

fn tls(args: &Serve) -> Result<Option<ServerTls>, Error> {
    let client_ca = args.client_ca.as_deref();
    match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => ServerTls::from_files(cert, key, client_ca).map(Some),
        _ if args.tls => ServerTls::self_signed(&args.tls_names, client_ca).map(Some),
        _ if client_ca.is_some() => Err(Error::Usage {
            what: "--client-ca needs TLS".into(),
            hint: Some("add --tls, or --cert and --key".into()),
        }),
        _ => Ok(None),
    }
}

fn policy(args: &Serve, log: &Arc<ServerLog>) -> Result<RequestPolicy, Error> {
    Ok(RequestPolicy {
        routes: routes(&args.mode, log)?,
        origins: Origins { allowed: args.origins.clone() },
        credentials: Credentials::new(args.auth.as_deref(), args.bearer.as_deref()),
        subprotocols: Subprotocols { spoken: args.subprotocols.clone(), required: args.require_subprotocol },
        headers: args.header_lines(),
        files: args.files.as_deref().map(Files::new).transpose()?,
    })
}

fn routes(args: &ModeArgs, log: &Arc<ServerLog>) -> Result<Routes, Error> {
    let flag = args.flag();
    let all = args.routes().iter().map(|(_, spec)| spec).chain(&flag);
    if all.filter(|spec| spec.reads_stdin()).count() > 1 {
        return Err(Error::usage("only one of --prompt and --push - can have stdin"));
    }
    if args.routes().is_empty() {
        return mode(&flag.unwrap_or(ModeSpec::Echo), args, log).map(Routes::everywhere);
    }
    let root = flag.map(|spec| ("/".to_owned(), spec));
    let specs = args.routes().iter().cloned().chain(root);
    let built = specs.map(|(path, spec)| Ok((path, mode(&spec, args, log)?)));
    built.collect::<Result<_, _>>().map(Routes::only)
}

fn mode(spec: &ModeSpec, args: &ModeArgs, log: &Arc<ServerLog>) -> Result<Mode, Error> {
    let flow = args.flow();
    Ok(match spec {
        ModeSpec::Echo => Mode::Echo,
        ModeSpec::Sink => Mode::Sink,
        ModeSpec::Broadcast => {
            let hub = Arc::new(Hub::new(flow, Arc::clone(log)));
            Mode::Broadcast { hub, include_sender: args.include_sender }
        }
        ModeSpec::Push(_) if spec.reads_stdin() => Mode::Feed(Arc::new(Feed::new(args.every(), flow, Arc::clone(log)))),
        ModeSpec::Push(path) => Mode::LineFile(Arc::new(LineFile::read(path, args.every(), args.again, flow)?)),
        ModeSpec::Reply(path) => Mode::Reply(Arc::new(Rules::read(path)?)),
        ModeSpec::Exec(command) => Mode::Exec(Arc::new(Exec::new(command))),
        ModeSpec::Prompt => {
            let operator = Arc::new(Operator::new(flow, Arc::clone(log)));
            operator.begin();
            Mode::Prompt(operator)
        }
    })
}
