//! TLS: what a server's certificate is refused for, the flag that gets past it, and what isn't TLS at all.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection, SignatureAlgorithm, SignatureScheme, StreamOwned, sign};

use crate::support::authority::{Authority, Issued, expired, good, named, not_yet_valid, serve};
use crate::support::files::Folder;
use crate::support::peer::{echo_any, one_connection, read_head, read_to_end};
use crate::support::program::{run, run_with};

/// Asserts that the connection works.
#[track_caller]
fn works(url: &str, flags: &[&str]) {
    run(&[&["connect", "--linger", "0", url], flags].concat(), b"hello\n").assert("hello\n", 0, "closed by us: 1000");
}

/// Asserts that it fails for reasons of TLS, and that the error line has all of `names` in it.
#[track_caller]
fn fails(url: &str, flags: &[&str], names: &[&str]) {
    let outcome = run(&[&["connect", url], flags].concat(), b"hello\n");
    outcome.assert("", 4, "wscli: ");
    let line = outcome.stderr.lines().find(|line| line.starts_with("wscli: ")).unwrap();
    for name in names {
        assert!(line.contains(name), "no {name:?} in {line:?}");
    }
}

/// Asserts that the advice of a failure names `flag`.
#[track_caller]
fn advises(url: &str, flags: &[&str], flag: &str) {
    let outcome = run(&[&["connect", url], flags].concat(), b"");
    let (_, advice) = outcome.stderr.split_once("wscli: ").unwrap();
    assert!(advice.split_once('\n').unwrap().1.contains(flag), "{}", outcome.stderr);
}

#[test]
fn a_good_chain() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let intermediate = root.intermediate("In Between");
    let url = serve(intermediate.issue(&good()).with(&intermediate).config());
    let cacert = folder.file("root.pem", root.pem());
    works(&url, &["--cacert", &cacert]);
    works(&url.replace("localhost", "127.0.0.1"), &["--cacert", &cacert]);
    works(&url, &["-k"]);
    fails(&url, &[], &["unknown issuer", "Root of Trust"]);
    advises(&url, &[], "--cacert");
    let other = folder.file("other.pem", Authority::new("Somebody Else").pem());
    fails(&url, &["--cacert", &other], &["unknown issuer", "Root of Trust"]);
}

#[test]
fn a_good_chain_from_the_system_store() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let url = serve(root.issue(&good()).config());
    let store = folder.file("store.pem", root.pem());
    let outcome =
        run_with(&[("SSL_CERT_FILE", &store)], &["connect", "--linger", "0", "--native-roots", &url], b"hello\n");
    outcome.assert("hello\n", 0, "closed by us: 1000");
    // Not without being asked for.
    run_with(&[("SSL_CERT_FILE", &store)], &["connect", &url], b"").assert("", 4, "unknown issuer");
}

#[test]
fn an_expired_certificate() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let url = serve(root.issue(&expired()).config());
    let cacert = folder.file("root.pem", root.pem());
    fails(&url, &["--cacert", &cacert], &["the late server", "expired on 2001-02-03"]);
    advises(&url, &["--cacert", &cacert], "-k");
    works(&url, &["-k"]);
}

#[test]
fn a_certificate_from_the_future() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let url = serve(root.issue(&not_yet_valid()).config());
    let cacert = folder.file("root.pem", root.pem());
    fails(&url, &["--cacert", &cacert], &["the early server", "3001-02-03"]);
    works(&url, &["-k"]);
}

#[test]
fn a_certificate_for_another_host() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let url = serve(root.issue(&named("other", &["other.example", "*.wild.example"])).config());
    let cacert = folder.file("root.pem", root.pem());
    fails(&url, &["--cacert", &cacert], &["other.example", "*.wild.example", "localhost"]);
    works(&url, &["-k"]);
    works(&url, &["--cacert", &cacert, "--sni", "other.example"]);
    works(&url, &["--cacert", &cacert, "--sni", "a.wild.example"]);
    fails(&url.replace("localhost", "127.0.0.1"), &["--cacert", &cacert], &["127.0.0.1"]);
}

#[test]
fn a_self_signed_certificate() {
    let folder = Folder::new();
    let issued = Issued::self_signed(&good());
    let url = serve(issued.config());
    fails(&url, &[], &["the good server", "self-signed"]);
    advises(&url, &[], "--cacert");
    works(&url, &["--cacert", &folder.file("itself.pem", &issued.pem)]);
    works(&url, &["-k"]);
}

