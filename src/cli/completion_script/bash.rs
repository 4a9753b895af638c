//! bash: clap's script, with URLs where clap offers flags in their place, and with the values that only wscli knows.

use super::CompletionFacts;

/// Completes a URL: those of the history, and the hosts that bash knows; and the name of a target. bash takes a URL for several
/// words, for it splits at colons, and replaces only what is behind the last one; where it splits at an @, that is replaced too. What
/// is inserted is quoted as far as it isn't typed already.
const URLS: &str = r#"
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
        [[ ${word} == ws* ]] && wscli config targets --servers 2>/dev/null
        HISTTIMEFORMAT= history | grep -oE "wss?://[^[:space:]\"']+" | sort -u
        if [[ ${word} == ws://* || ${word} == wss://* ]]; then
            compgen -A hostname -P "${word%%://*}://" -- "${word#*://}"
        fi
    )
    if [[ ${COMP_WORDBREAKS} == *:* && ${word} == *:* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
    fi
    # More may follow a host.
    [[ "${BASH_VERSINFO[0]}" -ge 4 ]] && compopt -o nospace
}
"#;

/// Completes the value of a flag as it stands in the line, for bash splits words at `=`, `:` and `@`: a file behind an @, and a
/// mode behind the path of a route. Fails where it is neither.
const VALUES: &str = r#"
_wscli_values() {
    local line="${COMP_LINE:0:COMP_POINT}" word flag before= IFS=$'\n'
    word="${line##*[[:blank:]]}"
    line="${line%"${word}"}"
    line="${line%"${line##*[![:blank:]]}"}"
    flag="${line##*[[:blank:]]}"
    case "${word}" in
        --*=*) flag="${word%%=*}" word="${word#*=}" ;;
        -[[:alpha:]]@*)
            flag="${word:0:2}" word="${word:2}"
            [[ ${COMP_WORDBREAKS} == *@* ]] || before="${flag}"
            ;;
    esac
    case "${flag},${word}" in
        --route,*=push:*|--route,*=reply:*|--route,*=script:*|--route,*=replay:*) COMPREPLY=($(compgen -f -- "${word##*:}")) ;;
        --route,*=*)
            COMPREPLY=($(compgen -W "MODES" -- "${word#*=}"))
            [[ ${COMPREPLY[0]-} == *: ]] && compopt -o nospace
            return 0
            ;;
        FILE_FLAGS)
            COMPREPLY=($(compgen -f -- "${word#@}"))
            COMPREPLY=("${COMPREPLY[@]/#/${before}@}")
            ;;
        *) return 1 ;;
    esac
    compopt -o filenames
    return 0
}
"#;

/// Completes what help is asked about.
const TOPICS: &str = r#"
_wscli_topics() {
    case "$1" in
TOPICS        *) ;;
    esac
}
"#;

/// Behind what clap knows of the word and the one before it.
const BEHIND_WORDS: &str = "    prev=\"$3\"\n";
const SPLIT_VALUES: &str = r#"    # bash splits --flag=value at the =.
    if [[ ${COMP_WORDS[COMP_CWORD]} == = && ${prev} == --* ]]; then
        cur=""
    elif [[ ${prev} == = && ${COMP_WORDS[COMP_CWORD - 2]} == --* ]]; then
        prev="${COMP_WORDS[COMP_CWORD - 2]}"
    fi
    _wscli_values && return 0
"#;

/// Behind the search for the subcommand.
const BEHIND_SEARCH: &str = "    done\n\n    case \"${cmd}\" in\n";
const WITHOUT_SUBCOMMAND: &str = r#"    done
    # wscli URL is wscli connect URL.
    if [[ ${cmd} == wscli && ${COMP_CWORD} -gt 1 && ! ${COMP_WORDS[1]} =~ ^(-h|-V|--help|--version)$ ]]; then
        cmd=wscli__subcmd__connect
    elif [[ ${cmd} == wscli__subcmd__help ]]; then
        local about=
        [[ ${COMP_CWORD} -gt 2 ]] && about="${COMP_WORDS[2]}"
        COMPREPLY=( $(compgen -W "$(_wscli_topics "${about}")" -- "${cur}") )
        return 0
    fi

    case "${cmd}" in
"#;

const OFFERS_FLAGS: &str = "COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n";

/// With what is known, and with URLs for wscli itself and for the subcommands that take one.
pub(super) fn mended(mut script: String, known: &CompletionFacts) -> String {
    script = replaced(script, "wscli", "[[ ${#COMPREPLY[@]} -gt 0 ]] || _wscli_urls\n", true);
    for name in &known.with_urls {
        script = replaced(script, &format!("wscli__subcmd__{name}"), "_wscli_urls\n", false);
    }
    for (place, with) in
        [(BEHIND_WORDS, format!("{BEHIND_WORDS}{SPLIT_VALUES}")), (BEHIND_SEARCH, WITHOUT_SUBCOMMAND.to_owned())]
    {
        assert!(script.contains(place), "clap's script has {place:?}");
        script = script.replacen(place, &with, 1);
    }
    format!("{}{}{}{script}", URLS.trim_start(), values(known), topics(known))
}

fn values(known: &CompletionFacts) -> String {
    let of_files: Vec<_> = known.files_behind_at.iter().map(|flag| format!("{flag},@*")).collect();
    VALUES.replace("MODES", &known.modes().join("\n")).replace("FILE_FLAGS", &of_files.join("|"))
}

fn topics(known: &CompletionFacts) -> String {
    let subcommands: Vec<_> = known.topics.iter().map(|(name, _)| *name).collect();
    let mut cases = format!("        '') echo {} ;;\n", subcommands.join(" "));
    for (name, topics) in &known.topics {
        cases.push_str(&format!("        {name}) echo {} ;;\n", topics.join(" ")));
    }
    TOPICS.replace("TOPICS", &cases).replace("\n_wscli_topics", "_wscli_topics")
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
