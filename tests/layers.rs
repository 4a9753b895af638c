//! The structure of `src/`: the map on the page of `lib.rs`, arrows, circles and walls.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What may be named only in some rooms: a word of the source, and where it may stand.
const WALLS: [(&str, &[&str]); 10] = [
    ("clap::", &["cli/"]),
    ("clap_complete::", &["cli/"]),
    ("rustls::", &["net/"]),
    ("rustyline::", &["commands/prompt/"]),
    ("tungstenite::", &["http/", "ws/", "net/"]),
    ("url::", &["net/", "commands/convert/"]),
    ("ring::", &["net/tls/", "commands/diff/"]),
    // Guards have to drop: the one place is for when there is no time left.
    ("process::exit", &["net/process_end.rs"]),
    // Lines for a person go through the console, which escapes them.
    ("eprint", &[]),
    ("println!", &[]),
];

/// What has no place in rooms that are pure.
const IMPURE: [&str; 16] = [
    "rustix::",
    "std::process",
    "std::net",
    "std::thread",
    "std::fs",
    "Instant::now",
    "SystemTime::now",
    "print!",
    "println!",
    "rand::",
    "std::env",
    // What one call leaves behind for the next.
    "OnceLock",
    "thread_local!",
    "Mutex",
    "AtomicU",
    "AtomicB",
];

/// The rooms that are.
const PURE: [&str; 5] = ["http/", "ws/", "view/", "script/", "trace/"];

/// When something has happened is part of what is recorded of it: where the clock is asked for that, each time once.
const ASKS_THE_TIME: [&str; 2] = ["trace/recorder.rs", "trace/connection_lines.rs"];

/// What the protocol has no use for, and the files that have: problem details (RFC 9457) are JSON.
const NOT_OF_THE_PROTOCOL: [(&str, &[&str]); 1] = [("serde_json::", &["http/problem.rs"])];

/// A source file, by its path below `src/`.
#[derive(Debug)]
struct Source {
    path: String,
    /// Without comments, what is between quotes, and its tests.
    code: String,
    /// What its string literals say, those of its tests left out.
    literals: Vec<String>,
}

impl Source {
    /// The room: the first folder, or the file itself.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// `a::b` of `a/b.rs` and of `a/b/mod.rs`.
    fn module(&self) -> Vec<&str> {
        let mut module: Vec<_> = self.path.trim_end_matches(".rs").split('/').collect();
        if matches!(module.last(), Some(&"mod" | &"lib")) {
            module.pop();
        }
        module
    }

    /// The modules in this file's folder whose items it uses by a path that begins with the module's name.
    fn children(&self) -> impl Iterator<Item = &str> {
        let declared = self.code.split("mod ").skip(1).filter_map(|rest| rest.split_once(';').map(|(name, _)| name));
        let is_used = |name: &&str| {
            self.code.match_indices(&format!("{name}::")).any(|(at, _)| {
                let before = &self.code[..at];
                let is_path = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
                // A re-export takes nothing for the file itself.
                is_path && !before.lines().last().is_some_and(|line| line.trim_start().starts_with("pub"))
            })
        };
        declared.filter(is_used)
    }

    /// The modules that paths in this file name, from the root: `crate::a::b`, `super::b` and `self::b`.
    fn paths(&self) -> Vec<Vec<String>> {
        let own: Vec<String> = self.module().into_iter().map(str::to_owned).collect();
        let mut paths = Vec::new();
        for statement in uses(&self.code) {
            paths.extend(expanded(&statement).into_iter().filter_map(|path| absolute(&own, &path)));
        }
        paths.extend(self.children().map(|child| [&own[..], &[child.to_owned()]].concat()));
        paths
    }
}

