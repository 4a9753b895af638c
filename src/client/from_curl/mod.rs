//! A browser's "Copy as cURL", read for what it says about a WebSocket request.

mod ansi;
mod cmd;
mod flags;
mod posix;
mod shared_flag;
mod words;

use std::vec::IntoIter;

use flags::{shared, takes_value};

pub(crate) use posix::split as shell_words;
pub(crate) use shared_flag::SharedFlag;

use crate::advice::secret_flags::looks_secret;
use crate::http::{Secrets, shown_url};

/// What a curl command says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FromCurl {
    pub(crate) url: String,
    /// As `-H` has them, in their order.
    pub(crate) headers: Vec<String>,
    pub(crate) user: Option<String>,
    pub(crate) digest: bool,
    pub(crate) cookies: Vec<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) referer: Option<String>,
    pub(crate) insecure: bool,
    pub(crate) proxy: Option<String>,
    pub(crate) proxy_user: Option<String>,
    pub(crate) proxy_digest: bool,
    pub(crate) location: bool,
    pub(crate) location_trusted: bool,
    /// A token.
    pub(crate) bearer: Option<String>,
    /// Flags that a subcommand may have too.
    pub(crate) shared: Vec<SharedFlag>,
    /// Flags that mean nothing here, as they were written.
    pub(crate) ignored: Vec<String>,
}

impl FromCurl {
    /// Reads a command as a POSIX shell or cmd.exe would.
    ///
    /// # Errors
    /// What can't be read of it, in a few words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut words = words::split(text)?.into_iter();
        let program = words.next().unwrap_or_default();
        if !matches!(program.rsplit(['/', '\\']).next(), Some("curl" | "curl.exe")) {
            return Err("it does not begin with curl".into());
        }
        let mut read = Self::default();
        let places = read.flags(words)?;
        read.choose_url(places);
        if !read.ignored.iter().any(|flag| flag == "-g" || flag == "--globoff") {
            read.url = without_glob_escapes(&read.url);
        }
        if read.url.is_empty() { Err("it has no URL".into()) } else { Ok(read) }
    }

    /// The first that looks like a URL, which the value of an unknown flag hardly does.
    fn choose_url(&mut self, mut places: Vec<String>) {
        let chosen = places.iter().position(|place| place.contains("://")).unwrap_or(0);
        if !places.is_empty() {
            self.url = places.remove(chosen);
        }
        // It may be the value of an unknown flag, and a secret.
        self.ignored.extend(places.iter().map(|place| match place.contains("://") {
            true => shown_url(place, Secrets::Masked).into_owned(),
            false => "a word that is not a URL".to_owned(),
        }));
    }

    /// Takes the flags; gives the words that are none.
    fn flags(&mut self, mut words: IntoIter<String>) -> Result<Vec<String>, String> {
        let mut places = Vec::new();
        while let Some(word) = words.next() {
            if word == "--" {
                places.extend(words.by_ref());
            } else if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (format!("--{name}"), Some(value.to_owned())),
                    None => (word, None),
                };
                self.flag(&name, value, &mut words, &mut places)?;
            } else if word.len() > 1 && word.starts_with('-') {
                self.short_flags(&word[1..], &mut words, &mut places)?;
            } else {
                places.push(word);
            }
        }
        Ok(places)
    }

    /// `-sSLk`, `-H value`, `-Hvalue`.
    fn short_flags(
        &mut self,
        bundle: &str,
        words: &mut IntoIter<String>,
        places: &mut Vec<String>,
    ) -> Result<(), String> {
        for (at, letter) in bundle.char_indices() {
            let flag = format!("-{letter}");
            let rest = &bundle[at + letter.len_utf8()..];
            if takes_value(&flag) {
                return self.flag(&flag, (!rest.is_empty()).then(|| rest.to_owned()), words, places);
            }
            self.flag(&flag, None, words, places)?;
        }
        Ok(())
    }

    fn flag(
        &mut self,
        flag: &str,
        joined: Option<String>,
        words: &mut IntoIter<String>,
        places: &mut Vec<String>,
    ) -> Result<(), String> {
        let value = match joined {
            Some(value) => value,
            None if takes_value(flag) => words.next().ok_or_else(|| format!("{flag} has no value"))?,
            None => String::new(),
        };
        match flag {
            // With @ it names a file of headers, and what was pasted mustn't read ours.
            "-H" | "--header" if !value.starts_with('@') => self.headers.push(value),
            // Without = it names a file of cookies (curl(1)).
            "-b" | "--cookie" if value.contains('=') => self.cookies.push(value),
            "-A" | "--user-agent" => self.user_agent = Some(value),
            "-e" | "--referer" => self.referer = Some(value),
            "-u" | "--user" => self.user = Some(value),
            "--digest" => self.digest = true,
            "-x" | "--proxy" => self.proxy = Some(value),
            "-U" | "--proxy-user" => self.proxy_user = Some(value),
            "--proxy-digest" => self.proxy_digest = true,
            "--url" => places.push(value),
            "-k" | "--insecure" => self.insecure = true,
            "-L" | "--location" => self.location = true,
            "--location-trusted" => self.location_trusted = true,
            // Ours would take it for the name of a file.
            "--oauth2-bearer" if !value.starts_with('@') => self.bearer = Some(value),
            "--socks4" | "--socks4a" => return Err(format!("{flag} is not supported: SOCKS 5 proxies are")),
            "--socks5" => self.proxy = Some(with_scheme("socks5", &value)),
            "--socks5-hostname" => self.proxy = Some(with_scheme("socks5h", &value)),
            "-E" | "--cert" => self.shared.extend(shared(flag, certificate_file(value))),
            other => match shared(other, value) {
                Some(shared) => self.shared.push(shared),
                None if looks_secret(other) => self.ignored.push("an unknown flag".into()),
                None => self.ignored.push(other.to_owned()),
            },
        }
        Ok(())
    }
}

