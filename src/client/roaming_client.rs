//! Ways to servers of which none is known from the start: what a forward proxy has.

use std::sync::Arc;

use super::asking::Asker;
use super::cookies::Jar;
use super::curl_flags::Pasted;
use super::plan::Plan;
use super::{Answers, Client, Config};
use crate::error::Error;
use crate::net::Signals;
use crate::net::target::Target;
use crate::stdio::console::Console;

/// One configuration for the way to any server.
#[derive(Debug)]
pub(crate) struct RoamingClient {
    config: Arc<Config>,
    plan: Arc<Plan>,
    jar: Jar,
    answers: Answers,
}

impl RoamingClient {
    /// Reads the files that the configuration names. A password that is missing is asked for here.
    ///
    /// # Errors
    /// As [`Client::build`].
    pub(crate) fn build(config: Config, signals: &Signals) -> Result<Self, Error> {
        let answers = Answers::default();
        let (plan, jar) = signals.released(|| {
            // Nothing that is asked for here is of one server.
            let nowhere = Target::parse("ws://nowhere.invalid/")?;
            let asker = Asker { asks: signals, answers: &answers, target: &nowhere, carried: config.carried };
            Plan::read(&config, Pasted::default(), &asker)
        })?;
        Ok(Self { config: Arc::new(config), plan: Arc::new(plan), jar, answers })
    }

    /// The client that goes to `target`.
    ///
    /// # Errors
    /// A proxy of the environment that can't be used.
    pub(crate) fn to(&self, target: Target, console: Console) -> Result<Client, Error> {
        let dialer = self.plan.dialer(&self.config, target.clone())?;
        Ok(Client {
            config: Arc::clone(&self.config),
            plan: Arc::clone(&self.plan),
            jar: self.jar.clone(),
            last: dialer.clone(),
            dialer,
            latest: None,
            reached: None,
            source: None,
            destination: target,
            answers: self.answers.clone(),
            console,
            remarked: Vec::new(),
        })
    }
}