/// Part of a source.
#[derive(Debug, PartialEq, Eq)]
enum Lexeme<'a> {
    /// What is compiled, but for string literals.
    Code(&'a str),
    /// What stands between the quotes of one, escapes as they are written.
    Literal(&'a str),
}

/// A source without its comments.
fn lexemes(text: &str) -> Vec<Lexeme<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (before, from) = rest.split_at(at);
        found.push(Lexeme::Code(before));
        let hashes = before.len() - before.trim_end_matches('#').len();
        let is_raw = before.trim_end_matches('#').ends_with(['r']);
        rest = if from.starts_with("//") {
            &from[from.find('\n').unwrap_or(from.len())..]
        } else if let Some(quoted) = from.strip_prefix('"') {
            let end = if is_raw { quoted.find(&format!("\"{}", "#".repeat(hashes))) } else { end_of_string(quoted) };
            let (literal, rest) = quoted.split_at(end.unwrap());
            found.push(Lexeme::Literal(literal));
            &rest[1..]
        } else if from.starts_with("'\\") || from.chars().nth(2) == Some('\'') {
            // A character, and no lifetime; the first of it may be the quote that it escapes.
            let skipped: usize =
                from.chars().take(if from.starts_with("'\\") { 3 } else { 2 }).map(char::len_utf8).sum();
            from[skipped..].split_once('\'').map_or("", |(_, rest)| rest)
        } else {
            found.push(Lexeme::Code(&from[..1]));
            &from[1..]
        };
    }
    found.push(Lexeme::Code(rest));
    found
}

/// What is compiled, with nothing between the quotes of its string literals.
fn code(text: &str) -> String {
    let lexemes = lexemes(text);
    lexemes.iter().map(|lexeme| if let Lexeme::Code(code) = lexeme { code } else { "\"\"" }).collect()
}

fn literals(text: &str) -> Vec<String> {
    let lexemes = lexemes(text).into_iter();
    lexemes.filter_map(|lexeme| if let Lexeme::Literal(text) = lexeme { Some(text.to_owned()) } else { None }).collect()
}

/// Where the quote that ends a string literal is.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })
}

/// The first flag that a text names, `--name` or a word that is a dash and a letter; `--help`, which every program has, is
/// none of them.
fn named_flag(text: &str) -> Option<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| *word != "--help").find(|word| {
        let name = word.trim_start_matches('-');
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
        is_name && (word.len() - name.len() == 2 || (word.len() == 2 && name.len() == 1))
    })
}

/// Whether what begins there is the end of a longer name or path.
fn is_inside_word(code: &str, at: usize) -> bool {
    code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
}

