//! The clients that a person talks with, from the side of that person.

use std::fmt;
use std::sync::Arc;

use super::{ClientTap, ConnectedClient};
use crate::server::hub::Hub;

/// How they are reached, and who is told of them. Clones are the same clients.
#[derive(Debug, Clone)]
pub(crate) struct OperatorHub {
    pub(crate) hub: Arc<Hub>,
    /// Who is told what they do, where that isn't the log.
    pub(crate) audience: Option<Arc<dyn Audience>>,
}

/// Who is told of the clients as long as they are there.
pub(crate) trait Audience: fmt::Debug + Send + Sync {
    /// A client has come; what happens on its connection is told to what this gives, which is dropped when it ends.
    fn joined(&self, client: &ConnectedClient<'_>) -> Box<dyn ClientTap>;
}
