//! What is told of other programs, with flags of theirs.

use std::path::Path;

/// How clients come to trust an authority whose certificate is in this file, and whose public key has this hash. `proxy` is the
/// proxy's HOST:PORT.
pub(crate) fn trust(certificate: &Path, public_key: &str, proxy: &str) -> [(&'static str, String); 6] {
    let file = shell_word(&certificate.display().to_string());
    [
        (
            "Chromium",
            format!(
                "chromium --user-data-dir=/tmp/wscli-chromium --proxy-server=http://{proxy} \
                 --proxy-bypass-list='<-loopback>' --ignore-certificate-errors-spki-list={public_key}"
            ),
        ),
        ("curl", format!("curl --proxy http://{proxy} --cacert {file} https://example.com/")),
        ("wscli", format!("wscli connect -x http://{proxy} --cacert {file} wss://example.com/")),
        ("Node", format!("NODE_EXTRA_CA_CERTS={file} node client.js")),
        ("Python", format!("SSL_CERT_FILE={file} REQUESTS_CA_BUNDLE={file} python3 client.py")),
        (
            "Java",
            format!(
                "keytool -importcert -noprompt -alias wscli -file {file} -keystore wscli.p12 -storepass changeit && \
                 java -Djavax.net.ssl.trustStore=wscli.p12 -Djavax.net.ssl.trustStorePassword=changeit Client"
            ),
        ),
    ]
}

/// A word as a shell takes it.
pub(crate) fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,@%=:".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_path_as_it_is() {
        assert_eq!(shell_word("/home/me/ca.pem"), "/home/me/ca.pem");
        assert_eq!(shell_word("/a b/it's"), "'/a b/it'\\''s'");
    }
}