/// Whether a source names it, by itself and not as the end of a longer name.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Every path expression and every `use` of a source, braces and all.
fn uses(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            if is_inside_word(code, at) {
                continue;
            }
            let mut depth = 0;
            let end = code[at..].find(|c: char| {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                !(c.is_alphanumeric() || "_:".contains(c) || depth > 0 || (c == '}' && depth == 0))
            });
            found.push(code[at..].split_at(end.unwrap_or(code.len() - at)).0.to_owned());
        }
    }
    found
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn expanded(path: &str) -> Vec<Vec<String>> {
    let path = path.trim();
    let Some((front, rest)) = path.split_once('{') else {
        return vec![path.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let front: Vec<_> = front.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| expanded(part)).map(|tail| [front.clone(), tail].concat()).collect()
}

fn absolute(own: &[String], path: &[String]) -> Option<Vec<String>> {
    let supers = path.iter().take_while(|part| *part == "super").count();
    let rest = path[supers.max(1)..].to_vec();
    Some(match path.first()?.as_str() {
        "crate" => rest,
        "self" => [own, &rest].concat(),
        _ => [own.get(..own.len().checked_sub(supers)?)?, &rest].concat(),
    })
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    for path in files(&root) {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        sources.push(Source {
            path: path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(),
            code: code(text),
            literals: literals(text),
        });
    }
    assert!(sources.len() > 100, "the search finds sources");
    sources
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The floors of the map on `lib.rs`'s page, from the top, each with its rooms.
fn floors() -> Vec<Vec<String>> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let lines = page.lines().map_while(|line| line.strip_prefix("//!"));
    let map = lines.skip_while(|line| line.trim() != "```text").skip(1).take_while(|line| line.trim() != "```");
    // Two blanks part the rooms from what is said about them.
    map.map(|line| line.trim().split("  ").next().unwrap().split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn the_map_is_the_tree() {
    let on_the_map: BTreeSet<String> = floors().into_iter().flatten().collect();
    let in_the_tree: BTreeSet<String> = sources().iter().map(|source| source.room().to_owned()).collect();
    assert_eq!(on_the_map, in_the_tree);
    assert!(in_the_tree.len() <= 20, "{} rooms", in_the_tree.len());
}

#[test]
fn no_arrow_points_up() {
    let floors = floors();
    let floor = |room: &str| floors.iter().position(|rooms| rooms.iter().any(|name| name == room)).unwrap();
    let mut arrows = 0;
    for source in sources() {
        for path in source.paths() {
            let Some(room) = path.first().filter(|room| floors.iter().flatten().any(|name| name == *room)) else {
                continue;
            };
            let sideways = floor(room) == floor(source.room()) && room != source.room();
            assert!(floor(room) >= floor(source.room()), "{} imports {}, upwards", source.path, path.join("::"));
            assert!(!sideways, "{} imports {}, on the same floor", source.path, path.join("::"));
            arrows += 1;
        }
    }
    assert!(arrows > 300, "the search finds {arrows} arrows");
}

#[test]
fn no_subcommand_imports_another() {
    for source in sources() {
        let own = source.module();
        let ["commands", subcommand, ..] = own[..] else { continue };
        // What ends every one of them is theirs together, the prompt from the person's side, that of who listens, and what reads recordings.
        for path in source.paths().iter().filter(|path| path[0] == "commands" && path.len() > 1) {
            assert!(
                [
                    subcommand,
                    "interrupt",
                    "finish",
                    "listening",
                    "print",
                    "run_end",
                    "connection_taps",
                    "prompt",
                    "desk",
                    "recording",
                    "run_limit"
                ]
                .contains(&&*path[1]),
                "{} imports {}",
                source.path,
                path.join("::")
            );
        }
    }
}

#[test]
fn files_have_no_circles() {
    let sources = sources();
    let by_module: BTreeMap<Vec<&str>, &Source> = sources.iter().map(|source| (source.module(), source)).collect();
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in &sources {
        for path in source.paths() {
            if let Some(file) = file_of(&by_module, &path).filter(|file| !are_one(file, source)) {
                arrows.entry(&source.path).or_default().insert(&file.path);
            }
        }
    }
    let circles: Vec<_> = arrows.keys().filter(|file| reaches(&arrows, file, file)).collect();
    assert!(circles.is_empty(), "{circles:?}");
}

/// A folder's own file declares what its files have in common and puts them together, so that they are one thing.
fn are_one(one: &Source, other: &Source) -> bool {
    let is_folder_of = |folder: &Source, file: &Source| {
        folder.path.strip_suffix("mod.rs").is_some_and(|folder| file.path.starts_with(folder))
    };
    one.path == other.path || is_folder_of(one, other) || is_folder_of(other, one)
}

/// The file that a path leads to, through re-exports.
fn file_of<'a>(by_module: &BTreeMap<Vec<&str>, &'a Source>, path: &[String]) -> Option<&'a Source> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let length = (1..=names.len()).rev().find(|length| by_module.contains_key(&names[..*length]))?;
    let source = by_module[&names[..length]];
    let Some(item) = names.get(length) else { return Some(source) };
    let exports = source.code.split("pub").filter_map(|rest| rest.split_once("use ").map(|(_, path)| path));
    for export in exports.filter_map(|export| export.split(';').next()) {
        let reexported = expanded(export).into_iter().find(|path| path.last().is_some_and(|last| last == item));
        if let Some(path) = reexported {
            let path = path.iter().filter(|part| *part != "self").cloned();
            let whole: Vec<String> = names[..length].iter().map(|name| (*name).to_owned()).chain(path).collect();
            // A macro gets its path in the file that it is in.
            return if whole == names { Some(source) } else { file_of(by_module, &whole) };
        }
    }
    Some(source)
}

/// Whether arrows lead from one file to the other.
fn reaches(arrows: &BTreeMap<&str, BTreeSet<&str>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = arrows.get(from).into_iter().flatten().copied().collect();
    while let Some(file) = next.pop() {
        if file == to {
            return true;
        }
        if seen.insert(file) {
            next.extend(arrows.get(file).into_iter().flatten());
        }
    }
    false
}

/// What a file names that it may not.
fn breaches(path: &str, code: &str) -> Vec<&'static str> {
    let is_in = |rooms: &[&str]| rooms.iter().any(|room| path.starts_with(room));
    let mut walls = WALLS.to_vec();
    if is_in(&["ws/", "http/"]) {
        walls.extend(NOT_OF_THE_PROTOCOL);
    }
    let walled = walls.into_iter().filter(|(_, rooms)| !is_in(rooms)).map(|(word, _)| word);
    let asks_the_time = |word: &str| word.ends_with("::now") && is_in(&ASKS_THE_TIME);
    let impure = IMPURE.into_iter().filter(|word| is_in(&PURE) && !asks_the_time(word));
    walled.chain(impure).filter(|word| names(code, word)).collect()
}