#[test]
fn a_certificate_with_an_empty_subject_is_named_by_what_it_is_for() {
    let mut params = good();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let url = serve(Issued::self_signed(&params).config());
    fails(&url, &[], &["the certificate of localhost is self-signed"]);
    let outcome = run(&["connect", "-v", "-k", "--linger", "0", &url], b"hello\n");
    outcome.assert("hello\n", 0, "* certificate 0: localhost, issued by an empty name");
    params.subject_alt_names.clear();
    let url = serve(Issued::self_signed(&params).config());
    let outcome = run(&["connect", "-v", "-k", "--linger", "0", &url], b"hello\n");
    outcome.assert("hello\n", 0, "* certificate 0: an empty name, issued by an empty name");
    outcome.assert("hello\n", 0, "* ignored: the certificate of an empty name is self-signed");
}

#[test]
fn all_that_k_overlooks_is_named() {
    let mut late = named("late", &["other.example"]);
    (late.not_before, late.not_after) = (expired().not_before, expired().not_after);
    for params in [named("other", &["other.example"]), late.clone()] {
        let url = serve(Issued::self_signed(&params).config());
        let outcome = run(&["connect", "-v", "-k", "--linger", "0", &url], b"hello\n");
        let ignored: Vec<_> = outcome.stderr.lines().filter_map(|line| line.strip_prefix("* ignored: ")).collect();
        let is_late = params.not_after == late.not_after;
        assert_eq!(ignored.len(), 2 + usize::from(is_late), "{outcome:?}");
        let says = |what: &str| ignored.iter().any(|line| line.contains(what));
        assert!(says("is self-signed") && says("was issued for other.example, not for localhost"), "{ignored:?}");
        assert_eq!(says("expired on 2001-02-03"), is_late, "{ignored:?}");
    }
}

/// X.509 version 1, for localhost, by `openssl x509 -req`.
const VERSION_1: &str = include_str!("support/x509_v1.pem");

/// An RSA key of 1024 bits, for localhost.
const SHORT_KEY: &str = include_str!("support/rsa1024.pem");

/// Shows one certificate to everybody, whatever it is and whoever's key it has, and echoes.
fn showing(certificate: CertificateDer<'static>, key: &KeyPair) -> String {
    let key = rustls::crypto::ring::sign::any_supported_type(&PrivatePkcs8KeyDer::from(key.serialize_der()).into());
    showing_signed_by(certificate, key.unwrap())
}

/// The same with a key of any kind.
fn showing_signed_by(certificate: CertificateDer<'static>, key: Arc<dyn sign::SigningKey>) -> String {
    #[derive(Debug)]
    struct Always(Arc<sign::CertifiedKey>);
    impl ResolvesServerCert for Always {
        fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<sign::CertifiedKey>> {
            Some(Arc::clone(&self.0))
        }
    }
    let shown = Always(Arc::new(sign::CertifiedKey::new(vec![certificate], key)));
    serve(ServerConfig::builder().with_no_client_auth().with_cert_resolver(Arc::new(shown)))
}

/// Certificates that TLS can carry, and no check accepts: each with what is said of it.
fn defective() -> Vec<(CertificateDer<'static>, KeyPair, String, &'static str)> {
    let key = || KeyPair::generate().unwrap();
    let read = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut params = good();
    let mut extension = rcgen::CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
    let issued = Issued::self_signed(&params);
    vec![
        (read(VERSION_1), key(), VERSION_1.to_owned(), "of localhost is X.509 version 1, and TLS demands 3"),
        (read(SHORT_KEY), key(), SHORT_KEY.to_owned(), "of localhost has an RSA key of 1024 bits"),
        (issued.chain[0].clone(), issued.key, issued.pem, "has the unknown critical extension 1.2.3.4"),
    ]
}

#[test]
fn any_certificate_that_tls_can_carry_is_accepted_with_k() {
    for (certificate, key, _, says) in defective() {
        let url = showing(certificate, &key);
        works(&url, &["-k"]);
        let outcome = run(&["connect", "-v", "-k", "--linger", "0", &url], b"hello\n");
        outcome.assert("hello\n", 0, "* ignored: the certificate of ");
        outcome.assert("hello\n", 0, says);
    }
}

/// Keys that TLS carries and nothing here checks: certificates for localhost by `openssl req -x509`, each with the scheme
/// that it is signed with (RFC 8446 §4.2.3) and what is said of it.
const UNSUPPORTED_KEYS: [(&str, SignatureScheme, &str); 3] = [
    (include_str!("support/ecdsa_p521.pem"), SignatureScheme::ECDSA_NISTP521_SHA512, "has an ECDSA P-521 key"),
    (include_str!("support/ed448.pem"), SignatureScheme::ED448, "has an Ed448 key"),
    (include_str!("support/rsassa_pss.pem"), SignatureScheme::Unknown(0x0809), "has an RSASSA-PSS key"),
];

/// Signs with any scheme, and with nothing that could be checked.
#[derive(Debug, Clone, Copy)]
struct AnySigner(SignatureScheme);

