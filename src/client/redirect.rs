//! Redirects of the opening handshake (RFC 6455 §4.1 allows them, RFC 9110 §15.4 says what they are).

use super::{RedirectPolicy, location};
use crate::error::{Error, OriginChange, RedirectFault};
use crate::http::{Header, Secrets, is_secret_field, shown_url, without_secret_subprotocols};
use crate::net::Dialer;
use crate::net::target::Target;
use crate::peer_text::PeerText;

/// What may still be followed.
#[derive(Debug)]
pub(super) struct Redirects {
    policy: RedirectPolicy,
    left: u32,
    /// Whether all that were followed say that they are for good.
    are_permanent: bool,
}

impl Redirects {
    pub(super) fn new(policy: RedirectPolicy) -> Self {
        Self { policy, left: policy.most, are_permanent: true }
    }

    /// Where `error` redirects to, if it is a redirect and redirects are followed.
    ///
    /// # Errors
    /// When there were too many, or it leads where it may not.
    pub(super) fn follow(&mut self, error: &Error, from: &Target) -> Result<Option<Target>, Error> {
        let Error::Refused(refusal) = error else { return Ok(None) };
        if !self.policy.follow || !refusal.status().is_redirect() {
            return Ok(None);
        }
        let Some(location) = refusal.location() else { return Ok(None) };
        if self.left == 0 {
            return Err(Error::TooManyRedirects {
                most: self.policy.most,
                location: PeerText::new(shown_url(&location, Secrets::Masked)),
            });
        }
        self.left -= 1;
        self.are_permanent &= refusal.status().is_permanent_redirect();
        let shown = PeerText::new(shown_url(&location, Secrets::Masked));
        let failed = |why| Error::Redirect { location: shown.clone(), why };
        let there = location::resolve(&location, from).map_err(failed)?;
        if from.secure && !there.secure && !self.policy.downgrade {
            return Err(failed(RedirectFault::Downgrade));
        }
        Ok(Some(there))
    }

    /// Whether where they lead is to be asked instead from now on (RFC 9110 §15.4.2, §15.4.9). Behind one that isn't
    /// permanent, none is.
    pub(super) fn are_permanent(&self) -> bool {
        self.are_permanent
    }
}

/// RFC 9110 §15.4: what was meant for one origin isn't for another. What is masked when it is shown isn't sent there, unless
/// other origins are `trusted`; the name of the first host and the way to it are no other's in any case.
pub(super) fn change_origin(dialer: &mut Dialer, change: OriginChange, trusted: bool) {
    dialer.connect_to.retain(|rule| rule.follows_redirects);
    dialer.headers.retain(|header| !header.is("host"));
    if trusted {
        return;
    }
    // Who we are is as secret as a password is, and a server can ask for it.
    if dialer.tls.identity.take().is_some() {
        dialer.tls.withholds_identity = Some(change);
    }
    let requested = dialer.requested_subprotocols().join(",");
    dialer.subprotocols = without_secret_subprotocols(&dialer.subprotocols.join(","), &requested);
    let is_less = withhold_headers(&mut dialer.headers, &requested);
    if dialer.credentials.take().is_some() || is_less {
        dialer.withholds_secrets = Some(change);
    }
}

/// Leaves what of headers may be sent to another origin than the one that they were given for. Returns whether whole ones are
/// gone. `requested`: all subprotocols that are.
pub(crate) fn withhold_headers(headers: &mut Vec<Header>, requested: &str) -> bool {
    let before = headers.len();
    headers.retain(|header| !is_secret_field(&header.name, &header.text()));
    for header in headers.iter_mut().filter(|header| header.is("sec-websocket-protocol")) {
        withhold_subprotocols(header, requested);
    }
    headers.len() < before
}

/// Where nothing is left to be asked for, the header isn't sent. `requested`: those of all such headers.
fn withhold_subprotocols(header: &mut Header, requested: &str) {
    if let Some(list) = &header.value {
        let list = list.text();
        let kept = without_secret_subprotocols(&list, requested);
        header.value = (!kept.is_empty() || list.trim().is_empty()).then(|| kept.join(", ").into());
    }
}
