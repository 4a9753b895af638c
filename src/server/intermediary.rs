//! A person who stands between clients and the servers behind a proxy, from the side of the connections.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::modes::{ClientTap, ConnectedClient};
use crate::handlers::intervention::{HoldWitness, Interventions};

/// The person.
pub(crate) trait Intermediary: fmt::Debug + Send + Sync {
    /// A client has come, for the server at this URL.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    fn joined(&self, client: &ConnectedClient<'_>, url: &str) -> io::Result<Mediation>;
}

/// How a person stands between one client and the server behind.
#[derive(Debug)]
pub(crate) struct Mediation {
    /// Who is told what happens on the client's connection, and on the one behind.
    pub(crate) taps: [Box<dyn ClientTap>; 2],
    pub(crate) intervention: Intervention,
}

/// What the person does, and who decides it.
#[derive(Debug, Clone)]
pub(crate) struct Intervention {
    pub(crate) shared: Arc<Interventions>,
    pub(crate) witness: Arc<dyn HoldWitness>,
}