impl sign::SigningKey for AnySigner {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn sign::Signer>> {
        offered.contains(&self.0).then(|| Box::new(*self) as Box<dyn sign::Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl sign::Signer for AnySigner {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Ok(b"unchecked".to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}

#[test]
fn a_key_that_cannot_be_checked_is_named_and_accepted_with_k() {
    let folder = Folder::new();
    for (pem, scheme, says) in UNSUPPORTED_KEYS {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let url = showing_signed_by(certificate, Arc::new(AnySigner(scheme)));
        let outcome = run(&["connect", "-v", "-k", "--linger", "0", &url], b"hello\n");
        outcome.assert(
            "hello\n",
            0,
            &format!("* ignored: the certificate of localhost {says}, which is not supported"),
        );
        // Its curve is among the groups of an offer of TLS 1.2.
        if scheme == SignatureScheme::ECDSA_NISTP521_SHA512 {
            works(&url, &["-k", "--tls-max", "1.2"]);
        }
        let cacert = folder.file("key.pem", pem);
        fails(&url, &["--cacert", &cacert], &[says]);
        advises(&url, &["--cacert", &cacert], "-k connects anyway");
    }
}

#[test]
fn a_defective_certificate_is_refused_for_what_it_is_though_it_is_trusted_by_name() {
    let folder = Folder::new();
    for (certificate, key, pem, says) in defective() {
        let url = showing(certificate, &key);
        let cacert = folder.file("defective.pem", pem);
        fails(&url, &["--cacert", &cacert], &[says]);
        advises(&url, &["--cacert", &cacert], "-k connects anyway");
        let outcome = run(&["connect", "--cacert", &cacert, &url], b"");
        assert!(!outcome.stderr.contains("--cacert"), "{}", outcome.stderr);
    }
}

/// -k believes any certificate, and not that somebody holds the key of one.
#[test]
fn a_wrong_signature_is_refused_with_k_too() {
    let (shown, other) = (Issued::self_signed(&good()), KeyPair::generate().unwrap());
    let url = showing(shown.chain[0].clone(), &other);
    fails(&url, &["-k"], &["does not hold the key of the certificate of the good server"]);
    let outcome = run(&["connect", "-k", &url], b"");
    assert!(!outcome.stderr.contains("-k connects"), "{}", outcome.stderr);
}

/// What isn't in the names of a certificate is said, and no other name is recommended where none would do.
#[test]
fn a_certificate_without_the_right_kind_of_name() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let cacert = folder.file("root.pem", root.pem());
    let mut params = named("the server", &[]);
    params.subject_alt_names.push(rcgen::SanType::DnsName("127.0.0.1".try_into().unwrap()));
    let url = serve(root.issue(&params).config()).replace("localhost", "127.0.0.1");
    fails(&url, &["--cacert", &cacert], &["127.0.0.1 as a DNS name, where an IP address should be"]);
    advises(&url, &["--cacert", &cacert], "-k connects anyway");
    let url = serve(root.issue(&named("the server", &[])).config());
    fails(&url, &["--cacert", &cacert], &["has no subject alternative name"]);
    let url = serve(root.issue(&good()).config());
    let outcome = run(&["connect", "--cacert", &cacert, "--sni", "x.example", &url], b"");
    outcome.assert("", 4, "-k connects anyway");
    assert!(!outcome.stderr.contains("--sni"), "{}", outcome.stderr);
}

#[test]
fn a_peer_that_speaks_something_else_than_tls_is_not_recommended_without_it() {
    for (says, advice) in [
        ("SSH-2.0-OpenSSH_9\r\n", "is the port right? The service there speaks neither TLS nor HTTP"),
        ("220 mail ESMTP\r\n", "is the port right? The service there speaks neither TLS nor HTTP"),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "plain WebSocket is ws:// instead of wss://"),
    ] {
        let peer = one_connection(move |mut socket| {
            socket.write_all(says.as_bytes()).unwrap();
            read_to_end(&mut socket);
        });
        let outcome = run(&["connect", &peer.url.replace("ws://", "wss://")], b"");
        outcome.assert("", 4, advice);
        assert_eq!(outcome.stderr.lines().count(), 2, "{}", outcome.stderr);
    }
}

/// A peer that answers a ClientHello with an alert (RFC 8446 §6), and what is said and advised then.
#[test]
fn an_alert_before_any_certificate_has_nothing_to_do_with_ours() {
    for (alert, flags, says, advice) in [
        (70, &["-k"][..], "other versions of TLS", "TLS 1.2 and 1.3 were offered, all that wscli speaks"),
        (70, &["-k", "--tls-min", "1.3"], "other versions of TLS", "--tls-min and --tls-max say which"),
        (42, &[], "sent the alert BadCertificate instead of its certificate", ""),
        (46, &[], "sent the alert CertificateUnknown instead of its certificate", ""),
        (49, &[], "the server denies access (alert AccessDenied)", ""),
        (48, &[], "sent the alert UnknownCA instead of its certificate", ""),
        (40, &[], "none of the cipher suites, groups and signatures", "RSASSA-PSS keys, which -k accepts unchecked"),
        (40, &["-k"], "none of the cipher suites, groups and signatures", "ECDHE"),
    ] {
        let peer = one_connection(move |mut socket| {
            socket.read_exact(&mut [0; 64]).unwrap();
            socket.write_all(&[21, 3, 1, 0, 2, 2, alert]).unwrap();
            read_to_end(&mut socket);
        });
        let url = peer.url.replace("ws://", "wss://");
        let outcome = run(&[&["connect", &url], flags].concat(), b"");
        outcome.assert("", 4, says);
        outcome.assert("", 4, advice);
        assert!(!outcome.stderr.contains("--cert"), "{}", outcome.stderr);
    }
}

/// An RSA key of 1024 bits, which nothing here signs with.
const SHORT_RSA_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAOMModMQDZsXnFG8\n\
+RoFWx7nAN/rcV5MjpscuVgZG1HjdvOnq+WyeaVoNxeos8wq8TGjEfPF7j0yQbNj\n\
3tLQrR+SL8ZIJo0K36BcB1Bo3DmXi1cc5FZ6j2zAvfP0qt4LXQjSiEkb+2E67wtk\n\
kSNe5tdziX2U1rmmMiO/SsuO0x2rAgMBAAECgYBFLZQgusNqfccjIHDFfNxGjhu2\n\
HgZstOa+XAIc1Yl9adDUbEHzum1V+GrQypX9nxfeB9FwdN4hxy49ejBqCyqz4NMX\n\
vh0NH3CZt2TQ8zMPJx7fqC4Q0rzCKABKKab0pnaXAPRc5++lFY2AjA2+U/ZGfbA2\n\
ljnu2IYNkGhMzCMgAQJBAPogmkbnzzpbVnj43EANxXhBdlzEFycJh2XzQHwmi/Vz\n\
bWcctCsnPkuKmrIMYo+3iiI2wYnex9Jk+Px67QoKfbkCQQDoYVGHIeEkPP3jE0UV\n\
EBCBKPh0dn2syOj8ZsagF5/cvicD49B5sYIMSEJrxXDJllj1i4AQFw8hEmwdMsbf\n\
PwiDAkEAoBFFKaMnRp01FW2M5aDqgi7CZFNIzb6XW3L0DX9NieI4XQhNdGBEyWsF\n\
3HN4j6hRSdvotyZOkiH0BP9VultEYQJAbivNelKuqf6co+673tuJ56JkANs4hBWQ\n\
mDGl07q/mOkyGB8G9Nsae/Y6P1wROBGmxWtI4Nf93UEdrs4nCSqaPwJAGdcEOI+d\n\
ZIXIhfGrcOciGRL/Xinsby/IdmydTt4RVXG2+j1E61R0i4Sa+Ss2vry0FdI0iCcp\n\
y7sbRKZr8OtiLA==\n\
-----END PRIVATE KEY-----\n\
";

/// Nor with this one.
const ED448_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
MEcCAQAwBQYDK2VxBDsEOZvapGfBcRb7I3vU1fl6xjbBmmhPoEW03poRmnDUEKQn\n\
tb+D7DNkYcz2ueGYRLlN98rZiVHHWZE7bw==\n\
-----END PRIVATE KEY-----\n\
";

/// Nor with this one.
const P521_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAwU+ILASlgJLWGvXZ\n\
Z3FMec0SqKrIL/iffsbbNKXT7nLq1/taoiZSmj6XAFlYbJe6Q2W9KAS9FPwSl01m\n\
Ja0ZR5ihgYkDgYYABAAa/89FdIjnsunlau5JvSO/jI0uITdPpRpXGcG2/hLvuimc\n\
2C73dfR3g0OFKbeeoymFB/o+hL+nAaCvmaoHAXSnKwFDG1JiBP5A75Qjaxw4uAAk\n\
kbiXwqG3bcmjYXgz0zQQDxy/y6mVhIT+Uece27eu46e+uVRk0EJmGLCza7xzq4Qj\n\
og==\n\
-----END PRIVATE KEY-----\n\
";

#[test]
fn files_that_cannot_be_a_client_certificate_are_named_for_what_they_are() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let (issued, other) = (root.issue(&named("client", &[])), KeyPair::generate().unwrap());
    let cert = folder.file("cert.pem", &issued.pem);
    let refuses = |cert: &str, key: &str, says: &str| {
        run(&["connect", "--cert", cert, "--key", key, "wss://127.0.0.1:1/"], b"").assert("", 2, says);
    };
    refuses(&cert, &folder.file("other.pem", other.serialize_pem()), "key does not belong to its certificate");
    let pkcs12 = folder.file("bundle.p12", b"\x30\x82\x0a\x01\x02\x01\x03\x30\xff");
    refuses(&pkcs12, &pkcs12, "bundle.p12: it is PKCS #12, not PEM; convert it with openssl pkcs12");
    let der = folder.file("key.der", issued.key.serialize_der());
    refuses(&cert, &der, "key.der: it is DER, not PEM");
    for (text, says) in [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n", "it has an OpenSSH key"),
        (SHORT_RSA_KEY, "it has an RSA key, and only those of 2048 to 4096 bits are supported"),
        (ED448_KEY, "it has an Ed448 key, which is not supported"),
        (P521_KEY, "it has an ECDSA P-521 key, which is not supported"),
    ] {
        let key = folder.file("odd.key", text);
        let says = format!("odd.key: {says}");
        refuses(&cert, &key, &says);
        run(&["serve", "127.0.0.1:0", "--cert", &cert, "--key", &key], b"").assert("", 2, &says);
    }
    for (text, says) in [
        (
            "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n",
            "a certificate signing request",
        ),
        ("-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n", "it is PKCS #7; openssl pkcs7 -print_certs"),
        ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", "it has only a public key"),
        (
            "-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n-----END TRUSTED CERTIFICATE-----\n",
            "openssl x509 -in FILE -out",
        ),
    ] {
        refuses(&folder.file("odd.pem", text), &folder.path("other.pem"), says);
    }
    // As `openssl x509 -req` makes it.
    let (version_1, key) =
        (folder.file("v1.pem", VERSION_1), folder.file("v1.key", KeyPair::generate().unwrap().serialize_pem()));
    let says =
        "the certificate is X.509 version 1, and TLS demands 3 (RFC 8446 §4.4.2.2); openssl x509 -req -extfile FILE, ";
    refuses(&version_1, &key, says);
    let served = run(&["serve", "127.0.0.1:0", "--cert", &version_1, "--key", &key], b"");
    served.assert("", 2, &format!("v1.pem: {says}"));
    let alone = run(&["connect", "--cert", &cert, "wss://127.0.0.1:1/"], b"");
    alone.assert("", 2, "cert.pem has a certificate and no private key");
    alone.assert("", 2, "--key FILE names the file of the key");
    let missing = folder.path("missing.pem");
    let says = format!("can't read {missing}: No such file or directory\n");
    for flags in [["connect", "--cacert", &missing, "wss://127.0.0.1:1/"], ["serve", "--tls", "--client-ca", &missing]]
    {
        let outcome = run(&flags, b"");
        assert_eq!((outcome.code, outcome.stderr), (Some(2), format!("wscli: {says}")), "{flags:?}");
    }
    let other = folder.path("other.pem");
    let encrypted = folder.file("encrypted.pem", ENCRYPTED_KEY);
    for (cert, key, says) in [
        (&cert, &cert, "cert.pem: it has no private key in PEM form"),
        (&cert, &other, "the server's key does not belong to its certificate"),
        (&pkcs12, &other, "bundle.p12: it is PKCS #12, not PEM"),
        (&cert, &der, "key.der: it is DER, not PEM"),
        (&cert, &encrypted, "encrypted.pem: the key is encrypted; openssl pkey -in FILE -out FILE decrypts it"),
    ] {
        run(&["serve", "127.0.0.1:0", "--cert", cert, "--key", key], b"").assert("", 2, says);
    }
}

#[test]
fn a_missing_intermediate() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let intermediate = root.intermediate("In Between");
    let url = serve(intermediate.issue(&good()).config());
    let cacert = folder.file("root.pem", root.pem());
    fails(&url, &["--cacert", &cacert], &["In Between", "no intermediate"]);
    works(&url, &["--cacert", &folder.file("both.pem", root.pem() + &intermediate.pem())]);
    works(&url, &["-k"]);
}

