//! From a configuration to an open connection: the plan, and then redirects and retries.

mod asking;
pub(crate) mod attempts;
mod backoff;
mod challenge;
mod config;
mod connect_facts;
mod cookies;
mod curl_flags;
pub(crate) mod from_curl;
mod identity;
mod location;
mod passing;
mod phase_times;
mod plan;
pub(crate) mod proxy_env;
mod redirect;
mod request_change;
mod retry;
mod roaming_client;
mod verbose;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

pub(crate) use self::asking::Answers;
use self::asking::Asker;
pub(crate) use self::config::{
    CarriedSecrets, Config, Destination, ProxyConfig, RedirectPolicy, RequestConfig, RetryPolicy, TlsConfig,
};
pub(crate) use self::connect_facts::ConnectFacts;
pub(crate) use self::passing::{PassingRules, is_passed_on};
pub(crate) use self::phase_times::PhaseTimes;
pub(crate) use self::request_change::{NextCredentials, RequestChange};
pub(crate) use self::roaming_client::RoamingClient;
use self::verbose::VerboseLog;
use crate::advice::{self, flag};
use crate::error::{Error, OriginChange};
use crate::http::{Header, Secrets, shown_subprotocols, shown_url};
use crate::net::target::Target;
use crate::net::{ConnectEvent, ConnectionSettings, Dialed, Dialer, Interrupt, Reached, Signals};
use crate::stdio::console::Console;
use crate::stdio::password::AskSecret;
use challenge::Challenges;
use cookies::Jar;
use curl_flags::Pasted;
#[cfg(fuzzing)]
pub(crate) use location::resolve as resolve_location;
use plan::{CookiePlace, Plan};
use redirect::Redirects;
pub(crate) use redirect::withhold_headers;
use retry::Retries;

/// The way to a server, to be gone as often as that is wanted.
#[derive(Debug)]
pub(crate) struct Client {
    config: Arc<Config>,
    plan: Arc<Plan>,
    jar: Jar,
    /// The way that the next attempt takes.
    dialer: Dialer,
    /// The way that the last attempt took, behind all redirects.
    last: Dialer,
    /// The end of every attempt, wherever it leads.
    latest: Option<Instant>,
    /// The next attempt goes on from here.
    reached: Option<Reached>,
    /// The address of this machine that connections come from.
    source: Option<IpAddr>,
    /// Where it was told to go.
    destination: Target,
    answers: Answers,
    console: Console,
    /// What was said of the last answer that was accepted.
    remarked: Vec<String>,
}

impl Client {
    /// Plans the way to `destination`. A password that is missing is asked for here.
    ///
    /// # Errors
    /// What makes no sense, files that can't be read, and [`Error::Interrupted`] where a signal came instead of a password.
    pub(crate) fn build(
        config: Config,
        destination: Destination,
        console: Console,
        signals: &Signals,
    ) -> Result<Self, Error> {
        // Much of it is to read files.
        signals.released(|| Self::another(config, destination, console, signals, Answers::default()))
    }

    /// The same beside others, whose `answers` aren't asked for again.
    ///
    /// # Errors
    /// What makes no sense, files that can't be read, and questions without an answer.
    pub(crate) fn another(
        mut config: Config,
        destination: Destination,
        console: Console,
        asks: &dyn AskSecret,
        answers: Answers,
    ) -> Result<Self, Error> {
        let (url, pasted) = match destination {
            Destination::Url(url) => (url, Pasted::default()),
            Destination::Recorded { url, headers } => (url, Pasted { headers, user: None }),
            Destination::Curl(command, instead) => {
                let (url, pasted) = curl_flags::merge(&command, &mut config, &console)?;
                (instead.unwrap_or(url), pasted)
            }
        };
        // What is wrong with the URL is told before anything is asked.
        let target = plan::target(&config, &url, &console)?;
        let asker = Asker { asks, answers: &answers, target: &target, carried: config.carried };
        let (plan, jar) = Plan::read(&config, pasted, &asker)?;
        let destination = target.clone();
        let dialer = plan.dialer(&config, target)?;
        if dialer.digest_only && dialer.credentials.is_none() {
            return Err(advice::digest_without_credentials());
        }
        let (last, latest, reached, source) = (dialer.clone(), None, None, None);
        let (config, plan) = (Arc::new(config), Arc::new(plan));
        let remarked = Vec::new();
        Ok(Self { config, plan, jar, last, dialer, latest, reached, source, destination, answers, console, remarked })
    }

