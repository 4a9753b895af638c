//! Which proxy to use, as curl and Go decide: by flag, else by environment; never for the hosts of NO_PROXY.

use crate::net::is_listed;

/// The URL of a proxy, and the variable that it is in if no flag says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChosenProxy {
    pub(crate) url: String,
    pub(crate) variable: Option<String>,
}

/// The proxy for a host, if there is to be one.
///
/// `flag` is `--proxy` (empty: none at all), `noproxy_flag` is `--noproxy`, which counts instead of the
/// environment's list and also against the flag. `environment` looks a variable up.
pub(crate) fn choose(
    secure: bool,
    host: &str,
    port: u16,
    flag: Option<&str>,
    noproxy_flag: Option<&str>,
    environment: impl Fn(&str) -> Option<String>,
) -> Option<ChosenProxy> {
    let of_variable = || either(&environment, "no_proxy").map(|found| found.url);
    let exempt = noproxy_flag.map(str::to_owned).or_else(of_variable);
    if exempt.is_some_and(|list| is_listed(&list, host, port)) {
        return None;
    }
    let by_flag = flag.map(|url| ChosenProxy { url: url.to_owned(), variable: None });
    by_flag.or_else(|| from_environment(secure, &environment)).filter(|chosen| !chosen.url.is_empty())
}

/// The variables that may name one.
pub(crate) fn proxy_variables() -> impl Iterator<Item = String> {
    let names = PLAIN.into_iter().chain(SECURE);
    names.flat_map(|name| [name.to_owned(), name.to_ascii_uppercase()])
}

/// For ws and for wss URLs.
const PLAIN: [&str; 3] = ["ws_proxy", "http_proxy", "all_proxy"];
const SECURE: [&str; 3] = ["wss_proxy", "https_proxy", "all_proxy"];

/// The first variable that is set decides.
fn from_environment(secure: bool, environment: &impl Fn(&str) -> Option<String>) -> Option<ChosenProxy> {
    let names = if secure { SECURE } else { PLAIN };
    names.into_iter().find_map(|name| {
        // In a CGI program HTTP_PROXY is what a client's Proxy header says (CVE-2016-5385).
        if name == "http_proxy" && environment("REQUEST_METHOD").is_some() {
            set(environment, name)
        } else {
            either(environment, name)
        }
    })
}

/// Lower case before upper case; an empty variable is as good as none.
fn either(environment: &impl Fn(&str) -> Option<String>, name: &str) -> Option<ChosenProxy> {
    set(environment, name).or_else(|| set(environment, &name.to_ascii_uppercase()))
}

fn set(environment: &impl Fn(&str) -> Option<String>, name: &str) -> Option<ChosenProxy> {
    let url = environment(name).filter(|value| !value.is_empty())?;
    Some(ChosenProxy { url, variable: Some(name.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(secure: bool, variables: &[(&str, &str)]) -> Option<String> {
        let environment = |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).into());
        choose(secure, "example.com", 443, None, None, environment).map(|chosen| chosen.url)
    }

    #[test]
    fn the_environment_is_asked_from_the_special_to_the_general() {
        let all =
            [("wss_proxy", "a"), ("WSS_PROXY", "b"), ("https_proxy", "c"), ("HTTPS_PROXY", "d"), ("ALL_PROXY", "e")];
        for (skipped, expected) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
            assert_eq!(chosen(true, &all[skipped..]).as_deref(), Some(expected));
        }
        assert_eq!(chosen(false, &[("HTTPS_PROXY", "a"), ("HTTP_PROXY", "b")]).as_deref(), Some("b"));
        assert_eq!(chosen(true, &[("https_proxy", ""), ("all_proxy", "b")]).as_deref(), Some("b"));
        assert_eq!(chosen(true, &[]), None);
    }

    #[test]
    fn in_a_cgi_program_the_upper_case_variable_is_not_believed() {
        assert_eq!(chosen(false, &[("HTTP_PROXY", "evil"), ("REQUEST_METHOD", "GET")]), None);
        assert_eq!(chosen(false, &[("http_proxy", "a"), ("REQUEST_METHOD", "GET")]).as_deref(), Some("a"));
    }

    #[test]
    fn the_flags_count_more() {
        let environment = |name: &str| match name {
            "no_proxy" => Some("example.com".to_owned()),
            "all_proxy" => Some("general".to_owned()),
            _ => None,
        };
        let choose =
            |flag, noproxy| choose(true, "example.com", 443, flag, noproxy, environment).map(|chosen| chosen.url);
        assert_eq!(choose(None, None), None);
        assert_eq!(choose(Some("mine"), None), None);
        assert_eq!(choose(Some("mine"), Some("")).as_deref(), Some("mine"));
        assert_eq!(choose(None, Some("other")).as_deref(), Some("general"));
        assert_eq!(choose(Some(""), Some("")), None);
    }
}