#[test]
fn a_client_certificate_is_demanded() {
    let (folder, root, clients) = (Folder::new(), Authority::new("Root of Trust"), Authority::new("Members Only"));
    let cacert = folder.file("root.pem", root.pem());
    let client = |authority: &Authority, name: &str| {
        let issued = authority.issue(&named(name, &[]));
        let (cert, key) = (
            folder.file(&format!("{name}.pem"), &issued.pem),
            folder.file(&format!("{name}.key"), issued.key.serialize_pem()),
        );
        folder.file(&format!("{name}.both"), issued.pem + &issued.key.serialize_pem());
        (cert, key)
    };
    let (cert, key) = client(&clients, "member");
    let (stranger, strange_key) = client(&Authority::new("Some Other Club"), "stranger");
    for version in [&TLS12, &TLS13] {
        let url = serve(root.issue(&good()).config_demanding(&clients, &[version]));
        works(&url, &["--cacert", &cacert, "--cert", &cert, "--key", &key]);
        // Both in one file, as curl takes them.
        works(&url, &["--cacert", &cacert, "--cert", &folder.path("member.both")]);
        fails(&url, &["--cacert", &cacert], &["client certificate"]);
        advises(&url, &["--cacert", &cacert], "--cert");
        fails(&url, &["--cacert", &cacert, "--cert", &stranger, "--key", &strange_key], &["our certificate"]);
    }
    let url = serve(root.issue(&good()).config());
    run(&["connect", "--cert", &cert, "--key", &strange_key, "-k", &url], b"").assert("", 2, "wscli: ");
    run(&["connect", "--cert", "/nonexistent", "--key", &key, "-k", &url], b"").assert("", 2, "/nonexistent");
}