    /// The same way for another thread, which tells nothing on it. Nothing is read or asked for again.
    pub(crate) fn silent_twin(&self) -> Self {
        Self {
            config: Arc::clone(&self.config),
            plan: Arc::clone(&self.plan),
            jar: self.jar.clone(),
            dialer: self.dialer.clone(),
            last: self.last.clone(),
            latest: self.latest,
            reached: None,
            source: self.source,
            destination: self.destination.clone(),
            answers: self.answers.clone(),
            console: Console::nowhere(),
            remarked: Vec::new(),
        }
    }

    /// What its connections are set up with.
    pub(crate) fn settings(&self) -> ConnectionSettings {
        self.config.settings
    }

    /// What becomes of passwords, tokens and cookies where they would be shown.
    pub(crate) fn secrets(&self) -> Secrets {
        self.config.secrets
    }

    /// The URL that is gone to next, as it may be shown.
    pub(crate) fn url(&self) -> String {
        self.shown(&self.dialer.target)
    }

    /// Where the last attempt led, behind all redirects, as it may be shown.
    pub(crate) fn last_url(&self) -> String {
        self.shown(&self.last.target)
    }

    /// Where the last attempt led.
    pub(crate) fn last_target(&self) -> &Target {
        &self.last.target
    }

    /// Whether the last attempt went through a proxy, so that the address of the server isn't known.
    pub(crate) fn goes_through_proxy(&self) -> bool {
        self.last.proxy.is_some()
    }

    fn shown(&self, target: &Target) -> String {
        shown_url(&target.url(), self.config.secrets).into_owned()
    }

    /// Goes where the last attempt led, from now on.
    pub(crate) fn stay_there(&mut self) {
        self.dialer = self.last.clone();
    }

    /// Where it was told to go, whatever has become of that since.
    pub(crate) fn destination(&self) -> &Target {
        &self.destination
    }

    /// What was asked for, for the next one.
    pub(crate) fn answers(&self) -> Answers {
        self.answers.clone()
    }

    /// Prints through `console` from now on.
    pub(crate) fn speak_through(&mut self, console: Console) {
        self.console = console;
    }

    /// Sends this header instead of those of the same name, from now on.
    pub(crate) fn replace_header(&mut self, header: Header) {
        self.dialer.replace_header(header);
    }

    /// Sends none of this name from now on, but what every request has.
    pub(crate) fn remove_header(&mut self, name: &str) {
        self.dialer.headers.retain(|header| !header.is(name));
    }

    /// Gives up on every attempt by then.
    pub(crate) fn end_by(&mut self, latest: Option<Instant>) {
        self.latest = latest;
    }

    /// Connects from this address of this machine.
    pub(crate) fn come_from(&mut self, source: Option<IpAddr>) {
        self.source = source;
    }

    /// Goes there: follows redirects and tries again where that was asked for. It gives up when
    /// `interrupt` says so. `observer` sees every step as it is taken.
    ///
    /// # Errors
    /// The last failure.
    pub(crate) fn connect(
        &mut self,
        interrupt: Option<Interrupt<'_>>,
        observer: &mut dyn FnMut(&ConnectEvent),
    ) -> Result<Dialed, Error> {
        let mut retries = Retries::new(self.config.retries, self.latest);
        loop {
            match self.attempt(interrupt, observer) {
                Ok(dialed) => return Ok(dialed),
                Err(error) => retries.wait_after(error, interrupt, &self.console)?,
            }
        }
    }

    /// Goes on from there, once.
    pub(crate) fn go_on_from(&mut self, reached: Reached) {
        self.reached = Some(reached);
    }

    /// Goes as far as nothing is said to the server. `via` is told to a proxy on the way.
    ///
    /// # Errors
    /// The phase that failed, and why.
    pub(crate) fn reach(
        &mut self,
        via: String,
        interrupt: Option<Interrupt<'_>>,
        observer: &mut dyn FnMut(&ConnectEvent),
    ) -> Result<Reached, Error> {
        self.dialer.via = Some(via);
        self.dialer.reach(interrupt, self.latest, &mut |step| self.tell(&step, observer))
    }

    /// Adds TLS to a way on which nothing has been said yet, where the target has it.
    ///
    /// # Errors
    /// What is wrong with the server's TLS.
    pub(crate) fn secure(
        &self,
        reached: Reached,
        interrupt: Option<Interrupt<'_>>,
        observer: &mut dyn FnMut(&ConnectEvent),
    ) -> Result<Reached, Error> {
        self.dialer.secure(reached, interrupt, self.latest, &mut |step| self.tell(&step, observer))
    }