#[test]
fn walls_stand() {
    for source in sources() {
        let found = breaches(&source.path, &source.code);
        assert!(found.is_empty(), "{} names {found:?}", source.path);
    }
    let times: usize = sources().iter().filter(|source| ASKS_THE_TIME.contains(&&*source.path)).map(asked_times).sum();
    assert_eq!(times, 3, "Moment::now asks both clocks");
}

fn asked_times(source: &Source) -> usize {
    source.code.matches("Instant::now").count() + source.code.matches("SystemTime::now").count()
}

#[test]
fn each_wall_is_seen_when_it_is_broken() {
    for (path, code, word) in [
        ("ws/frame.rs", "use url::Url;", "url::"),
        ("ws/frame.rs", "let x = ring::digest::digest(a);", "ring::"),
        ("ws/frame.rs", "rustix::fs::open(a)", "rustix::"),
        ("ws/frame.rs", "serde_json::from_str(a)", "serde_json::"),
        ("server/mod.rs", "std::process::exit(1)", "process::exit"),
        ("trace/stats.rs", "let now = Instant::now();", "Instant::now"),
        ("trace/record.rs", "std::fs::read(a)", "std::fs"),
        ("view/hex.rs", "std::process::id()", "std::process"),
        ("cli/mod.rs", "use rustls::Version;", "rustls::"),
    ] {
        assert_eq!(breaches(path, code), [word], "{path}: {code}");
    }
    for (path, code) in [
        ("ws/frame.rs", "String::new()"),
        ("http/problem.rs", "serde_json::from_str(a)"),
        ("net/process_end.rs", "std::process::exit(1)"),
        ("trace/recorder.rs", "SystemTime::now()"),
    ] {
        assert!(breaches(path, code).is_empty(), "{path}: {code}");
    }
}

#[test]
fn code_behind_a_url_is_seen_and_comments_are_not() {
    let text = "let a = b(\"http://x\", crate::net::y); // crate::view\nc(crate::ws::d)(super::e);\n";
    assert_eq!(code(text), "let a = b(\"\", crate::net::y); \nc(crate::ws::d)(super::e);\n");
    assert_eq!(uses(&code(text)), ["crate::net::y", "crate::ws::d", "super::e"]);
    assert_eq!(uses("$crate::a::b my_crate::c x::crate::d"), ["crate::a::b"]);
}

/// Names that several types have: the configuration of a layer, which is called by its module (`serve::Config`), and in a
/// file of its own what threads share, and what state something is in.
const NAMES_OF_SEVERAL: [&str; 3] = ["Config", "Shared", "State"];

/// The type that a line declares, those associated with a trait left out.
fn declared_type(line: &str) -> Option<&str> {
    let declaration = line.trim_start().strip_prefix("pub").map_or(line.trim_start(), |rest| {
        rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest).trim_start()
    });
    let (keyword, rest) = declaration.split_once(' ')?;
    let is_type =
        ["struct", "enum", "union", "trait"].contains(&keyword) || (keyword == "type" && !line.starts_with(' '));
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    is_type.then(|| &rest[..end]).filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[test]
fn a_type_has_its_name_alone() {
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for name in fs::read_to_string(&path).unwrap().lines().filter_map(declared_type) {
            declared.entry(name.to_owned()).or_default().push(path.display().to_string());
        }
    }
    assert!(declared.len() > 400, "the search finds {} types", declared.len());
    declared.retain(|name, places| places.len() > 1 && !NAMES_OF_SEVERAL.contains(&name.as_str()));
    assert!(declared.is_empty(), "{declared:#?}");
}