/// The key inside a PKCS #8 key (RFC 5208 §5): in the form of SEC 1 or PKCS #1, as openssl used to write them.
fn older_form(key: &KeyPair, label: &str) -> String {
    let whole = key.serialize_der();
    let (fields, _) = element(&whole);
    let (_version, rest) = element(fields);
    let (_algorithm, rest) = element(rest);
    let (inner, _) = element(rest);
    let base64 = data_encoding::BASE64.encode(inner);
    let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The content of the first element of DER, and what follows it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, header) = match der[1] {
        short @ 0..=0x7f => (usize::from(short), 2),
        long => {
            let bytes = &der[2..2 + usize::from(long & 0x7f)];
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), 2 + bytes.len())
        }
    };
    der[header..].split_at(length)
}

#[test]
fn keys_in_their_older_forms() {
    let (folder, root, clients) = (Folder::new(), Authority::new("Root of Trust"), Authority::new("Members Only"));
    let cacert = folder.file("root.pem", root.pem());
    let url = serve(root.issue(&good()).config_demanding(&clients, &[&TLS13]));
    for (pair, label) in [
        (KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap(), "EC PRIVATE KEY"),
        (KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(), "EC PRIVATE KEY"),
        (KeyPair::from_pem(include_str!("support/rsa.pem")).unwrap(), "RSA PRIVATE KEY"),
    ] {
        let issued = clients.issue_for(&named("member", &[]), pair);
        let (cert, key) =
            (folder.file("cert.pem", &issued.pem), folder.file("key.pem", older_form(&issued.key, label)));
        works(&url, &["--cacert", &cacert, "--cert", &cert, "--key", &key]);
    }
}