    fn tell(&self, step: &ConnectEvent, observer: &mut dyn FnMut(&ConnectEvent)) {
        if self.config.verbose {
            VerboseLog { secrets: self.config.secrets }.tell(step, &self.console);
        }
        observer(step);
    }

    /// Whether trying again might help and nobody has asked for it.
    pub(crate) fn could_retry(&self, error: &Error) -> bool {
        self.config.retries.most == 0 && retry::may_pass(error)
    }

    /// One attempt, with the redirects and the Digest challenges that it meets. The next begins anew, for a redirect that isn't permanent may lead
    /// elsewhere then.
    fn attempt(
        &mut self,
        interrupt: Option<Interrupt<'_>>,
        observer: &mut dyn FnMut(&ConnectEvent),
    ) -> Result<Dialed, Error> {
        let mut redirects = Redirects::new(self.config.redirects);
        self.last = self.dialer.clone();
        let mut challenges = Challenges::default();
        loop {
            let error = match self.once(challenges.authorization(), interrupt, observer) {
                Ok(dialed) => return Ok(dialed),
                Err(error) => error,
            };
            if challenges.answer(&error, &self.last) {
                continue;
            }
            let Some(there) = redirects.follow(&error, &self.last.target)? else { return Err(error) };
            self.console.line(format_args!("redirected to {}", self.shown(&there)));
            self.redirect(there)?;
            challenges = Challenges::default();
            if redirects.are_permanent() {
                self.stay_there();
            }
        }
    }

    /// Takes the last way again, with this header instead of those of its name, and with the cookies that there are for it.
    fn once(
        &mut self,
        authorization: Option<&Header>,
        interrupt: Option<Interrupt<'_>>,
        observer: &mut dyn FnMut(&ConnectEvent),
    ) -> Result<Dialed, Error> {
        let verbose = self.config.verbose.then_some(VerboseLog { secrets: self.config.secrets });
        let mut dialer = self.last.clone();
        dialer.source = self.source;
        if let Some(header) = authorization {
            dialer.replace_header(header.clone());
        }
        if let Some(cookies) = self.jar.cookies_for(&dialer.target) {
            plan::add_cookies(&mut dialer.headers, &cookies, CookiePlace::First)?;
        }
        let jar = &mut self.jar;
        let mut tell = |step: ConnectEvent| {
            if let ConnectEvent::Answered { response, .. } = &step {
                jar.keep(response, &dialer.target);
            }
            if let Some(verbose) = verbose {
                verbose.tell(&step, &self.console);
            }
            observer(&step);
        };
        let mut outcome = dialer.dial(self.reached.take(), interrupt, self.latest, &mut tell);
        if let Err(Error::Refused(refusal)) = &mut outcome {
            refusal.head_is_told = self.config.verbose;
        }
        if matches!(outcome, Ok(_) | Err(Error::Refused(_))) {
            self.jar.write()?;
        }
        let dialed = outcome?;
        self.remark(&dialed);
        Ok(dialed)
    }

    /// Says what is odd about an answer that is accepted, unless the last one was as odd.
    fn remark(&mut self, dialed: &Dialed) {
        let faults = dialed.faults.iter().map(|fault| format!("ignored ({}): {fault}", flag::ALLOW_FAULTS));
        let mut remarks: Vec<_> = faults.collect();
        // Some servers go on without, and speak another language then than the client expects.
        let requested = self.last.requested_subprotocols().join(",");
        if dialed.accepted.subprotocol.is_none() && !requested.is_empty() {
            let names = shown_subprotocols(&requested, self.config.secrets);
            remarks.push(format!("the server accepted no subprotocol (requested: {})", names.join(", ")));
        }
        if remarks != self.remarked {
            remarks.iter().for_each(|remark| self.console.line(remark));
            self.remarked = remarks;
        }
    }

    fn redirect(&mut self, there: Target) -> Result<(), Error> {
        if !there.has_origin_of(&self.last.target) {
            redirect::change_origin(&mut self.last, OriginChange::Redirect, self.config.redirects.trusted);
        }
        self.last.proxy = self.plan.proxy(&self.config.proxy, &there)?;
        self.last.target = there;
        Ok(())
    }
}
