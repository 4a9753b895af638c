//! bash: clap's script, which offers flags in the place of a URL, with URLs there.

/// Completes a URL: those of the history, and the hosts that bash knows; and the name of a target. bash takes a URL for several
/// words, for it splits at colons, and replaces only what is behind the last one. What is inserted is quoted as far as it isn't typed already.
const FUNCTION: &str = r#"
_wscli_urls() {
    local word="${COMP_LINE:0:COMP_POINT}" url rest
    word="${word##*[[:blank:]]}"
    COMPREPLY=()
    while IFS= read -r url; do
        if [[ -n ${url} && ${url} == "${word}"* ]]; then
            printf -v rest %q "${url#"${word}"}"
            [[ ${url} == "${word}" ]] && rest=
            COMPREPLY+=("${word}${rest}")
        fi
    done < <(
        printf '%s\n' ws:// wss://
        [[ ${word} == @* ]] && wscli config targets 2>/dev/null
        HISTTIMEFORMAT= history | grep -oE "wss?://[^[:space:]\"']+" | sort -u
        if [[ ${word} == ws://* || ${word} == wss://* ]]; then
            compgen -A hostname -P "${word%%://*}://" -- "${word#*://}"
        fi
    )
    if [[ ${COMP_WORDBREAKS} == *:* && ${word} == *:* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
    elif [[ ${COMP_WORDBREAKS} == *@* && ${word} == @* ]]; then
        COMPREPLY=("${COMPREPLY[@]#@}")
    fi
    # More may follow a host.
    [[ "${BASH_VERSINFO[0]}" -ge 4 ]] && compopt -o nospace
}
"#;

const OFFERS_FLAGS: &str = "COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n";

/// With URLs for wscli itself and for these subcommands.
pub(super) fn mended(mut script: String, with_urls: &[&str]) -> String {
    script = replaced(script, "wscli", "[[ ${#COMPREPLY[@]} -gt 0 ]] || _wscli_urls\n", true);
    for name in with_urls {
        script = replaced(script, &format!("wscli__subcmd__{name}"), "_wscli_urls\n", false);
    }
    format!("{}{script}", FUNCTION.trim_start())
}

/// Where no flag is begun and none waits for its value, what follows goes before what clap offers or in its place.
fn replaced(script: String, label: &str, offers: &str, keeps: bool) -> String {
    let part = format!("\n        {label})\n");
    let (before, part) = script.split_at(script.find(&part).expect("clap has a part for each command"));
    let (choice, rest) =
        part.split_at(part.find("            case \"${prev}\"").expect("clap looks at the word before"));
    // A URL may come at once.
    let choice = ["1", "2"]
        .iter()
        .fold(choice.to_owned(), |choice, place| choice.replace(&format!(" || ${{COMP_CWORD}} -eq {place} ]]"), " ]]"));
    let (values, end) = rest.split_at(rest.find("            esac\n").expect("clap ends what it has begun"));
    let offers = if keeps { format!("{OFFERS_FLAGS}            {offers}") } else { offers.to_owned() };
    format!("{before}{choice}{values}{}", end.replacen(OFFERS_FLAGS, &offers, 1))
}