/// Made by openssl: PKCS #8 under PBES2 with AES-256, the passphrase is "sesame".
const ENCRYPTED_KEY: &str = "\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgTInv/DQBHmAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEKZQsPdeKE3cfcbmMku5AScEgZBt
yn8faeZhdaRVYSKJ19kc2ox5CboF23/HPwj50WmmhBPe7t9Zir7BoDD4EDbee735
hUfS1LKixjb2J/6MNvm/zm6ilEB96FjvYdAlo/kVkKaSeIcSIqLHXIoijpA3tR2G
5UwQm8t0t/ZHEcHjcHmPQWmnk+wKdUm+1TM3PU52zXn0U2YEGl2VclbgL/wWnm8=
-----END ENCRYPTED PRIVATE KEY-----
";

#[test]
fn an_encrypted_key_without_a_terminal_to_ask_on_is_named() {
    let folder = Folder::new();
    let cert = folder.file("cert.pem", Issued::self_signed(&good()).pem);
    let key = folder.file("key.pem", ENCRYPTED_KEY);
    let outcome = run(&["connect", "--cert", &cert, "--key", &key, "wss://127.0.0.1:1/"], b"");
    outcome.assert("", 2, "passphrase");
}

#[test]
fn versions_of_tls() {
    let issued = Issued::self_signed(&good());
    let (old, new) = (serve(issued.config_for(&[&TLS12])), serve(issued.config_for(&[&TLS13])));
    for (url, flags) in [
        (&old, &[][..]),
        (&new, &[]),
        (&old, &["--tls-max", "1.2"]),
        (&new, &["--tls-min", "1.3"]),
        // curl's spellings; as with curl, the last one counts.
        (&old, &["--tlsv1.2"]),
        (&new, &["--tlsv1.3"]),
        (&old, &["--tlsv1.3", "--tlsv1.2"]),
        (&old, &["--tlsv1.3", "--tls-min", "1.2"]),
    ] {
        works(url, &[flags, &["-k"]].concat());
    }
    for flags in [&["-k", "--tlsv1.3"][..], &["-k", "--tlsv1.2", "--tlsv1.3"], &["-k", "--tls-min", "1.2", "--tlsv1.3"]]
    {
        fails(&old, flags, &["version"]);
    }
    fails(&new, &["-k", "--tls-max", "1.2"], &["version"]);
    advises(&new, &["-k", "--tls-max", "1.2"], "--tls-max");
    fails(&old, &["-k", "--tls-min", "1.3"], &["version"]);
    run(&["connect", "-k", "--tls-min", "1.3", "--tls-max", "1.2", &new], b"").assert("", 2, "--tls-m");
    run(&["connect", "-k", "--tls-max", "1.1", &new], b"").assert("", 2, "1.1");
}

