//! Curves of certificates that no check is made of. A server of TLS 1.2 shows a certificate only where its curve is among the
//! client's groups (RFC 8422 §5.1.1), though keys are then agreed on in another.

use rustls::crypto::{ActiveKeyExchange, CryptoProvider, SupportedKxGroup, ring};
use rustls::{Error, NamedGroup, ProtocolVersion};

/// A group that is offered for the sake of certificates alone.
#[derive(Debug)]
struct CurveOfCertificate(NamedGroup);

/// P-521, secp256k1, P-224, and Brainpool's curves (RFC 8422 §5.1.1, RFC 7027 §2).
static CURVES: [CurveOfCertificate; 6] = [
    CurveOfCertificate(NamedGroup::secp521r1),
    CurveOfCertificate(NamedGroup::Unknown(22)),
    CurveOfCertificate(NamedGroup::Unknown(21)),
    CurveOfCertificate(NamedGroup::Unknown(26)),
    CurveOfCertificate(NamedGroup::Unknown(27)),
    CurveOfCertificate(NamedGroup::Unknown(28)),
];

impl SupportedKxGroup for CurveOfCertificate {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Err(Error::General(format!("the server agrees on keys in {:?}, which is not supported", self.0)))
    }

    fn name(&self) -> NamedGroup {
        self.0
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_2
    }
}

/// The usual cryptography, with the curves of any certificate behind the groups that keys are agreed on in.
pub(super) fn with_any_curve() -> CryptoProvider {
    let mut provider = ring::default_provider();
    provider.kx_groups.extend(CURVES.iter().map(|curve| curve as &'static dyn SupportedKxGroup));
    provider
}