#[test]
fn declarations_of_types_are_found() {
    for (line, name) in [
        ("pub(crate) struct A<'a> {", Some("A")),
        ("    enum B {", Some("B")),
        ("pub(in crate::cli) trait C: D {", Some("C")),
        ("type E = F;", Some("E")),
        ("    type Item = G;", None),
        ("pub fn h() -> I {", None),
        ("    struct_of: J,", None),
    ] {
        assert_eq!(declared_type(line), name, "{line}");
    }
}

/// Where a flag may be named in words: `cli` has them, `advice` tells what to do with them.
const NAMES_FLAGS: [&str; 2] = ["cli/", "advice/"];

/// The flags of other programs: curl's, those of the shell that is started, and those of the prompt's own commands.
const OTHER_PROGRAMS: [(&str, &str); 11] = [
    ("commands/completions.rs", ""),
    ("client/from_curl/", ""),
    ("client/curl_flags.rs", ""),
    ("server/modes/exec/mod.rs", "-c"),
    ("commands/prompt/external_editor.rs", "-c"),
    ("commands/prompt/child_command.rs", "-c"),
    ("stdio/pager.rs", ""),
    ("commands/prompt/command_table.rs", "-H"),
    ("commands/prompt/arguments.rs", "--keep-credentials"),
    ("commands/prompt/command_table.rs", "-i"),
    ("commands/prompt/arguments.rs", "-i"),
];

#[test]
fn only_advice_names_flags_below_cli() {
    let (mut seen, mut naming) = (0, Vec::new());
    for source in sources().iter().filter(|source| !NAMES_FLAGS.iter().any(|room| source.path.starts_with(room))) {
        let is_foreign = |flag: &str| {
            OTHER_PROGRAMS
                .iter()
                .any(|(room, name)| source.path.starts_with(room) && (name.is_empty() || *name == flag))
        };
        seen += source.literals.len();
        let named = source.literals.iter().filter(|text| named_flag(text).is_some_and(|flag| !is_foreign(flag)));
        naming.extend(named.map(|text| format!("{}: {text}", source.path)));
    }
    assert!(naming.is_empty(), "{naming:#?}");
    assert!(seen > 1000, "the search finds {seen} literals");
}

#[test]
fn literals_and_flags_are_found() {
    let found = literals("a(\"b\\\"c\"); // \"no\"\nlet x: &'a str = r#\"d \"e\"#; ('\"', '\\'', b'/', \"ws://f\")");
    assert_eq!(found, ["b\\\"c", "d \"e", "ws://f"]);
    for (text, flag) in
        [("use --max-time", Some("--max-time")), ("(-u NAME)", Some("-u")), ("a -- b --{} x-y - 5-3", None)]
    {
        assert_eq!(named_flag(text), flag, "{text}");
    }
}

/// The names of files in a text: paths that end in `.rs`.
fn named_files(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_/.".contains(c)));
    words.map(|word| word.trim_start_matches(['/', '.']).trim_end_matches('.')).filter(|word| word.ends_with(".rs"))
}

#[test]
fn every_file_that_is_spoken_of_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = [files(&root.join("src")), files(&root.join("tests"))].concat();
    let is_there = |name: &str| sources.iter().any(|path| path.ends_with(name));
    let mut texts = vec![root.join("docs/architecture.md"), root.join("README.md")];
    texts.extend(files(&root.join("src")));
    let mut named = 0;
    for path in texts {
        let text = fs::read_to_string(&path).unwrap();
        // What a recipe has yet to be made has its name in capitals.
        for name in named_files(&text).filter(|name| !name.contains("NAME")) {
            assert!(is_there(name), "{} speaks of {name}", path.display());
            named += 1;
        }
    }
    assert!(named > 50, "the search finds {named} names");
}
