//! Where to connect to instead of where a URL leads.

/// A rule of `--connect-to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectTo {
    /// Of the URLs that it is for; `None` is any.
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    /// What is connected to; `None` is the URL's.
    pub(crate) new_host: Option<String>,
    pub(crate) new_port: Option<u16>,
    /// Whether it holds behind a redirect to another origin too.
    pub(crate) follows_redirects: bool,
}

impl ConnectTo {
    /// Host and port instead of these, by the first of `rules` that is for them.
    pub(super) fn apply<'a>(rules: &'a [Self], host: &'a str, port: u16) -> Option<(&'a str, u16)> {
        let is_for = |rule: &&Self| {
            rule.host.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(host))
                && rule.port.is_none_or(|wanted| wanted == port)
        };
        let rule = rules.iter().find(is_for)?;
        Some((rule.new_host.as_deref().unwrap_or(host), rule.new_port.unwrap_or(port)))
    }
}