#[test]
fn application_protocols() {
    let issued = Issued::self_signed(&good());
    let serving = |protocols: &[&[u8]]| {
        let mut config = issued.config();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        serve(config)
    };
    let both = serving(&[b"h2", b"http/1.1"]);
    works(&both, &["-k"]);
    let outcome = run(&["connect", "-k", "-v", "--alpn", "http/1.1", &both], b"");
    outcome.assert("", 0, "http/1.1");
    assert!(outcome.stderr.contains("ALPN"), "{}", outcome.stderr);
    for flags in [&["-k"][..], &["-k", "--alpn", "http/1.1"]] {
        fails(&serving(&[b"h2"]), flags, &["HTTP/2"]);
        advises(
            &serving(&[b"h2"]),
            flags,
            "the server may speak HTTP/2 only, over which wscli doesn't open WebSockets",
        );
    }
    works(&serving(&[b"h2"]), &["-k", "--alpn", ""]);
}

/// Tells which name it was asked for.
#[derive(Debug)]
struct Asked {
    key: Arc<sign::CertifiedKey>,
    names: Mutex<Vec<Option<String>>>,
}

impl ResolvesServerCert for Asked {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<sign::CertifiedKey>> {
        self.names.lock().unwrap().push(hello.server_name().map(str::to_owned));
        Some(Arc::clone(&self.key))
    }
}

#[test]
fn the_name_that_is_asked_for() {
    let issued = Issued::self_signed(&good());
    let key = rustls::crypto::ring::sign::any_supported_type(
        &rustls::pki_types::PrivatePkcs8KeyDer::from(issued.key.serialize_der()).into(),
    );
    let key = Arc::new(sign::CertifiedKey::new(issued.chain.clone(), key.unwrap()));
    let asked = Arc::new(Asked { key, names: Mutex::default() });
    let url = serve(ServerConfig::builder().with_no_client_auth().with_cert_resolver(Arc::clone(&asked) as Arc<_>));
    works(&url, &["-k"]);
    works(&url, &["-k", "--sni", "other.example"]);
    works(&url, &["-k", "--host", "host.example"]);
    works(&url.replace("localhost", "127.0.0.1"), &["-k"]);
    let names = asked.names.lock().unwrap().clone();
    let names: Vec<_> = names.iter().map(Option::as_deref).collect();
    assert_eq!(names, [Some("localhost"), Some("other.example"), Some("localhost"), None]);
}

#[test]
fn what_is_no_name_can_not_be_asked_for() {
    for name in ["", "a b", "*.example"] {
        run(&["connect", "--sni", name, "wss://127.0.0.1:1/"], b"").assert("", 2, "--sni");
    }
}

#[test]
fn verbosely_everything_about_tls_is_told() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let intermediate = root.intermediate("In Between");
    let issued = intermediate.issue(&good()).with(&intermediate);
    let url = serve(issued.config_for(&[&TLS13]));
    let cacert = folder.file("root.pem", root.pem());
    let outcome = run(&["connect", "-v", "--cacert", &cacert, &url], b"");
    outcome.assert("", 0, "closed by us: 1000");
    let digest = ring::digest::digest(&ring::digest::SHA256, &issued.chain[0]);
    let fingerprint: Vec<_> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    for said in [
        "TLS 1.3",
        "TLS13_AES_256_GCM_SHA384",
        "SHA384, X25519, ",
        "the good server",
        "In Between",
        "Root of Trust",
        "4096-01-01",
        "localhost, 127.0.0.1",
    ] {
        assert!(outcome.stderr.contains(said), "no {said:?} in {}", outcome.stderr);
    }
    let shown = outcome.stderr.to_uppercase().replace(':', "");
    assert!(shown.contains(&fingerprint.concat()), "{}", outcome.stderr);
    // The chain is worth most where it is refused.
    let outcome = run(&["connect", "-v", &url], b"");
    outcome.assert("", 4, "In Between");
}

#[test]
fn a_key_log_is_written_where_it_is_asked_for() {
    let folder = Folder::new();
    let url = serve(Issued::self_signed(&good()).config());
    let log = folder.path("keys");
    run_with(&[("SSLKEYLOGFILE", &log)], &["connect", "-k", &url], b"").assert("", 0, "closed by us: 1000");
    let written = std::fs::read_to_string(&log).unwrap();
    assert!(written.contains("CLIENT_TRAFFIC_SECRET_0 "), "{written}");
}

/// A port where everyone is told `bytes` once they have said something.
fn answers(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 1024]);
            let _ = socket.write_all(bytes);
            // Open until the client is gone.
            thread::spawn(move || read_to_end(&mut socket));
        }
    });
    url
}