fn with_scheme(scheme: &str, place: &str) -> String {
    if place.contains("://") { place.to_owned() } else { format!("{scheme}://{place}") }
}

/// The file of `-E FILE[:PASSWORD]`. The password is asked for where it is needed; the colon of a drive belongs to the file.
fn certificate_file(value: String) -> String {
    match value.split_once(':') {
        Some((file, _)) if file.len() > 1 => file.to_owned(),
        _ => value,
    }
}

/// curl takes brackets in a URL for patterns, so browsers put backslashes before them.
fn without_glob_escapes(url: &str) -> String {
    ["[", "]", "{", "}"].iter().fold(url.to_owned(), |url, bracket| url.replace(&format!("\\{bracket}"), bracket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chrome_on_linux_is_read() {
        let read = FromCurl::parse(
            "curl 'wss://example.com/feed?x=1&y=%20' \\\n  -H 'Upgrade: websocket' \\\n  -H $'X-Odd: it\\'s \\u00e9' \\\n  \
             -b 'a=1; b=2' -H 'Sec-WebSocket-Key: abc==' --compressed --insecure",
        );
        let expected = FromCurl {
            url: "wss://example.com/feed?x=1&y=%20".into(),
            headers: ["Upgrade: websocket", "X-Odd: it's é", "Sec-WebSocket-Key: abc=="].map(Into::into).into(),
            cookies: vec!["a=1; b=2".into()],
            insecure: true,
            ignored: vec!["--compressed".into()],
            ..FromCurl::default()
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn chrome_on_windows_is_read_in_both_its_forms() {
        let expected = |url: &str| FromCurl {
            url: url.into(),
            headers: ["Origin: http://a", "X: say \"hi\" 100%"].map(Into::into).into(),
            ..FromCurl::default()
        };
        let older = "curl \"ws://a/?b=c\" ^\r\n  -H \"Origin: http://a\" ^\r\n  -H \"X: say \\\"hi\\\" 100%\"";
        assert_eq!(FromCurl::parse(older), Ok(expected("ws://a/?b=c")));
        let newer =
            "curl ^\"ws://a/?b=c^&d^\" ^\n  -H ^\"Origin: http://a^\" ^\n  -H ^\"X: say ^\\^\"hi^\\^\" 100^%^\"";
        assert_eq!(FromCurl::parse(newer), Ok(expected("ws://a/?b=c&d")));
    }

    #[test]
    fn flags_are_bundled_joined_or_apart() {
        let read =
            FromCurl::parse("/usr/bin/curl -sSLk -Hfoo:bar -bn=v --header=x:y -X GET -u me:pw -- ws://a").unwrap();
        assert_eq!((read.url.as_str(), read.location, read.insecure), ("ws://a", true, true));
        assert_eq!(read.headers, ["foo:bar", "x:y"]);
        assert_eq!((read.cookies, read.user), (vec!["n=v".to_owned()], Some("me:pw".into())));
        assert_eq!(read.ignored, ["-s", "-S", "-X"]);
        let read = FromCurl::parse("curl --location-trusted ws://a").unwrap();
        assert_eq!((read.location, read.location_trusted, read.ignored), (false, true, vec![]));
    }

    #[test]
    fn a_flags_value_is_never_taken_for_the_url() {
        for flag in ["--max-redirs 5", "-U me:pw", "--proxy-user me:pw", "-y 30", "--url-query x=1", "--newer value"] {
            for command in [format!("curl ws://a {flag}"), format!("curl {flag} ws://a")] {
                assert_eq!(FromCurl::parse(&command).unwrap().url, "ws://a", "{command}");
            }
        }
        let read = FromCurl::parse("curl ws://a ws://b -b cookies.txt --url c").unwrap();
        assert_eq!((read.url.as_str(), read.cookies), ("ws://a", vec![]));
        assert_eq!(read.ignored, ["-b", "ws://b", "a word that is not a URL"]);
        assert_eq!(FromCurl::parse("curl --url a -k").unwrap().url, "a");
    }

    #[test]
    fn flags_that_ours_are_named_after_are_kept_for_them() {
        let read =
            FromCurl::parse("curl ws://a -4 --tlsv1.2 -m9 --resolve a:80:127.0.0.1 -E c.pem:pw --socks5 p:1").unwrap();
        let shared: Vec<_> = read.shared.iter().map(|flag| (flag.ours, flag.value.as_deref())).collect();
        let expected = [
            ("ipv4", None),
            ("tls-min", Some("1.2")),
            ("max-time", Some("9")),
            ("resolve", Some("a:80:127.0.0.1")),
            ("cert", Some("c.pem")),
        ];
        assert_eq!((shared, read.proxy.as_deref(), read.ignored), (expected.into(), Some("socks5://p:1"), vec![]));
        let read = FromCurl::parse("curl ws://a --oauth2-bearer t -c jar").unwrap();
        assert_eq!((read.bearer.as_deref(), read.ignored), (Some("t"), vec!["-c".to_owned()]));
    }

    #[test]
    fn of_several_commands_the_first_counts() {
        for several in [
            "curl 'ws://a' -H 'X: 1' ;\ncurl 'ws://b' -H 'X: 2' ;\n",
            "curl ^\"ws://a^\" -H ^\"X: 1^\" &\r\ncurl ^\"ws://b^\" -H ^\"X: 2^\"",
            "curl ws://a -H 'X: 1' | jq .",
        ] {
            let read = FromCurl::parse(several).unwrap();
            assert_eq!((read.url.as_str(), read.headers), ("ws://a", vec!["X: 1".to_owned()]), "{several}");
        }
    }

    #[test]
    fn brackets_lose_the_backslash_that_curl_needs() {
        let url = |command: &str| FromCurl::parse(command).unwrap().url;
        assert_eq!(url(r"curl 'ws://a/\[7\]?\{x\}\y'"), r"ws://a/[7]?{x}\y");
        assert_eq!(url(r"curl -g 'ws://a/\[7\]'"), r"ws://a/\[7\]");
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        for (text, why) in [
            ("wget x", "it does not begin with curl"),
            ("", "it does not begin with curl"),
            ("curl -k", "it has no URL"),
            ("curl 'ws://a", "the quote that opens at character 6 is never closed"),
            ("curl ws://a -H", "-H has no value"),
        ] {
            assert_eq!(FromCurl::parse(text), Err(why.into()));
        }
    }
}