#[test]
fn what_is_not_tls_is_named() {
    for (bytes, names) in [
        (&b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"[..], &["HTTP", "400 Bad Request"][..]),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", &["SSH", "SSH-2.0-OpenSSH_9.2p1"]),
        (b"220 mail.example ESMTP\r\n", &["SMTP", "220 mail.example ESMTP"]),
        (b"\x00\x01garbage\x1b[2J\r\n", &["TLS"]),
    ] {
        let url = answers(bytes);
        fails(&url, &["--connect-timeout", "1h"], names);
        let outcome = run(&["connect", &url], b"");
        assert!(!outcome.stderr.contains('\x1b'), "{:?}", outcome.stderr);
    }
    advises(&answers(b"HTTP/1.1 400 Bad Request\r\n\r\n"), &[], "ws://");
}

#[test]
fn a_peer_that_sends_back_what_it_is_sent_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut echoed = socket.try_clone().unwrap();
        let _ = std::io::copy(&mut socket, &mut echoed);
    });
    let outcome = run(&["connect", &url], b"");
    outcome.assert("", 4, "failed: the peer sent a ClientHello, as clients do: it may send back what it is sent");
    assert!(!outcome.stderr.contains("ServerHello"), "{}", outcome.stderr);
}

#[test]
fn tls_behind_a_ws_url_is_named() {
    let url = serve(Issued::self_signed(&good()).config()).replace("wss://", "ws://");
    let outcome = run(&["connect", &url], b"");
    outcome.assert("", 5, "TLS");
    assert!(outcome.stderr.contains("wss://"), "{}", outcome.stderr);
}

#[test]
fn http_2_over_tls_is_named() {
    let settings = &b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"[..];
    let elsewhere = "this port expects HTTP/2; is there another?";
    let chosen = "the server chose HTTP/2 (ALPN h2), and wscli opens WebSockets over HTTP/1.1 only: --alpn http/1.1";
    for (speaks, offer, said, what, advice) in [
        (&[][..], "http/1.1", settings, "it is an HTTP/2 server", elsewhere),
        // Offered, and not chosen.
        (&[], "h2,http/1.1", settings, "it is an HTTP/2 server", elsewhere),
        (&[&b"h2"[..], b"http/1.1"], "h2,http/1.1", settings, "it is an HTTP/2 server", chosen),
        (&[b"h2"], "h2", settings, "it is an HTTP/2 server", chosen),
        // Some say nothing to what isn't HTTP/2.
        (&[b"h2"], "h2", b"", "it closed the connection without an answer", chosen),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("wss://{}/", listener.local_addr().unwrap());
        let mut config = Issued::self_signed(&good()).config();
        config.alpn_protocols = speaks.iter().map(|name| name.to_vec()).collect();
        thread::spawn(move || {
            let (socket, _) = listener.accept().unwrap();
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), socket);
            read_head(&mut stream);
            stream.write_all(said).unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
            if !said.is_empty() {
                read_to_end(&mut stream);
            }
        });
        let outcome = run(&["connect", "-k", "--handshake-timeout", "1h", "--alpn", offer, &url], b"");
        outcome.assert("", 5, what);
        assert!(outcome.stderr.contains(advice), "{offer}: {}", outcome.stderr);
    }
}

#[test]
fn a_refusal_ends_where_its_server_ends_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    let config = Issued::self_signed(&good()).config();
    thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), socket);
        read_head(&mut stream);
        // Both in one segment, so that nothing announces the second; and the socket stays open.
        stream.conn.writer().write_all(b"HTTP/1.0 404 Not Found\r\n\r\nno such page\n").unwrap();
        stream.conn.send_close_notify();
        let mut records = Vec::new();
        stream.conn.write_tls(&mut records).unwrap();
        stream.sock.write_all(&records).unwrap();
        read_to_end(&mut stream);
    });
    let outcome = run(&["connect", "-k", "--handshake-timeout", "1h", &url], b"");
    outcome.assert("", 5, "404 Not Found");
    assert!(outcome.stderr.contains("no such page"), "{}", outcome.stderr);
}

#[test]
fn a_server_that_hangs_up_in_the_tls_handshake_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let _ = socket.read(&mut [0; 4096]);
    });
    let outcome = run(&["connect", &url], b"");
    outcome.assert("", 4, "closed the connection");
}

#[test]
fn wss_through_an_https_proxy_is_tls_in_tls() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let cacert = folder.file("root.pem", root.pem());
    let config = Arc::new(root.issue(&good()).config());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let both = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut outer = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), socket);
        let head = read_head(&mut outer);
        outer.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        // The proxy is the server, too: what is inside the tunnel ends here.
        let inner = StreamOwned::new(ServerConnection::new(config).unwrap(), outer);
        echo_any(&mut tungstenite::accept(inner).unwrap());
        head
    });
    works("wss://localhost:9/", &["--cacert", &cacert, "-x", &proxy]);
    assert!(both.join().unwrap().starts_with("CONNECT localhost:9 HTTP/1.1\r\n"));
}
